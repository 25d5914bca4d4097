"""A whole sitting in the window, by keys alone, from the start page to what came of it."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from stepped import AFTER, BASELINE, HEAD, RATINGS, TRIALS, Gate, Way, write_protocol

from biofeedback.devices.survey import Found
from biofeedback.display.preparing.contact_page import ContactPage
from biofeedback.display.sitting.choice import Choice
from biofeedback.display.start import StartPage
from biofeedback.display.training import screen as training_screen
from biofeedback.display.training.protocol_page import ProtocolPage
from biofeedback.display.training.screen import TrainingScreen
from biofeedback.display.training.summary_page import SummaryPage
from biofeedback.settings import KnownSettings, SourceSettings, TrainingSettings, load_settings
from biofeedback.sources import SourceOptions
from biofeedback.sources.ports import Port
from biofeedback.training.protocol import Kind
from biofeedback.wire.native import PROTOCOL, Info

ALT = Qt.KeyboardModifier.AltModifier
UNO = Port("/dev/ttyACM0", "ttyACM0", 0x2341, 0x0043, "7523")
INFO = Info(PROTOCOL, (1, 0, 0), bits=10, vref_mv=5000, max_channels=6, name="Uno/Nano")
READY = Found(UNO, "native", "Uno/Nano, firmware 1.0.0", INFO)
KNOWN = SourceSettings(
    sensor="myoware-2-raw", port=UNO.name, serial_number="7523", labels=("trapezius left",)
)
GUESSED = TRIALS.replace("seconds = 20", 'seconds = 20\nfeedback = "summary"\nguess = true')
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
# the lead falls off in the first trial, eight seconds after it has begun
LEAD_OFF = """
[[channels]]
label = "trapezius left"
offset_uv = 180
[[channels.segments]]
seconds = 25
emg_uv = 8
[[channels.segments]]
seconds = 6
lead = "off"
[[channels.segments]]
emg_uv = 4
"""


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
def last(request: pytest.FixtureRequest) -> SourceSettings:
    return getattr(request, "param", SourceSettings())


@pytest.fixture
def way(window, gate, protocols, qtbot) -> Way:
    return Way(window, gate, qtbot)


def page(way: Way) -> QWidget:
    shown = way.window.pages.currentWidget()
    assert shown is not None
    return shown


def texts(way: Way) -> str:
    """Return all that can be read on the page."""
    parts = page(way).findChildren(QLabel) + page(way).findChildren(QPushButton)
    return "\n".join(part.text() for part in parts if part.isVisible())


def begin_to_train(way: Way) -> None:
    """Press the key of "Try a training"."""
    way.key(Qt.Key.Key_Y, ALT)
    way.qtbot.waitUntil(lambda: isinstance(page(way), ProtocolPage), timeout=5_000)


def choose_short(way: Way) -> None:
    """Choose the short protocol on the page of protocols."""
    assert isinstance(page(way), ProtocolPage)
    way.key(Qt.Key.Key_A)  # the list goes to what begins so
    assert "A short one · 2 minutes" in texts(way) or "A short one · 3 minutes" in texts(way)


def scenario(tmp_path: Path, text: str) -> str:
    path = tmp_path / "person.toml"
    path.write_text(text, encoding="utf-8")
    return f"sim:{path}"


def test_from_the_start_page_through_a_whole_sitting_by_keys_alone(way):
    assert isinstance(page(way), StartPage)
    begin_to_train(way)
    choose_short(way)
    way.key(Qt.Key.Key_Return)
    assert isinstance(page(way), TrainingScreen)
    way.until("check")
    assert "Sit comfortably" in texts(way)
    assert "Next: Baseline, 00:15" in texts(way)
    way.key(Qt.Key.Key_Space)
    way.until("baseline")
    assert "Measuring: just sit." in texts(way)
    way.until("trial")
    way.go(5)
    assert "Trial 1 of 2" in texts(way)
    assert page(way).feedback.ring.isVisible()
    assert "Goal: below" in texts(way)
    way.until("rest")
    assert "% of the time at the goal." in texts(way)
    assert "the threshold stays" in texts(way)
    way.until("trial")
    assert "Trial 2 of 2" in texts(way)
    way.until("ratings")
    assert "How tense do you feel now?" in texts(way)
    for key in (Qt.Key.Key_7, Qt.Key.Key_Right, Qt.Key.Key_Return):  # 8
        way.key(key)
    way.go(0.3)
    assert "How much pain is there now?" in texts(way)
    for key in (Qt.Key.Key_1, Qt.Key.Key_0, Qt.Key.Key_Return):
        way.key(key)
    way.go(2.0)  # what may still be taken back is waited for
    way.qtbot.waitUntil(lambda: isinstance(page(way), SummaryPage), timeout=10_000)
    assert way.window.session is None
    said = texts(way)
    assert "By itself the muscle came down" in said
    assert "In the trials it was at the goal" in said
    assert "SIMULATED" in said
    assert "Nothing was recorded, and nothing is kept." in said
    ratings = way.window.pages.summary._sitting.outcome["ratings"]
    assert ratings == {"tension": 8, "pain": 10}
    assert load_settings().training.protocol == "short"
    way.key(Qt.Key.Key_Return)
    assert isinstance(page(way), StartPage)
    begin_to_train(way)
    assert "A short one" in page(way)._title.text(), "the one of last time is marked"


def trained(way: Way, words: str = "sim:relaxing") -> TrainingScreen:
    """Begin the short protocol at once."""
    way.window.choose(Choice(words, SourceOptions(), protocol="short"))
    screen = page(way)
    assert isinstance(screen, TrainingScreen)
    return screen


def test_a_hidden_baseline_shows_no_number_of_the_signal(way, protocols):
    write_protocol(protocols, HEAD + BASELINE + TRIALS)
    screen = trained(way)
    way.until("baseline")
    way.go(6)
    assert not screen.feedback.ring.isVisible()
    assert screen.calm.words.text() == "Measuring: just sit."
    clock = [screen._left, screen._whole, screen._following]
    others = [x for x in screen.findChildren(QLabel) if x.isVisible() and x not in clock]
    assert not any(character.isdigit() for x in others for character in x.text())
    assert "µV" not in texts(way)


def test_where_the_lead_falls_off_in_a_trial_the_clock_waits_and_the_words_say_so(
    way, protocols, tmp_path
):
    write_protocol(protocols, HEAD + BASELINE + TRIALS)
    screen = trained(way, scenario(tmp_path, LEAD_OFF))
    way.until("trial")
    way.go(10.5)
    trainer = way.window.session.trainer
    assert trainer.paused
    assert "The electrode has come off" in screen.calm.words.text()
    assert "Press the electrode on again" in screen.calm.words.text()
    assert "The clock waits." in screen.calm.words.text()
    assert not screen.feedback.ring.isVisible()
    left = screen._left.text()
    way.go(2)
    assert screen._left.text() == left
    way.go(5)
    assert screen.feedback.ring.isVisible(), "it goes on by itself"
    assert screen._left.text() < left
    way.until("rest")
    assert way.window.session.trainer.results.trials[0][0].seconds > 25


def test_space_stops_the_clock_whatever_has_the_focus_and_lets_it_go_on(way, protocols):
    write_protocol(protocols, HEAD + BASELINE + TRIALS)
    screen = trained(way)
    way.until("trial")
    for part in (way.window._bar.back, screen._button):
        part.setFocus()
        way.key(Qt.Key.Key_Space)
        way.go(1)
        left = screen._left.text()
        way.go(2)
        assert screen.calm.words.text() == "Paused. Space goes on."
        assert screen._left.text() == left
        way.key(Qt.Key.Key_Space)
        way.go(2)
        assert screen.feedback.ring.isVisible()
        assert screen._left.text() < left


def test_escape_asks_and_what_was_measured_so_far_is_shown(way, protocols, qtbot):
    write_protocol(protocols, HEAD + BASELINE + TRIALS)
    trained(way)
    way.until("trial")
    way.go(5)
    way.key(Qt.Key.Key_Escape)
    asked = way.window.findChild(QWidget, "ask")
    assert "End this training?" in asked.text()
    assert way.window.session is not None
    (end,) = [b for b in asked.findChildren(QPushButton) if "End" in b.text()]
    qtbot.keyClick(end, Qt.Key.Key_Return)
    assert isinstance(page(way), SummaryPage)
    said = texts(way)
    assert "It was ended early: this is what there is of it." in said
    assert "By itself the muscle was at" in said
    assert "not known" in said, "there is no baseline after"
    assert way.window.pages.summary._sitting.outcome["whole"] is False
    way.key(Qt.Key.Key_Escape)
    assert isinstance(page(way), StartPage)


def test_a_board_that_is_lost_for_good_ends_in_a_summary_that_says_so(way, gate, protocols, qtbot):
    write_protocol(protocols, HEAD + BASELINE + TRIALS)
    trained(way)
    way.until("trial")
    gate.lost = "The connection to the board broke off."
    qtbot.waitUntil(lambda: isinstance(page(way), SummaryPage), timeout=10_000)
    assert "It was ended early" in texts(way)
    assert "The connection to the board broke off." in texts(way)


def test_a_guess_comes_before_what_was_measured_and_may_be_left_out(way, protocols, qtbot):
    write_protocol(protocols, HEAD + BASELINE + GUESSED + AFTER)
    screen = trained(way)
    way.until("trial")
    way.go(3)
    assert "Nothing to see now" in texts(way)
    assert not screen.feedback.ring.isVisible()
    way.until("rest")
    assert "How tense was the muscle?" in texts(way)
    assert "%" not in texts(way)
    way.key(Qt.Key.Key_3)
    way.key(Qt.Key.Key_Space)
    way.go(0.5)
    assert "You said 3; measured was" in texts(way)
    assert "% of the time at the goal." in texts(way)
    way.until("trial")
    way.until("baseline")  # no time to answer: it is not asked for in a baseline's stead
    assert "How tense was the muscle?" in texts(way)
    way.key(Qt.Key.Key_S, ALT)
    qtbot.waitUntil(lambda: "How tense" not in texts(way), timeout=5_000)
    way.go(0.5)
    assert "Measuring: just sit." in texts(way)
    way.go(20)
    outcome = way.window.pages.summary._sitting.outcome
    assert outcome["guesses"][0]["guess"] == 3
    assert "Guesses were off by, of 10" in texts(way)


def test_the_therapist_moves_the_threshold_and_it_is_noted_as_set_by_hand(way, protocols, qtbot):
    write_protocol(protocols, HEAD + BASELINE + TRIALS)
    trained(way)
    way.until("trial")
    way.key(Qt.Key.Key_V)
    way.go(0.5)
    screen = page(way)
    assert "Trial 1 of 2" in screen._status.text()
    trainer = way.window.session.trainer
    before = trainer.threshold
    assert way.window.session.thresholds()[0] == before
    for _press in range(2):
        qtbot.keyClick(screen.sweep, Qt.Key.Key_Left)
    way.go(0.5)
    assert trainer.threshold == pytest.approx(before / 1.05**2, rel=0.01)
    assert way.window.session.thresholds()[0] == trainer.threshold
    step = trainer.results.staircase.path[-1]
    assert step.by_hand
    assert any("set by hand" in note.text for note in way.window.session.annotations)
    way.key(Qt.Key.Key_V)
    assert isinstance(page(way), TrainingScreen)


def test_each_phase_pause_and_result_is_told_to_a_screen_reader_once(way, protocols, monkeypatch):
    told: list[str] = []
    monkeypatch.setattr(training_screen, "announce", lambda _widget, text: told.append(text))
    write_protocol(protocols, HEAD + BASELINE + TRIALS)
    trained(way)
    way.until("rest")
    way.go(2)
    heard = " | ".join(told)
    for words in ("Baseline. Sit still", "Trial 1 of 2. Let the muscle go", "Rest. Pause."):
        assert heard.count(words) == 1, words
    assert heard.count("% of the time at the goal.") == 1


@pytest.mark.parametrize("last", [KNOWN], indirect=True)
def test_the_second_sitting_needs_the_board_and_three_enters(
    way, watch, gate, tmp_path, monkeypatch, qtbot
):
    gate.words = scenario(tmp_path, ON_CUE)
    window = way.window
    window.settings = type(window.settings)(source=KNOWN, training=TrainingSettings("short"))
    window.pages.protocols._last = "short"
    watch.found = [READY]
    window.pages.way._known = KnownSettings(muscles=(" trapezius left",))
    way.key(Qt.Key.Key_Return)  # Train
    way.key(Qt.Key.Key_Return)  # on battery
    qtbot.waitUntil(lambda: isinstance(page(way), ProtocolPage), timeout=5_000)
    assert "A short one" in page(way)._title.text()
    way.key(Qt.Key.Key_Return)
    assert isinstance(page(way), ContactPage)
    while isinstance(page(way), ContactPage):
        assert gate.stop_s < 30
        way.go(0.5)
    assert window._message.text() == "The sensor sits well."
    way.go(0.5)
    assert window.session.trainer.phase.kind is Kind.BASELINE, "the check was the check"


@pytest.mark.parametrize("last", [KNOWN], indirect=True)
def test_the_first_sitting_says_what_the_check_is_before_it_begins(way, watch, qtbot):
    watch.found = [READY]
    way.gate.words = "sim:relaxing"
    for _press in range(2):  # Train; the rules
        way.key(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: isinstance(page(way), ProtocolPage), timeout=5_000)
    for _press in range(2):  # this one; the electrodes are in place
        way.key(Qt.Key.Key_Return)
    assert isinstance(page(way), ContactPage)
    assert "Press Enter when you are ready" in texts(way)
    way.go(1)
    way.key(Qt.Key.Key_K, ALT)  # without it
    qtbot.waitUntil(lambda: isinstance(page(way), TrainingScreen), timeout=5_000)


def test_a_protocol_that_needs_two_muscles_is_refused_with_the_reason(way, qtbot):
    way.window.choose(Choice("sim:relaxing", SourceOptions(), protocol="symmetry"))
    message = way.window._message
    qtbot.waitUntil(lambda: "needs 2 channels" in message.text(), timeout=10_000)
    assert not isinstance(page(way), TrainingScreen)


def test_a_protocol_that_is_wrong_is_told_of_and_hides_no_other(way, protocols):
    (protocols / "broken.toml").write_text("title = 3", encoding="utf-8")
    begin_to_train(way)
    assert "broken.toml" in way.window._message.text()
    assert page(way).rows.count() == 11
    # what speaks against it is told too
    way.qtbot.waitUntil(lambda: "nothing that was measured changed" in texts(way), timeout=5_000)


def test_a_check_of_the_sensor_in_between_stops_the_clock_and_loses_nothing(way, protocols):
    write_protocol(protocols, HEAD + BASELINE + TRIALS)
    screen = trained(way)
    way.until("trial")
    way.go(3)
    left = screen._left.text()
    session = way.window.session
    way.key(Qt.Key.Key_K)
    assert isinstance(page(way), ContactPage)
    way.go(4)
    # what it proposes is kept for the next time: beginning anew would lose what was measured
    signal = replace(way.window.settings.signal, heartbeat="remove")
    page(way)._keep(signal)
    page(way).start()
    way.key(Qt.Key.Key_Escape)
    assert isinstance(page(way), TrainingScreen)
    assert way.window.session is session
    assert load_settings().signal.heartbeat == "remove"
    way.go(0.5)
    assert page(way)._left.text() in (left, f"00:{int(left[-2:]) - 1:02d}")
    way.go(3)
    assert page(way)._left.text() < left


def test_before_anything_was_measured_escape_leads_back_without_a_summary(way, qtbot):
    trained(way)
    way.until("check")
    way.window.leave()
    asked = way.window.findChild(QWidget, "ask")
    (end,) = [b for b in asked.findChildren(QPushButton) if "End" in b.text()]
    qtbot.keyClick(end, Qt.Key.Key_Return)
    assert isinstance(page(way), StartPage)


def test_a_click_on_the_scale_answers(way, protocols, qtbot):
    write_protocol(protocols, HEAD + RATINGS)
    screen = trained(way)
    way.until("ratings")
    for question, share in (("How tense", 0.0), ("How much pain", 0.999)):
        assert question in texts(way)
        scale = screen.asking.scale
        at = QPoint(round(share * scale.width()), scale.height() // 2)
        qtbot.mouseClick(scale, Qt.MouseButton.LeftButton, pos=at)
        way.go(0.2)
    assert way.window.session.trainer.ratings == {"tension": 0, "pain": 10}


def test_while_the_board_is_away_the_screen_says_so_and_that_it_goes_on_by_itself(way, protocols):
    write_protocol(protocols, HEAD + BASELINE + TRIALS)
    screen = trained(way)
    way.until("trial")
    vars(way.window.session.source)["status"] = "the board is away."
    way.tick()
    assert "the board is away." in screen.calm.words.text()
    assert "It goes on by itself once the board is back." in screen.calm.words.text()
    vars(way.window.session.source)["status"] = ""
    way.go(1)
    assert screen.feedback.ring.isVisible()


def test_delayed_feedback_says_how_old_it_is(way, protocols):
    delayed = TRIALS.replace("seconds = 20", 'seconds = 20\nfeedback = "delayed"\ndelay_s = 4')
    write_protocol(protocols, HEAD + BASELINE + delayed)
    screen = trained(way)
    way.until("trial")
    way.go(2)
    assert screen.feedback.ring._number == "–", "nothing of this trial is so old"
    assert "What you see is 4 s old." in texts(way)
    way.go(4)
    assert float(screen.feedback.ring._number) > 0


def test_a_trial_without_feedback_tells_nothing_of_how_it_went(way, protocols):
    write_protocol(protocols, HEAD + BASELINE + TRIALS.replace("20", '20\nfeedback = "off"'))
    trained(way)
    way.until("trial")
    assert "feel how the muscle is" in texts(way)
    way.until("rest")
    way.go(2)
    assert "%" not in texts(way)
