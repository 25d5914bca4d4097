"""What a trial came to, and what weeks with and without something did, in words for everybody."""

import math
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Protocol, TypeVar

from biofeedback.analysis.effects import HELPS, LEAST_PERCENT, NO_DIFFERENCE, UNKNOWN, WORSE
from biofeedback.analysis.n_of_one import Found
from biofeedback.text import _, plural
from biofeedback.words import Signed

BEST_FIRST = (HELPS, NO_DIFFERENCE, UNKNOWN, WORSE)


class Kept(Protocol):
    """A trial as the journal has it."""

    @property
    def what(self) -> str: ...
    @property
    def simulated(self) -> bool: ...
    @property
    def result(self) -> dict[str, Any]: ...


_Trial = TypeVar("_Trial", bound=Kept)


def number_of(told: Mapping[str, Any], key: str) -> float:
    """Return a number of a result; NaN where it is not known, or was kept as None."""
    value = told.get(key)
    return math.nan if value is None else float(value)


def interval_of(told: Mapping[str, Any]) -> tuple[float, float]:
    """Return both ends of the interval of a result; NaN where they are not known."""
    ends = told.get("interval_percent") or (None, None)
    low, high = (math.nan if each is None else float(each) for each in ends)
    return low, high


def verdict_word(verdict: str) -> str:
    """Return a verdict in the user's language."""
    return {
        HELPS: _("helps"),
        NO_DIFFERENCE: _("no difference found"),
        WORSE: _("makes it worse"),
        UNKNOWN: _("not enough data"),
    }.get(verdict, verdict)


def sentences(told: Mapping[str, Any], name: str) -> tuple[str, str, str]:
    """Return what came of it: what it did, against what the sham did, and how fast and how sure."""
    return effect_words(told, name), _sham_words(told), _time_words(told)


def effect_words(told: Mapping[str, Any], name: str) -> str:
    """Return what `name` did, in a sentence or two."""
    verdict, percent = told["verdict"], number_of(told, "change_percent")
    if verdict == UNKNOWN or math.isnan(percent):
        return _("{name}: not enough data to say whether it helps.").format(name=name)
    low, high = interval_of(told)
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
    ).format(name=name, percent=Signed(percent), low=Signed(low), high=Signed(high))


def _sham_words(told: Mapping[str, Any]) -> str:
    percent = number_of(told, "sham_change_percent")
    if math.isnan(percent):
        return _("What the hand on the shoulder alone does is not known.")
    low, high = interval_of(told)
    if told["verdict"] == NO_DIFFERENCE and (high < 0 or low > 0):
        return _(
            "The hand on the shoulder alone changed it by {percent:+.0f} %: too near to that to "
            "call it a help."
        ).format(percent=Signed(percent))
    if abs(percent) < LEAST_PERCENT:
        return _("The hand on the shoulder alone hardly changed it ({percent:+d} %).").format(
            percent=Signed(round(percent))
        )
    return _("The hand on the shoulder alone changed it by {percent:+d} %.").format(
        percent=Signed(round(percent))
    )


def _time_words(told: Mapping[str, Any]) -> str:
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


def newest(trials: Iterable[_Trial]) -> list[tuple[_Trial, int]]:
    """Return the newest trial of each thing, with how many there are of it, the best first.

    `trials`: oldest first; those without a verdict of ours are passed over. Simulated ones stand
    for themselves, after the others.
    """
    last: dict[tuple[bool, str], _Trial] = {}
    count: dict[tuple[bool, str], int] = {}
    for trial in (each for each in trials if each.result.get("verdict") in BEST_FIRST):
        key = trial.simulated, trial.what
        last[key], count[key] = trial, count.get(key, 0) + 1
    return sorted(
        ((trial, count[key]) for key, trial in last.items()),
        key=lambda row: (row[0].simulated, *_rank(row[0].result)),
    )


def _rank(told: Mapping[str, Any]) -> tuple[int, float]:
    percent = number_of(told, "change_percent")
    return BEST_FIRST.index(told["verdict"]), math.inf if math.isnan(percent) else percent


def left_out_trials_words(n: int) -> str:
    """Return what is said of `n` simulated trials that are in no result."""
    return plural(
        "{n} trial with a simulated signal is not counted.",
        "{n} trials with a simulated signal are not counted.",
        n,
    ).format(n=n)


def weeks_words(found: Found, *, name: str, began: date, rated: str) -> str:
    """Return what weeks with and without `name` came to, of what was `rated` meanwhile."""
    if found.verdict == UNKNOWN:
        return _(
            "{name}, in weeks with and without it: not enough data on “{rated}” yet. {why}"
        ).format(name=name, rated=rated, why=found.why)
    form = _(
        "{name}: no difference found in weeks with and without it since {began}: with it “{rated}” "
        "changed by {difference:+.1f}, and quite surely between {low:+.1f} and {high:+.1f} (95 % "
        "interval; {pairs})."
    )
    difference, low, high = found.difference, found.low, found.high
    if found.verdict == HELPS:
        form = _(
            "{name} helps, in weeks with and without it since {began}: with it “{rated}” was "
            "{difference:.1f} lower, and quite surely between {low:.1f} and {high:.1f} lower (95 % "
            "interval; {pairs})."
        )
        difference, low, high = -difference, -high, -low
    elif found.verdict == WORSE:
        form = _(
            "{name} makes it worse, in weeks with and without it since {began}: with it “{rated}” "
            "was {difference:.1f} higher, and quite surely between {low:.1f} and {high:.1f} higher "
            "(95 % interval; {pairs})."
        )
    return form.format(
        name=name,
        began=began,
        rated=rated,
        difference=Signed(difference),
        low=Signed(low),
        high=Signed(high),
        pairs=pairs_word(found.pairs),
    )


def pairs_word(n: int) -> str:
    """Return so many pairs of weeks."""
    return plural("{n} pair of weeks", "{n} pairs of weeks", n).format(n=n)
