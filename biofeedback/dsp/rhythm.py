"""A rhythm of 4-7 Hz in the rectified signal, and whether two channels beat it together.

A trend for one person, and nothing more: reports disagree on what it tells (Tijssen 2000 for,
Nijmeijer 2014 against).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biofeedback.dsp.spectrum import Blocks, segment_spectra
from biofeedback.stream import Samples

# Bands in Hz, both ends included
RHYTHM_HZ = (4, 7)
LOW_HZ = (3, 10)
ALL_HZ = (3, 30)
# How often two channels that share nothing may look as if they did.
FALSE_SHARE = 0.05

_ROWS = 64  # segments times channels that are transformed at once
_KEPT = ALL_HZ[1] + 1  # bins of 1 Hz, from 0 on
_SEARCHED = slice(RHYTHM_HZ[0], RHYTHM_HZ[1] + 1)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What was found, per channel ``(n_channels,)`` or per pair ``(n_channels, n_channels)``.

    Per channel, of the power of the rectified signal: `share`, 4-7 Hz over 3-30 Hz; `peak_hz`,
    where it is largest within 4-7 Hz; `cdf10`, 3-10 Hz over 3-30 Hz. Shares are 0 to 1 (flat noise:
    0.143 and 0.286). Per pair: `coherence`, the largest magnitude-squared coherence at 4, 5, 6 and
    7 Hz; `segments`, the seconds it comes from; `limit`, 1 - (0.05 / 4)^(1 / (segments - 1)), which
    5 of 100 independent pairs exceed at most (Rosenberg et al., Prog Biophys Mol Biol 1989, for the
    four frequencies searched). NaN where there is nothing to tell from; a channel is not compared
    with itself.
    """

    share: NDArray[np.float64]
    peak_hz: NDArray[np.float64]
    cdf10: NDArray[np.float64]
    coherence: NDArray[np.float64]
    segments: NDArray[np.int64]
    limit: NDArray[np.float64]

    @property
    def significant(self) -> NDArray[np.bool_]:
        """Whether two channels share a rhythm; false where unknown."""
        return self.coherence > self.limit


class RhythmMeter:
    """Looks for a rhythm in the band-passed signal of a stream, second by second.

    Segments of a second, none overlapping; one that holds a NaN is left out. A sine window: without
    one, two muscles that merely tense and relax together (by 30 %, at 0.1-0.5 Hz) pass the limit in
    64 % of minutes, with it in 4 %; Hann's is no better at that and misses more. For coherence each
    second is taken over its own mean, or a few loud ones would decide and the limit, made for equal
    ones, would not hold. A sudden start of both muscles at once holds every frequency, and does
    look shared.

    The same bits however the stream is cut; memory does not grow with it. `sfreq` from 200 Hz.
    """

    def __init__(self, sfreq: float, n_channels: int) -> None:
        n = round(sfreq)
        batch = max(1, _ROWS // n_channels)
        length = batch * n
        self._window = np.sin(np.pi * (np.arange(n) + 0.5) / n)
        self._blocks = Blocks(n_channels, length=length, step=length, take=self._take)
        self._work = np.empty((n_channels, batch, n))
        bins = _SEARCHED.stop - _SEARCHED.start
        self._power = np.zeros((_KEPT, n_channels))
        self._segments = np.zeros((n_channels, n_channels), dtype=np.int64)
        self._cross = np.zeros((bins, n_channels, n_channels), dtype=np.complex128)
        self._own = np.zeros((bins, n_channels, n_channels))

    def add(self, start: int, filtered: Samples) -> None:
        """Go on with `filtered` ``(n_samples, n_channels)`` from the index `start`.

        Raises `ValueError` where `start` lies in what was added before.
        """
        self._blocks.add(start, filtered)

    def _take(self, block: NDArray[np.float64]) -> None:
        for total, more in zip(self._totals(), self._sums_of(block), strict=True):
            total += more

    def _totals(self) -> tuple[NDArray[Any], ...]:
        return self._power, self._segments, self._cross, self._own

    def _sums_of(self, block: NDArray[np.float64]) -> tuple[NDArray[Any], ...]:
        """Return what `_totals` sums up, of one block."""
        np.abs(block.reshape(self._work.shape), out=self._work)
        spectra, means, known = segment_spectra(self._work, self._window, self._work)
        power = np.square(np.abs(spectra[..., :_KEPT])).sum(axis=1).T
        heard = known & (means > 0)
        relative = spectra[..., _SEARCHED] / np.where(heard, means, 1.0)[..., None]
        counted = heard.astype(np.float64)
        together = (counted @ counted.T).astype(np.int64)
        cross = np.einsum("isf,jsf->fij", relative, relative.conj())
        # of the first of a pair, over the seconds in which the other is heard too
        own = np.einsum("isf,js->fij", np.square(np.abs(relative)), counted)
        return power, together, cross, own

    def result(self) -> Rhythm:
        """Return what was found so far. The stream may go on after it."""
        rest = self._sums_of(self._blocks.rest())
        power, segments, cross, own = map(np.add, self._totals(), rest)
        n_bins = len(cross)
        both = own * own.transpose(0, 2, 1)
        coherence = (np.square(np.abs(cross)) / np.where(both > 0, both, np.nan)).max(axis=0)
        # Of one segment any two channels are coherent: that tells nothing
        np.fill_diagonal(segments, 0)
        coherence[segments < 2] = np.nan
        freedom = np.where(segments < 2, np.nan, segments - 1.0)
        limit = 1 - (FALSE_SHARE / n_bins) ** (1 / freedom)
        whole = _sum(power, ALL_HZ)
        whole[whole == 0] = np.nan
        return Rhythm(
            share=_sum(power, RHYTHM_HZ) / whole,
            peak_hz=_peak_hz(power),
            cdf10=_sum(power, LOW_HZ) / whole,
            coherence=coherence,
            segments=segments,
            limit=limit,
        )


def _sum(power: NDArray[np.float64], band_hz: tuple[int, int]) -> NDArray[np.float64]:
    return np.asarray(power[band_hz[0] : band_hz[1] + 1].sum(axis=0))


def _peak_hz(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return where a parabola through the logarithms about the largest bin of 4-7 Hz has its top.

    It stays within the bin, half a Hz to either side; NaN where there is no power.
    """
    at = np.argmax(power[_SEARCHED], axis=0) + _SEARCHED.start
    channels = np.arange(power.shape[1])
    around = power[at + np.array([[-1], [0], [1]]), channels]
    below, top, above = np.log(np.where(around > 0, around, np.nan))
    bend = 2 * top - below - above
    shift = np.divide(above - below, 2 * bend, out=np.zeros_like(bend), where=bend != 0)
    return np.asarray(at + np.clip(shift, -0.5, 0.5))
