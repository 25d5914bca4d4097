"""The lake: still when the muscle lets go, veiled when nothing is known, and never a flash."""

import math
from collections.abc import Callable, Iterable

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, QPainter

from biofeedback.display.feedback.scene import Scene
from biofeedback.display.feedback.scene_lake import _MOST_PIXELS, ColourLake, LineLake
from biofeedback.display.feedback.scene_motion import AT_GOAL, Motion, unrest
from biofeedback.display.feedback.scene_picture import HORIZON
from biofeedback.display.sitting.frame import Frame
from biofeedback.display.widgets.palette import DARK, LIGHT, STRONG_DARK, STRONG_LIGHT, Palette
from biofeedback.stream import Zone

PER_SECOND = 30
SIZE = (341, 256)  # 10 degrees of sight, as WCAG 2.3.1 counts them
PALETTES = {"dark": DARK, "light": LIGHT, "strong dark": STRONG_DARK, "strong light": STRONG_LIGHT}
NAN = math.nan
PARTS = np.arange(256) / 255
LINEAR = np.where(PARTS <= 0.04045, PARTS / 12.92, ((PARTS + 0.055) / 1.055) ** 2.4)
each_palette = pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES.keys())


def frame(over_goal: float) -> Frame:
    if math.isnan(over_goal):
        return Frame(0, "–", "µV", Zone.UNKNOWN, "No reading", "", NAN, (0, 0.5), 10.0)
    zone, word = (Zone.RELAXED, "At the goal") if over_goal <= 1 else (Zone.TENSE, "Not yet")
    share = min(over_goal / 2, 1.0)
    return Frame(0, "4", "µV", zone, word, "", share, (0, 0.5), 10.0, over_goal=over_goal)


@pytest.fixture
def lake(qtbot, dressed) -> Callable[..., Scene]:
    def make(palette: Palette = DARK, size: tuple[int, int] = SIZE) -> Scene:
        scene = Scene(palette)
        qtbot.addWidget(scene)
        scene.resize(*size)
        return scene

    return make


def go(scene: Scene, over_goal: float, seconds: float = 8.0) -> Scene:
    for _frame in range(round(seconds * PER_SECOND)):
        scene.show_frame(frame(over_goal), 1 / PER_SECOND)
    return scene


def seen(scene: Scene) -> NDArray[np.float64]:
    """Return the relative luminance of each pixel, as WCAG 2 defines it, 0 to 1."""
    image = QImage(scene.size(), QImage.Format.Format_RGB32)
    scene.render(image)
    rows = np.frombuffer(image.bits(), np.uint8).reshape(image.height(), -1, 4)
    return np.asarray(LINEAR[rows[:, : image.width(), 2::-1]] @ [0.2126, 0.7152, 0.0722])


def ruffled(scene: Scene) -> float:
    """Return how much the rows of the water vary from column to column."""
    water = seen(scene)[round(HORIZON * scene.height()) + 4 :, 16:-16]
    return float(np.abs(np.diff(water, axis=1)).mean())


@each_palette
def test_the_water_grows_stiller_as_tension_falls(lake, palette):
    levels = (4.0, 2.5, 1.6, 1.2, 1.0, 0.8, 0.5)
    found = []
    for over_goal in levels:
        scene = go(lake(palette), over_goal)
        moments = [ruffled(go(scene, over_goal, 0.7)) for _moment in range(8)]
        found.append(float(np.mean(moments)))
    assert sorted(found, reverse=True) == found
    assert found[0] > 1.2 * found[-1]


@each_palette
def test_still_water_does_not_move_and_ruffled_water_does(lake, palette):
    still, wild = go(lake(palette), 0.4, 12), go(lake(palette), 3.0, 12)
    before = seen(still), seen(wild)
    for scene, over_goal in ((still, 0.4), (wild, 3.0)):
        go(scene, over_goal, 1.0)
    assert np.array_equal(seen(still), before[0])
    assert not np.array_equal(seen(wild), before[1])


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
def test_the_mist_thickens_with_tension(lake, palette):
    def hills(over_goal: float) -> float:
        scene = go(lake(palette), over_goal, 12)
        return float(seen(scene)[round(0.5 * SIZE[1]) : round(HORIZON * SIZE[1]) - 2].mean())

    found = [hills(over_goal) for over_goal in (0.5, 1.2, 2.0, 4.0)]
    assert sorted(found) == found
    assert found[-1] > 1.2 * found[0], "it is brighter than what it hides"


