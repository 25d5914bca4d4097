"""What befalls a session from outside: a screen that hangs, a process that is stopped or ended.

The board is the real firmware, emulated, at its own pace; what it sends waits for nobody.
"""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import numpy as np
import pytest

from biofeedback.clock import HostClock
from biofeedback.devices.flash import FIRMWARE
from biofeedback.recording import live as live_recording
from biofeedback.recording.live import Recorder
from biofeedback.session import Session, State
from biofeedback.settings import BurstSettings, SignalSettings
from biofeedback.sources.line import BoardOptions
from biofeedback.sources.serial_port import SerialSource

if sys.platform == "win32":
    pytest.skip("needs pseudo-terminals", allow_module_level=True)

REST = np.full(10, 2500.0)
SFREQ = 2000


@contextmanager
def live(port: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A program of its own that reads the board on `port`."""
    command = [sys.executable, "-m", "biofeedback", "live", f"serial:{port}?wire=native", *words]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as program:
        try:
            yield program
        finally:
            program.kill()


def read_lines(program: subprocess.Popen[str], n: int) -> list[dict]:
    return [json.loads(program.stdout.readline()) for _line in range(n)]


def test_while_the_screen_hangs_for_two_seconds_no_sample_is_lost(emulated_board):
    board = emulated_board(FIRMWARE, analog_mv=REST)
    source = SerialSource(board.port, BoardOptions(channels=6), wire="native")
    session = Session(source, signal=SignalSettings(), seconds=3.5)
    session.start()
    begun = threading.Event()
    while session.now is None:
        begun.wait(0.01)
    before, end_s = session.stop_index, time.monotonic() + 2
    while time.monotonic() < end_s:  # as a screen does that draws without end: it keeps the lock
        pass
    assert session.stop_index > before + 1000
    session.join()
    assert session.state is State.ENDED
    assert (session.lost, session.summary()["samples"]) == (0, 3500)


def test_a_program_that_was_stopped_for_three_seconds_goes_on(emulated_board):
    board = emulated_board(FIRMWARE, analog_mv=REST)
    with live(board.port, "--json", "--seconds", "6") as program:
        lines = read_lines(program, 10)
        program.send_signal(signal.SIGSTOP)
        time.sleep(3)  # the fault itself
        program.send_signal(signal.SIGCONT)
        rest, said = program.communicate(timeout=60)
    lines += [json.loads(line) for line in rest.splitlines()]
    summary = lines.pop()["summary"]
    assert program.returncode == 0
    assert [line["t_s"] for line in lines] == pytest.approx(np.arange(60) / 10)  # none twice
    assert summary["samples"] + summary["lost"] == 6 * SFREQ
    unread = [line for line in lines if "gap" in line["quality"]]
    assert bool(unread) == bool(summary["lost"])
    assert re.search(r"The program stood still for (2\.9|3\.\d) s", said)
    assert "Traceback" not in said


@pytest.mark.parametrize("ending", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("gone", [False, True])
def test_told_to_end_it_gives_the_board_back_with_the_summary(emulated_board, ending, gone):
    board = emulated_board(FIRMWARE, analog_mv=REST)
    with live(board.port, "--json") as program:
        lines = read_lines(program, 3)
        if gone:  # it is waited for, half a minute long
            board.unplug()
            while "broke off" not in program.stderr.readline():
                pass
        program.send_signal(getattr(signal, ending))
        rest, said = program.communicate(timeout=20)
    assert program.returncode == 0
    assert "Traceback" not in said
    lines += [json.loads(line) for line in rest.splitlines()]
    summary = lines.pop()["summary"]
    assert summary["samples"] >= 400
    assert summary["lost"] == 0
    if not gone:
        again = SerialSource(board.port, wire="native")
        again.open()
        again.close()


def test_told_to_end_while_it_still_looks_for_the_board_it_ends():
    master, slave = os.openpty()
    with live(os.ttyname(slave)) as program:
        while "listening" not in program.stderr.readline():
            pass
        program.send_signal(signal.SIGTERM)
        _rest, said = program.communicate(timeout=20)
    os.close(slave)
    os.close(master)
    assert program.returncode == 0
    assert "Traceback" not in said


def test_a_wall_clock_that_is_set_moves_no_sample_and_is_told(
    emulated_board, monkeypatch, tmp_path
):
    board = emulated_board(FIRMWARE, analog_mv=REST)
    source = SerialSource(board.port, wire="native", silence_s=1.0)
    signal_settings = SignalSettings()
    recorder = Recorder(tmp_path / "rest.edf", signal=signal_settings, bursts=BurstSettings())
    session = Session(source, signal=signal_settings, seconds=2, sinks=[recorder])
    wall, by_s = time.time, 0.0
    its_clock = partial(HostClock, wall=lambda: wall() + by_s)
    monkeypatch.setattr(time, "time", lambda: wall() + by_s)
    monkeypatch.setattr(live_recording, "HostClock", its_clock)
    for readings in session.run():
        by_s -= 36.0 * len(readings)
    assert (session.lost, session.duration_s) == (0, 2.0)
    assert [note for note in session.notes if "clock" in note] == [
        "The computer's clock was set by -720 s, or it slept, while this was recorded: the time of "
        "day in the file is that of its start."
    ]


def test_a_board_whose_clock_is_5000_ppm_off_loses_nothing_and_keeps_its_own_time(emulated_board):
    board = emulated_board(FIRMWARE, analog_mv=REST, drift_ppm=5000)
    session = Session(SerialSource(board.port, wire="native"), signal=SignalSettings(), seconds=3)
    readings = [reading for some in session.run() for reading in some]
    assert (session.lost, session.summary()["samples"]) == (0, 3 * SFREQ)
    assert [reading.number for reading in readings] == list(range(30))
