"""The page after a training: three sentences, one picture, the numbers, and what was kept where."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from biofeedback.display.controls import (
    Label,
    Side,
    announce,
    button,
    card,
    scroll_by,
    scrolling,
)
from biofeedback.display.palette import Palette
from biofeedback.display.playback_entry import Entry
from biofeedback.display.sitting import Sitting
from biofeedback.display.sitting_picture import SittingPicture, drawn
from biofeedback.display.summary_words import level_key, level_unit, sentences, table
from biofeedback.text import _


class SummaryPage(QWidget):
    """Shows a `Sitting` that has ended; emits `again` for another one, `done` to leave."""

    again = Signal()
    done = Signal()
    message = Signal(str)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sitting: Sitting | None = None
        self._told = ""
        self._tag = Label(_("SIMULATED"), "tag", wrap=False)
        self._early = Label()
        self._sentences = [Label("", "summary") for _sentence in range(3)]
        self._legend, self.picture = Label("", "quiet"), SittingPicture(palette)
        self.numbers = QGridLayout()
        self.numbers.setHorizontalSpacing(24)
        self._cells: list[Label] = []
        self._kept = Label("", "quiet")
        self.note = Entry()
        self.note.kept.connect(self._keep_note)
        self.note.closed.connect(self.focus_first)
        self._note_button = button(
            _("&Note"), _("Write down what you noticed, for the journal"), self._ask_note
        )
        again = button(_("&Again"), _("The same training once more"), self.again.emit)
        self._done = button(_("&Done"), _("To the start page (Enter)"), self.done.emit, main=True)
        self._lay_out(again)

    def _lay_out(self, again: QWidget) -> None:
        inside = QWidget()
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(24, 8, 24, 8)
        rows.setSpacing(16)
        heading = QHBoxLayout()
        heading.addWidget(Label(_("What came of it"), "heading"), 1)
        heading.addWidget(self._tag)
        rows.addLayout(heading)
        rows.addWidget(self._early)
        rows.addWidget(card(*self._sentences)[0])
        rows.addWidget(card(self._legend, self.picture)[0])
        numbers, number_rows = card(title=_("Numbers"))
        number_rows.addLayout(self.numbers)
        rows.addWidget(numbers)
        rows.addWidget(self._kept)
        rows.addStretch(1)
        below = QVBoxLayout()
        below.setContentsMargins(24, 8, 24, 16)
        below.addWidget(self.note)
        below.addWidget(Side(self._note_button, again, self._done, spacing=10))
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.setSpacing(0)
        self._scroll = scrolling(inside)
        outside.addWidget(self._scroll, 1)
        outside.addLayout(below)

    def show_sitting(self, sitting: Sitting, said: str) -> None:
        """Show what came of `sitting`; `said`: what was recorded and kept."""
        told = sitting.outcome
        if told is None:
            return
        self._sitting = sitting
        self._tag.setVisible(told["simulated"])
        early = "" if told["whole"] else _("It was ended early: this is what there is of it.")
        error = sitting.session.error
        self._early.setText(" ".join(filter(None, [early, str(error) if error else ""])))
        self._early.setVisible(bool(self._early.text()))
        words = sentences(told)
        for label, text in zip(self._sentences, words, strict=True):
            label.setText(text)
        picture = drawn(sitting.session, told, level_unit(told), level_key(told))
        self._legend.setText(picture.legend)
        self.picture.show_drawn(picture)
        self.picture.setAccessibleDescription(" ".join(words))
        self._show_numbers(table(told))
        self._kept.setText(said or _("Nothing was recorded, and nothing is kept."))
        self._note_button.setVisible(sitting.kept)
        self.note.hide()
        self._scroll.verticalScrollBar().setValue(0)
        self._told = " ".join(filter(None, [self._early.text(), *words]))

    def _show_numbers(self, rows: list[tuple[str, str]]) -> None:
        for cell in self._cells:
            cell.hide()
            cell.deleteLater()
        self._cells = []
        for i, row in enumerate(rows):
            for j, text in enumerate(row):
                cell = Label(text, "" if j else "quiet")
                self.numbers.addWidget(cell, i, j)
                self._cells.append(cell)
        self.numbers.setColumnStretch(0, 3)
        self.numbers.setColumnStretch(1, 2)

    def set_palette(self, palette: Palette) -> None:
        """Paint in other colours."""
        self.picture.set_palette(palette)

    def _ask_note(self) -> None:
        self.note.ask(_("What did you notice?"), "")

    def _keep_note(self, text: str) -> None:
        self.note.hide()
        if self._sitting is not None and text.strip():
            self.message.emit(self._sitting.note_after(text))
        self.focus_first()

    def focus_first(self) -> None:
        """Put the focus on Done."""
        self._done.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        announce(self, self._told)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not scroll_by(self._scroll, event):
            super().keyPressEvent(event)
