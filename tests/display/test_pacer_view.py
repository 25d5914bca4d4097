"""The pacer on the screens: beside the ring, by keys, with room for its words."""

import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from room_for_words import Lengthened, cut_off
from stepped import BASELINE, HEAD, TRIALS, Gate, Way, write_protocol

from biofeedback import text
from biofeedback.display.app import MainWindow
from biofeedback.display.feedback.pacer import Column, PacerView
from biofeedback.display.sitting.choice import Choice
from biofeedback.display.sitting.pacer_model import PacerFrame
from biofeedback.display.training.screen import TrainingScreen
from biofeedback.display.widgets.palette import DARK, LIGHT, STRONG_DARK, STRONG_LIGHT, Palette
from biofeedback.display.widgets.style import apply_style
from biofeedback.sources import SourceOptions
from biofeedback.training.pacer import Pacer, Pacing

PACED = TRIALS.replace("kind =", "pacer = { from_per_min = 8 }\nkind =", 1)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    made = Gate()
    monkeypatch.setattr("biofeedback.display.sitting.sitting.open_source", made.open)
    return made


@pytest.fixture
def way(window: MainWindow, gate: Gate, tmp_path: Path, monkeypatch, qtbot) -> Way:
    monkeypatch.setenv("BIOFEEDBACK_PROTOCOLS", str(tmp_path / "protocols"))
    write_protocol(tmp_path / "protocols", HEAD + BASELINE + PACED)
    return Way(window, gate, qtbot)


def train(way: Way) -> TrainingScreen:
    way.window.choose(Choice("sim:relaxing", SourceOptions(), protocol="short"))
    way.until("baseline")
    screen = way.window.pages.currentWidget()
    assert isinstance(screen, TrainingScreen)
    return screen


def pacer_of(way: Way) -> PacerView:
    return way.window.pages.currentWidget().pacer


def notes(way: Way) -> list[str]:
    return [annotation.text for annotation in way.window.session.annotations]


def test_in_a_phase_that_has_one_it_stands_beside_the_ring_and_says_when_to_stop(way):
    screen = train(way)
    assert not screen.pacer.isVisible()
    way.until("trial")
    way.go(1)
    assert screen.pacer.column.isVisible()
    assert screen.feedback.isVisible()
    beside = screen.feedback.mapTo(screen, screen.feedback.rect().topLeft()).x()
    assert screen.pacer.mapTo(screen, screen.pacer.rect().topRight()).x() < beside
    assert screen.pacer._note.text() == "Stop if you feel dizzy."
    assert screen.pacer._stop.isVisible()
    way.until("rest")
    assert not screen.pacer.isVisible()


def test_b_begins_it_in_any_trial_and_ends_it_again(way):
    screen = train(way)
    way.until("rest")
    way.until("trial")
    assert not screen.pacer.isVisible()
    way.key(Qt.Key.Key_B)
    way.go(0.5)
    assert screen.pacer.column.isVisible()
    way.key(Qt.Key.Key_B)
    way.go(0.5)
    assert not screen.pacer.isVisible()
    assert "The pacer is off: breathe as you like." in notes(way)


def test_d_stops_it_at_once_with_advice_and_a_note(way):
    screen = train(way)
    way.until("trial")
    way.go(1)
    way.key(Qt.Key.Key_D)
    assert not screen.pacer.column.isVisible()  # before a sample more has come
    assert "Breathe as you like, and sit until it has passed." in screen.pacer._note.text()
    way.go(0.5)
    assert notes(way)[-1].startswith("Dizzy: the pacer has stopped.")


def test_without_a_training_it_is_there_by_a_key_or_the_button(way):
    way.window.begin(Choice("sim:rest", SourceOptions()))
    way.go(2)
    pacer = pacer_of(way)
    assert not pacer.isVisible()
    way.key(Qt.Key.Key_B)
    way.go(1)
    assert pacer.column.isVisible()
    assert notes(way) == ["Pacer on"]
    pacer._stop.click()
    assert not pacer.column.isVisible()
    pacer.switch_button.click()
    way.go(0.2)
    assert pacer.column.isVisible()


def test_it_goes_on_when_the_screen_is_built_anew(way):
    way.window.begin(Choice("sim:rest", SourceOptions()))
    way.go(2)
    way.key(Qt.Key.Key_B)
    way.key(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)  # other colours
    way.go(1)
    assert pacer_of(way).column.isVisible()
    way.key(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)


def test_it_names_itself_and_its_buttons_to_a_screen_reader(way):
    train(way)
    way.until("trial")
    way.go(1)
    pacer = pacer_of(way)
    for part in (pacer.column, pacer._stop, pacer.switch_button):
        told = QAccessible.queryAccessibleInterface(part)
        assert told.text(QAccessible.Text.Name)
        assert told.text(QAccessible.Text.Description)


