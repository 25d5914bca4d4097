"""One client at one board: started, measured from outside, and its log held against the board's."""

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from benchmarks.compare_counting import Counts, counted, indices
from benchmarks.compare_peers import liblsl

SCRIPTS = Path(__file__).parents[1]
ENDING_S = 15.0
_LAST_S = 0.3  # what was written before the end of a measurement arrives within


@dataclass(frozen=True)
class Found:
    """Of the samples that a board sent in the time measured, what became of them.

    `percent` of a core, all threads of the client; latencies in ms, NaN where none came; `altered`:
    came with other numbers than were sent.
    """

    sent: int
    received: int
    lost: int
    twice: int
    altered: int
    percent: float
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True)
class Stretch:
    """What was measured: from when to when, monotonic seconds, and the CPU seconds in it."""

    begun: float
    ended: float
    busy_s: float


@dataclass(frozen=True)
class Client:
    """Who reads: the Python that `module` runs with, and its words after the port and its log."""

    name: str
    python: str
    module: str
    words: tuple[str, ...] = ()
    ours: bool = False


class ClientFailed(Exception):
    """A client ended, or was never ready."""


def measure(
    board: tuple[str, float, dict[str, float]],
    client: Client,
    *,
    seconds: float,
    warm_up_s: float,
) -> Found:
    """Let `client` read `board`: its kind, burst in ms, and words of its device.

    Raises `ClientFailed` where it does not get it going.
    """
    kind, burst_ms, words = board
    with tempfile.TemporaryDirectory() as folder, ExitStack() as ended:
        logs = [str(Path(folder) / f"{name}.npz") for name in ("board", "client")]
        emulator = [sys.executable, "-m", "benchmarks.compare_board"]
        device = _start([*emulator, kind, str(burst_ms), json.dumps(words), logs[0]], ended)
        port = _line(device)
        reader = _start([client.python, "-m", client.module, port, logs[1], *client.words], ended)
        if _line(reader) != "ready":
            raise ClientFailed("it does not find the board")
        stretch = _watch(reader.pid, seconds, warm_up_s)
        for process in (reader, device):
            _end(process)
        return judge(np.load(logs[0]), np.load(logs[1]), stretch)


def judge(board: Any, client: Any, stretch: Stretch) -> Found:
    """Return what the logs of a board and of a client say of a stretch of time.

    Raises `ClientFailed` where the board sent nothing in it.
    Latency: from just before the write that completed a sample to when its reader had it.
    """
    written, reached = board["writes"].T
    bits = int(board["bits"])
    first, stop = (
        int(reached[:n][-1]) if n else 0
        for n in np.searchsorted(written, (stretch.begun, stretch.ended), side="right")
    )
    if stop == first:
        raise ClientFailed("it did not start the board")
    rows: Counts = client["rows"] + int(board["zero"])
    when: NDArray[np.float64] = np.repeat(client["times"], client["counts"])
    k = indices(rows, bits)
    whole = (rows == counted(k, rows.shape[1], bits)).all(axis=1) if len(rows) else k.astype(bool)
    mine = (k >= first) & (k < stop)
    got, at = np.unique(k[mine & whole], return_index=True)
    times = when[mine & whole][at]
    late = times - written[np.searchsorted(reached, got, side="right")]
    p50, p99 = 1000 * np.quantile(late, (0.5, 0.99)) if len(late) else (np.nan, np.nan)
    return Found(
        sent=stop - first,
        received=len(got),
        lost=stop - first - len(got),
        twice=int((mine & whole).sum()) - len(got),
        altered=int((~whole & (when > stretch.begun) & (when <= stretch.ended)).sum()),
        percent=100 * stretch.busy_s / (stretch.ended - stretch.begun),
        p50_ms=float(p50),
        p99_ms=float(p99),
    )


def _start(command: list[str], ended: ExitStack) -> "subprocess.Popen[str]":
    process = ended.enter_context(
        subprocess.Popen(
            command,
            cwd=SCRIPTS,
            env=os.environ | liblsl() | {"OMP_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
    )
    ended.callback(process.kill)
    with suppress(OSError):  # what else this machine does is to disturb none of them; root may
        os.sched_setscheduler(process.pid, os.SCHED_RR, os.sched_param(1))
    return process


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout  # noqa: S101
    return process.stdout.readline().strip()


def _watch(pid: int, seconds: float, warm_up_s: float) -> Stretch:
    """Return a stretch of `seconds`, and what the process took in it."""
    process = psutil.Process(pid)
    time.sleep(warm_up_s)
    begun, before = time.monotonic(), _busy_s(process)
    time.sleep(seconds)
    ended, after = time.monotonic(), _busy_s(process)
    time.sleep(_LAST_S)
    return Stretch(begun, ended, after - before)


def _busy_s(process: psutil.Process) -> float:
    """Return the CPU seconds of all threads of a process and of its children."""
    family = [process, *process.children(recursive=True)]
    return float(sum(sum(each.cpu_times()[:2]) for each in family))


def _end(process: "subprocess.Popen[str]") -> None:
    assert process.stdin  # noqa: S101
    process.stdin.close()
    try:
        code = process.wait(ENDING_S)
    except subprocess.TimeoutExpired:
        code = -1
    if code:
        raise ClientFailed("it did not end well")
