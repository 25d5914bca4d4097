"""BITalino (r)evolution: up to four channels of 10 bits and two of 6, checked by a CRC of 4 bits.

A frame has no mark of its beginning: what follows from its last byte is in step where the checksum
and the counter agree for some frames. (BITalino's revolution-python-api; the protocol of its MCU.)
"""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from biofeedback.stream import Samples
from biofeedback.wire.fixed_frames import Frames

BAUD = 115200
RATES = (1, 10, 100, 1000)
"""Hz, in the order of their codes."""
MOST_CHANNELS = 6
_LENGTHS = (3, 4, 6, 7, 8, 8)
_POLYNOMIAL = 3
STOP, VERSION = b"\x00", b"\x07"


def set_rate(sfreq: int) -> bytes:
    """Return the command for a rate of `RATES`; raise `ValueError` for another."""
    return bytes([RATES.index(sfreq) << 6 | 3])


def start(n_channels: int) -> bytes:
    """Return the command that starts the first `n_channels`, 1-6."""
    return bytes([1 | ((1 << n_channels) - 1) << 2])


def checksum(frame: bytes) -> int:
    """Return the CRC of 4 bits over `frame`, whose own checksum is to be 0 in it."""
    crc = 0
    for byte in frame:
        for bit in range(7, -1, -1):
            crc <<= 1
            if crc & 16:
                crc ^= _POLYNOMIAL
            crc ^= byte >> bit & 1
    return crc & 15


def _checksum_parts(length: int) -> NDArray[np.uint8]:
    """Return what each byte at each place adds to the checksum, which is linear: XOR of all."""
    parts = np.zeros((length, 256), np.uint8)
    for place in range(length):
        for byte in range(256):
            counted = byte & 0xF0 if place == length - 1 else byte
            parts[place, byte] = checksum(bytes([counted, *bytes(length - 1 - place)]))
    return parts


@dataclass(frozen=True, slots=True)
class BitalinoFraming:
    """How the frames of `n_channels`, 1-6, look."""

    n_channels: int
    sync: ClassVar[bytes] = b""
    wraps: ClassVar[int] = 16
    agreed: ClassVar[int] = 5  # chance agrees in 1 of 16^5 by checksum, of 16^4 by counter
    _parts: NDArray[np.uint8] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Prepare the checksum."""
        object.__setattr__(self, "_parts", _checksum_parts(self.length))

    @property
    def length(self) -> int:
        """Bytes of a frame."""
        return _LENGTHS[self.n_channels - 1]

    def are_whole(self, frames: Frames) -> NDArray[np.bool_]:
        """Say of each whether its checksum is right."""
        found = self._parts[np.arange(self.length), frames]
        return np.asarray(np.bitwise_xor.reduce(found, axis=1) == frames[:, -1] & 15)

    def counters(self, frames: Frames) -> NDArray[np.int64]:
        """Return the counter of each, 0-15."""
        return (frames[:, -1] >> 4).astype(np.int64)

    def samples(self, frames: Frames) -> Samples:
        """Return the counts ``(n_frames, n_channels)``: 0-1023, of the last two 0-63."""
        b = [np.zeros(len(frames), np.int64)] * (9 - self.length)
        b += [column.astype(np.int64) for column in frames.T]  # b[8] is the last byte
        channels = (
            (b[7] & 15) << 6 | b[6] >> 2,
            (b[6] & 3) << 8 | b[5],
            b[4] << 2 | b[3] >> 6,
            (b[3] & 63) << 4 | b[2] >> 4,
            (b[2] & 15) << 2 | b[1] >> 6,
            b[1] & 63,
        )
        return np.stack(channels[: self.n_channels], axis=1).astype(np.float64)
