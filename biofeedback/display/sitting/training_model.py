"""What the screens show of a session that trains, worked out as it is polled; no Qt."""

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from biofeedback.display.sitting.frame import Frame
from biofeedback.display.sitting.training_words import (
    Question,
    calm_words,
    goal_word,
    goal_words,
    guess_question,
    next_way,
    rating_question,
    sentence,
    unit_words,
)
from biofeedback.display.sitting.view_model import FINE, ViewModel, clock_word, round_up
from biofeedback.errors import SettingsError
from biofeedback.readings import PER_SECOND
from biofeedback.session import Session, State
from biofeedback.settings import TrainingSettings
from biofeedback.stream import Zone
from biofeedback.text import _
from biofeedback.training.events import Event, What
from biofeedback.training.goal import Goal, Measure
from biofeedback.training.protocol import Ends, Feedback, Kind, Mode, Phase, kind_word
from biofeedback.training.results import score_words
from biofeedback.training.shown import TRAIL_S, Shown
from biofeedback.training.trainer import Trainer
from biofeedback.words import number_word

_ZONES = {Goal.REACHED: Zone.RELAXED, Goal.NOT_YET: Zone.TENSE, Goal.UNKNOWN: Zone.UNKNOWN}
# Where what came of a trial may be read; a baseline has nothing to look at.
_TOLD_IN = (Kind.REST, Kind.CONTRACTION, Kind.RATINGS)
# What is trained there is the level itself, so that its threshold is a line through the tension.
_LEVELS = (Mode.BELOW, Mode.ABOVE, Mode.RELAX)


_USUAL = TrainingSettings()


class Show(Enum):
    """What stands in the middle of the screen."""

    FEEDBACK = auto()
    CALM = auto()
    """Nothing of the signal: a sign that stands still."""
    PAUSED = auto()
    QUESTION = auto()


class Action(Enum):
    """What Space does."""

    PAUSE = auto()
    GO_ON = auto()
    NEXT = auto()


@dataclass(frozen=True, slots=True)
class Moment:
    """What the screen says now; texts may be empty.

    `words`: beside the sign, where it is not the feedback. `said`: what came of the last trial, and
    what follows from it. `left_s`: of the phase, as `left` says it.
    """

    title: str
    instruction: str
    show: Show
    words: str
    question: Question | None
    left: str
    whole_left: str
    following: str
    goal: str
    said: str
    action: Action


