"""What a trial came to: how much less tension with what was tried, and how sure that is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from biofeedback.dsp.intervals import BOOTSTRAP_FROM, interval
from biofeedback.readings import PER_SECOND
from biofeedback.text import _

# Verdicts, as programs get them, in no language; `told.py` has those for people.
HELPS = "helps"
NO_DIFFERENCE, WORSE, UNKNOWN = (
    " ".join(words)
    for words in (
        ("no", "difference", "found"),
        ("makes", "it", "worse"),
        ("not", "enough", "data"),
    )
)
FEWEST = 4
"""With fewer repeats of each kind that count nothing is said."""
LEAST_PERCENT = 10.0
"""A smaller change is none: no muscle holds still from minute to minute."""

# What is tried needs a moment to set in, and the slow RMS looks back a second. What it leaves
# behind is given half of the time that follows to fade.
_ON_AFTER_S, _AFTER_FROM = 2.0, 0.5
_LEAST_VALID = 0.5  # of each stretch
_LATENCY_HELD_S, _CARRY_OVER_HELD_S = 1.0, 3.0
_BEFORE_S = 10.0  # how long before the contact the fall is looked for


class OffOnOff(Protocol):
    """One repeat; times in s since the stream began. See `training.trial.Repeat`."""

    @property
    def pair(self) -> int: ...
    @property
    def sham(self) -> bool: ...
    @property
    def off_s(self) -> float: ...
    @property
    def cue_s(self) -> float: ...
    @property
    def contact_s(self) -> float: ...
    @property
    def marked(self) -> bool: ...
    @property
    def release_s(self) -> float: ...
    @property
    def let_go_s(self) -> float: ...
    @property
    def end_s(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Change:
    """A change in percent, with its 95 % interval; NaN where it is not known. Below 0: less."""

    percent: float = math.nan
    low: float = math.nan
    high: float = math.nan

    @property
    def known(self) -> bool:
        """Whether there is one."""
        return not math.isnan(self.percent)


@dataclass(frozen=True, slots=True)
class Each:
    """One repeat: its three levels, NaN where too little of one counts, and whether it counts."""

    sham: bool
    off: float
    on: float
    after: float
    counts: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """What was found. Levels are in the unit of the channel; NaN where something is not known.

    `change`: on against off; `sham`: of the sham; `against_sham`: the one over the other, pair by
    pair. `counted`: of how many repeats, of `repeats`, and `sham_counted`. `method`: "t" or
    "bootstrap". `latency_s`: from contact until halfway down, below 0 where that came first;
    `carry_over_s`: from letting go until halfway back. `why`: of what is not known, in words.
    """

    verdict: str
    change: Change
    sham: Change
    against_sham: Change
    repeats: int
    counted: int
    sham_counted: int
    method: str
    off: float
    on: float
    latency_s: float
    carry_over_s: float
    valid_percent: float
    why: tuple[str, ...]
    each: tuple[Each, ...]

    def told(self, unit: str) -> dict[str, Any]:
        """Return it as plain values; `unit` ends the keys of levels: uv or counts."""
        return {
            "verdict": self.verdict,
            "change_percent": self.change.percent,
            "interval_percent": [self.change.low, self.change.high],
            "sham_change_percent": self.sham.percent,
            "sham_interval_percent": [self.sham.low, self.sham.high],
            "against_sham_percent": self.against_sham.percent,
            "against_sham_interval_percent": [self.against_sham.low, self.against_sham.high],
            "method": self.method,
            "repeats": self.repeats,
            "counted": self.counted,
            "sham_counted": self.sham_counted,
            f"off_{unit}": self.off,
            f"on_{unit}": self.on,
            "latency_s": self.latency_s,
            "carry_over_half_time_s": self.carry_over_s,
            "valid_percent": self.valid_percent,
            "why": list(self.why),
            "each": [
                {
                    "kind": "sham" if each.sham else "real",
                    f"off_{unit}": each.off,
                    f"on_{unit}": each.on,
                    f"after_{unit}": each.after,
                    "counts": each.counts,
                }
                for each in self.each
            ],
        }


def change_of(log_ratios: NDArray[np.float64]) -> Change:
    """Return the change that log ratios ``(n,)`` come to, NaN among them left out."""
    known = log_ratios[~np.isnan(log_ratios)]
    if len(known) < FEWEST:
        return Change()
    return Change(*(100.0 * math.expm1(value) for value in interval(known)))


def verdict_of(change: Change, against_sham: Change) -> str:
    """Return what is said: helps only what does more than the sham, too."""
    if not (change.known and against_sham.known):
        return UNKNOWN
    if max(change.high, against_sham.high) < 0 and change.percent <= -LEAST_PERCENT:
        return HELPS
    if min(change.low, against_sham.low) > 0 and change.percent >= LEAST_PERCENT:
        return WORSE
    return NO_DIFFERENCE


def find_effect(
    levels: NDArray[np.float64],
    repeats: Sequence[OffOnOff],
    *,
    planned: int,
    floor: float = 0.0,
    window_s: float = 1.0,
) -> Effect:
    """Return what `repeats` show in `levels`.

    `levels` ``(n,)``: the slow RMS ten times a second since the stream began, over `window_s`, NaN
    where it does not count. `planned`: how many of each kind there should be. `floor`: below it
    the sensor resolves nothing; a lower level is taken for it, so that no effect is made larger.

    The level of each stretch is its median: of all of off, of on from 2 s after the contact, and of
    the second half of what follows. The log ratio of a repeat is on over the mean of both offs, so
    that what drifts steadily is no effect.
    """
    stretches = np.array([_medians(levels, each) for each in repeats]).reshape(-1, 3)
    logs = np.log(np.maximum(stretches, max(floor, 1e-9)))
    ratios = logs[:, 1] - (logs[:, 0] + logs[:, 2]) / 2
    resolved = np.fmin(stretches[:, 0], stretches[:, 2]) > floor
    ratios[~resolved] = np.nan  # NaN is not above it either
    sham = np.array([each.sham for each in repeats], dtype=bool)
    real = ~sham & ~np.isnan(ratios)
    change, of_sham = change_of(ratios[~sham]), change_of(ratios[sham])
    against = change_of(_over_sham(ratios, repeats))
    sure = change.known and (change.low > 0 or change.high < 0)
    shown = [each for each, counts in zip(repeats, real, strict=True) if counts]
    off = float(np.exp(logs[real][:, (0, 2)].mean())) if len(shown) else math.nan
    on = float(np.exp(logs[real][:, 1].mean())) if len(shown) else math.nan
    latency, carry_over = math.nan, math.nan
    if sure:
        latency = _latency_s(levels, shown, off=off, on=on, window_s=window_s)
        carry_over = _carry_over_s(levels, shown, off=off, on=on, window_s=window_s)
    first, last = _ends(repeats)
    part = levels[first:last]
    valid = 100.0 * float(np.mean(~np.isnan(part))) if len(part) else math.nan
    counted, sham_counted = len(shown), int((sham & ~np.isnan(ratios)).sum())
    low = bool(np.any(stretches[:, 0] <= floor))
    return Effect(
        verdict=verdict_of(change, against),
        change=change,
        sham=of_sham,
        against_sham=against,
        repeats=planned,
        counted=counted,
        sham_counted=sham_counted,
        method="bootstrap" if counted >= BOOTSTRAP_FROM else "t",
        off=off,
        on=on,
        latency_s=latency,
        carry_over_s=carry_over,
        valid_percent=valid,
        why=_reasons(change, against, low=low, sure=sure, times=(latency, carry_over)),
        each=tuple(
            Each(each.sham, float(row[0]), float(row[1]), float(row[2]), not math.isnan(ratio))
            for each, row, ratio in zip(repeats, stretches, ratios, strict=True)
        ),
    )


def _reasons(
    change: Change, against: Change, *, low: bool, sure: bool, times: tuple[float, float]
) -> tuple[str, ...]:
    """Return why something is not known, each a sentence."""
    why = []
    if not (change.known and against.known):
        why.append(
            _("At least {n} repeats of each kind, with a valid signal, are needed.").format(
                n=FEWEST
            )
        )
    if low:
        why.append(_("The muscle was below what the sensor resolves: there was nothing to ease."))
    if change.known and not sure:
        why.append(_("How fast it works is not told of a change that is not sure."))
    if sure and math.isnan(times[0]):
        why.append(_("How fast it works is not known: the beginning was not marked, or not clear."))
    if sure and math.isnan(times[1]):
        why.append(_("How long it lasts is not known: it was not halfway back in time."))
    return tuple(why)


def _part(levels: NDArray[np.float64], start_s: float, stop_s: float) -> NDArray[np.float64]:
    return levels[max(0, round(start_s * PER_SECOND)) : max(0, round(stop_s * PER_SECOND))]


def _median(part: NDArray[np.float64]) -> float:
    """Return the median of what counts; NaN where that is too little."""
    known = part[~np.isnan(part)]
    return float(np.median(known)) if len(known) > _LEAST_VALID * len(part) else math.nan


def _medians(levels: NDArray[np.float64], each: OffOnOff) -> tuple[float, float, float]:
    """Return the levels off, on, and off again."""
    faded_s = each.let_go_s + _AFTER_FROM * (each.end_s - each.let_go_s)
    return (
        _median(_part(levels, each.off_s, each.cue_s)),
        _median(_part(levels, each.contact_s + _ON_AFTER_S, each.release_s)),
        _median(_part(levels, faded_s, each.end_s)),
    )


def _over_sham(ratios: NDArray[np.float64], repeats: Sequence[OffOnOff]) -> NDArray[np.float64]:
    """Return by how much each pair's real one differs from its sham, as log ratios."""
    by_pair = {(each.pair, each.sham): ratio for each, ratio in zip(repeats, ratios, strict=True)}
    pairs = sorted({each.pair for each in repeats})
    missing = math.nan
    return np.array(
        [by_pair.get((pair, False), missing) - by_pair.get((pair, True), missing) for pair in pairs]
    )


