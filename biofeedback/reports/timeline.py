"""A year in a picture: what was measured, day by day, with the injections and their wear-off."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from biofeedback.analysis.cycle import Cycle
from biofeedback.analysis.lines import Line
from biofeedback.analysis.trends import local_day
from biofeedback.dsp.fading import Fading
from biofeedback.reports.drawing import GREY, INK
from biofeedback.reports.extras import load
from biofeedback.reports.parts import Picture
from biofeedback.text import _

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def timeline(line: Line, cycles: Sequence[Cycle], *, share: float = 0.26) -> Picture:
    """Return `line` over its days. Full points count, hollow ones had too little valid time.

    Injections are upright lines; a triangle is the day on which half an effect was lost.
    """
    counted = [(local_day(p.at), p.value) for p in line.counted]
    hollow = [(local_day(p.at), p.value) for p in line.points if not p.counts]
    faded = [each.injected + timedelta(days=fit.day) for each, fit in worn_off(cycles)]

    def draw(axes: "Axes") -> None:
        dates: Any = load("matplotlib.dates")

        def at(days: Sequence[date]) -> list[float]:
            return [float(dates.date2num(day)) for day in days]

        if counted:
            days, values = zip(*counted, strict=True)
            axes.plot(at(days), values, "o", color=INK, markersize=2.4)
        if hollow:
            days, values = zip(*hollow, strict=True)
            axes.plot(at(days), values, "o", mfc="none", mec=GREY, markersize=2.8, mew=0.6)
        for cycle in cycles:
            axes.axvline(at([cycle.injected])[0], color=INK, linewidth=0.9, linestyle=(0, (5, 2)))
        top = axes.get_xaxis_transform()
        for day in faded:
            axes.plot(at([day]), [0.04], "v", color=INK, markersize=5, transform=top, clip_on=False)
        axes.set_ylim(bottom=0)
        locator = dates.AutoDateLocator(maxticks=12)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator, formats=_FORMATS))
        axes.set_ylabel(line.what.unit_word)

    return Picture(draw, _says(line, cycles, len(faded)), share)


# numbers alone, which every language reads: a month is 2026-03
_FORMATS = ["%Y", "%Y-%m", "%m-%d", "%H:%M", "%H:%M", "%S"]


def worn_off(cycles: Sequence[Cycle]) -> list[tuple[Cycle, Fading]]:
    """Return the cycles whose wear-off day is known, with what was fitted."""
    fitted = ((each, each.wear_off) for each in cycles)
    return [(each, fit) for each, fit in fitted if fit is not None]


def _says(line: Line, cycles: Sequence[Cycle], faded: int) -> str:
    if not line.what.muscle:
        return _(
            "{what} Injections (broken lines): {injections}; days on which half the effect was "
            "lost (triangles): {faded}."
        ).format(what=line.what.words, injections=len(cycles), faded=faded)
    return _(
        "{what} Each dot is a sitting; hollow ones do not count. Injections (broken lines): "
        "{injections}; days on which half the effect was lost (triangles): {faded}."
    ).format(what=line.what.words, injections=len(cycles), faded=faded)
