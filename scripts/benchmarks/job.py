"""The job that all are measured at: 4 band-pass and 3 notch biquads, then a 250-sample RMS."""

import gc
import math
import time
from collections.abc import Callable, Mapping

import numpy as np
import scipy.signal
from numpy.typing import NDArray

SFREQ, LOW_HZ, HIGH_HZ, ORDER = 1000, 20.0, 450.0, 4
NOTCHES_HZ, NOTCH_WIDTH_HZ = (50.0, 150.0, 250.0), 5.0
WINDOW, SECTIONS = 250, ORDER + len(NOTCHES_HZ)
CHUNK = 16  # samples, as a board sends them
STREAM = 16_000  # samples, a whole number of windows and of chunks: it can go round and round


def notches() -> NDArray[np.float64]:
    """Return the notches as second-order sections, ``(3, 6)``."""
    designs = [scipy.signal.iirnotch(hz, hz / NOTCH_WIDTH_HZ, fs=SFREQ) for hz in NOTCHES_HZ]
    return np.array([np.concatenate(design) for design in designs])


def cascade() -> NDArray[np.float64]:
    """Return all sections, ``(7, 6)``."""
    band = scipy.signal.butter(ORDER, (LOW_HZ, HIGH_HZ), "bandpass", fs=SFREQ, output="sos")
    return np.concatenate((band, notches()))


def signal(n_samples: int, n_channels: int) -> NDArray[np.float64]:
    """Return noise of 20 µV, ``(n_samples, n_channels)``, the same each time."""
    return 20.0 * np.random.default_rng(0).standard_normal((n_samples, n_channels))


def timed(call: Callable[[], object], rounds: int = 1) -> Callable[[], float]:
    """Return what calls `rounds` times and returns the seconds of one."""

    def burst() -> float:
        begun = time.perf_counter()
        for _ in range(rounds):
            call()
        return (time.perf_counter() - begun) / rounds

    return burst


def best_of(ways: Mapping[str, Callable[[], float]], seconds: float) -> dict[str, float]:
    """Return the least that each way took, of rounds in which all had their turn."""
    best = dict.fromkeys(ways, math.inf)
    gc.disable()
    ends = time.monotonic() + seconds
    while True:
        for name, way in ways.items():
            best[name] = min(best[name], way())
        if time.monotonic() > ends:
            gc.enable()
            return best
