"""Samples that came with time stamps get an index; where the stamps jump, samples are missing."""

import math

import numpy as np
from numpy.typing import NDArray

from biofeedback.stream import Chunk, Samples

# Until more is known, stamps may step so far without a loss: what senders that stamp on arrival do.
_USUAL_S = 0.05
_HALF_LIFE_S = 2.0
# A step counts from half a sample on, and must stand out from how stamps step anyway.
_TIMES_USUAL = 2.0
# Of a sender whose stamps come in bursts a step is a loss where it stays for so long.
_WAIT_S = 0.3
# Beyond it a clock was set.
_LONGEST_S = 3600.0


class Placing:
    """Places samples of nominally `sfreq` Hz by their stamps, in s of one clock.

    Of a sender with even stamps each missing sample is found at once. Where stamps come in bursts,
    a step is a loss only if the least delay before and after it differ too: samples wait for that,
    0.3 s long, and what is shorter than twice such a burst is not found.
    """

    def __init__(self, sfreq: float) -> None:
        self._sfreq = sfreq
        self._next = 0
        self._last_s = math.nan
        self._usual_s = _USUAL_S
        self._delays = np.empty(0)  # of the newest samples
        self._kept = max(1, round(_WAIT_S * sfreq))
        self._waiting: list[tuple[Samples, NDArray[np.float64]]] = []

    def place(self, samples: Samples, stamps: NDArray[np.float64]) -> list[Chunk]:
        """Return chunks of what can be placed of `samples` ``(n, n_channels)``, the oldest first.

        `stamps` ``(n,)``: when each was taken.
        """
        if self._waiting:
            self._waiting.append((samples, stamps))
            waited_s = stamps[-1] - self._waiting[0][1][0]
            return self.flush() if not 0 <= waited_s < _WAIT_S else []
        chunks = []
        while len(stamps):
            n = self._unbroken(stamps)
            if n:
                chunks.append(self._take(samples[:n], stamps[:n]))
                samples, stamps = samples[n:], stamps[n:]
            elif self._usual_s < 0.5 / self._sfreq:
                self._skip(stamps[0] - self._last_s - 1 / self._sfreq)
            else:
                self._waiting = [(samples, stamps)]
                break
        return chunks

    def flush(self) -> list[Chunk]:
        """Place what still waits."""
        if not self._waiting:
            return []
        samples, stamps = (np.concatenate(parts) for parts in zip(*self._waiting, strict=True))
        self._waiting = []
        least_s = float(self._delays_of(stamps).min() - self._delays.min())
        if least_s * self._sfreq >= 0.5 and least_s > self._usual_s:
            self._skip(least_s)
        return [self._take(samples, stamps)]

    def _unbroken(self, stamps: NDArray[np.float64]) -> int:
        """Return how many of `stamps` follow on each other, and on the last one."""
        if math.isnan(self._last_s):
            self._last_s = float(stamps[0]) - 1 / self._sfreq
        steps_s = np.diff(stamps, prepend=self._last_s) - 1 / self._sfreq
        limit_s = max(0.5 / self._sfreq, _TIMES_USUAL * self._usual_s)
        jumps = np.flatnonzero((steps_s > limit_s) & (steps_s < _LONGEST_S))
        return int(jumps[0]) if len(jumps) else len(stamps)

    def _skip(self, missing_s: float) -> None:
        missing = max(0, round(missing_s * self._sfreq))
        self._next += missing
        self._last_s += missing / self._sfreq

    def _take(self, samples: Samples, stamps: NDArray[np.float64]) -> Chunk:
        n = len(stamps)
        steps_s = np.diff(stamps, prepend=self._last_s) - 1 / self._sfreq
        if np.abs(steps_s).max() > _LONGEST_S:
            self._delays = np.empty(0)
        else:
            faded_s = self._usual_s * 0.5 ** (n / self._sfreq / _HALF_LIFE_S)
            self._usual_s = max(faded_s, float(np.abs(steps_s).max()))
        self._delays = np.append(self._delays, self._delays_of(stamps))[-self._kept :]
        chunk = Chunk(self._next, samples)
        self._next += n
        self._last_s = float(stamps[-1])
        return chunk

    def _delays_of(self, stamps: NDArray[np.float64]) -> NDArray[np.float64]:
        delays: NDArray[np.float64] = stamps - (self._next + np.arange(len(stamps))) / self._sfreq
        return delays
