"""What was tried, off and on, and what it did: the newest trial of each thing, the best first."""

import math
from collections.abc import Iterator

from biofeedback.analysis.effects import UNKNOWN
from biofeedback.analysis.told import effect_words, interval_of, newest, number_of
from biofeedback.journal.day_nouns import KeptTrial
from biofeedback.reports.history import History
from biofeedback.reports.parts import Statement
from biofeedback.text import _, plural
from biofeedback.training.tried import name_of
from biofeedback.words import NO_NUMBER, Signed


def newest_trials(history: History) -> list[KeptTrial]:
    """Return the newest trial of each thing that was tried, the best first."""
    return [trial for trial, _count in newest(history.trials)]


def helps(history: History) -> Iterator[Statement]:
    """Yield what each thing did that was tried, what did nothing as well."""
    for trial in newest_trials(history):
        yield _statement(trial)


def _statement(trial: KeptTrial) -> Statement:
    told, on = trial.result, f"{trial.started.astimezone():%Y-%m-%d}"
    name = name_of(trial.what)
    said = effect_words(told, _("{name} ({on})").format(name=name, on=on))
    values: dict[str, float | str] = {"name": name, "on": on}
    if told["verdict"] != UNKNOWN:
        change, (low, high) = number_of(told, "change_percent"), interval_of(told)
        sham = number_of(told, "sham_change_percent")
        counted, valid = int(told.get("counted") or 0), number_of(told, "valid_percent")
        values |= {"change": change, "low": low, "high": high}
        # a fall is told without its sign
        values |= {"change_size": abs(change), "low_size": abs(low), "high_size": abs(high)}
        values |= {"sham": sham, "counted": counted, "valid": valid}
        repeats = plural("{n} repeat", "{n} repeats", counted).format(n=counted)
        said += " " + _(
            "(95 % interval; a hand on the shoulder alone {sham} %; {repeats}, {valid:.0f} % valid)"
        ).format(sham=_signed(sham), repeats=repeats, valid=valid)
    return Statement(said, of=(str(trial.id),), values=values)


def _signed(percent: float) -> str:
    """Return a change with its sign, as in print."""
    return NO_NUMBER if math.isnan(percent) else f"{Signed(percent):+.0f}"
