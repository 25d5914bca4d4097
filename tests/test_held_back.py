import itertools

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from biofeedback.held_back import TAKEN_BACK_S, HeldBack, Known
from biofeedback.stream import INVALID, Quality, Tension

SFREQ = 20.0  # so that a second is short
BACK = round(TAKEN_BACK_S * SFREQ)


def tension(start: int, quality: np.ndarray) -> Tension:
    values = np.zeros(quality.shape)
    return Tension(start, values, values, values, quality.astype(np.uint8))


def released(pieces: list[tuple[int, np.ndarray]]) -> list[Known[int]]:
    held: HeldBack[int] = HeldBack(SFREQ)
    known = [k for i, piece in enumerate(pieces) for k in held.add(tension(*piece), i)]
    return known + held.rest()


def good_of(quality: np.ndarray) -> np.ndarray:
    (known,) = released([(0, quality)])
    return known.good


def by_definition(index: np.ndarray, quality: np.ndarray) -> np.ndarray:
    """Sample by sample: neither it nor one within the second after is invalid, or missing."""
    good = np.zeros(quality.shape, dtype=bool)
    for row, i in enumerate(index):
        soon = (index >= i) & (index <= i + BACK)
        missing = set(range(i, min(i + BACK, index[-1]) + 1)) - set(index)
        good[row] = ~(quality[soon] & INVALID != 0).any(axis=0) & (not missing)
    return good


@settings(max_examples=150, deadline=None)
@given(
    quality=st.lists(st.sampled_from([0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 12]), max_size=120),
    jumps=st.lists(st.tuples(st.integers(0, 120), st.integers(1, 50)), max_size=3),
    cuts=st.lists(st.integers(0, 120), max_size=40),
)
@example(quality=[0] * 21 + [8] + [0] * 40, jumps=[(21, 1)], cuts=[1, 1, 21, 22])
def test_what_counts_is_as_it_is_defined_however_the_stream_is_cut(quality, jumps, cuts):
    flags = np.column_stack((quality, quality[::-1])).reshape(-1, 2)
    index = np.arange(len(flags))
    for at, by in jumps:
        index[at:] += by
    edges = sorted({0, len(flags), *(c for c in [*cuts, *(at for at, _by in jumps)])})
    edges = [edge for edge in edges if edge <= len(flags)]
    pieces = [(int(index[a]), flags[a:b]) for a, b in itertools.pairwise(edges)]
    known = released(pieces)
    assert [k.along for k in known] == list(range(len(pieces)))
    if known:
        good = np.concatenate([k.good for k in known])
        np.testing.assert_array_equal(good, by_definition(index, flags))


@pytest.mark.parametrize("flag", list(Quality)[1:])
def test_an_invalid_sample_takes_back_the_second_before_it_and_a_warning_does_not(flag):
    quality = np.zeros((100, 2))
    quality[60, 0] = flag
    good = good_of(quality)
    assert good[:, 1].all()
    bad = np.flatnonzero(~good[:, 0])
    assert bad.tolist() == (list(range(60 - BACK, 61)) if flag & INVALID else [])


def test_each_is_told_within_two_seconds_and_no_sooner_than_its_fate_is_known():
    held: HeldBack[int] = HeldBack(SFREQ)
    told = 0
    for i in range(500):
        for known in held.add(tension(i, np.zeros((1, 1))), i):
            assert known.along == told
            assert known.tension.stop + BACK <= i + 1
            told += 1
        assert i - told < 2 * BACK
    assert [known.along for known in held.rest()] == list(range(told, 500))
    assert held.rest() == []


def test_nothing_comes_of_nothing():
    assert HeldBack[None](SFREQ).rest() == []
    held: HeldBack[None] = HeldBack(SFREQ)
    assert held.add(tension(0, np.zeros((0, 3))), None) == []
    (known,) = held.rest()
    assert known.good.shape == (0, 3)
