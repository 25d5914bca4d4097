"""Drawings made of lines and words: vectors in units of the text's height, in the palette."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from biofeedback.display.widgets.palette import Palette

_WRAPPED = Qt.TextFlag.TextWordWrap
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_TEXT = 0.78  # of a unit: the pixels of a font whose line is one unit high
_SMALLEST = 6


class Canvas:
    """Draws in units; `scale` is how many pixels one has. Words shrink before they are cut off."""

    def __init__(self, painter: QPainter, palette: Palette, font: QFont, scale: float) -> None:
        self._painter, self.palette, self._font, self._scale = painter, palette, font, scale
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _rect(self, x: float, y: float, width: float, height: float) -> QRectF:
        s = self._scale
        return QRectF(x * s, y * s, width * s, height * s)

    def _pen(self, colour: str, width: float, *, dashed: bool = False) -> QPen:
        pen = QPen(QColor(colour), width * self._scale)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if dashed:
            pen.setDashPattern([3.0, 1.5])
        return pen

    def box(self, x: float, y: float, width: float, height: float, *, fill: str) -> None:
        """Draw a rounded box."""
        self._painter.setPen(self._pen(self.palette.text, 0.1))
        self._painter.setBrush(QColor(fill))
        self._painter.drawRoundedRect(
            self._rect(x, y, width, height), 0.6 * self._scale, 0.6 * self._scale
        )

    def line(
        self, *points: tuple[float, float], colour: str, width: float = 0.1, dashed: bool = False
    ) -> None:
        """Draw a line through `points`."""
        self._painter.setPen(self._pen(colour, width, dashed=dashed))
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.drawPolyline(QPolygonF([QPointF(x, y) * self._scale for x, y in points]))

    def disc(self, x: float, y: float, radius: float, *, fill: str) -> None:
        """Draw a disc with an edge."""
        self._painter.setPen(self._pen(self.palette.text, 0.12))
        self._painter.setBrush(QColor(fill))
        self._painter.drawEllipse(self._rect(x - radius, y - radius, 2 * radius, 2 * radius))

    def shape(self, points: list[tuple[float, float]], *, fill: str) -> None:
        """Draw a filled shape with an edge."""
        self._painter.setPen(self._pen(self.palette.text, 0.1))
        self._painter.setBrush(QColor(fill))
        self._painter.drawPolygon(QPolygonF([QPointF(x, y) * self._scale for x, y in points]))

    def text(
        self,
        place: tuple[float, float, float, float],
        text: str,
        *,
        align: Qt.AlignmentFlag = _LEFT,
        colour: str = "",
        bold: bool = False,
    ) -> None:
        """Write `text` into `place` (x, y, width, height), so small that all of it is there."""
        rect = self._rect(*place)
        font = QFont(self._font)
        font.setBold(bold)
        size = max(_SMALLEST, round(_TEXT * self._scale))
        while True:
            font.setPixelSize(size)
            needed = QFontMetricsF(font).boundingRect(rect, int(align | _WRAPPED), text)
            if size <= _SMALLEST or rect.adjusted(-1, -1, 1, 1).contains(needed):
                break
            size -= 1
        self._painter.setFont(font)
        self._painter.setPen(QColor(colour or self.palette.text))
        self._painter.drawText(rect, int(align | _WRAPPED), text)


class Picture(QWidget):
    """A drawing of `units` (width, height); `words` say all that it shows, for who cannot see it.

    It takes the focus, so that its words are read and keys scroll to it.
    """

    def __init__(
        self,
        draw: Callable[[Canvas], None],
        units: tuple[float, float],
        palette: Palette,
        *,
        title: str,
        words: str,
    ) -> None:
        super().__init__()
        self._draw, self._units, self._palette = draw, units, palette
        self.setAccessibleName(title)
        self.setAccessibleDescription(words)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self._palette = palette
        self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        across, down = self._units
        return round(min(width, self.sizeHint().width()) * down / across)

    def sizeHint(self) -> QSize:
        across, down = self._units
        unit = self.fontMetrics().height()
        return QSize(round(across * unit), round(down * unit))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint() / 2

    def paintEvent(self, _event: QPaintEvent) -> None:
        across, down = self._units
        painter = QPainter(self)
        scale = min(self.width() / across, self.height() / down)
        painter.save()
        painter.translate((self.width() - scale * across) / 2, 0)
        self._draw(Canvas(painter, self._palette, self.font(), scale))
        painter.restore()
        if self.hasFocus():
            painter.setPen(QPen(QColor(self._palette.focus), 3))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), 8, 8)
        painter.end()
