"""Blocks of numbers, put by until they are asked for: in memory while few, else in a file."""

import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biofeedback.errors import RecordingError
from biofeedback.stream import Samples
from biofeedback.text import _

# A quarter of an hour of two channels and their times at 1000 Hz; the file is nameless and goes
# away with the object.
_BYTES_IN_MEMORY = 2**25
_DOUBLE = np.dtype(np.float64).itemsize


class Spool:
    """Blocks ``(n_rows, n_columns)``, gone through as often as one likes; empty ones are
    passed over.

    Raises `RecordingError`, which names what is read `where`, if there is no room for them.
    """

    def __init__(self, *, where: str) -> None:
        self._where = where
        self._file = tempfile.SpooledTemporaryFile(max_size=_BYTES_IN_MEMORY)  # noqa: SIM115
        weakref.finalize(self, self._file.close)
        self.lengths: list[int] = []
        self.width = 0

    def append(self, block: Samples) -> None:
        """Put `block` ``(n_rows, n_columns)`` behind the others, which are as wide."""
        try:
            self._file.seek(0, 2)
            self._file.write(block.T.tobytes())
        except OSError as error:
            raise no_room(self._where, error) from error
        self.lengths.append(len(block))
        self.width = block.shape[1]

    def __iter__(self) -> Iterator[Samples]:
        at = 0
        for length in filter(None, self.lengths):
            yield self.read(at, length * self.width).reshape(self.width, length).T
            at += length * self.width

    def column(self, number: int) -> "Parts":
        """Return the parts of one column, one of each block that has rows."""
        return Parts(self, number)

    def read(self, at: int, count: int) -> NDArray[np.float64]:
        """Return `count` numbers from the one `at` on, column after column in each block."""
        self._file.seek(at * _DOUBLE)
        return np.frombuffer(self._file.read(count * _DOUBLE))


def no_room(where: str, error: OSError) -> RecordingError:
    """Return the error for a file whose numbers find no room."""
    return RecordingError(
        _(
            "{where} is large and there is no room to unpack it in {folder} ({why}); make room, or "
            "name another folder in the variable TMPDIR."
        ).format(where=where, folder=tempfile.gettempdir(), why=error.strerror or error)
    )


@dataclass(frozen=True, slots=True)
class Parts:
    """A column of a `Spool`: arrays ``(n,)`` that follow on one another."""

    spool: Spool
    number: int

    def __iter__(self) -> Iterator[NDArray[np.float64]]:
        at = 0
        for length in filter(None, self.spool.lengths):
            yield self.spool.read(at + self.number * length, length)
            at += length * self.spool.width
