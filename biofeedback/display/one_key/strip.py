"""What is seen of one key: a frame around what is highlighted, and a strip that says it."""

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from biofeedback.display.widgets.controls import Label, fit_text
from biofeedback.display.widgets.palette import Palette

_FRAME, _EDGE = 6, 3  # px: the frame, and the edge in the colour of the ground on both its sides
_OUTSIDE = 5  # px around what is framed
_SHARE = 0.12  # of the window's height, the most that a line may take


class Mark(QWidget):
    """A frame around a part of the window or dialog it is in; nothing is hidden behind it."""

    def __init__(self, around: QWidget, palette: Palette) -> None:
        super().__init__(around.window())
        self._window = around.window()
        self._palette = palette
        self.setObjectName("one key")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.follow(around)
        self.show()

    def fits(self, around: QWidget, palette: Palette) -> bool:
        """Whether it is in the window of `around`, and in these colours."""
        return around.window() is self._window and palette is self._palette

    def follow(self, around: QWidget) -> None:
        """Go where `around` is now, above all else."""
        inside = QRect(around.mapTo(self._window, QPoint(0, 0)), around.size())
        margin = _OUTSIDE + _FRAME
        wanted = inside.adjusted(-margin, -margin, margin, margin) & self._seen(around)
        if wanted != self.geometry():
            self.setGeometry(wanted)
            thick = _FRAME + 2 * _EDGE
            self.setMask(
                QRegion(self.rect()) - QRegion(self.rect().adjusted(thick, thick, -thick, -thick))
            )
        self.raise_()

    def _seen(self, around: QWidget) -> QRect:
        """Return where `around` can be seen: what scrolls is cut off."""
        seen, outer = self._window.rect(), around.parentWidget()
        while outer is not None and outer is not self._window:
            if isinstance(outer, QScrollArea):
                seen &= QRect(outer.mapTo(self._window, QPoint(0, 0)), outer.size())
            outer = outer.parentWidget()
        return seen

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._palette.ground))
        inner = self.rect().adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)
        painter.fillRect(inner, QColor(self._palette.focus))
        hole = inner.adjusted(_FRAME, _FRAME, -_FRAME, -_FRAME)
        painter.fillRect(hole, QColor(self._palette.ground))
        painter.end()


class Marker:
    """Puts the one frame there is where it belongs, in whichever window that is."""

    def __init__(self) -> None:
        self._mark: Mark | None = None

    def mark(self, around: QWidget | None, palette: Palette) -> None:
        """Frame `around`, or nothing where it cannot be seen."""
        mark = self._mark
        if around is None or not isValid(around) or not around.isVisible():
            self.clear()
        elif mark is None or not isValid(mark) or not mark.fits(around, palette):
            self.clear()
            self._mark = Mark(around, palette)
        else:
            mark.follow(around)

    def clear(self) -> None:
        """Take the frame away."""
        if self._mark is not None and isValid(self._mark):
            self._mark.hide()
            self._mark.deleteLater()
        self._mark = None


class Strip(QFrame):
    """Two lines at the bottom of the window: what is highlighted, and what the key does with it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("card")
        self._name, self._keys = Label("", "words"), Label("", "quiet")
        rows = QVBoxLayout(self)
        rows.setContentsMargins(20, 8, 20, 8)
        rows.setSpacing(2)
        for label in (self._name, self._keys):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            rows.addWidget(label)
        self.hide()

    def say(self, name: str, keys: str) -> None:
        """Show both lines; the first only where there is something in it."""
        if (name, keys) != (self._name.text(), self._keys.text()):
            self._name.setText(name)
            self._name.setVisible(bool(name))
            self._keys.setText(keys)
            self.setAccessibleName(f"{name}. {keys}")
            self._fit()

    def _fit(self) -> None:
        fit_text(self._name, _SHARE * self.window().height(), largest="words")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
