"""How fast a recorded or simulated stream is handed on: as it was, or as it is asked for."""

from collections.abc import Callable

# Samples are handed on in portions of as long as this: each portion costs a pass through the
# pipeline, and 60 a second are smooth to the eye.
_STEP_S = 0.016
_SHORTEST_S = 0.001


class Pace:
    """Tells how many samples are due by a clock; all of them where `fast`."""

    def __init__(
        self,
        sfreq: float,
        *,
        fast: bool,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._sfreq, self._fast, self._clock, self._sleep = sfreq, fast, clock, sleep
        self._portion = max(1, int(_STEP_S * sfreq))

    def start(self) -> None:
        """The first sample is now."""
        self._started = self._clock()

    def due(self, position: int, timeout: float, *, most: int) -> int:
        """Return how many samples after `position` are due, at most `most`; wait for the first."""
        if self._fast:
            return most
        waited = 0.0
        while True:
            due = int((self._clock() - self._started) * self._sfreq) - position
            if due >= min(self._portion, most) or waited >= timeout:
                return max(0, min(due, most))
            missing_s = (self._portion - due) / self._sfreq
            wait = max(_SHORTEST_S, min(missing_s, timeout - waited))
            self._sleep(wait)
            waited += wait
