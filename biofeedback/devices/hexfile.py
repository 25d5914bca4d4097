"""Intel HEX files: lines of text become the bytes of a chip's flash."""

from pathlib import Path

from biofeedback.errors import BiofeedbackError
from biofeedback.text import _

BLANK = 0xFF
"""What flash holds where nothing was written."""

_DATA, _END, _SEGMENT, _START_SEGMENT, _LINEAR, _START_LINEAR = range(6)
_BASE_SHIFT = {_SEGMENT: 4, _LINEAR: 16}
_HEAD, _CHECKSUM = 4, 1  # bytes: length, address (2) and kind before the data, a sum after it
_MOST_BYTES = 1 << 20  # of text: sixteen times what the largest chip of this family needs


def read_hex(path: Path, *, room: int) -> bytes:
    """Return what the file puts into flash, from address 0 on; gaps are `BLANK`.

    `room` is the chip's flash in bytes. Raises `BiofeedbackError` for a file that cannot be read,
    is damaged (with the line), or does not fit (with the largest address).
    """
    parts: list[tuple[int, bytes]] = []
    base, ended = 0, False
    for number, line in enumerate(_read_lines(path), 1):
        if ended:
            raise _damaged(path, number)
        kind, address, data = _parse(path, number, line)
        if kind == _DATA:
            parts.append((base + address, data))
        elif kind in _BASE_SHIFT:
            base = int.from_bytes(data) << _BASE_SHIFT[kind]
        ended = kind == _END
    if not ended or not parts:
        raise BiofeedbackError(
            _("{file} ends too early, it is not whole: get it anew.").format(file=path)
        )
    return _join(path, parts, room)


def check_room(name: str, size: int, room: int) -> None:
    """Raise `BiofeedbackError` where a program of `size` bytes does not fit into `room`."""
    if size > room:
        raise BiofeedbackError(
            _(
                "{file} does not fit: its largest address is {address}, and this board has room "
                "up to {last}. Take the .hex of a smaller program for an Uno or Nano."
            ).format(file=name, address=f"0x{size - 1:X}", last=f"0x{room - 1:X}")
        )


def _join(path: Path, parts: list[tuple[int, bytes]], room: int) -> bytes:
    size = max(address + len(data) for address, data in parts)
    check_room(path.name, size, room)
    image = bytearray([BLANK]) * size
    for address, data in parts:
        image[address : address + len(data)] = data
    return bytes(image)


def _read_lines(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES)
    except OSError as error:
        raise BiofeedbackError(
            _("{file} cannot be read ({why}): give the .hex file of a program.").format(
                file=path, why=error.strerror
            )
        ) from error
    return data.decode("latin-1").split()


def _parse(path: Path, number: int, line: str) -> tuple[int, int, bytes]:
    """Return kind, address and data of a line; raise `BiofeedbackError` where it is damaged."""
    try:
        record = bytes.fromhex(line[1:])
    except ValueError as error:
        raise _damaged(path, number) from error
    whole = len(record) > _HEAD and len(record) == _HEAD + record[0] + _CHECKSUM
    if line[0] != ":" or not whole or sum(record) % 256 or record[3] > _START_LINEAR:
        raise _damaged(path, number)
    return record[3], int.from_bytes(record[1:3]), record[_HEAD:-_CHECKSUM]


def _damaged(path: Path, number: int) -> BiofeedbackError:
    return BiofeedbackError(
        _("{file} is damaged in line {line}, or is no Intel HEX file: get it anew.").format(
            file=path, line=number
        )
    )
