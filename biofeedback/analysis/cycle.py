"""The treatment cycle: a line on days since the injection, and the day half the effect is lost."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from biofeedback.analysis.lines import Line, Point
from biofeedback.analysis.trends import local_day, signed
from biofeedback.dsp.fading import FEWEST, Fading, fit_fading
from biofeedback.text import _, plural

WIDEST_DAYS = 14.0
"""Either way; a wear-off day less sure than that is none."""
TOP_UP_DAYS = 14
"""An injection so soon after another completes it: one cycle."""
# Four unknowns more than a level that stays (Akaike). Of 600 simulated cycles without an effect
# none was told a day (tests/analysis/test_cycle.py).
_LEAST_GAIN = 4.0


class Treatment(Protocol):
    """What was given on a day, as the journal's."""

    @property
    def on(self) -> date: ...
    @property
    def kind(self) -> str: ...
    @property
    def muscles(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Cycle:
    """From one injection to the next: `points` that count, and the days it was `topped_up`.

    `falls`: the effect lowers the values.
    """

    injected: date
    points: tuple[Point, ...]
    falls: bool = True
    topped_up: tuple[int, ...] = ()

    @cached_property
    def days(self) -> NDArray[np.float64]:
        """Days since the injection, ``(n,)``."""
        return np.array([float((local_day(p.at) - self.injected).days) for p in self.points])

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """In the unit of the line, ``(n,)``."""
        return np.array([point.value for point in self.points])

    @cached_property
    def fading(self) -> Fading | None:
        """What was fitted, where there is an effect at all."""
        found = fit_fading(self.days, self.values, falls=self.falls)
        return found if found is not None and found.gain > _LEAST_GAIN else None

    @property
    def wear_off(self) -> Fading | None:
        """What was fitted, where it tells the day; None: not enough data."""
        found = self.fading
        if found is None or found.day > self.days.max():
            return None
        widest = max(found.high - found.day, found.day - found.low)
        return found if widest <= WIDEST_DAYS else None

    @property
    def words(self) -> str:
        """When half the effect was lost, or why that is not known."""
        n, found = len(self.points), self.fading
        if n < FEWEST:
            return plural(
                "Not enough data: {n} point, and at least {least} are needed.",
                "Not enough data: {n} points, and at least {least} are needed.",
                n,
            ).format(n=n, least=FEWEST)
        if found is None:
            return _("Not enough data: no effect stands out from the ups and downs.")
        if self.wear_off is not None:
            return _(
                "Half the effect was lost around day {day:.0f} (nine times in ten between day "
                "{low:.0f} and day {high:.0f})."
            ).format(day=found.day, low=found.low, high=found.high)
        if found.day > self.days.max():
            return _("Not enough data: by day {last:.0f} half the effect was not lost yet.").format(
                last=self.days.max()
            )
        return _(
            "Not enough data: half the effect was lost some time between day {low:.0f} and day "
            "{high:.0f}."
        ).format(low=found.low, high=found.high)


def cycles(line: Line, treatments: Iterable[Treatment]) -> list[Cycle]:
    """Return the cycles of a line, oldest first; each ends where the next injection is given.

    Where injections name the muscle of the line, only those and those that name none make cycles.
    """
    given = [each for each in treatments if each.kind == "injection"]
    muscle = line.what.muscle.casefold()
    naming = [t for t in given if muscle and muscle in map(str.casefold, t.muscles)]
    if naming:
        given = [t for t in given if t in naming or not t.muscles]
    begun: list[date] = []
    topped: dict[date, list[int]] = {}
    for on in sorted({treatment.on for treatment in given}):
        if begun and (on - begun[-1]).days <= TOP_UP_DAYS:
            topped.setdefault(begun[-1], []).append((on - begun[-1]).days)
        else:
            begun.append(on)
    made = []
    for first, after in pairwise([*begun, date.max]):
        within = tuple(p for p in line.counted if first <= local_day(p.at) < after)
        made.append(Cycle(first, within, line.what.falls, tuple(topped.get(first, ()))))
    return made


def against(found: Sequence[Cycle]) -> str:
    """Return how the last two cycles whose day is known differ; empty with fewer."""
    known = [(each, each.wear_off) for each in found]
    told = [(cycle, fit) for cycle, fit in known if fit is not None]
    if len(told) < 2:
        return ""
    (before, earlier), (after, later) = told[-2:]
    change = later.day - earlier.day
    # each uncertain by itself: their squares add
    reach = math.hypot((later.high - later.low) / 2, (earlier.high - earlier.low) / 2)
    low, high = (signed(round(change + side * reach)) for side in (-1, 1))
    days, first, second = round(abs(change)), before.injected, after.injected
    if abs(change) <= reach:
        return _(
            "The injections of {first} and {second} held about as long, as far as can be told "
            "({low} to {high} days)."
        ).format(first=first, second=second, low=low, high=high)
    if change > 0:
        return plural(
            "The injection of {second} held {days} day longer than that of {first} ({low} to "
            "{high} days).",
            "The injection of {second} held {days} days longer than that of {first} ({low} to "
            "{high} days).",
            days,
        ).format(first=first, second=second, days=days, low=low, high=high)
    return plural(
        "The injection of {second} held {days} day less than that of {first} ({low} to {high} "
        "days).",
        "The injection of {second} held {days} days less than that of {first} ({low} to {high} "
        "days).",
        days,
    ).format(first=first, second=second, days=days, low=low, high=high)


def cycle_json(cycle: Cycle) -> dict[str, Any]:
    """Return a cycle as plain values; the wear-off day is None where it is not known."""
    fit = cycle.wear_off
    return {
        "injected": cycle.injected.isoformat(),
        "points": len(cycle.points),
        "wear_off_day": fit.day if fit else None,
        "low_day": fit.low if fit else None,
        "high_day": fit.high if fit else None,
        "base": fit.base if fit else None,
        "effect": fit.effect if fit else None,
        "topped_up_days": list(cycle.topped_up),
        "words": cycle.words,
    }
