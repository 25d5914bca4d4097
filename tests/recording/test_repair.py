"""Recordings that broke off, at any byte and in any way, are made whole."""

import os
import time
from pathlib import Path

import edfio
import numpy as np
import pyedflib
import pytest

from biofeedback.boards import BOARDS, SENSORS, make_channel
from biofeedback.cli import main
from biofeedback.errors import RecordingError
from biofeedback.recording.disk import HAS_LOCKS
from biofeedback.recording.edf.header import read_edf_header
from biofeedback.recording.edf.writer import EdfWriter
from biofeedback.recording.formats import read_recording
from biofeedback.recording.repair import recordings_folder, repair, repair_folder
from biofeedback.stream import Annotation, Chunk, StreamInfo

UNO = make_channel("masseter", SENSORS["myoware-2-raw"], BOARDS["uno"])
TEXT = "a note that goes on and on, " * 9


# A hundred samples a record.
SFREQ, RECORD_S = 1250.0, 0.08


def record(path: Path, n_channels: int = 2, n: int = 800) -> bytes:
    info = StreamInfo((UNO,) * n_channels, SFREQ, "serial:x")
    samples = np.random.default_rng(0).integers(1, 1024, (n, n_channels)).astype(float)
    writer = EdfWriter(path, info)
    writer.write(Chunk(0, samples[:300]))
    writer.annotate(Annotation(0.31 / 1.25, 0.0, TEXT))
    writer.write(Chunk(350, samples[350:]))
    writer.close()
    return path.read_bytes()


def sizes(path: Path) -> tuple[int, int]:
    """Return the bytes of the header and of a record."""
    with path.open("rb") as file:
        header = read_edf_header(file, where="x")
    return header.size, header.record_bytes


def told(whole: bytes, records: int) -> bytes:
    """Return the first records of a file, and a header that says so."""
    return whole[:236] + str(records).ljust(8).encode() + whole[244:]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.edf"


@pytest.mark.parametrize("kind", ["cut", "zeros", "zeros to the end", "noise"])
@pytest.mark.parametrize("said", [-1, 0, 1])
def test_a_tail_torn_anywhere_is_cut_off_and_all_before_it_is_kept(path, kind, said):
    whole = record(path)
    head, size = sizes(path)
    rng = np.random.default_rng(0)
    for at in range(head + 4 * size, head + 6 * size, 53):
        written = (at - head) // size  # whole records
        count = max(1, written + said)
        missing = len(whole) - at
        tail = {
            "cut": b"",
            "zeros": bytes(min(missing, 700)),
            "zeros to the end": bytes(missing + 5 * size),
            "noise": rng.integers(0, 256, 2000, dtype=np.uint8).tobytes(),
        }[kind]
        torn = told(whole[:at] + tail, count)
        path.write_bytes(torn)
        read = read_recording(path)
        assert path.read_bytes() == torn  # reading changes nothing
        done = repair(path)
        repaired = path.read_bytes()
        # zeros may be what was there: the rest of a block of texts
        kept = written + torn[head:].startswith(whole[head : head + (written + 1) * size])
        assert repaired == told(whole[: head + kept * size], kept)
        assert done.saved_s == pytest.approx(kept * RECORD_S)
        again = read_recording(path)
        assert again.notes == ()
        assert again.annotations == read.annotations
        for one, other in zip(read.chunks, again.chunks, strict=True):
            np.testing.assert_array_equal(one.samples, other.samples)
        assert not repair(path).changed


def test_what_is_cut_off_is_kept_beside_it(path):
    whole = record(path)
    path.write_bytes(whole[:-100])
    done = repair(path)
    _head, size = sizes(path)
    assert path.with_name("x.edf.torn").read_bytes() == whole[-size:-100]
    assert done.sentence == f"{path}: 0.56 s are saved. Its torn end, up to 0.08 s, is lost."
    path.write_bytes(whole + bytes(5000))
    path.with_name("x.edf.torn").unlink()
    repair(path)
    assert not path.with_name("x.edf.torn").exists()  # zeros tell nothing


def test_other_programs_open_what_was_repaired(path):
    whole = record(path)
    for cut in (1, 100, 500, 1300):
        path.write_bytes(whole[:-cut])
        repair(path)
        with pyedflib.EdfReader(str(path)) as file:
            found = file.readSignal(0, digital=True)
        np.testing.assert_array_equal(edfio.read_edf(path).signals[0].digital, found)
        assert len(found) in (700, 600, 500)


