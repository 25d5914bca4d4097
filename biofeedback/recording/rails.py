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
_LOOKED_AT = 100_000


def smallest_step(signal: NDArray[np.float64]) -> float | None:
    """Return the least distance of two values of `signal` ``(n,)``; None where all are one.

    It is the converter's step, or the last digit that was written: either way nothing finer can
    be seen in the file. A look at the first stretch is enough.
    """
    levels = np.unique(signal[:_LOOKED_AT])
    return float(np.diff(levels).min()) if len(levels) > 1 else None


def repeated_extremes(signal: NDArray[np.float64]) -> tuple[float, float] | None:
    """Return the rails (low, high), in the unit of `signal` ``(n,)``; None where it hit neither.

    A side that was not hit is infinite. The step of the converter is the least distance of two
    values; an amplifier that stops short of its converter's end and jitters there is not found.
    """
    low, high = signal.min(), signal.max()
    if not any(np.count_nonzero(signal == extreme) >= _REPEATED for extreme in (low, high)):
        return None
    levels, counts = np.unique(signal, return_counts=True)
    if len(levels) < _LEVELS_AT_LEAST:
        return None
    margin = _STEPS_INSIDE * float(np.diff(levels).min())
    bottom = _piles_up(counts, int(np.count_nonzero(levels <= low + margin)))
    top = _piles_up(counts[::-1], int(np.count_nonzero(levels >= high - margin)))
    if not bottom and not top:
        return None
    return (float(low + margin) if bottom else -math.inf, float(high - margin) if top else math.inf)


def _piles_up(counts: NDArray[np.int64], first: int) -> bool:
    """Say whether the `first` levels of `counts` stand out from those beside them."""
    beside = counts[first : first + _LEVELS_BESIDE].mean()
    return bool(counts[0] >= _REPEATED and counts[:first].mean() >= _PILED_UP * beside)
