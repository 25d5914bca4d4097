"""What the phases of a sitting came to, and what follows from it for the next ones."""

import math
from typing import Any, NamedTuple, Protocol

from biofeedback.errors import SettingsError
from biofeedback.muscles import shown_label
from biofeedback.text import _
from biofeedback.training.events import What
from biofeedback.training.goal import Measure
from biofeedback.training.progress import Progress
from biofeedback.training.protocol import BASELINES, Feedback, Kind, Mode
from biofeedback.training.protocol import Protocol as SittingPlan
from biofeedback.training.score import (
    TrialScore,
    above_floor,
    load_of,
    long_enough,
    percentile,
    score_trial,
)
from biofeedback.training.staircase import Staircase
from biofeedback.training.stretch import Stretch, shelved
from biofeedback.words import number_word, unit_word

# A guess is from 0 to 10; as tense as in the baseline is 5, twice that or more is 10.
GUESS_AS_BASELINE, MOST = 5.0, 10.0


class StoredRest(NamedTuple):
    """A muscle's instructed rest as it was measured before: SD and P75 of its slow RMS."""

    sd: float
    p75: float


class Tell(Protocol):
    """Takes an event; its time is in s."""

    def __call__(self, now: float, what: What, text: str, **values: Any) -> None:
        """Keep it."""


