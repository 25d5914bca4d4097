"""Records many streams at once, as a session does, until it is killed: `FOLDER LOGS SEED ...`."""

import os
import sys
import time
from pathlib import Path

import numpy as np

from biofeedback.recording.live import Recorder
from biofeedback.session import Session
from biofeedback.settings import BurstSettings, SignalSettings
from biofeedback.sources.simulated import SimulatedSource
from torturing.truth import scenario_of, suffix_of

_LONGEST_SILENCE_S = 0.15


class Log:
    """What a stream's recording must hold, in a file whose every line outlives the process."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._started = False

    def clock(self) -> float:
        """Return the time; the first that it is asked for is that of the first sample."""
        now = time.monotonic()
        if not self._started:
            self._started = True
            self.say(f"start {now:.6f}")
        return now

    def say(self, line: str) -> None:
        """Put down a line."""
        os.write(self._fd, f"{line}\n".encode())


def main(folder: Path, logs: Path, seeds: list[int]) -> None:
    """Record, and note something now and then; ends with whoever started it."""
    parent, rng = os.getppid(), np.random.default_rng(seeds[0])
    streams: list[tuple[Session, Log]] = []
    for seed in seeds:
        log = Log(logs / f"{seed}.log")
        signal = SignalSettings()
        session = Session(
            SimulatedSource(scenario_of(seed), clock=log.clock),
            signal=signal,
            keep_signal=False,
            sinks=[
                Recorder(folder / f"{seed}{suffix_of(seed)}", signal=signal, bursts=BurstSettings())
            ],
        )
        session.start()
        streams.append((session, log))
    while any(session.stop_index == 0 for session, _log in streams):
        time.sleep(0.001)
    print("begun", flush=True)
    kept = [folder / f"{seed}{suffix_of(seed)}" for seed in seeds]
    while not all(path.exists() and path.stat().st_size for path in kept):
        time.sleep(0.001)
    print("recording", flush=True)
    number = 0
    while os.getppid() == parent:
        session, log = streams[int(rng.integers(len(streams)))]
        number += 1
        session.annotate(f"note {number} µ")
        log.say(f"note {number} {time.monotonic():.6f}")
        time.sleep(float(rng.uniform(0.0, 2 * _LONGEST_SILENCE_S / len(streams))))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), list(map(int, sys.argv[3:])))
    os._exit(0)
