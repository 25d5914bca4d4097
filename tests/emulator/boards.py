"""Other makers' boards behind a pseudo-terminal: what they send, hear, and get wrong.

    with emulated("chords-uno-r4", burst_ms=16) as board:     # paced by the clock
        open_serial(board.port)

    with emulated("cyton", paced=False) as board:             # each look at the clock is a tick
        SerialSource(board.port, clock=board.clock)           # later: every run is the same

What a board was made to send is in `board.device.sent`. Linux, as it looks at a pseudo-terminal's
speed: at another speed than its own a board hears and says noise.
"""

import fcntl
import os
import select
import struct
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Signal = Callable[[Counts, int, int], Counts]

_TCGETS2 = 0x802C542A  # asm-generic/ioctls.h: struct termios2, whose last word is the speed
_TERMIOS2_BYTES = 44
_TICK_S, _MOST_TICKS = 0.01, 10


def ramps(k: Counts, n_channels: int, bits: int) -> Counts:
    """Return counts of samples `k`, another on each channel, ``(len(k), n_channels)``."""
    return (3 * k[:, None] + 17 * np.arange(n_channels)) % 2**bits


class Device:
    """A board without its cable: it is asked what it sends by a time, in s since it got power.

    `sfreq` is what it calls its rate, `drift_ppm` how much too fast its crystal is. `sent` holds
    each sample's counts, from the first after it was started.
    """

    bauds: tuple[int, ...] = (115200,)
    bits = 10
    zero = 0
    """What `sent` says of a count of 0."""
    resets_when_opened = False
    boot_s = 0.0

    def __init__(
        self,
        *,
        sfreq: float,
        channels: int,
        drift_ppm: float = 0.0,
        signal: Signal = ramps,
    ) -> None:
        self.sfreq, self.channels = sfreq, channels
        self.signal = signal
        self.sent: list[Counts] = []
        self.heard = b""
        """Everything that was said to it."""
        self._true_sfreq = sfreq * (1 + drift_ppm * 1e-6)
        self._on_s = self._now = 0.0
        self.silent = False
        """It has died, though its port is there."""
        self.lost = 0
        """So many of its next frames are lost on the way."""
        self.restart()

    def restart(self) -> None:
        """Begin as after power or reset."""
        self._on_s = self._now
        self._running_since: float | None = None
        self._k = 0
        self._late: list[tuple[float, bytes]] = []

    def start(self, now: float) -> None:
        """Begin to send samples."""
        if self._running_since is None:
            self._running_since, self._k = now, 0
            self.sent.clear()

    def stop(self) -> None:
        """Send no more samples."""
        self._running_since = None

    def advance(self, now: float, heard: bytes) -> bytes:
        """Return what it sends from the last time to `now`; `heard` is what was said meanwhile."""
        self._now = now
        if now - self._on_s < self.boot_s:
            return b""
        if heard:
            self.heard += heard
            self.listen(now, heard)
        said = b""
        self.think(now)
        while self._late and self._late[0][0] <= now:
            said += self._late.pop(0)[1]
        return b"" if self.silent else said + self._samples(now)

    def answer(self, at: float, said: bytes) -> None:
        """Say something at a time."""
        self._late.append((at, said))

    def listen(self, now: float, heard: bytes) -> None:
        """Take commands."""

    def think(self, now: float) -> None:
        """Do what is due by `now`."""

    def frame(self, k: int, row: Counts) -> bytes:
        """Return sample `k` as it is sent."""
        raise NotImplementedError

    def _samples(self, now: float) -> bytes:
        if self._running_since is None:
            return b""
        stop = int((now - self._running_since) * self._true_sfreq)
        numbers = np.arange(self._k, stop)
        rows = self.signal(numbers, self.channels, self.bits)
        frames = []
        for k, row in zip(numbers.tolist(), rows, strict=True):
            self.sent.append(row)
            if self.lost:
                self.lost -= 1
            else:
                frames.append(self.frame(k, row))
        self._k = max(self._k, stop)
        return b"".join(frames)


