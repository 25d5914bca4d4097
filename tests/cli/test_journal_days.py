"""`journal note`, `rate`, `treat`, `entries` and the import of tables: words in, lines out."""

import json
import re
from pathlib import Path

import pytest

from biofeedback.cli import main
from biofeedback.journal.days import Days

DATA = Path(__file__).parents[1] / "data"
TALKING = DATA / "sub-01_task-talking_emg.edf"


@pytest.fixture(autouse=True)
def chosen(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run everything on SQLite and on PostgreSQL, with somebody in the journal."""
    monkeypatch.setenv("BIOFEEDBACK_JOURNAL", where)
    assert main(["journal", "add-person", "P01"]) == 0


def run(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    """Return what a command prints; it must succeed."""
    assert main(["journal", *map(str, words), "--person", "P01"]) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    """Return what a command that must fail says on stderr."""
    capsys.readouterr()
    assert main(["journal", *map(str, words), "--person", "P01"]) == 1
    return capsys.readouterr().err


def listed(capsys: pytest.CaptureFixture[str], what: str = "entries", *words: str) -> list[dict]:
    capsys.readouterr()
    return [json.loads(line) for line in run(capsys, what, *words, "--json").splitlines()]


def test_ratings_and_readings_are_entered_in_one_line_and_listed(capsys):
    at = "--at", "2024-05-02T21:00+02:00"
    run(capsys, "rate", "pain", "4", "sleep=7.5", "blood_pressure", "128/81", *at)
    run(capsys, "rate", "symptom", "55", "--name", "pulling left", *at)
    run(capsys, "note", "carried <b>boxes</b>", "--at", "2024-05-03T08:00Z")
    found = listed(capsys)
    assert sorted((row["kind"], row["value"], row["lower"], row["unit"]) for row in found[:4]) == [
        ("blood_pressure", 128, 81, "mmHg"),
        ("pain", 4, None, "0-10"),
        ("sleep", 7.5, None, "h"),
        ("symptom", 55, None, "0-100"),
    ]
    assert {row["at"] for row in found[:4]} == {"2024-05-02T19:00:00+00:00"}
    assert re.fullmatch(r"[0-9a-f-]{36}", found[4]["name"])
    assert found[4]["text"] == "carried <b>boxes</b>"
    assert [row["kind"] for row in listed(capsys, "entries", "--since", "2024-05-03")] == ["note"]
    assert [row["value"] for row in listed(capsys, "entries", "--kind", "pain")] == [4]
    lines = run(capsys, "entries")
    assert "Blood pressure: 128/81 mmHg" in lines
    assert "pulling left: 55 of 100" in lines
    assert "Note: carried <b>boxes</b>" in lines


def test_side_effects_and_triggers_are_noted_by_name_or_in_words_and_listed(capsys):
    run(capsys, "note", "dry mouth", "--kind", "side-effect")
    assert "call for medical help" not in capsys.readouterr().err
    run(capsys, "note", "a quarrel", "--kind", "trigger")
    assert [(each["kind"], each["what"], each["text"]) for each in listed(capsys)] == [
        ("side_effect", "dry_mouth", ""),
        ("trigger", "", "a quarrel"),
    ]
    assert [each["text"] for each in listed(capsys, "entries", "--kind", "trigger")] == [
        "a quarrel"
    ]
    assert "Side effect: dry mouth" in run(capsys, "entries", "--kind", "side-effect")
    words = ["note", "swallowing", "--kind", "side-effect", "--person", "P01"]
    assert main(["journal", *words]) == 0
    assert "call for medical help now" in capsys.readouterr().err


def test_a_treatment_is_kept_as_it_was_told(capsys):
    run(
        capsys,
        *("treat", "injection", "botulinum toxin A", "--on", "2024-03-04"),
        *("--dose", "150 U, about", "--muscle", "splenius left", "--muscle", "scalenus left"),
    )
    run(capsys, "treat", "medicine", "clonazepam", "--on", "2024-01-02", "--until", "2024-02-01")
    medicine, injection = listed(capsys, "treatments")
    assert (medicine["what"], medicine["until"], medicine["dose"]) == (
        *("clonazepam", "2024-02-01"),
        "",
    )
    assert (injection["on"], injection["dose"]) == ("2024-03-04", "150 U, about")
    assert injection["muscles"] == ["splenius left", "scalenus left"]
    assert "botulinum toxin A · 150 U, about · splenius left, scalenus left" in run(
        capsys, "treatments"
    )


def test_what_was_entered_is_taken_out_and_put_back_by_its_id(capsys):
    run(capsys, "rate", "pain", "4")
    run(capsys, "treat", "other", "massage")
    for what in ("entries", "treatments"):
        (row,) = listed(capsys, what)
        assert main(["journal", "remove", row["name"]]) == 0
        assert listed(capsys, what) == []
        assert main(["journal", "put-back", row["name"]]) == 0
        assert listed(capsys, what) == [row]
    for unknown in ("pain", "00000000-0000-0000-0000-000000000000"):
        assert main(["journal", "remove", unknown]) == 1
        assert main(["journal", "put-back", unknown]) == 1
        assert f"'{unknown}' is no entry" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rate", "pain", "11"], "Pain goes from 0 to 10"),
        (["rate", "stress", "3", "pain", "much"], "'much' is no number"),
        (["rate", "stress", "3", "pain"], "'pain' has no value behind it"),
        (["rate", "stress", "3", "mood", "3"], "'mood' is nothing that is entered"),
        (["rate", "blood_pressure", "120"], "is two numbers"),
        (["rate", "pain", "3", "--at", "noon"], "'noon' is no time"),
        (["rate", "pain", "3", "--at", "2999-01-01"], "is yet to come"),
        (["note", " "], "There is no text"),
        (["treat", "injection", "x", "--on", "2999-01-01"], "is not today, and no day before"),
        (["treat", "injection", "x", "--on", "monday"], "'monday' is no date"),
        (["entries", "--since", "may"], "'may' is no date"),
    ],
)
def test_what_cannot_be_entered_is_told_in_a_sentence_and_nothing_of_it_is_kept(
    capsys, words, said
):
    assert said in refused(capsys, *words)
    assert listed(capsys) == listed(capsys, "treatments") == []


def test_a_table_is_taken_once(capsys, tmp_path):
    (tmp_path / "days.csv").write_text("at,pain,note\n2024-05-02,4,wet\n2024-05-03,5,\n")
    run(capsys, "import", tmp_path / "days.csv")
    before = listed(capsys)
    assert [row["kind"] for row in before] in (["note", "pain", "pain"], ["pain", "note", "pain"])
    assert {row["source"] for row in before} == {"file"}
    assert main(["journal", "import", str(tmp_path / "days.csv"), "--person", "P01"]) == 0
    assert "0 entries of days.csv are in the journal of P01 now; 3 were there." in (
        capsys.readouterr().err
    )
    assert listed(capsys) == before


def test_broken_rows_are_named_and_the_rest_is_offered(capsys, tmp_path):
    file = tmp_path / "days.csv"
    file.write_text("at,pain\n2024-05-02,4\nmonday,4\n2024-05-04,40\n2024-05-05,1\n")
    said = refused(capsys, "import", file)
    assert "days.csv, line 3: 'monday' is no time; write it like 2026-03-01T09:30." in said
    assert "days.csv, line 4: Pain goes from 0 to 10 (0-10); enter a number between." in said
    assert "say --rest to take the 2 entries that are sound" in said
    assert listed(capsys) == []
    run(capsys, "import", file, "--rest")
    assert [row["value"] for row in listed(capsys)] == [4, 1]


def test_ctrl_c_ends_an_import_between_rows_and_the_same_command_goes_on(
    capsys, tmp_path, monkeypatch
):
    file = tmp_path / "year.csv"
    days = [f"2023-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29)]
    file.write_text("at,pain,sleep\n" + "".join(f"{day},3,7\n" for day in days))
    keep = Days.add_entries

    def until_ctrl_c(journal, person, entries):
        if len(journal.entries(person)) >= 400:
            raise KeyboardInterrupt
        return keep(journal, person, entries)

    with monkeypatch.context() as stopping:
        stopping.setattr(Days, "add_entries", until_ctrl_c)
        capsys.readouterr()
        assert main(["journal", "import", str(file), "--person", "P01"]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "400 of 672" in said.err
    assert "Stopped: 400 of 672 are kept, and the same command takes the rest." in said.err
    assert len(listed(capsys)) == 400
    run(capsys, "import", file)
    assert len(listed(capsys)) == 2 * len(days)


def test_many_files_are_taken_in_and_those_that_cannot_be_are_named(capsys, tmp_path):
    (tmp_path / "days.csv").write_text("at,pain\n2024-05-02,4\n")
    (tmp_path / "letter.csv").write_text("Dear doctor")
    said = refused(capsys, "import", TALKING, tmp_path / "letter.csv", tmp_path / "days.csv")
    assert f"{tmp_path / 'letter.csv'}: " in said
    assert "3 of 3" in said
    assert "1 file was not taken; all others are in the journal." in said
    assert len(listed(capsys, "sittings")) == len(listed(capsys)) == 1
    said = refused(capsys, "import", TALKING, TALKING, "--started", "2024-05-02T09:00")
    assert "name one file" in said


def test_a_trend_tells_how_it_went_from_sittings_and_entries(capsys):
    assert listed(capsys, "trend") == []
    assert "nothing yet to tell a trend from" in refused_not(capsys, "trend")
    for day in range(1, 9):
        run(capsys, "rate", "pain", str(9 - day), "--at", f"2024-05-0{day}T20:00Z")
    (pain,) = listed(capsys, "trend")
    assert (pain["name"], len(pain["points"])) == ("pain", 8)
    assert pain["change_per_week"] == pytest.approx(-7.0)
    assert pain["words"] in run(capsys, "trend")


def refused_not(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Return what a command that succeeds says on stderr."""
    assert main(["journal", *words, "--person", "P01"]) == 0
    return capsys.readouterr().err
