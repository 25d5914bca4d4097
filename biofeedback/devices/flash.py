"""Our firmware onto an Uno or Nano: find its bootloader, write, read back, and ask who is there."""

import contextlib
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from biofeedback.devices.hexfile import BLANK, check_room, read_hex
from biofeedback.devices.stk500 import PAGE, Bootloader, NoAnswer
from biofeedback.errors import BiofeedbackError, SourceLost
from biofeedback.sources.ports import SerialLink
from biofeedback.text import _
from biofeedback.wire.native import PROTOCOL, SAFE_BAUD, Info, NativeDecoder, encode_command

FIRMWARE = Path(__file__).parent / "uno.hex"
"""The firmware for Uno and Nano that is part of this program."""

SIGNATURES = {b"\x1e\x95\x0f": "ATmega328P", b"\x1e\x95\x14": "ATmega328"}

RESET_S, WAKE_S = 0.1, 0.05  # the capacitor at the reset pin; a chip's start
SYNC_TRIES = 8  # the old bootloader blinks for half a second before it listens
ANSWER_S, REPEAT_S = 5.0, 0.25


@dataclass(frozen=True, slots=True)
class Loader:
    """A bootloader: its speed, and the bytes of flash before it."""

    baud: int
    room: int


# Uno and Nano since 2018: 512 bytes of 32 KiB; Nano before: 2 KiB.
LOADERS = {"optiboot": Loader(115200, 32256), "old Nano": Loader(57600, 30720)}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is: the step in words, and its share that is done, 0 to 1.

    `writing`: it is being written, and can no longer be called off.
    """

    step: str
    share: float
    writing: bool = False


@dataclass(frozen=True, slots=True)
class Flashed:
    """What became of it: `written` is False where the board had this very program already.

    `info` is the board's own answer, None where another program than ours was put on it and
    does not speak our protocol.
    """

    port: str
    loader: str
    size: int
    written: bool
    info: Info | None


class FlashCancelled(BiofeedbackError):
    """It was called off before anything was written."""


def flash(
    port: str,
    hexfile: Path | None = None,
    *,
    tell: Callable[[Progress], None] = lambda _progress: None,
    cancelled: threading.Event | None = None,
    force: bool = False,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Flashed:
    """Put `hexfile`, our firmware where it is None, onto the board on `port`; about four seconds.

    `tell` is called from this thread. `cancelled` is heeded until the first byte is written: from
    then on it is carried through, since half a program is of no use. `force`: written even where
    the board has it already. Raises `BiofeedbackError`; a second try is always possible.
    """
    path = hexfile or FIRMWARE
    image = read_hex(path, room=max(loader.room for loader in LOADERS.values()))
    image += bytes([BLANK]) * (-len(image) % PAGE)
    job = _Job(port, tell, cancelled or threading.Event(), clock, sleep)
    name, link = job.find_loader()
    try:
        boot = Bootloader(link, clock)
        job.check_chip(boot)
        check_room(path.name, len(image), LOADERS[name].room)
        written = force or not job.holds(boot, image)
        if written:
            job.write(boot, image)
        with contextlib.suppress(NoAnswer):  # some start the program without a word
            boot.leave()
        link.set_baud(SAFE_BAUD)
        info = job.ask_info(link)
    finally:
        link.close()
    if hexfile is None and (info is None or info.protocol != PROTOCOL):
        raise BiofeedbackError(
            _(
                "The firmware is on the board at {port}, verified, but it does not answer: press "
                "the board's reset button, then Connect."
            ).format(port=port)
        )
    return Flashed(port, name, len(image), written, info)


class _ResettingLink(SerialLink):
    """A port whose DTR line, as on an Uno or Nano, pulls the chip's reset pin."""

    def reset_board(self, sleep: Callable[[float], None]) -> None:
        """Reset the chip; a port without such lines resets it as it is opened, or never."""
        for level in (False, True):
            with contextlib.suppress(OSError):
                self._serial.dtr = self._serial.rts = level
            sleep(WAKE_S if level else RESET_S)


