"""A live chunk, 16 samples of eight channels or of one, filtered and its RMS taken: G1 and G2."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.goal import line, reached
from benchmarks.job import (
    CHUNK,
    HIGH_HZ,
    LOW_HZ,
    SFREQ,
    STREAM,
    WINDOW,
    best_of,
    cascade,
    notches,
    signal,
    timed,
)
from benchmarks.limit import Limit
from benchmarks.others import Others
from biofeedback.dsp.envelope import MovingRMS
from biofeedback.dsp.filters import BandPass
from biofeedback.kernel import compiled
from biofeedback.stream import Samples

MUST = {
    8: {"ezmsg-sigproc": 1 / 30, "brainflow": 1 / 1000, "c": 2.0},
    1: {"ezmsg-sigproc": 1 / 50},
}
STRETCH = {"c": 1.0}
N = STREAM // CHUNK


class Ours:
    """The steps of the live path, as its parts call them or straight on arrays."""

    def __init__(self, samples: Samples) -> None:
        self._chunks = [samples[k : k + CHUNK] for k in range(0, len(samples), CHUNK)]
        self._band = BandPass(LOW_HZ, HIGH_HZ, sfreq=SFREQ, then=notches())
        self._rms = MovingRMS(WINDOW / SFREQ, sfreq=SFREQ)
        self.by_parts()

    def by_parts(self) -> Samples:
        """Return the last RMS."""
        for chunk in self._chunks:
            levels = self._rms(self._band(chunk))
        last: Samples = levels[-1]
        return last

    def on_arrays(self) -> Callable[[], Samples] | None:
        """Return what returns the last RMS; None without a kernel."""
        if compiled is None:
            return None
        (n, n_channels), filter_, rms = self._chunks[0].shape, compiled.sosfilt, compiled.moving_rms
        filtered, out, chunks = np.empty((n, n_channels)), np.empty((n, n_channels)), self._chunks
        sos, zi = self._band.state()
        mean_only, parts, position = self._rms.state(n_channels)
        needed = self._rms.needed

        def do() -> Samples:
            for chunk in chunks:
                filter_(sos, zi, chunk, filtered)
                rms(filtered, mean_only, parts, position, out, needed)
            last: Samples = out[-1]
            return last

        return do


def run(n_channels: int, seconds: float) -> str:
    """Return the goal's line."""
    samples = signal(STREAM, n_channels)
    ours = Ours(samples)
    on_arrays = ours.on_arrays()
    with tempfile.TemporaryDirectory() as folder, Others() as others:
        limit = Limit(Path(folder), n_channels, cascade())
        out = np.empty((CHUNK, n_channels))
        each_chunk = limit.calls([samples[k : k + CHUNK] for k in range(0, STREAM, CHUNK)], out)
        peers = [
            *others.ways("ezmsg-sigproc", "ezmsg_live", samples, boxcar=False),
            *others.ways("ezmsg-sigproc", "ezmsg_live", samples, boxcar=True),
            *others.ways("brainflow", "brainflow_live", samples),
            *others.ways("numba", "numba_job", samples, rows=CHUNK),
        ]
        for call in (ours.by_parts, each_chunk):
            call()
        expected = ours.by_parts()
        assert np.allclose(out[-1], expected, rtol=1e-6)  # noqa: S101 - the same job
        assert all(np.allclose(peer.result(), expected, rtol=0.2) for peer in peers)  # noqa: S101
        best = best_of(
            {
                "ours": timed(on_arrays or ours.by_parts),
                "ours, by its parts": timed(ours.by_parts),
                "c": timed(each_chunk),
                "c without the calls": timed(limit.alone(samples, out)),
            }
            | {f"{peer.name}/{k}": peer.time for k, peer in enumerate(peers)},
            seconds,
        )
    chunk_us = {name: 1e6 * took / N for name, took in best.items()}
    ours_us = chunk_us.pop("ours")
    against: dict[str, float] = {}
    for name, took in chunk_us.items():
        peer = name.split("/")[0]
        took = took * N if peer.startswith("brainflow") else took  # it does one chunk a call
        against[peer] = min(took, against.get(peer, took))
    how = "" if on_arrays else ", no kernel"
    return line(
        "G1" if n_channels == 8 else "G2",
        f"live chunk, {n_channels} ch x {CHUNK}: 7 biquads and RMS{how}",
        ours_us,
        "us",
        against,
        must=reached(ours_us, against, MUST[n_channels]),
        stretch=reached(ours_us, against, STRETCH),
    )


if __name__ == "__main__":
    print(run(int(sys.argv[1]), float(sys.argv[2])))
