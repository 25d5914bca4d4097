"""The page that finds the board: what is plugged in, what answers, and which sensor is on it."""

from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import (
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QInputDialog, QVBoxLayout, QWidget

from biofeedback.boards import BOARDS, DEFAULT_BOARD, NO_SENSOR, SENSORS
from biofeedback.devices.survey import Found, Watch
from biofeedback.display.preparing.board_words import (
    BY_HAND,
    KINDS_BY_HAND,
    SENSOR_ON,
    advice,
    channel_words,
    converter,
    is_remembered,
    kind_with_steps,
    needs_board,
    pick,
    resolution_words,
    row_text,
    takes_firmware,
)
from biofeedback.display.preparing.placement_choice import MuscleChoice
from biofeedback.display.preparing.port_list import PortList
from biofeedback.display.sitting.choice import PATIENCE_S, Choice
from biofeedback.display.widgets.controls import (
    Chooser,
    Label,
    Side,
    announce,
    button,
    card,
    named,
    rename,
    scrolling,
)
from biofeedback.settings import SourceSettings
from biofeedback.sources import SourceOptions
from biofeedback.sources.ports import Port
from biofeedback.text import _

_LOOK_MS = 500
_MOST_CHANNELS = 6
_CARD_CHARACTERS = 48


class ConnectPage(QWidget):
    """Shows what is plugged in while it is seen; emits `chosen` with a `Choice`."""

    chosen = Signal(object)
    firmware_wanted = Signal(object)
    """Onto this `Port`."""
    wiring_wanted = Signal()
    placement_wanted = Signal(str)
    """Of the muscle with this label, which may be empty."""
    message = Signal(str)

    def __init__(
        self, last: SourceSettings, *, watch: Watch | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._last = last
        self._watch = watch or Watch()
        self._named_ports: list[Port] = []
        self._found: list[Found] = []
        self._by_hand: Port | None = None
        self._told = ""
        self._sensor_for = ""  # the kind of board whose own sensor was chosen
        self._sensor_before = ""
        self.by_itself = False
        """Whether to connect the board of last time, as soon as it answers."""
        self.ports = PortList()
        self.ports.moved.connect(self._choose_by_hand)
        self.sensor, self.channels, self.board = Chooser(), Chooser(), Chooser()
        self.kind = Chooser()
        self.muscles = MuscleChoice(last.labels, most=_MOST_CHANNELS)
        self.muscles.where_wanted.connect(self.placement_wanted)
        self._lay_out()
        self._fill(last)
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self.look)
        for key, wanted in (
            (Qt.Key.Key_F1, self.wiring_wanted.emit),
            (Qt.Key.Key_F2, self.muscles.ask_where),
        ):
            QShortcut(QKeySequence(key), self).activated.connect(wanted)

    # parts

    def _lay_out(self) -> None:
        inside = QWidget()
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(24, 8, 24, 8)
        rows.setSpacing(16)
        rows.addWidget(Label(_("Connect a sensor"), "heading"))
        rows.addWidget(
            Side(
                self._board_card(),
                self._sensor_card(),
                wanted=lambda: _CARD_CHARACTERS * self.fontMetrics().averageCharWidth(),
            )
        )
        rows.addWidget(self.muscles)
        rows.addStretch(1)
        wiring = button(
            _("&Wiring and electrodes"),
            _("See how the sensor is wired and where the electrodes go (F1)"),
            self.wiring_wanted.emit,
        )
        self._connect = button(
            _("&Connect"), _("Listen to the sensor (Enter)"), self.connect_board, main=True
        )
        below = QVBoxLayout()
        below.setContentsMargins(24, 8, 24, 16)
        below.addWidget(Side(wiring, self._connect, spacing=10))
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.setSpacing(0)
        outside.addWidget(scrolling(inside), 1)
        outside.addLayout(below)

    def _board_card(self) -> QWidget:
        made, rows = card(title=_("1. Plug the board in by USB"))
        rows.addWidget(self.ports)
        self._advice = Label()
        rows.addWidget(self._advice)
        self._kind_label = named(rows, self.kind, _("&Kind of board"))
        self._firmware = button("", "", self._want_firmware)
        self._again = button("", "", self._ask)
        self._other = button(
            _("Another &port …"), _("Name a port that is not listed"), self._ask_for_port
        )
        rows.addWidget(self._firmware)
        rows.addWidget(Side(self._again, self._other, spacing=10))
        rows.addStretch(1)
        return made

    def _sensor_card(self) -> QWidget:
        made, rows = card(title=_("2. Choose what is on it"))
        named(rows, self.sensor, _("&Sensor"))
        self._channels_label = named(rows, self.channels, _("&How many sensors, from input A0 on"))
        self._board_label = named(rows, self.board, _("&Board that prints the numbers"))
        self._resolves = Label()
        rows.addWidget(self._resolves)
        rows.addStretch(1)
        return made

    def _fill(self, last: SourceSettings) -> None:
        if not last.sensor:
            self.sensor.addItem(_("please choose"), "")
        for name, sensor in SENSORS.items():
            self.sensor.addItem(sensor.title, name)
        self.sensor.addItem(_("not known: show counts"), NO_SENSOR)
        self.sensor.setCurrentIndex(max(0, self.sensor.findData(last.sensor)))
        for name, board in BOARDS.items():
            self.board.addItem(board.title, name)
        self.board.setCurrentIndex(max(0, self.board.findData(last.board or DEFAULT_BOARD)))
        for n in range(1, _MOST_CHANNELS + 1):
            self.channels.addItem(channel_words(n, inputs=True), n)
        self.channels.setCurrentIndex(max(0, self.channels.findData(last.channels)))
        self.kind.addItem(_("is found by itself"), "")
        for name, title in KINDS_BY_HAND.items():
            self.kind.addItem(title, name)
        self.kind.setCurrentIndex(max(0, self.kind.findData(last.wire)))
        for chooser in (self.sensor, self.board, self.channels, self.kind):
            chooser.currentIndexChanged.connect(self._show_chosen)

    # what is plugged in

    def look(self) -> None:
        """Show the ports that there are now and what is known of each."""
        found = self._watch.look()
        listed = {one.port.name for one in found}
        found += [
            Found(port, "not asked", "") for port in self._named_ports if port.name not in listed
        ]
        self._found = found
        if self._by_hand not in [one.port for one in found]:
            self._by_hand = None
        self.ports.show_rows([(one.port, row_text(one)) for one in found], self._port())
        self._show_chosen()
        current = self.current() if self.by_itself and self.sensor.currentData() else None
        if current is not None and current.usable and is_remembered(current, self._last):
            self.connect_board()

    def current(self) -> Found | None:
        """Return the board that Connect would take, as what it was said to be."""
        found = self._picked()
        if found is not None and found.answer in BY_HAND and self.kind.currentData():
            return replace(found, answer=self.kind.currentData(), words=self.kind.currentText())
        return found

    def _picked(self) -> Found | None:
        if self._by_hand is not None:
            return next(one for one in self._found if one.port == self._by_hand)
        return pick(self._found, self._last)

    def _port(self) -> Port | None:
        current = self.current()
        return current.port if current else None

    def _choose_by_hand(self, port: Port) -> None:
        self._by_hand = port
        self._show_chosen()

    def _show_chosen(self) -> None:
        """Show what can be done with the board that is chosen, and what it resolves."""
        found, picked = self.current(), self._picked()
        self._take_own_sensor(found.answer if found else "")
        sensor = self.sensor.currentData()
        unknown = picked is not None and picked.answer in BY_HAND
        firmware = found is not None and takes_firmware(found)
        steps = found is not None and kind_with_steps(found) is not None
        if firmware:
            rename(self._firmware, _("Put the &firmware on it"), _("Go to the page that does it"))
        elif steps:
            rename(self._firmware, _("How the &firmware gets on it"), _("See the steps"))
        self._firmware.setVisible(firmware or steps)
        if found is not None and found.answer == "not asked":
            rename(self._again, _("&Ask"), _("Ask who is there"))
        else:
            rename(self._again, _("&Ask again"), _("Ask once more who is there"))
        known = found is None or found.usable or found.answer == "asking"
        self._again.setVisible(not (known or self._port() in self._named_ports))
        printing = found is not None and needs_board(found, sensor)
        native = found is not None and found.answer != "text"
        for part, wanted in (
            (self._kind_label, unknown),
            (self.kind, unknown),
            (self._channels_label, native),
            (self.channels, native),
            (self._board_label, printing),
            (self.board, printing),
        ):
            part.setVisible(wanted)
        self._name_channels(inputs=not (found and found.of_another_maker))
        self.muscles.show_count(self.channels.currentData() if native else None)
        what = advice(found) if found else _("It appears here within two seconds.")
        if found != picked:
            what = _("Connect looks for this kind of board there.")
        self._advice.setText(what)
        board = converter(found, sensor, self.board.currentData()) if found else None
        resolves = resolution_words(sensor, board)
        self._resolves.setText(resolves or _("The sensor gives the numbers their meaning."))
        self._announce(f"{row_text(found)}. {what}" if found else "")

    def _name_channels(self, *, inputs: bool) -> None:
        """Say what is counted: an Arduino's inputs, or another board's channels."""
        words = _("&How many sensors, from input A0 on") if inputs else _("&How many channels")
        if self._channels_label.text() == words:
            return
        self._channels_label.setText(words)
        self.channels.setAccessibleName(words.replace("&", ""))
        for i in range(self.channels.count()):
            self.channels.setItemText(i, channel_words(i + 1, inputs=inputs))

    def _take_own_sensor(self, answer: str) -> None:
        """Choose the sensor that a kind of board has, and the one of before for another kind."""
        own = answer if answer in SENSOR_ON else ""
        if own == self._sensor_for:
            return
        if not self._sensor_for:
            self._sensor_before = self.sensor.currentData()
        self._sensor_for = own
        name = SENSOR_ON.get(own, self._sensor_before)
        self.sensor.blockSignals(True)  # noqa: FBT003 - Qt's
        self.sensor.setCurrentIndex(max(0, self.sensor.findData(name)))
        self.sensor.blockSignals(False)  # noqa: FBT003

    def _announce(self, told: str) -> None:
        """Let a screen reader say what has come, once."""
        if told == self._told:
            return
        self._told = told
        self.ports.setAccessibleDescription(told or _("No board is plugged in."))
        announce(self.ports, told)

    # what is done

    def connect_board(self) -> None:
        """Choose the board, or say what is missing."""
        found, sensor = self.current(), self.sensor.currentData()
        if found is None:
            self.message.emit(
                _("No board is plugged in: plug it in, with a USB cable that carries data.")
            )
            return
        if not sensor:
            self.message.emit(
                _("Choose the sensor first; where it is not known, choose to see counts.")
            )
            self.sensor.setFocus()
            return
        if trouble := self.muscles.trouble():
            self.by_itself = False
            self.message.emit(trouble)
            return
        if self.sensor.findData("") >= 0:
            self.sensor.removeItem(self.sensor.findData(""))
        self._watch.pause()
        board, port = self.board.currentData(), found.port
        own = SENSORS[sensor].converter if sensor in SENSORS else None
        options = SourceOptions(
            sensor=sensor,
            board="" if own or found.of_another_maker else board,
            channels=self.channels.currentData(),
            labels=self.muscles.labels(),
            patience_s=PATIENCE_S,
        )
        self._last = replace(
            self._last,
            sensor=sensor,
            board=board,
            port=port.name,
            serial_number=port.serial_number or "",
            channels=self.channels.currentData(),
            labels=self.muscles.labels(),
            wire=self.kind.currentData() if self.kind.isVisible() else "",
        )
        wire = f"?wire={found.answer}" if found.of_another_maker or self._last.wire else ""
        self.chosen.emit(Choice(f"serial:{port.name}{wire}", options, self._last))

    def choose_port(self, port: Port) -> None:
        """Choose `port`, and ask who is there now."""
        self._by_hand = port
        self._watch.ask(port)

    def _ask(self) -> None:
        port = self._port()
        if port is not None:
            self._watch.ask(port)
            self._connect.setFocus()
            self.look()

    def _want_firmware(self) -> None:
        port = self._port()
        if port is not None:
            self._watch.pause()
            self.firmware_wanted.emit(port)

    def _ask_for_port(self) -> None:
        asked = QInputDialog(self)
        asked.setObjectName("ask")
        asked.setWindowTitle(_("Another port"))
        asked.setLabelText(_("Its name, such as COM5 or /dev/rfcomm0:"))
        asked.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        asked.textValueSelected.connect(self._name_port)
        asked.open()

    def _name_port(self, name: str) -> None:
        if name.strip():
            port = Port(name.strip(), "")
            self._named_ports.append(port)
            self._by_hand = port
            self.look()

    # Qt's

    def focus_first(self) -> None:
        """Put the focus where Enter connects; on the sensor while none was ever chosen."""
        (self._connect if self.sensor.currentData() else self.sensor).setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.connect_board()  # from the list and the choosers too
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.by_itself = False
        self._timer.stop()
        self._watch.pause()
