"""The heart in what a training came to: by phase, and in all, also where it broke off."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from biofeedback.heart.beside import HeartBeside

_RATE, _SHARE = "heart_rate_bpm", "heart_percent_of_time"


def told_with_heart(
    told: Mapping[str, Any],
    heart: HeartBeside | None,
    *,
    since_s: float = 0.0,
    before: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return what a training came to with the heart in it, mean rates by phase too.

    `since_s`: what it had lasted before this stream began, where it was resumed; `before`: what it
    had come to by then, as this made it. As it came where no strap was heard, then or now.
    """
    earlier = before or {}
    heard = [each for each in (_before(earlier), _now(heart, told, since_s)) if each]
    if not heard:
        return dict(told)
    phases_before = iter(earlier.get("phases", ()))
    phases = [
        phase | _phase(phase, heart, since_s=since_s, before=phases_before)
        for phase in told["phases"]
    ]
    return {**told, "phases": phases, "heart": _together(heard, told["duration_s"])}


def _phase(
    phase: Mapping[str, Any], heart: HeartBeside | None, *, since_s: float, before: Iterator[Any]
) -> dict[str, float]:
    """Return the rate in a phase of now, or what was told of it; phases follow one another."""
    start_s = phase["start_s"] - since_s
    if start_s < 0:
        was: Mapping[str, Any] = next(before, {})
        return {key: _number(was[key]) for key in (_RATE, _SHARE) if key in was}
    if heart is None:
        return {}
    rate, percent = heart.rate_between(start_s, start_s + phase["seconds"])
    return {_RATE: rate, _SHARE: percent}


def _before(earlier: Mapping[str, Any]) -> tuple[dict[str, Any], float] | None:
    """Return what was told of the heart, and of how many seconds."""
    return (earlier["heart"], _number(earlier["duration_s"])) if earlier.get("heart") else None


def _now(
    heart: HeartBeside | None, told: Mapping[str, Any], since_s: float
) -> tuple[dict[str, Any], float] | None:
    seconds: float = told["duration_s"] - since_s
    return (heart.summary(seconds), seconds) if heart else None


def _together(heard: list[tuple[dict[str, Any], float]], duration_s: float) -> dict[str, Any]:
    """Return what the strap told in all parts of a training: a mean over the time that had one."""
    if len(heard) == 1 and heard[0][1] == duration_s:
        return heard[0][0]
    rates = [
        (each["percent_of_time"] / 100 * max(1, round(seconds)), _number(each["rate_bpm"]))
        for each, seconds in heard
    ]
    known_s = sum(seconds for seconds, _rate in rates)
    beats = sum(seconds * rate for seconds, rate in rates if seconds)
    counted = ("rr_intervals", "rr_artefacts", "losses", "corrupt")
    return {
        "from": heard[-1][0]["from"],
        "rate_bpm": beats / known_s if known_s else math.nan,
        "percent_of_time": min(100.0, 100.0 * known_s / duration_s) if duration_s else 0.0,
        **{key: sum(each[key] for each, _s in heard) for key in counted},
    }


def _number(value: float | None) -> float:
    """Return a number that JSON kept: it has no NaN."""
    return math.nan if value is None else float(value)
