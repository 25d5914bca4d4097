"""Trends over sittings: what changed a week, how sure that is, and two sittings side by side."""

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import numpy as np

from biofeedback.analysis.lines import Entry, Line, Sitting, What, lines, told_by
from biofeedback.dsp.slope import FEWEST, Slope, theil_sen
from biofeedback.text import _, plural

_DAY_S = 86_400.0
_WEEK_DAYS = 7.0
_NO_RATIO = ("%", "1", "0-10", "0-100")  # a ratio of shares or ratings misleads


@dataclass(frozen=True, slots=True)
class Trend:
    """A line and how it goes: `slope` a week, None with fewer than `slope.FEWEST` points."""

    line: Line
    slope: Slope | None

    @property
    def words(self) -> str:
        """What became of it, in a sentence."""
        points, unit = self.line.counted, self.line.what.unit_word
        if self.slope is None:
            return plural(
                "Not enough data for a trend: {n} point that counts, at least {least} are needed.",
                "Not enough data for a trend: {n} points that count, at least {least} are needed.",
                len(points),
            ).format(n=len(points), least=FEWEST)
        low, high = signed(self.slope.low), f"{signed(self.slope.high)} {unit}".strip()
        change = f"{digits(abs(self.slope.change))} {unit}".strip()
        first, last = local_day(points[0].at), local_day(points[-1].at)
        if not self.slope.clear:
            return _(
                "From {first} to {last} there is no clear change: between {low} and {high} a week."
            ).format(first=first, last=last, low=low, high=high)
        if self.slope.change < 0:
            return _(
                "From {first} to {last} it fell by {change} a week (95 %: {low} to {high} a week)."
            ).format(first=first, last=last, change=change, low=low, high=high)
        return _(
            "From {first} to {last} it rose by {change} a week (95 %: {low} to {high} a week)."
        ).format(first=first, last=last, change=change, low=low, high=high)

    @property
    def invalid_words(self) -> str:
        """How much of the time did not count; empty where all of it was entered by hand."""
        known = [p.invalid_percent for p in self.line.points if not math.isnan(p.invalid_percent)]
        if not known:
            return ""
        out = len(self.line.points) - len(self.line.counted)
        words = [
            _(
                "Invalid time is in no value: {median:.0f} % of a usual sitting, {most:.0f} % at "
                "most."
            ).format(median=float(np.median(known)), most=max(known))
        ]
        if out:
            words.append(
                plural(
                    "{n} point with more than half invalid is shown hollow and does not count.",
                    "{n} points with more than half invalid are shown hollow and do not count.",
                    out,
                ).format(n=out)
            )
        return " ".join(words)


def trends(sittings: Iterable[Sitting], entries: Iterable[Entry] = ()) -> list[Trend]:
    """Return how everything goes that may be compared, the most telling first (docs/trends.md).

    What is simulated or hidden is left out; bands, muscles, protocols and phases are kept apart.
    """
    return [trend(line) for line in lines(sittings, entries)]


def trend(line: Line) -> Trend:
    """Return how a line goes."""
    points = line.counted
    days = np.array([point.at.timestamp() / _DAY_S for point in points])
    values = np.array([point.value for point in points])
    return Trend(line, theil_sen(days / _WEEK_DAYS, values))


def trend_json(found: Trend) -> dict[str, Any]:
    """Return a trend as plain values; times as ISO 8601, in their own zone."""
    what, slope = found.line.what, found.slope
    return {
        "name": what.measure,
        **{key: value for key, value in asdict(what).items() if key not in ("measure", "name")},
        "own_name": what.name,
        "compared": what.words,
        "points": [
            {
                "at": point.at.isoformat(),
                "value": point.value,
                "invalid_percent": point.invalid_percent,
                "counts": point.counts,
                "sitting": point.sitting or None,
            }
            for point in found.line.points
        ],
        "change_per_week": slope.change if slope else None,
        "low_per_week": slope.low if slope else None,
        "high_per_week": slope.high if slope else None,
        "words": found.words,
    }


@dataclass(frozen=True, slots=True)
class Pair:
    """A measure of two sittings, NaN where one does not tell it; `invalid` percent of each."""

    what: What
    first: float
    second: float
    invalid: tuple[float, float]

    @property
    def change_percent(self) -> float:
        """How much the second is over the first, NaN where that means nothing."""
        if self.what.unit in _NO_RATIO or not self.first > 0:
            return math.nan
        return 100.0 * (self.second / self.first - 1)


def compare(first: Sitting, second: Sitting) -> list[Pair]:
    """Return what two sittings tell, side by side, the most telling first.

    Only what is of the same muscle, band, protocol and phase stands on one row.
    """
    a, b = dict(told_by(first)), dict(told_by(second))
    pairs = []
    for what in dict.fromkeys((*a, *b)):
        points = a.get(what), b.get(what)
        left, right = (point.value if point else math.nan for point in points)
        out = [point.invalid_percent if point else math.nan for point in points]
        pairs.append(Pair(what, left, right, (out[0], out[1])))
    return sorted(pairs, key=lambda pair: math.isnan(pair.first + pair.second))


def why_apart(first: Sitting, second: Sitting) -> str:
    """Return what keeps two sittings from being compared throughout; empty where nothing does."""
    words = []
    if first.conditions.band_hz != second.conditions.band_hz:
        words.append(_("They were measured in different bands, which read differently."))
    if first.conditions.simulated != second.conditions.simulated:
        words.append(_("One of them is simulated."))
    if first.summary.get("protocol", "") != second.summary.get("protocol", ""):
        words.append(_("They followed different trainings."))
    return " ".join(words)


def local_day(at: datetime) -> date:
    """Return the day of a moment where the user is."""
    return at.astimezone().date()


def signed(value: float) -> str:
    """Return a change with its sign, as it is printed."""
    sign = "−" if value < 0 else "+" if value > 0 else ""
    return sign + digits(abs(value))


def digits(value: float) -> str:
    """Return a value with two digits, or all of a whole number's."""
    return f"{value:.0f}" if abs(value) >= 10 else f"{value:.2g}"
