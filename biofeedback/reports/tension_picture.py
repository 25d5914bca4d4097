"""The tension of a recording over its time; where nothing counts the line stops."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from biofeedback.analysis.figures import Analysis
from biofeedback.reports.drawing import GREY, INK, PALE
from biofeedback.reports.parts import Picture
from biofeedback.stream import Annotation
from biofeedback.text import _
from biofeedback.words import number_word, unit_word

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_POINTS = 600
_LEAST_APART = 0.025  # of the width: numbers of marks that are nearer lie on each other
_BAND_FROM = 4  # values a column: of fewer it cannot be seen
_SHARE = 0.24  # two muscles and their tables fit a page


def tension_picture(found: Analysis, i: int, notes: Sequence[Annotation]) -> Picture | None:
    """Return the picture of channel `i`: median and range of the slow RMS, column by column.

    `notes` are marked and numbered from 1; where they are dense, some lack their number.
    """
    envelopes = found.envelopes
    slow = np.where(envelopes.valid[i], envelopes.slow[i], np.nan)
    if not np.any(np.isfinite(slow)):
        return None
    low, middle, high, t_s = _columns(slow, envelopes.start_s, envelopes.rate_hz)
    channel = found.channels[i].channel
    apart_s = _LEAST_APART * (found.stop_s - found.start_s)

    def draw(axes: "Axes") -> None:
        for one in found.excluded:
            axes.axvspan(one.start_s, one.stop_s, facecolor="none", edgecolor=GREY, hatch="////")
        axes.fill_between(t_s, low, high, color=PALE, linewidth=0)
        axes.plot(t_s, middle, color=INK)
        free_s = -np.inf
        for number, note in enumerate(notes, start=1):
            axes.axvline(note.onset_s, ymin=0.97, color=INK, linewidth=0.6)
            if note.onset_s < free_s:
                continue
            axes.axvline(note.onset_s, color=GREY, linewidth=0.6, linestyle=(0, (3, 3)))
            free_s = note.onset_s + apart_s
            axes.annotate(
                str(number),
                (note.onset_s, 1.0),
                xycoords=("data", "axes fraction"),
                fontsize=6,
                ha="center",
                va="bottom",
            )
        axes.set_xlim(found.start_s, found.stop_s)
        axes.set_ylim(0, 1.05 * float(np.nanmax(high)) or 1.0)
        axes.set_xlabel(_("Time (s)"))
        axes.set_ylabel(_("Tension ({unit})").format(unit=unit_word(channel)))

    load = found.channels[i].activity.load
    says = [
        _(
            "Tension over time: between {low} and {high} {unit} for eight tenths of the valid "
            "time. The line stops where nothing counts."
        ).format(
            low=number_word(load.static, channel),
            high=number_word(load.peak, channel),
            unit=unit_word(channel),
        )
    ]
    if len(slow) > _BAND_FROM * MOST_POINTS:
        says.append(_("The grey band is from the least to the most."))
    if found.excluded:
        says.append(_("What is hatched was excluded."))
    if notes:
        says.append(_("The numbers are those of the notes and marks."))
    return Picture(draw, " ".join(says), _SHARE)


def _columns(slow: NDArray[np.float64], start_s: float, rate_hz: float) -> tuple[NDArray[Any], ...]:
    """Return least, median and most of each column ``(n,)``, NaN without a valid value; times."""
    width = max(1, -(-len(slow) // MOST_POINTS))
    padded = np.full(-(-len(slow) // width) * width, np.nan)
    padded[: len(slow)] = slow
    columns = padded.reshape(-1, width)
    known = np.isfinite(columns).any(axis=1)
    out = np.full((3, len(columns)), np.nan)
    out[:, known] = np.nanpercentile(columns[known], (0, 50, 100), axis=1)
    t_s = start_s + (np.arange(len(columns)) + 0.5) * width / rate_hz
    return out[0], out[1], out[2], t_s
