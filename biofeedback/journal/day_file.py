"""A table of entries made elsewhere: by hand in a spreadsheet, by a cuff, or by our own export."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from biofeedback.errors import JournalError
from biofeedback.journal.day_checks import check_entry
from biofeedback.journal.day_nouns import MEASURES, WORDED, Entry
from biofeedback.journal.day_typed import read_moment, read_number
from biofeedback.journal.noted import read_what
from biofeedback.recording.tables.csv_annotations import unquoted
from biofeedback.text import _

SOURCE = "file"
"""Where an entry is from that does not say so itself."""
_MOST_BYTES = 2**24  # a hundred thousand rows; no table of days is longer
_TIMES = ("at", "time", "date", "datetime", "timestamp")
_MMHG_PER_KPA = 7.50062
_OTHER_UNITS = {"bpm": "/min", "1/min": "/min", "hours": "h", "mmhg": "mmHg", "kpa": "kPa"}
_OF_AN_ENTRY = ("kind", "value", "lower", "unit", "text", "source", "what", "id", "removed")
_PRESSURES = ("systolic", "diastolic")
_SYMPTOM = "symptom:"


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that cannot be taken: its `line` in the file, from 1, and `why`."""

    line: int
    why: str


def read_days(path: Path) -> Iterator[list[Entry] | BrokenRow]:
    """Yield what each row of a table says: its entries, or what is wrong with it.

    A row is an entry (columns `at`, `kind`, `value`, and if need be `lower`, `unit`, `text`,
    `source`, `what`), or a moment with a column for each kind (`at`, `pain`, `systolic`,
    `diastolic`, `symptom: NAME` ...). Raises `JournalError` for what is no such table.
    """
    rows = _rows(path)
    line, header = next(rows, (0, []))
    names = [name.strip().lower() for name in header]
    if not _is_table(names):
        raise JournalError(
            _("{file} is no table of entries: name its columns in the first line, such as at,pain.")
            .format(file=path.name)
        )  # fmt: skip
    if unknown := [name for name in names if not _is_known(name)]:
        yield BrokenRow(
            line,
            _("The columns {names} are not known and are left out.").format(
                names=", ".join(f"'{name[:40]}'" for name in unknown[:10])
            ),
        )
    for line, cells in rows:
        try:
            if len(cells) > len(names):
                raise JournalError(_("There are more cells than columns."))
            row = {name: unquoted(cell.strip()) for name, cell in zip(names, cells, strict=False)}
            yield list(_entries(row))
        except JournalError as error:
            yield BrokenRow(line, str(error))


def holds_days(path: Path) -> bool:
    """Say whether the file at `path` has the columns of a table of entries."""
    if path.suffix.lower() not in (".csv", ".tsv", ".txt"):
        return False
    try:
        if not path.is_file():  # a pipe would be waited for
            return False
        with path.open("rb") as file:
            first = file.readline(1 << 16).decode("utf-8-sig")
        return _is_table([name.strip().lower() for name in _split(first)])
    except (OSError, UnicodeDecodeError, csv.Error):
        return False


def _is_table(names: list[str]) -> bool:
    if len(set(names)) < len(names) or not set(names) & set(_TIMES):
        return False
    return "kind" in names or any(_says_something(name) for name in names)


def _says_something(name: str) -> bool:
    return name in MEASURES or name in _PRESSURES or name.startswith(_SYMPTOM)


def _is_known(name: str) -> bool:
    return name in _TIMES or name in _OF_AN_ENTRY or _says_something(name)


def _split(line: str) -> list[str]:
    return next(csv.reader([line], delimiter=_delimiter(line)), [])


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not empty with the line that it ends on."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise JournalError(
            _("{file} cannot be read ({why}).").format(file=path, why=error.strerror or error)
        ) from error
    except UnicodeDecodeError as error:
        raise JournalError(
            _("{file} is no text in UTF-8; save it as such.").format(file=path.name)
        ) from error
    if len(data) > _MOST_BYTES:
        raise JournalError(
            _("{file} is longer than any table of entries; cut it up.").format(file=path.name)
        )
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text.partition("\n")[0]))
    try:
        for cells in rows:
            if any(cell.strip() for cell in cells):
                yield rows.line_num, cells
    except csv.Error as error:
        raise JournalError(
            _("{file}, line {line}: this is no table ({why}).").format(
                file=path.name, line=rows.line_num, why=error
            )
        ) from error


def _entries(row: Mapping[str, str]) -> Iterator[Entry]:
    """Yield the entries of a row, each checked."""
    if row.get("removed", "").lower() in ("true", "1"):  # taken out before it was exported
        return
    at = read_moment(_when(row))
    found = [_long(row, at)] if "kind" in row else list(_wide(row, at))
    if not found:
        raise JournalError(_("There is nothing beside the time."))
    for entry in found:
        check_entry(entry)
        yield entry


def _when(row: Mapping[str, str]) -> str:
    said = [row[name] for name in _TIMES if row.get(name)]
    if "date" in row and "time" in row:  # as cuffs write it
        said = [f"{row['date']} {row['time']}".strip()]
    return said[0] if said else ""


def _long(row: Mapping[str, str], at: datetime) -> Entry:
    kind = row["kind"]
    given = row.get("unit", "")
    unit = _OTHER_UNITS.get(given.lower(), given)
    per = 1.0
    if kind == "blood_pressure" and unit == "kPa":
        unit, per = "mmHg", _MMHG_PER_KPA
    if not unit and kind in MEASURES:
        unit = MEASURES[kind].unit
    what, text = row.get("what", ""), row.get("text", "")
    if not what and kind in MEASURES:
        what, text = read_what(text, MEASURES[kind].known)
    value, lower = _number(row.get("value", "")), _number(row.get("lower", ""))
    return Entry(
        at=at,
        kind=kind,
        value=None if value is None else value * per,
        unit=unit,
        text=text,
        source=row.get("source", "") or SOURCE,
        lower=None if lower is None else lower * per,
        what=what,
    )


def _wide(row: Mapping[str, str], at: datetime) -> Iterator[Entry]:
    for name, cell in row.items():
        if not cell:
            continue
        if name in WORDED:
            what, text = read_what(cell, MEASURES[name].known)
            yield Entry(at, name, None, "", text, SOURCE, what=what)
        elif name.startswith(_SYMPTOM):
            said = name.removeprefix(_SYMPTOM).strip()
            yield Entry(at, "symptom", _number(cell), MEASURES["symptom"].unit, said, SOURCE)
        elif name in MEASURES:
            yield Entry(at, name, _number(cell), MEASURES[name].unit, "", SOURCE)
    pressures = [_number(row.get(name, "")) for name in _PRESSURES]
    if any(value is not None for value in pressures):
        upper, lower = pressures
        yield Entry(at, "blood_pressure", upper, "mmHg", "", SOURCE, lower)


def _number(cell: str) -> float | None:
    """Return a number, None for an empty cell."""
    return read_number(cell) if cell else None
