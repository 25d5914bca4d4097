"""Causal filters for surface EMG."""

import numpy as np

# `import scipy` alone defers scipy.signal, 0.6 s of CPU, to where there is no kernel.
import scipy
from numpy.typing import NDArray

from biofeedback import kernel
from biofeedback.dsp import design
from biofeedback.stream import Samples


def scaled(
    counts: Samples,
    *,
    gain: NDArray[np.float64],
    offset: NDArray[np.float64],
    out: Samples | None = None,
) -> Samples:
    """Return `counts` ``(n_samples, n_channels)`` in units: a gain and an offset a channel."""
    values = np.empty(counts.shape) if out is None else out
    if kernel.compiled:
        kernel.compiled.scale(counts, gain, offset, values)
    else:
        np.add(np.multiply(counts, gain, out=values), offset, out=values)
    return values


class BandPass:
    """Butterworth band-pass, causal; corners and sfreq in Hz.

    `then`: more second-order sections ``(n, 6)`` behind its own, in the same cascade.
    """

    def __init__(
        self,
        low_hz: float,
        high_hz: float,
        *,
        sfreq: float,
        order: int = 4,
        then: NDArray[np.float64] | None = None,
    ) -> None:
        sos = design.band_pass(low_hz, high_hz, sfreq=sfreq, order=order)
        self._sos = sos if then is None else np.concatenate((sos, then))
        self._sfreq = sfreq
        self.notched = then is not None
        """Whether there is more in the cascade than the band-pass."""
        self.reset()

    def passed(self, f: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what share of the power at each frequency in Hz comes through, above 1e-12."""
        response = design.response(self._sos, f, sfreq=self._sfreq)
        return np.asarray(np.maximum(np.abs(response) ** 2, 1e-12))

    def reset(self) -> None:
        """Forget the past: the next sample is taken as what has always been."""
        self._zi: Samples | None = None

    def state(self) -> tuple[NDArray[np.float64], Samples]:
        """Return the arrays that the kernel works on; there once a sample was seen."""
        assert self._zi is not None  # noqa: S101
        return self._sos, self._zi

    def __call__(self, samples: Samples) -> Samples:
        """Filter ``(n_samples, n_channels)``; the shape is kept."""
        if self._zi is None:  # settle on the first sample: the ADC sits at mid-rail, a step rings
            self._zi = design.steady_state(self._sos)[:, :, None] * samples[0]
        if kernel.compiled:
            filtered = np.empty(samples.shape)
            kernel.compiled.sosfilt(self._sos, self._zi, samples, filtered)
        else:
            filtered, self._zi = scipy.signal.sosfilt(self._sos, samples, axis=0, zi=self._zi)
        return np.asarray(filtered)
