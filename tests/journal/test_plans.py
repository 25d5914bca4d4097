"""Courses and montages of a person: the same on SQLite and on PostgreSQL."""

from dataclasses import replace
from datetime import date

import pytest
from kept import MORNING

from biofeedback.errors import JournalError
from biofeedback.journal.journal import open_journal
from biofeedback.journal.nouns import Course, Montage, MontageChannel

COURSE = Course("home-relaxation", per_week=3, sittings=20, began=date(2026, 3, 2))
MONTAGE = Montage(
    name="Neck, both sides",
    protocol="symmetry",
    band="wide",
    channels=(MontageChannel("trapezius left", "myoware-2-raw"), MontageChannel("jaw", "")),
    threshold_uv=4.25,
)


def test_a_course_is_there_after_closing_and_opening_until_it_is_ended(where):
    with open_journal(where) as journal:
        journal.add_person("P01", added=MORNING)
        assert journal.course("P01") is None
        journal.set_course("P01", COURSE)
    with open_journal(where) as journal:
        assert journal.course("P01") == COURSE
        journal.end_course("P01", date(2026, 4, 1))
        assert journal.course("P01") is None
        assert journal.courses("P01") == [replace(COURSE, ended=date(2026, 4, 1))]
        journal.end_course("P01", date(2026, 5, 1))  # none goes on: nothing changes
        assert journal.courses("P01")[0].ended == date(2026, 4, 1)


def test_a_new_course_ends_the_one_before(journal, p01):
    later = Course("transfer", per_week=2, sittings=8, began=date(2026, 4, 6))
    journal.set_course(p01, COURSE)
    journal.set_course(p01, later)
    assert journal.course(p01) == later
    assert journal.courses(p01) == [replace(COURSE, ended=date(2026, 4, 6)), later]


def test_a_course_of_one_person_is_none_of_another(journal, p01):
    journal.add_person("P02", added=MORNING)
    journal.set_course("P02", COURSE)
    assert journal.course(p01) is None
    journal.end_course(p01, date(2026, 4, 1))
    assert journal.course("P02") == COURSE


@pytest.mark.parametrize("wrong", [{"per_week": 0}, {"sittings": 0}])
def test_a_course_of_nothing_is_refused(journal, p01, wrong):
    with pytest.raises(JournalError, match="at least one sitting"):
        journal.set_course(p01, replace(COURSE, **wrong))
    assert journal.course(p01) is None


def test_a_montage_comes_back_as_it_was_and_takes_the_place_of_one_of_its_name(journal, p01):
    jaw = replace(MONTAGE, name="Jaw", threshold_uv=None)
    journal.keep_montage(p01, MONTAGE)
    journal.keep_montage(p01, jaw)
    assert journal.montages(p01) == [jaw, MONTAGE]
    changed = replace(MONTAGE, band="narrow", channels=MONTAGE.channels[:1])
    journal.keep_montage(p01, changed)
    assert journal.montages(p01) == [jaw, changed]
    journal.remove_montage(p01, "Jaw")
    journal.remove_montage(p01, "never there")
    assert journal.montages(p01) == [changed]


def test_montages_of_two_people_may_have_one_name(journal, p01):
    journal.add_person("P02", added=MORNING)
    other = replace(MONTAGE, threshold_uv=None)
    journal.keep_montage(p01, MONTAGE)
    journal.keep_montage("P02", other)
    journal.remove_montage("P02", "none")
    assert (journal.montages(p01), journal.montages("P02")) == ([MONTAGE], [other])


def test_a_montage_that_measures_nothing_is_refused(journal, p01):
    for wrong, said in (
        ({"name": " "}, "needs a name and a muscle"),
        ({"channels": ()}, "needs a name and a muscle"),
        ({"threshold_uv": 0.0}, "give one above 0"),
        ({"threshold_uv": float("nan")}, "give one above 0"),
    ):
        with pytest.raises(JournalError, match=said):
            journal.keep_montage(p01, replace(MONTAGE, **wrong))
    assert journal.montages(p01) == []


def test_nobody_has_plans(journal):
    for ask in (
        lambda: journal.course("P09"),
        lambda: journal.set_course("P09", COURSE),
        lambda: journal.end_course("P09", date(2026, 4, 1)),
        lambda: journal.montages("P09"),
        lambda: journal.keep_montage("P09", MONTAGE),
        lambda: journal.remove_montage("P09", "x"),
    ):
        with pytest.raises(JournalError, match="nobody called 'P09'"):
            ask()
