import itertools

import numpy as np
import pytest
import scipy
from hypothesis import given, settings
from hypothesis import strategies as st

from biofeedback.dsp.spectrum import Welch, mean_frequency, median_frequency, welch


def noise(n: int, channels: int = 2, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, channels))


def with_holes(samples: np.ndarray) -> np.ndarray:
    samples = samples.copy()
    samples[700, 0] = np.nan
    samples[1500:1900, 1] = np.nan
    return samples


def streamed(samples: np.ndarray, sfreq: float, edges: list[int]) -> np.ndarray:
    spectrum = Welch(sfreq, samples.shape[1])
    for a, b in itertools.pairwise(edges):
        spectrum.add(a, samples[a:b])
    return spectrum.power()


def stegeman_hermens(f: np.ndarray) -> np.ndarray:
    fl, fh = 60.0, 120.0
    return (fh**4 * f**2 / ((f**2 + fl**2) * (f**2 + fh**2) ** 2))[:, None]


@pytest.mark.parametrize("sfreq", [1000.0, 999.0])
def test_the_density_is_that_of_scipy_and_holds_all_the_power(sfreq: float):
    n = int(sfreq)
    samples = noise(4 * n + 300)
    f, power = welch(samples, sfreq=sfreq)
    theirs_f, theirs = scipy.signal.welch(samples, sfreq, nperseg=n, noverlap=n - n // 2, axis=0)
    np.testing.assert_allclose(f, theirs_f)
    np.testing.assert_allclose(power, theirs, rtol=1e-9)
    assert power.sum(axis=0) == pytest.approx(samples.var(axis=0), rel=0.05)


def test_hours_go_through_the_stream_as_through_scipy():
    samples = noise(60_000, channels=3)
    f, power = welch(samples, sfreq=200)
    theirs_f, theirs = scipy.signal.welch(samples, 200, nperseg=200, axis=0)
    np.testing.assert_allclose(f, theirs_f)
    np.testing.assert_allclose(power, theirs, rtol=1e-9)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(0, 9000), max_size=20),
    st.sampled_from([100.0, 101.0, 148.148]),
    st.integers(1, 3),
)
def test_the_spectrum_is_the_same_bits_however_the_stream_is_cut(cuts, sfreq, channels):
    samples = noise(9000, channels)
    samples[2000:2100, 0] = np.nan
    whole = streamed(samples, sfreq, [0, 9000])
    assert np.array_equal(streamed(samples, sfreq, [0, *sorted(cuts), 9000]), whole)


def test_a_segment_with_a_hole_is_left_out_of_its_own_channel_only():
    samples = with_holes(noise(4000))
    _f, power = welch(samples, sfreq=1000)
    for channel, gone in ((0, (0, 500)), (1, (1000, 1500))):
        starts = [s for s in range(0, 3001, 500) if s not in gone]
        each = [
            scipy.signal.welch(samples[s : s + 1000, channel], 1000, nperseg=1000)[1]
            for s in starts
        ]
        np.testing.assert_allclose(power[:, channel], np.mean(each, axis=0), rtol=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 4000), st.integers(0, 20_000))
def test_samples_that_never_came_are_a_hole_and_the_segments_stay_where_they_were(start, missing):
    samples = noise(30_000, channels=1)
    jumped = Welch(100, 1)
    for a, b in ((0, start), (start + missing, len(samples))):
        jumped.add(a, samples[a:b])
    samples[start : start + missing] = np.nan
    assert np.array_equal(jumped.power(), streamed(samples, 100, [0, len(samples)]))


def test_samples_that_came_before_are_refused():
    spectrum = Welch(100, 1)
    spectrum.add(0, noise(300, 1))
    with pytest.raises(ValueError, match="overlap"):
        spectrum.add(299, noise(300, 1))


def test_asking_for_the_power_does_not_disturb_the_stream():
    samples = noise(5000)
    spectrum = Welch(1000, 2)
    spectrum.add(0, samples[:2300])
    first = spectrum.power()
    np.testing.assert_array_equal(first, welch(samples[:2300], sfreq=1000)[1])
    spectrum.add(2300, samples[2300:])
    assert np.array_equal(spectrum.power(), streamed(samples, 1000, [0, 5000]))


def test_without_a_whole_second_there_is_no_power():
    samples = noise(1500)
    samples[600, 0] = np.nan
    samples[1200, 1] = np.nan
    power = welch(samples, sfreq=1000)[1]
    assert np.isnan(power[:, 0]).all()
    assert np.isfinite(power[:, 1]).all()
    f = np.arange(501.0)
    assert np.isnan(median_frequency(f, power)[0])
    assert np.isnan(mean_frequency(f, power)[0])


def test_the_median_and_mean_of_flat_noise_are_the_middle_of_the_band():
    # 235 Hz by arithmetic, and through all of it by four minutes of noise
    f = np.arange(501.0)
    flat = np.ones((501, 1))
    assert median_frequency(f, flat)[0] == pytest.approx(235.0, abs=1e-9)
    assert mean_frequency(f, flat)[0] == pytest.approx(235.0, abs=1e-9)
    f, power = welch(noise(240_000, 1), sfreq=1000)
    assert median_frequency(f, power)[0] == pytest.approx(235, rel=0.01)
    assert mean_frequency(f, power)[0] == pytest.approx(235, rel=0.01)


@pytest.mark.parametrize("step_hz", [0.25, 1.0, 4.0])
def test_the_median_and_mean_of_surface_emg_are_those_of_its_formula(step_hz: float):
    # Stegeman & Hermens, 60 and 120 Hz, over 0-500 Hz: by integration 94.76, 115.39; peak 65.35
    f = np.arange(0, 500 + step_hz, step_hz)
    power = stegeman_hermens(f)
    wide = {"low_hz": 0, "high_hz": 500}
    assert median_frequency(f, power, **wide)[0] == pytest.approx(94.76, abs=0.03)
    assert mean_frequency(f, power, **wide)[0] == pytest.approx(115.39, abs=0.03)
    assert f[np.argmax(power)] == pytest.approx(65.35, abs=step_hz)


def test_noise_of_that_shape_reads_its_median_and_mean_within_a_percent():
    n = 600_000
    f = np.fft.rfftfreq(n, 1 / 1000)
    white = np.fft.rfft(noise(n, 1)[:, 0])
    samples = np.fft.irfft(white * np.sqrt(stegeman_hermens(f)[:, 0]), n)[:, None]
    f, power = welch(samples, sfreq=1000)
    wide = {"low_hz": 0, "high_hz": 500}
    assert median_frequency(f, power, **wide)[0] == pytest.approx(94.76, rel=0.01)
    assert mean_frequency(f, power, **wide)[0] == pytest.approx(115.39, rel=0.01)


def test_a_line_lies_where_it_is_and_what_is_outside_of_the_corners_counts_for_nothing():
    t = np.arange(10_000)[:, None] / 1000
    samples = np.sin(2 * np.pi * 100 * t) + 50 * np.sin(2 * np.pi * 10 * t)
    f, power = welch(samples, sfreq=1000)
    assert median_frequency(f, power)[0] == pytest.approx(100, abs=0.01)
    assert mean_frequency(f, power)[0] == pytest.approx(100, abs=0.01)


def test_a_signal_without_power_has_no_median_and_no_mean_frequency():
    silence = welch(np.zeros((1000, 1)), sfreq=1000)
    assert np.isnan(median_frequency(*silence)[0])
    assert np.isnan(mean_frequency(*silence)[0])
