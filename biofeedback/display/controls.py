"""Small parts that every page is built from: cards, labels and buttons that name themselves."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)


class Button(QPushButton):
    """A button that Enter presses as well as Space."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


def button(
    text: str, description: str, pressed: Callable[[], object], *, main: bool = False
) -> Button:
    """Return a button; `description` tells a screen reader what it does and its key."""
    made = Button(text)
    made.setAccessibleName(text.replace("&", ""))
    made.setAccessibleDescription(description)
    made.setToolTip(description)
    made.setObjectName("main" if main else "plain")
    made.clicked.connect(lambda: pressed())
    return made


class Chooser(QComboBox):
    """A list to choose from; long words are cut with dots, and the list itself shows them whole."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.currentTextChanged.connect(self.setToolTip)

    def showPopup(self) -> None:
        self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + 2 * self._arrow())
        super().showPopup()

    def _arrow(self) -> int:
        return self.fontMetrics().height()

    def paintEvent(self, _event: QPaintEvent) -> None:
        # a style sheet that rounds the box takes the arrow away: draw it, in the text's colour
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        side = self._arrow()
        room = self.width() - 2 * side
        option.currentText = self.fontMetrics().elidedText(
            self.currentText(), Qt.TextElideMode.ElideRight, room
        )
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().text())
        x, y = self.width() - 1.3 * side, (self.height() - 0.3 * side) / 2
        ends = (QPointF(x, y), QPointF(x + 0.6 * side, y), QPointF(x + 0.3 * side, y + 0.35 * side))
        painter.drawPolygon(QPolygonF(ends))


class Label(QLabel):
    """Text that wraps, and asks for the height that its lines need."""

    def __init__(self, text: str = "", style: str = "", *, wrap: bool = True) -> None:
        super().__init__(text)
        self.setObjectName(style)
        self.setWordWrap(wrap)
        self.setTextFormat(Qt.TextFormat.PlainText)
        policy = self.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored if wrap else policy.Policy.Preferred)
        policy.setHeightForWidth(wrap)
        self.setSizePolicy(policy)

    def minimumSizeHint(self) -> QSize:
        return super().minimumSizeHint() if not self.wordWrap() else QSize(0, 0)


def card(*rows: QWidget, title: str = "") -> tuple[QFrame, QVBoxLayout]:
    """Return a rounded card and its layout, with `rows` in it below `title`."""
    frame = QFrame()
    frame.setObjectName("card")
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(20, 16, 20, 16)
    layout.setSpacing(10)
    if title:
        layout.addWidget(Label(title, "title"))
    for row in rows:
        layout.addWidget(row)
    return frame, layout
