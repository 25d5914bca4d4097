"""Keeps the translations: `python3 scripts/catalogue.py template|update|missing|add`."""

import os
import sys

import bootstrap

if __name__ == "__main__":
    python = bootstrap.ensure_venv(extra="test")
    if os.path.realpath(sys.prefix) != os.path.realpath(str(python.parent.parent)):
        bootstrap.hand_over(python, os.path.abspath(__file__), *sys.argv[1:])
    from cataloguing import main

    sys.exit(main(sys.argv[1:]))
