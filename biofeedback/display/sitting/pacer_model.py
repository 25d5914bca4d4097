"""What is shown of the pacer of a session, worked out as it is polled; no Qt."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from biofeedback.session import Session, State
from biofeedback.text import _

# Samples come in chunks: between them the clock tells the time, but no longer than this.
_AHEAD_S = 0.25
# As long without a sample nothing comes from the sensor: a breath must not stand still half-way.
_AWAY_S = 0.5


@dataclass(frozen=True, slots=True)
class PacerFrame:
    """What is shown of the pacer at one moment; `full` from 0 to 1, NaN where nobody is led.

    `word`: what to do; `seconds`: for how long still, both empty where nobody is led. `note`: what
    there is to know.
    """

    full: float
    word: str
    seconds: str
    note: str


class PacerModel:
    """Reads the pacer of a session, in sample time, and hands on what a person does about it."""

    def __init__(self, session: Session, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._session, self._clock = session, clock
        self._stop_index = -1
        self._since = self._shown_s = 0.0

    def frame(self) -> PacerFrame | None:
        """Return what is shown; None where there is no pacer."""
        session, breathing = self._session, self._session.breathing
        pacer = breathing.pacer
        if session.state is not State.RUNNING:
            return None
        if pacer is None:
            if not breathing.dizzy:
                return None
            note = _("The pacer has stopped. Breathe as you like, and sit until it has passed.")
            return PacerFrame(math.nan, "", "", note)
        now_s, away = self._now_s()
        if away:
            note = _("Nothing comes from the sensor: breathe as you like.")
            return PacerFrame(math.nan, "", "", note)
        breath = pacer.at(now_s)
        note = _("Stop if you feel dizzy.")
        if session.paused or (session.trainer is not None and session.trainer.paused):
            note = _("The clock waits; the pacer goes on. Stop if you feel dizzy.")
        return PacerFrame(
            full=breath.full,
            word=_("Breathe in") if breath.inhaling else _("Breathe out"),
            seconds=f"{max(1, math.ceil(breath.left_s))}",
            note=note,
        )

    def _now_s(self) -> tuple[float, bool]:
        """Return the sample time, which goes on between two chunks and never back; and no news."""
        session, now = self._session, self._clock()
        if session.stop_index != self._stop_index:
            self._stop_index, self._since = session.stop_index, now
        since = now - self._since
        now_s = session.duration_s + min(since, _AHEAD_S)
        if now_s < self._shown_s - _AHEAD_S:
            self._shown_s = 0.0  # another session
        self._shown_s = max(self._shown_s, now_s)
        return self._shown_s, since > _AWAY_S

    @property
    def leads(self) -> bool:
        """Whether the breath is led now."""
        return self._session.breathing.pacer is not None

    def switch(self) -> str:
        """Begin to lead, or end it; return what is to be said."""
        if self._session.state is not State.RUNNING:
            return _("The pacer begins with the session: wait a moment.")
        breathing, leads = self._session.breathing, self.leads
        breathing.switch()
        if leads or not math.isnan(breathing.own_per_min):
            return ""
        return _("Press I each time you breathe in: after four times it goes at your own pace.")

    def stop_dizzy(self) -> str:
        """End it at once: the person is dizzy; return what is to be said."""
        if not self.leads:
            return ""
        self._session.breathing.stop_dizzy()
        return _("The pacer has stopped. Breathe as you like, and sit until it has passed.")

    def breathe_in(self) -> None:
        """Take that a breath in begins now."""
        if self._session.state is State.RUNNING:
            self._session.breathing.breathe_in()
