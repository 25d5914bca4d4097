import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
import scipy.stats

from biofeedback.analysis.effects import HELPS, NO_DIFFERENCE, UNKNOWN, WORSE
from biofeedback.analysis.n_of_one import (
    Found,
    Weeks,
    find_difference,
    plan_weeks,
    results_of,
    weeks_of,
)
from biofeedback.analysis.told import weeks_words
from biofeedback.errors import SettingsError

BEGAN = date(2026, 3, 2)
SEEDS = 500


def lived(weeks: Weeks, rng: np.random.Generator, *, effect: float) -> list[tuple[date, float]]:
    """Return a rating a day around 50 of 100: weeks scatter by 6, days by 10."""
    days = []
    for number, with_it in enumerate(weeks.order):
        level = 50 + rng.normal(0, 6) + (effect if with_it else 0.0)
        days += [
            (weeks.began + timedelta(7 * number + day), level + rng.normal(0, 10))
            for day in range(7)
        ]
    return days


def found(seed: int, *, pairs: int, effect: float) -> Found:
    weeks = plan_weeks(BEGAN, pairs=pairs, seed=seed)
    rng = np.random.default_rng(seed)
    return find_difference(weeks, lived(weeks, rng, effect=effect), scale=100.0)


def test_each_pair_has_a_week_with_and_one_without_in_an_order_by_chance():
    orders = [plan_weeks(BEGAN, pairs=5, seed=seed).order for seed in range(400)]
    assert all(sum(order[i : i + 2]) == 1 for order in orders for i in range(0, 10, 2))
    assert 0.4 < np.mean([order[0] for order in orders]) < 0.6
    weeks = plan_weeks(BEGAN, seed=1)
    assert weeks.ends == date(2026, 4, 13)
    assert weeks.with_it(BEGAN + timedelta(7)) is weeks.order[1]
    assert weeks.with_it(weeks.ends) is None


def test_two_pairs_are_refused():
    with pytest.raises(SettingsError):
        plan_weeks(BEGAN, pairs=2, seed=1)


@pytest.mark.parametrize("pairs", [3, 4, 6])
def test_nothing_is_found_where_there_is_nothing_in_nineteen_of_twenty(pairs: int):
    runs = [found(seed, pairs=pairs, effect=0.0) for seed in range(SEEDS)]
    false = np.mean([run.verdict in (HELPS, WORSE) for run in runs])
    inside = np.mean([run.low <= 0 <= run.high for run in runs])
    assert false <= 0.05
    assert inside >= 0.9


def test_a_large_difference_is_found_and_its_interval_is_that_of_scipy():
    weeks = plan_weeks(BEGAN, pairs=6, seed=2)
    days = lived(weeks, np.random.default_rng(2), effect=-30.0)
    it = find_difference(weeks, days, scale=100.0)
    assert it.verdict == HELPS
    values = dict(days)
    means = [
        np.mean([values[BEGAN + timedelta(7 * week + day)] for day in range(1, 7)])
        for week in range(12)
    ]
    on = [mean for mean, with_it in zip(means, weeks.order, strict=True) if with_it]
    off = [mean for mean, with_it in zip(means, weeks.order, strict=True) if not with_it]
    theirs = scipy.stats.ttest_rel(on, off).confidence_interval(0.95)
    assert (it.low, it.high) == pytest.approx((theirs.low, theirs.high), rel=1e-9)
    worse = find_difference(weeks, [(day, -value) for day, value in days], scale=100.0)
    assert worse.verdict == WORSE


