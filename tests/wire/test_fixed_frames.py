"""The boards whose frames have one length: cut anywhere, joined in the middle, damaged, lost."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biofeedback.stream import Chunk
from biofeedback.wire import bitalino, spikershield
from biofeedback.wire.bitalino import BitalinoFraming
from biofeedback.wire.chords import ChordsFraming
from biofeedback.wire.cyton import CytonFraming, DaisyFraming
from biofeedback.wire.fixed_frames import FixedDecoder, Framing
from biofeedback.wire.olimex import P2Framing
from biofeedback.wire.spikershield import Messages, SpikerFraming


def chords(values: np.ndarray, counter: int) -> bytes:
    words = b"".join(int(value).to_bytes(2, "big") for value in values)
    return b"\xc7\x7c" + bytes([counter % 256]) + words + b"\x01"


def cyton(values: np.ndarray, counter: int) -> bytes:
    numbers = b"".join(int(value).to_bytes(3, "big", signed=True) for value in values)
    return b"\xa0" + bytes([counter % 256]) + numbers + bytes(6) + b"\xc0"


def daisy(values: np.ndarray, counter: int) -> bytes:
    return cyton(values[8:], 2 * counter) + cyton(values[:8], 2 * counter + 1)


def olimex(values: np.ndarray, counter: int) -> bytes:
    words = b"".join(int(value).to_bytes(2, "big") for value in values)
    return b"\xa5\x5a\x02" + bytes([counter % 256]) + words + b"\x01"


def spiker(values: np.ndarray, _counter: int) -> bytes:
    sent = bytearray()
    for value in values.tolist():
        sent += bytes([int(value) >> 7, int(value) & 127])
    sent[0] |= 128
    return bytes(sent)


def bitalino_frame(values: np.ndarray, counter: int) -> bytes:
    """From its last byte on: counter, checksum, four inputs, and one channel after the other."""
    widths = [10, 10, 10, 10, 6, 6][: len(values)]
    bits = format(counter % 16, "04b") + "0000" + "1010"
    bits += "".join(format(int(v), f"0{width}b") for v, width in zip(values, widths, strict=True))
    length = (3, 4, 6, 7, 8, 8)[len(values) - 1]
    frame = int(bits.ljust(8 * length, "0"), 2).to_bytes(length, "little")
    crc = 0
    for byte in frame:  # as the maker's program computes it
        for bit in range(7, -1, -1):
            crc = crc << 1
            if crc & 0x10:
                crc = crc ^ 0x03
            crc = crc ^ ((byte >> bit) & 0x01)
    return frame[:-1] + bytes([frame[-1] | crc & 0x0F])


@dataclass(frozen=True)
class Kind:
    framing: Framing
    encode: Callable[[np.ndarray, int], bytes]
    low: int
    high: tuple[int, ...]

    def values(self, n: int, seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        return np.stack([rng.integers(self.low, high, n) for high in self.high], axis=1)

    def sent(self, values: np.ndarray, first: int = 0) -> list[bytes]:
        return [self.encode(row, first + at) for at, row in enumerate(values)]


KINDS = {
    "chords, 6 of 10 bits": Kind(ChordsFraming(6), chords, 0, (1024,) * 6),
    "chords, 16 of 14 bits": Kind(ChordsFraming(16), chords, 0, (2**14,) * 16),
    "cyton": Kind(CytonFraming(), cyton, -(2**23), (2**23,) * 8),
    "cyton with daisy": Kind(DaisyFraming(), daisy, -(2**23), (2**23,) * 16),
    "olimex": Kind(P2Framing(), olimex, 0, (1024,) * 6),
    "bitalino, 1": Kind(BitalinoFraming(1), bitalino_frame, 0, (1024,)),
    "bitalino, 4": Kind(BitalinoFraming(4), bitalino_frame, 0, (1024,) * 4),
    "bitalino, 6": Kind(BitalinoFraming(6), bitalino_frame, 0, (1024,) * 4 + (64,) * 2),
    "spikershield, 1": Kind(SpikerFraming(1), spiker, 0, (1024,)),
    "spikershield, 3": Kind(SpikerFraming(3), spiker, 0, (1024,) * 3),
}
COUNTED = {name: kind for name, kind in KINDS.items() if kind.framing.wraps}
# Sixteen numbers and no mark: chance passes for a frame now and then.
SURE = {name: kind for name, kind in COUNTED.items() if not name.startswith("bitalino")}
each = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
each_counted = pytest.mark.parametrize("kind", COUNTED.values(), ids=COUNTED)
each_sure = pytest.mark.parametrize("kind", SURE.values(), ids=SURE)


def fed(decoder: FixedDecoder, data: bytes, seed: int = 0, most: int = 90) -> list[Chunk]:
    rng, chunks, at = np.random.default_rng(seed), [], 0
    while at < len(data):
        stop = at + int(rng.integers(1, most))
        chunks += decoder.feed(data[at:stop])
        at = stop
    return chunks


def rows(chunks: list[Chunk], n: int, n_channels: int) -> np.ndarray:
    """Return what came by index, NaN for what did not; no index comes twice."""
    found = np.full((n, n_channels), np.nan)
    for chunk in chunks:
        place = found[chunk.start : chunk.stop]
        assert np.isnan(place).all()
        place[:] = chunk.samples[: len(place)]
    return found


def mostly(found: np.ndarray, values: np.ndarray) -> tuple[int, int]:
    """Return how many rows came, and how many of these are not what was sent."""
    known = np.isfinite(found).all(axis=1)
    return int(known.sum()), int((found[known] != values[known]).any(axis=1).sum())


@each
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), most=st.sampled_from([2, 7, 90, 5000]))
def test_however_it_is_cut_each_sample_comes_once_and_as_it_was_sent(kind, seed, most):
    values = kind.values(300, seed)
    decoder = FixedDecoder(kind.framing)
    chunks = fed(decoder, b"".join(kind.sent(values, first=seed % 256)), seed, most)
    np.testing.assert_array_equal(np.concatenate([chunk.samples for chunk in chunks]), values)
    assert (chunks[0].start, decoder.position, decoder.corrupt_frames) == (0, 300, 0)


@each
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_joined_in_the_middle_of_a_frame_it_is_in_step_with_the_next(kind, seed):
    values = kind.values(60, seed)
    data = b"".join(kind.sent(values))
    cut = seed % kind.framing.length
    chunks = fed(FixedDecoder(kind.framing), data[cut:], seed)
    came = np.concatenate([chunk.samples for chunk in chunks])
    np.testing.assert_array_equal(came, values[60 - len(came) :])
    assert len(came) >= 59 - 2 * (not kind.framing.sync)


@each_sure
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n_lost=st.integers(1, 600))
def test_bytes_lost_anywhere_are_a_gap_of_the_right_length(kind, seed, n_lost):
    values = kind.values(200, seed)
    data = b"".join(kind.sent(values))
    rng = np.random.default_rng(seed)
    at = int(rng.integers(3 * kind.framing.length, len(data) - n_lost - 5 * kind.framing.length))
    decoder = FixedDecoder(kind.framing)
    found = rows(fed(decoder, data[:at] + data[at + n_lost :], seed), 200, values.shape[1])
    n, wrong = mostly(found, values)
    assert decoder.position == 200
    assert wrong <= 1  # where a cut is such that the end of one frame fits the beginning of another
    assert n >= 200 - n_lost // kind.framing.length - 3


@each_counted
def test_whole_frames_that_the_board_dropped_are_counted(kind):
    values = kind.values(100, 1)
    sent = kind.sent(values)
    decoder = FixedDecoder(kind.framing)
    found = rows(fed(decoder, b"".join(sent[:40] + sent[47:])), 100, values.shape[1])
    np.testing.assert_array_equal(found[:40], values[:40])
    assert np.isnan(found[40:47]).all()
    np.testing.assert_array_equal(found[47:], values[47:])
    assert decoder.corrupt_frames == 0


@each_counted
def test_a_silence_longer_than_the_counter_is_measured_by_the_clock(kind):
    wraps = kind.framing.wraps
    values = kind.values(40, 2)
    sent = b"".join(kind.sent(values[:20]))
    after = b"".join(kind.sent(values[20:], first=20 + 3 * wraps + 5))
    decoder = FixedDecoder(kind.framing)
    decoder.feed(sent)
    (chunk,) = decoder.feed(after, clock_index=40 + 3 * wraps + 5 + 0.3 * wraps)
    assert chunk.start == 20 + 3 * wraps + 5
    np.testing.assert_array_equal(chunk.samples, values[20:])


@each_sure
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_one_flipped_bit_costs_one_frame_at_most_and_no_index(kind, seed):
    values = kind.values(80, seed)
    data = bytearray(b"".join(kind.sent(values)))
    rng = np.random.default_rng(seed)
    at = int(rng.integers(3 * kind.framing.length, len(data) - 3 * kind.framing.length))
    data[at] ^= 1 << int(rng.integers(8))
    decoder = FixedDecoder(kind.framing)
    found = rows(fed(decoder, bytes(data), seed), 80, values.shape[1])
    n, wrong = mostly(found, values)
    assert decoder.position == 80
    assert n >= 79
    assert wrong <= 1  # within the samples nothing tells
    assert decoder.corrupt_frames == 80 - n


@each
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 400))
def test_after_garbage_it_is_in_step_again(kind, seed, n):
    values = kind.values(120, seed)
    sent = kind.sent(values)
    garbage = np.random.default_rng(seed).integers(0, 256, n, dtype=np.uint8).tobytes()
    data = b"".join(sent[:60]) + garbage + b"".join(sent[60:])
    chunks = fed(FixedDecoder(kind.framing), data, seed)
    came = np.concatenate([chunk.samples for chunk in chunks])
    tail = 60 - kind.framing.agreed - 1  # chance may take the first frames with it
    np.testing.assert_array_equal(came[-tail:], values[-tail:])


@each
@settings(max_examples=50, deadline=None)
@given(data=st.binary(max_size=3000))
def test_no_bytes_at_all_upset_it(kind, data):
    decoder = FixedDecoder(kind.framing)
    chunks = fed(decoder, data)
    for chunk in chunks:
        assert chunk.samples.shape[1] == len(kind.high)
        assert np.isfinite(chunk.samples).all()


@each
def test_without_a_counter_dropped_bytes_tell_how_long_a_gap_is(kind):
    if kind.framing.wraps:
        decoder = FixedDecoder(kind.framing)
        decoder.feed(b"".join(kind.sent(kind.values(20, 0))))
        assert decoder.position == 20
        return
    values = kind.values(100, 3)
    sent = kind.sent(values)
    damaged = bytes(b | 0x80 for b in b"".join(sent[50:60]))
    decoder = FixedDecoder(kind.framing)
    decoder.feed(b"".join(sent[:50]) + damaged + b"".join(sent[60:]))
    assert decoder.position == 100
    assert decoder.corrupt_frames == 1


def test_a_packet_of_a_real_olimex_shield_is_read():
    dump = bytes.fromhex("a55a023901cf021401ff01fc0223020401")
    frames = np.frombuffer(dump, np.uint8)[None]
    framing = P2Framing()
    assert framing.are_whole(frames).all()
    assert framing.counters(frames).tolist() == [0x39]
    assert framing.samples(frames).tolist() == [[463, 532, 511, 508, 547, 516]]


def test_cytons_numbers_have_a_sign_and_daisy_leaves_the_rest_alone():
    values = np.array([[0, 1, -1, 2**23 - 1, -(2**23), 256, -256, 65536]])
    frames = np.frombuffer(cyton(values[0], 7), np.uint8)[None]
    assert CytonFraming().samples(frames).tolist() == values.tolist()


def test_bitalinos_commands_are_those_of_its_manual():
    assert bitalino.set_rate(1000) == b"\xc3"
    assert bitalino.set_rate(1) == b"\x03"
    assert bitalino.start(1) == b"\x05"
    assert bitalino.start(6) == b"\xfd"


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_messages_in_a_spikershields_stream_are_taken_out_wherever_they_are(seed):
    kind = KINDS["spikershield, 3"]
    values = kind.values(50, seed)
    data = b"".join(kind.sent(values))
    rng, texts = np.random.default_rng(seed), ["HWT:MUSCLESS;", "EVNT:1;"]
    for at, text in zip(sorted(rng.integers(0, len(data), 2))[::-1], texts[::-1], strict=True):
        block = b"\xff\xff\x01\x01\x80\xff" + text.encode() + b"\xff\xff\x01\x01\x81\xff"
        data = data[:at] + block + data[at:]
    messages, left, at = Messages(), b"", 0
    while at < len(data):
        stop = at + int(rng.integers(1, 20))
        left += messages.strip(data[at:stop])
        at = stop
    assert [said.text for said in messages.said] == texts
    assert left == b"".join(kind.sent(values))


MARKS = (b"\xff\xff\x01\x01\x80\xff", b"\xff\xff\x01\x01\x81\xff", b"EVNT:1;", b"\xff")
PIECES = st.lists(st.sampled_from(MARKS) | st.binary(max_size=90), max_size=12)


@settings(max_examples=100, deadline=None)
@given(pieces=PIECES, seed=st.integers(0, 2**32 - 1))
def test_whatever_stands_between_samples_what_is_left_does_not_hang_on_the_cuts(pieces, seed):
    data, rng = b"".join(pieces), np.random.default_rng(seed)
    whole, cut_up = Messages(), Messages()
    left, at = b"", 0
    while at < len(data):
        stop = at + int(rng.integers(1, 20))
        left += cut_up.strip(data[at:stop])
        at = stop
    assert left + cut_up.strip(bytes(99)) == whole.strip(data + bytes(99))
    assert [said.text for said in cut_up.said] == [said.text for said in whole.said]


def test_a_message_without_an_end_is_none_and_what_follows_is_read():
    data = bytes([0x84, 0x01]) * 100
    left = Messages().strip(b"\xff\xff\x01\x01\x80\xff" + data)
    assert left == data


def test_a_spikershields_true_rate_is_that_of_its_timer():
    assert spikershield.sfreq_of(1) == pytest.approx(10050.25, abs=0.01)
    assert spikershield.configure(2) == b"conf s:10000;c:2;\n"
