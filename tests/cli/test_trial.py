import json
from datetime import UTC, date, datetime, timedelta

import pytest

from biofeedback.cli import main
from biofeedback.journal.day_nouns import Entry
from biofeedback.journal.journal import open_journal
from biofeedback.recording.formats import read_recording


@pytest.fixture
def journal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["journal", "add-person", "P01"]) == 0
    capsys.readouterr()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


TRICK = ["trial", "run", "sensory trick", "sim:trick", "--person", "P01", "--fast", "--seed", "3"]


@pytest.mark.usefixtures("journal")
def test_a_trial_tells_its_events_and_what_came_of_it_and_is_kept(capsys):
    assert main([*TRICK, "--headless", "--json"]) == 0
    *events, last = lines(capsys)
    told = last["summary"]
    assert [e["step"] for e in events if e["event"] == "step"][:5] == [
        "off",
        "reach",
        "on",
        "release",
        "off-again",
    ]
    assert sum(e["event"] == "mark" and e["mark"] == "contact" for e in events) == 8
    assert (told["verdict"], told["simulated"], told["whole"]) == ("helps", True, True)
    low, high = told["interval_percent"]
    assert low <= told["change_percent"] <= high
    assert told["change_percent"] == pytest.approx(-50, abs=1.5)
    with open_journal() as kept:
        (trial,) = kept.trials("P01")
    assert (trial.what, trial.simulated, trial.plan["repeats"]) == ("sensory-trick", True, 4)
    assert trial.result == told


@pytest.mark.usefixtures("journal")
def test_the_table_has_the_best_first_and_the_newest_of_each(capsys):
    tense = ["trial", "run", "heat", "sim:tense", "--person", "P01", "--fast", "--json"]
    for words in (tense, TRICK, TRICK):
        assert main(words) == 0
    capsys.readouterr()
    assert main(["trial", "result", "--person", "P01", "--json"]) == 0
    told = lines(capsys)
    assert [(row["name"], row["verdict"], row["trials"]) for row in told] == [
        ("sensory-trick", "helps", 2),
        ("heat", "no difference found", 1),
    ]
    assert main(["trial", "result", "--person", "P01"]) == 0
    _heading, trick, heat = capsys.readouterr().out.splitlines()
    assert trick.startswith("Sensory trick (simulated), newest of 2 trials")
    assert trick.endswith("helps")
    assert heat.startswith("Heat (simulated)")


@pytest.mark.usefixtures("journal")
def test_in_words_it_ends_with_three_sentences(capsys):
    assert main(TRICK) == 0
    said = capsys.readouterr().out
    assert "Sensory trick helps: with it the tension was" in said
    assert "The hand on the shoulder alone hardly changed it" in said
    assert "after the contact" in said


@pytest.mark.usefixtures("journal")
def test_the_muscle_that_is_named_is_the_one_that_is_measured(tmp_path, capsys):
    scenario = tmp_path / "two.toml"
    scenario.write_text(
        'summary = "Two muscles, and one lets go."\n'
        '[[channels]]\nlabel = "splenius left"\n[[channels.segments]]\nemg_uv = 18\n'
        '[[channels]]\nlabel = "Splenius right"\non_cue = 0.5\n[[channels.segments]]\nemg_uv = 18\n'
    )
    run = ["trial", "run", "trick", f"sim:{scenario}", *TRICK[4:], "--json"]
    verdicts = []
    for words in ([], ["--channel", "splenius RIGHT"]):
        assert main([*run, *words]) == 0
        told = lines(capsys)[-1]["summary"]
        verdicts.append((told["channel"], told["verdict"]))
    assert verdicts == [
        ("splenius left", "no difference found"),
        ("Splenius right", "helps"),
    ]
    assert main([*run, "--channel", "jaw"]) == 1
    out, err = capsys.readouterr()
    assert not out
    assert "'jaw'" in err
    assert "splenius left, Splenius right" in err


@pytest.mark.usefixtures("journal")
def test_what_happens_is_noted_in_the_recording(tmp_path, capsys):
    path = tmp_path / "trial.edf"
    assert main([*TRICK, "--record", str(path)]) == 0
    capsys.readouterr()
    texts = [note.text for note in read_recording(path).annotations]
    assert texts.count("Sensory trick: on") == 4
    assert texts.count("Lift-off.") == 8


