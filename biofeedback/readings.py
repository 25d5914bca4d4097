"""What is said of a stream ten times a second: the values on the multiples of 100 ms."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biofeedback.held_back import TAKEN_BACK_S, counted
from biofeedback.stream import Quality, Tension, Zone

PER_SECOND = 10
_RELAXED = np.int8(Zone.RELAXED)  # as the arrays hold it


@dataclass(frozen=True, slots=True)
class Reading:
    """The newest values at `number` tenths of a second of sample time; one a channel, each."""

    number: int
    fast: NDArray[np.float64]
    slow: NDArray[np.float64]
    quality: NDArray[np.uint8]
    zones: NDArray[np.int8]

    @property
    def t_s(self) -> float:
        """Seconds since the stream began."""
        return self.number / PER_SECOND


class Readings:
    """Picks the readings out of a stream of `Tension`; a gap gives readings that are unknown.

    The reading at t takes the last sample whose index / sfreq is not after t.
    """

    def __init__(self, n_channels: int, *, sfreq: float) -> None:
        self._sfreq = sfreq
        self._next, self._due = 0, 0
        nan = np.full(n_channels, np.nan)
        gap, unknown = (
            np.full(n_channels, Quality.GAP, np.uint8),
            np.full(n_channels, Zone.UNKNOWN, np.int8),
        )
        self._missing = (nan, nan, gap, unknown)

    def _sample_of(self, number: int) -> int:
        # the small share keeps 0.3 s * 1000 Hz at sample 300 whatever the rounding
        return int(number * self._sfreq / PER_SECOND + 1e-6)

    def __call__(self, tension: Tension, zones: NDArray[np.int8]) -> list[Reading]:
        """Return the readings that fall on `tension` or in the gap before it, oldest first."""
        readings = []
        while self._due < tension.stop:
            row = self._due - tension.start
            values = (
                (tension.fast[row], tension.slow[row], tension.quality[row], zones[row])
                if row >= 0
                else self._missing
            )
            readings.append(Reading(self._next, *values))
            self._next += 1
            self._due = self._sample_of(self._next)
        return readings


class Tally:
    """How much of a sitting was valid, and how much of that relaxed, in samples of a channel.

    Until `finish`, the latest stretch is not in yet.
    """

    def __init__(self, n_channels: int, *, sfreq: float) -> None:
        self.valid = np.zeros(n_channels, dtype=np.int64)
        self.relaxed = np.zeros(n_channels, dtype=np.int64)
        self.judged = np.zeros(n_channels, dtype=np.int64)
        """Valid samples that had a threshold to be held against."""
        self._back = round(TAKEN_BACK_S * sfreq)
        self._held: list[tuple[Tension, NDArray[np.int8]]] = []

    def add(self, tension: Tension, zones: NDArray[np.int8]) -> None:
        """Count the samples of `tension`, in due time."""
        self._held.append((tension, zones))
        if tension.start - self._held[0][0].start >= 3 * self._back:
            self._count(tension.start - self._back)

    def finish(self) -> None:
        """Count what is held back: nothing comes any more."""
        if self._held:
            self._count(self._held[-1][0].stop)

    def _count(self, stop: int) -> None:
        """Count what ends by sample `stop`, all at once: chunk by chunk takes ten times as long."""
        good = counted([tension for tension, _zones in self._held], self._back)
        n = sum(tension.stop <= stop for tension, _zones in self._held)
        if n:
            zones = np.concatenate([zones for _tension, zones in self._held[:n]])
            good = good[: len(zones)]
            self.valid += np.count_nonzero(good, axis=0)
            self.judged += np.count_nonzero(good & (zones != 0), axis=0)
            self.relaxed += np.count_nonzero(good & (zones == _RELAXED), axis=0)
            del self._held[:n]

    def relaxed_percent(self, channel: int) -> float:
        """Return the percent of judged time that was relaxed; NaN before any."""
        judged = int(self.judged[channel])
        return 100.0 * int(self.relaxed[channel]) / judged if judged else float("nan")
