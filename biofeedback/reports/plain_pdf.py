"""A report as PDF where there is no WeasyPrint: plainer, and with all that it says."""

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from biofeedback.reports.drawing import STYLE
from biofeedback.reports.extras import load
from biofeedback.reports.parts import (
    Part,
    Picture,
    Report,
    Row,
    Statement,
    foot,
    page_word,
    stamp,
    warning,
)
from biofeedback.text import _, harmless

A4_INCH = (8.27, 11.69)
_MARGIN_INCH, _PT = 0.6, 1 / 72
_WIDTH_INCH = A4_INCH[0] - 2 * _MARGIN_INCH
_LEADING = 1.28
_FINE_DPI, _MEASURED_PT = 720, 10  # so that widths are not rounded to the dots of a screen
_AXIS_INCH, _NAMED_AXIS_INCH = 0.28, 0.45  # below a picture, for its numbers and what they are
_SIZE_PT = 9.0
_BOX = "\u2610 "  # to be ticked off


@dataclass(frozen=True, slots=True)
class _Text:
    text: str
    size: float = 1.0  # times the body's
    bold: bool = False
    indent: str = ""
    before: float = 0.0  # lines
    above: float = 0.0  # how high what must follow on the page is, by the width


def plain_pdf(report: Report) -> bytes:
    """Return `report` as PDF by Matplotlib; one page is set smaller until it is one."""
    return set_pages(report).saved()


def set_pages(report: Report) -> "Pages":
    """Return the pages of `report`; what is to fit one is set smaller, and then shortened."""
    widths: dict[tuple[str, bool], float] = {}
    if not report.one_page:
        return Pages(report, _SIZE_PT, widths)
    return report.on_one_page(
        lambda shortened, size_pt: Pages(shortened, size_pt, widths),
        lambda pages: len(pages.figures) == 1,
    )


