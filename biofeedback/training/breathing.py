"""The breathing of a sitting: whether a pacer leads it now, and what the person's own rate is."""

import math
from collections.abc import Callable, Iterable
from itertools import pairwise
from statistics import median
from typing import Any

from biofeedback.dsp.breathing import own_rate_per_min
from biofeedback.errors import SettingsError
from biofeedback.text import _
from biofeedback.training.events import What
from biofeedback.training.pacer import Pacer, Pacing
from biofeedback.training.protocol import BASELINES, Kind, Phase
from biofeedback.training.results import Tell
from biofeedback.training.stretch import Stretch

# So many presses "I breathe in now" tell a rate; further apart one was left out.
_FEWEST_PRESSES = 4
_LONGEST_BREATH_S = 20.0
OWN_PER_MIN = (3.0, 60.0)
"""What is taken for a person's own rate."""


class Breathing:
    """Begins and ends the pacer, as the phases say and as a person does by hand.

    `pacer` is None while nobody is led; it may be polled. It goes by sample time alone: on while
    there is no reading, and while the clock of a trial waits. One that begins anew goes on at the
    rate that the last one had come to. What is done by hand holds for the rest of the sitting, but
    for baselines, which are of one's own breathing.

    `tell` gets what has happened. `by_hand` gets what a person did, to be called with the time.
    """

    def __init__(self, *, tell: Tell, by_hand: Callable[[Callable[[float], None]], object]) -> None:
        self.pacer: Pacer | None = None
        self.own_per_min = math.nan
        """The person's own rate, or the one that they have come to; NaN where it is not known."""
        self.dizzy = False
        """It was stopped for that, and begins again by hand only."""
        self._tell, self._by_hand = tell, by_hand
        self._asked: bool | None = None  # by hand; None: as the phases say
        self._pacing, self._hidden = Pacing(), False
        self._presses: list[float] = []

    # what the phases say

    def begin_phase(self, phase: Phase, now_s: float) -> None:
        """Lead in `phase`, or not; a breath that is led already is not broken off."""
        self._pacing = phase.pacer or Pacing()
        self._hidden = phase.kind in BASELINES and phase.pacer is None
        wanted = phase.pacer is not None if self._asked is None else self._asked
        wanted = wanted and not self._hidden
        if wanted and self.pacer is not None and self.pacer.pacing == self._pacing:
            return
        self._end(now_s)
        if wanted:
            self._begin(now_s, by_hand=False)

    def hear(self, over: Stretch, to_come: Iterable[Phase], now_s: float) -> None:
        """Take the rate that is clear in a baseline that is over, where it is to be led from."""
        rest = over.phase.kind is Kind.BASELINE and any(phase.pacer for phase in to_come)
        if self._known or not rest:
            return
        rate = own_rate_per_min(over.fast[:, 0], over.valid, rate_hz=over.rate_hz)
        if not math.isnan(rate):
            self._know(rate, now_s, "muscle")

    @property
    def _known(self) -> bool:
        return not math.isnan(self.own_per_min)

    # what a person does

    def set_own(self, per_min: float) -> None:
        """Take the person's own rate; raise `SettingsError` where nobody breathes so."""
        low, high = OWN_PER_MIN
        if not low <= per_min <= high:
            raise SettingsError(
                _(
                    "Nobody breathes {rate:g} times a minute at rest: give {low:g} to {high:g}."
                ).format(rate=per_min, low=low, high=high)
            )
        self.own_per_min = per_min

    def switch(self) -> None:
        """Begin to lead, or end it."""
        self._by_hand(self._switch)

    def stop_dizzy(self) -> None:
        """Lead no more, at once: the person is dizzy. The next one begins where this one began."""
        self.pacer, self.dizzy, self._asked = None, True, False
        self._by_hand(self._tell_dizzy)

    def breathe_in(self) -> None:
        """Take that a breath in begins now: a few of these tell the person's own rate."""
        self._by_hand(self._press)

    def _switch(self, now_s: float) -> None:
        self._asked = self.pacer is None and not (self._hidden and self._asked)
        if not self._asked:
            self._end(now_s)
            said = _("The pacer is off: breathe as you like.")
        elif self._hidden:
            said = _("The pacer begins after the baseline: that is of your own breathing.")
        else:
            self._begin(now_s, by_hand=True)
            return
        self._tell(now_s, What.PACER, said, on=False, by_hand=True)

    def _tell_dizzy(self, now_s: float) -> None:
        said = _("Dizzy: the pacer has stopped. Breathe as you like, and sit until it has passed.")
        self._tell(now_s, What.PACER, said, on=False, by_hand=True, dizzy=True)

    def _press(self, now_s: float) -> None:
        """60 over the median of the times between presses; a pacer begins anew with what it is."""
        presses = self._presses
        if presses and not 0 < now_s - presses[-1] <= _LONGEST_BREATH_S:
            presses.clear()
        presses.append(now_s)
        if len(presses) < _FEWEST_PRESSES:
            return
        self._know(60.0 / median(b - a for a, b in pairwise(presses)), now_s, "keys")
        presses.clear()
        if self.pacer is not None:
            self._begin(now_s, by_hand=True)

    # what comes of it

    def _begin(self, now_s: float, *, by_hand: bool) -> None:
        pacing = self._pacing
        start = self.own_per_min if self._known else pacing.from_per_min
        pacer = Pacer(pacing, from_per_min=start, begun_s=now_s)
        start, rate = pacer.rate_per_min(now_s), pacing.rate_per_min
        said = _(
            "Breathe with the pacer, {rate:.2g} times a minute. Stop if you feel dizzy."
        ).format(rate=rate)
        if start > rate:
            said = _(
                "Breathe with the pacer, from {start:.2g} times a minute slowly to {rate:.2g}. "
                "Stop if you feel dizzy."
            ).format(start=start, rate=rate)
        self._tell(
            now_s,
            What.PACER,
            said,
            on=True,
            by_hand=by_hand,
            from_per_min=start,
            rate_per_min=rate,
        )
        self.pacer, self.dizzy = pacer, False

    def _end(self, now_s: float) -> None:
        if self.pacer is not None:
            self.own_per_min = self.pacer.rate_per_min(now_s)
        self.pacer = None

    def _know(self, per_min: float, now_s: float, told_by: str) -> None:
        self.own_per_min = per_min
        said = _("You breathe about {rate:.0f} times a minute.").format(rate=per_min)
        self._tell(now_s, What.OWN_BREATHING, said, rate_per_min=per_min, told_by=told_by)


def breathing_beside(note: Callable[..., object], now_s: Callable[[], float]) -> Breathing:
    """Return the breathing of a session without a training: by hand alone, at `now_s`.

    What becomes of the pacer goes to `note` in few words, with its `onset_s`.
    """

    def tell(now: float, what: What, text: str, **values: Any) -> None:  # noqa: ARG001
        if what is What.PACER:
            stopped = _("Dizzy: pacer stopped") if "dizzy" in values else _("Pacer off")
            note(_("Pacer on") if values["on"] else stopped, onset_s=now)

    return Breathing(tell=tell, by_hand=lambda take: take(now_s()))
