import gc
import itertools
import sys

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage, QRegion
from PySide6.QtWidgets import QLabel, QPushButton

from biofeedback.display.feedback.patient import PatientScreen
from biofeedback.display.sitting.frame import Frame
from biofeedback.display.widgets.palette import DARK, LIGHT
from biofeedback.display.widgets.style import apply_style
from biofeedback.stream import Zone


@pytest.fixture
def shown(qtbot, dressed):
    def show(view, palette=LIGHT, size=(1280, 740)):
        screen = PatientScreen(view, palette)
        screen.setObjectName("page")
        qtbot.addWidget(screen)
        screen.resize(*size)
        screen.show()
        screen.activateWindow()  # shortcuts are for the window that is active
        qtbot.waitUntil(screen.isActiveWindow, timeout=10_000)
        screen.focus_first()
        screen.tick()
        return screen

    return show


def count(image: QImage, colour: str) -> int:
    wanted = QColor(colour).rgb()
    places = itertools.product(range(0, image.width(), 2), range(0, image.height(), 2))
    return sum(image.pixel(x, y) == wanted for x, y in places)


def test_a_relaxed_ring_is_of_the_relaxed_colour_and_a_tense_one_of_the_tense(shown, played):
    relaxed = shown(played("sim:rest", 5, 5.0)).ring.grab().toImage()
    tense = shown(played("sim:rest", 5, 1.0)).ring.grab().toImage()
    assert count(relaxed, LIGHT.relaxed) > 500
    assert count(relaxed, LIGHT.tense) == 0
    assert count(tense, LIGHT.tense) > 500
    assert count(tense, LIGHT.relaxed) == 0


def test_no_reading_fills_nothing_of_the_ring(shown, played):
    image = shown(played("sim:lead-off", 15, 5.0)).ring.grab().toImage()
    assert count(image, LIGHT.relaxed) == count(image, LIGHT.tense) == 0


def test_painting_only_what_has_changed_gives_the_same_picture(shown, played, monkeypatch):
    ring = shown(played("sim:rest", 5, 5.0)).ring
    changed: list[QRect] = []
    monkeypatch.setattr(ring, "update", lambda rect=None: changed.append(rect or ring.rect()))
    image = QImage(ring.size(), QImage.Format.Format_RGB32)
    for share in (0.5, 0.52, 0.49, 0.7, 0.31, 0.3, 0.005, 0.42):
        ring.show_frame(Frame(1, "3.0", "µV", Zone.TENSE, "Tense", "", share, (0.0, 0.25), 10.0))
        for rect in changed:
            ring.render(image, rect.topLeft(), QRegion(rect))
        changed.clear()
    whole = QImage(image)
    whole.fill(0)
    ring.render(whole)
    assert image == whole


def test_a_simulated_signal_wears_its_watermark(shown, played):
    screen = shown(played("sim:rest", 5, 5.0))
    words = [label.text() for label in screen.findChildren(QLabel) if label.isVisible()]
    assert "SIMULATED" in words
    assert screen._watermark.isVisible()


def test_keys_do_it_all_whatever_has_the_focus(shown, played, qtbot):
    view = played("sim:rest", 5, 5.0)
    screen = shown(view)
    for button in screen.findChildren(QPushButton):
        button.setFocus()
        view.session.set_threshold(0, 5.0)
        qtbot.keyClick(button, Qt.Key.Key_Up)
        assert view.session.thresholds()[0] == pytest.approx(5.25)
        qtbot.keyClick(button, Qt.Key.Key_Down)
        qtbot.keyClick(button, Qt.Key.Key_Down)
        assert view.session.thresholds()[0] < 5.0
        qtbot.keyClick(button, Qt.Key.Key_T)
        set_here = view.session.thresholds()[0]
        assert set_here < 3.5
        qtbot.keyClick(button, Qt.Key.Key_Space)
        assert view.session.paused
        assert view.frame().word == "Paused"
        qtbot.keyClick(button, Qt.Key.Key_Space)
        assert not view.session.paused
        assert view.session.thresholds()[0] == set_here


