"""How a training is said in plain words: where it stands, what is asked, what came of a trial."""

import math
from dataclasses import dataclass

from biofeedback.text import _
from biofeedback.training.goal import Goal, Measure
from biofeedback.training.protocol import Feedback, Kind, Mode, Phase
from biofeedback.training.shown import Shown
from biofeedback.training.trainer import Trainer

_CALM = {
    Kind.CHECK: _("Space goes on when you are ready."),
    Kind.ADAPTATION: _("Just sit."),
    Kind.BASELINE: _("Measuring: just sit."),
    Kind.TASK_BASELINE: _("Measuring."),
    Kind.REFERENCE: _("Measuring."),
    Kind.SELF_CONTROL: _("Measuring, with nothing to see."),
    Kind.REST: _("Nothing is measured."),
    Kind.CONTRACTION: _("Gently."),
    Kind.STRESSOR: _("Measuring."),
    Kind.RECOVERY: _("Measuring: just let go."),
    Kind.RATINGS: _("Space goes on."),
}
_RATED = {
    "tension": _("How tense do you feel now?"),
    "pain": _("How much pain is there now?"),
}
CLOSED_EYES = "sound"
WAYS = {
    "ring": _("Ring"),
    "scene": _("Lake"),
    "trend": _("Curve"),
    CLOSED_EYES: _("Eyes closed"),
}
"""What the ways to see a training are called, in the order in which one follows the other."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, to be answered from 0 to 10, and what the ends mean.

    `rating`: which of the ratings it is; empty for the guess of a trial.
    """

    text: str
    ends: str
    rating: str = ""


def next_way(way: str) -> str:
    """Return the way to see a training that follows; the first one after the last."""
    ways = list(WAYS)
    return ways[(ways.index(way) + 1) % len(ways)]


def goal_word(measure: Measure, shown: Shown) -> str:
    """Return what a person is told of their goal, and on which side of it they are."""
    if shown.goal is Goal.UNKNOWN:
        return _("No reading")
    if shown.goal is Goal.REACHED:
        return _("At the goal")
    match measure.mode:
        case Mode.ABOVE:
            return _("A little more")
        case Mode.INSIDE:
            return _("A little more") if shown.place < measure.centre else _("A little less")
        case Mode.SYMMETRY:
            return _("Left is tenser") if shown.place < 0 else _("Right is tenser")
    return _("Not yet")


def unit_words(measure: Measure) -> str:
    """Return what the number of a share is; empty for a level, which has its unit."""
    match measure.mode:
        case Mode.SYMMETRY:
            return _("percent difference")
        case Mode.OVERFLOW:
            return _("percent of the task")
    return ""


def calm_words(phase: Phase) -> str:
    """Return what is said where nothing of the signal is shown."""
    if phase.kind is not Kind.TRIAL:
        return _CALM[phase.kind]
    if phase.feedback is Feedback.SUMMARY:
        return _("Nothing to see now: how it went comes at the end.")
    return _("Without help this time: feel how the muscle is.")


def guess_question() -> Question:
    """Return what is asked before it is said how a trial went."""
    return Question(
        _("How tense was the muscle?"),
        _("0: not at all. 5: as in the baseline. 10: twice that or more."),
    )


def rating_question(name: str) -> Question:
    """Return what is asked for the rating called `name`."""
    said = _RATED.get(name, _("{what}: how much now?").format(what=name))
    return Question(said, _("0: none. 10: the most you can think of."), rating=name)


def goal_words(trainer: Trainer) -> str:
    """Return what the goal is; empty where there is none yet."""
    if math.isnan(trainer.threshold):
        return ""
    level = trainer.measure.say(trainer.threshold)
    match trainer.measure.mode:
        case Mode.ABOVE:
            return _("Goal: above {level}").format(level=level)
        case Mode.INSIDE:
            return _("Goal: within {level}").format(level=level)
    return _("Goal: below {level}").format(level=level)


def sentence(words: str) -> str:
    """Return `words` as a sentence."""
    return f"{words[:1].upper()}{words[1:]}." if words else ""
