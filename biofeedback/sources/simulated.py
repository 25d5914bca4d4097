"""A simulated muscle, asked for by name: a scenario played through the model of a converter."""

import time
from collections.abc import Callable

from biofeedback.sources.muscle.lost import Frames, runs
from biofeedback.sources.muscle.play import Player
from biofeedback.sources.muscle.response import Act
from biofeedback.sources.muscle.script import Scenario
from biofeedback.sources.pace import Pace
from biofeedback.stream import Chunk, Samples, StreamInfo


class SimulatedSource:
    """Plays a `Scenario`; never ends. At real speed, or `fast` as it is asked for."""

    status = ""
    ended = False
    notes: tuple[str, ...] = ()

    def __init__(
        self,
        scenario: Scenario,
        *,
        fast: bool = False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.info: StreamInfo = scenario.info
        self.corrupt_frames = 0
        sfreq = scenario.info.sfreq
        self._player = Player(scenario)
        self._frames = Frames(scenario.losses, seed=scenario.seed, sfreq=sfreq)
        self._n = round(sfreq)
        self._pace = Pace(sfreq, fast=fast, clock=clock, sleep=sleep)
        self._looked_at = 0  # seconds whose losses are known
        self._runs: list[tuple[int, int]] = []  # of samples that arrive and were not yet read
        self._corrupt: list[int] = []
        self._block = -1

    def act(self, at_s: float, *, on: bool, sham: bool) -> None:
        """Let something be done to the muscle, or ended; what was read already stays as it is."""
        unread = self._runs[0][0] if self._runs else self._looked_at * self._n
        self._player.acts.add(Act(max(at_s, unread / self.info.sfreq), on, sham))
        self._block = -1  # to be played anew

    def open(self) -> None:
        """Start the clock."""
        self._pace.start()

    def read(self, timeout: float) -> list[Chunk]:
        """Return what is due of the current unbroken run, up to the end of its second.

        While samples are lost nothing is due.
        """
        while not self._runs:
            self._look_ahead()
        start, stop = self._runs[0]
        n = self._pace.due(start, timeout, most=stop - start)
        if not n:
            return []
        block, offset = divmod(start, self._n)
        if block != self._block:
            self._second: Samples = self._player.second(block)
            self._block = block
        self._runs[0] = (start + n, stop)
        if start + n == stop:
            del self._runs[0]
        while self._corrupt and self._corrupt[0] < start + n:
            del self._corrupt[0]
            self.corrupt_frames += 1
        return [Chunk(start, self._second[offset : offset + n])]

    def _look_ahead(self) -> None:
        start = self._looked_at * self._n
        stop = start + self._n
        self._runs = list(runs(self._frames.kept(start, stop), start))
        self._corrupt += self._frames.corrupt(start, stop)
        self._looked_at += 1

    def close(self) -> None:
        """Nothing to give back."""
