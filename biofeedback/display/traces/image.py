"""The picture of a sweep, in which new columns overwrite the old."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from biofeedback.display.traces.columns import Columns, Pixels, make_ink, paint
from biofeedback.display.widgets.palette import Palette
from biofeedback.stream import Samples

_BLANK = 0.015  # of the sweep, ahead of the newest column

Span = tuple[int, int]
"""Columns of the sweep, from the first to before the last."""


class SweepImage:
    """Strips of `height` pixels of the device, one a channel, `width` wide or a little less.

    `ratio`: pixels of the device in one of the window.
    """

    def __init__(
        self,
        n_channels: int,
        width: int,
        height: int,
        *,
        sfreq: float,
        ratio: float,
        palette: Palette,
    ) -> None:
        self.columns = Columns(n_channels, width, sfreq=sfreq)
        self._wide = max(1, width // self.columns.n_columns)  # pixels a column
        self.width = self._wide * self.columns.n_columns
        self.pixels: Pixels = np.empty((n_channels, height, self.width), dtype=np.uint32)
        # Qt does not own the memory: what is written to the array is in the image
        self.image = QImage(
            memoryview(self.pixels.data).cast("B"),
            self.width,
            n_channels * height,
            4 * self.width,
            QImage.Format.Format_RGB32,
        )
        self.image.setDevicePixelRatio(ratio)
        self._ratio = ratio
        self._ink = make_ink(palette, height, self.columns.n_columns)
        self._thickness = max(2, round(2 * ratio))

    def advance(
        self,
        signal: Callable[[int, int], tuple[Samples, Samples]],
        stop: int,
        scales: NDArray[np.float64],
    ) -> list[Span]:
        """Draw what came before sample `stop`, as `Columns.take`; return what has changed."""
        new = self._spans(self.columns.take(signal, stop))
        for start, end in new:
            self._draw(start, end, scales)
        return [*new, *self._blank_ahead()] if new else []

    def redraw(self, scales: NDArray[np.float64]) -> None:
        """Draw every column anew."""
        self._draw(0, self.columns.n_columns, scales)
        self._blank_ahead()

    def left_and_width(self, span: Span) -> tuple[float, float]:
        """Return where columns stand in the image, in pixels of the window."""
        wide = self._wide / self._ratio
        return span[0] * wide, (span[1] - span[0]) * wide

    def _spans(self, new: range) -> list[Span]:
        """Return where columns of the stream stand: one run, or two at the turn."""
        if not new:
            return []
        n = self.columns.n_columns
        start, stop = new.start % n, (new.stop - 1) % n + 1
        return [(start, stop)] if start < stop else [(start, n), (0, stop)]

    def _draw(self, start: int, stop: int, scales: NDArray[np.float64]) -> None:
        at = slice(start, stop)
        pixels = paint(self.columns, at, scales=scales, ink=self._ink, thickness=self._thickness)
        self._put(start, stop, pixels)

    def _put(self, start: int, stop: int, pixels: Pixels) -> None:
        wide = self._wide
        shown = pixels if wide == 1 else np.repeat(pixels, wide, axis=-1)
        self.pixels[..., start * wide : stop * wide] = shown

    def _blank_ahead(self) -> list[Span]:
        """Clear the bar that divides new from old; return where it is."""
        n, at = self.columns.n_columns, self.columns.next
        if not at:
            return []
        spans = self._spans(range(at, at + max(2, int(_BLANK * n))))
        for start, stop in spans:
            self._put(start, stop, self._ink.ground[:, start:stop])
        return spans
