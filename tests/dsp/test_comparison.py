import numpy as np
import pytest

from biofeedback.dsp.comparison import asymmetry, co_contraction, overflow

VALID = np.ones(100, dtype=bool)


def level(value: float) -> np.ndarray:
    return np.full(100, value)


@pytest.mark.parametrize(
    ("left", "right", "expected"), [(6, 2, 0.5), (2, 6, -0.5), (4, 4, 0.0), (4, 0, 1.0), (0, 4, -1)]
)
def test_the_asymmetry_is_the_difference_over_the_sum(left, right, expected):
    assert asymmetry(level(left), level(right), VALID) == expected


def test_the_asymmetry_is_that_of_the_means_not_the_mean_of_those_of_each_moment():
    left, right = level(1.0), level(1.0)
    left[:50], right[50:] = 9.0, 3.0  # means 5 and 2
    assert asymmetry(left, right, VALID) == pytest.approx(3 / 7)


def test_two_muscles_that_take_turns_do_not_contract_together_and_equal_ones_do():
    a, b = level(8.0), level(0.0)
    a[50:], b[50:] = 0.0, 8.0
    assert co_contraction(a, b, VALID) == 0.0
    assert co_contraction(a, a, VALID) == 1.0


def test_co_contraction_is_the_area_that_two_triangles_share():
    # Two triangles of base 2 and height 1, shifted by 1: they share one of area 1/4
    t = np.linspace(0, 3, 30_001)
    a = np.maximum(0, 1 - np.abs(t - 1))
    b = np.maximum(0, 1 - np.abs(t - 2))
    valid = np.ones(len(t), dtype=bool)
    assert co_contraction(a, b, valid) == pytest.approx(2 * 0.25 / (1 + 1), abs=1e-6)


def test_overflow_holds_each_muscle_against_its_own_reference():
    references = {"other_reference": 50.0, "task_reference": 200.0}
    assert overflow(level(5.0), level(100.0), VALID, **references) == pytest.approx(0.2)
    references["other_reference"] = float("nan")
    assert np.isnan(overflow(level(5.0), level(100.0), VALID, **references))


def test_only_what_is_valid_and_known_in_both_counts():
    a, b, valid = level(6.0), level(2.0), VALID.copy()
    a[:10], b[10:20], valid[20:30] = np.nan, np.nan, False
    b[:10], a[10:20], a[20:30] = 1000.0, 1000.0, 1000.0
    assert asymmetry(a, b, valid) == 0.5
    assert co_contraction(a, b, valid) == 0.5
    assert overflow(b, a, valid, other_reference=1.0, task_reference=3.0) == pytest.approx(1.0)


@pytest.mark.parametrize("valid", [VALID, ~VALID])
def test_without_activity_or_common_time_nothing_is_said(valid):
    silent = level(0.0) if valid.any() else level(5.0)
    assert np.isnan(asymmetry(silent, silent, valid))
    assert np.isnan(co_contraction(silent, silent, valid))
    assert np.isnan(overflow(silent, silent, valid, other_reference=1.0, task_reference=1.0))
