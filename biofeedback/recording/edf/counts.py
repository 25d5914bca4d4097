"""How a channel's samples become the whole numbers that an EDF or BDF file holds, and back."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biofeedback import kernel
from biofeedback.stream import Channel, Samples

Counts = NDArray[np.int32]
"""``(n_samples, n_channels)``, as they lie in the file."""

EDF_BYTES, BDF_BYTES = 2, 3
# Below what any sensor of ours resolves (0.02 uV), and it spans 131 mV to either side: electrodes
# of different metals stand 100 mV apart.
_FINEST_UV = 2.0**-6
# Numbers of unknown meaning: so many times what came first fits, in 17 bits or more of it.
_HEADROOM = 64
# What has become larger than any number before may do so again.
_ROOM_TO_GROW = 4
_MOST = 2**23 - 1


@dataclass(frozen=True, slots=True)
class Scale:
    """Sample = (recorded + `shift`) * `step`; what is recorded lies within `low`...`high`.

    An `exact` channel sends whole counts, each of which is kept; others are rounded to a step,
    which is a power of two.
    """

    step: float
    shift: int
    low: int
    high: int
    exact: bool


def choose_scale(channel: Channel, signal: NDArray[np.float64], sample_bytes: int) -> Scale | None:
    """Return the scale for a `channel` that has sent `signal` ``(n,)``, n > 0, all of it finite.

    None where two bytes cannot hold it bit for bit.
    """
    least, most = float(signal.min()), float(signal.max())
    if np.array_equal(signal, np.rint(signal)):
        scale = _whole_counts(channel, least, most, sample_bytes)
        if scale is not None:
            return scale
    if sample_bytes < BDF_BYTES:
        return None
    peak = max(abs(least), abs(most))
    finest = _FINEST_UV / abs(channel.gain) if channel.unit == "uV" else peak * _HEADROOM / _MOST
    step = max(_power_of_two(finest), 2 * _power_of_two(peak * _ROOM_TO_GROW / _MOST))
    return Scale(step, 0, -_MOST, _MOST, exact=False)


def known_scale(channel: Channel, sample_bytes: int) -> Scale | None:
    """Return the scale that fits all that a `channel` may send; None where that is not known."""
    if channel.digital is None:
        return None
    return _whole_counts(channel, *channel.digital, sample_bytes)


def _whole_counts(channel: Channel, least: float, most: float, sample_bytes: int) -> Scale | None:
    half = 2 ** (8 * sample_bytes - 1)
    if channel.digital is not None:
        low, high = channel.digital
    elif channel.unit == "counts" and sample_bytes == BDF_BYTES:
        low, high = -_MOST, _MOST
    else:
        return None
    low, high = min(low, int(least)), max(high, int(most))
    if high - low >= 2 * half:
        return None
    # Sixteen bits from 0 on are moved, so that they fit into EDF's, which have a sign.
    shift = 0 if -half <= low and high < half else low + half
    return Scale(1.0, shift, low - shift, high - shift, exact=True)


def _power_of_two(value: float) -> float:
    """Return the greatest power of two that is not above `value`; a very small one for 0."""
    return 2.0 ** math.floor(math.log2(max(value, 2.0**-1000)))


class Encoder:
    """Turns samples into the counts that scales make of them."""

    def __init__(self, scales: Sequence[Scale]) -> None:
        numbers = [(scale.step, scale.shift, scale.low, scale.high) for scale in scales]
        self._step, self._shift, self._low, self._high = np.array(numbers, dtype=float).T.copy()
        self._exact = np.array([scale.exact for scale in scales])

    def __call__(self, samples: Samples) -> Counts | None:
        """Return the counts of `samples`; None where one is not finite or cannot be recorded."""
        if kernel.compiled:
            scales = self._step, self._shift, self._low, self._high, self._exact
            counts = np.empty(samples.shape, dtype=np.int32)
            return counts if kernel.compiled.quantise(samples, *scales, counts) else None
        scaled = samples / self._step - self._shift
        whole = np.rint(scaled)
        if not ((whole >= self._low) & (whole <= self._high)).all():
            return None
        if ((whole != scaled) & self._exact).any():
            return None
        return np.asarray(whole, dtype=np.int32)


def decode(counts: NDArray[np.generic], scales: Sequence[Scale]) -> Samples:
    """Return the samples ``(n_samples, n_channels)`` that `counts` stand for."""
    shift = [float(scale.shift) for scale in scales]
    return np.asarray((counts + np.array(shift)) * [scale.step for scale in scales])
