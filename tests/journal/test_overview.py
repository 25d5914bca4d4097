"""A list of everybody asks the database as often for thirty people as for three."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from kept import CONDITIONS, MORNING, PAIN, live, plan, sit
from sqlalchemy import event

from biofeedback.display.sitting.course_model import course_days
from biofeedback.display.sitting.montages import read_clients
from biofeedback.journal.journal import Journal
from biofeedback.journal.nouns import Course

COURSE = Course("home-relaxation", 3, 20, date(2026, 3, 2))


@contextmanager
def questions(journal: Journal) -> Iterator[list[str]]:
    """Gather what the database is asked."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(journal.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(journal.engine, "before_cursor_execute", note)


def train(journal: Journal, person: str, day: int, **changed: object) -> None:
    """Keep a training of a day of March, with what is `changed` in its conditions or its end."""
    broke = bool(changed.pop("interrupted", False))
    protocol = changed.pop("protocol", "home-relaxation")
    sitting = journal.begin_sitting(
        person, replace(CONDITIONS, **changed), started=datetime(2026, 3, day, 12, tzinfo=UTC)
    )
    journal.finish_sitting(
        sitting, duration_s=700.0, summary={"protocol": protocol}, interrupted=broke
    )


def add_people(journal: Journal, first: int, last: int) -> None:
    for k in range(first, last):
        person = f"P{k:02}"
        journal.add_person(person, added=MORNING)
        sit(journal, person)
        plan(journal, person)
        live(journal, person)
        for day in (3, 5, 7):
            train(journal, person, day)


@pytest.mark.parametrize(
    "ask",
    [
        lambda journal: read_clients(journal),
        lambda journal: journal.people(),
        lambda journal: journal.sittings("P01"),
        lambda journal: journal.entries("P01"),
        lambda journal: journal.treatments("P01"),
    ],
)
def test_more_people_and_more_sittings_take_no_more_questions(
    journal: Journal, ask: Callable[[Journal], object]
):
    add_people(journal, 0, 3)
    with questions(journal) as before:
        ask(journal)
    add_people(journal, 3, 12)
    for day in range(8, 28):
        train(journal, "P01", day)
        journal.add_entry("P01", replace(PAIN, at=PAIN.at + timedelta(days=day)))
    with questions(journal) as after:
        ask(journal)
    assert len(after) == len(before) <= 7


def test_the_list_tells_of_each_what_asking_for_them_one_by_one_does(journal, p01):
    journal.add_person("P02", added=MORNING)
    journal.add_person("P03", added=MORNING)
    journal.set_course(p01, replace(COURSE, protocol="transfer", began=date(2026, 2, 1)))
    journal.set_course(p01, COURSE)
    plan(journal, "P02")
    journal.end_course("P02", date(2026, 3, 10))
    for day in (1, 3, 9):
        train(journal, p01, day)
    train(journal, p01, 4, interrupted=True)
    train(journal, p01, 5, simulated=True)
    train(journal, p01, 6, protocol="transfer")
    train(journal, "P02", 8)
    hidden = next(each for each in journal.sittings(p01) if each.started.day == 9)
    journal.hide_sitting(hidden.id, "ill")
    for seen in journal.everybody():
        sittings = journal.sittings(seen.person.id)
        assert seen.person in journal.people()
        assert seen.sittings == len(sittings)
        assert seen.last == max((each.started for each in sittings), default=None)
        assert seen.course == journal.course(seen.person.id)
        assert list(seen.montages) == journal.montages(seen.person.id)
    first, second, third = journal.everybody()
    assert (first.trained, second.trained, third.trained) == (2, 0, 0)
    assert [client.text() for client in read_clients(journal)] == [
        "P01 · 6 sittings, last on 2026-03-09 · Sitting 3 of 20",
        "P02 · 1 sitting, on 2026-03-08",
        "P03 · no sitting yet",
    ]


def test_of_the_sittings_of_courses_the_database_tells_how_many_and_sends_none(journal, p01):
    for day in (3, 5, 9):
        train(journal, p01, day)
    journal.set_course(p01, COURSE)
    with questions(journal) as asked:
        assert journal.everybody()[0].trained == 3
    assert asked
    assert all("count(" in each.lower() for each in asked if "sittings.started" in each)


def test_a_course_begins_with_its_first_day_where_the_computer_is(journal, p01):
    midnight = datetime.combine(COURSE.began, time()).astimezone()
    journal.set_course(p01, COURSE)
    for seconds in (-1, 0, 1):
        sitting = journal.begin_sitting(
            p01, CONDITIONS, started=midnight + timedelta(seconds=seconds)
        )
        journal.finish_sitting(sitting, duration_s=700.0, summary={"protocol": COURSE.protocol})
    assert journal.everybody()[0].trained == 2
    assert len(course_days(COURSE, journal.sittings(p01))) == 2, "as the first page counts"


def test_the_list_reads_no_summary(journal, p01):
    train(journal, p01, 3)
    journal.set_course(p01, COURSE)
    with questions(journal) as asked:
        journal.everybody()
    assert asked
    assert not [statement for statement in asked if "summary" in statement]
