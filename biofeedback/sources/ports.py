"""The serial ports of this machine: which there are, and the bytes of an open one."""

import contextlib
import errno
import glob
import os
import re
import select
import stat
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import ceil

import serial
from serial.tools import list_ports as pyserial_ports

from biofeedback import kernel
from biofeedback.errors import SourceError, SourceLost, SourceNotFound
from biofeedback.text import _

if sys.platform == "win32":
    _REFUSED: tuple[type[Exception], ...] = (OSError,)
else:
    import termios

    # pyserial lets the latter through: what a port that has just vanished answers to a setting
    _REFUSED = (OSError, termios.error)

STEP_S = 0.1
"""The longest wait in one piece: a `close` from another thread is heeded after this."""

_STEP_MS = 100

_READ_BYTES = 4096  # more than waits after a sixteenth of a second, and little to set aside
# macOS has refused poll() on serial devices in some versions; pyserial knows its way around.
_HAS_POLL = hasattr(select, "poll") and sys.platform != "darwin"
_BUSY = {errno.EBUSY, errno.EAGAIN, errno.EWOULDBLOCK}
_ABSENT = {errno.ENOENT, errno.ENODEV, errno.ENXIO}
_DENIED = {errno.EACCES, errno.EPERM}


@dataclass(frozen=True, slots=True)
class Port:
    """A serial port; `vid` and `pid` are those of a USB device, else None."""

    name: str
    description: str
    vid: int | None = None
    pid: int | None = None
    serial_number: str | None = None

    @property
    def usb(self) -> bool:
        """Whether it is a USB device, as boards are."""
        return self.vid is not None

    @property
    def usb_id(self) -> tuple[int, int] | None:
        """Its USB vendor and product."""
        return None if self.vid is None or self.pid is None else (self.vid, self.pid)

    def same_device(self, other: "Port | None") -> bool:
        """Whether `other` is the same USB device, as far as its numbers tell."""
        ids = (self.vid, self.pid, self.serial_number)
        return other is not None and ids == (other.vid, other.pid, other.serial_number)

    @property
    def bluetooth(self) -> bool:
        """Whether it is a Bluetooth link: opening one calls up the device, for many seconds."""
        return not self.usb and bool(
            re.search("bluetooth|rfcomm", f"{self.name} {self.description}", re.IGNORECASE)
        )


def list_ports() -> list[Port]:
    """Return the ports, USB devices first, then by name (COM10 after COM9)."""
    found = [
        Port(
            info.device,
            info.description if info.description not in (None, "n/a") else "",
            info.vid,
            info.pid,
            info.serial_number,
        )
        for info in pyserial_ports.comports()
        # Linux names ttyS0 to ttyS31 whether or not there is a chip behind them; none has an id.
        if not (info.device.startswith("/dev/ttyS") and info.hwid in (None, "n/a"))
    ]
    return sorted(found, key=lambda port: (not port.usb, _natural(port.name)))


def _natural(name: str) -> list[tuple[str, int]]:
    return [(word, int(digits or 0)) for word, digits in re.findall(r"(\D*)(\d*)", name)]


def say_ports(ports: list[Port]) -> str:
    """Return a sentence that names `ports`."""
    if not ports:
        return _(
            "No serial port is plugged in: plug the board in, with a USB cable that carries data "
            "(some only charge)."
        )
    named = [f"{p.name} ({p.description})" if p.description else p.name for p in ports]
    return _("There is: {ports}.").format(ports=", ".join(named))


