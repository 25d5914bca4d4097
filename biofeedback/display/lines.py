"""The two lines below the bar: what the window has to say, and a note of this moment."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from biofeedback.display.sitting.sitting import Sitting
from biofeedback.display.widgets.controls import Label, announce
from biofeedback.display.widgets.entry import Entry
from biofeedback.text import _

_MESSAGE_MS = 15_000


class Message(Label):
    """A sentence that is shown for a while."""

    def __init__(self) -> None:
        super().__init__("", "message")
        self.setAccessibleName(_("Message"))
        self.hide()
        self._forget = QTimer(self, singleShot=True, interval=_MESSAGE_MS)
        self._forget.timeout.connect(self.hide)

    def say(self, text: str) -> None:
        """Show a sentence for a while; an empty one takes the last away."""
        self.setText(text)
        self.setVisible(bool(text))
        announce(self, text)
        self._forget.start()

    def say_failure(self, error: object) -> None:
        """Show why something could not be done, until something else is."""
        self.say(str(error))
        self._forget.stop()


class NoteLine(Entry):
    """Lets a note of this moment of a sitting be typed; emits `left` when that is over."""

    message = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sitting: Sitting | None = None
        self._at_s = 0.0
        self.setContentsMargins(16, 0, 16, 0)
        self.kept.connect(self._annotate)
        self.closed.connect(self.left)

    def ask_about(self, sitting: Sitting) -> None:
        """Let a note of what `sitting` has come to be typed."""
        if not self.isVisible():
            self._sitting, self._at_s = sitting, sitting.session.duration_s
            self.ask(_("Note, of this moment"), "")

    def _annotate(self, text: str) -> None:
        self.hide()
        if self._sitting is not None:
            self.message.emit(self._sitting.annotate(text, onset_s=self._at_s))
        self.left.emit()
