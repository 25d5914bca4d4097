"""A ring of the latest rows: one writer, many readers, addressed by index, NaN where none came."""

import numpy as np

from biofeedback.stream import Samples


class RingBuffer:
    """Holds the last `capacity` rows of `n_columns` values.

    Rows are written at their own index; rows that never came read as NaN. A reader on another
    thread sees whole rows only: `stop` moves after the rows are there, and rows that were
    overwritten while they were read come back as NaN.
    """

    def __init__(self, capacity: int, n_columns: int) -> None:
        self._rows = np.full((capacity, n_columns), np.nan)
        self._capacity = capacity
        self._claimed = 0  # the index after the row that is written next: older ones make room
        self.stop = 0
        """The index after the newest row."""

    def write(self, start: int, rows: Samples) -> None:
        """Put `rows` ``(n, n_columns)`` at `start`; indices between `stop` and `start` are NaN."""
        n, at = len(rows), start % self._capacity
        self._claimed = stop = start + n
        if start == self.stop and at + n <= self._capacity:  # nearly always
            self._rows[at : at + n] = rows
        else:
            first = max(self.stop, stop - self._capacity)
            if start > first:
                self._put(first, np.full((start - first, self._rows.shape[1]), np.nan))
            skipped = max(0, n - self._capacity)
            self._put(start + skipped, rows[skipped:])
        self.stop = stop

    def _put(self, start: int, rows: Samples) -> None:
        at = start % len(self._rows)
        room = len(self._rows) - at
        self._rows[at : at + len(rows)] = rows[:room]
        if len(rows) > room:
            self._rows[: len(rows) - room] = rows[room:]

    def read(self, start: int, stop: int) -> Samples:
        """Return a copy of the rows from `start` to before `stop`; NaN for those not held."""
        rows = np.full((max(0, stop - start), self._rows.shape[1]), np.nan)
        first, last = max(start, self._claimed - self._capacity), min(stop, self.stop)
        if first < last:
            at = np.arange(first, last) % len(self._rows)
            rows[first - start : last - start] = self._rows[at]
        rows[: max(0, self._claimed - self._capacity - start)] = np.nan
        return rows

    def latest(self, n: int) -> Samples:
        """Return the newest `n` rows; NaN before the first."""
        stop = self.stop
        return self.read(stop - n, stop)
