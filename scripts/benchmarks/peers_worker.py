"""Runs other people's programs in their own environment: a line of JSON asks, one answers."""

import gc
import json
import os
import sys
import time
from collections.abc import Callable
from importlib import metadata
from typing import Any

import numpy as np

from benchmarks import peers_measures, peers_ways


class Worker:
    """What was prepared, by number."""

    def __init__(self) -> None:
        self._calls: list[Callable[[], Any]] = []

    def versions(self, names: list[str]) -> dict[str, str]:
        """Return the version of each that is installed."""
        there = {}
        for name in names:
            try:
                there[name] = metadata.version(name)
            except metadata.PackageNotFoundError:
                continue
        return there

    def prepare(self, way: str, samples: str, **how: Any) -> int:
        """Make `way` ready for the array in the file `samples`; run it twice; return its number.

        The first run imports and compiles, the second fills what was still empty.
        """
        call = getattr(peers_ways, way)(np.load(samples), **how)
        call()
        call()
        gc.collect()
        gc.freeze()  # what is imported by now need not be looked through again
        self._calls.append(call)
        return len(self._calls) - 1

    def measure(self, tool: str, samples: str, **how: Any) -> dict[str, float]:
        """Return what `tool` finds in the array in the file `samples`."""
        return peers_measures.measure(tool, np.load(samples), **how)

    def time(self, number: int) -> float:
        """Return the seconds that what was prepared takes once."""
        begun = time.perf_counter()
        self._calls[number]()
        return time.perf_counter() - begun

    def result(self, number: int) -> Any:
        """Return what comes out of what was prepared."""
        return np.asarray(self._calls[number]()).tolist()


def main() -> None:
    """Serve until the parent hangs up."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a program of others prints is no answer
    gc.disable()
    worker = Worker()
    for line in sys.stdin:
        what, words = json.loads(line)
        try:
            answer = {"answer": getattr(worker, what)(**words)}
        except Exception as error:  # the others must be measured all the same
            answer = {"error": f"{type(error).__name__}: {error}"}
        gc.collect()
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
