from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biofeedback.wire.text import LONGEST_LINE, TextDecoder


def decode(data: bytes, *cuts: int) -> tuple[TextDecoder, dict[int, tuple[float, ...]]]:
    """Feed `data` cut at `cuts`; return the decoder and the samples by their index."""
    decoder, samples = TextDecoder(), {}
    edges = [0, *sorted(cuts), len(data)]
    for start, stop in pairwise(edges):
        for chunk in decoder.feed(data[start:stop]):
            for i, row in enumerate(chunk.samples):
                assert chunk.start + i not in samples
                samples[chunk.start + i] = tuple(row)
    return decoder, samples


def rows(data: bytes) -> list[tuple[float, ...]]:
    return list(decode(data)[1].values())


@pytest.mark.parametrize(
    ("line", "row"),
    [
        (b"512", (512,)),
        (b"  512 ", (512,)),
        (b"1,2", (1, 2)),
        (b"1, 2", (1, 2)),
        (b"1;2;3", (1, 2, 3)),
        (b"1\t2", (1, 2)),
        (b"1  2", (1, 2)),
        (b"1,2,", (1, 2)),
        (b"-1.5,+2e3", (-1.5, 2000)),
        (b".5 5.", (0.5, 5)),
        (b"EMG:512", (512,)),
        (b"EMG 1:512,EMG 2:498", (512, 498)),
        (b"left arm: 1\tright arm: 2", (1, 2)),
        (b"a:1 b:2", (1, 2)),
        (b"2nd:5 12", (5, 12)),
        (b"low:0,EMG 1:1.25,E1:7", (0, 1.25, 7)),
    ],
)
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_line_of_numbers_is_a_sample(line, row, end):
    assert rows(b"cut" + end + (line + end) * 7) == [row] * 7


@pytest.mark.parametrize(
    "word", [b"nan", b"inf", b"ovf", b"1_0", b"1e999", b"9" * 400, b"0x1F", b"1-2", b"--1", b"\xb2"]
)
def test_what_is_not_a_finite_number_is_a_gap(word):
    decoder, samples = decode(b"\n" + b"7\n" * 5 + word + b"\n8\n")
    assert list(samples) == [0, 1, 2, 3, 4, 6]
    assert samples[6] == (8,)
    assert decoder.corrupt_frames == 1


def test_what_was_joined_in_mid_line_is_dropped():
    assert rows(b"12\n" + b"512\n" * 5) == [(512,)] * 5


def test_boot_text_is_passed_over_and_counts_as_nothing():
    decoder, samples = decode(
        b"\x00\xff\nets Jul 29 2019\r\nrst:0x1 (POWERON)\r\n\r\n" + b"5\n" * 6
    )
    assert list(samples) == [0, 1, 2, 3, 4, 5]
    assert decoder.corrupt_frames == 0
    assert decoder.labels == ("EMG",)


def test_a_header_gives_the_labels():
    decoder, samples = decode(b"\nready\nbiceps left, biceps right\r\n" + b"1,2\r\n" * 5)
    assert decoder.labels == ("biceps left", "biceps right")
    assert len(samples) == 5


def test_a_greeting_is_no_label():
    assert decode(b"\nReady\n" + b"1\n" * 5)[0].labels == ("EMG",)
    assert decode(b"\nHello, you\nReady\n" + b"1,2\n" * 5)[0].labels == ("EMG 1", "EMG 2")


def test_the_plotters_labels_are_the_channels():
    assert decode(b"\n" + b"left arm:1,right arm:2\n" * 5)[0].labels == ("left arm", "right arm")


def test_most_of_the_first_lines_fix_the_columns_not_the_first_alone():
    decoder, samples = decode(b"\n3\n" + b"1,2\n" * 6)
    assert list(samples.values()) == [(1, 2)] * 6
    assert decoder.corrupt_frames == 0


def test_a_damaged_line_among_the_first_is_a_gap():
    decoder, samples = decode(b"\n1,2\n1,\xff\n1,2\n1,2\n1,2\n")
    assert list(samples) == [0, 2, 3, 4]
    assert decoder.corrupt_frames == 1


@pytest.mark.parametrize("damaged", [b"1", b"1,2,3", b"1,,2", b"b:1,a:2", b"x", b"a:1", b",1,2"])
def test_another_number_of_columns_is_a_gap_and_never_a_shift(damaged):
    decoder, samples = decode(b"\n" + b"1,2\n" * 5 + damaged + b"\n3,4\n")
    assert list(samples) == [0, 1, 2, 3, 4, 6]
    assert samples[6] == (3, 4)
    assert decoder.corrupt_frames == 1


def test_labels_that_change_places_are_a_gap():
    _, samples = decode(b"\n" + b"a:1,b:2\n" * 5 + b"b:2,a:1\na:3,b:4\n")
    assert samples[6] == (3, 4)
    assert 5 not in samples


def test_blank_lines_are_nothing():
    decoder, samples = decode(b"\n" + b"1\n\n \t\r\n" * 6)
    assert list(samples) == [0, 1, 2, 3, 4, 5]
    assert decoder.corrupt_frames == 0


