"""The page that finds the board, by keys, with a watch of the test's own; and one real board."""

import threading
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextLayout
from PySide6.QtWidgets import QInputDialog, QLabel, QWidget

from biofeedback.boards import Board
from biofeedback.devices.flash import FIRMWARE
from biofeedback.devices.survey import Found, Watch
from biofeedback.display.app import MainWindow
from biofeedback.display.feedback.patient import PatientScreen
from biofeedback.display.preparing.connect import ConnectPage
from biofeedback.display.preparing.contact_page import ContactPage
from biofeedback.display.preparing.safety_page import SafetyPage
from biofeedback.display.sitting.choice import Choice
from biofeedback.display.start import StartPage
from biofeedback.display.widgets.palette import DARK, LIGHT
from biofeedback.display.widgets.style import apply_style
from biofeedback.session import State
from biofeedback.settings import Settings, SourceSettings, load_settings
from biofeedback.sources.ports import Port
from biofeedback.wire.native import PROTOCOL, Info

UNO = Port("/dev/ttyACM0", "ttyACM0", 0x2341, 0x0043, "7523")
NANO = Port("/dev/ttyUSB0", "USB Serial", 0x1A86, 0x7523)
PICO = Port("/dev/ttyACM1", "Pico", 0x2E8A, 0x000A, "E661")
INFO = Info(PROTOCOL, (1, 0, 0), bits=10, vref_mv=5000, max_channels=6, name="Uno/Nano")
READY = Found(UNO, "native", "Uno/Nano, firmware 1.0.0, 10 bits, 6 inputs", INFO)
PRINTS = Found(NANO, "text", "sends numbers")
SILENT = Found(NANO, "nothing", "nothing answers")
BARE = Found(PICO, "nothing", "nothing answers")
KNOWN = SourceSettings(sensor="myoware-2-raw", port=UNO.name, serial_number="7523", channels=2)


@pytest.fixture
def last(request: pytest.FixtureRequest) -> SourceSettings:
    return getattr(request, "param", SourceSettings())


@pytest.fixture
def connect(window: MainWindow, qtbot) -> ConnectPage:
    """The page as a person comes to it; what it chooses goes to `choices`."""
    start = window.pages.currentWidget()
    assert isinstance(start, StartPage)
    start.connect_button.setFocus()
    qtbot.keyClick(start.connect_button, Qt.Key.Key_Return)
    assert isinstance(window.pages.currentWidget(), SafetyPage)
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    page = window.pages.currentWidget()
    assert isinstance(page, ConnectPage)
    page.chosen.disconnect()
    return page


def choices(page: ConnectPage) -> list[Choice]:
    made: list[Choice] = []
    page.chosen.connect(made.append)
    return made


def rows(page: ConnectPage) -> list[str]:
    return [page.ports.item(i).text() for i in range(page.ports.count())]


def shown(page: QWidget) -> str:
    return " ".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


remembering = pytest.mark.parametrize("last", [KNOWN], indirect=True)


def test_what_is_plugged_in_appears_and_what_is_pulled_goes(connect, watch, qtbot):
    assert rows(connect) == ["No board is plugged in yet."]
    watch.found = [Found(UNO, "asking", "asking who is there")]
    qtbot.waitUntil(lambda: "asking who is there" in rows(connect)[0], timeout=2000)
    watch.found = [READY]
    qtbot.waitUntil(lambda: "firmware 1.0.0" in rows(connect)[0], timeout=2000)
    assert "firmware 1.0.0" in connect.ports.accessibleDescription()
    watch.found = []
    qtbot.waitUntil(lambda: rows(connect) == ["No board is plugged in yet."], timeout=2000)


@remembering
def test_plug_in_and_enter_is_enough(connect, watch, qtbot):
    made = choices(connect)
    watch.found = [BARE, READY]
    connect.look()
    qtbot.keyClick(connect.window().focusWidget(), Qt.Key.Key_Return)
    assert [choice.words for choice in made] == ["serial:/dev/ttyACM0"]
    options = made[0].options
    assert (options.sensor, options.channels, options.patience_s) == ("myoware-2-raw", 2, 600.0)
    assert made[0].remember == KNOWN or made[0].remember.board == "uno"


@remembering
@pytest.mark.parametrize("part", ["ports", "sensor", "channels"])
def test_enter_connects_from_the_list_and_the_choosers_too(connect, watch, qtbot, part):
    watch.found = [READY]
    connect.look()
    made = choices(connect)
    widget = getattr(connect, part)
    widget.setFocus()
    qtbot.keyClick(widget, Qt.Key.Key_Return)
    assert len(made) == 1


