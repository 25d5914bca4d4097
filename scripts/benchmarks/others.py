"""The programs of others, on the other end of a pipe."""

import json
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import peers
from child import say
from numpy.typing import NDArray

SCRIPTS = Path(__file__).parents[1]


class PeerError(Exception):
    """A peer fails at what it was asked."""


@dataclass(frozen=True)
class Way:
    """A peer with its version, the seconds it takes once, and what comes out."""

    name: str
    time: Callable[[], float]
    result: Callable[[], list[float]]


class Others:
    """A process in the peers' environment, which measures while this one waits."""

    def __init__(self) -> None:
        python, self.missing = peers.ensure_peers()
        self._folder = tempfile.TemporaryDirectory()
        self._process = python and subprocess.Popen(
            [str(python), "-m", "benchmarks.peers_worker"],
            cwd=SCRIPTS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        names = [*peers.WANTED, "numpy", "scipy"]
        self.versions: dict[str, str] = self._ask("versions", names=names) if python else {}

    def ways(self, peer: str, way: str, samples: NDArray[np.float64], **how: Any) -> list[Way]:
        """Return `way` of `peers_ways`, ready to be timed; empty where the peer is not there."""
        if peer not in self.versions:
            return []
        try:
            number = self._ask("prepare", way=way, samples=self._saved(samples), **how)
        except PeerError as error:
            say(f"Left out: {peer}: {error}.")
            return []
        name = f"{peer} {self.versions[peer]}"
        return [Way(name, self._asker("time", number), self._asker("result", number))]

    def measured(self, tool: str, samples: NDArray[np.float64], **how: Any) -> dict[str, float]:
        """Return what `tool` of `peers_measures` finds in `samples`; raise `PeerError`."""
        found: dict[str, float] = self._ask(
            "measure", tool=tool, samples=self._saved(samples), **how
        )
        return found

    def _saved(self, samples: NDArray[np.float64]) -> str:
        file = Path(self._folder.name) / "samples.npy"
        np.save(file, samples)
        return str(file)

    def _asker(self, what: str, number: int) -> Callable[[], Any]:
        return lambda: self._ask(what, number=number)

    def _ask(self, what: str, **words: Any) -> Any:
        assert self._process  # noqa: S101
        to, back = self._process.stdin, self._process.stdout
        assert to is not None  # noqa: S101
        assert back is not None  # noqa: S101
        try:
            print(json.dumps([what, words]), file=to, flush=True)
            line = back.readline()
        except OSError:
            line = ""
        if not line:
            raise PeerError("one of the peers has ended the process that they share")
        answer = json.loads(line)
        if "error" in answer:
            raise PeerError(answer["error"])
        return answer["answer"]

    def __enter__(self) -> "Others":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process:
            self._process.communicate()
        self._folder.cleanup()
