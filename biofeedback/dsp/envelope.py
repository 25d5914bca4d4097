"""The RMS envelope: how large a signal has been over the last moments."""

import numpy as np
from numpy.typing import NDArray

from biofeedback.stream import Samples


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
        self._position = 0
        self._block: Samples | None = None

    def __call__(self, values: Samples) -> Samples:
        """Return the sums, shaped as `values` ``(n_samples, n_channels)``."""
        if self._block is None:
            shape = (self.window + 1, values.shape[1])
            self._block, self._head, self._tail = np.zeros((3, *shape))
        sums = np.empty_like(values)
        done = 0
        while done < len(values):
            start = self._position
            n = min(len(values) - done, self.window - start)
            stop = start + n
            self._block[start:stop] = values[done : done + n]
            self._head[start + 1 : stop + 1] = self._block[start:stop]
            np.cumsum(self._head[start : stop + 1], axis=0, out=self._head[start : stop + 1])
            np.add(
                self._head[start + 1 : stop + 1],
                self._tail[start + 1 : stop + 1],
                out=sums[done : done + n],
            )
            if stop == self.window:
                # tail[p] is the sum of this block from p on; tail[window] stays 0
                self._tail[:-1] = np.cumsum(self._block[-2::-1], axis=0)[::-1]
                stop = 0
            self._position = stop
            done += n
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
        self._needed = max(1, round(known_share * self.window))
        self._mean_only = mean_only
        self._sums = MovingSum(self.window)

    def reset(self) -> None:
        """Forget the past."""
        self._sums.reset()

    def __call__(self, samples: Samples) -> Samples:
        """Return the RMS, shaped as `samples` ``(n_samples, n_channels)``; NaN where unknown."""
        return self.of_terms(power_terms(samples, self._mean_only))

    def of_terms(self, terms: Samples) -> Samples:
        """Return the RMS of what `power_terms` made, which several windows can share."""
        n_channels = terms.shape[1] // 2
        sums = self._sums(terms)
        count = sums[:, n_channels:]
        mean = sums[:, :n_channels] / np.maximum(count, 1.0)
        if self._mean_only is not None:
            mean[:, self._mean_only] = np.square(mean[:, self._mean_only])
        rms: Samples = np.sqrt(mean)
        rms[count < self._needed] = np.nan
        return rms
