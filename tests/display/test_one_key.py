"""The whole way by one key alone, step by step and moving by itself."""

import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from one_key_hand import Hand
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QPushButton, QWidget
from stepped import BASELINE, HEAD, RATINGS, TRIALS, Gate, Way, write_protocol

from biofeedback.devices.survey import Found
from biofeedback.display.one_key.levels import Does, Level, key_words, level_words
from biofeedback.display.one_key.things import MOST_PLAIN, focusable
from biofeedback.display.preparing.connect import ConnectPage
from biofeedback.display.preparing.contact_model import Step
from biofeedback.display.preparing.contact_page import ContactPage
from biofeedback.display.preparing.placement_page import PlacementPage
from biofeedback.display.preparing.safety_page import SafetyPage
from biofeedback.display.sitting.choice import Choice
from biofeedback.display.start import StartPage
from biofeedback.display.therapist.screen import TherapistScreen
from biofeedback.display.training.protocol_page import ProtocolPage
from biofeedback.display.training.screen import TrainingScreen
from biofeedback.display.training.summary_page import SummaryPage
from biofeedback.settings import ONE_KEYS, SoundSettings
from biofeedback.sources import SourceOptions
from biofeedback.sources.ports import Port
from biofeedback.stream import Press
from biofeedback.wire.native import PROTOCOL, Info


