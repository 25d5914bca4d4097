"""What is seen of a training, in every mode and every way, and what is said of it."""

import itertools
import math
import re
from collections import deque
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QColor, QImage
from stepped import BASELINE, HEAD, TRIALS, Gate, Way, write_protocol

import biofeedback
from biofeedback.display.feedback.feedback import Feedback
from biofeedback.display.sitting.choice import Choice
from biofeedback.display.sitting.ears import Ears
from biofeedback.display.sitting.training_model import TrainingModel
from biofeedback.display.sitting.training_words import WAYS, next_way
from biofeedback.display.training import screen as training_screen
from biofeedback.display.training.screen import TrainingScreen
from biofeedback.display.widgets.palette import DARK, LIGHT
from biofeedback.errors import SettingsError
from biofeedback.session import State
from biofeedback.settings import SoundSettings, TrainingSettings, load_settings, read_settings
from biofeedback.sources import SourceOptions
from biofeedback.stream import Channel, StreamInfo, Zone
from biofeedback.training.goal import Goal, Measure
from biofeedback.training.protocol import Mode
from biofeedback.training.shown import TRAIL_S, Shown

NAN = math.nan
LEFT, RIGHT = Channel("neck left", "uV"), Channel("neck right", "uV")
# a mode, where it stands, what is measured, the goal, and its threshold
STATES = {
    "below, reached": (Mode.BELOW, 4.0, 4.0, Goal.REACHED, 5.0),
    "below, not yet": (Mode.BELOW, 8.0, 8.0, Goal.NOT_YET, 5.0),
    "relax, not yet": (Mode.RELAX, 8.0, 8.0, Goal.NOT_YET, 5.0),
    "above, not yet": (Mode.ABOVE, 4.0, 4.0, Goal.NOT_YET, 5.0),
    "above, reached": (Mode.ABOVE, 8.0, 8.0, Goal.REACHED, 5.0),
    "inside, too little": (Mode.INSIDE, 6.0, 4.0, Goal.NOT_YET, 2.0),
    "inside, too much": (Mode.INSIDE, 14.0, 4.0, Goal.NOT_YET, 2.0),
    "inside, reached": (Mode.INSIDE, 10.5, 0.5, Goal.REACHED, 2.0),
    "symmetry, left": (Mode.SYMMETRY, -20.0, 20.0, Goal.NOT_YET, 10.0),
    "symmetry, right": (Mode.SYMMETRY, 20.0, 20.0, Goal.NOT_YET, 10.0),
    "symmetry, even": (Mode.SYMMETRY, -2.0, 2.0, Goal.REACHED, 10.0),
    "overflow, not yet": (Mode.OVERFLOW, 60.0, 60.0, Goal.NOT_YET, 40.0),
    "no reading": (Mode.BELOW, NAN, NAN, Goal.UNKNOWN, 5.0),
}


def model(name: str) -> TrainingModel:
    mode, place, measured, goal, threshold = STATES[name]
    channels = (LEFT, RIGHT)
    measure = Measure(mode, channels)
    measure.centre = 10.0
    shown = Shown(measured, goal, place)
    trainer = SimpleNamespace(
        shown=shown, measure=measure, threshold=threshold, channels=(0, 1), trail=deque([shown])
    )
    session = SimpleNamespace(
        trainer=trainer,
        now=SimpleNamespace(index=5),
        state=State.RUNNING,
        source=SimpleNamespace(status=""),
        info=StreamInfo(channels, 1000.0, "test"),
        band_hz=(20.0, 450.0),
    )
    return TrainingModel(session, clock=lambda: 0.0)


@pytest.mark.parametrize(
    ("name", "word", "number", "unit"),
    [
        ("below, reached", "At the goal", "4.0", "µV"),
        ("below, not yet", "Not yet", "8.0", "µV"),
        ("relax, not yet", "Not yet", "8.0", "µV"),
        ("above, not yet", "A little more", "4.0", "µV"),
        ("above, reached", "At the goal", "8.0", "µV"),
        ("inside, too little", "A little more", "6.0", "µV"),
        ("inside, too much", "A little less", "14.0", "µV"),
        ("inside, reached", "At the goal", "10.5", "µV"),
        ("symmetry, left", "Left is tenser", "20", "percent difference"),
        ("symmetry, right", "Right is tenser", "20", "percent difference"),
        ("symmetry, even", "At the goal", "2", "percent difference"),
        ("overflow, not yet", "Not yet", "60", "percent of the task"),
        ("no reading", "No reading", "–", "µV"),
    ],
)
def test_each_mode_says_in_its_own_words_where_one_is(name, word, number, unit):
    frame = model(name).frame()
    assert (frame.word, frame.number) == (word, number)
    assert frame.unit.startswith(unit)


