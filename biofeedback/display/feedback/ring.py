"""The ring: tension now, against its goal."""

import math

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from biofeedback.display.sitting.frame import Frame, in_words
from biofeedback.display.widgets.palette import Palette
from biofeedback.stream import Zone
from biofeedback.text import _

# The ring opens at the bottom: from 225 degrees over the top to -45, clockwise (Qt: 1/16 degree,
# counter-clockwise from three o'clock).
_FROM_DEG, _SPAN_DEG = 225.0, 270.0
_THICKNESS = 0.085  # of the ring's diameter
_BESIDE = 0.08  # share of the ring that the edges of a changed stretch can show besides it
_HEIGHT = 0.88  # of its diameter: the opening at the bottom takes none
_READABLE = 0.8  # of the size of other text: where the word would be smaller, it has a line below
_BETWEEN = 0.6  # of its diameter: so much is free between its ends
_WORD = 0.5  # of the width inside the ring: with its sign it stands between the ring's ends
_SIZE = 0.085  # of the word there, of the ring's diameter
_LINES_A_FONT = 1.2  # how high a line is, for its font
_NUMBER_EVERY = 15  # frames: a number that changes four times a second can be read


class Ring(QWidget):
    """Tension as a ring that fills from 0, its number and unit, the goal, and the word.

    The goal is a stretch of the ring, between marks. What holds still is painted once into a
    picture; a frame paints only the stretch of the ring that has changed.
    """

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._frame: Frame | None = None
        self._number = ""
        self._number_age = 0
        self._changed_from = 1.0
        self._still = QPixmap()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # spares painting the card below
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(_("Tension"))

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 190)

    def show_frame(self, frame: Frame) -> None:
        """Show `frame`; paints only what has changed."""
        before, self._frame = self._frame, frame
        self._number_age += 1
        due = before is None or frame.zone != before.zone or self._number_age >= _NUMBER_EVERY
        if due and frame.number != self._number:
            self._number, self._number_age = frame.number, 0
            self.setAccessibleDescription(in_words(frame.number, frame.unit, frame.word))
            self._redraw()
        if before is None or _looks_other(before, frame):
            self._redraw()
        elif not _same(before.share, frame.share):
            self._changed_from = min(self._changed_from, before.share, frame.share)
            self.update(self._stretch(before.share, frame.share))

    def _redraw(self) -> None:
        self._still = QPixmap()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._redraw()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        self._redraw()  # another font
        super().changeEvent(event)

    def _circle(self) -> QRectF:
        """Return the square on whose circle the middle of the ring's line lies."""
        side = min(self.width(), (self.height() - self._line()) / _HEIGHT)
        thickness = _THICKNESS * side
        edge = thickness / 2 + 0.07 * side  # room for the goal's mark and label
        left = (self.width() - side) / 2
        top = (self.height() - self._line() - side * _HEIGHT) / 2
        return QRectF(left + edge, top + edge, side - 2 * edge, side - 2 * edge)

    def _line(self) -> float:
        """Return how high the line below the ring is: 0 where the word stands between its ends."""
        line = QFontMetricsF(self.font()).height()
        side = min(self.width(), self.height() / _HEIGHT) * (1 - _THICKNESS - 0.14)
        sides = self._frame is not None and any(self._frame.sides)  # which take many words
        return line if sides or _SIZE * side < _READABLE * line / _LINES_A_FONT else 0.0

    def _stretch(self, first: float, last: float) -> QRect:
        """Return what the ring between two shares covers; all of it where one is unknown."""
        if math.isnan(first) or math.isnan(last):
            return self.rect()
        circle = self._circle()
        half = _THICKNESS * circle.width() * 0.6 + 2
        points = [_on_circle(circle, first + (last - first) * part) for part in (0.0, 0.5, 1.0)]
        xs, ys = [p.x() for p in points], [p.y() for p in points]
        return QRect(
            int(min(xs) - half),
            int(min(ys) - half),
            int(max(xs) - min(xs) + 2 * half) + 2,
            int(max(ys) - min(ys) + 2 * half) + 2,
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        frame = self._frame
        if frame is None:
            return
        if self._still.isNull():
            self._still = self._paint_still(frame)
        painter = QPainter(self)
        dirty = event.rect()
        painter.setClipRect(dirty)
        ratio = self._still.devicePixelRatio()
        source = QRectF(dirty.x() * ratio, dirty.y() * ratio, 0, 0)
        source.setSize(QSizeF(dirty.size()) * ratio)
        painter.drawPixmap(QRectF(dirty), self._still, source)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        circle = self._circle()
        if not math.isnan(frame.share):
            colour = QColor(zone_colour(frame.zone, self._palette))
            low, high = sorted((frame.origin, frame.share))
            first = low if dirty == self.rect() else max(low, self._changed_from - _BESIDE)
            _arc(painter, circle, colour, first, max(high, low + 0.004))
        self._changed_from = 1.0
        for share in _edges(frame):
            self._paint_mark(painter, circle, share)
        painter.end()

    def _paint_still(self, frame: Frame) -> QPixmap:
        """Return the track, the goal's stretch of it, and all words."""
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(QColor(self._palette.card))
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        circle = self._circle()
        _arc(painter, circle, QColor(self._palette.line), 0.0, 1.0)
        if frame.has_goal:
            _arc(painter, circle, QColor(self._palette.target_band), *frame.goal)
            self._paint_beside(painter, circle, sum(frame.goal) / 2, _("goal"))
        between = QFontMetricsF(self.font()).horizontalAdvance(frame.word)
        for share, side in zip((0.0, 1.0), frame.sides, strict=True):
            if between < _BETWEEN * circle.width():  # else the word below would cover them
                self._paint_beside(painter, circle, share, side)
        self._paint_words(painter, circle, frame)
        painter.end()
        return pixmap

    def _paint_mark(self, painter: QPainter, circle: QRectF, share: float) -> None:
        half = _THICKNESS * 1.5
        painter.setPen(QPen(QColor(self._palette.text), 3))
        painter.drawLine(_on_circle(circle, share, 1 - half), _on_circle(circle, share, 1 + half))

    def _paint_beside(self, painter: QPainter, circle: QRectF, share: float, text: str) -> None:
        """Write `text` outside the ring; not where there is no room: the marks alone must do."""
        metrics = QFontMetricsF(self.font())
        width, height = metrics.horizontalAdvance(text) + 4, metrics.height()
        at = _on_circle(circle, share, 1 + 1.5 * _THICKNESS)
        outwards = (at - circle.center()) / (circle.width() / 2)
        box = QRectF(at.x() - width / 2, at.y() - height / 2, width, height)
        box.translate(outwards.x() * (width / 2 + 4), outwards.y() * (height / 2 + 4))
        if not QRectF(self.rect()).contains(box):
            return
        painter.setFont(self.font())
        painter.setPen(QColor(self._palette.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_words(self, painter: QPainter, circle: QRectF, frame: Frame) -> None:
        inner = circle.width() * (1 - 1.6 * _THICKNESS)
        left, top, height = circle.center().x() - inner / 2, circle.top(), circle.height()
        unit, _dot, band = frame.unit.partition(" · ")
        below = self._line()
        lines = (
            (self._number, self._palette.text, 0.18, 0.34, 0.27, 0.8),
            (unit, self._palette.quiet, 0.53, 0.13, 0.11 if below else 0.075, 0.8),
            (band, self._palette.quiet, 0.65, 0.12, 0.09 if below else 0.055, 0.7),
        )
        for text, colour, at, room, size, width in lines:
            painter.setFont(fitting(self.font(), text, inner * width, height * size))
            painter.setPen(QColor(colour))
            box = QRectF(left, top + at * height, inner, room * height)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        if frame.word:
            colour = zone_colour(frame.zone, self._palette)
            font = fitting(self.font(), frame.word, inner * _WORD, height * _SIZE)
            at = top + 0.82 * height
            if below:
                font = fitting(self.font(), frame.word, 0.85 * self.width(), below / _LINES_A_FONT)
                at = top + 0.9 * height + below / 2
            font.setWeight(QFont.Weight.DemiBold)
            self._paint_word(painter, font, frame, QColor(colour), at)

    def _paint_word(
        self, painter: QPainter, font: QFont, frame: Frame, colour: QColor, y: float
    ) -> None:
        metrics = QFontMetricsF(font)
        width, sign = metrics.horizontalAdvance(frame.word), metrics.ascent() * 0.85
        left = self._circle().center().x() - (width + 1.5 * sign) / 2
        draw_zone_sign(painter, QRectF(left, y - sign / 2, sign, sign), frame.zone, colour)
        painter.setFont(font)
        painter.setPen(colour)
        box = QRectF(left + 1.5 * sign, y - metrics.height() / 2, width + 4, metrics.height())
        painter.drawText(
            box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, frame.word
        )


def zone_colour(zone: Zone, palette: Palette) -> str:
    """Return the colour that stands for `zone`."""
    return {
        Zone.RELAXED: palette.relaxed,
        Zone.TENSE: palette.tense,
        Zone.UNKNOWN: palette.unknown,
    }[zone]


def draw_zone_sign(painter: QPainter, box: QRectF, zone: Zone, colour: QColor) -> None:
    """Draw the shape that says the zone without colour: a disc, a triangle or an empty circle."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    if zone == Zone.TENSE:
        painter.drawPolygon(
            QPolygonF([box.bottomLeft(), box.bottomRight(), QPointF(box.center().x(), box.top())])
        )
    elif zone == Zone.RELAXED:
        painter.drawEllipse(box)
    else:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, max(2.0, box.width() / 8)))
        painter.drawEllipse(box.adjusted(2, 2, -2, -2))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _edges(frame: Frame) -> list[float]:
    """Return the shares at which the goal begins or ends on the ring."""
    return [share for share in frame.goal if 0.0 < share < 1.0] if frame.has_goal else []


def _looks_other(before: Frame, after: Frame) -> bool:
    """Say whether more has changed than how far the ring is filled."""
    said = [(f.zone, f.word, f.unit, f.sides) for f in (before, after)]
    return said[0] != said[1] or not all(map(_same, before.goal, after.goal))


def _same(a: float, b: float) -> bool:
    return abs(a - b) < 2e-4 or (math.isnan(a) and math.isnan(b))  # a quarter of a pixel


def _on_circle(circle: QRectF, share: float, radius: float = 1.0) -> QPointF:
    """Return the point of the ring at `share`; `radius` as a part of the circle's."""
    angle = math.radians(_FROM_DEG - _SPAN_DEG * share)
    reach = radius * circle.width() / 2
    return circle.center() + QPointF(math.cos(angle), -math.sin(angle)) * reach


def _arc(painter: QPainter, circle: QRectF, colour: QColor, first: float, last: float) -> None:
    """Draw the ring from share `first` to share `last`."""
    pen = QPen(colour, _THICKNESS * circle.width())
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    start_deg = _FROM_DEG - _SPAN_DEG * first
    painter.drawArc(circle, round(16 * start_deg), round(-16 * _SPAN_DEG * (last - first)))


def fitting(base: QFont, text: str, width: float, height: float) -> QFont:
    """Return `base` so large that `text` fills the height, but no wider than the width."""
    font = QFont(base)
    font.setPixelSize(max(8, int(height)))
    needed = QFontMetricsF(font).horizontalAdvance(text)
    if needed > width:
        font.setPixelSize(max(8, int(height * width / needed)))
    return font