def _ends(repeats: Sequence[OffOnOff]) -> tuple[int, int]:
    if not repeats:
        return 0, 0
    return round(repeats[0].off_s * PER_SECOND), round(repeats[-1].end_s * PER_SECOND)


def _course(
    levels: NDArray[np.float64], spans: Sequence[tuple[float, float, float]]
) -> NDArray[np.float64]:
    """Return the geometric mean of stretches (start, zero, stop), laid over each other at zero.

    As long as the shortest of them on either side.
    """
    before = min(round((zero - start) * PER_SECOND) for start, zero, _stop in spans)
    after = min(round((stop - zero) * PER_SECOND) for _start, zero, stop in spans)
    rows = []
    for _start, zero, _stop in spans:
        at = round(zero * PER_SECOND)
        rows.append(levels[at - before : at + after])
    logs = np.log(np.array(rows))
    known = ~np.isnan(logs)
    sums, n = np.where(known, logs, 0.0).sum(axis=0), known.sum(axis=0)
    return np.exp(np.where(n > 0, sums / np.maximum(n, 1), np.nan))


def _reached(course: NDArray[np.float64], half: float, *, below: bool, held_s: float) -> int | None:
    """Return from which tenth on the course is beyond `half` for so long; None: never."""
    beyond = course <= half if below else course >= half
    held = round(held_s * PER_SECOND)
    if len(beyond) < held:
        return None
    runs = np.lib.stride_tricks.sliding_window_view(beyond, held).all(axis=1)
    found = np.flatnonzero(runs)
    return int(found[0]) if len(found) else None