@pytest.mark.parametrize(
    ("name", "share", "goal", "origin", "over_goal"),
    [
        ("below, reached", 0.4, (0.0, 0.5), 0.0, 0.8),
        ("above, not yet", 0.4, (0.5, 1.0), 0.0, 1.25),
        ("above, reached", 0.8, (0.5, 1.0), 0.0, 0.625),
        ("inside, too little", 0.3, (0.4, 0.6), 0.0, 2.0),
        ("inside, too much", 0.7, (0.4, 0.6), 0.0, 2.0),
        ("inside, reached", 0.525, (0.4, 0.6), 0.0, 0.25),
        ("symmetry, left", 1 / 6, (1 / 3, 2 / 3), 0.5, 2.0),
        ("symmetry, right", 5 / 6, (1 / 3, 2 / 3), 0.5, 2.0),
        ("overflow, not yet", 0.75, (0.0, 0.5), 0.0, 1.5),
    ],
)
def test_each_mode_has_its_goal_where_it_is(name, share, goal, origin, over_goal):
    frame = model(name).frame()
    assert frame.share == pytest.approx(share)
    assert frame.goal == pytest.approx(goal)
    assert frame.origin == origin
    assert frame.over_goal == pytest.approx(over_goal)
    assert (frame.share >= goal[0] and frame.share <= goal[1]) is (frame.over_goal <= 1)
    assert (frame.zone is Zone.RELAXED) is (frame.over_goal <= 1)


def test_a_measure_says_where_its_muscles_stand_on_either_side_of_the_goal():
    rows = np.array([[6.0, 4.0], [4.0, 6.0], [5.0, 5.0]])
    symmetry = Measure(Mode.SYMMETRY, (LEFT, RIGHT))
    assert symmetry.place(rows) == pytest.approx([-20, 20, 0])
    assert symmetry(rows) == pytest.approx([20, 20, 0])
    inside = Measure(Mode.INSIDE, (LEFT,))
    inside.centre = 5.0
    assert inside.place(rows) == pytest.approx([6, 4, 5])
    assert inside(rows) == pytest.approx([1, 1, 0])
    for measure in (symmetry, inside, Measure(Mode.ABOVE, (LEFT,)), Measure(Mode.BELOW, (LEFT,))):
        low, high = measure.goal_range(1.5)
        place, away = measure.place(rows), measure.distance(measure(rows), np.full(3, 1.5))
        assert ((place >= low) & (place <= high)).tolist() == (away <= 0).tolist()


def test_where_there_is_no_goal_yet_none_is_shown():
    training = model("below, not yet")
    training.session.trainer.threshold = NAN
    training.session.trainer.shown = Shown(8.0, Goal.UNKNOWN, 8.0)
    frame = training.frame()
    assert not frame.has_goal
    assert frame.word == ""
    assert frame.number == "8.0"
    assert math.isnan(frame.over_goal)


@pytest.fixture
def feedback(qtbot, dressed):
    def make(way: str, palette=LIGHT, number: str = "on", size=(640, 420)) -> Feedback:
        made = Feedback(palette, TrainingSettings(feedback=way, number=number))
        qtbot.addWidget(made)
        made.resize(*size)
        made.show()
        return made

    return make


def picture(widget) -> QImage:
    image = QImage(widget.size(), QImage.Format.Format_RGB32)
    widget.render(image)
    return image


def centre_of(image: QImage, colour: str) -> tuple[float, float]:
    """Return where the pixels of a colour lie on average, as shares of width and height."""
    wanted = QColor(colour).rgb()
    places = [
        (x, y)
        for x, y in itertools.product(range(0, image.width(), 2), range(0, image.height(), 2))
        if image.pixel(x, y) == wanted
    ]
    assert len(places) > 20
    xs, ys = zip(*places, strict=True)
    return sum(xs) / len(xs) / image.width(), sum(ys) / len(ys) / image.height()


def test_the_ring_has_the_goal_on_the_side_where_it_is(feedback):
    found = {}
    for name in ("below, reached", "above, not yet", "symmetry, left"):
        made = feedback("ring")
        made.show_frame(model(name).frame(), 0.1)
        found[name] = centre_of(picture(made.ring), LIGHT.target_band)[0]
    assert found["below, reached"] < 0.45
    assert found["above, not yet"] > 0.55
    assert found["symmetry, left"] > 0.5, "what is on the left of it is covered by the ring"


def test_in_symmetry_the_ring_fills_from_the_top_to_the_tenser_side(feedback):
    made = feedback("ring")
    for name, left in (("symmetry, left", True), ("symmetry, right", False)):
        made.show_frame(model(name).frame(), 0.1)
        assert (centre_of(picture(made.ring), LIGHT.tense)[0] < 0.5) is left


