"""A board on a pseudo-terminal: a process that prints eight channels at 1 kHz, on time."""

import os
import sys
import time
import tty

import numpy as np

CHANNELS, SFREQ = 8, 1000
_AHEAD = 0.0005  # sleep ends a little late; the last stretch is waited for


def print_lines(fd: int, log_path: str, seconds: float) -> None:
    """Write a line each millisecond to `fd`; log when each was written (monotonic seconds)."""
    rng = np.random.default_rng(0)
    # swelling and ebbing every two seconds: a picture that does not change is not painted
    swell = 400 * (1 + 0.9 * np.sin(np.pi * np.arange(10_000) / SFREQ))[:, None]
    noise = swell * rng.standard_normal((10_000, CHANNELS))
    counts = np.clip(8192 + noise, 0, 16383).astype(int)
    lines = [(",".join(map(str, row)) + "\r\n").encode() for row in counts.tolist()]
    written = np.empty(int(seconds * SFREQ))
    begun = time.monotonic() + 0.5
    for i in range(len(written)):
        due = begun + i / SFREQ
        wait = due - time.monotonic()
        if wait > _AHEAD:
            time.sleep(wait)
        written[i] = time.monotonic()
        os.write(fd, lines[i % len(lines)])
    np.save(log_path + ".part.npy", written)
    os.replace(log_path + ".part.npy", log_path)
    sys.stdin.read()  # hold the line until the reader has gone


def open_pair() -> tuple[int, int, str]:
    """Return the board's end of a new terminal, the program's end, and that one's name."""
    master, slave = os.openpty()
    tty.setraw(slave)
    return master, slave, os.ttyname(slave)


if __name__ == "__main__":
    print_lines(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
