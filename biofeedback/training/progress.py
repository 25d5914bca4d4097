"""How far a training has come, so that one that broke off can go on where it was."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from biofeedback.text import plural
from biofeedback.training.by_hand import changes
from biofeedback.training.protocol import BASELINES, LOADS, Kind, Phase, Protocol
from biofeedback.training.score import TrialScore
from biofeedback.training.staircase import Step
from biofeedback.training.stretch import Stretch

if TYPE_CHECKING:
    from biofeedback.training.trainer import Trainer

# A training is one sitting: the next day begins a new one.
RESUMED_WITHIN_S = 24 * 3600.0
# So long a coffee is no reason to take electrodes off. Once they were, or their gel has dried,
# microvolts are others: a threshold that was held against the old ones would mean nothing.
BASELINE_HOLDS_S = 1800.0
_IN_MINUTES_S = 5400.0


@dataclass(frozen=True, slots=True)
class Pause:
    """The training broke off at `t_s` of its own time, and went on `seconds` later."""

    t_s: float
    seconds: float

    @property
    def words(self) -> str:
        """What is noted of it."""
        n, hours = roughly(self.seconds)
        said = plural("Resumed after {n} minute.", "Resumed after {n} minutes.", n)
        if hours:
            said = plural("Resumed after {n} hour.", "Resumed after {n} hours.", n)
        return said.format(n=n)


@dataclass(frozen=True, slots=True)
class Progress:
    """A training up to the phase `reached` of its protocol; the one before it ended at `t_s`.

    Times are of the whole training, which stands still while it is broken off. `scores`: of the
    trials. `path`, `eased_to`, `running`: as of `Staircase`. `lowest`:
    the least threshold, as far as a stored rest tells. `baseline`: the first muscle's level in the
    latest, `centre` and `references` as of `goal.Measure`. `changes`: by hand, as JSON has them.
    """

    reached: int
    t_s: float
    stretches: tuple[Stretch, ...]
    scores: tuple[TrialScore, ...]
    path: tuple[Step, ...]
    eased_to: float
    running: int
    lowest: float
    baseline: float
    centre: float
    references: dict[str, float]
    guesses: tuple[dict[str, Any], ...]
    ratings: dict[str, float]
    changes: tuple[dict[str, Any], ...] = ()
    pauses: tuple[Pause, ...] = ()

    @property
    def away_s(self) -> float:
        """How long it was broken off since a phase of it was last over, in s."""
        over_s = max((each.start_s + each.seconds for each in self.stretches), default=0.0)
        return sum(pause.seconds for pause in self.pauses if pause.t_s >= over_s)

    def shifted(self, by_s: float) -> "Progress":
        """Return the same with its phases and its thresholds moved by `by_s`."""
        return replace(
            self,
            stretches=tuple(replace(each, start_s=each.start_s + by_s) for each in self.stretches),
            path=tuple(replace(step, t_s=step.t_s + by_s) for step in self.path),
        )

    def after_pause(self, seconds: float, *, lasted_s: float) -> "Progress":
        """Return it as it goes on `seconds` after it broke off, when it had lasted `lasted_s`."""
        lasted_s = max(lasted_s, self.t_s)
        return replace(self, t_s=lasted_s, pauses=(*self.pauses, Pause(lasted_s, seconds)))


def roughly(seconds: float) -> tuple[int, bool]:
    """Return how long something lasted, in whole minutes, and False; or in hours, and True."""
    if seconds < _IN_MINUTES_S:
        return max(1, round(seconds / 60)), False
    return round(seconds / 3600), True


def progressed(trainer: "Trainer", stretch: Stretch, *, left: int) -> Progress | None:
    """Return how far `trainer` has come after `stretch`, when `left` phases were still to come.

    As far as before where nothing can go on from there: after a load, since a muscle recovers right
    after it, in what comes again of a training that was resumed, and where it is broken off.
    """
    before = trainer.before
    reached = len(trainer.protocol.phases) - left
    again = before is not None and reached < before.reached
    if again or stretch.phase.kind in LOADS or not (trainer.whole or stretch.whole):
        return trainer.progress
    return replace(
        trainer.results.progress(
            reached=reached,
            t_s=trainer.since_s + stretch.start_s + stretch.seconds,
            ratings=dict(trainer.ratings),
            pauses=before.pauses if before else (),
        ).shifted(trainer.since_s),
        changes=tuple(all_changes(trainer)),
    )


def all_changes(trainer: "Trainer") -> list[dict[str, Any]]:
    """Return what was changed by hand since the training began, for JSON."""
    before = trainer.before.changes if trainer.before else ()
    since = [{**each, "t_s": trainer.since_s + each["t_s"]} for each in changes(trainer.events)]
    return [*before, *since]


def to_come(protocol: Protocol, progress: Progress) -> tuple[Phase, ...]:
    """Return the phases that are left after a pause, with those before them that come again.

    The check of the sensor does. So does the newest baseline before the trials, where electrodes
    may have been off and trials are left.
    """
    over, left = protocol.phases[: progress.reached], protocol.phases[progress.reached :]
    again = [phase for phase in over[:1] if phase.kind is Kind.CHECK]
    kinds = [phase.kind for phase in left]
    measured = [phase for phase in _until_trials(over) if phase.kind in BASELINES]
    if Kind.TRIAL in kinds and progress.away_s > BASELINE_HOLDS_S:
        follows = set(kinds[: kinds.index(Kind.TRIAL)]) & set(BASELINES)
        again += [] if follows else measured[-1:]
    return (*again, *left)


def _until_trials(phases: tuple[Phase, ...]) -> tuple[Phase, ...]:
    kinds = [phase.kind for phase in phases]
    return phases[: kinds.index(Kind.TRIAL)] if Kind.TRIAL in kinds else phases
