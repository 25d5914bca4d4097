"""The compiled decoder against the one in Python: the same of any bytes, however they are cut."""

import os
import struct
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biofeedback import kernel
from biofeedback.wire.native import NativeDecoder, encode_frame

pytestmark = pytest.mark.skipif(
    kernel.compiled is None and not os.environ.get("CI"),
    reason="the kernel was not built: there is no compiler here, or no headers of Python",
)


def data_frame(seq: int, start: int, n: int, channels: int, flags: int = 0, kind: int = 1) -> bytes:
    counts = (np.arange(n * channels) * 257 + start) % 65536
    head = struct.pack("<BBBI", kind, seq % 256, flags, start % 2**32)
    return encode_frame(head + counts.astype("<u2").tobytes())


def with_a_code_too_large(frame: bytes) -> bytes:
    """Let the last code of the COBS point beyond the block; the checksum is still right."""
    block, at, last = bytearray(frame[1:-1]), 0, 0
    while at < len(block):
        last, at = at, at + block[at]
    block[last] += 1
    return b"\0" + bytes(block) + b"\0"


BEFALLS = ["message", "lost", "twice", "jump", "junk", "odd", "others", "kind", "code"]


def befallen(draw: st.DrawFn, what: str, before: bytes, place: tuple[int, int, int, int]) -> bytes:
    """Return what came in the place, or before it, of a frame of (seq, start, n, channels)."""
    seq, start, n, channels = place
    others = channels % 8 + 1
    match what:
        case "message":
            return encode_frame(struct.pack("<BcBH", 3, b"S", 0, n))
        case "twice":
            return before
        case "jump":
            return data_frame(seq, draw(st.integers(0, 2**32 - 1)), n, channels)
        case "junk":
            return draw(st.binary(max_size=600))
        case "odd":
            return encode_frame(draw(st.binary(min_size=1, max_size=252)))
        case "others":
            return data_frame(seq, start, min(n, 122 // others), others)
        case "kind":
            return data_frame(*place, kind=draw(st.integers(2, 9)))
        case "code":
            return with_a_code_too_large(data_frame(*place))
    return b""


@st.composite
def streams(draw: st.DrawFn) -> tuple[int, list[bytes]]:
    """A board's channels and the pieces it sends, with all that may befall them on the way."""
    channels = draw(st.integers(1, 8))
    parts, seq, start = [data_frame(0, 0, 3, channels)], 1, 3
    happens = st.sampled_from(["frame"] * 12 + BEFALLS)
    for what in draw(st.lists(happens, max_size=40)):
        place = (seq, start, draw(st.integers(1, 122 // channels)), channels)
        if what == "frame":
            parts.append(data_frame(*place, flags=draw(st.integers(0, 31))))
        else:
            parts.append(befallen(draw, what, parts[-1], place))
        if what in ("frame", "lost"):
            seq, start = seq + 1, start + place[2]
    data = bytearray(b"".join(parts))
    for at, flip in draw(
        st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=2)
    ):
        data[at % len(data)] ^= flip
    ends = [sum(map(len, parts[:k])) for k in range(len(parts))]
    edges = {0, len(data), *draw(st.lists(st.sampled_from(ends), max_size=20))}
    edges |= {cut % len(data) for cut in draw(st.lists(st.integers(0, 10**6), max_size=10))}
    return channels, [bytes(data[start:stop]) for start, stop in pairwise(sorted(edges))]


def heard(channels: int, pieces: list[bytes]) -> list[object]:
    """Everything that a decoder says after each piece, and all that it keeps."""
    decoder = NativeDecoder(channels)
    said: list[object] = []
    for piece in pieces:
        for chunk in decoder.feed(piece):
            assert chunk.samples.dtype == np.float64
            said.append((chunk.start, chunk.samples.shape, chunk.samples.tobytes()))
        said.append((decoder.corrupt_frames, decoder.good_frames, list(decoder.messages)))
        said.append((decoder.flags, decoder._rest, decoder._joined, decoder._stop))
        said.append((decoder._last, decoder._waiting))
    return said


@settings(max_examples=400, deadline=None)
@given(sent=streams())
def test_any_bytes_cut_anywhere_are_heard_alike_with_and_without_the_kernel(
    sent: tuple[int, list[bytes]],
):
    channels, pieces = sent
    compiled = heard(channels, pieces)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "compiled", None)
        assert heard(channels, pieces) == compiled


def test_frames_are_taken_up_to_the_first_that_is_unusual():
    frames = [data_frame(k, 15 * k, 15, 2, flags=k) for k in range(4)]
    data = b"".join([*frames[:3], b"\0\0", encode_frame(b"\x02x"), frames[3]])
    counts = np.full((100, 2), np.nan)
    assert kernel.compiled
    taken, n, scans, flags, last = kernel.compiled.frames(data, counts, 0, 0, 15)
    assert (taken, n, scans) == (1, 0, 0)  # the first is not the one after number 0
    taken, n, scans, flags, last = kernel.compiled.frames(data, counts, 255, 2**32 - 15, 15)
    assert (n, scans, flags, last) == (3, 45, 3, (2, 30, 15))
    assert data[taken:].startswith(b"\x05\x02x")  # the mark before it is no block
    assert np.isfinite(counts[:45]).all()
    assert np.isnan(counts[45:]).all()


@pytest.mark.parametrize("room", [0, 14, 44])
def test_no_more_is_written_than_there_is_room_for(room: int):
    data = b"".join(data_frame(k, 15 * k, 15, 2) for k in range(3))
    counts = np.full((60, 2), np.nan)
    assert kernel.compiled
    found = kernel.compiled.frames(data, counts[:room], 255, 0, 0)
    assert found[2] == room // 15 * 15
    assert np.isnan(counts[found[2] :]).all()


@pytest.mark.parametrize("wrong", [-1, 2**70])
def test_a_number_that_none_can_be_is_refused(wrong: int):
    assert kernel.compiled
    with pytest.raises(OverflowError):
        kernel.compiled.frames(b"\0", np.empty((1, 1)), 0, wrong, 0)
    with pytest.raises(ValueError, match="channels"):
        kernel.compiled.frames(b"\0", np.empty((1, 0)), 0, 0, 0)
