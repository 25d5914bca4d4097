"""People, sittings, annotations and calibrations: the same on SQLite and on PostgreSQL."""

import hashlib
import os
import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from uuid import uuid4

import pytest
from kept import CONDITIONS, MORNING, REST, files_in, sit

from biofeedback import __version__
from biofeedback.errors import JournalError
from biofeedback.journal import files
from biofeedback.journal.journal import Journal, open_journal
from biofeedback.journal.nouns import Person
from biofeedback.stream import Annotation


def test_a_person_is_there_after_closing_and_opening(where):
    with open_journal(where) as journal:
        journal.add_person("P02", added=MORNING)
        journal.add_person("P01", display_name="Anna Müller", note="left\nside", added=MORNING)
    with open_journal(where) as journal:
        assert journal.people() == [
            Person("P01", "Anna Müller", "left\nside", MORNING),
            Person("P02", "", "", MORNING),
        ]


def test_a_moment_keeps_its_microseconds_and_comes_back_in_utc(journal):
    nepal = timezone(timedelta(hours=5, minutes=45))
    journal.add_person("P01", added=datetime(2026, 3, 1, 23, 59, 59, 123_456, tzinfo=nepal))
    added = journal.people()[0].added
    assert added.isoformat() == "2026-03-01T18:14:59.123456+00:00"


def test_a_moment_without_its_zone_is_refused(journal):
    with pytest.raises(JournalError):
        journal.add_person("P01", added=MORNING.replace(tzinfo=None))
    assert journal.people() == []


LEADING_ELSEWHERE = ["", "../P01", ".", "..", "a/b", "a\\b", "P 1", "P\n1", "P01\n", "\0", "-P"]


def test_a_pseudonym_that_could_lead_elsewhere_is_refused(journal):
    for person in [*LEADING_ELSEWHERE, "x" * 33, "Ä", "\u202eP"]:
        with pytest.raises(JournalError, match="is no pseudonym: use 1 to 32 letters"):
            journal.add_person(person, added=MORNING)
        with pytest.raises(JournalError, match="has nobody called"):
            journal.sittings(person)
    assert journal.people() == []


def test_other_pseudonyms_are_taken(journal):
    for person in ["P", "p-01_a.b", "7", "x" * 32]:
        assert journal.add_person(person, added=MORNING).id == person
        assert journal.sittings(person) == []


def test_nobody_is_added_twice(journal, p01):
    with pytest.raises(JournalError, match=r"^P01 is in the journal already; choose another"):
        journal.add_person("P01", display_name="Bernd", added=MORNING)
    assert [person.display_name for person in journal.people()] == ["Anna Müller"]


def test_who_is_not_in_the_journal_is_told_how_to_be(journal):
    for ask in (
        lambda: journal.sittings("P09"),
        lambda: journal.calibrations("P09"),
        lambda: journal.begin_sitting("P09", CONDITIONS, started=MORNING),
        lambda: journal.keep_calibration("P09", REST),
    ):
        with pytest.raises(JournalError, match=r"nobody called 'P09'; .*journal add-person"):
            ask()


def test_a_whole_sitting_comes_back_as_it_was(journal, p01):
    sitting = sit(journal, p01)
    (found,) = journal.sittings(p01)
    assert found.id == sitting
    assert (found.started, found.duration_s, found.interrupted) == (MORNING, 720.0, False)
    assert found.conditions == CONDITIONS
    assert found.summary == {"valid_percent": 99.0, "floor": None}  # unknown is null, never 0
    assert found.version == __version__
    (recording,) = found.recordings
    assert recording.sha256 == hashlib.sha256(b"wave 1").hexdigest()
    assert (recording.size, recording.format, recording.original) == (6, "edf", "")
    assert (journal.recordings / recording.file).read_bytes() == b"wave 1"
    assert recording.file == f"{recording.id}.edf"
    assert journal.annotations(sitting) == [
        Annotation(3.0, 1.5, "@swallow"),
        Annotation(61.5, 0.0, "sensory trick on"),
    ]


