"""Draws the window as pictures: `python3 scripts/pictures.py [FOLDER]`.

`--docs` draws those that README and docs show, where they lie. `--every-page` draws every page,
screen and dialog, with the looks that are given: one folder of pictures to go through by eye.
"""

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

import bootstrap

PLACE = bootstrap.ROOT / "build" / "pictures"
DOCS = bootstrap.ROOT / "docs" / "pictures"


def read_arguments() -> argparse.Namespace:
    """Return what is wanted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=PLACE)
    parser.add_argument("--docs", action="store_true", help="those of README and docs")
    parser.add_argument("--every-page", action="store_true", help="all that is to be seen")
    parser.add_argument("--palette", choices=("light", "dark"), default="light")
    parser.add_argument("--contrast", choices=("usual", "high"), default="usual")
    parser.add_argument("--text-size", type=float, default=1.0, metavar="1.0..2.0")
    parser.add_argument("--language", default="en", help="of every page, such as de")
    parser.add_argument("--size", default="1280x800", help="of the window, in pixels")
    parser.add_argument("--only", default="", help="pages whose names begin so")
    return parser.parse_args()


def draw(wanted: argparse.Namespace) -> None:
    """Draw what is wanted; texts are looked up where modules are imported, so only now."""
    os.environ["LANGUAGE"] = wanted.language
    from benchmarks.every_page import every_page
    from benchmarks.pictures import draw_all, draw_docs
    from benchmarks.report_shots import draw_visit

    if wanted.docs:
        draw_docs(DOCS)
        draw_visit(DOCS)
        return
    if not wanted.every_page:
        draw_all(wanted.folder)
        return
    width, height = map(int, wanted.size.split("x"))
    looks = {
        "palette": wanted.palette,
        "contrast": wanted.contrast,
        "font_scale": wanted.text_size,
        "size": (width, height),
    }
    shots = [each for each in every_page() if each.name.startswith(wanted.only)]
    draw_all(wanted.folder, [replace(each, **looks) for each in shots])


if __name__ == "__main__":
    python = bootstrap.ensure_venv(extra="test")
    bootstrap.ensure_system_libraries(tests=True)
    if os.path.realpath(sys.prefix) != os.path.realpath(str(python.parent.parent)):
        bootstrap.hand_over(python, os.path.abspath(__file__), *sys.argv[1:])
    draw(read_arguments())
