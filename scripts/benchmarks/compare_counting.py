"""Samples that count themselves, so that each one that is lost, doubled or altered shows.

Needs NumPy alone: the drivers of other programs run it in their own environments.
"""

import sys
import threading
import time
from collections.abc import Callable
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


def counted(k: Counts, n_channels: int, bits: int) -> Counts:
    """Return counts of samples `k`, ``(len(k), n_channels)``.

    The first channel holds a sample's index, the second what of it is above `bits`, the others
    ramps; five bits of them, for the narrowest channel there is has six.
    """
    rows = (k[:, None] + 5 * np.arange(n_channels)) % 32
    rows[:, 0] = k % 2**bits
    if n_channels > 1:
        rows[:, 1] = (k >> bits) % 2**bits
    return rows


def indices(rows: Counts, bits: int) -> Counts:
    """Return the index of each of `rows`, which are as `counted` made them.

    Of a single channel by following it: exact while no half of its round is missing at once.
    """
    if not len(rows):
        return np.empty(0, np.int64)
    if rows.shape[1] > 1:
        return rows[:, 0] + (rows[:, 1] << bits)
    return np.unwrap(rows[:, 0], period=2**bits).astype(np.int64)


def until_told(answers: TextIO | None = None) -> threading.Event:
    """Say on `answers`, standard output, that samples may come; return what is set once to stop.

    That is when standard input ends.
    """
    ended = threading.Event()

    def wait() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    print("ready", file=answers or sys.stdout, flush=True)
    return ended


class Taken:
    """What a client has got, and when."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._parts: list[Any] = []

    def take(self, part: Any) -> None:
        """Note `part`, samples that the program which reads has from now on."""
        self._times.append(time.monotonic())
        self._parts.append(part)

    def save(self, path: str, rows_of: Callable[[Any], Any] = np.atleast_2d, **more: Any) -> None:
        """Write all to `path`: `times` of arrivals, how many `counts` each had, and `rows`.

        `rows_of` makes counts ``(n, n_channels)`` of what was taken at once.
        """
        rows = [np.rint(rows_of(part)).astype(np.int64) for part in self._parts]
        np.savez(
            path,
            times=np.array(self._times),
            counts=np.array([len(part) for part in rows], np.int64),
            rows=np.concatenate(rows) if rows else np.empty((0, 0), np.int64),
            **more,
        )
