"""What came of a phase in which a pacer led the breath."""

import math
from typing import Any

import numpy as np

from biofeedback.dsp.breathing import breathing_share
from biofeedback.training.pacer import Pacing
from biofeedback.training.stretch import Stretch


def is_led(stretch: Stretch) -> bool:
    """Say whether a pacer led the breath in a phase, or in a part of it."""
    return not np.isnan(stretch.breaths).all()


def breathing_of(stretch: Stretch, muscle: int, *, resolved: bool) -> dict[str, Any]:
    """Return what the breath had of a muscle's tension in a phase that was led, for JSON.

    `resolved`: the sensor can tell that tension. `with`: in which part of the breath it is largest.
    That counts as in from a quarter of a breath before the middle of the breath in to a quarter
    after it, for people follow a little late.
    """
    share = breathing_share(stretch.fast[:, muscle], stretch.valid, stretch.breaths)
    known = resolved and share.found is not None
    first, last = _rates_per_min(stretch)
    told: dict[str, Any] = {
        "verdict": "not-enough-data",
        "from_per_min": first,
        "rate_per_min": last,
        "breaths": share.breaths,
        "share_percent": math.nan,
        "interval_percent": None,
        "largest_at": math.nan,
        "with": None,
    }
    if known:
        told |= {"verdict": "not-found", "interval_percent": [share.low, share.high]}
    if known and share.found:
        middle = (stretch.phase.pacer or Pacing()).inhale_share / 2
        with_in = math.cos(2 * math.pi * (share.peak - middle)) > 0
        told |= {"verdict": "found", "share_percent": share.share, "largest_at": share.peak}
        told["with"] = "in" if with_in else "out"
    return told


def _rates_per_min(stretch: Stretch) -> tuple[float, float]:
    """Return the pacer's breaths a minute over the first second in which it led, and the last."""
    breaths = stretch.breaths[~np.isnan(stretch.breaths)]
    steps = min(round(stretch.rate_hz), len(breaths) - 1)
    if steps < 1:
        return math.nan, math.nan
    per_min = 60.0 * stretch.rate_hz / steps
    ends = breaths[steps] - breaths[0], breaths[-1] - breaths[-1 - steps]
    return float(ends[0]) * per_min, float(ends[1]) * per_min
