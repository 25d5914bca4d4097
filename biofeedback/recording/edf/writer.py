"""A stream becomes EDF+ or BDF+ files: gaps are held and told, what no file can say begins anew."""

import io
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from biofeedback.errors import RecordingError
from biofeedback.recording.disk import claim
from biofeedback.recording.drafts import telling
from biofeedback.recording.edf.counts import (
    BDF_BYTES,
    EDF_BYTES,
    Encoder,
    Scale,
    choose_scale,
    known_scale,
)
from biofeedback.recording.edf.encode import encode_header, make_layout
from biofeedback.recording.edf.file import EdfFile, Sync
from biofeedback.recording.heart_csv import heart_path
from biofeedback.recording.sidecar import Sidecar, sidecar_path, write_sidecar
from biofeedback.stream import Annotation, Channel, Chunk, Samples, StreamInfo
from biofeedback.text import _

SUFFIXES = {".edf": EDF_BYTES, ".bdf": BDF_BYTES}
# Where more was lost than this, a file of held values says less than two files.
_LONGEST_GAP_S = 5.0


class EdfWriter:
    """Writes a stream to `path`: `write` and `annotate`, then `close`.

    The suffix tells EDF (16 bits) from BDF (24). Counts are kept bit for bit, other numbers
    rounded to a step, as `edf_counts` has it. A new file, NAME_run-02 and so on, begins after a gap
    of more than 5 s, and where a sample does not fit the scale of the file. Beside each lies
    NAME.json, which has what the header has no room for. Nothing is overwritten.

    It begins with the sample of index `start`; `started` is when sample 0 was taken, with its time
    zone, None where it is not known. `settings`: those in force, as plain values by section. `sync`
    is called after each record with the file's descriptor; without it nothing waits for the disk
    before the end. `heart`: whether a heart rate is written beside the first file, which is named
    in NAME.json then.

    Raises `RecordingError` for a path that cannot be, or is taken. Where writing fails, it or
    `OSError`: call `abandon`; what is written after that begins a new file.
    """

    def __init__(
        self,
        path: Path,
        info: StreamInfo,
        *,
        start: int = 0,
        started: datetime | None = None,
        settings: dict[str, Any] | None = None,
        sync: Sync | None = None,
        heart: bool = False,
    ) -> None:
        self._path, self._info, self._sync = path, info, sync
        self._heart = heart_path(path).name if heart else None
        self._started, self._settings = started, settings or {}
        self._sample_bytes = _sample_bytes(path, info.channels)
        self._scales: list[Scale | None] = [None for _channel in info.channels]
        self.clock: dict[str, Any] | None = None
        """What was measured of the stream's time, for the sidecar."""
        self.files: list[Path] = []
        """The files that were begun, oldest first."""
        self._closed_samples = 0
        self._start = self._next = start
        self._notes: deque[Annotation] = deque()
        self._current: EdfFile | None = None
        self._claimed: tuple[Path, io.FileIO] | None = _claim_first(path)

    @property
    def samples(self) -> int:
        """How many samples of each channel lie in whole records."""
        return self._closed_samples + (self._current.samples if self._current else 0)

    @property
    def lacks(self) -> int:
        """How many samples are missing to a whole record, which is then written; at least one."""
        return self._current.lacks if self._current else 1

    def begin(self) -> None:
        """Make all ready before samples come, where the channels alone tell how to record them."""
        self._scales = [known_scale(channel, self._sample_bytes) for channel in self._info.channels]
        if None not in self._scales:
            self._begin_file(self._start)

    def write(self, chunk: Chunk) -> None:
        """Take `chunk`; a row with a value that is not finite counts as missing in all channels.

        A sample of which only some channels are known has no place in EDF; our own readers take
        such a row of any format for a gap, and so does a replay of this file.
        """
        samples = chunk.samples
        if self._add_next(chunk.start, samples):
            return
        whole = np.isfinite(samples).all(axis=1)
        edges = np.flatnonzero(np.diff(whole, prepend=False, append=False))
        for begin, stop in edges.reshape(-1, 2).tolist():
            self._take(chunk.start + begin, samples[begin:stop])

    def _add_next(self, start: int, samples: Samples) -> bool:
        """Record what goes on where the last samples ended and fits; say whether it did."""
        file = self._current
        counts = self._encoder(samples) if file and start == self._next else None
        if file is None or counts is None:
            return False
        self._next = start + len(samples)
        file.add(counts)
        return True

    def annotate(self, annotation: Annotation) -> None:
        """Take a note; its onset is in s from sample 0 of the stream."""
        if annotation.text:
            self._notes.append(annotation)

    def close(self) -> None:
        """Write what is left and close; without any sample, nothing is left behind."""
        self._end_file()
        self._drop_claimed()

    def abandon(self) -> None:
        """Give up the file that cannot be written, at its last whole record."""
        file, self._current = self._current, None
        if file is not None:
            file.abandon()
            self._closed_samples += file.samples
            if not file.records:
                for path in (self.files[-1], sidecar_path(self.files.pop())):
                    with suppress(OSError):
                        path.unlink(missing_ok=True)
        self._drop_claimed()

    # samples

    def _take(self, start: int, samples: Samples) -> None:
        if start < self._next:  # what came already
            samples = samples[self._next - start :]
            start = self._next
        if not len(samples):
            return
        near = start - self._next <= _LONGEST_GAP_S * self._info.sfreq
        counts = self._encoder(samples) if self._current and near else None
        if counts is None:
            self._end_file()
            self._choose_scales(samples)
            # What is missing at the very start is told as a gap too: indices stay what they were.
            self._begin_file(self._start if near and not self.files else start)
            counts = self._encoder(samples)
            assert counts is not None  # noqa: S101  the scales were chosen so
        file = self._current
        assert file is not None  # noqa: S101
        missing = start - self._begins_at - file.stop
        if missing:
            file.hold(missing, counts[0])
        self._next = start + len(samples)
        file.add(counts)

    def _choose_scales(self, samples: Samples) -> None:
        """Choose scales anew for the channels of which `samples` do not fit the ones they have."""
        channels = self._info.channels
        for at, (channel, signal) in enumerate(zip(channels, samples.T, strict=True)):
            scale = self._scales[at]
            if scale is None or Encoder([scale])(signal[:, None]) is None:
                self._scales[at] = choose_scale(channel, signal, self._sample_bytes)
        if None in self._scales:  # not what its converter is said to send: 16 bits do not hold it
            self._drop_claimed()
            self._sample_bytes = BDF_BYTES
            self._scales = [
                choose_scale(channel, signal, BDF_BYTES)
                for channel, signal in zip(channels, samples.T, strict=True)
            ]

    # files

    def _begin_file(self, index: int) -> None:
        info, origin_s = self._info, index / self._info.sfreq
        scales = tuple(scale for scale in self._scales if scale)
        path, file = self._claimed = self._claimed or self._claim_next()
        sidecar = Sidecar(
            identity=uuid4().hex,
            started=self._started + timedelta(seconds=origin_s) if self._started else None,
            first_sample=index,
            info=info,
            layout=make_layout(info.sfreq, len(info.channels), self._sample_bytes),
            scales=scales,
            settings=self._settings,
            heart=self._heart,
        )
        write_sidecar(path, sidecar)
        self._sidecar, self._claimed = sidecar, None
        self.files.append(path)
        self._encoder, self._begins_at = Encoder(scales), index
        self._current = EdfFile(
            file,
            sidecar.layout,
            encode_header(
                info, scales, sidecar.layout, started=sidecar.started, identity=sidecar.identity
            ),
            self._notes,
            origin_s=origin_s,
            sync=self._sync,
        )

    def _end_file(self) -> None:
        file = self._current
        if file is None or not file.stop:
            self.abandon()
            return
        file.close()
        self._closed_samples += file.samples
        self._current = None
        with suppress(RecordingError):  # the disk is full: what was told at the start still holds
            write_sidecar(
                self.files[-1], replace(self._sidecar, samples=file.samples, clock=self.clock)
            )

    def _claim_next(self) -> tuple[Path, io.FileIO]:
        suffix = next(s for s, size in SUFFIXES.items() if size == self._sample_bytes)
        number = len(self.files) + 1
        while True:
            run = f"_run-{number:02d}" if number > 1 else ""
            path = self._path.with_name(f"{self._path.stem}{run}{suffix}")
            if not sidecar_path(path).exists():
                with suppress(FileExistsError):
                    return path, claim(path)
            number += 1

    def _drop_claimed(self) -> None:
        if self._claimed is not None:
            path, file = self._claimed
            file.close()
            with suppress(OSError):
                path.unlink()
            self._claimed = None


def _claim_first(path: Path) -> tuple[Path, io.FileIO]:
    with telling(path):
        try:
            for taken in (path, sidecar_path(path)):
                if taken.exists():
                    raise FileExistsError
            return path, claim(path)
        except FileExistsError as error:
            raise RecordingError(
                _("{path} is there already; choose another name: nothing is overwritten.").format(
                    path=path
                )
            ) from error


def _sample_bytes(path: Path, channels: Sequence[Channel]) -> int:
    """Return the size of a sample in the file at `path`; raise `RecordingError` if it cannot be."""
    size = SUFFIXES.get(path.suffix.lower())
    if size is None:
        raise RecordingError(
            _("{path}: a recording is written as .edf or .bdf; name it so.").format(path=path)
        )
    for channel in channels if size == EDF_BYTES else ():
        if channel.digital is None or channel.digital[1] - channel.digital[0] >= 2**16:
            raise RecordingError(
                _(
                    "{path}: EDF holds whole numbers of 16 bits, and {label} sends others; let the "
                    "name end in .bdf."
                ).format(path=path, label=channel.label)
            )
    return size
