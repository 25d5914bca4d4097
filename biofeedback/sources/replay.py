"""A recording, played again: at the speed it was made, or as fast as it is asked for."""

import time
from collections.abc import Callable, Iterator

from biofeedback.recording.recorded import Recording
from biofeedback.sources.pace import Pace
from biofeedback.stream import Chunk, StreamInfo
from biofeedback.text import _

_MOST_AT_ONCE = 4096


class ReplaySource:
    """Plays the recording that `read` returns, gaps included; `open` reads it, or rewinds.

    A large file takes its time, so it is read where the session waits for it and not before.
    """

    corrupt_frames = 0

    def __init__(
        self,
        read: Callable[[], Recording],
        *,
        fast: bool = False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.status = ""
        self.notes: tuple[str, ...] = ()
        self._read = read
        self._recording: Recording | None = None
        self._fast, self._clock, self._sleep = fast, clock, sleep
        self._chunks: Iterator[Chunk] = iter(())
        self._left: Chunk | None = None

    @property
    def ended(self) -> bool:
        """Whether the last sample has been read."""
        return self._recording is not None and self._left is None

    def open(self) -> None:
        """Read the recording where that is not done, and start the clock at its first sample."""
        if self._recording is None:
            self.status = _("reading the recording")
            try:
                self._recording = self._read()
            finally:
                self.status = ""
            self.info: StreamInfo = self._recording.info
            self.notes = self._recording.notes
        self._chunks = iter(self._recording.chunks)
        self._left = next(self._chunks, None)
        self._pace = Pace(self.info.sfreq, fast=self._fast, clock=self._clock, sleep=self._sleep)
        self._pace.start()

    def read(self, timeout: float) -> list[Chunk]:
        """Return what is due of the current unbroken run; nothing is, as long as a gap lasts."""
        left = self._left
        if left is None:
            return []
        n = self._pace.due(left.start, timeout, most=min(len(left.samples), _MOST_AT_ONCE))
        if not n:
            return []
        if n == len(left.samples):
            self._left = next(self._chunks, None)
            return [left]
        self._left = Chunk(left.start + n, left.samples[n:])
        return [Chunk(left.start, left.samples[:n])]

    def close(self) -> None:
        """Nothing to give back."""
