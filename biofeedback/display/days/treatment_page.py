"""The page of one's treatment: injections, medicines and other things, as they were told."""

from collections.abc import Callable
from datetime import date
from itertools import pairwise
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QVBoxLayout, QWidget

from biofeedback.display.days.fields import DayLine, add_line
from biofeedback.display.days.model import read_treatment, shortened, treatment_words, typed_of
from biofeedback.display.sitting.whose import Whose
from biofeedback.display.widgets.controls import (
    Chooser,
    Label,
    Side,
    announce,
    button,
    card,
    named,
    rename,
    scroll_by,
)
from biofeedback.display.widgets.framed import framed
from biofeedback.display.widgets.wrapped_list import WrappedList
from biofeedback.errors import BiofeedbackError
from biofeedback.journal.day_nouns import TREATMENTS, Treatment, kind_word
from biofeedback.text import _

_ROWS = 4  # of the list, the least
_LONGEST = 2000
_CHARACTERS = 34


class TreatmentPage(QWidget):
    """Lists the treatments of whoever `whose` says; each can be changed, removed and put back."""

    message = Signal(str)

    def __init__(
        self, whose: Whose, today: Callable[[], date], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._whose, self._today = whose, today
        self._treatments: list[Treatment] = []
        self._changing: UUID | None = None
        self._undo: Callable[[], None] | None = None
        self.list = WrappedList()
        self.list.setAccessibleName(_("Treatments"))
        self.list.setAccessibleDescription(_("Enter changes the marked one, Del removes it"))
        self.list.itemDoubleClicked.connect(lambda _item: self.change())
        self.kind = Chooser()
        for kind in TREATMENTS:
            self.kind.addItem(kind_word(kind), kind)
        self.lines = {
            "name": DayLine(hint=_("such as botulinum toxin A")),
            "on": DayLine(longest=20),
            "dose": DayLine(hint=_("in the words you were told")),
            "muscles": DayLine(hint=_("with commas between them"), longest=_LONGEST),
            "until": DayLine(hint=_("empty: still, or once"), longest=20),
            "note": DayLine(longest=_LONGEST),
        }
        self._title, self._said = Label("", "heading"), Label("", "summary")
        self.keep_button = button("", "", self.keep, main=True)
        self.undo_button = button(_("&Undo"), _("Undo what was done last (Ctrl+Z)"), self.undo)
        self._lay_out()
        for before, after in pairwise((self.kind, *self.lines.values(), self.keep_button)):
            self.setTabOrder(before, after)
        self._show_said("")

    def _lay_out(self) -> None:
        listed, list_rows = card(self.list, title=_("What was given"))
        list_rows.addWidget(
            Side(
                button(_("Ne&w"), _("Enter another one (Ins)"), self.begin_new),
                button(_("&Change"), _("Change the marked one (Enter)"), self.change),
                button(_("&Remove"), _("Remove the marked one (Del)"), self.remove),
                spacing=8,
            )
        )
        fields, rows = card(title=_("One treatment"))
        named(rows, self.kind, _("K&ind"))
        for key, text, description in (
            ("name", _("&What it was"), _("Its name")),
            ("on", _("&On which day"), _("Today, if nothing is typed")),
            ("dose", _("&Dose, as you were told"), _("Kept as text; nothing is computed with it")),
            ("muscles", _("&Muscles"), _("With commas between them; may stay empty")),
            ("until", _("&Last day of a medicine"), _("Empty while you take it")),
            ("note", _("&Note"), _("Side effects, who gave it")),
        ):
            add_line(rows, self.lines[key], text, description)
        rows.addStretch(1)
        inside = QWidget()
        page = QVBoxLayout(inside)
        page.setContentsMargins(24, 8, 24, 8)
        page.setSpacing(12)
        page.addWidget(self._title)
        page.addWidget(
            Label(_("For your own overview, and your doctor's. Change nothing because of it."))
        )
        wanted = lambda: _CHARACTERS * self.fontMetrics().averageCharWidth()  # noqa: E731
        page.addWidget(Side(fields, listed, wanted=wanted))
        page.addStretch(1)
        self._scroll = framed(
            self, inside, self._said, Side(self.undo_button, self.keep_button, spacing=10)
        )

    # what is shown

    def begin(self) -> None:
        """Read the treatments, and begin with a new one."""
        self._undo = None
        self._title.setText(
            _("Treatment of {person}").format(person=self._whose.person)
            if self._whose.person
            else _("My treatment")
        )
        self.list.setMinimumHeight(round(1.8 * _ROWS * self.fontMetrics().height()))
        self._read()
        self._show_said("")
        self.begin_new()

    def begin_new(self) -> None:
        """Empty the lines for another one."""
        self._fill(None)
        self.focus_first()

    def _read(self) -> None:
        try:
            self._treatments = self._whose.journal().treatments(self._whose.person)[::-1]
        except BiofeedbackError as error:
            self._treatments = []
            self.message.emit(str(error))
        row = max(0, self.list.currentRow())
        self.list.clear()
        # by their texts: `clear` crashes now and then on items that were made here
        self.list.addItems([treatment_words(treatment) for treatment in self._treatments])
        self.list.setCurrentRow(min(row, self.list.count() - 1))

    def _fill(self, treatment: Treatment | None) -> None:
        self._changing = treatment.id if treatment else None
        typed = typed_of(treatment) if treatment else {}
        for key, line in self.lines.items():
            line.setText(typed.get(key, ""))
        self.lines["on"].setPlaceholderText(_("today: {day}").format(day=self._today()))
        if treatment:
            self.kind.setCurrentIndex(self.kind.findData(treatment.kind))
            rename(self.keep_button, _("&Keep the change"), _("Keep what is typed (Enter)"))
        else:
            rename(self.keep_button, _("&Keep it"), _("Keep what is typed (Enter)"))

    def _show_said(self, text: str) -> None:
        self._said.setText(text)
        self._said.setVisible(bool(text))
        self.undo_button.setVisible(self._undo is not None)
        announce(self, text)

    def _marked(self) -> Treatment | None:
        at = self.list.currentRow()
        return self._treatments[at] if 0 <= at < len(self._treatments) else None

    # what is done

    def keep(self) -> None:
        """Keep what is typed: a new one, or in the place of the one that is changed."""
        typed = {key: line.text() for key, line in self.lines.items()}
        changing = self._changing
        try:
            made = read_treatment(typed, kind=self.kind.currentData(), today=self._today())
            journal = self._whose.journal()
            if changing is None:
                added = journal.add_treatment(self._whose.person, made)
                self._undo = lambda: journal.remove_treatment(added)
            else:
                (before,) = (each for each in self._treatments if each.id == changing)
                journal.change_treatment(changing, made)
                self._undo = lambda: journal.change_treatment(changing, before)
        except BiofeedbackError as error:
            self.message.emit(str(error))
            return
        self.message.emit("")
        self._read()
        self._show_said(
            _("Saved. Undo (Ctrl+Z). {what}").format(what=shortened([treatment_words(made)]))
        )
        self.begin_new()

    def change(self) -> None:
        """Put the marked one into the lines."""
        treatment = self._marked()
        if treatment is not None:
            self._fill(treatment)
            self.focus_first()

    def remove(self) -> None:
        """Remove the marked one."""
        treatment = self._marked()
        if treatment is None or treatment.id is None:
            return
        identity, journal = treatment.id, self._whose.journal()
        try:
            journal.remove_treatment(identity)
        except BiofeedbackError as error:
            self.message.emit(str(error))
            return
        self._undo = lambda: journal.restore_treatment(identity)
        self._read()
        self._fill(None)
        self._show_said(
            _("Removed. Undo (Ctrl+Z). {what}").format(what=shortened([treatment_words(treatment)]))
        )

    def undo(self) -> None:
        """Undo what was done last."""
        if self._undo is None:
            return
        try:
            self._undo()
        except BiofeedbackError as error:
            self.message.emit(str(error))
            return
        self._undo = None
        self._read()
        self._show_said(_("That is undone."))
        self.begin_new()

    # keys

    def focus_first(self) -> None:
        """Begin with what it was."""
        self.lines["name"].setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.change() if self.list.hasFocus() else self.keep()
        elif key == Qt.Key.Key_Insert:
            self.begin_new()
        elif key == Qt.Key.Key_Delete and self.list.hasFocus():
            self.remove()
        elif event.matches(QKeySequence.StandardKey.Undo):
            self.undo()
        elif not scroll_by(self._scroll, event):
            super().keyPressEvent(event)
