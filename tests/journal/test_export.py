"""All there is of a person, given out and removed."""

import csv
import json
import os
import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from kept import CONDITIONS, MORNING, REST, files_in, live, plan, sit

from biofeedback.errors import JournalError
from biofeedback.journal.erase import erase, holdings
from biofeedback.journal.export import export
from biofeedback.journal.journal import Journal, open_journal
from biofeedback.stream import Annotation


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def two(journal: Journal, p01: str) -> Journal:
    """A journal with two people, a sitting each."""
    journal.add_person("P02", display_name="Bernd Schulz", added=MORNING)
    sit(journal, "P01", said="of Anna")
    sit(journal, "P02", said="of Bernd")
    return journal


def test_an_export_holds_everything_of_the_person_and_nothing_of_another(two, tmp_path):
    folder = tmp_path / "new" / "anna"
    assert export(two, "P01", folder).files == 8
    assert sorted(path.name for path in folder.iterdir()) == [
        *("README.txt", "annotations.csv", "calibrations.csv", "journal.json"),
        *("recordings", "recordings.csv", "sittings.csv"),
    ]
    whole = json.loads((folder / "journal.json").read_text("utf-8"))
    assert whole["person"]["display_name"] == "Anna Müller"
    (sitting,) = whole["sittings"]
    (kept,) = two.sittings("P01")
    assert sitting["id"] == str(kept.id)
    assert datetime.fromisoformat(sitting["started"]) == MORNING
    assert sitting["conditions"]["band_hz"] == [20.0, 450.0]
    assert sitting["summary"] == {"valid_percent": 99.0, "floor": None}
    assert [note["text"] for note in sitting["annotations"]] == ["@swallow", "sensory trick on"]
    assert whole["calibrations"][0]["value_uv"] == 2.5
    (recording,) = sitting["recordings"]
    assert files_in(folder / "recordings") == {
        recording["file"]: b"of Anna",
        recording["file"].replace(".edf", ".json"): b'{"of": "of Anna"}',
    }
    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"Bernd" not in everything
    assert b"P02" not in everything


def test_an_export_tells_what_is_planned_what_is_hidden_and_how_far_a_training_came(two, tmp_path):
    plan(two, "P01")
    (sitting,) = two.sittings("P01")
    two.hide_sitting(sitting.id, "=ill")
    two.keep_progress(sitting.id, {"reached": 3})
    assert export(two, "P01", tmp_path / "out").files == 10
    whole = json.loads((tmp_path / "out" / "journal.json").read_text("utf-8"))
    assert whole["sittings"][0]["hidden"] == "=ill"
    assert whole["sittings"][0]["progress"] == {"reached": 3}
    assert whole["courses"] == [
        {
            "protocol": "home-relaxation",
            "per_week": 3,
            "sittings": 20,
            "began": "2026-03-02",
            "ended": None,
        }
    ]
    assert [each["label"] for each in whole["montages"][0]["channels"]] == [
        *("trapezius left", "=jaw")
    ]
    (course,) = table(tmp_path / "out" / "courses.csv")
    assert (course["began"], course["ended"], course["per_week"]) == ("2026-03-02", "", "3")
    muscles = table(tmp_path / "out" / "montages.csv")
    assert [(row["name"], row["label"]) for row in muscles] == [
        ("'=Neck", "trapezius left"),
        ("'=Neck", "'=jaw"),
    ]
    assert table(tmp_path / "out" / "sittings.csv")[0]["hidden"] == "'=ill"


def test_an_export_tells_what_went_on_between_sittings_also_what_was_taken_out(two, tmp_path):
    live(two, "P01")
    assert export(two, "P01", tmp_path / "out").files == 12
    whole = json.loads((tmp_path / "out" / "journal.json").read_text("utf-8"))
    assert [(each["kind"], each["value"], each["removed"]) for each in whole["entries"]] == [
        ("pain", 4.0, False),
        ("blood_pressure", 128.0, False),
        ("note", None, True),
    ]
    assert whole["treatments"][0]["muscles"][1] == "=sternocleidomastoid right"
    assert whole["trials"][0]["result"] == {"percent": -30.5}
    assert whole["n_of_ones"][0]["plan"] == {"weeks": ["off", "on"]}
    assert table(tmp_path / "out" / "entries.csv")[2]["text"] == "'=slept badly"
    (injection,) = table(tmp_path / "out" / "treatments.csv")
    assert (injection["on"], injection["dose"]) == ("2024-03-04", "150 U in all, or so")
    assert injection["muscles"] == "splenius capitis left, =sternocleidomastoid right"
    (trial,) = table(tmp_path / "out" / "trials.csv")
    assert (trial["plan"], trial["simulated"]) == ('{"repeats": 4}', "False")


