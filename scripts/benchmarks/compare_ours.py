"""Reads a board as this program does: `python -m benchmarks.compare_ours PORT LOG WORDS HOW`.

HOW is `source`, what a session reads, or `session`, with all that it makes of it.
"""

import sys
import threading

from benchmarks.compare_counting import Taken, until_told
from biofeedback.session import Session
from biofeedback.settings import SignalSettings
from biofeedback.sources import open_source
from biofeedback.stream import Annotation, Chunk, Source, StreamInfo

READ_S = 0.1  # as a session asks


class Newest:
    """A sink that keeps the newest chunk."""

    notes: tuple[str, ...] = ()
    chunk: Chunk | None = None

    def open(self, info: StreamInfo, start: int = 0) -> None:
        """Nothing is to be got ready."""

    def write(self, chunk: Chunk) -> None:
        """Keep it."""
        self.chunk = chunk

    def annotate(self, annotation: Annotation) -> None:
        """Notes are not kept."""

    def close(self) -> None:
        """Nothing is held."""


def read_source(source: Source, taken: Taken) -> None:
    """Read until standard input ends; a chunk has arrived when `read` returns it."""
    source.open()
    ended = until_told()
    while not ended.is_set():
        for chunk in source.read(READ_S):
            taken.take(chunk.samples)
    source.close()


def run_session(source: Source, taken: Taken) -> None:
    """Read until standard input ends; a chunk has arrived when its tension is known."""
    newest = Newest()
    session = Session(source, signal=SignalSettings(), keep_signal=False, sinks=[newest])
    ended: threading.Event | None = None
    for _readings in session.run():
        if ended is None:
            ended = until_told()
        if newest.chunk is not None:
            taken.take(newest.chunk.samples)
            newest.chunk = None
        if ended.is_set():
            session.stop()


def main(port: str, log: str, words: str, how: str) -> None:
    """Read the board at `port`, and write what came to `log`."""
    taken = Taken()
    source = open_source(f"serial:{port}?{words}")
    {"source": read_source, "session": run_session}[how](source, taken)
    taken.save(log)


if __name__ == "__main__":
    main(*sys.argv[1:])
