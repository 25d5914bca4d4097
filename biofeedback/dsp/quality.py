"""Signs in the raw counts that a sensor does not measure: rails hit, or a line that is flat."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from biofeedback import kernel
from biofeedback.dsp.envelope import MovingSum
from biofeedback.stream import Flags, Quality, Samples

# Over 0.1 % of the last second at a rail: the peaks are cut off, the RMS reads too low.
SATURATED_WINDOW_S = 1.0
SATURATED_SHARE = 0.001
# A live electrode is never still for half a second, nor held at a rail for as long.
OFF_AFTER_S = 0.5

_OFF = int(Quality.ELECTRODE_OFF)  # as C takes it

# The limits, whether a flat line counts, the last sample, and for how long each has held
ContactState: TypeAlias = tuple[
    NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_], Samples, NDArray[np.int64]
]


class RunLength:
    """How many samples in a row, this one included, a condition has held."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the past."""
        self._held: NDArray[np.int64] | None = None

    def held(self, n_channels: int) -> NDArray[np.int64]:
        """Return how long it has held so far, ``(n_channels,)``."""
        if self._held is None:
            self._held = np.zeros(n_channels, dtype=np.int64)
        return self._held

    def __call__(self, condition: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return the run lengths, shaped as `condition` ``(n_samples, n_channels)``."""
        held = self.held(condition.shape[1])
        at = np.arange(len(condition), dtype=np.int64)[:, None]
        if condition.all():  # nearly always
            lengths = held + at + 1
            self._held = lengths[-1]
            return lengths
        broken_at = np.maximum.accumulate(np.where(condition, -1 - held, at), axis=0)
        lengths = at - broken_at
        self._held = lengths[-1]
        return lengths


class ContactQuality:
    """Flags SATURATED and ELECTRODE_OFF from counts.

    `rails`: a (low, high) per channel, in counts, NaN where unknown. `flat_means_off`: per
    channel, whether a constant signal says anything: on a coarse converter a relaxed muscle is
    flat too.
    """

    def __init__(
        self, *, rails: NDArray[np.float64], flat_means_off: NDArray[np.bool_], sfreq: float
    ) -> None:
        self._low, self._high = np.array(rails.T, dtype=np.float64, order="C")
        self._flat_means_off = flat_means_off
        self.off_after = round(OFF_AFTER_S * sfreq)
        self._at_rail = MovingSum(round(SATURATED_WINDOW_S * sfreq))
        self._still_for = RunLength()
        self.clipped = np.zeros(len(rails), dtype=np.int64)
        """How many samples were at a rail, per channel; a reset does not touch it."""
        self.reset()

    def reset(self) -> None:
        """Forget the past."""
        self._last: Samples | None = None
        self.flagged = False
        """Whether the last chunk has any flag."""
        self.calm = True
        """Whether a chunk that touches no rail, with no electrode off, has no flag."""
        self._unrailed = self._at_rail.window  # samples since the last chunk that touched a rail
        for part in (self._at_rail, self._still_for):
            part.reset()

    def state(self, n_channels: int) -> ContactState:
        """Return the arrays that the kernel works on; there once a sample was seen."""
        assert self._last is not None  # noqa: S101
        held = self._still_for.held(2 * n_channels)
        return self._low, self._high, self._flat_means_off, self._last, held

    def __call__(self, counts: Samples) -> Flags:
        """Return flags, shaped as `counts` ``(n_samples, n_channels)``."""
        if self._last is None:
            self._last = counts[0].copy()
        if kernel.compiled:
            flags = np.empty(counts.shape, dtype=np.uint8)
            seen = kernel.compiled.contact(
                counts, *self.state(counts.shape[1]), flags, self.off_after, _OFF
            )
        else:
            flags, seen = self._look(counts, self._last)
        self.flagged = False
        if seen or self._unrailed < self._at_rail.window:
            self._flag_saturated(self._railed(counts), flags)
            self.flagged = bool(flags.any())
        self.calm = not self.flagged and self._unrailed >= self._at_rail.window
        return flags

    def _railed(self, counts: Samples) -> NDArray[np.bool_]:
        return np.asarray((counts <= self._low) | (counts >= self._high))

    def _look(self, counts: Samples, last: Samples) -> tuple[Flags, bool]:
        """Flag what was still for long; say if anything was, or was at a rail."""
        railed = self._railed(counts)
        flat = np.empty(counts.shape, dtype=np.bool_)
        np.equal(counts[0], last, out=flat[0])
        np.equal(counts[1:], counts[:-1], out=flat[1:])
        flat &= self._flat_means_off
        self._last = counts[-1].copy()
        still = self._still_for(np.hstack((railed, flat))) >= self.off_after
        off = still[:, : counts.shape[1]] | still[:, counts.shape[1] :]
        flags = off * np.uint8(Quality.ELECTRODE_OFF)
        return flags, bool(railed.any() or off.any())

    def _flag_saturated(self, railed: NDArray[np.bool_], flags: Flags) -> None:
        if railed.any():
            if self._unrailed >= self._at_rail.window:
                self._at_rail.reset()  # it was not fed meanwhile, and all of it is zero
            self._unrailed = 0
            self.clipped += np.count_nonzero(railed, axis=0)
        elif self._unrailed >= self._at_rail.window:
            return
        else:
            self._unrailed += len(railed)
        count = self._at_rail(railed.astype(np.float64))
        flags[count > SATURATED_SHARE * self._at_rail.window] |= np.uint8(Quality.SATURATED)
