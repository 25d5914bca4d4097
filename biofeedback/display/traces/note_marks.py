"""Notes as they stand over a curve: a line at its time, and its text where that has room."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from biofeedback.display.widgets.palette import Palette

_PADDING = 4.0
_SHARE = 0.4  # of the width, the longest text: what is cut is whole in the list of notes
_ROWS = 3


def place(
    marks: list[tuple[float, str]], plot: QRectF, metrics: QFontMetricsF
) -> list[tuple[float, QRectF, str]]:
    """Return where each mark (its x, its text) stands: its x, its text's box, the text.

    No box lies outside of the plot or over another one; a text that has no room is left out, and
    its box is empty.
    """
    placed: list[tuple[float, QRectF, str]] = []
    height = metrics.height()
    rows = max(1, min(_ROWS, int(plot.height() // height)))
    for x, text in marks:
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, _SHARE * plot.width())
        width = metrics.horizontalAdvance(shown) + 2 * _PADDING
        at = x + 1 if x + 1 + width <= plot.right() else x - 1 - width
        boxes = [box for _x, box, _shown in placed]
        box, words = QRectF(), ""
        for row in range(rows):
            tried = QRectF(at, plot.top() + row * height, width, height)
            if at >= plot.left() and not any(tried.intersects(other) for other in boxes):
                box, words = tried, shown
                break
        placed.append((x, box, words))
    return placed


def paint_marks(
    painter: QPainter, plot: QRectF, marks: list[tuple[float, str]], palette: Palette
) -> None:
    """Paint marks over a plot, each at its x with its text."""
    for x, box, text in place(marks, plot, QFontMetricsF(painter.font())):
        painter.setPen(QPen(QColor(palette.text), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        if text:
            painter.fillRect(box, QColor(palette.card))
            painter.setPen(QColor(palette.text))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
