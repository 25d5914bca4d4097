import contextlib
import json as json_module
import os
import struct
import sys
import threading
import time
import tty

import numpy as np
import pytest

from biofeedback.cli import main
from biofeedback.devices import survey as survey_module
from biofeedback.devices.flash import FIRMWARE, flash
from biofeedback.devices.survey import Found, Watch, survey
from biofeedback.sources import listening
from biofeedback.sources import ports as ports_module
from biofeedback.sources.chords_board import ChordsBoard
from biofeedback.sources.cyton_board import CytonBoard
from biofeedback.sources.ports import Port, SerialLink
from biofeedback.wire.native import encode_frame

if sys.platform == "win32":
    pytest.skip("needs pseudo-terminals", allow_module_level=True)

from boards import emulated

REST = np.full(10, 2500.0)
ANSWER_S = {board: board.answer_s for board in (CytonBoard, ChordsBoard)}
UNO = {"vid": 0x2341, "pid": 0x43, "serial_number": "A1"}


@pytest.fixture
def line():
    """Ports without a board: what was written to one waits there; the names are returned."""
    ends = []

    def open_it(data=b""):
        master, slave = os.openpty()
        tty.setraw(slave)
        ends.extend((master, slave))
        os.write(master, data)
        return os.ttyname(slave)

    yield open_it
    for end in ends:
        os.close(end)


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    """A shorter silence is enough of an answer here."""
    monkeypatch.setattr(survey_module, "LISTEN_S", 0.5)
    for board in ANSWER_S:
        monkeypatch.setattr(board, "answer_s", 0.1)


def test_each_port_tells_who_is_there(emulated_board, line):
    board = emulated_board(FIRMWARE, analog_mv=REST)
    printing = line(b"512\r\n" * 50)
    other = line(b"\x01\x02\x03 GPS " * 40)
    silent = line()
    taken = line()
    newer = line(encode_frame(struct.pack("<BBBBBI", 2, 9, 3, 0, 0, 0)) * 3)
    holder = SerialLink(taken, baud=9600)
    ports = [Port(name, "") for name in (board.port, printing, other, silent, taken, newer)]
    bluetooth = Port("/dev/rfcomm0", "")
    found = {one.port: one for one in survey([*ports, bluetooth])}
    holder.close()
    answers = [found[port].answer for port in [*ports, bluetooth]]
    assert answers == ["native", "text", "bytes", "nothing", "refused", "native", "not asked"]
    assert [found[port].usable for port in ports] == [True, True, False, False, False, False]
    assert found[ports[0]].words == "Uno/Nano, firmware 1.0.0, 10 bits, 6 inputs"
    assert "in use by another program" in found[ports[4]].words
    assert "another version" in found[ports[5]].words
    SerialLink(board.port, baud=9600).close()  # every port was given back


def test_a_blank_chip_that_was_asked_can_be_flashed_and_answers_then(emulated_board, monkeypatch):
    monkeypatch.setattr(survey_module, "LISTEN_S", 4)  # the bootloader waits for a second first
    board = emulated_board(bootloader="optiboot")
    port = Port(board.port, "", **UNO)
    (before,) = survey([port])
    assert before.answer in {"bytes", "nothing"}  # its bootloader talks back now and then
    flash(board.port)
    (after,) = survey([port])
    assert after.answer == "native"


def look_until(watch, answers):
    """Look until the ports have these answers; there is no order of threads to rely on."""
    for _ in range(500):
        found = watch.look()
        if [one.answer for one in found] == answers:
            return found
        threading.Event().wait(0.02)
    raise AssertionError([one.answer for one in watch.look()])


def test_the_watch_asks_what_is_plugged_in_once_and_forgets_what_is_gone(emulated_board, line):
    there = []
    watch = Watch(lambda: list(there))
    assert watch.look() == []
    board = emulated_board(FIRMWARE, analog_mv=REST)
    uno, unlisted = Port(board.port, "Uno", **UNO), Port(line(), "not a board's USB ids")
    there += [uno, unlisted]
    assert [one.answer for one in watch.look()] == ["asking", "not asked"]
    found = look_until(watch, ["native", "not asked"])
    assert found[0].info.version == "1.0.0"
    resets = board.ask_stats()["resets"]
    watch.look()
    watch.look()
    assert board.ask_stats()["resets"] == resets
    watch.ask(unlisted)
    look_until(watch, ["native", "nothing"])
    there.remove(uno)
    assert [one.port for one in watch.look()] == [unlisted]
    there.insert(0, uno)
    look_until(watch, ["native", "nothing"])
    watch.pause()


