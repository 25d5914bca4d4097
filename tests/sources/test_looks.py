"""When a board whose frames have one length is looked at: as soon as a last sample has come."""

import numpy as np
import pytest

from biofeedback.sources.framed_board import GATHER_S, Looks

WAKING_S = 0.0002


def looked_at(arrivals, sfreq: float, n_looks: int = 3000):
    """Return the samples that each look found, and how long each sample had waited, in s.

    `arrivals`: when each sample came, in s. Where none has, it is waited for.
    """
    looks, now, before = Looks(sfreq, GATHER_S), 0.003, 0
    found, ages = [], []
    for _ in range(n_looks):
        now = max(now, arrivals[before]) + WAKING_S
        position = int(np.searchsorted(arrivals, now, side="right"))
        found.append(position - before)
        ages += list(now - arrivals[before:position])
        before = position
        now += looks.wait_s(now, position)
    return np.array(found), np.array(ages)


@pytest.mark.parametrize("ppm", [-200, 0, 200])
@pytest.mark.parametrize("sfreq", [125.0, 250.0, 500.0])
def test_a_sample_waits_as_long_as_the_others_take_that_it_is_gathered_with(sfreq, ppm):
    found, ages = looked_at(np.arange(100_000) / (sfreq * (1 + ppm * 1e-6)), sfreq)
    n = int(GATHER_S * sfreq)
    assert np.mean(found[300:] == n) > 0.9
    assert np.quantile(ages[2000:], 0.99) < (n - 1) / sfreq + 0.0015


def test_samples_that_come_late_now_and_then_do_not_drive_the_looks_away():
    rng = np.random.default_rng(3)
    late = np.where(rng.random(60_000) < 0.02, 0.002, 0.0) + 0.0002 * rng.random(60_000)
    found, ages = looked_at(np.arange(60_000) / 250 + late, 250.0)
    assert len(ages) / len(found) > 3.5
    assert np.quantile(ages[1200:], 0.99) < 0.0155


@pytest.mark.parametrize("burst_s", [0.008, 0.016, 0.0161, 0.02])
def test_a_burst_is_read_when_it_comes(burst_s):
    arrivals = np.ceil(np.arange(50_000) / 250 / burst_s) * burst_s + 0.011
    _found, ages = looked_at(arrivals, 250.0)
    assert np.quantile(ages[2000:], 0.95) < (0.0095 if burst_s < GATHER_S else 0.0015)


def test_a_board_slower_than_that_is_looked_at_as_before():
    looks = Looks(10.0, GATHER_S)
    assert looks.wait_s(5.0, 1) == pytest.approx(GATHER_S)
