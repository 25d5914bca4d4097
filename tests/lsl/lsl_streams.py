"""Lab Streaming Layer's own side of a stream, and chunks to send."""

import time
from types import SimpleNamespace

import numpy as np
import pytest

from biofeedback.stream import Channel, Chunk, StreamInfo

pylsl = pytest.importorskip("pylsl")

PATIENCE_S = 20.0
MICROVOLTS = StreamInfo(
    (
        Channel("trapezius left", "uV", 24.4, -12_500.0, step=24.4, sensor="MyoWare 2.0, RAW pin"),
        Channel("biceps", "uV", 24.4, -12_500.0, step=24.4),
    ),
    1000.0,
    "sim:rest",
    simulated=True,
)


def received(name: str, part: str = "", **options):
    """Return an inlet of pylsl's own on the stream `name`, which gets what is sent from now on."""
    found = pylsl.resolve_byprop("name", name + part, timeout=PATIENCE_S)
    inlet = pylsl.StreamInlet(found[0], recover=False, **options)
    inlet.open_stream(PATIENCE_S)
    return inlet


def pulled(inlet, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return `n` samples and their stamps."""
    rows, stamps = [], []
    end_s = time.monotonic() + PATIENCE_S
    while len(rows) < n and time.monotonic() < end_s:
        some, times = inlet.pull_chunk(timeout=0.2, max_samples=n - len(rows))
        rows += some
        stamps += times
    assert len(rows) == n
    return np.array(rows), np.array(stamps)


def chunks(n: int, n_channels: int = 2, *, size: int = 16, seed: int = 0) -> list[Chunk]:
    """Return `n` samples of noise in whole counts."""
    counts = np.random.default_rng(seed).integers(0, 1024, (n, n_channels)).astype(float)
    return [Chunk(at, counts[at : at + size]) for at in range(0, n, size)]


def write(outlet, sent: list[Chunk], follow=None) -> None:
    """Let `sent` arrive at 1 kHz by a clock that keeps to it, from now on."""
    began_s = pylsl.local_clock()
    for chunk in sent:
        outlet._lsl = SimpleNamespace(local_clock=lambda: began_s + chunk.stop / 1000)  # noqa: B023
        outlet.write(chunk)
        if follow:
            outlet.follow(*follow(chunk.start, len(chunk.samples)))
