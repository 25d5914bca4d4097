import io
import json
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from biofeedback.cli import main, train
from biofeedback.journal.journal import open_journal
from biofeedback.journal.nouns import Calibration
from biofeedback.recording.formats import read_recording
from biofeedback.sources.scenario import load_scenario
from biofeedback.sources.simulated import SimulatedSource

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX system")

PROTOCOL = """\
title = "A short one"
fading = [1, 1, 1, 1]

[[phases]]
name = "baseline"
kind = "baseline"
seconds = 20
instruction = "Rest."

[[phases]]
name = "trial"
kind = "trial"
seconds = 15
instruction = "Let go."

[[phases]]
name = "pause"
kind = "rest"
seconds = 3
instruction = "Pause."

[[phases]]
name = "trial again"
kind = "trial"
seconds = 15
instruction = "Let go again."

[[phases]]
name = "baseline after"
kind = "baseline"
seconds = 15
instruction = "Rest."

[[phases]]
name = "ratings"
kind = "ratings"
seconds = 30
instruction = "How do you feel?"
"""
# the lead falls off in the second trial, and samples are lost in the pause
SCENARIO = """\
lost_s = [[39.5, 40.1]]
[[channels]]
label = "trapezius left"
offset_uv = 180
[[channels.segments]]
seconds = 24
emg_uv = 10
[[channels.segments]]
seconds = 10
emg_uv = [10, 3]
[[channels.segments]]
seconds = 12
emg_uv = 3
[[channels.segments]]
seconds = 5
lead = "off"
[[channels.segments]]
emg_uv = 3
"""


