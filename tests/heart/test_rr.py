import numpy as np
import pytest

from biofeedback.heart.rr import ArtefactFinder


def artefacts(*rr_s: float) -> list[bool]:
    return list(map(ArtefactFinder(), rr_s))


def test_a_missed_beat_is_an_artefact_and_the_next_one_is_none():
    assert artefacts(0.8, 0.82, 1.62, 0.81) == [False, False, True, False]


def test_a_beat_too_many_makes_two_artefacts():
    assert artefacts(0.8, 0.82, 0.3, 0.5, 0.81) == [False, False, True, True, False]


@pytest.mark.parametrize("rr_s", [0.0, 0.29, 2.01, 63.9])
def test_no_heart_beats_like_that(rr_s):
    assert artefacts(rr_s) == [True]


def test_a_new_pace_is_believed_at_its_third_interval():
    assert artefacts(1.0, 0.6, 0.61, 0.6, 0.6) == [False, True, True, False, False]


def test_a_heart_that_swings_with_slow_breath_has_none():
    # 59 to 88 beats a minute at 6 breaths a minute, as far as a trained and young heart goes
    rr_s, t_s = [], 0.0
    while t_s < 120.0:
        rr_s.append(0.85 + 0.17 * np.sin(2 * np.pi * 0.1 * t_s))
        t_s += rr_s[-1]
    assert not any(artefacts(*rr_s))


def test_of_planted_faults_all_are_found_and_nothing_else():
    rng = np.random.default_rng(1)
    rr_s = 0.85 + 0.02 * rng.standard_normal(2000)
    planted = np.zeros(2000, bool)
    planted[10:-1:23] = True
    rr_s[planted] *= rng.choice([0.45, 2.0], planted.sum())
    assert artefacts(*rr_s) == planted.tolist()


def test_what_went_before_a_break_is_forgotten():
    finder = ArtefactFinder()
    finder(1.0)
    finder.reset()
    assert not finder(0.6)