class Results:
    """Takes the phases as they are known: baselines start the threshold, trials move it.

    `stretches`: the phases that are over; `trials`: the trials among them with their scores.
    `guesses`: what was guessed of a trial from 0 to 10, what was measured, and the difference.
    `rest`: of the first muscle as it was stored, for a threshold that no baseline starts.
    """

    def __init__(
        self, measure: Measure, *, tell: Tell, answers: bool, rest: StoredRest | None = None
    ) -> None:
        self.measure, self._tell, self._answers = measure, tell, answers
        self._rest, self._lowest = rest, 0.0
        self.staircase = Staircase(measure.aim)
        self.stretches: list[Stretch] = []
        self.trials: list[tuple[Stretch, TrialScore]] = []
        self.guesses: list[dict[str, Any]] = []
        self._baseline = math.nan  # the first muscle's level in the latest

    def add(self, stretch: Stretch, now: float, *, trials_to_come: bool) -> None:
        """Take a phase, at a time when nothing of it can be taken back any more."""
        self.stretches.append(stretch)
        kind = stretch.phase.kind
        if kind in BASELINES:
            self._take_baseline(stretch, now)
            if trials_to_come and long_enough(stretch):
                self._start_threshold(stretch, now)
            elif trials_to_come and self._rest and math.isnan(self.staircase.threshold):
                self._start_stored(self._rest, now)
        elif kind is Kind.REFERENCE:
            self._take_reference(stretch, now)
        elif kind is Kind.TRIAL:
            self._take_trial(stretch, now)
        self._shelve(stretch)

    def _shelve(self, stretch: Stretch) -> None:
        """Put away what is not needed before the end."""
        put_away = self.stretches[-1] = shelved(stretch)
        self.trials = [(put_away if of is stretch else of, score) for of, score in self.trials]

    def take_up(self, progress: Progress) -> None:
        """Go on from where a training broke off."""
        self.stretches = list(progress.stretches)
        trials = [each for each in self.stretches if each.phase.kind is Kind.TRIAL]
        self.trials = list(zip(trials, progress.scores, strict=True))
        self.staircase.take_up(progress.path, eased_to=progress.eased_to, running=progress.running)
        self.guesses = [dict(each) for each in progress.guesses]
        self._baseline, self.measure.centre = progress.baseline, progress.centre
        self.measure.references = dict(progress.references)
        self._lowest = progress.lowest

    def progress(self, **beside: Any) -> Progress:
        """Return how far it has come; `beside`: what only the trainer knows."""
        return Progress(
            stretches=tuple(self.stretches),
            scores=tuple(score for _trial, score in self.trials),
            path=tuple(self.staircase.path),
            eased_to=self.staircase.eased_to,
            running=self.staircase.running,
            lowest=self._lowest,
            baseline=self._baseline,
            centre=self.measure.centre,
            references=dict(self.measure.references),
            guesses=tuple(dict(each) for each in self.guesses),
            **beside,
        )

    @property
    def lowest(self) -> float:
        """The least threshold that can be told from chance, as far as that is known."""
        return max(self.measure.lowest, self._lowest)

    def _take_baseline(self, stretch: Stretch, now: float) -> None:
        measure = self.measure
        level = math.nan
        if not long_enough(stretch):
            said = _("The baseline had too little valid signal: it is not used.")
        else:
            self._baseline = level = load_of(stretch, measure).median
            if measure.mode is Mode.INSIDE:
                measure.centre = level
            said = _("The baseline is below what this sensor can tell.")
            if not math.isnan(level):
                channel = measure.channels[0]
                said = _("The baseline is {level} {unit}.").format(
                    level=number_word(level, channel), unit=unit_word(channel)
                )
        self._tell(now, What.BASELINE, said, **{f"baseline_{measure.level_unit}": level})

    def _take_reference(self, stretch: Stretch, now: float) -> None:
        measure, name = self.measure, stretch.phase.muscle
        muscle = measure.aim.muscles.index(name)
        level = percentile(stretch.fast[:, muscle], stretch.valid, 50)
        measure.references[name] = level = above_floor(level, measure, muscle)
        channel = measure.channels[muscle]
        said = _(
            "There is no reference of {label}: it was too weak, or without a valid signal."
        ).format(label=shown_label(channel.label))
        if not math.isnan(level):
            said = _("The reference of {label} is {level} {unit}.").format(
                label=shown_label(channel.label),
                level=number_word(level, channel),
                unit=unit_word(channel),
            )
        values = {f"reference_{measure.level_unit}": level}
        self._tell(now, What.REFERENCE, said, muscle=name, **values)

    def _start_threshold(self, stretch: Stretch, now: float) -> None:
        measured = self.measure(stretch.slow)
        level = percentile(measured, stretch.valid, self.measure.aim.start_percent)
        moves = len(self.staircase.path)
        if not math.isnan(level):
            self._lowest = 0.0
            self.staircase.start(now, level, lowest=self.lowest)
        if len(self.staircase.path) > moves:
            self._tell_threshold(now)

    def _start_stored(self, rest: StoredRest, now: float) -> None:
        """Start from a rest that was stored: at most its P75, at least two SD over the noise."""
        moves = len(self.staircase.path)
        self._lowest = min(self.measure.floor() + 2 * rest.sd, rest.p75)
        self.staircase.start(now, rest.p75, lowest=self.lowest, stored=True)
        if len(self.staircase.path) > moves:
            self._tell_threshold(now)

    def _take_trial(self, stretch: Stretch, now: float) -> None:
        score = score_trial(stretch, self.measure)
        self.trials.append((stretch, score))
        moves = len(self.staircase.path)
        why = _("the trial was cut short: the threshold stays")
        if stretch.whole:
            why = self.staircase.after_trial(now, score.success_percent, lowest=self.lowest)
        asked = stretch.phase.guess and self._answers
        self._tell(
            now,
            What.TRIAL,
            "" if asked or stretch.phase.feedback is Feedback.OFF else score_words(score),
            trial=len(self.trials),
            success_percent=score.success_percent,
            time_to_first_s=score.time_to_first_s,
            valid_percent=stretch.valid_percent,
            why=why,
        )
        if len(self.staircase.path) > moves:
            self._tell_threshold(now)
        if stretch.phase.guess:
            self._take_guessed(stretch, now, asked=asked)

    def _take_guessed(self, stretch: Stretch, now: float, *, asked: bool) -> None:
        level = load_of(stretch, self.measure).median
        felt = GUESS_AS_BASELINE * level / self._baseline
        number = len(self.trials)
        self.guesses.append(
            {
                "trial": number,
                "guess": math.nan,
                "measured": MOST if felt > MOST else felt,
                "error": math.nan,
            }
        )
        if asked:
            said = _("How tense was the muscle, from 0 to 10? 5 is as in the baseline.")
            self._tell(now, What.GUESS_ASKED, said, trial=number)

    def take_guess(self, value: float, now: float) -> None:
        """Take the guess of the last trial, unless there was one, and reveal how it went."""
        if not self.guesses or not math.isnan(self.guesses[-1]["guess"]):
            return
        asked = self.guesses[-1]
        asked["guess"], asked["error"] = value, value - asked["measured"]
        said = _("You said {guess:g}; there is nothing to hold that against.").format(guess=value)
        if not math.isnan(asked["error"]):
            said = _("You said {guess:g}; measured was {measured:.1f}.").format(
                guess=value, measured=asked["measured"]
            )
        score = self.trials[asked["trial"] - 1][1]
        self._tell(now, What.REVEALED, f"{said} {score_words(score)}", **asked)

    def take_threshold(self, threshold: float, now: float) -> None:
        """Take a threshold that was set by hand."""
        self.staircase.by_hand(now, threshold)
        self._tell_threshold(now)

    def _tell_threshold(self, now: float) -> None:
        step = self.staircase.path[-1]
        said = _("The threshold is {level}: {why}.").format(
            level=self.measure.say(step.threshold), why=step.why
        )
        values = {f"threshold_{self.measure.unit}": step.threshold, "why": step.why}
        self._tell(now, What.THRESHOLD, said, **values, by_hand=step.by_hand)


def starts_at_rest(plan: SittingPlan) -> bool:
    """Say whether a threshold is started by a muscle's level at rest."""
    kinds = {phase.kind for phase in plan.phases}
    return plan.mode in (Mode.BELOW, Mode.RELAX) and Kind.TASK_BASELINE not in kinds


def score_words(score: TrialScore) -> str:
    """Return how a trial went."""
    if math.isnan(score.success_percent):
        return _("Nothing could be judged in this trial.")
    return _("{percent:.0f} % of the time at the goal.").format(percent=score.success_percent)


def check_answer(value: float) -> float:
    """Return `value`; raise `SettingsError` where it is no answer from 0 to 10."""
    if not 0 <= value <= MOST:
        raise SettingsError(
            _("{value:g} is no answer: give a number from 0 to 10.").format(value=value)
        )
    return value
