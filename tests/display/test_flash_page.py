"""The page that puts the firmware on a board, step by step, without a board."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from biofeedback.devices.flash import FlashCancelled
from biofeedback.devices.survey import Found
from biofeedback.display.app import MainWindow
from biofeedback.display.preparing.flash_page import FlashPage
from biofeedback.errors import BiofeedbackError
from biofeedback.settings import Settings
from biofeedback.sources.ports import Port

NANO = Port("/dev/ttyUSB0", "USB Serial", 0x1A86, 0x7523)
PICO = Port("/dev/ttyACM1", "Pico", 0x2E8A, 0x000A, "E661")


def to_flash_page(window: MainWindow, qtbot) -> FlashPage:
    """Go there from the connect page by its key; a button shows itself pressed for a moment."""
    qtbot.keyClick(window.pages.connect_page, Qt.Key.Key_F, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: window.pages.currentWidget() is window.pages.flash, timeout=5000)
    return window.pages.flash


@pytest.fixture
def flash(window: MainWindow, watch, flasher, qtbot):
    """The page, reached by keys for a Nano that does not answer; a job left over is ended."""
    watch.found = [Found(NANO, "nothing", "nothing answers")]
    window._show_page(window.pages.connect_page)
    page = to_flash_page(window, qtbot)
    yield page
    if page.busy:
        flasher.end()
        page._job._thread.join()


def press(page, qtbot) -> None:
    qtbot.keyClick(page.window().focusWidget(), Qt.Key.Key_Return)


def said(page) -> str:
    return " ".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def test_what_will_happen_is_said_and_nothing_happens_before_start(flash, flasher, watch):
    assert "Arduino Uno or Nano at /dev/ttyUSB0" in said(flash)
    assert "in place of the sketch" in said(flash)
    assert flash.window().focusWidget() is flash.start_button
    assert watch.told[-1] == "pause", "the port is free"
    assert flasher.ports == []


def test_from_start_to_a_board_that_is_chosen_by_enter_alone(flash, flasher, watch, qtbot):
    press(flash, qtbot)
    flasher.step("writing", 0.25)
    qtbot.waitUntil(lambda: flash.bar.value() == 25, timeout=5000)
    assert "Writing …" in said(flash)
    flasher.end()
    qtbot.waitUntil(lambda: "The board runs Uno/Nano 1.0.0" in said(flash), timeout=5000)
    assert flasher.ports == ["/dev/ttyUSB0"]
    press(flash, qtbot)
    connect = flash.window().pages.connect_page
    assert flash.window().pages.currentWidget() is connect
    assert watch.told[-1] == NANO, "it is asked who is there now"
    assert connect.current().port == NANO


def test_after_success_it_no_longer_says_what_will_happen(flash, flasher, qtbot):
    press(flash, qtbot)
    flasher.end()
    qtbot.waitUntil(lambda: "The board runs" in said(flash), timeout=5000)
    assert "goes onto" not in said(flash)
    flash.set_port(NANO)
    assert "goes onto" in said(flash), "for the next board"


@pytest.mark.parametrize("description", ["", "ttyACM6"])
def test_a_port_of_which_nothing_is_known_is_named_once(window, description):
    window.pages.show_flash(Port("/dev/ttyACM6", description))
    assert said(window.pages.flash).count("ttyACM6") == 1
    assert "onto /dev/ttyACM6," in said(window.pages.flash)


def test_a_board_that_has_it_already_is_told_so(flash, flasher, qtbot):
    flasher.written = False
    press(flash, qtbot)
    flasher.end()
    qtbot.waitUntil(lambda: "had this very firmware already" in said(flash), timeout=5000)


def test_a_failure_is_told_and_enter_tries_again(flash, flasher, qtbot):
    press(flash, qtbot)
    flasher.end(BiofeedbackError("No bootloader answers on /dev/ttyUSB0."))
    qtbot.waitUntil(lambda: "No bootloader answers" in said(flash), timeout=5000)
    assert flash.start_button.text() == "&Try again"
    press(flash, qtbot)
    flasher.end()
    qtbot.waitUntil(lambda: "The board runs" in said(flash), timeout=5000)
    assert len(flasher.ports) == 2


def test_it_is_called_off_by_esc_before_writing_and_the_page_stays(flash, flasher, qtbot):
    press(flash, qtbot)
    flasher.step("looking for the bootloader at 115200 baud", 0.1)
    qtbot.keyClick(flash, Qt.Key.Key_Escape)
    assert flasher.cancelled.is_set()
    flasher.end(FlashCancelled("Called off: the board is as it was."))
    qtbot.waitUntil(lambda: "Called off" in said(flash), timeout=5000)
    assert flash.window().pages.currentWidget() is flash
    qtbot.keyClick(flash, Qt.Key.Key_Escape)
    assert flash.window().pages.currentWidget() is flash.window().pages.connect_page


def test_once_it_writes_cancel_is_gone_and_neither_esc_nor_closing_leaves(flash, flasher, qtbot):
    window = flash.window()
    press(flash, qtbot)
    flasher.step("writing", 0.5)
    qtbot.waitUntil(lambda: not flash.cancel_button.isEnabled(), timeout=5000)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.pages.currentWidget() is flash
    assert "half of it would be of no use" in window._message.text()
    window.close()
    assert window.isVisible()
    flasher.step("reading back", 0.5)
    assert window.isVisible()
    flasher.end()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=5000)


def test_closing_before_writing_calls_it_off_and_then_closes(flash, flasher, qtbot):
    window = flash.window()
    press(flash, qtbot)
    flasher.step("looking for the bootloader at 115200 baud", 0.1)
    window.close()
    assert flasher.cancelled.is_set()
    assert window.isVisible(), "the port is still held"
    flasher.end(FlashCancelled("Called off: the board is as it was."))
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=5000)


def test_other_boards_get_their_steps_to_read_and_to_copy(window, watch, qtbot):
    watch.found = [Found(PICO, "nothing", "nothing answers")]
    window._show_page(window.pages.connect_page)
    assert window.pages.connect_page._firmware.accessibleName() == "How the firmware gets on it"
    page = to_flash_page(window, qtbot)
    assert "2. Tools > Board > Boards Manager: install Raspberry Pi Pico/RP2040." in said(page)
    assert not page.start_button.isVisible()
    qtbot.keyClick(page, Qt.Key.Key_S, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: "Press Upload" in QGuiApplication.clipboard().text(), timeout=5000)
    press(page, qtbot)
    assert window.pages.currentWidget() is window.pages.connect_page


def test_a_blank_chip_really_gets_the_firmware_by_enter_alone(
    emulated_board, qtbot, dressed, watch
):
    board = emulated_board(bootloader="optiboot")
    port = Port(board.port, "Uno", 0x2341, 0x0043)
    watch.found = [Found(port, "nothing", "nothing answers")]
    window = MainWindow(Settings(), watch=watch)
    qtbot.addWidget(window)
    window.show()
    window._show_page(window.pages.connect_page)
    window.pages.connect_page._firmware.setFocus()
    page = window.pages.flash
    press(page, qtbot)
    assert window.focusWidget() is page.start_button
    press(page, qtbot)
    qtbot.waitUntil(lambda: page.on_button.isVisible(), timeout=30_000)
    assert "The board runs Uno/Nano" in said(page)
    assert window.focusWidget() is page.on_button
    window.close()
