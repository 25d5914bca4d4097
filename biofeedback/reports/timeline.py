"""A year in a picture: what was measured, day by day, with the injections and their wear-off."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from biofeedback.analysis.cycle import Cycle
from biofeedback.analysis.lines import Line
from biofeedback.analysis.trends import local_day
from biofeedback.dsp.fading import Fading
from biofeedback.muscles import shown_label
from biofeedback.reports.drawing import GREY, INK
from biofeedback.reports.extras import load
from biofeedback.reports.parts import Picture
from biofeedback.text import _
from biofeedback.training.protocol_file import protocol_title
from biofeedback.words import band_word

if TYPE_CHECKING:
    from matplotlib.axes import Axes


FEWEST_DRAWN = 3
"""Points: fewer are told in words alone."""
_HEADROOM = 1.1  # above the highest point, so that none is cut


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
        axes.set_ylim(0, _HEADROOM * max((value for _day, value in (*counted, *hollow)), default=1))
        # numbers alone, which every language reads: a month is 2026-03
        low, high = axes.get_xlim()
        axes.set_xlim(low - 1, high + 1)  # days: three in a row are days, too, and no hours
        far = high - low > _MONTHS_FROM_DAYS
        axes.xaxis.set_major_locator(dates.AutoDateLocator(minticks=2, maxticks=12 if far else 7))
        axes.xaxis.set_major_formatter(dates.DateFormatter("%Y-%m" if far else "%Y-%m-%d"))
        axes.set_ylabel(line.what.unit_word)

    return Picture(draw, _says(line, cycles, len(faded)), share)


_MONTHS_FROM_DAYS = 150


def worn_off(cycles: Sequence[Cycle]) -> list[tuple[Cycle, Fading]]:
    """Return the cycles whose wear-off day is known, with what was fitted."""
    fitted = ((each, each.wear_off) for each in cycles)
    return [(each, fit) for each, fit in fitted if fit is not None]


def _says(line: Line, cycles: Sequence[Cycle], faded: int) -> str:
    what, said = line.what, [line.what.words]
    if what.muscle and what.protocol:
        said = [
            _("{title}: {muscle}, {band}, in “{training}”.").format(
                title=what.title,
                muscle=shown_label(what.muscle),
                band=band_word(what.band_hz),
                training=protocol_title(what.protocol),
            )
        ]
    said.append(_("Each dot is a sitting.") if what.muscle else _("Each dot is an entry."))
    if any(not point.counts for point in line.points):
        said.append(_("Hollow ones had too little valid time and do not count."))
    if cycles:
        said.append(_("Broken lines are injections: {n}.").format(n=len(cycles)))
    if faded:
        said.append(
            _("Triangles are the days on which half an effect was lost: {n}.").format(n=faded)
        )
    return " ".join(said)