def _latency_s(
    levels: NDArray[np.float64],
    repeats: Sequence[OffOnOff],
    *,
    off: float,
    on: float,
    window_s: float,
) -> float:
    """Return how long after the contact it was halfway; a reading tells of its window's middle."""
    spans = [
        (max(each.off_s, each.contact_s - _BEFORE_S), each.contact_s, each.release_s)
        for each in repeats
        if each.marked
    ]
    if not spans:
        return math.nan
    course = _course(levels, spans)
    at = _reached(course, (off + on) / 2, below=on < off, held_s=_LATENCY_HELD_S)
    before = min(round((zero - start) * PER_SECOND) for start, zero, _stop in spans)
    return math.nan if at is None else (at - before) / PER_SECOND - window_s / 2


def _carry_over_s(
    levels: NDArray[np.float64],
    repeats: Sequence[OffOnOff],
    *,
    off: float,
    on: float,
    window_s: float,
) -> float:
    """Return how long after letting go it was halfway back, held 3 s."""
    spans = [(each.let_go_s, each.let_go_s, each.end_s) for each in repeats]
    at = _reached(_course(levels, spans), (off + on) / 2, below=on > off, held_s=_CARRY_OVER_HELD_S)
    return math.nan if at is None else max(0.0, at / PER_SECOND - window_s / 2)
