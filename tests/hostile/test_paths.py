"""A name in a file leads nowhere else, and what is no file is not waited for."""

import os
import sys

import numpy as np
import pytest
from fuzzing.corpus import make_edf

from biofeedback.errors import BiofeedbackError, RecordingError, SettingsError, SourceNotFound
from biofeedback.recording.formats import READERS, read_recording
from biofeedback.settings import load_settings
from biofeedback.sources.scenario import load_scenario

unix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


ELSEWHERE = ["../outside.dat", "/etc/passwd", "..", ".", "sub/inside.dat", "~/x.dat", "-", "|id"]
ELSEWHERE += ["a\0b", "$(id)", "a\x1b[2J.dat"]


@pytest.mark.parametrize("named", ELSEWHERE)
def test_a_header_names_samples_beside_it_and_nowhere_else(tmp_path, named):
    folder = tmp_path / "recording"
    (folder / "sub").mkdir(parents=True)
    for path in (tmp_path / "outside.dat", folder / "sub" / "inside.dat"):
        path.write_bytes(bytes(range(200)))
    header = folder / "x.hea"
    header.write_text(f"x 1 1000 20\n{named} 16 1/mV 0 0 0 0 0 EMG\n", encoding="utf-8")
    with pytest.raises(RecordingError):
        read_recording(header)


@pytest.fixture
def plain_samples():
    return "".join(f"{(k * 37) % 99}\n" for k in range(2000))


@unix
@pytest.mark.parametrize("suffix", [*READERS, ""])
def test_a_pipe_is_not_waited_for(tmp_path, suffix):
    pipe = tmp_path / f"x{suffix}"
    os.mkfifo(pipe)
    with pytest.raises(RecordingError, match="is a pipe or a device"):
        read_recording(pipe, sfreq=1000)


@unix
def test_what_is_no_recording_is_told_at_once(tmp_path):
    loop = tmp_path / "loop.edf"
    loop.symlink_to(loop)
    with pytest.raises(SourceNotFound):
        read_recording(loop)
    zero = tmp_path / "zero.csv"
    zero.symlink_to("/dev/zero")
    with pytest.raises(RecordingError, match="is a pipe or a device"):
        read_recording(zero)
    with pytest.raises(RecordingError, match="is a folder"):
        read_recording(tmp_path)
    for name in ("a\0b.csv", "x" * 5000 + ".csv", "\udcff.csv", "", "file:", "file:\n"):
        with pytest.raises(BiofeedbackError):
            read_recording(name)


@unix
def test_pipes_beside_a_recording_are_not_waited_for(tmp_path, plain_samples):
    for name in ("x-events.txt", "sub-1_channels.tsv", "x.csv.annotations.csv", "y.hea"):
        os.mkfifo(tmp_path / name)
    table = tmp_path / "x.csv"
    table.write_text(plain_samples, encoding="utf-8")
    assert read_recording(table, sfreq=1000).stop == 2000
    recording = tmp_path / "sub-1_emg.edf"
    recording.write_bytes(make_edf())
    assert read_recording(recording).stop == 60
    (tmp_path / "y.dat").write_bytes(bytes(range(200)))
    with pytest.raises(RecordingError):
        read_recording(tmp_path / "y.dat")


@unix
def test_settings_and_scenarios_that_are_no_files_are_told(tmp_path):
    pipe = tmp_path / "x.toml"
    os.mkfifo(pipe)
    endless = tmp_path / "zero.toml"
    endless.symlink_to("/dev/zero")
    for path in (pipe, endless, tmp_path):
        with pytest.raises(SettingsError, match="it is no file"):
            load_settings(path)
    for name in (pipe, endless):
        with pytest.raises(SourceNotFound, match="it is no file"):
            load_scenario(str(name))
    large = tmp_path / "large.toml"
    large.write_bytes(b"#" * (2**20 + 1))
    with pytest.raises(SettingsError, match="longer than 1048576 bytes"):
        load_settings(large)


def test_a_name_with_a_newline_is_a_name(tmp_path, plain_samples):
    if sys.platform == "win32":
        pytest.skip("Windows has no such names")
    path = tmp_path / "a\nb.csv"
    path.write_text(plain_samples, encoding="utf-8")
    samples = np.concatenate([chunk.samples for chunk in read_recording(path, sfreq=1000).chunks])
    assert len(samples) == 2000
