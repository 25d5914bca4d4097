"""What each peer says of a recording: runs in the peers' environment.

Every tool gets the same microvolts and is asked for the same band, 20-450 Hz, 4th order, forwards
and backwards. Contractions it counts with its own defaults.
"""

# mypy: disable-error-code="import-not-found, import-untyped"

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from benchmarks.job import HIGH_HZ, LOW_HZ, ORDER

Samples = NDArray[np.float64]
Spectrum = tuple[NDArray[np.float64], NDArray[np.float64]]


def by_scipy(samples: Samples, sfreq: float) -> Samples:
    """The reference: SciPy alone."""
    sos = scipy.signal.butter(ORDER, (LOW_HZ, HIGH_HZ), "bandpass", fs=sfreq, output="sos")
    return np.asarray(scipy.signal.sosfiltfilt(sos, samples))


def by_mne(samples: Samples, sfreq: float) -> Samples:
    import mne

    iir = {"order": ORDER, "ftype": "butter", "output": "sos"}
    return np.asarray(
        mne.filter.filter_data(
            samples, sfreq, LOW_HZ, HIGH_HZ, method="iir", iir_params=iir, verbose="error"
        )
    )


def by_neurokit2(samples: Samples, sfreq: float) -> Samples:
    import neurokit2

    return np.asarray(
        neurokit2.signal_filter(
            samples, sampling_rate=sfreq, lowcut=LOW_HZ, highcut=HIGH_HZ, order=ORDER
        )
    )


def by_biosppy(samples: Samples, sfreq: float) -> Samples:
    from biosppy.signals import tools

    filtered = tools.filter_signal(
        samples,
        ftype="butter",
        band="bandpass",
        order=ORDER,
        frequency=[LOW_HZ, HIGH_HZ],
        sampling_rate=sfreq,
    )
    return np.asarray(filtered["signal"])


def by_pyemgpipeline(samples: Samples, sfreq: float) -> Samples:
    """Its order counts both directions."""
    from pyemgpipeline.processors import BandpassFilter

    band = BandpassFilter(
        sfreq, bf_order=2 * ORDER, bf_cutoff_fq_lo=LOW_HZ, bf_cutoff_fq_hi=HIGH_HZ
    )
    return np.asarray(band.apply(samples))


def scipy_spectrum(samples: Samples, sfreq: float) -> Spectrum:
    """Welch: segments of 1 s, Hann, half overlapping."""
    n = min(len(samples), round(sfreq))
    hz, power = scipy.signal.welch(samples, fs=sfreq, window="hann", nperseg=n, noverlap=n // 2)
    return hz, power


def mne_spectrum(samples: Samples, sfreq: float) -> Spectrum:
    import mne

    n = min(len(samples), round(sfreq))
    power, hz = mne.time_frequency.psd_array_welch(
        samples, sfreq, n_fft=n, n_overlap=n // 2, window="hann", verbose="error"
    )
    return hz, power


def neurokit2_spectrum(samples: Samples, sfreq: float) -> Spectrum:
    import neurokit2

    found = neurokit2.signal_psd(
        samples, sampling_rate=sfreq, method="welch", min_frequency=LOW_HZ, normalize=False
    )
    return found["Frequency"].to_numpy(), found["Power"].to_numpy()


def biosppy_spectrum(samples: Samples, sfreq: float) -> Spectrum:
    """The spectrum of the whole window, not of segments."""
    from biosppy.signals import tools

    found = tools.power_spectrum(samples, sampling_rate=sfreq, decibel=False)
    return found["freqs"], found["power"]


def neurokit2_contractions(samples: Samples, sfreq: float) -> dict[str, float]:
    """Count by what `emg_process` does, and by two more methods of its own."""
    import neurokit2

    def onsets(info: Mapping[str, Any]) -> float:
        return float(len(info["EMG_Onsets"]))

    rate = round(sfreq)
    clean = neurokit2.emg_clean(samples, sampling_rate=rate)
    level = neurokit2.emg_amplitude(clean)
    activation = neurokit2.emg_activation
    return {
        "contractions": onsets(neurokit2.emg_process(samples, sampling_rate=rate)[1]),
        "mixture": onsets(activation(level, sampling_rate=rate, method="mixture")[1]),
        "biosppy": onsets(activation(None, clean, sampling_rate=rate, method="biosppy")[1]),
    }


def biosppy_contractions(samples: Samples, sfreq: float) -> dict[str, float]:
    """Its onsets are the edges on both sides."""
    from biosppy.signals import emg

    edges = emg.emg(samples, sampling_rate=sfreq, show=False)["onsets"]
    return {"contractions": len(edges) / 2}


Counter = Callable[[Samples, float], dict[str, float]]
TOOLS: dict[str, tuple[Callable[..., Samples], Callable[..., Spectrum] | None, Counter | None]] = {
    "scipy": (by_scipy, scipy_spectrum, None),
    "mne": (by_mne, mne_spectrum, None),
    "neurokit2": (by_neurokit2, neurokit2_spectrum, neurokit2_contractions),
    "biosppy": (by_biosppy, biosppy_spectrum, biosppy_contractions),
    "pyemgpipeline": (by_pyemgpipeline, None, None),
}


def measure(
    tool: str, samples: Samples, *, sfreq: float, windows_s: dict[str, tuple[float, float]]
) -> dict[str, float]:
    """Return what `tool` finds in `samples` ``(n,)`` in µV.

    The RMS of each window by its name and, where one is named contraction, its `median_hz` and how
    many contractions there are: as far as the tool does this.
    """
    band, spectrum, contractions = TOOLS[tool]
    filtered = band(samples - samples.mean(), sfreq)
    parts = {
        name: filtered[round(start * sfreq) : round(stop * sfreq)]
        for name, (start, stop) in windows_s.items()
    }
    found = {name: float(np.sqrt(np.mean(part**2))) for name, part in parts.items()}
    if spectrum and "contraction" in parts:
        found["median_hz"] = _median_hz(*spectrum(parts["contraction"], sfreq))
    if contractions and "contraction" in parts:
        found |= contractions(samples, sfreq)
    return found


def _median_hz(hz: Any, power: Any) -> float:
    """Return the frequency that halves the power between the corners."""
    inside = (hz >= LOW_HZ) & (hz <= HIGH_HZ)
    sums = np.cumsum(power[inside])
    return float(np.interp(sums[-1] / 2, sums, hz[inside]))
