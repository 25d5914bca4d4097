"""One heart: when it beats, and what a beat looks like on the skin."""

import math

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float64]

# P, Q, R, S, T of McSharry et al., IEEE Trans Biomed Eng 2003, table 1, at 60 beats a minute: time
# from the R peak and width (SD) in seconds; height is their a * b^2. They shrink with the root of
# the RR interval (Bazett).
_AT_S = np.array([-1 / 6, -1 / 24, 0.0, 1 / 24, 0.25])
_WIDTH_S = np.array([0.25, 0.1, 0.1, 0.1, 0.4]) / (2 * math.pi)
_HEIGHT = np.array([0.075, -0.05, 0.3, -0.075, 0.12])
_REACH_S = 0.7  # of a beat to either side, at the slowest

# RR intervals vary by 50 ms in 926 (Nunan et al., Pacing Clin Electrophysiol 2010), about 0.1 and
# 0.25 Hz, each +-0.01 Hz, the slower with half the power of the faster (McSharry et al.).
_RR_SD = 0.05
_WAVES = ((0.1, 1 / 3), (0.25, 2 / 3))
_WAVE_SD_HZ, _LINES = 0.01, 8
_NEWTON_STEPS = 6

_HEART = 2  # its place among the random streams of a seed


def _raw_beat(t: Signal, stretch: float) -> Signal:
    away = (t[:, None] / stretch - _AT_S) / _WIDTH_S
    return np.asarray(np.exp(-0.5 * away**2) @ _HEIGHT)


class Heart:
    """Beats `per_minute` on average, never quite evenly; any stretch of time at will.

    Its phase, in beats, is rate * t plus a sum of slow sines; a beat is where it is whole.
    """

    def __init__(self, per_minute: float, *, seed: int) -> None:
        self._rate = per_minute / 60
        self._stretch = math.sqrt(1 / self._rate)
        self._peak = float(_raw_beat(np.zeros(1), self._stretch)[0])
        rng = np.random.default_rng((seed, 0, 0, _HEART))
        self._hz = np.concatenate([rng.normal(hz, _WAVE_SD_HZ, _LINES) for hz, _share in _WAVES])
        share = np.repeat([share for _hz, share in _WAVES], _LINES)
        self._depth = self._rate * _RR_SD * np.sqrt(2 * share / _LINES) / (2 * math.pi * self._hz)
        self._begin = rng.uniform(0, 2 * math.pi, len(self._hz))
        self._first = rng.uniform(0.1, 0.9)

    def beats(self, from_s: float, until_s: float) -> Signal:
        """Return the times of the R peaks in ``[from_s, until_s)``, in seconds."""
        slack = float(self._depth.sum()) + 1
        numbers = np.arange(
            math.floor(self._rate * from_s - slack), math.ceil(self._rate * until_s + slack) + 1
        )
        t = (numbers + self._first) / self._rate
        for _step in range(_NEWTON_STEPS):
            angle = 2 * math.pi * self._hz * t[:, None] + self._begin
            phase = self._rate * t + np.sin(angle) @ self._depth
            slope = self._rate + np.cos(angle) @ (2 * math.pi * self._hz * self._depth)
            t -= (phase - self._first - numbers) / slope
        return np.asarray(t[(t >= from_s) & (t < until_s)])

    def signal(self, t: Signal) -> Signal:
        """Return the ECG at times `t` ``(n,)``, its R peak one."""
        wave = np.zeros(len(t))
        for beat in self.beats(t[0] - _REACH_S, t[-1] + _REACH_S):
            near = np.abs(t - beat) < _REACH_S
            wave[near] += _raw_beat(t[near] - beat, self._stretch)
        return wave / self._peak
