"""What cannot be, typed into the window: one sentence says why, and nothing of it is kept."""

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from biofeedback.display.app import MainWindow
from biofeedback.journal.journal import open_journal
from biofeedback.settings import JournalSettings, Settings

BEFORE = datetime(2024, 5, 2, 19, 0, tzinfo=UTC)


@pytest.fixture
def journal(settings_of_its_own):
    with open_journal() as made:
        made.add_person("P01", added=BEFORE)
        made.add_person("P02", added=BEFORE)
        yield made


@pytest.fixture
def window(journal, dressed, watch, qtbot):
    made = MainWindow(Settings(journal=JournalSettings("P01")), watch=watch)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(made.pages.start.course.isVisible, timeout=10_000)
    yield made
    made.close()


def told(window: MainWindow) -> str:
    text = window._message.text()
    assert "\n" not in text
    return text


@pytest.mark.parametrize("when", ["2999-01-01", "2999-01-01 12:00", "1812-09-07 06:00"])
def test_nothing_is_entered_for_a_time_to_come_or_long_gone(window, journal, when):
    window.pages.start.days.entry_button.click()
    entry = window.pages.entry
    entry.lines["pain"].setText("4")
    entry.lines["note"].setText("wet")
    entry.when.setText(when)
    entry.keep()
    assert "is yet to come, or no year of ours; enter when it was." in told(window)
    assert journal.entries("P01") == []
    assert entry.lines["note"].text() == "wet", "it stays to be mended"


def test_no_treatment_is_kept_for_a_day_to_come(window, journal):
    window.pages.start.days.treatment_button.click()
    lines = window.pages.treatment.lines
    lines["name"].setText("toxin")
    lines["on"].setText("2999-01-01")
    window.pages.treatment.keep()
    assert "2999-01-01 is not today, and no day before" in told(window)
    assert journal.treatments("P01") == []


def test_a_dose_is_whatever_was_told_and_is_shown_as_it_was_typed(window, journal):
    window.pages.start.days.treatment_button.click()
    lines = window.pages.treatment.lines
    lines["name"].setText("<b>toxin</b>")
    lines["dose"].setText("=1+1, or <i>so</i>")
    window.pages.treatment.keep()
    (kept,) = journal.treatments("P01")
    assert (kept.name, kept.dose) == ("<b>toxin</b>", "=1+1, or <i>so</i>")
    assert "<b>toxin</b> · =1+1, or <i>so</i>" in window.pages.treatment.list.item(0).text()
    labels = [each for each in window.pages.treatment.findChildren(QLabel) if "<b>" in each.text()]
    assert {each.textFormat() for each in labels} <= {Qt.TextFormat.PlainText}


def test_two_people_cannot_have_one_pseudonym_on_the_first_page(window, journal, qtbot):
    people = window.pages.start.people
    people.people.setCurrentIndex(people.people.count() - 1)
    people._choose()
    people.name.setText("P02")
    qtbot.keyClick(people.name, Qt.Key.Key_Return)
    assert told(window) == "P02 is in the journal already; choose another pseudonym."
    assert window._whose.person == "P01"
    assert [each.id for each in journal.people()] == ["P01", "P02"]


def test_two_people_cannot_have_one_pseudonym_on_the_page_of_clients(window, journal, qtbot):
    window.pages.start.days.clients_button.click()
    clients = window.pages.clients
    qtbot.waitUntil(lambda: clients.people.count() == 2, timeout=10_000)
    clients.name.setText("P02")
    clients._add()
    assert told(window) == "P02 is in the journal already; choose another pseudonym."
    assert clients.people.count() == 2
    assert [each.id for each in journal.people()] == ["P01", "P02"]
