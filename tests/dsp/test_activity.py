import itertools

import numpy as np
import pytest

from biofeedback.dsp.activity import (
    Amplitude,
    Load,
    emg_gaps_per_min,
    longest_sustained_s,
    recovery_half_time_s,
    relative_rest_time_percent,
    rest_threshold,
    success_percent,
    tension_percentiles,
    time_to_first_s,
)

RATE_HZ = 10
# Worked by hand: 20 s at 10 Hz, in percent of the reference; (samples, level)
WORKED = np.repeat([0.3, 2, 5, 10, 0.4, 8, 0.2], [30, 60, 90, 15, 1, 3, 1])
THRESHOLD = 0.5


def all_of(envelope: np.ndarray) -> np.ndarray:
    return np.ones(len(envelope), dtype=bool)


def with_invalid_time() -> tuple[np.ndarray, np.ndarray]:
    """The worked example between minutes that say other things and count for nothing."""
    unknown, off = np.full(600, np.nan), np.zeros(600)
    envelope = np.concatenate((unknown, WORKED, off))
    valid = np.concatenate((np.ones(800, dtype=bool), np.zeros(600, dtype=bool)))
    return envelope, valid


@pytest.mark.parametrize(
    ("envelope", "valid"), [(WORKED, all_of(WORKED)), with_invalid_time()], ids=["alone", "among"]
)
def test_the_worked_example_comes_out_exactly_whatever_is_invalid_around_it(envelope, valid):
    assert tension_percentiles(envelope, valid) == Load(0.3, 5.0, 5.0)
    assert relative_rest_time_percent(envelope, valid, THRESHOLD) == 16.0
    assert emg_gaps_per_min(envelope, valid, THRESHOLD, rate_hz=RATE_HZ) == 3.0
    # 2, 5 and 10 %: 165 samples until the one of 0.4
    assert longest_sustained_s(envelope, valid, THRESHOLD, rate_hz=RATE_HZ) == 16.5


def test_a_gap_is_as_long_as_is_said():
    levels = np.repeat([5.0, 0.1, 5.0, 0.1, 5.0], [100, 2, 100, 1, 397])
    assert emg_gaps_per_min(levels, all_of(levels), 0.5, rate_hz=RATE_HZ) == 1.0
    shorter = {"rate_hz": RATE_HZ, "shortest_s": 0.1}
    assert emg_gaps_per_min(levels, all_of(levels), 0.5, **shorter) == 2.0


def test_unknown_time_breaks_a_gap_and_a_sustained_activity():
    levels = np.repeat([5.0, 0.1, np.nan, 0.1, 5.0, np.nan, 5.0], [50, 1, 1, 1, 20, 1, 30])
    assert emg_gaps_per_min(levels, all_of(levels), 0.5, rate_hz=RATE_HZ) == 0.0
    assert longest_sustained_s(levels, all_of(levels), 0.5, rate_hz=RATE_HZ) == 5.0
    assert longest_sustained_s(levels, all_of(levels), 5.0, rate_hz=RATE_HZ) == 5.0
    assert longest_sustained_s(levels, all_of(levels), 9.0, rate_hz=RATE_HZ) == 0.0


def test_at_the_threshold_a_muscle_is_relaxed_in_training_and_not_at_rest():
    levels = np.repeat([1.0, 2.0, 3.0], [20, 30, 50])
    assert success_percent(levels, all_of(levels), 2.0) == 50.0
    assert relative_rest_time_percent(levels, all_of(levels), 2.0) == 20.0


def test_the_first_ten_seconds_relaxed_are_told_by_their_beginning():
    levels = np.repeat([5.0, 1.0, 5.0, 1.0], [100, 99, 10, 100])
    assert time_to_first_s(levels, all_of(levels), 2.0, rate_hz=RATE_HZ) == 20.9
    assert time_to_first_s(levels, all_of(levels), 2.0, rate_hz=RATE_HZ, held_s=9.9) == 10.0
    valid = all_of(levels)
    valid[250] = False
    assert np.isnan(time_to_first_s(levels, valid, 2.0, rate_hz=RATE_HZ))


