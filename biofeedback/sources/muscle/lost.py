"""Frames that never arrive, or arrive damaged: which samples a stream still has."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from biofeedback.sources.muscle.script import Losses

_GROUP = 1024  # frames whose fates are drawn together
_FRAMES = 4  # its place among the random streams of a seed


def runs(mask: NDArray[np.bool_], start: int) -> Iterator[tuple[int, int]]:
    """Yield (start, stop) of the runs in which `mask` ``(n,)`` is true; its first index is `start`.

    An index is of a sample, since the stream began.
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False]))))
    for first, after in (edges + start).reshape(-1, 2):
        yield int(first), int(after)


class Frames:
    """Tells of any sample whether it arrives. The very first always does: time begins with it."""

    def __init__(self, losses: Losses, *, seed: int, sfreq: float) -> None:
        self._losses, self._seed = losses, seed
        self._spans = [(round(a * sfreq), round(b * sfreq)) for a, b in losses.spans_s]
        self._group = -1

    def kept(self, start: int, stop: int) -> NDArray[np.bool_]:
        """Return which of the samples ``[start, stop)`` arrive."""
        kept = np.ones(stop - start, dtype=np.bool_)
        losses = self._losses
        if losses.lost_percent or losses.corrupt_percent:
            first, last = start // losses.frame_samples, (stop - 1) // losses.frame_samples
            fates = np.concatenate(list(self._fates(first, last + 1)))
            gone = fates < losses.lost_percent + losses.corrupt_percent
            kept &= ~gone[np.arange(start, stop) // losses.frame_samples - first]
        for first, after in self._spans:
            kept[max(first, start) - start : max(after, start) - start] = False
        if start == 0:
            kept[0] = True
        return kept

    def corrupt(self, start: int, stop: int) -> list[int]:
        """Return the first samples of the damaged frames that begin in ``[start, stop)``."""
        losses = self._losses
        if not losses.corrupt_percent:
            return []
        n = losses.frame_samples
        first, after = -(-start // n), -(-stop // n)
        if first >= after:
            return []
        fates = np.concatenate(list(self._fates(first, after)))
        damaged = (fates >= losses.lost_percent) & (
            fates < losses.lost_percent + losses.corrupt_percent
        )
        for lost_from, lost_until in self._spans:  # what never arrives is not damaged
            at = np.arange(first, after) * n
            damaged &= (at + n <= lost_from) | (at >= lost_until)
        return [(first + int(j)) * n for j in np.flatnonzero(damaged)]

    def _fates(self, first: int, after: int) -> Iterator[NDArray[np.float64]]:
        """Yield a number from 0 to 100 for each of the frames ``[first, after)``."""
        for group in range(first // _GROUP, (after - 1) // _GROUP + 1):
            if group != self._group:
                rng = np.random.default_rng((self._seed, 0, group, _FRAMES))
                self._drawn, self._group = rng.uniform(0, 100, _GROUP), group
                if group == 0:
                    self._drawn[0] = 100.0
            begin = group * _GROUP
            yield self._drawn[max(0, first - begin) : max(0, after - begin)]
