"""Says now and then how far something is that takes longer than one likes to wait."""

import time

from biofeedback.cli.output import say
from biofeedback.text import _

_EVERY_S = 2.0


class HowFar:
    """Called with the share that is done, 0 to 1; silent where it does not take long."""

    def __init__(self) -> None:
        self._told_at_s = time.monotonic()

    def __call__(self, share: float) -> None:
        now_s = time.monotonic()
        if now_s - self._told_at_s >= _EVERY_S:
            self._told_at_s = now_s
            say(_("{percent:.0f} % …").format(percent=100 * share))
