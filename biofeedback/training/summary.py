"""What a sitting was, in plain values: no date, no name of a person, no path."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from statistics import fmean, median
from typing import Any

import numpy as np

from biofeedback.dsp.activity import (
    emg_gaps_per_min,
    longest_sustained_s,
    relative_rest_time_percent,
    rest_threshold,
)
from biofeedback.dsp.comparison import asymmetry, overflow
from biofeedback.training.goal import Measure
from biofeedback.training.led import breathing_of, is_led
from biofeedback.training.progress import all_changes
from biofeedback.training.protocol import Kind, Mode
from biofeedback.training.score import (
    baselines,
    first_held_s,
    joined,
    load_of,
    long_enough,
    recoveries,
    transfer_index,
)
from biofeedback.training.stretch import Stretch
from biofeedback.training.trainer import Trainer

_NAN = math.nan


def summary(trainer: Trainer, *, reference: float = _NAN) -> dict[str, Any]:
    """Return the outcome of a sitting, NaN where it is not known; of the whole, if it was resumed.

    `reference`: the level of the first muscle in a gentle contraction, as stored before, in its
    unit; one that was measured in this sitting stands in for it.
    """
    trainer.heed()
    results, measure = trainer.results, trainer.measure
    stretches, trials = results.stretches, [trial for trial, _score in results.trials]
    unit = measure.level_unit
    before, after = baselines(stretches)
    baseline = load_of(before, measure).median if before else _NAN
    rest, rest_from = _rest_threshold(stretches, measure, reference)
    recovered = recoveries(stretches, before)
    broke_off, since_s = trainer.before, trainer.since_s
    known_s = [half_s for _load, half_s in recovered if not math.isnan(half_s)]
    return {
        "mode": measure.mode.value,
        "whole": trainer.whole,
        "channels": [channel.label for channel in measure.channels],
        f"sensor_floor_{unit}": measure.floor() or _NAN,
        f"baseline_{unit}": baseline,
        f"post_baseline_{unit}": load_of(after, measure).median if after else _NAN,
        "success_percent": _success_percent(trainer),
        "time_to_first_s": first_held_s(results.trials),
        f"rest_threshold_{unit}": rest,
        "rest_threshold_from": rest_from,
        **_rest(trials, rest),
        **_pair(trials, measure),
        "recovery_half_time_s": median(known_s) if known_s else _NAN,
        "recoveries": [
            {"after": load.phase.name, "round": load.phase.round, "half_time_s": half_s}
            for load, half_s in recovered
        ],
        "transfer_index": transfer_index(stretches, baseline, measure, after),
        "valid_percent": _valid_percent(stretches),
        "trials": [
            {
                "trial": number,
                "feedback": trial.phase.feedback.value,
                "seconds": trial.seconds,
                "whole": trial.whole,
                "valid_percent": trial.valid_percent,
                f"threshold_{measure.unit}": _last(trial),
                "success_percent": score.success_percent,
                "time_to_first_s": score.time_to_first_s,
            }
            for number, (trial, score) in enumerate(results.trials, start=1)
        ],
        "phases": [_phase(stretch, measure, since_s=since_s) for stretch in stretches],
        "threshold_path": [
            {
                "t_s": since_s + step.t_s,
                f"threshold_{measure.unit}": step.threshold,
                "why": step.why,
                "by_hand": step.by_hand,
            }
            for step in results.staircase.path
        ],
        "changes": all_changes(trainer),
        "pauses": [asdict(pause) for pause in broke_off.pauses] if broke_off else [],
        "guesses": results.guesses,
        "guess_error": _guess_error(results.guesses),
        "ratings": trainer.ratings,
    }


def _rest_threshold(
    stretches: Sequence[Stretch], measure: Measure, stored: float
) -> tuple[float, str | None]:
    """Return the level under which the first muscle rests, and what told it; NaN where nothing did.

    By its reference contraction, else by the first baseline at instructed rest; that is held
    against the trials, never against itself, but of a muscle that never rests it says little.
    """
    known: dict[str, float] = {}
    told_by = None
    reference = measure.references[measure.aim.muscles[0]]
    reference = stored if math.isnan(reference) else reference
    rested = [s for s in stretches if s.phase.kind is Kind.BASELINE and long_enough(s)]
    if not math.isnan(reference):
        known["reference_uv"], told_by = reference, "reference"
    elif rested:
        fast = rested[0].fast[rested[0].valid, 0]
        fast = fast[~np.isnan(fast)]
        known |= {"rest_mean_uv": float(fast.mean()), "rest_sd_uv": float(fast.std())}
        told_by = "baseline"
    level = rest_threshold(**known, floor_uv=measure.floor() or None)
    return (_NAN if level is None else level), told_by


def _rest(trials: Sequence[Stretch], threshold: float) -> dict[str, float]:
    """Return how much the first muscle rested in the trials."""
    found = dict.fromkeys(
        ("relative_rest_time_percent", "emg_gaps_per_min", "longest_sustained_s"), _NAN
    )
    if not trials:
        return found
    fast, _slow, valid = joined(trials)
    rate_hz = trials[0].rate_hz
    level = fast[:, 0]
    return {
        "relative_rest_time_percent": relative_rest_time_percent(level, valid, threshold),
        "emg_gaps_per_min": emg_gaps_per_min(level, valid, threshold, rate_hz=rate_hz),
        "longest_sustained_s": longest_sustained_s(level, valid, threshold, rate_hz=rate_hz),
    }


def _pair(trials: Sequence[Stretch], measure: Measure) -> dict[str, float]:
    """Return how two muscles shared their work in the trials; nothing where there is one."""
    key = {Mode.SYMMETRY: "asymmetry", Mode.OVERFLOW: "overflow"}.get(measure.mode)
    if key is None:
        return {}
    if not trials:
        return {key: _NAN}
    _fast, slow, valid = joined(trials)
    first, second = slow[:, 0], slow[:, 1]
    if measure.mode is Mode.SYMMETRY:
        return {key: asymmetry(first, second, valid)}
    references = measure.references
    return {
        key: overflow(
            first,
            second,
            valid,
            other_reference=references["other"],
            task_reference=references["task"],
        )
    }


def _success_percent(trainer: Trainer) -> float:
    """Return the percent of the valid time of all trials that was at the goal."""
    at_goal = seconds = 0.0
    for _trial, score in trainer.results.trials:
        if score.judged_s:
            at_goal += score.success_percent * score.judged_s
            seconds += score.judged_s
    return at_goal / seconds if seconds else _NAN


def _valid_percent(stretches: Sequence[Stretch]) -> float:
    samples = sum(stretch.samples for stretch in stretches)
    valid = sum(stretch.valid_samples for stretch in stretches)
    return 100.0 * valid / samples if samples else _NAN


def _last(trial: Stretch) -> float:
    return float(trial.threshold[-1]) if len(trial.threshold) else _NAN


def _phase(stretch: Stretch, measure: Measure, *, since_s: float) -> dict[str, Any]:
    phase, unit = stretch.phase, measure.level_unit
    loads = [_load(stretch, measure, muscle) for muscle in range(len(measure.channels))]
    told: dict[str, Any] = {
        "name": phase.name,
        "kind": phase.kind.value,
        "round": phase.round,
        "feedback": phase.feedback.value,
        "start_s": since_s + stretch.start_s,
        "seconds": stretch.seconds,
        "whole": stretch.whole,
        "valid_percent": stretch.valid_percent,
        f"tension_{unit}": loads[0],
    }
    if len(loads) > 1:
        told["channels"] = [
            {"label": channel.label, f"tension_{unit}": load}
            for channel, load in zip(measure.channels, loads, strict=True)
        ]
    if is_led(stretch):
        breathed = [
            breathing_of(stretch, muscle, resolved=not math.isnan(load["p50"]))
            for muscle, load in enumerate(loads)
        ]
        told["breathing"] = breathed[0]
        for channel, each in zip(told.get("channels", ()), breathed, strict=False):
            channel["breathing"] = each
    return told


def _load(stretch: Stretch, measure: Measure, muscle: int) -> dict[str, float]:
    load = load_of(stretch, measure, muscle)
    return {"p10": load.static, "p50": load.median, "p90": load.peak}


def _guess_error(guesses: Sequence[dict[str, Any]]) -> float:
    """Return how far guesses were off on average, whichever way."""
    errors = [abs(each["error"]) for each in guesses if not math.isnan(each["error"])]
    return fmean(errors) if errors else _NAN
