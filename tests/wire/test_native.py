import os
import struct
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biofeedback import kernel
from biofeedback.wire.native import (
    BOOT,
    Event,
    Flag,
    Info,
    Nak,
    NativeDecoder,
    Reply,
    decode_block,
    encode_command,
    encode_frame,
)

VECTORS = [
    line.split(maxsplit=2)
    for line in (Path(__file__).parents[1] / "data/native_frames.txt").read_text().splitlines()
    if line and not line.startswith("#")
]
SCANS = 15

needs_kernel = pytest.mark.skipif(
    kernel.compiled is None and not os.environ.get("CI"),
    reason="the kernel was not built: there is no compiler here, or no headers of Python",
)


@pytest.fixture(
    scope="module",
    autouse=True,
    params=["python", pytest.param("kernel", marks=needs_kernel)],
)
def way(request: pytest.FixtureRequest) -> Iterator[None]:
    """Everything here holds both ways."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "python":
            patch.setattr(kernel, "compiled", None)
        else:
            assert kernel.compiled
        yield


def counts_of(index: int, n: int, channels: int) -> np.ndarray:
    """What scans `index` to `index + n` hold: known from the index alone."""
    scans = np.arange(index, index + n, dtype=np.uint64)[:, None]
    return (scans * 7919 + np.arange(channels, dtype=np.uint64) * 104_729) % 1024


def data_frame(seq: int, index: int, n: int = SCANS, channels: int = 1, flags: int = 0) -> bytes:
    head = struct.pack("<BBBI", 1, seq % 256, flags, index % 2**32)
    return encode_frame(head + counts_of(index, n, channels).astype("<u2").tobytes())


def stream(frames: int, *, channels: int = 1, n: int = SCANS) -> list[bytes]:
    return [data_frame(k, k * n, n, channels) for k in range(frames)]


def read(decoder: NativeDecoder, data: bytes, *cuts: int) -> dict[int, tuple[float, ...]]:
    """Feed `data` cut at `cuts`; return the scans by their index."""
    scans: dict[int, tuple[float, ...]] = {}
    for start, stop in pairwise([0, *sorted(cuts), len(data)]):
        for chunk in decoder.feed(data[start:stop]):
            for i, row in enumerate(chunk.samples.tolist(), chunk.start):
                assert i not in scans, "a scan came twice"
                scans[i] = tuple(row)
    assert list(scans) == sorted(scans)
    return scans


def all_true(scans: dict[int, tuple[float, ...]]) -> bool:
    if not scans:
        return True
    index, rows = np.array(list(scans)), np.array(list(scans.values()))
    channels = rows.shape[1]
    truth = (index[:, None] * 7919 + np.arange(channels) * 104_729) % 1024
    return bool((rows == truth).all())


def test_the_crc_is_the_one_with_this_check_value():
    assert encode_frame(b"123456789") == b"\0\x0c123456789\xb1\x29\0"


@pytest.mark.parametrize("vector", [v for v in VECTORS if v[0] != "bad"], ids=lambda v: v[0][:16])
def test_frames_are_those_of_other_peoples_tools(vector):
    payload, frame = map(bytes.fromhex, vector)
    assert encode_frame(payload) == frame
    assert decode_block(frame.strip(b"\0")) == payload


@pytest.mark.parametrize("vector", [v for v in VECTORS if v[0] == "bad"], ids=lambda v: v[2])
def test_a_damaged_frame_is_refused(vector):
    decoder = NativeDecoder()
    assert decoder.feed(b"\0" + bytes.fromhex(vector[1]) + b"\0") == []
    assert decoder.messages == []
    assert decoder.good_frames == 0


@given(payload=st.binary(min_size=1, max_size=252))
def test_any_payload_comes_back(payload):
    frame = encode_frame(payload)
    assert len(frame) == len(payload) + 5
    assert frame.count(0) == 2
    assert decode_block(frame[1:-1]) == payload


@pytest.mark.parametrize("length", [0, 253])
def test_a_payload_has_its_limits(length):
    with pytest.raises(ValueError, match="1 to 252 bytes"):
        encode_frame(bytes(length))


@given(data=st.data(), channels=st.integers(1, 8))
def test_frames_may_be_cut_anywhere(data, channels):
    whole = b"".join(stream(20, channels=channels))
    cuts = data.draw(st.lists(st.integers(0, len(whole)), max_size=30))
    decoder = NativeDecoder(channels)
    scans = read(decoder, whole, *cuts)
    assert list(scans) == list(range(20 * SCANS))
    assert all_true(scans)
    assert decoder.corrupt_frames == 0


@given(start=st.integers(0, 400))
def test_it_may_be_joined_in_the_middle(start):
    whole = b"".join(stream(20))
    decoder = NativeDecoder()
    scans = read(decoder, whole[start:])
    frame = len(stream(1)[0])
    assert len(scans) >= (20 - start // frame - 2) * SCANS
    assert max(scans) == 20 * SCANS - 1
    assert all_true(scans)


DAMAGE = st.sampled_from(["flip", "drop", "double", "zero", "insert"])


def damaged(data: bytes, kind: str, at: int, value: int) -> bytes:
    middle = {
        "flip": bytes((data[at] ^ (1 << value % 8),)),
        "drop": b"",
        "double": data[at : at + 1] * 2,
        "zero": b"\0",
        "insert": bytes((value,)) + data[at : at + 1],
    }[kind]
    return data[:at] + middle + data[at + 1 :]


@given(
    blows=st.lists(
        st.tuples(DAMAGE, st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=6
    )
)
@settings(max_examples=400)
def test_damage_is_never_taken_for_scans_and_loss_is_counted_exactly(blows):
    frames = stream(60)
    hit = b"".join(frames[10:40])
    for kind, at, value in blows:
        hit = damaged(hit, kind, at % len(hit), value)
    decoder = NativeDecoder()
    scans = read(decoder, b"".join(frames[:10]) + hit + b"".join(frames[40:]))
    assert all_true(scans)
    # in step again within two frames: whatever hit the ones before, 42 to 59 are all there
    assert set(range(42 * SCANS, 60 * SCANS)) <= set(scans)
    missing = set(range(60 * SCANS)) - set(scans)
    assert len(missing) % SCANS == 0
    assert len(missing) <= SCANS * 2 * len(blows)


@pytest.mark.parametrize(("rate", "frames"), [(1e-5, 20_000), (1e-4, 40_000), (1e-3, 200_000)])
def test_no_frame_that_a_noisy_line_damaged_is_accepted(rate, frames):
    rng = np.random.default_rng(29)
    decoder = NativeDecoder()
    accepted = 0
    stop = 0
    lost = 0
    for first in range(0, frames, 2000):
        clean = b"".join(data_frame(k, k * SCANS) for k in range(first, first + 2000))
        noisy = np.frombuffer(clean, np.uint8).copy()
        flips = rng.integers(0, 8 * len(noisy), rng.binomial(8 * len(noisy), rate))
        np.bitwise_xor.at(noisy, flips // 8, (1 << flips % 8).astype(np.uint8))
        for chunk in decoder.feed(noisy.tobytes()):
            truth = counts_of(chunk.start, len(chunk.samples), 1)
            assert (chunk.samples == truth).all()
            accepted += len(chunk.samples)
            lost += chunk.start - stop
            stop = chunk.stop
    assert accepted + lost == stop
    assert stop >= (frames - 20) * SCANS
    untouched = frames * (1 - rate) ** (8 * (SCANS * 2 + 12))
    assert accepted / SCANS == pytest.approx(untouched, rel=0.08)


def test_a_lost_frame_is_a_gap_of_its_length():
    frames = stream(10)
    decoder = NativeDecoder()
    scans = read(decoder, b"".join(frames[:4] + frames[6:]))
    assert set(range(10 * SCANS)) - set(scans) == set(range(4 * SCANS, 6 * SCANS))
    assert decoder.corrupt_frames == 0


def test_256_lost_frames_are_a_gap_though_the_numbers_fit():
    frames = stream(300)
    scans = read(NativeDecoder(), b"".join(frames[:4] + frames[260:]))
    assert min(set(scans) - set(range(4 * SCANS))) == 260 * SCANS


def test_a_frame_that_comes_twice_is_taken_once():
    frames = stream(6)
    decoder = NativeDecoder()
    scans = read(decoder, b"".join([*frames[:3], frames[2], frames[1], *frames[3:]]))
    assert list(scans) == list(range(6 * SCANS))
    assert decoder.corrupt_frames == 2


def test_a_jump_that_the_next_frame_does_not_bear_out_is_not_believed():
    lie = data_frame(5, 4_000_000)
    frames = stream(10)
    decoder = NativeDecoder()
    scans = read(decoder, b"".join([*frames[:5], lie, *frames[5:]]))
    assert list(scans) == list(range(10 * SCANS))
    assert decoder.corrupt_frames == 1


def test_a_missed_trigger_ends_a_frame_early():
    data = data_frame(0, 0, 4) + data_frame(1, 5, 15, flags=Flag.MISSED) + data_frame(2, 20)
    decoder = NativeDecoder()
    scans = read(decoder, data)
    assert list(scans) == [0, 1, 2, 3, *range(5, 35)]
    assert decoder.flags == Flag.MISSED


def test_the_index_runs_on_over_its_end():
    start = 2**32 - 3 * SCANS
    decoder = NativeDecoder()
    decoder._stop, decoder._last = start, None  # what takes 24 days at 2 kHz
    frames = [data_frame(k, start + k * SCANS) for k in range(6)]
    chunks = decoder.feed(b"".join(frames))
    assert [(chunk.start, chunk.stop) for chunk in chunks] == [(start, start + 6 * SCANS)]


def test_a_frame_of_other_channels_is_damage():
    decoder = NativeDecoder(4)
    assert decoder.feed(data_frame(0, 0, 15, 1)) == []
    assert decoder.corrupt_frames == 1


def test_noise_without_an_end_takes_no_room():
    decoder = NativeDecoder()
    for _ in range(100):
        decoder.feed(b"\x55" * 10_000)
    assert len(decoder._rest) < 1000
    scans = read(decoder, b"\0" + b"".join(stream(3)))
    assert len(scans) == 3 * SCANS


def test_what_a_board_says_of_itself_is_read():
    numbers = (2, 1, 1, 2, 3, 2_000_000, 1000, 1, 30, 10, 1, 5013, 104, 6, 1, 0xDEADBEEF, 77, 1)
    payload = struct.pack("<BBBBBIHBBBBHHBBIHB", *numbers) + b"Uno/Nano"
    decoder = NativeDecoder()
    decoder.feed(b"junk" + encode_frame(payload))
    (info,) = decoder.messages
    assert isinstance(info, Info)
    assert (info.protocol, info.version, info.tick_hz, info.period) == (1, "1.2.3", 2_000_000, 1000)
    assert (info.vref_mv, info.max_channels, info.build) == (5013, 6, 0xDEADBEEF)
    assert (info.nonce, info.running, info.name) == (77, True, "Uno/Nano")


def test_of_another_protocol_only_the_number_is_read():
    decoder = NativeDecoder()
    decoder.feed(encode_frame(bytes([2, 9, 1, 2, 3, 4])))
    assert decoder.messages == [Info(9)]


def test_answers_and_events_are_read():
    decoder = NativeDecoder()
    decoder.feed(
        encode_frame(struct.pack("<BcBH", 3, b"S", 0, 515))
        + encode_frame(struct.pack("<BcBH", 4, b"R", 3, 516))
        + encode_frame(struct.pack("<BBBI", 5, 1, 2, 0))
    )
    assert decoder.messages == [Reply("S", 0, 515), Reply("R", Nak.RUNNING, 516), Event(BOOT, 2, 0)]


@given(data=st.binary(max_size=600), cut=st.integers(0, 600))
def test_any_bytes_are_survived(data, cut):
    decoder = NativeDecoder(2)
    decoder.feed(data[:cut])
    decoder.feed(data[cut:])


@pytest.mark.parametrize(
    ("name", "value", "payload"),
    [("I", None, b"I\x34\x12"), ("R", 1000, b"R\xe8\x03\x34\x12"), ("C", 63, b"C\x3f\x34\x12")],
)
def test_a_command_ends_with_its_nonce(name, value, payload):
    assert encode_command(name, nonce=0x1234, value=value) == encode_frame(payload)
