"""The trend: tension over the last two minutes, against its goal."""

from collections.abc import Sequence
from itertools import pairwise, starmap

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from biofeedback.display.sitting.frame import Frame
from biofeedback.display.sitting.view_model import TREND_S
from biofeedback.display.traces.note_marks import paint_marks
from biofeedback.display.widgets.palette import Palette
from biofeedback.text import _

_STEPS_S = (30, 60)


class Trend(QWidget):
    """The last two minutes of tension: a line over the band of the goal."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._values: NDArray[np.float64] = np.empty(0)
        self._frame: Frame | None = None
        self._floor = 0.0
        self._marks: Sequence[tuple[float, str]] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(_("Trend of the last two minutes"))

    def sizeHint(self) -> QSize:
        return QSize(600, self.minimumSizeHint().height())  # and takes what is left

    def minimumSizeHint(self) -> QSize:
        return QSize(300, 3 * self.fontMetrics().height())

    def show_trend(
        self,
        values: NDArray[np.float64],
        frame: Frame,
        *,
        floor: float,
        marks: Sequence[tuple[float, str]] = (),
    ) -> None:
        """Show `values`, evenly over the two minutes, the newest last; scale and goal of `frame`.

        Below `floor` the sensor sees nothing, and that stretch is hatched. `marks`: how many
        seconds ago something was noted, and what.
        """
        self._values, self._frame, self._floor, self._marks = values, frame, floor, marks
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, frame = QPainter(self), self._frame
        painter.fillRect(self.rect(), QColor(self._palette.card))
        metrics = QFontMetricsF(self.font())
        left = metrics.horizontalAdvance("0000") + 12
        if frame and any(frame.sides):
            left = max(map(metrics.horizontalAdvance, frame.sides)) + 12
        bottom = metrics.height() + 8
        plot = QRectF(self.rect()).adjusted(left, metrics.height() / 2, -8, -bottom)
        if plot.height() < 10 or frame is None:
            painter.end()
            return
        if frame.has_goal:
            low, high = (plot.bottom() - share * plot.height() for share in frame.goal)
            band = QRectF(plot.left(), high, plot.width(), low - high)
            painter.fillRect(band, QColor(self._palette.target_band))
        y = plot.bottom() - min(self._floor / frame.full_scale, 1.0) * plot.height()
        hatching = QBrush(QColor(self._palette.quiet), Qt.BrushStyle.BDiagPattern)
        painter.fillRect(QRectF(plot.left(), y, plot.width(), plot.bottom() - y), hatching)
        self._paint_axes(painter, plot, metrics, frame)
        if frame.has_goal:
            self._paint_goal(painter, plot, metrics, frame)
        self._paint_line(painter, plot, frame)
        width = plot.width() / TREND_S
        marks = [(plot.right() - ago_s * width, text) for ago_s, text in self._marks]
        paint_marks(painter, plot, marks, self._palette)
        painter.end()

    def _paint_goal(
        self, painter: QPainter, plot: QRectF, metrics: QFontMetricsF, frame: Frame
    ) -> None:
        """Draw where the goal begins and ends, and its name where it has room."""
        painter.setPen(QPen(QColor(self._palette.text), 1, Qt.PenStyle.DashLine))
        for share in frame.goal:
            if 0 < share < 1:
                y = plot.bottom() - share * plot.height()
                painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        low, high = frame.goal
        if (high - low) * plot.height() > 1.2 * metrics.height():
            top = plot.bottom() - high * plot.height()
            painter.setPen(QColor(self._palette.text))
            painter.drawText(
                QPointF(plot.left() + 8, top + 0.1 * metrics.height() + metrics.ascent()), _("goal")
            )

    def _paint_axes(
        self, painter: QPainter, plot: QRectF, metrics: QFontMetricsF, frame: Frame
    ) -> None:
        height = metrics.height()
        quiet, line = QColor(self._palette.quiet), QColor(self._palette.line)
        for share in (0.0, 0.5, 1.0) if plot.height() >= 2.4 * height else (0.0, 1.0):
            y = plot.bottom() - share * plot.height()
            painter.setPen(QPen(line, 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(quiet)
            box = QRectF(0, y - height / 2, plot.left() - 6, height)
            painter.drawText(
                box,
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                _level_word(share, frame),
            )
        widest = metrics.horizontalAdvance(_ago_word(TREND_S))
        # the last of them stands beside its mark, not in the middle below it
        fitting = (s for s in _STEPS_S if s / TREND_S * plot.width() >= 1.6 * widest)
        for ago_s in range(0, TREND_S + 1, next(fitting, TREND_S)):
            x = plot.right() - ago_s / TREND_S * plot.width()
            text = _ago_word(ago_s)
            width = metrics.horizontalAdvance(text) + 2
            at = min(max(x - width / 2, plot.left()), plot.right() + 8 - width)
            painter.drawText(
                QRectF(at, plot.bottom() + 6, width, height), Qt.AlignmentFlag.AlignCenter, text
            )

    def _paint_line(self, painter: QPainter, plot: QRectF, frame: Frame) -> None:
        n = len(self._values)
        if n < 2:
            return
        x = plot.left() + np.arange(n) / (n - 1) * plot.width()
        shown = np.clip(self._values, frame.bottom, frame.full_scale) - frame.bottom
        y = plot.bottom() - shown / (frame.full_scale - frame.bottom) * plot.height()
        known = ~np.isnan(self._values)
        edges = np.flatnonzero(np.diff(np.concatenate(([False], known, [False])).astype(np.int8)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._palette.trace), 1.6))
        for first, last in edges.reshape(-1, 2).tolist():
            points = map(QPointF, x[first:last].tolist(), y[first:last].tolist())
            # as a polyline, a noisy minute of this width took the raster engine a second
            painter.drawLines(list(starmap(QLineF, pairwise(points))))


def _level_word(share: float, frame: Frame) -> str:
    """Return what is written at a height: a number, or which side lies there."""
    if any(frame.sides) and share != 0.5:
        return frame.sides[int(share)]
    return f"{frame.bottom + share * (frame.full_scale - frame.bottom):g}"


def _ago_word(ago_s: int) -> str:
    return _("{ago_s} s ago").format(ago_s=ago_s) if ago_s else _("now")
