"""Two windows over one sitting: what the client sees, and what closing either does."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from led import begin, make_way, screen
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtWidgets import QPushButton, QWidget
from stepped import BASELINE, HEAD, RATINGS, write_protocol

from biofeedback.display.app import MainWindow
from biofeedback.display.feedback.patient import PatientScreen
from biofeedback.display.therapist.client_window import ClientWindow, second_screen
from biofeedback.display.therapist.screen import TherapistScreen
from biofeedback.display.training.screen import TrainingScreen
from biofeedback.session import State


@pytest.fixture
def way(window, tmp_path, monkeypatch, qtbot):
    return make_way(window, tmp_path, monkeypatch, qtbot)


def opened(way) -> ClientWindow:
    way.key(Qt.Key.Key_W)
    way.go(0.3)
    assert way.window.client is not None
    return way.window.client


def texts(widget: QWidget) -> str:
    labels = widget.findChildren(QWidget)
    return " ".join(
        part.text() for part in labels if part.isVisible() and callable(getattr(part, "text", None))
    )


def buttons(widget: QWidget) -> list[str]:
    return [b.text() for b in widget.findChildren(QPushButton) if b.isVisible()]


def test_one_key_opens_the_clients_window_beside_the_therapists_screen(way):
    begin(way)
    client = opened(way)
    assert client.isVisible()
    assert client.isWindow()
    assert isinstance(client.screen_shown, TrainingScreen)
    assert isinstance(screen(way), TherapistScreen)
    assert screen(way).bar.client.text() == "Close client's window"
    assert client._frames.interval() <= 1000 / 60
    assert way.window._frames.interval() >= 1000 // 30


def test_the_keys_stay_with_who_leads(way, qtbot):
    begin(way)
    opened(way)
    qtbot.waitUntil(way.window.isActiveWindow, timeout=5000)


def test_both_windows_show_the_same_sitting(way):
    begin(way)
    client = opened(way)
    way.until("trial")
    way.go(2)
    for _frame in range(14):
        client.tick()
    assert client.screen_shown._model is way.window.sitting.training
    assert "Trial 1 of 2" in texts(client)
    assert "Trial 1 of 2" in screen(way)._status.text()


def test_the_client_finds_nothing_to_set_in_a_training(way, qtbot):
    begin(way)
    client = opened(way)
    way.until("trial")
    client.tick()
    assert buttons(client) == []
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Escape, Qt.Key.Key_T, Qt.Key.Key_R, Qt.Key.Key_N):
        qtbot.keyClick(client, key)
        qtbot.keyClick(client.screen_shown, key)
    way.go(0.5)
    assert client.isVisible()
    assert not way.window.session.paused
    assert way.window.session.state is State.RUNNING
    assert not way.window.sitting.recording


def test_the_client_finds_nothing_to_set_where_nothing_is_trained(way, qtbot):
    begin(way, protocol="")
    client = opened(way)
    client.tick()
    assert isinstance(client.screen_shown, PatientScreen)
    assert buttons(client) == []
    qtbot.keyClick(client.screen_shown, Qt.Key.Key_T)
    assert np.isnan(way.window.session.thresholds()).all()
    assert "press" not in client.screen_shown._hint.text()


def asked(way, tmp_path) -> ClientWindow:
    write_protocol(tmp_path / "protocols", HEAD + BASELINE + RATINGS)
    begin(way)
    client = opened(way)
    way.until("ratings")
    for _frame in range(14):
        client.tick()
    return client


def test_the_client_can_answer_what_is_asked(way, qtbot, tmp_path):
    client = asked(way, tmp_path)
    asking = client.screen_shown.asking
    assert asking.isVisible()
    qtbot.keyClick(asking.scale, Qt.Key.Key_7)
    qtbot.keyClick(asking.scale, Qt.Key.Key_Return)
    way.go(0.5)
    assert way.window.session.trainer.ratings["tension"] == 7.0


def test_who_leads_can_answer_for_the_client(way, qtbot, tmp_path):
    client = asked(way, tmp_path)
    card = screen(way).card
    assert card.asking.isVisible()
    way.key(Qt.Key.Key_A)
    assert card.asking.scale.hasFocus()
    qtbot.keyClick(card.asking.scale, Qt.Key.Key_4)  # a digit there is an answer, and no marker
    qtbot.keyClick(card.asking.scale, Qt.Key.Key_Return)
    way.go(0.5)
    assert way.window.session.trainer.ratings["tension"] == 4.0
    assert way.window.sitting.noted.notes() == []
    for _frame in range(14):
        client.tick()
    assert client.screen_shown.asking._text.text() == card.asking._text.text()  # the next one


def test_closing_the_clients_window_does_not_end_the_sitting(way):
    begin(way)
    client = opened(way)
    client.close()
    way.go(0.5)
    assert way.window.client is None
    assert way.window.session.state is State.RUNNING
    assert isinstance(screen(way), TherapistScreen)
    assert screen(way).bar.client.text() == "Client's window"
    again = opened(way)
    assert again is not client
    way.key(Qt.Key.Key_W)
    assert way.window.client is None


def test_at_the_end_the_client_is_thanked_and_the_next_sitting_appears(way):
    begin(way)
    client = opened(way)
    way.window.end()
    assert client.isVisible()
    assert "Thank you" in texts(client)
    begin(way, protocol="")
    assert way.window.client is client
    assert isinstance(client.screen_shown, PatientScreen)
    assert isinstance(screen(way), TherapistScreen)  # who led goes on leading


def test_closing_the_main_window_closes_the_clients(way, qtbot):
    begin(way)
    client = opened(way)
    way.window.close_now()
    qtbot.waitUntil(lambda: not client.isVisible(), timeout=5000)
    assert way.window.session.state is not State.RUNNING


def test_other_colours_reach_both_windows(way):
    begin(way)
    client = opened(way)
    before, shown = client._palette, client.screen_shown
    way.window._restyle(lambda display: type(display)(palette="dark"))
    assert client._palette != before
    assert client.screen_shown is not shown


def test_a_second_screen_is_taken_where_there_is_one():
    class Screen:
        def __init__(self, *rect: int) -> None:
            self._rect = QRect(*rect)

        def geometry(self) -> QRect:
            return self._rect

    first, second = Screen(0, 0, 1920, 1080), Screen(1920, 0, 1280, 800)
    mirror = Screen(0, 0, 1920, 1080)
    assert second_screen(first, [first, second]) is second
    assert second_screen(second, [first, second]) is first
    assert second_screen(first, [first]) is None
    assert second_screen(first, [first, mirror]) is None


def test_without_a_second_screen_it_is_a_window_as_any(way):
    assert len(QGuiApplication.screens()) == 1
    begin(way)
    client = opened(way)
    assert not client.isFullScreen()
    assert (client.width(), client.height()) == (1024, 640)


@pytest.mark.parametrize("protocol", ["short", ""])
def test_everything_that_takes_the_focus_names_itself(way, protocol):
    begin(way, protocol)
    opened(way)
    for window in (way.window, way.window.client):
        for part in window.findChildren(QWidget):
            if part.isVisible() and part.focusPolicy() & Qt.FocusPolicy.TabFocus:
                interface = QAccessible.queryAccessibleInterface(part)
                assert interface.text(QAccessible.Text.Name), part
                assert interface.text(QAccessible.Text.Description), part


def test_a_client_window_before_a_sitting_needs_one(window: MainWindow):
    window.switch_client()
    assert window.client is None


SCREENS = {
    "screens": [
        {"name": name, "x": x, "y": 0, "width": width, "height": height, "dpr": 1}
        | {"logicalDpi": 96, "logicalBaseDpi": 96}
        for name, x, width, height in (("first", 0, 1920, 1080), ("second", 1920, 1366, 768))
    ]
}
TWO_SCREENS = """
from PySide6.QtWidgets import QApplication, QWidget
from biofeedback.display.therapist.client_window import ClientWindow
from biofeedback.display.widgets.palette import DARK
app = QApplication([])
beside = QWidget()
beside.show()
client = ClientWindow(beside, DARK)
app.processEvents()
rect = client.geometry()
print(client.screen().name(), client.isFullScreen(), rect.x(), rect.width(), rect.height())
"""


def test_where_there_is_a_second_screen_it_fills_that(tmp_path):
    (tmp_path / "screens.json").write_text(json.dumps(SCREENS), encoding="utf-8")
    platform = {"QT_QPA_PLATFORM": f"offscreen:configfile={tmp_path / 'screens.json'}"}
    done = subprocess.run(
        [sys.executable, "-c", TWO_SCREENS],
        env=os.environ | platform,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.split() == ["second", "True", "1920", "1366", "768"]
