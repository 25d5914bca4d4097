"""A disk that fills while a recording is written: what is lost, what is said, what goes on."""

import errno
import json
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from biofeedback.recording.live import Recorder
from biofeedback.recording.sidecar import sidecar_path
from biofeedback.session import Session
from biofeedback.settings import BurstSettings, SignalSettings
from biofeedback.sources.simulated import SimulatedSource
from torturing.mounts import mounted, why_not
from torturing.programs import check, our_samples
from torturing.row import Row
from torturing.truth import Truth, scenario_of, suffix_of

MOST_MS = 250.0
DISK_BYTES = 4 * 2**20
AT_ONCE = 4
_WAIT_S, _LOOK_S = 15.0, 0.005
_BEFORE_S, _FULL_FOR_S, _AFTER_S = 1.0, 1.0, 0.5
TEST = "disk full while recording"
TARGET = "<= 250 ms lost, told, feedback goes on; with room again a new file"


@dataclass(frozen=True, slots=True)
class Filled:
    """What a session did while its disk was full; `lost_ms` of what came before that is missing."""

    failures: tuple[str, ...]
    lost_ms: float
    told_ms: float
    readings_a_second: float


def run(count: int, seed: int, say: Callable[[str], None]) -> Row:
    """Fill `count` disks of a few megabytes, and make room again."""
    reason = why_not()
    if reason:
        return Row(TEST, TARGET, skipped=reason)
    filled = list[Filled]()
    for done in range(0, count, AT_ONCE):
        seeds = range(seed + done, seed + min(count, done + AT_ONCE))
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            words = ("-t", "tmpfs", "-o", f"size={DISK_BYTES}", "torture")
            disks = [stack.enter_context(mounted(folder / str(seed), *words)) for seed in seeds]
            with ThreadPoolExecutor(AT_ONCE) as pool:
                filled += pool.map(_fill, disks, seeds)
        say(f"full disks: {len(filled)} of {count}")
    return Row(
        TEST,
        TARGET,
        count,
        tuple(words for one in filled for words in one.failures),
        round(max(one.lost_ms for one in filled), 1),
        "ms lost",
        MOST_MS,
        {
            "median ms": round(float(np.median([one.lost_ms for one in filled])), 1),
            "told after ms, at most": round(max(one.told_ms for one in filled), 1),
            "readings a second while full, at least": round(
                min(one.readings_a_second for one in filled), 1
            ),
        },
    )


def _fill(disk: Path, seed: int) -> Filled:
    """Record on a disk, fill it, make room again, and judge what is there."""
    signal = SignalSettings()
    path = disk / f"x{suffix_of(seed)}"
    recorder = Recorder(path, signal=signal, bursts=BurstSettings())
    source = SimulatedSource(scenario_of(seed))
    session = Session(source, signal=signal, keep_signal=False, sinks=[recorder])
    session.start()
    try:
        _wait(lambda: session.stop_index > _BEFORE_S * source.info.sfreq)
        _fill_up(disk / "full")
        full_s, stop = time.monotonic(), session.stop_index
        told = _wait(lambda: any("nothing is recorded" in note for note in session.notes))
        told_ms = 1000 * (time.monotonic() - full_s)
        before = len(session.recent_readings)
        time.sleep(_FULL_FOR_S)
        readings = (len(session.recent_readings) - before) / _FULL_FOR_S
        (disk / "full").unlink()
        went_on = _wait(lambda: any("Recording goes on" in note for note in session.notes))
        time.sleep(_AFTER_S)
    finally:
        session.stop()
    failures = [] if told else [f"{seed}: no sentence says that the disk is full"]
    failures += [] if went_on else [f"{seed}: it does not go on with room again"]
    failures += [] if readings >= 8 else [f"{seed}: {readings:.0f} readings a second"]
    again = path.with_name(f"{path.stem}_run-02{path.suffix}")
    kept = 0
    for file in (path, again):
        wrong, n = _judge(file, seed)
        failures += wrong
        kept = n if file == path else kept
    return Filled(
        tuple(failures), 1000 * max(0, stop - kept) / source.info.sfreq, told_ms, readings
    )


def _wait(until: Callable[[], bool]) -> bool:
    """Wait for something to be true; say whether it came to be."""
    latest_s = time.monotonic() + _WAIT_S
    while not until():
        if time.monotonic() > latest_s:
            return False
        time.sleep(_LOOK_S)
    return True


def _fill_up(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise


def _judge(path: Path, seed: int) -> tuple[list[str], int]:
    """Return what is wrong with one of the files, and how many samples it holds."""
    if not path.exists():
        return [f"{seed}: there is no {path.name}"], 0
    first = json.loads(sidecar_path(path).read_text("utf-8"))["first_sample"]
    truth = Truth(scenario_of(seed))
    found = our_samples(path, len(truth.channels))
    # where a file begins in a gap, or ends, its last values are held: nothing is known of them
    sent = np.where(np.isfinite(found), truth.upto(first + len(found))[first:], np.nan)
    wrong = check(path, sent, frozenset(), truth.channels, stop=len(found))
    if (found != sent)[np.isfinite(found)].any():
        wrong.append(f"{seed}: {path.name} holds wrong samples")
    return wrong, len(found)
