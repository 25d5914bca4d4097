"""How two muscles share their work.

Each function takes two envelopes ``(n,)`` of the same times, NaN where unknown, and `valid`
``(n,)``, true where both are. Only times at which both are valid and known count; without any the
result is NaN.
"""

import numpy as np
from numpy.typing import NDArray


def _both(
    a: NDArray[np.float64], b: NDArray[np.float64], valid: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    common = valid & ~np.isnan(a) & ~np.isnan(b)
    return a[common], b[common]


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")


def asymmetry(
    left: NDArray[np.float64], right: NDArray[np.float64], valid: NDArray[np.bool_]
) -> float:
    """Return (L - R) / (L + R) of the two mean levels: 1 all left, 0 even, -1 all right.

    Both in one unit. NaN where both are 0.
    """
    left, right = _both(left, right, valid)
    total_left, total_right = float(left.sum()), float(right.sum())
    return _ratio(total_left - total_right, total_left + total_right)


def co_contraction(
    a: NDArray[np.float64], b: NDArray[np.float64], valid: NDArray[np.bool_]
) -> float:
    """Return twice the area that two envelopes share over the sum of their areas: 0 to 1.

    Both in one unit, or each over its own reference. Falconer & Winter, Electromyogr Clin
    Neurophysiol 1985.
    """
    a, b = _both(a, b, valid)
    return _ratio(2 * float(np.minimum(a, b).sum()), float(a.sum() + b.sum()))


def overflow(
    other: NDArray[np.float64],
    task: NDArray[np.float64],
    valid: NDArray[np.bool_],
    *,
    other_reference: float,
    task_reference: float,
) -> float:
    """Return how much a muscle joins in that has no part in a task: 0 not at all, 1 as the task's.

    The mean level of `other` over that of the muscle that does the `task`, each as a share of its
    own reference contraction, in its own unit and above 0. NaN without references.
    """
    other, task = _both(other, task, valid)
    return _ratio(float(other.sum()) / other_reference, float(task.sum()) / task_reference)
