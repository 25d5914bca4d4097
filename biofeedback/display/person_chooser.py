"""Whose journal a sitting goes into: nobody's, somebody's, somebody new."""

from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from biofeedback.display.sitting.whose import Whose
from biofeedback.display.sitting.work import Question
from biofeedback.display.widgets.controls import Chooser, button, named
from biofeedback.errors import BiofeedbackError
from biofeedback.text import _

_LOOK_MS = 100
_NEW = "+"  # no pseudonym may be so called


class PersonChooser(QWidget):
    """Emits `changed` with a pseudonym, empty for nobody; who there is it reads by itself.

    `settled`: it has read them, who are all there are, and what broke off is set right.
    """

    changed = Signal(str)
    settled = Signal(list)
    message = Signal(str)

    def __init__(self, whose: Whose, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whose = whose
        self._question: Question[tuple[list[str], str]] | None = None
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self._show_found)
        self.people = Chooser()
        self.name = QLineEdit()
        self.name.setPlaceholderText(_("such as P01"))
        self.name.setMaxLength(32)
        self.name.returnPressed.connect(self._add)
        self.new_row = QWidget()
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        named(rows, self.people, _("&In whose journal"))
        inside = QVBoxLayout(self.new_row)
        inside.setContentsMargins(0, 0, 0, 0)
        named(inside, self.name, _("A short name of your choice, which tells others nothing"))
        row = QHBoxLayout()
        row.addWidget(button(_("A&dd"), _("Begin a journal under this name (Enter)"), self._add))
        row.addStretch(1)
        inside.addLayout(row)
        rows.addWidget(self.new_row)
        self._fill([whose.person] if whose.person else [])
        self.people.activated.connect(self._choose)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._look.isActive():
            self._question = Question(partial(_people_of, self._whose), name="people")
            self._look.start()

    def _show_found(self) -> None:
        question = self._question
        if question is None or not (question.answer or question.error):
            return
        self._look.stop()
        said = question.error
        if question.answer:
            people, said = question.answer
            self._fill(people)
            if self._whose.person not in people:  # erased meanwhile
                self._whose.person = ""
                self.changed.emit("")
            self.settled.emit(people)
        if said:
            self.message.emit(said)

    def _fill(self, people: list[str]) -> None:
        self.people.clear()
        self.people.addItem(_("nobody's: only under My recordings"), "")
        for person in people:
            self.people.addItem(person, person)
        self.people.addItem(_("somebody new …"), _NEW)
        self.people.setCurrentIndex(max(0, self.people.findData(self._whose.person)))
        self.new_row.hide()

    def choose(self, person: str) -> None:
        """Sit for `person`, whom the journal knows, from now on."""
        self._whose.person = person
        people = (self.people.itemData(i) for i in range(self.people.count()))
        self._fill(sorted({person, *(each for each in people if each not in ("", _NEW))}))
        self.changed.emit(person)

    def _choose(self) -> None:
        chosen = self.people.currentData()
        self.new_row.setVisible(chosen == _NEW)
        if chosen == _NEW:
            self.name.setFocus()
            return
        self._whose.person = chosen
        self.changed.emit(chosen)

    def _add(self) -> None:
        person = self.name.text().strip()
        try:
            self._whose.add(person)
            people = self._whose.people()
        except BiofeedbackError as error:
            self.message.emit(str(error))
            return
        self._fill(people)
        self.name.clear()
        self.people.setFocus()
        self.changed.emit(person)


def _people_of(whose: Whose) -> tuple[list[str], str]:
    """Return whose journals there are, and what is to be said of sittings that broke off."""
    return whose.people(), whose.set_right()
