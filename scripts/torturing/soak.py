"""`live --record` for hours, in real time or as fast as it goes: does it grow, is anything lost?"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from biofeedback.recording.formats import read_recording
from biofeedback.sources.scenario import load_scenario
from torturing.row import Row
from torturing.truth import Truth

MOST_MB = 5.0
CHANNELS, SFREQ = 8, 2000
FAST_CHANNELS, FAST_SFREQ = 2, 1000
_LOOK_S = 0.5
_WARM_S, _WARM_SHARE = 60.0, 0.2
STOPPED = threading.Event()
"""Set where a soak that goes on beside other tests is to end with them."""
TARGET = "< 5 MB growth, 0 lost; all of it recorded, bit for bit"


def run(seconds: float, seed: int, say: Callable[[str], None]) -> Row:
    """Record 8 channels of 2 kHz for so many seconds of real time."""
    return _soak(_scenario(seed, CHANNELS, SFREQ), seconds, say, fast=False)


def run_fast(seconds: float, seed: int, say: Callable[[str], None]) -> Row:
    """Record 2 channels of 1 kHz for so many seconds of sample time, as fast as it goes."""
    return _soak(_scenario(seed, FAST_CHANNELS, FAST_SFREQ), seconds, say, fast=True)


def _scenario(seed: int, n_channels: int, sfreq: int) -> str:
    lines = [f"seed = {seed}", f"sfreq = {sfreq}", "bits = 16"]
    for at in range(n_channels):
        lines += ["[[channels]]", f'label = "muscle {at}"', "[[channels.segments]]"]
        lines += [f"emg_uv = {5 + 3 * at}"]
    return "\n".join(lines) + "\n"


def _soak(scenario: str, seconds: float, say: Callable[[str], None], *, fast: bool) -> Row:
    test = "soak, faster than real" if fast else "soak"
    if not Path("/proc/self/status").exists():
        return Row(test, TARGET, skipped="this system does not tell of memory in /proc")
    begun_s = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        file, path = Path(name, "soak.toml"), Path(name, "x.edf")
        file.write_text(scenario, encoding="utf-8")
        usual = Path(name, "usual.toml")  # not the settings of whoever runs this
        usual.touch()
        words = ["live", f"sim:{file}", "--record", str(path), "--seconds", str(seconds), "--json"]
        words += ["--settings", str(usual)]
        out = Path(name, "out")
        with (
            out.open("wb") as stdout,
            subprocess.Popen(
                [sys.executable, "-m", "biofeedback", *words, *(["--fast"] if fast else [])],
                env=os.environ | {"BIOFEEDBACK_RECORDINGS": str(Path(name, "none"))},
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                start_new_session=True,
            ) as process,
        ):
            try:
                grown = _watch(process, say)
            finally:
                process.kill()
        if STOPPED.is_set():
            raise KeyboardInterrupt
        with out.open("rb") as said:
            said.seek(-min(4096, out.stat().st_size), os.SEEK_END)
            last = json.loads(said.read().splitlines()[-1])
        took_s = time.monotonic() - begun_s
        failures = _judge(last, path, file)
    first, most, seen_mb = grown
    return Row(
        test,
        TARGET,
        1,
        tuple(failures),
        round(most - first, 2),
        "MB growth",
        MOST_MB,
        {
            "hours of signal": round(seconds / 3600, 2),
            "hours it took": round(took_s / 3600, 2),
            "MB after the start": round(first, 1),
            "MB at the end": round(seen_mb, 1),
            "samples": last["summary"]["samples"] if "summary" in last else 0,
        },
    )


def _watch(
    process: "subprocess.Popen[bytes]", say: Callable[[str], None]
) -> tuple[float, float, float]:
    """Return the memory in MB after the start, the most since then, and at the end.

    The start is a minute, or a fifth of the time where that is less.
    """
    begun_s, at_s, mb, told = time.monotonic(), [], [], 0
    while process.poll() is None and not STOPPED.is_set():
        resident = _resident_mb(process.pid)
        if resident:
            at_s.append(time.monotonic() - begun_s)
            mb.append(resident)
            if at_s[-1] > 600 * (told + 1):
                told += 1
                say(f"soak: {at_s[-1] / 3600:.2f} h, {resident:.1f} MB")
        time.sleep(_LOOK_S)
    warm = int(np.searchsorted(at_s, min(_WARM_S, _WARM_SHARE * at_s[-1])))
    return mb[warm], max(mb[warm:]), mb[-1]


def _resident_mb(pid: int) -> float:
    """Return the memory that a process holds, 0 where it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("utf-8")
    except OSError:
        return 0.0
    return next(
        (float(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS")),
        0.0,
    )


def _judge(last: dict[str, dict[str, object]], path: Path, scenario: Path) -> list[str]:
    """Return what is wrong, of the summary and of each sample."""
    summary = last.get("summary")
    if summary is None:
        return ["it ended before its time"]
    wrong = []
    record = summary["record"]
    assert isinstance(record, dict)  # noqa: S101
    if summary["lost"] or record["lost"] or not record["complete"]:
        wrong.append(f"{summary['lost']} samples lost, {record}")
    truth, at, differ = Truth(load_scenario(str(scenario))), 0, 0
    for chunk in read_recording(path).chunks:
        differ += int(chunk.start != at)
        differ += int((chunk.samples != truth.take(len(chunk.samples))).any(axis=1).sum())
        at = chunk.stop
    if differ or at < summary["samples"]:  # type: ignore[operator]
        wrong.append(f"{differ} wrong samples of {at}")
    return wrong
