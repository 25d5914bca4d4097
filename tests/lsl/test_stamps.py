"""The stamps that go out: even, and true, however samples arrive; all by arithmetic, in no time."""

import numpy as np
import pytest

from biofeedback.outlets.stamps import Stamps

BEGAN_S = 1000.0
SFREQ = 1000.0


def adapter(rng: np.random.Generator, true_s: np.ndarray) -> np.ndarray:
    """An FTDI adapter hands over what it has every 16 ms."""
    return (np.floor(true_s / 0.016) + 1) * 0.016 + rng.exponential(0.0005, len(true_s))


def radio(rng: np.random.Generator, true_s: np.ndarray) -> np.ndarray:
    """Clumps of Bluetooth: each as late as its way through the air was."""
    clump = np.floor(true_s / 0.04)
    late_s = rng.exponential(0.007, int(clump[-1] - clump[0]) + 1)
    return np.maximum.accumulate((clump + 1) * 0.04 + late_s[(clump - clump[0]).astype(int)])


def prompt(rng: np.random.Generator, true_s: np.ndarray) -> np.ndarray:
    return true_s + rng.exponential(0.007, len(true_s))


def stamped(way, ppm: float, *, seconds: float = 120, seed: int = 0, late_s: float = 0.0):
    """Return the stamps of all samples, and when each was taken in truth."""
    rng = np.random.default_rng(seed)
    n = int(seconds * SFREQ)
    true_s = BEGAN_S + (np.arange(n) + 1) / (SFREQ * (1 + ppm * 1e-6))
    arrival_s = way(rng, true_s)
    arrival_s[: int(0.2 * SFREQ)] += late_s
    # a program looks every 8 ms, and takes all that has arrived
    seen_s = np.ceil(np.maximum.accumulate(arrival_s) / 0.008) * 0.008
    stops = np.flatnonzero(np.diff(seen_s, append=np.inf)) + 1
    stamps = Stamps(SFREQ, clock=lambda: BEGAN_S)
    found, start = [], 0
    for stop in stops.tolist():
        stamps.arrive(stop, float(seen_s[stop - 1]))
        found.append(stamps.of(start, stop - start))
        start = stop
    return np.concatenate(found), true_s


@pytest.mark.parametrize("ppm", [-5000, 0, 5000])
@pytest.mark.parametrize("way", [adapter, radio, prompt])
def test_stamps_of_a_board_5000_ppm_off_err_by_less_than_a_millisecond_after_a_minute(way, ppm):
    for seed in range(3):
        stamps, true_s = stamped(way, ppm, seed=seed)
        error_ms = 1e3 * (stamps - true_s)
        assert error_ms[true_s > BEGAN_S + 60].std() < 1
        assert np.ptp(error_ms[true_s > BEGAN_S + 1]) < 30  # from the second second on
        assert np.diff(stamps).min() > 0.9 / SFREQ  # time never goes back, nor stands still
        assert np.diff(stamps).max() < 1.1 / SFREQ


def test_a_first_read_that_came_late_is_made_up_for():
    stamps, true_s = stamped(adapter, 0, seconds=30, late_s=0.2)
    assert abs(1e3 * (stamps - true_s)[true_s > BEGAN_S + 12]).max() < 30
    assert np.diff(stamps).min() > 0


def test_samples_behind_a_gap_have_the_time_at_which_they_came():
    stamps = Stamps(SFREQ, clock=lambda: BEGAN_S)
    stamps.arrive(100, BEGAN_S + 0.1)
    before = stamps.of(0, 100)
    stamps.arrive(4100, BEGAN_S + 4.1)
    behind = stamps.of(4000, 100)
    np.testing.assert_allclose(before, BEGAN_S + np.arange(1, 101) / SFREQ)
    np.testing.assert_allclose(behind, BEGAN_S + np.arange(4001, 4101) / SFREQ)


def test_a_board_whose_index_jumps_is_followed_at_once_and_a_note_has_the_time_of_its_sample():
    stamps = Stamps(SFREQ, clock=lambda: BEGAN_S)
    stamps.arrive(1000, BEGAN_S + 1.0)
    stamps.of(0, 1000)
    for second in (11, 12):  # ten seconds were lost that its index does not tell of
        stamps.arrive(1000 * (second - 9), BEGAN_S + second)
        behind = stamps.of(1000 * (second - 10), 1000)
    np.testing.assert_allclose(behind, BEGAN_S + 11 + np.arange(1, 1001) / SFREQ)
    assert stamps.at(2500) == pytest.approx(BEGAN_S + 11.501)
