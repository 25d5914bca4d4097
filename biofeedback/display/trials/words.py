"""What a trial came to, in three sentences and in a line of the table; no Qt."""

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from biofeedback.analysis.effects import HELPS, LEAST_PERCENT, NO_DIFFERENCE, UNKNOWN, WORSE
from biofeedback.text import _, plural
from biofeedback.training.tried import TRIED

if TYPE_CHECKING:  # a database takes half a second to load
    from biofeedback.journal.day_nouns import KeptTrial

_BEST_FIRST = (HELPS, NO_DIFFERENCE, UNKNOWN, WORSE)


def number_of(told: dict[str, Any], key: str) -> float:
    """Return a number of a result; NaN where it is not known, or was kept as None."""
    value = told.get(key)
    return math.nan if value is None else float(value)


def name_of(what: str) -> str:
    """Return what is tried, in the user's language."""
    return TRIED[what].name if what in TRIED else what


def verdict_word(verdict: str) -> str:
    """Return a verdict in the user's language."""
    return {
        HELPS: _("helps"),
        NO_DIFFERENCE: _("no difference found"),
        WORSE: _("makes it worse"),
        UNKNOWN: _("not enough data"),
    }.get(verdict, verdict)


def sentences(told: dict[str, Any]) -> tuple[str, str, str]:
    """Return what came of it: what it did, against what the sham did, and how fast and how sure."""
    return _effect_words(told), _sham_words(told), _time_words(told)


def _effect_words(told: dict[str, Any]) -> str:
    name, verdict = name_of(told["what"]), told["verdict"]
    if verdict == UNKNOWN:
        return _("{name}: not enough data to say whether it helps.").format(name=name)
    percent = number_of(told, "change_percent")
    low, high = (float(each) for each in told["interval_percent"])
    if verdict == HELPS:
        return _(
            "{name} helps: with it the tension was {percent:.0f} % lower, and quite surely "
            "between {low:.0f} and {high:.0f} % lower."
        ).format(name=name, percent=-percent, low=-high, high=-low)
    if verdict == WORSE:
        return _(
            "{name} makes it worse: with it the tension was {percent:.0f} % higher, and quite "
            "surely between {low:.0f} and {high:.0f} % higher."
        ).format(name=name, percent=percent, low=low, high=high)
    return _(
        "{name}: no difference found. With it the tension changed by {percent:+.0f} %, and quite "
        "surely between {low:+.0f} and {high:+.0f} %."
    ).format(name=name, percent=percent, low=low, high=high)


def _sham_words(told: dict[str, Any]) -> str:
    percent = number_of(told, "sham_change_percent")
    if math.isnan(percent):
        return _("What the hand on the shoulder alone does is not known.")
    if told["verdict"] == NO_DIFFERENCE and _surely(told, "interval_percent"):
        return _(
            "The hand on the shoulder alone changed it by {percent:+.0f} %: too near to that to "
            "call it a help."
        ).format(percent=percent)
    if abs(percent) < LEAST_PERCENT:
        return _("The hand on the shoulder alone hardly changed it ({percent:+d} %).").format(
            percent=round(percent)
        )
    return _("The hand on the shoulder alone changed it by {percent:+d} %.").format(
        percent=round(percent)
    )


def _surely(told: dict[str, Any], key: str) -> bool:
    low, high = (math.nan if each is None else float(each) for each in told[key])
    return high < 0 or low > 0


def _time_words(told: dict[str, Any]) -> str:
    latency, carry_over = (
        number_of(told, "latency_s"),
        number_of(told, "carry_over_half_time_s"),
    )
    said = []
    if latency < 0:
        said.append(
            _("It was halfway there {s:.1f} s before the contact already.").format(s=-latency)
        )
    elif not math.isnan(latency):
        said.append(_("It was halfway there {s:.1f} s after the contact.").format(s=latency))
    if not math.isnan(carry_over):
        said.append(_("It was halfway back {s:.1f} s after letting go.").format(s=carry_over))
    said += [] if said and told["verdict"] != UNKNOWN else told["why"]
    valid = number_of(told, "valid_percent")
    if not math.isnan(valid):
        said.append(_("{percent:.0f} % of the time had a valid signal.").format(percent=valid))
    return " ".join(said)


def newest(trials: "Iterable[KeptTrial]") -> "list[tuple[KeptTrial, int]]":
    """Return the newest trial of each thing, with how many there are of it, the best first.

    Simulated ones stand for themselves, after the others.
    """
    last: dict[tuple[bool, str], KeptTrial] = {}
    count: dict[tuple[bool, str], int] = {}
    for trial in trials:  # oldest first
        key = trial.simulated, trial.what
        last[key], count[key] = trial, count.get(key, 0) + 1
    return sorted(
        ((trial, count[key]) for key, trial in last.items()),
        key=lambda row: (row[0].simulated, *_rank(row[0].result)),
    )


def _rank(told: dict[str, Any]) -> tuple[int, float]:
    percent = number_of(told, "change_percent")
    return _BEST_FIRST.index(told["verdict"]), math.inf if math.isnan(percent) else percent


def columns() -> Sequence[str]:
    """Return the headings of the table."""
    return (_("What"), _("On against off"), _("95 % interval"), _("Hand alone"), _("Verdict"))


def row(trial: "KeptTrial", count: int) -> Sequence[str]:
    """Return a line of the table: what works for me."""
    told = trial.result
    name = name_of(trial.what)
    if trial.simulated:
        name = _("{name} (simulated)").format(name=name)
    if count > 1:
        tried = plural("newest of {n} trial", "newest of {n} trials", count).format(n=count)
        name = f"{name}, {tried}"
    low, high = told["interval_percent"]
    unknown = "–"
    between = unknown
    if low is not None and high is not None:
        between = _("{low:+d} to {high:+d} %").format(low=round(low), high=round(high))
    return (
        name,
        percent_word(number_of(told, "change_percent")),
        between,
        percent_word(number_of(told, "sham_change_percent")),
        verdict_word(told["verdict"]),
    )


def percent_word(percent: float) -> str:
    """Return a change; a dash where it is not known."""
    return "–" if math.isnan(percent) else f"{round(percent):+d} %"