@pytest.mark.parametrize("seed", range(3))
def test_a_record_of_which_the_disk_had_only_parts_is_never_taken_for_whole(path, seed):
    """A power cut leaves some sectors of what was not yet synced as they were: zeros."""
    whole = record(path, n_channels=8)
    rng = np.random.default_rng(seed)
    head, size = sizes(path)
    truth = np.full((800, 8), np.nan)
    for chunk in read_recording(path).chunks:
        truth[chunk.start : chunk.stop] = chunk.samples
    for _cut in range(40):
        torn = bytearray(whole)
        synced = head + size * int(rng.integers(2, 7))
        for at in range(-(-synced // 512) * 512, len(whole), 512):
            if rng.random() < 0.5:
                torn[at : at + 512] = bytes(len(torn[at : at + 512]))
        path.write_bytes(told(bytes(torn), int(rng.integers(1, 9))))
        for done in (False, True):
            if done:
                repair(path)
            found = np.full((800, 8), np.nan)
            for chunk in read_recording(path).chunks:
                found[chunk.start : chunk.stop] = chunk.samples
            known = np.isfinite(found)
            np.testing.assert_array_equal(found[known], truth[known])
            n = (synced - head) // size * 100
            np.testing.assert_array_equal(found[:n], truth[:n])


def test_half_a_text_does_not_pass_for_a_whole_record(path):
    whole = record(path)
    head, size = sizes(path)
    end = whole.index(b"a note that") + 20
    path.write_bytes(whole[:end] + bytes(size - (end - head) % size))
    assert repair(path).saved_s == pytest.approx((end - head) // size * RECORD_S)


def test_a_record_damaged_within_is_marked_as_lost_and_what_follows_is_kept(path):
    whole = record(path)
    head, size = sizes(path)
    path.write_bytes(whole[: head + size] + bytes(size) + whole[head + 2 * size :])
    read = read_recording(path)
    assert "0.0808 s within the recording are damaged" in " ".join(read.notes)
    assert [(chunk.start, chunk.stop) for chunk in read.chunks] == [
        (0, 100), (201, 300), (350, 800),
    ]  # fmt: skip
    done = repair(path)
    assert (done.saved_s, done.cut_s, done.damaged_s) == pytest.approx((0.64, 0.0, 0.0808))
    assert "0.0808 s within it are damaged" in done.sentence
    assert [(chunk.start, chunk.stop) for chunk in read_recording(path).chunks] == [
        (0, 100), (201, 300), (350, 800),
    ]  # fmt: skip
    gaps = {(note.onset, note.duration) for note in edfio.read_edf(path).annotations}
    assert (0.08, 0.0808) in gaps


@pytest.mark.parametrize("stop", [180, 201, 250, 300, 420, 640])
def test_of_a_gap_that_a_damaged_record_told_of_no_held_value_passes_for_a_sample(path, stop):
    """Only the record in which a gap begins tells of it, and those that follow may be whole."""
    samples = np.random.default_rng(0).integers(1, 1024, (800, 2)).astype(float)
    writer = EdfWriter(path, StreamInfo((UNO, UNO), SFREQ, "serial:x"))
    writer.write(Chunk(0, samples[:150]))
    writer.write(Chunk(stop, samples[stop:]))
    writer.close()
    whole = path.read_bytes()
    head, size = sizes(path)
    path.write_bytes(whole[: head + size] + bytes(size) + whole[head + 2 * size :])
    for _again in range(2):
        found = [(chunk.start, chunk.stop) for chunk in read_recording(path).chunks]
        assert found == [(0, 100), (max(stop, 201), 800)]
        repair(path)
    assert not repair(path).changed


def test_a_whole_recording_is_not_changed(path):
    whole = record(path)
    os.utime(path, ns=(1, 1))
    assert repair(path).sentence == f"{path} is whole: 0.64 s; nothing was changed."
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (whole, 1)


def test_without_a_whole_record_it_stays_as_it_is(path):
    whole = record(path)
    head, _size = sizes(path)
    for length in (0, 100, head, head + 50):
        path.write_bytes(whole[:length])
        with pytest.raises(RecordingError):
            repair(path)
        assert path.read_bytes() == whole[:length]


def test_what_others_recorded_stays_as_it_is(path):
    whole = record(path)
    theirs = whole.replace(b"biofeedback", b"something e").ljust(len(whole) + 10)
    path.write_bytes(theirs)
    with pytest.raises(RecordingError, match="not recorded by this program"):
        repair(path)
    assert repair_folder(path.parent) == []
    assert path.read_bytes() == theirs


@pytest.mark.skipif(not HAS_LOCKS, reason="without locks the time of the last change decides")
def test_what_is_being_recorded_is_not_touched(path):
    writer = EdfWriter(path, StreamInfo((UNO,), SFREQ, "serial:x"))
    writer.write(Chunk(0, np.full((250, 1), 500.0)))
    before = path.read_bytes()
    torn = told(before, 7)
    path.write_bytes(torn)
    with pytest.raises(RecordingError, match="is being recorded"):
        repair(path)
    assert repair_folder(path.parent) == []
    assert path.read_bytes() == torn
    writer.abandon()
    assert [done.path for done in repair_folder(path.parent)] == [path]


def test_a_folder_is_repaired_where_it_needs_it(tmp_path, monkeypatch):
    monkeypatch.setenv("BIOFEEDBACK_RECORDINGS", str(tmp_path / "kept"))
    folder = recordings_folder()
    assert repair_folder(folder) == []
    whole = record(folder / "whole.edf")
    (folder / "torn.edf").write_bytes(whole[:-30])
    (folder / "none.edf").write_bytes(b"")
    (folder / "notes.txt").write_text("x")
    begun = time.perf_counter()
    (done,) = repair_folder(folder)
    assert time.perf_counter() - begun < 5
    assert done.path == folder / "torn.edf"
    assert repair_folder(folder) == []
    assert (folder / "whole.edf").read_bytes() == whole


def test_the_command_says_what_was_saved_and_lost(path, capsys):
    whole = record(path)
    path.write_bytes(whole[:-30])
    assert main(["repair", str(path)]) == 0
    assert "0.56 s are saved. Its torn end, up to 0.08 s, is lost." in capsys.readouterr().out
    assert main(["repair", str(path)]) == 0
    assert "nothing was changed" in capsys.readouterr().out
    assert main(["repair", str(path.with_name("none.edf"))]) == 1
    assert "none.edf cannot be repaired" in capsys.readouterr().err
