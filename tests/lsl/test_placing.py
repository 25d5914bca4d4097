"""Where samples are missing, by the time stamps of those that came."""

import numpy as np
import pytest

from biofeedback.sources.lsl_placing import Placing

SFREQ = 1000.0


def placed(stamps: np.ndarray, size: int = 20) -> np.ndarray:
    """Return the index that each sample got, whose value is its number."""
    placing = Placing(SFREQ)
    samples = np.arange(len(stamps), dtype=float)[:, None]
    chunks = [
        chunk
        for at in range(0, len(stamps), size)
        for chunk in placing.place(samples[at : at + size], stamps[at : at + size])
    ]
    chunks += placing.flush()
    numbers = np.concatenate([chunk.samples[:, 0] for chunk in chunks])
    np.testing.assert_array_equal(numbers, np.arange(len(stamps)))  # none lost, none twice
    return np.concatenate([chunk.start + np.arange(len(chunk.samples)) for chunk in chunks])


def even(seconds: float = 30, ppm: float = 0) -> np.ndarray:
    return 5.0 + np.arange(int(seconds * SFREQ)) / (SFREQ * (1 + ppm * 1e-6))


def in_bursts(rng: np.random.Generator, seconds: float = 30) -> np.ndarray:
    """Stamped by their arrival, 40 in a burst, each up to 30 ms late, as some senders do."""
    true_s = even(seconds)
    late_s = rng.uniform(0, 0.03, len(true_s) // 40)
    arrived_s = np.maximum.accumulate(true_s[39::40] + late_s)
    return np.repeat(arrived_s, 40) + np.tile(np.arange(-39, 1) / SFREQ, len(arrived_s))


@pytest.mark.parametrize("size", [1, 7, 20, 1000])
@pytest.mark.parametrize("missing", [1, 7, 3000])
def test_each_sample_that_is_missing_between_even_stamps_is_found(size, missing):
    kept = np.r_[0:20_000, 20_000 + missing : 30_000]
    np.testing.assert_array_equal(placed(even()[kept], size), kept)


@pytest.mark.parametrize("ppm", [-5000, 5000])
def test_a_sender_whose_clock_is_off_loses_nothing(ppm):
    kept = np.r_[0:30_000, 31_000:60_000]
    np.testing.assert_allclose(placed(even(60, ppm)[kept]), kept, atol=abs(ppm) * 1e-6 * 1000)
    np.testing.assert_array_equal(placed(even(60, ppm)), np.arange(60_000))


def test_a_loss_before_anything_is_known_of_the_sender_is_found():
    kept = np.r_[0:100, 1100:2000]
    np.testing.assert_array_equal(placed(even()[kept]), kept)


def test_bursts_are_no_loss():
    for seed in range(5):
        stamps = in_bursts(np.random.default_rng(seed))
        np.testing.assert_array_equal(placed(stamps), np.arange(len(stamps)))


def test_bursts_that_were_held_up_once_are_no_loss():
    stamps = in_bursts(np.random.default_rng(1))
    late = slice(20_000, 20_200)  # a fifth of a second came at its end
    stamps[late] = np.maximum(stamps[late], stamps[20_199])
    np.testing.assert_array_equal(placed(stamps), np.arange(len(stamps)))


def test_between_bursts_a_loss_is_found_as_well_as_their_stamps_tell():
    for seed in range(5):
        kept = np.r_[0:16_000, 18_000:30_000]
        found = placed(in_bursts(np.random.default_rng(seed))[kept])
        np.testing.assert_array_equal(found[:16_000], kept[:16_000])
        np.testing.assert_allclose(found[16_000:], kept[16_000:], atol=30)


@pytest.mark.parametrize("step_s", [-1e5, 1e5])
def test_a_clock_that_was_set_is_no_loss(step_s):
    stamps = even()
    stamps[10_000:] += step_s
    np.testing.assert_array_equal(placed(stamps), np.arange(30_000))
