"""The sweep: what it paints, and what keys and mouse do to thresholds."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QColor, QFont, QImage
from PySide6.QtWidgets import QApplication

from biofeedback.display.sitting.view_model import ViewModel
from biofeedback.display.traces.columns import Columns, Ink, paint
from biofeedback.display.traces.overlay import fit_label, lay_out, short_number
from biofeedback.display.traces.sweep import SweepView
from biofeedback.display.widgets.palette import DARK, LIGHT
from biofeedback.session import Session
from biofeedback.settings import SignalSettings
from biofeedback.sources.scenario import load_scenario, read_scenario
from biofeedback.sources.simulated import SimulatedSource
from biofeedback.stream import Samples

SIZE = (900, 500)


def play(scenario: str, *, seconds: float, threshold_uv: float | None = 5.0) -> ViewModel:
    source = SimulatedSource(load_scenario(scenario), fast=True)
    session = Session(source, signal=SignalSettings(), threshold_uv=threshold_uv, seconds=seconds)
    for _readings in session.run():
        pass
    return ViewModel(session)


def play_channels(n: int, *, seconds: float) -> ViewModel:
    text = "".join(
        f'[[channels]]\nlabel = "muscle {i}"\n[[channels.segments]]\nemg_uv = {2 + i}\n'
        for i in range(n)
    )
    scenario = read_scenario(text, name="many", where="test")
    session = Session(
        SimulatedSource(scenario, fast=True),
        signal=SignalSettings(),
        threshold_uv=5.0,
        seconds=seconds,
    )
    for _readings in session.run():
        pass
    return ViewModel(session)


@pytest.fixture
def show(qtbot):
    def make(view_model: ViewModel, palette=DARK) -> SweepView:
        sweep = SweepView(view_model, palette)
        qtbot.addWidget(sweep)
        sweep.resize(*SIZE)
        sweep.show()
        sweep.tick()
        return sweep

    return make


def picture(sweep: SweepView) -> QImage:
    return sweep.grab().toImage()


def colours_in(image: QImage, left: int, top: int, right: int, bottom: int) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(left, right) for y in range(top, bottom)}


def pixel_column(sweep: SweepView, sample: int) -> int:
    """Return where a sample of the stream stands, in pixels of the widget."""
    columns = sweep.image.columns
    column = sample * columns.n_columns // columns.n_samples % columns.n_columns
    return int(sweep.frame.plot.left()) + column


def overwrite(view_model: ViewModel, *, sample: int, value: float) -> None:
    """Put one sample into what the session keeps."""
    view_model.session.filtered._rows[sample] = value


# arithmetic


def test_every_sample_is_in_one_column_and_columns_are_anchored_on_the_sample_index():
    columns = Columns(1, 700, sfreq=1000.0)
    edges = [columns.edge(a) for a in range(1401)]
    assert edges[0] == 0
    assert edges[700] == 10_000
    assert [e + 10_000 for e in edges[:701]] == edges[700:]
    assert set(np.diff(edges)) == {14, 15}


@pytest.mark.parametrize("sfreq", [200.0, 999.6, 1000.0, 2048.0])
def test_columns_are_the_same_however_the_stream_is_cut(sfreq):
    rng = np.random.default_rng(4)
    signal = rng.standard_normal((round(23 * sfreq), 2))
    tension = np.abs(signal)
    tension[1000:1100] = np.nan

    def read(start: int, stop: int) -> tuple[Samples, Samples]:
        before = np.full((max(0, -start), 2), np.nan)
        at = slice(max(0, start), stop)
        return np.vstack((before, signal[at])), np.vstack((before, tension[at]))

    whole, cut = (Columns(2, 640, sfreq=sfreq) for _ in range(2))
    whole.take(read, len(signal))
    for stop in [*range(7, len(signal), 333), len(signal)]:
        cut.take(read, stop)
    for name in ("low", "high", "line_low", "line_high", "unknown"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(cut, name))
    assert whole.high.max() >= signal[-round(9 * sfreq) :].max()


def test_a_column_without_samples_stays_empty_whatever_came_before():
    signal = np.ones((2000, 1))
    signal[500:900] = np.nan
    columns = Columns(1, 1000, sfreq=1000.0)
    columns.take(lambda start, stop: (_from(signal, start, stop),) * 2, 2000)
    assert np.isnan(columns.low[0, 50:90]).all()
    assert columns.unknown[0, 50:90].all()
    assert not columns.unknown[0, 200:].any()


def _from(signal: Samples, start: int, stop: int) -> Samples:
    return np.vstack((np.full((max(0, -start), 1), np.nan), signal[max(0, start) : stop]))


def test_the_scale_that_is_needed_leaves_out_a_click_and_what_is_not_valid():
    columns = Columns(1, 1000, sfreq=1000.0)
    columns.high[:], columns.low[:] = 20.0, -30.0
    columns.high[0, 5] = 4000.0
    columns.low[0, 500:], columns.unknown[0, 500:] = -900.0, True
    assert columns.needed() == [30.0]


def test_what_lies_beyond_the_scale_is_marked_at_the_edge():
    columns = Columns(1, 4, sfreq=1.0, seconds=4)
    columns.low[:], columns.high[:] = [[-1, -1, -9, np.nan]], [[1, 9, 1, np.nan]]
    ink = Ink(
        ground=np.zeros((21, 4), dtype=np.uint32),
        hatched=np.zeros((21, 4), dtype=np.bool_),
        hatch=1,
        trace=2,
        doubtful=3,
        line=4,
        clipped=5,
    )
    drawn = paint(columns, slice(0, 4), scales=np.array([2.0]), ink=ink, thickness=2)[0]
    assert 5 not in drawn[:, 0]
    assert list(drawn[:4, 1]) == [5] * 4
    assert list(drawn[-5:-1, 2]) == [5] * 4
    assert not drawn[:, 3].any()


@pytest.mark.parametrize(
    ("value", "text"), [(0.05, "0.05"), (5.0, "5.0"), (99.4, "99.4"), (99.6, "100"), (2512, "2512")]
)
def test_a_threshold_is_written_in_four_signs(value, text):
    assert short_number(value) == text


# what is painted


def test_a_spike_of_one_sample_is_painted(show):
    model = play("rest", seconds=8)
    before = picture(show(model))
    overwrite(model, sample=5003, value=-9.0)
    sweep = show(model)
    after = picture(sweep)
    x, strip = pixel_column(sweep, 5003), sweep.frame.strip(0)
    y = int(sweep.frame.y_of(0, -8.8 / sweep.scales[0]))
    trace = QColor(DARK.trace).name()
    assert strip.contains(x, y)
    assert before.pixelColor(x, y).name() != trace
    assert after.pixelColor(x, y).name() == trace
    assert after.pixelColor(x + 1, y).name() != trace


def test_a_gap_is_hatched_and_not_drawn_as_zero(show):
    model = play("rest", seconds=8)
    lost = slice(5000, 6000)
    model.session.filtered._rows[lost] = model.session.slow._rows[lost] = np.nan
    sweep = show(model)
    left, right = pixel_column(sweep, 5000) + 1, pixel_column(sweep, 6000)
    top, bottom = int(sweep.frame.plot.top()) + 10, int(sweep.frame.plot.bottom()) - 10
    pixels = sweep.image.pixels[0, :, left - int(sweep.frame.plot.left()) :][:, : right - left - 1]
    rgb = 0xFFFFFF
    seen = {f"#{value & rgb:06x}" for value in np.unique(pixels).tolist()}
    assert DARK.trace not in seen
    assert DARK.envelope not in seen
    assert DARK.line in seen
    hatch = QColor(DARK.line).name()
    image = picture(sweep)
    assert hatch in colours_in(image, left, top, right, bottom)
    known = pixel_column(sweep, 3000)
    assert hatch not in colours_in(image, known + 2, top, known + 3, top + 40)


def test_nothing_is_drawn_before_the_stream_began(show):
    sweep = show(play("rest", seconds=3))
    later = sweep.image.pixels[0, 3:-3, sweep.image.columns.n_columns // 2 :]
    trace = 0xFF000000 | int(DARK.trace[1:], 16)
    assert not (later == trace).any()


def test_the_newest_column_is_followed_by_a_blank_bar(show):
    sweep = show(play("bursts", seconds=14))
    at = sweep.image.columns.next % sweep.image.columns.n_columns
    bar = sweep.image.pixels[:, :, at : at + 5]
    trace = 0xFF000000 | int(DARK.trace[1:], 16)
    assert not (bar == trace).any()
    assert (sweep.image.pixels[:, :, at - 5 : at] == trace).any()


def test_an_open_lead_is_told_in_words_over_its_sweep(show):
    sweep = show(play("lead-off", seconds=16))
    (warning,) = sweep._view_model.warnings()
    assert warning[0]
    assert "electrode" in warning[1]
    assert DARK.warning in colours_in(picture(sweep), 100, 5, 800, 120)


def test_a_simulated_signal_says_so_in_both_palettes(show):
    model = play("rest", seconds=1)
    for palette in (DARK, LIGHT):
        marked = picture(show(model, palette))
        plain_info = dataclasses.replace(model.session.info, simulated=False)
        plain_model = play("rest", seconds=1)
        plain_model.session.source.info = plain_info
        plain = picture(show(plain_model, palette))
        differ = sum(
            marked.pixel(x, y) != plain.pixel(x, y)
            for x in range(0, SIZE[0], 3)
            for y in range(0, SIZE[1], 3)
        )
        assert differ > 1000


@pytest.mark.parametrize("n", [1, 8])
def test_every_channel_has_a_strip(show, n):
    sweep = show(play_channels(n, seconds=3))
    trace = 0xFF000000 | int(DARK.trace[1:], 16)
    assert len(sweep.image.pixels) == n
    assert all((strip == trace).any() for strip in sweep.image.pixels)


def test_five_hundred_ticks_and_repaints_do_not_crash(show):
    source = SimulatedSource(load_scenario("bursts"), fast=True)
    session = Session(source, signal=SignalSettings(), threshold_uv=5.0, seconds=100)
    readings = session.run()
    next(readings)
    sweep = show(ViewModel(session))
    for number in range(500):
        if number % 5 == 0:
            next(readings, None)
        sweep.tick()
        sweep.repaint()
    assert sweep.image.columns.next > 9 * sweep.image.columns.n_columns
    readings.close()


def test_columns_drawn_as_they_come_look_as_if_drawn_at_once(show, qtbot):
    source = SimulatedSource(load_scenario("bursts"), fast=True)
    session = Session(source, signal=SignalSettings(), threshold_uv=5.0, seconds=14)
    readings = session.run()
    next(readings)
    sweep = show(ViewModel(session))
    qtbot.keyClick(sweep, Qt.Key.Key_Minus)  # a scale by hand stays
    for _readings in readings:
        sweep.tick()
    bit_by_bit = sweep.image.pixels.copy()
    sweep._made_for = None
    sweep._lay_out()
    np.testing.assert_array_equal(bit_by_bit, sweep.image.pixels)


# keys


def test_up_and_down_choose_the_channel_of_the_patient(show, qtbot):
    model = play_channels(4, seconds=2)
    sweep = show(model)
    with qtbot.waitSignal(sweep.chosen):
        qtbot.keyClick(sweep, Qt.Key.Key_Down)
    assert model.channel == 1
    qtbot.keyClick(sweep, Qt.Key.Key_Up)
    qtbot.keyClick(sweep, Qt.Key.Key_Up)
    assert model.channel == 3


def test_the_chosen_channel_is_marked_by_a_shape(show, qtbot):
    sweep = show(play_channels(4, seconds=2))
    x, y = 5, int(sweep.frame.strip(0).center().y())
    assert picture(sweep).pixelColor(x, y).name() == DARK.text
    qtbot.keyClick(sweep, Qt.Key.Key_Down)
    assert picture(sweep).pixelColor(x, y).name() != DARK.text


@pytest.mark.parametrize(
    ("key", "factor"),
    [
        (Qt.Key.Key_Right, 1.05),
        (Qt.Key.Key_BracketRight, 1.05),
        (Qt.Key.Key_Left, 1 / 1.05),
        (Qt.Key.Key_BracketLeft, 1 / 1.05),
    ],
)
def test_keys_move_the_threshold_of_the_chosen_channel(show, qtbot, key, factor):
    model = play_channels(2, seconds=2)
    sweep = show(model)
    qtbot.keyClick(sweep, key)
    assert model.session.thresholds() == pytest.approx([5 * factor, 5], rel=1e-3)


def test_t_sets_the_threshold_from_the_present_tension(show, qtbot):
    model = play("rest", seconds=4, threshold_uv=None)
    sweep = show(model)
    qtbot.keyClick(sweep, Qt.Key.Key_T)
    (threshold,) = model.session.thresholds()
    assert threshold == pytest.approx(1.25 * model.session.now.slow[0], rel=0.01)


def test_a_refused_threshold_stays_and_the_reason_is_told(show, qtbot):
    model = play("uno-10-bit", seconds=4, threshold_uv=12.3)
    sweep = show(model)
    with qtbot.waitSignal(sweep.message) as told:
        qtbot.keyClick(sweep, Qt.Key.Key_Left)
    assert "resolve" in told.args[0]
    assert model.session.thresholds() == [12.3]


def test_plus_minus_and_zero_change_the_scale_of_the_chosen_channel(show, qtbot):
    sweep = show(play_channels(2, seconds=2))
    before = sweep.scales.copy()
    qtbot.keyClick(sweep, Qt.Key.Key_Minus)
    assert sweep.scales[0] > before[0]
    assert sweep.scales[1] == before[1]
    larger = sweep.scales[0]
    for _ in range(60):
        sweep.tick()
    assert sweep.scales[0] == larger  # by hand: it stays
    qtbot.keyClick(sweep, Qt.Key.Key_Plus)
    qtbot.keyClick(sweep, Qt.Key.Key_Plus)
    assert sweep.scales[0] < before[0]
    qtbot.keyClick(sweep, Qt.Key.Key_0)
    assert sweep.scales[0] == before[0]


def test_scales_are_round_numbers(show, qtbot):
    sweep = show(play("rest", seconds=2))
    seen = []
    for _ in range(5):
        qtbot.keyClick(sweep, Qt.Key.Key_Minus)
        seen.append(sweep.scales[0])
    assert seen == [20.0, 50.0, 100.0, 200.0, 500.0]
    for _ in range(5):
        qtbot.keyClick(sweep, Qt.Key.Key_Plus)
        seen.append(sweep.scales[0])
    assert seen[5:] == [200.0, 100.0, 50.0, 20.0, 10.0]


# mouse


def at_share(sweep: SweepView, channel: int, share: float) -> QPoint:
    plot = sweep.frame.plot
    return QPoint(int(plot.center().x()), round(sweep.frame.y_of(channel, share)))


def test_a_threshold_is_dragged(show, qtbot):
    model = play_channels(2, seconds=2)
    sweep = show(model)
    scale = sweep.scales[1]
    qtbot.mousePress(sweep, Qt.MouseButton.LeftButton, pos=at_share(sweep, 1, 5.0 / scale))
    qtbot.mouseMove(sweep, at_share(sweep, 1, 0.8))
    qtbot.mouseRelease(sweep, Qt.MouseButton.LeftButton, pos=at_share(sweep, 1, 0.8))
    first, second = model.session.thresholds()
    assert first == 5.0
    assert second == pytest.approx(0.8 * scale, abs=0.02 * scale)
    assert model.channel == 1


def test_a_drag_below_the_floor_leaves_the_threshold_and_says_why_once(show, qtbot):
    model = play("uno-10-bit", seconds=4, threshold_uv=40.0)
    sweep = show(model)
    told: list[str] = []
    sweep.message.connect(told.append)
    share = 40.0 / sweep.scales[0]
    qtbot.mousePress(sweep, Qt.MouseButton.LeftButton, pos=at_share(sweep, 0, share))
    for lower in (0.02, 0.01, 0.005):
        qtbot.mouseMove(sweep, at_share(sweep, 0, lower))
    qtbot.mouseRelease(sweep, Qt.MouseButton.LeftButton)
    assert model.session.thresholds() == [40.0]
    assert len(told) == 1
    assert "resolve" in told[0]


def test_a_double_click_puts_the_threshold_there(show, qtbot):
    model = play("rest", seconds=2, threshold_uv=None)
    sweep = show(model)
    qtbot.mouseDClick(sweep, Qt.MouseButton.LeftButton, pos=at_share(sweep, 0, 0.5))
    (threshold,) = model.session.thresholds()
    assert threshold == pytest.approx(0.5 * sweep.scales[0], rel=0.02)


# words


def test_a_screen_reader_hears_what_is_chosen_and_the_keys(show, qtbot):
    sweep = show(play_channels(2, seconds=2))
    picture(sweep)
    heard = QAccessible.queryAccessibleInterface(sweep)
    assert "muscle 0" in heard.text(QAccessible.Text.Name)
    assert "threshold 5" in heard.text(QAccessible.Text.Name)
    assert "Left and right" in heard.text(QAccessible.Text.Description)
    qtbot.keyClick(sweep, Qt.Key.Key_Down)
    picture(sweep)
    assert "muscle 1" in heard.text(QAccessible.Text.Name)


def test_focus_can_be_seen(show):
    sweep = show(play("rest", seconds=2))
    sweep.activateWindow()
    sweep.setFocus()
    QApplication.processEvents()
    assert sweep.hasFocus()
    assert picture(sweep).pixelColor(SIZE[0] // 2, SIZE[1] - 2).name() == DARK.focus


def test_labels_keep_their_side_where_they_must_be_cut(qapp):
    font = QFont(qapp.font())
    font.setPointSizeF(24)
    frame = lay_out(640, 300, ["sternocleidomastoid right"] * 8, {"µV"}, font)
    room = frame.strip(0).toRect()
    room.setWidth(frame.label)
    _font, text = fit_label("sternocleidomastoid right", room, font)
    assert text.endswith("right")
    assert fit_label("right", room, font)[1] == "right"