def test_the_recovery_is_halfway_when_the_level_falls_as_an_exponential():
    # 10 to 100, falling with a time constant of 2 s: halfway after 2 ln 2 = 1.386 s
    rate_hz = 100
    t = np.arange(2000) / rate_hz
    levels = np.concatenate((np.full(500, 100.0), 10 + 90 * np.exp(-t / 2)))
    valid = all_of(levels)
    held = {"baseline": 10.0, "rate_hz": rate_hz}
    assert recovery_half_time_s(levels, valid, (0, 500), **held) == pytest.approx(1.386, abs=0.01)


def test_a_recovery_must_hold_and_may_never_come():
    levels = np.repeat([2.0, 20.0, 4.0, 20.0, 4.0], [50, 50, 29, 10, 40])
    held = {"baseline": 2.0, "rate_hz": RATE_HZ}
    contraction = (50, 100)
    assert recovery_half_time_s(levels, all_of(levels), contraction, **held) == 3.9
    assert np.isnan(recovery_half_time_s(levels[:140], all_of(levels[:140]), contraction, **held))
    unknown = levels.copy()
    unknown[50:100] = np.nan
    assert np.isnan(recovery_half_time_s(unknown, all_of(levels), contraction, **held))
    assert recovery_half_time_s(levels, all_of(levels), (50, 140), **held) == 0.0


def test_without_valid_time_or_a_threshold_nothing_is_said():
    levels = np.repeat([0.1, 5.0], 300)
    nothing = np.zeros(600, dtype=bool)
    for valid, threshold in ((nothing, 0.5), (all_of(levels), float("nan"))):
        assert np.isnan(relative_rest_time_percent(levels, valid, threshold))
        assert np.isnan(success_percent(levels, valid, threshold))
        assert np.isnan(emg_gaps_per_min(levels, valid, threshold, rate_hz=RATE_HZ))
        assert np.isnan(longest_sustained_s(levels, valid, threshold, rate_hz=RATE_HZ))
        assert np.isnan(time_to_first_s(levels, valid, threshold, rate_hz=RATE_HZ))
    assert np.isnan(tension_percentiles(levels, nothing)).all()


def test_the_rest_threshold_is_the_best_that_is_known_and_never_below_the_floor():
    baseline = {"rest_mean_uv": 2.0, "rest_sd_uv": 0.3}
    assert rest_threshold(mvc_uv=600, reference_uv=100, **baseline) == pytest.approx(3.0)
    assert rest_threshold(reference_uv=100, **baseline) == pytest.approx(5.0)
    assert rest_threshold(**baseline) == pytest.approx(2.9)
    assert rest_threshold(**baseline, floor_uv=1.0) == pytest.approx(2.9)
    assert rest_threshold(**baseline, floor_uv=12.2) == 12.2
    assert rest_threshold(floor_uv=12.2) is None
    assert rest_threshold(rest_mean_uv=2.0) is None


def amplitude(signal: np.ndarray, edges: list[int]) -> np.ndarray:
    meter = Amplitude(signal.shape[1])
    for a, b in itertools.pairwise(edges):
        meter.add(a, signal[a:b])
    return np.array(meter.rms_and_arv())


def test_the_rms_and_the_mean_size_are_those_of_a_gaussian_and_of_a_sine():
    n = 400_000
    sine = np.sqrt(2) * 7 * np.sin(2 * np.pi * 101 * np.arange(n) / 1000)
    signal = np.column_stack((5 * np.random.default_rng(0).standard_normal(n), sine))
    rms, arv = amplitude(signal, [0, n])
    assert rms == pytest.approx([5, 7], rel=0.005)
    assert (arv / rms)[0] == pytest.approx(0.7979, rel=0.002)  # sqrt(2 / pi)
    assert (arv / rms)[1] == pytest.approx(0.9003, rel=0.0002)  # 2 sqrt(2) / pi


def test_the_amplitude_is_the_same_bits_however_the_stream_is_cut_and_leaves_out_the_unknown():
    signal = np.random.default_rng(1).standard_normal((20_000, 2))
    signal[5000:9000, 0] = np.nan
    whole = amplitude(signal, [0, 20_000])
    assert np.array_equal(amplitude(signal, [0, 1, 4095, 4097, 15_000, 20_000]), whole)
    assert whole[0] == pytest.approx(np.sqrt(np.nanmean(signal**2, axis=0)), rel=1e-12)
    assert whole[1] == pytest.approx(np.nanmean(np.abs(signal), axis=0), rel=1e-12)
    assert np.isnan(amplitude(np.full((10, 1), np.nan), [0, 10])).all()
