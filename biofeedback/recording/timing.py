"""Times of samples become a sampling frequency and whole sample indices."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from biofeedback.errors import RecordingError
from biofeedback.text import _

Times = NDArray[np.float64]
Indices = NDArray[np.int64]

# What times are rounded to is told from so many of the first and of the last: six significant
# digits ("%g") round the later ones more coarsely.
_TIMES_LOOKED_AT = 10_000
_MOST_DECIMALS = 9
# A rate so near to a whole number is that number: crystals are no better.
_WHOLE_HZ = 1e-6
# A time may be off by this share of a period, and a distance of two by twice as much.
_SLACK = 0.25
# Rounding moves a time by half a grain, a distance by a whole one.
_OFF_BY_ROUNDING = 0.6
_APART_BY_ROUNDING = 1.01
# Coarse times tell a period over so many samples.
_LONG = 256
# Distances of 1 and, now and then, 2 ms: a sample was lost, or the rate is not quite 1000 Hz. So
# many of them, all on one line, say the latter.
_SLIPS = 3


def index_times(
    times: Times, *, where: str, line_of: Callable[[int], int]
) -> tuple[float, Indices]:
    """Return sfreq in Hz, and the sample index of each of `times` ``(n,)``, in s; n > 1.

    Times may be rounded; a gap between them is a jump of the index. Raises `RecordingError`,
    which names the file `where` and the line, if they go backwards or come irregularly.
    """

    def check(wrong: NDArray[np.bool_], what: str) -> None:
        if wrong.any():
            row = int(np.argmax(wrong))
            raise RecordingError(
                _(
                    "{where}, line {line}: time_s is {time:.10g}, {what}; mend the times, or take "
                    "that column out and say the rate with --sfreq."
                ).format(where=where, line=line_of(row), time=times[row], what=what)
            )

    apart = np.diff(times, prepend=times[0])
    check(apart < 0, _("before that of the sample above it"))
    grain = _grain(times)
    even = _even_period(times, grain)
    if even:
        return _named_rate(even), np.arange(len(times))
    period, rounding = _period(times, grain)
    check(np.full(len(times), period == 0), _("and it does not move on from there"))
    slack = max(rounding * _APART_BY_ROUNDING, 2 * _SLACK * period)
    soon = (apart < period - slack) & (np.arange(len(times)) > 0)
    check(soon, _("too soon after the one above it"))
    starts = np.concatenate(([0], np.flatnonzero(apart > period + slack)))
    run = np.searchsorted(starts, np.arange(len(times)), side="right") - 1
    period = _fitted_period(times, starts, run, grain) or period
    within = np.arange(len(times)) - starts[run]
    began = _means(times - times[0] - within * period, starts)
    off = np.abs(times - times[0] - within * period - began[run])
    check(
        off > max(_APART_BY_ROUNDING * grain, _SLACK * period),
        _("off the even {sfreq:.6g} Hz of those around it").format(sfreq=1 / period),
    )
    jumps = np.round(np.diff(began) / period).astype(np.int64)
    first = np.concatenate(([0], np.cumsum(np.maximum(jumps, np.diff(starts)))))
    return _named_rate(period), first[run] + within


def _grain(times: Times) -> float:
    """Return what the times are rounded to, in s; at least the rounding of a double."""
    noise = 4 * np.finfo(float).eps * float(np.abs(times).max())
    for decimals in range(_MOST_DECIMALS + 1):
        rounded = [
            np.abs(part - np.round(part, decimals)).max() <= noise
            for part in (times[:_TIMES_LOOKED_AT], times[-_TIMES_LOOKED_AT:])
        ]
        if any(rounded):
            return max(noise, 10.0**-decimals)
    return noise


def _even_period(times: Times, grain: float) -> float:
    """Return the period in s if all times lie on one line but for their rounding, else 0."""
    apart = np.diff(times)
    slips = np.count_nonzero(np.abs(apart - np.median(apart)) > grain / 2)
    if slips < _SLIPS:
        return 0.0
    start = np.zeros(1, dtype=np.int64)
    run = np.zeros(len(times), dtype=np.int64)
    period = _fitted_period(times, start, run, grain)
    off = times - times[0] - np.arange(len(times)) * period
    return period if np.abs(off - off.mean()).max() <= _OFF_BY_ROUNDING * grain else 0.0


def _period(times: Times, grain: float) -> tuple[float, float]:
    """Return the period in s within some percent, and the rounding that distances suffer.

    It is measured over as few samples as the rounding allows, since there may be gaps.
    """
    period = _median_apart(times, 1)
    if grain <= 0.1 * period:
        return period, grain
    exact = round(period / grain) * grain
    if exact:
        periods = np.diff(times) / exact
        if periods.min() > 0.5 and np.abs(periods - np.round(periods)).max() < 0.01:
            return exact, 0.0  # a whole number of grains: nothing was lost to rounding
    period = _median_apart(times, _LONG)
    exact = round(period / grain) * grain
    return (exact, 0.0) if abs(period - exact) * _LONG < 0.5 * grain else (period, grain)


def _median_apart(times: Times, lag: int) -> float:
    lag = min(lag, len(times) - 1)
    apart = times[lag:] - times[:-lag]
    middle = (len(apart) - 1) // 2  # of two, the shorter: the longer may hold a gap
    return float(np.partition(apart, middle)[middle]) / lag


def _means(values: Times, starts: Indices) -> Times:
    lengths = np.diff(np.append(starts, len(values)))
    return np.asarray(np.add.reduceat(values, starts) / lengths)


def _fitted_period(times: Times, starts: Indices, run: Indices, grain: float) -> float:
    """Return the least-squares period of all unbroken runs, rounded as far as they allow."""
    at = np.arange(len(times), dtype=np.float64)
    at -= _means(at, starts)[run]
    spread = float(at @ at)
    if not spread:
        return 0.0
    centred = times - times[0]
    centred -= _means(centred, starts)[run]
    fitted = float(at @ centred) / spread
    sfreq = 1 / fitted
    if round(sfreq) and abs(sfreq - round(sfreq)) <= _WHOLE_HZ * sfreq:
        return 1 / round(sfreq)
    reach = 2 * float(np.abs(at).max())
    for decimals in range(_MOST_DECIMALS + 1):
        named = round(sfreq, decimals)
        if named > 0 and abs(1 / named - fitted) * reach <= grain / 2:
            return 1 / named
    return fitted


def _named_rate(period: float) -> float:
    """Return 1 / period, free of the noise of its last digits."""
    sfreq = 1 / period
    named = round(sfreq, _MOST_DECIMALS)
    return named if abs(named - sfreq) <= 4 * np.finfo(float).eps * sfreq else sfreq
