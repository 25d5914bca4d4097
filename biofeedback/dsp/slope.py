"""A slope that a few odd days do not turn: Theil and Sen's, with Sen's interval."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FEWEST = 5
"""Points for an interval: of four, even all in order come about by chance in 8 % of cases."""
_Z = 1.959964  # of 95 %, two-sided


@dataclass(frozen=True, slots=True)
class Slope:
    """The change of the values a unit of time, and its 95 % interval."""

    change: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out no change."""
        return not self.low <= 0 <= self.high


def theil_sen(times: NDArray[np.float64], values: NDArray[np.float64]) -> Slope | None:
    """Return the slope of `values` ``(n,)`` at `times` ``(n,)``, not NaN, in any order.

    It is the median of the slopes of all pairs at different times; the interval is that of
    Kendall's statistic, corrected for ties (Sen, J Am Stat Assoc 63, 1379-1389, 1968). None with
    fewer than `FEWEST` points, or all of one time.
    """
    n = len(times)
    if n < FEWEST:
        return None
    first, second = np.triu_indices(n, 1)
    apart = times[second] - times[first]
    slopes = np.sort((values[second] - values[first])[apart != 0] / apart[apart != 0])
    pairs = len(slopes)
    if not pairs:
        return None
    ties = [_tied(times), _tied(values)]
    # no tie in common is assumed, as scipy.stats.theilslopes does
    variance = max(0.0, (n * (n - 1) * (2 * n + 5) - sum(ties)) / 18)
    reach = _Z * variance**0.5
    low = max(round((pairs - reach) / 2) - 1, 0)
    high = min(round((pairs + reach) / 2), pairs - 1)
    return Slope(float(np.median(slopes)), float(slopes[low]), float(slopes[high]))


def _tied(values: NDArray[np.float64]) -> float:
    _each, counts = np.unique(values, return_counts=True)
    return float((counts * (counts - 1) * (2 * counts + 5)).sum())
