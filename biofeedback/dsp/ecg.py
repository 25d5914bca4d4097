"""Heartbeats in the EMG of neck and shoulder: when they come, and which channels hold them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biofeedback.dsp.filters import BandPass
from biofeedback.stream import Samples

# Here a QRS stands out of P and T below it, and of muscle and mains above.
BAND_HZ, ORDER = (10.0, 30.0), 2
# How late this path shows an R peak. The group delay at its centre is 2 sqrt(2) / (2 pi 20 Hz),
# 22.5 ms, and longer below it, where a QRS has its power: so much for one 0.09 s wide.
DELAY_S = 0.028
PATH_SFREQ = 200.0  # the path is thinned to this or a little more
WINDOW_S, BLOCK_S = 10.0, 0.5
# The path is searched in bins as long as a QRS. Of peaks closer than two bins only the highest can
# be a beat: QRS over T.
BIN_S, APART_BINS = 0.1, 2
SHAPE_S = 0.06  # to either side of a peak

# 45 to 130 beats a minute, give or take the 2 by which a rate may be off.
RATE_RANGE_BPM = (43.0, 132.0)
# A first look, for it costs little: peaks rise so far above the median bin. In muscle alone the
# highest do 1.4 to 1.8 times.
CLEAR = 2.0
# So many are searched at once, besides the one that showed the beats last.
SEARCHED = 1
# As long as none is known, one is searched for each two seconds: it takes a fifth of an analysis.
EACH = 4
# They are one shape: correlation with their mean, and size over the median one's.
ALIKE, SIZES = 0.85, (0.75, 1.33)
# They are steady: so many steps, each so near the median one, fill so much of the window.
STEPS, REGULAR, FILLED = 5, 0.15, 0.7
# And it is so in so many blocks running: taps look like a heart for a moment.
AGREED = 3
# A channel holds them where so many correlate so well with the mean of the others.
SHARE_ON_CHANNEL, ALIKE_ON_CHANNEL = 0.7, 0.7
_NONE = np.empty(0, dtype=np.int64)
_LEAST = 1e-6  # uV or counts: below what any converter resolves


@dataclass(frozen=True, slots=True)
class Heart:
    """What is known of the heart once the samples before `stop` are in.

    `beats`: sample indices of the R peaks not told before, up to ten seconds back. `ecg`
    ``(n_channels,)``: which channels clearly hold the heartbeat. `rate_bpm`: beats a minute over
    the last ten seconds (60 over the mean of the regular RR intervals), NaN where none is clear.
    """

    stop: int
    beats: NDArray[np.int64]
    ecg: NDArray[np.bool_]
    rate_bpm: float


class BeatFinder:
    """Finds the heart, `block` samples (half a second) at a time: a steady beat of one shape.

    A heart beats once: its beats are taken from the channel that shows them most clearly, and of
    each channel it is asked whether it holds them.
    """

    def __init__(self, sfreq: float, n_channels: int) -> None:
        self._thin = max(1, int(sfreq / PATH_SFREQ))
        self._sfreq, self._path_sfreq = sfreq, sfreq / self._thin
        self._bin = round(BIN_S * self._path_sfreq)
        self._bins, self._new_bins = round(WINDOW_S / BIN_S), round(BLOCK_S / BIN_S)
        half = round(SHAPE_S * self._path_sfreq)
        self._around = np.arange(-half, half + 1)
        self._band = BandPass(*BAND_HZ, sfreq=sfreq, order=ORDER)
        self._n_channels = n_channels
        self.block = self._thin * self._bin * self._new_bins
        """How many samples a call takes."""
        self.reset()

    def reset(self, start: int = 0) -> None:
        """Forget the past: the next sample has the index `start`."""
        self._band.reset()
        self._stop = self._told_until = start
        self._path = np.zeros((self._n_channels, self._bins * self._bin))
        self._heights = np.zeros((self._n_channels, self._bins))
        self._seen = -self._new_bins  # in the first block the filter settles
        self._agreed = 0
        self._best, self._turn, self._blocks = -1, 0, 0

    def __call__(self, samples: Samples) -> Heart:
        """Return what is known after `samples` ``(block, n_channels)``, in any unit, unfiltered."""
        self._take(samples)
        self._blocks += 1
        beats, rate_bpm = _NONE, math.nan
        if self._agreed or self._blocks % EACH == 0:
            beats, rate_bpm = self._look()
        self._agreed = 0 if math.isnan(rate_bpm) else self._agreed + 1
        if self._agreed < AGREED:
            nowhere = np.zeros(self._n_channels, dtype=np.bool_)
            return Heart(self._stop, beats[:0], nowhere, math.nan)
        return Heart(self._stop, self._untold(beats), self._holding(beats), rate_bpm)

    def _take(self, samples: Samples) -> None:
        """Append the path, and the height of each of its bins."""
        self._stop += self.block
        self._seen = min(self._seen + self._new_bins, self._bins)
        new = self._new_bins * self._bin
        self._path[:, :-new] = self._path[:, new:]
        self._path[:, -new:] = self._band(samples)[self._thin - 1 :: self._thin].T
        self._heights[:, : -self._new_bins] = self._heights[:, self._new_bins :]
        bins = np.abs(self._path[:, -new:]).reshape(self._n_channels, self._new_bins, self._bin)
        self._heights[:, -self._new_bins :] = bins.max(axis=2)

    def _look(self) -> tuple[NDArray[np.int64], float]:
        """Return the beats in the window, as positions in the path, and their rate; or none."""
        fewest = max(STEPS, int(FILLED * self._seen * BIN_S * RATE_RANGE_BPM[0] / 60))
        middle = self._seen // 2
        if middle > fewest:
            seen = self._heights[:, -self._seen :]
            ranked = np.partition(seen, (middle, self._seen - fewest), axis=1)
            clear = ranked[:, -fewest] / np.maximum(ranked[:, middle], _LEAST)
            for channel in self._in_turn(np.flatnonzero(clear >= CLEAR)):
                for peaks in self._lobes(channel, self._peaks(channel)):
                    beats = self._alike(self._path[channel], peaks)
                    rate_bpm = self._rate(beats)
                    if not math.isnan(rate_bpm):
                        self._best = channel
                        return beats, rate_bpm
        return _NONE, math.nan

    def _in_turn(self, channels: NDArray[np.intp]) -> list[int]:
        """Return which of `channels` to search now: a few, or many contractions cost much time.

        That which showed the beats last, and the others by turns.
        """
        others = [int(channel) for channel in channels if channel != self._best]
        at = self._turn % max(1, len(others))
        self._turn += SEARCHED
        return [self._best] * (self._best in channels) + (others[at:] + others[:at])[:SEARCHED]

    def _peaks(self, channel: int) -> NDArray[np.int64]:
        """Return where the path is highest among the bins around."""
        heights = self._heights[channel]
        highest = np.zeros(self._bins + 2 * APART_BINS)
        for shift in range(2 * APART_BINS + 1):
            around = highest[shift : shift + self._bins]
            np.maximum(around, heights, out=around)
        bins = np.flatnonzero((heights == highest[APART_BINS:-APART_BINS]) & (heights > _LEAST))
        bins = bins[bins >= max(1, self._bins - self._seen)]
        path = self._path[channel].reshape(self._bins, self._bin)
        peaks = bins * self._bin + np.abs(path[bins]).argmax(axis=1)
        last = self._path.shape[1] - self._around[-1]
        return np.asarray(peaks[(peaks >= self._around[-1]) & (peaks < last)])

    def _lobes(self, channel: int, peaks: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
        """Yield where the path is highest near `peaks`, and where it is lowest; the larger first.

        A QRS that goes up as far as down has its peak now here, now there.
        """
        path = self._path[channel]
        near = path[peaks[:, None] + self._around]
        up, down = near.argmax(axis=1), near.argmin(axis=1)
        for lobe in (up, down) if path[peaks].sum() > 0 else (down, up):
            at = peaks + self._around[lobe]
            yield at[(at >= self._around[-1]) & (at < len(path) - self._around[-1])]

    def _alike(self, path: Samples, peaks: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the peaks of the shape and size that most have."""
        if len(peaks) <= STEPS:
            return peaks[:0]
        shapes = path[peaks[:, None] + self._around]
        sizes = np.sqrt((shapes * shapes).sum(axis=1))
        shapes /= sizes[:, None]
        alike = shapes @ shapes.T > ALIKE
        most = alike[alike.sum(axis=1).argmax()]
        mean = shapes[most].sum(axis=0)
        size = _middle(sizes[most])
        is_beat = shapes @ mean > ALIKE * math.sqrt(mean @ mean)
        is_beat &= (sizes > SIZES[0] * size) & (sizes < SIZES[1] * size)
        return np.asarray(peaks[is_beat])

    def _rate(self, beats: NDArray[np.int64]) -> float:
        """Return the rate of `beats`; NaN where they are too few, or not steady."""
        if len(beats) <= STEPS:
            return math.nan
        steps = np.diff(beats)
        step = _middle(steps)
        regular = steps[np.abs(steps - step) <= REGULAR * step]
        total = float(regular.sum())
        if len(regular) < STEPS or total < FILLED * self._seen * self._bin:
            return math.nan
        rate_bpm = 60 * self._path_sfreq * len(regular) / total
        return rate_bpm if RATE_RANGE_BPM[0] <= rate_bpm <= RATE_RANGE_BPM[1] else math.nan

    def _holding(self, beats: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return on which channels each beat is like the mean of the others."""
        shapes = self._path.take(beats[:, None] + self._around, axis=1)
        total = shapes.sum(axis=1)
        power = np.einsum("cbk,cbk->cb", shapes, shapes)
        with_others = np.einsum("cbk,ck->cb", shapes, total) - power
        others = np.einsum("ck,ck->c", total, total)[:, None] - 2 * with_others - power
        alike = with_others > ALIKE_ON_CHANNEL * np.sqrt(power * np.maximum(others, 0))
        return np.asarray(alike.mean(axis=1) >= SHARE_ON_CHANNEL)

    def _untold(self, beats: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return as sample indices the beats that are new; a beat is told once."""
        from_end = (self._path.shape[1] - 1 - beats) * self._thin
        indices = self._stop - 1 - from_end - round(DELAY_S * self._sfreq)
        new = indices[indices > self._told_until]
        if len(new):
            self._told_until = int(new[-1]) + round(APART_BINS * BIN_S * self._sfreq)
        return np.asarray(new)


def _middle(values: NDArray[Any]) -> float:
    """Return the median, of two the higher: `np.median` takes ten times as long."""
    return float(np.sort(values)[len(values) // 2])
