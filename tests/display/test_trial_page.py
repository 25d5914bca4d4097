"""Trials in the window: chosen, gone through by one key, told in three sentences, kept."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest
from one_key_hand import Hand
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from stepped import Gate

from biofeedback.display.app import MainWindow
from biofeedback.display.feedback.patient import PatientScreen
from biofeedback.display.preparing.placement_page import PlacementPage
from biofeedback.display.preparing.safety_page import SafetyPage
from biofeedback.display.preparing.way import Way
from biofeedback.display.sitting.choice import Choice
from biofeedback.display.start import StartPage
from biofeedback.display.trials import run as trial_run
from biofeedback.display.trials.muscle_page import MusclePage
from biofeedback.display.trials.page import TrialPage
from biofeedback.display.trials.session import TrialSession
from biofeedback.journal.journal import open_journal
from biofeedback.recording.formats import read_recording
from biofeedback.settings import Settings, SourceSettings
from biofeedback.sources import SourceOptions, open_source
from biofeedback.sources.scenario import load_scenario
from biofeedback.sources.simulated import SimulatedSource
from biofeedback.training.trial import make_plan


@pytest.fixture
def page(window: MainWindow) -> TrialPage:
    window.pages.start.trial_button.click()
    page = window.pages.trial
    assert window.pages.page() is page
    return page


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trial is over at once, marked as it should be."""

    def fast(words: str, options: SourceOptions):
        return open_source(words, replace(options, fast=True))

    monkeypatch.setattr(trial_run, "open_source", fast)
    monkeypatch.setattr(trial_run, "TrialSession", partial(TrialSession, scripted=True))


def begin_simulated(page: TrialPage) -> None:
    page.choosing.source.setCurrentIndex(1)
    page.choosing.start_wanted.emit(page.choosing.source.currentData())


def told(page: QWidget) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def press(window: MainWindow, qtbot, key: Qt.Key) -> None:
    qtbot.keyClick(window.focusWidget() or window, key)


def test_everything_on_the_page_has_a_name_and_says_what_it_does(page, qtbot):
    named = [w for w in page.findChildren(QWidget) if w.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert len(named) >= 5
    for widget in filter(QWidget.isVisible, named):
        interface = QAccessible.queryAccessibleInterface(widget)
        assert interface.text(QAccessible.Text.Name), widget
        assert interface.text(QAccessible.Text.Description), widget


def test_what_will_happen_is_told_for_what_is_chosen(page, qtbot, window):
    assert "finger on the chin" in told(page)
    assert "about 9 minutes" in told(page)
    press(window, qtbot, Qt.Key.Key_Down)
    assert "not hot" in told(page)
    page.choosing.repeats.setCurrentIndex(page.choosing.repeats.findData(8))
    assert "about 17 minutes" in told(page)


@pytest.mark.usefixtures("at_once")
def test_a_whole_trial_ends_in_three_sentences_and_a_picture(page, window, qtbot):
    begin_simulated(page)
    qtbot.waitUntil(lambda: page.run is None, timeout=30_000)
    shown = told(page)
    assert "Sensory trick helps: with it the tension was" in shown
    assert "The hand on the shoulder alone hardly changed it" in shown
    assert "after the contact" in shown
    assert "SIMULATED" in shown
    assert "Not kept" in shown
    assert "ended early" not in shown
    picture = page.found.picture
    assert "Sensory trick helps" in picture.accessibleDescription()
    image = picture.grab().toImage()
    colours = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(200)}
    assert {"#0072b2", "#b34700"} <= colours  # a line for either kind
    press(window, qtbot, Qt.Key.Key_Return)
    assert page.choosing.isVisible()
    press(window, qtbot, Qt.Key.Key_Escape)
    assert isinstance(window.pages.page(), StartPage)


