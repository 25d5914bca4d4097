import threading
import time

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from room_for_words import Lengthened, cut_off

from biofeedback import text
from biofeedback.devices.survey import Found, Watch
from biofeedback.display.app import MainWindow
from biofeedback.display.feedback.patient import PatientScreen
from biofeedback.display.sitting.choice import Choice
from biofeedback.display.start import StartPage
from biofeedback.display.therapist.screen import TherapistScreen
from biofeedback.display.widgets.palette import LIGHT
from biofeedback.display.widgets.picture import Picture
from biofeedback.display.widgets.style import apply_style
from biofeedback.session import State
from biofeedback.settings import DisplaySettings, Settings, load_settings
from biofeedback.sources import SourceOptions
from biofeedback.sources.ports import Port


def page(window: MainWindow) -> QWidget | None:
    return window.pages.currentWidget()


def pressed(window: MainWindow, text: str, qtbot) -> None:
    found = [b for b in window.findChildren(QPushButton) if b.text().replace("&", "") == text]
    found[-1].setFocus()
    qtbot.keyClick(found[-1], Qt.Key.Key_Return)


def running(window: MainWindow, qtbot, words: str = "sim:relaxing") -> None:
    window.begin(Choice(words, SourceOptions()), threshold_uv=5.0)
    qtbot.waitUntil(lambda: window.sitting.view_model.ready, timeout=10_000)


def test_the_first_page_has_the_three_ways_and_the_safety_words(window):
    texts = " ".join(label.text() for label in window.findChildren(QLabel))
    for words in ("Simulated muscle", "Connect a sensor", "Recordings"):
        assert words in texts
    assert "Not a medical device" in texts
    assert "Run on battery" in texts


def test_from_the_start_page_to_a_reading_and_back_by_keys_alone(window, qtbot):
    assert isinstance(page(window), StartPage)
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(
        lambda: window.session is not None and window.sitting.view_model.ready, timeout=10_000
    )
    assert isinstance(page(window), PatientScreen)
    qtbot.waitUntil(lambda: page(window).ring._number not in ("", "–"), timeout=10_000)
    qtbot.keyClick(window, Qt.Key.Key_V)
    assert isinstance(page(window), TherapistScreen)
    qtbot.keyClick(window, Qt.Key.Key_V)
    assert isinstance(page(window), PatientScreen)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    asked = window.findChild(QWidget, "ask")
    assert asked is not None
    assert window.session is not None, "Esc alone must not end a session"
    pressed(window, "End it", qtbot)
    assert window.session is None
    assert isinstance(page(window), StartPage)


def test_space_pauses_whatever_part_of_the_window_has_the_focus(window, qtbot):
    running(window, qtbot)
    assert window.focusWidget().text() == "Pause"
    for part in (window._bar.back, window._bar.switch, window.focusWidget()):
        part.setFocus()
        paused = window.session.paused
        qtbot.keyClick(part, Qt.Key.Key_Space)
        assert window.session.paused is not paused


def test_what_cannot_be_opened_is_said_on_the_start_page(window, qtbot):
    window.begin(Choice("file:/nowhere/at/all.csv", SourceOptions()))
    qtbot.waitUntil(lambda: window._message.isVisible(), timeout=10_000)
    assert "/nowhere/at/all.csv" in window._message.text()
    assert isinstance(page(window), StartPage)
    window.begin(Choice("sim:nope", SourceOptions()))
    assert "no scenario called 'nope'" in window._message.text()


def test_a_rate_that_is_no_number_is_said(window, qtbot):
    start = page(window)
    start.sfreq.setText("fast")
    start.open_recording("x.csv")
    assert "is none; give one above 0" in window._message.text()


def test_a_recording_that_ends_says_so(window, qtbot, tmp_path):
    path = tmp_path / "short.csv"
    values = np.random.default_rng(0).standard_normal(1500).tolist()
    path.write_text("emg_uv\n" + "\n".join(map(str, values)))
    start = page(window)
    start.sfreq.setText("1000")
    start.open_recording(str(path))
    qtbot.waitUntil(lambda: window.session.state is State.ENDED, timeout=10_000)
    qtbot.waitUntil(lambda: "ended" in page(window)._hint.text(), timeout=10_000)