class _Job:
    """The steps of a flashing."""

    def __init__(
        self,
        port: str,
        tell: Callable[[Progress], None],
        cancelled: threading.Event,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._port, self._tell, self._cancelled = port, tell, cancelled
        self._clock, self._sleep = clock, sleep

    def find_loader(self) -> tuple[str, SerialLink]:
        """Return the name of the bootloader that answers, and the open port."""
        for name, loader in 2 * list(LOADERS.items()):  # one that hangs may need a second reset
            link = _ResettingLink(self._port, baud=loader.baud)
            try:
                if self._listens(link, loader):
                    return name, link
            except BaseException:
                link.close()
                raise
            link.close()
            self._sleep(RESET_S)
        raise BiofeedbackError(
            _(
                "No bootloader answers on {port}: is it an Arduino Uno or Nano, and does the cable "
                "carry data (some only charge)? Press the board's reset button as you try again."
            ).format(port=self._port)
        )

    def _listens(self, link: _ResettingLink, loader: Loader) -> bool:
        link.reset_board(self._sleep)
        boot = Bootloader(link, self._clock)
        for number in range(SYNC_TRIES):
            self._raise_if_cancelled()
            step = _("looking for the bootloader at {baud} baud").format(baud=loader.baud)
            self._tell(Progress(step, number / SYNC_TRIES))
            if boot.sync():
                return True
        return False

    def check_chip(self, boot: Bootloader) -> None:
        """Raise `BiofeedbackError` for another chip than an Uno's."""
        signature = boot.read_signature()
        if signature not in SIGNATURES:
            raise BiofeedbackError(
                _(
                    "The chip on {port} has the signature {signature}, an Uno's or Nano's has "
                    "{ours}: it is another board, and the Arduino IDE puts the firmware onto it."
                ).format(
                    port=self._port,
                    signature=signature.hex(" ").upper(),
                    ours=next(iter(SIGNATURES)).hex(" ").upper(),
                )
            )

    def holds(self, boot: Bootloader, image: bytes) -> bool:
        """Say whether the board has this very program."""
        return self._first_difference(boot, image, _("looking at what is on the board")) is None

    def write(self, boot: Bootloader, image: bytes) -> None:
        """Write `image` and read it back; raise `BiofeedbackError` where that did not work."""
        self._raise_if_cancelled()
        try:
            for address in range(0, len(image), PAGE):
                self._tell(Progress(_("writing"), address / len(image), writing=True))
                boot.write_page(address, image[address : address + PAGE])
            wrong = self._first_difference(boot, image, _("reading back"))
        except (SourceLost, NoAnswer) as error:
            raise SourceLost(
                _(
                    "The connection to {port} broke off, and the board now holds half a program: "
                    "plug it in again and run flash once more; nothing is broken."
                ).format(port=self._port)
            ) from error
        if wrong is not None:
            raise BiofeedbackError(
                _(
                    "The board on {port} reads back another byte than was written, at {address}: "
                    "try again; if it happens each time, its flash is worn out."
                ).format(port=self._port, address=f"0x{wrong:04X}")
            )

    def _first_difference(self, boot: Bootloader, image: bytes, step: str) -> int | None:
        for start in range(0, len(image), PAGE):
            self._tell(Progress(step, start / len(image)))
            page = boot.read_page(start)
            for at, byte in enumerate(page, start):
                if byte != image[at]:
                    return at
        self._tell(Progress(step, 1.0))
        return None

    def ask_info(self, link: SerialLink) -> Info | None:
        """Return what the program that now runs says of itself; None where it does not."""
        self._tell(Progress(_("starting the program"), 0.0))
        nonce = random.randrange(1, 2**16)  # noqa: S311 - no other answer is to be taken for ours
        decoder = NativeDecoder()
        now = self._clock()
        deadline, asked = now + ANSWER_S, now - REPEAT_S
        while now < deadline:
            if now - asked >= REPEAT_S:
                link.write(encode_command("I", nonce=nonce))
                asked = now
            decoder.feed(link.read(REPEAT_S))
            for message in decoder.messages:
                if isinstance(message, Info) and message.nonce == nonce:
                    self._tell(Progress(_("starting the program"), 1.0))
                    return message
            decoder.messages.clear()
            now = self._clock()
        return None

    def _raise_if_cancelled(self) -> None:
        if self._cancelled.is_set():
            raise FlashCancelled(_("Called off: the board is as it was."))
