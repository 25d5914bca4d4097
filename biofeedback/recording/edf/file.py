"""One EDF+ or BDF+ file that is whole from its first record on, however it ends."""

import errno
import io
import os
from collections import deque
from collections.abc import Callable
from contextlib import suppress

import numpy as np

from biofeedback.recording.disk import write_at
from biofeedback.recording.edf.annotations import LOST
from biofeedback.recording.edf.counts import Counts
from biofeedback.recording.edf.encode import Layout, encode_samples
from biofeedback.recording.edf.header import COUNT_AT, FIXED
from biofeedback.recording.edf.texts import TICKS_PER_S, TextBlock, clean
from biofeedback.stream import Annotation

Sync = Callable[[int], None]
"""Brings what was written to a file descriptor to its disk, now or soon."""


class EdfFile:
    """Writes records to `file`, each in one go, and tells the header their number after each.

    `header` goes out with the first record, so that a file without one is empty. `notes`: those
    that wait for room in a record, from which they are taken; their time is that of the stream, of
    which this file begins at `origin_s`. `sync` is called after each record.
    """

    def __init__(
        self,
        file: io.FileIO,
        layout: Layout,
        header: bytes,
        notes: deque[Annotation],
        *,
        origin_s: float,
        sync: Sync | None,
    ) -> None:
        self._file, self._layout, self._header = file, layout, header
        self._notes, self._origin_s, self._sync = notes, origin_s, sync
        self._rows = np.zeros((layout.n, layout.n_channels), dtype=np.int32)
        self._filled = self._came = 0  # in the record that is begun: rows, and those that came
        self._gaps: deque[tuple[int, int]] = deque()
        self.records = 0
        self.samples = 0
        """How many samples of each channel came and lie in whole records."""

    @property
    def stop(self) -> int:
        """The number of samples so far, those that are held included."""
        return self.records * self._layout.n + self._filled

    @property
    def lacks(self) -> int:
        """How many are missing to a whole record."""
        return self._layout.n - self._filled

    def add(self, counts: Counts) -> None:
        """Take samples; each whole record is written."""
        at = 0
        while at < len(counts):
            count = min(len(counts) - at, self.lacks)
            self._came += count
            self._fill(counts[at : at + count])
            at += count

    def hold(self, count: int, first: Counts) -> None:
        """Fill the place of `count` samples that were lost with the last one, and say so.

        Where none came yet, `first` ``(n_channels,)`` is held.
        """
        row = self._rows[self._filled - 1].copy() if self.stop else first
        self._gaps.append((self.stop, self.stop + count))
        while count:
            held = min(count, self.lacks)
            self._fill(np.broadcast_to(row, (held, len(row))))
            count -= held

    def close(self) -> None:
        """Write what is left, held to the end of its record, and every note; then close."""
        while self._filled or (self.records and (self._gaps or self._notes)):
            self.hold(self.lacks, self._rows[0])
        os.fsync(self._file.fileno())
        self._file.close()

    def abandon(self) -> None:
        """Close the file at its last whole record: it cannot be written any more."""
        with suppress(OSError, ValueError):  # the latter where it is closed
            self._file.truncate(self._end_of(self.records))
        with suppress(OSError):
            self._file.close()

    def _fill(self, counts: Counts) -> None:
        self._rows[self._filled : self._filled + len(counts)] = counts
        self._filled += len(counts)
        if self._filled == self._layout.n:
            self._write_record()

    def _write_record(self) -> None:
        fd = self._file.fileno()
        if not os.fstat(fd).st_nlink:  # no folder holds it any more
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        data = self._texts().seal(encode_samples(self._rows, self._layout.sample_bytes))
        if self.records:
            self._put(self._end_of(self.records), data)
            self._put(COUNT_AT, b"%-*d" % (FIXED["records"], self.records + 1))
        else:
            self._put(0, self._header + data)
        self.records += 1
        self.samples += self._came
        self._filled = self._came = 0
        if self._sync:
            self._sync(fd)

    def _end_of(self, records: int) -> int:
        return len(self._header) + records * self._layout.record_bytes if records else 0

    def _put(self, at: int, data: bytes) -> None:
        if write_at(self._file, at, data) != len(data):  # as much as there was room for
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _texts(self) -> TextBlock:
        """Return the texts of this record: what was lost first, as its samples are in it."""
        ticks = self._layout.ticks
        texts = TextBlock(ticks(self.records * self._layout.n))
        while self._gaps:
            begin, end = map(ticks, self._gaps[0])
            if texts.add(begin, end - begin, LOST):
                return texts
            self._gaps.popleft()
        while self._notes:
            note = self._notes.popleft()
            onset = round((note.onset_s - self._origin_s) * TICKS_PER_S)
            rest = texts.add(onset, round(note.duration_s * TICKS_PER_S), clean(note.text))
            if rest:
                self._notes.appendleft(Annotation(note.onset_s, note.duration_s, rest))
                break
        return texts