def test_colours_and_text_size_are_remembered_and_the_session_goes_on(window, qtbot):
    running(window, qtbot)
    session = window.session
    qtbot.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(window, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert window.session is session
    display = load_settings().display
    assert display.palette in ("light", "dark")
    assert display.font_scale == 1.25
    assert window.font().pointSizeF() == pytest.approx(15.0)


def test_keys_stop_at_double_and_at_single_and_the_button_goes_round(window, qtbot):
    control = Qt.KeyboardModifier.ControlModifier
    for _press in range(6):
        qtbot.keyClick(window, Qt.Key.Key_Plus, control)
    assert window.settings.display.font_scale == 2.0
    pressed(window, "Text size", qtbot)
    qtbot.waitUntil(lambda: window.settings.display.font_scale == 1.0, timeout=5000)
    qtbot.keyClick(window, Qt.Key.Key_Minus, control)
    assert window.settings.display.font_scale == 1.0
    pressed(window, "Text size", qtbot)
    qtbot.waitUntil(lambda: window.settings.display.font_scale == 1.25, timeout=5000)
    qtbot.keyClick(window, Qt.Key.Key_Minus, control)
    assert window.settings.display.font_scale == 1.0


PAGES = ["start", "connect_page", "flash", "wiring", "placement", "recordings"]


@pytest.mark.parametrize("which", [*PAGES, "patient", "therapist"])
def test_every_part_that_takes_the_focus_names_itself_to_a_screen_reader(window, qtbot, which):
    if which in PAGES:
        window.pages.flash.set_port(Port("/dev/ttyACM0", "Pico", 0x2E8A, 0x000A))
        window._show_page(getattr(window.pages, which))
    else:
        running(window, qtbot)
        if which == "therapist":
            window.switch_view()
            qtbot.waitUntil(lambda: page(window).sweep is not None, timeout=10_000)
    found = 0
    for widget in window.findChildren(QWidget):
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus and widget.isVisible():
            interface = QAccessible.queryAccessibleInterface(widget)
            name = interface.text(QAccessible.Text.Name)
            assert name, widget
            assert interface.text(QAccessible.Text.Description), name
            found += 1
    assert found >= 4


@pytest.mark.parametrize("which", PAGES)
def test_every_part_can_be_reached_by_tab(window, qtbot, which):
    window.pages.flash.set_port(Port("/dev/ttyACM0", "Pico", 0x2E8A, 0x000A))
    window._show_page(getattr(window.pages, which))
    wanted = {
        w
        for w in page(window).findChildren(QWidget)
        if w.focusPolicy() & Qt.FocusPolicy.TabFocus
        and w.isVisible()
        and w.isEnabled()
        and w.focusProxy() is None
    }
    reached = set()
    for _press in range(60):
        reached.add(window.focusWidget())
        window.focusNextPrevChild(True)
    assert not {w.accessibleName() for w in wanted - reached}


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_every_page_has_room_for_longer_words(qtbot, dressed, monkeypatch, watch, scale):
    monkeypatch.setattr(text, "_catalogue", Lengthened())
    display = DisplaySettings(font_scale=scale)
    watch.found = [Found(Port("/dev/ttyUSB0", "", 0x1A86, 0x7523), "nothing", "nichts antwortet")]
    made = MainWindow(Settings(display=display), watch=watch)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    made.pages.flash.set_port(Port("/dev/ttyACM0", "Pico", 0x2E8A, 0x000A))
    for which in PAGES:
        shown = getattr(made.pages, which)
        made._show_page(shown)
        dressed.processEvents()
        assert (made.width(), made.height()) == (1280, 800), which
        qtbot.waitUntil(lambda shown=shown: not cut_off(made, shown), timeout=5000)
        focused = made.focusWidget()
        top, bottom = (
            focused.mapTo(made, p).y() for p in (QPoint(0, 0), QPoint(0, focused.height()))
        )
        assert 0 <= top < 800, which
        assert bottom <= 800 or isinstance(focused, Picture), which  # a drawing may be scrolled
    made.close()
    apply_style(dressed, LIGHT, font_scale=1.0)


@pytest.mark.parametrize("therapist", [False, True])
def test_a_display_slowed_by_20_ms_a_frame_loses_no_sample_and_falls_not_behind(
    window, qtbot, monkeypatch, therapist
):
    running(window, qtbot)
    if therapist:
        window.switch_view()
    screen = page(window)
    tick, slow = screen.tick, threading.Event()

    def slow_tick() -> None:
        slow.wait(0.020)  # the drawing of a slow computer
        tick()

    window._frames.timeout.disconnect()
    window._frames.timeout.connect(slow_tick)
    session = window.session
    begun, at = time.monotonic(), session.now.index
    qtbot.wait(3000)
    taken, passed = session.now.index - at, time.monotonic() - begun
    assert session.lost == 0
    assert taken == pytest.approx(1000 * passed, abs=200)
    if not therapist:
        assert session.now.index - screen._shown.index < 300


def test_closing_the_window_ends_the_session(qtbot, dressed):
    made = MainWindow(Settings(), watch=Watch(list))
    qtbot.addWidget(made)
    made.show()
    running(made, qtbot)
    session = made.session
    made.close()
    assert session.state is State.ENDED
    assert not session._thread.is_alive()
