"""What the breath had of the tension in a training, in plain words; no Qt."""

from typing import Any

from biofeedback.muscles import shown_label
from biofeedback.text import _

# Percent, a choice: less is nothing to work on, and the heart alone may make a few.
_LEAST = 7.0
# The nearest of these is said.
_PARTS = (
    (10, _("about a tenth")),
    (20, _("about a fifth")),
    (25, _("about a quarter")),
    (33, _("about a third")),
    (50, _("about half")),
    (67, _("about two thirds")),
    (75, _("about three quarters")),
    (95, _("nearly all")),
)
# Percent points by which the first phase and the last must differ to speak of both.
_OTHER = 10.0


def breathing_sentence(told: dict[str, Any]) -> str:
    """Return what came of the pacer in an outcome; empty where no breath was found in it."""
    led = _led(told)
    if not led or not _is_told(led[-1]):
        return ""
    last, first = led[-1], led[0]
    muscle, part = shown_label(told["channels"][0]), _part(last["share_percent"])
    if last["with"] == "out":
        return _(
            "Of the tension ({muscle}) {part} moved with your breath, most as you breathed out."
        ).format(part=part, muscle=muscle)
    if _is_told(first) and first["share_percent"] - last["share_percent"] >= _OTHER:
        return _(
            "Of the tension ({muscle}) {part} moved with your breathing in; at first it was "
            "{before}."
        ).format(part=part, muscle=muscle, before=_part(first["share_percent"]))
    return _(
        "Of the tension ({muscle}) {part} moved with your breathing in: let the belly rise, and "
        "the shoulders hang."
    ).format(part=part, muscle=muscle)


def breathing_row(told: dict[str, Any]) -> str:
    """Return the number for a table, of the last phase with a pacer; empty without one."""
    led = _led(told)
    if not led:
        return ""
    last = led[-1]
    if last["interval_percent"] is None:
        return _("not enough data")
    low, high = last["interval_percent"]
    if last["verdict"] != "found":
        return _("not found, at most {high:.0f} %").format(high=high)
    share = last["share_percent"]
    return _("{share:.0f} % ({low:.0f} to {high:.0f} %)").format(share=share, low=low, high=high)


def _led(told: dict[str, Any]) -> list[dict[str, Any]]:
    return [phase["breathing"] for phase in told["phases"] if "breathing" in phase]


def _is_told(breathing: dict[str, Any]) -> bool:
    return breathing["verdict"] == "found" and float(breathing["share_percent"]) >= _LEAST


def _part(percent: float) -> str:
    return min(_PARTS, key=lambda part: abs(part[0] - percent))[1]
