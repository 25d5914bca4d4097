"""A training protocol as it goes on, in sample time: what is asked, shown and told when."""

import math
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from biofeedback.errors import SettingsError
from biofeedback.held_back import TAKEN_BACK_S
from biofeedback.readings import PER_SECOND
from biofeedback.stream import INVALID, Channel, Quality, StreamInfo, Tension
from biofeedback.text import _
from biofeedback.training.breathing import Breathing
from biofeedback.training.by_hand import Change, changed, check_change, counted
from biofeedback.training.events import Event, What
from biofeedback.training.goal import Measure, chosen_channels
from biofeedback.training.progress import Progress, progressed, to_come
from biofeedback.training.protocol import BASELINES, Ends, Kind, Mode, Phase, Protocol
from biofeedback.training.results import Results, StoredRest, check_answer, starts_at_rest
from biofeedback.training.shown import Shown, Sight
from biofeedback.training.stretch import Recorder
from biofeedback.training.tenths import Tenth, Tenths
from biofeedback.training.threshold import check_threshold
from biofeedback.words import quality_words

# What follows these needs to know how they went, which is known when nothing of them can be taken
# back any more: a second, and a tenth for rates that are no multiple of ten.
_AWAITED = (*BASELINES, Kind.REFERENCE, Kind.TRIAL)
_TO_KNOW = round(TAKEN_BACK_S * PER_SECOND) + 1

# A pause begins at once; it is told when it lasts.
_PAUSE_TOLD = 3  # tenths


