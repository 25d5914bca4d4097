"""The picture of a training: tension, phases, threshold, and what is unknown."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QWidget

from biofeedback.display.sitting.view_model import FINE, clock_word, round_up
from biofeedback.display.widgets.palette import Palette
from biofeedback.display.widgets.plot import Plot
from biofeedback.readings import PER_SECOND
from biofeedback.session import READINGS_KEPT_S, Session
from biofeedback.text import _
from biofeedback.training.progress import Progress
from biofeedback.training.protocol import BASELINES, Kind, kind_word

_TOP_PERCENT = 99.0  # what a cough makes of the scale is of no use
_STEPS_S = (10, 30, 60, 120, 300, 600)
_LINES = 12  # how high it is, in lines of text


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn, all times in s since the training began.

    `levels`: the slow RMS, `PER_SECOND` a second from `start_s` on, NaN where it is unknown.
    `phases`: start, stop, kind and word. `steps`: since when which threshold; empty where that is
    no level. `resumed`: it broke off in between.
    """

    start_s: float
    levels: NDArray[np.float64]
    phases: tuple[tuple[float, float, Kind, str], ...]
    steps: tuple[tuple[float, float], ...]
    unit: str
    resumed: bool = False

    @property
    def legend(self) -> str:
        """What the lines and marks are."""
        words = [_("Tension in {unit}").format(unit=self.unit)]
        words += [_("dashed: goal")] * bool(self.steps)
        hatched = _("hatched: no reading")
        if self.resumed:  # between phases, and in the one that was under way
            hatched = _("hatched: no reading, or not kept when it broke off")
        words += [hatched] * bool(np.isnan(self.levels).any())
        return " · ".join(words)

    @property
    def stop_s(self) -> float:
        """Where it ends."""
        return self.start_s + len(self.levels) / PER_SECOND


def drawn(session: Session, told: dict[str, Any], unit: str, key: str) -> Drawn:
    """Return what is to be drawn of a training that has ended; `told` is its outcome."""
    trainer = session.trainer
    channel = trainer.channels[0] if trainer else 0
    stop = session.trend.stop
    start = max(0, stop - READINGS_KEPT_S * PER_SECOND)
    trials = 0
    phases = []
    for phase in told["phases"]:
        kind = Kind(phase["kind"])
        trials += kind is Kind.TRIAL
        word = kind_word(kind)
        if kind is Kind.TRIAL:
            word = _("Trial {n}").format(n=trials)
        phases.append((phase["start_s"], phase["start_s"] + phase["seconds"], kind, word))
    name = f"threshold_{key}"
    steps = tuple((s["t_s"], s[name]) for s in told["threshold_path"] if name in s)
    if told["mode"] == "inside":  # how far from the middle, which is no level
        steps = ()
    levels = session.trend.read(start, stop)[:, channel]
    begun_s = start / PER_SECOND
    if trainer and trainer.before and not start:
        levels = np.concatenate((_levels_before(trainer.before), levels))
    elif trainer:
        begun_s += trainer.since_s
    resumed = trainer is not None and trainer.before is not None
    return Drawn(begun_s, levels, tuple(phases), steps, unit, resumed)


def _levels_before(before: Progress) -> NDArray[np.float64]:
    """Return the levels of a training until it broke off, NaN where they were not kept."""
    levels = np.full(round(before.t_s * PER_SECOND), np.nan)
    for stretch in before.stretches:
        every = round(stretch.rate_hz / PER_SECOND)
        slow = np.where(stretch.valid, stretch.slow[:, 0], np.nan)[::every]
        at = round(stretch.start_s * PER_SECOND)
        levels[at : at + len(slow)] = slow[: len(levels) - at]
    return levels


