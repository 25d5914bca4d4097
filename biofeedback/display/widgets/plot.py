"""What pictures of measurements have in common: their height, their colours, and their levels."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from biofeedback.display.widgets.palette import Palette

_WIDTH = 300
_GAP = 6  # px between a value and its line
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Plot(QWidget):
    """A picture at least `lines` of text high, painted in a palette; `grows`: into all there is."""

    def __init__(
        self, palette: Palette, *, lines: int, grows: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._palette, self._lines = palette, lines
        policy = QSizePolicy.Policy
        self.setSizePolicy(policy.Expanding, policy.Expanding if grows else policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, self._lines * self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def set_palette(self, palette: Palette) -> None:
        """Paint in other colours."""
        self._palette = palette
        self.update()

    def _paint_levels(self, painter: QPainter, plot: QRectF, *, bottom: float, top: float) -> None:
        """Paint lines at the bottom of `plot`, in its middle and at its top, with their values."""
        height = QFontMetricsF(self.font()).height()
        for share in (0.0, 0.5, 1.0):
            y = plot.bottom() - share * plot.height()
            painter.setPen(QPen(QColor(self._palette.line), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(QColor(self._palette.quiet))
            box = QRectF(0, y - height / 2, plot.left() - _GAP, height)
            painter.drawText(box, _RIGHT, f"{bottom + share * (top - bottom):g}")
