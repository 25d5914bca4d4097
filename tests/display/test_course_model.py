"""How a course stands on a day: its number, its week, its words."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import uuid4

import pytest

from biofeedback.display.sitting.course_model import (
    Plan,
    course_days,
    fading_words,
    number_words,
    read_plan,
    reminder,
    standing,
)
from biofeedback.journal.nouns import Conditions, Course, Sitting

BEGAN = date(2026, 11, 2)  # a Monday
COURSE = Course("home-relaxation", per_week=3, sittings=20, began=BEGAN, ended=None)
THURSDAY = date(2026, 11, 26)
TUESDAY = date(2026, 11, 24)


def sat(
    started: datetime, protocol: str = "home-relaxation", *, simulated=False, **others: object
) -> Sitting:
    conditions = Conditions("serial", simulated, 1000.0, (20.0, 450.0), "", {})
    made = Sitting(
        id=uuid4(),
        person_id="P01",
        started=started,
        duration_s=700.0,
        interrupted=False,
        conditions=conditions,
        summary={"protocol": protocol},
        version="1",
        note="",
        hidden="",
        recordings=(),
    )
    return replace(made, **others)


def at(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def test_what_counts_is_the_courses_own_real_and_whole_and_hidden_ones_too():
    sittings = [
        sat(at(BEGAN)),
        sat(at(TUESDAY), hidden="a loose electrode"),
        sat(at(TUESDAY), "clinic-relaxation"),
        sat(at(TUESDAY), simulated=True),
        sat(at(TUESDAY), interrupted=True),
        sat(at(BEGAN - timedelta(days=1))),
        sat(at(TUESDAY), summary={}),
    ]
    assert course_days(COURSE, sittings, zone=UTC) == [BEGAN, TUESDAY]


def test_a_sitting_belongs_to_the_day_on_the_persons_own_clock():
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # Sunday, and Monday in Berlin
    berlin = timezone(timedelta(hours=1))
    assert course_days(COURSE, [sat(late)], zone=berlin) == [date(2026, 11, 23)]
    assert course_days(COURSE, [sat(late)], zone=UTC) == [date(2026, 11, 22)]


def test_the_reminder_says_what_was_wanted_what_was_done_and_when_last():
    stands = standing(COURSE, [date(2026, 11, 17), date(2026, 11, 19), TUESDAY], THURSDAY)
    assert number_words(stands.number, stands.sittings) == "Sitting 4 of 20"
    assert reminder(stands, THURSDAY) == (
        "You wanted to train 3 times a week. This week: 1 sitting so far. "
        "The last one was on Tuesday."
    )


def test_a_week_begins_on_monday_also_over_the_new_year():
    sunday, monday = date(2027, 1, 3), date(2027, 1, 4)
    days = [date(2026, 12, 28), date(2027, 1, 1), sunday]
    assert standing(COURSE, days, sunday).this_week == 3, "ISO week 53 of 2026"
    assert standing(COURSE, days, monday).this_week == 0


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (THURSDAY, "The last one was today."),
        (date(2026, 11, 25), "The last one was yesterday."),
        (TUESDAY, "The last one was on Tuesday."),
        (date(2026, 11, 20), "The last one was on Friday."),
        (date(2026, 11, 19), "The last one was a week ago."),
        (date(2026, 11, 12), "The last one was 2 weeks ago."),
    ],
)
def test_the_last_one_is_told_as_people_tell_it(last, words):
    assert reminder(standing(COURSE, [last], THURSDAY), THURSDAY).endswith(words)


def test_nothing_was_done_yet_and_nobody_is_scolded():
    stands = standing(COURSE, [], THURSDAY)
    said = reminder(stands, THURSDAY)
    assert said == "You wanted to train 3 times a week. This week is still open."
    for days in ([], [BEGAN], [TUESDAY] * 3):
        said = reminder(standing(COURSE, days, THURSDAY), THURSDAY).lower()
        assert not any(
            word in said for word in ("only", "missed", "fail", "should", "must", "late")
        )


def test_a_week_that_is_done_says_so():
    days = [date(2026, 11, 23), TUESDAY, date(2026, 11, 25)]
    assert "This week you did." in reminder(standing(COURSE, days, THURSDAY), THURSDAY)


def test_a_course_that_is_complete_asks_for_nothing():
    stands = standing(replace(COURSE, sittings=2), [BEGAN, TUESDAY], THURSDAY)
    assert stands.complete
    assert number_words(stands.number, stands.sittings) == "All 2 sittings: the course is complete."
    assert reminder(stands, THURSDAY) == "You may go on as you like, or plan another course."


def test_once_a_week_is_told_in_the_singular():
    assert "once a week" in reminder(standing(replace(COURSE, per_week=1), [], THURSDAY), THURSDAY)


def test_the_help_fades_as_the_protocol_says():
    fading = (6, 6, 4, 2)
    said = [fading_words(fading, n) for n in (1, 6, 7, 12, 13, 16, 17, 40)]
    for words, wanted in zip(
        said,
        ["every trial"] * 2 + ["every other"] * 2 + ["the end"] * 2 + ["without"] * 2,
        strict=True,
    ):
        assert wanted in words
    assert fading_words((), 3) == ""


class FakeJournal:
    """The courses of one person."""

    def __init__(self, *courses: Course) -> None:
        self._courses = courses

    def courses(self, _person: str) -> list[Course]:
        return list(self._courses)

    def course(self, _person: str) -> Course | None:
        return next((each for each in self._courses if each.ended is None), None)


def test_a_plan_is_the_course_that_goes_on_else_the_latest_that_ended():
    ended = replace(COURSE, ended=TUESDAY)
    noon = datetime.combine(TUESDAY, datetime.min.time()).replace(hour=12).astimezone()
    sittings = (sat(noon),)
    assert read_plan(FakeJournal(), "P01", ()) == Plan(None)
    assert read_plan(FakeJournal(COURSE), "P01", sittings) == Plan(COURSE, None, (TUESDAY,))
    assert read_plan(FakeJournal(ended), "P01", sittings) == Plan(None, ended, (TUESDAY,))
