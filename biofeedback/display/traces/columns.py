"""Samples become columns of pixels: the arithmetic of a sweep, without Qt."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biofeedback.display.widgets.palette import Palette
from biofeedback.stream import Samples

SWEEP_S = 10.0
_LOUDEST = 0.01  # a click in so small a share of the sweep does not make all the rest small

Pixels = NDArray[np.uint32]
"""0xffrrggbb, as Qt's Format_RGB32 has it."""


class Columns:
    """Least and greatest sample of every channel in each column of a sweep of `seconds`.

    Column `a` of the stream holds the same samples whenever it is drawn, and stands at
    `a % n_columns`; with the last sample before it, so that columns join. Arrays are
    ``(n_channels, n_columns)``, NaN where there is nothing. A column is taken once it is whole.
    """

    def __init__(
        self, n_channels: int, n_columns: int, *, sfreq: float, seconds: float = SWEEP_S
    ) -> None:
        self.n_samples = max(1, round(seconds * sfreq))
        self.n_columns = max(1, min(n_columns, self.n_samples))
        shape = n_channels, self.n_columns
        self.low, self.high = np.full(shape, np.nan), np.full(shape, np.nan)
        """Of the filtered signal."""
        self.line_low, self.line_high = np.full(shape, np.nan), np.full(shape, np.nan)
        """Of the tension."""
        self.unknown = np.zeros(shape, dtype=np.bool_)
        """Whether any tension is missing; false where nothing has been drawn yet."""
        self.next = 0

    def edge(self, column: int) -> int:
        """Return the index of the first sample of a column of the stream."""
        return -(-column * self.n_samples // self.n_columns)

    def take(self, signal: Callable[[int, int], tuple[Samples, Samples]], stop: int) -> range:
        """Read what came before sample `stop`; return the columns of the stream that are new.

        `signal(start, stop)` gives filtered signal and tension, ``(n_samples, n_channels)``.
        """
        last = stop * self.n_columns // self.n_samples  # after the last whole column
        if last < self.next:  # the stream began anew
            self.next = 0
        first = max(self.next, last - self.n_columns, 0)
        if last == first:
            return range(0)
        edges = np.array([self.edge(column) for column in range(first, last + 1)])
        begin = int(edges[0]) - 1  # one sample before
        filtered, slow = signal(begin, int(edges[-1]))
        at = np.arange(first, last) % self.n_columns
        starts = edges[:-1] - begin
        self.low[:, at], self.high[:, at] = _extremes(filtered, starts)
        self.line_low[:, at], self.line_high[:, at] = _extremes(slow, starts)
        self.unknown[:, at] = np.logical_or.reduceat(np.isnan(slow), starts, axis=0).T
        self.next = last
        return range(first, last)

    def needed(self) -> NDArray[np.float64]:
        """Return what scale each channel's valid signal needs; 0 where there is none."""
        size = np.fmax(np.maximum(-self.low, self.high), self.line_high)
        size[self.unknown | np.isnan(size)] = 0.0
        at = self.n_columns - 1 - int(_LOUDEST * self.n_columns)
        return np.asarray(np.partition(size, at, axis=1)[:, at])


def _extremes(samples: Samples, starts: NDArray[np.int64]) -> tuple[Samples, Samples]:
    """Return least and greatest between `starts` ``(n_channels, n_columns)``, NaN left out."""
    low = np.fmin.reduceat(samples, starts, axis=0)
    high = np.fmax.reduceat(samples, starts, axis=0)
    before = samples[starts - 1]
    missing = np.isnan(low)  # a gap stays one, whatever came before
    low, high = np.fmin(low, before), np.fmax(high, before)
    low[missing] = high[missing] = np.nan
    return low.T, high.T


@dataclass(frozen=True, slots=True)
class Ink:
    """The colours of a sweep: `ground` ``(height, n_columns)``, the rest one each."""

    ground: Pixels
    hatched: NDArray[np.bool_]
    """The lines over times without a tension, ``(height, n_columns)``."""
    hatch: int
    trace: int
    doubtful: int
    """The signal where there is no tension."""
    line: int
    clipped: int
    """At the edge that a valid signal reaches beyond."""


def make_ink(palette: Palette, height: int, n_columns: int) -> Ink:
    """Return the colours of a sweep, with lines at every second, zero and below each strip."""
    card, line = _colour(palette.card), _colour(palette.line)
    faint = _mix(line, card, 0.45)
    ground = np.full((height, n_columns), card, dtype=np.uint32)
    seconds = (np.arange(1, int(SWEEP_S)) * n_columns / SWEEP_S).astype(int)
    ground[:, seconds] = faint
    ground[(height - 2) // 2] = faint
    ground[-1] = line
    row, column = np.indices((height, n_columns))
    return Ink(
        ground=ground,
        hatched=((row + column) % 8 < 2) & (row < height - 1),
        hatch=line,
        trace=_colour(palette.trace),
        doubtful=_mix(_colour(palette.quiet), card, 0.45),
        line=_colour(palette.envelope),
        clipped=_colour(palette.warning),
    )


def _colour(name: str) -> int:
    return 0xFF000000 | int(name[1:], 16)


def _mix(one: int, other: int, share: float) -> int:
    """Return the colour a `share` of the way from `other` to `one`."""
    mixed = 0xFF000000
    for shift in (0, 8, 16):
        a, b = one >> shift & 0xFF, other >> shift & 0xFF
        mixed |= round(b + (a - b) * share) << shift
    return mixed


def paint(
    columns: Columns, at: slice, *, scales: NDArray[np.float64], ink: Ink, thickness: int
) -> Pixels:
    """Return the columns `at` of the sweep as pixels, ``(n_channels, height, n)``.

    `scales`: what half the height stands for in each channel; `thickness` of the tension, and of
    the marks at the edges, in pixels.
    """
    height = len(ink.ground)
    rows = np.arange(height)[None, :, None]
    unit = scales[:, None]
    high, low = columns.high[:, at], columns.low[:, at]
    unknown = columns.unknown[:, None, at]
    out = np.broadcast_to(ink.ground[:, at], (len(scales), *ink.ground[:, at].shape)).copy()
    top, bottom = row_of(high, unit, height), row_of(low, unit, height)
    trace = (rows >= top[:, None]) & (rows <= bottom[:, None])
    np.copyto(out, np.where(unknown, np.uint32(ink.doubtful), np.uint32(ink.trace)), where=trace)
    np.copyto(out, np.uint32(ink.hatch), where=unknown & ink.hatched[:, at])
    over, under = (high > unit)[:, None], (low < -unit)[:, None]
    edge = 2 * thickness
    edges = (over & (rows < edge)) | (under & (rows >= height - 1 - edge))
    np.copyto(out, np.uint32(ink.clipped), where=edges & ~unknown)
    line = row_of(columns.line_high[:, at], unit, height)[:, None]
    until = row_of(columns.line_low[:, at], unit, height)[:, None] + thickness - 1
    np.copyto(out, np.uint32(ink.line), where=(rows >= line) & (rows <= until) & ~unknown)
    return out


def row_of(
    values: NDArray[np.float64], scale: NDArray[np.float64] | float, height: int
) -> NDArray[np.float64]:
    """Return the row of pixels of each value, 0 at the top, held inside; NaN stays.

    The last row of a strip is the line below it, so the middle is that of the rows above.
    """
    middle = (height - 2) / 2
    return np.clip(np.round(middle - values / scale * middle), 0, height - 2)
