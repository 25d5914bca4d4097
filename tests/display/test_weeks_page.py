"""Weeks with and without something in the window: planned, rated by keys, told, stopped."""

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from every_page import page as parts_of
from one_key_hand import Hand
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLabel, QMessageBox, QPushButton, QWidget

from biofeedback.analysis.n_of_one import plan_weeks, weeks_of
from biofeedback.display.app import MainWindow
from biofeedback.display.trials.weeks_model import running, stopped, this_week, to_keep
from biofeedback.display.trials.weeks_page import WeeksPage
from biofeedback.journal.day_nouns import Entry
from biofeedback.journal.journal import open_journal
from biofeedback.settings import JournalSettings, Settings

KEY = Qt.Key
MONDAY = date(2026, 3, 2)
TODAY = MONDAY + timedelta(days=9)


@pytest.fixture
def journal(settings_of_its_own):
    with open_journal() as made:
        made.add_person("P01", added=datetime.now(UTC))
        yield made


@pytest.fixture
def window(journal, dressed, watch, qtbot):
    made = MainWindow(Settings(journal=JournalSettings("P01")), watch=watch)
    made.pages.today = lambda: TODAY
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow, timeout=10_000)
    qtbot.waitUntil(made.pages.start.course.isVisible, timeout=10_000)
    yield made
    made.close()


@pytest.fixture
def weeks(window: MainWindow) -> WeeksPage:
    """The page, opened anew as often as it is called."""
    return shown(window)


def shown(window: MainWindow) -> WeeksPage:
    window._show_page(window.pages.start)
    window.pages.start.trial_button.click()
    page = window.pages.trial
    page.step_back()
    page.choosing.weeks_wanted.emit()
    return page.weeks


def type_(window: MainWindow, qtbot, *what: str | Qt.Key) -> None:
    for each in what:
        if isinstance(each, str):
            qtbot.keyClicks(window.focusWidget(), each)
        else:
            qtbot.keyClick(window.focusWidget(), each)


def told(page: QWidget) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def rate(journal, plan, *, with_it: float, without: float, days: int = 42) -> None:
    """Rate pain once a day, by the week that it is."""
    weeks = weeks_of(plan)
    entries = []
    for day in (plan.began + timedelta(days=n) for n in range(days)):
        value = (with_it if weeks.with_it(day) else without) + 0.3 * (day.day % 3)
        at = datetime(day.year, day.month, day.day, 12).astimezone()
        entries.append(Entry(at, "pain", value, "0-10", "", "test"))
    journal.add_entries("P01", entries)


def planned(journal, what: str = "heat", *, began: date = MONDAY):
    plan = to_keep(what, plan_weeks(began, seed=3), 3)
    journal.keep_n_of_one("P01", plan)
    return journal.n_of_ones("P01")[-1]


def test_weeks_are_planned_by_keys_and_the_page_says_what_this_week_is(
    window, weeks, journal, qtbot
):
    assert window.focusWidget() is weeks.what
    type_(window, qtbot, "Heat", KEY.Key_Return)
    (kept,) = journal.n_of_ones("P01")
    assert (kept.what, kept.began, kept.ended) == ("heat", TODAY, None)
    assert [sorted(kept.plan["weeks"][i : i + 2]) for i in (0, 2, 4)] == [["off", "on"]] * 3
    word = "with it" if kept.plan["weeks"][0] == "on" else "without it"
    assert f"Heat: this week {word}, until Tuesday, 2026-03-17." in told(weeks)
    assert weeks.stop_button.isVisible()
    assert not weeks.what.isVisible()
    assert "nothing was rated in its weeks yet" in told(weeks)


def test_something_in_words_of_ones_own_is_planned_too(window, weeks, journal, qtbot):
    assert not weeks.own.isVisible()
    type_(window, qtbot, KEY.Key_End, KEY.Key_Tab)
    type_(window, qtbot, KEY.Key_Return)
    assert "Say what is tried" in window._message.text()
    window.focusWidget()
    weeks.own.setFocus()
    type_(window, qtbot, "magnesium <b>", KEY.Key_Tab, KEY.Key_Down, KEY.Key_Return)
    (kept,) = journal.n_of_ones("P01")
    assert (kept.what, len(kept.plan["weeks"])) == ("magnesium <b>", 8)
    assert "magnesium <b>: this week" in told(weeks)


def test_how_it_was_is_rated_by_keys_and_can_be_undone(window, journal, qtbot):
    planned(journal, began=datetime.now(UTC).astimezone().date())
    window.pages.today = lambda: datetime.now(UTC).astimezone().date()
    weeks = shown(window)
    type_(window, qtbot, "4", KEY.Key_Tab, "3", KEY.Key_Tab, "2", KEY.Key_Return)
    assert {each.kind: each.value for each in journal.entries("P01")} == {
        "pain": 4,
        "tension": 3,
        "stress": 2,
    }
    assert "Saved. Undo (Ctrl+Z). Pain: 4 of 10" in told(weeks)
    assert "Rated on 1 day of this week so far." in told(weeks)
    weeks.undo_button.click()
    assert journal.entries("P01") == []
    assert weeks.lines["pain"].text() == "4"
    assert "Rated on 0 days" in told(weeks)
    weeks.lines["pain"].setText("11")
    weeks.main_button.click()
    assert "Pain goes from 0 to 10" in window._message.text()