def test_it_answers_the_goal_from_half_of_it_to_four_times():
    asked = [0.0, 0.5, 1.0, 2.0, 4.0, 100.0, math.inf]
    found = [unrest(ratio) for ratio in asked]
    assert found == pytest.approx([0, 0, AT_GOAL, AT_GOAL + (1 - AT_GOAL) / 2, 1, 1, 1])


def test_it_follows_with_a_time_constant_of_a_second_however_often_it_is_painted():
    for per_second in (5, 30, 125):
        motion = Motion()
        for _frame in range(2 * per_second):
            motion.follow(0.5, 1 / per_second)
        assert motion.unrest == pytest.approx(math.exp(-2), rel=1e-9)
        assert motion.t_s == pytest.approx(2)


def test_the_same_frames_give_the_same_picture(lake):
    pictures = []
    for _time in range(2):
        scene = lake()
        for over_goal in (0.5, NAN, 3.0, 1.1):
            go(scene, over_goal, 1.3)
        pictures.append(seen(scene))
    assert np.array_equal(*pictures)


@each_palette
def test_no_reading_never_looks_calm(lake, palette):
    scene = go(lake(palette), 0.4)
    calm = seen(scene)
    gone = seen(go(scene, NAN))
    still = seen(go(scene, NAN, 2.0))
    assert np.abs(gone - still).max() < 0.01, "it stands still"
    differs = np.abs(gone - calm) > 0.005
    if not palette.strong:  # else most of it is the ground, which is the same
        assert differs.mean() > 0.7
    assert differs.mean() > 0.15
    contrast = gone.std() / calm.std()
    middle = gone[SIZE[1] // 4 : -SIZE[1] // 4, SIZE[0] // 5 : -SIZE[0] // 5]
    assert middle.max() - middle.min() > 0.15, "the sign and the words are seen"
    assert contrast != pytest.approx(1.0, abs=0.05)


def test_before_the_first_reading_it_is_veiled_as_without_one(lake):
    fresh, lost = go(lake(), NAN, 1.0), go(go(lake(), 4.0, 20), NAN, 20)
    assert np.abs(seen(fresh) - seen(lost)).mean() < 0.01


def test_what_is_lost_for_a_moment_comes_back_as_it_was(lake):
    scene = go(lake(), 2.0, 12)
    moved = scene._motion.t_s
    go(scene, NAN, 3.0)
    assert scene._motion.t_s == moved
    assert scene._motion.unrest == pytest.approx(unrest(2.0), abs=1e-3)


def test_a_reading_without_a_goal_says_so(lake):
    scene = lake()
    measured = Frame(0, "4", "µV", Zone.UNKNOWN, "", "", 0.4, (NAN, NAN), 10.0)
    scene.show_frame(measured, 0.1)
    assert scene._word == "No goal yet"
    scene.show_frame(frame(NAN), 0.1)
    assert scene._word == "No reading"


# flashes


def most_flashes(luminance: Iterable[NDArray[np.float64]]) -> NDArray[np.int64]:
    """Return the most general flashes that each pixel had in any second, as WCAG 2.3.1 has them.

    A flash is a pair of opposing changes of the relative luminance by 0.1 or more, where the darker
    image is below 0.8.
    """
    frames = iter(luminance)
    low = high = next(frames)  # since it turned last
    turn = np.zeros(low.shape, np.int8)
    changes = []
    for now in frames:
        low = np.where(turn > 0, low, np.minimum(low, now))
        high = np.where(turn < 0, high, np.maximum(high, now))
        rose = (turn <= 0) & (now - low >= 0.1) & (low < 0.8)
        fell = (turn >= 0) & (high - now >= 0.1) & (now < 0.8)
        changes.append((rose & (turn < 0)) | (fell & (turn > 0)))
        turn = np.where(rose, 1, np.where(fell, -1, turn)).astype(np.int8)
        low, high = np.where(fell, now, low), np.where(rose, now, high)
    many = np.cumsum(np.array(changes), axis=0)
    within = many[PER_SECOND:] - many[:-PER_SECOND]
    return np.asarray(within.max(axis=0) // 2)


@pytest.mark.parametrize(("hz", "swing", "flashes"), [(4, 0.2, 4), (4, 0.08, 0), (2, 0.2, 2)])
def test_what_counts_flashes_finds_those_that_are_there(hz, swing, flashes):
    t_s = np.arange(4 * PER_SECOND) / PER_SECOND
    shown = 0.3 + swing / 2 * np.sign(np.sin(2 * np.pi * hz * t_s + 0.1))
    assert most_flashes([np.array([x]) for x in shown])[0] == pytest.approx(flashes, abs=1)
    bright = most_flashes([np.array([x + 0.65]) for x in shown])
    assert bright[0] == 0, "what is never darker than 0.8 is no flash"


def worst(kind: str) -> Iterable[float]:
    """Yield what is told frame by frame, for four seconds: whatever might make it flash."""
    chance = np.random.default_rng(3)
    for number in range(4 * PER_SECOND):
        t_s = number / PER_SECOND
        match kind:
            case "tense and loose at 3 Hz":
                yield 50.0 if t_s * 3 % 1 < 0.5 else 0.1
            case "known and lost at 4 Hz":
                yield 0.1 if t_s * 4 % 1 < 0.5 else NAN
            case "tense or lost in each frame":
                yield 50.0 if number % 2 else NAN
            case _:
                yield float(chance.choice([NAN, 0.1, 1.0, 50.0]))


@each_palette
@pytest.mark.parametrize(
    "kind",
    [
        "tense and loose at 3 Hz",
        "known and lost at 4 Hz",
        "tense or lost in each frame",
        "anything by chance",
    ],
)
def test_nothing_that_can_be_told_makes_it_flash(lake, palette, kind):
    scene = go(lake(palette), 1.0, 3.0)

    def frames() -> Iterable[NDArray[np.float64]]:
        for over_goal in worst(kind):
            scene.show_frame(frame(over_goal), 1 / PER_SECOND)
            yield seen(scene)

    assert (most_flashes(frames()) > 3).mean() < 0.01, "WCAG 2.3.1 allows a quarter of the area"


def test_the_wildest_water_itself_does_not_flash(lake):
    for palette in PALETTES.values():
        scene = go(lake(palette), 50.0, 12)
        found = most_flashes(seen(go(scene, 50.0, 1 / PER_SECOND)) for _frame in range(150))
        assert (found > 3).mean() < 0.002


def test_a_square_wave_comes_out_as_small_as_the_formula_says():
    for hz in (3.0, 5.0):
        motion, per_second = Motion(), 600
        values = []
        for number in range(20 * per_second):
            motion.follow(NAN if number / per_second * hz % 1 < 0.5 else 0.1, 1 / per_second)
            values.append(motion.veil)
        settled = values[-2 * per_second :]
        assert max(settled) - min(settled) == pytest.approx(math.tanh(1 / (4 * hz)), rel=0.02)


# what it costs


def test_a_calm_lake_is_not_painted_again_and_a_ruffled_one_once_a_frame(lake, monkeypatch):
    scene = go(lake(), 0.4, 12)
    painted: list[int] = []
    monkeypatch.setattr(scene, "update", lambda: painted.append(1))
    go(scene, 0.4, 4.0)
    assert not painted
    go(scene, 3.0, 4.0)
    assert len(painted) <= 4 * PER_SECOND
    painted.clear()
    go(scene, NAN, 12)
    painted.clear()
    go(scene, NAN, 4.0)
    assert not painted, "nor is a veiled one"


@pytest.mark.parametrize("kind", [ColourLake, LineLake])
@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_a_frame_paints_few_things_whatever_the_size_of_the_screen(qapp, kind, ratio):
    calls: list[str] = []

    class Counting:
        def __init__(self, painter: QPainter) -> None:
            self.painter = painter

        def __getattr__(self, name: str):
            calls.append(name)
            return getattr(self.painter, name)

    motion = Motion()
    motion.follow(3.0, 0.1)
    size = QSize(1600, 900)
    made = kind(size, DARK, ratio=ratio)
    image = QImage(size, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    made.paint(Counting(painter), motion)
    painter.end()
    drawn = [name for name in calls if name.startswith(("draw", "fill"))]
    assert len(drawn) <= 10
    if kind is ColourLake:
        assert made._water.pixels.size <= _MOST_PIXELS


@each_palette
def test_each_palette_has_its_own_lake(lake, palette):
    shown = seen(go(lake(palette), 0.4))
    if palette.strong:
        ends = (shown < 0.02) | (shown > 0.98)
        assert ends.mean() > 0.9, "black and white, in lines"
    dark = palette in (DARK, STRONG_DARK)
    assert (shown.mean() < 0.2) if dark else (shown.mean() > 0.3)


@pytest.mark.parametrize("size", [(1280, 640), (220, 120), (60, 400), (9, 9)])
def test_it_has_a_picture_at_any_size(lake, size):
    scene = go(lake(LIGHT, size), 2.0, 1.0)
    assert seen(scene).shape == (size[1], size[0])
    scene.resize(300, 200)
    assert seen(scene).shape == (200, 300)
