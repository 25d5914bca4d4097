import math

import numpy as np
import pytest

from biofeedback.recording.rails import Levels, repeated_extremes, smallest_step


@pytest.fixture
def emg():
    return 50 * np.random.default_rng(1).standard_normal(30_000)


def test_a_clean_signal_has_no_rails(emg):
    assert repeated_extremes(emg) is None
    for step in (0.01, 1.0, 5.0, 24.4):
        assert repeated_extremes(np.round(emg / step) * step) is None


def test_a_relaxed_muscle_on_a_coarse_converter_has_no_rails(emg):
    assert repeated_extremes(np.round(emg / 50)) is None


def test_a_sine_has_no_rails():
    t = np.arange(20_000) / 1000
    for hz in (50, 50.02, 60):
        assert repeated_extremes(np.round(200 * np.sin(2 * math.pi * hz * t + 0.3))) is None


def test_a_constant_has_no_rails():
    assert repeated_extremes(np.zeros(1000)) is None


def test_counts_cut_off_at_both_ends_are_found_within_two_steps(emg):
    low, high = repeated_extremes(np.clip(np.round(emg), -120, 130))
    assert (low, high) == (-117.5, 127.5)


def test_each_side_is_judged_by_itself(emg):
    low, high = repeated_extremes(np.minimum(np.round(emg), 120))
    assert low == -math.inf
    assert high == 117.5


def test_microvolts_cut_off_are_found(emg):
    gain = 3 / 4096 / 1000 * 1e6
    low, high = repeated_extremes(np.clip(np.round(emg), -120, 130) * gain - 7.3)
    assert low == pytest.approx(-117.5 * gain - 7.3)
    assert high == pytest.approx(127.5 * gain - 7.3)


def test_some_dozen_samples_at_the_limit_are_enough(emg):
    high = np.sort(emg)[-30]
    assert np.isinf(repeated_extremes(np.minimum(emg, high))[0])
    assert repeated_extremes(np.minimum(emg, high))[1] == pytest.approx(high)


def test_a_rail_that_jitters_over_two_steps_is_found(emg):
    counts = np.clip(np.round(emg), -120, 130)
    hit = np.flatnonzero(counts == -120)
    counts[hit[::2]] = -121
    assert repeated_extremes(counts)[0] == -118.5


def test_the_step_of_a_coarse_converter_shows_in_its_microvolts():
    counts = np.round(np.random.default_rng(0).normal(512, 3, 5000))
    assert smallest_step(counts * 24.4379 - 12_512.2) == pytest.approx(24.4379, rel=1e-6)


def test_a_constant_has_no_step():
    assert smallest_step(np.full(100, 7.0)) is None


def test_a_long_signal_shows_its_rails_whatever_part_it_comes_in():
    emg = 50 * np.random.default_rng(2).standard_normal(400_000)
    clipped = np.clip(np.round(emg), -120, 130)
    levels = Levels()
    for part in np.split(clipped, [3, 77_777, 100_001, 250_000]):
        levels.add(part)
    assert (levels.low, levels.high) == (-120, 130)
    assert levels.step() == 1
    assert levels.rails() == (-117.5, 127.5) == repeated_extremes(clipped)


def test_a_long_clean_signal_has_no_rails():
    emg = 50 * np.random.default_rng(3).standard_normal(400_000)
    assert repeated_extremes(emg) is None
    assert repeated_extremes(np.round(emg)) is None
