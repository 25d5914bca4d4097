"""The latest second, kept for what looks at more than a chunk."""

import numpy as np
from numpy.typing import NDArray

from biofeedback.stream import Samples


class Recent:
    """The latest samples, laid out by their index: a hop of `hop` in work, and `before` before it.

    `counts` is ``(before + hop, n_channels)``.
    """

    def __init__(self, hop: int, before: int, n_channels: int) -> None:
        self.hop, self._before = hop, before
        self.counts: Samples = np.zeros((before + hop, n_channels))
        self.kept: NDArray[np.int64] = np.full(1, before)
        """The row after the newest one: an array, so that the kernel can move it."""

    def begin(self, index: int) -> None:
        """Go on with sample `index`, with nothing before it."""
        self.kept[0] = self._before + index % self.hop

    def add(self, counts: Samples) -> None:
        """Keep ``(n, n_channels)`` more, at most to the end of the hop."""
        start = int(self.kept[0])
        self.counts[start : start + len(counts)] = counts
        self.kept[0] += len(counts)

    def turn(self) -> None:
        """Begin the next hop: the one in work is whole."""
        self.counts[: self._before] = self.counts[self.hop :]
        self.kept[0] = self._before

    def latest_counts(self, n: int) -> Samples:
        """Return the newest `n` rows, at most a hop."""
        stop = int(self.kept[0])
        return self.counts[stop - n : stop]
