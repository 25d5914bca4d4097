"""Sittings that were no good, and those that broke off: on SQLite and on PostgreSQL."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from kept import CONDITIONS, MORNING, REST, sit

from biofeedback.errors import JournalError
from biofeedback.journal.kept import finish_broken_off
from biofeedback.stream import Annotation

DAY = timedelta(days=1)
ASKED = {
    "channel": REST.channel,
    "band_hz": REST.band_hz,
    "sensor": REST.sensor,
    "simulated": False,
}


def progress(saved=MORNING, **more):
    return {"protocol": "short", "saved": saved.isoformat(), "t_s": 90.0, **more}


def test_a_hidden_sitting_stays_in_the_list_and_is_shown_again(journal, p01):
    sitting = sit(journal, p01)
    (before,) = journal.sittings(p01)
    assert before.hidden == ""
    journal.hide_sitting(sitting, " electrode fell off\n")
    assert journal.sittings(p01) == [replace(before, hidden="electrode fell off")]
    journal.show_sitting(sitting)
    assert journal.sittings(p01) == [before]


def test_what_was_measured_in_a_hidden_sitting_carries_over_no_more(journal, p01):
    older = replace(REST, value_uv=3.0, measured=MORNING - DAY)
    journal.keep_calibration(p01, older)
    sitting = sit(journal, p01)
    assert journal.newest_calibration(p01, "baseline", **ASKED) == REST
    journal.hide_sitting(sitting, "ill")
    assert journal.newest_calibration(p01, "baseline", **ASKED) == older
    assert journal.calibrations(p01) == [older, REST]
    journal.show_sitting(sitting)
    assert journal.newest_calibration(p01, "baseline", **ASKED) == REST


def test_a_sitting_is_not_hidden_without_a_reason_nor_one_that_is_not_there(journal, p01):
    sitting = sit(journal, p01)
    for blank in ("", "  \n"):
        with pytest.raises(JournalError, match="Say why"):
            journal.hide_sitting(sitting, blank)
    for ask in (lambda: journal.hide_sitting(uuid4(), "x"), lambda: journal.show_sitting(uuid4())):
        with pytest.raises(JournalError, match="no longer in the journal"):
            ask()
    assert journal.sittings(p01)[0].hidden == ""


def test_a_muscle_measured_twice_in_one_sitting_is_kept_once(journal, p01):
    sitting = sit(journal, p01)
    again = replace(REST, value_uv=2.25, sd_uv=0.5, p75_uv=2.75)
    journal.keep_calibration(p01, again, sitting=sitting)
    reference = replace(REST, kind="reference", value_uv=40.0)
    journal.keep_calibration(p01, reference, sitting=sitting)
    journal.keep_calibration(p01, replace(REST, channel="jaw"), sitting=sitting)
    journal.keep_calibration(p01, REST)
    assert journal.calibrations(p01) == [again, reference, replace(REST, channel="jaw"), REST]


def test_progress_is_there_while_a_sitting_goes_on_and_gone_when_it_is_whole(journal, p01):
    sitting = journal.begin_sitting(p01, CONDITIONS, started=MORNING)
    assert journal.progress(sitting) is None
    kept = progress(path=[{"threshold": 4.123456789012345}], start=None)
    journal.keep_progress(sitting, kept)
    assert journal.progress(sitting) == kept
    assert journal.broken_off(p01) is None, "it goes on"
    journal.finish_sitting(sitting, duration_s=300.0, summary={})
    assert journal.progress(sitting) is None
    assert journal.broken_off(p01) is None


def test_one_that_ended_early_can_go_on_once_or_be_set_aside(journal, p01):
    sitting = journal.begin_sitting(p01, CONDITIONS, started=MORNING)
    journal.keep_progress(sitting, progress())
    journal.finish_sitting(sitting, duration_s=100.0, summary={}, interrupted=True)
    broken = journal.broken_off(p01)
    assert broken is not None
    assert broken.id == sitting
    journal.resume_sitting(sitting, CONDITIONS)
    assert journal.broken_off(p01) is None
    assert [each.id for each in journal.unfinished()] == [sitting]
    with pytest.raises(JournalError, match="goes on in another window already, or was set aside"):
        journal.resume_sitting(sitting, CONDITIONS)
    journal.finish_sitting(sitting, duration_s=120.0, summary={}, interrupted=True)
    journal.set_aside(sitting)
    assert journal.broken_off(p01) is None
    with pytest.raises(JournalError, match="was set aside there"):
        journal.resume_sitting(sitting, CONDITIONS)
    assert journal.sittings(p01)[0].duration_s == 120.0


def test_it_goes_on_only_as_it_was_measured(journal, p01):
    sitting = journal.begin_sitting(p01, CONDITIONS, started=MORNING)
    journal.keep_progress(sitting, progress())
    journal.finish_sitting(sitting, duration_s=100.0, summary={}, interrupted=True)
    for other in ({"sfreq": 500.0}, {"band_hz": (100.0, 200.0)}, {"simulated": True}):
        with pytest.raises(JournalError, match=r"choose those again \(20–450 Hz, 1000 Hz\)"):
            journal.resume_sitting(sitting, replace(CONDITIONS, **other))
    assert journal.broken_off(p01) is not None


def test_the_newest_that_broke_off_is_the_one_that_is_told_and_only_of_the_person(journal, p01):
    journal.add_person("P02", added=MORNING)
    for person, hours in ((p01, 1), (p01, 3), (p01, 2), ("P02", 9)):
        at = MORNING + timedelta(hours=hours)
        sitting = journal.begin_sitting(person, CONDITIONS, started=at)
        journal.keep_progress(sitting, progress())
        journal.finish_sitting(sitting, duration_s=1.0, summary={}, interrupted=True)
    found = journal.broken_off(p01)
    assert found is not None
    assert found.started == MORNING + timedelta(hours=3)


def test_what_ended_early_days_ago_is_set_aside_by_itself_but_not_what_goes_on(journal, p01):
    old, new, going_on = (
        journal.begin_sitting(p01, CONDITIONS, started=MORNING + n * DAY) for n in (0, 2, 0)
    )
    for sitting in (old, new, going_on):
        journal.keep_progress(sitting, progress())
    for sitting in (old, new):
        journal.finish_sitting(sitting, duration_s=1.0, summary={}, interrupted=True)
    journal.forget_progress(before=MORNING + DAY)
    there = [journal.progress(sitting) is not None for sitting in (old, new, going_on)]
    assert there == [False, True, True]


def test_a_killed_training_without_a_recording_is_completed_from_what_was_kept_of_it(journal, p01):
    sitting = journal.begin_sitting(p01, CONDITIONS, started=MORNING)
    journal.annotate(sitting, Annotation(1.0, 0.0, "kept"))
    journal.keep_progress(sitting, progress(outcome={"whole": False, "trials": [1]}))
    assert [each.id for each in finish_broken_off(journal)] == [sitting]
    (found,) = journal.sittings(p01)
    assert (found.duration_s, found.interrupted) == (90.0, True)
    assert found.summary == {"whole": False, "trials": [1]}
