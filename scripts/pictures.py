"""Draws every page of the window as a picture: `python3 scripts/pictures.py [FOLDER]`."""

import os
import sys
from pathlib import Path

import bootstrap

PLACE = bootstrap.ROOT / "build" / "pictures"

if __name__ == "__main__":
    python = bootstrap.ensure_venv(extra="test")
    bootstrap.ensure_system_libraries(tests=True)
    if os.path.realpath(sys.prefix) != os.path.realpath(str(python.parent.parent)):
        bootstrap.hand_over(python, os.path.abspath(__file__), *sys.argv[1:])
    from benchmarks.pictures import draw_all

    draw_all(Path(sys.argv[1]) if len(sys.argv) > 1 else PLACE)
