"""Reads emulated boards by us and by other programs; prints what each got, and how soon.

`python3 scripts/compare_devices.py [--seconds N] [--json] [--quick] [CASE ...]`
"""

import os
import sys

import bootstrap

if __name__ == "__main__":
    if not sys.platform.startswith("linux"):
        sys.exit("The emulated boards need Linux and its pseudo-terminals.")
    python = bootstrap.ensure_venv(extra="test")
    if os.path.realpath(sys.prefix) != os.path.realpath(str(python.parent.parent)):
        bootstrap.hand_over(python, os.path.abspath(__file__), *sys.argv[1:])
    from benchmarks.compare_table import main

    sys.exit(main(sys.argv[1:]))
