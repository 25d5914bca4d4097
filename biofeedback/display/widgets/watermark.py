"""The word across a plot that shows a simulated signal, so that nobody takes it for a muscle."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from biofeedback.display.widgets.palette import Palette
from biofeedback.text import _

_OPACITY = 0.25
_SHARE = 0.7  # of its parent's width or height


class Watermark(QWidget):
    """Lies over the whole of `parent`, lets everything through, and follows its size."""

    def __init__(self, parent: QWidget, palette: Palette) -> None:
        super().__init__(parent)
        self._parent = parent
        self._colour = QColor(palette.warning)
        self._painted = QPixmap()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(_("Simulated signal"))
        parent.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        parent = self._parent
        text = _("SIMULATED")
        font = QFont(self.font())
        font.setWeight(QFont.Weight.Bold)
        font.setPixelSize(100)
        metrics = QFontMetricsF(font)
        scale = min(
            _SHARE * parent.width() / metrics.horizontalAdvance(text),
            _SHARE * parent.height() / metrics.height(),
        )
        font.setPixelSize(max(10, int(100 * scale)))
        metrics = QFontMetricsF(font)
        width, height = int(metrics.horizontalAdvance(text)) + 4, int(metrics.height())
        self.setGeometry(
            (parent.width() - width) // 2, (parent.height() - height) // 2, width, height
        )
        self._painted = QPixmap(self.size() * self.devicePixelRatioF())
        self._painted.setDevicePixelRatio(self.devicePixelRatioF())
        self._painted.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._painted)
        painter.setOpacity(_OPACITY)
        painter.setFont(font)
        painter.setPen(self._colour)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)
        painter.end()
        self.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._painted)
        painter.end()
