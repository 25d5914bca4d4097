from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from biofeedback.errors import SourceNotFound
from biofeedback.pipeline import make_pipeline
from biofeedback.recording.formats import read_recording
from biofeedback.recording.recorded import Recording
from biofeedback.recording.tables.csv_writer import write_csv
from biofeedback.settings import SignalSettings
from biofeedback.sources.replay import ReplaySource
from biofeedback.sources.scenario import builtin_scenarios, load_scenario
from biofeedback.sources.simulated import SimulatedSource
from biofeedback.stream import Channel, Chunk, Source, StreamInfo

DATA = Path(__file__).parent.parent / "data"


class Clock:
    """A clock that moves only while one sleeps."""

    def __init__(self):
        self.now = 5.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def recording():
    info = StreamInfo((Channel("jaw", "uV"),), 1000.0, "file:x.csv")
    ramp = np.arange(12_000.0)[:, None]
    return Recording(
        info, (Chunk(0, ramp[:10_000]), Chunk(10_500, ramp[10_500:])), len(ramp), ("A note.",)
    )


def make(recording, *, fast=False):
    clock = Clock()
    return ReplaySource(lambda: recording, fast=fast, clock=clock, sleep=clock.sleep), clock


def read_all(source):
    source.open()
    chunks = []
    while not source.ended:
        chunks += source.read(0.1)
    source.close()
    source.close()
    return chunks


def test_it_is_a_source_that_tells_of_its_recording(recording):
    source: Source = make(recording)[0]
    source.open()
    assert source.info.source == "file:x.csv"
    assert source.notes == ("A note.",)
    assert source.status == ""
    assert source.corrupt_frames == 0


@pytest.mark.parametrize("fast", [True, False])
def test_every_sample_comes_once_and_gaps_are_kept(recording, fast):
    chunks = read_all(make(recording, fast=fast)[0])
    index = np.concatenate([np.arange(chunk.start, chunk.stop) for chunk in chunks])
    assert (index == [*range(10_000), *range(10_500, 12_000)]).all()
    assert (np.concatenate([chunk.samples for chunk in chunks])[:, 0] == index).all()


def test_fast_hands_on_thousands_at_once_and_never_waits(recording):
    source, clock = make(recording, fast=True)
    assert len(read_all(source)) == 4
    assert clock.now == 5.0


def test_real_speed_takes_as_long_as_the_recording_gap_included(recording):
    source, clock = make(recording)
    read_all(source)
    assert clock.now - 5.0 == pytest.approx(12.0, abs=0.02)


def test_nothing_is_due_at_once_or_within_a_gap(recording):
    source, clock = make(recording)
    source.open()
    assert source.read(0) == []
    clock.now += 60
    while source.read(0)[-1].stop < 10_000:
        pass
    clock.now = 15.2
    assert source.read(0.1) == []
    assert not source.ended


def test_it_ends_and_can_be_opened_again(recording):
    source, _ = make(recording, fast=True)
    first = read_all(source)
    assert source.ended
    assert source.read(0.1) == []
    again = read_all(source)
    assert [chunk.start for chunk in again] == [chunk.start for chunk in first]


def tension(source):
    chunks = read_all(source)
    pipeline = make_pipeline(source.info, SignalSettings())
    return [pipeline.process(chunk) for chunk in chunks]


def test_a_file_that_cannot_be_read_is_said_when_it_is_opened():
    source = ReplaySource(lambda: read_recording("nowhere.csv"))
    assert not source.ended
    with pytest.raises(SourceNotFound, match=r"nowhere\.csv"):
        source.open()
    assert source.status == ""


def rms(source, start_s, stop_s):
    filtered = np.concatenate([part.filtered for part in tension(source)])
    start, stop = (round(t * source.info.sfreq) for t in (start_s, stop_s))
    return np.sqrt(np.mean(filtered[start:stop] ** 2, axis=0))


def test_a_recording_of_opensignals_reads_the_microvolts_that_others_found():
    source = make(read_recording(DATA / "game_0_1.txt"), fast=True)[0]
    assert rms(source, 1, 5) == pytest.approx([2.078, 5.324], rel=0.025)
    assert source.notes == ("CH3 (XYZ) is not EMG and is left out.",)


def test_a_column_of_millivolts_reads_the_microvolts_that_others_found():
    recording = read_recording(DATA / "bbcontractions.csv", sfreq=1000, unit="mV")
    assert recording.info.channels[0].rails is None
    source = make(recording, fast=True)[0]
    assert rms(source, 1, 8) == pytest.approx([5.727], rel=0.025)
    assert rms(source, 11, 18) == pytest.approx([117.0], rel=0.025)


@pytest.mark.parametrize("name", builtin_scenarios())
def test_a_simulation_written_as_csv_replays_to_the_same_tension(tmp_path, name):
    live = SimulatedSource(load_scenario(name), fast=True)
    live.open()
    chunks = [live.read(0)[0] for _ in range(40)]
    write_csv(tmp_path / "x.csv", live.info, chunks)
    replayed = tension(make(read_recording(tmp_path / "x.csv"), fast=True)[0])
    pipeline = make_pipeline(live.info, SignalSettings())
    played = [pipeline.process(chunk) for chunk in chunks]
    for part in ("filtered", "fast", "slow", "quality"):
        np.testing.assert_array_equal(
            np.concatenate([getattr(tension, part) for tension in replayed]),
            np.concatenate([getattr(tension, part) for tension in played]),
        )


def test_a_replay_of_a_simulation_is_marked_as_one(tmp_path):
    info = StreamInfo((Channel("jaw", "uV"),), 1000.0, "sim:rest", simulated=True)
    write_csv(tmp_path / "x.csv", info, [Chunk(0, np.ones((5, 1)))])
    source = make(read_recording(tmp_path / "x.csv"))[0]
    source.open()
    assert replace(source.info, source="") == replace(info, source="")
