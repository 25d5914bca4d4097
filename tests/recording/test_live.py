"""The recording of a live stream: no disk that is slow, full or gone stops the feedback."""

import errno
import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from biofeedback.boards import BOARDS, SENSORS, make_channel
from biofeedback.errors import RecordingError
from biofeedback.pipeline import make_pipeline
from biofeedback.recording import disk_sync
from biofeedback.recording.disk_sync import BackgroundSync
from biofeedback.recording.edf.file import EdfFile
from biofeedback.recording.formats import read_recording
from biofeedback.recording.live import Recorder
from biofeedback.session import Session, State
from biofeedback.settings import BurstSettings, SignalSettings
from biofeedback.sources.scenario import read_scenario
from biofeedback.sources.simulated import SimulatedSource
from biofeedback.stream import Annotation, Chunk, StreamInfo

UNO = make_channel("masseter", SENSORS["myoware-2-raw"], BOARDS["uno"])
INFO = StreamInfo((UNO,), 1000.0, "serial:x")
LOSSES = """
lost_percent = 10
lost_s = [[4.0, 5.0]]
[[channels]]
label = "masseter"
[[channels.segments]]
seconds = 10
emg_uv = [10.0, 40.0]
mains_uv = [20.0]
[[channels]]
label = "frontalis"
[[channels.segments]]
seconds = 6
emg_uv = 10.0
[[channels.segments]]
seconds = 4
lead = "off"
"""


def recorder(path: Path, **options) -> Recorder:
    return Recorder(path, signal=SignalSettings(), bursts=BurstSettings(), **options)


def counts(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 1024, (n, 1)).astype(float)


def chunks(samples: np.ndarray, size: int = 50, start: int = 0) -> list[Chunk]:
    return [Chunk(start + at, samples[at : at + size]) for at in range(0, len(samples), size)]


def samples_of(path: Path) -> np.ndarray:
    return np.concatenate([chunk.samples for chunk in read_recording(path).chunks])


def simulated(text: str = LOSSES) -> SimulatedSource:
    return SimulatedSource(read_scenario(text, name="x", where="x"), fast=True)


class Failing:
    """Stands in for a disk: writes fail between two calls of it, halfway through."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, number: int = errno.ENOSPC) -> None:
        self.failing, self._put, self._number = False, EdfFile._put, number
        failing = self
        monkeypatch.setattr(EdfFile, "_put", lambda file, at, data: failing.put(file, at, data))

    def put(self, file: EdfFile, at: int, data: bytes) -> None:
        if not self.failing:
            self._put(file, at, data)
            return
        self._put(file, at, data[: len(data) // 2])
        raise OSError(self._number, os.strerror(self._number))


def settle(sink: Recorder) -> None:
    """Wait until the recorder's thread has worked off all that waits."""
    while sink._waiting or sink._taken < sink._queued:
        sink._wake.set()
        threading.Event().wait(0.002)


def test_a_replay_is_what_was_live_bit_for_bit(tmp_path):
    sink = recorder(tmp_path / "x.edf", patient=True)
    session = Session(simulated(), signal=SignalSettings(), seconds=12, sinks=[sink])
    live_readings = [reading for readings in session.run() for reading in readings]
    recording = read_recording(tmp_path / "x.edf")
    assert recording.info.channels == session.info.channels
    assert session.summary()["record"] == {
        "samples": session.summary()["samples"],
        "lost": session.lost,
        "files": 1,
        "complete": True,
    }
    source = simulated()
    source.open()
    was = make_pipeline(source.info, SignalSettings())
    now = make_pipeline(recording.info, SignalSettings())
    arrived, stop = [], 0
    while stop < 12_000:
        for chunk in source.read(0.0):
            arrived.append(was.process(chunk))
            stop = chunk.stop
    again = [now.process(chunk) for chunk in recording.chunks]
    for name in ("slow", "fast", "filtered", "quality"):
        np.testing.assert_array_equal(
            np.concatenate([getattr(tension, name) for tension in again]),
            np.concatenate([getattr(tension, name) for tension in arrived])[: recording.stop],
        )
    assert len(live_readings) == 120


