"""Heartbeats taken out of band-passed EMG: their mean shape, fitted to each beat and subtracted."""

from collections import deque
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biofeedback.dsp.ecg import Heart
from biofeedback.stream import Samples

# What a beat leaves behind a causal 20 Hz corner, about its R peak. Its core is what is looked for.
BEFORE_S, AFTER_S = 0.06, 0.14
CORE_BEFORE_S, CORE_AFTER_S = 0.03, 0.06
BLOCK_S = 0.05
# The core fits best here of all places so near: in correlation, and in size over the mean beat.
NEAR_S, ALIKE, SIZES = 0.06, 0.5, (0.5, 1.6)
# The core must be as large as the muscle around it. A smaller one adds 5 % to an RMS over 1 s at
# most (70 beats a minute), and noise alone, lined up, makes a core of 0.65 (measured).
CLEAR = 1.0
MEAN_BEATS = 24  # the mean is taken over about so many
# So many beats that the finder tells and that are not recognised make a new mean; the finder's
# times are good to so much.
STRANGERS, JITTER_S = 5, 0.005
HISTORY_S = 11.0  # the finder tells of beats up to ten seconds back
_LEAST_POWER = 1e-6  # squared uV or counts: far below what a converter resolves


class MeanBeat:
    """What a beat looks like, ``(n_samples, n_channels)``, from those that were learned."""

    def __init__(self, shape: tuple[int, int], core: slice) -> None:
        self._core = core
        self.mean: Samples = np.zeros(shape)
        self.slope: Samples = np.zeros(shape)
        self.clear = np.zeros(shape[1], dtype=np.bool_)
        """Whether its core is as large as the muscle around it, per channel."""
        self._weight = np.zeros(shape[1])
        self._count = 0.0

    def core(self, channel: int) -> NDArray[np.float64]:
        """Return the part that is looked for, ``(n,)``."""
        return np.asarray(self.mean[self._core, channel])

    def learn(self, beat: Samples, muscle: NDArray[np.float64]) -> None:
        """Let in a beat, weighted by 1 / `muscle`, the power beside it: at rest it counts most."""
        weight = 1 / np.maximum(muscle, _LEAST_POWER)
        keep = 1 - 1 / MEAN_BEATS
        self._weight = keep * self._weight + weight
        self._count = keep * self._count + 1
        self.mean += weight / self._weight * (beat - self.mean)
        self.slope = np.asarray(np.gradient(self.mean, axis=0))
        power = (self.mean[self._core] ** 2).mean(axis=0)
        self.clear = power > CLEAR**2 * self._count / self._weight

    def fit(self, x: Samples) -> tuple[NDArray[np.float64], Samples]:
        """Return per channel the size of the beat in `x`, and what a shift adds to it.

        Least squares with the mean and its slope: some slope is a shift by part of a sample.
        """
        mm, ms = (self.mean**2).sum(axis=0), (self.mean * self.slope).sum(axis=0)
        ss = (self.slope**2).sum(axis=0)
        xm, xs = (x * self.mean).sum(axis=0), (x * self.slope).sum(axis=0)
        determinant = np.maximum(mm * ss - ms * ms, np.finfo(np.float64).tiny)
        size = np.asarray((ss * xm - ms * xs) / determinant)
        return size, np.asarray((mm * xs - ms * xm) / determinant * self.slope)


@dataclass(frozen=True, slots=True)
class _Found:
    """A beat that was recognised: where, without its shift, the muscle's power, which channels."""

    index: int
    beat: Samples
    muscle: NDArray[np.float64]
    fits: NDArray[np.bool_]


