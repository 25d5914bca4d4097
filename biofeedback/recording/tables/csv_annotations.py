"""The notes beside a CSV file: a table of their own, so that the file stays a table of numbers."""

import csv
import io
import math
import re
from collections.abc import Sequence
from pathlib import Path

from biofeedback.recording.beside import read_beside
from biofeedback.recording.drafts import draft_file, telling
from biofeedback.stream import Annotation
from biofeedback.text import plural

SUFFIX = ".annotations.csv"
"""Put behind the name of the file whose notes they are."""
_COLUMNS = ["onset_s", "duration_s", "text"]
# Blanks before it are passed over, and where Chinese or Japanese is set the wide ones count too.
_FORMULA = re.compile(r"'*(?:[\t\r\n]|\s*[=+\-@＝＋－＠])")
_MOST_CHARACTERS = 2**24


def annotations_path(recording: Path) -> Path:
    """Return where the notes of the file at `recording` lie."""
    return recording.with_name(recording.name + SUFFIX)


def write_annotations(recording: Path, annotations: Sequence[Annotation]) -> None:
    """Write `annotations` beside `recording`; without any, take away what lies there.

    Onsets are on the time axis of the file's `time_s`. Raises `RecordingError`.
    """
    path = annotations_path(recording)
    if not annotations:
        with telling(path):
            path.unlink(missing_ok=True)
        return
    with draft_file(path) as draft, draft.open("w", newline="", encoding="utf-8") as file:
        # A carriage return alone would else stand without quotes, and end the row.
        rows = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
        rows.writerow(_COLUMNS)
        rows.writerows((a.onset_s, a.duration_s, not_a_formula(a.text)) for a in annotations)


def read_annotations(
    recording: Path, first_s: float
) -> tuple[tuple[Annotation, ...], tuple[str, ...]]:
    """Return the annotations beside `recording`, whose first sample is at `first_s`, and notes."""
    path = annotations_path(recording)
    text = read_beside(path, _MOST_CHARACTERS) or ""
    try:
        rows = list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error:  # a cell that is larger than any note
        return (), ()
    if not rows or rows[0] != _COLUMNS:
        return (), ()
    found = [_annotation(row, first_s) for row in rows[1:] if row]
    annotations = tuple(annotation for annotation in found if annotation is not None)
    wrong = len(found) - len(annotations)
    if not wrong:
        return annotations, ()
    note = plural(
        "{n} line of {file} is no annotation and is left out.",
        "{n} lines of {file} are no annotations and are left out.",
        wrong,
    ).format(n=wrong, file=path.name)
    return annotations, (note,)


def _annotation(row: list[str], first_s: float) -> Annotation | None:
    try:
        onset_s, duration_s, text = float(row[0]), float(row[1]), row[2]
    except (ValueError, IndexError):
        return None
    if not (math.isfinite(onset_s) and 0 <= duration_s < math.inf):
        return None
    return Annotation(onset_s - first_s, duration_s, unquoted(text))


def not_a_formula(cell: str) -> str:
    """Return `cell` with a quote before what a spreadsheet takes for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unquoted(cell: str) -> str:
    """Return what `not_a_formula` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
