"""What a session costs without a screen, from the bytes of a board to tension: G8."""

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import board
from biofeedback import kernel
from biofeedback.session import Session
from biofeedback.settings import SignalSettings
from biofeedback.sources import open_source

WARM_UP_S = 4.0
MUST_PERCENT, STRETCH_PERCENT = 2.0, 1.0  # of a core; BrainFlow takes 1.0 and computes nothing
MUST_MS = 5.0
SFREQ = 1000
QUERY = f"wire=native&channels=8&sfreq={SFREQ}&sensor=plux"


@dataclass(frozen=True)
class Found:
    """Percent of a core, all threads; the latency's p99 in ms; samples of a channel lost."""

    percent: float
    late_ms: float
    lost: int


def run(seconds: float) -> Found:
    """Take a board's signal for `seconds` and measure what that takes."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "written.npy"
        master, _slave, port = board.open_pair()
        command = [sys.executable, "-m", "benchmarks.native_board", str(master), str(log)]
        with subprocess.Popen(command, pass_fds=[master]) as process:
            try:
                percent, lost, taken = _take(port, seconds)
                process.wait(10)  # the session has stopped it
            finally:
                process.kill()
        return Found(percent, _late_ms(np.load(log), taken), lost)


def _take(port: str, seconds: float) -> tuple[float, int, NDArray[np.float64]]:
    """Return the percent of a core, what was lost, and rows of: samples taken, and when."""
    session = Session(
        open_source(f"serial:{port}?{QUERY}"),
        signal=SignalSettings(),
        threshold_uv=5.0,
        seconds=WARM_UP_S + seconds,
        keep_signal=False,  # as `live --json` has it
    )
    taken: list[tuple[int, float]] = []
    begun: tuple[float, float] | None = None
    for _readings in session.run():
        now = time.monotonic()
        if begun is None and session.stop_index >= WARM_UP_S * SFREQ:
            begun = time.process_time(), now
        if begun is not None:
            taken.append((session.stop_index, now))
    assert begun is not None  # noqa: S101
    busy_s = time.process_time() - begun[0]
    return 100 * busy_s / (taken[-1][1] - begun[1]), session.lost, np.array(taken)


def _late_ms(written: NDArray[np.float64], taken: NDArray[np.float64]) -> float:
    """Return the 99th percentile over frames of: its last sample taken minus last byte written."""
    stops, times = written.T
    counts, when = taken.T
    seen = (stops > counts[0]) & (stops <= counts[-1])
    at = np.searchsorted(counts, stops[seen])
    return float(1000 * np.quantile(when[at] - times[seen], 0.99))


def main(seconds: float) -> None:
    """Print the goal as one JSON line."""
    found = run(seconds)
    how = "" if kernel.compiled else ", no kernel"
    on_time = found.late_ms < MUST_MS and not found.lost
    line = {
        "goal": "G8",
        "what": f"live path, 8 ch x 1 kHz (p99 {found.late_ms:.2g} ms, lost {found.lost}{how})",
        "ours": round(found.percent, 3),
        "unit": "% of core",
        "against": {"limit": MUST_PERCENT},
        "must": on_time and found.percent < MUST_PERCENT,
        "stretch": on_time and found.percent < STRETCH_PERCENT,
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main(float(sys.argv[1]))