def test_a_paused_watch_lets_go_of_the_ports_and_asks_again_later(line, monkeypatch):
    monkeypatch.setattr(survey_module, "LISTEN_S", 60)
    port = Port(line(), "", **UNO)
    watch = Watch(lambda: [port])
    assert watch.look() == [Found(port, "asking", "asking who is there")]
    watch.pause()
    SerialLink(port.name, baud=9600).close()
    assert watch.look()[0].answer == "asking"
    watch.pause()


@pytest.mark.parametrize("json", [True, False])
def test_devices_lists_what_answered(emulated_board, line, monkeypatch, capsys, json):
    board = emulated_board(FIRMWARE, analog_mv=REST)
    ports = [Port(board.port, "Arduino Uno", **UNO), Port(line(), "")]
    monkeypatch.setattr(ports_module, "list_ports", lambda: ports)
    assert main(["devices", *(["--json"] if json else [])]) == 0
    out, err = capsys.readouterr()
    assert "Asking on every port" in err
    first, second = out.splitlines()
    if json:
        assert json_module.loads(first) == {
            "name": board.port,
            "description": "Arduino Uno",
            "vid": 0x2341,
            "pid": 0x43,
            "serial_number": "A1",
            "answer": "native",
            "board": "Uno/Nano",
            "firmware": "1.0.0",
            "protocol": 1,
            "bits": 10,
            "inputs": 6,
        }
        assert json_module.loads(second)["answer"] == "nothing"
    else:
        assert first.split("  ")[0] == board.port
        assert first.endswith("  Arduino Uno  Uno/Nano, firmware 1.0.0, 10 bits, 6 inputs")
        assert second.split() == [ports[1].name, "nothing", "answers"]


def test_four_boards_of_four_makers_are_told_at_once_in_less_than_six_seconds(monkeypatch, capsys):
    monkeypatch.setattr(survey_module, "LISTEN_S", 1.0)  # these boards reset faster than real ones
    for made, seconds in ANSWER_S.items():
        monkeypatch.setattr(made, "answer_s", seconds)
    kinds = ["chords-uno-r4", "cyton", "spikershield", "olimex"]
    with contextlib.ExitStack() as plugged:
        boards = [plugged.enter_context(emulated(kind, burst_ms=16)) for kind in kinds]
        for board in boards:
            board.device.boot_s = 0.2
        ports = [Port(board.port, "") for board in boards]
        monkeypatch.setattr(ports_module, "list_ports", lambda: ports)
        begun = time.monotonic()
        assert main(["devices", "--json"]) == 0
        assert time.monotonic() - begun < 6 - (2.4 - 1.0)
        rows = [json_module.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["name"] for row in rows] == [board.port for board in boards]
    assert [row["answer"] for row in rows] == ["chords", "cyton", "spikershield", "olimex"]
    assert [row["board"] for row in rows] == [
        "Chords board UNO-R4",
        "OpenBCI Cyton",
        "SpikerShield",
        "Olimex SHIELD-EKG-EMG",
    ]


def test_a_dongle_tells_that_its_cyton_is_off(monkeypatch):
    monkeypatch.setattr(CytonBoard, "answer_s", ANSWER_S[CytonBoard])
    with emulated("cyton", there=False) as board:
        (found,) = survey([Port(board.port, "")])
    assert found.answer == "cyton"
    assert found.words == "OpenBCI Cyton, switched off or out of reach"


def test_a_dongle_is_left_alone_but_for_the_question_that_it_answers(monkeypatch):
    monkeypatch.setattr(listening, "DONGLE_S", 0.2)
    with emulated("cyton") as board:
        board.device.silent = True
        (found,) = survey([Port(board.port, "", *listening.DONGLE)])
        assert found.answer == "nothing"
        assert board.device.heard.endswith(b"v")


def test_a_stream_at_another_speed_is_heard_and_nothing_is_said_to_it():
    with emulated("olimex") as board:
        board.device.boot_s = 0.0
        (found,) = survey([Port(board.port, "")])
        assert (found.answer, found.usable) == ("olimex", True)
        assert board.device.heard == b""
