"""Text becomes rows of numbers, fast; the broken line is looked for only once there is one."""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from biofeedback.errors import RecordingError
from biofeedback.recording.spool import Parts, Spool
from biofeedback.recording.tables.layout import Layout, is_number, no_samples, not_utf8, split_cells
from biofeedback.stream import Samples
from biofeedback.text import _, plural

_LONGEST_QUOTE = 40
# Characters that are parsed at a time: more are no faster.
_BLOCK = 2**20
_LONGEST_LINE = 2**20
# Some eight hours of eight channels at 2000 Hz; as much room is needed to unpack it.
_MOST_BYTES = 4_000_000_000
_END_OF_SECTION = re.compile(r"^(?:[,;\t ]*\n|[A-Za-z])", re.M)


class Rows:
    """The numbers of a text table, block after block, and where in the file each row stands.

    Goes through blocks ``(n_rows, n_columns)``, NaN where a cell is empty, n_rows > 0; they lie in
    a `Spool`, so a file may be larger than the memory. Columns are those of the layout's `places`.
    Raises `RecordingError`, which names the file `where` and the line, for one that is broken.
    """

    def __init__(self, path: Path, layout: Layout, *, where: str) -> None:
        self.notes: tuple[str, ...] = ()
        self._path, self._layout, self._where = path, layout, where
        self._width = len(layout.header) if layout.header else 0
        self._ends_with_delimiter = self._one_column = self._quoted = False
        self._spool = Spool(where=where)
        size = path.stat().st_size
        if size > _MOST_BYTES:
            raise RecordingError(
                _(
                    "{where} is {size:.0f} GB of text, and {most:.0f} GB are read at the most; "
                    "record in EDF or BDF, or cut it into parts."
                ).format(where=where, size=size / 1e9, most=_MOST_BYTES / 1e9)
            )
        try:
            for number, text in self._blocks():
                if not self._spool.lengths:
                    self._look_at(text.lstrip("\n ").partition("\n")[0])
                self._spool.append(self._load(number, text))
        except UnicodeDecodeError:
            raise not_utf8(where) from None
        if not len(self):
            raise no_samples(where)

    def __iter__(self) -> Iterator[Samples]:
        return iter(self._spool)

    def __len__(self) -> int:
        return sum(self._spool.lengths)

    def column(self, place: int) -> Parts:
        """Return the column at `place` of the file, in parts ``(n,)``."""
        return self._spool.column(self.number(place))

    def number(self, place: int) -> int:
        """Return which of the columns that were read is the one at `place` of the file."""
        places = self._layout.places
        return places.index(place) if places else place

    @property
    def places(self) -> tuple[int, ...]:
        """Where in the file the columns that were read stand, from 0."""
        return self._layout.places or tuple(range(self._spool.width))

    def line_of(self, row: int) -> int:
        """Return the number in the file, from 1, of the line that holds `row`, from 0."""
        for length, (number, text) in zip(self._spool.lengths, self._blocks(), strict=False):
            if row < length:
                return next(islice(self._lines(number, text), row, None))[0]
            row -= length
        raise IndexError(row)

    def _blocks(self) -> Iterator[tuple[int, str]]:
        """Yield lines of the table, and the number of the first of them in the file."""
        number, rest = self._layout.first_line, ""
        for text in self._pieces():
            text = rest + text
            # Blank lines at the end of a block go to the next one, those of the file to none.
            rows = len(text.rstrip("\n "))
            end = (text.find("\n", rows) + 1 or len(text)) if rows else 0
            if end:
                yield number, text[:end]
            number, rest = number + text.count("\n", 0, end), text[end:]
            if len(rest) >= _LONGEST_LINE:
                raise self._no_lines()

    def _pieces(self) -> Iterator[str]:
        """Yield whole lines, blank ones among them, as many at a time as are parsed at once."""
        with self._path.open(encoding="utf-8-sig") as file:
            for _line in range(self._layout.first_line - 1):
                file.readline()
            while text := file.read(_BLOCK):
                text += file.readline(_LONGEST_LINE)
                if len(text) >= _BLOCK + _LONGEST_LINE:
                    raise self._no_lines()
                if self._layout.section and (end := _END_OF_SECTION.search(text)):
                    yield text[: end.start()]
                    return
                yield text

    def _no_lines(self) -> RecordingError:
        return RecordingError(
            _("{where} is no table: {n} characters of it in a row hold no line of numbers.").format(
                where=self._where, n=_LONGEST_LINE
            )
        )

    def _look_at(self, row: str) -> None:
        """Learn from the first row what the layout does not tell."""
        delimiter = self._layout.delimiter
        cells = split_cells(row, delimiter)
        if self._layout.places or not self._width:  # a header may leave out what nobody reads
            self._width = max(len(cells), 1 + max(self._layout.places or (0,)))
        self._one_column = (
            delimiter is not None and delimiter not in row and not self._layout.doubled
        )
        named = len(self._layout.header) if self._layout.header else len(cells) - 1
        if len(cells) == named + 1 > 1 and not cells[-1] and not self._layout.places:
            self._ends_with_delimiter = True
            self._width = named

    def _load(self, number: int, text: str) -> Samples:
        tidy = self._tidy(text)
        self._quoted = '"' in tidy
        try:
            return self._parse(tidy.split("\n"))
        except ValueError:
            pass
        filled = self._fill_empty_cells(tidy)
        rows = [line if line.strip() else "nan" for _number, line in self._lines(number, filled)]
        try:
            return self._parse(rows)
        except ValueError as error:
            broken = self._broken(number, tidy, str(error))
        if text.endswith("\n") or not (rows[1:] or len(self)):
            raise broken
        try:
            values = self._parse(rows[:-1])
        except ValueError:
            raise broken from None
        self.notes = (_("The last line is cut off and is left out."),)
        return values

    def _tidy(self, text: str) -> str:
        """Return `text` with points for fractions, and without a delimiter that ends each row."""
        if self._layout.decimal_comma:
            text = text.replace(",", ".")
        if self._ends_with_delimiter:
            text = re.sub(rf"{self._layout.delimiter}[ \t]*$", "", text, flags=re.M)
        if self._one_column and "\n\n" in f"\n{text}":
            # A blank line of a single column is a missing sample.
            text = re.sub(r"^[ \t]*\n", "nan\n", text, flags=re.M)
        return text

    def _fill_empty_cells(self, text: str) -> str:
        cell_end = self._layout.delimiter
        if cell_end is None:
            return text
        blank = " *" if cell_end == "\t" else r"[ \t]*"
        pattern = rf"(?<={cell_end}){blank}(?={cell_end}|$)|^{blank}(?={cell_end})"
        return re.sub(pattern, "nan", text, flags=re.M)

    def _lines(self, number: int, text: str) -> Iterator[tuple[int, str]]:
        """Yield the lines that hold a row, each with its number."""
        empty = "" if self._layout.delimiter is None else self._layout.delimiter
        lines = text.removesuffix("\n").split("\n")
        for line_number, line in enumerate(lines, start=number):
            if self._one_column or line.strip() or (empty and empty in line):
                yield line_number, line

    def _parse(self, lines: list[str]) -> Samples:
        if self._quoted and any(_is_quote_open(line) for line in lines):
            raise ValueError("a quote")
        if not any(lines):
            return np.empty((0, len(self._layout.places or range(self._width))))
        values: Samples = np.loadtxt(
            lines,
            delimiter=self._layout.delimiter,
            comments=None,
            quotechar='"',
            ndmin=2,
            usecols=self._layout.places,
        )
        places, delimiter = self._layout.places, self._layout.delimiter
        if places is None:
            wrong = values.shape[1] != self._width
        else:  # two lines that became one
            wrong = any(line.count(delimiter) >= self._width for line in lines if delimiter)
        if wrong:
            raise ValueError(f"{values.shape[1]} columns")
        return values

    def _broken(self, number: int, text: str, reason: str) -> RecordingError:
        """Return the error for the first line that is not as it should be."""
        places = self._layout.places
        for line_number, line in self._lines(number, text):
            cells = split_cells(line, self._layout.delimiter)
            least = max(places) + 1 if places else self._width
            if not least <= len(cells) <= self._width:
                return RecordingError(
                    plural(
                        "{where}, line {line}: it has {n} cell and {wanted} were expected; mend or "
                        "delete that line.",
                        "{where}, line {line}: it has {n} cells and {wanted} were expected; mend "
                        "or delete that line.",
                        len(cells),
                    ).format(where=self._where, line=line_number, n=len(cells), wanted=self._width)
                )
            used = [cells[place] for place in places] if places else cells
            wrong = next((cell for cell in used if cell and not is_number(cell)), None)
            if _is_quote_open(line):
                wrong = line
            if wrong is not None:
                shown = wrong if len(wrong) <= _LONGEST_QUOTE else wrong[:_LONGEST_QUOTE] + "..."
                return RecordingError(
                    _(
                        "{where}, line {line}: {shown!r} is not a number; mend that line, or leave "
                        "the cell empty where the sample is missing."
                    ).format(where=self._where, line=line_number, shown=shown)
                )
        return RecordingError(
            _("{where} is not a table of numbers ({reason}).").format(
                where=self._where, reason=reason
            )
        )


def _is_quote_open(line: str) -> bool:
    # The lines below would become part of its last cell.
    return line.count('"') % 2 == 1
