"""A chip behind a pseudo-terminal that answers as a bootloader does, or does not."""

import contextlib
import os
import select
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

if sys.platform != "win32":
    import tty

# Length of a request by its letter, without the data of a written page and with its last space.
LENGTHS = {b"0": 2, b"u": 2, b"U": 4, b"d": 5, b"t": 5, b"Q": 2}


class FakeChip:
    """A bootloader with faults: another signature, a bit that flips, an end of its patience."""

    def __init__(
        self,
        *,
        signature: bytes = b"\x1e\x95\x0f",
        flips_at: int | None = None,
        dumb_after: int | None = None,
        chatter: bytes = b"",
    ) -> None:
        self.flash = bytearray(b"\xff" * 32768)
        self.signature, self.flips_at, self.dumb_after = signature, flips_at, dumb_after
        self._chatter = chatter
        self._address = self._heard = 0
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._stopped.set()
        self._thread.join()
        os.close(self._slave)
        os.close(self._master)

    def _serve(self) -> None:
        got = b""
        os.set_blocking(self._master, False)
        while not self._stopped.is_set():
            if select.select([self._master], [], [], 0.01)[0]:
                got += os.read(self._master, 4096)
            if self._chatter:
                self._send(self._chatter)
                got = b""
            got = self._answer_all(got)

    def _answer_all(self, got: bytes) -> bytes:
        while got:
            length = LENGTHS.get(got[:1], 1)
            if got[:1] == b"d":
                length += int.from_bytes(got[1:3])
            if len(got) < length:
                break
            self._answer(got[:length])
            got = got[length:]
        return got

    def _answer(self, request: bytes) -> None:
        self._heard += 1
        if self.dumb_after is not None and self._heard > self.dumb_after:
            return
        said, letter = b"", request[:1]
        if letter == b"u":
            said = self.signature
        elif letter == b"U":
            self._address = 2 * int.from_bytes(request[1:3], "little")
        elif letter == b"d":
            self.flash[self._address : self._address + 128] = request[4:-1]
            if self.flips_at is not None and 0 <= self.flips_at - self._address < 128:
                self.flash[self.flips_at] ^= 1
        elif letter == b"t":
            said = bytes(self.flash[self._address : self._address + 128])
        self._send(b"\x14" + said + b"\x10")

    def _send(self, data: bytes) -> None:
        with contextlib.suppress(BlockingIOError):  # nobody reads
            os.write(self._master, data)


@pytest.fixture
def fake_chip() -> Iterator[Callable[..., FakeChip]]:
    """A maker of fake chips."""
    if sys.platform == "win32":
        pytest.skip("Windows has no pseudo-terminals")
    made: list[FakeChip] = []

    def make(**faults: object) -> FakeChip:
        made.append(FakeChip(**faults))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for chip in made:
        chip.close()
