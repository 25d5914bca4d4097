"""How a table of text is written: its header, what parts its cells, and where its rows begin."""

import codecs
import csv
import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from biofeedback.errors import RecordingError
from biofeedback.text import _

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?nan|[+-]?inf(inity)?", re.I)
_ONE_FRACTION = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
_ZERO_FIRST = re.compile(r",0\d")
# A layout is told from so many bytes, a file may be of any size.
_HEAD_BYTES = 65_536
# Enough rows to tell by: among so many fractions some begin with a zero ("0,05"), counts never.
_ROWS_TO_TELL_BY = 1000


@dataclass(frozen=True, slots=True)
class Layout:
    """How a text table is written.

    `header`: its words, None where there is none; `delimiter`: what parts the cells, None for
    blanks; `first_line`: the number of its first row in the file, from 1. `places`: the columns
    that are read, from 0, None for all of them, which must be as many in each row. `section`: it
    ends at a line that is blank or begins with a letter. `doubled`: so are its line ends.
    """

    header: tuple[str, ...] | None
    delimiter: str | None
    decimal_comma: bool
    first_line: int
    places: tuple[int, ...] | None = None
    section: bool = False
    doubled: bool = False


def find_layout(head: str, *, where: str) -> Layout:
    """Return how the table that begins with the text `head` is written.

    Lines of comment (#) on top are passed over. Raises `RecordingError`, which names the file
    `where`, if it has no row.
    """
    lines = head.split("\n")
    at = next((i for i, line in enumerate(lines) if not _is_comment(line)), len(lines))
    rows = list(islice((line for line in lines[at:] if line.strip()), _ROWS_TO_TELL_BY + 1))
    if not rows:
        raise no_samples(where)
    first = rows[0]
    header = not _is_row(first)
    if header:
        at += 1
        rows = rows[1:]
    if not rows:
        raise RecordingError(
            _("{where} has a header and no samples; choose another file.").format(where=where)
        )
    at = next(i for i, line in enumerate(lines[at:], start=at) if line.strip())
    delimiter, decimal_comma = _tell_apart(first if header else None, rows)
    words = tuple(split_cells(first, delimiter)) if header else None
    return Layout(words, delimiter, decimal_comma, at + 1, doubled=_are_doubled(lines[at:]))


def _are_doubled(lines: list[str]) -> bool:
    """Say whether every other line is blank: line ends were written twice over."""
    later = [bool(line.strip()) for line in lines[1 : 2 * _ROWS_TO_TELL_BY]]
    return any(later) and not any(later[::2])


def find_words(head: str, layout: Layout) -> set[int]:
    """Return which columns hold words by the first rows of the table that `head` begins."""
    lines = (line for line in head.split("\n")[layout.first_line - 1 :] if line.strip())
    first = next(lines, "")
    words = {
        place for place, cell in enumerate(_cells(first, layout)) if cell and not is_number(cell)
    }
    for line in islice(lines, _ROWS_TO_TELL_BY if words else 0):
        words -= {place for place, cell in enumerate(_cells(line, layout)) if is_number(cell)}
    return words


def _cells(line: str, layout: Layout) -> list[str]:
    tidy = line.replace(",", ".") if layout.decimal_comma else line
    return split_cells(tidy, layout.delimiter)


def is_number(cell: str) -> bool:
    """Say whether `cell` is a number, NaN and infinity among them."""
    return bool(_NUMBER.fullmatch(cell))


def _is_comment(line: str) -> bool:
    # "sep=;" is how a spreadsheet is told its delimiter.
    return not line.strip() or line.lstrip().startswith("#") or line.lower().startswith("sep=")


def _is_row(line: str) -> bool:
    cells = re.split(r"[;,\t ]", line)
    return all(not cell or _NUMBER.fullmatch(cell.strip('"')) for cell in cells)


def _tell_apart(header: str | None, rows: list[str]) -> tuple[str | None, bool]:
    """Return the delimiter, and whether fractions are written with a comma."""
    row = rows[0]
    for delimiter in (";", "\t"):
        if delimiter in row:
            return delimiter, any("," in row for row in rows)
    if "," in row:
        one_column = all(_ONE_FRACTION.fullmatch(row.strip()) for row in rows) and (
            any(_ZERO_FIRST.search(row) for row in rows) if header is None else "," not in header
        )
        return (";", True) if one_column else (",", False)
    several = len(row.split()) > 1
    return (None if several else ","), False


def split_cells(line: str, delimiter: str | None) -> list[str]:
    """Return the cells of a line, without quotes and the blanks around them."""
    if delimiter is None:
        return line.split()
    return [cell.strip(" \t") for cell in next(csv.reader([line], delimiter=delimiter), [])]


def read_head(path: Path, *, where: str) -> str:
    """Return the first lines of the file at `path`, whole ones.

    Raises `RecordingError`, which calls it `where`, if it is no text in UTF-8.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
        more = bool(stream.read(1))
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise RecordingError(
            _("{where} is UTF-16 text; save it as CSV in UTF-8.").format(where=where)
        )
    if b"\0" in head:
        raise RecordingError(
            _("{where} is not text; export the recording as CSV.").format(where=where)
        )
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(head, final=not more)
    except UnicodeDecodeError:
        raise not_utf8(where) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if more and "\n" not in text:
        raise RecordingError(
            _("{where} is no table: its first line is longer than {n} bytes.").format(
                where=where, n=_HEAD_BYTES
            )
        )
    return text.rpartition("\n")[0] if more else text


def not_utf8(where: str) -> RecordingError:
    """Return the error for a file in another encoding."""
    return RecordingError(
        _("{where} is not UTF-8 text; save it as CSV in UTF-8.").format(where=where)
    )


def no_samples(where: str) -> RecordingError:
    """Return the error for a file without a row."""
    return RecordingError(_("{where} holds no samples; choose another file.").format(where=where))
