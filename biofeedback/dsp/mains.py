"""Mains pick-up: how strong 50 or 60 Hz and its harmonics are, and the notches that remove them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biofeedback.dsp.design import notch

Floats = NDArray[np.float64]

MAINS_HZ = (50.0, 60.0)
# A Hann window of one second spreads a line over three bins. What lies three to eight bins away
# is its floor: beyond the line's skirts, and short of the other mains' nearest line, ten away.
_LINE = np.arange(-1, 2)
_NEIGHBOURS = np.array([-8, -7, -6, -5, -4, -3, 3, 4, 5, 6, 7, 8])
# A line counts above 1 + 8 / sqrt(n) + 8 / n times its floor, n windows averaged: less is chance
_CHANCE = 8.0
# The bank's end, of the upper corner: there the band-pass is only 6 to 12 dB down
_BEYOND = 1.25


@dataclass(frozen=True, slots=True)
class Mains:
    """What `detect_mains` found, one value a channel.

    `hz`: 50 or 60, NaN where no line stands out. `level`: RMS of its lines together, in the unit of
    the signal: 0 where none stands out, NaN where the spectrum is unknown. `ratio`: `level` over
    the RMS of all else in the band; below 0.3 a contact is good.
    """

    hz: Floats
    level: Floats
    ratio: Floats


def harmonics(mains_hz: float, *, high_hz: float, sfreq: float) -> Floats:
    """Return the multiples of `mains_hz` in Hz up to `high_hz`, below half of `sfreq`."""
    top = min(high_hz, sfreq / 2 - 10)  # room for the neighbours
    return np.asarray(mains_hz * np.arange(1, int(top / mains_hz) + 1), dtype=np.float64)


def line_bins(lines_hz: Floats, *, resolution_hz: float) -> tuple[NDArray[np.intp], ...]:
    """Return the bins of each line, ``(n_lines, 3)``, and of its floor, ``(n_lines, 12)``."""
    centres = np.round(lines_hz / resolution_hz).astype(np.intp)[:, None]
    return centres + _LINE, centres + _NEIGHBOURS


def detect_mains(
    f: Floats, power: Floats, *, windows: int, low_hz: float = 20, high_hz: float = 450
) -> Mains:
    """Find mains in the density (unit^2/Hz) `spectrum.welch` gives of a signal at rest, unfiltered.

    `power` is ``(n_freqs, n_channels)``, `f` in Hz with bins of about one; `windows`: how many were
    averaged (half overlapping; 1 live). A line is what three bins hold above the median of their
    neighbours. Ten seconds find a hum of 0.3 of the EMG, one second a hum as loud as it; a drift
    by 0.2 Hz hides 1 % of the fundamental's level.
    """
    resolution = f[1]
    limit = 1 + _CHANCE / np.sqrt(windows) + _CHANCE / windows
    levels = []
    for mains_hz in MAINS_HZ:
        lines = harmonics(mains_hz, high_hz=high_hz, sfreq=2 * f[-1])
        bins, around = line_bins(lines, resolution_hz=resolution)
        held = power[bins].sum(axis=1)
        floor = len(_LINE) * np.median(power[around], axis=1)
        excess = np.where(held > limit * floor, held - floor, 0.0)
        levels.append(np.sqrt(resolution * excess.sum(axis=0)))
    level = np.maximum(*levels)
    hz = np.where(levels[0] >= levels[1], *MAINS_HZ)
    inside = (f >= low_hz) & (f <= high_hz)
    total = resolution * power[inside].sum(axis=0)
    level[np.isnan(total)] = np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = level / np.sqrt(np.maximum(total - level**2, 0))
    return Mains(np.where(level > 0, hz, np.nan), level, ratio)


def mains_bank(
    mains_hz: float, *, high_hz: float, sfreq: float, bandwidth_hz: float = 5.0
) -> Floats:
    """Return notches as second-order sections ``(n, 6)``, to run behind the band-pass's own.

    Each is `bandwidth_hz` wide at -3 dB whatever its frequency: wide enough for the mains' drift.
    They begin with the fundamental (20 uV of it would leave 0.2 uV in the narrow band, 42 dB down)
    and end a quarter beyond `high_hz`. They take 8 % (50 Hz) or 7 % (60 Hz) off the RMS of EMG, in
    the wide band as in the narrow one. SENIAM and ISEK advise against notches.
    """
    lines = harmonics(mains_hz, high_hz=_BEYOND * high_hz, sfreq=sfreq)
    return np.concatenate([notch(hz, bandwidth_hz=bandwidth_hz, sfreq=sfreq) for hz in lines])
