"""How a whole recording becomes whole numbers: its counts as they are, or the nearest steps."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from biofeedback.boards import COUNTS
from biofeedback.recording.edf.counts import Scale
from biofeedback.recording.edf.encode import eight
from biofeedback.recording.recorded import Recording
from biofeedback.stream import Channel, Samples

# Numbers that lie so near to even steps, in steps, differ from them by the rounding of doubles.
_EVEN = 1e-3
# Steps that are no converter's are powers of two, not finer than any sensor resolves (0.02 uV)...
_FINEST_UV = 2.0**-6
# ... and so many of them to either side of a whole microvolt end at numbers that eight characters
# of a header tell exactly: 125,000 and 500 uV of the finest.
_STEPS = {2: 32_000, 3: 8_000_000}
_LEAST = 1e-5
# A range of so many steps is told well enough by seven digits; of others so many ends are tried.
_FEW, _TRIED = 2**17, 4096
# As in `rails`: two steps inside a converter's end count as hit.
_INSIDE = 2


@dataclass(frozen=True, slots=True)
class Look:
    """What one way through a recording shows: of each channel ``(n_channels,)``, and its gaps.

    `low`, `high`: the extremes. `even`: whether all samples are `origin` and whole `step`s more,
    which are 1 where all are whole numbers.
    `gaps`: where each starts and stops, in samples; `stop`: the index after the last sample.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    step: NDArray[np.float64]
    origin: NDArray[np.float64]
    even: NDArray[np.bool_]
    gaps: tuple[tuple[int, int], ...]
    stop: int


def look_at(recording: Recording) -> Look:
    """Go through `recording` once."""
    channels = recording.info.channels
    # Without a known step, one that nothing is even to.
    step = np.array([math.nan if c.step is None else c.step / abs(c.gain) for c in channels])
    low, high = np.full(len(step), np.inf), np.full(len(step), -np.inf)
    even, whole = np.ones((2, len(step)), dtype=bool)
    origin = np.zeros(len(step))
    gaps, stop = [], 0
    for chunk in recording.chunks:
        samples = chunk.samples
        with np.errstate(over="ignore", invalid="ignore"):  # as large as a double can be
            if np.isinf(low[0]):
                origin = samples[0] - np.rint(samples[0] / step) * step
            steps = (samples - origin) / step
            even &= np.abs(steps - np.rint(steps)).max(axis=0) <= _EVEN
        whole &= (samples == np.rint(samples)).all(axis=0)
        low, high = np.minimum(low, samples.min(axis=0)), np.maximum(high, samples.max(axis=0))
        if chunk.start > stop:
            gaps.append((stop, chunk.start))
        stop = chunk.stop
    step, origin = np.where(whole, 1.0, step), np.where(whole, 0.0, origin)
    return Look(low, high, step, origin, even | whole, tuple(gaps), stop)


@dataclass(frozen=True, slots=True)
class Numbers:
    """What is written of one channel: `(sample - origin) / step`, rounded to whole numbers.

    `channel` describes those, `scale` says how they lie in the file. `rounded`: whether that
    changed any by more than a double's last digits.
    """

    channel: Channel
    origin: float
    step: float
    scale: Scale
    rounded: bool


def choose_numbers(recording: Recording, look: Look, sample_bytes: int) -> tuple[Numbers, ...]:
    """Return what is written of each channel in a file of `sample_bytes`, 2 or 3, a sample."""
    return tuple(
        _even_numbers(channel, look, at, sample_bytes) or _rounded(channel, look, at, sample_bytes)
        for at, channel in enumerate(recording.info.channels)
    )


def whole_numbers(samples: Samples, numbers: tuple[Numbers, ...]) -> Samples:
    """Return what is written for `samples` ``(n_samples, n_channels)``."""
    shifted = samples - [number.origin for number in numbers]
    return np.asarray(np.rint(shifted / [number.step for number in numbers]))


def _even_numbers(channel: Channel, look: Look, at: int, sample_bytes: int) -> Numbers | None:
    """Return the samples' own steps, None where they have none that fit."""
    if not look.even[at]:
        return None
    step, origin = float(look.step[at]), float(look.origin[at])
    low, high = (round((float(end[at]) - origin) / step) for end in (look.low, look.high))
    half = 2 ** (8 * sample_bytes - 1)
    if high - low >= 2 * half:
        return None
    own = _rescaled(channel, origin, step)
    known = _converter(own)
    if known and known[0] <= low and high <= known[1] and known[1] - known[0] < _FEW:
        low, high = known
    else:  # all that the file can hold, lest its ends be taken for a converter's
        first = -half if -half <= low and high < half else (low + high) // 2 - half
        low, high = (
            _told_best(own, range(first, low + 1)),
            _told_best(own, range(first + 2 * half - 1, high - 1, -1)),
        )
    shift = 0 if -half <= low and high < half else low + half
    scale = Scale(1.0, shift, low - shift, high - shift, exact=True)
    return Numbers(own, origin, step, scale, rounded=False)


def _told_best(channel: Channel, counts: range) -> int:
    """Return which of the first `counts` eight characters tell best, in physical units.

    They have seven digits: the range of 24 bits is off by more than a step at most ends.
    """

    def error(count: int) -> float:
        value = count * channel.gain + channel.offset
        return abs(float(eight(value)) - value)

    return min(counts[:_TRIED], key=error)


def _converter(channel: Channel) -> tuple[int, int] | None:
    """Return the least and the greatest count of the converter; None where they are not known."""
    if channel.digital or channel.rails is None:
        return channel.digital
    low, high = channel.rails[0] - _INSIDE, channel.rails[1] + _INSIDE
    whole = low.is_integer() and high.is_integer()  # those that a signal shows are not
    return (int(low), int(high)) if whole else None


def _rounded(channel: Channel, look: Look, at: int, sample_bytes: int) -> Numbers:
    """Return steps that hold the whole range."""
    ends = [float(end[at]) * channel.gain + channel.offset for end in (look.low, look.high)]
    most = _STEPS[sample_bytes]
    if channel.unit == COUNTS:  # of any size: up to a power of ten, which a header tells exactly
        centre = 0.0
        width = 10.0 ** math.ceil(math.log10(max(*map(abs, ends), _LEAST))) / most
    else:
        centre = float(round((ends[0] + ends[1]) / 2))
        furthest = max(abs(end - centre) for end in ends) / most
        width = 2.0 ** math.ceil(math.log2(max(furthest, _FINEST_UV)))
    origin, step = (centre - channel.offset) / channel.gain, width / channel.gain
    scale = Scale(1.0, 0, -most, most, exact=True)
    return Numbers(_rescaled(channel, origin, step), origin, step, scale, rounded=True)


def _rescaled(channel: Channel, origin: float, step: float) -> Channel:
    """Return what describes `(sample - origin) / step` of `channel`."""
    if step == 1 and origin == 0:
        return channel
    rails = channel.rails
    if rails is not None:
        low, high = ((rail - origin) / step for rail in rails)
        rails = (min(low, high), max(low, high))
    gain = channel.gain * step
    return replace(
        channel,
        gain=gain,
        offset=channel.offset + channel.gain * origin,
        step=channel.step if channel.unit == COUNTS else max(abs(gain), channel.step or 0.0),
        rails=rails,
        digital=None,
    )
