"""What goes into a journal while a session goes on: its notes, and how far a training has come."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from biofeedback.display.sitting.trained import outcome
from biofeedback.heart.beside import HeartBeside
from biofeedback.heart.told import told_with_heart
from biofeedback.session import Session
from biofeedback.training.packed import Packer
from biofeedback.training.progress import Progress
from biofeedback.training.trainer import Trainer
from biofeedback.words import plain

if TYPE_CHECKING:  # a database takes half a second to load
    from biofeedback.journal.kept import KeptSitting


class Keeping:
    """Keeps in `kept` what is new of a session; `number`: which sitting of its course it is.

    `heart`: a strap that is heard beside it. `before`: what a training that is gone on with had
    come to, as it was kept.
    """

    def __init__(
        self,
        kept: "KeptSitting",
        *,
        heart: HeartBeside | None = None,
        before: Mapping[str, Any] | None = None,
    ) -> None:
        self.kept, self.number = kept, 1
        self._heart, self._before = heart, before
        self._tried: tuple[int, Progress | None] = (0, None)
        self._saved: Progress | None = None
        self._pack: Packer | None = None

    def keep(self, session: Session) -> None:
        """Keep each new note, and the progress once a phase is over; may raise `JournalError`.

        To be called often, by one thread. What failed is tried again when there is more.
        """
        if self.has_more(session):
            self.write(session)

    def has_more(self, session: Session) -> bool:
        """Return whether there is more than when this was asked last."""
        there = len(session.annotations), session.trainer.progress if session.trainer else None
        before, self._tried = self._tried, there
        return there[0] != before[0] or there[1] is not before[1]

    def write(self, session: Session) -> None:
        """Keep what there is now, and is not kept yet; may raise `JournalError`."""
        self.kept.note(session.annotations)
        trainer = session.trainer
        progress = trainer.progress if trainer else None
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
        so_far = outcome(session, self.kept, stopped)
        since_s = session.trainer.since_s if session.trainer else 0.0
        told: dict[str, Any] = plain(
            told_with_heart(so_far, self._heart, since_s=since_s, before=self._before)
        )
        return told | {"whole": False}
