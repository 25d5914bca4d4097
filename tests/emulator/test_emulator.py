"""The emulated board is true: what goes in as millivolts comes out as the counts that it must."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import serial
from emulated_board import Bench, EmulatedBoard

PROBE = Path(__file__).parent / "probe.c"
BOOT, COUNT, ECHO, RELEASED, PRESSED = 0xC0, 0x80, 0xA0, 0xD0, 0xD1
POWER_ON, RESET_PIN = 1, 2


@pytest.fixture(scope="session")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program of `probe.c`, as a hex file."""
    if not (shutil.which("avr-gcc") and Path("/usr/lib/avr/include/avr/io.h").exists()):
        reason = "No program for the emulated board: avr-gcc is missing (Debian: gcc-avr avr-libc)."
        if os.environ.get("CI") and sys.platform == "linux":
            pytest.fail(reason)
        pytest.skip(reason)
    elf = tmp_path_factory.mktemp("probe") / "probe.elf"
    subprocess.run(["avr-gcc", "-mmcu=atmega328p", "-Os", "-Wall", PROBE, "-o", elf], check=True)
    hexfile = elf.with_suffix(".hex")
    subprocess.run(["avr-objcopy", "-O", "ihex", elf, hexfile], check=True)
    return hexfile


def counts(data: bytes) -> np.ndarray:
    """Return the counts in what the probe has sent; anything else is passed over."""
    values, high = [], None
    for byte in data:
        if byte < 0x80:
            if high is not None:
                values.append(high << 7 | byte)
            high = None
        else:
            high = byte & 7 if byte & 0xF8 == COUNT else None
    return np.array(values)


class KeepingSerial(serial.Serial):
    """pyserial throws away what came while it opened a port: the first byte after a reset."""

    def _reset_input_buffer(self) -> None:
        pass


def open_port(board: EmulatedBoard, baud: int = 115200) -> serial.Serial:
    return KeepingSerial(board.port, baud, timeout=20)


def seconds_of_its_seconds(port: serial.Serial) -> float:
    """Return how long 1000 scans of the probe take; a late look now and then does no harm."""
    arrivals = []
    for _ in range(30):
        assert len(port.read(200)) == 200
        arrivals.append(time.monotonic())
    return float(np.median(np.subtract(arrivals[20:], arrivals[:10]))) / 2


def read_until(port: serial.Serial, byte: int) -> bytes:
    data = port.read_until(bytes([byte]))
    if not data.endswith(bytes([byte])):
        pytest.fail(f"{byte:02X} did not come, but {data[:32].hex()}")
    return data


@pytest.mark.parametrize("mv", [0.0, 4.887, 4.888, 1234.5, 2500.0, 4995.2, 4999.9, 5000.0, 6000.0])
def test_a_constant_voltage_gives_the_count_of_the_closed_form(
    emulated_board: Bench, probe: Path, mv: float
) -> None:
    data, _stats = emulated_board.run(probe, seconds=0.1, analog_mv=[mv])
    values = counts(data)
    assert len(values) >= 95
    assert set(values) == {min(1023, int(mv * 1023 / 5000))}


def test_a_wave_arrives_sample_by_sample(emulated_board: Bench, probe: Path) -> None:
    wave = 2500 + 2400 * np.sin(2 * np.pi * np.arange(500) / 500) + np.arange(500) / 50
    data, stats = emulated_board.run(probe, seconds=2.0, analog_mv=wave, sfreq=1000)
    values = counts(data)
    expected = np.floor(wave * 1023 / 5000)
    first = next(k for k in range(500) if np.array_equal(np.roll(expected, -k), values[:500]))
    assert np.array_equal(values, np.resize(np.roll(expected, -first), len(values)))
    assert stats["triggers"] == len(values) or stats["triggers"] == len(values) + 1
    assert stats["missed_triggers"] == 0


