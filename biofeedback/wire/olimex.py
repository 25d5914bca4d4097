"""Olimex SHIELD-EKG-EMG, which sends the P2 packets of the ModularEEG: six counts of 10 bits.

A packet is A5 5A, the version 02, a counter, six big-endian words, and the switches. There is no
checksum and no end mark; what a count or a switch can never be is taken for damage. (Olimex's
ShieldEkgEmgDemo; OpenEEG, ModularEEG firmware 2.)
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from biofeedback.stream import Samples
from biofeedback.wire.fixed_frames import Frames

BAUD, SFREQ = 57600, 256.0
N_CHANNELS = 6
_VERSION = 2
_HIGHEST, _MOST_SWITCHES = 0x03, 0x0F


@dataclass(frozen=True, slots=True)
class P2Framing:
    """How the packets look."""

    length: ClassVar[int] = 17
    sync: ClassVar[bytes] = b"\xa5\x5a"
    wraps: ClassVar[int] = 256
    agreed: ClassVar[int] = 2

    def are_whole(self, frames: Frames) -> NDArray[np.bool_]:
        """Say of each whether all that is fixed in a packet is right."""
        marks = (frames[:, :3] == (*self.sync, _VERSION)).all(axis=1)
        can_be = (frames[:, 4:16:2] <= _HIGHEST).all(axis=1) & (frames[:, 16] <= _MOST_SWITCHES)
        return np.asarray(marks & can_be)

    def counters(self, frames: Frames) -> NDArray[np.int64]:
        """Return the counter of each, 0-255."""
        return frames[:, 3].astype(np.int64)

    def samples(self, frames: Frames) -> Samples:
        """Return the counts ``(n_frames, 6)``, 0-1023."""
        return np.ascontiguousarray(frames[:, 4:16]).view(">u2").astype(np.float64)
