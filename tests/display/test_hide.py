"""A sitting that was no good is left out of the trends by keyboard, and counts again at once."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from stepped import BASELINE, HEAD, TRIALS, Gate, Way, write_protocol

from biofeedback.display.playback.recordings_page import RecordingsPage
from biofeedback.display.sitting.choice import Choice
from biofeedback.display.training.summary_page import SummaryPage
from biofeedback.journal.journal import Journal, open_journal
from biofeedback.journal.nouns import Sitting
from biofeedback.sources import SourceOptions

PERSON = '[[channels]]\nlabel = "trapezius left"\n[[channels.segments]]\nemg_uv = 4\n'
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def way(window, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Way:
    monkeypatch.setenv("BIOFEEDBACK_PROTOCOLS", str(tmp_path / "protocols"))
    write_protocol(tmp_path / "protocols", HEAD + BASELINE + TRIALS)
    (tmp_path / "person.toml").write_text(PERSON, encoding="utf-8")
    gate = Gate(f"sim:{tmp_path / 'person.toml'}")
    monkeypatch.setattr("biofeedback.display.sitting.sitting.open_source", gate.open)
    monkeypatch.setattr("biofeedback.display.sitting.sitting.is_live", lambda _words: True)
    people = window.pages.start.people
    qtbot.waitUntil(lambda: not people._look.isActive(), timeout=20_000)  # it has read
    window._whose.add("P01")
    return Way(window, gate, qtbot)


@pytest.fixture
def journal(way: Way) -> Iterator[Journal]:
    with open_journal() as journal:
        yield journal


@pytest.fixture
def page(way: Way) -> SummaryPage:
    """The page after a training of P01."""
    way.window.begin(Choice("a sensor", SourceOptions(), protocol="short"))
    while way.window.session is not None:
        way.go(10)
    made = way.window.pages.currentWidget()
    assert isinstance(made, SummaryPage)
    return made


def ask(way: Way) -> None:
    """Press Alt+O, which a button answers a moment later, as if it was clicked."""
    page = way.window.pages.currentWidget()
    way.key(Qt.Key.Key_O, ALT)
    way.qtbot.waitUntil(page.leave_out.isVisible, timeout=5_000)


def undo(way: Way) -> None:
    """Press Alt+O where it is left out."""
    way.key(Qt.Key.Key_O, ALT)
    way.qtbot.waitUntil(lambda: way.window._message.text() == "It counts again.", timeout=5_000)


def only(journal: Journal) -> Sitting:
    (sitting,) = journal.sittings("P01")
    return sitting


def texts(page: SummaryPage) -> list[str]:
    return [label.text() for label in page.findChildren(QLabel) if label.isVisible()]


def test_it_is_left_out_with_a_reason_and_counts_again_by_the_same_key(way, page, journal):
    ask(way)
    assert way.window.focusWidget() is page.leave_out.reasons[0]
    assert only(journal).hidden == "", "not before there is a reason"
    way.key(Qt.Key.Key_Tab)
    assert way.window.focusWidget() is page.leave_out.reasons[1]
    way.key(Qt.Key.Key_Return)
    assert only(journal).hidden == "I was ill"
    assert way.window._message.text() == "Left out of the trends: I was ill."
    assert "Left out of the trends: I was ill." in texts(page)
    assert page._out_button.text() == "Let it c&ount again"
    assert way.window.focusWidget() is page._out_button
    undo(way)
    assert only(journal).hidden == ""
    assert way.window._message.text() == "It counts again."
    assert not any("Left out" in text for text in texts(page))


def test_esc_leaves_all_as_it_was_and_stays_on_the_page(way, page, journal):
    ask(way)
    way.key(Qt.Key.Key_Escape)
    assert not page.leave_out.isVisible()
    assert way.window.pages.currentWidget() is page
    assert only(journal).hidden == ""


def test_a_note_keeps_it_left_out(way, page, journal):
    ask(way)
    way.key(Qt.Key.Key_Return)
    page.note.kept.emit("the lead was loose")
    assert (only(journal).hidden, only(journal).note) == (
        *("an electrode fell off", "the lead was loose"),
    )


def test_what_it_measured_is_not_taken_for_the_next_one(way, page, journal):
    asked = {
        "channel": "trapezius left",
        "band_hz": (20.0, 450.0),
        "sensor": journal.calibrations("P01")[0].sensor,
        "simulated": True,
    }
    assert journal.newest_calibration("P01", "baseline", **asked) is not None
    ask(way)
    way.key(Qt.Key.Key_Return)
    assert journal.newest_calibration("P01", "baseline", **asked) is None


def test_it_stays_among_the_recordings_flagged_and_can_be_shown_there(way, page, journal):
    ask(way)
    way.key(Qt.Key.Key_Return)
    window = way.window
    window._show_page(window.pages.recordings)
    rows = window.pages.recordings
    assert rows.rows.item(0).text().endswith("in the journal · left out: an electrode fell off")
    undo(way)
    assert only(journal).hidden == ""
    assert window._message.text() == "It counts again."
    assert rows.rows.item(0).text().endswith("in the journal")
    assert window.focusWidget() is rows.out_button


def test_it_is_left_out_from_the_list_of_recordings(way, page, journal):
    window = way.window
    window._show_page(window.pages.recordings)
    rows: RecordingsPage = window.pages.recordings
    ask(way)
    for _reason in range(3):
        way.key(Qt.Key.Key_Tab)
    way.key(Qt.Key.Key_Space)
    assert only(journal).hidden == "another reason"
    assert "left out: another reason" in rows.rows.item(0).text()
    assert rows.rows.currentRow() == 0


def test_without_a_person_there_is_nothing_to_leave_out(way, qtbot):
    way.window._whose.person = ""
    way.window.begin(Choice("a sensor", SourceOptions(), protocol="short"))
    while way.window.session is not None:
        way.go(10)
    assert not way.window.pages.summary._out_button.isVisible()
    way.window._show_page(way.window.pages.recordings)
    assert not way.window.pages.recordings.out_button.isEnabled()


def test_a_journal_that_another_program_holds_is_told_in_a_sentence(
    way, page, journal, monkeypatch
):
    monkeypatch.setattr("biofeedback.journal.engine.BUSY_S", 0.05)
    held = sqlite3.connect(journal.place.file, isolation_level=None)
    held.execute("BEGIN IMMEDIATE")
    with open_journal() as quick:  # which waits no longer than that
        page._sitting._kept.journal = quick
        ask(way)
        way.key(Qt.Key.Key_Return)
        assert "is held by another program; close that one" in way.window._message.text()
        assert not any("Left out" in text for text in texts(page))
        held.execute("ROLLBACK")
        held.close()
        ask(way)
        way.key(Qt.Key.Key_Return)
        assert only(journal).hidden == "an electrode fell off"


def test_a_simulated_training_says_that_it_is_in_nobodys_journal(
    way, journal, monkeypatch, tmp_path
):
    monkeypatch.setattr(
        "biofeedback.display.sitting.sitting.is_live", lambda words: words[:4] != "sim:"
    )
    words = f"sim:{tmp_path / 'person.toml'}"
    way.window.begin(Choice(words, SourceOptions(), protocol="short"))
    while way.window.session is not None:
        way.go(10)
    page = way.window.pages.summary
    assert "Simulated, so it is not in the journal of P01." in texts(page)
    assert journal.sittings("P01") == []
    assert not page._out_button.isVisible()


def test_every_part_says_what_it_does(page, qtbot):
    page.leave_out.ask()
    for made in page.leave_out.findChildren(QPushButton):
        assert made.accessibleName()
        assert made.accessibleDescription()
