"""Measures the goals of speed and prints them: `python3 scripts/bench.py [--json] [G9 ...]`."""

import os
import sys

import bootstrap

if __name__ == "__main__":
    python = bootstrap.ensure_venv(extra="test")
    bootstrap.ensure_system_libraries(tests=True)
    if os.path.realpath(sys.prefix) != os.path.realpath(str(python.parent.parent)):
        bootstrap.hand_over(python, os.path.abspath(__file__), *sys.argv[1:])
    from benchmarks import main

    sys.exit(main(sys.argv[1:]))
