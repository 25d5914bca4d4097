"""The page on which a montage is made or changed: muscles, sensor, band, training, threshold."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QGridLayout, QLineEdit, QVBoxLayout, QWidget

from biofeedback.bands import BANDS
from biofeedback.boards import NO_SENSOR, SENSORS
from biofeedback.display.sitting.whose import Whose
from biofeedback.display.training.protocol_page import FIRST_PROTOCOL
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
from biofeedback.errors import BiofeedbackError, JournalError
from biofeedback.journal.nouns import Montage, MontageChannel
from biofeedback.muscles import MUSCLES, SIDES, label_of, why_not
from biofeedback.text import _
from biofeedback.training.protocol_file import installed, load_protocol

MOST = 8
_LONGEST = 80


class MontagePage(QWidget):
    """Shows a person's montage; emits `done` when it is kept."""

    done = Signal()
    message = Signal(str)

    def __init__(self, whose: Whose, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whose, self._person, self._before = whose, "", ""
        self.name, self.threshold = QLineEdit(), QLineEdit()
        self.name.setMaxLength(_LONGEST)
        self.name.setPlaceholderText(_("such as: neck, both sides"))
        self.threshold.setPlaceholderText(_("none: the baseline tells it"))
        self.protocol, self.band, self.sensor = Chooser(), Chooser(), Chooser()
        self.muscles = [QLineEdit() for _muscle in range(MOST)]
        self._title = Label("", "heading")
        self._fill()
        self._lay_out()

    def _fill(self) -> None:
        known = [label_of(muscle, side) for muscle in MUSCLES for side in SIDES]
        for line in self.muscles:
            line.setMaxLength(_LONGEST)
            completer = QCompleter(known, line)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            line.setCompleter(completer)
        for name, (low_hz, high_hz) in BANDS.items():
            text = _("{low} to {high} Hz").format(low=low_hz, high=high_hz)
            self.band.addItem(text, name)
        self.sensor.addItem(_("as on the page that finds the board"), "")
        for name, sensor in SENSORS.items():
            self.sensor.addItem(sensor.title, name)
        self.sensor.addItem(_("not known: show counts"), NO_SENSOR)

    def _lay_out(self) -> None:
        fields, rows = card(title=_("The sitting"))
        named(rows, self.name, _("&Name of this montage"))
        named(rows, self.protocol, _("&Training"))
        named(rows, self.sensor, _("&Sensor, the same on every muscle"))
        named(rows, self.band, _("&Band"))
        named(rows, self.threshold, _("T&hreshold in µV"))
        rows.addStretch(1)
        muscles, muscle_rows = card(title=_("Muscle and side of each sensor, from A0 on"))
        grid = QGridLayout()
        for i, line in enumerate(self.muscles):
            label = Label(f"{i + 1}", wrap=False)
            label.setBuddy(line)
            line.setAccessibleName(_("Muscle of sensor {n}").format(n=i + 1))
            line.setAccessibleDescription(_("Such as trapezius left; empty where there is none"))
            grid.addWidget(label, i, 0)
            grid.addWidget(line, i, 1)
        self.muscles[0].setPlaceholderText(_("such as trapezius left"))
        muscle_rows.addLayout(grid)
        muscle_rows.addStretch(1)
        inside = QWidget()
        page = QVBoxLayout(inside)
        page.setContentsMargins(24, 8, 24, 8)
        page.addWidget(self._title)
        wanted = lambda: 34 * self.fontMetrics().averageCharWidth()  # noqa: E731
        page.addWidget(Side(fields, muscles, wanted=wanted))
        page.addStretch(1)
        keep = button(
            _("&Keep this montage"), _("Keep it in the journal (Enter)"), self.keep, main=True
        )
        self._scroll = framed(self, inside, keep)

    def show_montage(self, person: str, montage: Montage | None) -> None:
        """Begin with `montage` of `person`; None: with a new one."""
        self._person, self._before = person, montage.name if montage else ""
        self._title.setText(
            _("Montage of {person}").format(person=person)
            if montage
            else _("New montage of {person}").format(person=person)
        )
        self.protocol.clear()
        self.protocol.addItem(_("none: just watch"), "")
        for name in installed():
            try:
                self.protocol.addItem(load_protocol(name).title, name)
            except BiofeedbackError as error:
                self.message.emit(str(error))
        self.name.setText(montage.name if montage else "")
        threshold = "" if montage is None or montage.threshold_uv is None else montage.threshold_uv
        self.threshold.setText(f"{threshold:g}" if threshold else "")
        channels = montage.channels if montage else ()
        for i, line in enumerate(self.muscles):
            line.setText(channels[i].label if i < len(channels) else "")
        for chooser, wanted in (
            (self.protocol, montage.protocol if montage else FIRST_PROTOCOL),
            (self.band, montage.band if montage else next(iter(BANDS))),
            (self.sensor, channels[0].sensor if channels else ""),
        ):
            chooser.setCurrentIndex(max(0, chooser.findData(wanted)))

    def _montage(self) -> Montage:
        """Return what is typed; raise `JournalError` where it cannot be."""
        labels = [line.text().strip() for line in self.muscles]
        while labels and not labels[-1]:
            labels.pop()
        if trouble := why_not(labels):
            raise JournalError(trouble)
        typed = self.threshold.text().strip().replace(",", ".")
        try:
            threshold_uv = float(typed) if typed else None
        except ValueError:
            raise JournalError(
                _("'{typed}' is no threshold: type one such as 4.5, or none.").format(typed=typed)
            ) from None
        sensor = self.sensor.currentData()
        return Montage(
            name=self.name.text().strip(),
            protocol=self.protocol.currentData(),
            band=self.band.currentData(),
            channels=tuple(MontageChannel(label, sensor) for label in labels),
            threshold_uv=threshold_uv,
        )

    def keep(self) -> None:
        """Keep what is typed, in place of what it was."""
        try:
            montage = self._montage()
            journal = self._whose.journal()
            journal.keep_montage(self._person, montage)
            if self._before not in ("", montage.name):
                journal.remove_montage(self._person, self._before)
        except BiofeedbackError as error:
            self.message.emit(str(error))
            return
        self.done.emit()

    def focus_first(self) -> None:
        """Begin with the name."""
        self.name.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.keep()  # from lines and choosers too
        elif not scroll_by(self._scroll, event):
            super().keyPressEvent(event)
