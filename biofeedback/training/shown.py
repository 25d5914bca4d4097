"""What a person may see of a training: what is trained, and how it stands to its goal."""

import math
from collections import deque
from typing import NamedTuple

from biofeedback.readings import PER_SECOND
from biofeedback.stream import Tension
from biofeedback.training.goal import Goal, GoalTracker, Measure
from biofeedback.training.protocol import Feedback, Phase, Protocol

TRAIL_S = 120


class Shown(NamedTuple):
    """What the person may see now: what is trained and its goal, NaN and UNKNOWN for nothing.

    `place`: where that stands, on either side of the goal.
    """

    measured: float
    goal: Goal
    place: float


NOTHING = Shown(math.nan, Goal.UNKNOWN, math.nan)


class Sight:
    """Judges each tenth of a phase, and holds what may be seen of it back as the phase asks."""

    def __init__(self, protocol: Protocol, measure: Measure) -> None:
        self._measure = measure
        self._judge = GoalTracker(
            protocol.mode,
            hysteresis=protocol.hysteresis,
            dwell=max(1, round(protocol.dwell_s * PER_SECOND)),
        )
        self._seen: deque[Shown] = deque([NOTHING], maxlen=1)
        self.trail: deque[Shown] = deque(maxlen=TRAIL_S * PER_SECOND)
        """What the person could see over two minutes, ten times a second, the newest last."""

    def begin(self, phase: Phase) -> None:
        """Begin `phase`: what was before it is seen no longer."""
        self._judge.goal = Goal.UNKNOWN
        delay = round(phase.delay_s * PER_SECOND) if phase.feedback is Feedback.DELAYED else 0
        self._seen = deque([NOTHING] * (delay + 1), maxlen=delay + 1)

    def end(self) -> None:
        """End the phase: nothing is seen."""
        self._seen = deque([NOTHING], maxlen=1)

    def take(self, block: Tension, *, threshold: float, judged: bool) -> None:
        """Judge a tenth by its newest sample; one that is not `judged` is unknown."""
        newest = block.slow[-1:]
        measured = float(self._measure(newest)[0]) if judged else math.nan
        place = math.nan if math.isnan(measured) else float(self._measure.place(newest)[0])
        self._seen.append(Shown(measured, self._judge(measured, threshold), place))

    def shown(self, phase: Phase | None) -> Shown:
        """Return what may be seen now, by the feedback of `phase`."""
        if phase is None or phase.feedback in (Feedback.OFF, Feedback.SUMMARY):
            return NOTHING
        return self._seen[0]