def test_sittings_come_oldest_first_and_only_those_of_the_person(journal, p01):
    journal.add_person("P02", added=MORNING)
    journal.begin_sitting("P02", CONDITIONS, started=MORNING)
    for hours in (3, 1, 2):
        journal.begin_sitting(p01, CONDITIONS, started=MORNING + timedelta(hours=hours))
    hours = [(each.started - MORNING) / timedelta(hours=1) for each in journal.sittings(p01)]
    assert hours == [1, 2, 3]


def test_a_sitting_that_goes_on_is_unfinished_until_it_ends(journal, p01):
    sitting = journal.begin_sitting(p01, CONDITIONS, started=MORNING)
    assert [each.id for each in journal.unfinished()] == [sitting]
    assert journal.sittings(p01)[0].duration_s is None
    journal.finish_sitting(sitting, duration_s=30.0, summary={}, interrupted=True, note="cut off")
    assert journal.unfinished() == []
    found = journal.sittings(p01)[0]
    assert (found.duration_s, found.interrupted, found.note) == (30.0, True, "cut off")


def test_runs_that_follow_a_gap_become_recordings_of_the_same_sitting(journal, p01):
    sitting = journal.begin_sitting(p01, CONDITIONS, started=MORNING)
    first = journal.new_recording(sitting, ".bdf")
    first.write_bytes(b"before")
    first.with_name(f"{first.stem}_run-02.bdf").write_bytes(b"after the gap")
    first.with_name(f"{first.stem}_run-02.json").write_bytes(b"{}")
    for _again in range(2):
        journal.finish_sitting(sitting, duration_s=9.0, summary={})
    recordings = journal.sittings(p01)[0].recordings
    assert [(each.file, each.size) for each in recordings] == [
        (first.name, 6),
        (f"{first.stem}_run-02.bdf", 13),
    ]
    assert recordings[1].sha256 == hashlib.sha256(b"after the gap").hexdigest()


def test_a_recording_that_was_never_written_has_no_digest(journal, p01):
    sitting = journal.begin_sitting(p01, CONDITIONS, started=MORNING)
    journal.new_recording(sitting)
    journal.finish_sitting(sitting, duration_s=0.0, summary={})
    (recording,) = journal.sittings(p01)[0].recordings
    assert (recording.sha256, recording.size) == (None, None)


def test_what_belongs_to_no_sitting_is_refused(journal, p01):
    for ask in (
        lambda: journal.annotate(uuid4(), Annotation(0.0, 0.0, "x")),
        lambda: journal.annotations(uuid4()),
        lambda: journal.new_recording(uuid4()),
        lambda: journal.finish_sitting(uuid4(), duration_s=1.0, summary={}),
    ):
        with pytest.raises(JournalError, match="no longer in the journal"):
            ask()


def test_texts_that_a_database_cannot_hold_do_not_stop_a_sitting(journal, p01):
    for text in ["nul \0 in it", "half a pair \ud800", "µ – 頭", "'; DROP TABLE people"]:
        conditions = replace(CONDITIONS, settings={text: text})
        sitting = journal.begin_sitting(p01, conditions, started=MORNING)
        journal.annotate(sitting, Annotation(0.0, 0.0, text))
        kept = text.replace("\0", "?").replace("\ud800", "?")
        assert journal.annotations(sitting)[0].text == kept
        found = {each.id: each.conditions.settings for each in journal.sittings(p01)}
        assert found[sitting] == {kept: kept}


