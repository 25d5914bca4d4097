"""Trains for hours with both windows open: `python3 scripts/soak_windows.py [--hours 3]`."""

import os
import sys

import bootstrap

if __name__ == "__main__":
    python = bootstrap.ensure_venv(extra="test")
    if os.path.realpath(sys.prefix) != os.path.realpath(str(python.parent.parent)):
        bootstrap.hand_over(python, os.path.abspath(__file__), *sys.argv[1:])
    from benchmarks.two_windows import main

    sys.exit(main(sys.argv[1:]))
