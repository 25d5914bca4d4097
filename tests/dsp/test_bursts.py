import itertools
from pathlib import Path

import numpy as np
import pytest

from biofeedback.dsp.bursts import find_bursts, rest_level, runs
from biofeedback.dsp.envelope import MovingRMS
from biofeedback.pipeline import make_pipeline
from biofeedback.settings import SignalSettings
from biofeedback.stream import Channel, Chunk, Quality, StreamInfo

DATA = Path(__file__).parent.parent / "data"
RATE_HZ = 100
FOUR = {"onset": 5.0, "offset": 2.5, "join_s": 0.25, "shortest_s": 0.35}
REST = 2.0


def levels(*parts: tuple[float, float]) -> np.ndarray:
    """Return an envelope of (seconds, level over rest) one after the other."""
    return np.concatenate([np.full(round(s * RATE_HZ), level * REST) for s, level in parts])


def found(fast: np.ndarray, **settings: object) -> list[list[int]]:
    return find_bursts(fast, rate_hz=RATE_HZ, rest=REST, **settings).tolist()


def recorded(counts: np.ndarray, gain: float, offset: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the fast RMS every 10 ms, known where the signal clips too, and what is settled."""
    info = StreamInfo((Channel("EMG", "uV", gain, offset),), 1000.0, "test")
    tension = make_pipeline(info, SignalSettings()).process(Chunk(0, counts[:, None]))
    fast = MovingRMS(0.125, sfreq=1000, known_share=0.5)(tension.filtered)
    unusable = Quality.GAP | Quality.UNSETTLED | Quality.ELECTRODE_OFF
    return fast[::10, 0], (tension.quality[::10, 0] & int(unusable)) == 0


@pytest.fixture(scope="module", params=["emg_bursts.npy", "bbcontractions.csv"])
def recording(request: pytest.FixtureRequest) -> tuple[int, np.ndarray, np.ndarray]:
    """Return how many contractions its author made, the fast RMS, and what is usable."""
    path = DATA / request.param
    if path.suffix == ".npy":
        counts = np.load(path).ravel().astype(float)
        return 9, *recorded(counts, 3000 / 2**16, -1500.0)
    return 2, *recorded(np.loadtxt(path), 1000.0, 0.0)


def test_the_contractions_of_real_recordings_are_counted_and_by_neighbouring_settings_too(
    recording: tuple[int, np.ndarray, np.ndarray],
):
    expected, fast, usable = recording
    rest = rest_level(fast, usable)
    for shares in itertools.product((0.8, 1.0, 1.2), repeat=4):
        four = {name: FOUR[name] * share for name, share in zip(FOUR, shares, strict=True)}
        bursts = find_bursts(fast, rate_hz=RATE_HZ, rest=rest, usable=usable, **four)
        assert len(bursts) == expected, four


def test_a_contraction_begins_above_the_onset_and_lasts_until_below_the_offset():
    fast = levels((1, 1), (0.2, 4.9), (0.5, 5.1), (0.5, 2.6), (1, 2.4))
    assert found(fast) == [[120, 220]]
    assert found(fast, offset=3.0) == [[120, 170]]
    assert found(fast, onset=5.2) == []


def test_what_never_reached_the_onset_is_none_however_long():
    assert found(levels((1, 1), (60, 4.9), (1, 1))) == []


def test_a_pause_shorter_than_a_quarter_of_a_second_is_no_pause():
    assert found(levels((1, 9), (0.24, 1), (1, 9))) == [[0, 224]]
    assert found(levels((1, 9), (0.25, 1), (1, 9))) == [[0, 100], [125, 225]]
    assert len(found(levels((0.3, 9), (0.2, 1), (0.3, 9), (0.2, 1), (0.3, 9)))) == 1


def test_a_blip_is_dropped_and_two_close_ones_are_a_contraction():
    assert found(levels((1, 1), (0.34, 9), (1, 1))) == []
    assert found(levels((1, 1), (0.35, 9), (1, 1))) == [[100, 135]]
    assert found(levels((1, 1), (0.2, 9), (0.2, 1), (0.2, 9), (1, 1))) == [[100, 160]]


def test_a_short_hole_does_not_end_a_contraction_and_a_long_one_does():
    for hole_s, expected in ((0.24, [[100, 324]]), (0.25, [[100, 200], [225, 325]])):
        fast = levels((1, 1), (1, 9), (hole_s, np.nan), (1, 9), (1, 1))
        assert found(fast) == expected
        usable = ~np.isnan(fast)
        filled = np.where(usable, fast, 9 * REST)
        assert found(filled, usable=usable) == expected
        assert found(filled) == [[100, 300 + round(hole_s * RATE_HZ)]]


def test_behind_a_long_hole_a_contraction_must_begin_anew():
    parts = ((1, 1), (1, 9), (0.24, np.nan), (1, 3), (1, 1))
    assert found(levels(*parts)) == [[100, 324]]
    parts = ((1, 1), (1, 9), (0.25, np.nan), (1, 3), (1, 1))
    assert found(levels(*parts)) == [[100, 200]]


def test_a_hole_is_in_no_contraction():
    assert found(levels((1, np.nan), (1, 9), (0.1, np.nan), (1, 1))) == [[100, 200]]
    assert found(levels((0.1, np.nan), (1, 9), (0.1, np.nan))) == [[10, 110]]


@pytest.mark.parametrize("rest", [np.nan, 0.0])
def test_without_a_rest_to_hold_it_against_there_is_no_contraction(rest: float):
    fast = levels((1, 1), (1, 9))
    assert find_bursts(fast, rate_hz=RATE_HZ, rest=rest).shape == (0, 2)


@pytest.mark.parametrize("fast", [np.empty(0), np.full(100, np.nan), np.full(100, REST)])
def test_a_signal_without_contractions_has_none(fast: np.ndarray):
    assert find_bursts(fast, rate_hz=RATE_HZ, rest=REST).shape == (0, 2)


def test_the_rest_is_the_level_of_the_quietest_tenth_of_valid_time():
    fast = np.arange(1.0, 101.0)
    valid = np.full(100, fill_value=True)
    assert rest_level(fast, valid) == 10.0
    valid[:50] = False
    fast[50:60] = np.nan
    assert rest_level(fast, valid) == 64.0  # of 61 to 100
    assert np.isnan(rest_level(fast, np.zeros(100, dtype=bool)))
    assert np.isnan(rest_level(np.full(5, np.nan), np.ones(5, dtype=bool)))


def test_runs_are_the_stretches_that_hold():
    assert runs(np.array([1, 1, 0, 1, 0, 0, 1], dtype=bool)).tolist() == [[0, 2], [3, 4], [6, 7]]
    assert runs(np.zeros(3, dtype=bool)).shape == runs(np.zeros(0, dtype=bool)).shape == (0, 2)
