"""Whether the answer hangs on how the stream is cut, and drifts in a day: G5."""

import itertools
import math

import numpy as np

from benchmarks.goal import line
from benchmarks.job import HIGH_HZ, LOW_HZ, SFREQ, notches
from biofeedback import kernel
from biofeedback.dsp.envelope import MovingRMS
from biofeedback.dsp.filters import BandPass
from biofeedback.pipeline import make_pipeline
from biofeedback.settings import SignalSettings
from biofeedback.sources.scenario import load_scenario
from biofeedback.sources.simulated import SimulatedSource
from biofeedback.stream import Chunk, Samples

MUST_UV = 1e-9
SECONDS, WAYS_TO_CUT = 60, 50
HOURS, ARTEFACT_UV, WINDOW_S = 24, 1e5, 1.0


def cut_uv() -> float:
    """Return the largest difference that cutting makes; infinite where known became unknown."""
    source = SimulatedSource(load_scenario("bursts"), fast=True)
    source.open()
    counts = np.concatenate([source.read(0)[0].samples for _ in range(SECONDS)])

    def played(cuts: list[int]) -> Samples:
        pipeline = make_pipeline(source.info, SignalSettings())
        parts = [pipeline.process(Chunk(a, counts[a:b])) for a, b in itertools.pairwise(cuts)]
        return np.concatenate([np.hstack((p.filtered, p.fast, p.slow)) for p in parts])

    whole = played([0, len(counts)])
    rng = np.random.default_rng(0)
    largest = 0.0
    for _ in range(WAYS_TO_CUT):
        inner = rng.integers(1, len(counts), rng.integers(1, 2000))
        cut = played([0, *sorted({*inner.tolist()}), len(counts)])
        if not np.array_equal(np.isnan(cut), np.isnan(whole)):
            return math.inf
        largest = max(largest, float(np.nanmax(np.abs(cut - whole))))
    return largest


def drift_uv() -> tuple[float, float]:
    """Return how far a day's RMS is from the direct sum, and from one that began a minute ago."""
    rng = np.random.default_rng(0)
    window = round(WINDOW_S * SFREQ)

    def steps() -> tuple[BandPass, MovingRMS]:
        band = BandPass(LOW_HZ, HIGH_HZ, sfreq=SFREQ, then=notches())
        return band, MovingRMS(WINDOW_S, sfreq=SFREQ)

    band, rms = steps()
    largest = 0.0
    for at in range(HOURS * 60):
        samples = 2.0 * rng.standard_normal((60 * SFREQ, 1))
        if at % 60 == 0:
            samples[1000:1010] += ARTEFACT_UV
        filtered = band(samples)
        levels = rms(filtered)
        for stop in rng.integers(window, len(samples), 3):
            squares = filtered[stop - window : stop, 0] ** 2
            direct = math.sqrt(math.fsum(squares.tolist()) / window)
            largest = max(largest, abs(float(levels[stop - 1, 0]) - direct))
    fresh_band, fresh_rms = steps()
    fresh = fresh_rms(fresh_band(samples))
    return largest, abs(float(levels[-1, 0] - fresh[-1, 0]))


def main() -> None:
    """Print the goal as one JSON line."""
    cut = cut_uv()
    direct, fresh = drift_uv()
    how = "" if kernel.compiled else ", no kernel"
    drift = max(direct, fresh)
    worst = max(cut, drift)
    found = line(
        "G5",
        f"same answer: cut {WAYS_TO_CUT} ways {cut:.2g}, drift in a day {drift:.2g}{how}",
        worst,
        "uV",
        {"limit": MUST_UV},
        must=worst <= MUST_UV,
        stretch=cut == fresh == 0.0,
    )
    print(found)


if __name__ == "__main__":
    main()
