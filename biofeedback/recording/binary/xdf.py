"""XDF files, as LabRecorder writes them: streams of Lab Streaming Layer, EMG and markers."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from biofeedback.errors import RecordingError
from biofeedback.recording.binary.xdf_chunks import (
    MAGIC,
    NUMBERS,
    TEXTS,
    Stream,
    find_streams,
    parse_numbers,
    parse_texts,
)
from biofeedback.recording.binary.xdf_times import StampedTimes
from biofeedback.recording.blocks import Blocks, with_converters
from biofeedback.recording.recorded import Hints, Recording
from biofeedback.recording.signals import Signal, check_rate, choose_emg, listed, make_channels
from biofeedback.stream import Annotation, Samples, StreamInfo
from biofeedback.text import _, plural

_MARKERS = {"markers", "marker", "events", "event"}
# What all annotations may take in memory, and what one takes beside its text.
_ROOM_BYTES = 2**24
_ANNOTATION_BYTES = 200


def read_xdf(path: Path, name: str, hints: Hints) -> Recording:
    """Read the XDF file at `path`; errors call it `name`. Raises `RecordingError`.

    The EMG channels of one stream are read, that of the highest rate; texts of other streams become
    annotations. Where time stamps jump and do not come back, samples are missing.
    """
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise RecordingError(_("{name} is no XDF file; choose another file.").format(name=name))
        streams, damaged_at, unread = find_streams(file)
        stream, chosen, signals, notes = _choose(streams, name)
        check_rate(stream.sfreq, hints, where=name)
        index, times = _index(file, stream)
        if not index.stops[-1]:
            raise RecordingError(
                _("{name} holds no samples; choose another file.").format(name=name)
            )
        runs, told = times.runs(name)
        first_s = float(stream.synchronised(np.array([times.first_s]))[0])
        annotations = _annotations(file, streams, first_s)
    channels, unnamed = make_channels(signals, hints, where=name)
    reader = _Reader(path, stream, tuple(chosen), index)
    blocks = Blocks(name, reader.read, runs, len(chosen))
    channels = with_converters(channels, blocks, [None] * len(channels))
    notes += (*told, *_note_damage(damaged_at, unread, index.damaged), *unnamed)
    if any(stream.clock_was_reset for stream in streams):
        notes += (_("A clock was set while this was recorded: annotations may be off."),)
    info = StreamInfo(channels, stream.sfreq, name, simulated=is_simulated(stream))
    return Recording(info, blocks, blocks.stop, notes, annotations)


def _choose(
    streams: list[Stream], name: str
) -> tuple[Stream, list[int], list[Signal], tuple[str, ...]]:
    """Return the stream that is read, which of its channels, what they are, and notes."""
    even = [s for s in streams if s.form in NUMBERS and s.sfreq > 0 and s.places]
    if not even:
        found = listed(stream.name for stream in streams)
        raise RecordingError(
            _("{name} holds no samples at an even rate; its streams are: {found}.").format(
                name=name, found=found or _("none")
            )
        )
    flat = [(stream, at) for stream in even for at in range(stream.n_channels)]
    signals = [signal for stream in even for signal in describe_stream(stream)]
    likely, notes = choose_emg(signals, where=name)
    stream = flat[likely[0]][0]
    chosen = [flat[i][1] for i in likely if flat[i][0] is stream]
    others = {flat[i][0].name for i in likely if flat[i][0] is not stream}
    if others:
        notes += (
            _("{names} is EMG too, and one stream is read: {stream}.").format(
                names=listed(sorted(others)), stream=stream.name
            ),
        )
    return stream, chosen, [signals[i] for i in likely if flat[i][0] is stream], notes


def is_simulated(stream: Stream) -> bool:
    """Say whether a stream calls itself simulated, as ours do."""
    return stream.header.findtext("desc/simulated") == "yes"


def describe_stream(stream: Stream) -> list[Signal]:
    """Return the signals of `stream`, by the description of its channels where there is one."""
    said = stream.header.findall("desc/channels/channel")
    signals = []
    for at in range(stream.n_channels):
        words = {}
        if at < len(said):
            words = {word.tag: (word.text or "").strip() for word in said[at]}
        signals.append(
            Signal(
                words.get("label") or f"{stream.name} {at + 1}",
                stream.sfreq,
                words.get("unit", ""),
                words.get("type") or stream.kind,
                step=1.0 if NUMBERS[stream.form][-2] == "i" else None,
            )
        )
    return signals


@dataclass(frozen=True, slots=True)
class _Index:
    """Where samples lie: `stops` counts those up to the end of each chunk; `damaged` chunks."""

    stops: NDArray[np.int64]
    damaged: int


def _index(file: BinaryIO, stream: Stream) -> tuple[_Index, StampedTimes]:
    """Go through the samples of `stream` once: how many each chunk holds, and their times."""
    times = StampedTimes(stream.sfreq)
    lengths = np.zeros(len(stream.places) // 2 + 1, dtype=np.int64)
    damaged = 0
    for number, content in enumerate(_contents(file, stream), start=1):
        stamps, _values = parse_numbers(content, stream.form, stream.n_channels)
        lengths[number] = len(stamps)
        damaged += not len(stamps)
        times.feed(stamps)
    return _Index(np.cumsum(lengths), damaged), times


def _contents(
    file: BinaryIO, stream: Stream, first: int = 0, stop: int | None = None
) -> Iterator[bytes]:
    """Yield what the chunks of samples of `stream` hold, from the `first` to before `stop`."""
    places = stream.places[2 * first : None if stop is None else 2 * stop]
    for begin, length in zip(places[::2], places[1::2], strict=True):
        file.seek(begin)
        yield file.read(length)


@dataclass(frozen=True, slots=True)
class _Reader:
    path: Path
    stream: Stream
    channels: tuple[int, ...]
    index: _Index

    def read(self, first: int, stop: int) -> Samples:
        """Return the scans from `first` to before `stop`, ``(n_samples, n_channels)``."""
        begin, end = np.searchsorted(self.index.stops, [first, stop - 1], side="right").tolist()
        columns = list(self.channels)
        parts = []
        with self.path.open("rb") as file:
            for content in _contents(file, self.stream, begin - 1, end):
                values = parse_numbers(content, self.stream.form, self.stream.n_channels)[1]
                parts.append(values[:, columns].astype(float))
        skipped = int(self.index.stops[begin - 1])
        return np.concatenate(parts)[first - skipped : stop - skipped]


def _annotations(file: BinaryIO, streams: list[Stream], first_s: float) -> tuple[Annotation, ...]:
    """Return what marker streams hold; the first sample was taken at `first_s` by the clock."""
    found: list[tuple[float, str]] = []
    room = _ROOM_BYTES
    for stream in streams:
        last_s = math.nan
        for content in _contents(file, stream) if _has_texts(stream) else ():
            if room <= 0:
                break
            for stamp, text in _texts(content, stream):
                # Without a stamp it follows the one before it.
                last_s += 1 / stream.sfreq if stream.sfreq else 0.0
                last_s = last_s if math.isnan(stamp) else stamp
                onset_s = float(stream.synchronised(np.array([last_s]))[0]) - first_s
                if math.isfinite(onset_s) and text:
                    found.append((onset_s, text))
                    room -= _ANNOTATION_BYTES + len(text)
    return tuple(Annotation(onset_s, 0.0, text) for onset_s, text in sorted(found))


def _has_texts(stream: Stream) -> bool:
    return stream.form == TEXTS or (stream.sfreq == 0 and stream.kind.lower() in _MARKERS)


def _texts(content: bytes, stream: Stream) -> list[tuple[float, str]]:
    """Return the texts in a chunk of `stream`; the digits of numbers that stand for something."""
    if stream.form == TEXTS:
        return parse_texts(content, stream.n_channels)
    stamps, values = parse_numbers(content, stream.form, stream.n_channels)
    return [(t, f"{v:g}") for t, v in zip(stamps.tolist(), values[:, 0].tolist(), strict=True)]


def _note_damage(at: int | None, streams: int, blocks: int) -> tuple[str, ...]:
    """Return notes on what cannot be read: from byte `at` on, so many streams, so many blocks."""
    notes = []
    if at is not None:
        notes.append(
            _("The file is cut off or damaged at byte {byte}; what lies before is read.").format(
                byte=at
            )
        )
    if streams:
        notes.append(
            plural(
                "{n} stream whose description cannot be read is left out.",
                "{n} streams whose descriptions cannot be read are left out.",
                streams,
            ).format(n=streams)
        )
    if blocks:
        notes.append(
            plural(
                "{n} block of samples is damaged and is left out.",
                "{n} blocks of samples are damaged and are left out.",
                blocks,
            ).format(n=blocks)
        )
    return tuple(notes)
