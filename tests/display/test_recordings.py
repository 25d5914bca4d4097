"""The window records: by itself where a sensor is, and what was recorded is found again."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton

from biofeedback.display.app import MainWindow
from biofeedback.display.feedback.patient import PatientScreen
from biofeedback.display.sitting.choice import Choice
from biofeedback.journal.journal import open_journal
from biofeedback.journal.nouns import Conditions
from biofeedback.recording.formats import read_recording
from biofeedback.recording.library import list_kept, new_path
from biofeedback.recording.repair import recordings_folder
from biofeedback.session import State
from biofeedback.settings import JournalSettings, RecordingSettings, Settings, load_settings
from biofeedback.sources import SourceOptions
from biofeedback.stream import Channel, StreamInfo

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CONDITIONS = Conditions("serial", False, 1000.0, (20.0, 450.0), "MyoWare 2.0, RAW", {})


@pytest.fixture
def folder() -> Path:
    return recordings_folder()


@pytest.fixture
def sensor(monkeypatch) -> None:
    """Take the simulated muscle for a sensor that somebody sits at."""
    monkeypatch.setattr("biofeedback.display.sitting.sitting.is_live", lambda _words: True)


def begin(window: MainWindow, qtbot, *, seconds: float | None = None, fast: bool = False) -> None:
    window.begin(Choice("sim:everyday", SourceOptions(fast=fast)), seconds=seconds)
    qtbot.waitUntil(lambda: window.sitting.view_model.ready, timeout=10_000)


def recorded(window: MainWindow, qtbot, seconds: float = 20) -> None:
    """Record so many seconds of the simulated muscle, and end."""
    begin(window, qtbot, seconds=seconds, fast=True)
    qtbot.waitUntil(lambda: window.session.state is State.ENDED, timeout=20_000)
    window.end()


def face(window: MainWindow) -> str:
    window.tick()
    return window._bar.record.text()


def test_a_session_with_a_sensor_is_recorded_by_itself(window, qtbot, sensor, folder):
    recorded(window, qtbot)
    (kept,) = list_kept(folder)
    assert kept.duration_s == 20
    assert kept.labels == ("trapezius left", "splenius right")
    assert kept.simulated
    assert window._message.text() == "Recorded: 00:20. It is under My recordings."
    assert read_recording(kept.path).stop == 20_000
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_what_is_simulated_is_recorded_only_when_it_is_asked_for(window, qtbot, folder):
    begin(window, qtbot)
    assert face(window) == "Record"
    qtbot.keyClick(window, Qt.Key.Key_R)
    assert face(window) == "● Recording"
    begun = window.session.stop_index
    qtbot.waitUntil(lambda: window.session.stop_index > begun + 500, timeout=10_000)
    qtbot.keyClick(window, Qt.Key.Key_R)
    assert face(window) == "Record"
    assert window._message.text().startswith("The recording has ended: 00:0")
    window.end()
    (kept,) = list_kept(folder)
    assert 0.4 < kept.duration_s < 30


def test_who_does_not_want_it_switches_it_off_in_the_settings(qtbot, dressed, sensor, folder):
    window = MainWindow(Settings(recording=RecordingSettings(automatic="off")))
    qtbot.addWidget(window)
    begin(window, qtbot)
    assert face(window) == "Record"
    window.end()
    assert list_kept(folder) == []


def test_a_note_is_of_the_moment_in_which_its_key_was_pressed(window, qtbot, sensor, folder):
    begin(window, qtbot)
    window.show()
    qtbot.keyClick(window, Qt.Key.Key_N)
    asked_s = window.session.duration_s
    line = window.focusWidget()
    qtbot.keyClicks(line, "trick, on R N")
    qtbot.waitUntil(lambda: window.session.duration_s > asked_s + 0.3, timeout=10_000)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert window._message.text() == "Noted."
    assert window.sitting.recording, "the letters were typed, not pressed"
    window.end()
    (kept,) = list_kept(folder)
    (note,) = read_recording(kept.path).annotations
    assert note.text == "trick, on R N"
    assert note.onset_s == pytest.approx(asked_s, abs=0.2)


def test_where_nothing_can_be_recorded_the_feedback_goes_on_and_the_button_says_so(
    window, qtbot, sensor, folder
):
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("a file in the place of the folder")
    begin(window, qtbot)
    assert face(window) == "Not recording!"
    assert str(folder) in window._message.text()
    assert isinstance(window.pages.currentWidget(), PatientScreen)
    before = window.session.stop_index
    qtbot.waitUntil(lambda: window.session.stop_index > before, timeout=10_000)
    folder.unlink()
    qtbot.keyClick(window, Qt.Key.Key_R)  # tries again
    assert face(window) == "● Recording"
    before = window.session.stop_index
    qtbot.waitUntil(lambda: window.session.stop_index > before + 300, timeout=10_000)
    window.end()
    assert len(list_kept(folder)) == 1


def test_the_page_lists_the_newest_first_and_enter_looks_at_one(window, qtbot, sensor, folder):
    recorded(window, qtbot, 3)
    recorded(window, qtbot, 5)
    window.show()
    window._show_page(window.pages.recordings)
    rows = window.pages.recordings.rows
    assert rows.count() == 2
    assert "00:05" in rows.item(0).text()
    assert "trapezius left, splenius right" in rows.item(0).text()
    qtbot.keyClick(rows, Qt.Key.Key_Return)
    assert window.pages.currentWidget() is window.pages.playback
    window.leave()
    assert window.pages.currentWidget() is window.pages.recordings


def test_one_is_played_again_as_if_it_were_live(window, qtbot, sensor, folder):
    recorded(window, qtbot, 3)
    window._show_page(window.pages.recordings)
    window.pages.recordings.replay_button.click()
    qtbot.waitUntil(lambda: window.sitting.view_model.ready, timeout=10_000)
    assert window.session.info.simulated
    window.end()
    assert window.pages.currentWidget() is window.pages.recordings


def test_deleting_one_asks_first_and_takes_all_that_lies_beside_it(window, qtbot, sensor, folder):
    recorded(window, qtbot, 3)
    (kept,) = list_kept(folder)
    kept.path.with_name(kept.path.name + ".edits.jsonl").write_text("{}\n")
    (folder / "other.json").write_text("{}\n")
    window.show()
    window._show_page(window.pages.recordings)
    for answer, left in (("&Keep it", 4), ("&Delete it", 1)):
        window.activateWindow()
        qtbot.waitUntil(window.pages.recordings.rows.hasFocus, timeout=5000)
        qtbot.keyClick(window.pages.recordings.rows, Qt.Key.Key_Delete)
        qtbot.waitUntil(lambda: window.findChild(QMessageBox, "ask") is not None, timeout=5000)
        asked = window.findChild(QMessageBox, "ask")
        (button,) = (b for b in asked.findChildren(QPushButton) if b.text() == answer)
        button.click()
        qtbot.waitUntil(lambda: window.findChild(QMessageBox, "ask") is None, timeout=5000)
        assert len(list(folder.iterdir())) == left
    assert not window.pages.recordings.delete_button.isEnabled()


def test_what_broke_off_is_made_whole_when_the_window_opens(window, qtbot, sensor, folder):
    recorded(window, qtbot, 3)
    (kept,) = list_kept(folder)
    whole = kept.path.read_bytes()
    kept.path.write_bytes(whole[:-100])
    again = MainWindow(Settings())
    qtbot.addWidget(again)
    assert f"{kept.path}: 2.96 s are saved." in again._message.text()
    assert len(read_recording(kept.path).annotations) == 0


def test_sixteen_bits_are_kept_as_edf_and_more_as_bdf_under_a_name_that_tells_nothing(folder):
    def name(*channels: Channel) -> Path:
        return new_path(folder, StreamInfo(channels, 1000.0, "serial:/dev/ttyACM0"))

    sixteen, more = (
        Channel("neck", digital=(0, 2**16 - 1)),
        Channel("jaw", digital=(-(2**23), 2**23 - 1)),
    )
    assert name(sixteen).suffix == ".edf"
    assert name(sixteen, more).suffix == ".bdf"
    assert name(Channel("text")).suffix == ".bdf"
    assert name(sixteen) != name(sixteen)


@pytest.fixture
def journal(tmp_path):
    with open_journal() as made:
        yield made


def shown_people(window: MainWindow, qtbot, wanted: list[str]) -> None:
    people = window.pages.start.people.people
    window.show()
    qtbot.waitUntil(
        lambda: [people.itemData(i) for i in range(people.count())] == ["", *wanted, "+"],
        timeout=20_000,
    )


@pytest.fixture
def p01(journal) -> str:
    return journal.add_person("P01", added=NOON).id


def test_a_sitting_of_a_person_goes_into_the_journal(p01, window, qtbot, sensor, journal, folder):
    shown_people(window, qtbot, ["P01"])
    chooser = window.pages.start.people.people
    chooser.setFocus()
    qtbot.keyClick(chooser, Qt.Key.Key_Down)
    assert load_settings().journal.person == "P01"
    begin(window, qtbot)
    window.tick()
    window.ask_note()
    window._note.kept.emit("trick on")
    (unfinished,) = journal.unfinished()
    qtbot.waitUntil(lambda: bool(journal.annotations(unfinished.id)), timeout=10_000)
    assert [note.text for note in journal.annotations(unfinished.id)] == ["trick on"]
    qtbot.waitUntil(lambda: window.session.duration_s > 1.0, timeout=10_000)
    window.end()
    (sitting,) = journal.sittings("P01")
    assert not sitting.interrupted
    assert sitting.duration_s > 1.0
    assert sitting.conditions.settings["signal"]["band"] == "wide"
    assert [channel["label"] for channel in sitting.summary["channels"]] == [
        "trapezius left",
        "splenius right",
    ]
    (recording,) = sitting.recordings
    kept = journal.recordings / recording.file
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == recording.sha256
    assert list_kept(folder) == []
    window._show_page(window.pages.recordings)
    assert "in the journal" in window.pages.recordings.rows.item(0).text()
    assert not window.pages.recordings.delete_button.isEnabled()
    told = window.pages.recordings.where.text()
    assert told.startswith(f"They lie in {folder}, those of the journal in {journal.recordings},")


def test_a_new_pseudonym_is_typed_on_the_first_page_and_a_bad_one_refused(window, qtbot, journal):
    shown_people(window, qtbot, [])
    start = window.pages.start.people
    start.people.setFocus()
    qtbot.keyClick(start.people, Qt.Key.Key_Down)
    assert start.name.isVisible()
    for typed, said in (("../x", "is no pseudonym"), ("P07", "")):
        start.name.setText(typed)
        qtbot.keyClick(start.name, Qt.Key.Key_Return)
        assert said in window._message.text()
    assert [person.id for person in journal.people()] == ["P07"]
    assert start.people.currentData() == "P07"
    assert load_settings().journal.person == "P07"


def test_where_the_journal_cannot_be_opened_the_sitting_goes_on_and_is_recorded(
    qtbot, dressed, sensor, folder, monkeypatch, tmp_path
):
    broken = tmp_path / "broken.sqlite"
    broken.write_text("this is no database, and long enough to be seen as none" * 40)
    monkeypatch.setenv("BIOFEEDBACK_JOURNAL", str(broken))
    window = MainWindow(Settings(journal=JournalSettings("P01")))
    qtbot.addWidget(window)
    begin(window, qtbot)
    window.tick()
    assert "This sitting is not kept in it." in window._message.text()
    window.end()
    assert len(list_kept(folder)) == 1


def test_a_sitting_whose_program_was_killed_is_completed_at_the_next_start(
    p01, window, qtbot, sensor, journal, folder
):
    recorded(window, qtbot, 3)
    (kept,) = list_kept(folder)
    sitting = journal.begin_sitting("P01", CONDITIONS, started=NOON)
    torn = journal.new_recording(sitting)
    torn.write_bytes(kept.path.read_bytes()[:-100])
    again = MainWindow(Settings(journal=JournalSettings("P01")))
    qtbot.addWidget(again)
    again.show()
    qtbot.waitUntil(lambda: "P01 that broke off is kept" in again._message.text(), timeout=20_000)
    assert journal.unfinished() == []
    (sitting,) = journal.sittings("P01")
    assert sitting.interrupted
    assert sitting.duration_s == pytest.approx(2.96)
    assert sitting.recordings[0].sha256
    again.close()


def test_s_lets_the_session_be_heard_and_falls_silent_again(window, qtbot, monkeypatch):
    told: list[str] = []

    class Heard:
        def __init__(self, settings):
            told.append(settings.mapping)

        def follow(self, session, channel):
            told.append(f"{session.info.source} {channel}")

        def news(self):
            return []

        def stop(self):
            told.append("stopped")

    monkeypatch.setattr("biofeedback.display.sitting.ears.ByEar", Heard)
    begin(window, qtbot)
    qtbot.keyClick(window, Qt.Key.Key_S)
    window.tick()
    qtbot.keyClick(window, Qt.Key.Key_S)
    heard = len(told)
    window.tick()
    assert told[0] == "pitch"
    assert set(told[1:-1]) == {"sim:everyday 0"}
    assert told[-1] == "stopped"
    assert len(told) == heard
    qtbot.keyClick(window, Qt.Key.Key_S)
    window.end()
    assert told[-1] == "stopped", "the end of a session is silent"


def test_without_a_journal_only_ones_own_folder_is_named(window, folder):
    window._show_page(window.pages.recordings)
    told = window.pages.recordings.where.text()
    assert told.startswith(f"They lie in {folder}, as EDF+")


def test_the_line_that_says_there_is_none_cannot_be_chosen(window):
    window._show_page(window.pages.recordings)
    rows = window.pages.recordings.rows
    assert rows.item(0).text().startswith("None yet.")
    assert not rows.item(0).flags() & Qt.ItemFlag.ItemIsSelectable
    assert not window.pages.recordings.look_button.isEnabled()
