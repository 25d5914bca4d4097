"""Weeks with and without something, in random order within pairs: does it help this one person."""

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from biofeedback.analysis.effects import HELPS, NO_DIFFERENCE, UNKNOWN, WORSE
from biofeedback.dsp.intervals import t_interval
from biofeedback.errors import SettingsError
from biofeedback.text import _

FEWEST_PAIRS, MOST_PAIRS = 3, 26
_DAYS = 7
# The first day of a week still feels the one before; and a week of one good day is none.
_LEFT_OUT_DAYS, _FEWEST_DAYS = 1, 3
# Of a scale; less nobody calls a difference: of pain 9 of 100 (Kelly, Acad Emerg Med 1998).
_LEAST_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Weeks:
    """A plan: for each week from the day it `began` on, whether it is with (True) or without."""

    began: date
    order: tuple[bool, ...]

    def with_it(self, day: date) -> bool | None:
        """Return whether `day` is of a week with it; None before the first and after the last."""
        week = (day - self.began).days // _DAYS
        return self.order[week] if 0 <= week < len(self.order) else None

    @property
    def ends(self) -> date:
        """The first day after it."""
        return self.began + timedelta(days=_DAYS * len(self.order))


@dataclass(frozen=True, slots=True)
class Found:
    """What came of it: `difference` of with less without, in the unit of the values, and its 95 %
    interval; NaN where not known. `pairs` of weeks counted. `why`: a sentence where nothing is
    known."""

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
            _("{pairs} pairs of weeks are too few or too many; give {low} to {high}.").format(
                pairs=pairs, low=FEWEST_PAIRS, high=MOST_PAIRS
            )
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
        week, of_week = divmod((day - weeks.began).days, _DAYS)
        if 0 <= week < len(days) and of_week >= _LEFT_OUT_DAYS and not math.isnan(value):
            days[week].setdefault(day, []).append(value)
    means = [_mean([_mean(each) for each in week.values()], _FEWEST_DAYS) for week in days]
    differences = [
        (means[i] - means[i + 1]) * (1 if weeks.order[i] else -1) for i in range(0, len(means), 2)
    ]
    known = np.array([each for each in differences if not math.isnan(each)])
    if len(known) < FEWEST_PAIRS:
        why = _("At least {n} pairs of weeks with entries on {days} days each are needed.").format(
            n=FEWEST_PAIRS, days=_FEWEST_DAYS
        )
        return Found(UNKNOWN, math.nan, math.nan, math.nan, len(known), why)
    mean, low, high = (float(each) for each in t_interval(known))
    least = _LEAST_SHARE * scale
    verdict = NO_DIFFERENCE
    if high < 0 and mean <= -least:
        verdict = HELPS
    elif low > 0 and mean >= least:
        verdict = WORSE
    return Found(verdict, mean, low, high, len(known))


def _mean(values: Sequence[float], fewest: int = 1) -> float:
    return float(np.mean(values)) if len(values) >= fewest else math.nan
