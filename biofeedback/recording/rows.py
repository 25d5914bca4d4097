"""Text becomes rows of numbers, fast; the broken line is looked for only once there is one."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from biofeedback.errors import RecordingError
from biofeedback.stream import Samples
from biofeedback.text import _, plural

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?nan|[+-]?inf(inity)?", re.I)
_ONE_FRACTION = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
_ZERO_FIRST = re.compile(r",0\d")
_LONGEST_QUOTE = 40
# Enough rows to tell by: among so many fractions some begin with a zero ("0,05"), counts never.
_ROWS_TO_TELL_BY = 1000


@dataclass(frozen=True, slots=True)
class Layout:
    """How a text table is written.

    `header`: its words, None where there is none; `delimiter`: what parts the cells, None for
    blanks; `first_line`: the number of its first row in the file, from 1.
    """

    header: tuple[str, ...] | None
    delimiter: str | None
    decimal_comma: bool
    first_line: int


def find_layout(head: str, *, where: str) -> Layout:
    """Return how the table that begins with the text `head` is written.

    Lines of comment (#) on top are passed over. Raises `RecordingError`, which names the file
    `where`, if it has no row.
    """
    lines = head.split("\n")
    at = next((i for i, line in enumerate(lines) if not _is_comment(line)), len(lines))
    rows = [line for line in lines[at:] if line.strip()][: _ROWS_TO_TELL_BY + 1]
    if not rows:
        raise _no_samples(where)
    first = rows[0]
    header = not _is_row(first)
    if header:
        at += 1
        rows = rows[1:]
    if not rows:
        raise RecordingError(
            _("{where} has a header and no samples; choose another file.").format(where=where)
        )
    delimiter, decimal_comma = _tell_apart(first if header else None, rows)
    words = tuple(split_cells(first, delimiter)) if header else None
    return Layout(words, delimiter, decimal_comma, at + 1)


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
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]


def read_text(path: Path, *, where: str) -> str:
    """Return the text of the file at `path`; raise `RecordingError`, which calls it `where`."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise not_utf8(where) from None


def not_utf8(where: str) -> RecordingError:
    """Return the error for a file in another encoding."""
    return RecordingError(
        _("{where} is not UTF-8 text; save it as CSV in UTF-8.").format(where=where)
    )


def _no_samples(where: str) -> RecordingError:
    return RecordingError(_("{where} holds no samples; choose another file.").format(where=where))


class Rows:
    """The numbers of a text table, and where in the file each row stands.

    `values`: ``(n_rows, n_columns)``, n_rows > 0, NaN where a cell is empty. Raises
    `RecordingError`, which names the file `where` and the line, for one that is broken.
    """

    def __init__(self, text: str, layout: Layout, *, where: str) -> None:
        self._layout, self._where = layout, where
        body = io.StringIO(text)
        for _line in range(layout.first_line - 1):
            body.readline()
        self._text = self._tidy(body.read().rstrip("\n "))
        if not self._text.strip():
            raise _no_samples(where)
        self.values = self._load()

    def line_of(self, row: int) -> int:
        """Return the number in the file, from 1, of the line that holds `row`, from 0."""
        for at, (number, _line) in enumerate(self._lines()):
            if at == row:
                return number
        raise IndexError(row)

    def _lines(self) -> Iterator[tuple[int, str]]:
        for number, line in enumerate(self._text.split("\n"), start=self._layout.first_line):
            if line.strip():
                yield number, line

    def _tidy(self, text: str) -> str:
        """Return `text` with points for fractions, and without a delimiter that ends each row."""
        delimiter = self._layout.delimiter
        if self._layout.decimal_comma:
            text = text.replace(",", ".")
        if delimiter is None:
            return text
        first = split_cells(text.lstrip("\n").partition("\n")[0], delimiter)
        names = self._layout.header
        unnamed = len(first) - 1 if names is None else len(names)
        if len(first) == unnamed + 1 > 1 and not first[-1]:
            text = re.sub(rf"{delimiter}[ \t]*$", "", text, flags=re.M)
        return text

    def _load(self) -> Samples:
        one_column = self._layout.delimiter is not None and self._layout.delimiter not in self._text
        if one_column and "\n\n" in self._text:
            self._fill_blank_lines()
        try:
            values = self._parse()
        except ValueError:
            self._fill_empty_cells()
            try:
                values = self._parse()
            except ValueError as error:
                raise self._broken(str(error)) from None
        if self._layout.header and values.shape[1] != len(self._layout.header):
            raise self._broken("")
        return values

    def _parse(self) -> Samples:
        values: Samples = np.loadtxt(
            io.StringIO(self._text),
            delimiter=self._layout.delimiter,
            comments=None,
            quotechar='"',
            ndmin=2,
        )
        return values

    def _fill_blank_lines(self) -> None:
        """Make a blank line of a single column a missing sample."""
        lines = self._text.split("\n")
        if any(line.strip() for line in lines[1::2]):  # else: line ends written twice over
            self._text = "\n".join(line if line.strip() else "nan" for line in lines)

    def _fill_empty_cells(self) -> None:
        cell_end = self._layout.delimiter
        if cell_end is not None:
            blank = " *" if cell_end == "\t" else r"[ \t]*"
            self._text = re.sub(
                rf"(?<={cell_end}){blank}(?={cell_end}|$)|^{blank}(?={cell_end})",
                "nan",
                self._text,
                flags=re.M,
            )

    def _broken(self, reason: str) -> RecordingError:
        """Return the error for the first line that is not as it should be."""
        names = self._layout.header
        wanted = len(names) if names else 0
        for number, line in self._lines():
            cells = split_cells(line, self._layout.delimiter)
            wanted = wanted or len(cells)
            if len(cells) != wanted:
                return RecordingError(
                    plural(
                        "{where}, line {line}: it has {n} cell and {wanted} were expected; mend or "
                        "delete that line.",
                        "{where}, line {line}: it has {n} cells and {wanted} were expected; mend "
                        "or delete that line.",
                        len(cells),
                    ).format(where=self._where, line=number, n=len(cells), wanted=wanted)
                )
            wrong = next((cell for cell in cells if not _NUMBER.fullmatch(cell)), None)
            if wrong is not None:
                shown = wrong if len(wrong) <= _LONGEST_QUOTE else wrong[:_LONGEST_QUOTE] + "..."
                return RecordingError(
                    _(
                        "{where}, line {line}: {shown!r} is not a number; mend that line, or leave "
                        "the cell empty where the sample is missing."
                    ).format(where=self._where, line=number, shown=shown)
                )
        return RecordingError(
            _("{where} is not a table of numbers ({reason}).").format(
                where=self._where, reason=reason
            )
        )
