"""A whole recording at every distance: extremes of signal and tension, level by level; no Qt."""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biofeedback.held_back import HeldBack, Known
from biofeedback.pipeline import make_pipeline
from biofeedback.recording.recorded import Recording
from biofeedback.settings import SignalSettings
from biofeedback.stream import Chunk, Samples, Tension

# Bins times channels of the finest level, which takes 17 bytes each, and all coarser ones 6 more:
# 95 MB for a long recording, whose finest bins are 16 samples in an hour of 8 channels at 2 kHz.
MOST_VALUES = 1 << 22
_FAN = 4  # bins that become one of the next level
_GROUP = 512  # bins whose sums are known
_FEWEST = 256  # bins of the coarsest level, or a little more
_CHUNK_VALUES = 400_000  # samples times channels that are worked on at once

UNCOUNTED = np.uint8(128)
"""Beside `Quality`'s bits: the bin holds samples that do not count."""

Values = NDArray[np.float32]


class Cancelled(Exception):
    """The work was called off."""


@dataclass(frozen=True, slots=True)
class Level:
    """Bins of `step` samples each, ``(n_channels, n_bins)``; NaN where there is nothing.

    `low`, `high` of the filtered signal; `line_low`, `line_high` of the tension that counts;
    `flags`: those of any sample, with `UNCOUNTED` where one does not count.
    """

    step: int
    low: Values
    high: Values
    line_low: Values
    line_high: Values
    flags: NDArray[np.uint8]

    def part(self, first: int, edges: NDArray[np.int64], stop: int) -> "Level":
        """Return bins `first` to before `stop` in columns that begin at `edges`, from `first`.

        Two edges at the same bin both stand for it.
        """
        at = edges - first
        bins = slice(first, stop)
        return Level(
            self.step,
            np.fmin.reduceat(self.low[:, bins], at, axis=1),
            np.fmax.reduceat(self.high[:, bins], at, axis=1),
            np.fmin.reduceat(self.line_low[:, bins], at, axis=1),
            np.fmax.reduceat(self.line_high[:, bins], at, axis=1),
            np.bitwise_or.reduceat(self.flags[:, bins], at, axis=1),
        )


