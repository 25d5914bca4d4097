"""How a course stands: what was wanted, what was done, what comes next; no Qt and no clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from typing import TYPE_CHECKING

from biofeedback.journal.nouns import Course, Sitting
from biofeedback.text import _, plural
from biofeedback.training.course import stage_of

if TYPE_CHECKING:  # a database takes half a second to load
    from biofeedback.journal.journal import Journal

PER_WEEK = tuple(range(1, 8))
"""How often a week may be chosen: not twice a day."""
LENGTHS = (6, 8, 10, 12, 16, 20, 24, 30)
"""How many sittings may be chosen."""
USUAL_PER_WEEK, USUAL_LENGTH = 3, 20

_WEEKDAYS = (
    _("The last one was on Monday."),
    _("The last one was on Tuesday."),
    _("The last one was on Wednesday."),
    _("The last one was on Thursday."),
    _("The last one was on Friday."),
    _("The last one was on Saturday."),
    _("The last one was on Sunday."),
)


def course_days(
    course: Course, sittings: Iterable[Sitting], *, zone: tzinfo | None = None
) -> list[date]:
    """Return the local dates of a course's sittings, oldest first; `zone` None: the computer's.

    A sitting counts that was begun since the course was, with its protocol and a real sensor, and
    that went to its end; one that was hidden from trends counts all the same.
    """
    days = (
        each.started.astimezone(zone).date()
        for each in sittings
        if each.summary.get("protocol") == course.protocol
        and not each.conditions.simulated
        and not each.interrupted
    )
    return sorted(day for day in days if day >= course.began)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a course stands on a day. `number`: of the next sitting, from 1; `last`: its day."""

    number: int
    sittings: int
    per_week: int
    this_week: int
    last: date | None

    @property
    def complete(self) -> bool:
        """Whether all sittings were done."""
        return self.number > self.sittings


def standing(course: Course, days: Sequence[date], today: date) -> Standing:
    """Return how a course stands `today`, from the days of its sittings; weeks begin on Monday."""
    monday = today - timedelta(days=today.weekday())
    return Standing(
        number=len(days) + 1,
        sittings=course.sittings,
        per_week=course.per_week,
        this_week=sum(monday <= day <= today for day in days),
        last=max(days, default=None),
    )


def number_words(number: int, sittings: int) -> str:
    """Return which of so many sittings comes next, or that all were done."""
    if number > sittings:
        return plural(
            "{n} sitting: the course is complete.",
            "All {n} sittings: the course is complete.",
            sittings,
        ).format(n=sittings)
    return _("Sitting {n} of {all}").format(n=number, all=sittings)


def reminder(stands: Standing, today: date) -> str:
    """Return a few sentences that remind, and scold nobody."""
    if stands.complete:
        return _("You may go on as you like, or plan another course.")
    wanted = _("You wanted to train once a week.")
    if stands.per_week > 1:
        wanted = plural(
            "You wanted to train {n} time a week.",
            "You wanted to train {n} times a week.",
            stands.per_week,
        ).format(n=stands.per_week)
    return " ".join(filter(None, (wanted, _week_words(stands), _last_words(stands.last, today))))


def fading_words(fading: tuple[int, ...], sitting: int) -> str:
    """Return how much a course shows in its `sitting`; empty for a protocol that does not fade."""
    if not fading:
        return ""
    return (
        _("Now: you see the signal in every trial."),
        _("Now: you see the signal in every other trial."),
        _("Now: you see how it went at the end of each trial."),
        _("Now: without seeing the signal, to find out what stays."),
    )[stage_of(fading, sitting)]


def _week_words(stands: Standing) -> str:
    done = stands.this_week
    if not done:
        return _("This week is still open.")
    if done >= stands.per_week:
        return _("This week you did.")
    return plural("This week: {n} sitting so far.", "This week: {n} sittings so far.", done).format(
        n=done
    )


def _last_words(last: date | None, today: date) -> str:
    """Return when the last sitting was."""
    if last is None:
        return ""
    ago = (today - last).days
    if ago <= 0:
        return _("The last one was today.")
    if ago == 1:
        return _("The last one was yesterday.")
    if ago < 7:
        return _WEEKDAYS[last.weekday()]
    weeks = ago // 7
    if weeks == 1:
        return _("The last one was a week ago.")
    return plural(
        "The last one was {n} week ago.", "The last one was {n} weeks ago.", weeks
    ).format(n=weeks)


@dataclass(frozen=True, slots=True)
class Plan:
    """A person's course; None where there is none, and then the `earlier` one may be taken up.

    `days`: the local dates of the sittings of whichever there is.
    """

    course: Course | None
    earlier: Course | None = None
    days: tuple[date, ...] = ()


def read_plan(journal: "Journal", person: str, sittings: Iterable[Sitting]) -> Plan:
    """Return what the journal says of a person's course, whose `sittings` are given.

    Raises `JournalError`.
    """
    course, earlier = journal.course(person), None
    if course is None:
        earlier = next(reversed(journal.courses(person)), None)
    known = course or earlier
    days = course_days(known, sittings) if known else []
    return Plan(course, earlier, tuple(days))
