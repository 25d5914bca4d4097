import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biofeedback.training.course import faded, stage_of
from biofeedback.training.goal import AIMS
from biofeedback.training.protocol import Feedback, Kind, Mode
from biofeedback.training.protocol_file import load_protocol
from biofeedback.training.staircase import Staircase

BELOW, ABOVE = AIMS[Mode.BELOW], AIMS[Mode.ABOVE]


def path(aim, start: float, successes: list[float], lowest: float = 0.5) -> list[float]:
    stairs = Staircase(aim)
    stairs.start(0.0, start, lowest=lowest)
    for t, success in enumerate(successes):
        stairs.after_trial(float(t), success, lowest=lowest)
    return [step.threshold for step in stairs.path]


# Worked by hand from the rules: >= 80 % twice running x 0.90; 50-80 % stays; < 50 % x 1.10, never
# above the start, never below the least that can be told.
@pytest.mark.parametrize(
    ("successes", "expected"),
    [
        ([80, 80], [10, 9]),
        ([80], [10]),
        ([79.9, 80, 79.9, 80], [10]),
        ([100, 100, 100, 100], [10, 9, 8.1]),
        ([100, 100, 100], [10, 9]),
        ([100, 60, 100, 100], [10, 9]),
        ([50, 79.9], [10]),
        ([49.9], [10]),
        ([100, 100, 49.9], [10, 9, 9.9]),
        ([100, 100, 49.9, 49.9], [10, 9, 9.9, 10]),
        ([100, 100, 49.9, 49.9, 0], [10, 9, 9.9, 10]),
        ([100, math.nan, 100], [10, 9]),
        ([math.nan, math.nan], [10]),
    ],
)
def test_the_threshold_moves_by_the_rules(successes, expected):
    assert path(BELOW, 10.0, successes) == pytest.approx(expected, rel=1e-12)


def test_it_never_goes_below_the_least_that_can_be_told():
    assert path(BELOW, 10.0, [100] * 8, lowest=7.5) == pytest.approx([10, 9, 8.1, 7.5])
    assert path(BELOW, 5.0, [100] * 4, lowest=7.5) == [7.5]
    assert path(BELOW, 5.0, [0] * 4, lowest=7.5) == [7.5]


def test_above_is_the_same_the_other_way_round():
    assert path(ABOVE, 10.0, [100, 100, 0, 0, 0]) == pytest.approx([10, 11, 10])


def test_each_move_says_why():
    stairs = Staircase(BELOW)
    stairs.start(0.0, 10.0, lowest=1.0)
    said = [
        stairs.after_trial(1.0, success, lowest=1.0) for success in (90, 90, 60, 10, 10, math.nan)
    ]
    assert said == [
        "80 % or more once: the threshold stays until that comes twice running",
        "80 % or more in two trials running: a tenth harder",
        "from 50 to 80 %: the threshold stays",
        "below 50 %: a tenth easier, no further than the baseline",
        "below 50 %: a tenth easier, no further than the baseline",
        "nothing could be judged: the threshold stays",
    ]
    assert [step.why for step in stairs.path[1:]] == [said[1], said[3], said[4]]


def test_a_hand_set_threshold_is_not_pulled_down_by_the_baseline():
    stairs = Staircase(BELOW)
    stairs.start(0.0, 10.0, lowest=1.0)
    stairs.by_hand(1.0, 20.0)
    stairs.after_trial(2.0, 10.0, lowest=1.0)
    assert stairs.threshold == 20.0


@given(
    st.lists(st.one_of(st.floats(0, 100), st.just(math.nan)), max_size=60),
    st.floats(1, 100),
    st.floats(0.1, 120),
)
def test_it_stays_between_the_least_and_the_baseline_whatever_happens(successes, start, lowest):
    walked = path(BELOW, start, successes, lowest)
    assert min(walked) >= lowest
    assert max(walked) <= max(start, lowest)
    ratios = np.array(walked[1:]) / np.array(walked[:-1])
    assert ((ratios > 0.9 - 1e-9) & (ratios < 1.1 + 1e-9)).all()


def test_feedback_fades_over_a_course():
    fading = (2, 1, 1, 1)
    assert [stage_of(fading, n) for n in range(1, 8)] == [0, 0, 1, 2, 3, 3, 3]
    assert stage_of((), 9) == 0
    protocol = load_protocol("home-relaxation")  # 6, 6, 4, 2

    def shown(sitting: int) -> list[Feedback]:
        return [p.feedback for p in faded(protocol, sitting=sitting).phases if p.kind is Kind.TRIAL]

    on, off, end = Feedback.ON, Feedback.OFF, Feedback.SUMMARY
    assert shown(1) == shown(6) == [on, on]
    assert shown(7) == shown(12) == [on, off]
    assert shown(13) == [end, end]
    assert shown(17) == shown(99) == [off, off]
    assert faded(load_protocol("symmetry"), sitting=50) == load_protocol("symmetry")
