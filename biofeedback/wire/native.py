"""Our own boards' frames: bytes to scans and messages, commands to bytes (`docs/protocol.md`)."""

import struct
from binascii import crc_hqx
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import NamedTuple, TypeAlias

import numpy as np

from biofeedback import kernel
from biofeedback.stream import Chunk

PROTOCOL = 1
SAFE_BAUD = 115200
FAST_BAUD = 500000
MAX_BODY = 254  # payload and CRC: COBS then costs one byte
MAX_VALUES = 122  # scans times channels of a frame
FRAME_OVERHEAD = 12  # bytes a DATA frame has besides its counts, both marks included
BITS_A_BYTE = 10  # 8N1

_DATA, _INFO, _ACK, _NAK, _EVENT = range(1, 6)
_HEAD = struct.Struct("<BBBI")  # type, seq, flags, index of the first scan
_INFO_HEAD = struct.Struct("<BBBBBIHBBBBHHBBIHB")
_REPLY = struct.Struct("<BcBH")
_EVENT_BODY = struct.Struct("<BBBI")
_WRAP = 2**32

COMMANDS = {"I": "", "S": "", "P": "", "R": "H", "C": "B", "B": "B", "O": "B", "U": "I", "V": ""}
"""The host's commands that this program uses, and the format of their argument."""


class Nak(IntEnum):
    """Why a board refused a command."""

    UNKNOWN = 1
    RANGE = 2
    RUNNING = 3
    CONVERTER = 4
    LINE = 5


class Flag(IntFlag):
    """What a board says of a frame of scans."""

    OVERRUN = 1
    MISSED = 2
    CLIPPED = 4
    SOFT_TIMING = 8
    FIRST = 16


@dataclass(frozen=True, slots=True)
class Info:
    """What a board says of itself; times in ticks of `tick_hz`, `skew_us` between two channels.

    Of a board that speaks another protocol only the number is known.
    """

    protocol: int
    firmware: tuple[int, int, int] = (0, 0, 0)
    tick_hz: int = 0
    period: int = 0
    mask: int = 0
    scans: int = 0
    bits: int = 0
    oversample: int = 0
    vref_mv: int = 0
    skew_us: int = 0
    max_channels: int = 0
    board: int = 0
    build: int = 0
    nonce: int = 0
    running: bool = False
    name: str = ""

    @property
    def version(self) -> str:
        """The firmware's version, as people write it."""
        return ".".join(map(str, self.firmware))


@dataclass(frozen=True, slots=True)
class Reply:
    """A board's answer to a command; `code` 0: done, else a `Nak`."""

    command: str
    code: int
    nonce: int


@dataclass(frozen=True, slots=True)
class Event:
    """What happened on a board: kind 1 boot, 2 button, 3 error; `index` is the scan."""

    kind: int
    value: int
    index: int


BOOT, BUTTON = 1, 2  # kinds of events: the first ends a stream

Message: TypeAlias = Info | Reply | Event


def encode_frame(payload: bytes) -> bytes:
    """Return the frame of `payload`, 1 to 252 bytes, both marks included."""
    if not 0 < len(payload) <= MAX_BODY - 2:
        raise ValueError(f"a payload has 1 to {MAX_BODY - 2} bytes, not {len(payload)}")
    body = payload + struct.pack("<H", crc_hqx(payload, 0xFFFF))
    runs = body.split(b"\0")
    return b"\0" + b"".join(bytes((len(run) + 1,)) + run for run in runs) + b"\0"


def encode_command(name: str, *, nonce: int, value: int | None = None) -> bytes:
    """Return the frame of command `name` of `COMMANDS`; `value` is its argument."""
    arguments = () if value is None else (value,)
    return encode_frame(struct.pack(f"<c{COMMANDS[name]}H", name.encode(), *arguments, nonce))


def decode_block(block: bytes) -> bytes | None:
    """Return the payload of what stood between two marks; None where it was damaged."""
    length = len(block)
    if not 4 <= length <= MAX_BODY + 1:
        return None
    body = bytearray(block)
    at = 0
    while at < length:  # each code says where the next one lies; a zero stood in its place
        step = body[at]
        body[at] = 0
        at += step
    if at != length:
        return None
    payload = bytes(body[1:-2])
    return payload if crc_hqx(payload, 0xFFFF) == body[-2] | body[-1] << 8 else None


def _message(payload: bytes) -> Message | None:
    """Return what a payload that holds no scans says; None where it is none of ours."""
    kind, length = payload[0], len(payload)
    if kind == _INFO and length >= 5:
        if payload[1] != PROTOCOL:  # only the number of a protocol lies where it lay for ever
            return Info(payload[1])
        if length >= _INFO_HEAD.size:
            _type, protocol, major, minor, patch, *rest, running = _INFO_HEAD.unpack_from(payload)
            name = payload[_INFO_HEAD.size :].decode("utf-8", "replace")
            said = (protocol, (major, minor, patch), *rest, bool(running), name)
            return Info(*said)
    if kind in (_ACK, _NAK) and length == _REPLY.size:
        _type, command, code, nonce = _REPLY.unpack(payload)
        return Reply(command.decode("latin-1"), code, nonce)
    if kind == _EVENT and length == _EVENT_BODY.size:
        return Event(*_EVENT_BODY.unpack(payload)[1:])
    return None


_Place: TypeAlias = tuple[int, int, int]  # of a frame: its number, its first scan, its scans


