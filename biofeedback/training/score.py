"""What a sitting's phases add up to; NaN where too little is known, never 0."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biofeedback.dsp.activity import (
    Load,
    recovery_half_time_s,
    success_percent,
    tension_percentiles,
    time_to_first_s,
)
from biofeedback.stream import Samples
from biofeedback.training.goal import Measure
from biofeedback.training.protocol import BASELINES, LOADS, Feedback, Kind, Mode
from biofeedback.training.stretch import Stretch

# Of a shorter baseline the 75th percentile is chance: the slow RMS has ten values of its own in it.
SHORTEST_BASELINE_S = 10.0
# Less than this of the baseline's tension is no fall that could remain.
LEAST_FALL = 0.1

_NAN = math.nan


@dataclass(frozen=True, slots=True)
class TrialScore:
    """How a trial went: percent of its `judged_s` at the goal, and the s until ten s of it."""

    success_percent: float
    judged_s: float
    time_to_first_s: float


def score_trial(trial: Stretch, measure: Measure) -> TrialScore:
    """Return the score of `trial` against the thresholds that were in force."""
    away = measure.distance(measure(trial.slow), trial.threshold)
    return TrialScore(
        success_percent=success_percent(away, trial.valid, 0.0),
        judged_s=int(np.count_nonzero(trial.valid & ~np.isnan(away))) / trial.rate_hz,
        time_to_first_s=time_to_first_s(away, trial.valid, 0.0, rate_hz=trial.rate_hz),
    )


def above_floor(level: float, measure: Measure, muscle: int = 0) -> float:
    """Return `level`, NaN where the sensor cannot resolve it."""
    return level if level >= measure.floor(muscle) else _NAN


def load_of(stretch: Stretch, measure: Measure, muscle: int = 0) -> Load:
    """Return the percentiles of a muscle's slow RMS; NaN for those below the sensor's floor."""
    load = tension_percentiles(stretch.slow[:, muscle], stretch.valid)
    return Load(*(above_floor(level, measure, muscle) for level in load))


def percentile(values: NDArray[np.float64], valid: NDArray[np.bool_], percent: float) -> float:
    """Return the least of the `valid` known values that `percent` of them do not exceed, or NaN."""
    known = values[valid & ~np.isnan(values)]
    return float(np.percentile(known, percent, method="inverted_cdf")) if len(known) else _NAN


def long_enough(baseline: Stretch) -> bool:
    """Say whether a baseline has enough valid time to start a threshold from."""
    return int(np.count_nonzero(baseline.valid)) >= SHORTEST_BASELINE_S * baseline.rate_hz


def baselines(stretches: Sequence[Stretch]) -> tuple[Stretch | None, Stretch | None]:
    """Return the last usable baseline before the first trial, and the last after the last one.

    Both of one kind, so that they may be compared. A sitting without trials has no second one.
    """
    trials = [i for i, each in enumerate(stretches) if each.phase.kind is Kind.TRIAL]
    first, last = (trials[0], trials[-1]) if trials else (len(stretches), len(stretches))
    usable = [
        (i, s) for i, s in enumerate(stretches) if s.phase.kind in BASELINES and long_enough(s)
    ]
    before = [stretch for i, stretch in usable if i < first]
    if not before:
        return None, None
    after = [s for i, s in usable if i > last and s.phase.kind is before[-1].phase.kind]
    return before[-1], after[-1] if after else None


def first_held_s(trials: Iterable[tuple[Stretch, TrialScore]]) -> float:
    """Return the s of trial time until the goal was first held for ten s; NaN if it never was."""
    before_s = 0.0
    for trial, score in trials:
        if not math.isnan(score.time_to_first_s):
            return before_s + score.time_to_first_s
        before_s += trial.seconds
    return _NAN


def recoveries(
    stretches: Sequence[Stretch], baseline: Stretch | None
) -> list[tuple[Stretch, float]]:
    """Return each contraction or stressor with the half-time in s of the recovery right after it.

    NaN where there is no baseline, it was no load (its median does not exceed the baseline's 90th
    percentile), or the muscle did not come halfway back.
    """
    rest = (
        tension_percentiles(baseline.fast[:, 0], baseline.valid) if baseline else Load(*[_NAN] * 3)
    )
    found = []
    for load, after in pairwise(stretches):
        if load.phase.kind not in LOADS or after.phase.kind in LOADS:
            continue
        fast = np.concatenate((load.fast[:, 0], after.fast[:, 0]))
        valid = np.concatenate((load.valid, after.valid))
        n = len(load.fast)
        half_s = _NAN
        if tension_percentiles(fast[:n], valid[:n]).median > rest.peak:
            half_s = recovery_half_time_s(
                fast, valid, (0, n), baseline=rest.median, rate_hz=load.rate_hz
            )
        found.append((load, half_s))
    return found


def joined(stretches: Sequence[Stretch]) -> tuple[Samples, Samples, NDArray[np.bool_]]:
    """Return fast and slow RMS ``(n, muscles)`` and what is valid ``(n,)``, one after the other.

    Between two of them is a moment that is unknown, so that no run goes on over it.
    """
    parts: list[tuple[NDArray[Any], ...]] = []
    for each in stretches:
        unknown = np.full((1, each.fast.shape[1]), np.nan)
        parts += [(each.fast, each.slow, each.valid), (unknown, unknown, np.zeros(1, dtype=bool))]
    fast, slow, valid = (np.concatenate(rows) for rows in zip(*parts, strict=True))
    return fast, slow, valid


def transfer_index(
    stretches: Sequence[Stretch], baseline: float, measure: Measure, after: Stretch | None
) -> float:
    """Return how much of the fall of tension remains without feedback: 1 all of it, 0 none.

    (baseline - without) / (baseline - with): medians of the slow RMS. With: the last trial that
    had feedback. Without: trials and self-control after the first trial with feedback that had
    none, else the baseline after the trials. NaN where the fall with it was less than a tenth, or
    where a fall is not what is trained.
    """
    if measure.mode not in (Mode.BELOW, Mode.RELAX):
        return _NAN
    trials = [i for i, s in enumerate(stretches) if s.phase.kind is Kind.TRIAL]
    helped = [i for i in trials if stretches[i].phase.feedback is not Feedback.OFF]
    if not helped:
        return _NAN
    alone = [
        each
        for each in stretches[helped[0] + 1 :]
        if each.phase.kind in (Kind.TRIAL, Kind.SELF_CONTROL)
        and each.phase.feedback is Feedback.OFF
    ]
    if not alone and after is not None:
        alone = [after]
    if not alone:
        return _NAN
    fall = baseline - load_of(stretches[helped[-1]], measure).median
    _fast, slow, valid = joined(alone)
    without = above_floor(tension_percentiles(slow[:, 0], valid).median, measure)
    return (baseline - without) / fall if fall >= LEAST_FALL * baseline else _NAN
