"""A file that would take all memory or time ends in a sentence, soon, and in little memory."""

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from fuzzing.corpus import make_edf

from biofeedback.errors import RecordingError
from biofeedback.recording.binary import hdf5, xdf_chunks
from biofeedback.recording.formats import read_recording

MOST_MB, MOST_S = 300, 10.0
# One process reads a file after another, and says after each what it has taken so far.
READ = """
import json, re, sys, time
from pathlib import Path
from biofeedback.errors import BiofeedbackError
from biofeedback.recording.formats import read_recording
for path in sys.argv[1:]:
    begun = time.process_time()
    try:
        recording = read_recording(path, sfreq=1000 if "untimed" in path else None)
        said = f"read: {recording.duration_s:g} s"
    except BiofeedbackError as error:
        said = str(error)
    # not ru_maxrss, which begins with what the process had that started this one
    mb = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024
    print(json.dumps({"said": said, "s": time.process_time() - begun, "mb": mb}))
"""


def sparse(path, head, size):
    """Write `head`, and say that `size` bytes of zero follow: they take no room on most disks."""
    with path.open("wb") as file:
        file.write(head)
        file.truncate(size)
    return path


def wave(path, claim, channels=1, sfreq=5000):
    form = struct.pack("<HHIIHH", 1, channels, sfreq, 0, 2 * channels, 16)
    head = struct.pack("<4sI4s4sI", b"RIFF", 0, b"WAVE", b"fmt ", 16) + form
    return sparse(path, head + struct.pack("<4sI", b"data", claim), 4000)


def wfdb(path, signals):
    lines = [f"x {signals} 1000 999999999999"]
    lines += [f"x.dat 16 1/mV 0 0 0 0 0 {'x' if k else 'EMG'}" for k in range(signals)]
    path.write_text("\n".join(lines), encoding="utf-8")
    sparse(path.with_name("x.dat"), b"", 2**32)
    return path


def xdf(path, chunks):
    xml = b"<info><name>A</name><type>EMG</type><channel_count>1</channel_count>"
    xml += b"<nominal_srate>100</nominal_srate><channel_format>int8</channel_format></info>"
    head = b"XDF:\4" + struct.pack("<IHI", 6 + len(xml), 2, 1) + xml
    one = b"\1\x0a" + struct.pack("<HI", 3, 1) + b"\1\1\0\7"
    claim = b"\x08" + struct.pack("<QHI", 2**62, 3, 1)
    path.write_bytes(head + one * chunks + claim)
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="no resource module, no sparse files")
def test_bombs_are_told_within_seconds_and_little_memory(tmp_path):
    def text(name, content):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    rows = "".join(f"{k / 1000:.3f},{k % 9}\n" for k in range(2000))
    many = ",".join(f"c{k}_uv" for k in range(200_000))
    edf = make_edf().replace(b"3       0.1", b"-1      0.1")
    lines = b"EMG_uv\n" + b"1\n" * 40_000
    cases = {
        sparse(tmp_path / "untimed-line.csv", lines, 2**30): "no table",
        sparse(tmp_path / "untimed-large.csv", lines, 5 * 10**9): "5 GB of text, and 4 GB",
        text("untimed-wide.csv", f"{many}\n{many}\n"): "first line is longer",
        text("untimed-row.csv", "EMG_uv\n1\n2\n" + "7" * (3 * 2**20) + "\n"): "no table",
        text("far.csv", f"time_s,EMG_uv\n{rows}1e9,3\n1000000000.001,4\n"): "lasts 11574 days",
        wave(tmp_path / "claim.wav", 0xFFFFFFF0): "read: 0.3956 s",
        wave(tmp_path / "fast.wav", 3900, sfreq=2**32 - 1): "200000 Hz or 6400000",
        wfdb(tmp_path / "x.hea", 5000): "read: 429.496 s",
        sparse(tmp_path / "big.edf", edf, 2**33): "is cut into ",
    }
    done = subprocess.run(
        [sys.executable, "-c", READ, *map(str, cases)],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        check=True,
        timeout=120,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    for (path, said), one in zip(cases.items(), told, strict=True):
        assert said in one["said"], (path.name, one)
        assert one["s"] < MOST_S, (path.name, one)
        assert one["mb"] < MOST_MB, (path.name, one)


def test_blocks_beyond_count_and_beyond_the_end_are_left_out(tmp_path, monkeypatch):
    path = xdf(tmp_path / "x.xdf", 500)
    assert "damaged at byte" in read_recording(path).notes[0]  # the claim behind them
    assert read_recording(path).stop == 500
    monkeypatch.setattr(xdf_chunks, "_MOST_CHUNKS", 101)  # a header, and samples
    recording = read_recording(path)
    assert recording.stop == 100
    assert "damaged at byte" in recording.notes[0]


def test_a_recording_of_more_than_a_computer_holds_is_told(tmp_path):
    path = wave(tmp_path / "wide.wav", 3900, channels=1000, sfreq=50_000)
    with pytest.raises(RecordingError, match=r"1000 × 50000 Hz, and no more than 1024 channels"):
        read_recording(path)
    rows = "".join(f"{k * 4e-6:.6f},{k % 9}\n" for k in range(500))
    (tmp_path / "fast.csv").write_text(f"time_s,EMG_uv\n{rows}", encoding="utf-8")
    with pytest.raises(RecordingError, match="1 × 250000 Hz"):
        read_recording(tmp_path / "fast.csv")


def hdf5_file(path, **options):
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "w") as file:
        group = file.create_group("device")
        said = {"channels": [1], "resolution": [8], "sampling rate": 1000, "device": "plux"}
        group.attrs.update(said)
        raw = group.create_group("raw")
        if "link" in options:
            raw["channel_1"] = h5py.ExternalLink(options["link"], "/device/raw/channel_1")
            return path
        data = raw.create_dataset("channel_1", dtype="u1", **options)
        data.attrs.update({"sensor": "EMG", "label": "CH1"})
    return path


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"shape": (2**33, 1), "chunks": (2**20, 1), "compression": "gzip"}, "has room for"),
        ({"shape": (2**25, 1), "chunks": (2**25, 1), "compression": "gzip"}, "packed at once"),
        ({"shape": (1000, 1), "external": [("/dev/zero", 0, 1000)]}, "lie in another file"),
        ({"shape": (1000, 1), "external": [("/etc/passwd", 0, 1000)]}, "lie in another file"),
        ({"link": "/etc/passwd"}, "damaged or not from OpenSignals"),
    ],
    ids=["bomb", "chunk", "device", "passwd", "link"],
)
def test_hdf5_neither_fills_the_memory_nor_reads_another_file(tmp_path, options, said):
    path = hdf5_file(tmp_path / "x.h5", **options)
    with pytest.raises(RecordingError, match=said):
        read_recording(path)


def test_hdf5_that_never_ends_is_given_up(tmp_path, monkeypatch):
    """Found by fuzzing: a file in which libhdf5 walks in circles."""
    monkeypatch.setattr(hdf5, "_LONGEST_S", 0.01)
    path = hdf5_file(tmp_path / "x.h5", data=np.arange(200).reshape(-1, 1))
    with pytest.raises(RecordingError, match="damaged or not from OpenSignals"):
        read_recording(path)


def test_few_signals_among_many_are_read_a_little_at_a_time(tmp_path):
    """Whole scans of a file are not held where one signal of each is wanted."""
    path = wfdb(Path(tmp_path) / "x.hea", 3000)
    chunk = next(iter(read_recording(path).chunks))
    assert chunk.samples.shape == (2**18 // 3000, 1)
