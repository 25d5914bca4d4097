"""Clients, their montages, and a sitting that begins with all of one in two keys."""

from datetime import UTC, date, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget
from stepped import BASELINE, CHECK, HEAD, TRIALS, Gate, Way, write_protocol

from biofeedback.devices.survey import Found
from biofeedback.display.app import MainWindow
from biofeedback.display.preparing.contact_page import ContactPage
from biofeedback.display.preparing.safety_page import SafetyPage
from biofeedback.display.sitting.choice import Choice
from biofeedback.display.sitting.montages import check_montage, misfit, read_clients, with_montage
from biofeedback.errors import JournalError
from biofeedback.journal.journal import open_journal
from biofeedback.journal.nouns import Conditions, Course, Montage, MontageChannel
from biofeedback.settings import SourceSettings, load_settings
from biofeedback.sources import SourceOptions
from biofeedback.sources.ports import Port
from biofeedback.stream import Channel, StreamInfo
from biofeedback.wire.native import PROTOCOL, Info

TODAY = date(2026, 11, 23)
ADDED = datetime(2026, 11, 1, tzinfo=UTC)
UNO = Port("/dev/ttyACM0", "ttyACM0", 0x2341, 0x0043, "7523")
INFO = Info(PROTOCOL, (1, 0, 0), bits=10, vref_mv=5000, max_channels=6, name="Uno/Nano")
READY = Found(UNO, "native", "Uno/Nano, firmware 1.0.0", INFO)
KNOWN = SourceSettings(
    sensor="myoware-2-raw", port=UNO.name, serial_number="7523", labels=("masseter left",)
)
LABELS = ("trapezius left", "trapezius right")
NECK = Montage(
    name="neck",
    protocol="short",
    band="narrow",
    channels=tuple(MontageChannel(label, "myoware-2-raw") for label in LABELS),
    threshold_uv=6.0,
)


@pytest.fixture
def last() -> SourceSettings:
    return KNOWN


@pytest.fixture
def way(window: MainWindow, watch, tmp_path, monkeypatch, qtbot) -> Way:
    """The window on its page of clients; the journal has two of them, one with a montage."""
    with open_journal() as journal:
        for person in ("P01", "P02"):
            journal.add_person(person, added=ADDED)
        journal.keep_montage("P01", NECK)
    path = tmp_path / "two.toml"
    channel = '[[channels]]\nlabel = "{}"\n[[channels.segments]]\nemg_uv = 5\n'
    path.write_text("".join(channel.format(label) for label in LABELS), encoding="utf-8")
    gate = Gate(f"sim:{path}")
    monkeypatch.setattr("biofeedback.display.sitting.sitting.open_source", gate.open)
    monkeypatch.setenv("BIOFEEDBACK_PROTOCOLS", str(tmp_path / "protocols"))
    write_protocol(tmp_path / "protocols", HEAD + CHECK + BASELINE + TRIALS)
    window.pages.today = lambda: TODAY
    watch.found = [READY]
    made = Way(window, gate, qtbot)
    window.pages.start.clients_button.click()
    qtbot.waitUntil(lambda: window.pages.clients.people.count() == 2, timeout=10_000)
    return made


def clients(way: Way):
    return way.window.pages.clients


def press(way: Way, *keys: Qt.Key) -> None:
    for key in keys:
        way.key(key)


def montages(person: str) -> list[Montage]:
    with open_journal() as journal:
        return journal.montages(person)


def test_each_client_is_listed_with_their_last_sitting_and_their_course(way):
    with open_journal() as journal:
        journal.set_course("P01", Course("short", per_week=2, sittings=8, began=TODAY))
        lines = [client.text() for client in read_clients(journal)]
    assert lines == ["P01 · no sitting yet", "P02 · no sitting yet"]