def test_a_disk_that_hangs_holds_up_neither_the_stream_nor_the_file(tmp_path):
    hangs, entered = threading.Event(), threading.Event()

    def sync(_fd: int) -> None:
        entered.set()
        hangs.wait(30)

    sink = recorder(tmp_path / "x.edf", sync=sync)
    sink.open(INFO)
    samples = counts(3040)
    for chunk in chunks(samples):
        sink.write(chunk)
    entered.wait(30)
    settle(sink)
    found = samples_of(tmp_path / "x.edf")  # all of it is there while the disk still hangs
    np.testing.assert_array_equal(found, samples)
    hangs.set()
    sink.close()
    np.testing.assert_array_equal(samples_of(tmp_path / "x.edf"), samples)
    assert sink.failure is None


def test_a_slow_disk_is_waited_for_about_once_a_second(monkeypatch):
    now, waits = [0.0], []
    monkeypatch.setattr(disk_sync.time, "perf_counter", lambda: now[0])

    def slow(_fd: int) -> None:
        now[0] += 0.06

    sync = BackgroundSync(slow)
    done = threading.Event()

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        done.set()
        return True

    monkeypatch.setattr(sync._closed, "wait", wait)
    sync(0)
    assert done.wait(30)
    assert waits == [pytest.approx(0.8 - 2 * 0.06)]
    sync.close()


def test_what_the_disk_refuses_is_told_by_the_next_record(tmp_path):
    refused = threading.Event()

    def sync(_fd: int) -> None:
        refused.set()
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    sink = recorder(tmp_path / "x.edf", sync=sync)
    sink.open(INFO)
    sink.write(Chunk(0, counts(150)))
    refused.wait(30)
    while sink.failure is None:
        sink.write(Chunk(sink._stop, counts(150)))
        settle(sink)
    sink.close()
    assert "Input/output error" in sink.notes[0]


def test_on_a_full_disk_the_stream_goes_on_and_what_was_recorded_is_whole(tmp_path, monkeypatch):
    disk, path = Failing(monkeypatch), tmp_path / "x.edf"
    sink = recorder(path)
    sink.open(INFO)
    samples = counts(12_000)
    for chunk in chunks(samples):
        if chunk.start in (3100, 6000):
            settle(sink)
            disk.failing = chunk.start == 3100
        sink.write(chunk)
        if chunk.start == 3500:
            settle(sink)
            assert "No space left on device" in str(sink.failure)
            np.testing.assert_array_equal(samples_of(path), samples[:3040])
    sink.close()
    assert sink.failure is None
    first, *others = sink.notes
    assert "since 3.1 s nothing is recorded" in first
    assert "Recording goes on in" in others[-1]
    summary = sink.summary()
    again = read_recording(tmp_path / "x_run-02.edf")
    assert summary == {
        "samples": 3040 + again.stop, "lost": 8960 - again.stop, "files": 2, "complete": False,
    }  # fmt: skip
    assert again.stop >= 4000  # two and four seconds later it was tried again
    np.testing.assert_array_equal(samples_of(tmp_path / "x_run-02.edf"), samples[-again.stop :])
    assert sorted(os.listdir(tmp_path)) == [
        "x.edf", "x.json", "x_run-02.edf", "x_run-02.json",
    ]  # fmt: skip


def test_a_folder_that_goes_away_is_noticed_and_made_anew(tmp_path):
    folder = tmp_path / "stick"
    sink = recorder(folder / "x.edf")
    sink.open(INFO)
    for number, chunk in enumerate(chunks(counts(6000))):
        if number == 20:
            settle(sink)
            shutil.rmtree(folder)
        sink.write(chunk)
        settle(sink)
    sink.close()
    assert "No such file or directory" in sink.notes[0]
    assert "goes on" in sink.notes[-1]
    assert read_recording(folder / "x_run-02.edf").stop > 2000


