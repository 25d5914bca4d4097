"""Where in frequency the power of a signal lies."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from biofeedback.stream import Samples

# Rows transformed at once: enough to hide the cost of a call, few enough to stay in the cache.
_ROWS = 64


class Blocks:
    """Cuts a stream into blocks of `length` samples that begin at the multiples of `step`.

    Each is handed to `take` as ``(n_channels, length)``, channels first, to be read only; NaN where
    samples are missing, and not at all where none came. What is taken depends on the sample index
    alone, never on how the stream was cut, so that sums over blocks are the same bits.
    """

    def __init__(
        self,
        n_channels: int,
        *,
        length: int,
        step: int,
        take: Callable[[NDArray[np.float64]], None],
    ) -> None:
        self._block = np.full((n_channels, length), np.nan)
        self._step, self._take = step, take
        self._filled = self._stop = self._heard = 0

    def add(self, start: int, samples: Samples) -> None:
        """Go on with `samples` ``(n_samples, n_channels)``; before `start` they are missing.

        Raises `ValueError` where `start` lies in what was added before.
        """
        if start < self._stop:
            raise ValueError(f"chunks overlap: sample {start} comes after {self._stop}")
        while self._stop < start:
            self._put(np.full((1, 1), np.nan), min(start - self._stop, self._room))
        done = 0
        while done < len(samples):
            n = min(len(samples) - done, self._room)
            self._heard = self._stop + n
            self._put(samples[done : done + n].T, n)
            done += n

    @property
    def _room(self) -> int:
        return self._block.shape[1] - self._filled

    def _put(self, values: NDArray[np.float64], n: int) -> None:
        self._block[:, self._filled : self._filled + n] = values
        self._filled += n
        self._stop += n
        if not self._room:
            if self._heard > self._stop - self._block.shape[1]:
                self._take(self._block)
            kept = self._block[:, self._step :]
            self._filled = kept.shape[1]
            self._block[:, : self._filled] = kept

    def rest(self) -> NDArray[np.float64]:
        """Return the block that is being filled, NaN where nothing came yet."""
        block = self._block.copy()
        block[:, self._filled :] = np.nan
        return block


def segment_spectra(
    segments: NDArray[np.float64], window: NDArray[np.float64], work: NDArray[np.float64]
) -> tuple[NDArray[np.complex128], NDArray[np.float64], NDArray[np.bool_]]:
    """Return the spectra of `segments` ``(..., n)`` less their means, the means, and what is known.

    A segment that holds a NaN is not known: its spectrum is 0. `work`, shaped as `segments` (or
    they themselves), is overwritten: to ask for fresh memory each time takes longer than all else.
    """
    means = segments.mean(axis=-1)
    np.subtract(segments, means[..., None], out=work)
    work *= window
    known = ~np.isnan(means)
    if not known.all():
        work[~known] = 0.0
    return np.fft.rfft(work), means, known


class Welch:
    """Power density over a stream, by Welch's method (1967): Hann windows of a second, half over.

    A segment that holds a NaN, or a sample that never came, is left out, channel by channel. The
    same bits however the stream is cut; memory does not grow with it. `f`: the frequencies in Hz.
    `segment_s`: another length, for what does not last a second.
    """

    def __init__(self, sfreq: float, n_channels: int, *, segment_s: float = 1.0) -> None:
        n = round(segment_s * sfreq)
        hop, batch = n // 2, max(1, _ROWS // n_channels)
        self.f = np.asarray(np.fft.rfftfreq(n, 1 / sfreq), dtype=np.float64)
        self._window = np.asarray(np.hanning(n + 1)[:-1], dtype=np.float64)
        self._hop, self._sfreq = hop, sfreq
        self._blocks = Blocks(
            n_channels, length=(batch - 1) * hop + n, step=batch * hop, take=self._take
        )
        self._work = np.empty((n_channels, batch, n))
        self._sums = np.zeros((n_channels, 2 * len(self.f)))
        self._counts = np.zeros(n_channels, dtype=np.int64)

    def add(self, start: int, samples: Samples) -> None:
        """Go on with `samples` ``(n_samples, n_channels)`` from the index `start`.

        Raises `ValueError` where `start` lies in what was added before.
        """
        self._blocks.add(start, samples)

    def _take(self, block: NDArray[np.float64]) -> None:
        sums, counts = self._powers(block)
        self._sums += sums
        self._counts += counts

    def _powers(self, block: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return the squares of a block's spectra, summed up, and how many segments were known.

        Real and imaginary parts stand side by side: to add the two here would cost more than the
        rest of it.
        """
        view = np.lib.stride_tricks.sliding_window_view
        segments = view(block, len(self._window), axis=1)[:, :: self._hop]
        spectra, _means, known = segment_spectra(segments, self._window, self._work)
        squares = spectra.view(np.float64)
        np.square(squares, out=squares)
        return squares.sum(axis=1), np.count_nonzero(known, axis=1)

    def power(self) -> NDArray[np.float64]:
        """Return the density so far in unit^2/Hz, ``(n_freqs, n_channels)``; NaN without a segment.

        The stream may go on after it.
        """
        sums, counts = self._powers(self._blocks.rest())
        counts = self._counts + counts
        known = np.where(counts > 0, counts, np.nan)
        power = (self._sums + sums).reshape(len(sums), -1, 2).sum(axis=2)
        density = power.T * (2.0 / (known * self._sfreq * np.sum(self._window**2)))
        density[0] /= 2
        if len(self._window) % 2 == 0:
            density[-1] /= 2  # as 0 Hz, half the sampling frequency has no mirror image
        return np.asarray(density)