class Trainer:
    """Takes a protocol through its phases as tension is fed to it.

    Every decision falls on a multiple of 100 ms of sample time, so that `events` (which only
    grows) are the same bits however the stream is cut. Poll them, and `phase`, `left_s`, `paused`,
    `shown`, `threshold`, `ended`. What a person does (`go_on`, `set_threshold`, `guess`, `rate`,
    `waiting`) may come from any thread, and holds from the next tenth of a second on.

    `channels`: which of the stream's, in the order of the mode's muscles; else the first ones.
    `noise`: what the sensor reads with its inputs joined. `answers`: somebody can be asked.
    `patience_s`: after so long without a valid signal the sitting ends. `rest`: what is
    stored of the first muscle. `resume`: gives how far a training had come that goes on here.
    """

    def __init__(
        self,
        protocol: Protocol,
        info: StreamInfo,
        *,
        channels: Sequence[int] | None = None,
        noise: float | None = None,
        answers: bool = True,
        patience_s: float = math.inf,
        rest: Callable[[Channel], StoredRest | None] | None = None,
        resume: Callable[[Measure], Progress] | None = None,
    ) -> None:
        self.protocol, self.noise = protocol, noise
        self.channels = chosen_channels(protocol.mode, info.channels, channels)
        chosen = tuple(info.channels[i] for i in self.channels)
        self.measure = Measure(protocol.mode, chosen, noise=noise)
        stored = rest(chosen[0]) if rest and starts_at_rest(protocol) else None
        self.results = Results(self.measure, tell=self._tell, answers=answers, rest=stored)
        self.ratings: dict[str, float] = {
            name: math.nan for phase in protocol.phases for name in phase.ask
        }
        self.events: list[Event] = []
        self.ended = False
        self.whole = True
        """Not broken off, by hand or for want of a signal."""
        self.waiting = False
        """Set by hand: nothing is judged and the clock stands."""
        self.paused = False
        """There is no valid signal, and the clock waits for it."""
        self.phase: Phase | None = None
        self._sfreq, self._answers = info.sfreq, answers
        self._patience = patience_s * PER_SECOND
        self._tenths = Tenths(self.channels, sfreq=info.sfreq)
        self._sight = Sight(protocol, self.measure)
        self.begun: list[Phase] = []
        """The phases that have begun, as the protocol has them; it only grows."""
        self.to_come = protocol.phases
        self.before = self.progress = resume(self.measure) if resume else None
        """`progress`: how far it has come, once a phase is over; `before`: when it broke off."""
        self.since_s = 0.0
        """How long the training had gone on when this stream began."""
        if self.before:
            self.since_s = self.before.t_s
            self.to_come = to_come(protocol, self.before)
            self.results.take_up(self.before.shifted(-self.since_s))
            self.ratings |= self.before.ratings
            for pause in self.before.pauses[-1:]:
                self._tell(0.0, What.TAKEN_UP, pause.words, seconds=pause.seconds)
        self._recorder: Recorder | None = None
        self._closing: list[Recorder] = []
        self._clock = self._without_signal = 0  # tenths
        self._reasons: list[str] = []  # of the pause, as they were told
        self._going_on = False
        self._farewell = _("That was all. Thank you.")
        self._now = 0.0
        self._by_hand: deque[Callable[[float], None]] = deque()
        self.breathing = Breathing(tell=self._tell, by_hand=self._by_hand.append)

    # What may be polled

    @property
    def threshold(self) -> float:
        """The threshold in force, in the unit of `measure`; NaN where there is none."""
        return self.results.staircase.threshold

    @property
    def left_s(self) -> float:
        """How much the clock of the phase still has to go, in s."""
        phase = self.phase  # which may end while this is worked out
        return 0.0 if phase is None else phase.seconds - self._clock / PER_SECOND

    @property
    def shown(self) -> Shown:
        """What may be shown now, by the feedback of the phase."""
        return self._sight.shown(self.phase)

    @property
    def trail(self) -> deque[Shown]:
        """What the person could see over two minutes, ten times a second, the newest last."""
        return self._sight.trail

    # What a person does

    def go_on(self) -> None:
        """End the phase that is under way."""
        self._by_hand.append(self._take_going_on)

    def set_threshold(self, threshold: float) -> None:
        """Set the threshold by hand; raise `SettingsError` where it means nothing."""
        if self.measure.aim.percent or self.protocol.mode is Mode.INSIDE:
            check_threshold(threshold, Channel(""))
        else:
            check_threshold(threshold, self.measure.channels[0])
        self._by_hand.append(partial(self.results.take_threshold, threshold))

    def guess(self, value: float) -> None:
        """Take what the person felt in the last trial, 0 to 10: 5 is as in the baseline."""
        self._by_hand.append(partial(self.results.take_guess, check_answer(value)))

    def rate(self, name: str, value: float) -> None:
        """Take a rating from 0 to 10 of what a phase of ratings asks for."""
        if name not in self.ratings:
            raise SettingsError(
                _("Nothing called '{name}' is rated; there are: {names}.").format(
                    name=name, names=", ".join(self.ratings)
                )
            )
        self._by_hand.append(partial(self._take_rating, name, check_answer(value)))

    def change(self, change: Change) -> None:
        """Change the phase that is under way; raise `SettingsError` where that means nothing."""
        number = len(self.begun)  # first: the phase may end meanwhile
        check_change(change, self.phase)
        self._by_hand.append(partial(self._take_change, change, number))

    def heed(self) -> None:
        """Take what a person did; to be called for what comes when the stream has ended."""
        while self._by_hand:
            self._by_hand.popleft()(self._now)

    # What happens

    def feed(self, tension: Tension) -> None:
        """Go on with `tension`, as the pipeline gives it."""
        for tenth in self._tenths(tension):
            if not self.ended:
                self._take(tenth)

    def finish(self) -> None:
        """End the sitting where it stands: no signal comes any more. May be called twice."""
        if self.ended:
            return
        now = self._now
        self._give_up(_("The sitting was ended early."))
        self._leave(now, whole=False)
        while self._closing:
            self._know(now)
        self._begin(now)

    def _take(self, tenth: Tenth) -> None:
        number, block = tenth
        begin_s = self._now = number / PER_SECOND
        self.heed()
        now = self._now = (number + 1) / PER_SECOND
        if self.phase is None and not self._closing:
            self._begin(begin_s)  # the very first
        for recorder in self._closing:
            recorder.add_outside(block)
            recorder.late += 1
        if self._recorder is not None:
            self._go_through(block, begin_s, now)
        while self._closing and self._closing[0].late >= _TO_KNOW:
            self._know(now)
        if self.phase is None and not self._closing and not self.ended:
            self._begin(now)
        self.trail.append(self.shown)

    def _begin(self, now: float) -> None:
        """Begin the next phase, or end the sitting when none is left and all is known.

        Phases that wait for an answer that nobody can give are left out.
        """
        while self.to_come and self.to_come[0].ends is Ends.ANSWER and not self._answers:
            self.to_come = self.to_come[1:]
        if not self.to_come:
            if not self._closing:
                self.ended = True
                self._tell(now, What.ENDED, self._farewell)
            return
        phase, self.to_come = self.to_come[0], self.to_come[1:]
        self.begun.append(phase)
        self.phase = phase
        self._clock = self._without_signal = 0
        self._reasons = []
        self.paused = self._going_on = False
        self._sight.begin(phase)
        self._recorder = Recorder(phase, now, sfreq=self._sfreq, muscles=len(self.measure.channels))
        self._recorder.left = len(self.to_come)
        self._tell(
            now,
            What.PHASE_BEGINS,
            "",
            phase=phase.name,
            kind=phase.kind.value,
            round=phase.round,
            seconds=phase.seconds,
            feedback=phase.feedback.value,
        )
        self.breathing.begin_phase(phase, now)
        self._tell(now, What.CUE, phase.instruction)  # the last, for who is told the newest only

    def _go_through(self, block: Tension, begin_s: float, now: float) -> None:
        """Take a tenth of the phase that is under way."""
        phase, recorder = self.phase, self._recorder
        assert phase is not None  # noqa: S101
        assert recorder is not None  # noqa: S101
        good = not (block.quality & np.uint8(INVALID)).any() and not np.isnan(block.slow).any()
        self._sight.take(block, threshold=self.threshold, judged=good and not self.waiting)
        if self.waiting:
            recorder.add_outside(block)
        else:
            recorder.add(block, now, threshold=self.threshold, pacer=self.breathing.pacer)
        if self.waiting or (not good and phase.ends is Ends.VALID_TIME):
            self._wait(block, begin_s, now)
        else:
            self._count(phase, begin_s)
        if self._clock >= round(phase.seconds * PER_SECOND) or self._going_on:
            self._leave(now, whole=not self._going_on or phase.ends is Ends.ANSWER)

    def _wait(self, block: Tension, begin_s: float, now: float) -> None:
        """The clock stands: say so, and end the sitting where that does not change."""
        self.paused = True
        self._without_signal += 1
        if self._without_signal >= _PAUSE_TOLD:
            self._tell_pause(block, begin_s, now)
        if not self.waiting and self._without_signal >= self._patience:
            self._give_up(_("There was no reading for too long: the sitting ends here."))
            self._leave(now, whole=False)

    def _tell_pause(self, block: Tension, begin_s: float, now: float) -> None:
        """Say why the clock stands, each reason once: more may become clear as it goes on."""
        flags = int(np.bitwise_or.reduce(block.quality & np.uint8(INVALID), axis=None))
        why = " ".join(part for part in quality_words(flags) if part)
        if self.waiting:
            why = _("Paused.")
        settling = flags == Quality.UNSETTLED and not self._reasons  # as every stream begins
        if settling or why in self._reasons:
            return
        self._reasons.append(why)
        since_s = round(now * PER_SECOND - self._without_signal) / PER_SECOND
        why = why or _("There is no reading.")
        self._tell(begin_s, What.PAUSED, why, since_s=since_s, by_hand=self.waiting)

    def _count(self, phase: Phase, begin_s: float) -> None:
        """The clock goes on by a tenth."""
        if self._reasons:
            by_hand = _("Paused.") in self._reasons
            self._tell(begin_s, What.RESUMED, _("It goes on."), by_hand=by_hand)
        self.paused = False
        self._without_signal = 0
        self._reasons = []
        for cue in phase.cues:
            if round(cue.at_s * PER_SECOND) == self._clock:
                self._tell(begin_s, What.CUE, cue.say)
        self._clock += 1

    def _leave(self, now: float, *, whole: bool) -> None:
        """End the phase; how it went is known a second later."""
        phase, recorder = self.phase, self._recorder
        if phase is None or recorder is None:
            return
        if not whole:
            recorder.cut_short()
        self._closing.append(recorder)
        self._recorder = self.phase = None
        self._sight.end()
        self.paused = False
        self._tell(
            now,
            What.PHASE_ENDS,
            "",
            phase=phase.name,
            round=phase.round,
            seconds=now - recorder.start_s,
            whole=whole,
        )
        if phase.kind not in _AWAITED:
            self._begin(now)

    def _give_up(self, farewell: str) -> None:
        """Leave out what was to come."""
        self._farewell, self.whole = farewell, False
        self.to_come = ()

    def _know(self, now: float) -> None:
        """Take what a phase came to, now that nothing of it can be taken back."""
        recorder = self._closing.pop(0)
        stretch = recorder.finish()
        trials_to_come = any(phase.kind is Kind.TRIAL for phase in self.to_come)
        self.results.add(stretch, now, trials_to_come=trials_to_come)
        self.breathing.hear(stretch, self.to_come, now)
        self.progress = progressed(self, stretch, left=recorder.left)

    def _take_going_on(self, _now: float) -> None:
        self._going_on = self.phase is not None

    def _take_change(self, change: Change, number: int, now: float) -> None:
        """Change the phase of that number, unless it has ended since it was wished."""
        phase, recorder = self.phase, self._recorder
        if phase is None or recorder is None or number != len(self.begun):
            return
        planned = self.begun[-1]
        done = changed(change, phase, planned=planned, passed_s=self._clock / PER_SECOND)
        if change is Change.REPEAT and not self._going_on:
            self.to_come = (planned, *self.to_come)
        self.phase, self._going_on = done.phase, self._going_on or done.over
        recorder.phase = counted(recorder.phase, done.phase, begun=self._clock > 0)
        self._tell(
            now,
            What.CHANGED,
            done.text,
            change=change.value,
            phase=phase.name,
            round=phase.round,
            seconds=done.phase.seconds,
            feedback=done.phase.feedback.value,
            by_hand=True,
        )

    def _take_rating(self, name: str, value: float, now: float) -> None:
        self.ratings[name] = value
        self._tell(now, What.RATED, "", name=name, value=value)

    def _tell(self, now: float, what: What, text: str, **values: Any) -> None:
        self.events.append(Event(now, what, text, values))