def test_enter_presses_the_button_that_has_the_focus(shown, played, qtbot):
    view = played("sim:rest", 5, 5.0)
    pause = next(b for b in shown(view).findChildren(QPushButton) if b.text() == "Pause")
    qtbot.keyClick(pause, Qt.Key.Key_Return)
    assert view.session.paused


def test_a_refused_target_is_said_and_left_as_it_was(shown, played, qtbot):
    view = played("sim:uno-10-bit", 60, 12.3)
    screen = shown(view)
    said = []
    screen.message.connect(said.append)
    qtbot.keyClick(screen, Qt.Key.Key_Down)
    assert "below what this sensor can resolve" in said[0]
    assert view.session.thresholds()[0] == pytest.approx(12.3)


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 740), (1920, 1020)])
def test_no_text_is_cut_off(shown, played, qapp, scale, palette, size):
    apply_style(qapp, palette, font_scale=scale)
    screen = shown(played("sim:lead-off", 15, 5.0), palette, size)
    qapp.processEvents()
    for label in screen.findChildren(QLabel):
        if label.isVisible() and label.text():
            needed = label.heightForWidth(label.width())
            assert label.height() >= needed - 1, label.text()
            if not label.wordWrap():
                assert label.width() >= label.sizeHint().width() - 1, label.text()
    for button in screen.findChildren(QPushButton):
        assert button.height() >= button.minimumSizeHint().height() - 1, button.text()
    assert screen.width() == size[0], "the page asks for more than the screen has"
    assert screen.height() == size[1]
    apply_style(qapp, LIGHT, font_scale=1.0)


def test_five_hundred_redraws_do_not_crash_and_steal_no_reference_to_none(shown, played, qapp):
    screen = shown(played("sim:relaxing", 30, 5.0))
    gc.collect()  # else what other tests left behind goes while we count
    before = sys.getrefcount(None)
    for redraw in range(500):
        screen._shown = None
        screen._ticks = 0 if redraw % 5 else 25
        screen.ring._redraw()
        screen.tick()
        screen.trend.repaint()
        screen.ring.repaint()
    gc.collect()
    # a binding that steals one at each void call would be thousands short, and abort in the end
    assert sys.getrefcount(None) - before > -500


def test_a_lake_is_to_be_seen_where_there_is_a_goal_and_else_the_ring(shown, played, qtbot):
    view = played("sim:rest", 5, 5.0)
    screen = shown(view)
    assert screen.ring.isVisible()
    qtbot.keyClick(screen, Qt.Key.Key_F)
    for _tick in range(30):
        screen.tick()
    assert screen.scene.isVisible()
    assert not screen.ring.isVisible()
    assert "Relaxed" in screen.scene.accessibleDescription()
    assert screen._way.text() == "View: Lake"
    without = played("sim:rest", 5)
    without.lake = True
    screen = shown(without)
    assert screen.ring.isVisible()
    assert not screen._way.isVisible()


def test_whoever_is_led_sees_the_lake_and_has_nothing_to_press(qtbot, dressed, played):
    view = played("sim:rest", 5, 5.0)
    view.lake = view.led = True
    screen = PatientScreen(view, LIGHT, led=True)
    qtbot.addWidget(screen)
    screen.show()
    screen.tick()
    assert screen.scene.isVisible()
    assert not [b for b in screen.findChildren(QPushButton) if b.isVisible()]


def test_in_a_small_ring_the_word_has_a_line_of_its_own_below(shown, played, qapp):
    apply_style(qapp, LIGHT, font_scale=2.0)
    ring = shown(played("sim:rest", 5, 1.0)).ring
    ring.setParent(None)
    ring.resize(300, 220)
    image = ring.grab().toImage()
    under = range(image.height() - 40, image.height())
    rows = [y for y in under if any(_is(image, x, y, LIGHT.tense) for x in range(90, 210))]
    assert len(rows) >= 0.5 * ring.fontMetrics().ascent()
    ring.deleteLater()
    apply_style(qapp, LIGHT, font_scale=1.0)


def _is(image: QImage, x: int, y: int, colour: str) -> bool:
    return image.pixel(x, y) == QColor(colour).rgb()