class Pages:
    """Sets a report's texts and pictures below each other on as many pages as it takes."""

    def __init__(
        self, report: Report, size_pt: float, widths: dict[tuple[str, bool], float]
    ) -> None:
        self._matplotlib = load("matplotlib")
        self._figures = load("matplotlib.figure")
        agg = load("matplotlib.backends.backend_agg")
        self._measure = agg.FigureCanvasAgg(self._figures.Figure(dpi=_FINE_DPI)).get_renderer()
        self._fonts = load("matplotlib.font_manager")
        self._size_pt, self._stamped, self._title = size_pt, report.simulated, report.title
        self._widths = widths  # what was measured, for all sizes
        self.figures: list[Any] = []
        self._y_inch = 0.0
        self._foot = foot(report)
        with self._matplotlib.rc_context(STYLE), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # letters that the font has not: boxes
            self._new_page()
            for each in _flow(report):
                if isinstance(each, Picture):
                    self._draw(each)
                else:
                    self._write(each)
            self._number()

    def _number(self) -> None:
        """Write at the foot of each page what it is of, and which page it is."""
        size_pt = 7.0
        for n, figure in enumerate(self.figures, start=1):
            number = page_word().format(page=n, pages=len(self.figures))
            for x_inch, text, side in (
                (_MARGIN_INCH, harmless(self._foot), "left"),
                (A4_INCH[0] - _MARGIN_INCH, number, "right"),
            ):
                figure.text(
                    x_inch / A4_INCH[0],
                    _MARGIN_INCH / 2 / A4_INCH[1],
                    text,
                    fontproperties=self._font(size_pt, bold=False),
                    ha=side,
                    parse_math=False,
                )

    def saved(self) -> bytes:
        """Return the pages as PDF."""
        backend = load("matplotlib.backends.backend_pdf")
        out = io.BytesIO()
        with (
            self._matplotlib.rc_context(STYLE),
            warnings.catch_warnings(),
            backend.PdfPages(
                out, metadata={"Title": harmless(self._title), "CreationDate": None}
            ) as pdf,
        ):
            warnings.simplefilter("ignore", UserWarning)
            for figure in self.figures:
                pdf.savefig(figure)
        return out.getvalue()

    def _new_page(self) -> None:
        self.figures.append(self._figures.Figure(figsize=A4_INCH))
        self._y_inch = A4_INCH[1] - _MARGIN_INCH
        if self._stamped:
            self._write(_Text(stamp(), 1.6, bold=True))

    def _room(self, inch: float) -> None:
        if self._y_inch - inch < _MARGIN_INCH:
            self._new_page()

    def _write(self, said: _Text) -> None:
        size_pt = self._size_pt * said.size
        line_inch = size_pt * _LEADING * _PT
        self._y_inch -= said.before * line_inch
        font = self._font(size_pt, bold=said.bold)
        lines = list(self._wrapped(said, size_pt))
        together = min(len(lines), 2) + (2 if said.bold else 0)
        self._room(line_inch * together + _WIDTH_INCH * said.above)
        for line in lines:
            self._room(line_inch)
            self.figures[-1].text(
                _MARGIN_INCH / A4_INCH[0],
                self._y_inch / A4_INCH[1],
                line,
                fontproperties=font,
                va="top",
                parse_math=False,
            )
            self._y_inch -= line_inch

    def _wrapped(self, said: _Text, size_pt: float) -> Iterator[str]:
        """Yield the lines of a text, each as wide as the page at most."""
        most = _WIDTH_INCH / size_pt  # inches a point of the letters' size
        space, indent = (self._width(each, bold=said.bold) for each in (" ", said.indent))
        words: list[str] = []
        lead, width = said.indent, indent
        for word in harmless(said.text).split():
            for piece in self._pieces(word, most - indent, bold=said.bold):
                more = self._width(piece, bold=said.bold)
                if words and width + more > most:
                    yield lead + " ".join(words)
                    lead, words, width = " " * len(said.indent), [], indent
                words.append(piece)
                width += more + space
        yield lead + " ".join(words)

    def _pieces(self, word: str, most: float, *, bold: bool) -> Iterator[str]:
        """Yield a word, cut where it alone is too wide."""
        while len(word) > 1 and (width := self._width(word, bold=bold)) > most:
            n = max(1, int(len(word) * most / width))
            yield word[:n]
            word = word[n:]
        yield word

    def _width(self, text: str, *, bold: bool) -> float:
        """Return how wide a text is, in inches a point of the letters' size."""
        key = text, bold
        if key not in self._widths:
            font = self._font(_MEASURED_PT, bold=bold)
            found = self._measure.get_text_width_height_descent(text, font, ismath=False)
            self._widths[key] = found[0] / _FINE_DPI / _MEASURED_PT
        return self._widths[key]

    def _font(self, size_pt: float, *, bold: bool) -> Any:
        weight = "bold" if bold else "normal"
        return self._fonts.FontProperties(family="DejaVu Sans", size=size_pt, weight=weight)

    def _draw(self, picture: Picture) -> None:
        high_inch = _WIDTH_INCH * picture.share
        self._room(high_inch)
        below = self._y_inch - high_inch
        axes = self.figures[-1].add_axes((0, 0, 1, 1))
        picture.draw(axes)
        named = bool(axes.get_xlabel())
        numbers_inch = _NAMED_AXIS_INCH if named else _AXIS_INCH
        axes.set_position(
            (
                (_MARGIN_INCH + 0.45) / A4_INCH[0],
                (below + numbers_inch) / A4_INCH[1],
                (_WIDTH_INCH - 0.55) / A4_INCH[0],
                (high_inch - numbers_inch - 0.15) / A4_INCH[1],
            )
        )
        self._y_inch = below
        self._write(_Text(picture.says, 0.84))


def _flow(report: Report) -> Iterator[_Text | Picture]:
    yield _Text(report.title, 1.6, bold=True)
    for each in report.about:
        yield _Text(each.text)
    for part in filter(None, report.parts):
        above = part.picture.share if part.picture else 0.0
        yield _Text(part.title, 1.12, bold=True, before=0.5, above=above)
        if part.picture:
            yield part.picture
        yield from (_said(each, part) for each in part.told)
        yield from map(_row, part.rows)
    yield _Text(warning(), bold=True, before=0.8)


def _said(each: Statement, part: Part) -> _Text:
    mark = _BOX if part.ask else "• "
    return _Text(each.text, 0.84 if part.small else 1.0, indent=mark)


def _row(row: Row) -> _Text:
    value = ", ".join(filter(None, (f"{row.value} {row.unit}".rstrip(), row.band)))
    if row.valid_percent is not None:
        value = _("{value}, {valid} valid").format(value=value, valid=row.valid)
    return _Text(f"{row.name}: {value}. {row.definition}", indent="• ")
