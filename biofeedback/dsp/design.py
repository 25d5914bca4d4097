"""Filters designed: their coefficients as second-order sections, as scipy.signal lays them out.

scipy.signal has all of it, and takes 0.6 s of CPU to import, more than all else that a command does
before its first reading; tests hold these to it.
"""

import numpy as np
from numpy.typing import NDArray

Sections = NDArray[np.float64]
"""``(n_sections, 6)``: b0, b1, b2, 1, a1, a2."""


def band_pass(low_hz: float, high_hz: float, *, sfreq: float, order: int = 4) -> Sections:
    """Return a Butterworth band-pass of 2 * `order` poles (bilinear transform of the analog one).

    Corners at -3 dB, 0 < `low_hz` < `high_hz` < `sfreq` / 2; `order` is even. Each section has its
    zeros at 0 Hz and at half of `sfreq`, and lets the middle of the band through as it is.
    """
    low, high = 2 * sfreq * np.tan(np.pi * np.array((low_hz, high_hz)) / sfreq)
    middle = np.sqrt(low * high)
    angles = np.pi * np.arange(1 - order, order, 2) / (2 * order)
    half = -np.exp(1j * angles) * (high - low) / 2
    apart = np.sqrt(half**2 - middle**2)
    analog = np.concatenate((half + apart, half - apart))
    poles = (2 * sfreq + analog) / (2 * sfreq - analog)
    # one of each conjugate pair; those that ring longest come last
    poles = poles[np.argsort(poles.imag)[order:]]
    poles = poles[np.argsort(np.abs(poles))]
    sos = np.zeros((order, 6))
    sos[:, (0, 2, 3)] = 1.0, -1.0, 1.0
    sos[:, 4], sos[:, 5] = -2 * poles.real, np.abs(poles) ** 2
    centre_hz = np.array([np.arctan(middle / (2 * sfreq)) * sfreq / np.pi])
    sos[:, :3] /= np.array([np.abs(response(s[None], centre_hz, sfreq=sfreq)) for s in sos])
    return sos


def notch(hz: float, *, bandwidth_hz: float, sfreq: float) -> Sections:
    """Return a notch at `hz`, `bandwidth_hz` wide at -3 dB (Orfanidis 1996, section 11.3)."""
    gain = 1 / (1 + np.tan(np.pi * bandwidth_hz / sfreq))
    turn = -2 * np.cos(2 * np.pi * hz / sfreq)
    return np.array([[gain, gain * turn, gain, 1.0, gain * turn, 2 * gain - 1]])


def steady_state(sos: Sections) -> NDArray[np.float64]:
    """Return what each section keeps, ``(n_sections, 2)``, when the input has always been 1."""
    kept, level = np.empty((len(sos), 2)), 1.0
    for state, section in zip(kept, sos, strict=True):
        b, a = section[:3], section[3:]
        out = level * b.sum() / a.sum()
        state[:] = out - b[0] * level, b[2] * level - a[2] * out
        level = out
    return kept


def response(sos: Sections, f: NDArray[np.float64], *, sfreq: float) -> NDArray[np.complex128]:
    """Return what the whole cascade makes of a sine at each frequency in Hz, ``(n_freqs,)``."""
    delay = np.exp(-2j * np.pi * f / sfreq)
    powers = np.array([delay**0, delay, delay**2])
    return np.asarray(np.prod((sos[:, :3] @ powers) / (sos[:, 3:] @ powers), axis=0))
