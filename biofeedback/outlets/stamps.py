"""A time for each sample, even as samples are, out of arrivals that come in bursts."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from biofeedback.clock import HostClock

# While nothing is fitted yet, the least delay of the last second or two stands for the clock.
_SECOND_S = 1.0
# Times glide to a new line by this share of the time that passes, so that they never go back.
_GLIDE = 0.05
# Further off is a jump (a board that came back, a machine that slept), and is followed at once.
_JUMP_S = 0.25


class Stamps:
    """Gives samples the times of `HostClock`'s line; of the soonest arrivals before there is one.

    `sfreq` as the device states it, Hz. Times are those of whoever calls `arrive`, in s.
    """

    def __init__(self, sfreq: float, *, clock: Callable[[], float]) -> None:
        self._sfreq = sfreq
        self._fitted = HostClock(sfreq, monotonic=clock)
        self._least_s = [math.inf, math.inf]  # the least delay of this second, and of the last
        self._until_s = -math.inf
        self._last: tuple[int, float] | None = None

    def arrive(self, stop: int, now_s: float) -> None:
        """Take that the sample before `stop` was the newest at `now_s`."""
        self._fitted.add(stop, now_s)
        if now_s >= self._until_s:
            self._until_s = now_s + _SECOND_S
            self._least_s = [math.inf, self._least_s[0]]
        self._least_s[0] = min(self._least_s[0], now_s - stop / self._sfreq)

    def of(self, start: int, n: int) -> NDArray[np.float64]:
        """Return the times ``(n,)`` of the samples from `start` on: the newest that arrived."""
        newest = start + n - 1
        line_s, period_s = self._line(newest)
        last = self._last or (newest, line_s)
        passed_s = (newest - last[0]) * period_s
        off_s = line_s - last[1] - passed_s
        self._last = newest, line_s
        if not passed_s or abs(off_s) > _JUMP_S:
            return _even(line_s, period_s, n)
        limit_s = _GLIDE * passed_s
        newest_s = last[1] + passed_s + min(max(off_s, -limit_s), limit_s)
        self._last = newest, newest_s
        step_s = (newest_s - last[1]) / (newest - last[0])
        return _even(newest_s, step_s, n)

    def at(self, index: float) -> float:
        """Return the time of one sample, such as that of a note, by the line of now."""
        newest, newest_s = self._last or (index, self._line(index)[0])
        return newest_s + (index - newest) * self._line(index)[1]

    def _line(self, index: float) -> tuple[float, float]:
        """Return the time of `index` and the seconds between samples."""
        fitted_s = self._fitted.time_of(index)
        if math.isnan(fitted_s):
            return min(self._least_s) + (index + 1) / self._sfreq, 1 / self._sfreq
        return fitted_s, self._fitted.time_of(index + 1) - fitted_s


def _even(newest_s: float, step_s: float, n: int) -> NDArray[np.float64]:
    """Return `n` times up to `newest_s`, so far apart."""
    times: NDArray[np.float64] = newest_s - step_s * np.arange(n - 1.0, -1.0, -1.0)
    return times
