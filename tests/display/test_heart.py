"""A heart strap in the window: chosen, heard, shown, recorded and summed up, never waited for."""

import asyncio
import math
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from one_key_hand import Hand
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from stepped import AFTER, BASELINE, HEAD, TRIALS, Gate, Way, write_protocol

sys.path.append(str(Path(__file__).parents[1] / "heart"))
from heart_peers import ScriptedRadio, Visit, rate

from biofeedback.display.app import MainWindow
from biofeedback.display.preparing.heart_card import FIRST
from biofeedback.display.sitting.choice import Choice
from biofeedback.display.sitting.resume import broken_off, resumed
from biofeedback.display.training.pressures import pressure_rows
from biofeedback.display.training.summary_page import SummaryPage
from biofeedback.display.training.summary_words import table
from biofeedback.errors import HeartError
from biofeedback.heart import strap
from biofeedback.heart.radio import Seen, Service
from biofeedback.heart.strap import STALE_S, At
from biofeedback.journal.day_nouns import Entry
from biofeedback.journal.journal import open_journal
from biofeedback.recording.library import list_kept
from biofeedback.recording.repair import recordings_folder
from biofeedback.recording.sidecar import read_sidecar
from biofeedback.settings import HeartSettings, load_settings
from biofeedback.sources import SourceOptions

PERSON = """
[[channels]]
label = "trapezius left"
offset_uv = 180
[[channels.segments]]
emg_uv = 4
"""


