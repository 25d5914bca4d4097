"""The sound of a breath that is led: it swells and ebbs with the air, brighter in than out."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from biofeedback.sound.synth import CHANNELS, SFREQ, Glide, Signal, full_scale

# Much softer than the tone, which is to be heard above it: at its loudest it is 20 dB weaker (RMS).
_BELOW_TONE_DB = -8.0
# Between these, in Hz, with power that falls towards the higher ones as that of wind does.
_IN_HZ, _OUT_HZ = (600.0, 4000.0), (200.0, 1200.0)
_LOOP = 2 * SFREQ  # samples: longer than what an ear takes for a beat
_SEED = 1
_NOTHING = 1e-6


class BreathSound:
    """Samples of a breath, of any length a call. No sample exceeds `volume` of `cap_dbfs`."""

    def __init__(self, *, volume: float, cap_dbfs: float) -> None:
        self._gain = full_scale(cap_dbfs) * volume * full_scale(_BELOW_TONE_DB)
        self._levels = Glide(0.0), Glide(0.0)
        self._noises = _noise(_IN_HZ), _noise(_OUT_HZ)
        self._at = 0

    def __call__(self, flow: float, n: int) -> Signal:
        """Return the next ``(n, CHANNELS)`` samples, gliding to `flow`: 1 is in, -1 out, 0 none."""
        wanted = max(flow, 0.0), max(-flow, 0.0)
        if not any(wanted) and all(level.value < _NOTHING for level in self._levels):
            for level in self._levels:
                level.jump(0.0)
            return np.zeros((n, CHANNELS))
        at = (self._at + np.arange(n)) % _LOOP
        self._at = (self._at + n) % _LOOP
        parts = zip(self._noises, self._levels, wanted, strict=True)
        sound = sum((noise[at] * level(share, n) for noise, level, share in parts), np.zeros(n))
        return np.asarray(self._gain * sound[:, None].repeat(CHANNELS, axis=1))


@lru_cache
def _noise(band_hz: tuple[float, float]) -> NDArray[np.float64]:
    """Return noise between two frequencies that goes round without a seam, at most 1/2."""
    hz = np.fft.rfftfreq(_LOOP, 1 / SFREQ)
    inside = (hz >= band_hz[0]) & (hz <= band_hz[1])
    rng = np.random.default_rng(_SEED)
    spectrum = np.zeros(len(hz), dtype=np.complex128)
    turns = rng.uniform(0, 2 * np.pi, np.count_nonzero(inside))
    spectrum[inside] = np.exp(1j * turns) / hz[inside]
    noise = np.fft.irfft(spectrum, _LOOP)
    return np.asarray(noise / (2 * np.abs(noise).max()))
