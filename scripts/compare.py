"""Compares `analyze` with other people's programs: `python3 scripts/compare.py [FOLDER]`."""

import os
import sys

import bootstrap

if __name__ == "__main__":
    python = bootstrap.ensure_venv(extra="test")
    if os.path.realpath(sys.prefix) != os.path.realpath(str(python.parent.parent)):
        bootstrap.hand_over(python, os.path.abspath(__file__), *sys.argv[1:])
    from benchmarks.agreement import main

    sys.exit(main(sys.argv[1:]))
