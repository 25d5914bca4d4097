"""How sure a mean of few values is: 95 % intervals."""

import math

import numpy as np
import scipy
from numpy.typing import NDArray

BOOTSTRAP_FROM = 6
"""From so many on the interval is by bootstrap, else by Student's t."""

_TAIL = 0.025  # on either side
_RESAMPLES = 4000


def t_interval(
    values: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and 95 % interval by Student's t along the last axis, of 2 values or more."""
    n = values.shape[-1]
    mean = values.mean(axis=-1)
    half = scipy.special.stdtrit(n - 1, 1 - _TAIL) * values.std(axis=-1, ddof=1) / math.sqrt(n)
    return mean, mean - half, mean + half


def bootstrap_interval(values: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return mean and 95 % interval of ``(n,)`` by the bootstrap of Student's t.

    Each resample's t is that of its own scatter (Efron and Tibshirani, An Introduction to the
    Bootstrap, 12.5): the plain percentiles of so few values lie too close together. The same
    values give the same interval.
    """
    n = len(values)
    mean, scatter = float(values.mean()), float(values.std(ddof=1))
    if not scatter:
        return mean, mean, mean
    at = np.random.default_rng(n).integers(0, n, (_RESAMPLES, n))
    drawn = values[at]
    scatters = drawn.std(axis=1, ddof=1)
    drawn_t = (drawn.mean(axis=1)[scatters > 0] - mean) / scatters[scatters > 0]
    low, high = np.quantile(drawn_t, (_TAIL, 1 - _TAIL)) * scatter
    return mean, mean - float(high), mean - float(low)


def interval(values: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return mean and 95 % interval of ``(n,)``, the one way or the other by how many there are."""
    if len(values) >= BOOTSTRAP_FROM:
        return bootstrap_interval(values)
    mean, low, high = t_interval(values)
    return float(mean), float(low), float(high)
