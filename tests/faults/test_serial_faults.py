"""The real firmware, emulated, at the end of a faulty cable; and ports that come and go."""

import errno
import os
import sys

import numpy as np
import pytest

from biofeedback.devices.flash import FIRMWARE
from biofeedback.errors import SourceError, SourceLost, SourceNotFound
from biofeedback.session import Session, State
from biofeedback.settings import SignalSettings
from biofeedback.sources import ports, serial_port
from biofeedback.sources.line import BoardOptions, Line
from biofeedback.sources.ports import Port, SerialLink
from biofeedback.sources.serial_port import SerialSource
from biofeedback.stream import Chunk

if sys.platform == "win32":
    pytest.skip("needs pseudo-terminals", allow_module_level=True)

import termios

from faulty_cable import Damage
from faulty_port import FaultyPort

# Each count comes once in the wave: it tells at which of its samples the board was.
WAVE = np.random.default_rng(0).permutation(1009)
WAVE_MV = (WAVE + 0.5) * 5000 / 1023
PLACE = np.argsort(WAVE)
SFREQ = 2000.0
USB = {"vid": 0x2341, "pid": 0x43, "serial_number": "A1"}
EVERYTHING = Damage(1e-4, 1e-4, 1e-4, 1e-4, 1e-4, 1e-4)


class Kept(SerialSource):
    """Keeps what it hands on."""

    def __init__(self, *words, **keywords) -> None:
        super().__init__(*words, **keywords)
        self.came: list[Chunk] = []

    def read(self, timeout: float) -> list[Chunk]:
        chunks = super().read(timeout)
        self.came += chunks
        return chunks


@pytest.fixture
def cable():
    """Lay faulty cables to boards; they are taken away after the test."""
    laid = []

    def lay(board, damage, *, seed=0):
        laid.append(FaultyPort(board.port, damage, seed=seed))
        return laid[-1]

    yield lay
    for port in laid:
        port.close()


def strange(chunks: list[Chunk]) -> int:
    """How many samples are not the wave's next, but for the one after each jump of the index."""
    index = np.concatenate([np.arange(chunk.start, chunk.stop) for chunk in chunks])
    assert (np.diff(index) > 0).all(), "a sample came twice"
    counts = np.concatenate([chunk.samples[:, 0] for chunk in chunks]).astype(int)
    phase = (PLACE[counts] - index) % len(WAVE)
    return int(np.count_nonzero(phase != np.bincount(phase).argmax()))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "damage", [Damage(1e-3), EVERYTHING, Damage(repeat_rate=1e-3)], ids=["bits", "all", "again"]
)
def test_through_a_faulty_cable_a_board_is_set_up_and_only_what_it_measured_is_taken(
    emulated_board, cable, damage, seed
):
    board = emulated_board(FIRMWARE, analog_mv=WAVE_MV, sfreq=SFREQ, speed=0)
    source = Kept(cable(board, damage, seed=seed).name, wire="native")
    session = Session(source, signal=SignalSettings(), seconds=6)
    list(session.run())
    assert session.state is State.ENDED
    assert strange(source.came) == 0
    assert source.corrupt_frames > 0
    received = sum(max(0, min(chunk.stop, 12_000) - chunk.start) for chunk in source.came)
    assert session.lost == 12_000 - received
    assert 0 < session.lost < 12_000


def test_what_comes_with_the_answer_to_the_start_is_not_thrown_away(emulated_board, monkeypatch):
    # a computer that is busy reads the answer late, and with it the first of what it asked for
    write, read, started = Line.write, Line.read, []

    def write_and_note(line: Line, data: bytes) -> None:
        write(line, data)
        started.extend([True] * (data[2:3] == b"S"))

    def read_late(line: Line, wait_s: float) -> bytes:
        data = read(line, wait_s)
        while started and data and len(data) < 300:
            data += read(line, wait_s)
        return data

    monkeypatch.setattr(Line, "write", write_and_note)
    monkeypatch.setattr(Line, "read", read_late)
    source = Kept(emulated_board(FIRMWARE, analog_mv=WAVE_MV, sfreq=SFREQ).port, wire="native")
    session = Session(source, signal=SignalSettings(), seconds=1)
    list(session.run())
    assert started == [True]
    assert source.came[0].start == 0
    assert session.lost == 0
    assert strange(source.came) == 0


