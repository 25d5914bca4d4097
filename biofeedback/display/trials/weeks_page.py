"""The page of weeks with and without something: planned, rated by keys, and what came of it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMessageBox, QVBoxLayout, QWidget

from biofeedback.analysis.n_of_one import FEWEST_PAIRS, RATED
from biofeedback.analysis.told import pairs_word
from biofeedback.display.days.fields import DayLine, add_line
from biofeedback.display.days.model import entry_words, read_entries, shortened
from biofeedback.display.sitting.whose import Whose
from biofeedback.display.trials.weeks_model import (
    made_plan,
    rated_days,
    running,
    shown,
    stopped,
    this_week,
)
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
    scrolling,
)
from biofeedback.errors import BiofeedbackError
from biofeedback.journal.day_nouns import Entry, NOfOne
from biofeedback.text import _
from biofeedback.training.tried import IN_WEEKS, name_of

_PAIRS = (FEWEST_PAIRS, 4, 5, 6, 8)
_SAID = 6  # of what came of it, the most
_CHARACTERS = 30


class WeeksPage(QWidget):
    """Plans weeks for whoever `whose` says, takes ratings, and stops a plan after asking."""

    message = Signal(str)

    def __init__(
        self, whose: Whose, today: Callable[[], date], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._whose, self._today = whose, today
        self._plans: list[NOfOne] = []
        self._going_on: list[NOfOne] = []
        self._kept: list[UUID] = []
        self._typed: dict[str, str] = {}
        self.what, self.pairs, self.which = Chooser(), Chooser(), Chooser()
        for name, called in IN_WEEKS.items():
            self.what.addItem(called, name)
        self.what.addItem(_("Something else, in words of your own"), "")
        self.what.currentIndexChanged.connect(lambda _row: self._show_own())
        for n in _PAIRS:
            self.pairs.addItem(pairs_word(n), n)
        self.own = DayLine(hint=_("such as magnesium, or a medicine as your doctor told you"))
        self.lines = {
            kind: DayLine(hint=_("0 to 10"), longest=12) for kind in ("pain", "tension", "stress")
        }
        self._weeks, self._days, self._said = Label("", "summary"), Label("", "quiet"), Label()
        self._nobody = Label(_("Choose on the start page whose journal this is for."))
        self._came = [Label() for _sentence in range(_SAID)]
        self.main_button = button("", "", self.go_on, main=True)
        self.undo_button = button(
            _("&Undo"), _("Take out what was kept just now (Ctrl+Z)"), self.undo
        )
        self.stop_button = button(
            _("S&top these weeks …"), _("Asks first; what was rated stays"), self.ask_to_stop
        )
        self._lay_out()

    def _lay_out(self) -> None:
        self._planning, rows = card(title=_("Plan weeks"))
        named(rows, self.what, _("&What you want to try"))
        self._own_label = named(rows, self.own, _("&In your own words"))
        named(rows, self.pairs, _("&How long"))
        how = _("In each pair one week with it and one without, by chance. They begin today.")
        rows.addWidget(Label(how, "quiet"))
        self._rating, rows = card(self._weeks, self._days, title=_("This week"))
        for kind, text in (
            ("pain", _("&Pain, 0 none, 10 the worst")),
            ("tension", _("T&ension, 0 none, 10 the worst")),
            ("stress", _("&Stress, 0 none, 10 the worst")),
        ):
            add_line(rows, self.lines[kind], text, _("0 to 10"))
        self._which_label = named(rows, self.which, _("Whi&ch weeks to stop"))
        rows.addWidget(self.stop_button)
        self._results, rows = card(*self._came, title=_("What came of it"))
        rows.addStretch(1)
        inside = QWidget()
        page = QVBoxLayout(inside)
        page.setContentsMargins(24, 8, 24, 8)
        page.setSpacing(12)
        page.addWidget(Label(_("Weeks with it, and weeks without"), "heading"))
        page.addWidget(
            Label(
                _(
                    "For what takes days to work. Rate on three days of a week or more how it was: "
                    "here, or with the quick entry, where your own symptom counts too. Change no "
                    "medicine, injection or exercise because of it without your doctor."
                )
            )
        )
        page.addWidget(self._nobody)
        wanted = lambda: _CHARACTERS * self.fontMetrics().averageCharWidth()  # noqa: E731
        page.addWidget(Side(self._planning, self._rating, self._results, wanted=wanted))
        page.addStretch(1)
        below = QVBoxLayout()
        below.setContentsMargins(24, 8, 24, 16)
        below.setSpacing(8)
        below.addWidget(self._said)
        below.addWidget(Side(self.undo_button, self.main_button, spacing=10))
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.setSpacing(0)
        self._scroll = scrolling(inside)
        outside.addWidget(self._scroll, 1)
        outside.addLayout(below)

    # what is shown

    def begin(self) -> None:
        """Read the journal, and begin with empty lines."""
        self._kept = []
        self._empty()
        self._read()
        self._say("")
        self._scroll.verticalScrollBar().setValue(0)

    def _empty(self) -> None:
        for line in (self.own, *self.lines.values()):
            line.setText("")

    def _read(self) -> None:
        entries: list[Entry] = []
        self._plans = []
        if self._whose.person:
            try:
                self._plans = self._whose.journal().n_of_ones(self._whose.person)
                entries = self._whose.journal().entries(self._whose.person, tuple(RATED))
            except BiofeedbackError as error:
                self.message.emit(str(error))
        self._show(entries)

    def _show(self, entries: list[Entry]) -> None:
        somebody, today = bool(self._whose.person), self._today()
        going_on = self._going_on = running(self._plans, today)
        self._nobody.setVisible(not somebody)
        self._planning.setVisible(somebody and not going_on)
        self._rating.setVisible(bool(going_on))
        self._weeks.setText("\n".join(this_week(each, today) for each in going_on))
        self._days.setText(rated_days(entries, going_on[-1], today) if going_on else "")
        self._days.setVisible(bool(self._days.text()))
        self.which.clear()
        self.which.addItems([name_of(each.what) for each in going_on])
        for part in (self.which, self._which_label):
            part.setVisible(len(going_on) > 1)
        said = [sentence for each in shown(self._plans, entries, today) for sentence in each]
        for label, text in zip(self._came, [*said, *[""] * _SAID], strict=False):
            label.setText(text)
            label.setVisible(bool(text))
        self._results.setVisible(bool(said))
        if going_on:
            rename(self.main_button, _("&Keep it"), _("Keep all that is entered (Enter)"))
        else:
            rename(self.main_button, _("P&lan these weeks"), _("Plan them from today on (Enter)"))
        self.main_button.setVisible(somebody)
        self._show_own()

    def _show_own(self) -> None:
        for part in (self.own, self._own_label):
            part.setVisible(not self.what.currentData())

    def _say(self, text: str) -> None:
        self._said.setText(text)
        self._said.setVisible(bool(text))
        self.undo_button.setVisible(bool(self._kept))
        announce(self, text)

    # what is done

    def go_on(self) -> None:
        """Keep the ratings of a plan that goes on; else plan weeks."""
        try:
            self._rate() if self._going_on else self._plan()
        except BiofeedbackError as error:
            self.message.emit(str(error))
            return
        self.message.emit("")
        self.focus_first()

    def _plan(self) -> None:
        what = self.what.currentData() or self.own.text()
        plan = made_plan(what, pairs=self.pairs.currentData(), today=self._today())
        self._whose.journal().keep_n_of_one(self._whose.person, plan)
        self._kept = []
        self._empty()
        self._read()
        self._say(_("Planned. {week}").format(week=this_week(plan, self._today())))

    def _rate(self) -> None:
        typed = {kind: line.text() for kind, line in self.lines.items()}
        found = read_entries(typed, name="", when="", now=datetime.now(UTC))
        self._kept = self._whose.journal().add_entries(self._whose.person, found)
        self._typed = typed
        self._empty()
        self._read()
        self._say(_("Saved. Undo (Ctrl+Z). {what}").format(what=shortened(map(entry_words, found))))

    def undo(self) -> None:
        """Take out the ratings that were kept last, and give back what was typed."""
        if not self._kept:
            return
        try:
            for identity in self._kept:
                self._whose.journal().remove_entry(identity)
        except BiofeedbackError as error:
            self.message.emit(str(error))
            return
        self._kept = []
        for kind, line in self.lines.items():
            line.setText(self._typed[kind])
        self._read()
        self._say(_("It is taken out again. Change it, and keep it with Enter."))
        self.focus_first()

    def ask_to_stop(self) -> None:
        """Ask whether the weeks are to be stopped."""
        plan = self._going_on[max(0, self.which.currentIndex())]
        asked = QMessageBox(self)
        asked.setObjectName("ask")
        asked.setText(_("Stop the weeks of {name}?").format(name=name_of(plan.what)))
        asked.setInformativeText(
            _("What was rated until now stays and counts. The rest of the weeks is given up.")
        )
        stopping = asked.addButton(_("&Stop them"), QMessageBox.ButtonRole.AcceptRole)
        going_on = asked.addButton(_("&Keep going"), QMessageBox.ButtonRole.RejectRole)
        asked.setDefaultButton(going_on)
        stopping.clicked.connect(lambda: self._stop(plan))
        asked.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        asked.open()

    def _stop(self, plan: NOfOne) -> None:
        try:
            self._whose.journal().keep_n_of_one(self._whose.person, stopped(plan, self._today()))
        except BiofeedbackError as error:
            self.message.emit(str(error))
            return
        self._kept = []
        self._read()
        self._say(_("Stopped. What was rated until now still counts."))
        self.focus_first()

    # keys

    def focus_first(self) -> None:
        """Begin with the first number, or with what is to be planned."""
        first = self.lines["pain"] if self._going_on else self.what
        (first if self._whose.person else self).setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._whose.person:
            self.go_on()
        elif event.matches(QKeySequence.StandardKey.Undo):
            self.undo()
        elif not scroll_by(self._scroll, event):
            super().keyPressEvent(event)
