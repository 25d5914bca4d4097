"""An hour of eight channels at 2 kHz out of an EDF file: G10."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.goal import line, reached
from benchmarks.job import HIGH_HZ, LOW_HZ, best_of, timed
from benchmarks.others import Others
from biofeedback import kernel
from biofeedback.dsp.envelope import MovingRMS
from biofeedback.dsp.filters import BandPass

SFREQ, CHANNELS, SECONDS = 2000, 8, 3600
RANGE_UV = 3276.75  # at either end of 16 bits: 0.1 µV a step
BLOCK = 1000  # rows at a time
PEER_SECONDS = 600  # of the hour, for whom it would take long: the rest in proportion
MUST_MB = 300.0
STRETCH = 2.0  # times what reading the file alone takes: then the disk is the limit


def minute() -> NDArray[np.int16]:
    """Return a minute of counts ``(n, CHANNELS)``: rest, and a contraction every ten seconds."""
    rng = np.random.default_rng(0)
    t = np.arange(60 * SFREQ) / SFREQ
    level_uv = np.where(t % 10 < 3, 100.0, 5.0)[:, None]
    signal = level_uv * rng.standard_normal((len(t), CHANNELS))
    return np.clip(np.round(10 * signal), -32767, 32767).astype("<i2")


def write_edf(path: Path) -> None:
    """Write the hour: a header as EDF has it (Kemp 1992), then records of a second."""
    fields: list[tuple[int, list[str]]] = [
        (16, [f"EMG {c + 1}" for c in range(CHANNELS)]),
        (80, ["surface electrodes"] * CHANNELS),
        (8, ["uV"] * CHANNELS),
        (8, [f"-{RANGE_UV:.2f}"] * CHANNELS),
        (8, [f"{RANGE_UV:.2f}"] * CHANNELS),
        (8, ["-32767"] * CHANNELS),
        (8, ["32767"] * CHANNELS),
        (80, [""] * CHANNELS),
        (8, [str(SFREQ)] * CHANNELS),
        (32, [""] * CHANNELS),
    ]
    head = f"{0:<8}{'X X X X':<80}{'Startdate X X X X':<80}01.01.2600.00.00"
    head += f"{256 * (CHANNELS + 1):<8}{'':<44}{SECONDS:<8}{1:<8}{CHANNELS:<4}"
    head += "".join(f"{word:<{width}}" for width, words in fields for word in words)
    counts = minute().reshape(60, SFREQ, CHANNELS)
    records = np.ascontiguousarray(counts.transpose(0, 2, 1)).tobytes()
    with path.open("wb") as file:
        file.write(head.encode("ascii"))
        for _ in range(SECONDS // 60):
            file.write(records)


def analyze(path: Path) -> tuple[float, float]:
    """Return the seconds that the whole `analyze` takes, and its memory in MB."""
    command = [sys.executable, "-m", "biofeedback", "analyze", str(path), "--json"]
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout  # noqa: S101
        found = json.loads(process.stdout.read())
        used = os.wait4(process.pid, 0)[2]
        process.returncode = 0  # it has been waited for
    assert len(found["channels"]) == CHANNELS  # noqa: S101
    assert found["duration_s"] == SECONDS  # noqa: S101
    return time.perf_counter() - begun, used.ru_maxrss / (1 if sys.platform == "darwin" else 1000)


def main(seconds: float) -> None:
    """Print the goal as one JSON line."""
    samples = np.tile(minute() / 10.0, (PEER_SECONDS // 60, 1))
    band = BandPass(LOW_HZ, HIGH_HZ, sfreq=SFREQ)
    rms = MovingRMS(0.125, sfreq=SFREQ)

    def filter_and_rms() -> None:
        for k in range(0, len(samples), BLOCK):
            rms(band(samples[k : k + BLOCK]))

    with tempfile.TemporaryDirectory() as folder, Others() as others:
        path = Path(folder) / "hour.edf"
        write_edf(path)
        analyze_s, memory_mb = min(analyze(path) for _ in range(2))
        read_s = min(timed(path.read_bytes)() for _ in range(3))
        ways = {"ours": timed(filter_and_rms)}
        for peer in others.ways("neurokit2", "neurokit2_offline", samples, sfreq=SFREQ):
            ways[peer.name] = peer.time
        best = best_of(ways, seconds)
    hour_s = {name: took * SECONDS / PEER_SECONDS for name, took in best.items()}
    ours = hour_s.pop("ours")
    how = "" if kernel.compiled else ", no kernel"
    what = f"hour of 8 ch x 2 kHz: analyze {analyze_s:.2g} s, {memory_mb:.0f} MB{how}"
    must = reached(ours, hour_s, {"neurokit2": 1 / 5}) and memory_mb < MUST_MB
    must = must and reached(analyze_s, hour_s, {"neurokit2": 1})
    against = hour_s | {"analyze": analyze_s, "reading the file": read_s}
    print(line("G10", what, ours, "s", against, must=must, stretch=analyze_s < STRETCH * read_s))


if __name__ == "__main__":
    main(float(sys.argv[1]))
