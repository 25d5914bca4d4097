"""A breathing pacer on sample time: in and out, from one's own rate slower and slower.

Slow breathing at about six a minute is what biofeedback of the heart's rhythm uses too (Lehrer and
Gevirtz, Front Psychol 2014); a breath out that is longer than the breath in was felt as more
relaxing (Van Diest et al., Appl Psychophysiol Biofeedback 2014, n 30). How fast it slows down is a
choice of ours: half a breath a minute, each minute, is hardly noticed.
"""

import math
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

RATES_PER_MIN = (4.0, 10.0)
"""What may be aimed at."""
FASTEST_START_PER_MIN = 20.0
"""Adults at rest take 12 to 20 breaths a minute; nobody is led to breathe faster."""
SLOWING_PER_MIN = (0.1, 1.0)
"""How many breaths a minute less each minute brings."""


@dataclass(frozen=True, slots=True)
class Pacing:
    """What a pacer leads to: `rate_per_min`, of which `inhale_share` of each breath is in.

    It begins at the person's own rate, or at `from_per_min` where that is not known, and slows by
    `slower_per_min` breaths a minute each minute.
    """

    rate_per_min: float = 6.0
    inhale_share: float = 0.4
    from_per_min: float = 12.0
    slower_per_min: float = 0.5


@dataclass(frozen=True, slots=True)
class Breath:
    """A moment of a breath: `place` in it, 0 to 1 from the beginning of the breath in.

    `full`: how full the lungs are, 0 to 1, as a smooth rise and fall. `flow`: how fast that goes,
    from 1 (in the middle of the breath in) over 0 to -1. `left_s`: until in turns to out, or back.
    """

    place: float
    inhaling: bool
    full: float
    flow: float
    left_s: float
    rate_per_min: float


class Pacer:
    """The breaths since `begun_s`: a function of time alone, however a stream is cut.

    The rate falls in a straight line from `from_per_min` to that of `pacing`, and stays there.
    """

    def __init__(self, pacing: Pacing, *, from_per_min: float, begun_s: float) -> None:
        self.pacing, self.begun_s = pacing, begun_s
        start = min(max(from_per_min, pacing.rate_per_min), FASTEST_START_PER_MIN)
        self._first_hz, self._last_hz = start / 60, pacing.rate_per_min / 60
        self._slowing = pacing.slower_per_min / 3600  # Hz a second
        fall = self._first_hz - self._last_hz
        self._slows_for_s = fall / self._slowing if fall else 0.0
        self._slow_breaths = (self._first_hz + self._last_hz) / 2 * self._slows_for_s

    def rate_per_min(self, t_s: float) -> float:
        """Return how many breaths a minute are asked for at `t_s`."""
        since_s = max(0.0, t_s - self.begun_s)
        return 60 * max(self._last_hz, self._first_hz - self._slowing * since_s)

    @overload
    def breaths(self, t_s: float) -> float: ...
    @overload
    def breaths(self, t_s: NDArray[np.float64]) -> NDArray[np.float64]: ...
    def breaths(self, t_s: float | NDArray[np.float64]) -> float | NDArray[np.float64]:
        """Return how many breaths there were until `t_s`; their fraction is the place in one."""
        since_s = np.maximum(0.0, np.asarray(t_s) - self.begun_s)
        slow_s = np.minimum(since_s, self._slows_for_s)
        done = (self._first_hz - self._slowing * slow_s / 2) * slow_s
        done = done + self._last_hz * (since_s - slow_s)
        return float(done) if np.ndim(done) == 0 else np.asarray(done)

    def _when_s(self, breaths: float) -> float:
        """Return when there were so many breaths: what `breaths` turns around."""
        if breaths >= self._slow_breaths:
            return self.begun_s + self._slows_for_s + (breaths - self._slow_breaths) / self._last_hz
        root = math.sqrt(self._first_hz**2 - 2 * self._slowing * breaths)
        return self.begun_s + 2 * breaths / (self._first_hz + root)

    def at(self, t_s: float) -> Breath:
        """Return the breath at `t_s`."""
        done = self.breaths(t_s)
        place, share = done % 1.0, self.pacing.inhale_share
        inhaling = place < share
        through = place / share if inhaling else (place - share) / (1 - share)
        full = (1 - math.cos(math.pi * through)) / 2
        flow = math.sin(math.pi * through)
        return Breath(
            place=place,
            inhaling=inhaling,
            full=full if inhaling else 1 - full,
            flow=flow if inhaling else -flow,
            left_s=max(0.0, self._when_s(done - place + (share if inhaling else 1.0)) - t_s),
            rate_per_min=self.rate_per_min(t_s),
        )
