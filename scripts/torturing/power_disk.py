"""A disk with a cache that forgets, as a file: what was written to it and not flushed may be gone.

It answers the kernel's FUSE protocol (linux/fuse.h, version 7.31) for one file, upon which a loop
device lies, and keeps a log of all writes and flushes: from it `after_cut` makes what such a disk
would hold had the power gone at any moment.
"""

import errno
import os
import stat
import struct
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

SECTOR = 512
_LARGEST = 1 << 20
_IN, _OUT = struct.Struct("<IIQQIIII"), struct.Struct("<IiQ")
_GETATTR, _SETATTR, _OPEN, _READ, _WRITE, _STATFS, _FSYNC = 3, 4, 14, 15, 16, 17, 20
_RELEASE, _FLUSH, _INIT = 18, 25, 26
_UNANSWERED = (2, 36, 42)  # FORGET, INTERRUPT, BATCH_FORGET
_ENDS_S = 10.0
_PAGES = 1 << 22  # FUSE_MAX_PAGES


@dataclass(frozen=True, slots=True)
class Event:
    """What the disk has done at `at_s`: a write, or, without `data`, a flush."""

    at_s: float
    offset: int
    data: bytes


class PowerDisk:
    """The disk, which holds `image` at first; `flush_s` is how long it takes to flush."""

    def __init__(self, image: bytes, *, flush_s: float = 0.0) -> None:
        self.first, self.log = image, list[Event]()
        self._now, self._flush_s = bytearray(image), flush_s
        self.fd = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        self._answers: dict[int, Callable[[bytes], bytes]] = {
            _INIT: self._begin,
            _GETATTR: self._describe,
            _SETATTR: self._describe,
            _OPEN: lambda _body: struct.pack("<QII", 0, 0, 0),
            _READ: self._read,
            _WRITE: self._write,
            _FSYNC: self._flush,
            _STATFS: lambda _body: bytes(80),
            _FLUSH: lambda _body: b"",
            _RELEASE: lambda _body: b"",
        }
        self._thread = threading.Thread(target=self._work, name="power disk", daemon=True)

    def start(self) -> None:
        """Answer from now on: its `fd` has been mounted."""
        self._thread.start()

    def close(self) -> None:
        """End it, which ends as well whatever still is mounted from it."""
        if self._thread.is_alive():
            self._thread.join(_ENDS_S)
        os.close(self.fd)

    def _work(self) -> None:
        while True:
            try:
                self._answer(os.read(self.fd, _LARGEST + 4096))
            except OSError as error:
                if error.errno != errno.ENOENT:  # whoever asked has been killed
                    return  # unmounted

    def _answer(self, asked: bytes) -> None:
        _size, code, number, *_who = _IN.unpack_from(asked)
        if code in _UNANSWERED:
            return
        answer = self._answers.get(code)
        body = answer(asked[_IN.size :]) if answer else b""
        failed = 0 if answer else -errno.ENOSYS
        os.write(self.fd, _OUT.pack(_OUT.size + len(body), failed, number) + body)

    def _begin(self, body: bytes) -> bytes:
        _major, _minor, ahead, _flags = struct.unpack_from("<IIII", body)
        pages = _LARGEST // 4096
        return struct.pack(
            "<IIIIHHIIHH", 7, 31, ahead, _PAGES, 16, 12, _LARGEST, 1, pages, 0
        ).ljust(64, b"\0")

    def _describe(self, _body: bytes) -> bytes:
        size = len(self._now)
        times = struct.pack("<QQQIII", 0, 0, 0, 0, 0, 0)
        who = struct.pack("<IIIIIII", stat.S_IFREG | 0o600, 1, 0, 0, 0, 4096, 0)
        about = struct.pack("<QQQ", 1, size, size // SECTOR) + times + who
        return struct.pack("<QII", 3600, 0, 0) + about

    def _read(self, body: bytes) -> bytes:
        _handle, offset, size = struct.unpack_from("<QQI", body)
        return bytes(self._now[offset : offset + size])

    def _write(self, body: bytes) -> bytes:
        _handle, offset, size = struct.unpack_from("<QQI", body)
        data = body[40 : 40 + size]
        self._now[offset : offset + size] = data
        self.log.append(Event(time.monotonic(), offset, data))
        return struct.pack("<II", size, 0)

    def _flush(self, _body: bytes) -> bytes:
        time.sleep(self._flush_s)
        self.log.append(Event(time.monotonic(), 0, b""))
        return b""


def after_cut(
    image: bytes, log: Sequence[Event], cut_s: float, kept: float, rng: np.random.Generator
) -> bytes:
    """Return what a disk that held `image` has after the power went at `cut_s`.

    All that was flushed, and of what was written since, of each sector, a share of `kept`.
    """
    told = [event for event in log if event.at_s <= cut_s]
    flushed = max((at for at, event in enumerate(told) if not event.data), default=-1)
    left = bytearray(image)
    for at, event in enumerate(told):
        for begin in range(0, len(event.data), SECTOR):
            if at < flushed or rng.random() < kept:
                part = event.data[begin : begin + SECTOR]
                left[event.offset + begin : event.offset + begin + len(part)] = part
    return bytes(left)