class Chords(Device):
    """An Arduino with the Chords firmware: a command is heeded `heeds_s` after its last byte."""

    def __init__(
        self,
        name: str,
        *,
        bits: int,
        bauds: tuple[int, ...],
        reset: bool = False,
        any_byte_stops: bool = False,
        heeds_s: float = 1.0,
        **words: Any,
    ) -> None:
        self.name, self.bits, self.bauds = name, bits, bauds
        self.resets_when_opened, self.boot_s = reset, 1.8 if reset else 0.0
        self._any_byte_stops, self._heeds_s = any_byte_stops, heeds_s
        super().__init__(**words)

    def restart(self) -> None:
        super().restart()
        self._gathered, self._gathered_s = b"", 0.0

    def listen(self, now: float, heard: bytes) -> None:
        if self._any_byte_stops:
            self.stop()
        self._gathered, self._gathered_s = self._gathered + heard, now

    def think(self, now: float) -> None:
        if not self._gathered or now - self._gathered_s < self._heeds_s:
            return
        command, self._gathered = self._gathered.strip(), b""
        if command == b"WHORU":
            self.answer(now, self.name.encode() + b"\r\n")
        elif command == b"START":
            self.start(now)
        elif command == b"STOP":
            self.stop()
        elif command == b"STATUS":
            self.answer(now, b"STOP\r\n" if self._running_since is None else b"START\r\n")

    def frame(self, k: int, row: Counts) -> bytes:
        return b"\xc7\x7c" + bytes([k % 256]) + row.astype(">u2").tobytes() + b"\x01"


class Cyton(Device):
    """A Cyton by its dongle; with 16 channels it carries a Daisy. `there`: it is switched on."""

    bits = 24
    zero = 2**23

    def __init__(self, *, there: bool = True, **words: Any) -> None:
        self.there = there
        super().__init__(**words)

    def listen(self, now: float, heard: bytes) -> None:
        for letter in heard.decode("latin-1"):
            if not self.there:
                if letter in "vds?":
                    said = b"Failure: Communications timeout - Device failed to poll Host$$$"
                    self.answer(now + 0.3, said)
            elif letter == "v":
                self.stop()
                daisy = "On Daisy ADS1299 Device ID: 0x3E\r\n" if self.channels == 16 else ""
                said = f"OpenBCI V3 8-16 channel\r\nOn Board ADS1299 Device ID: 0x3E\r\n{daisy}"
                said += "LIS3DH Device ID: 0x33\r\nFirmware: v3.1.2\r\n$$$"
                self.answer(now + 0.7, said[:40].encode())
                self.answer(now + 0.9, said[40:].encode())
            elif letter == "d":
                self.answer(now + 0.1, b"updating channel settings to default$$$")
            elif letter == "b":
                self.start(now)
            elif letter == "s":
                self.stop()

    def frame(self, k: int, row: Counts) -> bytes:
        signed = [int(value) - self.zero for value in row]
        if self.channels == 8:
            return self._packet(k, signed)
        return self._packet(2 * k, signed[8:]) + self._packet(2 * k + 1, signed[:8])

    def _packet(self, number: int, values: list[int]) -> bytes:
        numbers = b"".join(value.to_bytes(3, "big", signed=True) for value in values)
        return b"\xa0" + bytes([number % 256]) + numbers + bytes(6) + b"\xc0"


