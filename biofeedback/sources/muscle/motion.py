"""Cables that swing and electrodes that are tapped: when, how long, and what it looks like.

Such artefacts lie below 20 Hz but for their edges (De Luca et al., J Biomech 2010).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biofeedback.sources.muscle.script import ChannelScript, Motion

Signal = NDArray[np.float64]

KINDS = ("swing", "tap")
_SWING_S, _SWING_HZ = (1.0, 2.5), (2.0, 10.0)
_TAP_S, _TAP_TIMES = (0.01, 0.03), 12.0  # time to its peak; it is over after so many of these
LONGEST_S = max(_SWING_S[1], _TAP_S[1] * _TAP_TIMES)
MOST_PER_MINUTE = 20.0  # one is over before the next begins

_MOTION = 3  # its place among the random streams of a seed


@dataclass(frozen=True, slots=True)
class Artefact:
    """A swing of `hz`, or a tap that peaks after `rise_s`; it is `peak_uv` high, up or down."""

    start_s: float
    stop_s: float
    peak_uv: float
    hz: float
    rise_s: float

    def signal(self, t: Signal) -> Signal:
        """Return its microvolts at times `t` ``(n,)``."""
        since = np.clip(t, self.start_s, self.stop_s) - self.start_s
        long = self.stop_s - self.start_s
        if self.hz:
            weight = np.sin(math.pi * since / long) ** 2
            wave = weight * np.cos(2 * math.pi * self.hz * (since - long / 2))
        else:
            wave = since / self.rise_s * np.exp(1 - since / self.rise_s)
            wave[since >= long] = 0.0
        return np.asarray(self.peak_uv * wave)


def artefacts(
    script: ChannelScript, place: tuple[int, int], from_s: float, until_s: float
) -> Iterator[Artefact]:
    """Yield those that touch ``[from_s, until_s)``; `place` is the seed and the channel's number.

    One that begins in a segment may end in the next.
    """
    for number, (start_s, segment) in enumerate(script.timeline(until_s)):
        motion = segment.motion
        if motion is None or start_s + segment.seconds + LONGEST_S < from_s:
            continue
        stop_s = start_s + segment.seconds
        for artefact in _of_segment(motion, start_s, (*place, number), from_s, until_s):
            if artefact.start_s < min(stop_s, until_s) and artefact.stop_s > from_s:
                yield artefact


def _of_segment(
    motion: Motion, start_s: float, place: tuple[int, ...], from_s: float, until_s: float
) -> Iterator[Artefact]:
    for k, at_s in enumerate(motion.at_s):
        yield _make(motion, np.random.default_rng((*place, 0, k, _MOTION)), start_s + at_s, 0.0)
    if motion.per_minute:
        slot_s = 60 / motion.per_minute
        first = max(0, math.floor((from_s - start_s) / slot_s))
        for k in range(first, max(first, math.ceil((until_s - start_s) / slot_s))):
            rng = np.random.default_rng((*place, 1, k, _MOTION))
            yield _make(motion, rng, start_s + k * slot_s, slot_s)


def _make(motion: Motion, rng: np.random.Generator, start_s: float, slot_s: float) -> Artefact:
    """Return an artefact that begins and ends within `slot_s` from `start_s`; at it for 0."""
    kind = motion.kind if motion.kind in KINDS else str(rng.choice(KINDS))
    up = rng.choice((-1.0, 1.0))
    if kind == "swing":
        long, hz, rise_s = rng.uniform(*_SWING_S), rng.uniform(*_SWING_HZ), 0.0
    else:
        hz, rise_s = 0.0, rng.uniform(*_TAP_S)
        long = _TAP_TIMES * rise_s
    start_s += rng.uniform(0.0, max(0.0, slot_s - long))
    return Artefact(start_s, start_s + long, motion.peak_uv * up, hz, rise_s)
