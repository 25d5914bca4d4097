"""What a Uno's or Nano's bootloader understands: STK500 version 1, as far as flash needs it.

The commands are those of Atmel's application note AVR061, which optiboot and the older
ATmegaBOOT answer alike: a letter, its arguments, a space; then 14, what was asked for, 10.
"""

import time
from collections.abc import Callable
from typing import Protocol

from biofeedback.errors import BiofeedbackError
from biofeedback.text import _

PAGE = 128
"""Bytes that an ATmega328P writes at once."""

_SYNC, _ADDRESS, _WRITE, _READ, _SIGNATURE, _LEAVE = b"0", b"U", b"d", b"t", b"u", b"Q"
_END, _IN_SYNC, _OK, _FLASH = b" ", b"\x14", b"\x10", b"F"
_ANSWER_S = 1.0  # a page takes 12 ms on the line and 9 ms in the chip
_SYNC_S = 0.2
_QUIET_S = 0.05


class Link(Protocol):
    """An open port."""

    def read(self, timeout: float) -> bytes:
        """Return what has arrived, waiting at most `timeout` seconds; else nothing."""

    def write(self, data: bytes) -> None:
        """Send `data`."""


class NoAnswer(BiofeedbackError):
    """The bootloader has not answered, or not as one does."""


class Bootloader:
    """Speaks with the bootloader behind `link`; `clock` in seconds."""

    def __init__(self, link: Link, clock: Callable[[], float] = time.monotonic) -> None:
        self._link = link
        self._clock = clock

    def sync(self) -> bool:
        """Say whether a bootloader listens.

        It must answer twice: a program that sends by itself hits upon two bytes sooner or later,
        but not upon these two and nothing else.
        """
        return self._sync_once() and self._sync_once()

    def read_signature(self) -> bytes:
        """Return the three bytes that name the chip."""
        return self._ask(_SIGNATURE, 3)

    def write_page(self, address: int, data: bytes) -> None:
        """Erase and write the page at byte `address`; `data` has `PAGE` bytes."""
        self._load_address(address)
        self._ask(_WRITE + len(data).to_bytes(2) + _FLASH + data)

    def read_page(self, address: int) -> bytes:
        """Return the `PAGE` bytes from byte `address` on."""
        self._load_address(address)
        return self._ask(_READ + PAGE.to_bytes(2) + _FLASH, PAGE)

    def leave(self) -> None:
        """Start the program."""
        self._ask(_LEAVE)

    def _load_address(self, address: int) -> None:
        self._ask(_ADDRESS + (address // 2).to_bytes(2, "little"))

    def _sync_once(self) -> bool:
        self._link.write(_SYNC + _END)
        answer = self._read(_SYNC_S, 2)
        return answer + self._read(_QUIET_S) == _IN_SYNC + _OK

    def _ask(self, request: bytes, n: int = 0) -> bytes:
        """Return the `n` bytes of the answer to `request`; raise `NoAnswer`."""
        self._link.write(request + _END)
        answer = self._read(_ANSWER_S, n + 2)
        if len(answer) != n + 2 or answer[:1] != _IN_SYNC or answer[-1:] != _OK:
            raise NoAnswer(
                _("The bootloader no longer answers: unplug the board, plug it in, try again.")
            )
        return answer[1:-1]

    def _read(self, timeout_s: float, n: int | None = None) -> bytes:
        """Return what comes within `timeout_s`, but no longer than until there are `n` bytes."""
        data = b""
        deadline = self._clock() + timeout_s
        while (n is None or len(data) < n) and (left := deadline - self._clock()) > 0:
            data += self._link.read(left)
        return data
