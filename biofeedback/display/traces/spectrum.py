"""The spectrum of one channel, with the mains marked."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from biofeedback.display.widgets.palette import Palette
from biofeedback.display.widgets.style import dense
from biofeedback.text import _

RANGE_DB = 60
_STEP_DB = 10
_HARMONICS = (1, 2, 3)
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_CENTRE = Qt.AlignmentFlag.AlignCenter


def decibels(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return power densities in dB of the square of their unit a hertz; no power is -200 dB."""
    return np.asarray(10 * np.log10(np.maximum(power, 1e-20)))


def top_db(level: NDArray[np.float64], before: float) -> float:
    """Return the top of the axis: a multiple of ten that stays until the peak leaves its 20 dB."""
    peak = float(np.max(level))
    if before - 2 * _STEP_DB <= peak <= before:
        return before
    return _STEP_DB * math.ceil((peak + 3) / _STEP_DB)


class SpectrumView(QWidget):
    """Draws the power density in dB from 0 Hz to half of `sfreq`, painted twice a second."""

    def __init__(self, palette: Palette, *, mains_hz: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette, self._mains_hz = palette, mains_hz
        self._top = math.inf
        self._f: NDArray[np.float64] = np.zeros(0)
        self._level: NDArray[np.float64] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(_("Spectrum"))
        self.setAccessibleDescription(
            _("Power of the chosen channel by frequency; the median is in the table.")
        )

    def set_palette(self, palette: Palette) -> None:
        """Paint in other colours."""
        self._palette = palette
        self.update()

    def show_power(self, f: NDArray[np.float64], power: NDArray[np.float64] | None) -> None:
        """Show the power density of one channel at `f` Hz; None: there is none."""
        self._f, self._level = f, None
        if power is not None and len(f) and not np.isnan(power).any():
            self._level = decibels(power)
            self._top = top_db(self._level[1:], self._top)
        self.update()

    def minimumSizeHint(self) -> QSize:
        """Room for a few lines of text."""
        line = QFontMetrics(dense(self.font())).height()
        return QSize(10 * line, 7 * line)

    def sizeHint(self) -> QSize:
        """The least: it takes what is left."""
        return self.minimumSizeHint()

    def changeEvent(self, event: QEvent) -> None:
        """Another font needs another size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint axes, mains and curve."""
        painter = QPainter(self)
        painter.setFont(dense(self.font()))
        metrics = painter.fontMetrics()
        line = metrics.height()
        left = metrics.horizontalAdvance("−000") + 6
        plot = QRectF(left, line + 2, self.width() - left - line, self.height() - 2.4 * line - 4)
        if self._level is None:
            painter.setPen(QColor(self._palette.quiet))
            text = _("The spectrum needs four seconds without a gap.")
            wrap = int(_CENTRE | Qt.TextFlag.TextWordWrap)
            painter.drawText(QRectF(self.rect()), wrap, text)
        else:
            self._paint_axes(painter, plot)
            self._paint_mains(painter, plot)
            self._paint_curve(painter, plot)
        painter.end()

    def _x(self, plot: QRectF, hz: float) -> float:
        return plot.left() + plot.width() * hz / float(self._f[-1])

    def _paint_axes(self, painter: QPainter, plot: QRectF) -> None:
        line = painter.fontMetrics().height()
        quiet, faint = QColor(self._palette.quiet), QColor(self._palette.line)
        every = next(
            (n for n in (10, 20, 30) if n / RANGE_DB * plot.height() >= 1.3 * line), RANGE_DB
        )
        for below in range(0, RANGE_DB + 1, every):
            y = round(plot.top() + plot.height() * below / RANGE_DB) + 0.5
            painter.setPen(faint)
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(quiet)
            box = QRectF(0, y - line / 2, plot.left() - 6, line)
            painter.drawText(box, _RIGHT, f"{self._top - below:.0f}".replace("-", "−"))
        last = float(self._f[-1])
        widest = 1.7 * painter.fontMetrics().horizontalAdvance("500 Hz")
        every = next(
            (n for n in (50, 100, 200, 250, 500, 1000) if n / last * plot.width() >= widest), 2000
        )
        for hz in range(0, int(last) + 1, every):
            x = self._x(plot, hz)
            painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.bottom() + 4))
            box = QRectF(x - widest / 2, plot.bottom() + 5, widest, line)
            text = _("{n} Hz").format(n=hz) if hz + every > last else str(hz)
            over = x + painter.fontMetrics().horizontalAdvance(text) / 2 - self.width() + 1
            painter.drawText(box.translated(-max(0.0, over), 0), _CENTRE, text)

    def _paint_mains(self, painter: QPainter, plot: QRectF) -> None:
        metrics = painter.fontMetrics()
        free_from = plot.left()
        for harmonic in _HARMONICS:
            hz = harmonic * self._mains_hz
            if hz > self._f[-1]:
                return
            x = round(self._x(plot, hz)) + 0.5
            painter.setPen(QPen(QColor(self._palette.tense), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
            text = f"{hz:g}"
            wide = metrics.horizontalAdvance(text)
            if x - wide / 2 >= free_from:
                painter.setPen(QColor(self._palette.tense))
                box = QRectF(x - wide, 0, 2 * wide, plot.top())
                painter.drawText(box, _CENTRE, text)
                free_from = x + wide / 2 + 4

    def _paint_curve(self, painter: QPainter, plot: QRectF) -> None:
        assert self._level is not None  # noqa: S101
        down = np.clip((self._top - self._level) / RANGE_DB, -1, 2)
        x = plot.left() + plot.width() * self._f / self._f[-1]
        y = plot.top() + plot.height() * down
        points = QPolygonF([QPointF(*at) for at in zip(x.tolist(), y.tolist(), strict=True)])
        painter.setClipRect(plot)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._palette.trace), 1))
        painter.drawPolyline(points)
