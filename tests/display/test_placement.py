"""Where the electrodes go: drawings that are true to the body, the page, and the way there."""

import math
from dataclasses import replace
from itertools import combinations, product

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPolygonF
from PySide6.QtWidgets import QLabel

from biofeedback.devices.survey import Found
from biofeedback.display.preparing.connect import ConnectPage
from biofeedback.display.preparing.placement_page import PlacementPage, PlacementPicture
from biofeedback.display.preparing.placement_pictures import DRAWINGS, draw_placement
from biofeedback.display.widgets.palette import DARK, LIGHT
from biofeedback.display.widgets.picture import Canvas
from biofeedback.display.widgets.style import apply_style
from biofeedback.muscles import MUSCLES, PAIR_MM, SIDES
from biofeedback.settings import SourceSettings, load_settings
from biofeedback.sources.ports import Port
from biofeedback.wire.native import Info

UNO = Port("/dev/ttyACM0", "ttyACM0", 0x2341, 0x0043, "7523")
INFO = Info(1, (1, 0, 0), bits=10, vref_mv=5000, max_channels=6, name="Uno/Nano")
READY = Found(UNO, "native", "Uno/Nano, firmware 1.0.0, 10 bits, 6 inputs", INFO)
PRINTS = Found(Port("/dev/ttyUSB0", "USB Serial", 0x1A86, 0x7523), "text", "sends numbers")
KNOWN = SourceSettings(sensor="myoware-2-raw", port=UNO.name, serial_number="7523", channels=2)
PLACES = list(product(MUSCLES, SIDES))
each_place = pytest.mark.parametrize(("muscle", "side"), PLACES, ids=map(" ".join, PLACES))


class Noted(Canvas):
    """Notes what is drawn, in the drawing's units."""

    def __init__(self) -> None:
        self.palette = LIGHT
        self.words: dict[str, tuple[float, float, float, float]] = {}
        self.discs: list[tuple[float, float, float]] = []
        self.muscles: list[QPolygonF] = []
        self.dashed: list[tuple[tuple[float, float], ...]] = []

    def box(self, *_args, **_words):
        raise AssertionError("a body has no boxes")

    def line(self, *points, dashed=False, **_look):
        if dashed:
            self.dashed.append(points)

    def disc(self, x, y, radius, **_look):
        self.discs.append((x, y, radius))

    def shape(self, points, *, fill):
        if fill == LIGHT.target_band:
            self.muscles.append(QPolygonF([QPointF(*point) for point in points]))

    def text(self, place, text, **_words):
        self.words[text] = place

    def at(self, letter: str) -> tuple[float, float]:
        x, y, width, height = self.words[letter]
        return x + width / 2, y + height / 2


def noted(muscle: str, side: str) -> Noted:
    canvas = Noted()
    draw_placement(canvas, muscle, side)
    return canvas


def middle(drawn: Noted) -> tuple[float, float]:
    (ax, ay), (bx, by) = drawn.at("A"), drawn.at("B")
    return (ax + bx) / 2, (ay + by) / 2


# the drawings


@each_place
def test_the_pair_lies_on_the_muscle_as_far_apart_as_is_said(muscle, side):
    drawn = noted(muscle, side)
    apart = math.dist(drawn.at("A"), drawn.at("B")) * DRAWINGS[muscle].mm
    assert apart == pytest.approx(PAIR_MM, abs=1e-9)
    (outline,) = drawn.muscles
    for letter in "AB":
        assert outline.containsPoint(QPointF(*drawn.at(letter)), Qt.FillRule.WindingFill), letter


@each_place
def test_the_electrodes_do_not_cover_each_other_and_no_word_lies_on_one(muscle, side):
    drawn = noted(muscle, side)
    places = [drawn.at(letter) for letter in "ABR"]
    radius = drawn.words["A"][2] / 2
    for one, other in combinations(places, 2):
        assert math.dist(one, other) >= 2 * radius
    for text, (x, y, width, height) in drawn.words.items():
        if len(text) > 1:
            for px, py in places:
                nearest = (min(max(px, x), x + width), min(max(py, y), y + height))
                assert math.dist((px, py), nearest) > radius, text


@each_place
def test_nothing_is_written_or_laid_outside_of_the_drawing(muscle, side):
    drawn, (across, down) = noted(muscle, side), DRAWINGS[muscle].units
    for text, (x, y, width, height) in drawn.words.items():
        assert 0 <= x <= x + width <= across, text
        assert 0 <= y <= y + height <= down, text
    for x, y, radius in drawn.discs:
        assert radius <= x <= across - radius
        assert radius <= y <= down - radius


@each_place
def test_no_words_lie_on_others(muscle, side):
    words = [(text, box) for text, box in noted(muscle, side).words.items() if len(text) > 1]
    for (text, (x, y, width, height)), (other, (x2, y2, width2, height2)) in combinations(words, 2):
        apart = x + width <= x2 or x2 + width2 <= x or y + height <= y2 or y2 + height2 <= y
        assert apart, f"{text} on {other}"


