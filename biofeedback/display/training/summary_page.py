"""The page after a training: three sentences, one picture, the numbers, and what was kept where."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from biofeedback.display.sitting.noted import left_out_words
from biofeedback.display.sitting.sitting import Sitting
from biofeedback.display.sitting.whose import Whose
from biofeedback.display.training.picture import SittingPicture, drawn
from biofeedback.display.training.pressures import AROUND, KIND, pressure_rows, typed_pressure
from biofeedback.display.training.summary_words import level_key, level_unit, sentences, table
from biofeedback.display.widgets.controls import (
    Label,
    Side,
    announce,
    button,
    card,
    scroll_by,
    scrolling,
)
from biofeedback.display.widgets.entry import Entry
from biofeedback.display.widgets.leave_out import LeaveOut, show_whether
from biofeedback.display.widgets.palette import Palette
from biofeedback.display.widgets.report_button import Make, ReportButton
from biofeedback.errors import BiofeedbackError
from biofeedback.reports.parts import name_for
from biofeedback.text import _
from biofeedback.training.progress import Pause

_MARGIN, _BESIDE = 24, 10
_ASKED = 4  # buttons, each as wide as the two beside them


class SummaryPage(QWidget):
    """Shows a `Sitting` that has ended; emits `again` for another one, `done` to leave."""

    again = Signal()
    done = Signal()
    message = Signal(str)

    def __init__(
        self,
        palette: Palette,
        whose: Whose,
        parent: QWidget | None = None,
        *,
        today: Callable[[], date] = date.today,
    ) -> None:
        super().__init__(parent)
        self._whose, self._today = whose, today
        self._sitting: Sitting | None = None
        self._ended = datetime.now(UTC)
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
        self.pressure = Entry()
        self.pressure.kept.connect(self._keep_pressure)
        self.pressure.closed.connect(self.focus_first)
        self._pressure_button = button(
            _("Blood &pressure"),
            _("Write down what a cuff measures now, for the journal"),
            self._ask_pressure,
        )
        self.leave_out = LeaveOut()
        self.leave_out.chosen.connect(self._leave_out)
        self.leave_out.closed.connect(self.focus_first)
        self._left_out = Label()
        self._out_button = button("", "", self._ask_leave_out)
        self.report = ReportButton(
            _("Save a &report …"),
            _("A page to print: the numbers, the picture and what they mean"),
            make=self._make_report,
            name=lambda: name_for(f"{self._protocol()}-{self._today()}"),
        )
        self.report.message.connect(self.message)
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
        rows.addWidget(self._left_out)
        rows.addWidget(card(*self._sentences)[0])
        rows.addWidget(card(self._legend, self.picture)[0])
        numbers, number_rows = card(title=_("Numbers"))
        number_rows.addLayout(self.numbers)
        rows.addWidget(numbers)
        rows.addWidget(self._kept)
        rows.addStretch(1)
        self._rows = rows
        below = QVBoxLayout()
        below.setContentsMargins(24, 8, 24, 16)
        below.addWidget(self.note)
        below.addWidget(self.pressure)
        below.addWidget(self.leave_out)
        asked = (self._note_button, self._pressure_button, self._out_button, self.report)
        self._asked = Side(*asked, spacing=_BESIDE)
        self._foot = QHBoxLayout()
        self._foot.setSpacing(_BESIDE)
        self._foot.addWidget(self._asked, _ASKED)
        self._foot.addWidget(Side(again, self._done, spacing=_BESIDE), 2)
        below.addLayout(self._foot)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.setSpacing(0)
        self._scroll = scrolling(inside)
        outside.addWidget(self._scroll, 1)
        outside.addLayout(below)

    def _place_asked(self) -> None:
        """Let what can be asked stand at the foot where it takes one line, else below the rest.

        So that what came of it has room in a small window too.
        """
        shown = [part for part in self.findChildren(QPushButton) if not part.isHidden()]
        wide = sum(part.minimumSizeHint().width() + 2 * _BESIDE for part in shown)
        at_foot = wide <= self.width() - 2 * _MARGIN
        if at_foot is (self._asked.parentWidget() is self):
            return
        if at_foot:
            self._foot.insertWidget(0, self._asked, _ASKED)
        else:
            self._rows.addWidget(self._asked)

    def show_sitting(self, sitting: Sitting, said: str) -> None:
        """Show what came of `sitting`; `said`: what was recorded and kept."""
        told = sitting.outcome
        if told is None:
            return
        self._sitting, self._ended = sitting, datetime.now(UTC)
        self._tag.setVisible(told["simulated"])
        early = "" if told["whole"] else _("It was ended early: this is what there is of it.")
        error = sitting.session.error
        paused = " ".join(Pause(**each).words for each in told["pauses"])
        early = " ".join(filter(None, [paused, early, str(error) if error else ""]))
        self._early.setText(early)
        self._early.setVisible(bool(self._early.text()))
        words = sentences(told)
        for label, text in zip(self._sentences, words, strict=True):
            label.setText(text)
        picture = drawn(sitting.session, told, level_unit(told), level_key(told))
        self._legend.setText(picture.legend)
        self.picture.show_drawn(picture)
        self.picture.setAccessibleDescription(" ".join(words))
        self._show_numbers([*table(told), *self._pressures()])
        self._kept.setText(said or _("Nothing was recorded, and nothing is kept."))
        for asked in (self._note_button, self._pressure_button, self._out_button):
            asked.setVisible(sitting.kept)
        self._show_left_out()
        self._hide_lines()
        self._scroll.verticalScrollBar().setValue(0)
        self._told = " ".join(filter(None, [self._early.text(), *words]))

    def _pressures(self) -> list[tuple[str, str]]:
        """Return what was measured before and after, as the journal has it."""
        sitting = self._sitting
        if sitting is None or not sitting.kept:
            return []
        began = self._ended - timedelta(seconds=sitting.session.duration_s)
        try:
            entries = self._whose.journal().entries(self._whose.person, [KIND], began - AROUND)
        except BiofeedbackError as error:
            self.message.emit(str(error))
            return []
        return pressure_rows(entries, began=began, ended=self._ended)

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

    def _protocol(self) -> str:
        told = self._sitting.outcome if self._sitting is not None else None
        return str(told["protocol"]) if told else ""

    def _make_report(self) -> Make:
        from biofeedback.reports.training import training_report

        sitting = self._sitting
        assert sitting is not None  # noqa: S101 - no page is seen before one has ended
        assert sitting.outcome is not None  # noqa: S101
        told, on = sitting.outcome, self._today()
        left_out = left_out_words(sitting.left_out) if sitting.left_out else ""
        notes = [text for text in (self._early.text(), left_out, self._kept.text()) if text]
        return lambda _tell: training_report(told, on=on, notes=notes)

    def _hide_lines(self) -> None:
        for line in (self.note, self.pressure, self.leave_out):
            line.hide()

    def _ask_pressure(self) -> None:
        self._hide_lines()
        self.pressure.ask(_("Blood pressure now, both numbers"), "", hint=_("such as 120 80"))

    def _keep_pressure(self, text: str) -> None:
        told = self._sitting.outcome if self._sitting is not None else None
        if told is None or not text.strip():
            self.pressure.hide()
            self.focus_first()
            return
        try:
            entry = typed_pressure(text, at=datetime.now(UTC))
            self._whose.journal().add_entry(self._whose.person, entry)
        except BiofeedbackError as error:
            self.message.emit(str(error))  # what was typed stays, to be mended
            return
        self.pressure.hide()
        self._show_numbers([*table(told), *self._pressures()])
        self.message.emit(_("Noted."))
        self.focus_first()

    def _ask_note(self) -> None:
        self._hide_lines()
        self.note.ask(_("What did you notice?"), "")

    def _keep_note(self, text: str) -> None:
        self.note.hide()
        if self._sitting is not None and text.strip():
            self.message.emit(self._sitting.note_after(text))
        self.focus_first()

    def _ask_leave_out(self) -> None:
        """Ask why it is to be left out; take that back at once where it is."""
        if self._sitting is not None and self._sitting.left_out:
            self._leave_out("")
        else:
            self._hide_lines()
            self.leave_out.ask()

    def _leave_out(self, reason: str) -> None:
        if self._sitting is not None:
            self.message.emit(self._sitting.leave_out(reason))
            self._show_left_out()
        self._out_button.setFocus()

    def _show_left_out(self) -> None:
        reason = self._sitting.left_out if self._sitting is not None else ""
        self._left_out.setText(left_out_words(reason) if reason else "")
        self._left_out.setVisible(bool(reason))
        show_whether(self._out_button, hidden=bool(reason))

    def focus_first(self) -> None:
        """Put the focus on Done."""
        self._done.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_asked()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._place_asked()
        announce(self, self._told)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not scroll_by(self._scroll, event):
            super().keyPressEvent(event)
