"""A simulated muscle, asked for by name: a scenario played through the model of a converter."""

import math
import time
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from biofeedback.sources.pace import Pace
from biofeedback.sources.scenario import Scenario, Segment
from biofeedback.stream import Chunk, Samples, StreamInfo

# Stegeman-Hermens shape of the surface EMG's power spectrum (J Electromyogr Kinesiol 2007): its
# median is 94.8 Hz with these corners.
_LOW_HZ, _HIGH_HZ = 60.0, 120.0
_BAND_HZ = (20.0, 450.0)  # `emg_uv` is the RMS of what lies between
_TAPS_S = 0.256

# An open electrode drifts to the amplifier's rail and beyond, where it is cut off.
_OFF_TIME_S, _OFF_OVERSHOOT = 0.03, 1.2
# The mains wander by some hundredths of a hertz.
_MAINS_WANDER_HZ, _MAINS_WANDER_S = 0.03, 20.0


@lru_cache
def _emg_kernel(sfreq: float) -> NDArray[np.float64]:
    """Return the linear-phase filter that gives white noise of unit variance 1 uV RMS of EMG."""
    n = 2 * round(_TAPS_S * sfreq / 2) + 1
    grid = 8 * n
    f = np.fft.rfftfreq(grid, 1 / sfreq)
    magnitude = f / (np.sqrt(f**2 + _LOW_HZ**2) * (f**2 + _HIGH_HZ**2))
    kernel = np.roll(np.fft.irfft(magnitude, grid), n // 2)[:n] * np.hanning(n)
    power = np.abs(np.fft.rfft(kernel, grid)) ** 2
    in_band = (f >= _BAND_HZ[0]) & (f <= _BAND_HZ[1])
    return np.asarray(kernel / math.sqrt(2 * power[in_band].sum() / grid))


class _Muscle:
    """Makes the counts of one channel of a scenario, any second of it at will."""

    def __init__(self, scenario: Scenario, number: int) -> None:
        self._scenario, self._number = scenario, number
        self._script = scenario.channels[number]
        self._channel = scenario.info.channels[number]
        self._n = round(scenario.info.sfreq)
        self._kernel = _emg_kernel(scenario.info.sfreq)

    def second(self, block: int) -> NDArray[np.float64]:
        """Return the counts of samples ``[block * n, (block + 1) * n)``, n about a second."""
        t = (block * self._n + np.arange(self._n)) / self._scenario.info.sfreq
        emg = np.convolve(
            np.concatenate((self._noise(block - 1)[1 - len(self._kernel) :], self._noise(block))),
            self._kernel,
            "valid",
        )
        skin_uv = np.full(self._n, self._script.offset_uv)
        for start_s, segment in self._script.timeline(t[-1]):
            now = (t >= start_s) & (t < start_s + segment.seconds)
            skin_uv[now] += self._play(segment, t[now] - start_s, emg[now], t[now])
        channel = self._channel
        low, high = channel.rails or (-math.inf, math.inf)
        counts = np.round((skin_uv - channel.offset) / channel.gain)
        return np.clip(counts, low - 2, high + 2)

    def _noise(self, block: int) -> NDArray[np.float64]:
        seed = (self._scenario.seed, self._number, block + 1)
        return np.random.default_rng(seed).standard_normal(self._n)

    def _play(
        self,
        segment: Segment,
        within_s: NDArray[np.float64],
        emg: NDArray[np.float64],
        t: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        first_uv, last_uv = segment.emg_uv
        share = np.minimum(within_s / segment.ramp_s, 1.0)
        signal = emg * (first_uv + (last_uv - first_uv) * share)
        wander = _MAINS_WANDER_HZ * _MAINS_WANDER_S / (2 * math.pi)
        cycles = segment.mains_hz * t + wander * np.sin(2 * math.pi * t / _MAINS_WANDER_S)
        for harmonic, rms_uv in segment.mains_uv.items():
            signal += rms_uv * math.sqrt(2) * np.sin(2 * math.pi * harmonic * cycles)
        if segment.lead_off and self._channel.rails:
            top_uv = self._channel.rails[1] * self._channel.gain + self._channel.offset
            signal += _OFF_OVERSHOOT * top_uv * -np.expm1(-within_s / _OFF_TIME_S)
        return signal


class SimulatedSource:
    """Plays a `Scenario`; never ends. At real speed, or `fast` as it is asked for."""

    status = ""
    ended = False
    corrupt_frames = 0
    notes: tuple[str, ...] = ()

    def __init__(
        self,
        scenario: Scenario,
        *,
        fast: bool = False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.info: StreamInfo = scenario.info
        self._muscles = [_Muscle(scenario, i) for i in range(len(scenario.channels))]
        self._n = round(scenario.info.sfreq)
        self._pace = Pace(scenario.info.sfreq, fast=fast, clock=clock, sleep=sleep)
        self._position = 0
        self._block = -1

    def open(self) -> None:
        """Start the clock."""
        self._pace.start()

    def read(self, timeout: float) -> list[Chunk]:
        """Return what is due, up to the end of the current second."""
        block, offset = divmod(self._position, self._n)
        n = self._pace.due(self._position, timeout, most=self._n - offset)
        if not n:
            return []
        if block != self._block:
            self._second: Samples = np.column_stack([m.second(block) for m in self._muscles])
            self._block = block
        chunk = Chunk(self._position, self._second[offset : offset + n])
        self._position += n
        return [chunk]

    def close(self) -> None:
        """Nothing to give back."""
