"""Runs the tests: `python3 scripts/test.py`, all of them side by side; or with words for pytest."""

import os
import sys

import bootstrap

# One more than there are processors: many a test waits for the clock of a board or a muscle.
AT_ONCE = (os.cpu_count() or 1) + 1
ALL = ("-n", str(AT_ONCE), "--dist", "worksteal", "-q")

if __name__ == "__main__":
    python = bootstrap.ensure_venv(extra="test")
    bootstrap.ensure_system_libraries(tests=True)
    os.chdir(str(bootstrap.ROOT))
    bootstrap.hand_over(python, "-m", "pytest", *(sys.argv[1:] or ALL))