def test_space_marks_and_the_screen_says_what_is_next(page, window, qtbot, monkeypatch):
    short = lambda what, **words: replace(make_plan(what, **words), seconds=0.3)  # noqa: E731
    monkeypatch.setattr(trial_run, "make_plan", short)
    begin_simulated(page)
    trial = page.run.trial
    qtbot.waitUntil(lambda: "Press when" in told(page), timeout=20_000)
    press(window, qtbot, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: "Lift-off." in told(page), timeout=20_000)
    press(window, qtbot, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: any(e.values.get("step") == "on" for e in trial.events), timeout=20_000)
    assert any(e.values.get("mark") == "contact" for e in trial.events)


def test_with_one_key_a_press_marks_while_the_trial_runs(page, window, qtbot, monkeypatch):
    short = lambda what, **words: replace(make_plan(what, **words), seconds=0.3)  # noqa: E731
    monkeypatch.setattr(trial_run, "make_plan", short)
    begin_simulated(page)
    trial = page.run.trial
    hand = Hand(window, "step")
    qtbot.waitUntil(lambda: "Press when" in told(page), timeout=20_000)
    hand.press()
    qtbot.waitUntil(lambda: any(e.values.get("mark") for e in trial.events), timeout=20_000)
    assert hand.name == "Mark (Space)"


def test_the_key_to_go_back_ends_the_trial_and_what_there_is_is_told(page, window, qtbot):
    begin_simulated(page)
    qtbot.waitUntil(lambda: "do nothing" in told(page), timeout=20_000)
    run = page.run
    press(window, qtbot, Qt.Key.Key_Escape)
    assert page.run is None
    assert run.trial.ended
    assert "not enough data" in told(page)
    assert "ended early" in told(page)


def test_with_a_sensor_the_way_leads_past_the_rules_of_safety_and_can_be_left(page, window, qtbot):
    start = [b for b in page.findChildren(QPushButton, "main") if b.isVisible()]
    start[0].click()
    assert isinstance(window.pages.page(), SafetyPage)
    assert page.waiting
    press(window, qtbot, Qt.Key.Key_Escape)
    assert isinstance(window.pages.page(), StartPage)
    assert not page.waiting
    window.choose(Choice("sim:rest", SourceOptions()))
    assert isinstance(window._screen, PatientScreen)
    window.end()