class SpikerShield(Device):
    """A Muscle SpikerShield: it streams after its boot, and says `StartUp!` first."""

    bauds = (230400, 222222)  # what an Uno calls 230400 is 222222
    resets_when_opened, boot_s = True, 1.9

    def __init__(self, **words: Any) -> None:
        self.pressed: list[str] = []
        super().__init__(**words)

    def restart(self) -> None:
        super().restart()
        self._greeted = False
        self._command = b""

    def press(self, name: str = "1") -> None:
        """Tell of event `name` with the next bytes."""
        self.pressed.append(name)

    def listen(self, now: float, heard: bytes) -> None:
        self._command += heard
        *commands, self._command = self._command.split(b"\n")
        for command in b";".join(commands).split(b";"):
            name, colon, value = command.rpartition(b":")
            if colon and name.endswith(b"c"):
                self.channels = int(value)
                self.sfreq = 16e6 / 8 / 199 / self.channels
                self._true_sfreq = self.sfreq
                self.stop()
                self.start(now)
            elif colon and name.endswith(b"b"):
                self.answer(now, _message("HWT:MUSCLESS;"))

    def think(self, now: float) -> None:
        if not self._greeted:
            self._greeted = True
            self.answer(now, b"StartUp!\r\n")
            self.start(now)
        for name in self.pressed:
            self.answer(now, _message(f"EVNT:{name};"))
        self.pressed.clear()

    def frame(self, _k: int, row: Counts) -> bytes:
        sent = np.stack((row >> 7, row & 127), axis=1).astype(np.uint8).ravel()
        sent[0] |= 0x80
        return sent.tobytes()


def _message(text: str) -> bytes:
    return b"\xff\xff\x01\x01\x80\xff" + text.encode() + b"\xff\xff\x01\x01\x81\xff"


class Olimex(Device):
    """An Olimex SHIELD-EKG-EMG on an Uno: it streams after its boot, and hears nothing."""

    bauds = (57600,)
    resets_when_opened, boot_s = True, 1.8

    def think(self, now: float) -> None:
        self.start(now)

    def frame(self, k: int, row: Counts) -> bytes:
        return b"\xa5\x5a\x02" + bytes([k % 256]) + row.astype(">u2").tobytes() + b"\x01"


class Bitalino(Device):
    """A BITalino by Bluetooth's serial port: one byte a command, read while it rests."""

    def listen(self, now: float, heard: bytes) -> None:
        for byte in heard:
            if byte == 7 and self._running_since is None:
                self.answer(now + 0.05, b"BITalino_v5.2\n")
            elif byte == 0:
                self.stop()
            elif byte & 3 == 3 and self._running_since is None:
                self.sfreq = self._true_sfreq = float((1, 10, 100, 1000)[byte >> 6])
            elif byte & 3 == 1 and self._running_since is None:
                self.channels = (byte >> 2).bit_count()
                self.start(now)

    def frame(self, k: int, row: Counts) -> bytes:
        """From its last byte on: counter, checksum, inputs, and a channel after the other."""
        widths = [10, 10, 10, 10, 6, 6][: len(row)]
        bits = format(k % 16, "04b") + "00001010"
        for value, width in zip(row.tolist(), widths, strict=True):
            bits += format(value % 2**width, f"0{width}b")
        length = (3, 4, 6, 7, 8, 8)[len(row) - 1]
        frame = int(bits.ljust(8 * length, "0"), 2).to_bytes(length, "little")
        crc = 0
        for byte in frame:
            for bit in range(7, -1, -1):
                crc <<= 1
                crc ^= (0x13 if crc & 0x10 else 0) ^ (byte >> bit & 1)
        return frame[:-1] + bytes([frame[-1] | crc & 15])


DEVICES: dict[str, Callable[..., Device]] = {
    "chords-uno-r3": lambda **w: Chords(
        "UNO-R3",
        bits=10,
        bauds=(230400,),
        reset=True,
        any_byte_stops=True,
        **{"sfreq": 250, "channels": 6} | w,
    ),
    "chords-uno-r4": lambda **w: Chords(
        "UNO-R4", bits=14, bauds=(115200,), **{"sfreq": 500, "channels": 6} | w
    ),
    "chords-mega": lambda **w: Chords(
        "MEGA-2560-R3",
        bits=10,
        bauds=(115200,),
        reset=True,
        **{"sfreq": 250, "channels": 16} | w,
    ),
    "cyton": lambda **w: Cyton(**{"sfreq": 250, "channels": 8} | w),
    "cyton-daisy": lambda **w: Cyton(**{"sfreq": 125, "channels": 16} | w),
    "spikershield": lambda **w: SpikerShield(**{"sfreq": 16e6 / 8 / 199, "channels": 1} | w),
    "olimex": lambda **w: Olimex(**{"sfreq": 256, "channels": 6} | w),
    "bitalino": lambda **w: Bitalino(**{"sfreq": 1000, "channels": 6} | w),
}
"""Boards by name; what they are made with may be said otherwise."""


