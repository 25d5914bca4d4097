"""Weeks with and without something: what may be planned, what this week is, what came; no Qt."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from random import SystemRandom

from biofeedback.analysis.n_of_one import RATED, Weeks, plan_weeks, results_of, weeks_of
from biofeedback.analysis.told import weeks_words
from biofeedback.analysis.trends import local_day
from biofeedback.journal.day_nouns import Entry, NOfOne, kind_word
from biofeedback.text import _, plural
from biofeedback.training.tried import name_of

_MOST_SEED = 2**31


def made_plan(what: str, *, pairs: int, today: date) -> NOfOne:
    """Return weeks of `what` from `today` on, in an order by chance; raise `SettingsError`."""
    seed = SystemRandom().randrange(_MOST_SEED)
    return to_keep(what, plan_weeks(today, pairs=pairs, seed=seed), seed)


def to_keep(what: str, weeks: Weeks, seed: int) -> NOfOne:
    """Return weeks of `what` as the journal keeps them; `seed` is what made their order."""
    return NOfOne(what.strip(), weeks.began, {"weeks": weeks.plain(), "seed": seed})


def running(plans: Iterable[NOfOne], today: date) -> list[NOfOne]:
    """Return the plans that go on, or are yet to begin; the one that was planned last is last."""
    # what was stopped before it began has no day at all
    return [each for each in plans if max(today, each.began) < weeks_of(each).ends]


def stopped(plan: NOfOne, today: date) -> NOfOne:
    """Return a plan that is stopped: from `today` on nothing counts for it."""
    return replace(plan, ended=max(today, plan.began))


def this_week(plan: NOfOne, today: date) -> str:
    """Return what this week of a plan that goes on is, and until when, in a sentence."""
    weeks, name = weeks_of(plan), name_of(plan.what)
    week = weeks.week(today)
    if week is None:
        return _("{name}: it begins on {day}.").format(name=name, day=weeks.began)
    form = _("{name}: this week without it, until {weekday}, {day}.")
    if weeks.order[week]:
        form = _("{name}: this week with it, until {weekday}, {day}.")
    last = weeks.last_day(week)
    return form.format(name=name, weekday=weekday_word(last), day=last)


def weekday_word(day: date) -> str:
    """Return the day of the week."""
    return (
        _("Monday"),
        _("Tuesday"),
        _("Wednesday"),
        _("Thursday"),
        _("Friday"),
        _("Saturday"),
        _("Sunday"),
    )[day.weekday()]


def shown(plans: Sequence[NOfOne], entries: Sequence[Entry], today: date) -> Iterator[list[str]]:
    """Yield what came of each plan, or what is missing: of those that go on first, then the newest
    first."""
    going_on = running(plans, today)
    for plan in sorted(plans, key=lambda each: (each in going_on, each.began), reverse=True):
        yield list(_came(plan, entries, today))


def _came(plan: NOfOne, entries: Sequence[Entry], today: date) -> Iterator[str]:
    """Yield what came of a plan, or what is missing."""
    name, results = name_of(plan.what), list(results_of(plan, entries))
    for each in results:
        rated = each.text or kind_word(each.kind)
        yield weeks_words(each.found, name=name, began=plan.began, rated=rated)
    if not results:
        yield _("{name}: nothing was rated in its weeks yet, so there is not enough data.").format(
            name=name
        )
    if plan.ended is not None and not running([plan], today):
        yield _("It was stopped on {day}.").format(day=plan.ended)


def rated_days(entries: Sequence[Entry], plan: NOfOne, today: date) -> str:
    """Return on how many days of this week something was rated; empty where it has not begun."""
    weeks = weeks_of(plan)
    week = weeks.week(today)
    if week is None:
        return ""
    days = {local_day(each.at) for each in entries if each.kind in RATED}
    n = sum(weeks.week(day) == week for day in days)
    return plural(
        "Rated on {n} day of this week so far.", "Rated on {n} days of this week so far.", n
    ).format(n=n)
