"""protocol.h, compiled for this computer with the sanitizers, against the vectors and garbage."""

import random
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

VECTORS = Path(__file__).parents[1] / "data" / "native_frames.txt"
LINES = [
    line.split(" ") for line in VECTORS.read_text("utf-8").splitlines() if not line.startswith("#")
]
GOOD = [line for line in LINES if line[0] != "bad"]
BAD = [(frame, " ".join(reason)) for word, frame, *reason in LINES if word == "bad"]

PAYLOADS = st.one_of(
    st.binary(min_size=1, max_size=252),
    st.lists(st.sampled_from([0, 0, 1, 0xFF]), min_size=1, max_size=252).map(bytes),
)
# The program stays the same between examples: it keeps nothing from one line to the next.
many = settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def test_there_are_vectors_of_both_sorts():
    assert len(GOOD) > 40
    assert len(BAD) > 20


def test_the_encoder_makes_the_frames_of_the_vectors(wire_program):
    for payload, frame in GOOD:
        assert wire_program.ask("encode", payload) == frame


def test_the_decoder_takes_the_frames_of_the_vectors(wire_program):
    for payload, frame in GOOD:
        assert wire_program.ask("decode", frame) == payload


@pytest.mark.parametrize(("frame", "reason"), BAD)
def test_a_damaged_frame_is_never_taken(wire_program, frame, reason):
    assert set(wire_program.ask("decode", frame).split()) <= {"-"}
    good = GOOD[0][1]  # and it does not harm the one behind it
    assert wire_program.ask("decode", frame + good).split()[-1] == GOOD[0][0]


@many
@given(payload=PAYLOADS)
def test_what_is_encoded_is_decoded(wire_program, payload):
    frame = wire_program.ask("encode", payload.hex())
    assert "00" not in {frame[i : i + 2] for i in range(2, len(frame) - 2, 2)}
    assert len(frame) == 2 * (len(payload) + 5)
    assert wire_program.ask("decode", frame) == payload.hex()


@many
@given(payload=PAYLOADS, data=st.data())
def test_one_flipped_bit_costs_the_frame(wire_program, payload, data):
    frame = bytearray.fromhex(wire_program.ask("encode", payload.hex()))
    bit = data.draw(st.integers(8, 8 * len(frame) - 9))
    frame[bit // 8] ^= 1 << bit % 8
    assert payload.hex() not in wire_program.ask("decode", frame.hex()).split()


@many
@given(garbage=st.binary(max_size=600), payload=PAYLOADS)
def test_garbage_costs_no_more_than_itself(wire_program, garbage, payload):
    frame = wire_program.ask("encode", payload.hex())
    assert wire_program.ask("decode", garbage.hex() + frame).split()[-1] == payload.hex()


def test_a_megabyte_of_garbage_gives_next_to_nothing(wire_program):
    """A CRC of 16 bits lets one frame of 65,536 pass by chance; without it all of them would."""
    noise = random.Random(1)  # noqa: S311
    taken = broken = 0
    for _ in range(64):
        found = wire_program.ask("decode", noise.randbytes(16384).hex()).split()
        broken += found.count("-")
        taken += len(found) - found.count("-")
    assert broken > 3000
    assert taken <= 2


def test_a_payload_that_is_too_long_gives_no_frame(wire_program):
    assert wire_program.ask("encode", "01" * 252)
    for size in (253, 254, 300, 1000):
        assert wire_program.ask("encode", "01" * size) == ""


def test_the_boards_decoder_takes_commands_and_refuses_what_it_cannot_hold(wire_program):
    longest = (b"U" + struct.pack("<IH", 500000, 7)).hex()
    frames = [
        wire_program.ask("encode", payload)
        for payload in (longest, longest + "01", "78" * 252, "490100")
    ]
    assert wire_program.ask("decode-small", "".join(frames)) == f"{longest} - - 490100"


@pytest.mark.parametrize(
    ("payload", "code", "argument", "nonce"),
    [
        (b"I\x34\x12", 0, 0, 0x1234),
        (b"R\xd0\x07\xff\xff", 0, 2000, 0xFFFF),
        (b"C\x3f\x01\x00", 0, 0x3F, 1),
        (b"U\x20\xa1\x07\x00\x02\x00", 0, 500000, 2),
        (b"U\xff\xff\xff\xff\x02\x00", 0, 0xFFFFFFFF, 2),
        (b"x\x05\x00", 1, 0, 5),
        (b"x", 1, 0, 0),
        (b"\x00\x05\x00", 1, 0, 5),
        (b"I", 2, 0, 0),
        (b"I\x01\x05\x00", 2, 0, 5),
        (b"R\x01\x05\x00", 2, 0, 5),
        (b"C\x05\x00", 2, 0, 5),
    ],
)
def test_a_command_is_taken_apart(wire_program, payload, code, argument, nonce):
    expected = f"{payload[0]} {code} {argument} {nonce}"
    assert wire_program.ask("parse", payload.hex()) == expected
