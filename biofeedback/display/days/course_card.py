"""A person's today, on the first page: what was done, what broke off, what comes next."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from biofeedback.display.days.today import NOTHING, Today, Weeks, read_today
from biofeedback.display.sitting import resume
from biofeedback.display.sitting.course_model import (
    Plan,
    fading_words,
    number_words,
    read_plan,
    reminder,
    standing,
)
from biofeedback.display.sitting.resume import BrokenOff
from biofeedback.display.sitting.whose import Whose
from biofeedback.display.sitting.work import Question
from biofeedback.display.widgets.controls import Label, Side, announce, button, card, rename
from biofeedback.errors import BiofeedbackError
from biofeedback.journal.nouns import Course
from biofeedback.text import _
from biofeedback.training.protocol_file import load_protocol

_LOOK_MS = 100


@dataclass(frozen=True, slots=True)
class Next:
    """What there is to be shown."""

    plan: Plan
    broken: BrokenOff | None = None
    today: Today = NOTHING


class CourseCard(QWidget):
    """Reads whose turn it is and what is next, whenever it is asked to; hidden where it is nobody.

    Emits `train_wanted` with the name of the course's protocol, `go_on_wanted` with the `BrokenOff`
    that is to go on, `plan_wanted` with the `Plan`, and `found` once it has something to offer.
    """

    train_wanted = Signal(str)
    go_on_wanted = Signal(object)
    plan_wanted = Signal(object)
    found = Signal()
    message = Signal(str)

    def __init__(
        self,
        whose: Whose,
        today: Callable[[], date],
        weeks: Weeks,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._whose, self._today, self._weeks = whose, today, weeks
        self._plan = Plan(None)
        self._broken: BrokenOff | None = None
        self._question: Question[Next] | None = None
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self._show_read)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(16)
        self._done, self._ahead = Label("", "words"), Label("", "summary")
        self._broken_card = self._make_broken()
        self._of = Label("", "title")
        for part in (
            self._broken_card,
            card(self._of, self._done, self._ahead)[0],
            self._make_course(),
        ):
            rows.addWidget(part)
        self.hide()

    def _make_broken(self) -> QWidget:
        self._broke, self._how = Label("", "words"), Label("", "summary")
        self.go_on_button = button(
            _("&Go on where it broke off"),
            _("Go on with the sitting that broke off: to the sensor first (Enter)"),
            self._go_on,
            main=True,
        )
        self.aside_button = button(
            _("Set it asi&de"), _("Keep it as far as it came, and begin anew"), self._set_aside
        )
        buttons = Side(self.go_on_button, self.aside_button, spacing=10)
        return card(self._broke, self._how, buttons)[0]

    def _make_course(self) -> QWidget:
        self._number, self._reminder = Label("", "words"), Label("", "summary")
        self._fading = Label("", "quiet")
        self.train_button = button("", "", self._train, main=True)
        self.plan_button = button("", "", self._ask_for_plan)
        buttons = Side(self.train_button, self.plan_button, spacing=10)
        return card(self._number, self._reminder, self._fading, buttons, title=_("Your course"))[0]

    # what there is

    def read(self) -> None:
        """Read what is next for whoever is chosen now, in the background."""
        person = self._whose.person
        if not person:
            self._look.stop()
            self.hide()
            return
        asked = partial(_next_of, self._whose, person, self._today(), self._weeks)
        self._question = Question(asked, name="course")
        self._look.start()

    def _show_read(self) -> None:
        question = self._question
        if question is None or (question.answer is None and not question.error):
            return
        self._look.stop()
        if question.answer is None:
            self.hide()
            self.message.emit(question.error)
        else:
            self._show_today(question.answer.today)
            self.show_next(question.answer.plan, question.answer.broken)

    def _show_today(self, today: Today) -> None:
        self._of.setText(_("Today: {person}").format(person=self._whose.person))
        self._done.setText("\n".join(today.done))
        self._ahead.setText("\n".join(today.ahead))
        self._ahead.setVisible(bool(today.ahead))

    def show_next(self, plan: Plan, broken: BrokenOff | None = None) -> None:
        """Show what broke off, and how a course stands; one may be planned where there is none."""
        self._plan, self._broken = plan, broken
        if broken is not None:
            self._broke.setText(broken.title)
            self._how.setText(broken.words)
        self._broken_card.setVisible(broken is not None)
        for part in (self._number, self.train_button):
            part.setVisible(plan.course is not None)
        if plan.course is None:
            self._show_none()
        else:
            self._show_course(plan.course)
        self.show()
        told = [*(part.text() for part in (self._done, self._ahead)), self._number.text()]
        told[:0] = [self._broke.text(), self._how.text()] if broken else []
        announce(self, ". ".join(filter(None, (*told, self._reminder.text()))))
        self.found.emit()

    def _show_none(self) -> None:
        self._number.setText("")
        self._fading.hide()
        self._reminder.setText(
            _("A course helps to keep at it: so many sittings, so often a week.")
        )
        rename(self.plan_button, _("Plan a c&ourse …"), _("Choose what, how often and how many"))

    def _show_course(self, course: Course) -> None:
        today = self._today()
        stands = standing(course, self._plan.days, today)
        try:
            protocol = load_protocol(course.protocol)
            title, fading = protocol.title, fading_words(protocol.fading, stands.number)
        except BiofeedbackError as error:  # it was the user's own, and is gone or wrong
            title, fading = course.protocol, str(error)
        self._number.setText(
            _("{number}: {title}").format(
                number=number_words(stands.number, stands.sittings), title=title
            )
        )
        self._reminder.setText(reminder(stands, today))
        self._fading.setText(fading)
        self._fading.setVisible(bool(fading))
        text = _("Trai&n once more")
        if not stands.complete:
            text = _("Train: sitti&ng {n} of {all}").format(n=stands.number, all=stands.sittings)
        what = _("{title}: with the sensor, by way of safety (Enter)").format(title=title)
        rename(self.train_button, text, what)
        rename(self.plan_button, _("Change the c&ourse …"), _("Change, pause or end it"))

    def first(self) -> QPushButton | None:
        """Return the button for what comes next; None where nothing is planned."""
        if not self.isVisible():
            return None
        if self._broken is not None:
            return self.go_on_button
        return self.train_button if self._plan.course is not None else None

    # what is done; a key moves no focus, and where it is one comes back to

    def _go_on(self) -> None:
        self.go_on_button.setFocus()
        self.go_on_wanted.emit(self._broken)

    def _set_aside(self) -> None:
        if self._broken is None:
            return
        try:
            said = resume.set_aside(self._whose, self._broken)
        except BiofeedbackError as error:
            self.message.emit(str(error))
            return
        self.show_next(self._plan)
        (self.first() or self.plan_button).setFocus()
        self.message.emit(said)

    def _train(self) -> None:
        if self._plan.course is not None:
            self.train_button.setFocus()
            self.train_wanted.emit(self._plan.course.protocol)

    def _ask_for_plan(self) -> None:
        self.plan_button.setFocus()
        self.plan_wanted.emit(self._plan)


def _next_of(whose: Whose, person: str, today: date, weeks: Weeks) -> Next:
    """Return what there is to be shown of `person`."""
    journal = whose.journal()
    broken = resume.broken_off(whose)
    sittings = journal.sittings(person)
    return Next(
        read_plan(journal, person, sittings),
        broken,
        read_today(journal, person, sittings, today, weeks),
    )
