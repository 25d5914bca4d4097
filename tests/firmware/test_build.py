"""The firmware builds, the same everywhere, and fits; in Debian's tools, as CI has them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FIRMWARE = ROOT / "firmware"
CORE = Path("/usr/share/arduino/hardware/arduino/avr")
SHIPPED = ROOT / "biofeedback" / "devices" / "uno.hex"
SHIPPED_BY = ("5.4.0", "1.8.7")  # of avr-gcc, and of the Arduino core
UNO_FLASH, OLD_NANO_FLASH = 32256, 30720  # what optiboot and the older boot loader leave

needs_avr = pytest.mark.skipif(
    shutil.which("avr-gcc") is None or not CORE.is_dir(),
    reason="avr-gcc or the Arduino core is missing: gcc-avr, avr-libc, arduino-core-avr",
)


def make(firmware: Path, place: Path, board: str) -> str:
    command = ["make", "-s", "-C", str(firmware), f"BUILD={place}", board]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr, done.stderr
    return done.stdout


def tools() -> tuple[str, str]:
    gcc = subprocess.run(["avr-gcc", "-dumpversion"], capture_output=True, text=True, timeout=30)
    core = re.search(r"^version=(.*)$", (CORE / "platform.txt").read_text("utf-8"), re.MULTILINE)
    assert core
    return gcc.stdout.strip(), core[1].strip()


def image(path: Path) -> bytes:
    """The bytes of an Intel hex file, which begins at 0 and has no holes."""
    flash = bytearray()
    for line in path.read_text("ascii").splitlines():
        record = bytes.fromhex(line[1:])
        assert sum(record) % 256 == 0
        if record[3] == 0:
            assert int.from_bytes(record[1:3], "big") == len(flash)
            flash += record[4 : 4 + record[0]]
    return bytes(flash)


@needs_avr
@pytest.mark.parametrize(
    ("board", "flash", "ram"),
    [("uno", 8192, 1331), ("mega", 253952, 2048), ("leonardo", 28672, 1331)],
)
def test_it_builds_without_a_warning_and_fits(tmp_path, board, flash, ram):
    size = make(FIRMWARE, tmp_path, board).splitlines()[-1].split()
    text, data, bss = map(int, size[:3])
    assert text + data <= flash
    assert data + bss <= ram


@needs_avr
def test_the_shipped_hex_is_what_the_sources_give_in_any_folder(tmp_path):
    if tools() != SHIPPED_BY:
        pytest.skip(f"it was built by {SHIPPED_BY}, and here is {tools()}")
    elsewhere = tmp_path / "elsewhere" / "firmware"
    shutil.copytree(FIRMWARE, elsewhere, ignore=shutil.ignore_patterns("build"))
    make(elsewhere, tmp_path / "out", "uno")
    assert (tmp_path / "out" / "uno" / "biofeedback.hex").read_bytes() == SHIPPED.read_bytes()


def test_the_shipped_hex_fits_every_boot_loader():
    assert 4000 < len(image(SHIPPED)) <= min(UNO_FLASH, OLD_NANO_FLASH)


@pytest.mark.skipif(
    shutil.which("arduino-builder") is None or not CORE.is_dir(),
    reason="arduino-builder or the Arduino core is missing",
)
@pytest.mark.parametrize("board", ["uno", "mega:cpu=atmega2560", "leonardo"])
def test_it_opens_in_the_arduino_ide_as_it_lies(tmp_path, board):
    command = ["arduino-builder", "-compile", "-warnings", "all", "-build-path", str(tmp_path)]
    for folder in CORE.parents[1], "/usr/share/arduino-builder":
        command += ["-hardware", str(folder)]
    command += ["-tools", "/usr/bin", "-fqbn", f"arduino:avr:{board}"]
    # This compiler lacks DECIMAL_DIG, which the core (and not the sketch) asks for.
    command += ["-prefs", "compiler.cpp.extra_flags=-DDECIMAL_DIG=17"]
    command.append(str(FIRMWARE / "biofeedback" / "biofeedback.ino"))
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    assert not re.search(r"(biofeedback\.ino|src/\w+\.h):\d+:\d+: warning", done.stderr), (
        done.stderr
    )
    assert (tmp_path / "biofeedback.ino.hex").is_file()