@pytest.mark.parametrize("muscle", MUSCLES)
def test_left_is_the_mirror_image_of_right_and_its_words_are_not(muscle):
    left, right = noted(muscle, "left"), noted(muscle, "right")
    across = DRAWINGS[muscle].units[0]
    for letter in "ABR":
        (x, y), (x2, y2) = left.at(letter), right.at(letter)
        assert (x, y) == pytest.approx((across - x2, y2))
    assert left.words.keys() == right.words.keys() or set("ABR") < left.words.keys()
    assert "your left" in left.words
    assert "your right" in right.words


def test_left_is_left_from_behind_and_right_from_the_front():
    assert middle(noted("trapezius", "left"))[0] < 15 < middle(noted("trapezius", "right"))[0]
    for muscle in ("frontalis", "SCM"):
        assert middle(noted(muscle, "right"))[0] < 15 < middle(noted(muscle, "left"))[0]
    for muscle in ("trapezius", "frontalis", "SCM"):
        for side in SIDES:
            drawn = noted(muscle, side)
            on_the_left = drawn.at(f"your {side}")[0] < 15
            assert on_the_left == (middle(drawn)[0] < 15), "the words stand on the muscle's side"


@pytest.mark.parametrize("side", SIDES)
def test_the_pair_lies_where_the_words_put_it_between_its_landmarks(side):
    drawn = noted("trapezius", side)
    (nape, shoulder) = drawn.dashed[0]
    assert drawn.at("R") == pytest.approx(nape)
    halfway = tuple((a + b) / 2 for a, b in zip(nape, shoulder, strict=True))
    assert middle(drawn) == pytest.approx(halfway, abs=0.05)
    for muscle in ("forearm extensors", "forearm flexors"):
        drawn = noted(muscle, side)
        elbow, wrist = drawn.dashed[0]
        third = tuple(a + (b - a) / 3 for a, b in zip(elbow, wrist, strict=True))
        assert middle(drawn) == pytest.approx(third, abs=0.05)
    drawn = noted("masseter", side)
    eye, angle = drawn.dashed[0]
    for letter in "AB":
        off = math.dist(eye, drawn.at(letter)) + math.dist(drawn.at(letter), angle)
        assert off == pytest.approx(math.dist(eye, angle), abs=0.02), "on the line"
    thumb_mm = math.dist(drawn.at("B"), angle) * DRAWINGS["masseter"].mm
    assert 15 <= thumb_mm <= 25


@pytest.mark.parametrize("side", SIDES)
def test_on_the_front_of_the_neck_it_lies_a_third_up_and_away_from_what_beats(side):
    drawn = noted("SCM", side)
    (outline,) = drawn.muscles
    top, bottom = outline.boundingRect().top(), outline.boundingRect().bottom()
    behind_the_ear = top - 0.8  # the muscle begins behind the jaw
    up = (bottom - middle(drawn)[1]) / (bottom - behind_the_ear)
    assert up == pytest.approx(1 / 3, abs=0.05)
    for text in ("not here: the artery beats", "not on the windpipe"):
        assert text in drawn.words
    towards_the_middle = abs(drawn.at("A")[0] - 15)
    assert towards_the_middle * DRAWINGS["SCM"].mm > 20


# the page


@pytest.fixture
def page(window) -> PlacementPage:
    window._show_page(window.pages.placement)
    return window.pages.placement


def texts(page) -> str:
    return " ".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def test_muscle_and_side_are_chosen_by_arrows_and_by_typing(page, window, qtbot):
    assert window.focusWidget() is page.muscle
    assert page.label() == "trapezius left"
    qtbot.keyClick(page.muscle, Qt.Key.Key_Down)
    assert page.label() == "frontalis left"
    qtbot.keyClicks(page.muscle, "jaw")
    assert page.label() == "masseter left"
    window.focusNextPrevChild(True)
    assert window.focusWidget() is page.side
    qtbot.keyClick(page.side, Qt.Key.Key_Down)
    assert page.label() == "masseter right"


def test_the_steps_the_safety_line_and_the_source_are_those_of_the_muscle(page):
    for muscle, side in PLACES:
        page.show_label(f"{muscle} {side}")
        its, said = MUSCLES[muscle], texts(page)
        for words in (its.find, its.pair, its.reference, its.test, its.avoid, its.source):
            assert words in said
        assert "Run on battery" in said
        described = page.picture.accessibleDescription()
        assert its.pair in described
        assert its.reference in described
        assert f"our {side}" in described
        assert SIDES[side] in page.picture.accessibleName()


