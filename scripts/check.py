"""Checks style and types: `python3 scripts/check.py`."""

import os
import subprocess
import sys

import bootstrap
from child import clean_environment

CODE, TESTS = ["biofeedback", "scripts"], ["tests"]
CHECKS = (
    ["ruff", "check", *CODE, *TESTS],
    ["ruff", "format", "--check", *CODE, *TESTS],
    ["mypy", *CODE],
)

if __name__ == "__main__":
    python = bootstrap.ensure_venv(extra="test")
    codes = [
        subprocess.run(
            [str(python), "-m", *check],
            cwd=str(bootstrap.ROOT),
            env=clean_environment(os.environ),
        ).returncode
        for check in CHECKS
    ]
    sys.exit(any(codes))
