"""What the page of trends shows and says: read from the journal, worked out; no Qt."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from biofeedback.analysis.cycle import Cycle, against, cycles
from biofeedback.analysis.lines import What
from biofeedback.analysis.trends import Trend, local_day, trends
from biofeedback.display.days.picture import SHAPES, Days, Dot, Group
from biofeedback.display.sitting.view_model import FINE, round_up
from biofeedback.journal.day_nouns import Treatment
from biofeedback.journal.nouns import Sitting
from biofeedback.muscles import shown_label
from biofeedback.text import _, plural
from biofeedback.training.protocol_file import protocol_title
from biofeedback.words import band_word

if TYPE_CHECKING:  # a database takes half a second to load
    from biofeedback.journal.journal import Journal

MOST_CYCLES = len(SHAPES)
_CURVE_DAYS = 1.0
_WEEK_DAYS = 7
_SHOWN_BEFORE_DAYS = 28  # what was done before the first sitting still holds then


@dataclass(frozen=True, slots=True)
class Told:
    """What is seen and read: `legend` says what is what in the picture, `words` what became of it.

    `what`: what exactly is compared.
    """

    days: Days | None
    what: str
    legend: str
    words: str


@dataclass(frozen=True, slots=True)
class Kept:
    """All that is known of a person's days."""

    trends: tuple[Trend, ...] = ()
    treatments: tuple[Treatment, ...] = ()
    sittings: tuple[Sitting, ...] = ()

    @property
    def left_out(self) -> str:
        """How many sittings are in no line, and why; empty where all are."""
        hidden = sum(bool(sitting.hidden) for sitting in self.sittings)
        simulated = sum(s.conditions.simulated and not s.hidden for s in self.sittings)
        words = []
        if hidden:
            words.append(
                plural(
                    "{n} sitting that you left out is not in it.",
                    "{n} sittings that you left out are not in it.",
                    hidden,
                ).format(n=hidden)
            )
        if simulated:
            words.append(
                plural(
                    "{n} simulated sitting is not in it.",
                    "{n} simulated sittings are not in it.",
                    simulated,
                ).format(n=simulated)
            )
        return " ".join(words)


def read_kept(journal: "Journal", person: str) -> Kept:
    """Return what the journal knows of `person`; raises `JournalError`."""
    sittings = journal.sittings(person)
    found = trends(sittings, journal.entries(person))
    return Kept(tuple(found), tuple(journal.treatments(person)), tuple(sittings))


def where_word(what: What) -> str:
    """Return what tells lines of one measure apart."""
    if not what.muscle:
        return _("as entered")
    parts = [
        shown_label(what.muscle),
        protocol_title(what.protocol) if what.protocol else _("whole recordings"),
        band_word(what.band_hz),
    ]
    return " · ".join(parts)


def trend_told(trend: Trend, treatments: Iterable[Treatment]) -> Told:
    """Return a line over time, with the treatments."""
    points = trend.line.points
    start = local_day(points[0].at)
    at = [point.at.timestamp() / 86_400 for point in points]
    days = [each - at[0] for each in at]
    dots = tuple(
        Dot(day, point.value, not point.counts, point.invalid_percent)
        for day, point in zip(days, points, strict=True)
    )
    last = max(days[-1], 1.0)
    marks = tuple(
        (float((given.on - start).days), given.name)
        for given in treatments
        if -_SHOWN_BEFORE_DAYS <= (given.on - start).days <= last
    )
    line, limits = _slope_lines(trend, dots, last)
    bottom, top = _scale([dot.value for dot in dots])
    ticks = [(0.0, f"{start}"), (last, f"{start + timedelta(days=round(last))}")]
    ticks += [(last * k / 4, f"{start + timedelta(days=round(last * k / 4))}") for k in (2, 1, 3)]
    drawn = Days(
        min([0.0, *(day for day, _name in marks)]) - 0.02 * last,
        1.02 * last,
        bottom,
        top,
        tuple(dict.fromkeys(ticks)),
        (Group(dots, line, limits),),
        marks,
    )
    legend = [_with_unit(trend.line.what)]
    if line:
        legend.append(_("line: the slope, dotted: its 95 % interval"))
    if marks:
        legend.append(_("dashed with a flag: a treatment"))
    if any(dot.invalid_percent > 0 for dot in dots):
        legend.append(_("bars below: invalid time in %"))
    words = [trend.words, trend.invalid_words]
    if marks:
        given = [f"{start + timedelta(days=day)} {name}" for day, name in marks]
        words.append(_("Treatments: {given}.").format(given="; ".join(given)))
    return Told(drawn, trend.line.what.words, " · ".join(legend), "\n".join(filter(None, words)))