def test_a_client_who_sat_is_told_of_with_the_day_and_the_course(way):

    with open_journal() as journal:
        conditions = Conditions("serial", False, 1000.0, (20.0, 450.0), "MyoWare", {})
        began = datetime(2026, 11, 20, 12, tzinfo=UTC)
        sitting = journal.begin_sitting("P02", conditions, started=began)
        journal.finish_sitting(sitting, duration_s=60.0, summary={"protocol": "short"})
        course = Course("short", per_week=2, sittings=8, began=date(2026, 11, 2))
        journal.set_course("P02", course)
        second = read_clients(journal)[1]
    assert second.text() == "P02 · 1 sitting, on 2026-11-20 · Sitting 2 of 8"


def test_two_keys_begin_the_way_to_a_sitting_with_all_that_the_montage_says(way, qtbot):
    press(way, Qt.Key.Key_Return)  # on the client: to the montages
    assert clients(way).montages.hasFocus()
    press(way, Qt.Key.Key_Return)
    assert way.window._whose.person == "P01"
    assert isinstance(way.window.pages.currentWidget(), SafetyPage)
    assert way.window.pages.way._protocol == "short"


def started(way: Way, montage: Montage = NECK) -> None:
    choice = Choice("serial:x", SourceOptions(sensor="bioamp-candy"), remember=KNOWN)
    way.window.choose(with_montage(choice, montage))
    way.go(2)


def test_a_montage_holds_for_the_sitting_and_leaves_the_settings_as_they_were(way):
    started(way)
    sitting, session = way.window.sitting, way.window.session
    assert session.signal.band == "narrow"
    assert list(session.thresholds()) == [6.0, 6.0]
    assert session.trainer.threshold == 6.0
    assert session.trainer.results.staircase.path[0].by_hand
    assert sitting.training is not None
    way.window.end()
    kept = load_settings()
    assert kept.signal.band == "wide"
    assert kept.training.protocol == ""
    assert kept.source.labels == KNOWN.labels
    assert kept.signal.threshold_uv == 0.0


def test_after_the_check_the_sitting_of_a_montage_goes_on_and_is_not_begun_anew(way):
    started(way)
    session = way.window.session
    assert isinstance(way.window.pages.currentWidget(), ContactPage)
    way.window._leave_test()
    assert way.window.session is session


def test_what_a_montage_says_is_what_the_board_is_asked_for():
    made = with_montage(Choice("serial:x", SourceOptions(sensor="bioamp-candy")), NECK)
    assert made.options.labels == LABELS
    assert made.options.channels == 2
    assert made.options.sensor == "myoware-2-raw"
    assert made.protocol == "short"
    unsaid = Montage("a", "", "wide", (MontageChannel("frontalis", ""),), None)
    assert with_montage(made, unsaid).options.sensor == "myoware-2-raw"


def test_a_board_with_other_channels_is_told_of_in_one_sentence_with_the_remedy(way):
    three = Montage("three", "", "wide", (*NECK.channels, NECK.channels[0]), None)
    started(way, three)
    way.window._leave_test()
    way.tick()
    said = misfit(three, way.window.session.info)
    assert "has 3 muscles, and the board sends 2 channels" in said
    assert said in way.window._message.text()
    fits = StreamInfo((Channel("a"), Channel("b")), 1000.0, "serial:x")
    assert misfit(NECK, fits) == ""


def test_sensors_of_several_kinds_are_refused_with_the_remedy():
    mixed = Montage("m", "", "wide", (NECK.channels[0], MontageChannel("b", "bioamp-candy")), None)
    with pytest.raises(JournalError, match="several kinds"):
        check_montage(mixed)


