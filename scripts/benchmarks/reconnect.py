"""How soon a board streams again once its cable is back: the real firmware, emulated, unplugged."""

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from biofeedback.devices.flash import FIRMWARE
from biofeedback.sources import serial_port
from biofeedback.sources.ports import Port
from biofeedback.sources.serial_port import SerialSource

sys.path.append(str(Path(__file__).parents[2] / "tests" / "emulator"))

from emulated_board import EmulatedBoard, build  # type: ignore[import-not-found]

UNPLUGS = 100
MUST_MS = 500.0


def read(source: SerialSource, n: int) -> list[int]:
    """Read `n` scans or more; return their indices."""
    indices: list[int] = []
    while len(indices) < n:
        for chunk in source.read(0.1):
            indices += range(chunk.start, chunk.stop)
    return indices


def run() -> tuple[list[float], int]:
    """Return how long each return took, in ms, and how many scans came twice."""
    here: list[Port] = []
    setattr(serial_port, "list_ports", lambda: list(here))  # noqa: B010 - this machine's own
    times_ms = []
    with tempfile.TemporaryDirectory() as folder:
        program = build(Path(folder))
        with EmulatedBoard(program, FIRMWARE, analog_mv=np.full(10, 2500.0)) as board:
            here[:] = [Port(board.port, "", 0x2341, 0x43, "A1")]
            source = SerialSource("", wire="native")
            source.open()
            indices = read(source, 100)
            for _ in range(UNPLUGS):
                here.clear()
                board.unplug()
                while not source.status:
                    for chunk in source.read(0.1):
                        indices += range(chunk.start, chunk.stop)
                here[:] = [Port(board.plug(), "", 0x2341, 0x43, "A1")]
                back = time.monotonic()
                indices += read(source, 1)
                times_ms.append(1000 * (time.monotonic() - back))
                indices += read(source, 40)
            source.close()
    return times_ms, len(indices) - len(set(indices))


if __name__ == "__main__":
    times_ms, twice = run()
    line = {
        "goal": "reconnect",
        "what": f"{UNPLUGS} unplugs, longest from the port's return to scans ({twice} scans twice)",
        "ours": round(max(times_ms), 1),
        "unit": "ms",
        "against": {"limit": MUST_MS, "median": round(float(np.median(times_ms)), 1)},
        "must": max(times_ms) < MUST_MS and not twice,
        "stretch": max(times_ms) < MUST_MS / 2 and not twice,
    }
    print(json.dumps(line))
