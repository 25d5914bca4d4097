"""The therapist's screen as a whole: its parts, its words, and that nothing is cut off."""

from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QAccessible, QFont, QFontMetrics
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from biofeedback.display.sitting.view_model import ViewModel
from biofeedback.display.therapist.screen import TherapistScreen
from biofeedback.display.traces.numbers_table import NumbersTable
from biofeedback.display.traces.spectrum import SpectrumView, decibels, top_db
from biofeedback.display.widgets.palette import DARK, LIGHT
from biofeedback.display.widgets.style import apply_style
from biofeedback.session import Session
from biofeedback.settings import SignalSettings
from biofeedback.sources.scenario import load_scenario, read_scenario
from biofeedback.sources.simulated import SimulatedSource

LABELS = [f"{muscle} {side}" for muscle in ("trapezius", "masseter") for side in ("left", "right")]
LABELS += ["sternocleidomastoid left", "sternocleidomastoid right", "frontalis", "splenius left"]


def session_of(n: int, *, seconds: float, threshold_uv: float | None = 5.0) -> Session:
    text = "".join(
        f'[[channels]]\nlabel = "{label}"\n[[channels.segments]]\nemg_uv = {3 + i}\n'
        for i, label in enumerate(LABELS[:n])
    )
    scenario = read_scenario(text, name="many", where="test")
    return Session(
        SimulatedSource(scenario, fast=True),
        signal=SignalSettings(),
        threshold_uv=threshold_uv,
        seconds=seconds,
    )


def play(session: Session) -> ViewModel:
    for _readings in session.run():
        pass
    return ViewModel(session)


def play_scenario(name: str, *, seconds: float, threshold_uv: float = 5.0) -> ViewModel:
    source = SimulatedSource(load_scenario(name), fast=True)
    return play(
        Session(source, signal=SignalSettings(), threshold_uv=threshold_uv, seconds=seconds)
    )


@pytest.fixture
def style(qapp):
    """Dress the program, and undress it after."""
    font, colours, sheet = QFont(qapp.font()), qapp.palette(), qapp.styleSheet()

    def dress(palette, *, font_scale: float = 1.0) -> None:
        apply_style(qapp, palette, font_scale=font_scale)

    yield dress
    qapp.setStyleSheet(sheet)
    qapp.setPalette(colours)
    qapp.setFont(font)


@pytest.fixture
def show(qapp, style):
    made = []

    def make(view_model: ViewModel, palette=DARK, size=(1280, 800)) -> TherapistScreen:
        screen = TherapistScreen(view_model, palette)
        made.append(screen)
        screen.resize(*size)
        screen.show()
        for _ in range(16):
            screen.tick()
        qapp.processEvents()
        return screen

    yield make
    for screen in made:  # now: each screen that is left takes its time when the style changes
        screen.close()
        screen.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def part(screen: TherapistScreen, kind: type) -> QWidget:
    return screen.findChild(kind)


def cells(screen: TherapistScreen, row: int) -> list[str]:
    table = part(screen, NumbersTable)
    return [table.item(row, column).text() for column in range(table.columnCount())]


def test_before_the_stream_is_there_the_screen_says_what_goes_on(show):
    model = ViewModel(session_of(2, seconds=2))
    screen = show(model)
    (label,) = (label for label in screen.findChildren(QLabel) if label.isVisible())
    assert label.text() == model.frame().hint != ""
    play(model.session)
    screen.tick()
    assert screen.sweep is not None
    assert not label.isVisible()


def test_the_table_tells_the_numbers_of_every_channel(show):
    screen = show(play(session_of(4, seconds=6)))
    label, tension, fast, median, threshold, relaxed, signal = cells(screen, 1)
    assert (label, threshold, signal) == ("trapezius right", "5", "good")
    assert float(tension) == pytest.approx(4, rel=0.2)
    assert float(fast) == pytest.approx(4, rel=0.4)
    assert 80 < float(median) < 110
    assert 0 <= float(relaxed) <= 100


def test_numbers_stand_on_the_right_under_their_units(show):
    table = part(show(play(session_of(2, seconds=5))), NumbersTable)
    heads = [table.horizontalHeaderItem(i) for i in range(table.columnCount())]
    assert [head.text().replace("\n", " ") for head in heads] == [
        "Muscle",
        "Tension µV",
        "Fast µV",
        "Median Hz",
        "Threshold µV",
        "Relaxed %",
        "Signal",
    ]
    for i in range(1, 6):
        assert table.item(0, i).textAlignment() & Qt.AlignmentFlag.AlignRight
        assert heads[i].textAlignment() & Qt.AlignmentFlag.AlignRight


