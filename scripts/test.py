"""Runs the tests: `python3 scripts/test.py`, with any words for pytest."""

import os
import sys

import bootstrap

if __name__ == "__main__":
    python = bootstrap.ensure_venv(extra="test")
    bootstrap.ensure_system_libraries(tests=True)
    os.chdir(str(bootstrap.ROOT))
    bootstrap.hand_over(python, "-m", "pytest", *sys.argv[1:])
