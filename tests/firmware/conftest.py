"""Compiles the firmware for this computer, and talks to it over pipes."""

import shutil
import struct
import subprocess
from binascii import crc_hqx
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

HERE = Path(__file__).parent
FIRMWARE = HERE.parents[1] / "firmware"
ANY_BOARD = "-DBF_VREF_MV=5000"
SANITIZERS = ("-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")

Compiler = Callable[..., Path]


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiler:
    """Compile one of the programs of this folder; its path."""
    compiler = shutil.which("g++")
    if compiler is None:
        pytest.skip("there is no g++ here")
    place = tmp_path_factory.mktemp("firmware")

    def build(source: str, *options: str) -> Path:
        program = place / "-".join([source, *options]).replace("/", "_").replace("=", "_")
        if not program.exists():
            flags = ["-std=c++11", "-Wall", "-Wextra", "-Werror", *options]
            folders = [f"-I{HERE / 'fake'}", f"-I{FIRMWARE / 'biofeedback'}"]
            command = [compiler, *flags, *folders, str(HERE / source), "-o", str(program)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=120)
            assert done.returncode == 0, done.stderr
        return program

    return build


class Program:
    """A program that answers lines by lines."""

    def __init__(self, path: Path) -> None:
        pipe = subprocess.PIPE
        self._child = subprocess.Popen([str(path)], stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    def say(self, *words: object) -> None:
        assert self._child.stdin is not None
        print(*words, file=self._child.stdin, flush=True)

    def ask(self, *words: object) -> str:
        self.say(*words)
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        if not line.endswith("\n"):
            assert self._child.stderr is not None
            raise AssertionError(f"{words} ended it: {self._child.stderr.read()}")
        return line[:-1]

    def close(self) -> None:
        _out, errors = self._child.communicate(timeout=60)
        assert self._child.returncode == 0, errors


@contextmanager
def running(path: Path) -> Iterator[Program]:
    program = Program(path)
    try:
        yield program
    finally:
        program.close()


@pytest.fixture(scope="session")
def wire_program(compiled: Compiler) -> Iterator[Program]:
    with running(compiled("wire_program.cpp", *SANITIZERS)) as program:
        yield program


class Data(NamedTuple):
    """One DATA frame."""

    seq: int
    flags: int
    index: int
    counts: tuple[int, ...]


class Info(NamedTuple):
    """One INFO frame."""

    protocol: int
    version: tuple[int, ...]
    tick_hz: int
    period: int
    mask: int
    scans: int
    bits: int
    oversample: int
    vref_mv: int
    skew_us: int
    channels: int
    board: int
    build: int
    nonce: int
    running: bool
    name: str


class Answer(NamedTuple):
    """An ACK, where the code is 0, or a NAK."""

    command: str
    code: int
    nonce: int


class Event(NamedTuple):
    """One EVENT."""

    kind: int
    value: int
    index: int


def frame_of(payload: bytes) -> bytes:
    body = payload + struct.pack("<H", crc_hqx(payload, 0xFFFF))
    return b"\0" + b"".join(bytes([len(run) + 1]) + run for run in body.split(b"\0")) + b"\0"


def payload_of(block: bytes) -> bytes:
    body = b""
    while block:
        body, block = body + block[1 : block[0]] + b"\0", block[block[0] :]
    payload, crc = body[:-3], body[-3:-1]
    assert crc_hqx(payload, 0xFFFF) == int.from_bytes(crc, "little"), payload.hex()
    return payload


def message_of(payload: bytes) -> Data | Info | Answer | Event:
    kind, rest = payload[0], payload[1:]
    if kind == 1:
        seq, flags, index = struct.unpack("<BBI", rest[:6])
        return Data(seq, flags, index, struct.unpack(f"<{len(rest[6:]) // 2}H", rest[6:]))
    if kind == 2:
        protocol, *version = rest[:4]
        *fields, is_running = struct.unpack("<IHBBBBHHBBIHB", rest[4:27])
        return Info(protocol, tuple(version), *fields, bool(is_running), rest[27:].decode())
    if kind in (3, 4):
        command, code, nonce = struct.unpack("<cBH", rest)
        assert (kind == 3) == (code == 0)
        return Answer(command.decode("latin-1"), code, nonce)
    assert kind == 5
    return Event(*struct.unpack("<BBI", rest))


ARGUMENTS = {"R": "<H", "C": "<B", "B": "<B", "O": "<B", "U": "<I"}


class Board:
    """The sketch on the mock: what the host sends, and what comes back while time passes."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._left = b""
        self._nonce = 0

    def set(self, *words: object) -> None:
        self.program.say(*words)

    def state(self) -> tuple[bool, int, int]:
        """LED, speed of the line, bits of the converter."""
        led, baud, bits = map(int, self.program.ask("state").split())
        return bool(led), baud, bits

    def run_raw(self, ms: float) -> bytes:
        return bytes.fromhex(self.program.ask("run", round(ms * 1000)))

    def run(self, ms: float = 50) -> list[Data | Info | Answer | Event]:
        *blocks, self._left = (self._left + self.run_raw(ms)).split(b"\0")
        return [message_of(payload_of(block)) for block in blocks if block]

    def send(self, payload: bytes) -> None:
        self.program.say("rx", frame_of(payload).hex())

    def send_command(self, name: str, argument: int | bytes = b"") -> int:
        """Send it with a nonce of its own, which is returned; bytes go out as they are."""
        self._nonce += 1
        if isinstance(argument, int):
            argument = struct.pack(ARGUMENTS[name], argument)
        self.send(name.encode() + argument + struct.pack("<H", self._nonce))
        return self._nonce

    def code(self, name: str, argument: int | bytes = b"") -> int:
        """Send a command; the code of its answer, which must be the only one."""
        nonce = self.send_command(name, argument)
        answers = [message for message in self.run() if isinstance(message, Answer)]
        assert [(answer.command, answer.nonce) for answer in answers] == [(name, nonce)]
        return answers[0].code

    def info(self, command: str = "I") -> Info:
        nonce = self.send_command(command)
        infos = [message for message in self.run() if isinstance(message, Info)]
        assert [info.nonce for info in infos] == [nonce]
        return infos[0]

    @staticmethod
    def assert_seamless(frames: list[Data], n_channels: int = 1) -> None:
        """Each frame begins where the one before it ended, and none is missing."""
        for before, after in pairwise(frames):
            assert after.seq == (before.seq + 1) % 256
            assert after.index == before.index + len(before.counts) // n_channels

    def data(self, ms: float) -> list[Data]:
        return [message for message in self.run(ms) if isinstance(message, Data)]


@pytest.fixture
def board(compiled: Compiler) -> Iterator[Board]:
    """A board that has said hello."""
    with running(compiled("fake_board.cpp", ANY_BOARD, *SANITIZERS)) as program:
        board = Board(program)
        board.run()
        yield board


@pytest.fixture
def fresh_board(compiled: Compiler) -> Iterator[Board]:
    """A board that has just got its power."""
    with running(compiled("fake_board.cpp", ANY_BOARD, *SANITIZERS)) as program:
        yield Board(program)


@pytest.fixture
def board_of_kind(compiled: Compiler) -> Iterator[Callable[[str], Board]]:
    """Make the board that a macro of its core names."""
    programs: list[Program] = []

    def make(macro: str) -> Board:
        programs.append(Program(compiled("fake_board.cpp", f"-D{macro}")))
        return Board(programs[-1])

    yield make
    for program in programs:
        program.close()
