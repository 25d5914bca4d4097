"""Columns of a recording become pixels: traces, and textures over what does not count; no Qt."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biofeedback.display.playback.pyramid import UNCOUNTED, Level, Values
from biofeedback.display.traces.columns import Pixels
from biofeedback.display.widgets.palette import Palette
from biofeedback.stream import Quality

_WARNING = np.uint8(Quality.MAINS | Quality.ECG)
_NOWHERE = -1


@dataclass(frozen=True, slots=True)
class Ink:
    """The colours, 0xffrrggbb."""

    card: int
    empty: int
    """The ground where no sample came."""
    grid: int
    line: int
    """Below each lane, and the texture over what does not count."""
    trace: int
    doubtful: int
    """The signal where it does not count."""
    tension: int
    warning: int
    excluded: int


def make_ink(palette: Palette) -> Ink:
    """Return the colours of a palette."""
    return Ink(
        card=_mix(palette.card, palette.card, 1.0),
        empty=_mix(palette.ground, palette.text, 0.94),
        grid=_mix(palette.line, palette.card, 0.45),
        line=_mix(palette.line, palette.line, 1.0),
        trace=_mix(palette.trace, palette.card, 1.0),
        doubtful=_mix(palette.quiet, palette.card, 0.45),
        tension=_mix(palette.envelope, palette.card, 1.0),
        warning=_mix(palette.warning, palette.card, 1.0),
        excluded=_mix(palette.quiet, palette.card, 0.8),
    )


def _mix(one: str, other: str, share: float) -> int:
    """Return the colour a `share` of the way from `other` to `one`, both #rrggbb."""
    mixed = 0xFF
    for at in (1, 3, 5):
        a, b = int(one[at : at + 2], 16), int(other[at : at + 2], 16)
        mixed = mixed << 8 | round(b + (a - b) * share)
    return mixed


def missing(columns: Level) -> NDArray[np.bool_]:
    """Return where no sample came at all, ``(n_channels, n_columns)``."""
    return np.asarray((columns.flags == 0) & np.isnan(columns.low))


def paint_lanes(
    columns: Level,
    *,
    height: int,
    scales: NDArray[np.float64],
    excluded: NDArray[np.bool_],
    grid: NDArray[np.int64],
    ink: Ink,
    thickness: int,
) -> Pixels:
    """Return the lanes one below the other, ``(n_channels, height, n_columns)``.

    `scales`: what half a lane stands for; `excluded`: the columns that are by hand; `grid`: those
    where a round time lies; `thickness` of the tension, in pixels.
    """
    n = columns.low.shape[1]
    rows = np.arange(height, dtype=np.int16)[:, None]
    across = np.arange(n, dtype=np.int16)
    ground = np.full((height, n), ink.card, dtype=np.uint32)
    ground[:, grid] = ink.grid
    ground[(height - 2) // 2] = ink.grid
    ground[-1] = ink.line
    uncounted = columns.flags & UNCOUNTED != 0
    warned = (columns.flags & _WARNING != 0) & ~uncounted
    lanes = (len(scales), height, n)
    out: Pixels = np.broadcast_to(ground, lanes).copy()
    falling = ((rows + across) % 10 < 2) & (rows < height - 1)
    rising = ((rows - across) % 7 < 2) & (rows < height - 1)
    dots = (across % 6 < 3) & (rows >= height - 2 - 2 * thickness) & (rows < height - 1)
    unit = scales[:, None]
    top, bottom = _rows(columns.high, columns.low, unit, height)
    line_top, line_bottom = _rows(columns.line_high, columns.line_low, unit, height)
    empty = missing(columns)
    for lane, into in enumerate(out):
        if empty[lane].any():
            into[:-1, empty[lane]] = ink.empty
        doubtful = uncounted[lane] | excluded
        trace = (rows >= top[lane]) & (rows <= bottom[lane])
        np.copyto(into, np.where(doubtful, ink.doubtful, ink.trace).astype(np.uint32), where=trace)
        _texture(into, falling, uncounted[lane] & ~excluded, ink.line)
        _texture(into, dots, warned[lane] & ~excluded, ink.warning)
        line = (rows >= line_top[lane]) & (rows < line_bottom[lane] + thickness)
        line &= ~excluded
        np.copyto(into, np.uint32(ink.tension), where=line)
        _texture(into, rising, excluded, ink.excluded)
    return out


def _texture(
    into: Pixels, pattern: NDArray[np.bool_], where: NDArray[np.bool_], colour: int
) -> None:
    """Lay a pattern over some of the columns."""
    if where.any():
        np.copyto(into, np.uint32(colour), where=pattern & where)


def _rows(
    high: Values, low: Values, scale: NDArray[np.float64], height: int
) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """Return first and last row of each column, so that neighbours join; none for NaN.

    The last row of a lane is the line below it, so the middle is that of the rows above.
    """
    known = ~np.isnan(high)
    upper, lower = high.copy(), low.copy()
    upper[:, 1:] = np.fmax(high[:, 1:], low[:, :-1])
    lower[:, 1:] = np.fmin(low[:, 1:], high[:, :-1])
    middle = (height - 2) / 2
    found = []
    for values, none in ((upper, height), (lower, _NOWHERE)):
        at = np.round(middle - np.where(known, values, 0.0) / scale * middle)
        found.append(np.where(known, np.clip(at, 0, height - 2), none).astype(np.int16)[:, None])
    return found[0], found[1]
