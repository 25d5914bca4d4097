"""A terminal pair stands for the cable: one end prints a recording, the program reads the other."""

import json
import math
import os
import subprocess
import sys
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from biofeedback.cli import main
from biofeedback.devices.flash import FIRMWARE

if sys.platform == "win32":
    pytest.skip("Windows has no pseudo-terminals", allow_module_level=True)

DATA = Path(__file__).parents[1] / "data"


@contextmanager
def cable(lines: list[str]) -> Iterator[str]:
    """Print `lines` into one end as fast as they are taken; yield the other end's name.

    Printing begins before the program opens its end: what waits there is not lost.
    """
    master, slave = os.openpty()
    tty.setraw(slave)
    name, stopped = os.ttyname(slave), threading.Event()

    def print_lines() -> None:
        data = memoryview("".join(line + "\r\n" for line in ["", *lines]).encode())
        os.set_blocking(master, False)
        while data and not stopped.is_set():
            try:
                data = data[os.write(master, data[:512]) :]
            except BlockingIOError:
                stopped.wait(0.001)
            except OSError:
                return

    printer = threading.Thread(target=print_lines)
    printer.start()
    yield name
    stopped.set()
    printer.join()
    os.close(master)
    os.close(slave)


def read(capsys, *words: str) -> list[dict]:
    assert main(["live", *words, "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def rms(lines: list[dict], channel: str, seconds: range) -> float:
    """The RMS of whole seconds: each slow reading covers the second before it."""
    slow = [x["rms_uv"] for x in lines if x.get("channel") == channel and x["t_s"] in seconds]
    return math.sqrt(np.mean(np.square(slow)))


def test_a_recording_printed_as_counts_reads_as_the_file_does(capsys):
    rows = [line.split("\t") for line in (DATA / "game_0_1.txt").read_text().splitlines()[3:]]
    counts = [f"{row[2]},{row[3]}" for row in rows]
    with cable(counts) as port:
        words = f"serial:{port}?sfreq=1000&sensor=plux"
        printed = read(capsys, words, "--seconds", "5.5")
    replayed = read(capsys, str(DATA / "game_0_1.txt"), "--fast", "--seconds", "5.5")
    channels = sorted({x["channel"] for x in printed[:-1]})
    for here, there, reference in zip(channels, ("CH1", "CH2"), (2.078, 5.324), strict=True):
        ours = rms(printed, here, range(2, 6))
        assert ours == pytest.approx(rms(replayed, there, range(2, 6)), rel=1e-5)
        assert ours == pytest.approx(reference, rel=0.025)


def test_a_recording_printed_in_millivolts_reads_as_the_file_does(capsys):
    lines = (DATA / "bbcontractions.csv").read_text().split()
    with cable(lines) as port:
        printed = read(capsys, f"serial:{port}?sfreq=1000", "--unit", "mV", "--seconds", "19")
    channel = printed[0]["channel"]
    assert rms(printed, channel, range(2, 9)) == pytest.approx(5.727, rel=0.025)
    assert rms(printed, channel, range(12, 19)) == pytest.approx(117.0, rel=0.025)


def test_the_serial_plotters_labels_name_the_channels(capsys):
    rng = np.random.default_rng(0)
    lines = [f"neck:{a} jaw:{b}" for a, b in rng.integers(400, 600, (2500, 2))]
    with cable(lines) as port:
        printed = read(capsys, f"serial:{port}?sfreq=1000&sensor=myoware-2-raw", "--seconds", "2")
    assert [x["channel"] for x in printed[:2]] == ["neck", "jaw"]
    assert printed[-1]["summary"]["lost"] == 0


def test_a_busy_port_is_one_sentence_and_the_first_reader_keeps_it():
    rng = np.random.default_rng(0)
    with cable([str(v) for v in rng.integers(400, 600, 200_000)]) as port:
        command = [sys.executable, "-m", "biofeedback", "live", f"serial:{port}?sfreq=1000"]
        with subprocess.Popen([*command, "--json"], stdout=subprocess.PIPE) as first:
            assert first.stdout is not None
            first.stdout.readline()
            second = subprocess.run([*command, "--json"], capture_output=True, text=True)
            assert first.poll() is None
            first.kill()
            first.stdout.read()
    assert second.returncode == 1
    assert second.stdout == ""
    assert f"{port} is in use by another program" in second.stderr
    assert "Traceback" not in second.stderr


def test_an_unplugged_board_is_told_and_the_reading_goes_on(emulated_board, tmp_path):
    board = emulated_board(FIRMWARE, analog_mv=np.full(10, 2500.0))
    name = tmp_path / "board"
    name.symlink_to(board.port)
    words = ["live", f"serial:{name}?sensor=myoware-2-raw", "--seconds", "3", "--json"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-m", "biofeedback", *words], **pipes) as program:
        lines = [json.loads(program.stdout.readline()) for _ in range(15)]
        board.unplug()
        told = b""
        while b"broke off" not in told:
            told += program.stderr.readline()
        name.unlink()
        name.symlink_to(board.plug())
        rest, more = program.communicate()
    assert program.returncode == 0
    assert b"The board was away for" in more
    assert b"Traceback" not in told + more
    lines += [json.loads(line) for line in rest.splitlines()]
    summary = lines.pop()["summary"]
    assert summary["lost"] > 0
    assert summary["samples"] + summary["lost"] == 6000
    assert [line["t_s"] for line in lines] == pytest.approx(np.arange(len(lines)) / 10)
    gap = [line for line in lines if "gap" in line["quality"]]
    assert gap
    assert {line["rms_uv"] for line in gap} == {None}
