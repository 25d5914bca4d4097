import math
from dataclasses import dataclass, replace

import numpy as np
import pytest
import scipy.stats

from biofeedback.analysis.effects import (
    HELPS,
    NO_DIFFERENCE,
    UNKNOWN,
    WORSE,
    Effect,
    find_effect,
)
from biofeedback.dsp.intervals import bootstrap_interval, t_interval

SEEDS = 500
PART_S, REACH_S = 20.0, 3.0
ONE_S = 3 * PART_S + 2 * REACH_S


@dataclass(frozen=True)
class Played:
    """A repeat of the synthetic truth, in s."""

    pair: int
    sham: bool
    off_s: float
    cue_s: float
    contact_s: float
    marked: bool
    release_s: float
    let_go_s: float
    end_s: float


def repeats_of(order: list[bool]) -> list[Played]:
    made = []
    for i, sham in enumerate(order):
        begins = i * ONE_S
        cue, contact = begins + PART_S, begins + PART_S + REACH_S
        release = contact + PART_S
        let_go = release + REACH_S
        made.append(
            Played(i // 2, sham, begins, cue, contact, True, release, let_go, begins + ONE_S)
        )
    return made


def order_of(pairs: int, rng: np.random.Generator) -> list[bool]:
    return [sham for first in rng.random(pairs) < 0.5 for sham in (bool(first), not first)]


def levels_of(
    repeats: list[Played],
    rng: np.random.Generator,
    *,
    left: float,
    sham_left: float = 1.0,
    spread: float = 0.2,
    drift: float = 0.0,
    half_s: float = 0.0,
    carry_over_s: float = 0.0,
) -> np.ndarray:
    """Return a slow RMS ten times a second, from 10 µV: each stretch scatters by `spread`, each
    second by 5 %, the whole drifts to exp(`drift`)."""
    t = np.arange(round(repeats[-1].end_s * 10)) / 10
    logs = np.log(10.0) + drift * t / t[-1]
    for each in repeats:
        effect = math.log(sham_left if each.sham else left)
        for start, stop in (
            (each.off_s, each.contact_s),
            (each.contact_s, each.let_go_s),
            (each.let_go_s, each.end_s),
        ):
            logs[(t >= start - 1e-9) & (t < stop - 1e-9)] += rng.normal(0, spread)
        on = (t >= each.contact_s - 1e-9) & (t < each.let_go_s - 1e-9)
        after = (t >= each.let_go_s - 1e-9) & (t < each.end_s - 1e-9)
        level = 1 - (1 - math.exp(effect)) * (
            1 - (2 ** (-(t[on] - each.contact_s) / half_s) if half_s else 0.0)
        )
        logs[on] += np.log(level)
        if carry_over_s:
            faded = 2 ** (-(t[after] - each.let_go_s) / carry_over_s)
            logs[after] += np.log(1 - (1 - math.exp(effect)) * faded)
    return np.exp(logs + np.repeat(rng.normal(0, 0.05, len(t) // 10 + 1), 10)[: len(t)])


def found(
    seed: int, *, pairs: int = 4, left: float, sham_left: float = 1.0, **truth: float
) -> Effect:
    rng = np.random.default_rng(seed)
    repeats = repeats_of(order_of(pairs, rng))
    levels = levels_of(repeats, rng, left=left, sham_left=sham_left, **truth)
    return find_effect(levels, repeats, planned=pairs)


def test_the_t_interval_is_that_of_scipy():
    values = np.random.default_rng(2).normal(-0.7, 0.3, (50, 5))
    mean, low, high = t_interval(values)
    for i, row in enumerate(values):
        theirs = scipy.stats.ttest_1samp(row, 0.0).confidence_interval(0.95)
        assert (low[i], high[i]) == pytest.approx((theirs.low, theirs.high), rel=1e-9)
        assert mean[i] == pytest.approx(row.mean())


def test_the_bootstrap_of_many_values_comes_to_that_of_scipy():
    values = np.random.default_rng(3).normal(-0.7, 0.3, 200)
    _mean, low, high = bootstrap_interval(values)
    theirs = scipy.stats.bootstrap(
        (values,), np.mean, n_resamples=4000, rng=np.random.default_rng(4)
    ).confidence_interval
    assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=0.005)
    assert bootstrap_interval(values) == bootstrap_interval(values.copy())


@pytest.mark.parametrize(("pairs", "least"), [(4, 0.9), (6, 0.9)])
def test_a_half_lies_in_the_interval_in_nine_of_ten_runs(pairs: int, least: float):
    runs = [found(seed, pairs=pairs, left=0.5) for seed in range(SEEDS)]
    inside = np.mean([run.change.low <= -50.0 <= run.change.high for run in runs])
    assert inside >= least
    assert {run.method for run in runs} == {"t" if pairs == 4 else "bootstrap"}
    helps = np.mean([run.verdict == HELPS for run in runs])
    assert helps > 0.5


@pytest.mark.parametrize(
    "truth",
    [
        {"left": 1.0},
        {"left": 1.0, "drift": -0.7},
        {"left": 1.0, "spread": 0.05},
        {"left": 0.7, "sham_left": 0.7},
    ],
    ids=["nothing", "drift", "steady", "as the sham"],
)
@pytest.mark.parametrize("pairs", [4, 6])
def test_what_does_no_more_than_the_sham_helps_in_one_of_twenty_at_most(
    pairs: int, truth: dict[str, float]
):
    runs = [found(seed, pairs=pairs, **truth) for seed in range(SEEDS)]
    false = np.mean([run.verdict == HELPS for run in runs])
    assert false <= 0.05
    assert np.mean([run.verdict == WORSE for run in runs]) <= 0.05


def test_what_makes_it_worse_is_said_to():
    assert found(1, left=1.6, spread=0.05).verdict == WORSE


def test_a_change_of_five_percent_is_none_however_sure():
    effect = found(1, pairs=8, left=0.95, spread=0.005)
    assert effect.change.high < 0
    assert effect.verdict == NO_DIFFERENCE


def test_three_repeats_are_not_enough_data_and_no_number_is_given():
    effect = found(1, pairs=3, left=0.5)
    assert effect.verdict == UNKNOWN
    assert math.isnan(effect.change.percent)
    assert effect.why


def test_invalid_time_is_left_out_and_a_repeat_that_is_mostly_invalid_does_not_count():
    rng = np.random.default_rng(5)
    repeats = repeats_of([False, True] * 5)
    levels = levels_of(repeats, rng, left=0.5, spread=0.02)
    whole = find_effect(levels, repeats, planned=5)
    spoiled = levels.copy()
    spoiled[250:330] = np.nan  # 8 s of the first on
    less = find_effect(spoiled, repeats, planned=5)
    assert less.counted == 5
    assert less.change.percent == pytest.approx(whole.change.percent, abs=1.0)
    spoiled[230:400] = np.nan
    assert find_effect(spoiled, repeats, planned=5).counted == 4
    assert less.valid_percent == pytest.approx(100 * (1 - 80 / len(levels)))


def test_a_muscle_below_what_the_sensor_resolves_is_not_enough_data():
    rng = np.random.default_rng(5)
    repeats = repeats_of([False, True] * 4)
    levels = levels_of(repeats, rng, left=0.5, spread=0.02)
    assert find_effect(levels, repeats, planned=4, floor=12.2).verdict == UNKNOWN
    held = find_effect(levels, repeats, planned=4, floor=7.0)
    assert held.change.percent == pytest.approx(-30.0, abs=2.0)  # and not more


def test_how_fast_it_works_and_how_long_it_lasts_are_those_that_were_played():
    rng = np.random.default_rng(6)
    repeats = repeats_of([False, True, True, False] * 3)
    levels = levels_of(repeats, rng, left=0.5, spread=0.03, half_s=2.0, carry_over_s=3.0)
    effect = find_effect(levels, repeats, planned=6, window_s=0.0)
    assert effect.latency_s == pytest.approx(2.0, abs=0.3)
    assert effect.carry_over_s == pytest.approx(3.0, abs=0.4)
    unmarked = [replace(each, marked=False) for each in repeats]
    assert math.isnan(find_effect(levels, unmarked, planned=6).latency_s)


def test_a_fall_before_the_contact_has_a_latency_below_zero():
    rng = np.random.default_rng(6)
    repeats = repeats_of([False, True, True, False] * 3)
    levels = levels_of(repeats, rng, left=0.5, spread=0.02)
    late = [replace(each, contact_s=each.contact_s + 2.0) for each in repeats]
    assert find_effect(levels, late, planned=6, window_s=0.0).latency_s == pytest.approx(-2.0, 0.1)
