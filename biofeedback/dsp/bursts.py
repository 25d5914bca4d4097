"""Contractions, found in the fast RMS."""

import math

import numpy as np
from numpy.typing import NDArray

# Of valid time, the level that is not exceeded for this share is the muscle at rest.
_REST_PERCENT = 10


def runs(condition: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return where `condition` ``(n,)`` holds: ``(n_runs, 2)``, first index and the one after."""
    edges = np.flatnonzero(np.diff(condition, prepend=False, append=False))
    return edges.reshape(-1, 2)


def samples_in(seconds: float, *, rate_hz: float) -> int:
    """Return the least number of samples that last `seconds`."""
    return math.ceil(seconds * rate_hz - 1e-6)  # 0.29 s at 100 Hz are 29, whatever the rounding


def rest_level(fast: NDArray[np.float64], valid: NDArray[np.bool_]) -> float:
    """Return the 10th percentile of the fast RMS `fast` ``(n,)`` where it is `valid` and known.

    In the unit of `fast`: the level it reached and stayed at or below for a tenth of the time. NaN
    where nothing is valid.
    """
    levels = fast[valid & ~np.isnan(fast)]
    if not len(levels):
        return float("nan")
    return float(np.percentile(levels, _REST_PERCENT, method="inverted_cdf"))


def find_bursts(
    fast: NDArray[np.float64],
    *,
    rate_hz: float,
    rest: float,
    onset: float = 5.0,
    offset: float = 2.5,
    join_s: float = 0.25,
    shortest_s: float = 0.35,
    usable: NDArray[np.bool_] | None = None,
) -> NDArray[np.int64]:
    """Return the contractions in the fast RMS `fast` ``(n,)``: ``(n_bursts, 2)``, start and stop.

    One begins when `fast` exceeds `onset` times `rest` and lasts until it falls below `offset`
    times it; those closer than `join_s` are one; what is then shorter than `shortest_s` is none (a
    boxcar of 125 ms stretches every blip). None where `rest` is NaN or 0.

    `usable` ``(n,)``: settled and free of gaps. A contraction that clips is still one contraction,
    so saturated time is usable, and `fast` should be known there. Of a hole, where `fast` is NaN
    or not usable, nobody knows whether the muscle let go: one shorter than `join_s` is passed over,
    as so short a pause would be; a longer one ends a contraction, and the next must begin anew.
    """
    if not rest > 0:
        return np.empty((0, 2), dtype=np.int64)
    join = samples_in(join_s, rate_hz=rate_hz)
    known = ~np.isnan(fast)
    if usable is not None:
        known &= usable
    holes = runs(~known)
    seen = known.copy()  # a short hole is cut out of time; a long one stays, as time at rest
    for start, stop in holes[holes[:, 1] - holes[:, 0] >= join]:
        seen[start:stop] = True
    at = np.flatnonzero(seen)
    level = np.where(known[at], fast[at], 0.0)
    above = level > onset * rest
    decided = np.where(above | (level < offset * rest), np.arange(len(level)), -1)
    last = np.maximum.accumulate(decided)  # between the two levels the last decision holds
    active = runs((last >= 0) & above[last])
    starts, stops = at[active[:, 0]], at[active[:, 1] - 1] + 1
    close = np.flatnonzero(starts[1:] - stops[:-1] < join)
    bursts = np.column_stack((np.delete(starts, close + 1), np.delete(stops, close)))
    return bursts[bursts[:, 1] - bursts[:, 0] >= samples_in(shortest_s, rate_hz=rate_hz)]