def test_the_curve_has_the_band_of_the_goal_where_it_is(feedback):
    found = {}
    for name in ("below, not yet", "above, not yet", "inside, reached"):
        made, training = feedback("trend"), model(name)
        made.show_slowly(training.frame(), training.curve(), silence="")
        found[name] = centre_of(picture(made.trend), LIGHT.target_band)[1]
    assert found["above, not yet"] < 0.35 < found["inside, reached"] < 0.6
    assert found["below, not yet"] > 0.6


def test_the_curve_shows_what_could_be_seen_and_nothing_else():
    training = model("below, reached")
    assert len(training.curve()) == 10 * TRAIL_S
    assert training.curve()[-1] == 4.0
    assert np.isnan(training.curve()[:-1]).all()


@pytest.mark.parametrize("way", ["ring", "scene", "trend"])
@pytest.mark.parametrize("name", ["below, reached", "above, not yet", "symmetry, left"])
def test_a_screen_reader_hears_number_and_word_whatever_is_seen(feedback, way, name):
    made, frame = feedback(way), model(name).frame()
    made.show_frame(frame, 0.1)
    seen = {"ring": made.ring, "scene": made.scene, "trend": made.trend}[way]
    interface = QAccessible.queryAccessibleInterface(seen)
    assert interface.text(QAccessible.Text.Name)
    described = interface.text(QAccessible.Text.Description)
    assert described == f"{frame.number} {frame.unit}, {frame.word}"


def test_without_the_number_the_word_remains(feedback):
    for way in ("scene", "trend"):
        made = feedback(way, number="off")
        made.show_frame(model("below, not yet").frame(), 0.1)
        seen = made.scene if way == "scene" else made.trend
        assert seen.accessibleDescription() == "Not yet"
    with_it, without = feedback("scene"), feedback("scene", number="off")
    for made in (with_it, without):
        made.show_frame(model("below, not yet").frame(), 0.1)
    assert picture(with_it) != picture(without)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_the_words_beneath_have_the_sign_and_colour_of_their_zone(feedback, palette):
    for name, colour in (
        ("below, reached", palette.relaxed),
        ("below, not yet", palette.tense),
        ("no reading", palette.unknown),
    ):
        made = feedback("scene", palette)
        made.show_frame(model(name).frame(), 0.1)
        x, y = centre_of(picture(made), colour)
        assert 0.2 < x < 0.6
        assert name == "no reading" or y > 0.85


def test_closed_eyes_have_a_dark_page_that_says_why_nothing_is_heard(feedback):
    made = feedback("sound")
    frame, curve = model("below, reached").frame(), np.empty(0)
    made.show_slowly(frame, curve, silence="")
    assert made.closed.words.text() == "Close your eyes: you hear it."
    quiet = picture(made)
    assert quiet.pixelColor(320, 12).lightnessF() < 0.1, "dark in the light palette too"
    made.show_slowly(frame, curve, silence="There is no sound: it is broken.")
    assert made.closed.words.text() == "There is no sound: it is broken."
    assert made.closed.accessibleName() == "There is no sound: it is broken."


def test_the_settings_know_every_way_and_no_other():
    for way in WAYS:
        read = read_settings({"training": {"feedback": way}}, "x")
        assert read.training.feedback == way
    with pytest.raises(SettingsError, match=", ".join(WAYS)):
        read_settings({"training": {"feedback": "film"}}, "x")


def test_each_way_leads_to_the_next_and_the_last_to_the_first():
    way, seen = "ring", []
    for _press in WAYS:
        seen.append(way)
        way = next_way(way)
    assert seen == list(WAYS)
    assert way == "ring"


def test_what_a_user_reads_says_goal_and_never_target():
    for path in Path(biofeedback.__file__).parent.rglob("*.py"):
        texts = re.findall(r'_\(\s*((?:"[^"]*"\s*)+)', path.read_text(encoding="utf-8"))
        assert not [text for text in texts if re.search(r"\btargets?\b", text, re.IGNORECASE)], path


# in the window


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    made = Gate()
    monkeypatch.setattr("biofeedback.display.sitting.sitting.open_source", made.open)
    return made


class FakeEar:
    """Sounds as it was told, and notes that."""

    told: ClassVar[list[object]] = []
    silence = ""

    def __init__(self, settings: SoundSettings) -> None:
        self.told.append((settings.mapping, settings.speech))

    def follow(self, session, channel) -> None:
        pass

    def news(self) -> list[str]:
        return []

    def stop(self) -> None:
        self.told.append("stop")


