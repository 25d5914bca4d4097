"""Backyard Brains' SpikerShields: counts of 10 bits, seven bits a byte, with messages in between.

Only the first byte of a frame has its highest bit set. There is no counter and no checksum: what
the board's ring of 100 bytes drops is not told. (Backyard Brains' Muscle SpikerShield firmware.)
"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from biofeedback.stream import Samples
from biofeedback.wire.fixed_frames import Frames

BAUDS = (230400, 222222, 500000)
MOST_CHANNELS = 6
_HIGHEST = 7  # of seven bits: 1023 >> 7
_OPENS, _CLOSES = b"\xff\xff\x01\x01\x80\xff", b"\xff\xff\x01\x01\x81\xff"
_LONGEST = 64


def sfreq_of(n_channels: int) -> float:
    """Return the rate in Hz: a timer of 16 MHz / 8 / 199, shared by the channels."""
    return 16e6 / 8 / 199 / n_channels


def configure(n_channels: int) -> bytes:
    """Return the command for `n_channels`."""
    return f"conf s:10000;c:{n_channels};\n".encode()


@dataclass(frozen=True, slots=True)
class SpikerFraming:
    """How the frames of `n_channels` look."""

    n_channels: int
    sync: ClassVar[bytes] = b""
    wraps: ClassVar[int] = 0
    agreed: ClassVar[int] = 2

    @property
    def length(self) -> int:
        """Bytes of a frame."""
        return 2 * self.n_channels

    def are_whole(self, frames: Frames) -> NDArray[np.bool_]:
        """Say of each whether its highest bits are right."""
        first = (frames[:, 0] & 0x78) == 0
        first &= frames[:, 0] >= 0x80
        rest = (frames[:, 1:] < 0x80).all(axis=1) & (frames[:, 2::2] <= _HIGHEST).all(axis=1)
        return np.asarray(first & rest)

    def counters(self, frames: Frames) -> NDArray[np.int64]:
        """There are none."""
        raise NotImplementedError

    def samples(self, frames: Frames) -> Samples:
        """Return the counts ``(n_frames, n_channels)``, 0-1023."""
        high = (frames[:, 0::2] & _HIGHEST).astype(np.float64)
        return high * 128 + frames[:, 1::2]


class Message(NamedTuple):
    """What a board said between its samples, behind so many bytes of what `strip` has left."""

    behind: int
    text: str


class Messages:
    """Takes the messages out of the stream: what was `said` is there, in the order it came."""

    def __init__(self) -> None:
        self.said: list[Message] = []
        self._rest = b""

    def strip(self, data: bytes) -> bytes:
        """Return what is left of `data` without messages; what may become one is held back."""
        data = self._rest + data
        left = b""
        while True:
            opens = data.find(_OPENS)
            if opens < 0:
                keep = _beginning_at_end(data)
                self._rest = data[len(data) - keep :]
                return left + data[: len(data) - keep]
            left += data[:opens]
            begins = opens + len(_OPENS)
            closes = data.find(_CLOSES, begins, begins + _LONGEST + len(_CLOSES))
            if closes >= 0:
                text = data[begins:closes].decode("ascii", "replace")
                self.said.append(Message(len(left), text))
                data = data[closes + len(_CLOSES) :]
            elif len(data) - begins < _LONGEST + len(_CLOSES):
                self._rest = data[opens:]
                return left
            else:  # its end is damaged: no message
                data = data[begins:]


def _beginning_at_end(data: bytes) -> int:
    """Return how many bytes at the end of `data` may begin a message."""
    for n in range(min(len(_OPENS) - 1, len(data)), 0, -1):
        if data.endswith(_OPENS[:n]):
            return n
    return 0