class Led:
    """Stands in for a model: a breath at six a minute that is as far as a test says."""

    def __init__(self) -> None:
        self.pacer, self.now_s, self.did = Pacer(Pacing(), from_per_min=6.0, begun_s=0.0), 0.0, []

    def frame(self) -> PacerFrame:
        breath = self.pacer.at(self.now_s)
        word = text._("Breathe in") if breath.inhaling else text._("Breathe out")
        return PacerFrame(breath.full, word, "4", text._("Stop if you feel dizzy."))

    def switch(self) -> str:
        self.did.append("switch")
        return ""

    def stop_dizzy(self) -> str:
        self.did.append("dizzy")
        return ""

    breathe_in = switch


@pytest.fixture
def beside(qtbot, dressed: QApplication):
    """Return a maker of a screen with a pacer in it."""

    def make(palette: Palette = LIGHT, *, scale: float = 1.0, led: bool = False):
        apply_style(dressed, palette, font_scale=scale)
        screen, model = QWidget(), Led()
        screen.setObjectName("page")
        view = PacerView(screen, model, palette, led=led)  # type: ignore[arg-type]
        rows = QVBoxLayout(screen)
        rows.addLayout(view.beside(QWidget()), 1)
        rows.addWidget(view.switch_button)
        screen.resize(1024, 640)
        qtbot.addWidget(screen)
        screen.show()
        screen.activateWindow()
        qtbot.waitUntil(screen.isActiveWindow, timeout=10_000)
        view.tick()
        return screen, view, model

    yield make
    apply_style(dressed, LIGHT, font_scale=1.0)


def filled(view: PacerView, palette: Palette) -> int:
    """Return how many pixels of the column's middle line are filled."""
    image = view.column.grab().toImage()
    x, colour = image.width() // 2, palette.trace
    return sum(image.pixelColor(x, y).name() == colour for y in range(image.height()))


@pytest.mark.parametrize("palette", [DARK, LIGHT, STRONG_DARK, STRONG_LIGHT])
def test_the_column_grows_with_the_breath_in_and_shrinks_with_the_breath_out(beside, palette):
    _screen, view, model = beside(palette)
    heights = []
    for model.now_s in (0.5, 2.0, 4.0, 7.0, 9.5):
        view.tick()
        heights.append(filled(view, palette))
    rising, falling = heights[:3], heights[2:]
    assert rising == sorted(rising)
    assert falling == sorted(falling, reverse=True)
    assert heights[1] == pytest.approx(heights[2] / 2, abs=3)


@pytest.mark.parametrize("words", ["as they are", "longer by two fifths"])
@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_its_words_have_room(beside, monkeypatch, words, scale):
    if words != "as they are":
        monkeypatch.setattr(text, "_catalogue", Lengthened())
    screen, view, _model = beside(scale=scale)
    view.tick()
    QApplication.processEvents()
    assert cut_off(screen, view) == []
    assert view.width() <= max(0.25 * screen.width(), view.minimumSizeHint().width())
    assert view.column.height() >= view.column.minimumSizeHint().height()


def test_where_somebody_else_leads_only_dizziness_is_for_the_person(beside, qtbot):
    screen, view, model = beside(led=True)
    for key in (Qt.Key.Key_B, Qt.Key.Key_I):
        qtbot.keyClick(screen, key)
    assert model.did == []
    assert not view.switch_button.isVisible()
    qtbot.keyClick(screen, Qt.Key.Key_D)
    view._stop.click()
    assert model.did == ["dizzy", "dizzy"]


def test_a_frame_costs_less_than_a_millisecond(beside):
    _screen, view, model = beside()
    costs = []
    for frame in range(200):
        model.now_s = frame / 30
        begin = time.process_time()
        view.tick()
        QApplication.processEvents()
        costs.append(time.process_time() - begin)
    assert sorted(costs)[100] < 0.001


def test_what_has_not_moved_is_not_painted_again(qtbot, dressed, monkeypatch):
    column = Column(LIGHT)
    column.resize(190, 400)
    qtbot.addWidget(column)
    column.show()
    frame = PacerFrame(0.5, "Breathe in", "2", "")
    column.show_frame(frame)
    QApplication.processEvents()
    asked: list[object] = []
    monkeypatch.setattr(column, "update", lambda *where: asked.append(where))
    column.show_frame(PacerFrame(0.5004, "Breathe in", "2", ""))
    assert asked == []
    column.show_frame(PacerFrame(0.51, "Breathe in", "2", ""))
    assert len(asked) == 1
    assert asked[0] != ()  # the column alone, not the words
