"""The page on which a course is planned, changed, paused and taken up again."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMessageBox, QVBoxLayout, QWidget

from biofeedback.display.sitting.course_model import (
    LENGTHS,
    PER_WEEK,
    USUAL_LENGTH,
    USUAL_PER_WEEK,
    Plan,
    number_words,
    standing,
)
from biofeedback.display.sitting.whose import Whose
from biofeedback.display.training.protocol_page import FIRST_PROTOCOL, minutes_word
from biofeedback.display.widgets.controls import (
    Chooser,
    Label,
    Side,
    button,
    card,
    named,
    scroll_by,
)
from biofeedback.display.widgets.framed import framed
from biofeedback.errors import BiofeedbackError
from biofeedback.journal.nouns import Course
from biofeedback.text import _, plural
from biofeedback.training.protocol import Protocol
from biofeedback.training.protocol_file import installed, load_protocol


class CoursePage(QWidget):
    """Shows a `Plan`; emits `done` when there is another one, in the journal too."""

    done = Signal()
    message = Signal(str)

    def __init__(
        self, whose: Whose, today: Callable[[], date], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._whose, self._today = whose, today
        self._plan = Plan(None)
        self._protocols: dict[str, Protocol] = {}
        self.protocol, self.per_week, self.sittings = Chooser(), Chooser(), Chooser()
        self._summary, self._fading = Label(), Label()
        self._stands = Label("", "summary")
        self.keep_button = button(
            _("&Keep this course"), _("Keep it in the journal (Enter)"), self.keep, main=True
        )
        self.end_button = button(
            _("&Pause or end it …"), _("Be reminded of it no longer"), self._ask_to_end
        )
        self.take_up_button = button(
            _("Take the earlier one &up"), _("Go on where that course was paused"), self._take_up
        )
        self._lay_out()
        self.protocol.currentIndexChanged.connect(self._show_chosen)

    def _lay_out(self) -> None:
        fields, rows = card(self._stands, title=_("What, how often, how many"))
        named(rows, self.protocol, _("&Training"))
        named(rows, self.per_week, _("&How often a week"))
        named(rows, self.sittings, _("How many &sittings"))
        rows.addStretch(1)
        told, told_rows = card(
            self._summary,
            self._fading,
            Label(
                _(
                    "You are reminded on the first page, by a sentence. A sitting that is left out "
                    "is no failure: the count goes on with the next one."
                )
            ),
            title=_("What to expect"),
        )
        told_rows.addStretch(1)
        inside = QWidget()
        page = QVBoxLayout(inside)
        page.setContentsMargins(24, 8, 24, 8)
        page.setSpacing(16)
        page.addWidget(Label(_("A course of training"), "heading"))
        page.addWidget(
            Side(fields, told, wanted=lambda: 30 * self.fontMetrics().averageCharWidth())
        )
        page.addStretch(1)
        self._scroll = framed(
            self, inside, Side(self.end_button, self.take_up_button, self.keep_button, spacing=10)
        )

    # what is shown

    def show_plan(self, plan: Plan) -> None:
        """Begin with what is planned; with what is usual where nothing is."""
        self._plan = plan
        course = plan.course or plan.earlier
        self._protocols = {}
        for name in installed():
            with suppress(BiofeedbackError):  # the page of protocols says what is wrong with it
                self._protocols[name] = load_protocol(name)
        wanted = course.protocol if course else FIRST_PROTOCOL
        _fill(
            self.protocol,
            {
                name: _("{title} · {minutes}").format(
                    title=protocol.title, minutes=minutes_word(protocol)
                )
                for name, protocol in self._protocols.items()
            },
            wanted,
        )
        times = course.per_week if course else USUAL_PER_WEEK
        _fill(
            self.per_week,
            {
                n: plural("{n} time a week", "{n} times a week", n).format(n=n)
                for n in sorted({*PER_WEEK, times})
            },
            times,
        )
        length = course.sittings if course else USUAL_LENGTH
        _fill(
            self.sittings,
            {
                n: plural("{n} sitting", "{n} sittings", n).format(n=n)
                for n in sorted({*LENGTHS, length})
            },
            length,
        )
        self.end_button.setVisible(plan.course is not None)
        self.take_up_button.setVisible(plan.course is None and plan.earlier is not None)
        self._show_stands()
        self._show_chosen()

    def _show_stands(self) -> None:
        plan, text = self._plan, ""
        course = plan.course or plan.earlier
        if course:
            stands = standing(course, plan.days, self._today())
            text = number_words(stands.number, stands.sittings)
            if not plan.course:
                text = _("There was a course before: {number}").format(number=text)
        self._stands.setText(text)
        self._stands.setVisible(bool(text))

    def _show_chosen(self) -> None:
        protocol = self._protocols.get(self.protocol.currentData())
        self._summary.setText(protocol.summary if protocol else "")
        words = ""
        if protocol and protocol.fading:
            every, other, end = (*protocol.fading, 0, 0)[:3]
            words = _(
                "Over the course the help fades, so that you can do without in the end: {every} "
                "sittings with the signal in every trial, {other} with it in every other one, "
                "{end} with a word at the end of each, then without."
            ).format(every=every, other=other, end=end)
        self._fading.setText(words)
        self._fading.setVisible(bool(words))

    # what is done

    def keep(self) -> None:
        """Keep what is chosen: the same course, changed, or a new one with another protocol."""
        made = Course(
            protocol=self.protocol.currentData(),
            per_week=self.per_week.currentData(),
            sittings=self.sittings.currentData(),
            began=self._today(),
            ended=None,
        )
        now = self._plan.course
        if now is not None and now.protocol == made.protocol:
            made = replace(made, began=now.began)  # what was done counts on
        self._set(made)

    def _take_up(self) -> None:
        if self._plan.earlier is not None:
            self._set(replace(self._plan.earlier, ended=None))

    def _set(self, course: Course) -> None:
        try:
            self._whose.journal().set_course(self._whose.person, course)
        except BiofeedbackError as error:
            self.message.emit(str(error))
            return
        self.done.emit()

    def _ask_to_end(self) -> None:
        asked = QMessageBox(self)
        asked.setObjectName("ask")
        asked.setText(_("Pause or end this course?"))
        asked.setInformativeText(
            _("You are reminded no longer. Nothing is lost: you can take it up again here.")
        )
        ending = asked.addButton(_("&Pause it"), QMessageBox.ButtonRole.AcceptRole)
        asked.addButton(_("&Keep it"), QMessageBox.ButtonRole.RejectRole)
        ending.clicked.connect(lambda: self._end())
        asked.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        asked.open()

    def _end(self) -> None:
        try:
            self._whose.journal().end_course(self._whose.person, self._today())
        except BiofeedbackError as error:
            self.message.emit(str(error))
            return
        self.done.emit()

    # Qt's

    def focus_first(self) -> None:
        """Begin with what is trained."""
        self.protocol.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.keep()  # from the choosers too
        elif not scroll_by(self._scroll, event):
            super().keyPressEvent(event)


def _fill(chooser: Chooser, choices: dict[str, str] | dict[int, str], wanted: object) -> None:
    with QSignalBlocker(chooser):
        chooser.clear()
        for value, text in choices.items():
            chooser.addItem(text, value)
        chooser.setCurrentIndex(max(0, chooser.findData(wanted)))
