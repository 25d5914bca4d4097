"""OpenBCI Cyton, with or without the Daisy: eight channels of 24 bits, with an 8-bit counter.

A frame is A0, the counter, eight big-endian numbers with a sign, six bytes of other sensors, and C0
to C6. With a Daisy the frames of the two boards take turns, so that each pair is one sample of 16
channels at half the rate. There is no checksum. (OpenBCI's documentation, "Cyton data format".)
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from biofeedback.stream import Samples
from biofeedback.wire.fixed_frames import Frames

BAUD, SFREQ = 115200, 250.0
N_CHANNELS = 8
RESET, START, STOP, DEFAULTS = b"v", b"b", b"s", b"d"
ACTS = frozenset(b"bxz/~`<{};AFGHJKLSa\xf0")
"""Commands that begin something or outlast a reset: the stream, a file on its card, settings, the
radio's channel."""
_ENDS = 0xC0, 0xC6
_NUMBERS_AT = 2


@dataclass(frozen=True, slots=True)
class CytonFraming:
    """How the frames look."""

    length: ClassVar[int] = 33
    sync: ClassVar[bytes] = b"\xa0"
    wraps: ClassVar[int] = 256
    agreed: ClassVar[int] = 2

    def are_whole(self, frames: Frames) -> NDArray[np.bool_]:
        """Say of each whether its marks are there."""
        if _marked(frames.tobytes()):
            return np.ones(len(frames), np.bool_)
        ends = frames[:, -1] - _ENDS[0] <= _ENDS[1] - _ENDS[0]  # what is less becomes great
        return np.asarray((frames[:, 0] == self.sync[0]) & ends)

    def counters(self, frames: Frames) -> NDArray[np.int64]:
        """Return the counter of each, 0-255."""
        return frames[:, 1].astype(np.int64)

    def samples(self, frames: Frames) -> Samples:
        """Return the counts ``(n_frames, 8)``, of 24 bits with a sign."""
        # each number is the upper three bytes of four, whose fourth is the next one's first
        fours = np.ndarray(
            (len(frames), N_CHANNELS),
            dtype=">i4",
            buffer=frames,
            offset=_NUMBERS_AT,
            strides=(self.length, 3),
        )
        return (fours >> 8).astype(np.float64)


@dataclass(frozen=True, slots=True)
class DaisyFraming:
    """How two frames look that are one sample: the Daisy's, of even number, then the Cyton's."""

    length: ClassVar[int] = 66
    sync: ClassVar[bytes] = b"\xa0"
    wraps: ClassVar[int] = 128
    agreed: ClassVar[int] = 2

    def are_whole(self, frames: Frames) -> NDArray[np.bool_]:
        """Say of each whether the marks of both are there, and the one follows the other."""
        data = frames.tobytes()
        if _marked(data) and data[1] % 2 == 0 and data[1 :: _EACH.length] in _COUNTS:
            return np.ones(len(frames), np.bool_)
        both = _EACH.are_whole(frames.reshape(-1, _EACH.length)).reshape(-1, 2).all(axis=1)
        follow = (frames[:, 1] % 2 == 0) & (frames[:, _EACH.length + 1] == frames[:, 1] + 1)
        return np.asarray(both & follow)

    def counters(self, frames: Frames) -> NDArray[np.int64]:
        """Return the counter of each pair, 0-127."""
        return (frames[:, 1] // 2).astype(np.int64)

    def samples(self, frames: Frames) -> Samples:
        """Return the counts ``(n_frames, 16)``: the Cyton's eight, then the Daisy's."""
        each = _EACH.samples(frames.reshape(-1, _EACH.length)).reshape(-1, 2, N_CHANNELS)
        return np.ascontiguousarray(each[:, ::-1]).reshape(-1, 2 * N_CHANNELS)


_EACH = CytonFraming()
_LAST_BYTES = bytes(range(_ENDS[0], _ENDS[1] + 1))
_COUNTS = 2 * bytes(range(256))


def _marked(data: bytes) -> bool:
    """Say whether all of some whole frames have their marks; numpy takes longer for a few."""
    length = _EACH.length
    firsts, lasts = data[::length], data[length - 1 :: length]
    return firsts == _EACH.sync * len(firsts) and bool(lasts) and not lasts.strip(_LAST_BYTES)
