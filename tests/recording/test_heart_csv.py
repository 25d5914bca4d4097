"""The heart rate beside a recording goes wherever the recording goes."""

import json
from pathlib import Path

import numpy as np
import pytest

from biofeedback.cli import main
from biofeedback.recording.formats import read_recording
from biofeedback.recording.heart_csv import HeartCsv, heart_path
from biofeedback.recording.live import Recorder
from biofeedback.recording.repair import repair
from biofeedback.recording.sidecar import read_sidecar
from biofeedback.settings import BurstSettings, SignalSettings
from biofeedback.stream import Channel, Chunk, StreamInfo

SFREQ = 1000
INFO = StreamInfo((Channel("EMG", digital=(0, 1023)),), SFREQ, "serial:fake")
HEAD = "time_s,rate_bpm,rr_s,artefact"


def recorded(path: Path, *, first_s: int = 0) -> Path:
    """Record three seconds of a stream, from `first_s` of it on, and a heart beside them."""
    recorder = Recorder(
        path, signal=SignalSettings(), bursts=BurstSettings(), patient=True, heart=True
    )
    recorder.open(INFO, first_s * SFREQ)
    counts = np.random.default_rng(1).integers(0, 1023, (3 * SFREQ, 1)).astype(float)
    recorder.write(Chunk(first_s * SFREQ, counts))
    recorder.close()
    heart = HeartCsv(path)
    heart.add(first_s + 1.0, 60.0, (1.0, 2.5), (False, True))
    heart.add(first_s + 2.0, float("nan"), (), ())
    heart.close()
    return path


def rows(recording: Path) -> list[str]:
    head, *found = heart_path(recording).read_text().splitlines()
    assert head == HEAD
    return found


ROWS = ["1.000,60,1.000000,0", "1.000,60,2.500000,1", "2.000,,,"]


@pytest.mark.parametrize("first_s", [0, 61])
@pytest.mark.parametrize("suffix", [".edf", ".bdf", ".csv", ".parquet"])
def test_converted_it_lies_beside_in_the_time_of_the_new_file(tmp_path, suffix, first_s, capsys):
    source, out = recorded(tmp_path / "x.edf", first_s=first_s), tmp_path / f"out{suffix}"
    assert main(["convert", str(source), str(out)]) == 0
    assert rows(out) == ROWS
    if suffix != ".parquet":  # which is not read
        assert read_recording(out).duration_s == pytest.approx(3.0)
    if suffix in (".edf", ".bdf"):
        assert read_sidecar(out).heart == "out.heart.csv"
    assert (heart_path(out).stat().st_mode & 0o077) == 0
    assert "heart" not in capsys.readouterr().err


def test_what_is_converted_again_takes_it_along_again(tmp_path):
    source = recorded(tmp_path / "x.edf", first_s=61)
    for before, after in ((source, "a.csv"), (tmp_path / "a.csv", "b.edf")):
        assert main(["convert", str(before), str(tmp_path / after)]) == 0
    assert rows(tmp_path / "b.edf") == ROWS


def test_a_heart_rate_that_is_there_already_is_not_written_over(tmp_path, capsys):
    source = recorded(tmp_path / "x.edf")
    (tmp_path / "out.heart.csv").write_text("mine")
    words = ["convert", str(source), str(tmp_path / "out.csv")]
    assert main(words) == 1
    assert "out.heart.csv is there already" in capsys.readouterr().err
    assert (tmp_path / "out.heart.csv").read_text() == "mine"
    assert not (tmp_path / "out.csv").exists()
    assert main([*words, "--overwrite"]) == 0
    assert rows(tmp_path / "out.csv") == ROWS


@pytest.mark.parametrize(("first_s", "said"), [(0, False), (61, True)])
def test_beside_two_formats_of_one_name_it_stays_and_a_later_begin_is_told(
    tmp_path, capsys, first_s, said
):
    source = recorded(tmp_path / "x.edf", first_s=first_s)
    before = rows(source)
    assert main(["convert", str(source), str(tmp_path / "x.csv")]) == 0
    assert rows(source) == before
    assert ("its times begin 61 s before those of x.csv" in capsys.readouterr().err) == said


def test_bids_has_no_place_for_it_and_that_is_said(tmp_path, capsys):
    source = recorded(tmp_path / "x.edf")
    assert main(["convert", str(source), f"{tmp_path}/bids/"]) == 0
    assert "x.heart.csv is not in the folder" in capsys.readouterr().err
    assert not [path for path in (tmp_path / "bids").rglob("*") if "heart" in path.name]
    (sidecar,) = (tmp_path / "bids").rglob("*_emg.json")
    assert "heart" not in json.loads(sidecar.read_text())


@pytest.mark.parametrize(
    "damage", ["3.0,70", "3.0,70,nan,0", "x,1,1,0", "3.0,7\x00,,", "1,2,3,4,5"]
)
def test_a_damaged_row_is_left_out_and_counted(tmp_path, capsys, damage):
    source = recorded(tmp_path / "x.edf")
    with heart_path(source).open("a") as file:
        file.write(damage)
    assert main(["convert", str(source), str(tmp_path / "out.csv")]) == 0
    assert rows(tmp_path / "out.csv") == ROWS
    assert "1 row of x.heart.csv is damaged and is left out." in capsys.readouterr().err


def test_a_table_of_that_name_by_somebody_else_is_left_alone(tmp_path):
    source = recorded(tmp_path / "x.edf")
    heart_path(source).write_text("beats\n1\n")
    assert main(["convert", str(source), str(tmp_path / "out.csv")]) == 0
    assert not heart_path(tmp_path / "out.csv").exists()
    assert not repair(source).changed
    assert heart_path(source).read_text() == "beats\n1\n"


def test_a_repair_cuts_off_the_row_that_was_torn(tmp_path):
    source = recorded(tmp_path / "x.edf")
    whole = heart_path(source).read_bytes()
    heart_path(source).write_bytes(whole + b"3.000,6")
    done = repair(source)
    assert done.changed
    assert done.sentence.endswith("The last row of its heart rate was torn, and is cut off.")
    assert heart_path(source).read_bytes() == whole
    assert not repair(source).changed
