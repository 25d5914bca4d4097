"""What goes on beside the stream of a sitting: other programs get it, and a heart is heard."""

from typing import Any

from biofeedback.display.sitting.choice import Choice
from biofeedback.errors import BiofeedbackError
from biofeedback.heart.beside import HeartBeside
from biofeedback.heart.strap import Strap
from biofeedback.heart.told import told_with_heart
from biofeedback.outlets import make_outlets
from biofeedback.recording.live import Recorder
from biofeedback.session import Session
from biofeedback.settings import Settings
from biofeedback.stream import Sink
from biofeedback.words import plain

_FIRST = "first"  # as `settings.HeartSettings` has it


class Beside:
    """What `settings` ask for beside the stream of `choice`; `sinks` are for its session.

    `heart`: what hears the strap, None where none was chosen, or a recording is played. `before`:
    what a training that is gone on with had come to. `notes`: why something cannot be. It never
    waits for a strap, but in `let_go`.
    """

    def __init__(self, choice: Choice, settings: Settings) -> None:
        self.notes: list[str] = []
        self.before = choice.resume.progress.get("outcome") if choice.resume else None
        self.heart: HeartBeside | None = None
        name = settings.heart.strap
        if name and not choice.words.startswith("file:"):
            self.heart = HeartBeside("" if name == _FIRST else name, hang_up_s=0.0)
        self.sinks: list[Sink] = [self.heart] if self.heart else []
        try:
            self.sinks += make_outlets(settings)
        except BiofeedbackError as error:
            self.notes.append(str(error))

    @property
    def strap(self) -> Strap | None:
        """The strap that is heard."""
        return self.heart.strap if self.heart else None

    def recorded(self, recorder: Recorder) -> Recorder:
        """Return `recorder`, beside whose recording the heart rate is written from now on."""
        if self.heart:
            self.heart.join(recorder)
        return recorder

    def ended(self, recorder: Recorder) -> None:
        """Write no more beside what `recorder` has recorded."""
        if self.heart:
            self.heart.leave(recorder)

    def trained(self, told: dict[str, Any], session: Session) -> dict[str, Any]:
        """Return what a training came to with the heart in it."""
        since_s = session.trainer.since_s if session.trainer else 0.0
        return told_with_heart(told, self.heart, since_s=since_s, before=self.before)

    def watched(self, session: Session) -> dict[str, Any]:
        """Return what a session without a training came to, as plain values."""
        heart = self.heart.summary(session.duration_s) if self.heart else None
        return session.outcome() | ({"heart": plain(heart)} if heart else {})

    def let_go(self) -> None:
        """Wait until the strap was let go: the program ends, and others may want it."""
        if self.heart:
            self.heart.strap.stop()
