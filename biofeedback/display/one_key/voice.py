"""What is heard of one key: what is highlighted, spoken, and told to a screen reader."""

from PySide6.QtWidgets import QWidget

from biofeedback.display.training.screen import TrainingScreen
from biofeedback.display.widgets.controls import announce, listeners
from biofeedback.sound.speech import Speaker


class Voice:
    """Says what is `name`d or told of, from `begin` to `end`; the newest breaks off what is said.

    It says too what the pages let a screen reader say, but a training: that speaks for itself.
    """

    def __init__(self, strip: QWidget) -> None:
        self._strip = strip
        self._speaker: Speaker | None = None
        self._name = ""
        self._waiting: list[str] = []

    def begin(self, *, spoken: bool) -> None:
        """Begin; `spoken`: by the computer's voice too."""
        self.end()
        if spoken:
            self._speaker = Speaker()
            listeners.append(self._overhear)

    def end(self) -> None:
        """Fall silent."""
        self._name = ""
        self._waiting.clear()
        if self._speaker is not None:
            listeners.remove(self._overhear)
            self._speaker.stop()
            self._speaker = None

    @property
    def speaking(self) -> bool:
        """Whether something is being said."""
        return self._speaker is not None and self._speaker.speaking

    def tell(self, text: str) -> None:
        """Say `text` before the next name."""
        if text:
            self._waiting.append(text)

    def _overhear(self, widget: QWidget, text: str) -> None:
        if widget is not self._strip and not isinstance(widget, TrainingScreen):
            self.tell(text)

    def name(self, name: str) -> None:
        """Say what is highlighted, where it is another than before, after what is to be told."""
        if name != self._name:
            self._name = name
            self._waiting.append(name)
        if self._waiting:
            text = ". ".join(self._waiting)
            self._waiting.clear()
            announce(self._strip, text)
            if self._speaker is not None:
                self._speaker.say(text, at_once=True)
