"""The first page of somebody with a journal: their day, what is next, the ways from there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from kept import CONDITIONS
from one_key_hand import Hand
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLabel, QWidget
from room_for_words import Lengthened, cut_off

from biofeedback import text
from biofeedback.display.app import MainWindow
from biofeedback.display.days.data_page import DataPage
from biofeedback.display.days.entry_page import EntryPage
from biofeedback.display.days.today import Today, read_today
from biofeedback.display.days.treatment_page import TreatmentPage
from biofeedback.display.days.trends_page import TrendsPage
from biofeedback.display.playback.recordings_page import RecordingsPage
from biofeedback.display.preparing.safety_page import SafetyPage
from biofeedback.display.start import StartPage
from biofeedback.display.therapist.clients_page import ClientsPage
from biofeedback.display.trials.page import TrialPage
from biofeedback.display.widgets.palette import LIGHT
from biofeedback.display.widgets.style import apply_style
from biofeedback.journal.day_nouns import Entry, NOfOne, Treatment
from biofeedback.journal.journal import open_journal
from biofeedback.journal.nouns import Course
from biofeedback.settings import DisplaySettings, JournalSettings, Settings

TODAY = date(2024, 6, 20)
ADDED = datetime(2024, 1, 1, tzinfo=UTC)
MOST_STEPS = 3


def at(day: date, hour: int = 12) -> datetime:
    """Return an hour of a day where the computer is."""
    return datetime.combine(day, time(hour)).astimezone()


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def pain(day: date, value: float = 4.0) -> Entry:
    return Entry(at(day), "pain", value, "0-10", "", "window")


def injection(day: date) -> Treatment:
    return Treatment(day, "injection", "botulinum toxin A", "150 U", (), None, "")


@pytest.fixture
def journal(settings_of_its_own):
    with open_journal() as made:
        made.add_person("P01", added=ADDED)
        yield made


def sit(journal, day: date, *, simulated: bool = False) -> None:
    conditions = replace(CONDITIONS, simulated=simulated)
    sitting = journal.begin_sitting("P01", conditions, started=at(day))
    journal.finish_sitting(sitting, duration_s=700.0, summary={"protocol": "home-relaxation"})


def read(journal, weeks: Callable[..., list[str]] = lambda _plans, _today: []) -> Today:
    return read_today(journal, "P01", journal.sittings("P01"), TODAY, weeks)


def test_where_nothing_was_done_it_says_no_more_than_that(journal):
    assert read(journal) == Today(("Nothing is entered for today yet.",), ())


def test_what_was_done_today_is_told(journal):
    sit(journal, TODAY)
    sit(journal, ago(3))
    journal.add_entries("P01", [pain(TODAY), pain(ago(1), 7.0)])
    journal.add_treatment("P01", injection(TODAY))
    done = read(journal).done
    assert done == (
        "1 sitting today.",
        "Entered today: Pain: 4 of 10",
        "Given today: botulinum toxin A",
    )


def test_else_it_is_told_when_the_last_sitting_was_and_what_was_entered_since(journal):
    journal.add_entries("P01", [pain(ago(9)), pain(ago(4)), pain(ago(2))])
    sit(journal, ago(5))
    sit(journal, TODAY, simulated=True)
    assert read(journal).done == (
        "Nothing is entered for today yet.",
        "The last sitting was on 2024-06-15; 2 entries since.",
    )


def test_an_injection_is_told_of_while_it_may_work(journal):
    journal.add_treatment("P01", injection(ago(200)))
    assert read(journal).ahead == ()
    journal.add_treatment("P01", injection(ago(90)))
    journal.add_treatment("P01", injection(ago(1)))
    assert read(journal).ahead == ("1 day since the injection of 2024-06-19: botulinum toxin A.",)


def test_the_weeks_that_run_are_asked_for(journal):
    plan = NOfOne("heat", ago(3), {"weeks": ["on", "off"]})
    plan = replace(plan, id=journal.keep_n_of_one("P01", plan))
    assert read(journal, lambda plans, today: [f"{plans == [plan]} {today}"]).ahead == (
        "True 2024-06-20",
    )


def test_a_long_note_with_html_stays_short_and_stays_text(journal):
    note = Entry(at(TODAY), "note", None, "", "<b>sore</b> " + "and sore " * 100, "window")
    journal.add_entry("P01", note)
    (done,) = read(journal).done
    assert "<b>sore</b>" in done
    assert len(done) < 120


# in the window


@contextmanager
def shown(qtbot, watch, person: str = "P01", **display: object) -> Iterator[MainWindow]:
    settings = Settings(
        journal=JournalSettings(person),
        display=DisplaySettings(**display),  # type: ignore[arg-type]
    )
    window = MainWindow(settings, watch=watch)
    qtbot.addWidget(window)
    window.pages.today = lambda: TODAY
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=10_000)
    if person:
        qtbot.waitUntil(window.pages.start.course.isVisible, timeout=10_000)
    yield window
    window.close()


def said(page: QWidget) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def test_the_first_page_says_what_was_done_and_what_comes_next(journal, dressed, qtbot, watch):
    sit(journal, ago(5))
    journal.add_treatment("P01", injection(ago(63)))
    journal.set_course("P01", Course("home-relaxation", 3, 20, ago(30)))
    journal.keep_n_of_one("P01", NOfOne("heat", ago(10), {"weeks": ["on", "off"] * 3}))
    with shown(qtbot, watch) as window:
        told = said(window.pages.start)
        for wanted in (
            "Today: P01",
            "The last sitting was on 2024-06-15.",
            "63 days since the injection of 2024-04-18: botulinum toxin A.",
            "Heat: this week without it, until",
            "Sitting 2 of 20: Relaxing at home",
        ):
            assert wanted in told
        assert window.focusWidget() is window.pages.start.course.train_button


def test_a_note_with_html_is_shown_as_it_is(journal, dressed, qtbot, watch):
    journal.add_entry("P01", Entry(at(TODAY), "note", None, "", "<b>wet</b>", "window"))
    with shown(qtbot, watch) as window:
        assert "<b>wet</b>" in said(window.pages.start)
        labels = window.pages.start.course.findChildren(QLabel)
        assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}


def test_for_nobody_the_page_is_as_simple_as_ever(journal, dressed, qtbot, watch):
    with shown(qtbot, watch, person="") as window:
        start = window.pages.start
        assert not start.days.isVisible()
        assert not start.course.isVisible()
        for made in (start.train_button, start.trial_button, start.clients_button):
            assert made.isVisible()
        assert window.focusWidget() is start.demo_button


def test_each_way_is_offered_once_whether_somebody_is_chosen_or_not(journal, dressed, qtbot, watch):
    with shown(qtbot, watch) as window:
        start, everything = window.pages.start, []
        for person in ("P01", ""):
            start.people.choose(person)
            QApplication.processEvents()
            buttons = [b.text() for b in start.findChildren(QAbstractButton) if b.isVisible()]
            assert len(set(buttons)) == len(buttons), buttons
            everything.append(set(buttons))
        assert everything[1] <= everything[0], "whoever has a journal misses nothing"


def test_who_cannot_be_read_is_told_and_the_ways_stay(journal, dressed, qtbot, watch, monkeypatch):
    monkeypatch.setattr(
        "biofeedback.display.days.course_card.read_today",
        lambda *_words: journal.sittings("P07"),
    )
    settings = Settings(journal=JournalSettings("P01"))
    window = MainWindow(settings, watch=watch)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: "nobody called 'P07'" in window._message.text(), timeout=10_000)
    assert window.pages.start.days.isVisible()
    window.close()


# the ways, in no more than three steps


def reached_by_tab(window: MainWindow, name: str) -> QWidget:
    """Press Tab until what is called so has the focus."""
    for _press in range(60):
        focused = window.focusWidget()
        if focused is not None and focused.accessibleName().startswith(name):
            return focused
        window.focusNextPrevChild(True)
    pytest.fail(f"{name} is not reached by Tab")


WAYS = [
    ("Train", SafetyPage),
    ("What helps me?", TrialPage),
    ("My treatment", TreatmentPage),
    ("My trends", TrendsPage),
    ("Quick entry", EntryPage),
    ("Clients and montages", ClientsPage),
    ("My recordings", RecordingsPage),
    ("My data", DataPage),
]


@pytest.mark.parametrize(("name", "kind"), WAYS)
def test_each_place_is_one_step_from_the_first_page_by_the_keyboard(
    journal, dressed, qtbot, watch, name, kind
):
    with shown(qtbot, watch) as window:
        qtbot.keyClick(reached_by_tab(window, name), Qt.Key.Key_Return)
        assert isinstance(window.pages.page(), kind)
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
        assert isinstance(window.pages.page(), StartPage)
        assert window.focusWidget().accessibleName().startswith(name)


def test_an_export_takes_three_steps_the_page_its_page_and_where(
    journal, dressed, qtbot, watch, tmp_path: Path, monkeypatch
):
    steps: list[str] = []

    def choose(*_words: object) -> str:
        steps.append("where")
        return str(tmp_path)

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", choose)
    with shown(qtbot, watch) as window:
        for name in ("My data", "Take it along"):
            steps.append(type(window.pages.page()).__name__)
            qtbot.keyClick(reached_by_tab(window, name), Qt.Key.Key_Return)
        assert steps == ["StartPage", "DataPage", "where"]
        assert len(steps) <= MOST_STEPS
        qtbot.waitUntil(lambda: not window.pages.data.busy, timeout=20_000)
        assert (tmp_path / "P01-2024-06-20" / "journal.json").is_file()


@pytest.mark.parametrize(("name", "kind"), WAYS)
def test_each_place_is_reached_with_one_key(journal, dressed, qtbot, watch, name, kind):
    with shown(qtbot, watch) as window:
        hand = Hand(window, "step")
        hand.do("Recordings" if kind is RecordingsPage else "What would you like to do?", name)
        assert isinstance(window.pages.page(), kind)


def test_an_export_is_made_with_one_key(journal, dressed, qtbot, watch, tmp_path, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_words: str(tmp_path))
    with shown(qtbot, watch) as window:
        hand = Hand(window, "step")
        hand.do("What would you like to do?", "My data", "Take it along")
        qtbot.waitUntil(lambda: not window.pages.data.busy, timeout=20_000)
        assert (tmp_path / "P01-2024-06-20" / "journal.json").is_file()
        hand.wait()
        hand.do("Back")
        assert isinstance(window.pages.page(), StartPage)


# what is seen


@pytest.mark.parametrize("size", [(1024, 640), (1280, 800)])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_no_text_is_cut_off_also_in_longer_words(
    journal, dressed, qtbot, watch, monkeypatch, size, scale
):
    monkeypatch.setattr(text, "_catalogue", Lengthened())
    sit(journal, ago(5))
    journal.add_treatment("P01", injection(ago(63)))
    journal.set_course("P01", Course("home-relaxation", 3, 20, ago(30)))
    with shown(qtbot, watch, font_scale=scale) as window:
        window.resize(*size)
        for person in ("P01", ""):
            window.pages.start.people.choose(person)
            qtbot.waitUntil(lambda: not cut_off(window, window.pages.start), timeout=5000)
    apply_style(dressed, LIGHT, font_scale=1.0)


def test_whatever_takes_the_focus_names_itself_and_is_reached_by_tab(
    journal, dressed, qtbot, watch
):
    with shown(qtbot, watch) as window:
        wanted = {
            part
            for part in window.pages.start.findChildren(QWidget)
            if part.focusPolicy() & Qt.FocusPolicy.TabFocus
            and part.isVisible()
            and part.focusProxy() is None
        }
        for part in wanted:
            interface = QAccessible.queryAccessibleInterface(part)
            assert interface.text(QAccessible.Text.Name), part
            assert interface.text(QAccessible.Text.Description), part
        reached = set()
        for _press in range(80):
            reached.add(window.focusWidget())
            window.focusNextPrevChild(True)
        assert not {part.accessibleName() for part in wanted - reached}
