"""A picture of days: points, lines through them, what was done, and how much was invalid."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

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

from biofeedback.display.widgets.palette import Palette
from biofeedback.display.widgets.plot import Plot

_LINES = 14  # how high it is, in lines of text
_POINT, _LEAST_POINT = 0.28, 0.16  # of a line of text, half as wide as a point is
SHAPES = "●■▲◆"
"""What the points of each group look like, the latest group first."""
_CORNERS = (
    (),
    ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    ((0, -1.2), (1.1, 0.9), (-1.1, 0.9)),
    ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
)


@dataclass(frozen=True, slots=True)
class Dot:
    """A point at `day`; `hollow`: it does not count. `invalid_percent` of its time, or NaN."""

    day: float
    value: float
    hollow: bool = False
    invalid_percent: float = math.nan


@dataclass(frozen=True, slots=True)
class Group:
    """Points of one shape, the line through them, and its two limits, as (day, value).

    `span`: from which to which day something lies, and at which value.
    """

    dots: tuple[Dot, ...]
    line: tuple[tuple[float, float], ...] = ()
    limits: tuple[tuple[tuple[float, float], ...], ...] = ()
    span: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Days:
    """What is drawn, from day `first` to `last` and from 0 to `top`.

    `ticks`: days and their words, the more important ones first. `marks`: what was done on a day.
    """

    first: float
    last: float
    bottom: float
    top: float
    ticks: tuple[tuple[float, str], ...]
    groups: tuple[Group, ...]
    marks: tuple[tuple[float, str], ...] = ()


class DaysPicture(Plot):
    """Draws `Days`; its description is for who does not see it."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(palette, lines=_LINES, grows=True, parent=parent)
        self._days: Days | None = None

    def show_days(self, what: Days) -> None:
        """Draw `what`."""
        self._days = what
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        what = self._days
        if what is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetricsF(self.font())
        line = metrics.height()
        strip = 1.2 * line if _has_invalid(what) else 0.0
        left = metrics.horizontalAdvance("00000") + 12
        plot = QRectF(self.rect()).adjusted(left, 1.8 * line, -16, -1.3 * line - strip - 6)
        colours = self._colours()
        self._paint_levels(painter, plot, bottom=what.bottom, top=what.top)
        self._paint_ticks(painter, plot, what, strip)
        self._paint_marks(painter, plot, what)
        for i, group in reversed(list(enumerate(what.groups))):  # the latest above the others
            colour = colours[i % len(colours)]
            self._paint_line(painter, plot, what, group, colour)
            self._paint_dots(painter, plot, what, group, (colour, i % len(_CORNERS)))
        if strip:
            self._paint_invalid(painter, plot, what, strip)
        painter.end()

    def _colours(self) -> Sequence[QColor]:
        own = self._palette
        return [QColor(each) for each in (own.trace, own.envelope, own.relaxed, own.quiet)]

    def _at(self, day: float, value: float, plot: QRectF, what: Days) -> QPointF:
        across = (day - what.first) / (what.last - what.first)
        up = (value - what.bottom) / (what.top - what.bottom)
        return QPointF(
            plot.left() + min(max(across, 0.0), 1.0) * plot.width(),
            plot.bottom() - min(max(up, 0.0), 1.0) * plot.height(),
        )

    def _paint_ticks(self, painter: QPainter, plot: QRectF, what: Days, strip: float) -> None:
        """Paint the days below, as many of their words as have room."""
        metrics = QFontMetricsF(self.font())
        taken: list[QRectF] = []
        for day, text in what.ticks:
            width = metrics.horizontalAdvance(text) + 8
            x = self._at(day, what.bottom, plot, what).x()
            at = min(max(x - width / 2, 0.0), self.width() - width)
            box = QRectF(at, plot.bottom() + strip + 6, width, metrics.height())
            if any(box.intersects(other) for other in taken):
                continue
            taken.append(box)
            painter.setPen(QPen(QColor(self._palette.line), 1))
            painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.bottom() + 5))
            painter.setPen(QColor(self._palette.quiet))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_marks(self, painter: QPainter, plot: QRectF, what: Days) -> None:
        """Paint what was done as a dashed line with a flag; its word where there is room."""
        metrics, until = QFontMetricsF(self.font()), 0.0
        for day, text in what.marks:
            x = self._at(day, what.bottom, plot, what).x()
            painter.setPen(QPen(QColor(self._palette.text), 2, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._palette.text))
            flag = [QPointF(x + dx, plot.top() + dy) for dx, dy in ((0, 0), (9, 5), (0, 10))]
            painter.drawPolygon(QPolygonF(flag))
            width = metrics.horizontalAdvance(text) + 8
            at = min(max(x - width / 2, 0.0), self.width() - width)
            if at >= until:
                painter.setPen(QColor(self._palette.text))
                box = QRectF(at, plot.top() - 1.6 * metrics.height(), width, metrics.height())
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
                until = at + width

    def _paint_line(
        self, painter: QPainter, plot: QRectF, what: Days, group: Group, colour: QColor
    ) -> None:
        """Paint the line whole, its limits dotted, and the span as a bar with ends."""
        styles = [(group.line, Qt.PenStyle.SolidLine, 2.5)]
        styles += [(limit, Qt.PenStyle.DotLine, 1.5) for limit in group.limits]
        for points, style, width in styles:
            painter.setPen(QPen(colour, width, style))
            painter.drawPolyline(QPolygonF([self._at(*point, plot, what) for point in points]))
        if group.span:
            low, high, value = group.span
            first, last = (self._at(day, value, plot, what) for day in (low, high))
            painter.setPen(QPen(colour, 4))
            painter.drawLine(first, last)
            painter.setPen(QPen(colour, 3))
            for end in (first, last):
                painter.drawLine(end - QPointF(0, 9), end + QPointF(0, 9))

    def _paint_dots(
        self, painter: QPainter, plot: QRectF, what: Days, group: Group, look: tuple[QColor, int]
    ) -> None:
        colour, shape = look
        line = QFontMetricsF(self.font()).height()
        room = plot.width() / (3 * max(1, *(len(each.dots) for each in what.groups)))
        size = min(max(room, _LEAST_POINT * line), _POINT * line)
        for dot in group.dots:
            ground = QColor(self._palette.card)  # an edge of it keeps points apart
            painter.setPen(QPen(colour, 2) if dot.hollow else QPen(ground, 1))
            painter.setBrush(ground if dot.hollow else colour)
            at = self._at(dot.day, dot.value, plot, what)
            if _CORNERS[shape]:
                corners = [at + QPointF(x * size, y * size) for x, y in _CORNERS[shape]]
                painter.drawPolygon(QPolygonF(corners))
            else:
                painter.drawEllipse(at, size, size)

    def _paint_invalid(self, painter: QPainter, plot: QRectF, what: Days, strip: float) -> None:
        """Paint below each point how much of its time was invalid: full height is all of it."""
        hatching = QBrush(QColor(self._palette.text), Qt.BrushStyle.Dense4Pattern)
        base = plot.bottom() + 3 + strip - 2
        painter.setPen(QPen(QColor(self._palette.line), 1))
        painter.drawLine(QPointF(plot.left(), base), QPointF(plot.right(), base))
        for group in what.groups:
            for dot in group.dots:
                if dot.invalid_percent > 0:
                    height = dot.invalid_percent / 100 * (strip - 4)
                    x = self._at(dot.day, what.bottom, plot, what).x()
                    painter.fillRect(QRectF(x - 3, base - height, 6, height), hatching)
        painter.setPen(QColor(self._palette.quiet))
        box = QRectF(0, base - strip + 2, plot.left() - 6, strip - 2)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "%")


def _has_invalid(what: Days) -> bool:
    return any(dot.invalid_percent > 0 for group in what.groups for dot in group.dots)
