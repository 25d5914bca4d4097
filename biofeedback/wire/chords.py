"""Chords boards (Upside Down Labs): unsigned counts of 10 to 16 bits, with an 8-bit counter.

A frame is C7 7C, the counter, a big-endian word a channel, and 01. It has no checksum: of damage
within a frame only what hits these marks or the counter is noticed. (Chords-Arduino-Firmware.)
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from biofeedback.stream import Samples
from biofeedback.wire.fixed_frames import Frames

BAUDS = (230400, 115200)
WHO, START, STOP = b"WHORU\n", b"START\n", b"STOP\n"
_END = 0x01


@dataclass(frozen=True, slots=True)
class ChordsFraming:
    """How the frames of a board with `n_channels` look."""

    n_channels: int
    sync: ClassVar[bytes] = b"\xc7\x7c"
    wraps: ClassVar[int] = 256
    agreed: ClassVar[int] = 2  # the marks can stand in the data of a 16-bit board

    @property
    def length(self) -> int:
        """Bytes of a frame."""
        return 2 * self.n_channels + 4

    def are_whole(self, frames: Frames) -> NDArray[np.bool_]:
        """Say of each whether its marks are there."""
        marks = (frames[:, 0] == self.sync[0]) & (frames[:, 1] == self.sync[1])
        return np.asarray(marks & (frames[:, -1] == _END))

    def counters(self, frames: Frames) -> NDArray[np.int64]:
        """Return the counter of each, 0-255."""
        return frames[:, 2].astype(np.int64)

    def samples(self, frames: Frames) -> Samples:
        """Return the counts ``(n_frames, n_channels)``."""
        return np.ascontiguousarray(frames[:, 3:-1]).view(">u2").astype(np.float64)
