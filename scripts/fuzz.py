"""Hands hostile input to the readers: `python3 scripts/fuzz.py [--seconds N] [TARGET ...]`."""

import os
import sys

import bootstrap

if __name__ == "__main__":
    python = bootstrap.ensure_venv(extra="test")
    if os.path.realpath(sys.prefix) != os.path.realpath(str(python.parent.parent)):
        bootstrap.hand_over(python, os.path.abspath(__file__), *sys.argv[1:])

from fuzzing import Outcome, main, run

__all__ = ["Outcome", "run"]

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