def test_what_came_of_it_is_told_with_its_interval_or_what_is_missing(window, journal, qtbot):
    plan = planned(journal)
    rate(journal, plan, with_it=3.0, without=6.0, days=9)
    weeks = shown(window)
    assert "not enough data on “Pain” yet. 0 pairs of weeks count so far, and 3 are" in told(weeks)
    window.pages.today = lambda: MONDAY + timedelta(days=50)
    journal.add_person("P02", added=datetime.now(UTC))
    for entry in journal.entries("P01"):
        journal.remove_entry(entry.id)
    rate(journal, plan, with_it=3.0, without=6.0)
    weeks = shown(window)
    assert "Heat helps, in weeks with and without it since 2026-03-02: with it “Pain”" in told(
        weeks
    )
    assert "95 % interval; 3 pairs of weeks" in told(weeks)
    assert weeks.what.isVisible(), "they are over: others may be planned"


def question(window: MainWindow) -> QMessageBox:
    (asked,) = window.findChildren(QMessageBox)
    return asked


def test_stopping_asks_first_and_what_was_rated_stays(window, journal, qtbot):
    plan = planned(journal)
    rate(journal, plan, with_it=3.0, without=6.0, days=9)
    weeks = shown(window)
    weeks.stop_button.click()
    assert question(window).text() == "Stop the weeks of Heat?"
    stop, keep = question(window).findChildren(QPushButton)
    keep.click()
    assert journal.n_of_ones("P01") == [plan]
    qtbot.waitUntil(lambda: not window.findChildren(QMessageBox), timeout=10_000)
    weeks.stop_button.click()
    stop = next(b for b in question(window).findChildren(QPushButton) if "Stop" in b.text())
    stop.click()
    assert [each.ended for each in journal.n_of_ones("P01")] == [TODAY]
    assert len(journal.entries("P01")) == 9
    assert weeks.what.isVisible()
    assert "It was stopped on 2026-03-11." in told(weeks)


def test_of_several_that_go_on_the_one_that_is_chosen_is_stopped(window, journal, qtbot):
    planned(journal)
    planned(journal, "magnesium", began=TODAY + timedelta(days=2))
    weeks = shown(window)
    assert "magnesium: it begins on 2026-03-13." in told(weeks)
    assert weeks.which.isVisible()
    weeks.which.setCurrentIndex(1)
    weeks.ask_to_stop()
    assert "magnesium" in question(window).text()
    stop = next(b for b in question(window).findChildren(QPushButton) if "Stop" in b.text())
    stop.click()
    heat, magnesium = journal.n_of_ones("P01")
    assert (heat.ended, magnesium.ended) == (None, TODAY + timedelta(days=2))
    assert not weeks.which.isVisible()


def test_one_key_plans_and_rates_and_stops(window, journal, qtbot):
    weeks = shown(window)
    hand = Hand(window, "step")
    hand.do("Plan these weeks")
    assert len(journal.n_of_ones("P01")) == 1
    hand.do("Pain", "0 1 2", "4", "Done", "Keep it")
    assert [each.value for each in journal.entries("P01")] == [4]
    hand.do("Stop these weeks", "Keep going", "Stop these weeks", "Stop them")
    assert [each.ended for each in journal.n_of_ones("P01")] == [TODAY]
    assert weeks.what.isVisible()


def test_everything_has_a_name_a_description_and_a_letter_of_its_own(window, journal, qtbot):
    for make in (lambda: None, lambda: planned(journal), lambda: planned(journal, "cold")):
        make()
        weeks = shown(window)
        letters = parts_of(window)["letters"]
        assert len(letters) == len(set(letters)), letters
        for widget in weeks.findChildren(QWidget):
            if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
                interface = QAccessible.queryAccessibleInterface(widget)
                assert interface.text(QAccessible.Text.Name), widget
                assert interface.text(QAccessible.Text.Description), widget


def test_without_a_journal_it_says_where_to_choose_one(window, qtbot):
    window.pages.start._whose.person = ""
    weeks = shown(window)
    assert "Choose on the start page" in told(weeks)
    assert not weeks.main_button.isVisible()
    qtbot.keyClick(window.focusWidget() or window, KEY.Key_Escape)
    assert window.pages.trial.choosing.isVisible()


@pytest.mark.parametrize("seed", range(4))
def test_each_day_of_a_plan_says_its_own_week_and_none_after_it(seed):
    plan = to_keep("heat", plan_weeks(MONDAY, seed=seed), seed)
    weeks = weeks_of(plan)
    for n in range(42):
        day = MONDAY + timedelta(days=n)
        said = this_week(plan, day)
        assert ("without it" in said) is not weeks.order[n // 7]
        assert f"until Sunday, {MONDAY + timedelta(days=6 + 7 * (n // 7))}" in said
        assert running([plan], day) == [plan]
    assert running([plan], MONDAY + timedelta(days=42)) == []
    early = stopped(plan, MONDAY + timedelta(days=3))
    assert list(itertools.chain(running([early], MONDAY + timedelta(days=2)))) == [early]
    assert running([early], MONDAY + timedelta(days=3)) == []
