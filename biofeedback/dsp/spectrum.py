"""Where in frequency the power of a signal lies."""

import numpy as np
from numpy.typing import NDArray

from biofeedback.stream import Samples


def welch(samples: Samples, *, sfreq: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return frequencies in Hz and the power density (unit^2/Hz), ``(n_freqs, n_channels)``.

    Welch's method (1967): Hann windows of one second, half overlapping, means removed.
    `samples` ``(n_samples, n_channels)`` holds at least one second without NaN.
    """
    n = round(sfreq)
    window = np.hanning(n + 1)[:-1]
    starts = range(0, len(samples) - n + 1, n // 2)
    power = np.zeros((n // 2 + 1, samples.shape[1]))
    for start in starts:
        segment = samples[start : start + n]
        spectrum = np.fft.rfft((segment - segment.mean(axis=0)) * window[:, None], axis=0)
        power += spectrum.real**2 + spectrum.imag**2
    power *= 2.0 / (len(starts) * sfreq * np.sum(window**2))
    power[0] /= 2
    return np.asarray(np.fft.rfftfreq(n, 1 / sfreq), dtype=np.float64), power


def median_frequency(
    f: NDArray[np.float64], power: NDArray[np.float64], *, low_hz: float = 20, high_hz: float = 450
) -> NDArray[np.float64]:
    """Return per channel the frequency in Hz that halves the power between the corners.

    NaN where there is no power. Definition: De Luca, J Appl Biomech 1997.
    """
    inside = (f >= low_hz) & (f <= high_hz)
    below = np.cumsum(power[inside], axis=0)
    total = below[-1]
    at = np.argmax(below >= total / 2, axis=0)
    return np.where(total > 0, f[inside][at], np.nan)