def test_a_montage_is_made_by_keys_alone(way, qtbot):
    press(way, Qt.Key.Key_Down, Qt.Key.Key_Return)  # P02 has none yet: Enter makes one
    page = way.window.pages.montage
    assert way.window.pages.currentWidget() is page
    qtbot.keyClicks(page.name, "jaw")
    page.threshold.setText("4,5")
    qtbot.keyClicks(page.muscles[0], "masseter left")
    press(way, Qt.Key.Key_Return)
    assert way.window.pages.currentWidget() is clients(way)
    (made,) = montages("P02")
    assert made.name == "jaw"
    assert made.channels == (MontageChannel("masseter left", ""),)
    assert made.threshold_uv == 4.5
    assert made.protocol == "home-relaxation"
    qtbot.waitUntil(lambda: clients(way).montages.count() == 1, timeout=5000)
    assert clients(way)._person() == "P02"


def test_a_montage_is_changed_and_its_old_name_is_gone(way, qtbot):
    press(way, Qt.Key.Key_Return, Qt.Key.Key_F2)
    page = way.window.pages.montage
    assert [line.text() for line in page.muscles[:3]] == [*LABELS, ""]
    assert page.band.currentData() == "narrow"
    page.name.setText("neck and shoulder")
    page.threshold.clear()
    press(way, Qt.Key.Key_Return)
    (changed,) = montages("P01")
    assert changed.name == "neck and shoulder"
    assert changed.threshold_uv is None
    assert changed.channels == NECK.channels


def test_a_montage_is_removed_after_it_was_asked(way, qtbot):
    for answer, left in (("&Keep it", 1), ("&Remove it", 0)):
        clients(way).montages.setFocus()
        press(way, Qt.Key.Key_Delete)
        qtbot.waitUntil(lambda: way.window.findChild(QMessageBox, "ask") is not None)
        asked = way.window.findChild(QMessageBox, "ask")
        (button,) = (b for b in asked.findChildren(QPushButton) if b.text() == answer)
        button.click()
        qtbot.waitUntil(lambda: way.window.findChild(QMessageBox, "ask") is None)
        assert len(montages("P01")) == left
    qtbot.waitUntil(lambda: clients(way).montages.count() == 0, timeout=5000)
    assert not clients(way).start_button.isEnabled()


@pytest.mark.parametrize(
    ("name", "muscle", "threshold", "why"),
    [
        ("", "frontalis", "", "name"),
        ("a", "", "", "muscle"),
        ("a", "frontalis", "high", "no threshold"),
        ("a", "frontalis", "-2", "above 0"),
    ],
)
def test_what_is_no_montage_is_refused_with_a_sentence(way, name, muscle, threshold, why):
    press(way, Qt.Key.Key_Insert)
    page = way.window.pages.montage
    page.name.setText(name)
    page.muscles[0].setText(muscle)
    page.threshold.setText(threshold)
    page.keep()
    assert why in way.window._message.text()
    assert way.window.pages.currentWidget() is page
    assert montages("P01") == [NECK]


def test_a_client_is_added_by_key_and_marked(way, qtbot):
    page = clients(way)
    page.name.setFocus()
    qtbot.keyClicks(page.name, "P03")
    press(way, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not page._look.isActive(), timeout=5000)
    assert page._person() == "P03"
    assert page.people.hasFocus()
    assert way.window._whose.person == ""  # until a sitting of theirs begins


def test_esc_leads_from_the_montage_to_the_clients_and_from_there_to_the_start(way):
    press(way, Qt.Key.Key_Insert, Qt.Key.Key_Escape)
    assert way.window.pages.currentWidget() is clients(way)
    press(way, Qt.Key.Key_Escape)
    assert way.window.pages.currentWidget() is way.window.pages.start


def test_everything_on_both_pages_names_itself(way):
    press(way, Qt.Key.Key_Insert)
    for page in (clients(way), way.window.pages.montage):
        for part in page.findChildren(QWidget):
            if part.focusPolicy() & Qt.FocusPolicy.TabFocus and part.isVisibleTo(page):
                interface = QAccessible.queryAccessibleInterface(part)
                assert interface.text(QAccessible.Text.Name), part
                assert interface.text(QAccessible.Text.Description), part