def test_an_open_lead_has_no_numbers_and_a_warning_sign(show):
    screen = show(play_scenario("lead-off", seconds=16))
    _label, tension, fast, median, *_rest, signal = cells(screen, 0)
    assert (tension, fast, median, signal) == ("–", "–", "–", "electrode off")
    item = part(screen, NumbersTable).item(0, 6)
    assert not item.icon().isNull()
    assert "electrode" in item.toolTip()


def test_a_row_of_the_table_chooses_the_channel_and_the_sweep_moves_the_row(show, qtbot):
    model = play(session_of(4, seconds=5))
    screen = show(model)
    table = part(screen, NumbersTable)
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert model.channel == 1
    qtbot.keyClick(screen.sweep, Qt.Key.Key_Down)
    assert table.currentRow() == model.channel == 2


def test_a_refused_threshold_is_told_to_the_window(show, qtbot):
    screen = show(play_scenario("uno-10-bit", seconds=4, threshold_uv=12.3))
    with qtbot.waitSignal(screen.message) as told:
        qtbot.keyClick(screen.sweep, Qt.Key.Key_BracketLeft)
    assert "resolve" in told.args[0]


def test_time_band_and_notes_are_told(show):
    screen = show(play(session_of(1, seconds=65)))
    said = " ".join(label.text() for label in screen.findChildren(QLabel) if label.isVisible())
    for words in ("01:05", "20–450 Hz", "1000 Hz", "resolves"):
        assert words in said


def test_a_paused_and_an_ended_session_say_so(show):
    session = session_of(1, seconds=9)
    readings = session.run()
    next(readings)
    session.paused = True
    screen = show(ViewModel(session))
    assert "Paused" in screen._status.text()
    for _readings in readings:
        pass
    for _ in range(15):
        screen.tick()
    assert "ended" in screen._status.text()


def test_every_part_that_takes_focus_is_named_and_says_its_keys(show):
    screen = show(play(session_of(4, seconds=2)))
    screen.grab()
    parts = [
        widget
        for widget in screen.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible()
    ]
    assert {type(widget) for widget in parts} >= {type(screen.sweep), NumbersTable}
    for widget in parts:
        heard = QAccessible.queryAccessibleInterface(widget)
        assert heard.text(QAccessible.Text.Name), widget
        assert "down" in heard.text(QAccessible.Text.Description), widget


def test_tab_leads_from_the_sweep_to_the_table_and_on(show, qtbot):
    screen = show(play(session_of(4, seconds=2)))
    screen.activateWindow()
    screen.setFocus()
    assert screen.sweep.hasFocus()
    qtbot.keyClick(screen.sweep, Qt.Key.Key_Tab)
    table = part(screen, NumbersTable)
    assert table.hasFocus()
    qtbot.keyClick(table, Qt.Key.Key_Tab)
    assert not table.hasFocus()


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
def test_the_screen_is_painted_in_its_palette(show, style, palette):
    style(palette)
    image = show(play(session_of(4, seconds=5)), palette).grab().toImage()
    seen = {
        image.pixelColor(x, y).name()
        for x in range(0, image.width(), 2)
        for y in range(0, image.height(), 2)
    }
    assert {palette.card, palette.ground, palette.trace, palette.envelope} <= seen
    assert image.pixelColor(2, 2).name() == palette.ground


def test_colours_can_be_changed_while_it_runs(show, style):
    style(DARK)
    screen = show(play(session_of(2, seconds=5)), DARK)
    style(LIGHT)
    screen.set_palette(LIGHT)
    image = screen.sweep.grab().toImage()
    assert image.pixelColor(image.width() - 4, image.height() - 4).name() == LIGHT.card


