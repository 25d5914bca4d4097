from pathlib import Path

import pytest

from biofeedback.devices.hexfile import read_hex
from biofeedback.errors import BiofeedbackError

END = ":00000001FF"


def record(address: int, data: bytes, kind: int = 0) -> str:
    body = bytes([len(data)]) + address.to_bytes(2) + bytes([kind]) + data
    return f":{body.hex().upper()}{-sum(body) % 256:02X}"


@pytest.fixture
def hexfile(tmp_path: Path):
    def write(*lines: str, newline: str = "\n") -> Path:
        path = tmp_path / "program.hex"
        path.write_bytes(newline.join([*lines, ""]).encode("latin-1"))
        return path

    return write


def test_lines_become_bytes_and_gaps_are_blank(hexfile):
    path = hexfile(record(4, b"later"), record(0, b"\x01\x02"), END, newline="\r\n")
    assert read_hex(path, room=100) == b"\x01\x02\xff\xfflater"


def test_an_example_of_the_format_reads_as_its_description_has_it(hexfile):
    path = hexfile(":0300300002337A1E", END)  # Wikipedia's, "Intel HEX"
    assert read_hex(path, room=100)[0x30:] == b"\x02\x33\x7a"


def test_bases_shift_what_follows_and_start_addresses_say_nothing(hexfile):
    lines = [record(0, b"\x00\x10", 2), record(1, b"a"), record(0, b"\x00\x00", 4)]
    path = hexfile(*lines, record(2, b"b"), record(0, b"\x00\x00\x30\x00", 3), END)
    image = read_hex(path, room=0x200)
    assert (image[0x101:], image[2:3]) == (b"a", b"b")


@pytest.mark.parametrize(
    "broken",
    [
        ":0300300002337A1F",  # the sum
        ":0300300002337A",  # cut off
        ":0400300002337A1E",  # the length
        "0300300002337A1E00",  # no colon
        ":03003000GG337A1E",
        ":",
        "\u00b5",
        record(0, b"", 6),
    ],
)
def test_a_damaged_line_is_named(hexfile, broken):
    path = hexfile(record(0, b"fine"), broken, END)
    with pytest.raises(
        BiofeedbackError, match=r"program\.hex is damaged in line 2, .* get it anew"
    ):
        read_hex(path, room=100)


def test_nothing_may_follow_the_end(hexfile):
    with pytest.raises(BiofeedbackError, match="damaged in line 3"):
        read_hex(hexfile(record(0, b"fine"), END, record(4, b"more")), room=100)


@pytest.mark.parametrize("lines", [[], [END], [record(0, b"half")]])
def test_a_file_that_is_not_whole_is_refused(hexfile, lines):
    with pytest.raises(BiofeedbackError, match="ends too early, it is not whole"):
        read_hex(hexfile(*lines), room=100)


def test_what_does_not_fit_is_told_with_its_largest_address(hexfile):
    assert len(read_hex(hexfile(record(98, b"ab"), END), room=100)) == 100
    with pytest.raises(BiofeedbackError, match=r"largest address is 0x64, .* room up to 0x63"):
        read_hex(hexfile(record(99, b"ab"), END), room=100)


def test_a_huge_address_takes_no_huge_memory(hexfile):
    path = hexfile(record(0, b"\xff\xff", 4), record(0xFFFF, b"x"), END)
    with pytest.raises(BiofeedbackError, match="largest address is 0xFFFFFFFF"):
        read_hex(path, room=32256)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(BiofeedbackError, match=r"none\.hex cannot be read \(No such file"):
        read_hex(tmp_path / "none.hex", room=100)


def test_any_other_file_is_told_to_be_none(tmp_path):
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00" * 100)
    with pytest.raises(BiofeedbackError, match="damaged in line 1, or is no Intel HEX file"):
        read_hex(tmp_path / "picture.png", room=100)