class Pyramid:
    """Levels from fine to coarse of a recording of `n_samples`; `add` fills, `finish` ends that.

    `most_values`: bins times channels of the finest level, at most.

    `counting`: how many samples of each bin of the finest level count, ``(n_channels, n_bins)``.
    """

    def __init__(self, n_channels: int, n_samples: int, most_values: int) -> None:
        self.n_samples = n_samples
        self.step = 1
        while n_channels * -(-n_samples // self.step) > most_values:
            self.step *= 2
        shape = n_channels, max(1, -(-n_samples // self.step))
        self._low = np.full(shape, np.nan, dtype=np.float32)
        self._high = np.full(shape, np.nan, dtype=np.float32)
        self._sum = np.zeros(shape, dtype=np.float32)
        self._flags = np.zeros(shape, dtype=np.uint8)
        self.counting = np.zeros(shape, dtype=np.uint32)
        self.levels: list[Level] = []

    def add(self, start: int, known: Known[None]) -> None:
        """Take tension whose fate is known, whose first sample is number `start`."""
        if start < 0:  # what a pipeline that is late says before its first sample
            known = Known(_behind(known.tension, -start), None, known.good[-start:])
            start = 0
        tension, good = known.tension, known.good
        n = min(len(good), self.n_samples - start)
        if n <= 0:
            return
        first, last = start // self.step, (start + n - 1) // self.step
        starts = np.maximum(np.arange(first, last + 1) * self.step - start, 0)
        bins = slice(first, last + 1)
        filtered, good = tension.filtered[:n].T, good[:n].T
        quality = tension.quality[:n].T | np.where(good, np.uint8(0), UNCOUNTED)
        slow = np.where(good, tension.slow[:n].T, 0.0)
        for all_, of, reduce in (
            (self._low, filtered, np.fmin),
            (self._high, filtered, np.fmax),
            (self._sum, slow, np.add),
            (self._flags, quality, np.bitwise_or),
            (self.counting, good.astype(np.uint32), np.add),
        ):
            reduced = reduce.reduceat(of, starts, axis=1)
            reduce(all_[:, bins], reduced, out=all_[:, bins], casting="same_kind")

    def finish(self) -> None:
        """Make the coarser levels."""
        line, counting = self._sum, self.counting
        np.divide(line, counting, out=line, where=counting > 0, casting="same_kind")
        line[counting == 0] = np.nan
        self.levels = [Level(self.step, self._low, self._high, line, line, self._flags)]
        while (n := self.levels[-1].low.shape[1]) >= _FAN * _FEWEST:
            finer = self.levels[-1]
            coarser = finer.part(0, np.arange(0, n, _FAN), n)
            self.levels.append(
                Level(finer.step * _FAN, *(getattr(coarser, name) for name in _ARRAYS))
            )

        n_channels, n_bins = self.counting.shape
        groups = range(0, n_bins, _GROUP)
        self._totals = np.zeros((2, n_channels, len(groups) + 1))
        for group, first in enumerate(groups):
            part = slice(first, first + _GROUP)
            self._totals[:, :, group + 1] = _sums(self.counting[:, part], line[:, part]).sum(axis=2)
        np.cumsum(self._totals, axis=2, out=self._totals)

    def columns(self, start: float, stop: float, n: int) -> Level:
        """Return `n` columns from sample `start` to `stop`, both in the recording.

        Zoomed in further than the finest bins, columns repeat.
        """
        wide = (stop - start) / n
        level = next((lv for lv in reversed(self.levels) if lv.step <= wide), self.levels[0])
        last = level.low.shape[1] - 1
        at = np.floor((start + wide * np.arange(n)) / level.step).astype(np.int64)
        edges = np.clip(at, 0, last)
        behind = min(max(math.ceil(stop / level.step), int(edges[-1]) + 1), last + 1)
        return level.part(int(edges[0]), edges, behind)

    def counted(
        self, start: int, stop: int, left_out: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return mean tension and percent that counts from sample `start` to `stop`, a channel.

        `left_out`: samples that do not count besides, ``(n, 2)`` in order and apart. All in whole
        bins. The mean is NaN where nothing counts.
        """
        n_bins = self.counting.shape[1]
        first = min(max(start // self.step, 0), n_bins - 1)
        last = min(max(-(-stop // self.step), first + 1), n_bins)
        sums = self._until(last) - self._until(first)
        for begin, end in np.clip(-(-left_out // self.step), first, last).tolist():
            sums -= self._until(end) - self._until(begin)
        width = min(last * self.step, self.n_samples) - first * self.step
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(sums[0] > 0, sums[1] / sums[0], np.nan)
        return mean, 100.0 * sums[0] / width

    def _until(self, at: int) -> NDArray[np.float64]:
        """Return over the bins before `at`: samples that count, sum of tension, ``(2, n)``."""
        group = at // _GROUP
        part = slice(group * _GROUP, at)
        counting, line = self.counting[:, part], self.levels[0].line_low[:, part]
        return np.asarray(self._totals[:, :, group] + _sums(counting, line).sum(axis=2))


def _sums(counting: NDArray[np.uint32], line: Values) -> NDArray[np.float64]:
    counting_ = counting.astype(np.float64)
    return np.asarray(np.stack([counting_, np.where(counting > 0, line * counting_, 0.0)]))


_ARRAYS = ("low", "high", "line_low", "line_high", "flags")


def _behind(tension: Tension, n: int) -> Tension:
    """Return `tension` without its first `n` samples."""
    _start, filtered, fast, slow, quality = tension
    return Tension(tension.start + n, filtered[n:], fast[n:], slow[n:], quality[n:])


def make_pyramid(
    recording: Recording,
    signal: SignalSettings,
    *,
    progress: Callable[[float], None],
    cancelled: threading.Event,
    most_values: int = MOST_VALUES,
) -> Pyramid:
    """Take the whole of `recording` through the pipeline, as it is heard live.

    `progress` is told how much is done, 0 to 1. Raises `Cancelled` once `cancelled` is set,
    `SettingsError` where the signal is too slow for its band, `RecordingError` where the file
    cannot be read any more.
    """
    pipeline = make_pipeline(recording.info, signal)
    n_channels = len(recording.info.channels)
    made = Pyramid(n_channels, recording.stop, most_values)
    held = HeldBack[None](recording.info.sfreq)
    most = max(1, _CHUNK_VALUES // n_channels)
    last: Samples | None = None

    def take(chunk: Chunk) -> None:
        for known in held.add(pipeline.process(chunk), None):
            made.add(known.tension.start - pipeline.delay, known)

    for start, samples in recording.chunks:
        for at in range(0, len(samples), most):
            if cancelled.is_set():
                raise Cancelled
            take(Chunk(start + at, samples[at : at + most]))
            progress((start + at) / recording.stop)
        last = samples[-1:]
    if pipeline.delay and last is not None:  # brings out the last of it
        take(Chunk(recording.stop, np.repeat(last, pipeline.delay, axis=0)))
    for known in held.rest():
        made.add(known.tension.start - pipeline.delay, known)
    made.finish()
    return made
