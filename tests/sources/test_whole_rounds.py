"""A counter of four bits says nothing where just 16 samples are lost: the clock does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biofeedback.sources.whole_rounds import WholeRounds

SFREQ, WRAPS = 1000.0, 16
SECONDS = 160


def found(seed: int, *, ppm: float, late_s: float, lost: tuple[float, int]) -> list[int]:
    """Return what is found of a board, at a link whose delays scatter, that loses so many once."""
    rng, rounds = np.random.default_rng(seed), WholeRounds(SFREQ, WRAPS)
    at_s, n = lost
    gaps, shift = [], 0
    for t_s in np.arange(0.0, SECONDS, 0.016):
        sent = int(t_s * SFREQ * (1 + ppm * 1e-6)) - (n if t_s >= at_s else 0)
        if gap := rounds.note(t_s + 0.02 + rng.exponential(late_s), sent + shift):
            gaps.append(gap)
            shift += gap
    return gaps


BOARDS = {
    "seed": st.integers(0, 2**32 - 1),
    "ppm": st.floats(-5000, 5000),
    "late_s": st.floats(1e-4, 0.03),
}


@settings(max_examples=12, deadline=None)
@given(**BOARDS)
def test_where_nothing_is_lost_nothing_is_found(seed, ppm, late_s):
    assert found(seed, ppm=ppm, late_s=late_s, lost=(0, 0)) == []


@settings(max_examples=12, deadline=None)
@given(**BOARDS, at_s=st.floats(50, 100), rounds=st.integers(1, 5))
def test_whole_rounds_that_are_lost_are_found_once_and_all(seed, ppm, late_s, at_s, rounds):
    lost = (at_s, rounds * WRAPS)
    assert found(seed, ppm=ppm, late_s=min(late_s, 0.01), lost=lost) == [rounds * WRAPS]


@pytest.mark.parametrize("share", [0.4, 0.5, 0.6])
def test_a_link_that_becomes_slower_by_less_than_a_round_is_no_loss(share):
    assert found(1, ppm=50, late_s=0.001, lost=(60, round(share * WRAPS))) == []
