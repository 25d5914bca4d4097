"""The start page: a simulated muscle, a sensor, or a recording."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit, QVBoxLayout, QWidget

from biofeedback.boards import UNITS
from biofeedback.display.controls import Chooser, Label, Side, button, card, named, scrolling
from biofeedback.display.person_chooser import PersonChooser
from biofeedback.display.safety import safety_card
from biofeedback.display.signal_switches import SignalSwitches
from biofeedback.display.whose import Whose
from biofeedback.settings import SignalSettings, SourceSettings
from biofeedback.sources import SourceOptions
from biofeedback.sources.scenario import builtin_scenarios, load_scenario
from biofeedback.text import _

DEFAULT_SCENARIO = "relaxing"
PATIENCE_S = 600.0
"""How long the window waits for a board that was unplugged."""
_CARD_CHARACTERS = 36


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen to be opened; `remember`: what was connected, where it was a sensor.

    `protocol`: what is to be trained with it; empty: it is only watched.
    """

    words: str
    options: SourceOptions
    remember: SourceSettings | None = None
    protocol: str = ""


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
    signal_changed = Signal(object)
    """How a signal is to be read: `SignalSettings`."""

    def __init__(
        self,
        last: SourceSettings,
        signal: SignalSettings,
        whose: Whose,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.people = PersonChooser(whose)
        self.switches = SignalSwitches(signal)
        self.switches.changed.connect(self.signal_changed)
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
        rows.addStretch(1)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(scrolling(inside))
        self._first = self.train_button if last.port else self.demo_button

    def _fill(self) -> None:
        for name in builtin_scenarios():
            self.simulated.addItem(load_scenario(name).summary, name)
        self.simulated.setCurrentIndex(self.simulated.findData(DEFAULT_SCENARIO))
        self.unit.addItem(_("as the file says"), "")
        for unit in UNITS:
            self.unit.addItem(unit.replace("u", "µ") if unit == "uV" else unit, unit)

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

    def _want_recordings(self) -> None:
        self.recordings_button.setFocus()  # its key does not, and it is where one comes back to
        self.recordings_wanted.emit()

    def focus_first(self) -> None:
        """Put the focus where Enter starts the quickest way in: with a sensor, if one was used."""
        self._first.setFocus()

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
