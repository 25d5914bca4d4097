"""How fast a recorded or simulated stream is handed on: as it was, or as it is asked for."""

from collections.abc import Callable

_STEP_S = 0.008  # the shortest wait: half a frame of the display


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
            if due > 0 or waited >= timeout:
                return max(0, min(due, most))
            self._sleep(_STEP_S)
            waited += _STEP_S
