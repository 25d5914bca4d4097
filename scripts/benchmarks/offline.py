"""Five minutes at once, eight channels or one, filtered and their RMS taken: G3 and G4."""

import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.goal import line, reached
from benchmarks.job import HIGH_HZ, LOW_HZ, SFREQ, WINDOW, best_of, cascade, notches, signal, timed
from benchmarks.limit import Limit
from benchmarks.others import Others
from biofeedback import kernel
from biofeedback.dsp.envelope import MovingRMS
from biofeedback.dsp.filters import BandPass
from biofeedback.stream import Samples

N = 320_000  # a whole number of windows and of blocks
BLOCK = 16_000  # values at a time: what is between the steps stays in the processor's cache
MUST = {8: {"brainflow": 1 / 8, "c": 1.5}, 1: {"brainflow": 1 / 2, "c": 1.7}}
STRETCH = {8: {"c": 1.1}, 1: {"brainflow": 1 / 10}}
PEERS = ("brainflow", "scipy", "mne", "pyemgpipeline", "neurokit2")


def run(n_channels: int, seconds: float) -> str:
    """Return the goal's line."""
    samples = signal(N, n_channels)
    rows = BLOCK // n_channels
    blocks = [samples[k : k + rows] for k in range(0, N, rows)]
    band = BandPass(LOW_HZ, HIGH_HZ, sfreq=SFREQ, then=notches())
    rms = MovingRMS(WINDOW / SFREQ, sfreq=SFREQ)

    def ours() -> Samples:
        for block in blocks:
            levels = rms(band(block))
        last: Samples = levels[-1]
        return last

    with tempfile.TemporaryDirectory() as folder, Others() as others:
        out = np.empty((rows, n_channels))
        limit = Limit(Path(folder), n_channels, cascade()).calls(blocks, out)
        peers = [way for name in PEERS for way in others.ways(name, f"{name}_offline", samples)]
        peers += others.ways("numba", "numba_job", samples, rows=rows)
        for _ in range(2):
            expected = ours()
            limit()
        assert np.allclose(out[-1], expected, rtol=1e-6)  # noqa: S101 - the same job
        for peer in peers:  # the last two have an envelope of their own, which is no RMS
            if peer.name.split()[0] not in PEERS[2:]:
                assert np.allclose(peer.result(), expected, rtol=0.05), peer  # noqa: S101
        ways = {"ours": timed(ours), "c": timed(limit)}
        best = best_of(ways | {peer.name: peer.time for peer in peers}, seconds)
    sample_ns = {name: 1e9 * took / samples.size for name, took in best.items()}
    ours_ns = sample_ns.pop("ours")
    return line(
        "G3" if n_channels == 8 else "G4",
        f"offline, {n_channels} ch: 7 biquads and RMS{'' if kernel.compiled else ', no kernel'}",
        ours_ns,
        "ns a sample",
        sample_ns,
        must=reached(ours_ns, sample_ns, MUST[n_channels]),
        stretch=reached(ours_ns, sample_ns, STRETCH[n_channels]),
    )


if __name__ == "__main__":
    print(run(int(sys.argv[1]), float(sys.argv[2])))
