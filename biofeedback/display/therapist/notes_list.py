"""The notes of a sitting as a list, which can be changed and taken back until it ends."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from biofeedback.display.sitting.view_model import clock_word
from biofeedback.display.widgets.controls import Label
from biofeedback.display.widgets.style import dense
from biofeedback.display.widgets.wrapped_list import DenseList
from biofeedback.stream import Annotation
from biofeedback.text import _


class NotesList(QWidget):
    """Shows notes, the newest last; emits `change` or `remove` with the one that is meant."""

    change = Signal(object)
    remove = Signal(object)

    def __init__(self, markers: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._notes: list[Annotation] = []
        self.rows = DenseList()
        self.rows.setAccessibleName(_("Notes of this sitting"))
        self.rows.setAccessibleDescription(_("Enter changes the marked one, Delete takes it back"))
        self.rows.itemDoubleClicked.connect(lambda _item: self._want(self.change.emit))
        keys = [f"{n} {text}" for n, text in enumerate(markers, start=1) if text]
        whole = [key.replace(" ", "\u00a0") for key in keys]  # a line ends between them only
        self.legend = Label("\u00a0· ".join(whole), "quiet")
        size = dense(self.font()).pointSizeF()  # that of the window's style sheet is larger
        self.legend.setStyleSheet(f"font-size: {size:.1f}pt")
        self.legend.setAccessibleName(_("Markers by digit"))
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(4)
        rows.addWidget(Label(_("Notes"), "title"))
        rows.addWidget(self.rows, 1)
        rows.addWidget(self.legend)

    def show_notes(self, notes: list[Annotation]) -> None:
        """Show `notes`, where they are others than before; the newest is in view."""
        if notes == self._notes:
            return
        more = len(notes) > len(self._notes)
        at = len(notes) - 1 if more else min(self.rows.currentRow(), len(notes) - 1)
        self._notes = list(notes)
        self.rows.clear()
        for note in notes:
            self.rows.add(f"{clock_word(note.onset_s)}  {note.text}")
        if notes:
            self.rows.setCurrentRow(at)
            self.rows.scrollToItem(self.rows.item(at))

    def _want(self, tell: Callable[[Annotation], object]) -> None:
        at = self.rows.currentRow()
        if 0 <= at < len(self._notes):
            tell(self._notes[at])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._want(self.change.emit)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._want(self.remove.emit)
        else:
            super().keyPressEvent(event)
