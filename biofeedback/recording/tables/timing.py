"""Times of samples become a sampling frequency and whole sample indices."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

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
# The usual distance, from so many: a rate does not change within a file.
_TIMES_TO_TELL_BY = 1_000_000
# Frame numbers that step in more ways than this are out of order.
_MOST_STEPS = 10_000
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
_SLIPS = 5


@dataclass(frozen=True, slots=True)
class Runs:
    """The unbroken runs of a recording: the row each starts with, and that sample's index."""

    starts: Indices
    first: Indices

    def index(self, start: int, stop: int) -> Indices:
        """Return the sample index of each row from `start` to `stop`, ``(stop - start,)``."""
        row = np.arange(start, stop)
        run = self.run_of(row)
        return row + (self.first - self.starts)[run]

    def run_of(self, row: Indices) -> Indices:
        """Return the number of the run in which each of `row` ``(n,)`` lies."""
        return np.searchsorted(self.starts, row, side="right") - 1


UNBROKEN = Runs(np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))


def index_times(
    times: Iterable[Times], *, where: str, line_of: Callable[[int], int]
) -> tuple[float, Runs]:
    """Return sfreq in Hz, and where the samples at `times` lie: parts ``(n,)``, in s.

    The parts, of two times or more together, are gone through several times. Times may be rounded;
    a gap between them is a jump of the index. Raises `RecordingError`, which names the file `where`
    and the line, if they go backwards or come irregularly.
    """

    def check(wrong: NDArray[np.bool_], rows: Indices, part: Times, what: str) -> None:
        if wrong.any():
            at = int(np.argmax(wrong))
            raise RecordingError(
                _(
                    "{where}, line {line}: time_s is {time:.10g}, {what}; mend the times, or take "
                    "that column out and say the rate with --sfreq."
                ).format(where=where, line=line_of(int(rows[at])), time=part[at], what=what)
            )

    for rows, part, apart in _steps(times):
        check(apart < 0, rows, part, _("before that of the sample above it"))
    looks = _look(times)
    even = _even_period(times, looks)
    if even:
        return _named_rate(even), UNBROKEN
    period, rounding = _period(times, looks)
    if not period:
        still = np.ones(1, dtype=bool), np.zeros(1, dtype=np.int64)
        check(*still, looks.first, _("and it does not move on from there"))
    slack = max(rounding * _APART_BY_ROUNDING, 2 * _SLACK * period)
    starts = [np.zeros(1, dtype=np.int64)]
    for rows, part, apart in _steps(times):
        soon = (apart < period - slack) & (rows > 0)
        check(soon, rows, part, _("too soon after the one above it"))
        starts.append(rows[apart > period + slack])
    line = _Line(times, Runs(np.concatenate(starts), np.concatenate(starts)), period)
    period = line.fitted_period(looks.grain) or period
    line = _Line(times, line.runs, period)
    most = max(looks.grain * _APART_BY_ROUNDING, _SLACK * period)
    for rows, off in line.offs():
        uneven = _("off the even {sfreq:.6g} Hz of those around it").format(sfreq=1 / period)
        check(np.abs(off) > most, rows, off + line.at(rows), uneven)
    jumps = np.round(np.diff(line.began) / period).astype(np.int64)
    lengths = np.diff(line.runs.starts)
    first = np.concatenate(([0], np.cumsum(np.maximum(jumps, lengths))))
    return _named_rate(period), Runs(line.runs.starts, first)


def index_frames(numbers: Iterable[NDArray[np.float64]], wraps: tuple[int, ...]) -> Runs | None:
    """Return where the samples lie by their frames' `numbers`, parts ``(n,)``.

    They rise by the same step where nothing was lost, and start over at one of `wraps`. None if
    they are out of order; numbers that are only 0, or 0 and 1, tell nothing.
    """
    most, seen = 0.0, Counter[float]()
    for rows, part, step in _steps(numbers):
        most = max(most, float(part.max()))
        values, counts = np.unique(step[rows > 0], return_counts=True)
        seen.update(dict(zip(values.tolist(), counts.tolist(), strict=True)))
        if len(seen) > _MOST_STEPS or np.isnan(part).any():
            return None
    if most <= 1 or not seen:
        return UNBROKEN
    usual = seen.most_common(1)[0][0]
    back = next((step for step, _count in seen.most_common() if step < 0), 0.0)
    fit = [wrap for wrap in wraps if wrap > most]
    wrap = next((wrap for wrap in fit if back + wrap == usual), fit[0] if fit else 0)
    if not usual or not all(_is_whole((s + wrap * (s < 0)) / usual) for s in seen):
        return None
    starts, lost = [0], [0]
    for rows, _part, step in _steps(numbers):
        frames = np.where(step < 0, step + wrap, step) / usual
        at = np.flatnonzero((frames != 1) & (rows > 0))
        starts += rows[at].tolist()
        lost += (frames[at] - 1).astype(np.int64).tolist()
    return Runs(np.array(starts), np.array(starts) + np.cumsum(lost))


def _is_whole(step: float) -> bool:
    return step >= 1 and step == round(step)


def _steps(times: Iterable[Times]) -> Iterator[tuple[Indices, Times, Times]]:
    """Yield the rows of a part, its times, and how far each is from the one before it."""
    row, last = 0, None
    for part in times:
        if len(part):
            apart = np.diff(part, prepend=part[0] if last is None else last)
            yield np.arange(row, row + len(part)), part, apart
            row, last = row + len(part), part[-1]