class SittingPicture(Plot):
    """Draws a `Drawn`; its description is for who does not see it."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(palette, lines=_LINES, grows=False, parent=parent)
        self._drawn: Drawn | None = None
        self.setAccessibleName(_("Tension over the sitting"))

    def show_drawn(self, what: Drawn) -> None:
        """Draw `what`."""
        self._drawn = what
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        what = self._drawn
        if what is None or not len(what.levels):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetricsF(self.font())
        line = metrics.height()
        left = metrics.horizontalAdvance("0000") + 12
        plot = QRectF(self.rect()).adjusted(left, 1.2 * line, -10, -1.2 * line - 4)
        top = _full_scale(what)
        self._paint_phases(painter, plot, what)
        self._paint_unknown(painter, plot, what)
        self._paint_levels(painter, plot, bottom=0.0, top=top)
        self._paint_times(painter, plot, what)
        self._paint_curve(painter, plot, what, top)
        self._paint_threshold(painter, plot, what, top)
        painter.end()

    def _x(self, t_s: float, plot: QRectF, what: Drawn) -> float:
        share = (t_s - what.start_s) / (what.stop_s - what.start_s)
        return plot.left() + min(max(share, 0.0), 1.0) * plot.width()

    def _paint_phases(self, painter: QPainter, plot: QRectF, what: Drawn) -> None:
        """Paint each phase as a band, with its word above it where that has room."""
        metrics = QFontMetricsF(self.font())
        colours = {Kind.TRIAL: self._palette.target_band}
        colours |= dict.fromkeys(BASELINES, self._palette.ground)
        for start_s, stop_s, kind, word in what.phases:
            first, last = self._x(start_s, plot, what), self._x(stop_s, plot, what)
            band = QRectF(first, plot.top(), last - first, plot.height())
            if kind in colours:
                painter.fillRect(band, QColor(colours[kind]))
            painter.setPen(QPen(QColor(self._palette.line), 1))
            for x in (first, last):
                painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
            short = word.split()[-1] if kind is Kind.TRIAL else ""
            for text in (word, short):
                if text and metrics.horizontalAdvance(text) + 6 <= band.width():
                    box = QRectF(
                        first, plot.top() - metrics.height(), band.width(), metrics.height()
                    )
                    painter.setPen(QColor(self._palette.text))
                    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
                    break

    def _paint_unknown(self, painter: QPainter, plot: QRectF, what: Drawn) -> None:
        hatching = QBrush(QColor(self._palette.quiet), Qt.BrushStyle.BDiagPattern)
        for first, last in runs(np.isnan(what.levels)):
            x = self._x(what.start_s + first / PER_SECOND, plot, what)
            to = self._x(what.start_s + last / PER_SECOND, plot, what)
            painter.fillRect(QRectF(x, plot.top(), max(to - x, 1.0), plot.height()), hatching)

    def _paint_times(self, painter: QPainter, plot: QRectF, what: Drawn) -> None:
        metrics = QFontMetricsF(self.font())
        painter.setPen(QColor(self._palette.quiet))
        whole_s = what.stop_s - what.start_s
        room = 1.6 * metrics.horizontalAdvance("00:00")
        fitting = (s for s in _STEPS_S if s / whole_s * plot.width() >= room)
        step_s = next(fitting, _STEPS_S[-1])
        for t_s in range(math.ceil(what.start_s / step_s) * step_s, int(what.stop_s) + 1, step_s):
            text = clock_word(t_s)
            width = metrics.horizontalAdvance(text) + 2
            x = self._x(t_s, plot, what) - width / 2
            x = min(max(x, plot.left() - width / 2), self.width() - width)
            box = QRectF(x, plot.bottom() + 4, width, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_curve(self, painter: QPainter, plot: QRectF, what: Drawn, top: float) -> None:
        painter.setPen(QPen(QColor(self._palette.trace), 1.6))
        per_s = (plot.width()) / (what.stop_s - what.start_s)
        shown = np.minimum(what.levels, top)
        x = plot.left() + np.arange(len(shown)) / PER_SECOND * per_s
        y = plot.bottom() - shown / top * plot.height()
        for first, last in runs(~np.isnan(what.levels)):
            points = map(QPointF, x[first:last].tolist(), y[first:last].tolist())
            painter.drawPolyline(QPolygonF(list(points)))

    def _paint_threshold(self, painter: QPainter, plot: QRectF, what: Drawn, top: float) -> None:
        """Paint the threshold as a dashed line, with a corner wherever it moved."""
        painter.setPen(QPen(QColor(self._palette.text), 2, Qt.PenStyle.DashLine))
        corners: list[QPointF] = []
        for (t_s, level), (until_s, _next) in pairwise([*what.steps, (what.stop_s, math.nan)]):
            y = plot.bottom() - min(level / top, 1.0) * plot.height()
            corners += [QPointF(self._x(t, plot, what), y) for t in (t_s, until_s)]
        if corners:
            painter.drawPolyline(QPolygonF(corners))


def runs(marked: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return where each run of what is marked begins, and the index after it."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], marked, [False])).astype(np.int8)))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]


def _full_scale(what: Drawn) -> float:
    known = what.levels[~np.isnan(what.levels)]
    tops = [1.1 * float(np.percentile(known, _TOP_PERCENT))] if len(known) else []
    tops += [1.1 * level for _t, level in what.steps]
    return round_up(max(tops, default=1.0), steps=FINE)
