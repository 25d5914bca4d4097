"""How much of a muscle's tension comes and goes with the breath, and how fast a muscle breathes.

A muscle that helps to breathe swells with each breath in. Its tension, a0 + c cos(2 pi (n - p)) in
the n-th breath, is a steady part of a0 - c and a part that comes and goes, whose mean is c: the
share c / a0 is how much of the mean tension is for the breath, and p is where in the breath it is
largest. A lock-in tells both: the breath's own phase is the reference, so that it may slow down.
"""

import math
from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from biofeedback.dsp.bursts import samples_in

# With fewer breaths there are less than four frequencies' values beside to tell chance from.
FEWEST_BREATHS = 5.0
# Fewer valid samples than this leave holes that the breath may hide in.
LEAST_VALID = 0.5
# How one-sided the places in the breath may be that are valid: 0 all alike, 1 a single one. Where
# the cable moves with each breath in, what is left is half of each breath: 2 / pi.
MOST_ONE_SIDED = 0.5
# How often tension that has no breath in it may look as if it had.
FALSE_SHARE = 0.01
# Chance is told from frequencies this far from the breath's, as a share of it, on either side ...
_BESIDE = 0.5
# ... from so many cycles over the whole time on: a breath that is not kept quite leaks nearer.
_NEAREST = 2
_LEVEL = 0.975  # of the t distribution: 95 % two-sided

# Breaths a minute of people at rest; what is slower is drift.
SLOWEST_PER_MIN, FASTEST_PER_MIN = 5.0, 30.0
_FALSE_RHYTHM = 0.001
_RHYTHM_HZ = 4.0  # the envelope is averaged down to this: 8 times the fastest breath
_FINER = 8  # spectrum: steps to a cycle over the whole time
_SHORTEST_S = 40.0

_NAN = math.nan


class Share(NamedTuple):
    """What the breath has of the tension, in percent, with a 95 % interval; `breaths` were heard.

    `found` is None, and all others but `breaths` NaN, where there is not enough to tell from. It
    is False where the breath cannot be told from chance; `share` is NaN then, and `high` the most
    that may be there.
    `peak`: where in the breath the tension is largest, 0 to 1 from the beginning of the breath in.
    """

    found: bool | None
    share: float
    low: float
    high: float
    peak: float
    breaths: float


def breathing_share(
    level: NDArray[np.float64], valid: NDArray[np.bool_], breaths: NDArray[np.float64]
) -> Share:
    """Return how much of `level` ``(n,)``, a fast RMS, moves with the breath; `valid` ``(n,)``.

    `breaths` ``(n,)``: how many breaths there were until then; their whole part counts, the rest is
    the place in the breath. NaN where nobody was led. What is not valid is left out.

    c and p come from a least-squares fit of 1, a drift, and the breath's first two harmonics. The
    scatter s of what is left, at the K frequencies beside the breath's (within half of its rate,
    but two cycles over the whole time away), is what chance makes at the breath's own: without a
    breath c^2 / (2 s^2) follows F(2, 2K), and exceeds K (0.01^(-1/K) - 1) once in a hundred. The
    interval is c +- t(2K) s.
    """
    known = valid & ~np.isnan(level) & ~np.isnan(breaths)
    heard = _heard(breaths, known)
    led = ~np.isnan(breaths)
    unknown = Share(None, _NAN, _NAN, _NAN, _NAN, heard)
    if heard < FEWEST_BREATHS or np.count_nonzero(known) < LEAST_VALID * np.count_nonzero(led):
        return unknown
    turns, x = breaths[known], level[known]
    if abs(np.exp(2j * math.pi * turns).mean()) > MOST_ONE_SIDED:
        return unknown
    mean, fit, left = _fit(x, turns, np.flatnonzero(known))
    size = abs(fit)
    beside = _beside(float(turns.max() - turns.min()))
    if not len(beside) or mean <= 0:
        return unknown
    scatter = math.sqrt(np.mean([abs(_component(left, q * turns)) ** 2 for q in beside]) / 2)
    k = len(beside)
    found = size**2 > 2 * scatter**2 * k * (FALSE_SHARE ** (-1 / k) - 1)
    margin = float(scipy.special.stdtrit(2 * k, _LEVEL)) * scatter
    low, high = (_percent(c, mean) for c in (size - margin if found else 0.0, size + margin))
    if not found:
        return Share(found, _NAN, low, high, _NAN, heard)
    peak = float(-np.angle(fit) / (2 * math.pi)) % 1.0
    return Share(found, _percent(size, mean), low, high, peak, heard)


