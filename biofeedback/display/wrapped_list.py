"""A list whose lines wrap."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtWidgets import (
    QListWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

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
    """A list of texts, each as high as its lines need."""

    def __init__(self) -> None:
        super().__init__()
        self.setItemDelegate(_Lines(self))
        self.setWordWrap(True)
        self.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
