"""`journal` on the command line: words in, lines and files out."""

import csv
import hashlib
import json
import os
import re
import time
from pathlib import Path

import pytest

from biofeedback.cli import main

DATA = Path(__file__).parents[1] / "data"
TALKING = DATA / "sub-01_task-talking_emg.edf"


@pytest.fixture(autouse=True)
def chosen(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run everything on SQLite and on PostgreSQL."""
    monkeypatch.setenv("BIOFEEDBACK_JOURNAL", where)


def run(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    """Return what a command prints; it must succeed."""
    assert main(["journal", *map(str, words)]) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    """Return the one sentence of a command that must fail."""
    assert main(["journal", *map(str, words)]) == 1
    said = capsys.readouterr()
    (line,) = [line for line in said.err.splitlines() if line.startswith("biofeedback: ")]
    assert "Traceback" not in said.err
    return line


def rows(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def anna(capsys: pytest.CaptureFixture[str]) -> str:
    """Somebody with one imported recording."""
    run(capsys, "add-person", "P01", "--display-name", "Anna Müller", "--note", "left\x1b[2J side")
    run(capsys, "import", TALKING, "--person", "P01", "--started", "2026-03-01T09:30+01:00")
    return "P01"


def test_an_empty_journal_prints_nothing(capsys):
    assert run(capsys, "people") == ""
    assert run(capsys, "people", "--json") == ""


def test_people_are_listed_an_object_a_line_with_a_name(capsys, anna):
    run(capsys, "add-person", "P00")
    found = rows(run(capsys, "people", "--json"))
    assert [(row["name"], row["display_name"]) for row in found] == [
        ("P00", ""),
        ("P01", "Anna Müller"),
    ]
    assert run(capsys, "people") == "P00\nP01  Anna Müller  left\\x1b[2J side\n"


def test_an_imported_recording_is_a_sitting_with_its_figures(capsys, anna):
    (row,) = rows(run(capsys, "sittings", "--person", anna, "--json"))
    assert re.fullmatch(r"[0-9a-f-]{36}", row["name"])
    assert row["started"] == "2026-03-01T08:30:00+00:00"
    assert main(["analyze", str(TALKING), "--json"]) == 0
    (figures,) = rows(capsys.readouterr().out)
    for key in ("recording", "annotations"):
        figures.pop(key)
    assert row["summary"] == figures
    assert row["duration_s"] == figures["duration_s"]
    assert row["band_hz"] == figures["channels"][0]["band_hz"]
    assert (row["source"], row["simulated"], row["sfreq"]) == ("file", False, figures["sfreq"])
    (recording,) = row["recordings"]
    assert recording["sha256"] == hashlib.sha256(TALKING.read_bytes()).hexdigest()
    assert recording["original"] == TALKING.name
    assert "2026-03-01 " in run(capsys, "sittings", "--person", anna)


def test_what_lies_beside_a_recording_comes_along_with_its_annotations(capsys, tmp_path):
    assert main(["simulate", "bursts", str(tmp_path / "Anna Müller.csv"), "--seconds", "5"]) == 0
    notes = tmp_path / "Anna Müller.csv.annotations.csv"
    notes.write_text('onset_s,duration_s,text\n1.5,0.0,"hand up"\n')
    run(capsys, "add-person", "P01")
    run(capsys, "import", tmp_path / "Anna Müller.csv", "--person", "P01")
    run(capsys, "export", "--person", "P01", tmp_path / "out")
    with (tmp_path / "out" / "annotations.csv").open(newline="") as file:
        assert [(row["onset_s"], row["text"]) for row in csv.DictReader(file)] == [
            ("1.5", "hand up")
        ]
    kept = {path.suffixes[-2:][0]: path for path in (tmp_path / "out" / "recordings").iterdir()}
    assert kept[".annotations"].read_bytes() == notes.read_bytes()
    assert len(kept) == 2
    assert not any("Anna" in path.name for path in tmp_path.rglob("*") if path.parent != tmp_path)
    (row,) = rows(run(capsys, "sittings", "--person", "P01", "--json"))
    assert row["simulated"]
    assert "Anna" not in json.dumps(row["summary"])
    assert "SIMULATED" in run(capsys, "sittings", "--person", "P01")


def test_when_it_was_begun_is_told_from_the_date_of_the_file(capsys, tmp_path):
    assert main(["simulate", "rest", str(tmp_path / "x.csv"), "--seconds", "60"]) == 0
    ended = time.mktime((2026, 3, 1, 12, 0, 0, 0, 0, -1))
    os.utime(tmp_path / "x.csv", (ended, ended))
    run(capsys, "add-person", "P01")
    assert main(["journal", "import", str(tmp_path / "x.csv"), "--person", "P01"]) == 0
    assert "Taken as begun at 2026-03-01 11:59, from the file's date" in capsys.readouterr().err


def test_the_same_recording_is_taken_once_a_person(capsys, anna):
    again = "import", TALKING, "--person"
    assert "is in the journal already, as the sitting of 2026-03-01" in refused(
        capsys, *again, anna
    )
    run(capsys, "add-person", "P02")
    run(capsys, *again, "P02")


def test_an_import_of_many_that_was_stopped_goes_on_with_the_same_command(capsys, anna, tmp_path):
    assert main(["simulate", "rest", str(tmp_path / "x.csv"), "--seconds", "3"]) == 0
    run(capsys, "import", TALKING, tmp_path / "x.csv", "--person", anna)
    run(capsys, "import", TALKING, tmp_path / "x.csv", "--person", anna)
    listed = rows(run(capsys, "sittings", "--person", anna, "--json"))
    assert len({each["recordings"][0]["sha256"] for each in listed}) == len(listed) == 2


def test_what_cannot_be_imported_leaves_nothing(capsys, anna, tmp_path):
    before = run(capsys, "sittings", "--person", anna, "--json")
    (tmp_path / "letter.csv").write_text("Dear doctor")
    (tmp_path / "r.hea").write_text("r 1 1000 10\nr.dat 16 200/uV 16 0 0 0 0 EMG\n")
    (tmp_path / "r.dat").write_bytes(bytes(20))
    for words, said in (
        ((tmp_path / "letter.csv", "--person", anna), "letter.csv"),
        ((tmp_path / "nothing.edf", "--person", anna), "There is no file"),
        ((tmp_path / "r.hea", "--person", anna), "is a part of a recording; make one file of it"),
        ((TALKING, "--person", "P07"), "nobody called 'P07'"),
        ((TALKING, "--person", "../x"), "nobody called '../x'"),
        ((TALKING, "--person", anna, "--started", "noon"), "'noon' is no time; write it like"),
    ):
        assert said in refused(capsys, "import", *words)
    assert run(capsys, "sittings", "--person", anna, "--json") == before


def test_a_name_that_leads_elsewhere_is_refused(capsys):
    assert "'../../etc' is no pseudonym" in refused(capsys, "add-person", "../../etc")
    run(capsys, "add-person", "P01")
    assert "P01 is in the journal already" in refused(capsys, "add-person", "P01")


def test_erasing_says_what_it_would_remove_and_removes_it_when_it_is_meant(capsys, anna):
    assert main(["journal", "erase", "--person", anna]) == 1
    said = capsys.readouterr()
    assert said.out.startswith("P01: name and note; sittings: 1, annotations: ")
    assert "Nothing was removed: say --yes to erase P01 for good." in said.err
    (sitting,) = rows(run(capsys, "sittings", "--person", anna, "--json"))
    removed = run(capsys, "erase", "--person", anna, "--yes")
    assert sitting["recordings"][0]["file"] in removed
    assert "That was removed. Backups and exports made before still hold it." in removed
    assert run(capsys, "people") == ""
    assert "nobody called 'P01'" in refused(capsys, "erase", "--person", anna, "--yes")


def test_a_backup_restores_what_was_erased(capsys, anna, tmp_path):
    before = run(capsys, "sittings", "--person", anna, "--json")
    run(capsys, "backup", tmp_path / "b.zip")
    assert "holds people already" in refused(capsys, "restore", tmp_path / "b.zip")
    run(capsys, "erase", "--person", anna, "--yes")
    run(capsys, "restore", tmp_path / "b.zip")
    assert run(capsys, "sittings", "--person", anna, "--json") == before
    run(capsys, "restore", tmp_path / "b.zip", "--replace")
    assert run(capsys, "sittings", "--person", anna, "--json") == before
    assert "b.zip already; name another" in refused(capsys, "backup", tmp_path / "b.zip")


@pytest.mark.parametrize("words", [[], ["export", "--person", "P01"], ["sittings"], ["sing"]])
def test_wrong_words_are_told(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["journal", *words])
    assert ended.value.code == 2


def test_a_sitting_is_hidden_and_shown_by_its_id(capsys, anna):
    (name,) = (row["name"] for row in rows(run(capsys, "sittings", "--person", anna, "--json")))
    run(capsys, "hide", name, "--reason", "electrode fell off")
    (row,) = rows(run(capsys, "sittings", "--person", anna, "--json"))
    assert row["hidden"] == "electrode fell off"
    assert "left out: electrode fell off" in run(capsys, "sittings", "--person", anna)
    run(capsys, "show", name)
    assert "left out" not in run(capsys, "sittings", "--person", anna)
    (row,) = rows(run(capsys, "sittings", "--person", anna, "--json"))
    assert row["hidden"] == ""


def test_what_is_no_sitting_cannot_be_hidden(capsys, anna):
    assert "'monday' is no sitting" in refused(capsys, "hide", "monday", "--reason", "ill")
    unknown = "00000000-0000-0000-0000-000000000000"
    assert "no longer in the journal" in refused(capsys, "show", unknown)
    (name,) = (row["name"] for row in rows(run(capsys, "sittings", "--person", anna, "--json")))
    assert "Say why" in refused(capsys, "hide", name, "--reason", " ")
