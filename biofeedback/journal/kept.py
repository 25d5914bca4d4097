"""A sitting that goes into the journal while it goes on: begun, recorded, noted, finished."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime
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

    def begin(self, info: StreamInfo) -> None:
        """Keep that it has begun, if that is not kept yet."""
        if self.sitting is None:
            conditions = conditions_of(info, band=self._band, settings=self._settings)
            self.started = datetime.now(UTC)
            self.sitting = self.journal.begin_sitting(self.person, conditions, started=self.started)

    def new_recording(self, info: StreamInfo) -> Path:
        """Return where a recording of it is to be written; it has begun then."""
        self.begin(info)
        assert self.sitting is not None  # noqa: S101
        return self.journal.new_recording(self.sitting, suffix_for(info))

    def annotate(self, annotation: Annotation) -> None:
        """Keep a note of it, at once."""
        if self.sitting is not None:
            self.journal.annotate(self.sitting, annotation)

    def finish(
        self,
        *,
        duration_s: float,
        summary: dict[str, Any],
        note: str = "",
        interrupted: bool = False,
    ) -> None:
        """Complete it, once what it was recorded in is closed."""
        if self.sitting is not None:
            self.journal.finish_sitting(
                self.sitting,
                duration_s=duration_s,
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
    """Complete the sittings that a program left when it died, from what was recorded of them.

    Return those. One whose recording cannot be told is left alone: it may go on in another window.
    """
    done = []
    for sitting in journal.unfinished():
        files = [
            path for each in sitting.recordings for path in waveforms(journal.recordings, each.file)
        ]
        if not files:
            continue
        duration_s = 0.0
        with suppress(RecordingError):  # it is recorded right now, or cannot be read
            for path in files:
                repair(path)
                duration_s += read_recording(path).duration_s
            journal.finish_sitting(
                sitting.id, duration_s=duration_s, summary=sitting.summary, interrupted=True
            )
            done.append(sitting)
    return done
