"""The question why a sitting was no good, answered with one of a few buttons."""

from functools import partial

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biofeedback.display.widgets.controls import Button, Label, Side, button, rename
from biofeedback.text import _

REASONS = (
    _("an electrode fell off"),
    _("I was ill"),
    _("somebody disturbed me"),
    _("another reason"),
)


class LeaveOut(QWidget):
    """Hidden until `ask`; emits `chosen` with the reason, or `closed` once it is given up."""

    chosen = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        question = _("This sitting was no good: leave it out of the trends. Why?")
        self.setAccessibleName(question)
        self.reasons = [
            button(reason, _("Leave the sitting out; it stays kept"), partial(self._choose, reason))
            for reason in REASONS
        ]
        cancel = button(_("Cancel"), _("Leave all as it was (Esc)"), self._close)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 8)
        rows.setSpacing(8)
        asked = QHBoxLayout()
        asked.addWidget(Label(question), 1)
        asked.addWidget(cancel)
        rows.addLayout(asked)
        rows.addWidget(Side(*self.reasons, spacing=10))
        QWidget.setTabOrder(self.reasons[-1], cancel)
        self.hide()

    def ask(self) -> None:
        """Let the user choose a reason."""
        self.show()
        self.reasons[0].setFocus()

    def _choose(self, reason: str) -> None:
        self.hide()
        self.chosen.emit(reason)

    def _close(self) -> None:
        self.hide()
        self.closed.emit()

    def event(self, event: QEvent) -> bool:
        """Hear Esc before the window does."""
        asked = event if event.type() == QEvent.Type.ShortcutOverride else None
        if isinstance(asked, QKeyEvent) and asked.key() == Qt.Key.Key_Escape:
            asked.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._close()
        else:
            super().keyPressEvent(event)


def show_whether(made: Button, *, hidden: bool) -> None:
    """Let a button say what it does to a sitting: leave it out, or take that back."""
    if hidden:
        rename(made, _("Let it c&ount again"), _("Take back that it was left out of the trends"))
    else:
        rename(made, _("Leave it &out …"), _("It was no good: it shall count for no trend"))
