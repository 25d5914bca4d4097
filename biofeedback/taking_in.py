"""Recordings and tables of entries taken into a journal, one file after the other."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from biofeedback.errors import BiofeedbackError, JournalError
from biofeedback.journal.day_file import BrokenRow, holds_days, read_days
from biofeedback.journal.day_nouns import Entry
from biofeedback.settings import Settings
from biofeedback.sources import SourceOptions, read_file
from biofeedback.text import _

if TYPE_CHECKING:  # a database takes half a second to load
    from biofeedback.journal.journal import Journal

_AT_ONCE = 200  # rows in a transaction: what stopping gives back
_ROWS_NAMED = 20

Tell = Callable[[int, int], object]
"""Told how many of how many are done; what it raises ends the work between two of them."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A recording that is a `sitting` now, with so many `annotations`; `notes` of its reader.

    `guessed`: when it was begun, where only the date of its file tells; else None.
    """

    sitting: UUID
    annotations: int
    notes: tuple[str, ...]
    guessed: datetime | None


def take_recording(
    journal: "Journal",
    person: str,
    name: str,
    *,
    settings: Settings,
    options: SourceOptions,
    started: datetime | None = None,
) -> Taken:
    """Take the recording `name` into the journal, with its figures as they are now.

    `started`: when it was begun, else it is looked for. Raises `TakenBefore`, and whatever reading
    it does; then nothing of it is kept.
    """
    from biofeedback.analysis.figures import analyze
    from biofeedback.analysis.figures_json import figures_json
    from biofeedback.journal.nouns import conditions_of
    from biofeedback.recording.edit_log import read_edits

    file = Path(name.removeprefix("file:"))
    _refuse_parts(file)
    journal.refuse_twice(person, file)  # before the long look
    recording = read_file(name, options)
    found = analyze(recording, settings.signal, bursts=settings.bursts, edits=read_edits(file))
    summary = figures_json(found)
    del summary["recording"]  # a path, which may name somebody
    del summary["annotations"]  # kept as rows
    known = started or _told_by(file)
    begun = known or _from_date(file, recording.duration_s)
    sitting = journal.import_sitting(
        person,
        conditions_of(
            recording.info, band=settings.signal.band, settings=_in_force(settings, options)
        ),
        file,
        started=begun,
        duration_s=recording.duration_s,
        summary=summary,
        annotations=found.recording.annotations,
    )
    notes = tuple(recording.notes)
    return Taken(sitting, len(found.recording.annotations), notes, None if known else begun)


def _refuse_parts(file: Path) -> None:
    """Raise `JournalError` for WFDB, whose header leads to the samples by their name."""
    if file.suffix.lower() in (".hea", ".dat") and file.with_suffix(".hea").exists():
        raise JournalError(
            _(
                "{file} is a part of a recording; make one file of it with `biofeedback convert` "
                "and import that."
            ).format(file=file)
        )


def _in_force(settings: Settings, options: SourceOptions) -> dict[str, Any]:
    """Return the settings that the figures hang on, and how the file was said to be read."""
    said = {name: getattr(options, name) for name in ("sensor", "board", "sfreq", "unit")}
    return {
        "signal": asdict(settings.signal),
        "bursts": asdict(settings.bursts),
        "read_as": {name: value for name, value in said.items() if value},
    }


def _told_by(file: Path) -> datetime | None:
    """Return when a recording was begun, by what lies beside it or its own header, if they tell."""
    from biofeedback.recording.edf.header import start_of_edf
    from biofeedback.recording.sidecar import read_sidecar

    beside = read_sidecar(file)
    if beside and beside.started:
        return beside.started
    started = start_of_edf(file)
    return started.astimezone() if started else None


def _from_date(file: Path, duration_s: float) -> datetime:
    """Return when a recording was begun that was written when its file was."""
    return datetime.fromtimestamp(file.stat().st_mtime, UTC) - timedelta(seconds=duration_s)


# tables


@dataclass(frozen=True, slots=True)
class Table:
    """What a table of entries holds: those that are sound, each once, and the `broken` rows."""

    file: Path
    entries: tuple[Entry, ...]
    broken: tuple[BrokenRow, ...]

    def told(self) -> list[str]:
        """Return what is wrong with it, a line for each row; of very many only the first."""
        named = [
            _("{file}, line {line}: {why}").format(file=self.file.name, line=row.line, why=row.why)
            for row in self.broken[:_ROWS_NAMED]
        ]
        more = len(self.broken) - len(named)
        return [*named, _("… and {n} more.").format(n=more)] if more else named


def read_table(file: Path) -> Table:
    """Read a table of entries; raise `JournalError` for what is none."""
    entries: list[Entry] = []
    broken: list[BrokenRow] = []
    for row in read_days(file):
        if isinstance(row, BrokenRow):
            broken.append(row)
        else:
            entries += row
    return Table(file, tuple(dict.fromkeys(entries)), tuple(broken))


def new_in(journal: "Journal", person: str, table: Table) -> list[Entry]:
    """Return the entries of a table that the journal does not have yet."""
    there = set(journal.entries(person))
    return [entry for entry in table.entries if entry not in there]


def take_entries(journal: "Journal", person: str, new: Sequence[Entry], tell: Tell) -> None:
    """Keep entries a few at a time; what `tell` raises ends it between those."""
    for done in range(0, len(new), _AT_ONCE):
        journal.add_entries(person, new[done : done + _AT_ONCE])
        tell(min(done + _AT_ONCE, len(new)), len(new))


# many files


@dataclass(slots=True)
class Outcome:
    """What came of many files so far: how much was `known` before, a sentence for each `refused`.

    `dated`: recordings whose file's date had to tell when they were. `held_back`: tables of which
    nothing was taken, since some of their rows are broken.
    """

    recordings: int = 0
    entries: int = 0
    known: int = 0
    dated: int = 0
    refused: list[str] = field(default_factory=list)
    held_back: list[Table] = field(default_factory=list)


def take_all(
    journal: "Journal",
    person: str,
    found: Sequence[Path],
    outcome: Outcome,
    *,
    settings: Settings,
    tell: Tell,
) -> None:
    """Take recordings and tables into the journal; add to `outcome` after each.

    What was taken before is passed over, so that it can be done again after a stop. Raises
    `JournalError` where there is nobody of that name.
    """
    journal.entries(person, since=datetime.now(UTC))  # nobody: told before a long look
    for done, file in enumerate(found, start=1):
        try:
            _take_one(journal, person, file, outcome, settings)
        except BiofeedbackError as error:
            outcome.refused.append(f"{file.name}: {error}")
        tell(done, len(found))


def _take_one(
    journal: "Journal", person: str, file: Path, outcome: Outcome, settings: Settings
) -> None:
    from biofeedback.journal.rows import TakenBefore

    if holds_days(file):
        table = read_table(file)
        if table.broken:
            outcome.held_back.append(table)
        else:
            take_sound(journal, person, [table], outcome, tell=lambda _done, _all: None)
        return
    try:
        taken = take_recording(
            journal, person, str(file), settings=settings, options=SourceOptions()
        )
    except TakenBefore:
        outcome.known += 1
    else:
        outcome.recordings += 1
        outcome.dated += taken.guessed is not None


def take_sound(
    journal: "Journal", person: str, tables: Iterable[Table], outcome: Outcome, *, tell: Tell
) -> None:
    """Take what is sound of `tables`, although some of their rows are broken."""
    for table in tables:
        new, before = new_in(journal, person, table), outcome.entries

        def kept(done: int, of: int, before: int = before) -> None:
            outcome.entries = before + done
            tell(done, of)

        take_entries(journal, person, new, kept)
        outcome.known += len(table.entries) - len(new)


def files_in(folder: Path) -> list[Path]:
    """Return what may be a recording or a table in a folder and those in it, by name.

    What lies beside a recording belongs to it, and is not among them.
    """
    from biofeedback.journal.files import BESIDE
    from biofeedback.recording.formats import READERS

    found = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in READERS
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    beside = {path_of(path) for path in found for path_of in BESIDE}
    return [path for path in found if path not in beside]
