"""A board unplugged and plugged in again while it is recorded: the real firmware, emulated."""

import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np

from biofeedback.devices.flash import FIRMWARE
from biofeedback.recording.edf.annotations import LOST
from biofeedback.recording.formats import read_recording
from biofeedback.recording.live import Recorder
from biofeedback.session import Session
from biofeedback.settings import BurstSettings, SignalSettings
from biofeedback.sources import serial_port
from biofeedback.sources.ports import Port
from biofeedback.sources.serial_port import SerialSource
from biofeedback.stream import Annotation, Chunk, StreamInfo
from torturing.programs import check, our_samples
from torturing.row import Row

sys.path.append(str(Path(__file__).parents[2] / "tests" / "emulator"))

from emulated_board import (  # type: ignore[import-not-found]
    EmulatedBoard,
    ToolMissing,
    build,
)

MOST_MS = 500.0
_AFTERWARDS = 40  # samples that must come before the next unplugging
_WAIT_S = 20.0
TEST = "unplug and replug"
TARGET = "streaming again < 500 ms after the port is back; the file goes on"


class Arrivals:
    """A sink that keeps what came, and when the last of it did."""

    notes: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.chunks: list[Chunk] = []
        self.at_s: list[float] = []

    def open(self, info: StreamInfo, start: int = 0) -> None:
        """Nothing to make ready."""

    def write(self, chunk: Chunk) -> None:
        """Keep `chunk`."""
        self.at_s.append(time.monotonic())
        self.chunks.append(chunk)

    def annotate(self, annotation: Annotation) -> None:
        """Notes are for the recorder."""

    def close(self) -> None:
        """Nothing to give back."""


def run(count: int, seed: int, say: Callable[[str], None]) -> Row:
    """Unplug a board `count` times, while it is recorded."""
    here: list[Port] = []
    setattr(serial_port, "list_ports", lambda: list(here))  # noqa: B010 - this machine's own
    rng = np.random.default_rng(seed)
    arrivals, times_ms = Arrivals(), list[float]()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            program = build(folder)
        except ToolMissing as error:
            return Row(TEST, TARGET, skipped=f"no emulated board: {error}")
        path, signal = folder / "x.edf", SignalSettings()
        recorder = Recorder(path, signal=signal, bursts=BurstSettings())
        wave = rng.uniform(0.0, 5000.0, 997)
        with EmulatedBoard(program, FIRMWARE, analog_mv=wave) as board:
            here[:] = [Port(board.port, "", 0x2341, 0x43, "A1")]
            source = SerialSource("", wire="native")
            session = Session(source, signal=signal, keep_signal=False, sinks=[arrivals, recorder])
            session.start()
            try:
                _await(lambda: session.stop_index > 100)
                for number in range(count):
                    times_ms.append(_replug(session, board, here, arrivals))
                    if number % 50 == 49:
                        say(f"replugs: {number + 1} of {count}, worst {max(times_ms):.0f} ms")
            finally:
                session.stop()
        failures = _judge(path, arrivals, session)
    return Row(
        TEST,
        TARGET,
        count,
        tuple(failures),
        round(max(times_ms), 1),
        "ms",
        MOST_MS,
        {
            "median ms": round(float(np.median(times_ms)), 1),
            "samples recorded": sum(len(chunk.samples) for chunk in arrivals.chunks),
            "samples lost, all counted and noted": session.lost,
        },
    )


def _replug(session: Session, board: EmulatedBoard, here: list[Port], arrivals: Arrivals) -> float:
    """Pull the cable, put it back; return how long it took to stream again, in ms."""
    here.clear()
    board.unplug()
    _await(lambda: bool(session.source.status))
    seen = len(arrivals.chunks)
    here[:] = [Port(board.plug(), "", 0x2341, 0x43, "A1")]
    back_s = time.monotonic()
    _await(lambda: len(arrivals.chunks) > seen)
    stop = arrivals.chunks[seen].stop
    _await(lambda: session.stop_index >= stop + _AFTERWARDS)
    return 1000 * (arrivals.at_s[seen] - back_s)


def _await(what: Callable[[], bool]) -> None:
    latest_s = time.monotonic() + _WAIT_S
    while not what():
        if time.monotonic() > latest_s:
            raise RuntimeError("the board does not stream again")
        time.sleep(0.001)


def _judge(path: Path, arrivals: Arrivals, session: Session) -> list[str]:
    """Return what is wrong: the file holds all that came, and its gaps are all that did not."""
    chunks = arrivals.chunks
    sent = np.full((chunks[-1].stop, chunks[0].samples.shape[1]), np.nan)
    for chunk in chunks:
        sent[chunk.start : chunk.stop] = chunk.samples
    channels, sfreq = session.info.channels, session.info.sfreq
    found = our_samples(path, sent.shape[1])
    wrong = check(path, sent, frozenset({LOST}), channels, stop=len(sent))
    if not np.array_equal(found[: len(sent)], sent, equal_nan=True):
        wrong.append("the file is not what came")
    twice = sum(max(0, a.stop - b.start) for a, b in pairwise(chunks))
    if twice:
        wrong.append(f"{twice} samples came twice")
    missing = int(np.isnan(sent).any(axis=1).sum())
    notes = [note for note in read_recording(path).annotations if note.text == LOST]
    noted = round(
        sum(note.duration_s for note in notes if note.onset_s * sfreq < len(sent)) * sfreq
    )
    if not missing == session.lost == noted:
        wrong.append(f"{missing} samples are missing, {session.lost} counted, {noted} noted")
    if list(path.parent.glob("*_run-*")):
        wrong.append("another file was begun")
    return wrong
