"""Puts this folder on the path, last: its tests share the cable and the runs."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