class TrainingModel(ViewModel):
    """Reads a session and its trainer; `poll` takes what has happened since, `moment` says it.

    `silence` tells why nothing is heard, in a sentence; empty where something is.
    """

    def __init__(
        self,
        session: Session,
        *,
        seen: TrainingSettings = _USUAL,
        silence: Callable[[], str] = str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(session, clock=clock)
        self.seen = seen
        """In which way it is seen, by whoever sees it."""
        self.silence = silence
        self._read = self._begun = self._trial = self._moves = 0
        self._title = self._instruction = self._pause = ""
        self._result, self._why = "", ""
        self._questions: deque[Question] = deque()
        self._ring_scale = 0.0

    # what happens

    def poll(self) -> list[Event]:
        """Take the events that are new, and return them."""
        trainer = self.session.trainer
        if trainer is None:
            return []
        events = trainer.events[self._read :]
        self._read += len(events)
        for event in events:
            self._take(event, trainer)
        path = trainer.results.staircase.path
        if len(path) > self._moves:
            self._moves = len(path)
            if trainer.measure.mode in _LEVELS:  # the line in the therapist's view
                self.session.set_threshold(trainer.channels[0], path[-1].threshold)
        return events

    def _take(self, event: Event, trainer: Trainer) -> None:
        match event.what:
            case What.PHASE_BEGINS:
                self._begin(trainer)
            case What.CUE:
                self._instruction = event.text
            case What.PAUSED:
                self._pause = event.text
            case What.RESUMED | What.PHASE_ENDS:
                self._pause = ""
            case What.TRIAL:
                self._result, self._why = event.text, ""
                phase = trainer.results.trials[-1][0].phase
                if phase.feedback is not Feedback.OFF:  # else nothing is told of how it went
                    self._why = sentence(event.values["why"])
            case What.THRESHOLD:
                self._why = event.text
            case What.GUESS_ASKED:
                self._questions = deque([guess_question()])
            case What.REVEALED:
                self._result = event.text

    def _begin(self, trainer: Trainer) -> None:
        """Take a phase that begins."""
        phase = trainer.begun[self._begun]
        self._begun += 1
        self._ring_scale, self._pause = 0.0, ""
        self._title = kind_word(phase.kind)
        if phase.kind is Kind.TRIAL:
            self._trial += 1
            number = self._trials_before + self._trial
            self._title = _("Trial {n} of {all}").format(n=number, all=self.trials)
            self._result = self._why = ""
        if phase.kind in (Kind.TRIAL, Kind.RATINGS):
            self._questions.clear()  # a guess that nobody made
        if phase.kind is Kind.RATINGS:
            self._questions.extend(map(rating_question, phase.ask))

    @property
    def trials(self) -> int:
        """How many trials the protocol has."""
        trainer = self.session.trainer
        phases = (*trainer.begun, *trainer.to_come) if trainer else ()
        return self._trials_before + sum(phase.kind is Kind.TRIAL for phase in phases)

    @property
    def _trials_before(self) -> int:
        """How many were over when the training broke off that goes on here."""
        trainer = self.session.trainer
        return len(trainer.before.scores) if trainer and trainer.before else 0

    @property
    def under_way(self) -> bool:
        """Whether more has begun than the check of the sensor."""
        trainer = self.session.trainer
        begun = trainer.begun[: self._begun] if trainer else ()
        return any(phase.kind is not Kind.CHECK for phase in begun)

    # what a person does

    def checked(self) -> None:
        """Go on from the phase that is there for the check of the sensor: that is done."""
        trainer = self.session.trainer
        phase = trainer.phase if trainer else None
        if trainer is not None and phase is not None and phase.kind is Kind.CHECK:
            trainer.go_on()

    def act(self) -> None:
        """Do what Space does: pause, go on, or go to the next phase."""
        trainer, action = self.session.trainer, self._action()
        if action is Action.NEXT and trainer is not None:
            trainer.go_on()
        else:
            self.session.paused = action is Action.PAUSE

    def _action(self) -> Action:
        trainer = self.session.trainer
        if self.session.paused:
            return Action.GO_ON
        phase = trainer.phase if trainer else None
        return Action.NEXT if phase and phase.ends is Ends.ANSWER else Action.PAUSE

    def answer(self, value: int | None) -> None:
        """Take the answer to the question that is open, from 0 to 10; None leaves it out."""
        trainer = self.session.trainer
        if not self._questions or trainer is None:
            return
        asked = self._questions.popleft()
        if asked.rating and value is not None:
            trainer.rate(asked.rating, value)
        elif value is not None:
            trainer.guess(value)
        elif not asked.rating:
            self._result = score_words(trainer.results.trials[-1][1])
        if asked.rating and not self._questions:
            trainer.go_on()

    def set_threshold(self, channel: int, value: float) -> str:
        """Set a threshold by hand, of the muscle that is trained for the trainer too."""
        trainer = self.session.trainer
        if trainer is None or channel != trainer.channels[0]:
            return super().set_threshold(channel, value)
        if trainer.measure.mode not in _LEVELS:
            return _("What is trained here is no level: its threshold moves by itself.")
        try:
            trainer.set_threshold(float(f"{value:.3g}"))
        except SettingsError as error:
            return str(error)
        return super().set_threshold(channel, value)

    def see_next(self) -> None:
        """Let it be seen in the way that follows."""
        self.seen = replace(self.seen, feedback=next_way(self.seen.feedback))

    def switch_number(self) -> None:
        """Hide the number, or show it."""
        self.seen = replace(self.seen, number="on" if self.seen.number == "off" else "off")

    # what is shown

    def moment(self) -> Moment:
        """Return what the screen says now."""
        trainer = self.session.trainer
        if trainer is None:
            return self._waiting_moment()
        phase = trainer.phase
        to_come = trainer.to_come
        left_s = max(0.0, trainer.left_s)
        show, words = self._middle(phase)
        return Moment(
            title=self._title,
            instruction=self._instruction,
            show=show,
            words=words,
            question=self._questions[0] if self._questions else None,
            left=clock_word(math.ceil(left_s)),
            whole_left=clock_word(math.ceil(left_s + sum(each.seconds for each in to_come))),
            following=_following(to_come),
            goal=goal_words(trainer) if show is Show.FEEDBACK else "",
            said=self._said(phase, show),
            action=self._action(),
        )

    def _waiting_moment(self) -> Moment:
        hint = self._waiting().hint
        return Moment("", "", Show.CALM, hint, None, "", "", "", "", "", self._action())

    def _middle(self, phase: Phase | None) -> tuple[Show, str]:
        """Return what stands in the middle, and the words beside it."""
        if pause := self.pause_words():
            return Show.PAUSED, pause
        if self._questions:
            return Show.QUESTION, ""
        if phase is None:
            return Show.CALM, _("A moment …")
        if phase.feedback in (Feedback.ON, Feedback.DELAYED):
            return Show.FEEDBACK, ""
        if phase.kind is Kind.REST and self._result:
            return Show.CALM, self._result
        return Show.CALM, calm_words(phase)

    def pause_words(self) -> str:
        """Return why the clock stands and what to do; empty while it goes on."""
        if self.session.state is not State.RUNNING:
            return ""
        if self.session.source.status:
            return self._away()
        if self.session.paused:
            return _("A short pause.") if self.led else _("Paused. Space goes on.")
        if self.away_s() > 0:
            return _("Nothing comes from the sensor: the clock waits.")
        trainer = self.session.trainer
        if trainer is not None and trainer.paused and self._pause:
            return _("{why} The clock waits.").format(why=self._pause)
        return ""

    def _said(self, phase: Phase | None, show: Show) -> str:
        """Return what came of the last trial, where that may be read."""
        if phase is not None and phase.feedback is Feedback.DELAYED and show is Show.FEEDBACK:
            return _("What you see is {seconds:g} s old.").format(seconds=phase.delay_s)
        if (phase is not None and phase.kind not in _TOLD_IN) or self._questions:
            return ""
        result = self._result if phase is None or phase.kind is not Kind.REST else ""
        return "\n".join(part for part in (result, self._why) if part)

    def frame(self) -> Frame:
        """Return what is shown of what is trained, as far as the phase lets it be seen."""
        trainer, now = self.session.trainer, self._now()
        if trainer is None or now is None:
            return self._waiting()
        shown, measure = trainer.shown, trainer.measure
        if self.away_s() > 0 or self.session.state is not State.RUNNING:
            shown = Shown(math.nan, Goal.UNKNOWN, math.nan)
        low, high = measure.goal_range(trainer.threshold)
        top = self._hold_scale(measure, shown.place, low, high)
        bottom = -top if measure.mode is Mode.SYMMETRY else 0.0
        blank = shown.goal is Goal.UNKNOWN and not math.isnan(shown.measured)
        number = abs(shown.place)
        return Frame(
            index=now.index,
            number=number_word(number, self.channels[trainer.channels[0]])
            if not measure.aim.percent or math.isnan(number)
            else f"{number:.0f}",
            unit=unit_words(measure) or self._unit(trainer.channels[0]),
            zone=_ZONES[shown.goal],
            word="" if blank else goal_word(measure, shown),
            hint="",
            share=_share(shown.place, bottom, top),
            goal=(_share(low, bottom, top), _share(high, bottom, top)),
            full_scale=top,
            bottom=bottom,
            over_goal=math.nan if blank else _over_goal(measure.mode, shown, trainer.threshold),
            sides=(_("left"), _("right")) if bottom else ("", ""),
        )

    def _hold_scale(self, measure: Measure, place: float, low: float, high: float) -> float:
        """Return the full scale: it grows where it must, and shrinks between phases only."""
        edge = high if math.isfinite(high) else low
        tops = [(1.5 if measure.mode is Mode.INSIDE else 2.0) * edge, 1.1 * abs(place)]
        needed = max((top for top in tops if not math.isnan(top)), default=0.0)
        if needed > self._ring_scale:
            self._ring_scale = round_up(needed, steps=FINE)
        return self._ring_scale or 1.0

    def curve(self) -> NDArray[np.float64]:
        """Return what was shown over the last two minutes, ten values a second, the newest last."""
        trainer = self.session.trainer
        places = np.full(TRAIL_S * PER_SECOND, np.nan)
        # copied at once: the thread of the session goes on with it
        seen = [shown.place for shown in tuple(trainer.trail)] if trainer else []
        if seen:
            places[-len(seen) :] = seen
        return places

    def status(self) -> str:
        """Return where the training stands, for the therapist."""
        moment = self.moment()
        why = super().status() or self.pause_words()
        where = _("{title}, {left} left").format(title=moment.title, left=moment.left)
        return " ".join(part for part in (f"{where}." if moment.title else "", why) if part)


def _share(value: float, bottom: float, top: float) -> float:
    return math.nan if math.isnan(value) else min(max((value - bottom) / (top - bottom), 0.0), 1.0)


def _over_goal(mode: Mode, shown: Shown, threshold: float) -> float:
    """Return how tense it is, as a multiple of the goal; where more is wanted, how much lacks."""
    part, whole = shown.measured, threshold
    if mode is Mode.ABOVE:
        part, whole = whole, part
    return part / whole if whole > 0 else math.inf * part


def _following(to_come: tuple[Phase, ...]) -> str:
    if not to_come:
        return _("Next: what came of it")
    return _("Next: {what}, {clock}").format(
        what=kind_word(to_come[0].kind), clock=clock_word(to_come[0].seconds)
    )
