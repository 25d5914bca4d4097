"""Filters as scipy.signal designs them."""

import numpy as np
import pytest
import scipy

from biofeedback.dsp.design import band_pass, notch, response, steady_state

BANDS = [
    (20, 450, 1000, 4),
    (100, 200, 1000, 4),
    (20, 90, 200, 4),
    (10, 30, 1000, 2),
    (10, 30, 210.5, 2),
    (20, 450, 10_000, 4),
    (5, 400, 4000, 6),
]


@pytest.mark.parametrize(("low_hz", "high_hz", "sfreq", "order"), BANDS)
def test_a_band_pass_passes_what_scipys_passes(low_hz, high_hz, sfreq, order):
    f = np.linspace(1, sfreq / 2 - 1, 500)
    theirs = scipy.signal.butter(order, (low_hz, high_hz), "bandpass", fs=sfreq, output="sos")
    ours = band_pass(low_hz, high_hz, sfreq=sfreq, order=order)
    expected = scipy.signal.sosfreqz(theirs, f, fs=sfreq)[1]
    np.testing.assert_allclose(response(ours, f, sfreq=sfreq), expected, rtol=1e-8, atol=1e-10)
    corners = np.array([low_hz, high_hz], dtype=float)
    np.testing.assert_allclose(np.abs(response(ours, corners, sfreq=sfreq)), 0.5**0.5, rtol=1e-9)


@pytest.mark.parametrize(("low_hz", "high_hz", "sfreq", "order"), BANDS)
def test_a_signal_comes_out_as_of_scipys(low_hz, high_hz, sfreq, order):
    x = 10_000 + 100 * np.random.default_rng(0).standard_normal(3000)
    theirs = scipy.signal.butter(order, (low_hz, high_hz), "bandpass", fs=sfreq, output="sos")
    outs = [
        scipy.signal.sosfilt(sos, x, zi=scipy.signal.sosfilt_zi(sos) * x[0])[0]
        for sos in (band_pass(low_hz, high_hz, sfreq=sfreq, order=order), theirs)
    ]
    np.testing.assert_allclose(*outs, atol=1e-6)


@pytest.mark.parametrize("sfreq", [1000, 1259.26, 4000])
@pytest.mark.parametrize("hz", [50.0, 60.0, 300.0])
def test_a_notch_is_scipys(hz, sfreq):
    expected = np.concatenate(scipy.signal.iirnotch(hz, hz / 5, fs=sfreq))
    np.testing.assert_allclose(notch(hz, bandwidth_hz=5, sfreq=sfreq)[0], expected, atol=1e-12)


def test_a_cascade_keeps_what_scipys_keeps_of_a_constant():
    sos = np.concatenate((notch(50, bandwidth_hz=5, sfreq=1000), band_pass(20, 450, sfreq=1000)))
    expected = scipy.signal.sosfilt_zi(sos)
    np.testing.assert_allclose(steady_state(sos), expected, atol=1e-12)