class BeatRemover:
    """Takes the heartbeat out of a band-passed stream, `delay` samples late.

    A beat is subtracted where the mean beat fits it at about its size, channel by channel; one
    that a contraction hides stays, where it biases little (Drake & Callaghan 2006, Marker & Maluf
    2014). The mean learns from the beats that the finder tells, too. Work is done in blocks that
    lie where the sample index says: the same bits however the stream is cut.

    `knowing`: one that has gone through some of the same stream before; what it has learned is
    known from the first beat on.
    """

    def __init__(
        self, sfreq: float, n_channels: int, *, knowing: "BeatRemover | None" = None
    ) -> None:
        self._before, self._after = round(BEFORE_S * sfreq), round(AFTER_S * sfreq)
        self._core = slice(
            self._before - round(CORE_BEFORE_S * sfreq), self._before + round(CORE_AFTER_S * sfreq)
        )
        self._near, self._jitter = round(NEAR_S * sfreq), round(JITTER_S * sfreq)
        self._block, self._kept = round(BLOCK_S * sfreq), round(HISTORY_S * sfreq)
        self.delay = self._before + self._after + self._block
        """How many samples the output is late: a quarter of a second."""
        self._around = np.arange(-self._before, self._after)
        self._n_channels = n_channels
        self._beat = self._unknown_beat()
        self._holding = np.zeros(n_channels, dtype=np.bool_)
        if knowing:
            self._beat, self._holding = deepcopy(knowing._beat), knowing._holding.copy()
        self.removed = np.zeros(n_channels, dtype=np.int64)
        """How many of the beats that the finder told were taken away, per channel."""
        self.reset()

    def _unknown_beat(self) -> MeanBeat:
        return MeanBeat((len(self._around), self._n_channels), self._core)

    def reset(self, start: int = 0) -> None:
        """Forget the signal: the next sample has the index `start`.

        What a beat looks like is kept: a gap does not change the heart.
        """
        self._line = np.full((2 * self._kept, self._n_channels), np.nan)
        self._filled = self._kept
        self._origin = start - self._kept  # index of the line's first sample
        self._done = start
        self._hearts: deque[Heart] = deque()
        self._found: deque[_Found] = deque(maxlen=32)
        self._strangers: list[int] = []

    def __call__(self, samples: Samples, hearts: Iterable[Heart]) -> Samples:
        """Return what was fed `delay` samples before `samples` ``(n, n_channels)``, shaped alike.

        NaN before the first. `hearts`: what the finder said of the blocks that end within
        `samples`, in order. At the end, `delay` zeros bring out the rest.
        """
        self._hearts.extend(hearts)
        cleaned = np.empty_like(samples)
        for at in range(0, len(samples), self._kept):
            piece = samples[at : at + self._kept]
            self._append(piece)
            while self._origin + self._filled >= self._done + self._block:
                self._done += self._block
                self._work()
            stop = self._filled - self.delay
            cleaned[at : at + len(piece)] = self._line[stop - len(piece) : stop]
        return cleaned

    def _append(self, piece: Samples) -> None:
        if self._filled + len(piece) > len(self._line):
            surplus = self._filled - self._kept
            self._line[: self._kept] = self._line[surplus : self._filled]
            self._origin += surplus
            self._filled = self._kept
        self._line[self._filled : self._filled + len(piece)] = piece
        self._filled += len(piece)

    def _work(self) -> None:
        """Go on by a block: hear the finder, look for a beat, take it away."""
        # by then this has looked wherever the finder has
        while self._hearts and self._hearts[0].stop + self._after <= self._done:
            self._hear(self._hearts.popleft())
        channels = np.flatnonzero(self._holding & self._beat.clear)
        alike, at = max((self._search(int(channel)) for channel in channels), default=(0.0, 0))
        if alike > ALIKE:
            self._remove(at)

    def _search(self, channel: int) -> tuple[float, int]:
        """Return how like the mean beat the likeliest place of this block is, and where it is."""
        first = self._done - self._origin - self._after - self._block
        core = self._beat.core(channel)
        energy = core @ core
        start = first - self._near - self._before + self._core.start
        x = self._line[start : start + self._block + 2 * self._near + len(core) - 1, channel]
        sizes = np.correlate(x, core) / energy
        at = int(sizes[self._near : -self._near].argmax())
        size = sizes[at + self._near]
        if not SIZES[0] < size < SIZES[1] or size < sizes[at : at + 2 * self._near + 1].max():
            return 0.0, 0
        x = x[at + self._near : at + self._near + len(core)]
        return float(size * np.sqrt(energy / (x @ x))), first + at

    def _remove(self, at: int) -> None:
        """Subtract the beat at `at`, and keep what may be learned of it."""
        x = self._line[at - self._before : at + self._after]
        if np.isnan(x).any():
            return
        size, shift = self._beat.fit(x)
        fits = self._holding & self._beat.clear & (size > SIZES[0]) & (size < SIZES[1])
        left = x - size * self._beat.mean - shift
        aligned = np.where(fits, x - shift, x)
        self._found.append(_Found(at + self._origin, aligned, (left**2).mean(axis=0), fits))
        x[:, fits] = left[:, fits]

    def _hear(self, heart: Heart) -> None:
        """Learn from the beats that were recognised, gather those that were not."""
        self._holding |= heart.ecg
        for beat in heart.beats:
            nearest = min(self._found, key=lambda found: abs(found.index - beat), default=None)
            if nearest and abs(nearest.index - beat) < self._near:
                self._beat.learn(nearest.beat, nearest.muscle)
                self.removed += nearest.fits
                self._strangers.clear()
            else:
                self._strangers.append(int(beat))
        oldest = self._done + self._before + self._jitter + self._block - self._kept
        self._strangers = [beat for beat in self._strangers if beat >= oldest]
        if len(self._strangers) >= STRANGERS:
            self._meet()

    def _meet(self) -> None:
        """Make a mean of the strangers; keep it if it stands out of the muscle."""
        at = np.array(self._strangers) - self._origin
        self._strangers.clear()
        at = at[np.isfinite(self._line[at[:, None] + self._around]).all(axis=(1, 2))]
        if len(at) < STRANGERS:
            return
        beats = self._line[at[:, None] + self._around]
        shape = np.median(beats, axis=0)
        stands_out = (shape**2).sum(axis=0) / np.maximum(
            ((beats - shape) ** 2).mean(axis=(0, 1)), _LEAST_POWER
        )
        channel = int(np.where(self._holding, stands_out, 0).argmax())
        for _round in range(2):  # line them up
            for i, place in enumerate(at):
                start = place - self._before - self._jitter
                x = self._line[start : place + self._after + self._jitter, channel]
                at[i] = start + self._before + np.correlate(x, shape[:, channel]).argmax()
            beats = self._line[at[:, None] + self._around]
            shape = np.median(beats, axis=0)
        new = self._unknown_beat()
        for beat in beats:
            new.learn(beat, ((beat - shape) ** 2).mean(axis=0))
        if (self._holding & new.clear).any():
            self._beat = new