def test_in_a_table_texts_are_no_formulas_and_numbers_stay_numbers(journal, p01, tmp_path):
    texts = ["=1+1", "+1", "-1", "@sum", "\tx", "\rx", "plain", 'a "quoted", one\nof two lines']
    sitting = journal.begin_sitting(
        p01, replace(CONDITIONS, sensor="=HYPERLINK(0)"), started=MORNING
    )
    for text in texts:
        journal.annotate(sitting, Annotation(-0.5, 1e-9, text))
    export(journal, p01, tmp_path / "out")
    rows = table(tmp_path / "out" / "annotations.csv")
    assert [row["text"].removeprefix("'") for row in rows] == texts
    assert [row["text"][0] == "'" for row in rows] == [True] * 6 + [False] * 2
    assert {(row["onset_s"], row["duration_s"]) for row in rows} == {("-0.5", "1e-09")}
    (row,) = table(tmp_path / "out" / "sittings.csv")
    assert row["sensor"] == "'=HYPERLINK(0)"
    assert (row["band_hz"], row["sfreq"], row["duration_s"]) == ("20-450", "1000.0", "")
    assert row["started"] == "2026-03-01T07:30:15.250000+00:00"


def test_an_export_goes_to_a_new_folder_and_to_no_other(two, tmp_path):
    (tmp_path / "empty").mkdir()
    export(two, "P01", tmp_path / "empty")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(JournalError, match=r"There is something in .*empty already; name a new"):
        export(two, "P02", tmp_path / "empty")
    (tmp_path / "file").touch()
    with pytest.raises(JournalError, match="There is something in"):
        export(two, "P02", tmp_path / "file")
    with pytest.raises(JournalError, match="cannot be written"):
        export(two, "P02", tmp_path / "file" / "inside")
    with pytest.raises(JournalError, match="nobody called 'P03'"):
        export(two, "P03", tmp_path / "nobody")
    assert sorted({*tmp_path.rglob("*")} - {tmp_path / "file"}) == before


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such rights")
def test_nobody_else_may_read_an_export(two, tmp_path):
    folder = tmp_path / "out"
    export(two, "P01", folder)
    rights = {stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}
    assert rights == {0o700, 0o600}


def test_what_is_held_of_a_person_is_told_before_it_is_erased(two):
    held = holdings(two, "P01")
    assert (held.sittings, held.annotations, held.calibrations) == (1, 2, 1)
    assert len(held.files) == 2
    assert held.size == len(b"of Anna") + len(b'{"of": "of Anna"}')
    with pytest.raises(JournalError, match="nobody called 'P03'"):
        holdings(two, "P03")


def test_erasing_removes_everything_of_the_person_and_nothing_of_another(two):
    plan(two, "P01")
    plan(two, "P02")
    edits = two.recordings / f"{two.sittings('P01')[0].recordings[0].file}.edits.jsonl"
    edits.write_bytes(b"left out by hand")
    held = holdings(two, "P01")
    assert edits.name in held.files
    erased = erase(two, "P01")
    assert erased.holdings == held
    assert erased.scrubbed
    assert [person.id for person in two.people()] == ["P02"]
    assert sorted(files_in(two.recordings).values()) == [b"of Bernd", b'{"of": "of Bernd"}']
    assert (held.courses, held.montages) == (1, 1)
    assert len(two.calibrations("P02")) == 1
    assert len(two.courses("P02")) == len(two.montages("P02")) == 1
    assert len(two.annotations(two.sittings("P02")[0].id)) == 2
    for ask in (two.sittings, two.calibrations, lambda person: erase(two, person)):
        with pytest.raises(JournalError, match="nobody called 'P01'"):
            ask("P01")


def test_a_recording_that_is_gone_already_does_not_keep_a_person_from_being_erased(two):
    for name in holdings(two, "P01").files:
        (two.recordings / name).unlink()
    assert erase(two, "P01").holdings.files == ()


def test_a_file_that_cannot_be_removed_keeps_the_person_so_that_it_can_be_tried_again(
    two, monkeypatch
):
    with monkeypatch.context() as stuck:
        stuck.setattr(Path, "unlink", refuse)
        with pytest.raises(JournalError, match="so P01 is still in the journal; close what has"):
            erase(two, "P01")
    assert len(two.sittings("P01")) == 1
    assert erase(two, "P01").scrubbed


def refuse(*_args: object, **_keywords: object) -> None:
    raise PermissionError(13, "Permission denied")


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_after_erasing_no_trace_is_left_in_the_files_of_sqlite(tmp_path):
    with open_journal(str(tmp_path / "mine" / "j.sqlite")) as journal:
        journal.add_person("P01", display_name="Zacharias Unverkennbar", added=MORNING)
        journal.add_person("P02", added=MORNING)
        sitting = sit(journal, "P01")
        for k in range(60):
            journal.annotate(sitting, Annotation(k, 0.0, f"unverkennbar {k}"))
        journal.keep_calibration("P01", replace(REST, channel="unverkennbar"))
        assert b"Unverkennbar" in bytes_of(tmp_path)  # in the log, while it is open
        assert erase(journal, "P01").scrubbed
        assert b"nverkennbar" not in bytes_of(tmp_path)
        assert b"P02" in bytes_of(tmp_path)


def test_where_another_window_reads_just_then_traces_are_told_and_go_when_it_closes(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("biofeedback.journal.engine.BUSY_S", 0.05)
    where = str(tmp_path / "mine" / "j.sqlite")
    with open_journal(where) as journal, open_journal(where) as other:
        journal.add_person("P01", display_name="Unverkennbar", added=MORNING)
        journal.add_person("P02", added=datetime.now(UTC))
        with other.reading() as session:
            session.connection().exec_driver_sql("SELECT * FROM people").fetchone()
            erased = erase(journal, "P01")
            assert not erased.scrubbed
    assert b"Unverkennbar" not in bytes_of(tmp_path)