def test_all_ports_are_let_go_of_before_one_is_opened_and_while_the_page_is_hidden(
    connect, watch, qtbot
):
    watch.found = [READY]
    connect.look()
    connect.sensor.setCurrentIndex(connect.sensor.findData("none"))
    watch.told.clear()
    told_first = []
    connect.chosen.connect(lambda _choice: told_first.append(list(watch.told)))
    connect.connect_board()
    assert told_first == [["pause"]]
    watch.told.clear()
    qtbot.keyClick(connect, Qt.Key.Key_Escape)
    assert isinstance(connect.window().pages.currentWidget(), SafetyPage)
    assert watch.told == ["pause"]
    assert not connect._timer.isActive()


def test_without_a_board_and_without_a_sensor_it_is_said_what_is_missing(connect, watch, qtbot):
    window, made = connect.window(), choices(connect)
    assert window.focusWidget() is connect.sensor, "what was never chosen is asked for first"
    qtbot.keyClick(connect.sensor, Qt.Key.Key_Return)
    assert "No board is plugged in" in window._message.text()
    watch.found = [READY]
    connect.look()
    qtbot.keyClick(connect.sensor, Qt.Key.Key_Return)
    assert "Choose the sensor first" in window._message.text()
    assert made == []
    connect.sensor.setCurrentIndex(connect.sensor.findData("none"))
    qtbot.keyClick(connect.sensor, Qt.Key.Key_Return)
    assert made[0].options.sensor == "none"
    assert connect.sensor.findData("") == -1, "it is asked once"


def test_what_a_person_goes_to_stays_chosen_while_others_come_and_go(connect, watch, qtbot):
    watch.found = [PRINTS, BARE]
    connect.look()
    assert connect.current() is PRINTS
    connect.ports.setFocus()
    qtbot.keyClick(connect.ports, Qt.Key.Key_Down)
    assert connect.current() is BARE
    watch.found = [READY, PRINTS, BARE]
    connect.look()
    assert connect.current() is BARE
    assert connect.ports.currentRow() == 2
    watch.found = [READY, PRINTS]
    connect.look()
    assert connect.current() is not BARE


def test_a_board_that_becomes_usable_is_taken_while_nobody_has_chosen(connect, watch):
    watch.found = [SILENT]
    connect.look()
    assert connect.current() is SILENT
    watch.found = [SILENT, READY]
    connect.look()
    assert connect.current() is READY
    assert connect.ports.currentRow() == 1


def test_inputs_are_asked_for_where_the_board_has_them_and_the_board_where_it_prints(
    connect, watch
):
    connect.sensor.setCurrentIndex(connect.sensor.findData("myoware-2-raw"))
    watch.found = [READY]
    connect.look()
    assert connect.channels.isVisible()
    assert not connect.board.isVisible()
    assert "resolves 12 µV" in shown(connect)
    watch.found = [PRINTS]
    connect.look()
    assert connect.board.isVisible()
    assert not connect.channels.isVisible()
    connect.board.setCurrentIndex(connect.board.findData("uno-r4"))
    assert "resolves 0.76 µV" in shown(connect)
    made = choices(connect)
    connect.connect_board()
    assert made[0].options.board == "uno-r4"
    connect.sensor.setCurrentIndex(connect.sensor.findData("bitalino"))
    connect.connect_board()
    assert made[1].options.board == "", "the sensor's own converter counts"


def test_a_port_that_is_not_listed_can_be_named(connect, watch, qtbot):
    connect._other.setFocus()
    qtbot.keyClick(connect._other, Qt.Key.Key_Return)
    asked = connect.findChild(QInputDialog, "ask")
    asked.setTextValue(" /dev/rfcomm0 ")
    asked.accept()
    assert rows(connect) == ["/dev/rfcomm0\nnot asked"]
    assert not connect._again.isVisible(), "Connect asks"
    made = choices(connect)
    connect.sensor.setCurrentIndex(connect.sensor.findData("none"))
    connect.connect_board()
    assert made[0].words == "serial:/dev/rfcomm0"


CYTON = Found(NANO, "cyton", "OpenBCI Cyton")
CHORDS = Found(UNO, "chords", "Chords board UNO-R4", converter=Board("Arduino UNO R4", 14, 5.0))


