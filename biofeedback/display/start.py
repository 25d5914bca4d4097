"""The start page: a simulated muscle, a sensor, or a recording."""

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit, QVBoxLayout, QWidget

from biofeedback.boards import UNITS
from biofeedback.display.controls import Chooser, Label, Side, button, card, named, scrolling
from biofeedback.display.safety import safety_card
from biofeedback.display.signal_switches import SignalSwitches
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
    """What was chosen to be opened; `remember`: what was connected, where it was a sensor."""

    words: str
    options: SourceOptions
    remember: SourceSettings | None = None


class StartPage(QWidget):
    """Emits `chosen` with a `Choice`, or `connect_wanted` for the page that finds boards."""

    chosen = Signal(object)
    connect_wanted = Signal()
    signal_changed = Signal(object)
    """How a signal is to be read: `SignalSettings`."""

    def __init__(
        self, last: SourceSettings, signal: SignalSettings, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
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
        self._first = self.connect_button if last.port else self.demo_button

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
            _("Try it"), _("Start the simulated muscle"), self._choose_simulated, main=True
        )
        rows.addWidget(self.demo_button)
        return made

    def _sensor_card(self) -> QWidget:
        made, rows = card(title=_("Connect a sensor"))
        rows.addWidget(Label(_("An Arduino or another board, by USB, with a sensor on the skin.")))
        rows.addWidget(
            Label(_("The next page finds the board, and shows how it is wired."), "quiet")
        )
        rows.addStretch(1)
        self.connect_button = button(
            _("&Connect …"), _("Find the board"), self._want_board, main=True
        )
        rows.addWidget(self.connect_button)
        return made

    def _file_card(self) -> QWidget:
        made, rows = card(title=_("Open a recording"))
        rows.addWidget(Label(_("A CSV, OpenSignals or one-column file, played as it was.")))
        self.sfreq.setPlaceholderText(_("if the file has no times"))
        named(rows, self.sfreq, _("Samples a second (&Hz)"))
        named(rows, self.unit, _("&Unit of plain numbers"))
        rows.addStretch(1)
        rows.addWidget(button(_("&Open …"), _("Choose a file"), self._choose_file, main=True))
        return made

    def focus_first(self) -> None:
        """Put the focus where Enter starts the quickest way in: with a sensor, if one was used."""
        self._first.setFocus()

    def _want_board(self) -> None:
        self.connect_button.setFocus()  # its key does not, and it is where one comes back to
        self.connect_wanted.emit()

    def _choose_simulated(self) -> None:
        self.chosen.emit(Choice(f"sim:{self.simulated.currentData()}", SourceOptions()))

    def _choose_file(self) -> None:
        path, _kind = QFileDialog.getOpenFileName(
            self,
            _("Open a recording"),
            self._path,
            _("Recordings (*.csv *.tsv *.txt *.dat);;All files (*)"),
        )
        if path:
            self._path = path
            self.open_recording(path)

    def open_recording(self, path: str) -> None:
        """Choose the recording at `path`, with the rate and unit of the form."""
        typed = self.sfreq.text().strip().replace(",", ".")
        try:
            sfreq = float(typed) if typed else None
        except ValueError:
            sfreq = float("nan")  # refused with a sentence where the source is opened
        options = SourceOptions(sfreq=sfreq, unit=self.unit.currentData() or None)
        self.chosen.emit(Choice(f"file:{path}", options))