def test_a_difference_that_does_not_matter_is_none():
    weeks = plan_weeks(BEGAN, pairs=6, seed=2)
    days = [(weeks.began + timedelta(i), 50 - 2 * weeks.order[i // 7]) for i in range(84)]
    assert find_difference(weeks, days, scale=100.0).verdict == NO_DIFFERENCE


def test_weeks_with_too_few_days_are_not_enough_data():
    weeks = plan_weeks(BEGAN, seed=2)
    days = lived(weeks, np.random.default_rng(2), effect=-30.0)
    it = find_difference(weeks, [each for each in days if (each[0] - BEGAN).days != 3], scale=100.0)
    assert it.pairs == 3
    it = find_difference(weeks, [d for d in days if not 2 <= (d[0] - BEGAN).days <= 5], scale=100.0)
    assert (it.verdict, it.pairs) == (UNKNOWN, 2)
    assert math.isnan(it.difference)
    assert it.why


@dataclass(frozen=True)
class Kept:
    began: date
    plan: dict[str, list[str]]
    ended: date | None = None


@dataclass(frozen=True)
class Rated:
    at: datetime
    kind: str
    value: float | None
    text: str = ""


def rated_daily(kind: str, value: float, days: int, text: str = "") -> list[Rated]:
    noon = datetime(BEGAN.year, BEGAN.month, BEGAN.day, 12).astimezone()
    return [Rated(noon + timedelta(days=day), kind, value, text) for day in range(days)]


def test_a_plan_comes_back_from_what_was_kept_of_it():
    made = plan_weeks(BEGAN, pairs=4, seed=9)
    assert weeks_of(Kept(BEGAN, {"weeks": made.plain()})) == made


def test_what_was_stopped_counts_up_to_that_day():
    weeks = Weeks(BEGAN, (True, False) * 3, ended=BEGAN + timedelta(days=9))
    assert weeks.ends == BEGAN + timedelta(days=9)
    assert weeks.with_it(BEGAN + timedelta(days=8)) is False
    assert weeks.with_it(BEGAN + timedelta(days=9)) is None
    assert weeks.last_day(0) == BEGAN + timedelta(days=6)
    days = [(BEGAN + timedelta(days=day), 50.0) for day in range(42)]
    whole = find_difference(Weeks(BEGAN, weeks.order), days, scale=100.0)
    assert (whole.pairs, find_difference(weeks, days, scale=100.0).pairs) == (3, 0)


def test_each_thing_that_was_rated_is_told_by_itself():
    kept = Kept(BEGAN, {"weeks": ["on", "off"] * 3})
    entries = [
        *rated_daily("pain", 4.0, 42),
        *rated_daily("symptom", 40.0, 42, "pulling"),
        *rated_daily("sleep", 7.0, 42),
        Rated(datetime(2020, 1, 1, tzinfo=UTC), "pain", 9.0),
    ]
    pain, pulling = results_of(kept, entries)
    assert [(each.kind, each.text, len(each.ratings)) for each in (pain, pulling)] == [
        ("pain", "", 42),
        ("symptom", "pulling", 42),
    ]
    assert pain.found.verdict == NO_DIFFERENCE


@pytest.mark.parametrize(("days", "said"), [(14, "1 pair of weeks counts"), (28, "2 pairs of")])
def test_what_is_missing_is_counted(days, said):
    kept = Kept(BEGAN, {"weeks": ["on", "off"] * 3})
    (result,) = results_of(kept, rated_daily("pain", 4.0, days))
    assert result.found.verdict == UNKNOWN
    assert said in result.found.why
    assert "and 3 are needed" in result.found.why


@pytest.mark.parametrize(
    ("difference", "low", "high", "verdict", "said"),
    [
        (-2.0, -3.1, -0.9, HELPS, "“Pain” was 2.0 lower, and quite surely between 0.9 and 3.1 l"),
        (2.0, 0.9, 3.1, WORSE, "“Pain” was 2.0 higher, and quite surely between 0.9 and 3.1 h"),
        (-0.5, -2.0, 1.0, NO_DIFFERENCE, "changed by −0.5, and quite surely between −2.0 and +1"),
    ],
)
def test_in_words_a_difference_has_its_interval_and_how_many_pairs_there_were(
    difference, low, high, verdict, said
):
    found = Found(verdict, difference, low, high, 3)
    told = weeks_words(found, name="Heat", began=BEGAN, rated="Pain")
    assert said in told
    assert told.startswith("Heat")
    assert "95 % interval; 3 pairs of weeks" in told
