"""A sitting that goes into the journal while it goes on: begun, recorded, noted, finished."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from biofeedback.errors import RecordingError
from biofeedback.journal.files import waveforms
from biofeedback.journal.journal import Journal, open_journal
from biofeedback.journal.nouns import Sitting, conditions_of
from biofeedback.recording.formats import read_recording
from biofeedback.recording.library import suffix_for
from biofeedback.recording.repair import repair
from biofeedback.settings import Settings
from biofeedback.stream import Annotation, StreamInfo

_FORGOTTEN = timedelta(days=3)  # a training is resumed within a day, maybe more than once
_LONGEST_PHASE = timedelta(minutes=10)


class KeptSitting:
    """One sitting of `person`, with the `settings` in force.

    Every method may raise `JournalError`; nothing is kept of a sitting that was not begun.
    """

    def __init__(self, journal: Journal, person: str, settings: Settings) -> None:
        self.journal, self.person = journal, person
        self._band = settings.signal.band
        self._settings = {"signal": asdict(settings.signal), "bursts": asdict(settings.bursts)}
        self.started = datetime.now(UTC)
        self.sitting: UUID | None = None
        """Its id in the journal, once it has begun."""
        self._broken_off: UUID | None = None
        self._since_s, self._noted = 0.0, 0

    def resume(self, sitting: UUID, *, since_s: float) -> None:
        """Go on, once it begins, with a `sitting` that broke off when it had lasted `since_s`."""
        self._broken_off, self._since_s = sitting, since_s

    def begin(self, info: StreamInfo) -> None:
        """Keep that it has begun, if that is not kept yet."""
        if self.sitting is not None:
            return
        conditions = conditions_of(info, band=self._band, settings=self._settings)
        self.started = datetime.now(UTC)
        if self._broken_off is not None:
            self.journal.resume_sitting(self._broken_off, conditions)
            self.sitting = self._broken_off
            return
        self.sitting = self.journal.begin_sitting(self.person, conditions, started=self.started)

    def new_recording(self, info: StreamInfo) -> Path:
        """Return where a recording of it is to be written; it has begun then."""
        self.begin(info)
        assert self.sitting is not None  # noqa: S101
        return self.journal.new_recording(self.sitting, suffix_for(info))

    def note(self, annotations: Sequence[Annotation]) -> None:
        """Keep those of its notes that are not kept yet, at once; a list that only grows."""
        if self.sitting is None:
            return
        for each in annotations[self._noted :]:
            self.annotate(each)
            self._noted += 1

    def annotate(self, annotation: Annotation) -> None:
        """Keep a note that stands for itself, at once."""
        if self.sitting is not None:
            onset_s = self._since_s + annotation.onset_s
            self.journal.annotate(self.sitting, replace(annotation, onset_s=onset_s))

    def keep_progress(self, progress: dict[str, Any]) -> None:
        """Keep how far it has come, and when that was."""
        if self.sitting is not None:
            now = datetime.now(UTC).isoformat()
            self.journal.keep_progress(self.sitting, progress | {"saved": now})

    def finish(
        self,
        *,
        duration_s: float,
        summary: dict[str, Any],
        note: str = "",
        interrupted: bool = False,
    ) -> None:
        """Complete it, once what it was recorded in is closed; `duration_s`: of this time."""
        if self.sitting is not None:
            self.journal.finish_sitting(
                self.sitting,
                duration_s=self._since_s + duration_s,
                summary=summary,
                note=note,
                interrupted=interrupted,
            )


@contextmanager
def kept_sitting(person: str, settings: Settings) -> Iterator[KeptSitting]:
    """Open the journal for a sitting; raise `JournalError` where nobody is called `person`."""
    with open_journal() as journal:
        journal.sittings(person)
        yield KeptSitting(journal, person, settings)


def finish_broken_off(journal: Journal) -> list[Sitting]:
    """Complete the sittings that a program left when it died, from what was kept of them.

    Return those. One whose recording cannot be told is left alone: it may go on in another window.
    """
    now = datetime.now(UTC)
    journal.forget_progress(before=now - _FORGOTTEN)
    done = []
    for sitting in journal.unfinished():
        progress = journal.progress(sitting.id) or {}
        files = [
            path for each in sitting.recordings for path in waveforms(journal.recordings, each.file)
        ]
        if not files and not _left_alone(progress, now):
            continue
        duration_s = 0.0
        with suppress(RecordingError):  # it is recorded right now, or cannot be read
            for path in files:
                repair(path)
                duration_s += read_recording(path).duration_s
            journal.finish_sitting(
                sitting.id,
                duration_s=max(duration_s, progress.get("t_s", 0.0)),
                summary=progress.get("outcome", sitting.summary),
                interrupted=True,
            )
            done.append(sitting)
    return done


def _left_alone(progress: dict[str, Any], now: datetime) -> bool:
    """Say whether a sitting without a recording has come no further for longer than phases last."""
    return bool(progress) and now - datetime.fromisoformat(progress["saved"]) > _LONGEST_PHASE
