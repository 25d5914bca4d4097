import threading
from dataclasses import replace

import numpy as np
import pytest

from biofeedback.errors import SettingsError, SourceLost
from biofeedback.session import Session, State
from biofeedback.settings import SignalSettings
from biofeedback.sources import SourceOptions, open_source
from biofeedback.stream import Channel, Chunk, Press, StreamInfo, Zone

FAST = SourceOptions(fast=True)


class Scripted:
    """A source that hands on what it was given, then does `last`."""

    status, notes, corrupt_frames, ended = "", (), 0, False

    def __init__(self, chunks, *, last=None, unit="uV", sfreq=1000.0) -> None:
        self.info = StreamInfo((Channel("EMG", unit),), sfreq, "scripted")
        self._chunks, self._last, self.closed = list(chunks), last, False

    def open(self) -> None:
        pass

    def read(self, _timeout: float) -> list[Chunk]:
        if self._chunks:
            return [self._chunks.pop(0)]
        if isinstance(self._last, Exception):
            raise self._last
        self.ended = True
        return []

    def close(self) -> None:
        self.closed = True


def noise(n: int, rms_uv: float = 4.0) -> np.ndarray:
    return rms_uv * np.random.default_rng(0).standard_normal((n, 1))


def ran(source, **keywords) -> tuple[Session, list]:
    session = Session(source, signal=SignalSettings(), **keywords)
    return session, [reading for readings in session.run() for reading in readings]


def test_readings_fall_on_every_tenth_of_a_second_of_sample_time():
    _session, readings = ran(open_source("sim:rest", FAST), seconds=5)
    assert [reading.t_s for reading in readings] == [i / 10 for i in range(50)]


@pytest.mark.parametrize("sfreq", [256.0, 1259.259, 333.3])
def test_they_do_so_at_any_rate(sfreq: float):
    samples = np.random.default_rng(0).standard_normal((int(3 * sfreq) + 1, 1))
    _session, readings = ran(Scripted([Chunk(0, samples)], sfreq=sfreq))
    assert [reading.number for reading in readings] == list(range(31))


def test_a_gap_gives_readings_that_are_unknown():
    chunks = [Chunk(0, noise(2000)), Chunk(3000, noise(2000))]
    session, readings = ran(Scripted(chunks), threshold_uv=100.0)
    in_gap = [r for r in readings if 2.0 <= r.t_s < 3.0]
    assert len(in_gap) == 10
    assert all(np.isnan(r.slow[0]) and r.zones[0] == Zone.UNKNOWN for r in in_gap)
    assert session.lost == 1000
    assert session.summary()["samples"] == 4000
    assert session.duration_s == 5.0


def test_a_gap_over_the_end_of_the_asked_time_ends_it():
    chunks = [Chunk(0, noise(500)), Chunk(3000, noise(100)), Chunk(3100, noise(100))]
    session, readings = ran(Scripted(chunks), seconds=2)
    assert len(readings) == 20
    assert np.isnan(readings[-1].slow).all()
    assert (session.summary()["samples"], session.lost, session.duration_s) == (500, 1500, 2.0)
    assert len(session.source._chunks) == 1  # nothing more was read


def test_the_summary_counts_valid_time_in_samples():
    session, _readings = ran(open_source("sim:rest", FAST), seconds=5)
    assert session.summary() == {
        "source": "sim:rest",
        "simulated": True,
        "sfreq": 1000.0,
        "samples": 5000,
        "lost": 0,
        "corrupt_frames": 0,
        "duration_s": 5.0,
        "valid_percent": 85.0,
        "record": None,
    }


def test_unknown_time_is_in_no_score():
    session, _readings = ran(open_source("sim:lead-off", FAST), seconds=24, threshold_uv=100.0)
    assert session.tally.relaxed_percent(0) == 100.0
    assert session.tally.judged[0] < 10_600
    # 9.25 s before it came off, when it hit the rail: a second of them is taken back
    assert session.valid_percent == pytest.approx(100 * 8.25 / 24, abs=0.2)


