"""What goes on between sittings is kept, changed, taken out and put back: on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from kept import EVENING, INJECTION, MORNING, PAIN, PRESSURE, live

from biofeedback.errors import JournalError
from biofeedback.journal.day_nouns import MEASURES, Entry, NOfOne
from biofeedback.journal.erase import erase, holdings
from biofeedback.journal.journal import open_journal
from biofeedback.journal.noted import calls_for_help, read_what, what_word

NOTE = Entry(EVENING + timedelta(hours=1), "note", None, "", "carried boxes", "window")


def test_entries_are_there_after_closing_and_opening_oldest_first(where):
    with open_journal(where) as journal:
        journal.add_person("P01", added=MORNING)
        journal.add_entry("P01", PRESSURE)
        journal.add_entry("P01", NOTE)
        journal.add_entry("P01", PAIN)
    with open_journal(where) as journal:
        found = journal.entries("P01")
        assert found == [PAIN, NOTE, PRESSURE]
        assert found[0].at.utcoffset() == timedelta(0)
        assert (found[2].value, found[2].lower) == (128.0, 81.0)


def test_entries_are_found_by_kind_and_by_when_they_were(journal, p01):
    journal.add_entries(p01, [PAIN, NOTE, PRESSURE])
    assert journal.entries(p01, ["pain", "blood_pressure"]) == [PAIN, PRESSURE]
    assert journal.entries(p01, since=NOTE.at) == [NOTE, PRESSURE]
    assert journal.entries(p01, ["pain"], NOTE.at) == []


def test_entries_of_one_person_are_none_of_another(journal, p01):
    journal.add_person("P02", added=MORNING)
    live(journal, "P02")
    found = [journal.entries, journal.treatments, journal.trials, journal.n_of_ones]
    assert [ask(p01) for ask in found] == [[]] * 4


def test_an_entry_is_changed_and_taken_out_and_put_back(journal, p01):
    identity = journal.add_entry(p01, PAIN)
    worse = replace(PAIN, value=7.0)
    journal.change_entry(identity, worse)
    assert journal.entries(p01) == [worse]
    assert journal.entries(p01)[0].id == identity
    journal.remove_entry(identity)
    assert journal.entries(p01) == []
    assert journal.entries(p01, removed=True) == [worse]
    journal.restore_entry(identity)
    assert journal.entries(p01) == [worse]
    assert journal.entries(p01, removed=True) == []


def test_a_treatment_is_changed_and_taken_out_and_put_back(journal, p01):
    later = replace(INJECTION, on=date(2024, 6, 10))
    identity = journal.add_treatment(p01, later)
    journal.add_treatment(p01, INJECTION)
    assert journal.treatments(p01) == [INJECTION, later]
    ended = replace(later, kind="medicine", until=date(2024, 7, 1))
    journal.change_treatment(identity, ended)
    journal.remove_treatment(journal.treatments(p01)[0].id)
    assert journal.treatments(p01) == [ended]
    assert journal.treatments(p01, removed=True) == [INJECTION]
    journal.restore_treatment(journal.treatments(p01, removed=True)[0].id)
    assert journal.treatments(p01) == [INJECTION, ended]


@pytest.mark.parametrize("dose", ["", "a little", "2 x 50 U + 25", "1e9", "=1+1", "½ tablet"])
def test_a_dose_is_text_as_it_was_told(journal, p01, dose):
    journal.add_treatment(p01, replace(INJECTION, dose=dose))
    assert journal.treatments(p01)[0].dose == dose


def test_a_note_with_html_stays_text(journal, p01):
    said = '<script>alert("x")</script> & <b>pulling</b>'
    journal.add_entry(p01, replace(NOTE, text=said))
    assert journal.entries(p01)[0].text == said


TOMORROW = datetime.now(UTC) + timedelta(days=1)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"at": TOMORROW}, "is yet to come"),
        ({"at": datetime(24, 5, 2, tzinfo=UTC)}, "no year of ours"),
        ({"at": datetime(2024, 5, 2)}, "says no time zone"),
        ({"value": 10.5}, "Pain goes from 0 to 10"),
        ({"value": -1.0}, "Pain goes from 0 to 10"),
        ({"value": float("nan")}, "enter a number between"),
        ({"value": float("inf")}, "enter a number between"),
        ({"value": None}, "enter a number between"),
        ({"unit": "0-100"}, "is entered in 0-10, not in 0-100"),
        ({"kind": "mood"}, "'mood' is nothing that is entered; choose one of: tension"),
        ({"text": "x" * 10_001}, "may have 10000 characters"),
        ({"lower": 3.0}, "is one number"),
        ({"kind": "symptom", "unit": "0-100"}, "Say which symptom it is"),
        ({"kind": "note", "unit": "", "value": None}, "There is no text"),
        ({"kind": "note", "unit": "", "text": "x"}, "Note is told in words"),
        ({"kind": "trigger", "unit": "", "text": "x"}, "Trigger is told in words"),
        ({"kind": "side_effect", "unit": "", "value": None}, "Say which side effect it is"),
        ({"kind": "trigger", "unit": "", "value": None}, "Say which trigger it is"),
        (
            {"kind": "trigger", "unit": "", "what": "dry_mouth"},
            "has no 'dry_mouth' among",
        ),
        ({"what": "stress"}, "has no 'stress' among its names"),
        ({"kind": "blood_pressure", "unit": "mmHg", "value": 120.0}, "is two numbers"),
        ({"kind": "blood_pressure", "unit": "mmHg", "value": 80.0, "lower": 120.0}, "higher one"),
    ],
)
def test_an_entry_that_cannot_be_is_refused_in_a_sentence_and_none_beside_it_is_kept(
    journal, p01, wrong, said
):
    with pytest.raises(JournalError, match=said) as refused:
        journal.add_entries(p01, [PAIN, replace(PAIN, **wrong)])
    assert str(refused.value).count(".") <= 3
    assert "\n" not in str(refused.value)
    assert journal.entries(p01) == []
    identity = journal.add_entry(p01, PAIN)
    with pytest.raises(JournalError, match=said):
        journal.change_entry(identity, replace(PAIN, **wrong))
    assert journal.entries(p01) == [PAIN]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"on": (TOMORROW + timedelta(days=1)).date()}, "is not today, and no day before"),
        ({"on": date(24, 3, 4)}, "enter the day it was"),
        ({"name": " "}, "Say what it was"),
        ({"kind": "surgery"}, "'surgery' is no kind of treatment"),
        ({"until": date(2024, 3, 3)}, "before it began"),
        ({"muscles": ("x" * 10_001,)}, "may have 10000 characters"),
    ],
)
def test_a_treatment_that_cannot_be_is_refused_in_a_sentence(journal, p01, wrong, said):
    with pytest.raises(JournalError, match=said):
        journal.add_treatment(p01, replace(INJECTION, **wrong))
    assert journal.treatments(p01) == []


@pytest.mark.parametrize("kind", MEASURES)
def test_both_ends_of_what_may_be_entered_are_taken(journal, p01, kind):
    measure = MEASURES[kind]
    for end in (measure.low, measure.high):
        value, lower = (None if measure.worded else end), measure.lower
        journal.add_entry(p01, Entry(EVENING, kind, value, measure.unit, "said", "hand", lower))
    assert len(journal.entries(p01)) == 2


@pytest.mark.parametrize("kind", ["side_effect", "trigger"])
def test_what_is_known_is_kept_by_its_name_and_anything_else_in_words(journal, p01, kind):
    known = MEASURES[kind].known
    assert len({what_word(what) for what in known}) == len(known)
    for what in known:
        assert read_what(what.replace("_", "-").upper(), known) == (what, "")
        assert read_what(f" {what_word(what)} ", known) == (what, "")
        journal.add_entry(p01, Entry(EVENING, kind, None, "", "for two days", "hand", what=what))
    assert read_what("itching", known) == ("", "itching")
    journal.add_entry(p01, Entry(EVENING, kind, None, "", "itching", "hand"))
    found = journal.entries(p01, [kind])
    assert {each.what for each in found} == {*known, ""}
    assert {each.words for each in found} == {
        "itching",
        *(f"{what_word(what)}, for two days" for what in known),
    }


@pytest.mark.parametrize(
    ("kind", "what", "text", "calls"),
    [
        ("side_effect", "swallowing", "", True),
        ("side_effect", "weakness", "", True),
        ("side_effect", "breathing", "", True),
        ("side_effect", "dry_mouth", "", False),
        ("side_effect", "dry_mouth", "and I can hardly SWALLOW", True),
        ("side_effect", "", "my arm is weaker", True),
        ("side_effect", "", "itching", False),
        ("trigger", "", "swallowing", False),
        ("note", "", "weak tea", False),
    ],
)
def test_what_may_be_dangerous_after_botulinum_calls_for_help(kind, what, text, calls):
    assert calls_for_help(kind, what, text) is calls


def test_a_trial_is_kept_as_it_comes_and_under_its_id_once(journal, p01):
    trial = live(journal, p01)
    assert journal.trials(p01) == [trial]
    whole = replace(trial, result={"percent": -41.0, "interval": [None, -3.5]})
    journal.keep_trial(whole)
    assert journal.trials(p01) == [whole]
    journal.add_person("P02", added=MORNING)
    with pytest.raises(JournalError, match="another person's"):
        journal.keep_trial(replace(trial, person="P02"))
    assert (journal.trials(p01), journal.trials("P02")) == ([whole], [])


def test_weeks_off_and_on_go_on_until_they_are_ended(journal, p01):
    plan = NOfOne("magnesium", date(2024, 6, 3), {"weeks": ["on", "off", "off", "on"]})
    identity = journal.keep_n_of_one(p01, plan)
    (kept,) = journal.n_of_ones(p01)
    assert (kept, kept.id) == (plan, identity)
    journal.keep_n_of_one(p01, replace(kept, ended=date(2024, 7, 1)))
    assert journal.n_of_ones(p01) == [replace(plan, ended=date(2024, 7, 1))]
    for wrong, said in (({"what": ""}, "what is tried"), ({"ended": date(2024, 6, 2)}, "before")):
        with pytest.raises(JournalError, match=said):
            journal.keep_n_of_one(p01, replace(plan, **wrong))
    assert len(journal.n_of_ones(p01)) == 1


def test_nobody_has_days(journal):
    trial = live(journal, journal.add_person("P01", added=MORNING).id)
    for ask in (
        lambda: journal.entries("P09"),
        lambda: journal.add_entry("P09", PAIN),
        lambda: journal.treatments("P09"),
        lambda: journal.add_treatment("P09", INJECTION),
        lambda: journal.trials("P09"),
        lambda: journal.keep_trial(replace(trial, id=uuid4(), person="P09")),
        lambda: journal.n_of_ones("P09"),
        lambda: journal.keep_n_of_one("P09", NOfOne("heat", date(2024, 6, 3), {})),
    ):
        with pytest.raises(JournalError, match="nobody called 'P09'"):
            ask()


def test_what_was_erased_meanwhile_is_said_to_be(journal):
    for do in (
        lambda: journal.change_entry(uuid4(), PAIN),
        lambda: journal.remove_entry(uuid4()),
        lambda: journal.restore_entry(uuid4()),
        lambda: journal.change_treatment(uuid4(), INJECTION),
        lambda: journal.remove_treatment(uuid4()),
    ):
        with pytest.raises(JournalError, match="erased meanwhile"):
            do()


def test_erasing_somebody_takes_their_days_along_also_what_was_taken_out(journal, p01):
    journal.add_person("P02", added=MORNING)
    live(journal, p01)
    kept = live(journal, "P02")
    held = holdings(journal, p01)
    assert (held.entries, held.treatments, held.trials) == (3, 1, 2)
    erase(journal, p01)
    journal.add_person(p01, added=MORNING)
    held = holdings(journal, p01)
    assert (held.entries, held.treatments, held.trials) == (0, 0, 0)
    assert journal.trials("P02") == [kept]
    assert len(journal.entries("P02", removed=True)) == 1
