"""What this processor can do at most: the common job in plain C, built when it is measured."""

import ctypes
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.job import SECTIONS, WINDOW

# Channels side by side, so that the compiler can put them into one vector; a sum of squares that
# goes on for ever, which is the least work and drifts.
SOURCE = """
#include <math.h>
#include <string.h>

static double sos[SECTIONS][6], z[SECTIONS][2][CHANNELS];
static double squares[WINDOW][CHANNELS], sums[CHANNELS];
static int at;

void prepare(const double *sections)
{
    memcpy(sos, sections, sizeof sos);
}

void job(const double *x, double *rms, long n)
{
    for (long i = 0; i < n; i++, x += CHANNELS, rms += CHANNELS) {
        double v[CHANNELS];
        for (int c = 0; c < CHANNELS; c++)
            v[c] = x[c];
        for (int s = 0; s < SECTIONS; s++)
            for (int c = 0; c < CHANNELS; c++) {
                const double y = sos[s][0] * v[c] + z[s][0][c];
                z[s][0][c] = sos[s][1] * v[c] - sos[s][4] * y + z[s][1][c];
                z[s][1][c] = sos[s][2] * v[c] - sos[s][5] * y;
                v[c] = y;
            }
        for (int c = 0; c < CHANNELS; c++) {
            const double square = v[c] * v[c];
            sums[c] += square - squares[at][c];
            squares[at][c] = square;
            rms[c] = sqrt(sums[c] / WINDOW);
        }
        if (++at == WINDOW)
            at = 0;
    }
}

void chunks(const double *x, double *rms, long chunk, long n)
{
    for (long i = 0; i < n; i++)
        job(x + i * chunk * CHANNELS, rms, chunk);
}
"""
FLAGS = ("-O3", "-march=native", "-fno-math-errno", "-shared", "-fPIC")


class Limit:
    """The compiled job for `n_channels`, in `folder`; it has one state."""

    def __init__(self, folder: Path, n_channels: int, sos: NDArray[np.float64]) -> None:
        source, library = folder / "limit.c", folder / f"limit-{n_channels}.so"
        source.write_text(SOURCE)
        sizes = (f"-DSECTIONS={SECTIONS}", f"-DWINDOW={WINDOW}", f"-DCHANNELS={n_channels}")
        subprocess.run(["cc", *FLAGS, *sizes, "-o", library, source, "-lm"], check=True)
        self._library = ctypes.CDLL(str(library))
        self._library.prepare(ctypes.c_void_p(sos.ctypes.data))

    def calls(
        self, blocks: list[NDArray[np.float64]], rms: NDArray[np.float64]
    ) -> Callable[[], None]:
        """Return what does `blocks`, one call from Python each, into the same `rms`."""
        job, out, rows = self._library.job, ctypes.c_void_p(rms.ctypes.data), ctypes.c_long
        words = [(ctypes.c_void_p(x.ctypes.data), out, rows(len(x))) for x in blocks]

        def do() -> None:
            for x, rms_at, n in words:
                job(x, rms_at, n)

        return do

    def alone(self, samples: NDArray[np.float64], rms: NDArray[np.float64]) -> Callable[[], None]:
        """Return what does `samples` in chunks as long as `rms`, in one call: C without Python."""
        chunk, n = ctypes.c_long(len(rms)), ctypes.c_long(len(samples) // len(rms))
        at, out = ctypes.c_void_p(samples.ctypes.data), ctypes.c_void_p(rms.ctypes.data)
        return lambda: self._library.chunks(at, out, chunk, n)
