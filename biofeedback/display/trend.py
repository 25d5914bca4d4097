"""The trend: tension over the last two minutes, against its target."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from biofeedback.display.palette import Palette
from biofeedback.display.view_model import TREND_S
from biofeedback.text import _

_STEPS_S = (30, 60)


class Trend(QWidget):
    """The last two minutes of tension: a line over the band below the target."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._values: NDArray[np.float64] = np.empty(0)
        self._full_scale, self._target, self._floor = 1.0, math.nan, 0.0
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(_("Trend of the last two minutes"))

    def sizeHint(self) -> QSize:
        return QSize(600, 6 * self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(300, 3 * self.fontMetrics().height())

    def show_trend(
        self, values: NDArray[np.float64], *, full_scale: float, target: float, floor: float
    ) -> None:
        """Show `values`, evenly over the two minutes, the newest last.

        `target` NaN: none. Below `floor` the sensor sees nothing, and that stretch is hatched.
        """
        self._values = values
        self._full_scale, self._target, self._floor = full_scale, target, floor
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._palette.card))
        metrics = QFontMetricsF(self.font())
        left = metrics.horizontalAdvance("0000") + 12
        bottom = metrics.height() + 8
        plot = QRectF(self.rect()).adjusted(left, metrics.height() / 2, -8, -bottom)
        if plot.height() < 10:
            painter.end()
            return
        if not math.isnan(self._target):
            y = self._y(min(self._target, self._full_scale), plot)
            band = QRectF(plot.left(), y, plot.width(), plot.bottom() - y)
            painter.fillRect(band, QColor(self._palette.target_band))
        y = self._y(min(self._floor, self._full_scale), plot)
        hatching = QBrush(QColor(self._palette.quiet), Qt.BrushStyle.BDiagPattern)
        painter.fillRect(QRectF(plot.left(), y, plot.width(), plot.bottom() - y), hatching)
        self._paint_axes(painter, plot, metrics)
        self._paint_line(painter, plot)
        painter.end()

    def _y(self, value: float, plot: QRectF) -> float:
        return plot.bottom() - value / self._full_scale * plot.height()

    def _paint_axes(self, painter: QPainter, plot: QRectF, metrics: QFontMetricsF) -> None:
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
                f"{share * self._full_scale:g}",
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

    def _paint_line(self, painter: QPainter, plot: QRectF) -> None:
        n = len(self._values)
        if n < 2:
            return
        x = plot.left() + np.arange(n) / (n - 1) * plot.width()
        shown = np.minimum(self._values, self._full_scale)
        y = plot.bottom() - shown / self._full_scale * plot.height()
        known = ~np.isnan(self._values)
        edges = np.flatnonzero(np.diff(np.concatenate(([False], known, [False])).astype(np.int8)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._palette.trace), 1.6))
        for first, last in edges.reshape(-1, 2).tolist():
            points = map(QPointF, x[first:last].tolist(), y[first:last].tolist())
            painter.drawPolyline(QPolygonF(list(points)))


def _ago_word(ago_s: int) -> str:
    return _("{ago_s} s ago").format(ago_s=ago_s) if ago_s else _("now")
