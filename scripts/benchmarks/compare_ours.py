"""Reads a board as this program does: `python -m benchmarks.compare_ours PORT LOG WIRE`."""

import sys

from benchmarks.compare_counting import Taken, until_told
from biofeedback.sources import open_source

READ_S = 0.1  # as a session asks


def main(port: str, log: str, words: str) -> None:
    """Read until standard input ends; a chunk has arrived when `read` returns it."""
    source = open_source(f"serial:{port}?{words}")
    source.open()
    taken, missing, reached = Taken(), 0, 0
    ended = until_told()
    while not ended.is_set():
        for chunk in source.read(READ_S):
            taken.take(chunk.samples)
            missing += chunk.start - reached
            reached = chunk.stop
    source.close()
    taken.save(log, missing=missing, corrupt=source.corrupt_frames)


if __name__ == "__main__":
    main(*sys.argv[1:])
