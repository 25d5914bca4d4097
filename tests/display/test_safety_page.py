"""The page before the electrodes go on, by keys alone; the computer's battery is made up.

No computer that runs these tests has a battery: `mains.on_mains`, the one function that asks the
system, is replaced here, and tested by itself in `test_safety_model.py`.
"""

from datetime import date, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from room_for_words import Lengthened, cut_off

from biofeedback import text
from biofeedback.devices.survey import Watch
from biofeedback.display.app import MainWindow
from biofeedback.display.preparing import mains
from biofeedback.display.preparing.connect import ConnectPage
from biofeedback.display.preparing.safety_model import Passed
from biofeedback.display.preparing.safety_page import SafetyPage
from biofeedback.display.sitting.choice import Choice
from biofeedback.display.start import StartPage
from biofeedback.display.widgets.palette import LIGHT
from biofeedback.display.widgets.style import apply_style
from biofeedback.settings import DisplaySettings, Settings, load_settings
from biofeedback.sources import SourceOptions

ALT = Qt.KeyboardModifier.AltModifier
TODAY = date(2026, 11, 23)
RULE = "With a deep brain stimulator."


class Plug:
    """What the system says of the mains."""

    plugged: bool | None = False


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch) -> Plug:
    made = Plug()
    monkeypatch.setattr(mains, "on_mains", lambda: made.plugged)
    return made


@pytest.fixture
def safety(plug: Plug, window: MainWindow, qtbot) -> SafetyPage:
    """The page as somebody comes to it for the first time."""
    window.pages.today = lambda: TODAY
    return come(window, qtbot)


def come(window: MainWindow, qtbot) -> SafetyPage:
    """Go there by its key from the first page."""
    start = window.pages.currentWidget()
    assert isinstance(start, StartPage)
    start.connect_button.setFocus()
    qtbot.keyClick(start.connect_button, Qt.Key.Key_Return)
    page = window.pages.currentWidget()
    assert isinstance(page, SafetyPage)
    return page


def shown(page: QWidget) -> str:
    parts = page.findChildren(QLabel) + page.findChildren(QPushButton)
    return "\n".join(part.text().replace("&", "") for part in parts if part.isVisible())


def passings(page: SafetyPage) -> list[Passed]:
    made: list[Passed] = []
    page.passed.connect(made.append)
    return made


def enter(window: QWidget, qtbot) -> None:
    qtbot.keyClick(window.window().focusWidget(), Qt.Key.Key_Return)


def test_the_first_time_the_rules_are_shown_whole_and_enter_goes_on(safety, qtbot):
    assert "On battery: good." in shown(safety)
    assert RULE in shown(safety)
    assert "Not a medical device" in shown(safety)
    made = passings(safety)
    enter(safety, qtbot)
    assert isinstance(safety.window().pages.currentWidget(), ConnectPage)
    assert made == [
        Passed(
            "Safety: the rules were read on 2026-11-23; the computer ran on its battery.",
            plugged=False,
        )
    ]


def test_the_second_time_only_the_mains_are_asked_for_and_f1_shows_the_rules(safety, window, qtbot):
    enter(safety, qtbot)
    assert load_settings().known.rules == (" 2026-11-23",)
    window._show_page(window.pages.start)
    window.pages.today = lambda: TODAY + timedelta(days=29)
    page = come(window, qtbot)
    assert "On battery: good." in shown(page)
    assert RULE not in shown(page)
    qtbot.keyClick(page, Qt.Key.Key_F1)
    assert RULE in shown(page)
    made = passings(page)
    enter(page, qtbot)
    assert "read on 2026-12-22" in made[0].note, "they were read once more"


def test_after_thirty_days_and_for_somebody_else_they_are_shown_whole_again(safety, window, qtbot):
    enter(safety, qtbot)
    window._show_page(window.pages.start)
    window.pages.today = lambda: TODAY + timedelta(days=30)
    assert RULE in shown(come(window, qtbot))
    window._show_page(window.pages.start)
    window.pages.today = lambda: TODAY
    window._whose.person = "P01"
    assert RULE in shown(come(window, qtbot))


def test_it_turns_to_on_battery_by_itself_when_the_charger_is_pulled(plug, window, qtbot):
    plug.plugged = True
    page = come(window, qtbot)
    assert "The computer is plugged in." in shown(page)
    assert "unplug the charger, the dock, an external monitor" in shown(page)
    enter(page, qtbot)
    assert window.pages.currentWidget() is page, "looking again is not going on"
    plug.plugged = False
    qtbot.waitUntil(lambda: "On battery: good." in shown(page), timeout=5_000)
    enter(page, qtbot)
    assert isinstance(window.pages.currentWidget(), ConnectPage)