class Plugged:
    """A device that is plugged in: `port` is the name of its serial port.

    `burst_ms`: bytes arrive in bursts so far apart, as adapters have it. `tamper` changes what it
    says on the way. `clock` is that of the device; where it is not paced, each look at it is later.
    """

    tick_s = 0.004
    """How often it looks at the clock, at least, where it is paced."""

    def __init__(self, device: Device, *, burst_ms: float = 1.0, paced: bool = True) -> None:
        self.device = device
        self.tamper: Callable[[bytes], bytes] = bytes
        self.now = 0.0
        self._burst_s, self._burst_due, self._waiting = burst_ms / 1000, 0.0, b""
        self._master: int | None = None
        self.plug()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._pace, daemon=True) if paced else None
        if self._thread:
            self._thread.start()

    def clock(self) -> float:
        """Return the time in s; unless it is paced, some ticks later than the last."""
        if self._thread:
            return time.monotonic()
        for _tick in range(_MOST_TICKS):
            self.now += _TICK_S
            if self._exchange(self.now):
                break
        return self.now

    def plug(self) -> str:
        """Plug it in; return its port."""
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self.port = os.ttyname(slave)
        os.close(slave)  # so that it shows when somebody opens it
        os.set_blocking(self._master, False)
        self._open = False
        self._waiting = b""
        return self.port

    def unplug(self) -> None:
        """Pull the cable, which is its power too."""
        master, self._master = self._master, None
        if master is not None:
            os.close(master)

    def close(self) -> None:
        """End it."""
        self._stopped.set()
        if self._thread:
            self._thread.join()
        self.unplug()

    def _pace(self) -> None:
        begun = time.monotonic()
        while not self._stopped.wait(min(self._burst_s, self.tick_s) or 0.001):
            self._exchange(time.monotonic() - begun)

    def _exchange(self, now: float) -> bool:
        """Let the device live until `now`; say whether something came of it."""
        master = self._master
        if master is None:
            return False
        try:
            heard, at_its_speed = self._hear(master)
            said = self.device.advance(now, heard if at_its_speed else _noise(heard))
            self._waiting += self.tamper(said if at_its_speed else _noise(said))
            if not self._open or now < self._burst_due or not self._waiting:
                self._waiting = self._waiting if self._open else b""
                return False
            if self._burst_s:  # an adapter is asked at times of its own
                self._burst_due = (now // self._burst_s + 1) * self._burst_s
            said, self._waiting = self._waiting, b""
            self._write(master, said)
        except OSError:  # unplugged meanwhile, or nobody reads: what does not fit is lost
            return False
        return True

    def _write(self, master: int, said: bytes) -> None:
        os.write(master, said)

    def _hear(self, master: int) -> tuple[bytes, bool]:
        events = select.poll()
        events.register(master, select.POLLIN)
        ready = dict(events.poll(0)).get(master, 0)
        opened = not ready & select.POLLHUP
        if opened and not self._open and self.device.resets_when_opened:
            self.device.restart()
        self._open = opened
        heard = os.read(master, 4096) if opened and ready & select.POLLIN else b""
        speed = struct.unpack("I", fcntl.ioctl(master, _TCGETS2, bytes(_TERMIOS2_BYTES))[-4:])[0]
        return heard, speed in self.device.bauds


def _noise(data: bytes) -> bytes:
    """Return what another speed makes of bytes."""
    return bytes((byte * 37 + 11 * at) % 256 for at, byte in enumerate(data))


@contextmanager
def emulated(
    kind: str, *, burst_ms: float = 1.0, paced: bool = True, **words: Any
) -> Iterator[Plugged]:
    """Plug in a board of `DEVICES`; `words` are those of its device, such as `sfreq`."""
    plugged = Plugged(DEVICES[kind](**words), burst_ms=burst_ms, paced=paced)
    try:
        yield plugged
    finally:
        plugged.close()
