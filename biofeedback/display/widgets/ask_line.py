"""A line that asks for a word or a number, and hands on what is typed."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from biofeedback.display.widgets.entry import Entry


class AskLine(Entry):
    """Hidden until `ask_for`; emits `message` with what came of it, and `left` when it is over."""

    message = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._take: Callable[[str], str] = lambda _typed: ""
        self.setContentsMargins(16, 0, 16, 0)
        self.kept.connect(self._answer)
        self.closed.connect(self.left)

    def ask_for(self, question: str, text: str, take: Callable[[str], str]) -> None:
        """Ask `question`, from `text` on; `take` gets the answer and says what came of it."""
        self._take = take
        self.ask(question, text)

    def _answer(self, typed: str) -> None:
        self.hide()
        self.message.emit(self._take(typed))
        self.left.emit()
