"""The sinks of a session: where its stream goes, and, to those that follow, what becomes of it."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from biofeedback.stream import Annotation, Chunk, Sink, Source, StreamInfo, Tension
from biofeedback.training.trainer import Trainer


@runtime_checkable
class Follower(Protocol):
    """What a sink does besides, to follow."""

    def follow(self, tension: Tension, zones: NDArray[np.int8], trainer: Trainer | None) -> None:
        """Take what a chunk came to, and the training, if there is one, without waiting."""


class Sinks:
    """Hands one stream on to several sinks; any thread may add or remove one meanwhile."""

    def __init__(self, sinks: Sequence[Sink]) -> None:
        self._sinks, self._alone = tuple(sinks), threading.Lock()

    def __iter__(self) -> Iterator[Sink]:
        return iter(self._sinks)

    def open(self, info: StreamInfo) -> None:
        """Open those of the beginning; raise what they raise."""
        for sink in self._sinks:
            sink.open(info)

    def add(self, sink: Sink, info: StreamInfo, start: Callable[[], int]) -> None:
        """Open `sink` for what comes from index `start` tells on; raise what it raises."""
        with self._alone:  # nothing is handed on meanwhile
            sink.open(info, start())
            self._sinks = (*self._sinks, sink)

    def remove(self, sink: Sink) -> None:
        """Close `sink`: nothing more goes to it."""
        with self._alone:
            self._sinks = tuple(other for other in self._sinks if other is not sink)
        sink.close()

    def write(self, chunk: Chunk) -> None:
        """Hand on a raw chunk."""
        with self._alone:
            for sink in self._sinks:
                sink.write(chunk)

    def follow(self, tension: Tension, zones: NDArray[np.int8], trainer: Trainer | None) -> None:
        """Hand on what a chunk came to, to those that follow."""
        for sink in self._sinks:
            if isinstance(sink, Follower):
                sink.follow(tension, zones, trainer)

    def annotate(self, annotation: Annotation) -> None:
        """Hand on a note."""
        for sink in self._sinks:
            sink.annotate(annotation)

    def close(self) -> None:
        """Close them all."""
        for sink in self._sinks:
            sink.close()


class Sayings:
    """What a source and sinks come to say of themselves in their notes."""

    def __init__(self, speakers: Iterable[Source | Sink]) -> None:
        self._speakers = list(speakers)
        self._heard = [0] * len(self._speakers)

    def add(self, speaker: Source | Sink) -> None:
        """Listen to `speaker` too; any thread may ask for that."""
        self._heard.append(0)  # first: the other list is what is gone through
        self._speakers.append(speaker)

    def new(self) -> list[str]:
        """Return what they have said since this was asked last."""
        said: list[str] = []
        for at, speaker in enumerate(self._speakers):
            notes = speaker.notes
            said += notes[self._heard[at] :]
            self._heard[at] = max(self._heard[at], len(notes))
        return said