def test_another_makers_board_is_ready_and_brings_its_own_sensor(connect, watch):
    connect.sensor.setCurrentIndex(connect.sensor.findData("myoware-2-raw"))
    watch.found = [CYTON]
    connect.look()
    assert connect.sensor.currentData() == "cyton"
    assert not connect.kind.isVisible()
    assert not connect._firmware.isVisible()
    assert "no checksum" in shown(connect)
    assert rows(connect) == [f"OpenBCI Cyton · {NANO.name}\nanswers"]
    assert connect.channels.itemText(1) == "2"
    made = choices(connect)
    connect.connect_board()
    assert made[0].words == f"serial:{NANO.name}?wire=cyton"
    assert (made[0].options.sensor, made[0].options.board) == ("cyton", "")
    watch.found = [CHORDS]
    connect.look()
    assert connect.sensor.currentData() == "myoware-2-raw", "as it was before"
    assert rows(connect)[0].startswith("Chords board UNO-R4")
    assert "resolves 0.76 µV" in shown(connect), "by the 14 bits that the board told"
    connect.connect_board()
    assert made[1].words == f"serial:{UNO.name}?wire=chords"
    assert made[1].options.board == "", "the board knows its own converter"


def test_the_kind_of_a_board_that_is_not_found_by_itself_can_be_said(connect, watch, qtbot):
    watch.found = [Found(NANO, "bytes", "sends bytes")]
    connect.look()
    assert connect.kind.isVisible()
    assert connect._firmware.isVisible()
    qtbot.keyClick(connect, Qt.Key.Key_K, Qt.KeyboardModifier.AltModifier)
    assert connect.window().focusWidget() is connect.kind
    connect.kind.setCurrentIndex(connect.kind.findData("spikershield"))
    assert connect.sensor.currentData() == "none", "its gain is not certain"
    assert "Connect looks for this kind of board" in shown(connect)
    assert not connect._firmware.isVisible()
    made = choices(connect)
    connect.connect_board()
    assert made[0].words == f"serial:{NANO.name}?wire=spikershield"
    assert made[0].remember.wire == "spikershield"
    watch.found = [READY]
    connect.look()
    assert not connect.kind.isVisible()
    assert connect.channels.itemText(1) == "2 (A0 to A1)"
    connect.connect_board()
    assert made[1].words == "serial:/dev/ttyACM0"
    assert made[1].remember.wire == ""


def test_it_is_asked_again_at_a_key(connect, watch, qtbot):
    watch.found = [SILENT]
    connect.look()
    qtbot.keyClick(connect, Qt.Key.Key_A, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: watch.told[-1:] == [NANO], timeout=5000)


def test_what_was_never_asked_is_asked_not_asked_again(connect, watch, qtbot):
    never = Port("/dev/ttyAMA0", "")
    watch.found = [Found(never, "not asked", "")]
    connect.look()
    assert connect._again.text() == "&Ask"
    assert connect._again.accessibleName() == "Ask"
    qtbot.keyClick(connect, Qt.Key.Key_A, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: watch.told[-1:] == [never], timeout=5000)
    watch.found = [Found(never, "nothing", "nothing answers")]
    connect.look()
    assert connect._again.text() == "&Ask again"


def test_what_was_connected_is_remembered_and_a_failure_leads_back_here(
    window, watch, qtbot, tmp_path
):
    nowhere = Port(str(tmp_path / "nowhere"), "a board", 0x2341, 0x0043, "55")
    watch.found = [Found(nowhere, "native", "Uno/Nano", INFO)]
    window._show_page(window.pages.connect_page)
    page = window.pages.connect_page
    page.sensor.setCurrentIndex(page.sensor.findData("myoware-2-raw"))
    page.channels.setCurrentIndex(2)
    page._connect.setFocus()
    qtbot.keyClick(page._connect, Qt.Key.Key_Return)
    assert load_settings().source == SourceSettings(
        "myoware-2-raw", "uno", nowhere.name, "55", channels=3
    )
    qtbot.waitUntil(lambda: "nowhere" in window._message.text(), timeout=10_000)
    assert window.pages.currentWidget() is page
    assert window.focusWidget() is page._connect, "Enter tries again"


@remembering
def test_who_has_used_a_sensor_is_led_to_it_by_enter(window, qtbot):
    for _press in range(2):  # to the page of safety, and past it
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    assert window.pages.currentWidget() is window.pages.connect_page


