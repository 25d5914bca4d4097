"""The start page: a simulated muscle, a sensor, or a recording."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from biofeedback.boards import BOARDS, DEFAULT_BOARD, NO_SENSOR, SENSORS, UNITS
from biofeedback.display.controls import Chooser, Label, button, card
from biofeedback.settings import SourceSettings
from biofeedback.sources import SourceOptions
from biofeedback.sources.ports import list_ports
from biofeedback.sources.scenario import builtin_scenarios, load_scenario
from biofeedback.text import _

DEFAULT_SCENARIO = "relaxing"
_ANY_PORT = ""
_CARD_CHARACTERS = 36


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen on the start page."""

    words: str
    options: SourceOptions


class StartPage(QWidget):
    """Emits `chosen` with a `Choice`; `refresh_ports` is called now and then while it is seen."""

    chosen = Signal(object)

    def __init__(self, last: SourceSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path = ""
        self.simulated = Chooser()
        self.port = Chooser()
        self.sensor = Chooser()
        self.board = Chooser()
        self.sfreq = QLineEdit()
        self.unit = Chooser()
        self._fill(last)
        self._cards = QGridLayout()
        self._cards.setSpacing(16)
        self._made = (self._simulated_card(), self._sensor_card(), self._file_card())
        inside = QWidget()
        inside.setObjectName("page")
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(24, 8, 24, 24)
        rows.setSpacing(16)
        rows.addWidget(Label(_("See your muscle tension, and learn to let go"), "heading"))
        rows.addLayout(self._cards)
        rows.addWidget(self._safety_card())
        rows.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(scroll)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # side by side where each has room for its words, else one below the other
        needed = _CARD_CHARACTERS * self.fontMetrics().averageCharWidth()
        side_by_side = self.width() >= len(self._made) * needed
        for i, made in enumerate(self._made):
            row, column = (0, i) if side_by_side else (i, 0)
            self._cards.addWidget(made, row, column)
            self._cards.setColumnStretch(i, 1 if side_by_side or i == 0 else 0)

    def _fill(self, last: SourceSettings) -> None:
        for name in builtin_scenarios():
            self.simulated.addItem(load_scenario(name).summary, name)
        self.simulated.setCurrentIndex(self.simulated.findData(DEFAULT_SCENARIO))
        self.sensor.addItem(_("not known: show counts"), NO_SENSOR)
        for name, sensor in SENSORS.items():
            self.sensor.addItem(sensor.title, name)
        self.sensor.setCurrentIndex(max(0, self.sensor.findData(last.sensor or NO_SENSOR)))
        for name, board in BOARDS.items():
            self.board.addItem(board.title, name)
        self.board.setCurrentIndex(max(0, self.board.findData(last.board or DEFAULT_BOARD)))
        self.unit.addItem(_("as the file says"), "")
        for unit in UNITS:
            self.unit.addItem(unit.replace("u", "µ") if unit == "uV" else unit, unit)
        self.refresh_ports()

    def _simulated_card(self) -> QWidget:
        made, rows = card(title=_("Simulated muscle"))
        rows.addWidget(Label(_("Try the program without a sensor. The signal is made up.")))
        _named(rows, self.simulated, _("&What it does"))
        rows.addStretch(1)
        self.demo_button = button(
            _("Try it"), _("Start the simulated muscle"), self._choose_simulated, main=True
        )
        rows.addWidget(self.demo_button)
        return made

    def _sensor_card(self) -> QWidget:
        made, rows = card(title=_("Connect a sensor"))
        rows.addWidget(
            Label(_("Plug the board in by USB. Any sketch that prints numbers will do."))
        )
        _named(rows, self.port, _("&Port"))
        _named(rows, self.sensor, _("&Sensor"))
        _named(rows, self.board, _("&Board"))
        rows.addStretch(1)
        rows.addWidget(
            button(_("&Connect"), _("Listen to the sensor"), self._choose_port, main=True)
        )
        return made

    def _file_card(self) -> QWidget:
        made, rows = card(title=_("Open a recording"))
        rows.addWidget(Label(_("A CSV, OpenSignals or one-column file, played as it was.")))
        self.sfreq.setPlaceholderText(_("if the file has no times"))
        _named(rows, self.sfreq, _("Samples a second (&Hz)"))
        _named(rows, self.unit, _("&Unit of plain numbers"))
        rows.addStretch(1)
        rows.addWidget(button(_("&Open …"), _("Choose a file"), self._choose_file, main=True))
        return made

    def _safety_card(self) -> QWidget:
        return card(
            Label(
                _(
                    "For awareness and relaxation training. Not a medical device; it does not "
                    "diagnose or treat. Change no medicine, injection or exercise because of it."
                )
            ),
            Label(
                _(
                    "Run on battery: unplug charger, dock, external monitor and every "
                    "mains-powered USB device before the electrodes go on. Not with a pacemaker, "
                    "ICD, deep brain stimulator or pump without asking the doctor; not on broken "
                    "skin; never on both sides of the front of the neck; not across the chest; "
                    "not while driving, bathing or sleeping."
                ),
                "quiet",
            ),
            title=_("Before you start"),
        )[0]

    def focus_first(self) -> None:
        """Put the focus where Enter starts the quickest way in."""
        self.demo_button.setFocus()

    def refresh_ports(self) -> None:
        """Show the ports that there are now; keep the chosen one."""
        found = [(_("the first board that answers"), _ANY_PORT)]
        found += [(f"{port.name}  {port.description}".strip(), port.name) for port in list_ports()]
        shown = [(self.port.itemText(i), self.port.itemData(i)) for i in range(self.port.count())]
        if found == shown or self.port.view().isVisible():
            return
        chosen = self.port.currentData()
        self.port.clear()
        for text, name in found:
            self.port.addItem(text, name)
        self.port.setCurrentIndex(max(0, self.port.findData(chosen)))

    def _choose_simulated(self) -> None:
        self.chosen.emit(Choice(f"sim:{self.simulated.currentData()}", SourceOptions()))

    def _choose_port(self) -> None:
        options = SourceOptions(sensor=self.sensor.currentData(), board=self.board.currentData())
        self.chosen.emit(Choice(f"serial:{self.port.currentData()}", options))

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


def _named(rows: QVBoxLayout, field: Chooser | QLineEdit, text: str) -> None:
    """Add `field` below its label, which names it and whose key leads to it."""
    label = Label(text, "quiet", wrap=False)
    label.setBuddy(field)
    name = text.replace("&", "")
    field.setAccessibleName(name)
    field.setAccessibleDescription(name)
    rows.addWidget(label)
    rows.addWidget(field)
