"""The two ways to paint the scene: a lake in colours, and one in strong lines."""

import math
from typing import Protocol

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPixmap, QPolygonF

from biofeedback.display.feedback.scene_motion import Motion, Water
from biofeedback.display.feedback.scene_picture import (
    HORIZON,
    landscape,
    mist,
    outlines,
    pixels_of,
    tints,
)
from biofeedback.display.widgets.palette import Palette

# A finer water costs more than a frame may; on a screen of that many pixels nobody sees it.
_MOST_PIXELS = 300_000
_LINES, _POINTS = 9, 60
_STIRRED = 0.004  # below, no pixel would move


class Lake(Protocol):
    """A scene of a size, as it is painted while the muscle moves it."""

    def paint(self, painter: QPainter, motion: Motion) -> None:
        """Paint it whole, as `motion` has it."""


class ColourLake:
    """Sky, hills and moon over water that mirrors them, and mist between.

    What holds still is painted once. `size` in the units of a painter, each of `ratio` pixels.
    """

    def __init__(self, size: QSize, palette: Palette, *, ratio: float = 1.0) -> None:
        hour = tints(palette)
        self._width, self._height = size.width(), size.height()
        fine = ratio
        while fine > 0.25 and _pixels(size) * (1 - HORIZON) * fine * fine > _MOST_PIXELS:
            fine /= 2
        still = landscape(*_times(size, ratio), hour)
        self._still = QPixmap.fromImage(still)
        coarse = still if fine == ratio else landscape(*_times(size, fine), hour)
        self._shore = round(HORIZON * still.height()) / ratio
        row = round(HORIZON * coarse.height())
        self._water = Water(pixels_of(coarse)[row:].copy(), shaded=hour.shaded)
        height, width = self._water.pixels.shape
        self._shown = QImage(
            self._water.pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32
        )
        first, banks = mist(*_times(size, ratio), hour)
        self._mist, self._mist_top = QPixmap.fromImage(banks), first / ratio
        self._mist_height = banks.height() / ratio

    def paint(self, painter: QPainter, motion: Motion) -> None:
        """Paint it whole, as `motion` has it."""
        width, shore = self._width, self._shore
        if motion.unrest < _STIRRED:
            painter.drawPixmap(QRectF(0, 0, width, self._height), self._still, _all(self._still))
            return
        ratio = self._still.width() / width
        sky = QRectF(0, 0, width, shore)
        painter.drawPixmap(sky, self._still, QRectF(0, 0, width * ratio, shore * ratio))
        self._water.ruffle(motion.unrest, motion.t_s)
        water = QRectF(0, shore, width, self._height - shore)
        painter.drawImage(water, self._shown, QRectF(self._shown.rect()))
        painter.setOpacity(motion.unrest**0.75)
        banks = QRectF(0, self._mist_top, width, self._mist_height)
        painter.drawPixmap(banks, self._mist, _all(self._mist))
        painter.setOpacity(1.0)


class LineLake:
    """The same in lines: straight ones are still water, and waves are waves."""

    def __init__(self, size: QSize, palette: Palette, *, ratio: float = 1.0) -> None:
        self._width, self._height = size.width(), size.height()
        still = outlines(*_times(size, ratio), palette)
        self._still = QPixmap.fromImage(still)
        self._ink = QColor(palette.text)

    def paint(self, painter: QPainter, motion: Motion) -> None:
        """Paint it whole, as `motion` has it."""
        whole = QRectF(0, 0, self._width, self._height)
        painter.drawPixmap(whole, self._still, _all(self._still))
        for line in range(_LINES):
            depth = (line + 1) / (_LINES + 0.5)
            painter.setPen(QPen(self._ink, round(1 + 3 * depth)))
            painter.drawPolyline(QPolygonF(self._line(depth, motion)))

    def _line(self, depth: float, motion: Motion) -> list[QPointF]:
        below = (1 - HORIZON) * self._height
        y = HORIZON * self._height + below * depth**1.4
        swing = 0.55 * below / _LINES * motion.unrest * (0.4 + depth)
        if motion.unrest < _STIRRED:
            return [QPointF(0, y), QPointF(self._width, y)]
        turns = 11 - 7 * depth
        begin = 2 * math.pi * (0.35 * motion.t_s + 0.37 * depth * _LINES)
        xs = (i / _POINTS for i in range(_POINTS + 1))
        return [
            QPointF(x * self._width, y + swing * math.sin(2 * math.pi * turns * x + begin))
            for x in xs
        ]


def _pixels(size: QSize) -> int:
    return size.width() * size.height()


def _times(size: QSize, ratio: float) -> tuple[int, int]:
    return max(8, round(size.width() * ratio)), max(8, round(size.height() * ratio))


def _all(pixmap: QPixmap) -> QRectF:
    return QRectF(pixmap.rect())
