"""What the screens show of a session that trains, worked out as it is polled; no Qt."""

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from biofeedback.display.training_words import (
    Question,
    calm_words,
    goal_word,
    goal_words,
    guess_question,
    rating_question,
    sentence,
)
from biofeedback.display.view_model import FINE, Frame, ViewModel, clock_word, round_up
from biofeedback.errors import SettingsError
from biofeedback.session import Session, State
from biofeedback.stream import Zone
from biofeedback.text import _
from biofeedback.training.events import Event, What
from biofeedback.training.goal import Goal
from biofeedback.training.protocol import Ends, Feedback, Kind, Mode, Phase, kind_word
from biofeedback.training.results import score_words
from biofeedback.training.trainer import Trainer
from biofeedback.words import number_word

_ZONES = {Goal.REACHED: Zone.RELAXED, Goal.NOT_YET: Zone.TENSE, Goal.UNKNOWN: Zone.UNKNOWN}
# Where what came of a trial may be read; a baseline has nothing to look at.
_TOLD_IN = (Kind.REST, Kind.CONTRACTION, Kind.RATINGS)
# What is trained there is the level itself, so that its threshold is a line through the tension.
_LEVELS = (Mode.BELOW, Mode.ABOVE, Mode.RELAX)


class Show(Enum):
    """What stands in the middle of the screen."""

    RING = auto()
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

    `words`: beside the sign, where it is not the ring. `said`: what came of the last trial, and
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
    """Reads a session and its trainer; `poll` takes what has happened since, `moment` says it."""

    def __init__(self, session: Session, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(session, clock=clock)
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
        phase = trainer.protocol.phases[self._begun]
        self._begun += 1
        self._ring_scale, self._pause = 0.0, ""
        self._title = kind_word(phase.kind)
        if phase.kind is Kind.TRIAL:
            self._trial += 1
            self._title = _("Trial {n} of {all}").format(n=self._trial, all=self.trials)
            self._result = self._why = ""
        if phase.kind in (Kind.TRIAL, Kind.RATINGS):
            self._questions.clear()  # a guess that nobody made
        if phase.kind is Kind.RATINGS:
            self._questions.extend(map(rating_question, phase.ask))

    @property
    def trials(self) -> int:
        """How many trials the protocol has."""
        trainer = self.session.trainer
        phases = trainer.protocol.phases if trainer else ()
        return sum(phase.kind is Kind.TRIAL for phase in phases)

    @property
    def under_way(self) -> bool:
        """Whether more has begun than the check of the sensor."""
        trainer = self.session.trainer
        begun = trainer.protocol.phases[: self._begun] if trainer else ()
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

    # what is shown

    def moment(self) -> Moment:
        """Return what the screen says now."""
        trainer = self.session.trainer
        if trainer is None:
            return self._waiting_moment()
        phase = trainer.phase
        to_come = trainer.protocol.phases[self._begun :]
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
            goal=goal_words(trainer) if show is Show.RING else "",
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
            return Show.RING, ""
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
            return _("Paused. Space goes on.")
        if self.away_s() > 0:
            return _("Nothing comes from the sensor: the clock waits.")
        trainer = self.session.trainer
        if trainer is not None and trainer.paused and self._pause:
            return _("{why} The clock waits.").format(why=self._pause)
        return ""

    def _said(self, phase: Phase | None, show: Show) -> str:
        """Return what came of the last trial, where that may be read."""
        if phase is not None and phase.feedback is Feedback.DELAYED and show is Show.RING:
            return _("What you see is {seconds:g} s old.").format(seconds=phase.delay_s)
        if (phase is not None and phase.kind not in _TOLD_IN) or self._questions:
            return ""
        result = self._result if phase is None or phase.kind is not Kind.REST else ""
        return "\n".join(part for part in (result, self._why) if part)

    def frame(self) -> Frame:
        """Return what the ring shows of what is trained, as far as the phase lets it be seen."""
        trainer, now = self.session.trainer, self._now()
        if trainer is None or now is None:
            return self._waiting()
        measured, goal = trainer.shown
        if self.away_s() > 0 or self.session.state is not State.RUNNING:
            measured, goal = math.nan, Goal.UNKNOWN
        threshold, percent = trainer.threshold, trainer.measure.aim.percent
        scale = self._hold_scale(measured, threshold)
        channel = self.channels[trainer.channels[0]]
        blank = goal is Goal.UNKNOWN and not math.isnan(measured)
        return Frame(
            index=now.index,
            number=f"{measured:.0f}"
            if percent and not math.isnan(measured)
            else number_word(measured, channel),
            unit=_("percent") if percent else self._unit(trainer.channels[0]),
            zone=_ZONES[goal],
            word="" if blank else goal_word(goal),
            hint="",
            share=min(measured / scale, 1.0),
            target_share=threshold / scale,
            full_scale=scale,
        )

    def _hold_scale(self, measured: float, threshold: float) -> float:
        """Return the ring's full scale: it grows where it must, and shrinks between phases only."""
        tops = [top for top in (2.0 * threshold, 1.1 * measured) if not math.isnan(top)]
        if max(tops, default=0.0) > self._ring_scale:
            self._ring_scale = round_up(max(tops), steps=FINE)
        return self._ring_scale or 1.0

    def status(self) -> str:
        """Return where the training stands, for the therapist."""
        moment = self.moment()
        why = super().status() or self.pause_words()
        where = _("{title}, {left} left").format(title=moment.title, left=moment.left)
        return " ".join(part for part in (f"{where}." if moment.title else "", why) if part)


def _following(to_come: tuple[Phase, ...]) -> str:
    if not to_come:
        return _("Next: what came of it")
    return _("Next: {what}, {clock}").format(
        what=kind_word(to_come[0].kind), clock=clock_word(to_come[0].seconds)
    )
