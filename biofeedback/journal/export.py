"""All that the journal holds of one person, written to a folder that other programs can read."""

import csv
import io
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from biofeedback.errors import JournalError
from biofeedback.journal import files
from biofeedback.journal.journal import Journal
from biofeedback.journal.nouns import Person, Sitting
from biofeedback.recording.tables.csv_annotations import not_a_formula
from biofeedback.text import _


@dataclass(frozen=True, slots=True)
class Exported:
    """How many `files` there are; which recordings were `missing` in the journal's folder, and
    which are not what they were when they were made (`changed`)."""

    files: int
    missing: tuple[str, ...]
    changed: tuple[str, ...]


def export(
    journal: Journal,
    person: str,
    folder: Path,
    *,
    tell: Callable[[int, int], object] = lambda _done, _all: None,
) -> Exported:
    """Write all of `person` to `folder`, which is made.

    `journal.json` has everything; the CSV files the same as tables; `recordings` the files.
    `tell`: how many files of how many are copied; what it raises ends the work. Whole or not at
    all. Raises `JournalError`, also where something lies in `folder` already.
    """
    found = [each for each in journal.people() if each.id == person]
    sittings = journal.sittings(person)  # raises where there is nobody
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise JournalError(
                _("There is something in {folder} already; name a new folder.").format(
                    folder=folder
                )
            )
        files.make_private_folder(folder.parent)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            missing, changed = _write(journal, found[0], sittings, draft, tell)
            written = sum(path.is_file() for path in draft.rglob("*"))
            if folder.exists():
                folder.rmdir()
            draft.rename(folder)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    except OSError as error:
        raise JournalError(
            _("{folder} cannot be written ({why}); name another folder.").format(
                folder=folder, why=error.strerror or error
            )
        ) from error
    return Exported(written, missing, changed)


def _write(
    journal: Journal,
    person: Person,
    sittings: list[Sitting],
    folder: Path,
    tell: Callable[[int, int], object],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    notes = {sitting.id: journal.annotations(sitting.id) for sitting in sittings}
    calibrations = journal.calibrations(person.id)
    courses, montages = journal.courses(person.id), journal.montages(person.id)
    between = _between_sittings(journal, person.id)
    whole = {
        "person": asdict(person),
        "sittings": [
            {
                **asdict(sitting),
                "annotations": [asdict(note) for note in notes[sitting.id]],
                "progress": journal.progress(sitting.id),
            }
            for sitting in sittings
        ],
        "calibrations": [asdict(calibration) for calibration in calibrations],
        "courses": [asdict(course) for course in courses],
        "montages": [asdict(montage) for montage in montages],
        **between,
    }
    text = json.dumps(whole, default=_as_text, ensure_ascii=False, indent=1)
    _write_text(folder / "journal.json", text + "\n")
    _write_table(folder / "sittings.csv", [_sitting_row(sitting) for sitting in sittings])
    _write_table(
        folder / "annotations.csv",
        [
            {"sitting": str(sitting), **asdict(note)}
            for sitting, noted in notes.items()
            for note in noted
        ],
    )
    _write_table(folder / "calibrations.csv", [asdict(each) for each in calibrations])
    _write_table(folder / "courses.csv", [asdict(each) for each in courses])
    _write_table(
        folder / "montages.csv",
        [
            {
                "name": montage.name,
                "protocol": montage.protocol,
                "band": montage.band,
                "threshold_uv": montage.threshold_uv,
                **asdict(channel),
            }
            for montage in montages
            for channel in montage.channels
        ],
    )
    for name, rows in between.items():
        _write_table(folder / f"{name}.csv", rows)
    _write_text(folder / "README.txt", _readme(person))
    return _copy_recordings(journal.recordings, sittings, folder, tell)


def _between_sittings(journal: Journal, person: str) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of what goes on between sittings, what was taken out too, by their table."""
    return {
        "entries": [
            {**asdict(each), "removed": removed}
            for removed in (False, True)
            for each in journal.entries(person, removed=removed)
        ],
        "treatments": [
            {**asdict(each), "removed": removed}
            for removed in (False, True)
            for each in journal.treatments(person, removed=removed)
        ],
        "trials": [asdict(each) for each in journal.trials(person)],
        "n_of_ones": [asdict(each) for each in journal.n_of_ones(person)],
    }


def _copy_recordings(
    source: Path, sittings: Iterable[Sitting], folder: Path, tell: Callable[[int, int], object]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Copy what there is; return the names of those that are missing, and of those that changed."""
    target = folder / "recordings"
    target.mkdir(mode=0o700)
    rows = [(sitting.id, each) for sitting in sittings for each in sitting.recordings]
    _write_table(
        folder / "recordings.csv", [{"sitting": str(at), **asdict(each)} for at, each in rows]
    )
    paths = sorted({path for _at, each in rows for path in files.belonging_to(source, each.file)})
    found: dict[str, str] = {}
    for done, path in enumerate(paths, start=1):
        with path.open("rb") as stream, files.make_private_file(target / path.name) as file:
            found[path.name] = files.copy_hashed(stream, file)
        tell(done, len(paths))
    kept = {each.file: each.sha256 for _at, each in rows}
    missing = sorted(kept.keys() - found.keys())
    changed = [name for name in kept if name in found and kept[name] not in (None, found[name])]
    return tuple(missing), tuple(sorted(changed))


def _readme(person: Person) -> str:
    return _(
        "What a journal of biofeedback holds of {person}.\n"
        "\n"
        "journal.json: everything, in one file.\n"
        "sittings.csv, annotations.csv, calibrations.csv, courses.csv, montages.csv,\n"
        "entries.csv, treatments.csv, trials.csv, n_of_ones.csv, recordings.csv:\n"
        "the same as tables, those that hold anything.\n"
        "recordings: what was measured, under the names that recordings.csv has.\n"
        "Times are UTC; microvolts hold for the band and the sensor beside them.\n"
    ).format(person=person.id)


def _sitting_row(sitting: Sitting) -> dict[str, Any]:
    row = asdict(sitting)
    del row["recordings"]
    conditions = row.pop("conditions")
    settings, summary = conditions.pop("settings"), row.pop("summary")
    as_json = {"settings": settings, "summary": summary}
    return {**row, **conditions, **{key: json.dumps(as_json[key]) for key in as_json}}


def _write_text(path: Path, text: str) -> None:
    with files.make_private_file(path) as file:
        file.write(text.encode())


def _write_table(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write rows of one kind; no file where there are none."""
    if not rows:
        return
    with io.TextIOWrapper(files.make_private_file(path), encoding="utf-8", newline="") as file:
        table = csv.writer(
            file
        )  # lines end in CR LF (RFC 4180), so a cell that has either is quoted
        table.writerow(rows[0])
        table.writerows([_cell(value) for value in row.values()] for row in rows)


def _cell(value: Any) -> Any:
    """Return what a cell holds: no spreadsheet takes a text for a formula, numbers stay numbers."""
    if isinstance(value, UUID | date):
        return _as_text(value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, tuple):  # the corners of a band, or muscles
        if not all(isinstance(each, str) for each in value):
            return "-".join(f"{hz:g}" for hz in value)
        value = ", ".join(value)
    return not_a_formula(value) if isinstance(value, str) else value


def _as_text(value: UUID | date) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
