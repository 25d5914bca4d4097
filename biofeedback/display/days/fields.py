"""The lines that are typed into between sittings, and what they are called."""

from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QVBoxLayout

from biofeedback.display.widgets.controls import Label

_MARGIN = 6  # pixels above and below the text: big, for a hand that shakes


class DayLine(QLineEdit):
    """A big line; Ctrl+Z goes on to the page where there is no typing to be undone."""

    def __init__(self, *, hint: str = "", longest: int = 80) -> None:
        super().__init__()
        self.setPlaceholderText(hint)
        self.setMaxLength(longest)
        self.setTextMargins(0, _MARGIN, 0, _MARGIN)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Undo) and not self.isUndoAvailable():
            event.ignore()
        else:
            super().keyPressEvent(event)


def add_line(rows: QVBoxLayout, line: DayLine, text: str, description: str) -> None:
    """Add `line` below its name, whose key leads to it; `description` tells what goes in."""
    label = Label(text, "quiet", wrap=False)
    label.setBuddy(line)
    line.setAccessibleName(text.replace("&", ""))
    line.setAccessibleDescription(description)
    rows.addWidget(label)
    rows.addWidget(line)
