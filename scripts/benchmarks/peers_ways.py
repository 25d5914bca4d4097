"""The common job as each peer does it, used as its own documentation and examples use it.

Runs in the peers' environment. Each function takes samples ``(n, n_channels)`` in µV and returns
what does the job once: `live` ones in chunks that follow each other for ever.
"""

# mypy: disable-error-code="import-not-found, import-untyped"

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from benchmarks.job import (
    CHUNK,
    HIGH_HZ,
    LOW_HZ,
    NOTCH_WIDTH_HZ,
    NOTCHES_HZ,
    ORDER,
    SECTIONS,
    SFREQ,
    WINDOW,
    cascade,
)

Samples = NDArray[np.float64]
# BrainFlow's example of a live plot looks at the last four seconds each time (plot_real_time.py).
GUI_WINDOW_S = 4.0


def _chunks(samples: Samples) -> list[Samples]:
    return [samples[k : k + CHUNK] for k in range(0, len(samples), CHUNK)]


def ezmsg_live(samples: Samples, *, boxcar: bool) -> Callable[[], Samples]:
    """One cascade for all filters. Then squares, and their mean of each window or by a boxcar."""
    from ezmsg.sigproc.aggregate import (
        AggregateSettings,
        AggregateTransformer,
        AggregationFunction,
    )
    from ezmsg.sigproc.filter import FilterSettings, FilterTransformer
    from ezmsg.sigproc.math.pow import PowSettings, PowTransformer
    from ezmsg.sigproc.window import WindowSettings, WindowTransformer
    from ezmsg.util.messages.axisarray import AxisArray

    steps = [
        FilterTransformer(FilterSettings(coefs=cascade(), coef_type="sos")),
        PowTransformer(PowSettings(exponent=2.0)),
    ]
    if boxcar:
        taps = np.full(WINDOW, 1 / WINDOW), np.array([1.0])
        steps += [FilterTransformer(FilterSettings(coefs=taps, coef_type="ba"))]
    else:
        window = {"window_dur": WINDOW / SFREQ, "window_shift": CHUNK / SFREQ, "newaxis": "win"}
        mean = AggregateSettings(axis="time", operation=AggregationFunction.MEAN)
        steps += [WindowTransformer(WindowSettings(**window)), AggregateTransformer(mean)]
    steps += [PowTransformer(PowSettings(exponent=0.5))]
    axes = {"time": AxisArray.TimeAxis(fs=float(SFREQ))}
    messages = [AxisArray(chunk, dims=["time", "ch"], axes=axes) for chunk in _chunks(samples)]

    def do() -> Samples:
        for message in messages:
            for step in steps:
                message = step(message)
        last: Samples = np.asarray(message.data)[-1]
        return last

    return do


def brainflow_live(samples: Samples) -> Callable[[], Samples]:
    """As its examples and its GUI do: every filter, zero-phase, over the last four seconds.

    One chunk a call: it is slow.
    """
    from brainflow import DataFilter, FilterTypes

    n = round(GUI_WINDOW_S * SFREQ)
    history = np.ascontiguousarray(samples[:n].T)

    def do() -> Samples:
        data = history.copy()  # what get_current_board_data returns is its own
        for channel in data:
            _brainflow_filters(channel, DataFilter, FilterTypes.BUTTERWORTH_ZERO_PHASE)
        return np.asarray(np.sqrt(np.mean(data[:, -WINDOW:] ** 2, axis=1)))

    return do


def brainflow_offline(samples: Samples) -> Callable[[], Samples]:
    """The filters alone, over each whole channel: it has no moving RMS."""
    from brainflow import DataFilter, FilterTypes

    channels = np.ascontiguousarray(samples.T)

    def do() -> Samples:
        data = channels.copy()
        for channel in data:
            _brainflow_filters(channel, DataFilter, FilterTypes.BUTTERWORTH)
        return np.asarray(np.sqrt(np.mean(data[:, -WINDOW:] ** 2, axis=1)))

    return do


def _brainflow_filters(channel: Samples, data_filter: Any, kind: Any) -> None:
    words = (kind.value, 0.0)
    data_filter.perform_bandpass(channel, SFREQ, LOW_HZ, HIGH_HZ, ORDER, *words)
    for hz in NOTCHES_HZ:
        half = NOTCH_WIDTH_HZ / 2
        data_filter.perform_bandstop(channel, SFREQ, hz - half, hz + half, 1, *words)


