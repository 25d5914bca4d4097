"""The steps from the first page to a training: which there are, and what each says; no Qt."""

from dataclasses import dataclass
from enum import Enum, auto

from biofeedback.text import _


class Step(Enum):
    """A page on the way; the last three are the screens it leads to."""

    SAFETY = auto()
    CONNECT = auto()
    PROTOCOL = auto()
    PLACE = auto()
    CHECK = auto()
    TRAIN = auto()
    TRY = auto()
    WATCH = auto()


_WORDS = {
    Step.SAFETY: _("Safety first"),
    Step.CONNECT: _("Connect the sensor"),
    Step.PROTOCOL: _("Choose a training"),
    Step.PLACE: _("Place the electrodes"),
    Step.CHECK: _("Check the sensor"),
    Step.TRAIN: _("Train, beginning at rest"),
    Step.TRY: _("Try what helps"),
    Step.WATCH: _("Watch the tension"),
}


@dataclass(frozen=True, slots=True)
class Way:
    """Where somebody wants to go. `sensor`: with electrodes on, not with a simulated muscle.

    `train`: to a training, `trial`: to a trial of what helps; else only to watch. `planned`: which
    training is known, from their course. `place`: it must be shown where the electrodes go.
    """

    sensor: bool
    train: bool
    planned: bool = False
    place: bool = False
    trial: bool = False

    def steps(self) -> tuple[Step, ...]:
        """Return the steps in their order."""
        wanted = {
            Step.SAFETY: self.sensor,
            Step.CONNECT: self.sensor,
            Step.PROTOCOL: self.train and not self.planned,
            Step.PLACE: self.sensor and (self.train or self.trial) and self.place,
            Step.CHECK: self.sensor,
            Step.TRAIN: self.train,
            Step.TRY: self.trial,
            Step.WATCH: not (self.train or self.trial),
        }
        return tuple(step for step, there in wanted.items() if there)

    def after(self, step: Step) -> Step | None:
        """Return the step that follows; None after the last."""
        steps = self.steps()
        at = steps.index(step) + 1
        return steps[at] if at < len(steps) else None

    def before(self, step: Step) -> Step | None:
        """Return the step that one goes back to; None: the page that it all began from."""
        steps = self.steps()
        at = steps.index(step)
        return steps[at - 1] if at else None

    def words(self, step: Step) -> str:
        """Return where one is and what comes next; empty for what is no step of this way."""
        steps = self.steps()
        if step not in steps:
            return ""
        following = self.after(step)
        n = steps.index(step) + 1
        if following is None:
            return _("Step {n} of {all}: {what}.").format(n=n, all=len(steps), what=_WORDS[step])
        return _("Step {n} of {all}: {what}. Next: {following}.").format(
            n=n, all=len(steps), what=_WORDS[step], following=_WORDS[following]
        )
