"""A line to type the text of a mark into: Enter keeps it, Esc leaves all as it was."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from biofeedback.display.widgets.controls import Label, button
from biofeedback.recording.edits import LONGEST_TEXT
from biofeedback.text import _


class _Line(QLineEdit):
    """Tells Esc before the window hears it."""

    escaped = Signal()

    def event(self, event: "QKeyEvent") -> bool:  # type: ignore[override]
        if event.type() == QKeyEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()  # the page would hear it too, once the line is gone


class Entry(QWidget):
    """Hidden until `ask`; emits `kept` with what was typed, or `closed` once it is given up."""

    kept = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._question = Label()
        self.line = _Line()
        self.line.setMaxLength(LONGEST_TEXT)
        self._question.setBuddy(self.line)
        self.line.returnPressed.connect(self._keep)
        self.line.escaped.connect(self._close)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._question, 1)
        row.addWidget(self.line, 2)
        row.addWidget(button(_("Keep"), _("Keep it (Enter)"), self._keep, main=True))
        row.addWidget(button(_("Cancel"), _("Leave all as it was (Esc)"), self._close))
        self.hide()

    def ask(self, question: str, text: str, *, hint: str = "") -> None:
        """Let the user type an answer to `question`, from `text` on; `hint`: how it may look."""
        self._question.setText(question)
        self.line.setAccessibleName(question)
        self.line.setAccessibleDescription(_("Enter keeps it, Esc leaves all as it was"))
        self.line.setPlaceholderText(hint or _("a word or two"))
        self.line.setText(text)
        self.line.selectAll()
        self.show()
        self.line.setFocus()

    def _keep(self) -> None:
        self.kept.emit(self.line.text())

    def _close(self) -> None:
        self.hide()
        self.closed.emit()