_Points = tuple[tuple[float, float], ...]


def _slope_lines(
    trend: Trend, dots: Sequence[Dot], last: float
) -> tuple[_Points, tuple[_Points, ...]]:
    """Return the slope's line through the middle of what counts, and its limits."""
    if trend.slope is None:
        return (), ()
    known = [(dot.day, dot.value) for dot in dots if not dot.hollow]
    day, value = (float(np.median(each)) for each in zip(*known, strict=True))

    def through(change: float) -> _Points:
        return tuple((x, value + change * (x - day) / _WEEK_DAYS) for x in (0.0, last))

    slope = trend.slope
    return through(slope.change), (through(slope.low), through(slope.high))


def cycles_told(trend: Trend, treatments: Iterable[Treatment]) -> Told:
    """Return a line on days since each injection, the latest cycle first."""
    found = cycles(trend.line, treatments)
    what = trend.line.what
    if not found:
        said = _("No injection is noted yet: with one, this shows how long its effect held.")
        return Told(None, what.words, "", said)
    shown = [cycle for cycle in found if cycle.points][-MOST_CYCLES:][::-1]
    words = [_of_cycle(cycle.injected, cycle.words) for cycle in reversed(found)]
    if compared := against(found):
        words.insert(0, compared)
    if not shown:
        return Told(None, what.words, "", "\n".join(words))
    last = max(float(cycle.days.max()) for cycle in shown)
    last = max(7.0, math.ceil(last / 7) * 7.0)
    bottom, top = _scale([float(v) for cycle in shown for v in cycle.values])
    step = next(s for s in (7, 14, 28, 56, 112, 10_000) if last / s <= 10)
    ticks = tuple((float(day), f"{day}") for day in range(0, int(last) + 1, step))
    groups = tuple(_group(cycle) for cycle in shown)
    marks = tuple((float(d), _("completed")) for cycle in shown for d in cycle.topped_up)
    legend = [_("{measure}, on days since the injection").format(measure=_with_unit(what))]
    legend += [
        _("{shape} injected {day}").format(shape=shape, day=cycle.injected)
        for shape, cycle in zip(SHAPES, shown, strict=False)
    ]
    if any(cycle.wear_off for cycle in shown):
        legend.append(_("bar: the day half the effect was lost, nine times in ten"))
    drawn = Days(-0.02 * last, 1.02 * last, bottom, top, ticks, groups, marks)
    return Told(drawn, what.words, " · ".join(legend), "\n".join(words))


def _group(cycle: Cycle) -> Group:
    pairs = zip(cycle.days.tolist(), cycle.values.tolist(), cycle.points, strict=True)
    dots = tuple(
        Dot(day, value, invalid_percent=point.invalid_percent) for day, value, point in pairs
    )
    fit = cycle.wear_off
    if fit is None:
        return Group(dots)
    days = np.arange(0.0, float(cycle.days.max()) + _CURVE_DAYS, _CURVE_DAYS)
    curve = tuple(zip(days.tolist(), fit.level(days).tolist(), strict=True))
    half = float(fit.level(np.array([fit.day]))[0])
    return Group(dots, curve, span=(fit.low, fit.high, half))


def _of_cycle(injected: date, words: str) -> str:
    return _("Injection of {day}: {words}").format(day=injected, words=words)


def _with_unit(what: What) -> str:
    if not what.unit_word:
        return what.title
    return _("{measure} in {unit}").format(measure=what.title, unit=what.unit_word)


def _scale(values: Sequence[float]) -> tuple[float, float]:
    """Return the ends of the scale: from 0, where nothing lies below it."""
    top = round_up(max(1.05 * max(values), 1e-3), steps=FINE)
    return (0.0 if min(values) >= 0 else -round_up(-1.05 * min(values), steps=FINE)), top
