"""What stands around and over the traces of a sweep: labels, scales, thresholds, warnings."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QPolygonF

from biofeedback.display.widgets.palette import Palette
from biofeedback.text import _

_MARK = 14  # room for the mark of the chosen channel
_GAP = 6
_WIDEST_LABEL = 0.24  # of the whole
_LABEL_SHARES = (1.0, 0.92, 0.84, 0.76, 0.68, 0.6)
_WATERMARK_ALPHA = 88
_LEFT = Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignRight
_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_WRAP = Qt.TextFlag.TextWordWrap
_LABEL_FLAGS = int(_LEFT | _MIDDLE | _WRAP)


@dataclass(frozen=True, slots=True)
class Strip:
    """One channel as it is to be shown; `threshold` NaN: none."""

    label: str
    unit: str
    scale: float
    threshold: float
    no_reading: bool
    warning: str
    warning_word: str
    """The same, short."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Where things stand, in logical pixels: `plot` holds the strips, `height` each."""

    plot: QRectF
    height: float
    label: int
    """Width of the labels."""

    def strip(self, number: int) -> QRectF:
        """Return the plot of one channel."""
        top = self.plot.top() + number * self.height
        return QRectF(self.plot.left(), top, self.plot.width(), self.height)

    def y_of(self, number: int, share: float) -> float:
        """Return where a share of the scale stands, from -1 to 1."""
        strip = self.strip(number)
        half = (strip.height() - 2) / 2
        return strip.top() + half - min(max(share, -1.0), 1.0) * half

    def share_at(self, number: int, y: float) -> float:
        """Return the share of the scale at a height: the inverse of `y_of`."""
        half = (self.height - 2) / 2
        return (self.strip(number).top() + half - y) / half


def lay_out(width: int, height: int, labels: list[str], units: set[str], font: QFont) -> Frame:
    """Return the frame of strips in a widget of `width` and `height`."""
    metrics = QFontMetrics(font)
    words = [word for label in labels for word in label.split()]
    bold = QFontMetrics(_sized(font, 1.0, bold=True))  # the chosen one's
    widest = max((bold.horizontalAdvance(word) for word in words), default=0) + 2
    label = min(widest, int(_WIDEST_LABEL * width))
    ticks = max(metrics.horizontalAdvance(f"5000 {unit}") for unit in units or {""})
    left = _MARK + label + _GAP + ticks + _GAP
    right = handle_size(metrics) + metrics.horizontalAdvance("8888") + _GAP
    top, bottom = 3, metrics.height() + _GAP
    plot = QRectF(left, top, max(1, width - left - right), max(1, height - top - bottom))
    return Frame(plot, plot.height() / max(1, len(labels)), label)


def fit_label(label: str, room: QRect, font: QFont) -> tuple[QFont, str]:
    """Return the font that lets a label stand whole in `room`; else the least, and it cut."""
    for share in _LABEL_SHARES:
        sized = _sized(font, share, bold=font.bold())
        box = QFontMetrics(sized).boundingRect(room, _LABEL_FLAGS, label)
        if box.width() <= room.width() and box.height() <= room.height():
            return sized, label
    # its end says which side it is
    middle = Qt.TextElideMode.ElideMiddle
    return sized, QFontMetrics(sized).elidedText(label, middle, room.width())


def _sized(font: QFont, share: float, *, bold: bool) -> QFont:
    sized = QFont(font)
    sized.setPointSizeF(font.pointSizeF() * share)
    sized.setBold(bold)
    return sized


def least_height(n_channels: int, font: QFont) -> int:
    """Return the height that lets the label stand beside every channel, two lines of it small."""
    line = QFontMetrics(font).height()
    return math.ceil(n_channels * 1.6 * line + line + _GAP + 3)


def handle_size(metrics: QFontMetrics) -> int:
    """Return the width of the mark that a threshold is dragged by."""
    return round(metrics.height() * 0.55)


def paint_overlay(
    painter: QPainter,
    frame: Frame,
    strips: list[Strip],
    *,
    chosen: int,
    seconds: float,
    simulated: bool,
    palette: Palette,
) -> None:
    """Paint all but the traces; what lies over them is thin or translucent."""
    _time_axis(painter, frame, seconds, palette)
    if simulated:
        _watermark(painter, frame, palette)
    for number, strip in enumerate(strips):
        mine = number == chosen and len(strips) > 1
        _label(painter, frame, number, strip, palette, chosen=mine)
        _scale(painter, frame, number, strip, palette)
        if not math.isnan(strip.threshold):
            _threshold(painter, frame, number, strip, palette)
        if strip.warning:
            _warning(painter, frame.strip(number), strip, palette)


def _label(
    painter: QPainter, frame: Frame, number: int, strip: Strip, palette: Palette, *, chosen: bool
) -> None:
    rect = frame.strip(number)
    box = QRectF(_MARK, rect.top(), frame.label, rect.height() - 1)
    if chosen:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.target_band))
        ground = QRectF(1, rect.top() + 1, rect.left() - 2, rect.height() - 3)
        painter.drawRoundedRect(ground, 4, 4)
        painter.setBrush(QColor(palette.text))
        x, y = 3.0, rect.center().y()
        painter.drawPolygon(QPolygonF([QPointF(x, y - 6), QPointF(x + 8, y), QPointF(x, y + 6)]))
    painter.save()
    font, text = fit_label(strip.label, box.toRect(), _sized(painter.font(), 1.0, bold=chosen))
    painter.setFont(font)
    painter.setPen(QColor(palette.text))
    painter.drawText(box, _LABEL_FLAGS, text)
    painter.restore()


