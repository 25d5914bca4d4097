"""Tells what every page of the window holds, as JSON: run by itself, in some language.

`every_page.py FOLDER [NAMES]`: with its own things in an empty folder; the pages so called, or all.
It is told at the least size of a window, with text of double size, what has no room there.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "scripts"))

from benchmarks.every_page import every_page
from benchmarks.pictures import prepare, show
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QMessageBox,
    QScrollArea,
    QTableWidget,
    QWidget,
)
from room_for_words import cut_off, settled, sideways, unseen_focus

from biofeedback.display.feedback.patient import PatientScreen
from biofeedback.display.training.screen import TrainingScreen

LEAST = (1024, 640)


def words_of(widget: QWidget) -> list[str]:
    """Return all that is read on `widget`, or aloud of it."""
    found = [widget.toolTip(), widget.accessibleName(), widget.accessibleDescription()]
    match widget:
        case QLabel() | QAbstractButton():
            found.append(widget.text())
        case QLineEdit():
            found.append(widget.placeholderText())
        case QComboBox():
            found += [widget.itemText(i) for i in range(widget.count())]
        case QListWidget():
            found += [widget.item(i).text() for i in range(widget.count())]
        case QTableWidget():
            heads = [widget.horizontalHeaderItem(i) for i in range(widget.columnCount())]
            found += [head.text() for head in heads if head]
    return [words for words in found if words]


def page(window: QWidget) -> dict[str, list[str]]:
    """Return the words of all that is seen, and the letters that lead to something.

    And what is cut off, what would have to be scrolled though it is to be seen at once, and what
    the next key would do though it is not seen.
    """
    parts = [part for part in [window, *window.findChildren(QWidget)] if part.isVisible()]
    texts = [
        part.text()
        for part in parts
        if isinstance(part, QAbstractButton) or (isinstance(part, QLabel) and part.buddy())
    ]
    letters = [t[t.index("&") + 1].lower() for t in texts if "&" in t.replace("&&", "")]
    return {
        "words": [w for p in parts for w in words_of(p)],
        "letters": letters,
        "cut": cut_off(window, window),
        "scrolled": sideways(window) + below(window),
        "unseen": unseen_focus(window),
    }


def below(window: QWidget) -> list[str]:
    """Return which screens of a session have to be scrolled."""
    screens = [*window.findChildren(PatientScreen), *window.findChildren(TrainingScreen)]
    bars = [
        area.verticalScrollBar()
        for screen in screens
        if screen.isVisible()
        for area in screen.findChildren(QScrollArea)
    ]
    return [f"{bar.maximum()} px below" for bar in bars if bar.maximum()]


def main() -> None:
    """Go through the pages, then ask a question with Qt's own buttons."""
    app = prepare(Path(sys.argv[1]))
    found: dict[str, dict[str, list[str]]] = {}

    def look(name: str) -> Callable[[QWidget], None]:
        def take(seen: QWidget) -> None:
            settled(app)
            found[name] = page(seen)

        return take

    for shot in every_page():
        if shot.name in sys.argv[2:] or not sys.argv[2:]:
            show(replace(shot, font_scale=2.0, size=LEAST, palette="dark"), app, look(shot.name))
    buttons = QMessageBox.StandardButton
    question = QMessageBox(QMessageBox.Icon.Question, "", "", buttons.Yes | buttons.Cancel)
    question.show()
    found["question"] = page(question)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
