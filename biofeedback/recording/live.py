"""The recording of a live stream, written by a thread of its own: nobody waits for the disk."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from biofeedback.clock import HostClock
from biofeedback.errors import RecordingError
from biofeedback.recording.disk_sync import BackgroundSync, sync_data
from biofeedback.recording.edf.writer import EdfWriter
from biofeedback.settings import BurstSettings, SignalSettings
from biofeedback.stream import Annotation, Chunk, StreamInfo
from biofeedback.text import _

# What waits for a disk that hangs: 8 channels of 2 kHz for eight minutes.
_MOST_WAITING_BYTES = 64 * 2**20
_LET_WORK_S = 0.005
_MOST_TOGETHER = 64
# After a failure it is tried again so soon, and each time after twice as long.
_TRY_AGAIN_S = 2.0
_TRY_AGAIN_MOST_S = 60.0
# No board's clock is so far off: who comes faster or slower was not played at its own rate.
_MOST_DRIFT_PPM = 20_000.0
_SET_S = 1.0  # a wall clock that is kept by the network creeps, and does not jump


class Recorder:
    """A sink that records what comes to `path`, as `EdfWriter` does, record by record on disk.

    `write` only puts a reference in a queue. Where recording fails (`failure` says why) the stream
    goes on, what was recorded stays whole, and it is tried again in a new file. A `patient` one is
    for a stream that no clock drives: it is slowed down where the disk does not keep up, which
    costs nothing, and is on disk for certain once it is closed.

    `path` may depend on what the stream is. One that is not `needed` stands in nobody's way: where
    its file cannot be made it notes that, and records nothing. `heart`: whether a heart rate is
    to be written beside it, by who hears it.
    """

    def __init__(
        self,
        path: Path | Callable[[StreamInfo], Path],
        *,
        needed: bool = True,
        signal: SignalSettings,
        bursts: BurstSettings,
        patient: bool = False,
        heart: bool = False,
        sync: Callable[[int], None] = sync_data,
        most_waiting_bytes: int = _MOST_WAITING_BYTES,
    ) -> None:
        self._path_of = path if callable(path) else lambda _info: path
        self._needed, self._patient, self._sync = needed, patient, sync
        self._settings, self._heart = {"signal": asdict(signal), "bursts": asdict(bursts)}, heart
        self._most_waiting_bytes = most_waiting_bytes
        self.failure: RecordingError | None = None
        """Why nothing is recorded at present."""
        self._notes: list[str] = []  # two threads have something to say
        self._waiting: deque[tuple[Chunk, float] | Annotation] = deque()
        self._wake, self._closing = threading.Event(), False
        self._queued = self._taken = 0  # samples, each with one thread that counts them
        self._wake_at = 0  # so many queued ones make a record whole
        self._put_bytes = self._taken_bytes = 0
        self._overflowed = False
        self._start = self._stop = self._came = 0
        self._thread: threading.Thread | None = None
        self._writer: EdfWriter | None = None
        self._try_again_s, self._next_try = _TRY_AGAIN_S, 0

    @property
    def notes(self) -> tuple[str, ...]:
        """What went wrong, and what became of it, each a sentence."""
        return tuple(self._notes)

    def open(self, info: StreamInfo, start: int = 0) -> None:
        """Make the file, for what `info` describes from sample `start` on.

        Raises `RecordingError` where it is `needed` and cannot be.
        """
        self._sfreq, self._clock = info.sfreq, HostClock(info.sfreq)
        self._start = self._stop = start
        try:
            self._begin(info, start)
        except RecordingError as error:
            if self._needed:
                raise
            self.failure = error
            self._notes.append(str(error))

    def _begin(self, info: StreamInfo, start: int) -> None:
        path = self._path_of(info)
        now = datetime.now().astimezone()
        disk = None if self._patient else BackgroundSync(self._sync)
        writer = EdfWriter(
            path,
            info,
            start=start,
            started=now - timedelta(seconds=start / info.sfreq),
            settings=self._settings,
            sync=disk,
            heart=self._heart,
        )
        self._file, self._writer = path, writer
        self._thread = threading.Thread(
            target=self._work, args=(writer, disk), name="recorder", daemon=True
        )
        self._thread.start()

    def write(self, chunk: Chunk) -> None:
        """Take `chunk`, which is not changed any more; what comes while too many wait is lost."""
        if self._thread is None:  # it could not begin, or has ended
            return
        self._stop = chunk.start + len(chunk.samples)
        self._came += len(chunk.samples)
        while self._patient and self._put_bytes - self._taken_bytes > self._most_waiting_bytes:
            time.sleep(_LET_WORK_S)
        if self._put_bytes - self._taken_bytes > self._most_waiting_bytes:
            if not self._overflowed:
                self._overflowed = True
                self._notes.append(
                    _(
                        "The disk of {path} does not keep up: from {seconds:.1f} s on samples are "
                        "missing in the recording until it does; choose a faster one."
                    ).format(path=self._file, seconds=chunk.start / self._sfreq)
                )
            return
        self._put_bytes += chunk.samples.nbytes
        self._queued += len(chunk.samples)
        self._waiting.append((chunk, time.monotonic()))
        if self._queued >= self._wake_at:
            self._wake.set()

    def annotate(self, annotation: Annotation) -> None:
        """Take a note; its onset is in s from sample 0."""
        if self._thread is not None:
            self._waiting.append(annotation)

    def close(self) -> None:
        """Write what waits, and close; the last file is whole when it returns."""
        if self._thread is not None:
            self._closing = True
            self._wake.set()
            self._thread.join()
            self._thread = None

    @property
    def files(self) -> tuple[Path, ...]:
        """What was recorded so far; the first begins at `start_s`."""
        return tuple(self._writer.files) if self._writer else ()

    @property
    def start_s(self) -> float:
        """When it was opened, in s of the stream."""
        return self._start / self._sfreq

    def summary(self) -> dict[str, Any] | None:
        """Return what was recorded, as plain values; None before it was opened.

        `samples` of each channel, those `lost` (never arrived, or not recorded), the number of
        `files`, and whether nothing but what never arrived is missing (`complete`).
        """
        if self._writer is None:
            return None
        samples = self._writer.samples
        return {
            "samples": samples,
            "lost": self._stop - self._start - samples,
            "files": len(self._writer.files),
            "complete": samples == self._came and not self.failure,
        }

    # the recorder's own thread

    def _work(self, writer: EdfWriter, disk: BackgroundSync | None) -> None:
        self._try(writer, writer.begin, self._start)
        try:
            closing = False
            while not closing:
                self._wake.wait()
                self._wake.clear()
                closing = self._closing  # before the last look: nothing comes after it was set
                self._take_over(writer)
            self._note_set_clock(self._clock.wall_jump_s)
            fit = self._clock.fit
            if fit and abs(fit["drift_ppm"]) < _MOST_DRIFT_PPM:
                writer.clock = fit
        finally:  # whatever there is a bug in, the file is made whole
            self._try(writer, writer.close, self._stop)
            if disk:
                disk.close()

    def _take_over(self, writer: EdfWriter) -> None:
        """Hand on all that waits, what is unbroken in one: a call costs more than its samples."""
        came: list[Chunk] = []
        while self._waiting:
            item = self._waiting.popleft()
            if isinstance(item, Annotation):
                writer.annotate(item)
                continue
            chunk, came_s = item
            self._clock.add(chunk.stop, came_s)
            if came and (came[-1].stop != chunk.start or len(came) == _MOST_TOGETHER):
                self._record(writer, came)
                came = []
            came.append(chunk)
        if came:
            self._record(writer, came)

    def _record(self, writer: EdfWriter, came: list[Chunk]) -> None:
        start = came[0].start
        samples = [chunk.samples for chunk in came]
        if not self.failure or start >= self._next_try:
            whole = samples[0] if len(samples) == 1 else np.concatenate(samples)
            self._try(writer, lambda: writer.write(Chunk(start, whole)), start)
        self._taken += sum(map(len, samples))
        self._taken_bytes += sum(part.nbytes for part in samples)
        self._wake_at = self._taken + writer.lacks

    def _note_set_clock(self, jump_s: float) -> None:
        if abs(jump_s) >= _SET_S:
            self._notes.append(
                _(
                    "The computer's clock was set by {seconds:+.0f} s, or it slept, while this was "
                    "recorded: the time of day in the file is that of its start."
                ).format(seconds=jump_s)
            )

    def _try(self, writer: EdfWriter, do: Callable[[], None], start: int) -> None:
        recorded = writer.samples
        try:
            do()
        except Exception as error:  # whatever it is, the stream goes on
            writer.abandon()
            self._next_try = start + round(self._try_again_s * self._sfreq)
            self._try_again_s = min(2 * self._try_again_s, _TRY_AGAIN_MOST_S)
            if not self.failure:
                self.failure = self._explain(error, start / self._sfreq)
                self._notes.append(str(self.failure))
            return
        if self.failure and writer.samples > recorded:  # a record is on disk
            self.failure = None
            self._notes.append(_("Recording goes on in {path}.").format(path=writer.files[-1]))

    def _explain(self, error: Exception, seconds: float) -> RecordingError:
        cause = error.__cause__ or error
        return RecordingError(
            _(
                "{path}: since {seconds:.1f} s nothing is recorded ({why}); what came before is "
                "whole. Make room on the disk or bring it back, and it goes on in a new file."
            ).format(
                path=self._file, seconds=seconds, why=getattr(cause, "strerror", None) or cause
            )
        )