def _scale(painter: QPainter, frame: Frame, number: int, strip: Strip, palette: Palette) -> None:
    rect, line = frame.strip(number), painter.fontMetrics().height()
    box = QRectF(_MARK + frame.label, rect.top(), rect.left() - _MARK - frame.label - _GAP, line)
    painter.setPen(QColor(palette.quiet))
    painter.drawText(box, _RIGHT | _MIDDLE, f"{strip.scale:g} {strip.unit}")
    if rect.height() >= 3 * line:
        box.moveTop(frame.y_of(number, 0) - line / 2)
        painter.drawText(box, _RIGHT | _MIDDLE, "0")
    if rect.height() >= 4 * line:
        box.moveBottom(rect.bottom() - 1)
        painter.drawText(box, _RIGHT | _MIDDLE, f"−{strip.scale:g}")


def _threshold(
    painter: QPainter, frame: Frame, number: int, strip: Strip, palette: Palette
) -> None:
    rect, metrics = frame.strip(number), painter.fontMetrics()
    y = frame.y_of(number, strip.threshold / strip.scale)
    painter.setPen(QPen(QColor(palette.text), 1, Qt.PenStyle.DashLine))
    at = round(y) + 0.5
    painter.drawLine(QPointF(rect.left(), at), QPointF(rect.right(), at))
    size = handle_size(metrics)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(palette.text))
    x, half = rect.right() + 1, size * 0.6
    painter.drawPolygon(
        QPolygonF([QPointF(x, at), QPointF(x + size, at - half), QPointF(x + size, at + half)])
    )
    painter.setPen(QColor(palette.text))
    line = metrics.height()
    top = min(max(y - line / 2, rect.top()), rect.bottom() - line)
    box = QRectF(x + size + 2, top, metrics.horizontalAdvance("8888") + _GAP, line)
    painter.drawText(box, _LEFT | _MIDDLE, short_number(strip.threshold))


def short_number(value: float) -> str:
    """Return a number in at most four signs, where that can be."""
    if value >= 99.5:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 0.95 else f"{value:.2f}"


def _warning(painter: QPainter, rect: QRectF, strip: Strip, palette: Palette) -> None:
    metrics = painter.fontMetrics()
    line = metrics.height()
    room = QRect(0, 0, int(rect.width() - 2 * line - 28), int(rect.height()))
    text = strip.warning
    box = metrics.boundingRect(room, int(_LEFT | _WRAP), text)
    if box.height() > max(1.2 * line, 0.6 * rect.height()) or box.width() > room.width():
        text = strip.warning_word
        box = metrics.boundingRect(room, int(_LEFT | _WRAP), text)
    pill = QRectF(0, 0, box.width() + line + 24, min(box.height() + 8, rect.height() - 4))
    pill.moveCenter(rect.center())
    if rect.height() > 6 * line:  # clear of the watermark
        pill.moveTop(rect.top() + line)
    if not strip.no_reading:  # the signal is to be seen: out of its way
        pill.moveTopRight(QPointF(rect.right() - 4, rect.top() + 2))
    painter.setPen(QPen(QColor(palette.warning), 1.5))
    painter.setBrush(QColor(palette.card))
    painter.drawRoundedRect(pill, 6, 6)
    warning_sign(
        painter, QRectF(pill.left() + 8, pill.center().y() - line / 2, line, line), palette
    )
    painter.setPen(QColor(palette.text))
    inside = pill.adjusted(line + 14, 0, -4, 0)
    painter.drawText(inside, int(_LEFT | _MIDDLE | _WRAP), text)


def warning_sign(painter: QPainter, rect: QRectF, palette: Palette) -> None:
    """Paint a triangle with an exclamation mark: a shape, for those who see no colour."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(palette.warning))
    inside = rect.adjusted(0, rect.height() * 0.06, 0, -rect.height() * 0.06)
    painter.drawPolygon(
        QPolygonF(
            [QPointF(inside.center().x(), inside.top()), inside.bottomRight(), inside.bottomLeft()]
        )
    )
    painter.setBrush(QColor(palette.card))
    x, w, h = inside.center().x(), inside.width() * 0.12, inside.height()
    painter.drawRect(QRectF(x - w / 2, inside.top() + 0.36 * h, w, 0.32 * h))
    painter.drawRect(QRectF(x - w / 2, inside.top() + 0.76 * h, w, w))


def _time_axis(painter: QPainter, frame: Frame, seconds: float, palette: Palette) -> None:
    metrics, plot = painter.fontMetrics(), frame.plot
    painter.setPen(QColor(palette.quiet))
    widest = metrics.horizontalAdvance("10 s") * 1.6
    step = next(n for n in (1, 2, 5, 10) if n * plot.width() / seconds > widest or n == 10)
    for second in range(0, int(seconds) + 1, step):
        x = plot.left() + plot.width() * second / seconds
        box = QRectF(x - widest, plot.bottom() + 2, 2 * widest, metrics.height())
        text = _("{n} s").format(n=second) if second == int(seconds) else str(second)
        painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | _MIDDLE, text)


def _watermark(painter: QPainter, frame: Frame, palette: Palette) -> None:
    word = _("SIMULATED")
    painter.save()
    font = QFont(painter.font())
    font.setBold(True)
    font.setPixelSize(100)
    wide = QFontMetrics(font).horizontalAdvance(word)
    size = min(80 * frame.plot.width() / wide, 0.5 * frame.plot.height())
    font.setPixelSize(max(10, int(size)))
    painter.setFont(font)
    colour = QColor(palette.text)
    colour.setAlpha(_WATERMARK_ALPHA)
    painter.setPen(colour)
    painter.drawText(frame.plot, Qt.AlignmentFlag.AlignCenter, word)
    painter.restore()