class _Frame(NamedTuple):
    place: _Place
    flags: int
    counts: bytes

    def follows(self, other: _Place) -> bool:
        """Whether this is the frame after `other`, or as many frames later as its number says."""
        seq, start, n = other
        lost = (self.place[0] - seq - 1) % 256 * n
        return (self.place[1] - start - n) % _WRAP == lost

    def is_after(self, other: _Place) -> bool:
        _seq, start, n = other
        return (self.place[1] - start - n) % _WRAP < _WRAP // 2


class NativeDecoder:
    """Turns bytes, cut anywhere, into chunks of scans, and keeps the board's `messages`.

    Scans are handed on as `Chunk`s whose start is the board's own index, unwrapped: a jump is
    loss, exactly. A frame whose index and number do not bear each other out waits for the one that
    follows it: what it claims is believed only if the next agrees. `corrupt_frames` counts those
    that were damaged or not believed, `flags` gathers the `Flag`s of the good ones.
    """

    def __init__(self, n_channels: int = 1) -> None:
        self.corrupt_frames = 0
        self.good_frames = 0
        self.messages: list[Message] = []
        self.restart(n_channels)
        self.reset()

    def reset(self) -> None:
        """Forget what has come so far: the next bytes may begin in mid-frame."""
        self._rest = b""
        self._joined = False

    def restart(self, n_channels: int) -> None:
        """Expect a stream of `n_channels` that begins anew, at index 0."""
        self._scan_bytes = 2 * n_channels
        self._n_channels = n_channels
        self._last: _Place | None = None
        self._waiting: _Frame | None = None
        self._stop = 0  # the unwrapped index after the last scan that was handed on
        self.flags = 0

    def feed(self, data: bytes) -> list[Chunk]:
        """Return the scans that `data` completes, `(n, n_channels)` counts; frames are joined."""
        if self._rest:
            data = self._rest + data
        last = self._last
        if not kernel.compiled or not last or self._waiting:
            return self._take_rest(data)
        # Nearly always what has come are frames that follow the last with nothing between.
        counts = np.empty((len(data) // self._scan_bytes, self._n_channels))
        taken, frames, scans, flags, self._last = kernel.compiled.frames(data, counts, *last)
        chunks: list[Chunk] = []
        if frames:
            start = self._stop
            self._stop = start + scans
            self.good_frames += frames
            self.flags |= flags
            chunks.append(Chunk(start, counts[:scans]))
        if taken == len(data):
            self._rest, self._joined = b"", True
            return chunks
        self._joined = self._joined or taken > 0
        return _joined(chunks, self._take_rest(data[taken:]))

    def _take_rest(self, data: bytes) -> list[Chunk]:
        """Take all that has ended, whatever it is, and return the scans that are believed."""
        if b"\0" not in data and len(data) <= 2 * MAX_BODY:
            self._rest = data
            return []
        *blocks, rest = data.split(b"\0")
        good: list[_Frame] = []
        for block in blocks:
            if block:
                payload = decode_block(block)
                if payload is None:
                    self.corrupt_frames += self._joined  # joined in mid-frame: not damage
                else:
                    self.good_frames += 1
                    self._take(payload, good)
            self._joined = True
        if len(rest) > 2 * MAX_BODY:  # no mark for longer than a frame: none of ours, once it ends
            rest = rest[: MAX_BODY + 2]
        self._rest = rest
        return self._chunks(good)

    def _take(self, payload: bytes, good: list[_Frame]) -> None:
        if payload[0] == _DATA:
            frame = self._frame(payload)
            if frame is None:
                self.corrupt_frames += 1
            else:
                self._place(frame, good)
            return
        message = _message(payload)
        if message is None:
            self.corrupt_frames += 1
        else:
            self.messages.append(message)

    def _frame(self, payload: bytes) -> _Frame | None:
        counts = payload[_HEAD.size :]
        n, left = divmod(len(counts), self._scan_bytes)
        if left or not n:
            return None
        _type, seq, flags, index = _HEAD.unpack_from(payload)
        return _Frame((seq, index, n), flags, counts)

    def _place(self, frame: _Frame, good: list[_Frame]) -> None:
        """Hand `frame` on where it fits the last one; else wait for the next to agree with it."""
        last, waiting = self._last, self._waiting
        if frame.follows(last) if last else frame.place[:2] == (0, 0):
            self.corrupt_frames += waiting is not None
        elif waiting and frame.follows(waiting.place):
            good.append(waiting)
        elif last is None or frame.is_after(last):
            self.corrupt_frames += waiting is not None
            self._waiting = frame
            return
        else:  # it came twice
            self.corrupt_frames += 1
            return
        good.append(frame)
        self._last, self._waiting = frame.place, None

    def _chunks(self, frames: list[_Frame]) -> list[Chunk]:
        """Return `frames` as chunks, those that follow one another as one."""
        chunks: list[Chunk] = []
        pending: list[bytes] = []
        for frame in frames:
            _seq, start, n = frame.place
            missing = (start - self._stop) % _WRAP
            if missing:
                self._flush(pending, chunks)
                self._stop += missing
            pending.append(frame.counts)
            self.flags |= frame.flags
            self._stop += n
        self._flush(pending, chunks)
        return chunks

    def _flush(self, pending: list[bytes], chunks: list[Chunk]) -> None:
        if pending:
            counts = np.frombuffer(b"".join(pending), "<u2").reshape(-1, self._n_channels)
            chunks.append(Chunk(self._stop - len(counts), counts.astype(np.float64)))
            pending.clear()


def _joined(first: list[Chunk], then: list[Chunk]) -> list[Chunk]:
    """Return both lists as one; where no scan is missing between them their chunks are one."""
    if not (first and then) or first[-1].stop != then[0].start:
        return first + then
    samples = np.concatenate((first[-1].samples, then[0].samples))
    return [*first[:-1], Chunk(first[-1].start, samples), *then[1:]]
