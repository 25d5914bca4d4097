import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biofeedback.boards import SENSORS, find_board, make_channel
from biofeedback.errors import SettingsError
from biofeedback.stream import Channel, Zone
from biofeedback.training.threshold import ZoneTracker, check_threshold

UNO = make_channel("EMG", SENSORS["myoware-2-raw"], find_board("uno"))
U, R, T = Zone.UNKNOWN, Zone.RELAXED, Zone.TENSE


def tracker(threshold: float = 10.0) -> ZoneTracker:
    made = ZoneTracker(1, hysteresis=0.1)
    made.thresholds[0] = threshold
    return made


def zones(values: list[float], made: ZoneTracker | None = None) -> list[int]:
    return (made or tracker())(np.array(values, dtype=float)[:, None])[:, 0].tolist()


def test_above_is_tense_and_relaxed_comes_only_once_below_the_slack():
    assert zones([12, 9.5, 8.9, 9.5, 10.0, 10.1, 9.5]) == [T, T, R, R, R, T, T]


def test_the_unknown_is_unknown_and_never_relaxed():
    assert zones([np.nan, np.nan, 2, np.nan, 12]) == [U, U, R, U, T]


def test_after_an_unknown_moment_the_threshold_alone_decides():
    assert zones([12, np.nan, 9.5, 9.5]) == [T, U, R, R]


def test_without_a_threshold_nothing_is_said():
    assert zones([1, 2, 300], tracker(np.nan)) == [U, U, U]


@given(
    st.lists(st.sampled_from([5.0, 9.2, 9.8, 10.0, 10.5, 20.0, np.nan]), min_size=1, max_size=50),
    st.integers(0, 50),
)
def test_the_zones_are_the_same_however_the_stream_is_cut(values: list[float], cut: int):
    made, cut = tracker(), cut % (len(values) + 1)
    parts = [zones(part, made) for part in (values[:cut], values[cut:]) if part]
    assert [zone for part in parts for zone in part] == zones(values)


def test_a_threshold_below_the_floor_of_the_sensor_is_refused_with_the_reason_and_the_remedy():
    with pytest.raises(SettingsError, match=r"3 µV is below .* \(12 µV.* set 12\.3 or more.*R4"):
        check_threshold(3.0, UNO)
    check_threshold(12.3, UNO)


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf])
def test_a_threshold_that_is_no_level_is_refused(value: float):
    with pytest.raises(SettingsError, match="means nothing"):
        check_threshold(value, Channel("EMG", "uV"))
