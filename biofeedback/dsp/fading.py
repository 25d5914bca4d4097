"""How long a treatment held: a level that sinks after an injection, and comes back.

The level `t` days after it is ``base - effect (1 - exp(-t / rise)) / (1 + exp((t - day) / fade))``:
at `day` half the effect is lost, which by then was long whole.

A few points a week tell little of how fast an effect comes and goes, so what is known of that goes
in, as priors. `rise`: 8 days, so that half of it is there on day 5.5 and 97 % after four weeks
(onset in 3 to 7 days, peak in about four weeks). `fade`: 9 days, so that 10 to 90 % of it are lost
within 40 days (patients felt it decrease 11.8 weeks after the injection, and had the next one 3.5
weeks later: J Neural Transm 122, 297-300, 2015). Both log-normal, within a factor of 1.8 in 95 %.
`day`: 80 with a standard deviation of 25, between wear-off at 8 to 12 weeks and the 93 days of
Marsh and others (BMC Neurology 14, 91, 2014); so wide that it alone tells no day: `docs/cycle.md`.

The posterior is summed over a grid. Base and effect, which enter linearly, are integrated out (the
prior of the effect scaled by the design, as Zellner's), and so is the noise, of unknown size: the
same on all days, or in proportion to the level, whichever is likelier.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

LEVEL = 0.90
"""Of the interval: nine in ten."""
FEWEST = 6
"""Points; there are five unknowns."""
_DAYS = np.arange(14.0, 183.0)
_DAY, _DAY_SD = 80.0, 25.0
_RISE_DAYS, _FADE_DAYS, _SPREAD = 8.0, 9.0, 0.3
_Z = np.linspace(-2.0, 2.0, 7)  # at which rise and fade are tried, in spreads
_MOST = 1.2  # an effect of more than the whole is noise
_LEAST_SHARE = 0.1  # of the base: below it noise shrinks no more
_EXACT = 1e-9  # of the variance: what is left is the computer's


@dataclass(frozen=True, slots=True)
class Fading:
    """What was fitted; `day` is the posterior's median, `low` to `high` its middle `LEVEL`.

    `base` and `effect` in the unit of the values; the effect is negative where the level rose.
    `gain`: how much likelier it makes the data than a level that stays, as a log likelihood ratio.
    """

    day: float
    low: float
    high: float
    base: float
    effect: float
    rise_days: float
    fade_days: float
    gain: float

    def level(self, days: Values) -> Values:
        """Return the level on `days` since the injection."""
        there = _come(days, self.rise_days) * _left(days, self.day, self.fade_days)
        return np.asarray(self.base - self.effect * there)


@dataclass(frozen=True, slots=True)
class _Posterior:
    """Per point of the grid, ``(n_grid,)``; `left`: the weighted mean square that is not told."""

    share: Values
    base: Values
    effect: Values
    left: Values

    @property
    def best(self) -> int:
        return int(self.share.argmax())


def fit_fading(days: Values, values: Values, *, falls: bool = True) -> Fading | None:
    """Return how an effect faded, of `values` ``(n,)`` at `days` since the injection, not NaN.

    `falls`: the effect lowers the values; else it raises them. None with fewer than `FEWEST`
    points, and where nothing fits.
    """
    if len(days) < FEWEST:
        return None
    rises, fades, log_prior = _grid()
    shapes = _shapes(days)
    even = np.ones(len(days))
    found = _posterior(shapes, values, even, log_prior, falls=falls)
    if found is None:
        return None
    likelier = _log_likelihood(found, even)
    still = np.log(max(float(np.var(values)), 1e-300)) * len(days) / -2
    in_proportion = 1 / _noise(found, shapes) ** 2
    other = _posterior(shapes, values, in_proportion, log_prior, falls=falls)
    if other is not None and _log_likelihood(other, in_proportion) > likelier:
        found, likelier = other, _log_likelihood(other, in_proportion)
    by_day = found.share.reshape(len(_DAYS), -1).sum(axis=1)
    tail = (1 - LEVEL) / 2
    at = np.cumsum(by_day) - by_day / 2
    low, day, high = (float(x) for x in np.interp([tail, 0.5, 1 - tail], at, _DAYS))
    # the likeliest curve of those that lose half on that day
    per_day = len(_Z) ** 2
    first = round(day - _DAYS[0]) * per_day
    best = first + int(found.share[first : first + per_day].argmax())
    return Fading(
        day=day,
        low=low,
        high=high,
        base=float(found.base[best]),
        effect=float(found.effect[best]),
        rise_days=float(rises[best]),
        fade_days=float(fades[best]),
        gain=float(likelier - still),
    )


@cache
def _grid() -> tuple[Values, Values, Values]:
    """Return rise and fade of each point of the grid, days slowest, and its log prior."""
    day, rise, fade = (each.ravel() for each in np.meshgrid(_DAYS, _Z, _Z, indexing="ij"))
    return (
        _RISE_DAYS * np.exp(_SPREAD * rise),
        _FADE_DAYS * np.exp(_SPREAD * fade),
        -(rise**2 + fade**2 + ((day - _DAY) / _DAY_SD) ** 2) / 2,
    )


def _come(days: Values, rise: Values | float) -> Values:
    return np.asarray(1 - np.exp(-days / rise))


def _left(days: Values, day: Values | float, fade: Values | float) -> Values:
    return np.asarray(1 / (1 + np.exp(np.clip((days - day) / fade, -50.0, 50.0))))


def _shapes(days: Values) -> Values:
    """Return the share of the effect that there is at each point of the grid, ``(n_grid, n)``."""
    rise, fade = (centre * np.exp(_SPREAD * _Z) for centre in (_RISE_DAYS, _FADE_DAYS))
    come = _come(days, rise[:, None])
    left = _left(days, _DAYS[:, None, None], fade[:, None])
    return (come[None, :, None] * left[:, None]).reshape(-1, len(days))


def _posterior(
    shapes: Values, values: Values, weights: Values, log_prior: Values, *, falls: bool
) -> _Posterior | None:
    """Return what follows from values with `weights` ``(n,)``; None where all effects are wrong."""
    weights = weights / weights.sum()
    middle, centre = shapes @ weights, float(values @ weights)
    centred = values - centre
    spread = np.maximum((shapes * shapes) @ weights - middle**2, 0.0)
    shared = shapes @ (weights * centred)
    variance = max(float(weights @ centred**2), 1e-300)
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = np.where(spread > _EXACT, -shared / spread, 0.0)
    left = np.maximum(variance - effect**2 * spread, _EXACT * variance)
    base = centre + effect * middle
    sound = (effect > 0) & (effect <= _MOST * base) if falls else effect < 0
    if not sound.any():
        return None
    log = np.where(sound, log_prior - (len(values) - 2) / 2 * np.log(left), -np.inf)
    share = np.exp(log - log.max())
    return _Posterior(share / share.sum(), base, effect, left)


def _noise(found: _Posterior, shapes: Values) -> Values:
    """Return the size of noise that is in proportion to the likeliest level, up to a factor."""
    base = found.base[found.best]
    level = base - found.effect[found.best] * shapes[found.best]
    return np.asarray(np.maximum(level, _LEAST_SHARE * abs(base)))


def _log_likelihood(found: _Posterior, weights: Values) -> float:
    """Return the log likelihood of the likeliest curve, up to a constant."""
    mean = weights / weights.mean()
    size = np.log(found.left[found.best] / np.exp(np.log(mean).mean()))
    return float(-len(weights) / 2 * size)
