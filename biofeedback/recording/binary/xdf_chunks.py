"""The chunks of an XDF file: what its streams say of themselves, and where their samples lie."""

import math
import re
import struct
from array import array
from dataclasses import dataclass, field
from io import BytesIO
from itertools import count, pairwise
from typing import BinaryIO
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

# github.com/sccn/xdf/wiki/Specifications
MAGIC = b"XDF:"
_HEADER, _SAMPLES, _CLOCK = 2, 3, 4
NUMBERS = {"int8": "i1", "int16": "<i2", "int32": "<i4", "int64": "<i8"}
NUMBERS |= {"float32": "<f4", "double64": "<f8"}
TEXTS = "string"
_FORMS = {*NUMBERS, TEXTS}
_LONGEST_HEADER = 2**22
_LONGEST_CHUNK = 2**26
# A recorder writes one or two a second for each stream.
_MOST_CHUNKS = 2**19
_MOST_CHANNELS = 4096
_RESET_S = 1.0


@dataclass(slots=True)
class Stream:
    """A stream: `header` is its XML; `places` holds byte and length of each chunk of samples.

    `clock_s`: pairs of a time and what is to be added to the stream's clock then.
    """

    name: str
    kind: str
    form: str
    n_channels: int
    sfreq: float
    header: ElementTree.Element
    places: "array[int]" = field(default_factory=lambda: array("q"))
    clock_s: list[tuple[float, float]] = field(default_factory=list)

    @property
    def clock_was_reset(self) -> bool:
        """Whether the stream's clock jumped: times near that moment are off."""
        offsets = [offset_s for _time, offset_s in self.clock_s]
        return any(abs(b - a) > _RESET_S for a, b in pairwise(offsets))

    def synchronised(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return `times` of this stream's clock, in s, by the clock of who recorded it."""
        if not self.clock_s:
            return times
        at, offsets = np.array(sorted(self.clock_s)).T
        return np.asarray(times + np.interp(times, at, offsets))


def find_streams(file: BinaryIO) -> tuple[list[Stream], int | None, int]:
    """Return the streams of `file`, the byte from which on it is damaged or cut off, or None, and
    how many streams are left out because their headers cannot be read.
    """
    size = file.seek(0, 2)
    file.seek(len(MAGIC))
    streams: dict[int, Stream | None] = {}
    damaged_at = None
    for number in count():
        if (begin := file.tell()) >= size:
            break
        length = read_length(file)
        end = file.tell() + (length or 0)
        if length is None or length < 2 or end > size or number == _MOST_CHUNKS:
            damaged_at = begin
            break
        _read_chunk(file, length, streams)
        file.seek(end)
    found = [stream for stream in streams.values() if stream is not None]
    return found, damaged_at, len(streams) - len(found)


def _read_chunk(file: BinaryIO, length: int, streams: dict[int, Stream | None]) -> None:
    tag = int.from_bytes(file.read(2), "little")
    if tag not in (_HEADER, _SAMPLES, _CLOCK) or length < 6:
        return
    number = int.from_bytes(file.read(4), "little")
    if tag == _HEADER:
        streams.setdefault(number, read_header(file.read(min(length - 6, _LONGEST_HEADER))))
        return
    stream = streams.get(number)
    if stream is None:
        return
    if tag == _SAMPLES and 6 < length <= _LONGEST_CHUNK:
        stream.places.extend((file.tell(), length - 6))
    elif tag == _CLOCK and length == 22:
        time_s, offset_s = struct.unpack("<dd", file.read(16))
        if math.isfinite(time_s + offset_s):
            stream.clock_s.append((time_s, offset_s))


def read_length(file: BinaryIO) -> int | None:
    """Return the number that `file` has next, told in 1, 4 or 8 bytes; None where it has none."""
    width = file.read(1)
    if width not in (b"\1", b"\4", b"\x08"):
        return None
    digits = file.read(width[0])
    return int.from_bytes(digits, "little") if len(digits) == width[0] else None


def read_header(text: bytes) -> Stream | None:
    """Return the stream that the XML `text` describes, None where it cannot be read."""
    # Entities could make a few bytes fill the memory, and no recorder writes any.
    if re.search(rb"<!(DOCTYPE|ENTITY)", text, re.I):
        return None
    try:
        header = ElementTree.fromstring(text.decode("utf-8", "replace"))  # noqa: S314  see above
        n_channels = int(header.findtext("channel_count", ""))
        sfreq = float(header.findtext("nominal_srate", ""))
    except (ElementTree.ParseError, ValueError):
        return None
    form = header.findtext("channel_format", "")
    if not 0 < n_channels <= _MOST_CHANNELS or not 0 <= sfreq < 1e9 or form not in _FORMS:
        return None
    name, kind = header.findtext("name", "").strip(), header.findtext("type", "").strip()
    return Stream(name, kind, form, n_channels, sfreq, header)


def parse_numbers(
    content: bytes, form: str, n_channels: int
) -> tuple[NDArray[np.float64], NDArray[np.generic]]:
    """Return time stamps ``(n,)`` in s, NaN where there is none, and values ``(n, n_channels)``.

    `content` is what a chunk of samples holds; of a damaged one nothing is returned.
    """
    values = ("values", NUMBERS[form], (n_channels,))
    stamped = np.dtype([("flag", "u1"), ("time", "<f8"), values])
    plain = np.dtype([("flag", "u1"), values])
    n, body = _split(content)
    n_stamps, odd = divmod(len(body) - n * plain.itemsize, 8)
    nothing = np.empty(0), np.empty((0, n_channels))
    if odd or not 0 <= n_stamps <= n:
        return nothing
    if n_stamps == n:
        scans = np.frombuffer(body, stamped)
        return (scans["time"], scans["values"]) if (scans["flag"] == 8).all() else nothing
    # Some have a stamp, most often the first one. Without it each sample is of the same length.
    times, parts, at = np.full(n, np.nan), [], 0
    for i in range(n):
        if not n_stamps:
            break
        if body[at] == 8:
            times[i] = struct.unpack_from("<d", body, at + 1)[0]
            n_stamps -= 1
            parts.append(b"\0" + body[at + 9 : at + 8 + plain.itemsize])
            at += 8 + plain.itemsize
        else:
            parts.append(body[at : at + plain.itemsize])
            at += plain.itemsize
    rest = b"".join([*parts, body[at:]])
    if len(rest) != n * plain.itemsize:
        return nothing
    scans = np.frombuffer(rest, plain)
    return (times, scans["values"]) if not scans["flag"].any() else nothing


def parse_texts(content: bytes, n_channels: int) -> list[tuple[float, str]]:
    """Return the texts in a chunk's `content`, each with its time stamp in s, NaN without one."""
    n, body = _split(content)
    file = BytesIO(body)
    found: list[tuple[float, str]] = []
    for _sample in range(n):
        if file.read(1) == b"\x08":
            stamp = file.read(8)
            time_s = struct.unpack("<d", stamp)[0] if len(stamp) == 8 else np.nan
        else:
            time_s = np.nan
        for _channel in range(n_channels):
            length = read_length(file)
            if length is None:
                return found
            found.append((time_s, file.read(length).decode("utf-8", "replace")))
    return found


def _split(content: bytes) -> tuple[int, bytes]:
    """Return how many samples there are in `content`, and their bytes."""
    file = BytesIO(content)
    n = read_length(file) or 0
    return n, content[file.tell() :]
