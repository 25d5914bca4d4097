"""How tense a muscle was over a sitting: rest, gaps, load, and how soon it let go.

Each function takes one channel: an envelope ``(n,)`` sampled at `rate_hz`, in the unit of its
threshold and NaN where unknown, and `valid` ``(n,)``. Time that is not valid, or where the envelope
is NaN, is in no result and ends every run; without any valid time, or without a threshold (NaN),
the result is NaN, never 0.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biofeedback.dsp.bursts import runs, samples_in
from biofeedback.dsp.spectrum import Blocks
from biofeedback.stream import Samples

_NAN = float("nan")

# A gap in a muscle's activity: Veiersted, Westgaard & Andersen, Int Arch Occup Environ Health 1990.
SHORTEST_GAP_S = 0.2

# Rest, as a share of the contraction that it is held against.
REST_SHARE_OF_MVC = 0.005  # Hansson et al., J Electromyogr Kinesiol 2000; Veiersted et al. 2013
REST_SHARE_OF_REFERENCE = 0.05
REST_SDS_OVER_BASELINE = 3

_BLOCK = 4096


class Load(NamedTuple):
    """Levels that are not exceeded for 10, 50 and 90 % of the time (Jonsson 1982)."""

    static: float
    median: float
    peak: float


def rest_threshold(
    *,
    mvc_uv: float | None = None,
    reference_uv: float | None = None,
    rest_mean_uv: float | None = None,
    rest_sd_uv: float | None = None,
    floor_uv: float | None = None,
) -> float | None:
    """Return the level in µV under which a muscle rests, by the best that is known of this person.

    0.5 % of the fast RMS of a maximal contraction; else 5 % of a gentle reference contraction; else
    mean + 3 SD of an instructed rest that was stored before. Never below the sensor's resolution
    floor. None without any of them: a threshold taken from the signal that is judged says 99 %
    whatever the tension.
    """
    if mvc_uv is not None:
        threshold = REST_SHARE_OF_MVC * mvc_uv
    elif reference_uv is not None:
        threshold = REST_SHARE_OF_REFERENCE * reference_uv
    elif rest_mean_uv is not None and rest_sd_uv is not None:
        threshold = rest_mean_uv + REST_SDS_OVER_BASELINE * rest_sd_uv
    else:
        return None
    return threshold if floor_uv is None else max(threshold, floor_uv)


def _known(
    envelope: NDArray[np.float64], valid: NDArray[np.bool_], threshold: float = 0.0
) -> NDArray[np.bool_]:
    """Return where `envelope` can be held against `threshold`."""
    return valid & ~np.isnan(envelope) & (not np.isnan(threshold))


def _percent(part: NDArray[np.bool_], whole: NDArray[np.bool_]) -> float:
    total = np.count_nonzero(whole)
    return 100.0 * np.count_nonzero(part & whole) / total if total else _NAN


def relative_rest_time_percent(
    fast: NDArray[np.float64], valid: NDArray[np.bool_], threshold: float
) -> float:
    """Return the percent (0-100) of valid time with the fast RMS below the rest threshold.

    The headline: it, not mean µV, went with lasting relief of pain (doi 10.1007/s00421-004-1212-4).
    """
    return _percent(fast < threshold, _known(fast, valid, threshold))


def success_percent(slow: NDArray[np.float64], valid: NDArray[np.bool_], threshold: float) -> float:
    """Return the percent (0-100) of valid time relaxed: the slow RMS at or below the threshold."""
    return _percent(slow <= threshold, _known(slow, valid, threshold))


def emg_gaps_per_min(
    fast: NDArray[np.float64],
    valid: NDArray[np.bool_],
    threshold: float,
    *,
    rate_hz: float,
    shortest_s: float = SHORTEST_GAP_S,
) -> float:
    """Return the EMG gaps in a minute of valid time.

    One is a run of fast RMS below the rest threshold that lasts `shortest_s` or longer.
    """
    known = _known(fast, valid, threshold)
    if not known.any():
        return _NAN
    lengths = np.diff(runs(known & (fast < threshold)))
    gaps = np.count_nonzero(lengths >= samples_in(shortest_s, rate_hz=rate_hz))
    return gaps * 60.0 * rate_hz / np.count_nonzero(known)


def longest_sustained_s(
    fast: NDArray[np.float64], valid: NDArray[np.bool_], threshold: float, *, rate_hz: float
) -> float:
    """Return the longest run in s of fast RMS at or above the rest threshold; 0 if it never was."""
    known = _known(fast, valid, threshold)
    if not known.any():
        return _NAN
    return float(np.diff(runs(known & (fast >= threshold))).max(initial=0)) / rate_hz


def time_to_first_s(
    slow: NDArray[np.float64],
    valid: NDArray[np.bool_],
    threshold: float,
    *,
    rate_hz: float,
    held_s: float = 10.0,
) -> float:
    """Return the s from the start to the beginning of the first `held_s` relaxed without a break.

    Relaxed is the slow RMS at or below the threshold. All time before it counts, valid or not. NaN
    if that never was.
    """
    return _first_held_s(_known(slow, valid, threshold) & (slow <= threshold), rate_hz, held_s)


def recovery_half_time_s(
    fast: NDArray[np.float64],
    valid: NDArray[np.bool_],
    contraction: tuple[int, int],
    *,
    baseline: float,
    rate_hz: float,
    held_s: float = 3.0,
) -> float:
    """Return the s from the end of a contraction to halfway back to `baseline`, held for `held_s`.

    `contraction`: its start and stop index; its level is the median of the fast RMS in it, and
    halfway the mean of that and `baseline` (same unit). Its stop should be when the person was told
    to let go: the end that `find_bursts` gives lies where the muscle has let go already. NaN if it
    never came down.
    """
    start, stop = contraction
    known = _known(fast, valid)
    levels = fast[start:stop][known[start:stop]]
    if not len(levels):
        return _NAN
    halfway = (float(np.median(levels)) + baseline) / 2
    return _first_held_s((known & (fast <= halfway))[stop:], rate_hz, held_s)


def _first_held_s(condition: NDArray[np.bool_], rate_hz: float, held_s: float) -> float:
    """Return when the first run that lasts `held_s` begins, in s; NaN without one."""
    held = runs(condition)
    held = held[held[:, 1] - held[:, 0] >= samples_in(held_s, rate_hz=rate_hz)]
    return int(held[0, 0]) / rate_hz if len(held) else _NAN


def tension_percentiles(envelope: NDArray[np.float64], valid: NDArray[np.bool_]) -> Load:
    """Return the static, median and peak load in the unit of `envelope`.

    Read off the amplitude probability distribution (Jonsson, J Hum Ergol 1982): each is the least
    level that was reached and not exceeded for its percent of valid time, without interpolation
    (numpy's "inverted_cdf").
    """
    levels = envelope[_known(envelope, valid)]
    if not len(levels):
        return Load(_NAN, _NAN, _NAN)
    return Load(*np.percentile(levels, (10, 50, 90), method="inverted_cdf").tolist())


class Amplitude:
    """RMS and ARV (mean of the rectified signal) of a stream's known samples, those not NaN.

    The same bits however the stream is cut; memory does not grow with it.
    """

    def __init__(self, n_channels: int) -> None:
        self._blocks = Blocks(n_channels, length=_BLOCK, step=_BLOCK, take=self._take)
        self._sums = np.zeros((3, n_channels))

    def add(self, start: int, filtered: Samples) -> None:
        """Go on with `filtered` ``(n_samples, n_channels)`` from the index `start`.

        Raises `ValueError` where `start` lies in what was added before.
        """
        self._blocks.add(start, filtered)

    def _take(self, block: NDArray[np.float64]) -> None:
        self._sums += self._sums_of(block)

    @staticmethod
    def _sums_of(block: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how many samples are known, and the sums of their squares and sizes."""
        sizes = np.abs(block)
        unknown = np.isnan(sizes)
        sizes[unknown] = 0.0
        known = block.shape[1] - np.count_nonzero(unknown, axis=1)
        return np.array((known, np.square(sizes).sum(axis=1), sizes.sum(axis=1)))

    def rms_and_arv(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return both so far in the signal's unit, ``(n_channels,)`` each; NaN without a sample.

        The stream may go on after it.
        """
        known, squares, sizes = self._sums + self._sums_of(self._blocks.rest())
        known = np.where(known > 0, known, np.nan)
        return np.sqrt(squares / known), sizes / known
