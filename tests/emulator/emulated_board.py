"""The emulated board: an Uno that runs real firmware behind a pseudo-terminal (see `board.c`).

The fixture `emulated_board` starts one, and ends it with the test:

    board = emulated_board(HEX, analog_mv=wave, sfreq=1000)     # paced by the clock
    open_serial(board.port)

and `emulated_board.run(HEX, seconds=10, script=[(0.5, bytes)])` runs one as fast as it goes,
without a port: the same bytes every time.
"""

import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

_SOURCE = Path(__file__).parent / "board.c"
_ANSWER_S = 10.0
_BOOTLOADERS = Path("/usr/share/arduino/hardware/arduino/avr/bootloaders")
BOOTLOADERS = {
    "optiboot": _BOOTLOADERS / "optiboot/optiboot_atmega328.hex",  # Uno, new Nano: 115200 baud
    "old Nano": _BOOTLOADERS / "atmega/ATmegaBOOT_168_atmega328.hex",  # 57600 baud
}


class ToolMissing(Exception):
    """The emulator cannot be compiled here; the message says what is missing."""


def build(folder: Path) -> Path:
    """Compile the emulator into `folder`; raise `ToolMissing`."""
    if not shutil.which("gcc"):
        raise ToolMissing("gcc is not installed")
    for header in ("simavr/sim_avr.h", "libelf.h"):
        if not Path("/usr/include", header).exists():
            raise ToolMissing(f"{header} is not installed")
    for about in Path("/usr/lib").glob("*/pkgconfig/simavr.pc"):
        if "\nVersion: 1.6\n" not in about.read_text():  # 1.8 converts and clears flags otherwise
            raise ToolMissing("libsimavr is not 1.6, whose quirks board.c knows")
    program = folder / "board"
    words = ["gcc", "-O2", "-std=gnu11", "-Wall", "-Wextra", "-isystem", "/usr/include/simavr"]
    subprocess.run([*words, _SOURCE, "-o", program, "-lsimavr", "-lelf"], check=True)
    return program


