"""Draws every page of the window as a picture: `python3 scripts/pictures.py [FOLDER]`.

`--docs` draws those that README and docs show, where they lie.
"""

import os
import sys
from pathlib import Path

import bootstrap

PLACE = bootstrap.ROOT / "build" / "pictures"
DOCS = bootstrap.ROOT / "docs" / "pictures"

if __name__ == "__main__":
    python = bootstrap.ensure_venv(extra="test")
    bootstrap.ensure_system_libraries(tests=True)
    if os.path.realpath(sys.prefix) != os.path.realpath(str(python.parent.parent)):
        bootstrap.hand_over(python, os.path.abspath(__file__), *sys.argv[1:])
    from benchmarks.pictures import draw_all, draw_docs

    if sys.argv[1:] == ["--docs"]:
        draw_docs(DOCS)
    else:
        draw_all(Path(sys.argv[1]) if len(sys.argv) > 1 else PLACE)
