"""A board on a pseudo-terminal that speaks the project's own protocol (docs/protocol.md)."""

import binascii
import os
import select
import struct
import sys
import time

import numpy as np

TICK_HZ, BITS, VREF_MV, UNO_R4 = 1_000_000, 14, 5000, 4
DATA, INFO, ACK, NAK = 1, 2, 3, 4
FIRST = 16  # the flag of the first frame since the start
_AHEAD = 0.0005  # poll ends a little late; the last stretch is waited for


def frame(payload: bytes) -> bytes:
    """Return `payload` with its CRC, in COBS, between zeros."""
    crc = binascii.crc_hqx(payload, 0xFFFF)
    parts = (payload + crc.to_bytes(2, "little")).split(b"\0")
    return b"\0" + b"".join(bytes([len(part) + 1]) + part for part in parts) + b"\0"


def payloads(data: bytes) -> tuple[list[bytes], bytes]:
    """Return the payloads of the whole frames in `data`, and what is left of it."""
    *whole, rest = data.split(b"\0")
    found = []
    for coded in filter(None, whole):
        plain, at = b"", 0
        while at < len(coded):
            plain += coded[at + 1 : at + coded[at]] + b"\0"
            at += coded[at]
        found.append(plain[:-3])  # the zero that ends nothing, and the CRC: this line is perfect
    return found, rest


class Board:
    """Answers the host, and once started sends every frame at the time of its last scan."""

    def __init__(self, fd: int) -> None:
        self._fd, self._ended = fd, False
        self._period, self._mask, self._scans, self._oversample = 1000, 0xFF, 15, 1
        self._begun = 0.0  # monotonic; 0 while it is stopped
        self._sent = self._index = 0
        rng = np.random.default_rng(0)
        swell = 400 * (1 + 0.9 * np.sin(np.pi * np.arange(10_000) / 1000))[:, None]
        noise = swell * rng.standard_normal((10_000, 8))
        self._counts = np.clip(8192 + noise, 0, 2**BITS - 1).astype("<u2")
        self.written: list[tuple[int, float]] = []
        """The index after a frame's last scan, and when its last byte was written."""

    def run(self) -> None:
        """Serve until a stream that was begun is stopped."""
        poll, heard = select.poll(), b""
        poll.register(self._fd, select.POLLIN)
        while not self._ended:
            wait_s = self._due() - time.monotonic() if self._begun else 1.0
            if wait_s > _AHEAD and poll.poll(1000 * (wait_s - _AHEAD / 2)):
                commands, heard = payloads(heard + os.read(self._fd, 4096))
                for command in commands:
                    self._answer(command)
            elif self._begun and wait_s <= 0:
                self._send_data()

    def _due(self) -> float:
        return self._begun + (self._index + self._scans) * self._period / TICK_HZ

    def _send_data(self) -> None:
        at = self._index % (len(self._counts) - self._scans)
        columns = [channel for channel in range(8) if self._mask >> channel & 1]
        counts = self._oversample * self._counts[at : at + self._scans, columns]
        flags = 0 if self._sent else FIRST
        head = struct.pack("<BBBI", DATA, self._sent % 256, flags, self._index)
        data = frame(head + counts.tobytes())
        self._index += self._scans
        self.written.append((self._index, time.monotonic()))
        os.write(self._fd, data)
        self._sent += 1

    def _answer(self, command: bytes) -> None:
        letter, nonce, code = command[:1], command[-2:], 0
        value = int.from_bytes(command[1:-2], "little")
        if letter in b"IV":
            os.write(self._fd, frame(self._info(nonce)))
            return
        if letter in b"RCBO" and self._begun:
            code = 3  # stop first
        elif letter == b"R":
            self._period = value
        elif letter == b"C":
            self._mask = value
        elif letter == b"B":
            self._scans = value
        elif letter == b"O":
            self._oversample = value
        elif letter == b"P":
            self._begun, self._ended = 0.0, self._sent > 0
        elif letter == b"S" and not self._begun:
            self._begun, self._index, self._sent = time.monotonic(), 0, 0
        elif letter not in b"SLU":
            code = 1
        os.write(self._fd, frame(bytes([NAK if code else ACK]) + letter + bytes([code]) + nonce))

    def _info(self, nonce: bytes) -> bytes:
        rate = struct.pack("<IH", TICK_HZ, self._period)
        layout = bytes([self._mask, self._scans, BITS, self._oversample])
        rest = struct.pack("<HHBBI", VREF_MV, 0, 8, UNO_R4, 0)
        running = bytes([self._begun > 0])
        return bytes([INFO, 1, 1, 0, 0]) + rate + layout + rest + nonce + running + b"bench"


if __name__ == "__main__":
    served = Board(int(sys.argv[1]))
    served.run()
    np.save(sys.argv[2], np.array(served.written))
