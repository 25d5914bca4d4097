import math

import numpy as np
import pytest

from biofeedback.display.sitting.view_model import ViewModel, round_up
from biofeedback.errors import SourceLost
from biofeedback.session import Session, State
from biofeedback.settings import SignalSettings
from biofeedback.sources import SourceOptions, open_source
from biofeedback.stream import Zone


def make_newest(session: Session, index: int) -> None:
    """Let the newest sample be that with `index`."""
    tension, zones = session._latest
    session._latest = tension._replace(start=index + 1 - len(tension.slow)), zones


def test_a_relaxed_muscle_is_said_and_shown_below_its_target(played):
    view = played("sim:rest", 5, 5.0)
    frame = view.frame()
    assert frame.word == "Relaxed"
    assert frame.zone == Zone.RELAXED
    assert float(frame.number) == pytest.approx(2.0, abs=0.4)
    assert frame.unit == "µV RMS · 20–450 Hz"
    assert frame.share < frame.goal[1] == 0.5
    assert view.relaxed() == "100 % of the time relaxed"


def test_a_lead_that_is_off_has_no_number_no_share_and_says_what_to_do(played):
    frame = played("sim:lead-off", 15, 5.0).frame()
    assert frame.word == "No reading"
    assert frame.number == "–"
    assert math.isnan(frame.share)
    assert "The electrode has come off" in frame.hint
    assert "Press the electrode on again" in frame.hint


def test_below_the_floor_no_number_is_claimed(played):
    frame = played("sim:uno-10-bit", 60, 15.0).frame()
    assert frame.number == "< 12"
    assert frame.word == "Relaxed"


def test_without_a_target_the_way_to_one_is_told(played):
    view = played("sim:rest", 5)
    assert view.frame().word == ""
    assert "press T" in view.frame().hint
    assert view.threshold_here(0) == ""
    assert float(view.session.thresholds()[0]) == pytest.approx(2.5, abs=0.5)


def test_a_target_moves_by_five_percent_and_not_below_the_floor(played):
    view = played("sim:uno-10-bit", 60, 12.5)
    assert view.step_threshold(0, 1) == ""
    assert view.session.thresholds()[0] == pytest.approx(13.1)
    reason = ""
    for _press in range(5):
        reason = reason or view.step_threshold(0, -1)
    assert "below what this sensor can resolve" in reason
    assert view.session.thresholds()[0] > 12.2


def test_the_scale_is_a_round_number_that_holds_still(played):
    view = played("sim:relaxing", 90, 5.0)
    scales = {view.frame().full_scale for _look in range(20)}
    assert scales == {15.0}


def test_a_target_that_moves_a_step_does_not_leap_around_the_ring(played):
    view = played("sim:rest", 5, 2.0)
    shares = []
    for _press in range(60):
        assert view.step_threshold(0, 1) == ""
        shares.append(view.frame().goal[1])
    assert min(shares) > 0.3


@pytest.mark.parametrize(("value", "rounded"), [(0, 1), (0.3, 0.5), (1, 1), (4.2, 5), (11, 20)])
def test_scales_are_one_two_five(value: float, rounded: float):
    assert round_up(value) == pytest.approx(rounded)


def test_while_it_opens_it_says_what_it_is_doing_and_while_it_is_paused_that_it_is():
    session = Session(open_source("sim:rest"), signal=SignalSettings())
    view = ViewModel(session)
    assert view.frame().hint == "Starting …"
    assert view.frame().number == "–"
    session.source.status = "measuring rate"
    assert view.frame().hint == "Measuring rate …"


def test_a_source_that_was_lost_is_said_in_its_own_words(played):
    view = played("sim:rest", 5, 5.0)
    view.session.error, view.session.state = SourceLost("Unplugged: plug it in."), State.FAILED
    assert view.frame().hint == "Unplugged: plug it in."