class SerialLink:
    """An open port, held by this program alone: what another took would be missing here.

    `read` and `close` may be called from different threads.
    """

    def __init__(self, name: str, *, baud: int) -> None:
        """Open `name`, a port or a URL of pyserial's; raise `SourceError` with the remedy."""
        self.name = name
        if _is_open_elsewhere(name):  # opening it would reset that one's board, or steal its bytes
            raise SourceError(_say_busy(name))
        try:
            self._serial = serial.serial_for_url(
                name,
                baud,
                timeout=STEP_S / 2,
                write_timeout=STEP_S,
                exclusive=True,
                do_not_open=True,
            )
            # pyserial throws away what has come before it opens a port: nothing, on a real one,
            # but the start of the stream on a pseudo-terminal or behind a bridge.
            setattr(self._serial, "_reset_input_buffer", lambda: None)  # noqa: B010 - pyserial's
            self._serial.open()
            delattr(self._serial, "_reset_input_buffer")
        except (*_REFUSED, ValueError) as error:
            raise _explain(name, error) from error
        self._lock = threading.Lock()
        self._closed = False
        self._read_fd = _reader_of(self._serial)

    def set_baud(self, baud: int) -> bool:
        """Listen at another speed from now on; False where the port cannot."""
        with self._lock:
            if self._closed:
                return False
            try:
                self._serial.baudrate = baud
                self._serial.reset_input_buffer()
            except ValueError:
                return False
            except _REFUSED as error:
                raise self._lost(error) from error
            return True

    def read(self, timeout: float) -> bytes:
        """Return what has arrived, waiting for it at most `timeout` and `STEP_S`; else nothing.

        `timeout` in s, not below 0. Raises `SourceLost` when the device is gone.
        """
        with self._lock:
            if self._closed:
                return b""
            try:
                if self._read_fd is None:
                    return self._read(min(timeout, STEP_S))
                data = self._read_fd(_STEP_MS if timeout >= STEP_S else ceil(timeout * 1000))
            except BlockingIOError:
                return b""
            except OSError as error:  # EIO: unplugged
                raise self._lost(error) from error
        if data is None:
            return b""
        if not data:  # "ready" without a byte: Linux after an unplug, a socket at its end
            raise self._lost(OSError(errno.EIO, os.strerror(errno.EIO)))
        return data

    def write(self, data: bytes) -> None:
        """Send `data`, a few bytes; raise `SourceLost` when the device is gone."""
        with self._lock:
            if self._closed:
                return
            try:
                self._serial.write(data)
            except serial.SerialTimeoutException:  # nobody takes them: what is asked goes unheard
                return
            except OSError as error:
                raise self._lost(error) from error

    def _read(self, wait_s: float) -> bytes:
        waiting = self._serial.in_waiting
        if not waiting and wait_s <= 0:
            return b""
        data: bytes = self._serial.read(waiting or 1)
        return data + self._serial.read(self._serial.in_waiting)

    def _lost(self, error: Exception) -> SourceLost:
        return SourceLost(
            _("The connection to {port} broke off ({why}): is the board still plugged in?").format(
                port=self.name, why=_reason(error)
            )
        )

    def close(self) -> None:
        """Give the port back; a `read` that is under way ends first, within `STEP_S`."""
        self._closed = True
        with self._lock:
            self._serial.close()


def _reader_of(port: serial.SerialBase) -> Callable[[int], bytes | None] | None:
    """Return what reads what has come, or None, in so many ms; None where that is pyserial's work.

    pyserial's read takes 110 us, half of the time; poll and read 76, and 66 in one call.
    """
    try:
        fd = int(port.fileno()) if _HAS_POLL else None
    except (AttributeError, OSError):  # loop:// has none
        fd = None
    if fd is None:
        return None
    if kernel.compiled:
        return partial(kernel.compiled.read_port, fd)
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return lambda timeout_ms: os.read(fd, _READ_BYTES) if poll.poll(timeout_ms) else None


def _errno(error: Exception) -> int | None:
    first = error.args[0] if error.args else None  # termios.error has it there alone
    return getattr(error, "errno", None) or (first if isinstance(first, int) else None)


def _reason(error: Exception) -> str:
    number = _errno(error)
    return os.strerror(number) if number else str(error).strip(" .")


def _explain(name: str, error: Exception) -> SourceError:
    """Return what to tell the user, and what to do, of a port that would not open."""
    number, words = _errno(error), str(error)
    if isinstance(error, ValueError) and "baud" in words.lower():
        return SourceError(
            _("{port} cannot be set to that speed; give one that it has, such as 115200.").format(
                port=name
            )
        )
    # On Windows pyserial's message is all there is; there "denied" is how a port in use answers.
    if number in _ABSENT or "FileNotFoundError" in words:
        return SourceNotFound(
            _("There is no port {port}. {ports}").format(port=name, ports=say_ports(list_ports()))
        )
    if number in _BUSY or "PermissionError" in words:
        return SourceError(_say_busy(name))
    if number in _DENIED:
        return SourceError(_explain_denied(name))
    return SourceError(
        _("{port} could not be opened as a serial port ({why}): is it the right one?").format(
            port=name, why=_reason(error)
        )
    )


def _say_busy(name: str) -> str:
    return _(
        "{port} is in use by another program: close that one (the Arduino IDE's Serial "
        "Monitor, another window of this program), then try again."
    ).format(port=name)


def _is_open_elsewhere(name: str) -> bool:
    """Whether another process of this user has the port open, locked or not; as Linux tells.

    A pseudo-terminal is held open by whoever made it: it says nothing.
    """
    device = os.path.realpath(name)
    if device.startswith("/dev/") and not device.startswith("/dev/tty"):  # /dev/null, /dev/pts/0
        return False
    for link in glob.iglob("/proc/[0-9]*/fd/*"):
        with contextlib.suppress(OSError):  # not ours to look at, or gone meanwhile
            if os.readlink(link) == device and link.split("/")[2] != str(os.getpid()):
                return True
    return False


def _explain_denied(name: str) -> str:
    status = os.stat(name)
    group = _group_name(status.st_gid)
    if group and status.st_gid and status.st_mode & stat.S_IRGRP and status.st_mode & stat.S_IWGRP:
        return _(
            "You may not open {port}: it is for the group {group}. Run "
            "`sudo usermod -a -G {group} $USER`, then log out and in again."
        ).format(port=name, group=group)
    return _(
        "You may not open {port}: its owner keeps it to itself. Run `sudo chmod a+rw {port}`; it "
        "lasts until the board is plugged in again."
    ).format(port=name)


def _group_name(gid: int) -> str:
    if sys.platform == "win32":
        return ""
    import grp  # POSIX only

    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return ""
