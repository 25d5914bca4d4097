"""Time stamps that came over a network tell where samples are missing."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from biofeedback.errors import RecordingError
from biofeedback.recording.blocks import LONGEST_GAP_S, Runs, one_run
from biofeedback.text import _

# Stamps are late by chance and never early: the least delay of so long is the clock's own.
_BIN_S = 0.1
_BINS_BESIDE = 10
# A step of that delay which stays is a loss; it must stand out from how the delay moves anyway.
_TIMES_NOISE = 8.0
_LATE = 1.5
_RATE_OFF = 0.005
_STILL = 0.001


class StampedTimes:
    """The time stamps of a stream of nominally `sfreq` Hz, taken in chunk by chunk."""

    def __init__(self, sfreq: float) -> None:
        self.sfreq = sfreq
        self.first_s = math.nan
        """When the first sample was taken, by the stream's own clock."""
        self._scans = 0
        self._last_s = math.nan
        self._bin = max(1, round(_BIN_S * sfreq))
        # One row a bin of a chunk: bin, least delay in s, longest step in s, the scan after it.
        self._rows: list[NDArray[np.float64]] = []

    def feed(self, stamps: NDArray[np.float64]) -> None:
        """Take in `stamps` ``(n,)`` in s, NaN for a sample that follows the one before it."""
        n = len(stamps)
        if not n:
            return
        at = np.arange(n)
        if math.isnan(self._last_s):
            stamped = np.flatnonzero(np.isfinite(stamps))
            first = int(stamped[0]) if len(stamped) else 0
            self.first_s = (float(stamps[first]) if len(stamped) else 0.0) - first / self.sfreq
            self._last_s = self.first_s - 1 / self.sfreq
        known = np.maximum.accumulate(np.where(np.isfinite(stamps), at, -1))
        base = np.where(known >= 0, stamps[known], self._last_s)
        times = base + (at - known) / self.sfreq
        steps = np.diff(times, prepend=self._last_s)
        delays = times - self.first_s - (self._scans + at) / self.sfreq
        bins = (self._scans + at) // self._bin
        begins = np.flatnonzero(np.diff(bins, prepend=-1))
        least = np.minimum.reduceat(delays, begins)
        parts = np.split(steps, begins[1:])
        longest = [part.max() for part in parts]
        where = [self._scans + b + part.argmax() for b, part in zip(begins, parts, strict=True)]
        self._rows.append(np.stack([bins[begins], least, longest, where], axis=1))
        self._scans += n
        self._last_s = float(times[-1])

    def runs(self, name: str) -> tuple[Runs, tuple[str, ...]]:
        """Return the unbroken runs, and a note if the stamps tell another rate.

        Raises `RecordingError`, which calls the file `name`, if stamps stand still, go back, or
        jump beyond all measure.
        """
        bins, delay, longest, scan = self._per_bin().T
        if len(bins) < 2:
            return one_run(self._scans), ()
        # The median is by how much the rate is off; a loss moves a few of them only.
        drift = float(np.median(np.diff(delay)))
        period_s = 1 / self.sfreq + drift / self._bin
        if period_s * self.sfreq < _STILL:
            raise RecordingError(
                _("{name}: its time stamps do not move on; the file is damaged.").format(name=name)
            )
        sfreq = 1 / period_s
        last = self._last_s - self.first_s - (self._scans - 1) / self.sfreq - drift * bins[-1]
        runs = [[0, 0, self._scans]]
        lost = 0
        for b, lost_s in _losses(delay - drift * bins, longest, float(last), 1 / sfreq):
            if lost_s > LONGEST_GAP_S:
                raise RecordingError(
                    _(
                        "{name}: its time stamps jump by {days:.0f} days; the file is damaged."
                    ).format(name=name, days=lost_s / 86_400)
                )
            lost += round(lost_s * self.sfreq)
            runs[-1][2] = int(scan[b])
            runs.append([int(scan[b]) + lost, int(scan[b]), self._scans])
        notes = []
        if abs(sfreq / self.sfreq - 1) > _RATE_OFF:
            notes.append(
                _(
                    "The file says {said:g} Hz and its time stamps {found:.6g} Hz; the former is "
                    "used."
                ).format(said=self.sfreq, found=sfreq)
            )
        return np.array([run for run in runs if run[2] > run[1]], dtype=np.int64), tuple(notes)

    def _per_bin(self) -> NDArray[np.float64]:
        """Return one row a bin, of however many chunks its samples came in."""
        rows = np.concatenate(self._rows)
        rows = rows[np.lexsort((rows[:, 2], rows[:, 0]))]
        ends = np.flatnonzero(np.diff(rows[:, 0], append=-1))  # the longest step stands last
        least = np.minimum.reduceat(rows[:, 1], np.concatenate(([0], ends[:-1] + 1)))
        return np.column_stack([rows[ends, 0], least, rows[ends, 2:]])


def _losses(
    delay: NDArray[np.float64], longest: NDArray[np.float64], last: float, period_s: float
) -> Iterator[tuple[int, float]]:
    """Yield the bins in which samples were lost, and how many seconds of them.

    `delay` and `longest` ``(n_bins,)``: the least delay and the longest step of each bin in s;
    `last`: the delay of the last sample.
    """
    usual_s = float(np.median(longest)) - period_s
    noise_s = float(np.median(np.abs(np.diff(delay))))
    # Stamps that come in bursts step by a burst's length all the time.
    least_s = max(0.5 * period_s, _TIMES_NOISE * noise_s, usual_s)
    floor = 0
    for b in np.flatnonzero(longest > _LATE * period_s).tolist():
        before = delay[max(floor, b - _BINS_BESIDE) : b + 1].min()
        after = delay[b + 1 : b + 1 + _BINS_BESIDE].min(initial=math.inf)
        if b == len(delay) - 1:  # nothing comes after it: one sample may be late by chance
            after = last if last - before > _TIMES_NOISE * usual_s else before
        # What a later bin lost shows from here too: only the step itself tells where it was.
        if least_s < after - before < 2 * longest[b]:
            yield b, float(after - before)
            floor = b + 1
