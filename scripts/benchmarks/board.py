"""A board on a pseudo-terminal: a process that prints eight channels at 1 kHz, on time."""

import os
import sys
import time
import tty

import numpy as np

CHANNELS, SFREQ = 8, 1000
_AHEAD = 0.0005  # sleep ends a little late; the last stretch is waited for


def print_lines(slave_name: str, log_path: str, seconds: float) -> None:
    """Write a line each millisecond; log when each was written (monotonic seconds)."""
    fd = os.open(slave_name, os.O_WRONLY | os.O_NOCTTY)
    rng = np.random.default_rng(0)
    counts = np.clip(8192 + 400 * rng.standard_normal((10_000, CHANNELS)), 0, 16383).astype(int)
    lines = [(",".join(map(str, row)) + "\r\n").encode() for row in counts.tolist()]
    n = int(seconds * SFREQ)
    written = np.empty(n)
    begun = time.monotonic() + 0.5
    for i in range(n):
        due = begun + i / SFREQ
        wait = due - time.monotonic()
        if wait > _AHEAD:
            time.sleep(wait)
        written[i] = time.monotonic()
        os.write(fd, lines[i % len(lines)])
    np.save(log_path, written)
    sys.stdin.read()  # hold the line until the reader has gone


def open_pair() -> tuple[int, str, int, str]:
    """Return (board's end, its name, program's end, its name) of two joined terminals."""
    board_fd, program_fd = os.openpty()
    tty.setraw(program_fd)
    return board_fd, os.ttyname(program_fd), program_fd, os.ttyname(program_fd)


if __name__ == "__main__":
    print_lines(sys.argv[1], sys.argv[2], float(sys.argv[3]))