@pytest.mark.parametrize("piece", [7, 100, 10**6])
def test_a_line_that_never_ends_is_thrown_away_and_counted(piece):
    endless = b"1" * 50_000
    data = b"\n" + b"5\n" * 6 + endless + b"\n6\n"
    decoder, samples = decode(data, *range(piece, len(data), piece))
    assert list(samples) == [0, 1, 2, 3, 4, 5, 7]
    assert decoder.corrupt_frames == 1


def test_memory_stays_bounded_without_a_line_end():
    decoder = TextDecoder()
    decoder.feed(b"\n" + b"5\n" * 6)
    for _ in range(100):
        decoder.feed(b"123" * 100)
        assert len(decoder._rest) <= LONGEST_LINE


def test_reset_forgets_the_columns():
    decoder, _ = decode(b"\n" + b"1,2\n" * 5)
    decoder.reset()
    assert decoder.feed(b"\n" + b"9\n") == []  # one line does not settle them anew
    decoder.reset()
    assert [tuple(s) for c in decoder.feed(b"\n" + b"9\n" * 5) for s in c.samples] == [(9,)] * 5


numbers = st.integers(-40_000, 40_000) | st.floats(-1e6, 1e6).map(lambda x: round(x, 3))
labels = st.sampled_from(["", "EMG:", "left arm:", "E 1: ", "1:"])
partings = st.sampled_from([",", ";", "\t", " ", ", "])
noise = st.sampled_from(
    [b"nan", b"x", b"1.2.3", b"\xff\x00", b"9,", b"1;", b"a:b", b"", b"7" * 1500]
)


@st.composite
def streams(draw):
    """Bytes of a text board with damaged lines, and the rows that were whole, by index."""
    n, parting, end = draw(st.integers(1, 4)), draw(partings), draw(st.sampled_from(["\n", "\r\n"]))
    names = [draw(labels) for _ in range(n)]
    values = draw(st.lists(st.tuples(*[numbers] * n), min_size=6, max_size=60))
    text = [parting.join(f"{a}{v}" for a, v in zip(names, row, strict=True)) for row in values]
    lines = [(line.encode(), row) for line, row in zip(text, values, strict=True)]
    for _ in range(draw(st.integers(0, 4))):
        lines.insert(draw(st.integers(5, len(lines))), (draw(noise), None))
    data = b"mid\n" + b"".join(line + end.encode() for line, _ in lines)
    return n, data, lines


@given(streams(), st.lists(st.integers(0, 2000)))
def test_any_cut_of_the_bytes_gives_the_same_samples(stream, cuts):
    _, data, _ = stream
    whole, samples = decode(data)
    pieces, same = decode(data, *(cut for cut in cuts if cut < len(data)))
    one_by_one, again = decode(data, *range(len(data)))
    assert samples == same == again
    assert whole.corrupt_frames == pieces.corrupt_frames == one_by_one.corrupt_frames
    assert whole.position == pieces.position == one_by_one.position


@given(streams())
def test_damaged_lines_never_shift_what_follows(stream):
    n, data, lines = stream
    _, samples = decode(data)
    counted = [row for line, row in lines if line.strip()]
    for index, row in samples.items():
        if counted[index] is not None:
            assert samples[index] == tuple(map(float, row))
    assert [i for i, row in enumerate(counted) if row and i not in samples] == []
    assert all(len(row) == n for row in samples.values())


@given(st.lists(st.binary(max_size=200) | st.text("0123456789,;:.e-\r\n\t ab").map(str.encode)))
def test_garbage_never_raises_and_memory_stays_bounded(pieces):
    decoder = TextDecoder()
    position = 0
    for piece in pieces:
        for chunk in decoder.feed(piece):
            assert chunk.start >= position
            position = chunk.stop
            assert np.isfinite(chunk.samples).all()
            assert chunk.samples.shape == (chunk.stop - chunk.start, len(decoder.labels))
            assert chunk.samples.dtype == np.float64
        assert len(decoder._rest) <= LONGEST_LINE
        assert len(decoder._voters) <= 5


class SlowDecoder(TextDecoder):
    """Takes every line by itself."""

    def _parse_clean(self, _lines):
        return None


@given(
    st.sampled_from([b"1", b"1,2", b"a:1", b"a 1:1 b:2", b"1:5,E:6", b"1 b:2"]),
    st.lists(st.text("0159,;:.eE+-ab \t", max_size=12).map(str.encode), max_size=20),
    st.sampled_from([b"\n", b"\r\n"]),
)
def test_the_fast_way_takes_what_the_slow_way_takes(line, others, end):
    data = b"\n" + (line + end) * 5 + end.join([*others, line, b""])
    fast, slow = TextDecoder(), SlowDecoder()
    quick = [(c.start + i, *row) for c in fast.feed(data) for i, row in enumerate(c.samples)]
    assert quick == [
        (c.start + i, *row) for c in slow.feed(data) for i, row in enumerate(c.samples)
    ]
    # each line by itself too: one odd line sends all of its block the slow way
    for other in others:
        quick = [row.tolist() for c in fast.feed(other + end) for row in c.samples]
        assert quick == [row.tolist() for c in slow.feed(other + end) for row in c.samples]
    assert (fast.position, fast.corrupt_frames) == (slow.position, slow.corrupt_frames)