@pytest.fixture
def protocols(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "protocols"
    monkeypatch.setenv("BIOFEEDBACK_PROTOCOLS", str(folder))
    write_protocol(folder)
    return folder


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    made = Gate()
    monkeypatch.setattr("biofeedback.display.sitting.sitting.open_source", made.open)
    return made


@pytest.fixture
def way(window, gate, protocols, qtbot) -> Way:
    return Way(window, gate, qtbot)


def page(way: Way) -> QWidget:
    shown = way.window.pages.currentWidget()
    assert shown is not None
    return shown


def trained(way: Way) -> None:
    """Begin the short protocol at once."""
    way.window.choose(Choice("sim:relaxing", SourceOptions(), protocol="short"))
    way.until("check")


def done_with_ratings(way: Way, hand: Hand) -> dict[str, int]:
    """Let the training come to its end; return what was rated."""
    way.go(2.0)
    way.qtbot.waitUntil(lambda: isinstance(page(way), SummaryPage), timeout=10_000)
    hand.wait()
    ratings: dict[str, int] = way.window.pages.summary._sitting.outcome["ratings"]
    return ratings


def test_the_whole_way_step_by_step_from_the_start_page_to_the_summary_and_back(way):
    hand = Hand(way.window, "step")
    assert hand.name == "Simulated muscle"
    assert hand.keys == "Press: next · Hold: open it"
    hand.hold()
    hand.do("Try a training")
    assert isinstance(page(way), ProtocolPage)
    assert hand.name.startswith("Training protocols")
    hand.hold()
    hand.to("A short one")
    assert hand.keys == "Press: next value · Hold: take it"
    hand.hold()
    hand.do("Start")
    assert isinstance(page(way), TrainingScreen)
    way.until("check")
    hand.wait()
    assert (hand.name, hand.keys) == ("Next", "Press: Next · Hold: what else there is")
    hand.press()
    way.until("baseline")
    hand.wait()
    assert hand.name == "Pause"
    hand.press()
    assert way.window.session.paused
    way.tick()
    hand.wait()
    assert hand.name == "Go on"
    hand.press()
    assert not way.window.session.paused
    way.until("ratings")
    hand.wait()
    assert hand.name == "How tense do you feel now?"
    hand.hold()
    assert hand.name == "nothing marked yet"
    for _mark in range(4):
        hand.press()
    assert hand.name == "3", "the first press marks 0"
    hand.hold()
    way.tick()
    hand.wait()
    assert hand.name == "How much pain is there now?"
    hand.hold()
    hand.do("10")
    assert done_with_ratings(way, hand) == {"tension": 3, "pain": 10}
    assert hand.name == "Done"
    hand.hold()
    assert isinstance(page(way), StartPage)
    assert hand.presses < 60, "protocols and ratings included"


def test_the_whole_way_moving_by_itself(way):
    hand = Hand(way.window, "scan")
    assert hand.keys == "Press: open it"
    hand.catch("Simulated muscle", "Try a training", "Training protocols", "A short one", "Start")
    way.until("check")
    hand.wait()
    assert (hand.name, hand.keys) == ("Next", "Press: Next")
    hand.wait(30)
    assert hand.name == "Next", "during a training nothing moves"
    hand.press()
    way.until("baseline")
    hand.wait()
    hand.press()
    way.tick()
    assert way.window.session.paused
    hand.catch("Go on")
    assert not way.window.session.paused
    way.until("ratings")
    hand.catch("How tense do you feel now?", "7")
    way.tick()
    hand.catch("How much pain", "2")
    assert done_with_ratings(way, hand) == {"tension": 7, "pain": 2}
    hand.catch("Done")
    assert isinstance(page(way), StartPage)


def test_by_itself_it_moves_every_second_and_a_half_and_waits_after_three_rounds(way):
    hand = Hand(way.window, "scan")
    n = way.window.one_key._stack[0].size
    seen = [hand.name]
    for _move in range(3 * n):
        hand.wait(1.5)
        seen.append(hand.name)
    assert len(set(seen)) == n
    assert seen[n] == seen[0]
    assert hand.keys.startswith("It waits.")
    hand.wait(60)
    assert hand.name == seen[-1]
    hand.press()
    assert isinstance(page(way), StartPage), "the first press only lets it move again"
    hand.wait(1.8)
    assert hand.name != seen[-1]


def test_in_a_training_a_hold_opens_what_else_there_is_and_its_end_is_asked_for(way):
    trained(way)
    hand = Hand(way.window, "step")
    hand.hold()
    hand.do("End")
    asked = way.window.findChild(QWidget, "ask")
    assert asked is not None
    assert hand.name in ("End it", "Keep going")
    hand.do("Keep going")
    assert way.window.session is not None
    assert hand.name == "Next", "a press does the main thing again"
    hand.hold()
    hand.do("Sound on or off")
    assert hand.name == "Next"
    hand.hold()
    hand.do("End", "End it")
    assert way.window.session is None
    assert isinstance(page(way), StartPage), "nothing had begun"


def test_a_note_is_written_letter_by_letter(way):
    trained(way)
    hand = Hand(way.window, "step")
    hand.hold()
    hand.do("Note")
    assert hand.name == "Note, of this moment"
    hand.hold()
    hand.do("a b c d e", "d", "p q r s t", "r", "a b c d e", "b", "Take the last letter back")
    hand.do("Space", "0 1 2", "1", "Done", "Keep")
    assert [note.text for note in way.window.session.annotations][-1] == "dr 1"
    assert hand.name == "Next"


def test_a_menu_is_gone_through_too(way, qtbot):
    hand = Hand(way.window, "step")
    menu, done = QMenu(way.window), []
    for name in ("&One", "&Two"):
        menu.addAction(name).triggered.connect(lambda _on=False, name=name: done.append(name))
    menu.addAction("Off").setEnabled(False)
    menu.popup(way.window.mapToGlobal(way.window.rect().center()))
    hand.wait()
    assert hand.name == "One"
    hand.press()
    hand.hold()
    assert done == ["&Two"]
    assert hand.name == "Simulated muscle"


def test_a_held_key_that_repeats_is_one_hold_and_no_press(way):
    hand = Hand(way.window, "step")
    before = hand.name
    hand.down()
    for _repeat in range(20):
        hand.wait(0.03)
        hand.repeat()
    assert hand.name == before, "it is not a hold yet"
    hand.wait(0.5)
    inside = hand.name
    assert inside != before
    for _repeat in range(40):
        hand.wait(0.06)
        hand.repeat()
    hand.up()
    hand.wait()
    assert hand.name == inside, "one hold does one thing"


def test_the_key_does_nothing_else_and_other_keys_do_what_they_did(way):
    hand = Hand(way.window, "step", one_key_key="PageDown")
    hand.key = Qt.Key.Key_PageDown
    assert hand.name == "Simulated muscle"
    hand.press()
    assert hand.name == "Connect a sensor"
    way.window.pages.start.sfreq.setFocus()
    way.key(Qt.Key.Key_1)
    assert way.window.pages.start.sfreq.text() == "1"
    hand.key = Qt.Key.Key_Space
    way.window.pages.start.demo_train_button.setFocus()
    hand.press()
    assert isinstance(page(way), ProtocolPage), "Space presses the button that has the focus"


def test_the_highlight_goes_where_the_focus_is_put(way):
    hand = Hand(way.window, "step")
    way.window.pages.start.sfreq.setFocus()
    hand.wait()
    assert hand.name.startswith("Samples a second")
    assert "Back" in [thing.name for thing in way.window.one_key._stack[-1]._things]


def test_f8_and_the_button_go_through_the_modes_and_each_says_what_to_do(way):
    window = way.window
    said = []
    for mode in ("step", "scan", "off"):
        way.key(Qt.Key.Key_F8)
        assert window.settings.display.one_key == mode
        assert window.one_key.strip.isVisible() is (mode != "off")
        said.append(window._message.text())
    assert ["step by step" in said[0], "by itself" in said[1], "off" in said[2]] == [True] * 3
    hand = Hand(window, "scan")
    hand.catch("Colours, text size, one key", "One key")
    assert window.settings.display.one_key == "off"
    assert window.one_key._marker._mark is None


def test_a_message_calls_the_key_what_people_call_it(way):
    for key, words in (("Space", "press the space bar"), ("F13", "press the F13 key")):
        hand = Hand(way.window, "off", one_key_key=key)
        hand.one_key.switch_mode()
        assert words in way.window._message.text()
    assert len({key_words(key) for key in ONE_KEYS}) == len(ONE_KEYS)


@pytest.mark.parametrize("mode", ["step", "scan"])
def test_what_the_key_does_is_one_sentence_for_each_thing_it_can_do(mode):
    def told(does: Does) -> str:
        level = SimpleNamespace(does=does)
        return level_words(mode, cast(Level, level), waits=False)

    assert len({told(does) for does in Does}) == len(Does)
    assert all(told(does).startswith("Press: ") for does in Does)
    assert all(("Hold: " in told(does)) is (mode == "step") for does in Does)


PAGES = ["start", "connect_page", "flash", "wiring", "placement", "recordings", "protocols"]
SCREENS = ["training", "check", "therapist", "summary", "playback"]


@pytest.mark.parametrize("which", [*PAGES, *SCREENS])
def test_nothing_that_takes_the_focus_is_out_of_reach(way, which, tmp_path):
    window = way.window
    hand = Hand(window, "step")
    show(way, which, tmp_path)
    hand.wait()
    wanted = {part for part in focusable(window) if not window._bar.isAncestorOf(part)}
    wanted |= {*window._bar.offered, *window._bar.look}
    assert wanted
    if hand.keys.endswith("what else there is"):
        hand.hold()
    seen = reached(hand)
    assert wanted <= seen, [part.accessibleName() for part in wanted - seen]


def show(way: Way, which: str, folder: Path) -> None:
    window = way.window
    if which in PAGES:
        window._show_page(getattr(window.pages, which))
        return
    if which == "playback":
        path = folder / "short.csv"
        path.write_text("emg_uv\n" + "1\n-1\n" * 2000)
        window.pages.start.sfreq.setText("1000")
        window.pages.start.look_at(str(path))
        way.qtbot.waitUntil(lambda: not window.pages.playback._working.isVisible(), timeout=10_000)
        return
    trained(way)
    if which == "check":
        window.check_sensor()
        assert isinstance(page(way), ContactPage)
    elif which == "therapist":
        window.switch_view()
        way.tick()
        assert isinstance(page(way), TherapistScreen)
    elif which == "summary":
        window.session.trainer.go_on()
        way.until("trial")
        way.go(5)
        window.end()
        assert isinstance(page(way), SummaryPage)


def reached(hand: Hand) -> set[object]:
    """Go once through all that there is, and into each card; return what was highlighted."""
    seen: set[object] = set()
    menu = hand.one_key._stack[-1]
    for _thing in range(menu.size):
        thing = menu.current
        seen.add(thing.key)
        if thing.does is Does.OPEN:
            depth = len(hand.one_key._stack)
            hand.hold()
            inside = hand.one_key._stack[-1]
            for _part in range(inside.size):
                seen.add(inside.current.key)
                assert hand.name == inside.current.name
                hand.press()
            hand.do("Back")
            assert len(hand.one_key._stack) == depth
        hand.press()
    return seen


def test_a_page_is_at_most_a_dozen_presses_wide(way, tmp_path):
    hand = Hand(way.window, "step")
    for which in PAGES:
        show(way, which, tmp_path)
        hand.wait()
        assert way.window.one_key._stack[0].size <= MOST_PLAIN + 5, which


def test_what_is_highlighted_is_framed_and_in_view_also_in_double_size(way, qtbot):
    window = way.window
    window._restyle(lambda display: replace(display, font_scale=2.0))
    window.resize(1024, 640)
    hand = Hand(window, "step")
    for _thing in range(window.one_key._stack[0].size):
        QApplication.processEvents()
        hand.wait()
        mark, around = window.one_key._marker._mark, window.one_key._stack[-1].mark
        if around is not None:
            centre = around.mapTo(window, around.rect().center())
            assert mark.isVisible()
            if around.height() < 300:
                assert mark.geometry().contains(centre), hand.name
                assert window.rect().contains(centre), hand.name
        hand.press()


def test_presses_of_the_boards_button_are_the_key_and_otherwise_marks(way):
    trained(way)
    session = way.window.session
    sfreq = session.info.sfreq
    session.presses.append(Press(round(0.25 * sfreq), down=True))
    session.presses.append(Press(round(0.30 * sfreq), down=False))
    way.tick()
    notes = [note for note in session.annotations if note.text == "button"]
    assert [note.onset_s for note in notes] == [0.25]
    hand = Hand(way.window, "step")
    for down in (True, False):
        session.presses.append(Press(round(sfreq), down=down))
        way.tick()
        hand.wait()
    assert way.window.session.trainer.phase.kind.value != "check" or way.go(0.5) is None
    way.until("baseline")
    assert len([note for note in session.annotations if note.text == "button"]) == 1


def test_a_question_can_be_left_out(way, protocols):
    write_protocol(protocols, HEAD + BASELINE + TRIALS + RATINGS)
    hand = Hand(way.window, "step")
    way.window.choose(Choice("sim:relaxing", SourceOptions(), protocol="short"))
    way.until("ratings")
    hand.wait()
    for _question in range(2):
        way.tick()
        hand.wait()
        hand.do("Skip")
    assert all(math.isnan(rating) for rating in done_with_ratings(way, hand).values())


def test_a_text_field_shows_that_letters_are_written_into_it(way):
    hand = Hand(way.window, "step")
    hand.do("Recordings", "Samples a second")
    hand.do("0 1 2", "5", "Done")
    field = way.window.pages.start.sfreq
    assert isinstance(field, QLineEdit)
    assert field.text() == "5"


class Spoken:
    """A voice that notes what it is to say."""

    texts: list[str]
    speaking = False

    def __init__(self) -> None:
        Spoken.texts = []
        Spoken.speaking = False
        self.notes: list[str] = []

    def say(self, text: str, *, at_once: bool = False) -> None:
        assert at_once
        self.texts.append(text)

    def stop(self) -> None:
        self.texts.append("silent")


def test_what_is_highlighted_is_spoken_and_so_is_where_one_is(way, monkeypatch):
    monkeypatch.setattr("biofeedback.display.one_key.voice.Speaker", Spoken)
    window = way.window
    window.settings = replace(window.settings, sound=SoundSettings(speech="on"))
    hand = Hand(window, "step")
    heading = "See your muscle tension, and learn to let go"
    assert Spoken.texts == [f"{heading}. Simulated muscle"]
    hand.press()
    assert Spoken.texts[1:] == ["Connect a sensor"]
    window.say("Something has happened.")
    hand.wait()
    assert Spoken.texts[2:] == ["Something has happened."]
    way.key(Qt.Key.Key_F8)
    way.key(Qt.Key.Key_F8)
    assert Spoken.texts[-1] == "silent"


def test_by_itself_it_waits_until_what_is_highlighted_has_been_spoken(way, monkeypatch):
    monkeypatch.setattr("biofeedback.display.one_key.voice.Speaker", Spoken)
    window = way.window
    window.settings = replace(window.settings, sound=SoundSettings(speech="on"))
    hand = Hand(window, "scan")
    Spoken.speaking = True
    hand.wait(10)
    assert hand.name == "Simulated muscle"
    Spoken.speaking = False
    hand.wait(1.5)
    assert hand.name != "Simulated muscle"


UNO = Port("/dev/ttyACM0", "ttyACM0", 0x2341, 0x0043, "7523")
INFO = Info(PROTOCOL, (1, 0, 0), bits=10, vref_mv=5000, max_channels=6, name="Uno/Nano")
READY = Found(UNO, "native", "Uno/Nano, firmware 1.0.0", INFO)


@pytest.mark.parametrize("mode", ["step", "scan"])
def test_with_a_sensor_through_safety_connecting_placement_and_the_check(way, watch, gate, mode):
    gate.words = "sim:relaxing"
    watch.found = [READY]
    hand = Hand(way.window, mode)
    go = hand.do if mode == "step" else hand.catch
    seen = []

    def at(kind: type[QWidget]) -> None:
        way.qtbot.waitUntil(lambda: isinstance(page(way), kind), timeout=5_000)
        hand.wait()
        seen.append(hand.name)

    go("Connect a sensor", "Train")
    at(SafetyPage)
    go(seen[-1])
    at(ConnectPage)
    go("2. Choose what is on it", "Sensor: please choose", "MyoWare 2", "Back")
    go("3. Say which muscle", "Muscle of sensor 1", "Jaw, left", "Back", "Connect")
    at(ProtocolPage)
    go("Training protocols", "A short one", "Start")
    at(PlacementPage)
    main = next(b for b in page(way).findChildren(QPushButton, "main") if b.isVisible())
    go(main.accessibleName())
    at(ContactPage)
    assert seen[-1] == "Start"
    go("Start")
    way.go(1)
    hand.wait()
    assert way.window._test.step is Step.REST
    go("Skip")
    at(TrainingScreen)
    assert way.window.settings.source.labels == ("masseter left",)
