"""A trial of what helps, in sample time: off, on, off again, in random order with a sham."""

import math
import random
from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from biofeedback.errors import SettingsError
from biofeedback.held_back import TAKEN_BACK_S
from biofeedback.readings import PER_SECOND, Reading
from biofeedback.stream import INVALID
from biofeedback.text import _, plural
from biofeedback.training.events import Event, What
from biofeedback.training.tried import SHAM, TRIED, find_tried
from biofeedback.words import quality_words

SECONDS = 20.0
"""How long each of off, on and off again lasts."""
FEWEST_REPEATS, MOST_REPEATS = 4, 20
# Whoever has not pressed by then does without, or has forgotten the key: it goes on.
REACH_S, RELEASE_S = 10.0, 5.0
_PAUSE_TOLD = 3  # tenths


class Step(StrEnum):
    """A part of a repeat."""

    OFF = "off"
    REACH = "reach"
    """Until what is tried has begun: the hand lifts off, and touches."""
    ON = "on"
    RELEASE = "release"
    AFTER = "off-again"


_STEPS = (Step.OFF, Step.REACH, Step.ON, Step.RELEASE, Step.AFTER)
_LONGEST_S = {Step.REACH: REACH_S, Step.RELEASE: RELEASE_S}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is tried (a key of `TRIED`), and the order: for each repeat whether it is the sham.

    Repeats 0 and 1 are a pair, 2 and 3 the next: one of each kind in random order.
    """

    what: str
    order: tuple[bool, ...]
    seed: int
    seconds: float = SECONDS

    @property
    def total_s(self) -> float:
        """How long it takes about, in s."""
        return len(self.order) * (3 * self.seconds + 4.0)

    def plain(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        return {
            "what": self.what,
            "repeats": len(self.order) // 2,
            "order": ["sham" if sham else "real" for sham in self.order],
            "seconds": self.seconds,
            "seed": self.seed,
        }


def make_plan(what: str, *, repeats: int = FEWEST_REPEATS, seed: int) -> Plan:
    """Return `repeats` of `what` and as many of the sham, in an order by `seed`.

    Raises `SettingsError` where that cannot be tried, or not so often.
    """
    what = find_tried(what)
    if not FEWEST_REPEATS <= repeats <= MOST_REPEATS:
        raise SettingsError(
            plural(
                "{repeats} repeat is too few; give {low} to {high}.",
                "{repeats} repeats are too few or too many; give {low} to {high}.",
                repeats,
            ).format(repeats=repeats, low=FEWEST_REPEATS, high=MOST_REPEATS)
        )
    chance = random.Random(seed)  # noqa: S311 - an order, not a secret
    order: list[bool] = []
    for _pair in range(repeats):
        sham_first = chance.random() < 0.5
        order += [sham_first, not sham_first]
    return Plan(what, tuple(order), seed)


@dataclass(frozen=True, slots=True)
class Repeat:
    """One off, on, off again that was gone through whole; times in s since the stream began.

    `cue_s`: it was asked for; `lift_off_s`: the hand lifted off, NaN where that was not marked;
    `contact_s`: on from then. `release_s`, `let_go_s`: likewise of the end. `marked`,
    `let_go_marked`: by the person; else it went on after a while.
    """

    pair: int
    sham: bool
    off_s: float
    cue_s: float
    lift_off_s: float
    contact_s: float
    marked: bool
    release_s: float
    let_go_s: float
    let_go_marked: bool
    end_s: float


class Trial:
    """Takes `plan` through its repeats as readings are fed to it.

    All falls on a multiple of 100 ms of sample time, so that `events` and `repeats` (which only
    grow) are the same however the stream is cut. Poll them, and `step`, `left_s`, `paused`,
    `ended`. `mark` may be called from any thread, and holds from the next tenth of a second on.
    While there is no valid signal of `channel` the clock waits; after `patience_s` it ends.
    `held`: it begins once `release` tells the channel.
    """

    def __init__(self, plan: Plan, *, channel: int = 0, patience_s: float = math.inf) -> None:
        self.plan, self.channel = plan, channel
        self.held = False
        self.events: list[Event] = []
        self.repeats: list[Repeat] = []
        self.step: Step | None = None
        self.number = 0
        """Which of `plan.order` it is at."""
        self.ended = self.paused = self.whole = False
        """`paused`: there is no valid signal; `whole`: it came to its end."""
        self._patience = patience_s * PER_SECOND
        self._levels: list[float] = []
        self._marks: deque[None] = deque()
        self._clock = self._without_signal = 0  # tenths
        self._reason = ""
        self._now = 0.0
        self._at: dict[str, float] = {}

    @property
    def sham(self) -> bool:
        """Whether this repeat is of the sham."""
        return self.plan.order[min(self.number, len(self.plan.order) - 1)]

    @property
    def left_s(self) -> float:
        """How much the clock of the step still has to go, in s."""
        step = self.step  # which may end while this is worked out
        return 0.0 if step is None else self._seconds(step) - self._clock / PER_SECOND

    @property
    def awaits_mark(self) -> bool:
        """Whether the key is to be pressed now."""
        return self.step in _LONGEST_S

    def levels(self) -> NDArray[np.float64]:
        """Return the slow RMS ten times a second since the stream began, NaN where it is invalid.

        Nor does the second before such a time count: a fault is found late.
        """
        levels = np.array(self._levels)
        unknown = np.isnan(levels)
        counts = np.logical_not(unknown)
        for late in range(1, round(TAKEN_BACK_S * PER_SECOND) + 1):
            counts[:-late] &= ~unknown[late:]
        return np.where(counts, levels, np.nan)

    # what happens

    def release(self, channel: int) -> None:
        """Begin, at `channel`, with the next reading."""
        self._marks.clear()
        self.channel, self.held = channel, False

    def mark(self) -> None:
        """The person presses the key: the hand lifts off, touches, or lets go."""
        self._marks.append(None)

    def take(self, reading: Reading) -> None:
        """Go on by a tenth of a second."""
        if self.ended:
            return
        now = self._now = reading.t_s
        if self.held:
            self._levels.append(math.nan)
            return
        slow = float(reading.slow[self.channel])
        good = not int(reading.quality[self.channel]) & INVALID and not math.isnan(slow)
        self._levels.append(slow if good else math.nan)
        if self.step is None:
            self._begin(Step.OFF, now)
        elif good:
            self._clock += 1
        while self._marks:
            self._marks.popleft()
            self._take_mark(now)
        if not good:
            self._wait(reading, now)
            return
        if self._reason:
            self._tell(now, What.RESUMED, _("It goes on."))
        self.paused, self._without_signal, self._reason = False, 0, ""
        step = self.step
        if step is not None and self._clock >= self._seconds(step) * PER_SECOND:
            self._leave(step, now, marked=False)

    def finish(self) -> None:
        """End it where it stands. May be called twice."""
        if self.held:
            self.ended = True  # it never began: there is nothing to tell
        if not self.ended:
            self._end(_("The trial was ended early."))

    def _seconds(self, step: Step) -> float:
        return _LONGEST_S.get(step, self.plan.seconds)

    def _begin(self, step: Step, now: float) -> None:
        self.step, self._clock = step, 0
        kind = TRIED[SHAM if self.sham else self.plan.what]
        self._at[step] = now
        if step is Step.REACH:
            self._at["lift-off"] = math.nan
        said = {
            Step.OFF: _("Sit as you are, and do nothing."),
            Step.REACH: kind.begin,
            Step.ON: _("Stay like this."),
            Step.RELEASE: kind.end,
            Step.AFTER: _("Again sit as you are, and do nothing."),
        }
        self._tell(
            now,
            What.STEP,
            said[step],
            step=step.value,
            repeat=self.number + 1,
            of=len(self.plan.order),
            sham=self.sham,
            seconds=self._seconds(step),
        )

    def _take_mark(self, now: float) -> None:
        step = self.step
        if step is Step.REACH:
            kind = TRIED[SHAM if self.sham else self.plan.what]
            if kind.lifts and math.isnan(self._at["lift-off"]):
                self._at["lift-off"] = now
                self._tell(now, What.MARK, _("Lift-off."), mark="lift-off")
                return
            self._tell(now, What.MARK, _("Contact.") if kind.lifts else _("Begun."), mark="contact")
            self._leave(step, now, marked=True)
        elif step is Step.RELEASE:
            self._tell(now, What.MARK, _("Released."), mark="let-go")
            self._leave(step, now, marked=True)

    def _leave(self, step: Step, now: float, *, marked: bool) -> None:
        self._at[f"{step.value}-marked"] = float(marked)
        if step is not Step.AFTER:
            self._begin(_STEPS[_STEPS.index(step) + 1], now)
            return
        at = self._at
        self.repeats.append(
            Repeat(
                pair=self.number // 2,
                sham=self.sham,
                off_s=at[Step.OFF],
                cue_s=at[Step.REACH],
                lift_off_s=at["lift-off"],
                contact_s=at[Step.ON],
                marked=bool(at["reach-marked"]),
                release_s=at[Step.RELEASE],
                let_go_s=at[Step.AFTER],
                let_go_marked=bool(at["release-marked"]),
                end_s=now,
            )
        )
        self.number += 1
        if self.number == len(self.plan.order):
            self.whole = True
            self._end(_("That was all. Thank you."))
        else:
            self._begin(Step.OFF, now)

    def _wait(self, reading: Reading, now: float) -> None:
        """The clock stands: say so once it lasts, and end it where that does not change."""
        self.paused = True
        self._without_signal += 1
        if self._without_signal == _PAUSE_TOLD and len(self._levels) > PER_SECOND:
            words = quality_words(int(reading.quality[self.channel]) & INVALID)
            self._reason = " ".join(filter(None, words)) or _("There is no reading.")
            self._tell(now, What.PAUSED, self._reason)
        if self._without_signal >= self._patience:
            self._end(_("There was no reading for too long: the trial ends here."))

    def _end(self, farewell: str) -> None:
        self.ended, self.step = True, None
        self._tell(self._now, What.ENDED, farewell, whole=self.whole)

    def _tell(self, now: float, what: What, text: str, **values: Any) -> None:
        self.events.append(Event(now, what, text, values))


class Muscle(Protocol):
    """What answers to what is tried."""

    def act(self, at_s: float, *, on: bool, sham: bool) -> None:
        """Take that it begins, or ends (not `on`), at `at_s` since the stream began."""


class Script:
    """Somebody who does as they are told and marks it, for a simulated `muscle`.

    That gets what the hand does some time before it is done. Lift-off comes 1.5
    s after it was asked for, contact 3 s, letting go 2 s: later than the longest piece
    of a stream, so that all is the same however that is cut.
    """

    LIFT_OFF_S, CONTACT_S, LET_GO_S = 1.5, 3.0, 2.0

    def __init__(self, trial: Trial, muscle: Muscle) -> None:
        self._trial, self._muscle = trial, muscle
        self._heard = 0
        self._due: deque[float] = deque()

    def follow(self, now_s: float) -> None:
        """Do what is due before the reading of `now_s`; call it before each."""
        while self._due and self._due[0] <= now_s + 1e-9:
            self._due.popleft()
            self._trial.mark()
        for event in self._trial.events[self._heard :]:
            self._heard += 1
            step = event.values.get("step")
            if step == Step.REACH:
                sham = bool(event.values["sham"])
                lifts = TRIED[SHAM if sham else self._trial.plan.what].lifts
                self._due.extend([event.t_s + self.LIFT_OFF_S] * lifts)
                self._due.append(event.t_s + self.CONTACT_S)
                self._muscle.act(event.t_s + self.CONTACT_S, on=True, sham=sham)
            elif step == Step.RELEASE:
                self._due.append(event.t_s + self.LET_GO_S)
                sham = bool(event.values["sham"])
                self._muscle.act(event.t_s + self.LET_GO_S, on=False, sham=sham)
