import numpy as np
import pytest
import scipy

from biofeedback.dsp.filters import BandPass


def gain_at(hz: float, *, low_hz: float = 20, high_hz: float = 450, sfreq: float = 2000) -> float:
    t = np.arange(int(4 * sfreq))[:, None] / sfreq
    out = BandPass(low_hz, high_hz, sfreq=sfreq)(np.sin(2 * np.pi * hz * t))
    return float(np.sqrt(2 * np.mean(out[-int(sfreq) :] ** 2)))


def butterworth(hz: float, low_hz: float, high_hz: float, sfreq: float) -> float:
    """The closed form of order 4, with the bilinear transform's warping."""
    w, low, high = (np.tan(np.pi * f / sfreq) for f in (hz, low_hz, high_hz))
    return float(1 / np.sqrt(1 + ((w * w - low * high) / (w * (high - low))) ** 8))


@pytest.mark.parametrize("hz", [10, 20, 25, 60, 95, 200, 400, 450, 500, 700])
def test_the_response_is_the_closed_form_of_a_butterworth_band_pass(hz: float):
    assert gain_at(hz) == pytest.approx(butterworth(hz, 20, 450, 2000), abs=2e-4)


def test_a_primed_filter_hardly_notices_the_offset_of_the_converter():
    # 10 mV of electrode offset: unprimed it rings at 10 mV's order; primed it stays silent
    offset = np.full((1000, 1), 10_000.0)
    primed = BandPass(20, 450, sfreq=1000)(offset)
    sos = scipy.signal.butter(4, (20, 450), "bandpass", fs=1000, output="sos")
    assert np.abs(primed).max() < 1e-6
    assert np.abs(scipy.signal.sosfilt(sos, offset, axis=0)).max() > 900


def test_the_same_bits_however_the_stream_is_cut():
    samples = np.random.default_rng(0).standard_normal((3000, 3))
    whole = BandPass(20, 450, sfreq=1000)(samples)
    band = BandPass(20, 450, sfreq=1000)
    pieces = [band(samples[i : i + 16]) for i in range(0, 3000, 16)]
    assert np.array_equal(np.concatenate(pieces), whole)
