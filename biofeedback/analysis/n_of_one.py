"""Weeks with and without something, in random order within pairs: does it help this one person."""

import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from biofeedback.analysis.effects import HELPS, NO_DIFFERENCE, UNKNOWN, WORSE
from biofeedback.analysis.trends import local_day
from biofeedback.dsp.intervals import t_interval
from biofeedback.errors import SettingsError
from biofeedback.text import plural

FEWEST_PAIRS, MOST_PAIRS = 3, 26
_DAYS = 7
# The first day of a week still feels the one before; and a week of one good day is none.
_LEFT_OUT_DAYS, _FEWEST_DAYS = 1, 3
# Of a scale; less is called no difference. Acute pain that differed by 9 of 100 (95 % interval 6 to
# 13) people called a little more or less: Kelly 1998, doi 10.1111/j.1553-2712.1998.tb02667.x.
_LEAST_SHARE = 0.1

RATED = {"pain": 10.0, "tension": 10.0, "stress": 10.0, "symptom": 100.0}
"""What is rated by hand and better where it is less, with the most that it can be."""
_WITH, _WITHOUT = "on", "off"


class Planned(Protocol):
    """A plan as the journal keeps it; `plan` has the `weeks`, each on or off."""

    @property
    def began(self) -> date: ...
    @property
    def plan(self) -> Mapping[str, Any]: ...
    @property
    def ended(self) -> date | None: ...


class Rating(Protocol):
    """What was rated at a moment, as the journal has it; `text` is the name of an own symptom."""

    @property
    def at(self) -> datetime: ...
    @property
    def kind(self) -> str: ...
    @property
    def value(self) -> float | None: ...
    @property
    def text(self) -> str: ...


_Rating = TypeVar("_Rating", bound=Rating)


@dataclass(frozen=True, slots=True)
class Weeks:
    """A plan: for each week from the day it `began` on, whether it is with (True) or without.

    `ended`: the first day that counts no more, where it was stopped; None: it went on to its end.
    """

    began: date
    order: tuple[bool, ...]
    ended: date | None = None

    def week(self, day: date) -> int | None:
        """Return which week `day` is of, from 0; None before the first and after the last."""
        number = (day - self.began).days // _DAYS
        return number if 0 <= number < len(self.order) and day < self.ends else None

    def with_it(self, day: date) -> bool | None:
        """Return whether `day` is of a week with it; None before the first and after the last."""
        week = self.week(day)
        return None if week is None else self.order[week]

    def last_day(self, week: int) -> date:
        """Return the last day of a week, from 0."""
        return self.began + timedelta(days=_DAYS * (week + 1) - 1)

    @property
    def ends(self) -> date:
        """The first day after it."""
        whole = self.last_day(len(self.order) - 1) + timedelta(days=1)
        return whole if self.ended is None else min(whole, self.ended)

    def plain(self) -> list[str]:
        """Return the order as it is kept."""
        return [_WITH if with_it else _WITHOUT for with_it in self.order]


def weeks_of(planned: Planned) -> Weeks:
    """Return the weeks of a plan as it was kept."""
    order = tuple(week == _WITH for week in planned.plan.get("weeks", ()))
    return Weeks(planned.began, order, planned.ended)


@dataclass(frozen=True, slots=True)
class Found:
    """What came of it: `difference` of with less without, in the unit of the values, and its 95 %
    interval; NaN where not known. `pairs` of weeks counted. `why`: a sentence where nothing is
    known, and what is missing."""

    verdict: str
    difference: float
    low: float
    high: float
    pairs: int
    why: str = ""


def plan_weeks(began: date, *, pairs: int = FEWEST_PAIRS, seed: int) -> Weeks:
    """Return so many `pairs` of weeks, with and without in random order within each.

    Raises `SettingsError` where there are too few or too many.
    """
    if not FEWEST_PAIRS <= pairs <= MOST_PAIRS:
        raise SettingsError(
            plural(
                "{pairs} pair of weeks is too few; give {low} to {high}.",
                "{pairs} pairs of weeks are too few or too many; give {low} to {high}.",
                pairs,
            ).format(pairs=pairs, low=FEWEST_PAIRS, high=MOST_PAIRS)
        )
    chance = random.Random(seed)  # noqa: S311 - an order, not a secret
    order: list[bool] = []
    for _pair in range(pairs):
        first = chance.random() < 0.5
        order += [first, not first]
    return Weeks(began, tuple(order))


def find_difference(weeks: Weeks, values: Iterable[tuple[date, float]], *, scale: float) -> Found:
    """Return whether the weeks with it differ, where lower ratings are better.

    `values`: days and what was rated on each, from 0 to `scale`. The first day of each week is left
    out, a week with fewer than 3 days that have one counts not, nor does its pair. Of a smaller
    difference than a tenth of the scale it is said that none was found. The interval is Student's t
    of the differences of the pairs' means.
    """
    days: list[dict[date, list[float]]] = [{} for _week in weeks.order]
    for day, value in values:
        week, of_week = weeks.week(day), (day - weeks.began).days % _DAYS
        if week is not None and of_week >= _LEFT_OUT_DAYS and not math.isnan(value):
            days[week].setdefault(day, []).append(value)
    means = [_mean([_mean(each) for each in week.values()], _FEWEST_DAYS) for week in days]
    differences = [
        (means[i] - means[i + 1]) * (1 if weeks.order[i] else -1) for i in range(0, len(means), 2)
    ]
    known = np.array([each for each in differences if not math.isnan(each)])
    if len(known) < FEWEST_PAIRS:
        why = plural(
            "{n} pair of weeks counts so far, and {least} are needed: in each week ratings on "
            "{days} days, besides its first day.",
            "{n} pairs of weeks count so far, and {least} are needed: in each week ratings on "
            "{days} days, besides its first day.",
            len(known),
        ).format(n=len(known), least=FEWEST_PAIRS, days=_FEWEST_DAYS)
        return Found(UNKNOWN, math.nan, math.nan, math.nan, len(known), why)
    mean, low, high = (float(each) for each in t_interval(known))
    least = _LEAST_SHARE * scale
    verdict = NO_DIFFERENCE
    if high < 0 and mean <= -least:
        verdict = HELPS
    elif low > 0 and mean >= least:
        verdict = WORSE
    return Found(verdict, mean, low, high, len(known))


@dataclass(frozen=True, slots=True)
class Result(Generic[_Rating]):
    """What came of one thing that was rated meanwhile: its `kind`, and an own symptom's name."""

    kind: str
    text: str
    ratings: tuple[_Rating, ...]
    found: Found


def results_of(planned: Planned, entries: Iterable[_Rating]) -> Iterator[Result[_Rating]]:
    """Yield what came of a plan in each thing that was rated in its weeks, by kind and name."""
    weeks = weeks_of(planned)
    rated: dict[tuple[str, str], list[_Rating]] = {}
    for entry in entries:
        inside = weeks.week(local_day(entry.at)) is not None
        if entry.kind in RATED and entry.value is not None and inside:
            rated.setdefault((entry.kind, entry.text), []).append(entry)
    for (kind, text), ratings in sorted(rated.items()):
        values = [(local_day(each.at), float(each.value or 0.0)) for each in ratings]
        found = find_difference(weeks, values, scale=RATED[kind])
        yield Result(kind, text, tuple(ratings), found)


def _mean(values: Sequence[float], fewest: int = 1) -> float:
    return float(np.mean(values)) if len(values) >= fewest else math.nan
