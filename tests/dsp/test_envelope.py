import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biofeedback.dsp.envelope import MovingRMS, MovingSum


def noise(n: int, channels: int = 2, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, channels))


def in_pieces(stage, samples: np.ndarray, cuts: list[int]) -> np.ndarray:
    edges = [0, *sorted(c % (len(samples) + 1) for c in cuts), len(samples)]
    return np.concatenate([stage(samples[a:b]) for a, b in itertools.pairwise(edges) if b > a])


def test_the_sum_is_that_of_the_last_window():
    values = noise(1000)
    direct = np.array([values[max(0, i - 36) : i + 1].sum(axis=0) for i in range(1000)])
    np.testing.assert_allclose(MovingSum(37)(values), direct, atol=1e-12)


@settings(deadline=None)
@given(st.lists(st.integers(0, 700), max_size=12), st.integers(1, 200))
def test_the_sum_is_the_same_bits_however_the_stream_is_cut(cuts: list[int], window: int):
    values = noise(700)
    whole = MovingSum(window)(values)
    assert np.array_equal(in_pieces(MovingSum(window), values, cuts), whole)


def test_an_enormous_artefact_leaves_no_trace_once_it_has_left_the_window():
    # a day at 250 Hz with an artefact of 1e5 uV each hour; the direct sum is the judge
    rms = MovingRMS(1.0, sfreq=250)
    hour = 250 * 3600
    rng = np.random.default_rng(1)
    for _hour in range(24):
        values = rng.standard_normal((hour, 1))
        values[100] = 1e5
        read = rms(values)[-1, 0]
        direct = np.sqrt(np.mean(values[-250:, 0] ** 2))
        assert abs(read - direct) < 1e-9


def test_the_rms_of_a_constant_is_that_constant_and_of_a_sine_its_amplitude_over_root_two():
    t = np.arange(5000)[:, None] / 1000
    assert MovingRMS(0.2, sfreq=1000)(np.full((400, 1), 50.0))[-1, 0] == 50.0
    sine = MovingRMS(1.0, sfreq=1000)(7.0 * np.sin(2 * np.pi * 100 * t))
    assert sine[-1, 0] == pytest.approx(7 / np.sqrt(2), rel=1e-9)


def test_the_envelope_is_unknown_until_its_window_is_full():
    read = MovingRMS(0.2, sfreq=1000)(np.full((300, 1), 50.0))[:, 0]
    assert np.isnan(read[:199]).all()
    assert (read[199:] == 50.0).all()


def test_samples_that_are_unknown_are_left_out_and_half_a_window_is_enough_where_said_so():
    samples = np.full((400, 1), 3.0)
    samples[:150] = np.nan
    read = MovingRMS(0.2, sfreq=1000, known_share=0.5)(samples)[:, 0]
    assert np.isnan(read[:249]).all()
    assert (read[249:] == 3.0).all()


def test_the_time_from_a_step_to_half_and_nine_tenths_of_the_reading_is_that_of_a_boxcar():
    # RMS of a step is sqrt(t / T): half after T/4 = 31 ms, nine tenths after 0.81 T = 101 ms
    step = np.concatenate((np.zeros((500, 1)), np.ones((500, 1))))
    read = MovingRMS(0.125, sfreq=1000)(step)[500:, 0]
    assert np.argmax(read >= 0.5) == pytest.approx(31, abs=2)
    assert np.argmax(read >= 0.9) == pytest.approx(101, abs=2)


def test_an_envelope_that_the_sensor_made_is_only_averaged():
    read = MovingRMS(0.1, sfreq=100, mean_only=np.array([True, False]))(
        np.tile([[1.0], [3.0]], (20, 2))
    )
    assert read[-1, 0] == pytest.approx(2.0)
    assert read[-1, 1] == pytest.approx(np.sqrt(5.0))
