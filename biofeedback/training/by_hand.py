"""What somebody who leads a sitting changes of a phase that is under way, and how it is told."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from biofeedback.errors import SettingsError
from biofeedback.text import _
from biofeedback.training.events import Event, What
from biofeedback.training.protocol import BASELINES, Feedback, Kind, Phase

STEP_S = 30.0
"""How much longer or shorter a phase becomes at a time."""
LEAST_LEFT_S = 5.0
"""A phase that is made shorter goes on for so long: to end it at once is another wish."""


class Change(StrEnum):
    """What is wished of the phase."""

    NEXT = "next"
    REPEAT = "repeat"
    LONGER = "longer"
    SHORTER = "shorter"
    FEEDBACK_ON = "feedback-on"
    FEEDBACK_OFF = "feedback-off"


@dataclass(frozen=True, slots=True)
class Changed:
    """The `phase` as it is from now on, and what is noted of it; `over`: it ends now."""

    phase: Phase
    text: str
    over: bool = False


def check_change(change: Change, phase: Phase | None) -> None:
    """Raise `SettingsError` where `change` means nothing for `phase`; None: none is under way."""
    if phase is None:
        raise SettingsError(_("No phase is under way just now: wait for the next one."))
    hidden = (*BASELINES, Kind.REFERENCE)
    if change is Change.FEEDBACK_ON and phase.kind in hidden:
        raise SettingsError(
            _("A baseline is measured with the signal hidden: switch feedback on in a later phase.")
        )


def changed(change: Change, phase: Phase, *, planned: Phase, passed_s: float) -> Changed:
    """Return what `change` makes of `phase`, of whose clock `passed_s` have gone.

    `planned`: the phase as the protocol has it, whose own feedback is what comes back.
    """
    match change:
        case Change.NEXT:
            return Changed(phase, _("Next phase, by hand."), over=True)
        case Change.REPEAT:
            return Changed(phase, _("This phase again, by hand."), over=True)
        case Change.LONGER | Change.SHORTER:
            step_s = STEP_S if change is Change.LONGER else -STEP_S
            seconds = min(
                max(phase.seconds + step_s, passed_s + LEAST_LEFT_S),
                max(phase.seconds, phase.seconds + step_s),
            )
            said = _("This phase is {seconds:g} s long, set by hand.").format(seconds=seconds)
            return Changed(replace(phase, seconds=seconds), said)
        case Change.FEEDBACK_ON:
            own = planned.feedback
            feedback = Feedback.ON if own is Feedback.OFF else own
            return Changed(replace(phase, feedback=feedback), _("Feedback on, by hand."))
        case Change.FEEDBACK_OFF:
            return Changed(replace(phase, feedback=Feedback.OFF), _("Feedback off, by hand."))


def counted(before: Phase, now: Phase, *, begun: bool) -> Phase:
    """Return the phase as its score counts it: help that was given for a part of it was given."""
    if begun and now.feedback is Feedback.OFF:
        return replace(now, feedback=before.feedback)
    return now


def changes(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Return what was changed by hand, for JSON: when, what, and of which phase."""
    return [
        {"t_s": event.t_s, **{key: event.values[key] for key in _TOLD}}
        for event in events
        if event.what is What.CHANGED
    ]


_TOLD = ("change", "phase", "round", "seconds", "feedback")
