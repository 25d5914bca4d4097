"""The list of ports: as high as its rows, and with a choice that holds still."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QResizeEvent

from biofeedback.display.widgets.wrapped_list import WrappedList
from biofeedback.sources.ports import Port
from biofeedback.text import _


class PortList(WrappedList):
    """Emits `moved` with the `Port` that a person goes to; not where `show_rows` chooses one."""

    moved = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._shown: list[tuple[Port, str]] | None = None
        self.setAccessibleName(_("Boards"))
        self.setAccessibleDescription(_("No board is plugged in."))
        self.currentRowChanged.connect(self._tell)

    def show_rows(self, rows: Sequence[tuple[Port, str]], current: Port | None) -> None:
        """Show `rows` of ports and their texts, with `current` chosen."""
        self.blockSignals(True)  # noqa: FBT003 - Qt's
        if self._shown != list(rows):
            self._refill(rows)
            self._shown = list(rows)
        for i, (port, _text) in enumerate(rows):
            if port == current and self.currentRow() != i:
                self.setCurrentRow(i)
        self.blockSignals(False)  # noqa: FBT003

    def _refill(self, rows: Sequence[tuple[Port, str]]) -> None:
        if [port for port, _text in self._shown or []] == [port for port, _text in rows] and rows:
            for i, (_port, text) in enumerate(rows):
                self.item(i).setText(text)
        else:
            self.clear()
            self.addItems([text for _port, text in rows])
        if not rows:
            self.add_remark(_("No board is plugged in yet."))
        self._fit()

    def _tell(self, row: int) -> None:
        if self._shown and 0 <= row < len(self._shown):
            self.moved.emit(self._shown[row][0])

    def _fit(self) -> None:
        """Be as high as the rows."""
        rows = sum(self.sizeHintForRow(i) for i in range(self.count()))
        height = rows + 2 * self.frameWidth() + 4
        if height != self.height():
            self.setFixedHeight(height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.doItemsLayout()
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.doItemsLayout()
            self._fit()
