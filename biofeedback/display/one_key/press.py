"""What one key is made to say: presses and holds, out of its going down and up; no Qt."""

import time
from collections.abc import Callable
from enum import Enum, auto

BOUNCE_S = 0.06
"""A contact bounces for up to 20 ms, and a stiff finger lets go for a moment: that is no press."""
_LONGEST_LOOK_S = 0.1  # while the program is busy nobody knows that the key is still down


class Stroke(Enum):
    """What was done with the key."""

    DOWN = auto()
    """It went down; nothing more is known yet."""
    SHORT = auto()
    """It was let go before it was a hold."""
    HOLD = auto()
    """It is down long enough; what was DOWN is no SHORT any more."""


class OneSwitch:
    """Tells what a key does that goes `down` and `up`; `strokes` is asked many times a second.

    A key that sends its ups and downs again and again while it is held is held. `at_s` says when it
    went up or down, by a clock of its own: a busy program hears of both late, and at once.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._said: list[Stroke] = []
        self.cancel()

    def cancel(self) -> None:
        """Forget a press that is under way: its end will not come."""
        self._down = self._told_hold = False
        self._up_s: float | None = None
        self._up_at_s: float | None = None
        self._held_s = self._looked_s = 0.0

    def down(self, at_s: float | None = None) -> None:
        """The key goes down."""
        self._settle(at_s)
        self._up_s = None  # it only bounced
        if self._down:
            self._count()
        else:
            self._down, self._told_hold = True, False
            self._held_s, self._looked_s = 0.0, self._clock()
            self._said.append(Stroke.DOWN)

    def up(self, at_s: float | None = None) -> None:
        """The key is let go."""
        if self._down and self._up_s is None:
            self._up_s, self._up_at_s = self._clock(), at_s

    def _settle(self, at_s: float | None = None) -> None:
        """End a press whose key has stayed up, until `at_s` at least where that is known."""
        if self._up_s is None:
            return
        stayed_s = self._clock() - self._up_s
        if at_s is not None and self._up_at_s is not None:
            stayed_s = max(stayed_s, at_s - self._up_at_s)
        if stayed_s >= BOUNCE_S:
            if not self._told_hold:
                self._said.append(Stroke.SHORT)
            self.cancel()

    def _count(self) -> None:
        """Count the time that the key is held."""
        now = self._clock()
        self._held_s += min(now - self._looked_s, _LONGEST_LOOK_S)
        self._looked_s = now

    def strokes(self, hold_s: float) -> list[Stroke]:
        """Return what was done since it was last asked; a hold lasts `hold_s`, in seconds."""
        self._settle()
        if self._down and self._up_s is None:
            self._count()
        if self._held_s >= hold_s and not self._told_hold:
            self._told_hold = True
            self._said.append(Stroke.HOLD)
        said, self._said = self._said, []
        return said
