"""A course, planned, followed, paused and taken up by keys, in a real journal."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLabel, QPushButton, QScrollArea, QWidget
from room_for_words import Lengthened, cut_off

from biofeedback import text
from biofeedback.devices.survey import Watch
from biofeedback.display.app import MainWindow
from biofeedback.display.days.course_page import CoursePage
from biofeedback.display.preparing.safety_page import SafetyPage
from biofeedback.display.sitting import resume
from biofeedback.display.sitting.course_model import Plan
from biofeedback.display.sitting.resume import BrokenOff
from biofeedback.display.sitting.trained import next_in_course
from biofeedback.display.start import StartPage
from biofeedback.display.widgets.palette import LIGHT
from biofeedback.display.widgets.style import apply_style
from biofeedback.journal.journal import Journal, open_journal
from biofeedback.journal.nouns import Conditions, Course
from biofeedback.settings import DisplaySettings, JournalSettings, Settings

ALT = Qt.KeyboardModifier.AltModifier
TODAY = date(2026, 11, 26)  # a Thursday
BEGAN = date(2026, 11, 16)
COURSE = Course("home-relaxation", per_week=3, sittings=20, began=BEGAN, ended=None)
BROKEN = BrokenOff(
    sitting=None,
    protocol="home-relaxation",
    since_s=300.0,
    at=datetime(2026, 11, 26, tzinfo=UTC),
    progress={},
    title="A training broke off",
    words="Relaxing at home: it broke off 4 minutes ago.",
)


def sit(journal: Journal, day: date, protocol: str = "home-relaxation") -> None:
    """Keep a sitting at the noon of a day."""
    noon = datetime(day.year, day.month, day.day, 12).astimezone()
    conditions = Conditions("serial", False, 1000.0, (20.0, 450.0), "", {})
    sitting = journal.begin_sitting("P01", conditions, started=noon)
    journal.finish_sitting(sitting, duration_s=700.0, summary={"protocol": protocol})


@pytest.fixture
def journal(settings_of_its_own):
    with open_journal() as made:
        made.add_person("P01", added=datetime(2026, 11, 1, tzinfo=UTC))
        yield made


@pytest.fixture
def opened(journal, dressed, watch, qtbot):
    """Return a maker of the window of P01, whose plan is read."""
    made: list[MainWindow] = []

    def open_it() -> MainWindow:
        window = MainWindow(Settings(journal=JournalSettings("P01")), watch=watch)
        made.append(window)
        qtbot.addWidget(window)
        window.pages.today = lambda: TODAY
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow, timeout=10_000)
        qtbot.waitUntil(window.pages.start.course.isVisible, timeout=10_000)
        return window

    yield open_it
    for window in made:
        window.close()


def shown(page: QWidget) -> str:
    parts = page.findChildren(QLabel) + page.findChildren(QPushButton)
    return "\n".join(part.text().replace("&", "") for part in parts if part.isVisible())


def press(window: MainWindow, qtbot, key: Qt.Key = Qt.Key.Key_Return, modifier=None) -> None:
    qtbot.keyClick(window.focusWidget(), key, *([modifier] if modifier else []))


def page(window: MainWindow) -> QWidget:
    return window.pages.currentWidget()


def test_a_course_is_planned_by_keys_and_the_first_page_offers_its_first_sitting(
    opened, journal, qtbot
):
    window = opened()
    assert "A course helps to keep at it" in shown(page(window))
    press(window, qtbot, Qt.Key.Key_O, ALT)
    qtbot.waitUntil(lambda: isinstance(page(window), CoursePage), timeout=5_000)
    assert "6 sittings with the signal in every trial" in shown(page(window))
    page(window).per_week.setFocus()
    press(window, qtbot, Qt.Key.Key_Up)
    press(window, qtbot)
    assert isinstance(page(window), StartPage)
    assert journal.course("P01") == Course("home-relaxation", 2, 20, TODAY, None)
    start = window.pages.start
    qtbot.waitUntil(lambda: "Sitting 1 of 20: Relaxing at home" in shown(start), timeout=10_000)
    assert "You wanted to train 2 times a week. This week is still open." in shown(start)
    qtbot.waitUntil(start.course.train_button.hasFocus, timeout=5_000)
    assert start.course.train_button.text().replace("&", "") == "Train: sitting 1 of 20"
    press(window, qtbot)
    assert isinstance(page(window), SafetyPage)
    assert window._step.text().startswith("Step 1 of 5"), "which training is known"


def test_the_reminder_counts_what_the_journal_holds_and_so_does_the_fading(opened, journal):
    sit(journal, BEGAN - timedelta(days=3))  # before the course
    for day in (date(2026, 11, 17), date(2026, 11, 19), date(2026, 11, 24)):
        sit(journal, day)
    sit(journal, date(2026, 11, 25), "transfer")
    journal.set_course("P01", COURSE)
    said = shown(opened().pages.start)
    assert "Sitting 4 of 20: Relaxing at home" in said
    assert "This week: 1 sitting so far. The last one was on Tuesday." in said
    assert "Now: you see the signal in every trial." in said
    kept = SimpleNamespace(journal=journal, person="P01")
    assert next_in_course(kept, "home-relaxation", simulated=False) == 4
    assert next_in_course(kept, "transfer", simulated=False) == 2


def test_pausing_is_asked_for_and_what_was_done_counts_when_it_is_taken_up(opened, journal, qtbot):
    sit(journal, date(2026, 11, 24))
    journal.set_course("P01", COURSE)
    window = opened()
    press(window, qtbot, Qt.Key.Key_O, ALT)
    qtbot.waitUntil(lambda: isinstance(page(window), CoursePage), timeout=5_000)
    assert "Sitting 2 of 20" in shown(page(window))
    window.pages.course.end_button.setFocus()
    press(window, qtbot)
    asked = window.findChild(QWidget, "ask")
    assert asked is not None
    assert journal.course("P01") is not None, "nothing has happened yet"
    (pause,) = [b for b in asked.findChildren(QPushButton) if "Pause" in b.text()]
    qtbot.keyClick(pause, Qt.Key.Key_Return)
    assert isinstance(page(window), StartPage)
    assert journal.course("P01") is None
    assert journal.courses("P01")[-1].ended == TODAY
    start = window.pages.start
    qtbot.waitUntil(lambda: "A course helps" in shown(start), timeout=10_000)
    start.course.plan_button.setFocus()
    press(window, qtbot)
    assert isinstance(page(window), CoursePage)
    assert "There was a course before: Sitting 2 of 20" in shown(page(window))
    window.pages.course.take_up_button.setFocus()
    press(window, qtbot)
    assert journal.course("P01") == COURSE
    qtbot.waitUntil(lambda: "Sitting 2 of 20: Relaxing" in shown(start), timeout=10_000)


def test_changing_how_often_keeps_the_count_and_another_training_begins_anew(
    opened, journal, qtbot
):
    journal.set_course("P01", COURSE)
    window = opened()
    course = window.pages.course
    for protocol, began in (("home-relaxation", BEGAN), ("transfer", TODAY)):
        window.pages.start.course.plan_button.setFocus()
        press(window, qtbot)
        course.protocol.setCurrentIndex(course.protocol.findData(protocol))
        course.per_week.setCurrentIndex(course.per_week.findData(5))
        press(window, qtbot)
        assert journal.course("P01") == Course(protocol, 5, 20, began, None)
    assert len([each for each in journal.courses("P01") if each.ended is None]) == 1


def test_esc_leaves_the_course_as_it_was(opened, journal, qtbot):
    journal.set_course("P01", COURSE)
    window = opened()
    window.pages.start.course.plan_button.setFocus()
    press(window, qtbot)
    window.pages.course.per_week.setCurrentIndex(0)
    press(window, qtbot, Qt.Key.Key_Escape)
    assert isinstance(page(window), StartPage)
    assert journal.course("P01") == COURSE


def test_nobody_has_no_course(window):
    assert not window.pages.start.course.isVisible()


def test_a_protocol_that_is_gone_is_said_and_the_rest_is_shown(opened, journal):
    journal.set_course("P01", Course("mine", 3, 20, BEGAN, None))
    said = shown(opened().pages.start)
    assert "Sitting 1 of 20: mine" in said
    assert "mine" in said.partition("still open.")[2]


def test_what_broke_off_comes_first_and_goes_on_through_safety_and_board(
    opened, journal, qtbot, monkeypatch, watch
):
    monkeypatch.setattr(resume, "broken_off", lambda _whose: BROKEN)
    journal.set_course("P01", COURSE)
    window = opened()
    start = window.pages.start
    assert "A training broke off" in shown(start)
    qtbot.waitUntil(start.course.go_on_button.hasFocus, timeout=5_000)
    press(window, qtbot)
    assert isinstance(page(window), SafetyPage)
    assert window.pages.way._broken is BROKEN


def test_what_broke_off_can_be_set_aside(opened, journal, qtbot, monkeypatch):
    aside: list[BrokenOff] = []
    monkeypatch.setattr(resume, "broken_off", lambda _whose: BROKEN)
    monkeypatch.setattr(
        resume, "set_aside", lambda _whose, broken: aside.append(broken) or "It is kept."
    )
    journal.set_course("P01", COURSE)
    window = opened()
    press(window, qtbot, Qt.Key.Key_D, ALT)
    qtbot.waitUntil(lambda: aside == [BROKEN], timeout=5_000)
    start = window.pages.start
    assert "A training broke off" not in shown(start)
    assert window._message.text() == "It is kept."
    assert start.course.train_button.hasFocus()


@pytest.mark.parametrize("size", [(1024, 640), (1280, 800)])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_no_text_is_cut_off_also_in_longer_words(qtbot, dressed, monkeypatch, size, scale):
    monkeypatch.setattr(text, "_catalogue", Lengthened())
    made = MainWindow(Settings(display=DisplaySettings(font_scale=scale)), watch=Watch(list))
    qtbot.addWidget(made)
    made.pages.today = lambda: TODAY
    made.resize(*size)
    made.show()
    start = made.pages.start
    for plan in (Plan(COURSE, None, (BEGAN,)), Plan(None, COURSE, (BEGAN,)), Plan(None)):
        start.course.show_next(plan, BROKEN)
        qtbot.waitUntil(lambda: not cut_off(made, start), timeout=5000)
        scroll = start.findChild(QScrollArea)
        assert scroll.horizontalScrollBar().maximum() == 0
        made.pages._show_plan(plan)
        qtbot.waitUntil(lambda: not cut_off(made, made.pages.course), timeout=5000)
        assert made.pages.course._scroll.horizontalScrollBar().maximum() == 0
        assert made.pages.course.minimumSizeHint().height() < 0.75 * size[1]
        assert start.minimumSizeHint().height() < 0.75 * size[1]
        made._show_page(start)
    made.close()
    apply_style(dressed, LIGHT, font_scale=1.0)


def test_whatever_takes_the_focus_names_itself_and_can_be_reached_by_tab(window, qtbot):
    window.pages.today = lambda: TODAY
    for plan in (Plan(COURSE, None, (BEGAN,)), Plan(None, COURSE, (BEGAN,))):
        window.pages.start.course.show_next(plan, BROKEN)
        for there in (window.pages.start, window.pages.course):
            if there is window.pages.course:
                window.pages._show_plan(plan)
            wanted = {
                part
                for part in there.findChildren(QWidget)
                if part.focusPolicy() & Qt.FocusPolicy.TabFocus
                and part.isVisible()
                and part.focusProxy() is None
            }
            reached = set()
            for part in wanted:
                interface = QAccessible.queryAccessibleInterface(part)
                assert interface.text(QAccessible.Text.Name), part
                assert interface.text(QAccessible.Text.Description), part
            for _press in range(60):
                reached.add(window.focusWidget())
                window.focusNextPrevChild(True)
            assert not {part.accessibleName() for part in wanted - reached}
        window._show_page(window.pages.start)
