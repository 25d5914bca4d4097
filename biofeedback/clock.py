"""When each sample was taken, by the computer's clock: a line fitted to when samples arrived."""

import math
import time
from array import array
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

_BIN_S = 2.0
_BINS = 30  # a minute: a resonator that warms by 10 ppm in it bends the line by 0.05 ms
_FEWEST = 5
_SOONEST = 0.5
_STEP_S = 0.03  # off the line by as much is not of it; 16 ms are an adapter's burst
_STEP_SDS = 6.0
_STEP_BINS = 3

_Points = NDArray[np.float64]  # rows as of a `_Point`


class _Point(NamedTuple):
    """What stands for two seconds of arrivals: an index of samples, and when it came, in s.

    Points of one `era` lie on one line; between two of them the line has jumped.
    """

    era: float
    place: float
    host_s: float
    jitter_s: float


class _Line(NamedTuple):
    origin: float
    origin_s: float
    seconds_a_sample: float
    slope_sd: float
    scatter_s: float

    def at(self, index: float) -> float:
        return self.origin_s + self.seconds_a_sample * (index - self.origin)

    def off_s(self, point: _Point) -> float:
        return point.host_s - self.at(point.place)


class HostClock:
    """Fits the sample index to the computer's clock, from when the newest samples arrived.

    Of the arrivals of each two seconds the mean of the sooner half stands for all; the line goes
    through a minute of these. Neither the few that came late (a program that was stopped) nor the
    luckiest one decides, so the same rule serves prompt adapters, the 16 ms bursts of FTDI's and
    the clumps of Bluetooth: it varies by 0.1-0.9 ms where they do by 6-8 ms (`test_clock.py`).

    What is measured is when samples came: all times are late by a steady share of the delay, and
    a drift is hidden by which frames creep through an adapter's bursts: 1.5 times the least step
    of their delays in all of a recording (1 ms; where both last 16 ms, 24 ms).
    Where the line jumps (a board that came back, lines that were lost uncounted, a machine that
    slept) it follows once three bins in a row, six seconds, agree; the rate is kept.
    `sfreq`: the rate that the device states, Hz. `monotonic` and `wall` are clocks in s.
    """

    def __init__(
        self,
        sfreq: float,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._sfreq = sfreq
        self._monotonic, self._wall = monotonic, wall
        self._wall_offset_s = wall() - monotonic()
        self._newest = -1
        self._bin_end_s = math.inf
        self._arrivals: list[tuple[int, float]] = []
        self._first: list[_Points] = []
        self._points = array("d")  # a day of `_Point`s is 1.4 MB so
        self._beside: list[_Point] = []
        self._era = 0
        self._line: _Line | None = None

    def add(self, stop_index: int, host_s: float) -> None:
        """Take that the sample before `stop_index` was the newest at `host_s` (monotonic)."""
        if stop_index <= self._newest:
            return
        self._newest = stop_index
        if host_s >= self._bin_end_s:
            self._close_bin()
        if not self._arrivals:
            self._bin_end_s = host_s + _BIN_S
        self._arrivals.append((stop_index, host_s))

    def time_of(self, index: float) -> float:
        """Return when the sample `index` came, monotonic s; NaN in the first ten seconds.

        By the newest minute's line: for samples of long before it is an estimate.
        """
        return math.nan if self._line is None else self._line.at(index + 1)

    @property
    def wall_jump_s(self) -> float:
        """How far the wall clock has been set since this was made, or the machine slept, in s."""
        return self._wall() - self._monotonic() - self._wall_offset_s

    @property
    def fit(self) -> dict[str, Any] | None:
        """What was measured over all that came, as plain values; None in the first ten seconds.

        `drift_ppm`: how much faster than stated the device samples, and `drift_sd_ppm`, how
        uncertain that is by chance; what bursts hide comes on top. `jitter_sd_ms`: of arrivals, in
        most bins. `wall_start_s`: when sample 0 came, POSIX s.
        """
        if self._line is None:
            return None
        points = np.array(self._points).reshape(-1, len(_Point._fields))
        line = _fit(points)
        sfreq = 1.0 / line.seconds_a_sample
        first_s = points[0, 2] - points[0, 1] * line.seconds_a_sample
        return {
            "sfreq_measured": sfreq,
            "drift_ppm": 1e6 * (sfreq / self._sfreq - 1.0),
            "drift_sd_ppm": 1e6 * line.slope_sd * sfreq,
            "jitter_sd_ms": 1e3 * float(np.median(points[:, 3])),
            "method": "line_through_sooner_half_of_each_2_s",
            "seconds": _BIN_S * len(points),
            "jumps": self._era,
            "wall_start_s": float(first_s + self._wall_offset_s),
            "wall_jump_s": self.wall_jump_s,
        }

    def _close_bin(self) -> None:
        arrivals = np.array(self._arrivals)
        self._arrivals.clear()
        if self._line is None:
            self._begin(arrivals)
            return
        point = _stand_for(arrivals, self._line.seconds_a_sample, self._era)
        if not self._is_beside(point, self._line):
            self._take(point)

    def _begin(self, arrivals: _Points) -> None:
        """Wait for the first few bins, and draw the first line through them."""
        self._first.append(arrivals)
        if len(self._first) < _FEWEST:
            return
        period_s = 1.0 / self._sfreq
        for _again in range(2):  # which are the sooner ones depends on the slope
            points = [_stand_for(arrivals, period_s, 0) for arrivals in self._first]
            period_s = _fit(np.array(points)).seconds_a_sample
        self._take(*points)
        self._first.clear()

    def _take(self, *points: _Point) -> None:
        for point in points:
            self._points.extend(point)
        n = len(_Point._fields)
        self._line = _fit(np.array(self._points[-_BINS * n :]).reshape(-1, n))

    def _is_beside(self, point: _Point, line: _Line) -> bool:
        """Whether `point` is not of this line, or not yet: a few that agree begin a new era."""
        limit_s = max(_STEP_S, _STEP_SDS * line.scatter_s)
        off_s = line.off_s(point)
        if abs(off_s) <= limit_s:
            self._beside.clear()
            return False
        near = [other for other in self._beside if abs(line.off_s(other) - off_s) <= limit_s]
        self._beside = [*near, point]
        if len(self._beside) >= _STEP_BINS:
            self._era += 1
            self._take(*(other._replace(era=self._era) for other in self._beside))
            self._beside.clear()
        return True


def _stand_for(arrivals: _Points, seconds_a_sample: float, era: int) -> _Point:
    """Return the mean of the sooner half, samples being so many seconds apart."""
    index, host_s = arrivals.T
    delays = host_s - host_s[0] - (index - index[0]) * seconds_a_sample
    soonest = np.argsort(delays)[: math.ceil(_SOONEST * len(delays))]
    place = float(index[soonest].mean())
    return _Point(era, place, float(host_s[soonest].mean()), float(delays.std()))


def _fit(points: _Points) -> _Line:
    """Return the line of least squares: one slope for all eras, through the newest one's mean."""
    eras, index, host_s, _jitter = points.T
    _eras, era = np.unique(eras, return_inverse=True)
    sizes = np.bincount(era)
    index_mean = np.bincount(era, index - index[0]) / sizes + index[0]
    host_mean_s = np.bincount(era, host_s - host_s[0]) / sizes + host_s[0]
    x, y = index - index_mean[era], host_s - host_mean_s[era]
    slope = float(x @ y / (x @ x))
    off = y - slope * x
    variance = float(off @ off) / max(1, len(points) - len(sizes) - 1)
    slope_sd = math.sqrt(variance / float(x @ x))
    mean = float(index_mean[-1]), float(host_mean_s[-1])
    return _Line(*mean, slope, slope_sd, math.sqrt(variance))
