"""What a session hands on: raw chunks first, notes, and to sinks that come and go."""

import json
from pathlib import Path

import numpy as np
import pytest

from biofeedback.errors import RecordingError
from biofeedback.recording.formats import read_recording
from biofeedback.recording.live import Recorder
from biofeedback.session import Session
from biofeedback.settings import BurstSettings, SignalSettings
from biofeedback.sources import SourceOptions, open_source
from biofeedback.stream import Annotation, Chunk, StreamInfo

FAST = SourceOptions(fast=True)


class Kept:
    """A sink that keeps what it gets, and how far the session was then."""

    notes: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.start, self.closed = -1, 0
        self.chunks: list[Chunk] = []
        self.annotations: list[Annotation] = []
        self.seen: list[int] = []
        self.session: Session | None = None

    def open(self, _info: StreamInfo, start: int = 0) -> None:
        self.start = start

    def write(self, chunk: Chunk) -> None:
        self.chunks.append(chunk)
        self.seen.append(self.session.stop_index)

    def annotate(self, annotation: Annotation) -> None:
        self.annotations.append(annotation)

    def close(self) -> None:
        self.closed += 1


def session_with(*sinks: Kept, seconds: float = 3.5, words: str = "sim:rest") -> Session:
    session = Session(
        open_source(words, FAST), signal=SignalSettings(), seconds=seconds, sinks=sinks
    )
    for sink in sinks:
        sink.session = session
    return session


def recorder(path: Path, **options) -> Recorder:
    return Recorder(path, signal=SignalSettings(), bursts=BurstSettings(), patient=True, **options)


def test_a_sink_gets_each_raw_chunk_before_anything_is_made_of_it():
    sink = Kept()
    session = session_with(sink)
    for _readings in session.run():
        pass
    assert [chunk.start for chunk in sink.chunks] == sink.seen
    samples = np.concatenate([chunk.samples for chunk in sink.chunks])
    assert len(samples) == 3500  # no more than was asked for
    np.testing.assert_array_equal(samples, np.rint(samples))
    assert (sink.start, sink.closed) == (0, 1)
    assert session.summary()["record"] is None


def test_a_sink_may_come_and_go_while_the_session_runs():
    first, second = Kept(), Kept()
    session = session_with(first, seconds=6)
    second.session = session
    for _readings in session.run():
        if session.stop_index == 2000:
            session.add_sink(second)
            session.annotate("now")
        if session.stop_index == 4000:
            session.remove_sink(second)
            session.annotate("later", onset_s=1.5)
    assert second.start == 2000
    assert [chunk.start for chunk in second.chunks] == [2000, 3000]
    assert second.annotations == [Annotation(2.0, 0.0, "now")]
    assert first.annotations == [*second.annotations, Annotation(1.5, 0.0, "later")]
    assert (first.closed, second.closed) == (1, 1)


def test_a_recording_that_begins_later_begins_with_its_first_sample(tmp_path):
    sink = recorder(tmp_path / "x.edf")
    session = session_with(seconds=6)
    for _readings in session.run():
        if session.stop_index == 2000:
            session.add_sink(sink)
            session.annotate("half a second in", onset_s=2.5)
    recording = read_recording(tmp_path / "x.edf")
    assert recording.stop == 4000
    assert recording.annotations == (Annotation(0.5, 0.0, "half a second in"),)
    assert json.loads((tmp_path / "x.json").read_text())["first_sample"] == 2000
    record = {"samples": 4000, "lost": 0, "files": 1, "complete": True}
    assert session.summary()["record"] == record


def test_a_recording_that_cannot_begin_ends_the_session_only_where_it_is_needed(tmp_path):
    (tmp_path / "x.edf").write_text("mine")
    needed, other = recorder(tmp_path / "x.edf"), recorder(tmp_path / "x.edf", needed=False)
    with pytest.raises(RecordingError, match="there already"):
        list(session_with(needed).run())
    session = session_with(other)
    assert sum(map(len, session.run())) == 35
    assert "there already" in session.notes[-1]
    assert "there already" in str(other.failure)
    assert other.summary() is None


def test_where_a_recording_lies_may_depend_on_what_comes(tmp_path):
    sink = recorder(lambda info: tmp_path / f"{info.sfreq:g}.edf")
    for _readings in session_with(sink).run():
        pass
    assert read_recording(tmp_path / "1000.edf").stop == 3500