def scipy_offline(samples: Samples) -> Callable[[], Samples]:
    """One call for all filters, then the difference of a running sum."""
    sos = cascade()

    def do() -> Samples:
        filtered = scipy.signal.sosfilt(sos, samples, axis=0)
        sums = np.cumsum(np.square(filtered), axis=0)
        sums[WINDOW:] -= sums[:-WINDOW].copy()
        return np.asarray(np.sqrt(sums / WINDOW)[-1])

    return do


def neurokit2_offline(samples: Samples, *, sfreq: int = SFREQ) -> Callable[[], Samples]:
    """Its own high-pass and detrend, then its own envelope: `emg_clean` and `emg_amplitude`."""
    import neurokit2

    channels = np.ascontiguousarray(samples.T)

    def do() -> Samples:
        envelopes = [
            neurokit2.emg_amplitude(neurokit2.emg_clean(channel, sampling_rate=sfreq))
            for channel in channels
        ]
        return np.array([envelope[-1] for envelope in envelopes])

    return do


def pyemgpipeline_offline(samples: Samples) -> Callable[[], Samples]:
    """Its own chain, which has no notch: offset, band-pass, rectifier, linear envelope."""
    from pyemgpipeline import processors as p

    steps = (
        p.DCOffsetRemover(),
        p.BandpassFilter(SFREQ, bf_cutoff_fq_lo=LOW_HZ, bf_cutoff_fq_hi=HIGH_HZ),
        p.FullWaveRectifier(),
        p.LinearEnvelope(SFREQ),
    )

    def do() -> Samples:
        data = samples
        for step in steps:
            data = step.apply(data)
        return np.asarray(data[-1])

    return do


def mne_offline(samples: Samples) -> Callable[[], Samples]:
    """Its IIR band-pass alone: no notch, no RMS."""
    import mne

    channels = np.ascontiguousarray(samples.T)
    iir = {"order": ORDER, "ftype": "butter", "output": "sos"}

    def do() -> Samples:
        filtered = mne.filter.filter_data(
            channels, SFREQ, LOW_HZ, HIGH_HZ, method="iir", iir_params=iir, verbose="error"
        )
        return np.asarray(np.sqrt(np.mean(filtered[:, -WINDOW:] ** 2, axis=1)))

    return do


def numba_job(samples: Samples, *, rows: int) -> Callable[[], Samples]:
    """The job as one compiled loop, `rows` a call: what a compiler at run time would give us."""
    import numba

    sos, n_channels = cascade(), samples.shape[1]
    state = np.zeros((SECTIONS, 2, n_channels))
    squares, sums = np.zeros((WINDOW, n_channels)), np.zeros(n_channels)

    @numba.njit(error_model="numpy", fastmath={"contract"})  # type: ignore[untyped-decorator]
    def job(
        x: Samples, sos: Samples, z: Samples, squares: Samples, sums: Samples, at: int, out: Samples
    ) -> int:
        v = np.empty(x.shape[1])
        for i in range(x.shape[0]):
            for c in range(x.shape[1]):
                v[c] = x[i, c]
            for s in range(sos.shape[0]):
                b0, b1, b2, a1, a2 = sos[s, 0], sos[s, 1], sos[s, 2], sos[s, 4], sos[s, 5]
                for c in range(x.shape[1]):
                    y = b0 * v[c] + z[s, 0, c]
                    z[s, 0, c] = b1 * v[c] - a1 * y + z[s, 1, c]
                    z[s, 1, c] = b2 * v[c] - a2 * y
                    v[c] = y
            for c in range(x.shape[1]):
                square = v[c] * v[c]
                sums[c] += square - squares[at, c]
                squares[at, c] = square
                out[i, c] = np.sqrt(sums[c] / squares.shape[0])
            at += 1
            if at == squares.shape[0]:
                at = 0
        return at

    blocks = [samples[k : k + rows] for k in range(0, len(samples), rows)]
    out, place = np.empty((rows, n_channels)), [0]

    def do() -> Samples:
        at = place[0]
        for block in blocks:
            at = job(block, sos, state, squares, sums, at, out)
        place[0] = at
        return np.asarray(out[len(blocks[-1]) - 1])

    return do
