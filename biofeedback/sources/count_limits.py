"""Counts that a converter cannot have sent are kept from becoming wrong microvolts."""

from itertools import pairwise

import numpy as np

from biofeedback.boards import BOARDS, Board
from biofeedback.errors import SourceMismatch
from biofeedback.stream import Chunk
from biofeedback.text import _

_OUTLIERS, _OUTLIERS_WITHIN = 3, 100


class CountLimits:
    """Watches the counts of `board`: one beyond its bits is a damaged line, and is taken out.

    Three among a hundred are another board; three fractions within its volts are no counts at
    all. `refused` counts the samples that were taken out.
    """

    def __init__(self, board: Board, *, signed: bool, port: str) -> None:
        self._board, self._port = board, port
        self._lowest = -(2 ** (board.bits - 1)) if signed else 0
        self._highest = self._lowest + 2**board.bits - 1
        self._outliers: list[int] = []
        self.refused = 0

    def __call__(self, chunk: Chunk) -> list[Chunk]:
        """Return `chunk` without the samples that cannot be; raise `SourceMismatch`."""
        counts = chunk.samples
        strange = (counts < self._lowest) | (counts > self._highest)
        strange |= (np.abs(counts) <= self._board.reference_v) & (counts != np.rint(counts))
        if not strange.any():
            return [chunk]
        rows = np.flatnonzero(strange.any(axis=1))
        self.refused += len(rows)
        seen = [*self._outliers, *(int(row) + chunk.start for row in rows)]
        spans = zip(seen, seen[_OUTLIERS - 1 :], strict=False)
        if any(last - first < _OUTLIERS_WITHIN for first, last in spans):
            raise SourceMismatch(self._explain(float(max(counts[strange], key=abs))))
        self._outliers = seen[1 - _OUTLIERS :]
        edges = [-1, *rows, len(counts)]
        return [
            Chunk(chunk.start + before + 1, counts[before + 1 : after])
            for before, after in pairwise(edges)
            if after - before > 1
        ]

    def _explain(self, count: float) -> str:
        if count > self._highest:
            finer = {n: board.bits for n, board in BOARDS.items() if 2**board.bits > count}
            return _(
                "The board sends {count:g}, more than the {bits} bits of an {board}: name the "
                "board, e.g. serial:{port}?sensor=...&board={finer}"
            ).format(
                count=count,
                bits=self._board.bits,
                board=self._board.title,
                port=self._port,
                finer=min(finer, key=finer.__getitem__, default="..."),
            )
        return _(
            "The board sends {count:g}, which is not a count of its converter: let the sketch "
            "print what analogRead gives, or say what the numbers are, e.g. --unit mV."
        ).format(count=count)
