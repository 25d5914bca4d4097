"""A scale from 0 to 10 to answer on: by digit, by arrow, by mouse."""

from PySide6.QtCore import QEvent, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from biofeedback.display.widgets.palette import Palette
from biofeedback.text import _

MOST = 10
_MIDDLE = 5
_GAP = 0.12  # between two cells, a share of one
_ARROWS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: 1,
}


class Scale(QSlider):
    """Eleven large cells; `chosen` is the one that was chosen, None as long as none was.

    Emits `moved` when one is, and `done` where that is meant as the answer: Enter, or a click.
    """

    moved = Signal()
    done = Signal()

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._palette = palette
        self.chosen: int | None = None
        self.setRange(0, MOST)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(_("Answer from 0 to 10"))
        self.valueChanged.connect(self.choose)  # by the wheel, or by what assists a person

    def sizeHint(self) -> QSize:
        return QSize(200, round(3.6 * self.fontMetrics().height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, round(2.5 * self.fontMetrics().height()))

    def ask(self, name: str, description: str) -> None:
        """Begin anew, for a question."""
        with QSignalBlocker(self):
            self.setValue(_MIDDLE)
        self.chosen = None
        self.setAccessibleName(name)
        self.setAccessibleDescription(description)
        self.update()

    def choose(self, value: int) -> None:
        """Mark `value`."""
        self.chosen = value
        self.setValue(value)
        self.update()
        self.moved.emit()

    def _digit(self, digit: int) -> int:
        """Return what a digit means: 1 and then 0 is 10."""
        return MOST if digit == 0 and self.chosen == 1 else digit

    def event(self, event: QEvent) -> bool:
        asks = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride
        if asks and event.text().isdecimal():  # type: ignore[attr-defined]
            event.accept()  # a digit is an answer here, whatever it means elsewhere
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if event.text().isdecimal():
            self.choose(self._digit(int(event.text())))
        elif key in _ARROWS:
            at = _MIDDLE if self.chosen is None else self.chosen + _ARROWS[Qt.Key(key)]
            self.choose(min(max(at, 0), MOST))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.done.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.choose(min(max(int(event.position().x() / self.width() * (MOST + 1)), 0), MOST))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self.done.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        each = self.width() / (MOST + 1)
        inset = _GAP * each / 2
        font = self.font()
        font.setPixelSize(max(8, int(min(0.5 * each, 0.5 * self.height()))))
        painter.setFont(font)
        if self.hasFocus() and self.chosen is None:
            painter.setPen(QPen(QColor(self._palette.focus), 3))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), 8, 8)
        for value in range(MOST + 1):
            box = QRectF(value * each + inset, 7, each - 2 * inset, self.height() - 14)
            marked = value == self.chosen
            focused = self.hasFocus() and marked
            edge = self._palette.focus if focused else self._palette.line
            painter.setPen(QPen(QColor(edge), 3 if focused else 2))
            painter.setBrush(QColor(self._palette.button if marked else self._palette.card))
            painter.drawRoundedRect(box, 8, 8)
            painter.setPen(QColor(self._palette.on_button if marked else self._palette.text))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, f"{value}")
        painter.end()