def test_another_s_word_leaves_the_page_as_it_was(page):
    page.show_label("SCM right")
    page.show_label("EMG 1")
    assert page.label() == "SCM right"


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("muscle", MUSCLES)
def test_the_drawing_takes_the_colours_of_the_palette(dressed, palette, muscle):
    picture = PlacementPicture(LIGHT)
    picture.set_muscle(muscle, "left")
    picture.set_palette(palette)
    picture.resize(picture.sizeHint())
    image = picture.grab().toImage()
    for wanted in (palette.trace, palette.envelope, palette.target_band, palette.ground):
        rgb = QColor(wanted).rgb()
        drawn = sum(
            image.pixel(x, y) == rgb
            for x in range(0, image.width(), 3)
            for y in range(0, image.height(), 3)
        )
        assert drawn > 10, wanted


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_drawing_is_as_wide_as_there_is_room_and_no_line_is_cut(page, window, qapp, scale):
    window.resize(1280, 800)
    apply_style(qapp, LIGHT, font_scale=scale)
    for muscle, side in PLACES[::2]:
        page.show_label(f"{muscle} {side}")
        for _pass in range(4):
            qapp.processEvents()
        across, down = DRAWINGS[muscle].units
        drawn = page.picture
        unit = min(drawn.width() / across, drawn.height() / down)
        assert unit > 0.8 * drawn.fontMetrics().height(), "its words are readable"
        for label in page.findChildren(QLabel):
            if label.isVisible() and label.wordWrap():
                assert label.height() >= label.heightForWidth(label.width()) - 1, label.text()
    assert window.width() == 1280
    apply_style(qapp, LIGHT, font_scale=1.0)


# the way there, and what becomes of it


@pytest.fixture
def last(request: pytest.FixtureRequest) -> SourceSettings:
    return getattr(request, "param", KNOWN)


@pytest.fixture
def connect(window, watch) -> ConnectPage:
    watch.found = [READY]
    window._show_page(window.pages.connect_page)
    return window.pages.connect_page


def muscles(connect: ConnectPage):
    return [chooser for chooser in connect.muscles._choosers if chooser.isVisible()]


def test_f2_leads_there_and_enter_names_the_sensor_that_it_was_pressed_for(connect, window, qtbot):
    assert len(muscles(connect)) == 2
    second = muscles(connect)[1]
    second.setFocus()
    assert connect.muscles.where.text() == "Where does sensor 2 &go?"
    qtbot.keyClick(second, Qt.Key.Key_F2)
    page = window.pages.currentWidget()
    assert isinstance(page, PlacementPage)
    qtbot.keyClicks(page.muscle, "jaw")
    qtbot.keyClick(page.muscle, Qt.Key.Key_Return)
    assert window.pages.currentWidget() is connect
    assert connect.muscles.labels() == ("", "masseter left")


def test_esc_leads_back_and_changes_nothing(connect, window, qtbot):
    qtbot.keyClick(connect, Qt.Key.Key_F2)
    qtbot.keyClick(window.pages.placement.muscle, Qt.Key.Key_Down)
    qtbot.keyClick(window.pages.placement, Qt.Key.Key_Escape)
    assert window.pages.currentWidget() is connect
    assert connect.muscles.labels() == ()


@pytest.mark.parametrize(
    "last", [replace(KNOWN, labels=("SCM right", "my own word"))], indirect=True
)
def test_the_page_begins_with_the_muscle_of_the_sensor_and_last_time_s_are_kept(
    connect, window, qtbot
):
    assert connect.muscles.labels() == ("SCM right", "my own word")
    muscles(connect)[0].setFocus()
    qtbot.keyClick(muscles(connect)[0], Qt.Key.Key_F2)
    assert window.pages.placement.label() == "SCM right"


def test_what_was_said_goes_with_the_choice_and_is_remembered(connect, window):
    made = []
    connect.chosen.disconnect()
    connect.chosen.connect(made.append)
    for chooser, label in zip(muscles(connect), ("trapezius left", "trapezius right"), strict=True):
        chooser.setCurrentIndex(chooser.findData(label))
    connect.connect_board()
    assert made[0].options.labels == ("trapezius left", "trapezius right")
    assert made[0].remember.labels == ("trapezius left", "trapezius right")
    window.settings = replace(window.settings, source=made[0].remember)
    window._keep_settings()
    assert load_settings().source == made[0].remember


def test_both_sides_of_the_front_of_the_neck_are_refused_at_once(connect, window, qtbot):
    made = []
    connect.chosen.connect(made.append)
    for chooser, label in zip(muscles(connect), ("SCM left", "SCM right"), strict=True):
        assert "Never on both sides" not in texts(connect)
        chooser.setCurrentIndex(chooser.findData(label))
    assert "Never on both sides of the front of the neck: take one" in texts(connect)
    qtbot.keyClick(connect, Qt.Key.Key_Return)
    assert made == []
    assert "Never on both sides of the front of the neck" in window._message.text()
    muscles(connect)[1].setCurrentIndex(0)
    assert "Never on both sides of the front of the neck: take one" not in texts(connect)


def test_there_is_a_muscle_for_each_sensor_and_where_their_number_is_not_known_one_more(
    connect, watch
):
    for n in (6, 1):
        connect.channels.setCurrentIndex(connect.channels.findData(n))
        assert len(muscles(connect)) == n
    assert connect.muscles.where.text() == "Where does it &go?"
    watch.found = [PRINTS]
    connect.look()
    assert len(muscles(connect)) == 1
    muscles(connect)[0].setCurrentIndex(3)
    assert len(muscles(connect)) == 2
    muscles(connect)[0].setCurrentIndex(0)
    assert len(muscles(connect)) == 1