@pytest.fixture(autouse=True)
def own_protocols(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "protocols"
    folder.mkdir()
    (folder / "short.toml").write_text(PROTOCOL, encoding="utf-8")
    monkeypatch.setenv("BIOFEEDBACK_PROTOCOLS", str(folder))


@pytest.fixture
def source(tmp_path: Path) -> str:
    path = tmp_path / "person.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    return f"sim:{path}"


def trained(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[list[dict], dict]:
    """Return the events and the summary."""
    assert main(["train", *words, "--headless", "--json"]) == 0
    *events, last = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return events, last["summary"]


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["train", *words, "--headless", "--fast", "--json"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    last = err.strip().splitlines()[-1]
    assert last.startswith("biofeedback: ")
    return last


def test_the_events_come_first_and_then_a_summary_with_the_keys_that_people_script(capsys, source):
    events, summary = trained(capsys, "short", source, "--fast")
    assert [e["phase"] for e in events if e["event"] == "phase-begins"] == [
        "baseline",
        "trial",
        "pause",
        "trial again",
        "baseline after",  # nobody is there to give ratings
    ]
    assert events[-1]["event"] == "ended"
    assert [e["t_s"] for e in events] == sorted(e["t_s"] for e in events)
    assert summary["protocol"] == "short"
    assert summary["source"] == "sim:person"
    assert summary["simulated"] is True
    assert summary["band_hz"] == [20, 450]
    assert summary["sensor_floor_uv"] < 0.1
    assert summary["baseline_uv"] == pytest.approx(10, rel=0.05)
    assert summary["post_baseline_uv"] == pytest.approx(3, rel=0.05)
    assert summary["success_percent"] > 90
    assert summary["relative_rest_time_percent"] > 80
    assert summary["transfer_index"] == pytest.approx(1, abs=0.05)
    (first, *_more) = summary["phases"]
    assert (first["name"], first["seconds"]) == ("baseline", 20.8)  # until the filters settled
    assert set(first["tension_uv"]) == {"p10", "p50", "p90"}
    assert summary["threshold_path"][0]["why"] == "75th percentile of the baseline"
    assert summary["threshold_path"][0]["t_s"] == 21.9
    paused = [e for e in events if e["event"] == "paused"]
    assert any("come off" in e["text"] for e in paused)
    assert summary["trials"][1]["valid_percent"] < 80
    assert summary["ratings"] == {"tension": None, "pain": None}


class Clock:
    """A clock that only sleeping moves on, and not evenly."""

    def __init__(self) -> None:
        self.now, self._n = 0.0, 0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self._n += 1
        self.now += seconds * (1 + 7 * (self._n % 13 == 0) + 40 * (self._n % 101 == 0))


def test_fast_and_real_speed_give_the_same_bytes(capsys, source, monkeypatch):
    assert main(["train", "short", source, "--headless", "--json", "--fast"]) == 0
    fast = capsys.readouterr().out

    def at_real_speed(words: str, options) -> SimulatedSource:
        assert options.fast is False
        clock = Clock()
        scenario = load_scenario(words.removeprefix("sim:"))
        return SimulatedSource(scenario, clock=clock, sleep=clock.sleep)

    monkeypatch.setattr(train, "open_source", at_real_speed)
    assert main(["train", "short", source, "--headless", "--json"]) == 0
    assert capsys.readouterr().out == fast
    assert len(fast.splitlines()) > 20


def test_a_recording_that_is_replayed_gives_the_same_scores(capsys, source, tmp_path):
    recording = tmp_path / "jane-doe-1970-01-01.csv"
    assert main(["simulate", source.removeprefix("sim:"), str(recording), "--seconds", "100"]) == 0
    capsys.readouterr()
    live, replayed = (
        trained(capsys, "short", words, "--fast") for words in (source, str(recording))
    )
    assert replayed[0] == live[0]
    # a summary holds no date, no name and no path
    said = json.dumps(replayed[1])
    assert "jane" not in said
    assert "1970" not in said
    assert str(tmp_path) not in said
    assert replayed[1]["source"] == "file"
    differing = ("source", "sensor_floor_uv", "channels")  # a CSV tells no step of a converter
    for key in set(live[1]) - set(differing):
        assert replayed[1][key] == live[1][key], key


def test_a_recording_that_ends_early_is_scored_as_far_as_it_goes(capsys, source, tmp_path):
    recording = tmp_path / "short.csv"
    assert main(["simulate", source.removeprefix("sim:"), str(recording), "--seconds", "30"]) == 0
    capsys.readouterr()
    events, summary = trained(capsys, "short", str(recording), "--fast")
    assert "ended early" in events[-1]["text"]
    assert [trial["whole"] for trial in summary["trials"]] == [False]
    assert summary["post_baseline_uv"] is None


def test_feedback_fades_with_the_sittings_of_a_course(capsys, source):
    shown = []
    for sitting in ("1", "2", "3", "4", "9"):
        _events, summary = trained(capsys, "short", source, "--fast", "--sitting", sitting)
        shown.append([trial["feedback"] for trial in summary["trials"]])
    assert shown == [
        ["on", "on"],
        ["on", "off"],
        ["summary", "summary"],
        ["off", "off"],
        ["off", "off"],
    ]


def test_the_phases_are_noted_in_the_recording(capsys, source, tmp_path):
    path = tmp_path / "sitting.edf"
    events, _summary = trained(capsys, "short", source, "--fast", "--record", str(path))
    noted = [(note.text, note.onset_s) for note in read_recording(str(path)).annotations]
    for event in events:
        if event["event"] == "phase-begins":
            assert (event["phase"], event["t_s"]) in noted


def test_a_threshold_may_be_set_from_the_start(capsys, source):
    _events, summary = trained(capsys, "short", source, "--fast", "--threshold-uv", "4")
    assert summary["threshold_path"][0] == {
        "t_s": 0.0,
        "threshold_uv": 4.0,
        "why": "set by hand",
        "by_hand": True,
    }


def test_the_channel_may_be_chosen_by_label_or_number(capsys):
    for named in ("sternocleidomastoid right", "2"):
        words = ("short", "sim:cervical-dystonia", "--fast", "--channel", named)
        assert trained(capsys, *words)[1]["channels"] == ["sternocleidomastoid right"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nope", "sim:rest"), "no training protocol called 'nope'"),
        (("gone.toml", "sim:rest"), "gone.toml cannot be read"),
        (("short", "sim:nope"), "no scenario called 'nope'"),
        (("symmetry", "sim:rest"), "needs 2 channels (left, right), and the source has 1"),
        (("short", "sim:rest", "--channel", "left foot"), "no channel 'left foot'; there are: "),
        (("short", "sim:uno-10-bit", "--threshold-uv", "3"), "below what this sensor can resolve"),
        (("short", "sim:rest", "--threshold-uv", "-1"), "give one above 0"),
        (("short", "sim:rest", "--noise-uv", "-1"), "--noise-uv -1 is no noise"),
        (("short", "sim:rest", "--sitting", "0"), "counted from 1"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_1(capsys, words, said):
    assert said in refused(capsys, *words)


def test_a_broken_protocol_is_refused_with_file_line_and_key(capsys, tmp_path):
    path = tmp_path / "broken.toml"
    path.write_text(PROTOCOL.replace("seconds = 3", "seconds = -3"), encoding="utf-8")
    said = refused(capsys, str(path), "sim:rest")
    assert f"{path}, line 19: seconds is -3, it must be a number from 1 to 3600" in said


@pytest.mark.parametrize("words", [(), ("short",), ("short", "sim:rest", "--band", "broad")])
def test_wrong_usage_is_exit_2(words):
    with pytest.raises(SystemExit) as exit_:
        main(["train", *words])
    assert exit_.value.code == 2


def test_without_json_it_is_told_in_words(capsys, source):
    assert main(["train", "short", source, "--fast"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "00:00  baseline, 00:20" in lines
    assert "00:00  Rest." in lines
    assert any("75th percentile of the baseline" in line for line in lines)
    assert any("The electrode has come off" in line for line in lines)
    assert lines[-1] == "SIMULATED: this is not a muscle."


def test_the_protocols_are_listed_one_object_a_line(capsys):
    assert main(["protocols", "--json"]) == 0
    rows = {row["name"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert {"home-relaxation", "contract-relax", "voice-task", "short"} <= set(rows)
    assert rows["home-relaxation"]["evidence"][0]["result"]
    assert rows["short"]["phases"][1]["kind"] == "trial"


def test_a_broken_protocol_is_told_of_and_does_not_hide_the_others(capsys, tmp_path):
    (tmp_path / "protocols" / "broken.toml").write_text("title = 3", encoding="utf-8")
    assert main(["protocols"]) == 1
    out, err = capsys.readouterr()
    assert "broken.toml, line 1: title is 3" in err
    assert "home-relaxation" in out


def test_the_texts_of_the_protocols_are_given_to_translators(capsys):
    assert main(["protocols", "--pot"]) == 0
    out = capsys.readouterr().out
    assert 'short.toml:8\nmsgid "Rest."\nmsgstr ""\n' in out
    assert "#: home-relaxation.toml:" in out


RATED = """\
title = "Only ratings"
[[phases]]
name = "ready"
kind = "check"
seconds = 60
instruction = "Ready?"
[[phases]]
name = "ratings"
kind = "ratings"
seconds = 60
ask = ["tension", "numbness"]
instruction = "How do you feel?"
"""


@posix_only
def test_on_a_terminal_ratings_are_asked_and_a_line_shows_where_one_is(tmp_path):
    import pty  # Windows has none

    path = tmp_path / "rated.toml"
    path.write_text(RATED, encoding="utf-8")
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "biofeedback", "train", str(path), "sim:rest"]
    seen = bytearray()
    answers = [(b"Enter goes on.", b"\n"), (b"tension, from 0 to 10?", b"20\n")]
    answers += [(b"20 is no answer", b"3\n"), (b"numbness, from 0 to 10?", b"1\n")]

    def talk() -> None:
        waiting = list(answers)
        with_data = True
        while with_data:
            try:
                with_data = bool(data := os.read(master, 4096))
            except OSError:  # the other end has gone
                return
            seen.extend(data)
            if waiting and waiting[0][0] in seen:
                os.write(master, waiting.pop(0)[1])

    reader = threading.Thread(target=talk)
    reader.start()
    code = subprocess.run(command, stdin=slave, stdout=slave, stderr=slave, timeout=60).returncode
    os.close(slave)
    reader.join()
    os.close(master)
    assert code == 0
    said = seen.decode()
    assert "Check of the sensor  SIMULATED" in said
    assert "That was all. Thank you." in said


def test_nothing_is_asked_where_the_input_is_no_terminal(capsys, source, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("3\n"))
    assert main(["train", "short", source, "--fast"]) == 0
    out, err = capsys.readouterr()
    assert "from 0 to 10" not in out + err


@pytest.fixture
def anna(capsys) -> str:
    assert main(["journal", "add-person", "anna"]) == 0
    capsys.readouterr()
    return "anna"


def sittings(capsys: pytest.CaptureFixture[str], person: str) -> list[dict]:
    assert main(["journal", "sittings", "--person", person, "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_with_a_person_the_sitting_is_kept_and_the_course_goes_on_by_itself(capsys, source, anna):
    summaries = [
        trained(capsys, "short", source, "--fast", "--person", anna)[1] for _time in range(3)
    ]
    kept = sittings(capsys, anna)
    assert [sitting["summary"] for sitting in kept] == summaries
    assert [sitting["interrupted"] for sitting in kept] == [False] * 3
    assert [trial["feedback"] for trial in summaries[1]["trials"]] == ["on", "off"]
    assert [trial["feedback"] for trial in summaries[2]["trials"]] == ["summary", "summary"]
    with open_journal() as journal:
        rest = journal.newest_calibration(
            anna,
            "baseline",
            channel="trapezius left",
            band_hz=(20, 450),
            sensor=load_scenario(source.removeprefix("sim:")).info.channels[0].sensor,
            simulated=True,
        )
    assert rest is not None
    assert rest.value_uv == pytest.approx(summaries[2]["baseline_uv"], rel=1e-4)
    assert "anna" not in json.dumps(summaries)


def test_a_stored_reference_decides_what_rest_is(capsys, source, anna):
    channel = load_scenario(source.removeprefix("sim:")).info.channels[0]
    with open_journal() as journal:
        reference = Calibration(
            kind="reference",
            channel=channel.label,
            value_uv=90.0,
            band_hz=(20, 450),
            sensor=channel.sensor,
            simulated=True,
            measured=datetime.now(UTC),
            valid_percent=100.0,
        )
        journal.keep_calibration(anna, reference)
    _events, summary = trained(capsys, "short", source, "--fast", "--person", anna)
    assert summary["rest_threshold_uv"] == pytest.approx(0.05 * 90)


def test_a_sitting_that_is_broken_off_is_kept_as_such(capsys, source, anna, tmp_path):
    recording = tmp_path / "short.csv"
    assert main(["simulate", source.removeprefix("sim:"), str(recording), "--seconds", "30"]) == 0
    capsys.readouterr()
    trained(capsys, "short", str(recording), "--fast", "--person", anna)
    (kept,) = sittings(capsys, anna)
    assert kept["interrupted"] is True
    assert kept["summary"]["whole"] is False


def test_a_person_that_nobody_knows_is_refused_before_anything_begins(capsys):
    assert "nobody called 'bert'" in refused(capsys, "short", "sim:rest", "--person", "bert")
