"""What goes into a journal while a session goes on: its notes, and how far a training has come."""

from typing import TYPE_CHECKING, Any

from biofeedback.display.trained import outcome
from biofeedback.session import Session
from biofeedback.training.packed import Packer
from biofeedback.training.progress import Progress
from biofeedback.training.trainer import Trainer
from biofeedback.words import plain

if TYPE_CHECKING:  # a database takes half a second to load
    from biofeedback.journal.kept import KeptSitting


class Keeping:
    """Keeps in `kept` what is new of a session; `number`: which sitting of its course it is."""

    def __init__(self, kept: "KeptSitting") -> None:
        self.kept, self.number = kept, 1
        self._tried: tuple[int, Progress | None] = (0, None)
        self._saved: Progress | None = None
        self._pack: Packer | None = None

    def keep(self, session: Session) -> None:
        """Keep each new note, and the progress once a phase is over; may raise `JournalError`.

        To be called often, by one thread. What failed is tried again when there is more.
        """
        trainer = session.trainer
        progress = trainer.progress if trainer else None
        notes, before = self._tried
        if len(session.annotations) == notes and progress is before:
            return
        self._tried = len(session.annotations), progress
        self.kept.note(session.annotations)
        if trainer is None or progress is None or progress is self._saved:
            return
        self._pack = self._pack or Packer(trainer.protocol, trainer.measure)
        so_far = self._so_far(session, trainer, progress)
        self.kept.keep_progress(
            self._pack(progress) | {"number": self.number, "outcome": so_far},
        )
        self._saved = progress

    def _so_far(self, session: Session, trainer: Trainer, progress: Progress) -> dict[str, Any]:
        """Return what the training has come to: what is kept of it should the program die."""
        stopped = Trainer(
            trainer.protocol,
            session.info,
            channels=trainer.channels,
            noise=trainer.noise,
            resume=lambda _measure: progress,
        )
        told: dict[str, Any] = plain(outcome(session, self.kept, stopped))
        return told | {"whole": False}
