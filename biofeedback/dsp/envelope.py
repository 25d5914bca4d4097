"""The RMS envelope: how large a signal has been over the last moments."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from biofeedback import kernel
from biofeedback.stream import Samples

# The channels that are only averaged, the parts of the sums, and where they stand
RMSState: TypeAlias = tuple[NDArray[np.bool_] | None, Samples, NDArray[np.int64]]


class MovingSum:
    """Sum over the last `window` samples, exact for ever and the same however the stream is cut.

    Time is laid in blocks of one window. A window's sum is the tail of the block before and the
    head of this one: nothing is ever subtracted, so nothing drifts (van Herk, Pattern Recognition
    Letters 13, 1992), and each partial sum adds in the order of the samples.
    """

    def __init__(self, window: int) -> None:
        self.window = window
        self.reset()

    def reset(self) -> None:
        """Forget the past: the sum grows from nothing."""
        self.position = np.zeros(1, dtype=np.int64)
        """Where in its block the sum stands: an array, so that the kernel can move it."""
        self._parts: Samples | None = None

    def parts(self, n_channels: int) -> Samples:
        """Return the block that is being filled, its head and the last one's tail.

        ``(3, window + 1, n_channels)``: ``head[p]`` is the sum of this block before place p,
        ``tail[p]`` that of the block before it from p on.
        """
        if self._parts is None:
            self._parts = np.zeros((3, self.window + 1, n_channels))
        return self._parts

    def __call__(self, values: Samples) -> Samples:
        """Return the sums, shaped as `values` ``(n_samples, n_channels)``."""
        block, head, tail = self.parts(values.shape[1])
        start = int(self.position[0])
        sums = np.empty_like(values)
        done = 0
        while done < len(values):
            n = min(len(values) - done, self.window - start)
            stop = start + n
            block[start:stop] = values[done : done + n]
            head[start + 1 : stop + 1] = block[start:stop]
            np.cumsum(head[start : stop + 1], axis=0, out=head[start : stop + 1])
            np.add(
                head[start + 1 : stop + 1], tail[start + 1 : stop + 1], out=sums[done : done + n]
            )
            if stop == self.window:
                tail[:-1] = np.cumsum(block[-2::-1], axis=0)[::-1]  # tail[window] stays 0
                stop = 0
            start = stop
            done += n
        self.position[0] = start
        return sums


def power_terms(samples: Samples, mean_only: NDArray[np.bool_] | None = None) -> Samples:
    """Return what an RMS sums up of `samples` ``(n, n_channels)``: ``(n, 2 * n_channels)``.

    First the squares, 0 where a sample is unknown (NaN), then 1 for each that is known. Channels
    that are `mean_only` stand as they are: an envelope that the sensor made is only averaged.
    """
    n_channels = samples.shape[1]
    terms = np.empty((len(samples), 2 * n_channels))
    squares = terms[:, :n_channels]
    np.square(samples, out=squares)
    if mean_only is not None:
        squares[:, mean_only] = samples[:, mean_only]
    known = ~np.isnan(samples)
    if not known.all():
        squares[~known] = 0.0
    terms[:, n_channels:] = known
    return terms


class MovingRMS:
    """RMS over the last `window_s` seconds of the samples that are known (not NaN).

    It is known while at least `known_share` of a whole window is. `mean_only`, a bool per channel:
    the plain mean instead.
    """

    def __init__(
        self,
        window_s: float,
        *,
        sfreq: float,
        known_share: float = 1.0,
        mean_only: NDArray[np.bool_] | None = None,
    ) -> None:
        self.window = max(1, round(window_s * sfreq))
        self.needed = max(1, round(known_share * self.window))
        self._mean_only = mean_only
        self.sums = MovingSum(self.window)

    def reset(self) -> None:
        """Forget the past."""
        self.sums.reset()

    def state(self, n_channels: int) -> RMSState:
        """Return the arrays that the kernel works on."""
        return self._mean_only, self.sums.parts(2 * n_channels), self.sums.position

    def __call__(self, samples: Samples) -> Samples:
        """Return the RMS, shaped as `samples` ``(n_samples, n_channels)``; NaN where unknown."""
        n_channels = samples.shape[1]
        if kernel.compiled:
            rms = np.empty(samples.shape)
            kernel.compiled.moving_rms(samples, *self.state(n_channels), rms, self.needed)
            return rms
        totals = self.sums(power_terms(samples, self._mean_only))
        count = totals[:, n_channels:]
        mean = totals[:, :n_channels] / np.maximum(count, 1.0)
        if self._mean_only is not None:
            mean[:, self._mean_only] = np.square(mean[:, self._mean_only])
        rms = np.sqrt(mean)
        rms[count < self.needed] = np.nan
        return rms
