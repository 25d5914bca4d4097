"""What counts is told late: a fault is found some time after it began."""

from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from biofeedback.stream import INVALID, Tension

# The longest that a fault goes on before it is found: motion, an electrode that is off, a rail
# that is hit now and then. What moved just before a gap is never seen whole.
TAKEN_BACK_S = 1.0

_INVALID = np.uint8(INVALID)  # as the arrays hold it

Along = TypeVar("Along")


class Known(NamedTuple, Generic[Along]):
    """Tension whose fate is known, what came along with it, and which samples of it count."""

    tension: Tension
    along: Along
    good: NDArray[np.bool_]


def counted(tensions: list[Tension], back: int) -> NDArray[np.bool_]:
    """Return which samples of `tensions`, one after the other, count: ``(n_samples, n_channels)``.

    Not those that are flagged invalid, nor the `back` samples before such or before a gap.
    """
    quality = np.concatenate([tension.quality for tension in tensions])
    invalid: NDArray[np.bool_] = quality & _INVALID != 0
    index = np.concatenate([t.start + np.arange(len(t.quality)) for t in tensions])
    breaks = np.flatnonzero(np.diff(index) > 1)
    if not (invalid.any() or len(breaks)):  # nearly always
        return np.logical_not(invalid)
    at = np.where(invalid, index[:, None], np.iinfo(np.int64).max)
    at[breaks] = np.minimum(at[breaks], index[breaks, None] + 1)
    next_at = np.minimum.accumulate(at[::-1], axis=0)[::-1]
    return np.asarray(next_at - index[:, None] > back)


class HeldBack(Generic[Along]):
    """Keeps tension until a second has passed, and then says which of its samples count.

    One does unless it, or another within the second after it, is flagged invalid or never came.
    """

    def __init__(self, sfreq: float) -> None:
        self._back = round(TAKEN_BACK_S * sfreq)
        self._held: list[tuple[Tension, Along]] = []

    def add(self, tension: Tension, along: Along) -> list[Known[Along]]:
        """Hold `tension` back too; return that whose fate is known now, oldest first."""
        self._held.append((tension, along))
        if tension.stop - self._held[0][0].start < 2 * self._back:  # a second at a time costs less
            return []
        return self._release(tension.stop - self._back)

    def rest(self) -> list[Known[Along]]:
        """Return all that is held, oldest first: nothing comes any more."""
        return self._release(self._held[-1][0].stop) if self._held else []

    def _release(self, stop: int) -> list[Known[Along]]:
        """Return the tension that ends by sample `stop`."""
        n = sum(tension.stop <= stop for tension, _along in self._held)
        good = counted([tension for tension, _along in self._held], self._back)
        known, at = [], 0
        for tension, along in self._held[:n]:
            known.append(Known(tension, along, good[at : at + len(tension.slow)]))
            at += len(tension.slow)
        del self._held[:n]
        return known
