"""Questions for the doctor: those that the data suggest, and those that are always worth asking."""

from collections.abc import Iterator
from itertools import pairwise
from statistics import median

from biofeedback.analysis.effects import HELPS
from biofeedback.analysis.trends import Trend
from biofeedback.journal.noted import what_word
from biofeedback.reports.done import (
    after_injection,
    injections,
    medicines,
    short,
    wear_off_day,
)
from biofeedback.reports.headline import Headline, ids_of
from biofeedback.reports.helps import newest_trials
from biofeedback.reports.history import History
from biofeedback.reports.noted import soon_after_injection
from biofeedback.reports.parts import Statement
from biofeedback.reports.timeline import worn_off
from biofeedback.text import _, plural
from biofeedback.training.tried import name_of

_MOST_HELPS, _MOST_WORDS = 3, 4  # named; what more there is, is counted
_USUAL_DAYS = 84.0  # 12 weeks: the usual shortest time between injections (docs/cycle.md)


def questions(history: History, head: Headline, found: list[Trend]) -> Iterator[Statement]:
    """Yield the questions that the data suggest."""
    yield from _of_cycle(history, head)
    yield from _of_trials(history)
    yield from _of_symptoms(history, found)
    yield from _of_notes(history)
    yield from _of_medicines(history)


def usual_questions() -> tuple[Statement, ...]:
    """Return the questions that are worth asking whatever was measured."""
    return (
        Statement(_("What is the cause, as far as it is known, and which tests are worth doing?")),
        Statement(_("Is this likely to be temporary, or to last?")),
        Statement(_("Which treatments are there, and what are their side effects?")),
        Statement(_("How does it go together with my other conditions and medicines?")),
    )


def _first(names: list[str], most: int) -> str:
    """Return the first names, and how many more there are."""
    told, more = ", ".join(names[:most]), len(names) - most
    if more <= 0:
        return told
    return plural("{names} and {n} more", "{names} and {n} more", more).format(names=told, n=more)


def _of_cycle(history: History, head: Headline) -> Iterator[Statement]:
    day = wear_off_day(head.cycles)
    if day is None:
        return
    known = worn_off(head.cycles)
    dates = {cycle.injected for cycle, _fit in known}
    given = tuple(str(each.id) for each in injections(history) if each.on in dates)
    sat = tuple(point.sitting for cycle, _fit in known for point in cycle.points)
    gaps = [(after.injected - before.injected).days for before, after in pairwise(head.cycles)]
    between = median(gaps) if gaps else _USUAL_DAYS
    values = {"day": day, "n": len(known), "between": between}
    said = _("The effect seems to fade around day {day:.0f}: does that fit what you expect?")
    if day < between:
        said = _("The effect seems to fade around day {day:.0f}: should the interval change?")
    yield Statement(said.format(day=day), of=(*given, *sat), values=values)


def _of_trials(history: History) -> Iterator[Statement]:
    helped = [trial for trial in newest_trials(history) if trial.result["verdict"] == HELPS]
    if helped:
        names = _first([name_of(trial.what) for trial in helped], _MOST_HELPS)
        yield Statement(
            _("This helped while it lasted: {names}. How can I make use of it?").format(
                names=names
            ),
            of=tuple(str(trial.id) for trial in helped),
            values={"names": names},
        )


def _of_symptoms(history: History, found: list[Trend]) -> Iterator[Statement]:
    """Ask after the symptom, pain or stress that surely got worse, the first of them."""
    for trend in found:
        what, slope = trend.line.what, trend.slope
        felt = what.measure in ("symptom", "pain", "stress", "tension") and not what.muscle
        if felt and slope is not None and slope.clear and slope.change > 0:
            title = short(what.name or what.title, 40)
            yield Statement(
                _("“{title}” got worse over this time: what could be behind it?").format(
                    title=title
                ),
                of=ids_of(trend.line, history),
                values={"title": title, "change": slope.change, "low": slope.low},
            )
            return


def _of_notes(history: History) -> Iterator[Statement]:
    soon = after_injection(history)
    if effects := soon_after_injection(history):
        words = list(dict.fromkeys(what_word(each.what) or each.text for each in effects))
        names = _first([short(each, 30) for each in words], _MOST_WORDS)
        yield Statement(
            _(
                "In the weeks after an injection I noted: {names}. Are those side effects, and "
                "should the dose or the places change?"
            ).format(names=names),
            of=tuple(str(each.id) for each in effects),
            values={"names": names},
        )
    elif soon:
        yield Statement(
            plural(
                "I noted something in the weeks after an injection {n} time: is that a side "
                "effect, and should the dose or the places change?",
                "I noted something in the weeks after an injection {n} times: are those side "
                "effects, and should the dose or the places change?",
                len(soon),
            ).format(n=len(soon)),
            of=tuple(str(entry.id) for entry, _days in soon),
            values={"n": len(soon)},
        )


def _of_medicines(history: History) -> Iterator[Statement]:
    taken = [each for each in medicines(history, now=True) if each.kind == "medicine"]
    if taken:
        names = _first([short(each.name, 30) for each in taken], _MOST_WORDS)
        yield Statement(
            _("I take {names}: could any of it make the tension better or worse?").format(
                names=names
            ),
            of=tuple(str(each.id) for each in taken),
            values={"names": names},
        )
