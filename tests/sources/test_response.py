import numpy as np
import pytest

from biofeedback.sources.muscle.response import Act, Acts, Response
from biofeedback.sources.scenario import load_scenario, read_scenario
from biofeedback.sources.simulated import SimulatedSource

HALF = Response(on_cue=0.5, sham_on_cue=0.9, half_s=2.0, carry_over_s=4.0)


def left(acts: list[Act], *times_s: float) -> list[float]:
    done = Acts()
    for act in acts:
        done.add(act)
    return list(done.left(HALF, np.array(times_s)))


def test_a_muscle_goes_halfway_within_its_half_time_and_comes_back_as_slowly():
    acts = [Act(10.0, on=True, sham=False), Act(100.0, on=False, sham=False)]
    assert left(acts, 0.0, 9.9, 12.0, 14.0) == pytest.approx([1.0, 1.0, 0.75, 0.625])
    assert left(acts, 99.9, 104.0, 108.0) == pytest.approx([0.5, 0.75, 0.875], abs=1e-6)


def test_it_goes_on_from_where_it_stands_whatever_order_it_is_told_in():
    acts = [Act(12.0, on=False, sham=False), Act(10.0, on=True, sham=False)]
    assert left(acts, 12.0, 16.0) == pytest.approx([0.75, 0.875])


def test_the_sham_has_an_effect_of_its_own():
    assert left([Act(0.0, on=True, sham=True)], 100.0) == pytest.approx([0.9])


def test_without_keys_nothing_answers():
    text = "[[channels]]\n[[channels.segments]]\nemg_uv = 5\n"
    assert not read_scenario(text, name="x", where="x").channels[0].response
    assert load_scenario("trick").channels[0].response.on_cue == 0.5


def test_what_was_read_already_stays_and_what_follows_answers():
    def played(*, act: bool) -> np.ndarray:
        source = SimulatedSource(load_scenario("trick"), fast=True)
        source.open()
        first = source.read(0.0)
        if act:
            source.act(0.0, on=True, sham=False)
        chunks = [*first, *(chunk for _second in range(9) for chunk in source.read(0.0))]
        return np.concatenate([chunk.samples for chunk in chunks])[:, 0]

    plain, eased = played(act=False), played(act=True)
    same = int(np.flatnonzero(plain != eased)[0])
    assert 1000 <= same < 1010
    level = np.std(eased[5000:]) / np.std(plain[5000:])
    assert level == pytest.approx(0.5, abs=0.01)
