"""Puts scripts/ on the path, last: its test.py must not stand in for another `test`."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "scripts"))
