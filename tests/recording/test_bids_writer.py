"""EMG-BIDS folders, judged by the official validator, and their signals read by MNE."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import bids_validator_deno
import mne
import numpy as np
import pytest
from deno import find_deno_bin

from biofeedback.errors import RecordingError, SettingsError
from biofeedback.recording.bids_writer import BidsLabels
from biofeedback.recording.formats import read_recording
from biofeedback.recording.recorded import Recording
from biofeedback.recording.writers import write_recording
from biofeedback.stream import Annotation, Channel, Chunk, StreamInfo

VALIDATOR = Path(bids_validator_deno.__file__).with_name("bids-validator.js")
# What nobody but who publishes a recording knows.
ASKED_FOR = {"Authors", "HEDVersion", "License", "SourceDatasets", "TOO_FEW_AUTHORS"}


def issues(folder: Path) -> dict[str, set[str]]:
    """Return what the validator finds, without a network: keys or codes by severity."""
    run = subprocess.run(
        [
            *(find_deno_bin(), "run", "--cached-only", "--no-remote", "--deny-net"),
            *("--allow-read", "--allow-env", str(VALIDATOR), str(folder), "--format", "json"),
        ],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        cwd=folder.parent,
    )
    found: dict[str, set[str]] = {}
    for issue in json.loads(run.stdout)["issues"]["issues"]:
        named = issue.get("subCode") or issue["code"]
        found.setdefault(issue["severity"], set()).add(named)
    assert bool(run.returncode) == ("error" in found), run.stderr
    return found


def recording(*, simulated: bool = False, whole: bool = True) -> Recording:
    samples = np.random.default_rng(0).integers(0, 4095, (2510, 2)).astype(float)
    samples += 0.0 if whole else np.random.default_rng(1).random((2510, 2))
    channels = (
        Channel("Musculus sternocleidomastoideus links", "uV", 0.5, -1023.5, digital=(0, 4095)),
        Channel("=neck"),
    )
    notes = (Annotation(0.25, 0.0, "=sensory\ttrick on"), Annotation(1.5, 0.125, "off"))
    chunks = [Chunk(0, samples[:1000]), Chunk(1300, samples[1000:])]
    info = StreamInfo(channels, 1000.0, "somewhere", simulated=simulated)
    return Recording(info, chunks, 2810, annotations=notes)


def table(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text("utf-8").splitlines()]


def test_the_validator_finds_nothing_but_what_only_a_publisher_knows(tmp_path):
    write_recording(recording(), f"{tmp_path}/bids/")
    assert issues(tmp_path / "bids") == {"warning": ASKED_FOR}


def test_the_validator_sees_what_is_wrong(tmp_path):
    write_recording(recording(), f"{tmp_path}/bids/")
    (tmp_path / "bids" / "sub-01" / "emg" / "sub-01_task-recording_channels.tsv").unlink()
    sidecar = tmp_path / "bids" / "sub-01" / "emg" / "sub-01_task-recording_emg.json"
    sidecar.write_text("{}")
    assert {"EMGReference", "PowerLineFrequency"} <= issues(tmp_path / "bids")["error"]


def test_several_recordings_make_one_valid_folder(tmp_path):
    out = f"{tmp_path}/bids/"
    write_recording(recording(), out, labels=BidsLabels("anna7", "rest", 50.0))
    write_recording(
        recording(whole=False), out, overwrite=True, labels=BidsLabels("anna7", "clench")
    )
    write_recording(recording(), out, overwrite=True, labels=BidsLabels("B", "rest"))
    assert issues(tmp_path / "bids") == {"warning": ASKED_FOR}
    assert table(tmp_path / "bids" / "participants.tsv") == [
        ["participant_id"],
        ["sub-anna7"],
        ["sub-B"],
    ]
    emg = tmp_path / "bids" / "sub-anna7" / "emg"
    assert sorted(path.name for path in emg.glob("*_emg.*df")) == [
        "sub-anna7_task-clench_emg.bdf",
        "sub-anna7_task-rest_emg.edf",
    ]
    assert len(table(emg / "sub-anna7_electrodes.tsv")) == 3
    assert (
        json.loads((emg / "sub-anna7_task-rest_emg.json").read_text())["PowerLineFrequency"] == 50
    )


def test_the_tables_say_what_the_signal_says_and_invent_nothing(tmp_path):
    write_recording(recording(), f"{tmp_path}/bids/")
    emg = tmp_path / "bids" / "sub-01" / "emg"
    signal = mne.io.read_raw_edf(emg / "sub-01_task-recording_emg.edf", verbose="ERROR")
    channels = table(emg / "sub-01_task-recording_channels.tsv")
    assert channels[0][:4] == ["name", "type", "units", "description"]
    assert [row[0] for row in channels[1:]] == signal.ch_names
    assert [row[1:4] for row in channels[1:]] == [
        ["EMG", "uV", "Musculus sternocleidomastoideus links"],
        ["EMG", "n/a", "'=neck"],
    ]
    assert {cell for row in channels[1:] for cell in row[4:]} == {"n/a"}
    assert table(emg / "sub-01_task-recording_events.tsv") == [
        ["onset", "duration", "trial_type"],
        ["0.25", "0.0", "'=sensory trick on"],
        ["1.0", "0.3", "BAD_gap"],
        ["1.5", "0.125", "off"],
    ]
    assert {cell for row in table(emg / "sub-01_electrodes.tsv")[1:] for cell in row[1:]} == {"n/a"}
    said = json.loads((emg / "sub-01_task-recording_emg.json").read_text("utf-8"))
    assert (said["SamplingFrequency"], said["RecordingDuration"]) == (signal.info["sfreq"], 2.81)
    for unknown in ("EMGReference", "PowerLineFrequency", "SoftwareFilters", "Manufacturer"):
        assert said[unknown] == "n/a"


@pytest.mark.parametrize("whole", [True, False])
def test_the_signal_comes_back_from_the_folder(tmp_path, whole):
    before = recording(whole=whole)
    write_recording(before, f"{tmp_path}/bids/")
    (path,) = (tmp_path / "bids").rglob("*_emg.*df")
    back = read_recording(path)
    assert [c.label for c in back.info.channels] == [c.label for c in before.info.channels]
    for old, new in zip(before.chunks, back.chunks, strict=True):
        assert new.start == old.start
        for at, (was, now) in enumerate(zip(before.info.channels, back.info.channels, strict=True)):
            here = new.samples[:, at] * now.gain + now.offset
            there = old.samples[:, at] * was.gain + was.offset
            assert np.abs(here - there).max() <= (0.0 if whole else 0.5 * now.gain * (1 + 1e-6))
    raw = (mne.io.read_raw_edf if whole else mne.io.read_raw_bdf)(path, verbose="ERROR")
    assert [str(text) for text in raw.annotations.description][:3] == [
        "=sensory trick on",
        "BAD_gap",
        "off",
    ]


def test_a_simulated_recording_says_so_and_keeps_away_from_those_of_people(tmp_path):
    write_recording(recording(simulated=True), f"{tmp_path}/sim/")
    description = json.loads((tmp_path / "sim" / "dataset_description.json").read_text())
    assert description["Name"].startswith("SIMULATED")
    assert "SIMULATED" in (tmp_path / "sim" / "README.md").read_text()
    assert json.loads(next((tmp_path / "sim").rglob("*_emg.json")).read_text())["simulated"]
    assert issues(tmp_path / "sim") == {"warning": ASKED_FOR}
    write_recording(recording(), f"{tmp_path}/real/")
    for out, simulated in (("sim", False), ("real", True)):
        with pytest.raises(RecordingError, match="would mix simulated recordings with those of"):
            write_recording(
                recording(simulated=simulated),
                f"{tmp_path}/{out}/",
                overwrite=True,
                labels=BidsLabels("02"),
            )


def test_a_folder_with_anything_in_it_is_left_alone(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    write_recording(recording(), f"{home}/")  # it is empty
    with pytest.raises(RecordingError, match="home/ is there already; say --overwrite to add"):
        write_recording(recording(), f"{home}/")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("precious")
    (tmp_path / "file").write_text("precious")
    for name in ("other", "file"):
        with pytest.raises(RecordingError, match=f"{name} is there already and holds no BIDS data"):
            write_recording(recording(), f"{tmp_path}/{name}/", overwrite=True)
    assert (tmp_path / "other" / "thesis.txt").read_text() == "precious"
    assert (tmp_path / "file").read_text() == "precious"


def test_what_joins_a_folder_replaces_its_own_and_nothing_else(tmp_path):
    out, folder = f"{tmp_path}/bids/", tmp_path / "bids"
    write_recording(recording(whole=False), out)
    write_recording(recording(), out, overwrite=True, labels=BidsLabels("02"))
    (folder / "README.md").write_text("mine")
    (folder / "participants.tsv").write_text("participant_id\tage\nsub-01\t41\n")
    write_recording(recording(), out, overwrite=True)
    assert (folder / "README.md").read_text() == "mine"
    assert table(folder / "participants.tsv") == [["participant_id", "age"], ["sub-01", "41"]]
    write_recording(recording(), out, overwrite=True, labels=BidsLabels("03"))
    assert table(folder / "participants.tsv")[-1] == ["sub-03", "n/a"]
    assert sorted(path.name for path in folder.rglob("*_emg.*df")) == [
        f"sub-{subject}_task-recording_emg.edf" for subject in ("01", "02", "03")
    ]


def test_a_recording_in_the_folder_is_not_written_over_itself(tmp_path):
    out = f"{tmp_path}/bids/"
    write_recording(recording(), out)
    (path,) = (tmp_path / "bids").rglob("*_emg.edf")
    before = path.read_bytes()
    with pytest.raises(RecordingError, match="is the recording itself"):
        write_recording(read_recording(path), out, overwrite=True)
    assert path.read_bytes() == before


def test_a_folder_that_could_not_be_joined_is_as_it_was(tmp_path):
    out = f"{tmp_path}/bids/"
    write_recording(recording(), out)
    before = {path: path.read_bytes() for path in (tmp_path / "bids").rglob("*") if path.is_file()}

    class Broken(list):
        def __iter__(self):
            yield Chunk(0, np.ones((2810, 2)))
            if self:
                raise OSError(5, "Input/output error")
            self.append("looked at")

    broken = replace(recording(), chunks=Broken())
    with pytest.raises(RecordingError, match="Input/output error"):
        write_recording(broken, out, overwrite=True)
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert after == before


@pytest.mark.parametrize("label", ["", "a b", "../x", "sub-01", "é", "x" * 41, "1_2"])
def test_labels_are_letters_and_digits(label):
    for labels in ({"subject": label}, {"task": label}):
        with pytest.raises(SettingsError, match="it may be 1 to 40 letters and digits"):
            BidsLabels(**labels)
