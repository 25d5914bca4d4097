"""What a report is made of, whatever it is written as: statements, numbers and pictures."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from biofeedback.text import _
from biofeedback.words import NO_NUMBER

if TYPE_CHECKING:  # a second to load
    from matplotlib.axes import Axes

Draw: TypeAlias = "Callable[[Axes], None]"

SUFFIXES = (".html", ".pdf")
"""What a report can be written as."""


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

    `ask`: what is said are questions, to be ticked off. `small`: it stands in small print.
    """

    title: str
    said: tuple[Statement, ...] = ()
    rows: tuple[Row, ...] = ()
    picture: Picture | None = None
    ask: bool = False
    small: bool = False

    def __bool__(self) -> bool:
        return bool(self.said or self.rows or self.picture)


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report. `simulated`: it is stamped so. `one_page`: it is to fit one side of A4."""

    title: str
    about: tuple[Statement, ...]
    parts: tuple[Part, ...]
    simulated: bool
    one_page: bool = False

    def statements(self) -> Iterator[Statement]:
        """Yield all that is said."""
        yield from self.about
        for part in self.parts:
            yield from part.said


def warning() -> str:
    """Return what this is not: on every report."""
    return _(
        "For awareness and relaxation training. Not a medical device; it does not diagnose or "
        "treat. Change no medicine, injection or exercise because of it."
    )


def stamp() -> str:
    """Return what stands on every page of what is simulated."""
    return _("SIMULATED: this is not a muscle.")


def name_for(who: str, *, visit: bool = False) -> Path:
    """Return a sensible name for the file of a report on a person or a recording."""
    kept = "".join(c if c.isalnum() or c in "._-" else "-" for c in who).strip("-.") or "report"
    return Path(f"{kept}-{'visit' if visit else 'report'}.pdf")
