"""A converter's step and limits, told by what it sent where the file does not tell them."""

import math

import numpy as np
from numpy.typing import NDArray

# As with a known converter, two steps inside its end count as hit; half a step more keeps the line
# between two levels.
_STEPS_INSIDE = 2.5
# A clipped signal piles up at its extreme, over a tail that is thin just inside of it. Tuned on
# shared recordings. Clipped: a biceps in 30 contractions (12 bits) has 175 samples within two
# steps of the bottom and 31 of the top, 33 and 7.5 times as many a level as the eight inside; most
# stand alone, so a run of equal samples is no sign. Clean: 30 columns of EMG hold an extreme at
# most twice; cut and rounded to coarser steps in 5850 ways, at most 1.7 times as many a level as
# inside; a pure sine, 2.9 times.
_REPEATED = 5
_PILED_UP = 4.0
_LEVELS_BESIDE = 8
# A relaxed muscle on a coarse converter moves over a few steps: each of them is repeated.
_LEVELS_AT_LEAST = 30
_LEVELS_KEPT = 64
_LOOKED_AT = 100_000


class Levels:
    """What a signal tells of its converter, learnt from one part of it after another.

    `low`, `high`: the least and the largest value that was seen.
    """

    def __init__(self) -> None:
        self._first, self._seen = np.empty(0), 0
        self._bottom, self._top = _Lowest(), _Lowest()

    def add(self, signal: NDArray[np.float64]) -> None:
        """Learn from `signal` ``(n,)``, which has no NaN."""
        first, later = np.split(signal, [max(_LOOKED_AT - self._seen, 0)])
        self._seen += len(signal)
        if len(first):
            levels, counts = np.unique(first, return_counts=True)
            self._first = np.unique(np.append(self._first, levels)) if len(self._first) else levels
            self._bottom.merge(levels, counts)
            self._top.merge(-levels[::-1], counts[::-1])
        if len(later):
            self._bottom.add(later)
            self._top.add(-later)

    @property
    def low(self) -> float:
        """The least value."""
        return float(self._bottom.levels[0])

    @property
    def high(self) -> float:
        """The largest value."""
        return -float(self._top.levels[0])

    def step(self) -> float | None:
        """Return the least distance of two values; None where all are one.

        It is the converter's step, or the last digit that was written: either way nothing finer
        can be seen in the file. A look at the first stretch is enough.
        """
        with np.errstate(over="ignore"):  # as large as a double can be
            return float(np.diff(self._first).min()) if len(self._first) > 1 else None

    def rails(self) -> tuple[float, float] | None:
        """Return the rails (low, high), in the unit of the signal; None where it hit neither.

        A side that was not hit is infinite. An amplifier that stops short of its converter's end
        and jitters there is not found.
        """
        step = self.step()
        if step is None or len(self._bottom.levels) < _LEVELS_AT_LEAST:
            return None
        margin = _STEPS_INSIDE * step
        bottom, top = self._bottom.piles_up(margin), self._top.piles_up(margin)
        if not bottom and not top:
            return None
        return (self.low + margin if bottom else -math.inf, self.high - margin if top else math.inf)


class _Lowest:
    """The lowest levels of a signal, and how often each was seen."""

    def __init__(self) -> None:
        self.levels, self._counts = np.empty(0), np.empty(0, dtype=np.int64)

    def add(self, signal: NDArray[np.float64]) -> None:
        """Count `signal` ``(n,)``, of which only what is low enough matters."""
        if len(self.levels) == _LEVELS_KEPT:
            signal = signal[signal <= self.levels[-1]]
        if len(signal):
            self.merge(*np.unique(signal, return_counts=True))

    def merge(self, levels: NDArray[np.float64], counts: NDArray[np.int64]) -> None:
        """Add the `counts` of `levels` ``(n,)``, which rise."""
        levels, counts = levels[:_LEVELS_KEPT], counts[:_LEVELS_KEPT]
        both, where = np.unique(np.concatenate((self.levels, levels)), return_inverse=True)
        total = np.bincount(where, weights=np.concatenate((self._counts, counts)))
        self.levels, self._counts = both[:_LEVELS_KEPT], total[:_LEVELS_KEPT].astype(np.int64)

    def piles_up(self, margin: float) -> bool:
        """Say whether the levels within `margin` of the lowest stand out from those beside."""
        counts = self._counts
        first = int(np.count_nonzero(self.levels <= self.levels[0] + margin))
        beside = counts[first : first + _LEVELS_BESIDE].mean() if first < len(counts) else math.inf
        return bool(counts[0] >= _REPEATED and counts[:first].mean() >= _PILED_UP * beside)


def smallest_step(signal: NDArray[np.float64]) -> float | None:
    """Return the least distance of two values of `signal` ``(n,)``, as `Levels.step` has it."""
    return _learn(signal).step()


def repeated_extremes(signal: NDArray[np.float64]) -> tuple[float, float] | None:
    """Return the rails that `signal` ``(n,)`` shows, as `Levels.rails` has them."""
    return _learn(signal).rails()


def _learn(signal: NDArray[np.float64]) -> Levels:
    levels = Levels()
    levels.add(signal)
    return levels
