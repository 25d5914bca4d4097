"""What a report is asked for by: a recording, or somebody in the journal."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from biofeedback.analysis.figures import analyze
from biofeedback.analysis.gather import Progress
from biofeedback.recording.edit_log import read_edits
from biofeedback.reports.parts import Report
from biofeedback.reports.recording import report_of
from biofeedback.settings import Settings
from biofeedback.sources import SourceOptions, read_file

if TYPE_CHECKING:  # a database takes half a second to load
    from biofeedback.journal.journal import Journal


def of_recording(
    words: str,
    options: SourceOptions,
    settings: Settings,
    *,
    today: date,
    progress: Progress | None = None,
) -> Report:
    """Return the report of the recording that `words` name; raises `RecordingError` and such."""
    path = Path(words.removeprefix("file:"))
    recording, edits = read_file(words, options), read_edits(path)
    found = analyze(
        recording, settings.signal, bursts=settings.bursts, edits=edits, progress=progress
    )
    astray = edits.apply(recording.annotations).notes
    return report_of(found, path, (*recording.notes, *edits.notes, *astray), made=today)


def of_person(
    journal: "Journal",
    person: str,
    *,
    visit: bool,
    today: date,
    progress: Progress | None = None,
) -> Report:
    """Return the report of a person's sittings, or the page for the doctor."""
    from biofeedback.reports.history import read_history

    history = read_history(journal, person, today, progress)
    if visit:
        from biofeedback.reports.visit import visit_page

        return visit_page(history)
    from biofeedback.reports.course import course_report

    return course_report(history)