@pytest.mark.parametrize("font_scale", [1.0, 2.0])
@pytest.mark.parametrize("size", [(1024, 700), (1280, 800), (1920, 1080)])
@pytest.mark.parametrize("n", [1, 4, 8])
def test_nothing_overlaps_and_no_word_is_cut(show, style, n, size, font_scale):
    style(LIGHT, font_scale=font_scale)
    screen = show(play(session_of(n, seconds=5)), LIGHT, size)
    assert (screen.width(), screen.height()) == size
    cards = [card for card in screen.findChildren(QFrame, "card") if card.isVisible()]
    assert len(cards) == 4
    page = QRect(0, 0, screen._page.width(), screen._page.height())
    assert all(page.contains(card.geometry()) for card in cards)
    assert screen._page.width() <= size[0]  # it may scroll up and down, never sideways
    for one, other in combinations(cards, 2):
        assert not one.geometry().intersects(other.geometry())
    for label in screen.findChildren(QLabel):
        if label.isVisible():
            assert label.height() >= label.heightForWidth(label.width()), label.text()
            assert label.parentWidget().rect().contains(label.geometry()), label.text()
    for widget in (screen.sweep, part(screen, SpectrumView), part(screen, NumbersTable)):
        least = widget.minimumSizeHint()
        assert widget.width() >= least.width()
        assert widget.height() >= least.height()


@pytest.mark.parametrize("font_scale", [1.0, 2.0])
def test_no_number_or_head_of_the_table_is_cut(show, style, font_scale):
    style(LIGHT, font_scale=font_scale)
    table = part(show(play(session_of(8, seconds=5)), LIGHT), NumbersTable)
    for column in range(table.columnCount()):
        head = table.horizontalHeaderItem(column)
        metrics = QFontMetrics(head.font())
        for text in head.text().split("\n"):
            assert metrics.horizontalAdvance(text) + 8 <= table.columnWidth(column)
        assert table.horizontalHeader().height() >= 2 * metrics.height()
        for row in range(table.rowCount()):
            item = table.item(row, column)
            icon = 0 if item.icon().isNull() else table.iconSize().width() + 4
            wide = QFontMetrics(item.font()).horizontalAdvance(item.text()) + icon
            assert wide + 6 <= table.columnWidth(column)


def test_the_table_is_beside_the_traces_where_there_is_room_for_it(show, style):
    style(DARK)
    model = play(session_of(8, seconds=5))
    wide, narrow = show(model, size=(1920, 1080)), show(model, size=(1024, 700))
    table, traces = part(wide, NumbersTable), wide.sweep
    assert table.mapTo(wide, table.rect().topLeft()).x() > traces.width()
    table, traces = part(narrow, NumbersTable), narrow.sweep
    assert table.mapTo(narrow, table.rect().topLeft()).y() > traces.height()


def test_resizing_and_many_ticks_do_not_crash(show):
    session = session_of(8, seconds=60)
    readings = session.run()
    next(readings)
    screen = show(ViewModel(session))
    for number in range(300):
        if number % 6 == 0:
            next(readings, None)
        if number % 50 == 0:
            screen.resize(1024 + 3 * number, 700 + number)
        screen.tick()
        screen.sweep.repaint()
    readings.close()


# the spectrum


def test_decibels_of_a_known_power_density():
    np.testing.assert_allclose(decibels(np.array([100.0, 1.0, 0.0])), [20, 0, -200])


def test_the_axis_of_the_spectrum_holds_still():
    assert top_db(np.array([12.0, -30.0]), np.inf) == 20
    assert top_db(np.array([3.0, -30.0]), 20) == 20
    assert top_db(np.array([21.0]), 20) == 30
    assert top_db(np.array([-5.0]), 20) == 0


def test_mains_are_marked_at_their_own_frequency(qtbot):
    view = SpectrumView(LIGHT, mains_hz=60.0)
    qtbot.addWidget(view)
    view.resize(556, 300)
    f = np.arange(501.0)
    view.show_power(f, np.full(501, 1e-30))
    image = view.grab().toImage()
    dashes = [
        x
        for x in range(image.width())
        if sum(image.pixelColor(x, y).name() == LIGHT.tense for y in range(60, 240)) > 50
    ]
    assert len(dashes) == 3
    assert np.diff(dashes) == pytest.approx([dashes[1] - dashes[0]] * 2, abs=1)


def test_without_four_seconds_there_is_no_spectrum_but_a_word(qtbot):
    view = SpectrumView(LIGHT, mains_hz=50.0)
    qtbot.addWidget(view)
    view.resize(500, 300)
    view.show_power(np.zeros(0), None)
    image = view.grab().toImage()
    assert LIGHT.trace not in {
        image.pixelColor(x, y).name() for x in range(0, 500, 2) for y in range(0, 300, 2)
    }
