import json
import math
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from biofeedback.cli import main
from biofeedback.settings import Settings, save_settings

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX system")

DATA = Path(__file__).parents[1] / "data"


def printed(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> list[dict]:
    assert main(list(words)) == code
    out = capsys.readouterr().out
    return [json.loads(line) for line in out.splitlines()]


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Return the one sentence on stderr; nothing may be on stdout."""
    assert main(list(words)) == 1
    out, err = capsys.readouterr()
    assert out == ""
    last = err.strip().splitlines()[-1]
    assert last.startswith("biofeedback: ")
    assert "Traceback" not in err
    return last


def test_rest_reads_two_microvolts_and_its_first_three_quarters_of_a_second_are_unknown(capsys):
    *lines, summary = printed(capsys, "live", "sim:rest", "--fast", "--seconds", "60", "--json")
    assert len(lines) == 600
    for line in lines:
        assert list(line) == [
            "t_s", "channel", "rms_uv", "fast_rms_uv", "band_hz", "zone", "quality",
        ]  # fmt: skip
        assert line["band_hz"] == [20, 450]
        assert line["zone"] == "unknown"
        assert (line["rms_uv"] is None) == (line["t_s"] < 0.75)
        assert line["quality"] == (["unsettled"] if line["t_s"] < 0.75 else [])
    read = [line["rms_uv"] for line in lines if line["rms_uv"] is not None]
    assert np.mean(read) == pytest.approx(2.0, rel=0.03)
    assert summary["summary"]["samples"] == 60_000
    assert summary["summary"]["simulated"] is True


def test_the_same_bytes_twice(capsys):
    outs = []
    for _time in range(2):
        main(["live", "sim:bursts", "--fast", "--seconds", "10", "--json"])
        outs.append(capsys.readouterr().out)
    assert outs[0] == outs[1]


def test_numbers_have_six_significant_digits(capsys):
    lines = printed(capsys, "live", "sim:rest", "--fast", "--seconds", "2", "--json")
    for line in lines[:-1]:
        for value in (line["rms_uv"], line["fast_rms_uv"]):
            assert value is None or len(str(value).replace(".", "").lstrip("0")) <= 6


def test_a_threshold_gives_zones(capsys):
    words = ("live", "sim:bursts", "--fast", "--seconds", "7", "--threshold-uv", "10", "--json")
    zones = {line["t_s"]: line["zone"] for line in printed(capsys, *words)[:-1]}
    assert zones[0.5] == "unknown"
    assert zones[3.5] == "relaxed"
    assert zones[5.5] == "tense"


def test_a_lead_that_is_off_pauses_within_a_second_and_never_says_relaxed(capsys):
    words = ("live", "sim:lead-off", "--fast", "--seconds", "40", "--threshold-uv", "5", "--json")
    lines = printed(capsys, *words)[:-1]
    assert all(line["zone"] != "relaxed" for line in lines)
    off = [line for line in lines if 11.0 <= line["t_s"] < 25.0]
    assert all(line["zone"] == "unknown" and line["rms_uv"] is None for line in off)
    assert all("electrode_off" in line["quality"] for line in off)


def test_the_uno_declares_its_floor_and_refuses_three_microvolts(capsys):
    said = refused(capsys, "live", "sim:uno-10-bit", "--fast", "--threshold-uv", "3", "--json")
    assert "3 µV is below what this sensor can resolve (12 µV" in said
    main(["live", "sim:uno-10-bit", "--fast", "--seconds", "2", "--json"])
    assert "This sensor resolves 12 µV" in capsys.readouterr().err


def test_a_threshold_of_the_settings_that_the_sensor_cannot_resolve_is_left_out_and_said(capsys):
    from dataclasses import replace

    settings = Settings()
    save_settings(replace(settings, signal=replace(settings.signal, threshold_uv=3.0)))
    assert main(["live", "sim:uno-10-bit", "--fast", "--seconds", "2", "--json"]) == 0
    out, err = capsys.readouterr()
    assert "left out" in err
    assert '"relaxed"' not in out
    main(["live", "sim:rest", "--fast", "--seconds", "2", "--json"])
    assert '"relaxed"' in capsys.readouterr().out


def test_the_narrow_band_is_named_in_every_line(capsys):
    words = ("live", "sim:rest", "--fast", "--seconds", "2", "--band", "narrow", "--json")
    assert all(line["band_hz"] == [100, 200] for line in printed(capsys, *words)[:-1])


def test_a_simulated_recording_replays_to_the_same_numbers(capsys, tmp_path: Path):
    out = tmp_path / "relaxing.csv"
    assert main(["simulate", "relaxing", str(out), "--seconds", "12"]) == 0
    capsys.readouterr()
    live = printed(capsys, "live", "sim:relaxing", "--fast", "--seconds", "12", "--json")
    replayed = printed(capsys, "live", str(out), "--fast", "--json")
    assert replayed[:-1] == live[:-1]
    assert replayed[-1]["summary"]["simulated"] is True


def test_simulate_writes_the_truth_beside_the_recording(capsys, tmp_path: Path):
    out = tmp_path / "x.csv"
    assert main(["simulate", "lead-off", str(out), "--seconds", "11.5"]) == 0
    truth = json.loads((tmp_path / "x.csv.truth.json").read_text())
    assert truth["simulated"] is True
    header, *rows = out.read_text().splitlines()
    assert header == "time_s,trapezius left (simulated)_uv"
    assert len(rows) == 11_500
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.csv", "x.csv.truth.json"]


def test_plain_numbers_replay_with_a_rate_and_a_unit(capsys):
    words = ("--sfreq", "1000", "--unit", "mV", "--fast", "--json", "--seconds", "9")
    lines = printed(capsys, "live", str(DATA / "bbcontractions.csv"), *words)
    slow = [line["rms_uv"] for line in lines[:-1] if line["t_s"] in range(2, 9)]
    assert math.sqrt(np.mean(np.square(slow))) == pytest.approx(5.727, rel=0.025)


def test_without_a_sensor_the_keys_say_counts(capsys, tmp_path: Path):
    path = tmp_path / "plain.csv"
    rng = np.random.default_rng(0)
    path.write_text("\n".join(str(v) for v in rng.integers(400, 600, 3000)))
    lines = printed(capsys, "live", str(path), "--sfreq", "1000", "--fast", "--json")
    assert set(lines[20]) >= {"rms_counts", "fast_rms_counts"}
    assert "rms_uv" not in lines[20]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("sim:nope",), "no scenario called 'nope'"),
        (("sim:rest?speed=2",), "knows no 'speed='"),
        (("sim:rest?seed=-1",), "seed=-1 must be a number"),
        (("nope:x",), "neither a file nor a source"),
        (("none.csv",), "none.csv"),
        (("sim:rest", "--seconds", "-3"), "--seconds -3 is no duration"),
        (("sim:rest", "--seconds", "0"), "no duration"),
        (("sim:rest", "--seconds", "nan"), "no duration"),
        (("sim:rest", "--sfreq", "-1"), "A rate of -1 Hz is none"),
        (("sim:rest", "--threshold-uv", "-2"), "give one above 0"),
        (("serial:/dev/ttyNONE",), "/dev/ttyNONE"),
        (("",), "No source was named"),
        (("sim:rest", "--sensor", "lamp"), "no sensor called 'lamp'"),
        (("sim:rest", "--board", "cray"), "no board called 'cray'"),
        (("sim:rest", "--sfreq", "500"), "knows its own rate"),
        (("sim:rest", "--unit", "mV"), "knows its own rate"),
        (("serial:x?baud=fast",), "baud=fast must be a number"),
        (("serial:x?sensor=lamp",), "no sensor called 'lamp'"),
        (("serial:x?board=cray",), "no board called 'cray'"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_1(capsys, words, said):
    assert said in refused(capsys, "live", *words, "--json", "--fast")


@pytest.mark.parametrize("words", [(), ("sim:rest", "--unit", "feet"), ("sim:rest", "--loud")])
def test_wrong_usage_is_exit_2(words):
    with pytest.raises(SystemExit) as exit_:
        main(["live", *words])
    assert exit_.value.code == 2


@posix_only
@pytest.mark.parametrize("ending", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_ctrl_c_and_its_like_end_cleanly_with_the_summary(ending: str):
    command = [sys.executable, "-m", "biofeedback", "live", "sim:rest", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for _line in range(12):
            process.stdout.readline()
        process.send_signal(getattr(signal, ending))
        rest, err = process.stdout.read(), process.stderr.read()
        assert process.wait() == 0
    assert b'"summary"' in rest.splitlines()[-1]
    assert b"Traceback" not in err


def test_without_json_a_line_a_second_says_the_tension_in_words(capsys):
    assert main(["live", "sim:lead-off", "--fast", "--seconds", "12", "--threshold-uv", "5"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 12
    assert "Settling" in lines[0]
    assert lines[5].startswith("00:05  trapezius left  ")
    assert "µV  Tense  SIMULATED" in lines[5]
    assert "No reading  The electrode has come off" in lines[11]


@posix_only
def test_under_nohup_a_hangup_does_not_end_it():
    command = ["nohup", sys.executable, "-m", "biofeedback", "live", "sim:rest", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGHUP)
        for _line in range(20):
            assert process.stdout.readline()
        process.kill()
        process.stdout.read()


@posix_only
def test_a_reader_that_goes_away_is_no_error():
    command = f"{sys.executable} -m biofeedback live sim:rest --fast --json | head -n 3"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True)
    assert len(done.stdout.splitlines()) == 3
    assert b"Traceback" not in done.stderr
    assert b"Exception" not in done.stderr


@posix_only
@pytest.mark.parametrize("output", [">&-", ">/dev/full"])
def test_an_output_that_cannot_be_written_is_one_sentence(output: str):
    command = f"{sys.executable} -m biofeedback live sim:rest --fast --seconds 2 --json {output}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.returncode == 1
    assert "output" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


@posix_only
def test_a_terminal_gets_a_bar_that_moves_and_says_that_it_is_simulated():
    import pty  # Windows has none

    master, slave = pty.openpty()
    command = [sys.executable, "-m", "biofeedback", "demo", "--seconds", "2"]
    environment = {k: v for k, v in os.environ.items() if "DISPLAY" not in k and "QT_" not in k}
    seen = bytearray()

    def read() -> None:
        with_data = True
        while with_data:
            try:
                with_data = bool(data := os.read(master, 4096))
                seen.extend(data)
            except OSError:  # the other end has gone
                return

    reader = threading.Thread(target=read)
    reader.start()
    code = subprocess.run(command, stdout=slave, stderr=slave, env=environment).returncode
    os.close(slave)
    reader.join()
    os.close(master)
    text = seen.decode()
    assert code == 0
    assert "There is no display here." in text
    assert "SIMULATED" in text
    assert "█" in text
    assert "µV" in text
    frames = [line for part in text.split("\x1b[A")[1:] for line in part.split("\n")]
    assert max(len(line.replace("\x1b[K", "").strip()) for line in frames) < 80
    assert text.count("\x1b[A") >= 5
