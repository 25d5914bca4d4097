"""What a report is made of, whatever it is written as: statements, numbers and pictures."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from biofeedback import __version__
from biofeedback.text import _, plural
from biofeedback.words import NO_NUMBER

if TYPE_CHECKING:  # a second to load
    from matplotlib.axes import Axes

Made = TypeVar("Made")
Draw: TypeAlias = "Callable[[Axes], None]"

SUFFIXES = (".html", ".pdf")
"""What a report can be written as."""

FITS = ((10, 8.8), (10, 8.2), (10, 7.6), (10, 7.2), (6, 7.2), (4, 7.0), (3, 6.8), (3, 6.2))
"""Statements of a part at most, and the letters in points, on what is to fit one side of A4: the
first with which it does. Less is told before letters become too small to be read."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence, and what it is made from, so that it can be traced.

    `of`: the ids of what the journal holds, or the name of a file; empty where it says nothing
    of a person. `values`: what was told of that, by name.
    """

    text: str
    of: tuple[str, ...] = ()
    values: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """A number as it is printed, with all that it must not go without.

    `band`: empty for what has none. `valid_percent`: of the time it was taken from; None where it
    is not taken from a signal.
    """

    name: str
    value: str
    unit: str
    band: str
    valid_percent: float | None
    definition: str

    @property
    def valid(self) -> str:
        """The valid share as it is printed."""
        return NO_NUMBER if self.valid_percent is None else f"{self.valid_percent:.0f} %"


@dataclass(frozen=True, slots=True)
class Picture:
    """Drawn by `draw`, in shapes and greys; `says` the same in words. `share`: height by width."""

    draw: Draw
    says: str
    share: float = 0.3


@dataclass(frozen=True, slots=True)
class Part:
    """A part under its title: what is said, numbers, a picture; any of them may be missing.

    `ask`: what is said are questions, to be ticked off. `small`: it stands in small print. `left`:
    statements for which there was no room, which are counted out loud. `least`: where the page is
    full it may say so many statements and count the rest; None: it is never shortened.
    """

    title: str
    said: tuple[Statement, ...] = ()
    rows: tuple[Row, ...] = ()
    picture: Picture | None = None
    ask: bool = False
    small: bool = False
    left: tuple[Statement, ...] = ()
    least: int | None = None

    def __bool__(self) -> bool:
        return bool(self.said or self.rows or self.picture)

    @property
    def told(self) -> tuple[Statement, ...]:
        """What is said, and how much more there is."""
        n = len(self.left)
        if not n:
            return self.said
        ids = tuple(dict.fromkeys(one for each in self.left for one in each.of))
        more = plural("… and {n} more.", "… and {n} more.", n).format(n=n)
        return (*self.said, Statement(more, of=ids, values={"n": n}))

    def at_most(self, n: int) -> "Part":
        """Return the part with `n` statements, or its least; what is left is counted."""
        if self.least is None or len(self.said) <= max(n, self.least):
            return self
        most = max(n, self.least)
        return replace(self, said=self.said[:most], left=(*self.said[most:], *self.left))


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report. `simulated`: it is stamped so. `one_page`: it is to fit one side of A4.

    `of`, `made`: whom or what it is of, and when it was made, for the foot of each page.
    """

    title: str
    about: tuple[Statement, ...]
    parts: tuple[Part, ...]
    simulated: bool
    one_page: bool = False
    of: str = ""
    made: date | None = None

    def statements(self) -> Iterator[Statement]:
        """Yield all that is said."""
        yield from self.about
        for part in self.parts:
            yield from part.told

    def on_one_page(
        self, make: "Callable[[Report, float], Made]", fits: "Callable[[Made], bool]"
    ) -> "Made":
        """Return what `make` makes of the report, with letters in points, so that it `fits`.

        By halves, as each try sets a page: the first of `FITS` that does, else the last.
        """
        low, high, best = 0, len(FITS), None
        while low < high:
            middle = (low + high) // 2
            most, size_pt = FITS[middle]
            made = make(self.at_most(most), size_pt)
            if fits(made):
                best, high = made, middle
            else:
                low = middle + 1
        return made if best is None else best

    def at_most(self, n: int) -> "Report":
        """Return the report with `n` statements at most in each part that may be shortened."""
        return replace(self, parts=tuple(part.at_most(n) for part in self.parts))


def warning() -> str:
    """Return what this is not: on every report."""
    return _(
        "For awareness and relaxation training. Not a medical device; it does not diagnose or "
        "treat. Change no medicine, injection or exercise because of it."
    )


def stamp() -> str:
    """Return what stands on every page of what is simulated."""
    return _("SIMULATED: this is not a muscle.")


def foot(report: Report) -> str:
    """Return what stands at the foot of each page: of whom or what, when, and made by what."""
    made = "" if report.made is None else str(report.made)
    program = f"biofeedback {__version__}"
    return ", ".join(filter(None, (report.of, made, program)))


def page_word() -> str:
    """Return the form of the number of a page, with `{page}` and `{pages}`."""
    return _("Page {page} of {pages}").format(page="{page}", pages="{pages}")


def name_for(who: str, *, visit: bool = False) -> Path:
    """Return a sensible name for the file of a report on a person or a recording."""
    kept = "".join(c if c.isalnum() or c in "._-" else "-" for c in who).strip("-.") or "report"
    return Path(f"{kept}-{'visit' if visit else 'report'}.pdf")