def test_another_supply_is_another_reference(emulated_board: Bench, probe: Path) -> None:
    data, _stats = emulated_board.run(probe, seconds=0.1, analog_mv=[1000.0], supply_mv=4600)
    assert set(counts(data)) == {1000 * 1023 // 4600}


def test_running_free_it_sends_the_same_bytes_every_time(
    emulated_board: Bench, probe: Path
) -> None:
    wave = np.random.default_rng(1).uniform(0, 5000, 777)
    script = [(0.2, b"\x01"), (0.4, b"\x15\x02")]
    runs = [
        emulated_board.run(probe, seconds=1.0, analog_mv=wave, sfreq=1234, script=script)
        for _ in range(2)
    ]
    assert runs[0] == runs[1]
    assert [byte & 0x1F for byte in runs[0][0] if byte & 0xE0 == ECHO] == [0x01, 0x15, 0x02]


@pytest.mark.parametrize("drift_ppm", [0, 50_000])
def test_paced_its_second_is_a_second_and_with_a_fast_crystal_less(
    emulated_board: Bench, probe: Path, drift_ppm: float
) -> None:
    with emulated_board(probe, drift_ppm=drift_ppm) as board, open_port(board) as port:
        read_until(port, BOOT | RESET_PIN)
        before = board.ask_stats()
        took = seconds_of_its_seconds(port)
        after = board.ask_stats()
    assert took == pytest.approx(1 / (1 + drift_ppm * 1e-6), rel=0.005)
    assert after["dropped"] == before["dropped"]


def test_free_on_a_port_nothing_is_lost_however_slow_the_reader(
    emulated_board: Bench, probe: Path
) -> None:
    wave = np.arange(1000) * 5.0
    with emulated_board(probe, analog_mv=wave, speed=0) as board, open_port(board) as port:
        read_until(port, BOOT | RESET_PIN)
        values = counts(port.read(20_000))
        dropped = board.ask_stats()["dropped"]
    expected = np.floor(wave * 1023 / 5000)
    start = int(values[0] * 5000 / 1023 / 5)
    rolled = [np.resize(np.roll(expected, -k), 10_000) for k in range(start - 2, start + 3)]
    assert any(np.array_equal(values, wanted) for wanted in rolled)
    assert dropped <= 1  # what it said before the port was open


def test_opening_the_port_resets_it_unless_that_is_off(emulated_board: Bench, probe: Path) -> None:
    with emulated_board(probe) as board:
        for _ in range(2):
            with open_port(board) as port:
                read_until(port, BOOT | RESET_PIN)
        assert board.ask_stats()["resets"] == 2
    with emulated_board(probe, autoreset=False) as board, open_port(board) as port:
        port.read(100)
        assert board.ask_stats()["resets"] == 0


def test_the_reset_button_starts_it_again(emulated_board: Bench, probe: Path) -> None:
    with emulated_board(probe, autoreset=False) as board, open_port(board) as port:
        port.read(10)
        board.reset()
        read_until(port, BOOT | RESET_PIN)


@pytest.mark.parametrize(("baud", "right"), [(115200, True), (9600, False), (57600, False)])
def test_at_another_speed_both_sides_get_garbage(
    emulated_board: Bench, probe: Path, baud: int, right: bool
) -> None:
    with (
        emulated_board(probe, analog_mv=[1000.0], autoreset=False) as board,
        open_port(board, baud) as port,
    ):
        port.read(10)
        port.write(b"\x03" * 8)
        data = port.read(400)[-200:]
        garbled = board.ask_stats()["garbled"]
    assert (set(counts(data)) == {204}) is right
    assert (garbled == 0) is right


def test_what_the_host_says_arrives(emulated_board: Bench, probe: Path) -> None:
    said = bytes(range(32)) * 4
    with emulated_board(probe) as board, open_port(board) as port:
        read_until(port, BOOT | RESET_PIN)
        port.write(said)
        heard: list[int] = []
        while len(heard) < len(said):
            data = port.read(64)
            assert data
            heard += [byte & 0x1F for byte in data if byte & 0xE0 == ECHO]
    assert bytes(heard) == said


def test_a_pulled_cable_is_an_error_and_it_comes_back_under_another_name(
    emulated_board: Bench, probe: Path
) -> None:
    with emulated_board(probe) as board:
        names = [board.port]
        for _ in range(3):
            with open_port(board) as port:
                read_until(port, BOOT | RESET_PIN)
                board.unplug()
                with pytest.raises(serial.SerialException):
                    port.read(100_000)
            assert not Path(names[-1]).exists()
            names.append(board.plug())
            assert names[-1] != names[-2]
        with open_port(board) as port:
            read_until(port, BOOT | RESET_PIN)


def test_a_silent_board_keeps_its_port(emulated_board: Bench, probe: Path) -> None:
    with emulated_board(probe) as board, open_port(board) as port:
        read_until(port, BOOT | RESET_PIN)
        board.silence()
        port.timeout = 0.2
        while port.read(1000):
            pass
        port.timeout = 20
        board.speak()
        assert len(port.read(100)) == 100


def test_bursts_come_so_far_apart(emulated_board: Bench, probe: Path) -> None:
    arrivals = []
    with emulated_board(probe, burst_s=0.016) as board, open_port(board) as port:
        read_until(port, BOOT | RESET_PIN)
        sizes = []
        for _ in range(40):
            sizes.append(len(port.read(1) + port.read(port.in_waiting)))
            arrivals.append(time.monotonic())
    assert 28 <= np.median(sizes) <= 36
    assert np.median(np.diff(arrivals)) == pytest.approx(0.016, abs=0.002)


def test_bytes_that_nobody_read_are_gone_with_the_reader(
    emulated_board: Bench, probe: Path
) -> None:
    with emulated_board(probe, autoreset=False) as board:
        with open_port(board) as port:
            port.read(10)
            board.silence()
        for _ in range(2):  # between two answers it has looked at its port
            board.ask_stats()
        with open_port(board) as port:
            port.timeout = 0.2
            assert port.read(10) == b""


def test_its_button_its_supply_and_its_crystal_can_be_changed_as_it_runs(
    emulated_board: Bench, probe: Path
) -> None:
    with emulated_board(probe, analog_mv=[1000.0]) as board, open_port(board) as port:
        read_until(port, BOOT | RESET_PIN)
        board.press()
        read_until(port, PRESSED)
        board.release()
        read_until(port, RELEASED)
        assert board.ask_stats()["led_changes"] == 2
        board.set_supply(2000)
        port.read_until(bytes([COUNT | 511 >> 7, 511 & 0x7F]))
        assert set(counts(port.read(20))) == {511}
        board.set_drift(100_000)
        assert seconds_of_its_seconds(port) == pytest.approx(1 / 1.1, rel=0.005)


def test_it_ends_with_its_owner_and_nothing_is_left(emulated_board: Bench, probe: Path) -> None:
    board = emulated_board(probe)
    board.ask_stats()
    board.close()
    board.close()
    assert not Path(board.port).exists()
    assert board.stats["cycles"] > 0