def test_and_back_when_it_is_plugged_in_again(safety, plug, qtbot):
    plug.plugged = True
    qtbot.waitUntil(lambda: "The computer is plugged in." in shown(safety), timeout=5_000)
    assert safety.main_button.hasFocus()


@pytest.mark.parametrize(
    ("plugged", "key", "words"),
    [
        (True, Qt.Key.Key_I, "on the mains, the sensor was said to be isolated"),
        (True, Qt.Key.Key_A, "on the mains, and it was gone on all the same"),
        (None, Qt.Key.Key_I, "no battery that can be seen, the sensor was said to be isolated"),
        (None, Qt.Key.Key_U, "no battery that can be seen, it was said to be unplugged"),
        (None, Qt.Key.Key_A, "no battery that can be seen, and it was gone on all the same"),
    ],
)
def test_nobody_is_locked_out_and_what_they_said_is_kept(plug, window, qtbot, plugged, key, words):
    plug.plugged = plugged
    page = come(window, qtbot)
    made = passings(page)
    qtbot.keyClick(page, key, ALT)
    qtbot.waitUntil(lambda: bool(made), timeout=5_000)
    assert words in made[0].note
    assert made[0].plugged is (plugged is True)
    assert isinstance(window.pages.currentWidget(), ConnectPage)


def test_where_the_focus_was_on_what_is_no_longer_offered_it_goes_to_what_comes_next(
    plug, window, qtbot
):
    plug.plugged = True
    page = come(window, qtbot)
    others = [b for b in page.findChildren(QPushButton) if "isolated" in b.text().replace("&", "")]
    others[0].setFocus()
    plug.plugged = False
    qtbot.waitUntil(lambda: page.main_button.hasFocus(), timeout=5_000)


def test_esc_goes_back_and_the_mains_are_no_longer_looked_at(safety, window, qtbot):
    qtbot.keyClick(safety, Qt.Key.Key_Escape)
    assert isinstance(window.pages.currentWidget(), StartPage)
    assert not safety._timer.isActive()
    assert window.focusWidget() is window.pages.start.connect_button


def test_a_simulated_muscle_and_a_recording_are_not_asked(window, qtbot, plug):
    plug.plugged = True
    window.pages.start.train_wanted.emit(Choice("sim:rest", SourceOptions()))
    assert window.pages.currentWidget() is window.pages.protocols


def test_each_way_is_told_to_a_screen_reader(plug, window, qtbot, monkeypatch):
    told: list[str] = []
    monkeypatch.setattr(
        "biofeedback.display.preparing.safety_page.announce",
        lambda _widget, said: told.append(said),
    )
    page = come(window, qtbot)
    plug.plugged = True
    page.look()
    page.look()
    assert [said.partition(".")[0] for said in told].count("The computer is plugged in") == 1


@pytest.mark.parametrize("plugged", [True, False, None])
@pytest.mark.parametrize("whole", [True, False])
def test_whatever_takes_the_focus_names_itself_and_can_be_reached_by_tab(
    plug, window, qtbot, plugged, whole
):
    plug.plugged = plugged
    page = come(window, qtbot)
    page.show_rules(whole=whole)
    wanted = {b for b in page.findChildren(QPushButton) if b.isVisible()}
    for part in wanted:
        interface = QAccessible.queryAccessibleInterface(part)
        assert interface.text(QAccessible.Text.Name)
        assert interface.text(QAccessible.Text.Description)
    reached = set()
    for _press in range(12):
        reached.add(window.focusWidget())
        window.focusNextPrevChild(True)
    assert wanted <= reached


@pytest.mark.parametrize("size", [(1024, 640), (1280, 800)])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_no_text_is_cut_off_also_in_longer_words(qtbot, dressed, monkeypatch, plug, size, scale):
    monkeypatch.setattr(text, "_catalogue", Lengthened())
    made = MainWindow(Settings(display=DisplaySettings(font_scale=scale)), watch=Watch(list))
    qtbot.addWidget(made)
    made.resize(*size)
    made.show()
    for plugged in (True, False, None):
        plug.plugged = plugged
        made._show_page(made.pages.start)
        page = come(made, qtbot)
        for whole in (True, False):
            page.show_rules(whole=whole)
            qtbot.waitUntil(lambda page=page: not cut_off(made, page), timeout=5000)
            assert page.minimumSizeHint().height() < 0.75 * size[1]
            assert page._scroll.horizontalScrollBar().maximum() == 0
    made.close()
    apply_style(dressed, LIGHT, font_scale=1.0)


def test_at_the_usual_size_all_rules_are_seen_at_once(safety, window, qtbot):
    window.resize(1280, 800)
    qtbot.waitUntil(lambda: safety._scroll.verticalScrollBar().maximum() == 0, timeout=5_000)