@pytest.fixture
def ear(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    monkeypatch.setattr("biofeedback.display.sitting.ears.ByEar", FakeEar)
    monkeypatch.setattr(FakeEar, "told", [])
    return FakeEar.told


@pytest.fixture
def way(window, gate, ear, qtbot, tmp_path, monkeypatch) -> Way:
    monkeypatch.setenv("BIOFEEDBACK_PROTOCOLS", str(tmp_path / "protocols"))
    write_protocol(tmp_path / "protocols", HEAD + BASELINE + TRIALS)
    return Way(window, gate, qtbot)


def trained(way: Way) -> TrainingScreen:
    way.window.choose(Choice("sim:relaxing", SourceOptions(), protocol="short"))
    screen = way.window.pages.currentWidget()
    assert isinstance(screen, TrainingScreen)
    return screen


def test_f_changes_what_is_seen_and_that_is_kept_for_the_next_time(way, monkeypatch):
    told: list[str] = []
    monkeypatch.setattr(training_screen, "announce", lambda _widget, text: told.append(text))
    screen = trained(way)
    way.until("trial")
    for name in ("scene", "trend", "sound", "ring", "scene"):
        way.key(Qt.Key.Key_F)
        way.tick()
        assert screen.feedback.settings.feedback == name
        assert load_settings().training.feedback == name
        assert screen._way.text() == f"View: {WAYS[name]}"
        assert told[-1] == WAYS[name]
    assert screen.feedback.scene.isVisible()
    assert not screen.feedback.ring.isVisible()
    way.window.end()
    again = trained(way)
    assert again.feedback.settings.feedback == "scene"
    protocols = way.window.pages.protocols
    assert protocols.way.currentData() == "scene"
    assert load_settings().training.protocol == "short"


def test_the_button_does_the_same_and_names_itself(way):
    screen = trained(way)
    way.until("trial")
    screen._way.setFocus()
    way.key(Qt.Key.Key_Return)
    assert screen.feedback.settings.feedback == "scene"
    assert screen._way.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert screen._way.accessibleName() == "View: Lake"
    assert "(F)" in screen._way.accessibleDescription()


def test_h_hides_the_number_and_shows_it_again(way):
    screen = trained(way)
    way.until("trial")
    way.key(Qt.Key.Key_H)
    way.tick()
    assert screen.feedback.ring.accessibleDescription() in ("At the goal", "Not yet")
    assert load_settings().training.number == "off"
    way.key(Qt.Key.Key_H)
    way.tick()
    way.go(1.0)
    assert "µV" in screen.feedback.ring.accessibleDescription()


def test_the_page_of_protocols_offers_the_ways_and_what_is_chosen_there_is_kept(way):
    protocols = way.window.pages.protocols
    protocols.way.setCurrentIndex(protocols.way.findData("trend"))
    assert load_settings().training.feedback == "trend"
    screen = trained(way)
    way.until("trial")
    way.go(3.0)
    assert screen.feedback.trend.isVisible()
    known = screen.feedback.trend._values
    assert 20 <= (~np.isnan(known)).sum() <= 40, "the baseline, which was hidden, is not in it"


def test_in_a_pause_and_where_nothing_is_to_be_seen_the_lake_is_away(way, tmp_path):
    text = HEAD + BASELINE + TRIALS.replace("seconds = 20", 'seconds = 20\nfeedback = "summary"')
    write_protocol(tmp_path / "protocols", text)
    way.window.settings = replace(way.window.settings, training=TrainingSettings(feedback="scene"))
    screen = trained(way)
    way.until("trial")
    way.go(2.0)
    assert not screen.feedback.isVisible()
    assert screen.calm.isVisible()
    write_protocol(tmp_path / "protocols", HEAD + BASELINE + TRIALS)
    way.window.end()
    screen = trained(way)
    way.until("trial")
    assert screen.feedback.scene.isVisible()
    way.key(Qt.Key.Key_Space)
    way.go(0.5)
    assert not screen.feedback.isVisible()


def test_closed_eyes_turn_the_sound_on_and_speech_and_open_ones_off_again(way, ear):
    trained(way)
    way.until("trial")
    assert ear == []
    for _press in range(3):
        way.key(Qt.Key.Key_F)
    way.tick()
    assert ear == [("pitch", "on")]
    way.key(Qt.Key.Key_F)
    way.tick()
    assert ear == [("pitch", "on"), "stop"]


def test_what_was_heard_before_the_eyes_were_closed_is_heard_again(ear):
    ears = Ears(SoundSettings(mapping="loudness"))
    for closed in (True, True, False):
        ears.close_eyes(closed=closed)
    assert ear == [("loudness", "off"), "stop", ("loudness", "on"), "stop", ("loudness", "off")]
    ears.stop()
    assert ears.silence == "The sound is off: S turns it on."
    assert ears.switch() == "You hear it now; S ends it."
    assert ears.silence == ""
    assert ears.switch() == "Silent."