@dataclass(frozen=True, slots=True)
class _Looks:
    """What is told from the first and the last times, and by how much they are rounded."""

    first: Times
    count: int
    grain: float


def _look(times: Iterable[Times]) -> _Looks:
    first: list[Times] = []
    last = np.empty(0)
    count = 0
    for part in times:
        if count < _TIMES_TO_TELL_BY:
            first.append(part)
        count += len(part)
        last = np.concatenate((last, part))[-_TIMES_LOOKED_AT:]
    head = np.concatenate(first)[:_TIMES_TO_TELL_BY]
    return _Looks(head, count, _grain(head[:_TIMES_LOOKED_AT], last))


def _grain(first: Times, last: Times) -> float:
    """Return what the times are rounded to, in s; at least the rounding of a double."""
    noise = 4 * np.finfo(float).eps * float(max(abs(first[0]), abs(last[-1])))
    for decimals in range(_MOST_DECIMALS + 1):
        rounded = [np.abs(part - np.round(part, decimals)).max() <= noise for part in (first, last)]
        if any(rounded):
            return max(noise, 10.0**-decimals)
    return noise


def _even_period(times: Iterable[Times], looks: _Looks) -> float:
    """Return the period in s if all times lie on one line but for their rounding, else 0."""
    usual = np.median(np.diff(looks.first))
    slips = sum(
        np.count_nonzero((np.abs(apart - usual) > looks.grain / 2) & (rows > 0))
        for rows, _part, apart in _steps(times)
    )
    if slips < _SLIPS:
        return 0.0
    span = looks.first[-1] - looks.first[0]
    line = _Line(times, UNBROKEN, float(span) / (len(looks.first) - 1))
    period = line.fitted_period(looks.grain)
    line = _Line(times, UNBROKEN, period)
    furthest = max(float(np.abs(off).max()) for _rows, off in line.offs())
    return period if furthest <= _OFF_BY_ROUNDING * looks.grain else 0.0


def _period(times: Iterable[Times], looks: _Looks) -> tuple[float, float]:
    """Return the period in s within some percent, and the rounding that distances suffer.

    It is measured over as few samples as the rounding allows, since there may be gaps.
    """
    grain = looks.grain
    period = _median_apart(looks.first, 1)
    if grain <= 0.1 * period:
        return period, grain
    exact = round(period / grain) * grain
    if exact and all(_are_whole(apart[rows > 0] / exact) for rows, _part, apart in _steps(times)):
        return exact, 0.0  # a whole number of grains: nothing was lost to rounding
    period = _median_apart(looks.first, _LONG)
    exact = round(period / grain) * grain
    return (exact, 0.0) if abs(period - exact) * _LONG < 0.5 * grain else (period, grain)


def _are_whole(periods: Times) -> bool:
    if not len(periods):
        return True
    return bool(periods.min() > 0.5 and np.abs(periods - np.round(periods)).max() < 0.01)


def _median_apart(times: Times, lag: int) -> float:
    lag = min(lag, len(times) - 1)
    apart = times[lag:] - times[:-lag]
    middle = (len(apart) - 1) // 2  # of two, the shorter: the longer may hold a gap
    return float(np.partition(apart, middle)[middle]) / lag


class _Line:
    """Times that rise by `period` within each of `runs`, and how they differ from that.

    `began`: when each run began, as its times together have it.
    """

    def __init__(self, times: Iterable[Times], runs: Runs, period: float) -> None:
        self.runs, self._times, self._period = runs, times, period
        n_runs = len(runs.starts)
        counts, sums = np.zeros(n_runs), np.zeros(n_runs)
        self._zero = next(part[0] for part in times if len(part))
        for rows, part, _apart in _steps(times):
            run = runs.run_of(rows)
            off = part - self._zero - (rows - runs.starts[run]) * period
            offset = int(run[0])
            run -= offset
            stop = offset + int(run[-1]) + 1
            counts[offset:stop] += np.bincount(run)
            sums[offset:stop] += np.bincount(run, weights=off)
        self._lengths: Times = counts
        self.began: Times = sums / counts

    def at(self, rows: Indices) -> Times:
        """Return when each of `rows` ``(n,)`` should be, in s."""
        run = self.runs.run_of(rows)
        within = rows - self.runs.starts[run]
        return np.asarray(self._zero + self.began[run] + within * self._period)

    def offs(self) -> Iterator[tuple[Indices, Times]]:
        """Yield rows, and how far each time is from where it should be."""
        for rows, part, _apart in _steps(self._times):
            yield rows, part - self.at(rows)

    def fitted_period(self, grain: float) -> float:
        """Return the least-squares period of all runs, rounded as far as they allow."""
        spread = float((self._lengths * (self._lengths**2 - 1)).sum()) / 12
        if not spread:
            return 0.0
        slope = 0.0
        for rows, off in self.offs():
            run = self.runs.run_of(rows)
            centred = rows - self.runs.starts[run] - (self._lengths[run] - 1) / 2
            slope += float(centred @ off)
        fitted = self._period + slope / spread
        sfreq = 1 / fitted
        if round(sfreq) and abs(sfreq - round(sfreq)) <= _WHOLE_HZ * sfreq:
            return 1 / round(sfreq)
        reach = float(self._lengths.max()) - 1
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