def welch(samples: Samples, *, sfreq: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return frequencies in Hz and the power density (unit^2/Hz), ``(n_freqs, n_channels)``.

    That of `Welch` for all of `samples` ``(n_samples, n_channels)``; NaN where a channel has no
    second without NaN.
    """
    spectrum = Welch(sfreq, samples.shape[1])
    spectrum.add(0, samples)
    return spectrum.f, spectrum.power()


def _masses(
    f: NDArray[np.float64], power: NDArray[np.float64], low_hz: float, high_hz: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the edges of the bins in Hz, cut at the corners, and the power between them.

    A density is taken as constant over its bin, which has its frequency in the middle.
    """
    half = (f[1] - f[0]) / 2
    edges = np.clip(np.append(f - half, f[-1] + half), low_hz, high_hz)
    return edges, power * np.diff(edges)[:, None]


def median_frequency(
    f: NDArray[np.float64], power: NDArray[np.float64], *, low_hz: float = 20, high_hz: float = 450
) -> NDArray[np.float64]:
    """Return per channel the frequency in Hz that halves the power between the corners.

    It lies within a bin, as if power were spread evenly over it. NaN where there is no power.
    Definition: De Luca, J Appl Biomech 1997.
    """
    edges, masses = _masses(f, power, low_hz, high_hz)
    below = np.concatenate((np.zeros((1, masses.shape[1])), np.cumsum(masses, axis=0)))
    halves = below[-1] / 2
    return np.array(
        [
            np.interp(half, column, edges) if half > 0 else np.nan
            for half, column in zip(halves, below.T, strict=True)
        ]
    )


def mean_frequency(
    f: NDArray[np.float64], power: NDArray[np.float64], *, low_hz: float = 20, high_hz: float = 450
) -> NDArray[np.float64]:
    """Return per channel the mean in Hz of the frequencies between the corners, by their power.

    NaN where there is no power. Definition: De Luca, J Appl Biomech 1997.
    """
    edges, masses = _masses(f, power, low_hz, high_hz)
    middles = (edges[1:] + edges[:-1]) / 2
    total = masses.sum(axis=0)
    return np.asarray(middles @ masses / np.where(total > 0, total, np.nan))
