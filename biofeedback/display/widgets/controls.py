"""Small parts that every page is built from: cards, labels and buttons that name themselves."""

import html
import re
from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractSlider,
    QComboBox,
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)

_WORDS = re.compile(r"(?<=[\s/\-–])")  # where Qt may begin another line
_LONGEST = 18  # characters: a path or an address may be cut instead


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
    made = Button()
    rename(made, text, description)
    made.setObjectName("main" if main else "plain")
    made.clicked.connect(lambda: pressed())
    return made


def rename(made: Button, text: str, description: str) -> None:
    """Give a button another text and description."""
    made.setText(text)
    made.setAccessibleName(text.replace("&", ""))
    made.setAccessibleDescription(description)
    made.setToolTip(description)


listeners: list[Callable[[QWidget, str], None]] = []
"""Who else hears what a screen reader is to say, and of which widget."""


def announce(widget: QWidget, told: str) -> None:
    """Let a screen reader say something while `widget` is seen."""
    if told and widget.isVisible():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, told))
        for listener in listeners:
            listener(widget, told)


def literal(text: str) -> str:
    """Return `text` so that Qt shows it as it is, where it may take it for HTML: a file's label."""
    return f"<qt>{html.escape(text)}</qt>".replace("\n", "<br>")


class Chooser(QComboBox):
    """A list to choose from; long words are cut with dots, and the list itself shows them whole."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.currentTextChanged.connect(lambda text: self.setToolTip(literal(text)))

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
    """Text that wraps, and asks for the height that its lines need; no word of it is cut."""

    def __init__(self, text: str = "", style: str = "", *, wrap: bool = True) -> None:
        super().__init__(text)
        self.setObjectName(style)
        self.setWordWrap(wrap)
        self.setTextFormat(Qt.TextFormat.PlainText)
        policy = self.sizePolicy()
        policy.setHeightForWidth(wrap)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(self.minimumSizeHint().width(), hint.height()) if self.wordWrap() else hint

    def minimumSizeHint(self) -> QSize:
        if not self.wordWrap():
            return super().minimumSizeHint()
        self.ensurePolished()
        metrics = self.fontMetrics()
        widest = max(map(metrics.horizontalAdvance, _WORDS.split(self.text())), default=0)
        margins = self.contentsMargins()
        around = margins.left() + margins.right() + 2 * self.margin()
        return QSize(min(widest, _LONGEST * metrics.averageCharWidth()) + around, 0)


_SIZES = ("large", "words", "summary", "")  # of the style sheet, the largest first


def fit_text(label: Label, most_height: float, *, largest: str = _SIZES[0]) -> None:
    """Give a label the largest text with which it is no higher than that, in pixels."""
    for style in _SIZES[_SIZES.index(largest) :]:
        if label.objectName() != style:
            label.setObjectName(style)
            label.style().polish(label)
        if label.heightForWidth(label.width()) <= most_height:
            return


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


def named(rows: QVBoxLayout, field: Chooser | QLineEdit, text: str) -> Label:
    """Add `field` below its label, which names it, whose key leads to it, and which is returned."""
    label = Label(text, "quiet", wrap=False)
    label.setBuddy(field)
    name = text.replace("&", "")
    field.setAccessibleName(name)
    field.setAccessibleDescription(name)
    rows.addWidget(label)
    rows.addWidget(field)
    return label


def scrolling(inside: QWidget) -> QScrollArea:
    """Return `inside` so that it scrolls where there is no room; Page Up and Down move it.

    What has the focus stays in view.
    """
    inside.setObjectName("page")
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setWidget(inside)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def keep_in_view() -> None:
        focused = inside.window().focusWidget()  # also of a window that is not in front yet
        if focused is None or not inside.isAncestorOf(focused):
            return
        if focused.height() < scroll.viewport().height():
            scroll.ensureWidgetVisible(focused)
        else:  # its beginning
            top = focused.mapTo(inside, QPoint(0, 0))
            scroll.ensureVisible(top.x(), top.y())

    # it is laid out only after it was shown and given the focus
    scroll.verticalScrollBar().rangeChanged.connect(keep_in_view)
    return scroll


def bring_into_view(part: QWidget) -> None:
    """Scroll whatever `part` is in, so that it is seen."""
    around = part.parentWidget()
    while around is not None:
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(part)
        around = around.parentWidget()


_SCROLL: dict[int, QAbstractSlider.SliderAction] = {
    Qt.Key.Key_PageUp: QAbstractSlider.SliderAction.SliderPageStepSub,
    Qt.Key.Key_PageDown: QAbstractSlider.SliderAction.SliderPageStepAdd,
}


def scroll_by(scroll: QScrollArea, event: QKeyEvent) -> bool:
    """Scroll by a page where that is what a key asks for; return whether it is."""
    action = _SCROLL.get(event.key())
    if action is not None:
        scroll.verticalScrollBar().triggerAction(action)
    return action is not None


class Side(QWidget):
    """Lays parts side by side where each has the width that it needs, else one below the other.

    `wanted`: the least width of each, in pixels, where that is more.
    """

    def __init__(
        self, *parts: QWidget, wanted: Callable[[], int] = lambda: 0, spacing: int = 16
    ) -> None:
        super().__init__()
        self._parts, self._wanted = parts, wanted
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(spacing)
        self._arrange()

    def minimumSizeHint(self) -> QSize:
        # one below the other is always possible
        width = max(part.minimumSizeHint().width() for part in self._parts)
        return QSize(width, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # a part has come, gone or changed its words
            self._arrange()
        return super().event(event)

    def _arrange(self) -> None:
        explicit = Qt.WidgetAttribute.WA_WState_ExplicitShowHide  # before it is shown all is hidden
        shown = [p for p in self._parts if not (p.isHidden() and p.testAttribute(explicit))]
        each = max([self._wanted(), *(part.minimumSizeHint().width() for part in shown)])
        beside = self.width() >= len(shown) * (each + self._grid.spacing())
        for i, part in enumerate(shown):
            row, column = (0, i) if beside else (i, 0)
            item = self._grid.itemAtPosition(row, column)
            if item is None or item.widget() is not part:
                self._grid.addWidget(part, row, column)
        for i in range(len(self._parts)):
            self._grid.setColumnStretch(i, 1 if i == 0 or (beside and i < len(shown)) else 0)
