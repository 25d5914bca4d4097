"""Losses of whole rounds of a counter: the counter itself goes on as if nothing had been."""

import math

import numpy as np

_WINDOW_S = 10.0
_BEFORE = 8  # windows, at the most; the rate of a crystal drifts with its warmth
_LEAST_BEFORE, _AFTER = 3, 2
_BETWEEN = 1  # the loss may lie in the middle of one, whose least delay is then of neither
# Of a round: further off, it is a link that became slower, and no loss.
_NEAR = 0.3


class WholeRounds:
    """Finds by the clock how many rounds of `wraps` samples were lost; `sfreq` in Hz.

    Samples come late and never early. So the least delay of each ten seconds lies on a line, whose
    slope is that of a crystal that is off; a loss lifts all that follow by whole rounds. That is
    believed once two in a row were lifted: 20 to 40 s after the loss. Not in the first half minute,
    nor in that after one was found.
    """

    def __init__(self, sfreq: float, wraps: int) -> None:
        self._round_s = wraps / sfreq
        self._least = math.inf
        self._until: float | None = None
        self._minima: list[float] = []
        self._sfreq, self._wraps = sfreq, wraps

    def note(self, now: float, position: int) -> int:
        """Take that all before `position` was there by `now`, in s; return what was lost unnoticed.

        It is a number of samples, 0 nearly always; those that follow are to be that much later.
        """
        if self._until is None:
            self._until = now + _WINDOW_S
        elif now >= self._until:
            self._minima = [*self._minima, self._least][-_BEFORE - _BETWEEN - _AFTER :]
            self._least, self._until = math.inf, now + _WINDOW_S
            if rounds := self._lifted():
                self._minima.clear()  # and what follows has a line of its own
                return rounds * self._wraps
        self._least = min(self._least, now - position / self._sfreq)
        return 0

    def _lifted(self) -> int:
        """Return by how many rounds the newest windows lie above the line of those before."""
        before = len(self._minima) - _BETWEEN - _AFTER
        if before < _LEAST_BEFORE:
            return 0
        at = np.arange(len(self._minima))
        slope, least = np.polyfit(at[:before], self._minima[:before], 1)
        above = ((np.array(self._minima) - least - slope * at) / self._round_s)[-_AFTER:]
        rounds = np.rint(above)
        agree = np.all(rounds == rounds[0]) and np.all(np.abs(above - rounds) < _NEAR)
        return max(0, int(rounds[0])) if agree else 0
