import numpy as np
import pytest
import scipy

from biofeedback.dsp.spectrum import median_frequency, welch


def test_the_density_is_that_of_scipy_and_holds_all_the_power():
    samples = np.random.default_rng(0).standard_normal((4000, 2))
    f, power = welch(samples, sfreq=1000)
    theirs_f, theirs = scipy.signal.welch(samples, 1000, nperseg=1000, axis=0)
    np.testing.assert_allclose(f, theirs_f)
    np.testing.assert_allclose(power[1:-1], theirs[1:-1], rtol=1e-9)
    assert power.sum(axis=0) == pytest.approx(samples.var(axis=0), rel=0.05)


def test_the_median_frequency_of_flat_noise_is_the_middle_of_the_band():
    samples = np.random.default_rng(0).standard_normal((120_000, 1))
    assert median_frequency(*welch(samples, sfreq=1000))[0] == pytest.approx(235, rel=0.01)


def test_a_signal_without_power_has_no_median_frequency():
    assert np.isnan(median_frequency(*welch(np.zeros((1000, 1)), sfreq=1000))[0])
