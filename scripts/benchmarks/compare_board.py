"""A board of another maker on a pseudo-terminal, whose samples count themselves.

Runs in a process of its own: `python -m benchmarks.compare_board KIND BURST_MS WORDS LOG`. It
prints its port, and once its standard input ends writes to `LOG` what it sent, and when.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.compare_counting import counted

sys.path.append(str(Path(__file__).parents[2] / "tests" / "emulator"))

from boards import DEVICES, Plugged  # type: ignore[import-not-found]


class Stamped(Plugged):  # type: ignore[misc]
    """Notes of each write when it was made, in monotonic seconds, and the index it reaches to."""

    tick_s = 0.001  # chordspy asks anew in the very millisecond in which a board answers

    def __init__(self, kind: str, *, burst_ms: float, **words: float) -> None:
        self.writes: list[tuple[float, int]] = []
        device = DEVICES[kind](signal=counted, **words)
        super().__init__(device, burst_ms=burst_ms)

    def _write(self, master: int, said: bytes) -> None:
        reached = len(self.device.sent)
        if self.writes and reached < self.writes[-1][1]:  # it was started anew
            self.writes.clear()
        self.writes.append((time.monotonic(), reached))
        super()._write(master, said)


def main(kind: str, burst_ms: str, words: str, log: str) -> None:
    """Be that board until standard input ends."""
    board = Stamped(kind, burst_ms=float(burst_ms), **json.loads(words))
    print(board.port, flush=True)
    sys.stdin.read()
    board.close()
    device = board.device
    np.savez(log, writes=np.array(board.writes), bits=device.bits, zero=device.zero)


if __name__ == "__main__":
    main(*sys.argv[1:])
