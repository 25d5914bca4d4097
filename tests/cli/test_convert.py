import json
import sys
from pathlib import Path

import pytest

from biofeedback.cli import main
from biofeedback.recording import writers

DATA = Path(__file__).parents[1] / "data"
OUTS = ("x.csv", "x.edf", "x.bdf", "x.parquet", "bids/")


@pytest.fixture
def simulated(tmp_path: Path) -> Path:
    path = tmp_path / "bursts.csv"
    assert main(["simulate", "bursts", str(path), "--seconds", "20"]) == 0
    return path


def converted(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    """Return what is said on stderr; nothing may be on stdout."""
    capsys.readouterr()
    assert main(["convert", *map(str, words)]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    return err


def refused(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    """Return the one sentence on stderr; nothing may be on stdout."""
    capsys.readouterr()
    assert main(["convert", *map(str, words)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    return err.strip().splitlines()[-1].removeprefix("biofeedback: ")


def analyzed(capsys: pytest.CaptureFixture[str], path: Path) -> dict:
    capsys.readouterr()
    assert main(["analyze", str(path), "--rest-threshold-uv", "4", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def signal_in(out: Path) -> Path:
    return next(out.rglob("*_emg.*df")) if out.is_dir() else out


@pytest.mark.parametrize("out", OUTS)
def test_each_kind_is_written_and_named_on_stderr(capsys, tmp_path, simulated, out):
    said = converted(capsys, simulated, f"{tmp_path}/{out}")
    assert said == f"{tmp_path}/{out}: 20 s, 1 channel at 1000 Hz, SIMULATED.\n"
    assert (tmp_path / out).exists()


@pytest.mark.parametrize("out", ["x.csv", "x.edf", "x.bdf", "bids/"])
def test_the_figures_of_a_recording_of_counts_stay_the_same(capsys, tmp_path, simulated, out):
    before = analyzed(capsys, simulated)
    converted(capsys, simulated, f"{tmp_path}/{out}")
    after = analyzed(capsys, signal_in(tmp_path / out))
    assert after["channels"][0]["label"] == "forearm right"
    assert after | {"recording": ""} == before | {"recording": ""}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("bbcontractions.csv", ("--sfreq", "1000", "--unit", "mV")),
        ("game_0_1.txt", ()),
        ("openbci.txt", ()),
        ("pyomeca_analogs.csv", ("--sfreq", "2000")),
        ("sub-01_task-talking_emg.edf", ()),
        ("trigno.csv", ()),
        ("uci_5Nsen.txt", ("--sfreq", "1000", "--unit", "mV")),
    ],
)
@pytest.mark.parametrize("out", OUTS)
def test_recordings_of_all_makers_become_each_kind(capsys, tmp_path, name, words, out):
    said = converted(capsys, DATA / name, f"{tmp_path}/{out}", *words)
    assert said.rstrip().endswith("Hz.")
    assert "Traceback" not in said
    if out != "x.parquet":
        capsys.readouterr()
        assert main(["analyze", str(signal_in(tmp_path / out)), "--json"]) == 0


def test_what_the_file_does_not_say_is_said_by_words(capsys, tmp_path):
    assert "--sfreq" in refused(capsys, DATA / "bbcontractions.csv", tmp_path / "x.edf")
    said = converted(
        capsys, DATA / "bbcontractions.csv", tmp_path / "x.csv", "--sfreq", "1000", "--unit", "mV"
    )
    assert "1 channel at 1000 Hz" in said
    assert (tmp_path / "x.csv").read_text().startswith("time_s,EMG_uv\n")


def test_out_is_judged_before_a_long_recording_is_read(capsys, tmp_path, simulated):
    assert ".parquet, or in /" in refused(capsys, "none.csv", tmp_path / "x.mat")
    assert "is the recording itself" in refused(capsys, simulated, simulated, "--overwrite")
    assert "say --overwrite" in refused(capsys, "none.csv", simulated)
    assert "There is no folder" in refused(capsys, "none.csv", tmp_path / "none" / "x.csv")
    assert "letters and digits" in refused(capsys, "none.csv", tmp_path / "b", "--subject", "../x")
    assert "There is no file" in refused(capsys, "none.csv", tmp_path / "x.csv")


def test_bids_files_bear_the_labels_that_were_said(capsys, tmp_path, simulated):
    words = ("--subject", "P07", "--task", "shrug", "--mains", "60")
    converted(capsys, simulated, f"{tmp_path}/bids/", *words)
    emg = tmp_path / "bids" / "sub-P07" / "emg"
    said = json.loads((emg / "sub-P07_task-shrug_emg.json").read_text())
    assert said["PowerLineFrequency"] == 60
    assert (emg / "sub-P07_task-shrug_emg.edf").exists()


def test_an_overwritten_file_is_the_new_one(capsys, tmp_path, simulated):
    out = tmp_path / "x.csv"
    out.write_text("old")
    converted(capsys, simulated, out, "--overwrite")
    assert out.read_bytes() == simulated.read_bytes()


def test_ctrl_c_says_that_nothing_was_written(capsys, tmp_path, simulated, monkeypatch):
    def interrupted(*_words: object, **_more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(writers, "write_recording", interrupted)
    assert converted(capsys, simulated, tmp_path / "x.edf") == "Stopped: nothing was written.\n"


def test_a_terminal_is_told_once_a_second_how_far_it_is(capsys, tmp_path, simulated, monkeypatch):
    now_s = iter(range(1000))
    monkeypatch.setattr("time.monotonic", lambda: 0.25 * next(now_s))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr("biofeedback.recording.tables.rows._BLOCK", 2**14)
    *shares, _last = converted(capsys, simulated, tmp_path / "x.csv").splitlines()
    assert len(shares) > 3
    assert all(share.endswith(" % …") for share in shares)
    percents = [int(share.split()[0]) for share in shares]
    assert percents == sorted(set(percents))
