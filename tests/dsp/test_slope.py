"""The slope that odd days do not turn, held against scipy's."""

import numpy as np
import pytest
from scipy.stats import theilslopes

from biofeedback.dsp.slope import theil_sen


@pytest.mark.parametrize("n", [5, 6, 20, 250])
@pytest.mark.parametrize("tied", [False, True])
def test_slope_and_interval_are_scipys(n: int, tied: bool):
    rng = np.random.default_rng(n)
    times = np.sort(rng.uniform(0, n, n))
    values = 3 - 0.05 * times + rng.standard_normal(n)
    if tied:
        times, values = np.floor(times), np.round(values)
    found, known = theil_sen(times, values), theilslopes(values, times)
    assert found is not None
    assert (found.change, found.low, found.high) == pytest.approx(
        (known.slope, known.low_slope, known.high_slope)
    )


def test_the_interval_holds_the_truth_in_19_of_20_courses():
    rng = np.random.default_rng(7)
    held = 0
    for _course in range(1000):
        times = np.cumsum(rng.uniform(0.2, 0.6, 20))
        found = theil_sen(times, -0.3 * times + rng.standard_normal(20))
        assert found is not None
        held += found.low <= -0.3 <= found.high
    assert held >= 930


def test_without_change_a_change_is_clear_in_at_most_one_of_20_courses():
    rng = np.random.default_rng(8)
    for n in (5, 8, 30):
        times = np.arange(float(n))
        found = [theil_sen(times, rng.standard_normal(n)) for _course in range(1000)]
        assert sum(each is not None and each.clear for each in found) <= 60, n


def test_one_wild_day_turns_nothing():
    times = np.arange(12.0)
    values = 10 - 0.5 * times
    values[4] = 500.0
    found = theil_sen(times, values)
    assert found is not None
    assert found.change == pytest.approx(-0.5)


def test_four_points_or_one_moment_have_no_slope():
    assert theil_sen(np.arange(4.0), np.arange(4.0)) is None
    assert theil_sen(np.zeros(9), np.arange(9.0)) is None