def test_a_threshold_that_the_sensor_cannot_resolve_ends_it_before_the_first_sample():
    session = Session(
        open_source("sim:uno-10-bit", FAST), signal=SignalSettings(), threshold_uv=3.0
    )
    with pytest.raises(SettingsError, match="below what this sensor can resolve"):
        next(session.run())
    assert session.state is State.FAILED
    assert session.now is None


def test_a_threshold_in_microvolts_means_nothing_for_counts():
    source = Scripted([Chunk(0, noise(2000))], unit="counts")
    with pytest.raises(SettingsError, match="name its sensor"):
        ran(source, threshold_uv=5.0)
    assert source.closed


def test_a_source_that_is_lost_keeps_what_there_was_and_says_so():
    source = Scripted([Chunk(0, noise(2000))], last=SourceLost("it was unplugged"))
    session = Session(source, signal=SignalSettings())
    with pytest.raises(SourceLost):
        list(session.run())
    assert session.state is State.FAILED
    assert str(session.error) == "it was unplugged"
    assert session.summary()["samples"] == 2000
    assert source.closed


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_of_the_program_ends_the_session_instead_of_leaving_it_at_its_last_reading():
    source = Scripted([Chunk(0, noise(2000))], last=ZeroDivisionError("a bug"))
    session = Session(source, signal=SignalSettings())
    session.start()
    session.join()
    assert session.state is State.FAILED
    assert "a bug" in str(session.error)
    assert source.closed


def test_while_paused_nothing_is_judged():
    source = open_source("sim:rest", FAST)
    session = Session(source, signal=SignalSettings(), threshold_uv=50.0, seconds=4)
    run = session.run()
    next(run), next(run)
    session.paused = True
    zones = {int(r.zones[0]) for readings in run for r in readings}
    assert zones == {Zone.UNKNOWN}
    assert session.tally.judged.tolist() == [2 * 1000 - 750]


def test_on_its_own_thread_it_runs_until_it_is_stopped():
    session = Session(open_source("sim:rest"), signal=SignalSettings())
    session.start()
    seen = threading.Event()
    while session.now is None:
        seen.wait(0.01)
    session.stop()
    assert session.state is State.ENDED
    assert np.isfinite(session.filtered.latest(1)).any() or session.now.index < 250


def test_the_numbers_are_the_same_at_real_speed_and_fast():
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    from biofeedback.sources.scenario import load_scenario
    from biofeedback.sources.simulated import SimulatedSource

    scenario = load_scenario("bursts")
    paced = SimulatedSource(scenario, clock=lambda: now[0], sleep=sleep)
    _slow_session, slowly = ran(paced, seconds=8)
    _fast_session, fast = ran(SimulatedSource(scenario, fast=True), seconds=8)
    assert len(slowly) == len(fast) == 80
    for a, b in zip(slowly, fast, strict=True):
        np.testing.assert_array_equal(a.slow, b.slow)
        np.testing.assert_array_equal(a.fast, b.fast)


def test_the_narrow_band_reads_less_than_the_wide_one():
    wide, _readings = ran(open_source("sim:rest", FAST), seconds=30)
    narrow = Session(
        open_source("sim:rest", FAST), signal=replace(SignalSettings(), band="narrow"), seconds=30
    )
    for _readings in narrow.run():
        pass
    ratio = np.nanmean(narrow.trend.latest(200)) / np.nanmean(wide.trend.latest(200))
    assert 0.49 < ratio < 0.63


class Pressed(Scripted):
    """A source whose button goes down after the first chunk, and up after the second."""

    @property
    def presses(self) -> tuple[Press, ...]:
        both = (Press(150, down=True), Press(250, down=False))
        return both[: 2 - len(self._chunks)] if len(self._chunks) < 2 else ()


@pytest.mark.parametrize("marked", [True, False])
def test_a_press_of_the_boards_button_is_there_to_poll_and_a_mark_unless_it_is_the_key(marked):
    session = Session(
        Pressed([Chunk(0, noise(200)), Chunk(200, noise(200))]), signal=SignalSettings()
    )
    session.marks_presses = marked
    for _readings in session.run():
        pass
    assert session.presses == [Press(150, down=True), Press(250, down=False)]
    marks = [(note.text, note.onset_s) for note in session.annotations]
    assert marks == [("button", 0.15)] * marked