@pytest.mark.parametrize("scale", [1.0, 2.0])
@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_nothing_is_cut_off_or_wider_than_the_screen(connect, watch, qtbot, qapp, scale, palette):
    words = "Sie dürfen /dev/ttyACM0 nicht öffnen: es gehört der Gruppe dialout. " * 3
    watch.found = [Found(UNO, "refused", words), Found(NANO, "text", words), BARE]
    connect.window().resize(1280, 800)
    apply_style(qapp, palette, font_scale=scale)
    for row in range(3):
        connect.look()
        connect.ports.setCurrentRow(row)
        qapp.processEvents()
        for label in connect.findChildren(QLabel):
            if not (label.isVisible() and label.text()):
                continue
            if label.wordWrap():
                assert label.height() >= label.heightForWidth(label.width()) - 1, label.text()
            inside = label.mapTo(connect, label.rect().topRight())
            assert inside.x() <= connect.width()
        wanted = sum(connect.ports.sizeHintForRow(i) for i in range(3))
        assert connect.ports.viewport().height() >= wanted
    assert connect.window().width() == 1280
    assert connect.window().height() == 800
    apply_style(qapp, LIGHT, font_scale=1.0)


@pytest.mark.parametrize("scale", [1.0, 1.25, 1.5, 2.0])
def test_every_row_has_room_for_its_wrapped_lines(connect, watch, qapp, scale):
    words = "sends bytes that this program does not know at this speed"
    watch.found = [Found(NANO, "bytes", words), BARE, Found(UNO, "bytes", f"{words}, {words}")]
    connect.look()
    apply_style(qapp, LIGHT, font_scale=scale)
    ports, window = connect.ports, connect.window()
    for width in (*range(1280, 1900, 31), *range(1280, 1000, -31)):
        window.resize(width, 800)
        for _pass in range(4):
            qapp.processEvents()
        painted_in = ports.viewport().width() - 2 * (8 + 3)  # the padding and Qt's own margin
        total = 0
        for i in range(3):
            layout = QTextLayout(ports.item(i).text().replace("\n", "\u2028"), ports.font())
            assert lines_height(layout, painted_in) + 12 <= ports.sizeHintForRow(i) + 1, width
            assert ports.visualItemRect(ports.item(i)).height() == ports.sizeHintForRow(i)
            total += ports.sizeHintForRow(i)
        assert ports.viewport().height() >= total
        assert not ports.verticalScrollBar().isVisible(), width
    apply_style(qapp, LIGHT, font_scale=1.0)


def lines_height(layout: QTextLayout, width: int) -> float:
    """Lay the text out as a row of a list does, and return how high it is."""
    height = 0.0
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        height += line.height()
    layout.endLayout()
    return height


def test_a_real_board_is_found_chosen_and_read_by_keys_alone(
    emulated_board, qtbot, dressed, settings_of_its_own: Path
):
    rng = np.random.default_rng(1)
    board = emulated_board(FIRMWARE, analog_mv=2500 + 40 * rng.standard_normal(4000), sfreq=2000)
    port = Port(board.port, "Uno", 0x2341, 0x0043, "7523")
    watch = Watch(lambda: [port])
    window = MainWindow(Settings(source=KNOWN), watch=watch)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()  # shortcuts are for the window that is active
    qtbot.waitUntil(window.isActiveWindow, timeout=10_000)
    qtbot.keyClick(window, Qt.Key.Key_C, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: isinstance(window.pages.currentWidget(), SafetyPage), timeout=10_000)
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    page = window.pages.connect_page
    qtbot.waitUntil(lambda: window.pages.currentWidget() is page, timeout=10_000)
    qtbot.waitUntil(lambda: "firmware" in rows(page)[0], timeout=10_000)
    page.channels.setCurrentIndex(0)
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    assert isinstance(window.pages.currentWidget(), ContactPage)
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_K, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: isinstance(window.pages.currentWidget(), PatientScreen), timeout=5_000)
    screen = window.pages.currentWidget()
    assert isinstance(screen, PatientScreen)
    qtbot.waitUntil(lambda: window.session.state is State.RUNNING, timeout=15_000)
    qtbot.waitUntil(lambda: screen.ring._number not in ("", "–"), timeout=15_000)
    # 40 mV at the input are 200 µV at the skin; 20-450 Hz of 1000 Hz have 0.66 of white noise
    assert float(screen.ring._number) == pytest.approx(200 * 0.66, rel=0.1)
    assert window.session.info.channels[0].unit == "uV"
    window.end()
    assert window.pages.currentWidget() is page
    window.close()
    assert not [t for t in threading.enumerate() if t.name == "acquisition"]