def test_bursts_a_reset_and_a_silence_in_the_noise_are_gaps_and_the_session_goes_on(
    emulated_board, cable
):
    board = emulated_board(FIRMWARE, analog_mv=WAVE_MV, sfreq=SFREQ, burst_s=0.016)
    source = Kept(cable(board, Damage(1e-4)).name, wire="native", silence_s=0.3)
    session = Session(source, signal=SignalSettings())
    run = session.run()

    def take_second() -> None:
        """Read a second of signal: all of one stream of the board, which knows its wave."""
        source.came.clear()
        begun = session.stop_index
        while session.stop_index < begun + SFREQ:
            next(run)
        assert strange(source.came) == 0
        assert min(chunk.start for chunk in source.came) >= begun

    def why_lost() -> str:
        while not source.status:
            next(run)
        return source.status

    def wait_for_it() -> None:
        while source.status:
            next(run)

    next(run)
    take_second()
    board.reset()
    assert "has restarted" in why_lost()
    wait_for_it()
    take_second()
    board.silence()
    assert "has sent nothing for 0.3 s" in why_lost()
    board.speak()
    wait_for_it()
    take_second()
    run.close()
    assert sum("The board was away for" in note for note in session.notes) == 2


def plug_in(monkeypatch, *found):
    monkeypatch.setattr(serial_port, "list_ports", lambda: list(found))


@pytest.mark.parametrize("why", [errno.EACCES, errno.EBUSY, errno.ENOENT, errno.EIO])
def test_a_port_that_cannot_be_opened_at_first_when_it_is_back_is_tried_again(
    emulated_board, monkeypatch, why
):
    # the system gives it to its group a moment later; another program looks whether it is a modem
    board = emulated_board(FIRMWARE, analog_mv=WAVE_MV, sfreq=SFREQ)
    plug_in(monkeypatch, Port(board.port, "", **USB))
    source = SerialSource(board.port, BoardOptions(), wire="native")
    session = Session(source, signal=SignalSettings())
    run = session.run()
    next(run)
    board.unplug()
    while not source.status:
        next(run)
    make, refused = ports.serial.serial_for_url, []

    def refuse_twice(*words, **options):
        if len(refused) < 2:
            refused.append(words)
            raise ports.serial.SerialException(why, os.strerror(why))
        return make(*words, **options)

    monkeypatch.setattr(ports.serial, "serial_for_url", refuse_twice)
    plug_in(monkeypatch, Port(board.plug(), "", **USB))
    before = session.stop_index
    while session.stop_index < before + 200:
        next(run)
    run.close()
    assert len(refused) == 2
    assert sum("The board was away for" in note for note in session.notes) == 1


@pytest.fixture
def vanishing(monkeypatch):
    """A port, and a way to have it pulled out at a call of the system's."""
    master, slave = os.openpty()
    left = [slave, master]

    def pull_out() -> None:
        while left:
            os.close(left.pop(0))

    def pull_out_at(module, name: str) -> None:
        call = getattr(module, name)

        def pulled_out(*words):
            pull_out()
            return call(*words)

        monkeypatch.setattr(module, name, pulled_out)

    yield os.ttyname(slave), pull_out_at
    pull_out()


@pytest.mark.parametrize("call", ["tcgetattr", "tcsetattr"])
def test_a_port_that_vanishes_while_it_is_opened_is_told_in_a_sentence(vanishing, call):
    name, pull_out_at = vanishing
    pull_out_at(termios, call)
    with pytest.raises(SourceError, match=f"{name} could not be opened .*[Ii]nput/output error"):
        SerialLink(name, baud=115200)


@pytest.mark.parametrize("call", ["tcgetattr", "tcsetattr", "tcflush"])
def test_a_port_that_vanishes_while_its_speed_is_set_is_lost(vanishing, call):
    name, pull_out_at = vanishing
    link = SerialLink(name, baud=115200)
    pull_out_at(termios, call)
    with pytest.raises(SourceLost, match="broke off"):
        link.set_baud(9600)
    link.close()


def test_a_port_that_is_gone_when_it_is_opened_is_answered_with_what_there_is(vanishing):
    name, _pull_out_at = vanishing
    with pytest.raises(SourceNotFound, match="There is no port"):
        SerialLink(name + "9", baud=115200)
