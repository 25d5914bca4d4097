"""A list whose lines wrap, and one of many short lines."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from biofeedback.display.widgets.style import dense

_TALL = 10_000


class _Lines(QStyledItemDelegate):
    """Gives a row the height of its wrapped lines; Qt forgets the padding of the style sheet."""

    def __init__(self, rows: QListWidget) -> None:
        super().__init__(rows)
        self._rows = rows

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        own = QStyleOptionViewItem(option)
        self.initStyleOption(own, index)
        style, width = self._rows.style(), self._rows.viewport().width()
        own.rect = QRect(0, 0, width, _TALL)
        room = style.subElementRect(QStyle.SubElement.SE_ItemViewItemText, own, self._rows)
        margin = style.pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, own, self._rows) + 1
        room.setWidth(room.width() - 2 * margin)
        lines = own.fontMetrics.boundingRect(room, Qt.TextFlag.TextWordWrap, index.data())
        return QSize(width, lines.height() + _TALL - room.height())


class WrappedList(QListWidget):
    """A list of texts, each as high as its lines need.

    It makes its items itself: those made in Python have crashed the program at a later `clear`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setItemDelegate(_Lines(self))
        self.setWordWrap(True)
        self.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def add_remark(self, text: str) -> None:
        """Add a line that is read, and cannot be chosen."""
        self.addItem(text)
        self.item(self.count() - 1).setFlags(Qt.ItemFlag.ItemIsEnabled)


class DenseList(WrappedList):
    """One whose small lines stand close; it asks for the room of three, and takes what is left."""

    def __init__(self) -> None:
        super().__init__()
        self.setStyleSheet("QListWidget::item { padding: 1px 6px; }")

    def add(self, text: str = "") -> QListWidgetItem:
        """Add a line, and return it."""
        self.addItem(text)
        item = self.item(self.count() - 1)
        item.setFont(self.font_of(bold=False))
        return item

    def font_of(self, *, bold: bool) -> QFont:
        """Return the font of its lines: that of the style sheet would hide one of the list."""
        font = dense(self.font())
        font.setBold(bold)
        return font

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(10 * line, 4 * line)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()
