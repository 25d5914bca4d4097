"""A recording, played again: at the speed it was made, or as fast as it is asked for."""

import time
from collections.abc import Callable

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
        self._chunks: tuple[Chunk, ...] = ()
        self._run = self._offset = 0

    @property
    def ended(self) -> bool:
        """Whether the last sample has been read."""
        return self._recording is not None and self._run == len(self._chunks)

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
            self._chunks = self._recording.chunks
        self._run = self._offset = 0
        self._pace = Pace(self.info.sfreq, fast=self._fast, clock=self._clock, sleep=self._sleep)
        self._pace.start()

    def read(self, timeout: float) -> list[Chunk]:
        """Return what is due of the current unbroken run; nothing is, as long as a gap lasts."""
        if self.ended:
            return []
        run = self._chunks[self._run]
        position = run.start + self._offset
        left = len(run.samples) - self._offset
        n = self._pace.due(position, timeout, most=min(left, _MOST_AT_ONCE))
        if not n:
            return []
        chunk = Chunk(position, run.samples[self._offset : self._offset + n])
        self._offset += n
        if n == left:
            self._run, self._offset = self._run + 1, 0
        return [chunk]

    def close(self) -> None:
        """Nothing to give back."""
