"""A recording without what was excluded by hand: as if those samples had been lost."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from biofeedback.recording.recorded import Recording
from biofeedback.stream import Chunk


@dataclass(frozen=True, slots=True)
class _Kept:
    """The chunks that are left of `chunks` without `spans`, ``(n, 2)`` in order and apart."""

    chunks: Iterable[Chunk]
    spans: NDArray[np.int64]

    def __iter__(self) -> Iterator[Chunk]:
        for chunk in self.chunks:
            first = int(np.searchsorted(self.spans[:, 1], chunk.start, side="right"))
            last = int(np.searchsorted(self.spans[:, 0], chunk.stop, side="left"))
            at = chunk.start
            for begin, end in (*self.spans[first:last].tolist(), (chunk.stop, chunk.stop)):
                if at < begin:
                    yield Chunk(at, chunk.samples[at - chunk.start : begin - chunk.start])
                at = max(at, end)


def without(recording: Recording, spans: NDArray[np.int64]) -> Recording:
    """Return `recording` without the samples in `spans`: start and stop of each run, ``(n, 2)``.

    What comes after them settles anew, as after a gap: nothing of them is in any figure.
    """
    return replace(recording, chunks=_Kept(recording.chunks, spans)) if len(spans) else recording


def samples_in(spans: NDArray[np.int64], start: int, stop: int) -> int:
    """Return how many samples of `spans` lie from `start` to before `stop`."""
    return int(np.maximum(np.diff(np.clip(spans, start, stop), axis=1), 0).sum())