@pytest.fixture
def a_muscle(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trial is over at once, on a muscle that is taken for a real one."""

    def fast(_words: str, _options: SourceOptions) -> SimulatedSource:
        scenario = load_scenario("trick")
        info = replace(scenario.info, simulated=False)
        return SimulatedSource(replace(scenario, info=info), fast=True)

    monkeypatch.setattr(trial_run, "open_source", fast)
    monkeypatch.setattr(trial_run, "TrialSession", partial(TrialSession, scripted=True))


@pytest.mark.usefixtures("a_muscle")
def test_what_was_tried_on_a_person_is_kept_and_recorded_and_stands_in_the_table(
    window, qtbot, tmp_path
):
    with open_journal() as journal:
        journal.add_person("P01", added=datetime.now(UTC))
    people = window.pages.start.people
    qtbot.waitUntil(lambda: not people._look.isActive(), timeout=20_000)  # it has read them
    people.choose("P01")
    window.pages.start.trial_button.click()
    page = window.pages.trial
    page.choosing.rows.setCurrentRow(1)
    page.waiting = True
    window.choose(Choice("serial:none", SourceOptions()))
    assert window.pages.page() is page
    qtbot.waitUntil(lambda: page.run is None, timeout=60_000)
    assert "Kept in the journal of P01." in told(page)
    with open_journal() as journal:
        (trial,) = journal.trials("P01")
    assert (trial.what, trial.simulated) == ("heat", False)
    qtbot.waitUntil(lambda: "Heat" in told(page.tables[1]), timeout=10_000)  # it is laid out
    assert "helps" in told(page.tables[1])
    (file,) = (tmp_path / "own" / "recordings").glob("*.*df")
    texts = [note.text for note in read_recording(file).annotations]
    assert texts.count("Heat: on") == 4


def test_a_source_that_is_not_there_is_told_of_and_the_choice_stays(page, window):
    page.waiting = True
    said = []
    page.message.connect(said.append)
    assert page.takes(Choice("sim:nothing", SourceOptions()), Settings())
    assert "nothing" in said[0]
    assert page.choosing.isVisible()


TWO = """
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
def gate(monkeypatch: pytest.MonkeyPatch, tmp_path) -> Gate:
    """Somebody with electrodes at both sides, who tenses when they are asked to."""
    person = tmp_path / "person.toml"
    person.write_text(TWO + TWO.replace("left", "right"), encoding="utf-8")
    made = Gate(f"sim:{person}")
    monkeypatch.setattr(trial_run, "open_source", made.open)
    return made


def go(page: TrialPage, gate: Gate, qtbot, seconds: float) -> None:
    """Let `seconds` of samples come, and the page show them."""
    gate.until_s = gate.stop_s + seconds
    session = page.run.session
    qtbot.waitUntil(
        lambda: gate.stop_s >= gate.until_s and session.stop_index and session.now is not None,
        timeout=30_000,
    )
    qtbot.waitUntil(lambda: session.duration_s >= gate.stop_s, timeout=30_000)
    page._tick()


CONNECTED = Choice(
    "serial:none",
    SourceOptions(channels=2, labels=("trapezius left", "trapezius right")),
    remember=SourceSettings(channels=2),
    note="Safety: said.",
)


def test_with_a_sensor_it_is_checked_first_and_then_asked_which_muscle(page, window, qtbot, gate):
    page.waiting = True
    window.pages.way.under_way = True
    window.pages.way._way = Way(sensor=True, train=False, trial=True)
    window.choose(CONNECTED)
    assert page.contact is not None
    assert window._step.text() == "Step 3 of 4: Check the sensor. Next: Try what helps."
    press(window, qtbot, Qt.Key.Key_Return)
    while page.contact is not None:
        assert gate.stop_s < 30
        go(page, gate, qtbot, 0.5)
    assert window._step.text() == ""
    assert "At which muscle?" in told(page)
    assert page.run.trial.held
    assert not page.run.trial.events
    press(window, qtbot, Qt.Key.Key_Tab)
    press(window, qtbot, Qt.Key.Key_Return)
    assert page.run.trial.channel == 1
    go(page, gate, qtbot, 1.0)
    assert "do nothing" in told(page)
    assert [note.text for note in page.run.session.annotations][:1] == ["Safety: said."]
    run = page.run
    press(window, qtbot, Qt.Key.Key_Escape)
    assert run.told["channel"] == "trapezius right"
    page._show(MusclePage(run.channels, page._muscle))
    assert window.focusWidget().text() == "trapezius right", "the last one is offered first"


def test_from_the_check_one_can_go_back_and_nothing_is_told_or_kept(page, window, qtbot, gate):
    page.waiting = True
    window.choose(CONNECTED)
    go(page, gate, qtbot, 0.5)
    run = page.run
    press(window, qtbot, Qt.Key.Key_Escape)
    assert (run.told, page.run) == (None, None)
    assert page.choosing.isVisible()


def test_a_trial_with_a_sensor_leads_over_safety_and_the_electrodes(page, window, qtbot):
    way = window.pages.way
    page.choosing.start_wanted.emit("")
    assert isinstance(window.pages.page(), SafetyPage)
    assert [step.name for step in way._way.steps()] == [
        *("SAFETY", "CONNECT", "PLACE", "CHECK", "TRY")
    ]
    way._connected(replace(CONNECTED, options=SourceOptions(channels=1)))
    assert isinstance(window.pages.page(), PlacementPage)
    assert window._step.text() == "Step 3 of 5: Place the electrodes. Next: Check the sensor."