def test_the_newest_calibration_that_fits_carries_over(journal, p01):
    day = timedelta(days=1)
    fits = replace(REST, value_uv=3.25, measured=MORNING + 2 * day)
    for other in (
        fits,
        replace(REST, measured=MORNING + day),
        replace(REST, measured=MORNING + 9 * day, band_hz=(20.0, 225.0)),
        replace(REST, measured=MORNING + 9 * day, sensor="plux"),
        replace(REST, measured=MORNING + 9 * day, channel="trapezius right"),
        replace(REST, measured=MORNING + 9 * day, kind="reference"),
        replace(REST, measured=MORNING + 9 * day, simulated=True),
    ):
        journal.keep_calibration(p01, other)
    journal.add_person("P02", added=MORNING)
    journal.keep_calibration("P02", replace(REST, measured=MORNING + 9 * day))
    asked = {
        "channel": REST.channel,
        "band_hz": (20, 450),
        "sensor": REST.sensor,
        "simulated": False,
    }
    assert journal.newest_calibration(p01, "baseline", **asked) == fits
    assert journal.newest_calibration(p01, "baseline", **{**asked, "band_hz": None}) is None
    assert len(journal.calibrations(p01)) == 7


def test_a_calibration_that_measures_nothing_is_refused(journal, p01):
    for value_uv in [0.0, -1.0, float("nan"), float("inf")]:
        with pytest.raises(JournalError, match=r"trapezius left: .* is no measure of a muscle"):
            journal.keep_calibration(p01, replace(REST, value_uv=value_uv))
    assert journal.calibrations(p01) == []


def test_threads_of_one_window_may_all_write(journal, p01):
    sitting = journal.begin_sitting(p01, CONDITIONS, started=MORNING)

    def note(who: int) -> None:
        for k in range(10):
            journal.annotate(sitting, Annotation(float(who), float(k), "x"))

    threads = [threading.Thread(target=note, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [(note.onset_s, note.duration_s) for note in journal.annotations(sitting)]
    assert sorted(found) == [(float(who), float(k)) for who in range(4) for k in range(10)]


def imported(journal: Journal, file: Path, person: str = "P01") -> None:
    journal.import_sitting(
        person,
        CONDITIONS,
        file,
        started=MORNING,
        duration_s=1.0,
        summary={},
        annotations=[Annotation(0.5, 0.0, "x")],
    )


def test_an_import_copies_the_recording_and_what_lies_beside_it(journal, p01, tmp_path):
    file = tmp_path / "Anna Müller.EDF"
    beside = {".EDF": b"wave", ".EDF.edits.jsonl": b"edits", ".json": b"sidecar"}
    for end, data in (beside | {".pdf": b"letter", "2.EDF": b"another"}).items():
        (tmp_path / f"Anna Müller{end}").write_bytes(data)
    imported(journal, file)
    (recording,) = journal.sittings(p01)[0].recordings
    assert (recording.original, recording.size) == ("Anna Müller.EDF", 4)
    assert recording.sha256 == hashlib.sha256(b"wave").hexdigest()
    assert files_in(journal.recordings) == {
        f"{recording.id}.edf": b"wave",
        f"{recording.id}.edf.edits.jsonl": b"edits",
        f"{recording.id}.json": b"sidecar",
    }


def test_an_import_that_fails_leaves_neither_row_nor_file(journal, p01, tmp_path, monkeypatch):
    file = tmp_path / "a.edf"
    file.write_bytes(b"wave")
    imported(journal, file)
    before = journal.sittings(p01), files_in(journal.recordings)
    with pytest.raises(JournalError, match="is in the journal already"):
        imported(journal, file)
    with pytest.raises(JournalError, match="nobody called 'P02'"):
        imported(journal, file, "P02")
    file.write_bytes(b"another")
    with monkeypatch.context() as bad_disk:
        bad_disk.setattr(files, "sha256_of", lambda _path: "something else")
        with pytest.raises(JournalError, match="Input/output error"):
            imported(journal, file)
    with pytest.raises(JournalError, match="No such file"):
        imported(journal, tmp_path / "b.edf")
    assert (journal.sittings(p01), files_in(journal.recordings)) == before


def test_what_a_killed_import_left_is_removed_after_a_day_and_not_before(where):
    with open_journal(where) as journal:
        drafts = [journal.recordings / f"{uuid4()}.edf.part" for _ in range(2)]
        for draft in drafts:
            draft.touch()
    day_ago = time.time() - 90_000
    os.utime(drafts[0], (day_ago, day_ago))
    with open_journal(where) as journal:
        assert list(files_in(journal.recordings)) == [drafts[1].name]
