import argparse
import signal
import sys
import threading
from pathlib import Path

import pytest
from emulated_board import Bench

from biofeedback.cli import flash as command
from biofeedback.devices import usb
from biofeedback.devices.flash import FlashCancelled, Flashed, Progress
from biofeedback.errors import BiofeedbackError
from biofeedback.sources.ports import Port
from biofeedback.wire.native import Info

INFO = Info(1, firmware=(1, 2, 3), build=0xBEEF, name="Uno/Nano")


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    command.add(parser.add_subparsers())
    args = parser.parse_args(["flash", *words])
    return args.run(args)


@pytest.fixture
def flashed(monkeypatch: pytest.MonkeyPatch):
    """Let the flashing be done by a function of the test; return where its arguments go."""

    def put(act) -> list:
        given: list = []

        def flash(port, hexfile, *, tell, cancelled, force) -> Flashed:
            given[:] = [port, hexfile, force]
            return act(port, tell, cancelled)

        monkeypatch.setattr(command, "flash", flash)
        return given

    return put


def test_a_real_board_is_flashed_once_and_then_has_it(emulated_board: Bench, capsys) -> None:
    with emulated_board(bootloader="optiboot") as board:
        assert run(board.port) == 0
        out, err = capsys.readouterr()
        assert out.startswith(f"{board.port}: written and verified, ")
        assert "The board runs Uno/Nano " in out
        assert out.count("\n") == 1
        assert err.splitlines()[1:] == [
            "looking at what is on the board",
            "writing",
            "reading back",
            "starting the program",
        ]
        assert run(board.port) == 0
        out, err = capsys.readouterr()
        assert "was on the board already. The board runs" in out
        assert "writing" not in err


def test_version_and_build_are_said(flashed, capsys) -> None:
    given = flashed(lambda port, *_: Flashed(port, "optiboot", 7296, True, INFO))
    assert run("COM5", "--hex", "own.hex", "--force") == 0
    assert given == ["COM5", Path("own.hex"), True]
    assert capsys.readouterr().out == (
        "COM5: written and verified, 7296 bytes. The board runs Uno/Nano 1.2.3, build 0000beef.\n"
    )


def test_a_program_that_is_not_ours_is_told(flashed, capsys) -> None:
    flashed(lambda port, *_: Flashed(port, "optiboot", 256, True, None))
    assert run("COM5") == 0
    assert capsys.readouterr().out.endswith("It does not speak as our firmware does.\n")


def test_a_bar_moves_on_a_terminal_and_is_gone_at_the_end(
    flashed, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    def act(port, tell, _cancelled) -> Flashed:
        tell(Progress("writing", 0.5))
        return Flashed(port, "optiboot", 256, True, INFO)

    flashed(act)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert run("COM5") == 0
    assert capsys.readouterr().err == f"\r\x1b[K{'█' * 15}{'░' * 15} writing\r\x1b[K"


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_ctrl_c_or_a_closed_terminal_calls_it_off_and_is_no_error(flashed, capsys, name) -> None:
    if not hasattr(signal, name):
        pytest.skip("Windows has no SIGHUP")
    number = getattr(signal, name)

    def act(_port, _tell, cancelled: threading.Event) -> Flashed:
        signal.raise_signal(number)
        assert cancelled.is_set()
        raise FlashCancelled("Called off.")

    before = signal.getsignal(number)
    flashed(act)
    assert run("COM5") == 0
    assert capsys.readouterr().err == "Called off.\n"
    assert signal.getsignal(number) is before


def test_a_failure_is_passed_on_and_ctrl_c_works_again(flashed) -> None:
    def act(*_) -> Flashed:
        raise BiofeedbackError("The chip is another.")

    before = signal.getsignal(signal.SIGINT)
    flashed(act)
    with pytest.raises(BiofeedbackError, match="another"):
        run("COM5")
    assert signal.getsignal(signal.SIGINT) is before


def test_another_board_gets_the_steps(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(usb, "list_ports", lambda: [Port("COM5", "", 0x2E8A, 0x000A)])
    assert run() == 1
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert lines[0].startswith("biofeedback: COM5 is a Raspberry Pi Pico: ")
    assert [line.split(".")[0].strip() for line in lines[1:]] == list("123456")
