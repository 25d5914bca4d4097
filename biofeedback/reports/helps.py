"""What was tried, off and on, and what it did: the newest trial of each thing, the best first."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from biofeedback.analysis.effects import HELPS, NO_DIFFERENCE, UNKNOWN, WORSE
from biofeedback.journal.day_nouns import KeptTrial
from biofeedback.reports.history import History
from biofeedback.reports.parts import Statement
from biofeedback.text import _
from biofeedback.training.tried import TRIED
from biofeedback.words import NO_NUMBER

_ORDER = (HELPS, NO_DIFFERENCE, UNKNOWN, WORSE)


def newest_trials(history: History) -> list[KeptTrial]:
    """Return the newest trial of each thing that was tried, the best first."""
    newest = {trial.what: trial for trial in history.trials}  # oldest first
    known = [trial for trial in newest.values() if trial.result.get("verdict") in _ORDER]
    return sorted(known, key=_rank)


def _rank(trial: KeptTrial) -> tuple[int, float]:
    percent = number(trial.result.get("change_percent"))
    rank = _ORDER.index(trial.result["verdict"])
    return rank, math.inf if math.isnan(percent) else percent


def number(value: Any) -> float:
    """Return a number as it was kept; NaN for null."""
    return math.nan if value is None else float(value)


def name_of(trial: KeptTrial) -> str:
    """Return what was tried."""
    return TRIED[trial.what].name if trial.what in TRIED else trial.what


def helps(history: History) -> Iterator[Statement]:
    """Yield what each thing did that was tried, what did nothing as well."""
    for trial in newest_trials(history):
        told, name = trial.result, name_of(trial)
        change, sham = number(told.get("change_percent")), number(told.get("sham_change_percent"))
        ends = told.get("interval_percent") or (None, None)
        low, high = (number(each) for each in ends)
        values: dict[str, float | str] = {
            "name": name,
            "change": change,
            "low": low,
            "high": high,
            "sham": sham,
            "counted": number(told.get("counted")),
            "valid": number(told.get("valid_percent")),
            "on": f"{trial.started.astimezone():%Y-%m-%d}",
        }
        if told["verdict"] == UNKNOWN or math.isnan(change):
            said = _("{name} ({on}): not enough data to say whether it helps.").format(
                name=name, on=values["on"]
            )
            values = {"name": name, "on": values["on"]}
        else:
            said = " ".join((_verdict_words(trial, change), _sure_words(values)))
        yield Statement(said, of=(str(trial.id),), values=values)


def _signed(percent: float) -> str:
    """Return a change with its sign, as in print."""
    return NO_NUMBER if math.isnan(percent) else f"{percent:+.0f}".replace("-", "−")


def _verdict_words(trial: KeptTrial, change: float) -> str:
    name, on = name_of(trial), f"{trial.started.astimezone():%Y-%m-%d}"
    if trial.result["verdict"] == HELPS:
        form = _("{name} ({on}) helps: tension {change} % while it lasts.")
    elif trial.result["verdict"] == WORSE:
        form = _("{name} ({on}) makes it worse: tension {change} %.")
    else:
        form = _("{name} ({on}): no difference found, {change} %.")
    return form.format(name=name, on=on, change=_signed(change))


def _sure_words(values: Mapping[str, float | str]) -> str:
    low, high, sham = (_signed(float(values[name])) for name in ("low", "high", "sham"))
    return _(
        "(95 %: {low} to {high} %; a hand on the shoulder alone {sham} %; {counted:.0f} repeats, "
        "{valid:.0f} % valid)"
    ).format(low=low, high=high, sham=sham, counted=values["counted"], valid=values["valid"])
