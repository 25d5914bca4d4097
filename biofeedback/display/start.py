"""The start page: a simulated muscle, a sensor, or a recording."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton, QVBoxLayout, QWidget

from biofeedback.boards import COUNTS, UNITS
from biofeedback.display.days.card import DaysCard
from biofeedback.display.days.course_card import CourseCard
from biofeedback.display.person_chooser import PersonChooser
from biofeedback.display.preparing.heart_card import HeartCard
from biofeedback.display.preparing.safety import safety_card
from biofeedback.display.sitting.choice import Choice
from biofeedback.display.sitting.whose import Whose
from biofeedback.display.traces.signal_switches import SignalSwitches
from biofeedback.display.widgets.controls import (
    Chooser,
    Label,
    Side,
    button,
    card,
    named,
    scrolling,
)
from biofeedback.display.widgets.language_choice import LanguageChoice
from biofeedback.display.widgets.report_button import Make, ReportButton
from biofeedback.journal.day_nouns import NOfOne
from biofeedback.reports.parts import name_for
from biofeedback.settings import SignalSettings, SourceSettings
from biofeedback.sources import SourceOptions
from biofeedback.sources.scenario import builtin_scenarios, load_scenario
from biofeedback.text import _

DEFAULT_SCENARIO = "relaxing"
_CARD_CHARACTERS = 36


class StartPage(QWidget):
    """Emits `chosen` with a `Choice`, or `connect_wanted` for the page that finds boards.

    `train_wanted`: with the source of a `Choice`; None: with a sensor, which is to be found.
    `look_wanted`: the recording of a `Choice` is to be looked at, not played.
    """

    chosen = Signal(object)
    train_wanted = Signal(object)
    look_wanted = Signal(object)
    connect_wanted = Signal()
    recordings_wanted = Signal()
    clients_wanted = Signal()
    trial_wanted = Signal()
    """What helps is to be tried."""
    signal_changed = Signal(object)
    """How a signal is to be read: `SignalSettings`."""

    def __init__(
        self,
        last: SourceSettings,
        signal: SignalSettings,
        whose: Whose,
        *,
        today: Callable[[], date],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.people = PersonChooser(whose)
        self._whose, self._last = whose, last
        self.course = CourseCard(whose, today, _weeks_of)
        self.course.found.connect(self._offer_next)
        self.visit = ReportButton(
            _("Page &for the doctor …"),
            _("One side of A4 to print: what was done, what helps, and questions"),
            make=partial(self._make_visit, whose, today),
            name=lambda: name_for(whose.person, visit=True),
        )
        self.days = DaysCard(whose, self.visit)
        self.days.train_wanted.connect(partial(self.train_wanted.emit, None))
        self.days.trial_wanted.connect(self.trial_wanted)
        self.days.clients_wanted.connect(self.clients_wanted)
        self.people.settled.connect(lambda _people: self._show_person())
        self.people.changed.connect(lambda _person: self._show_person())
        self.switches = SignalSwitches(signal)
        self.switches.changed.connect(self.signal_changed)
        self.heart = HeartCard()
        self.language = LanguageChoice()
        self._path = ""
        self.simulated = Chooser()
        self.sfreq = QLineEdit()
        self.unit = Chooser()
        self._fill()
        inside = QWidget()
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(24, 8, 24, 24)
        rows.setSpacing(16)
        rows.addWidget(Label(_("See your muscle tension, and learn to let go"), "heading"))
        rows.addWidget(self.course)
        rows.addWidget(self.days)
        rows.addWidget(
            Side(
                self._simulated_card(),
                self._sensor_card(),
                self._file_card(),
                wanted=lambda: _CARD_CHARACTERS * self.fontMetrics().averageCharWidth(),
            )
        )
        rows.addWidget(safety_card())
        rows.addWidget(card(self.switches, title=_("How the signal is read"))[0])
        rows.addWidget(self.heart)
        rows.addWidget(self.language)
        rows.addStretch(1)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(scrolling(inside))
        self._offer_ways()

    @staticmethod
    def _make_visit(whose: Whose, today: Callable[[], date]) -> Make:
        from biofeedback.reports.make import of_person  # what starting the program need not know

        person, on = whose.person, today()
        return lambda tell: of_person(whose.journal(), person, visit=True, today=on, progress=tell)

    def _fill(self) -> None:
        for name in builtin_scenarios():
            self.simulated.addItem(load_scenario(name).summary, name)
        self.simulated.setCurrentIndex(self.simulated.findData(DEFAULT_SCENARIO))
        self.unit.addItem(_("as the file says"), "")
        words = {"uV": _("µV"), COUNTS: _("counts")}
        for unit in UNITS:
            self.unit.addItem(words.get(unit, unit), unit)

    def _simulated_card(self) -> QWidget:
        made, rows = card(title=_("Simulated muscle"))
        rows.addWidget(Label(_("Try the program without a sensor. The signal is made up.")))
        named(rows, self.simulated, _("&What it does"))
        rows.addStretch(1)
        self.demo_button = button(
            _("Try it: just watch"),
            _("Watch the simulated muscle"),
            self._choose_simulated,
            main=True,
        )
        self.demo_train_button = button(
            _("Tr&y a training"), _("Train with the simulated muscle"), self._train_simulated
        )
        rows.addWidget(self.demo_button)
        rows.addWidget(self.demo_train_button)
        return made

    def _sensor_card(self) -> QWidget:
        made, rows = card(title=_("Connect a sensor"))
        rows.addWidget(Label(_("An Arduino or another board, by USB, with a sensor on the skin.")))
        rows.addWidget(
            Label(_("The next page finds the board, and shows how it is wired."), "quiet")
        )
        rows.addWidget(self.people)
        self.clients_button = button(
            _("Clients &and montages …"),
            _("For therapists: choose a client, and how they are measured"),
            self._want_clients,
        )
        rows.addWidget(self.clients_button)
        rows.addStretch(1)
        self.train_button = button(
            _("&Train …"),
            _("Find the board, choose a training, check the sensor, train"),
            self._want_training,
            main=True,
        )
        self.connect_button = button(
            _("&Connect: just watch …"),
            _("Find the board, and watch the tension"),
            self._want_board,
        )
        rows.addWidget(self.train_button)
        rows.addWidget(self.connect_button)
        self.trial_button = button(
            _("What h&elps me? …"),
            _("Try heat, a touch or a posture, off and on"),
            self._want_trial,
        )
        rows.addWidget(self.trial_button)
        return made

    def _file_card(self) -> QWidget:
        made, rows = card(title=_("Recordings"))
        self.recordings_button = button(
            _("My &recordings"), _("What was recorded here"), self._want_recordings, main=True
        )
        rows.addWidget(self.recordings_button)
        rows.addWidget(
            Label(_("EDF, BDF, CSV, OpenSignals, XDF, WAV and more: see it whole, or as if live."))
        )
        self.sfreq.setPlaceholderText(_("if the file has no times"))
        named(rows, self.sfreq, _("Samples a second (&Hz)"))
        named(rows, self.unit, _("&Unit of plain numbers"))
        rows.addStretch(1)
        for text, description, do in (
            (_("&Look at it …"), _("Scroll, annotate, exclude what does not count"), self.look_at),
            (_("&Play it as if live …"), _("Choose a file to be played"), self.open_recording),
        ):
            rows.addWidget(
                button(text, description, partial(self._choose_file, do), main=do == self.look_at)
            )
        return made

    def _show_person(self) -> None:
        """Show what is whose: with a journal all ways stand together, above what they are of."""
        self.course.read()
        self.days.show_person()
        self._offer_ways()

    def _offer_ways(self) -> None:
        for one in (self.train_button, self.trial_button, self.clients_button):
            one.setVisible(not self._whose.person)

    @property
    def _first(self) -> QPushButton:
        """Where Enter does what comes first."""
        if self._whose.person:
            return self.days.train_button
        return self.train_button if self._last.port else self.demo_button

    def _want_trial(self) -> None:
        self.trial_button.setFocus()
        self.trial_wanted.emit()

    def _want_clients(self) -> None:
        self.clients_button.setFocus()
        self.clients_wanted.emit()

    def _want_recordings(self) -> None:
        self.recordings_button.setFocus()  # its key does not, and it is where one comes back to
        self.recordings_wanted.emit()

    def focus_first(self) -> None:
        """Put the focus where Enter does what comes next: in the course, with the sensor."""
        (self.course.first() or self._first).setFocus()

    def _offer_next(self) -> None:
        """Put the focus on what comes next, where nobody has moved it since the page was shown."""
        if self._first.hasFocus():
            self.focus_first()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_E and not event.modifiers():
            self.days.want_entry()
        else:
            super().keyPressEvent(event)

    def _want_board(self) -> None:
        self.connect_button.setFocus()  # its key does not, and it is where one comes back to
        self.connect_wanted.emit()

    def _want_training(self) -> None:
        self.train_button.setFocus()
        self.train_wanted.emit(None)

    def _simulation(self) -> Choice:
        return Choice(f"sim:{self.simulated.currentData()}", SourceOptions())

    def _choose_simulated(self) -> None:
        self.chosen.emit(self._simulation())

    def _train_simulated(self) -> None:
        self.demo_train_button.setFocus()
        self.train_wanted.emit(self._simulation())

    def _choose_file(self, do: Callable[[str], object]) -> None:
        from biofeedback.recording.formats import READERS  # what starting the program need not know

        kinds = " ".join(f"*{suffix}" for suffix in READERS)
        path, _kind = QFileDialog.getOpenFileName(
            self,
            _("Open a recording"),
            self._path,
            _("Recordings ({kinds});;All files (*)").format(kinds=kinds),
        )
        if path:
            self._path = path
            do(path)

    def open_recording(self, path: str) -> None:
        """Choose the recording at `path` to be played, with the rate and unit of the form."""
        self.chosen.emit(self._recording(path))

    def look_at(self, path: str) -> None:
        """Choose the recording at `path` to be looked at, with the rate and unit of the form."""
        self.look_wanted.emit(self._recording(path))

    def _recording(self, path: str) -> Choice:
        typed = self.sfreq.text().strip().replace(",", ".")
        try:
            sfreq = float(typed) if typed else None
        except ValueError:
            sfreq = float("nan")  # refused with a sentence where the source is opened
        options = SourceOptions(sfreq=sfreq, unit=self.unit.currentData() or None)
        return Choice(f"file:{path}", options)


def _weeks_of(plans: Sequence[NOfOne], today: date) -> list[str]:
    """Return what the plans that go on ask for this week."""
    # what starting the program need not know
    from biofeedback.display.trials.weeks_model import running, this_week

    return [this_week(plan, today=today) for plan in running(plans, today)]
