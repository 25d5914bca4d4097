"""Starts biofeedback on any machine with Python: `python3 scripts/run.py demo`."""

import sys

import bootstrap

if __name__ == "__main__":
    python = bootstrap.ensure_venv()
    bootstrap.ensure_system_libraries()
    # -P: a random.py in the user's folder must not stand in for Python's own
    bootstrap.hand_over(python, "-P", "-m", "biofeedback", *sys.argv[1:])
