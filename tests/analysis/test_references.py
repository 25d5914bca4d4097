"""Recordings against what independent tools read in them; on RMS these agreed to all digits."""

from pathlib import Path

import numpy as np
import pytest
import scipy

from biofeedback.analysis.figures import ChannelFigures, analyze
from biofeedback.boards import SENSORS, make_channel
from biofeedback.dsp.spectrum import median_frequency, welch
from biofeedback.pipeline import make_pipeline
from biofeedback.recording.formats import read_recording
from biofeedback.recording.recorded import Recording
from biofeedback.settings import SignalSettings
from biofeedback.stream import Chunk, StreamInfo

DATA = Path(__file__).parents[1] / "data"
CAUSAL, ZERO_PHASE = 0.025, 0.002
MDF_WITHIN_HZ = 5.0

# The recording, its channel, a window in s of the file here, and RMS in uV over it
LEVELS = [
    ("bursts", 0, (3.4, 4.2), 5.420),
    ("bursts", 0, (23.5, 24.5), 156.4),
    ("plux", 0, (1, 5), 2.078),
    ("plux", 1, (1, 5), 5.324),
    ("biceps", 0, (1, 8), 5.727),
    ("biceps", 0, (11, 18), 117.0),
    ("knee", 0, (1.3, 2.2), 55.90),
]
# The same with the median frequency in Hz of contractions; tools lie 4 to 5 Hz apart
MEDIANS = [
    ("bursts", 0, (23.5, 24.5), 87),
    ("biceps", 0, (11, 18), 67),
    ("knee", 0, (1.3, 2.2), 60),
]
# Begins 2.6 s into the original, so that its window, 3.0 to 3.6 s there, is not settled yet
TRAPEZIUS = ("trapezius", "EMG6", (0.4, 1.0), 301.3, 78)


def opened(name: str) -> Recording:
    if name == "bursts":
        counts = np.load(DATA / "emg_bursts.npy").reshape(-1, 1).astype(float)
        info = StreamInfo((make_channel("biceps", SENSORS["plux"]),), 1000.0, "bursts")
        return Recording(info, (Chunk(0, counts),), len(counts))
    if name == "biceps":
        return read_recording(DATA / "bbcontractions.csv", sfreq=1000, unit="mV")
    files = {"plux": "game_0_1.txt", "knee": "uci_5Nsen.txt", "trapezius": "pyomeca_analogs.csv"}
    return read_recording(DATA / files[name])


def figures(name: str, channel: int, window: tuple[float, float] | None = None) -> ChannelFigures:
    start_s, stop_s = window or (None, None)
    found = analyze(opened(name), SignalSettings(), start_s=start_s, stop_s=stop_s)
    return found.channels[channel]


def microvolts(recording: Recording) -> np.ndarray:
    gain = np.array([channel.gain for channel in recording.info.channels])
    offset = np.array([channel.offset for channel in recording.info.channels])
    return np.concatenate([chunk.samples for chunk in recording.chunks]) * gain + offset


def zero_phase(recording: Recording) -> np.ndarray:
    uv = microvolts(recording)
    sos = scipy.signal.butter(4, (20, 450), "bandpass", fs=recording.info.sfreq, output="sos")
    return scipy.signal.sosfiltfilt(sos, uv - uv.mean(axis=0), axis=0)


def within(window: tuple[float, float], sfreq: float) -> slice:
    return slice(*(round(t * sfreq) for t in window))


def rms(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(samples**2)))


@pytest.mark.parametrize(("name", "channel", "window", "rms_uv"), LEVELS)
def test_the_causal_path_reads_what_independent_tools_read(name, channel, window, rms_uv):
    found = figures(name, channel, window)
    assert found.rms == pytest.approx(rms_uv, rel=CAUSAL)
    assert found.kept == pytest.approx(found.rms)  # no heartbeat was taken for one
    assert found.valid_percent == 100.0


@pytest.mark.parametrize(("name", "channel", "window", "rms_uv"), LEVELS)
def test_a_zero_phase_run_reads_the_same_to_two_in_a_thousand(name, channel, window, rms_uv):
    recording = opened(name)
    filtered = zero_phase(recording)[within(window, recording.info.sfreq), channel]
    assert rms(filtered) == pytest.approx(rms_uv, rel=ZERO_PHASE)


@pytest.mark.parametrize(("name", "channel", "window", "median_hz"), MEDIANS)
def test_the_median_frequency_is_that_of_independent_tools(name, channel, window, median_hz):
    found = figures(name, channel, window)
    assert found.median_frequency_hz == pytest.approx(median_hz, abs=MDF_WITHIN_HZ)


@pytest.mark.parametrize(("name", "contractions"), [("bursts", 9), ("biceps", 2), ("knee", 1)])
def test_contractions_are_counted(name, contractions):
    assert len(figures(name, 0).activity.bursts) == contractions


def test_each_contraction_lies_where_the_signal_is_loud():
    recording = opened("bursts")
    loud = np.convolve(zero_phase(recording)[:, 0] ** 2, np.ones(250) / 250, "same") ** 0.5
    for start_s, stop_s in figures("bursts", 0).activity.bursts:
        assert loud[round(1000 * start_s) : round(1000 * stop_s)].max() > 50
    outside = np.ones(len(loud), dtype=bool)
    for start_s, stop_s in figures("bursts", 0).activity.bursts:
        outside[round(1000 * start_s) - 300 : round(1000 * stop_s) + 300] = False
    assert loud[outside].max() < 30


def test_a_trapezius_at_two_thousand_hertz_reads_the_same():
    name, label, window, rms_uv, median_hz = TRAPEZIUS
    recording = opened(name)
    labels = [channel.label for channel in recording.info.channels]
    part = slice(*within(window, 2000).indices(recording.stop)), labels.index(label)
    (chunk,) = recording.chunks
    causal = make_pipeline(recording.info, SignalSettings()).process(chunk).filtered[part]
    assert rms(causal) == pytest.approx(rms_uv, rel=CAUSAL)
    assert rms(zero_phase(recording)[part]) == pytest.approx(rms_uv, rel=ZERO_PHASE)
    # less than a second of it: spectra of 0.6 s
    f, power = scipy.signal.welch(causal, 2000, nperseg=len(causal))
    found_hz = median_frequency(f, power[:, None])
    assert found_hz == pytest.approx([median_hz], abs=MDF_WITHIN_HZ)


def test_hum_in_the_recording_is_told_and_is_no_muscle():
    found = analyze(opened("plux"), SignalSettings(), start_s=1, stop_s=5)
    filtered = zero_phase(opened("plux"))[1000:5000]
    f, power = welch(filtered, sfreq=1000)
    for i, figures_ in enumerate(found.channels):
        assert figures_.mains_hz == 50
        lines = power[49:52, i].sum() - 3 * np.median(power[42:59, i])
        assert figures_.mains == pytest.approx(np.sqrt(lines), rel=0.05)
    assert f[50] == 50
