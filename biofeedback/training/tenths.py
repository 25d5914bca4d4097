"""A stream cut anew into tenths of a second of sample time, whatever chunks it comes in."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from biofeedback.readings import PER_SECOND
from biofeedback.stream import Quality, Tension


def sample_of(number: int, sfreq: float) -> int:
    """Return the sample with which the tenth `number` begins; as `readings.Readings` has it."""
    return int(number * sfreq / PER_SECOND + 1e-6)


class Tenth(NamedTuple):
    """The tension of a tenth of a second, and which one it is since the stream began."""

    number: int
    tension: Tension


class Tenths:
    """Cuts the chosen channels of a stream at the multiples of 100 ms.

    What never came is NaN and flagged as a gap. Time begins with the first whole tenth.
    """

    def __init__(self, channels: Sequence[int], *, sfreq: float) -> None:
        self._channels, self._sfreq = list(channels), sfreq
        self._number = -1
        self._parts: list[Tension] = []

    def __call__(self, tension: Tension) -> Iterator[Tenth]:
        """Yield the tenths that are complete with `tension`."""
        if self._number < 0:
            self._number = 0
            while sample_of(self._number, self._sfreq) < tension.start:
                self._number += 1
        start = tension.start
        while True:
            begin = sample_of(self._number, self._sfreq)
            end = sample_of(self._number + 1, self._sfreq)
            first, last = max(begin, start), min(end, tension.stop)
            if first < last:
                self._parts.append(self._part(tension, first, last))
            if tension.stop < end:
                return
            yield Tenth(self._number, self._joined(begin, end))
            self._number += 1
            self._parts = []

    def _part(self, tension: Tension, first: int, last: int) -> Tension:
        rows = slice(first - tension.start, last - tension.start)
        at = self._channels
        return Tension(
            first,
            tension.filtered[rows][:, at],
            tension.fast[rows][:, at],
            tension.slow[rows][:, at],
            tension.quality[rows][:, at],
        )

    def _joined(self, begin: int, end: int) -> Tension:
        """Return the parts as one, with gaps where there are none."""
        if len(self._parts) == 1 and len(self._parts[0].slow) == end - begin:
            return self._parts[0]
        shape = (end - begin, len(self._channels))
        filtered, fast, slow = (np.full(shape, np.nan) for _each in range(3))
        whole = Tension(begin, filtered, fast, slow, np.full(shape, Quality.GAP, np.uint8))
        for part in self._parts:
            at = slice(part.start - begin, part.stop - begin)
            filtered[at], fast[at], slow[at] = part.filtered, part.fast, part.slow
            whole.quality[at] = part.quality
        return whole
