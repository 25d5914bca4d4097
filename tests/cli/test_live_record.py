import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import edfio
import numpy as np
import pytest

from biofeedback.cli import main
from biofeedback.recording.formats import read_recording
from biofeedback.sources import SourceOptions, open_source

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX system")


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict]:
    assert main([*words, "--fast", "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main([*words, "--fast", "--json"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    return err.strip().splitlines()[-1]


def samples_of(path: Path) -> np.ndarray:
    return np.concatenate([chunk.samples for chunk in read_recording(path).chunks])


def simulated(words: str, n: int) -> np.ndarray:
    """Return the first `n` samples of a simulated stream without losses."""
    source = open_source(words, SourceOptions(fast=True))
    source.open()
    parts: list[np.ndarray] = []
    while sum(map(len, parts)) < n:
        parts += [chunk.samples for chunk in source.read(0.0)]
    return np.concatenate(parts)[:n]


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "x.edf")


def test_a_recording_holds_each_sample_and_replays_to_the_same_lines(capsys, path):
    words = ("--band", "narrow", "--threshold-uv", "9", "--heartbeat", "remove")
    *live, end = printed(
        capsys, "live", "sim:lead-off", "--seconds", "14.25", "--record", path, *words
    )
    record = {"samples": 14_250, "lost": 0, "files": 1, "complete": True}
    assert end["summary"]["record"] == record
    np.testing.assert_array_equal(samples_of(Path(path)), simulated("sim:lead-off", 14_250))
    *replayed, end = printed(capsys, "live", f"file:{path}")
    assert replayed == live
    assert end["summary"]["simulated"] is True
    assert end["summary"]["samples"] == 14_250


def test_words_and_a_file_of_settings_come_before_those_that_were_in_force(capsys, path, tmp_path):
    printed(capsys, "live", "sim:rest", "--seconds", "3", "--record", path, "--band", "narrow")
    assert printed(capsys, "live", path)[0]["band_hz"] == [100, 200]
    assert printed(capsys, "live", path, "--band", "wide")[0]["band_hz"] == [20, 450]
    of_now = tmp_path / "now.toml"
    of_now.write_text('[signal]\nband = "wide"\n')
    words = ("live", path, "--settings", str(of_now))
    assert printed(capsys, *words)[0]["band_hz"] == [20, 450]
    assert "no settings at" in refused(capsys, "live", path, "--settings", str(tmp_path / "none"))


def test_analyze_uses_the_settings_that_were_in_force(capsys, path, tmp_path):
    printed(capsys, "live", "sim:rest", "--seconds", "5", "--record", path, "--band", "narrow")
    of_now = tmp_path / "now.toml"
    of_now.write_text("")
    for words, band_hz in (((), [100, 200]), (("--settings", str(of_now)), [20, 450])):
        assert main(["analyze", path, "--json", *words]) == 0
        (found,) = map(json.loads, capsys.readouterr().out.splitlines())
        assert found["channels"][0]["band_hz"] == band_hz
        assert found["annotations"] == []


def test_numbers_that_are_no_counts_are_recorded_in_24_bits(capsys, path, tmp_path):
    table = tmp_path / "x.csv"
    rng = np.random.default_rng(0)
    values = 5 * rng.standard_normal(4000)
    table.write_text("EMG_uv\n" + "\n".join(f"{v:.6f}" for v in values))
    words = ("live", str(table), "--sfreq", "1000")
    assert "name end in .bdf" in refused(capsys, *words, "--record", path)
    bdf = tmp_path / "x.bdf"
    printed(capsys, *words, "--record", str(bdf))
    np.testing.assert_allclose(samples_of(bdf)[:, 0], values, rtol=0, atol=2**-7 + 1e-6)


def test_a_recording_is_never_overwritten(capsys, path):
    Path(path).write_text("mine")
    assert "there already" in refused(capsys, "live", "sim:rest", "--record", path)
    assert Path(path).read_text() == "mine"
    assert ".edf or .bdf" in refused(capsys, "live", "sim:rest", "--record", path + ".csv")


def test_what_broke_off_is_repaired_before_a_new_recording_begins(
    capsys, path, tmp_path, monkeypatch
):
    monkeypatch.setenv("BIOFEEDBACK_RECORDINGS", str(tmp_path))
    printed(capsys, "live", "sim:rest", "--seconds", "1", "--record", path)
    whole = Path(path).read_bytes()
    Path(path).write_bytes(whole[:-5])
    main(["live", "sim:rest", "--seconds", "1", "--fast", "--record", str(tmp_path / "y.edf")])
    assert "x.edf: 0.96 s are saved" in capsys.readouterr().err
    assert Path(path).read_bytes()[256:] == whole[256 : len(whole) - 400]


@posix_only
@pytest.mark.parametrize("ending", ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"])
def test_however_it_ends_the_file_is_whole(path, ending, tmp_path):
    command = [sys.executable, "-m", "biofeedback", "live", "sim:rest", "--json", "--record", path]
    environment = os.environ | {"BIOFEEDBACK_RECORDINGS": str(tmp_path / "none")}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, env=environment) as process:
        for _line in range(8):
            seen = json.loads(process.stdout.readline())
        process.send_signal(getattr(signal, ending))
        rest = process.stdout.read().splitlines()
        err = process.stderr.read()
        code = process.wait()
    found = samples_of(Path(path))
    np.testing.assert_array_equal(found, simulated("sim:rest", len(found)))
    assert len(edfio.read_edf(path).signals[0].digital) >= len(found)
    if ending == "SIGKILL":
        assert len(found) >= 1000 * seen["t_s"] - 150
        return
    assert code == 0
    summary = json.loads(rest[-1])["summary"]
    assert summary["record"]["complete"] is True
    assert summary["samples"] == summary["record"]["samples"] == len(found)
    assert b"Traceback" not in err