def test_after_the_end_there_is_no_reading_any_more(played):
    view = played("sim:rest", 5, 5.0)
    view.session.state = State.ENDED
    frame = view.frame()
    assert frame.word != "Relaxed"
    assert frame.number == "–"
    assert "ended" in frame.hint


def test_a_reading_that_nothing_has_followed_for_a_while_is_no_reading_any_more(played):
    now = [0.0]
    view = ViewModel(played("sim:rest", 5, 5.0).session, clock=lambda: now[0])
    assert view.frame().word == "Relaxed"
    now[0] = 0.4
    assert view.frame().word == "Relaxed"
    now[0] = 0.6
    frame = view.frame()
    assert (frame.word, frame.number, frame.zone) == ("No reading", "–", Zone.UNKNOWN)
    assert math.isnan(frame.share)
    assert "Samples were lost" in frame.hint
    assert view.rows(None)[0].tension == "–"
    assert view.warnings()[0][0]
    make_newest(view.session, 6000)
    assert view.frame().word == "Relaxed", "as soon as something comes again"


def test_the_trend_of_a_gap_is_unknown(played):
    trend = played("sim:lead-off", 20, 5.0).trend()
    assert len(trend) == 240
    assert np.isnan(trend[-10:]).all()
    assert np.isfinite(trend[-35:-25]).all()


def test_the_numbers_of_the_table_are_ready_to_print(played):
    view = played("sim:bursts", 6, 10.0)
    row = view.rows(view.spectrum())[0]
    assert row.label == "forearm right"
    assert float(row.tension) > 30
    assert 80 < float(row.median_hz) < 120
    assert row.quality == "good"


def test_a_source_at_real_speed_is_shown_too():
    session = Session(
        open_source("sim:rest", SourceOptions(fast=True)), signal=SignalSettings(), seconds=2
    )
    for _readings in session.run():
        pass
    assert ViewModel(session).elapsed() == "00:02"


@pytest.fixture
def board_away(played):
    """A view of a board that is away since 5 s, and the clock on which it is."""
    clock = [100.0]
    view = ViewModel(played("sim:rest", 5, 5.0).session, clock=lambda: clock[0])
    assert view.elapsed() == "00:05"
    view.session.source.status = "it broke off"
    return view, clock


def test_while_a_board_is_away_time_goes_on_without_readings(board_away):
    view, clock = board_away
    before = view.trend()
    assert np.isfinite(before[-5:]).all()
    clock[0] = 130.0
    assert view.elapsed() == "00:35"
    trend = view.trend()
    assert len(trend) == 240
    assert np.isnan(trend[-60:]).all()
    assert np.array_equal(trend[-70:-60], before[-10:], equal_nan=True)
    clock[0] = 300.0
    assert np.isnan(view.trend()).all()
    assert view.frame().word == "No reading"


def test_when_it_is_back_nothing_jumps(board_away):
    view, clock = board_away
    session = view.session
    clock[0] = 130.0
    away = view.trend()
    session.trend.write(350, np.full((1, 1), 2.0))  # the gap has the length that it had
    make_newest(session, 35_000)
    session.source.status = ""
    assert view.elapsed() == "00:35"
    assert np.array_equal(view.trend()[-100:-1], away[-100:-1], equal_nan=True)
    assert view.away_s() == 0.0


def test_time_does_not_go_back_when_the_session_ends_while_the_board_is_away(board_away):
    view, clock = board_away
    clock[0] = 130.0
    assert view.elapsed() == "00:35"
    view.session.state = State.ENDED
    clock[0] = 140.0
    assert view.elapsed() == "00:35"


def test_samples_that_come_in_bursts_do_not_make_time_run_ahead(played):
    clock = [0.0]
    view = ViewModel(played("sim:rest", 5, 5.0).session, clock=lambda: clock[0])
    assert view.elapsed() == "00:05"
    clock[0] = 0.4
    assert view.away_s() == 0.0
    clock[0] = 1.2
    assert view.away_s() == pytest.approx(1.2), "it has stopped without a word"
    assert view.elapsed() == "00:06"