def _percent(size: float, mean: float) -> float:
    """Return a size as percent of the mean; a muscle that is silent between breaths has all."""
    return min(100.0, max(0.0, 100.0 * size / mean))


def _heard(breaths: NDArray[np.float64], known: NDArray[np.bool_]) -> float:
    """Return how many breaths are known, whole or in parts."""
    steps = np.diff(breaths)
    counts = known[1:] & (steps > 0) & (steps < 1)
    return float(steps[counts].sum())


def _fit(
    x: NDArray[np.float64], turns: NDArray[np.float64], at: NDArray[np.intp]
) -> tuple[float, complex, NDArray[np.float64]]:
    """Return the mean of `x` without breath, c exp(-2 pi i p), and what is left without either."""
    drift = np.linspace(-1.0, 1.0, int(at[-1]) + 1)[at]
    angle = 2 * math.pi * turns
    columns = [np.ones_like(x), drift, drift**2]
    columns += [wave(h * angle) for h in (1, 2) for wave in (np.cos, np.sin)]
    model = np.column_stack(columns)
    found = np.linalg.lstsq(model, x, rcond=None)[0]
    mean = float((model[:, :3] @ found[:3]).mean())
    return mean, complex(found[3], -found[4]), x - model @ found


def _beside(breaths: float) -> NDArray[np.float64]:
    """Return the frequencies that tell chance, as multiples of the breath's, in so many breaths.

    Whole cycles away, where a steady breath leaves nothing.
    """
    cycles = np.arange(_NEAREST, math.floor(_BESIDE * breaths) + 1)
    return 1 + np.concatenate((-cycles[::-1], cycles)) / breaths


def _component(x: NDArray[np.float64], turns: NDArray[np.float64]) -> complex:
    return complex(2 * (x * np.exp(-2j * math.pi * turns)).mean())


def own_rate_per_min(
    level: NDArray[np.float64], valid: NDArray[np.bool_], *, rate_hz: float
) -> float:
    """Return the breaths a minute in `level` ``(n,)``, an envelope; NaN without clear ones.

    Within 5 to 30 a minute. A rhythm is clear where its power over that of the frequencies beside
    it is had by chance once in a thousand times, over all the frequencies that are looked at.
    """
    x, seconds = _averaged(level, valid, rate_hz)
    if seconds < _SHORTEST_S:
        return _NAN
    n = len(x)
    power = np.abs(np.fft.rfft(x, _FINER * n)) ** 2
    per_min = np.arange(len(power)) * 60.0 * _RHYTHM_HZ / (_FINER * n)
    looked_at = np.flatnonzero((per_min >= SLOWEST_PER_MIN) & (per_min <= FASTEST_PER_MIN))
    tries = max(1.0, len(looked_at) / _FINER)
    clear: dict[int, float] = {}
    for i in looked_at:
        beside = np.round(_beside(i / _FINER) * i).astype(int)
        k = len(beside)
        if k and power[i] > power[beside].mean() * k * ((_FALSE_RHYTHM / tries) ** (-1 / k) - 1):
            clear[int(i)] = float(power[i])
    if not clear:
        return _NAN
    best = max(clear, key=clear.__getitem__)
    inside = looked_at[0] < best < looked_at[-1]
    return float(per_min[best]) if inside else _NAN


def _averaged(
    level: NDArray[np.float64], valid: NDArray[np.bool_], rate_hz: float
) -> tuple[NDArray[np.float64], float]:
    """Return means of the valid level less its drift, 0 for unknown; and the s that are known."""
    each = samples_in(1 / _RHYTHM_HZ, rate_hz=rate_hz)
    n = len(level) // each
    known = (valid & ~np.isnan(level))[: n * each].reshape(n, each)
    values = np.where(known, level[: n * each].reshape(n, each), 0.0)
    count = known.sum(axis=1)
    good = count > 0
    x = np.zeros(n)
    if np.count_nonzero(good) > 2:
        at = np.arange(n)[good]
        means = values.sum(axis=1)[good] / count[good]
        x[good] = means - np.polyval(np.polyfit(at, means, 2), at)
    return x, float(count.sum()) / rate_hz
