"""What was measured in a phase, once it is known what of it counts."""

import tempfile
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from biofeedback.held_back import HeldBack, Known
from biofeedback.stream import Samples, Tension
from biofeedback.training.pacer import Pacer
from biofeedback.training.protocol import Phase

# Envelopes are kept so many times a second: a window of 125 ms tells no more.
KEPT_HZ = 100.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """A phase that is over. Of its `samples` `valid_samples` count; `whole`: it was not cut short.

    At `rate_hz`: `fast` and `slow` ``(n, muscles)`` in the channels' unit, `valid` (of all its
    muscles), the `threshold` in force, and the pacer's `breaths` so far (NaN without), ``(n,)``.
    """

    phase: Phase
    start_s: float
    seconds: float
    samples: int
    valid_samples: int
    whole: bool
    rate_hz: float
    fast: Samples
    slow: Samples
    valid: NDArray[np.bool_]
    threshold: NDArray[np.float64]
    breaths: NDArray[np.float64]

    @property
    def valid_percent(self) -> float:
        """Share of its time that counts; NaN where it had none."""
        return 100.0 * self.valid_samples / self.samples if self.samples else float("nan")


class _InForce(NamedTuple):
    threshold: float
    pacer: Pacer | None


class Recorder:
    """Takes the tension of a phase and of a second after it, and says what of it counts.

    The same however the stream is cut, as long as it comes in the same blocks.
    """

    def __init__(self, phase: Phase, start_s: float, *, sfreq: float, muscles: int) -> None:
        self.phase = phase
        self.start_s = self.stop_s = start_s
        self._sfreq, self._held = sfreq, HeldBack[_InForce | None](sfreq)
        self._every = max(1, round(sfreq / KEPT_HZ))
        self._rate_hz = sfreq / self._every
        self._samples = self._valid = 0
        nothing = np.empty((0, muscles))
        self._kept: list[tuple[NDArray[Any], ...]] = [
            (nothing, nothing, np.empty(0, dtype=bool), np.empty(0), np.empty(0))
        ]
        self._whole = True
        self.late = 0
        """Blocks that came after the phase."""
        self.left = 0
        """Phases that were still to come when it began."""

    def add(self, block: Tension, stop_s: float, *, threshold: float, pacer: Pacer | None) -> None:
        """Take a block of the phase, which ends at `stop_s`, and what held and led in it."""
        self.stop_s = stop_s
        self._take(self._held.add(block, _InForce(threshold, pacer)))

    def add_outside(self, block: Tension) -> None:
        """Take a block after the phase, or while it waits by hand: it only tells what counts."""
        self._take(self._held.add(block, None))

    def cut_short(self) -> None:
        """Note that the phase did not last as long as it should."""
        self._whole = False

    def _take(self, known: list[Known[_InForce | None]]) -> None:
        for tension, in_force, good in known:
            if in_force is None:
                continue
            valid: NDArray[np.bool_] = np.logical_and.reduce(good, axis=1)
            self._samples += len(valid)
            self._valid += int(np.count_nonzero(valid))
            thin = slice(-tension.start % self._every, None, self._every)
            kept = valid[thin]
            threshold, pacer = np.full(len(kept), in_force.threshold), in_force.pacer
            t_s = np.arange(tension.start, tension.stop)[thin] / self._sfreq
            breaths = pacer.breaths(t_s) if pacer else np.full(len(kept), np.nan)
            self._kept.append((tension.fast[thin], tension.slow[thin], kept, threshold, breaths))

    def finish(self) -> Stretch:
        """Return what was measured; nothing comes any more."""
        self._take(self._held.rest())
        fast, slow, valid, threshold, breaths = (
            np.concatenate(rows) for rows in zip(*self._kept, strict=True)
        )
        return Stretch(
            phase=self.phase,
            start_s=self.start_s,
            seconds=self.stop_s - self.start_s,
            samples=self._samples,
            valid_samples=self._valid,
            whole=self._whole,
            rate_hz=self._rate_hz,
            fast=fast,
            slow=slow,
            valid=valid,
            threshold=threshold,
            breaths=breaths,
        )


def shelved(stretch: Stretch) -> Stretch:
    """Return `stretch` with its rows in a file that has no name and goes with them.

    An hour of a muscle is 12 MB. Where there is no room for it they stay in memory.
    """
    if not len(stretch.valid):
        return stretch
    muscles = stretch.fast.shape[1]
    columns = stretch.fast, stretch.slow, stretch.threshold, stretch.breaths
    try:
        with tempfile.TemporaryFile(prefix="biofeedback-") as file:
            file.write(np.column_stack(columns).tobytes())
            file.flush()
            shape = len(stretch.valid), 2 * muscles + 2
            rows = np.memmap(file, np.float64, mode="r", shape=shape)
    except OSError:
        return stretch
    return replace(
        stretch,
        fast=rows[:, :muscles],
        slow=rows[:, muscles:-2],
        threshold=rows[:, -2],
        breaths=rows[:, -1],
    )