class EmulatedBoard:
    """A board that is plugged in; `port` is the name of its serial port.

    `hexfile`: the program in its flash; None leaves it blank. `bootloader`: a key of `BOOTLOADERS`.
    `analog_mv`: voltages of A0, A1 ..., shape ``(n_samples,)`` or ``(n_samples, n_channels)`` at
    `sfreq` Hz, held and looped; not fed, an input reads 0. A count is floor(mV * 1023 / reference).
    `speed` 1 keeps to the clock, 0 runs as fast as it goes (its time then waits for the reader).
    `drift_ppm`: so much too fast is its crystal. `burst_s`: bytes arrive in bursts so far apart, as
    from an FTDI adapter (0.016). Opening the port resets it unless `autoreset` is off.
    """

    def __init__(
        self,
        program: Path,
        hexfile: Path | None = None,
        *,
        bootloader: str | None = None,
        analog_mv: ArrayLike | None = None,
        sfreq: float = 1000.0,
        speed: float = 1.0,
        drift_ppm: float = 0.0,
        burst_s: float = 0.0,
        supply_mv: int = 5000,
        aref_mv: int = 5000,
        autoreset: bool = True,
        batch: Sequence[str] = (),
    ) -> None:
        self._folder = tempfile.TemporaryDirectory()
        words = [program, "-r", sfreq, "-s", speed, "-p", drift_ppm, "-B", burst_s]
        words += ["-v", supply_mv, "-w", aref_mv, *batch]
        words += ["-f", hexfile] if hexfile else []
        words += ["-b", BOOTLOADERS[bootloader]] if bootloader else []
        words += ["-a", self._write_analog(analog_mv)] if analog_mv is not None else []
        words += [] if autoreset else ["-R"]
        self._process = subprocess.Popen(
            [str(word) for word in words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        self.port = "" if batch else str(self._answer()["port"])
        self.stats: dict[str, Any] = {}
        """What it did, once it is closed."""

    def __enter__(self) -> "EmulatedBoard":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def unplug(self) -> None:
        """Pull the cable: the port is gone, and the board has no power."""
        self._ask("unplug")

    def plug(self) -> str:
        """Plug it in again; return its port, which has another name than before."""
        self.port = str(self._ask("plug")["port"])
        return self.port

    def silence(self) -> None:
        """Let no more bytes out, though the port stays."""
        self._ask("silence")

    def speak(self) -> None:
        """Let bytes out again."""
        self._ask("speak")

    def reset(self) -> None:
        """Press the reset button."""
        self._ask("reset")

    def press(self) -> None:
        """Press the button between D2 and ground."""
        self._ask("press")

    def release(self) -> None:
        """Let the button between D2 and ground go."""
        self._ask("release")

    def set_supply(self, mv: int) -> None:
        """Run it from another voltage, which is the converter's reference too."""
        self._ask(f"supply {mv}")

    def set_drift(self, ppm: float) -> None:
        """Let its crystal be `ppm` too fast from now on."""
        self._ask(f"drift {ppm}")

    def set_burst(self, seconds: float) -> None:
        """Let bytes arrive in bursts so far apart."""
        self._ask(f"burst {seconds}")

    def ask_stats(self) -> dict[str, Any]:
        """Return what it has done so far: seconds, cycles, conversions, bytes sent, dropped ..."""
        return self._ask("stats")

    def read_flash(self) -> bytes:
        """Return all 32 KiB of its flash."""
        file = Path(self._folder.name, "flash.bin")
        self._ask(f"dump {file}")
        return file.read_bytes()

    def wait(self, timeout_s: float) -> dict[str, Any]:
        """Wait until it ends by itself; return what it did."""
        self.stats = self._answer(timeout_s)
        self.close()
        return self.stats

    def close(self) -> None:
        """End it; may be called twice."""
        if self._process.poll() is None and not self.stats:
            self.stats = self._ask("quit")
        self._process.kill()  # by its pid: it has ended by itself, or it hangs
        self._process.communicate()
        self._folder.cleanup()

    def _write_analog(self, analog_mv: ArrayLike) -> Path:
        file = Path(self._folder.name, "analog.csv")
        values = np.asarray(analog_mv, dtype=float)
        np.savetxt(file, values.reshape(len(values), -1), fmt="%.6f", delimiter=",")
        return file

    def _ask(self, line: str) -> dict[str, Any]:
        assert self._process.stdin
        self._process.stdin.write(f"{line}\n".encode())
        answer = self._answer()
        assert "error" not in answer, line
        return answer

    def _answer(self, timeout_s: float = _ANSWER_S) -> dict[str, Any]:
        assert self._process.stdout
        ready, _, _ = select.select([self._process.stdout], [], [], timeout_s)
        line = self._process.stdout.readline() if ready else b""
        if not line:
            self._process.kill()
            raise RuntimeError(
                "the emulated board does not answer (it may have said why on stderr)"
            )
        answer: dict[str, Any] = json.loads(line)
        return answer


class Bench:
    """Where emulated boards are made; those left over are closed with the test."""

    def __init__(self, program: Path) -> None:
        self._program = program
        self._boards: list[EmulatedBoard] = []

    def __call__(self, hexfile: Path | None = None, **options: Any) -> EmulatedBoard:
        """Return a board that is plugged in; `options` are those of `EmulatedBoard`."""
        self._boards.append(EmulatedBoard(self._program, hexfile, **options))
        return self._boards[-1]

    def run(
        self,
        hexfile: Path,
        *,
        seconds: float,
        script: Sequence[tuple[float, bytes]] = (),
        timeout_s: float = 120.0,
        **options: Any,
    ) -> tuple[bytes, dict[str, Any]]:
        """Run a board as fast as it goes; return the bytes that it sent, and what it did.

        `script`: what the host says at which second, in order, at most 64 bytes each.
        """
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder, "sent.bin")
            words = ["-o", str(out), "-u", str(seconds)]
            for at_s, data in script:
                words += ["-x", f"{at_s}:{data.hex()}"]
            with EmulatedBoard(self._program, hexfile, batch=words, **options) as board:
                stats = board.wait(timeout_s)
            return out.read_bytes(), stats

    def close(self) -> None:
        """Close every board."""
        for board in self._boards:
            board.close()


@pytest.fixture(scope="session")
def board_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The emulator, compiled once a session; where it cannot be, its tests are skipped."""
    try:
        return build(tmp_path_factory.mktemp("emulator"))
    except ToolMissing as error:
        reason = f"No emulated board: {error} (Debian: gcc libsimavr-dev libelf-dev)."
        if os.environ.get("CI") and sys.platform == "linux":
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture
def emulated_board(board_program: Path) -> Iterator[Bench]:
    """A maker of emulated boards."""
    bench = Bench(board_program)
    yield bench
    bench.close()