class Air:
    """What is near: each sitting's strap and each search takes the next of what is in it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.radios: list[ScriptedRadio] = []
        self.near: list[Seen] = []
        self.fault: Exception | None = None
        self.listens = threading.Event()
        self.listens.set()
        monkeypatch.setattr(strap, "BleakRadio", self._take)
        monkeypatch.setattr("biofeedback.heart.nearby.BleakRadio", lambda: self)

    def _take(self) -> ScriptedRadio:
        return self.radios.pop(0)

    async def scan(self, _services, _seconds):
        await asyncio.to_thread(self.listens.wait, 30)
        if self.fault:
            raise self.fault
        return self.near


@pytest.fixture
def air(monkeypatch) -> Air:
    return Air(monkeypatch)


@pytest.fixture
def gate(monkeypatch) -> Gate:
    made = Gate()
    monkeypatch.setattr("biofeedback.display.sitting.sitting.open_source", made.open)
    return made


@pytest.fixture
def way(window, qtbot, gate, tmp_path, monkeypatch) -> Way:
    monkeypatch.setenv("BIOFEEDBACK_PROTOCOLS", str(tmp_path / "protocols"))
    write_protocol(tmp_path / "protocols", HEAD + BASELINE + TRIALS + AFTER)
    return Way(window, gate, qtbot)


@pytest.fixture
def choice(tmp_path) -> Choice:
    path = tmp_path / "person.toml"
    path.write_text(PERSON, encoding="utf-8")
    return Choice(f"sim:{path}", SourceOptions())


@pytest.fixture
def p01(way, monkeypatch) -> None:
    """Somebody who sits at what is simulated, as if it were a sensor."""
    monkeypatch.setattr("biofeedback.display.sitting.sitting.is_live", lambda _words: True)
    people = way.window.pages.start.people
    way.qtbot.waitUntil(lambda: not people._look.isActive(), timeout=20_000)  # it has read
    way.window._whose.add("P01")


def wear(way: Way, air: Air, *says: bytes | str, name: str = FIRST) -> ScriptedRadio:
    """Choose a strap that says that in the next sitting."""
    air.radios.append(ScriptedRadio(Visit(list(says))))
    way.window.settings = replace(way.window.settings, heart=HeartSettings(name))
    return air.radios[-1]


def hears(way: Way, n: int = 1) -> None:
    """Wait until the strap of the sitting has told so much."""
    heart = way.window.sitting.beside.heart
    way.qtbot.waitUntil(lambda: len(heart.came) >= n, timeout=10_000)


def tell(way: Way, *says: bytes) -> None:
    """Let the strap say more, now."""
    for data in says:
        way.window.sitting.beside.strap._hear(data)


def seen(window: MainWindow, beginning: str = "Heart") -> list[str]:
    labels = window.pages.currentWidget().findChildren(QLabel)
    return [
        each.text() for each in labels if each.isVisible() and each.text().startswith(beginning)
    ]


def found(name: str, service: Service = Service.HEART_RATE) -> Seen:
    return Seen(name, "AA:BB", (service,), None)


# it is chosen


def looked(way: Way) -> str:
    """Look for straps, wait until that is over, and return what is said of it."""
    card = way.window.pages.start.heart
    card.look()
    way.qtbot.waitUntil(lambda: not card._timer.isActive(), timeout=10_000)
    return card._said.text()


def test_straps_that_are_near_can_be_chosen_and_are_kept_in_the_settings(way, air):
    air.near = [found("H10 1234"), found("Cuff", Service.BLOOD_PRESSURE), found("Far strap")]
    card = way.window.pages.start.heart
    assert looked(way) == "2 heart straps are heard: choose one above, the nearest comes first."
    words = [card.strap.itemText(i) for i in range(card.strap.count())]
    assert words == ["none", "the first that is heard", "H10 1234", "Far strap"]
    card.strap.setFocus()
    for _press in range(2):
        way.key(Qt.Key.Key_Down)
    assert load_settings().heart == HeartSettings("H10 1234")
    assert looked(way)  # what is chosen stays so
    assert card.strap.currentData() == "H10 1234"


def test_the_window_goes_on_while_it_listens(way, air):
    air.listens.clear()
    card = way.window.pages.start.heart
    card.look()
    card.look()
    assert card.look_button.text() == "Looking for straps …"
    way.qtbot.wait(1)  # its events are heard
    air.listens.set()
    way.qtbot.waitUntil(lambda: card.look_button.text() == "Look for straps", timeout=10_000)
    assert card._said.text().startswith("No heart strap is heard: put it on")


def test_without_a_radio_one_sentence_says_what_helps(way, air):
    air.fault = HeartError("This computer has no Bluetooth Low Energy: plug in an adapter.")
    assert looked(way) == str(air.fault)
    air.fault = RuntimeError("dbus")
    assert looked(way) == "Bluetooth failed (dbus): try it once more."


def test_the_strap_of_last_time_is_shown_when_the_window_opens(way):
    card = way.window.pages.start.heart
    card.set_heart(HeartSettings("H10 1234"))
    assert card.strap.currentText() == "H10 1234"
    card.set_heart(HeartSettings())
    assert card.strap.currentText() == "none"


def test_one_key_chooses_a_strap(way, air):
    hand = Hand(way.window, "step")
    hand.do("Heart rate beside the tension", "Heart strap, by Bluetooth")
    hand.press()
    hand.hold()
    assert load_settings().heart == HeartSettings(FIRST)


# it is heard, and shown


@pytest.mark.parametrize("protocol", ["", "short"])
def test_the_rate_stands_quietly_on_each_screen_and_grows_stale(way, air, choice, protocol):
    wear(way, air, rate(72, 0.83))
    way.window.begin(replace(choice, protocol=protocol))
    way.go(2)
    hears(way)
    way.tick()
    assert seen(way.window) == ["Heart 72 a minute"]
    way.key(Qt.Key.Key_V)  # the therapist's
    way.go(1)
    assert seen(way.window) == ["Heart 72 a minute"]
    beating = way.window.sitting.beside.strap
    beating._clock = lambda clock=beating._clock: clock() + STALE_S + 0.1
    for _screen in range(2):
        way.go(1)
        way.tick()
        assert seen(way.window) == ["Heart rate unknown"]
        way.key(Qt.Key.Key_V)
    way.window.end()


def test_without_a_strap_nothing_tells_of_one(way, air, choice):
    way.window.begin(choice)
    way.go(2)
    assert seen(way.window) == []
    assert way.window.sitting.beside.heart is None
    way.window.end()


def test_a_recording_that_is_played_has_no_heart_of_now(way, air, choice, tmp_path):
    wear(way, air)
    path = tmp_path / "x.csv"
    path.write_text("time_s,a_uv\n" + "".join(f"{i / 1000},{i % 7}\n" for i in range(3000)))
    way.window.begin(Choice(f"file:{path}", SourceOptions()))
    assert way.window.sitting.beside.heart is None
    way.window.end()


def test_a_radio_that_fails_is_told_in_the_window_and_the_sitting_goes_on(way, air, choice):
    off = HeartError("Bluetooth is switched off: switch it on.")
    air.radios.append(ScriptedRadio(off))
    way.window.settings = replace(way.window.settings, heart=HeartSettings("H10"))
    way.window.begin(choice)
    way.go(1)
    heart = way.window.sitting.beside.heart
    way.qtbot.waitUntil(lambda: bool(heart.notes), timeout=10_000)
    way.go(1)
    assert str(off) in way.window._message.text()
    assert heart.strap.name == "H10"
    assert seen(way.window) == ["Heart rate unknown"]
    way.window.end()


def test_a_window_that_closes_lets_the_strap_go(way, air, choice):
    radio = wear(way, air, rate(72))
    way.window.begin(choice)
    way.go(1)
    hears(way)
    beating = way.window.sitting.beside.strap
    way.window.close_now()
    assert beating.at is At.STOPPED
    assert radio.closed == 1


# it is recorded


def rows(recording: Path) -> list[list[float]]:
    lines = recording.with_suffix(".heart.csv").read_text().splitlines()[1:]
    return [[float(cell or "nan") for cell in line.split(",")] for line in lines]


def test_it_is_recorded_from_when_the_recording_begins_until_that_ends(way, air, choice):
    wear(way, air, rate(60))
    way.window.begin(choice)
    way.go(2)
    hears(way)
    way.window.switch_recording()
    way.go(2)
    tell(way, rate(70, 0.9, 0.8))
    way.go(2)
    tell(way, rate(71))
    way.window.switch_recording()
    tell(way, rate(72))  # of which nothing is written any more
    way.window.switch_recording()
    way.go(2)
    tell(way, rate(73))
    way.window.end()
    files = {tuple(row[1] for row in rows(kept.path)) for kept in list_kept(recordings_folder())}
    assert files == {(70, 70, 71), (73,)}
    for kept in list_kept(recordings_folder()):
        first = read_sidecar(kept.path)
        assert first.heart == kept.path.with_suffix(".heart.csv").name
        begins_s = first.first_sample / first.info.sfreq
        assert all(begins_s <= row[0] <= begins_s + kept.duration_s + 1 for row in rows(kept.path))


def test_what_is_deleted_goes_with_its_heart(way, air, choice):
    wear(way, air, rate(60))
    way.window.begin(choice)
    way.go(1)
    hears(way)
    way.window.switch_recording()
    way.go(2)
    tell(way, rate(61))
    way.window.end()
    page = way.window.pages.recordings
    way.window.pages.show_page(page)
    assert len(list(recordings_folder().glob("*.heart.csv"))) == 1
    (kept,) = list_kept(recordings_folder())
    page._delete(kept)
    assert list(recordings_folder().iterdir()) == []


# what comes of it


def test_the_summary_has_its_mean_and_the_journal_that_of_each_phase(way, air, choice, p01):
    wear(way, air)
    way.window.begin(replace(choice, protocol="short"))
    way.go(5)
    tell(way, rate(80))
    way.go(20)
    tell(way, rate(70))
    while way.window.session is not None:
        way.go(5)
    assert "75 a minute" in texts(way.window.pages.summary)
    with open_journal() as journal:
        (sitting,) = journal.sittings("P01")
    told = sitting.summary
    assert told["heart"]["rate_bpm"] == 75
    assert [phase["heart_rate_bpm"] for phase in told["phases"][:2]] == [80, 70]


def texts(page: SummaryPage) -> list[str]:
    return [label.text() for label in page.findChildren(QLabel) if label.isVisible()]


def test_one_that_was_only_watched_has_it_in_the_journal_too(way, air, choice, p01):
    wear(way, air, rate(64))
    way.window.begin(choice)
    hears(way)
    way.go(3)
    tell(way, rate(66))
    way.go(1)
    way.window.end()
    with open_journal() as journal:
        (sitting,) = journal.sittings("P01")
    assert sitting.summary["heart"]["rate_bpm"] in (65, 66)  # the first came at 0 s or later


def test_a_training_that_is_gone_on_with_keeps_what_was_heard_before(way, air, choice, p01):
    choice = replace(choice, protocol="short")
    wear(way, air)
    way.window.begin(choice)
    way.go(5)
    tell(way, *[rate(90)])
    way.until("trial")
    way.go(22)  # into the pause
    way.window.end()
    broken = broken_off(way.window._whose)
    assert broken is not None
    kept = broken.progress["outcome"]  # what there would be, had the program died
    assert (kept["phases"][0]["heart_rate_bpm"], kept["heart"]["rate_bpm"]) == (90, 90)
    wear(way, air)
    way.window.begin(resumed(choice, broken))
    way.until("trial")
    way.go(5)
    tell(way, rate(60))
    while way.window.session is not None:
        way.go(5)
    with open_journal() as journal:
        (sitting,) = journal.sittings("P01")
    told = sitting.summary
    rates = {phase["name"]: phase["heart_rate_bpm"] for phase in told["phases"]}
    assert list(rates) == ["baseline", "first trial", "pause", "second trial", "baseline after"]
    assert (rates["baseline"], rates["second trial"]) == (90, 60)
    assert rates["first trial"] is None
    assert told["heart"]["rate_bpm"] == pytest.approx(75, rel=1e-3)  # by its seconds, rounded


def test_a_strap_that_told_nothing_has_no_mean():
    told = {"heart": {"rate_bpm": math.nan}}
    rest = dict.fromkeys(
        (
            *("baseline_uv", "post_baseline_uv", "success_percent", "time_to_first_s"),
            *("relative_rest_time_percent", "valid_percent", "sensor_floor_uv"),
            *("recovery_half_time_s", "transfer_index"),
        ),
        math.nan,
    )
    told |= rest | {"band_hz": (20, 450), "phases": [], "guesses": [], "ratings": {}}
    assert dict(table(told))["Heart rate"] == "not known"
    del told["heart"]
    assert "Heart rate" not in dict(table(told))


# blood pressure before and after

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def pressure(minutes: float, upper: float, kind: str = "blood_pressure") -> Entry:
    at = NOON + timedelta(minutes=minutes)
    return Entry(at, kind, upper, "mmHg", "", "cuff", 80 if kind == "blood_pressure" else None)


def test_before_and_after_are_the_readings_nearest_to_a_training_of_an_hour_around_it():
    around = {"began": NOON, "ended": NOON + timedelta(minutes=20)}
    entries = [
        pressure(-61, 150),
        pressure(-30, 140),
        pressure(-2, 66, "heart_rate"),
        pressure(-1, 132),
        pressure(10, 131),
        pressure(25, 124),
        pressure(81, 160),
    ]
    assert pressure_rows(entries, **around) == [
        ("Blood pressure before", "132 / 80 mmHg"),
        ("Blood pressure after", "124 / 80 mmHg"),
    ]
    assert pressure_rows(entries[:1] + entries[4:5], **around) == []


def test_the_summary_has_blood_pressure_and_takes_the_one_after(way, choice, p01, qtbot):
    with open_journal() as journal:
        journal.add_entry("P01", replace(pressure(0, 132), at=datetime.now(UTC)))
        qtbot.wait(2)
        way.window.begin(replace(choice, protocol="short"))
        way.go(1)
        way.gate.until_s = math.inf
        qtbot.waitUntil(lambda: way.window.sitting.over, timeout=30_000)
        sitting = way.window.sitting
        sitting.session.stop_index = 0  # samples came faster than time went by
        way.window.end()
        page = way.window.pages.summary
        assert "132 / 80 mmHg" in texts(page)
        assert "Blood pressure after" not in texts(page)
        page._pressure_button.click()
        for typed, said in (("abc", "is no number"), ("80", "two numbers"), ("80 120", "two num")):
            page.pressure.line.setText(typed)
            way.key(Qt.Key.Key_Return)
            assert said in way.window._message.text()
            assert page.pressure.isVisible()
        page.pressure.line.setText("124/78")
        way.key(Qt.Key.Key_Return)
        assert not page.pressure.isVisible()
        qtbot.waitUntil(lambda: "124 / 78 mmHg" in texts(page), timeout=10_000)
        assert [each.value for each in journal.entries("P01")] == [132, 124]


def test_nobodys_training_is_asked_for_no_blood_pressure(way, choice):
    way.window.begin(replace(choice, protocol="short"))
    while way.window.session is not None:
        way.go(5)
    assert way.window.pages.summary._pressure_button.isHidden()
    assert not [text for text in texts(way.window.pages.summary) if "pressure" in text]
