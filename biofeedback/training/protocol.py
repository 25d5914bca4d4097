"""What a training protocol is made of: its phases, what each shows, and the papers it follows."""

from dataclasses import dataclass
from enum import StrEnum

from biofeedback.text import _
from biofeedback.training.pacer import Pacing


class Mode(StrEnum):
    """What is trained; `goal.AIMS` says what each measures."""

    BELOW = "below"
    ABOVE = "above"
    INSIDE = "inside"
    SYMMETRY = "symmetry"
    OVERFLOW = "overflow"
    RELAX = "relax"
    """Below, after a contraction."""


class Kind(StrEnum):
    """What a phase is for."""

    CHECK = "check"
    ADAPTATION = "adaptation"
    BASELINE = "baseline"
    """At instructed rest: where the threshold and the rest threshold come from."""
    TASK_BASELINE = "task-baseline"
    """Doing what the trials ask for, without help: the threshold comes from it alone."""
    REFERENCE = "reference"
    """A gentle contraction, which a muscle's level is held against."""
    SELF_CONTROL = "self-control"
    TRIAL = "trial"
    REST = "rest"
    CONTRACTION = "contraction"
    STRESSOR = "stressor"
    RECOVERY = "recovery"
    RATINGS = "ratings"


class Feedback(StrEnum):
    """What the person is shown (or hears) of the signal during a phase."""

    ON = "on"
    OFF = "off"
    DELAYED = "delayed"
    SUMMARY = "summary"
    """Nothing during the phase; its score at the end."""


class Ends(StrEnum):
    """What ends a phase."""

    TIME = "time"
    VALID_TIME = "valid-time"
    """Its clock waits while there is no valid signal."""
    ANSWER = "answer"
    """The person goes on, at the latest when its time is over; left out where nobody can answer."""


@dataclass(frozen=True, slots=True)
class Cue:
    """Something that is said `at_s` seconds of a phase's clock after its beginning."""

    at_s: float
    say: str


@dataclass(frozen=True, slots=True)
class Paper:
    """What a protocol leans on, and what was found, for or against."""

    paper: str
    result: str


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of a sitting. `seconds` on its clock; `round` counts the repeats of its block from 1.

    `muscle`: whose reference it is. `guess`: the person says before the score what they felt.
    `delay_s`: how old what is shown is, where feedback is delayed. `ask`: what is to be rated.
    `pacer`: what leads the breath; None: nothing does.
    """

    name: str
    kind: Kind
    seconds: float
    instruction: str
    feedback: Feedback
    ends: Ends
    round: int = 1
    muscle: str = ""
    guess: bool = False
    delay_s: float = 5.0
    cues: tuple[Cue, ...] = ()
    ask: tuple[str, ...] = ()
    pacer: Pacing | None = None


@dataclass(frozen=True, slots=True)
class Protocol:
    """The plan of a sitting.

    `hysteresis`: a share of the threshold; `dwell_s`: how long a change must last to be told.
    `fading`: how many sittings of a course have feedback in every trial, in every other, at the
    end of each, and not at all (the last goes on for good); empty: it does not fade.
    """

    name: str
    title: str
    summary: str
    mode: Mode
    phases: tuple[Phase, ...]
    evidence: tuple[Paper, ...] = ()
    hysteresis: float = 0.05
    dwell_s: float = 0.5
    fading: tuple[int, ...] = ()

    @property
    def seconds(self) -> float:
        """How long it lasts where nothing has to wait."""
        return sum(phase.seconds for phase in self.phases)


# What threshold and baseline are taken from
BASELINES = (Kind.BASELINE, Kind.TASK_BASELINE)
# What a muscle recovers from
LOADS = (Kind.CONTRACTION, Kind.STRESSOR)

_ENDS = {
    Kind.CHECK: Ends.ANSWER,
    Kind.RATINGS: Ends.ANSWER,
    # what is asked for here often shakes a cable, and must not last longer for it
    Kind.CONTRACTION: Ends.TIME,
    Kind.STRESSOR: Ends.TIME,
    Kind.REST: Ends.TIME,
}


def usual_end(kind: Kind) -> Ends:
    """Return what ends a phase that does not say it."""
    return _ENDS.get(kind, Ends.VALID_TIME)


_KIND_WORDS = {
    Kind.CHECK: _("Check of the sensor"),
    Kind.ADAPTATION: _("Settling in"),
    Kind.BASELINE: _("Baseline"),
    Kind.TASK_BASELINE: _("Baseline of the task"),
    Kind.REFERENCE: _("Reference"),
    Kind.SELF_CONTROL: _("Without help"),
    Kind.TRIAL: _("Trial"),
    Kind.REST: _("Rest"),
    Kind.CONTRACTION: _("Contraction"),
    Kind.STRESSOR: _("Load"),
    Kind.RECOVERY: _("Recovery"),
    Kind.RATINGS: _("Ratings"),
}


def kind_word(kind: Kind) -> str:
    """Return what a phase is called."""
    return _KIND_WORDS[kind]
