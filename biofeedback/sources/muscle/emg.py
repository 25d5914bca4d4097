"""EMG as noise: the shape of its spectrum, its fatigue, and a drive that muscles share."""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float64]

# Stegeman-Hermens shape of the surface EMG's power spectrum (J Electromyogr Kinesiol 2007): its
# median is 94.8 Hz with these corners.
_LOW_HZ, _HIGH_HZ = 60.0, 120.0
BAND_HZ = (20.0, 450.0)  # `emg_uv` is the RMS of what lies between
_TAPS_S = 0.256
MDF_HZ = (40.0, 180.0)  # what the shape can be shifted to
MDF_SFREQ = 1000.0  # below it the band ends before the spectrum does

# Tremor and what drives muscles together lie at 4-7 Hz (Tijssen et al., Brain 2000). The drive is
# wider by half a hertz on either side, so that it is flat in between.
DRIVE_BAND_HZ = (4.0, 7.0)
_DRIVE_FROM_HZ, _DRIVE_TO_HZ = 3.5, 7.5
_DRIVE = 1  # its place among the random streams of a seed


def _magnitude(f: Signal, scale: float) -> Signal:
    """Return the amplitude spectrum with corners at `scale` times their place."""
    low_hz, high_hz = _LOW_HZ * scale, _HIGH_HZ * scale
    return np.asarray(f / (np.sqrt(f**2 + low_hz**2) * (f**2 + high_hz**2)))


@lru_cache(maxsize=32)
def emg_kernel(sfreq: float, scale: float = 1.0) -> Signal:
    """Return the linear-phase filter that gives white noise of unit variance 1 uV RMS of EMG."""
    n = 2 * round(_TAPS_S * sfreq / 2) + 1
    grid = 8 * n
    f = np.asarray(np.fft.rfftfreq(grid, 1 / sfreq), dtype=np.float64)
    kernel = np.roll(np.fft.irfft(_magnitude(f, scale), grid), n // 2)[:n] * np.hanning(n)
    power = np.abs(np.fft.rfft(kernel, grid)) ** 2
    in_band = (f >= BAND_HZ[0]) & (f <= BAND_HZ[1])
    return np.asarray(kernel / math.sqrt(2 * power[in_band].sum() / grid))


@lru_cache(maxsize=1)
def _medians() -> tuple[Signal, Signal]:
    """Return median frequencies between 20 and 450 Hz, and the scales of the shape that have it."""
    scales = np.geomspace(0.2, 6.0, 200)
    f = np.arange(BAND_HZ[0], BAND_HZ[1], 0.25)
    below = np.cumsum([_magnitude(f, scale) ** 2 for scale in scales], axis=1)
    medians = [np.interp(part[-1] / 2, part, f) for part in below]
    return np.array(medians), scales


def scale_for(mdf_hz: float) -> float:
    """Return the scale of the shape whose median frequency between 20 and 450 Hz is `mdf_hz`."""
    return float(np.interp(mdf_hz, *_medians()))


class EmgNoise:
    """A second of EMG of 1 uV RMS, in whatever spectrum, out of the same white noise.

    `white` ``(n + taps - 1,)`` begins before the second, by what the filter looks back.
    """

    def __init__(self, white: Signal, sfreq: float) -> None:
        self._white, self._sfreq = white, sfreq
        self._shaped: dict[float, Signal] = {}

    def __call__(self, scale: float = 1.0) -> Signal:
        """Return ``(n,)``."""
        if scale not in self._shaped:
            kernel = emg_kernel(self._sfreq, scale)
            self._shaped[scale] = np.convolve(self._white, kernel, "valid")
        return self._shaped[scale]

    def between(self, first_hz: float, last_hz: float) -> Signal:
        """Return ``(n,)``, whose median frequency goes from the first to the last.

        The kernels are symmetrical, so that a sum of what two of them give lies between them.
        """
        first, last = self(scale_for(first_hz)), self(scale_for(last_hz))
        return np.asarray(first + (last - first) * np.arange(len(first)) / len(first))


def _rectified_noise(sfreq: float) -> float:
    """Return the density at 4-7 Hz, in 1/Hz, of EMG of 20-450 Hz and variance one, rectified.

    The autocovariance of rectified Gaussian noise with autocorrelation r is
    2/pi * (sqrt(1 - r^2) + r * asin(r) - 1) (Papoulis, Probability, Random Variables).
    """
    kernel = emg_kernel(sfreq)
    grid = 8 * len(kernel)
    f = np.fft.rfftfreq(grid, 1 / sfreq)
    in_band = (f >= BAND_HZ[0]) & (f <= BAND_HZ[1])
    r = np.fft.irfft(np.abs(np.fft.rfft(kernel, grid)) ** 2 * in_band, grid)
    r = np.clip(r / r[0], -1.0, 1.0)
    covariance = 2 / math.pi * (np.sqrt(1 - r**2) + r * np.arcsin(r) - 1)
    density = 2 / sfreq * np.fft.rfft(covariance).real
    slow = (f >= DRIVE_BAND_HZ[0]) & (f <= DRIVE_BAND_HZ[1])
    return float(density[slow].mean())


class CommonDrive:
    """A slow rise and fall of all channels together, such that they cohere as asked.

    `coherence` is the magnitude-squared one, between 4 and 7 Hz, of two channels that were
    rectified after a band-pass of 20-450 Hz. A drive of amplitude `depth` and density S adds
    depth^2 * 2/pi * S to each rectified channel, beside a noise of its own, R * (1 + depth^2):
    with q for the ratio of the two the coherence is (q / (1 + q))^2.
    """

    def __init__(self, coherence: float, *, seed: int, sfreq: float) -> None:
        self._seed, self._n = seed, round(sfreq)
        hz = np.arange(self._n + 1) * sfreq / (2 * self._n)
        self._bins = np.flatnonzero((hz >= _DRIVE_FROM_HZ) & (hz <= _DRIVE_TO_HZ))
        density = 2 / math.pi / (len(self._bins) * hz[1])
        q = math.sqrt(coherence) / (1 - math.sqrt(coherence))
        noise = q * _rectified_noise(sfreq) if q else 0.0
        self.depth = math.sqrt(noise / (density - noise))
        rise = np.sin(math.pi * (np.arange(self._n) + 0.5) / (2 * self._n))
        self._rise, self._fall = rise, rise[::-1]

    def second(self, block: int) -> Signal:
        """Return what the EMG of second `block` is multiplied with, ``(n,)``; its RMS is one.

        Frames of two seconds overlap by one; their squared weights add up to one everywhere.
        """
        drive = self._frame(block)[self._n :] * self._fall
        drive += self._frame(block + 1)[: self._n] * self._rise
        return np.asarray((1 + self.depth * drive) / math.sqrt(1 + self.depth**2))

    def _frame(self, number: int) -> Signal:
        real, imaginary = np.random.default_rng((self._seed, 0, number, _DRIVE)).standard_normal(
            (2, len(self._bins))
        )
        spectrum = np.zeros(self._n + 1, dtype=np.complex128)
        spectrum[self._bins] = real + 1j * imaginary
        return np.asarray(np.fft.irfft(spectrum) * (self._n / math.sqrt(len(self._bins))))
