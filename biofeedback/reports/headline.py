"""The few numbers that a year comes to: rest time and tension, at first and lately."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from biofeedback.analysis.cycle import Cycle, cycles
from biofeedback.analysis.lines import Line, What
from biofeedback.analysis.trends import Trend, local_day, trends
from biofeedback.muscles import shown_label
from biofeedback.reports.history import History
from biofeedback.reports.parts import Statement
from biofeedback.text import _, plural
from biofeedback.words import Signed, band_word

END_DAYS = 84
"""The beginning and the end of a year are so long, the usual time between two injections: a shorter
one would hold a muscle soon after one against the same muscle long after."""


@dataclass(frozen=True, slots=True)
class Headline:
    """How rest time and tension of one muscle, band and protocol go; None where there is none.

    `cycles`: of the tension.
    """

    rest: Trend | None
    tension: Trend | None
    cycles: tuple[Cycle, ...]


def all_trends(history: History) -> list[Trend]:
    """Return what may be compared over the sittings and entries.

    Where there is nothing but simulated sittings these count: the page is stamped.
    """
    sittings = history.sittings
    if history.simulated:
        sittings = tuple(
            replace(each, conditions=replace(each.conditions, simulated=False)) for each in sittings
        )
    return trends(sittings, history.entries)


def headline(history: History, found: Sequence[Trend]) -> Headline:
    """Return the headline of the muscle, band and protocol with the most points."""
    tension = longest(found, ("baseline", "tension"))
    where = _where(tension.line.what) if tension else None
    rest = longest([t for t in found if where in (None, _where(t.line.what))], _REST)
    return Headline(rest, tension, _cycles(tension, history))


_REST = ("relative_rest_time",)


def longest(found: Sequence[Trend], measures: Sequence[str]) -> Trend | None:
    """Return the trend with the most points of the first of `measures` that there is."""
    for measure in measures:
        of_it = [t for t in found if t.line.what.measure == measure and t.line.what.muscle]
        if of_it:
            return max(of_it, key=lambda trend: len(trend.line.points))
    return None


def _where(what: What) -> tuple[object, ...]:
    return what.muscle, what.band_hz, what.protocol


def _cycles(tension: Trend | None, history: History) -> tuple[Cycle, ...]:
    return tuple(cycles(tension.line, history.treatments)) if tension else ()


def ids_of(line: Line, history: History) -> tuple[str, ...]:
    """Return the ids of what a line is made from: sittings, or entries."""
    if line.what.muscle:
        return tuple(point.sitting for point in line.points)
    return tuple(
        str(each.id)
        for each in history.entries
        if each.kind == line.what.measure and line.what.name in ("", each.text)
    )


def where_words(history: History, trend: Trend, title: str) -> Statement:
    """Return of what muscle, band and training the numbers are, and how much of it was valid."""
    what, line = trend.line.what, trend.line
    valid = valid_percent(line)
    muscle, band = shown_label(what.muscle), band_word(what.band_hz)
    words = {"muscle": muscle, "band": band, "title": title}
    if math.isnan(valid):
        said = _("Measured on: {muscle}, {band}, in “{title}”.").format(
            muscle=muscle, band=band, title=title
        )
    else:
        said = _(
            "Measured on: {muscle}, {band}, in “{title}”; {valid:.0f} % of the time had a valid "
            "signal, and only that counts."
        ).format(muscle=muscle, band=band, title=title, valid=valid)
    return Statement(said, of=ids_of(line, history), values=words | {"valid": valid})


def valid_percent(line: Line) -> float:
    """Return the middle of how much of its sittings' time was valid; NaN for what was entered."""
    known = [100 - p.invalid_percent for p in line.points if not math.isnan(p.invalid_percent)]
    return median(known) if known else math.nan


@dataclass(frozen=True, slots=True)
class Ends:
    """The medians of the `first` and the `last` `days` of a line, and of how many points each."""

    first: float
    last: float
    days: int
    counts: tuple[int, int]


def ends_of(line: Line) -> Ends | None:
    """Return how a line began and where it is; None where there is nothing to hold against."""
    points = [(local_day(point.at), point.value) for point in line.counted]
    if len(points) < 2:
        return None
    begin, end = points[0][0], points[-1][0]
    days = min(END_DAYS, ((end - begin).days + 1) // 2)
    early = [value for day, value in points if (day - begin).days < days]
    late = [value for day, value in points if (end - day).days < days]
    if not (early and late):
        return None
    return Ends(median(early), median(late), days, (len(early), len(late)))


def trend_statement(history: History, trend: Trend) -> Statement:
    """Return where a line began, where it is, and how sure it is that it moved."""
    line, slope, ends = trend.line, trend.slope, ends_of(trend.line)
    unit, title = line.what.unit_word, line.what.title
    values: dict[str, float | str] = {"title": title, "trend": trend.words, "unit": unit}
    if slope is None or ends is None:
        said = _("{title}: {trend}").format(title=title, trend=trend.words)
        return Statement(said, of=ids_of(line, history), values=values)
    values |= {"first": ends.first, "last": ends.last, "days": ends.days}
    values |= {"change": slope.change, "low": slope.low, "high": slope.high}
    said = plural(
        "{title}: {first} in the first {days} day, {last} in the last {days} (medians). {trend}",
        "{title}: {first} in the first {days} days, {last} in the last {days} (medians). {trend}",
        ends.days,
    ).format(
        title=title,
        first=f"{Signed(ends.first):.3g} {unit}".rstrip(),
        last=f"{Signed(ends.last):.3g} {unit}".rstrip(),
        days=ends.days,
        trend=trend.words,
    )
    return Statement(said, of=ids_of(line, history), values=values)
