"""The whole way of a patient, from the first page to the summary and back, by keys alone."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from stepped import BASELINE, CHECK, HEAD, TRIALS, Gate, Way, write_protocol

import biofeedback
from biofeedback.devices.survey import Found, Watch
from biofeedback.display.app import MainWindow
from biofeedback.display.feedback.patient import PatientScreen
from biofeedback.display.preparing import mains
from biofeedback.display.preparing.connect import ConnectPage
from biofeedback.display.preparing.contact_page import ContactPage
from biofeedback.display.preparing.placement_page import PlacementPage
from biofeedback.display.preparing.safety_page import SafetyPage
from biofeedback.display.start import StartPage
from biofeedback.display.training.protocol_page import ProtocolPage
from biofeedback.display.training.screen import TrainingScreen
from biofeedback.display.training.summary_page import SummaryPage
from biofeedback.journal.journal import open_journal
from biofeedback.session import State
from biofeedback.settings import KnownSettings, Settings, SourceSettings, load_settings
from biofeedback.sources.ports import Port
from biofeedback.wire.native import PROTOCOL, Info

ALT = Qt.KeyboardModifier.AltModifier
TODAY = date(2026, 11, 23)
UNO = Port("/dev/ttyACM0", "ttyACM0", 0x2341, 0x0043, "7523")
INFO = Info(PROTOCOL, (1, 0, 0), bits=10, vref_mv=5000, max_channels=6, name="Uno/Nano")
READY = Found(UNO, "native", "Uno/Nano, firmware 1.0.0", INFO)
FIRMWARE = Path(biofeedback.__file__).parent / "devices" / "uno.hex"
KNOWN = SourceSettings(sensor="myoware-2-raw", port=UNO.name, serial_number="7523")
PAIR = SourceSettings(sensor="myoware-2-raw", port=UNO.name, serial_number="7523", channels=2)
SYMMETRY = (HEAD + CHECK + BASELINE + TRIALS).replace(
    'summary = "For a test."', 'summary = "For a test."\nmode = "symmetry"'
)
# at rest, then tensed when the check of the sensor asks for it, then the sitting
ON_CUE = """
[[channels]]
label = "trapezius left"
offset_uv = 180
[[channels.segments]]
seconds = 13
emg_uv = 5
[[channels.segments]]
seconds = 12
emg_uv = 60
[[channels.segments]]
emg_uv = 5
"""


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Gate:
    person = tmp_path / "person.toml"
    person.write_text(ON_CUE, encoding="utf-8")
    made = Gate(f"sim:{person}")  # in the place of a real muscle
    monkeypatch.setattr("biofeedback.display.sitting.sitting.open_source", made.open)
    return made


@pytest.fixture
def last(request: pytest.FixtureRequest) -> SourceSettings:
    return getattr(request, "param", KNOWN)


@pytest.fixture
def way(window: MainWindow, gate: Gate, watch, tmp_path, monkeypatch, qtbot) -> Way:
    monkeypatch.setenv("BIOFEEDBACK_PROTOCOLS", str(tmp_path / "protocols"))
    write_protocol(tmp_path / "protocols", HEAD + CHECK + BASELINE + TRIALS)
    window.pages.today = lambda: TODAY
    window.pages.protocols._last = "short"
    watch.found = [READY]
    return Way(window, gate, qtbot)


def page(way: Way) -> QWidget:
    shown = way.window.pages.currentWidget()
    assert shown is not None
    return shown


def step(way: Way) -> str:
    """Return what the line of steps says."""
    return way.window._step.text() if way.window._step.isVisible() else ""


def forth(way: Way, to: type[QWidget], key: Qt.Key = Qt.Key.Key_Return, modifier=None) -> None:
    """Press a key, and see what page comes."""
    way.key(key, *([modifier] if modifier else []))
    way.qtbot.waitUntil(lambda: isinstance(page(way), to), timeout=10_000)


def test_the_first_training_with_a_sensor_leads_through_six_steps(way):
    assert isinstance(page(way), StartPage)
    assert step(way) == ""
    forth(way, SafetyPage)
    # where the board of last time takes the page on by itself, its step is passed at once
    assert step(way) == "Step 1 of 6: Safety first. Next: Connect the sensor."
    forth(way, ConnectPage)
    assert step(way) == "Step 2 of 6: Connect the sensor. Next: Choose a training."
    way.qtbot.waitUntil(lambda: isinstance(page(way), ProtocolPage), timeout=10_000)
    assert step(way) == "Step 3 of 6: Choose a training. Next: Place the electrodes."
    forth(way, PlacementPage)
    assert step(way) == "Step 4 of 6: Place the electrodes. Next: Check the sensor."
    assert page(way)._which.isVisible()
    forth(way, ContactPage)
    assert step(way) == "Step 5 of 6: Check the sensor. Next: Train, beginning at rest."
    way.key(Qt.Key.Key_Return)
    while isinstance(page(way), ContactPage):
        assert way.gate.stop_s < 30
        way.go(0.5)
    assert isinstance(page(way), TrainingScreen)
    assert step(way) == ""
    way.until("trial")
    way.window.end()
    assert isinstance(page(way), SummaryPage)
    assert step(way) == ""
    forth(way, StartPage)
    known = load_settings().known
    assert known == KnownSettings((" 2026-11-23",), (" trapezius left",))
    assert load_settings().source.labels == ("trapezius left",)


def test_the_next_time_what_is_known_is_left_out_and_one_key_away(way):
    way.window.pages.way._known = KnownSettings((" 2026-11-20",), (" trapezius left",))
    way.window.pages.connect_page.muscles.take("trapezius left")
    forth(way, SafetyPage)
    assert step(way) == "Step 1 of 5: Safety first. Next: Connect the sensor."
    forth(way, ProtocolPage)
    assert step(way) == "Step 3 of 5: Choose a training. Next: Check the sensor."
    forth(way, PlacementPage, Qt.Key.Key_F2)
    assert "trapezius" in page(way).label()
    forth(way, ContactPage)


def test_a_known_muscle_goes_straight_to_the_check(way):
    way.window.pages.way._known = KnownSettings((" 2026-11-20",), (" trapezius left",))
    way.window.pages.connect_page.muscles.take("trapezius left")
    forth(way, SafetyPage)
    forth(way, ProtocolPage)
    forth(way, ContactPage)
    assert step(way) == "Step 4 of 5: Check the sensor. Next: Train, beginning at rest."


def test_esc_goes_one_step_back_from_everywhere_and_nothing_is_lost(way):
    forth(way, SafetyPage)
    forth(way, ProtocolPage)
    forth(way, PlacementPage)
    forth(way, ContactPage)
    way.go(1)
    for to in (PlacementPage, ProtocolPage, ConnectPage, SafetyPage, StartPage):
        assert not isinstance(page(way), to)
        forth(way, to, Qt.Key.Key_Escape)
        assert way.window.session is None
        assert way.window._bar.back.isVisible() is (to is not StartPage)
    forth(way, SafetyPage)
    assert not page(way)._whole, "the rules were read"
    forth(way, ProtocolPage)
    forth(way, ContactPage)  # the electrodes were placed


def test_the_page_of_the_board_waits_where_one_came_back_to_it(way):
    forth(way, SafetyPage)
    forth(way, ProtocolPage)
    forth(way, ConnectPage, Qt.Key.Key_Escape)
    way.window.pages.connect_page.look()
    assert isinstance(page(way), ConnectPage)
    forth(way, ProtocolPage)


def test_looking_up_a_muscle_on_the_page_of_the_board_leads_back_there(way, watch):
    watch.found = []
    forth(way, SafetyPage)
    forth(way, ConnectPage)
    forth(way, PlacementPage, Qt.Key.Key_F2)
    assert step(way) == ""
    assert not page(way)._which.isVisible()
    forth(way, ConnectPage)
    assert way.window.pages.connect_page.muscles.labels() == ("trapezius left",)


@pytest.mark.parametrize("last", [replace(KNOWN, labels=("my muscle",))], indirect=True)
def test_a_muscle_by_a_word_of_the_users_own_is_left_as_it_is(way):
    forth(way, SafetyPage)
    forth(way, ProtocolPage)
    forth(way, ContactPage)
    assert load_settings().source.labels == ("my muscle",)


def test_who_was_erased_is_forgotten_here_too(way):
    known = KnownSettings(("P01 2026-11-20", " 2026-11-20"), ("P01 masseter left",))
    way.window.pages.way._learn(known)
    assert "P01" in str(load_settings().known)
    way.window.pages.start.people.settled.emit(["P02"])
    assert load_settings().known == KnownSettings((" 2026-11-20",), ())


@pytest.mark.parametrize("last", [PAIR], indirect=True)
def test_a_training_of_two_muscles_shows_both_and_refuses_what_must_not_be(way, tmp_path):
    write_protocol(tmp_path / "protocols", SYMMETRY)
    forth(way, SafetyPage)
    forth(way, ProtocolPage)
    forth(way, PlacementPage)
    assert page(way)._which.text().startswith("Sensor 1 of 2: choose its muscle")
    way.key(Qt.Key.Key_Return)
    assert page(way)._which.text().startswith("Sensor 2 of 2")
    way.key(Qt.Key.Key_Return)  # the same muscle once more
    assert "on the same muscle" in way.window._message.text()
    assert isinstance(page(way), PlacementPage)
    way.key(Qt.Key.Key_Escape)
    assert page(way)._which.text() == (
        "Sensor 1 of 2: lay its electrodes as shown here, then go on."
    )
    way.key(Qt.Key.Key_Return)
    page(way).side.setCurrentIndex(1)
    forth(way, ContactPage)
    assert load_settings().source.labels == ("trapezius left", "trapezius right")


def test_only_watching_with_a_sensor_has_four_steps(way):
    forth(way, SafetyPage, Qt.Key.Key_C, ALT)
    assert step(way) == "Step 1 of 4: Safety first. Next: Connect the sensor."
    forth(way, ConnectPage)
    forth(way, ContactPage)
    assert step(way) == "Step 3 of 4: Check the sensor. Next: Watch the tension."
    forth(way, PatientScreen, Qt.Key.Key_K, ALT)
    way.go(0.5)
    way.key(Qt.Key.Key_K)
    assert isinstance(page(way), ContactPage)
    assert step(way) == "", "a check in between is no step"
    forth(way, PatientScreen, Qt.Key.Key_Escape)


def test_a_simulated_muscle_goes_from_the_protocol_to_the_training(way):
    forth(way, ProtocolPage, Qt.Key.Key_Y, ALT)
    assert step(way) == "Step 1 of 2: Choose a training. Next: Train, beginning at rest."
    assert not page(way).where_button.isVisible()
    forth(way, TrainingScreen)
    way.until("check")
    way.window.end()
    assert isinstance(page(way), ProtocolPage), "back to where it was begun"
    forth(way, StartPage, Qt.Key.Key_Escape)


def noted(way: Way) -> list[str]:
    return [note.text for note in way.window.session.annotations]


def test_how_somebody_went_on_and_what_the_mains_did_is_noted(way, monkeypatch):
    forth(way, SafetyPage, Qt.Key.Key_C, ALT)
    forth(way, ConnectPage)
    forth(way, ContactPage)
    forth(way, PatientScreen, Qt.Key.Key_K, ALT)
    way.go(2)
    line = way.window._mains
    assert noted(way) == [
        "Safety: the rules were read on 2026-11-23; the computer ran on its battery."
    ]
    line.look()
    assert not line.isVisible()
    monkeypatch.setattr(mains, "on_mains", lambda: True)
    line.look()
    line.look()
    assert line.isVisible()
    assert noted(way)[1:] == ["The computer was plugged in."]
    assert way.window.session.annotations[-1].onset_s == pytest.approx(2, abs=0.2)
    monkeypatch.setattr(mains, "on_mains", lambda: False)
    line.look()
    assert not line.isVisible()
    assert noted(way)[2:] == ["The computer runs on its battery again."]


def test_it_is_noted_in_the_journal_too(way):
    with open_journal() as journal:
        journal.add_person("P01", added=datetime(2026, 11, 1, tzinfo=UTC))
        people = way.window.pages.start.people
        way.qtbot.waitUntil(lambda: not people._look.isActive(), timeout=10_000)
        way.window._whose.person = "P01"
        forth(way, SafetyPage, Qt.Key.Key_C, ALT)
        forth(way, ConnectPage)
        forth(way, ContactPage)
        forth(way, PatientScreen, Qt.Key.Key_K, ALT)
        way.go(1)
        way.window.end()
        (sitting,) = journal.sittings("P01")
        (note,) = journal.annotations(sitting.id)
    assert note.text.startswith("Safety: the rules were read on 2026-11-23")
    assert note.onset_s == 0.0
    assert load_settings().known.rules == ("P01 2026-11-23",)


def test_mains_that_were_known_of_are_not_told_of_again(way, monkeypatch):
    monkeypatch.setattr(mains, "on_mains", lambda: True)
    forth(way, SafetyPage, Qt.Key.Key_C, ALT)
    forth(way, ConnectPage, Qt.Key.Key_I, ALT)
    forth(way, ContactPage)
    forth(way, PatientScreen, Qt.Key.Key_K, ALT)
    way.go(1)
    way.window._mains.look()
    assert not way.window._mains.isVisible()
    assert len(noted(way)) == 1
    assert "isolated" in noted(way)[0]


def test_with_an_emulated_board_by_keys_alone(
    emulated_board, qtbot, dressed, monkeypatch, tmp_path
):
    monkeypatch.setenv("BIOFEEDBACK_PROTOCOLS", str(tmp_path / "protocols"))
    write_protocol(tmp_path / "protocols", HEAD + BASELINE + TRIALS)
    rng = np.random.default_rng(1)
    board = emulated_board(FIRMWARE, analog_mv=2500 + 40 * rng.standard_normal(4000), sfreq=2000)
    port = Port(board.port, "Uno", 0x2341, 0x0043, "7523")
    window = MainWindow(Settings(source=KNOWN), watch=Watch(lambda: [port]))
    qtbot.addWidget(window)
    window.pages.today = lambda: TODAY
    window.pages.protocols._last = "short"
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=10_000)
    way = Way(window, Gate(), qtbot)
    forth(way, SafetyPage)
    forth(way, ProtocolPage)  # the board of last time answers by itself
    forth(way, PlacementPage)
    forth(way, ContactPage)
    qtbot.waitUntil(lambda: window.session.state is State.RUNNING, timeout=15_000)
    forth(way, TrainingScreen, Qt.Key.Key_K, ALT)
    qtbot.waitUntil(lambda: bool(noted(way)), timeout=15_000)
    qtbot.waitUntil(lambda: window.sitting.under_way, timeout=15_000)
    assert noted(way)[0].startswith("Safety: the rules were read on 2026-11-23")
    assert window.session.info.channels[0].label == "trapezius left"
    window.end()
    assert isinstance(page(way), SummaryPage)
    window.close()