def test_the_reason_is_among_the_notes_of_the_session_at_once(tmp_path, monkeypatch):
    disk = Failing(monkeypatch)
    disk.failing = True
    sink = recorder(tmp_path / "x.edf")
    session = Session(simulated(), signal=SignalSettings(), seconds=8, sinks=[sink])
    readings, told_at = [], None
    for some in session.run():
        readings += some
        settle(sink)
        if told_at is None and any("nothing is recorded" in note for note in session.notes):
            told_at = session.duration_s
    assert len(readings) == 80
    assert session.state is State.ENDED
    assert told_at is not None
    assert told_at <= 2.0
    assert session.summary()["record"]["complete"] is False
    assert session.summary()["record"]["samples"] == 0


def test_more_than_memory_is_given_for_is_lost_as_a_gap_and_told(tmp_path, monkeypatch):
    hangs, put = threading.Event(), EdfFile._put

    def slowly(file: EdfFile, at: int, data: bytes) -> None:
        hangs.wait(30)
        put(file, at, data)

    monkeypatch.setattr(EdfFile, "_put", slowly)
    sink = recorder(tmp_path / "x.edf", most_waiting_bytes=8 * 1000)
    sink.open(INFO)
    samples = counts(5000)
    for chunk in chunks(samples[:3000]):
        sink.write(chunk)
    hangs.set()
    settle(sink)
    for chunk in chunks(samples[3000:], start=3000):
        sink.write(chunk)
        settle(sink)
    sink.close()
    assert len(sink.notes) == 1
    assert "does not keep up" in sink.notes[0]
    (first, second) = read_recording(tmp_path / "x.edf").chunks
    assert first.start == 0
    assert second.start == 3000
    assert len(first.samples) < 1300
    np.testing.assert_array_equal(second.samples, samples[3000:])
    assert sink.summary()["lost"] == 3000 - len(first.samples)
    assert sink.summary()["complete"] is False


def test_a_patient_recording_loses_nothing_however_fast_it_comes(tmp_path):
    sink = recorder(tmp_path / "x.edf", patient=True, most_waiting_bytes=100)
    sink.open(INFO)
    samples = counts(20_000)
    for chunk in chunks(samples, 500):
        sink.write(chunk)
    sink.close()
    np.testing.assert_array_equal(samples_of(tmp_path / "x.edf"), samples)
    assert sink.summary()["complete"] is True


def test_a_note_marks_the_newest_sample_in_the_session_and_in_the_file(tmp_path):
    sink = recorder(tmp_path / "x.edf", patient=True)
    session = Session(simulated(), signal=SignalSettings(), seconds=7, sinks=[sink])
    for _readings in session.run():
        if session.stop_index == 2000:
            session.annotate("hand on the chin", duration_s=1.5)
    assert session.annotations == [Annotation(2.0, 1.5, "hand on the chin")]
    assert session.annotations[0] in read_recording(tmp_path / "x.edf").annotations


def test_a_file_that_is_there_ends_the_session_before_its_first_sample(tmp_path):
    (tmp_path / "x.edf").write_text("mine")
    sink = recorder(tmp_path / "x.edf")
    session = Session(simulated(), signal=SignalSettings(), sinks=[sink])
    with pytest.raises(RecordingError, match="there already"):
        next(session.run())
    assert session.state is State.FAILED
    assert session.stop_index == 0
    assert session.summary()["record"] is None
    assert (tmp_path / "x.edf").read_text() == "mine"


def test_a_source_that_fails_leaves_a_whole_file(tmp_path):
    class Breaks(SimulatedSource):
        def read(self, timeout: float) -> list[Chunk]:
            if self._block == 2:
                raise RecordingError("broken")
            return super().read(timeout)

    source = Breaks(read_scenario(LOSSES, name="x", where="x"), fast=True)
    sink = recorder(tmp_path / "x.edf")
    with pytest.raises(RecordingError, match="broken"):
        list(Session(source, signal=SignalSettings(), sinks=[sink]).run())
    assert sink.summary()["complete"] is True
    assert read_recording(tmp_path / "x.edf").stop > 2000
