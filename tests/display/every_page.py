"""Tells what every page of the window holds, as JSON: run by itself, in some language."""

import json
import sys

from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QMessageBox,
    QTableWidget,
    QWidget,
)

from biofeedback.display.app import MainWindow
from biofeedback.display.sitting.choice import Choice
from biofeedback.display.widgets.language_choice import speak
from biofeedback.settings import Settings
from biofeedback.sources import SourceOptions


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
    """Return the words of all that is seen, and the letters that lead to something."""
    parts = [part for part in [window, *window.findChildren(QWidget)] if part.isVisible()]
    texts = [
        part.text()
        for part in parts
        if isinstance(part, QAbstractButton) or (isinstance(part, QLabel) and part.buddy())
    ]
    letters = [t[t.index("&") + 1].lower() for t in texts if "&" in t.replace("&&", "")]
    return {"words": [w for p in parts for w in words_of(p)], "letters": letters}


def main() -> None:
    """Go through the pages, then a training, then a question with Qt's own buttons."""
    app = QApplication(sys.argv[:1])
    app.setStyle("Fusion")
    speak(app)
    window = MainWindow(Settings())
    window.resize(1280, 2000)
    window.show()
    found = {}
    for name, value in vars(window.pages).items():
        if isinstance(value, QWidget) and window.pages.indexOf(value) >= 0:
            window._show_page(value)
            app.processEvents()
            found[name] = page(window)
    choice = Choice("sim:rest", SourceOptions(), protocol="home-relaxation")
    window.begin(choice)
    assert window.sitting
    for _frame in range(300):
        window.tick()
        app.processEvents()
        if window.sitting.view_model.ready:
            break
        app.thread().msleep(20)
    for name in ("training", "therapist"):
        window.tick()
        app.processEvents()
        found[name] = page(window)
        window.switch_view()
    window.close()
    buttons = QMessageBox.StandardButton
    question = QMessageBox(QMessageBox.Icon.Question, "", "", buttons.Yes | buttons.Cancel)
    question.show()
    found["question"] = page(question)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