@pytest.mark.usefixtures("journal")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "magic", "sim:trick", "--person", "P01"], "magic"),
        (["run", "trick", "sim:trick", "--person", "P01", "--repeats", "3"], "3 repeats"),
        (["run", "trick", "sim:trick", "--person", "P09"], "P09"),
        (["result", "--person", "P09"], "P09"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(words, said, capsys):
    assert main(["trial", *words]) == 1
    out, err = capsys.readouterr()
    assert not out
    assert said in err


@pytest.mark.usefixtures("journal")
def test_before_anything_was_tried_the_table_is_empty(capsys):
    assert main(["trial", "result", "--person", "P01"]) == 0
    out, err = capsys.readouterr()
    assert not out
    assert "Nothing was tried yet" in err


@pytest.mark.usefixtures("journal")
def test_a_recording_that_is_too_short_is_not_enough_data(tmp_path, capsys):
    path = tmp_path / "rest.csv"
    assert main(["simulate", "rest", str(path), "--seconds", "40"]) == 0
    capsys.readouterr()
    assert main(["trial", "run", "cold", str(path), "--person", "P01", "--fast", "--json"]) == 0
    told = lines(capsys)[-1]["summary"]
    assert told["verdict"] == "not enough data"
    assert told["change_percent"] is None
    assert told["why"]
    assert told["whole"] is False


@pytest.mark.usefixtures("journal")
def test_weeks_are_planned_in_pairs_and_a_large_difference_is_found(capsys):
    began = date(2026, 3, 2)
    plan = ["trial", "plan", "magnesium", "--person", "P01", "--pairs", "4", "--seed", "5"]
    assert main([*plan, "--begin", "2026-03-02", "--json"]) == 0
    (planned,) = lines(capsys)
    order = planned["weeks"]
    assert [sorted(order[i : i + 2]) for i in range(0, 8, 2)] == [["off", "on"]] * 4
    with open_journal() as journal:
        for number in range(56):
            value = (4.0 if order[number // 7] == "on" else 8.0) + 0.5 * (number % 3)
            at = datetime(2026, 3, 2, 12, tzinfo=UTC) + timedelta(number)
            journal.add_entry("P01", Entry(at, "pain", value, "0-10", "", "test"))
    assert main(["trial", "weeks", "--person", "P01", "--json"]) == 0
    (found,) = lines(capsys)
    assert (found["name"], found["of"], found["began"]) == ("magnesium", "pain", str(began))
    assert (found["verdict"], found["pairs"]) == ("helps", 4)
    assert found["interval"][0] <= -4.0 <= found["interval"][1]
    assert main(["trial", "weeks", "--person", "P01"]) == 0
    told = capsys.readouterr().out
    assert "magnesium helps, in weeks with and without it since 2026-03-02" in told
    assert "with it “Pain” was 4.0 lower" in told
    assert "this week" not in told, "they are over"


@pytest.mark.usefixtures("journal")
@pytest.mark.parametrize("words", [["--pairs", "2"], ["--begin", "Monday"]])
def test_weeks_that_cannot_be_are_refused(words, capsys):
    assert main(["trial", "plan", "heat", "--person", "P01", *words]) == 1
    assert capsys.readouterr().err.count(";") == 1


@pytest.mark.usefixtures("journal")
def test_without_a_plan_or_a_rating_the_next_step_is_said(capsys):
    assert main(["trial", "weeks", "--person", "P01"]) == 0
    assert "trial plan" in capsys.readouterr().err
    assert main(["trial", "plan", "heat", "--person", "P01"]) == 0
    assert capsys.readouterr().out.count("without it") == 3
    assert main(["trial", "weeks", "--person", "P01"]) == 0
    out, err = capsys.readouterr()
    assert "journal rate" in err
    assert out.startswith(("Heat: this week with it, until", "Heat: this week without it, until"))


@pytest.mark.usefixtures("journal")
def test_weeks_can_be_stopped_and_what_was_rated_before_stays(capsys):
    assert main(["trial", "plan", "heat", "--person", "P01", "--begin", "2026-03-02"]) == 0
    assert main(["trial", "stop", "heat", "--person", "P01"]) == 1, "they are over"
    assert main(["trial", "plan", "heat", "--person", "P01"]) == 0
    assert main(["journal", "rate", "pain", "4", "--person", "P01"]) == 0
    assert main(["trial", "stop", "Heat", "--person", "P01"]) == 0
    capsys.readouterr()
    with open_journal() as journal:
        assert [each.ended is None for each in journal.n_of_ones("P01")] == [True, False]
        assert len(journal.entries("P01")) == 1
    assert main(["trial", "stop", "heat", "--person", "P01"]) == 1
    assert "No weeks of 'heat' go on" in capsys.readouterr().err
