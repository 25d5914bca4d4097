"""Each part of the simulated muscle against its closed form."""

import math

import numpy as np
import pytest
import scipy.signal

from biofeedback.dsp.spectrum import median_frequency, welch
from biofeedback.sources.muscle.script import Scenario
from biofeedback.sources.scenario import load_scenario, read_scenario
from biofeedback.sources.simulated import SimulatedSource

FINE = "bits = 24\n"  # steps that no test can see


def scenario_of(text: str) -> Scenario:
    return read_scenario(text, name="x", where="x.toml")


def one_channel(segment: str, root: str = "") -> Scenario:
    return scenario_of(FINE + root + "[[channels]]\n[[channels.segments]]\n" + segment)


def played(scenario: Scenario, seconds: float) -> np.ndarray:
    """Return microvolts, ``(n_samples, n_channels)``; nothing is lost."""
    source = SimulatedSource(scenario, fast=True)
    source.open()
    chunks = [source.read(0)[0] for _second in range(math.ceil(seconds))]
    counts = np.concatenate([chunk.samples for chunk in chunks])
    channels = source.info.channels
    counts = counts[: round(seconds * source.info.sfreq)]
    return counts * [c.gain for c in channels] + [c.offset for c in channels]


def in_band_rms(signal: np.ndarray, sfreq: float = 1000.0) -> float:
    f, power = welch(signal, sfreq=sfreq)
    return float(np.sqrt(power[(f >= 20) & (f <= 450)].sum()))


@pytest.mark.parametrize("sfreq", [1000, 2000])
@pytest.mark.parametrize(
    ("root", "segment"),
    [
        ("", "emg_uv = 10"),
        ("", "emg_uv = 10\ntremor_depth = 1"),
        ("common_drive = 0.8\n", "emg_uv = 10"),
        ("", "emg_uv = 10\nmdf_hz = 60"),
        ("", "emg_uv = 20\ntrick = 0.5"),
    ],
)
def test_the_rms_between_20_and_450_hz_is_the_one_asked_for(sfreq, root, segment):
    scenario = one_channel(segment, f"sfreq = {sfreq}\n{root}")
    assert in_band_rms(played(scenario, 240), sfreq) == pytest.approx(10.0, rel=0.015)


def test_tremor_swells_at_its_frequency_by_its_depth():
    signal = np.abs(played(one_channel("emg_uv = 10\ntremor_hz = 5.3\ntremor_depth = 0.4"), 200))
    spectrum = np.abs(np.fft.rfft(signal[:, 0])) / len(signal)
    f = np.fft.rfftfreq(len(signal), 1e-3)
    slow = (f > 1) & (f < 30)
    assert f[slow][np.argmax(spectrum[slow])] == pytest.approx(5.3, abs=0.01)
    assert 2 * spectrum[slow].max() / spectrum[0] == pytest.approx(0.4, rel=0.05)


TWO = "[[channels]]\nsegments = [{ emg_uv = 10 }]\n[[channels]]\nsegments = [{ emg_uv = 30 }]\n"


@pytest.mark.parametrize("asked", [0.0, 0.1, 0.3, 0.8])
def test_rectified_channels_cohere_at_4_to_7_hz_as_asked_and_not_elsewhere(asked):
    signal = played(scenario_of(f"{FINE}common_drive = {asked}\n{TWO}"), 900)
    sos = scipy.signal.butter(4, (20, 450), "bandpass", fs=1000, output="sos")
    left, right = np.abs(scipy.signal.sosfiltfilt(sos, signal, axis=0)).T
    f, found = scipy.signal.coherence(left, right, fs=1000, nperseg=1000, noverlap=0)
    # the scatter of one bin is sqrt(2 C (1 - C)^2 / 900), 0.02 at most, and four are averaged
    assert found[(f >= 4) & (f <= 7)].mean() == pytest.approx(asked, abs=0.03)
    assert found[(f >= 10) & (f <= 30)].mean() < 0.005


@pytest.mark.parametrize(
    ("weeks", "left"), [(0, 1), (0.2, 1), (3, 3 / 8.3), (6, 3 / 8.3), (16, 1), (100, 1)]
)
def test_botulinum_toxin_leaves_what_was_measured(weeks, left):
    scenario = one_channel("emg_uv = 10", f"weeks_since_injection = {weeks}\n")
    assert scenario.toxin_factor == pytest.approx(left)
    assert in_band_rms(played(scenario, 120)) == pytest.approx(10 * left, rel=0.02)


def test_botulinum_toxin_comes_and_goes_without_a_step():
    weeks = np.arange(0, 20, 0.25)
    left = np.array([one_channel("", f"weeks_since_injection = {w}\n").toxin_factor for w in weeks])
    assert (np.diff(left[weeks <= 3]) <= 0).all()
    assert (np.diff(left[weeks >= 6]) >= 0).all()
    assert np.abs(np.diff(left)).max() < 0.2


# McSharry 2003, table 1: angle from the R peak, a and b of P, Q, R, S, T.
THETA = np.array([-math.pi / 3, -math.pi / 12, 0, math.pi / 12, math.pi / 2])
A = np.array([1.2, -5.0, 30.0, -7.5, 0.75])
B = np.array([0.25, 0.1, 0.1, 0.1, 0.4])


def beat_energy(per_minute: float) -> float:
    """Return the integral of a squared beat whose R peak is one, in s: a sum over its Gaussians."""
    height = A * B**2
    height = height / (height @ np.exp(-0.5 * (THETA / B) ** 2))
    stretch = math.sqrt(60 / per_minute) / (2 * math.pi)
    at, width = THETA * stretch, B * stretch
    both = width[:, None] ** 2 + width**2
    overlap = np.exp(-0.5 * (at[:, None] - at) ** 2 / both) / np.sqrt(both)
    pairs = np.outer(height * width, height * width) * overlap
    return float(math.sqrt(2 * math.pi) * pairs.sum())


@pytest.mark.parametrize("per_minute", [50, 70, 110])
def test_the_heart_beats_as_often_and_as_strongly_as_asked(per_minute):
    scenario = one_channel("ecg_uv = 100", f"heart_rate = {per_minute}\n")
    signal = played(scenario, 300)[:, 0]
    beats = np.array(scenario.truth(300.0)["beats_s"])
    expected = 100 * math.sqrt(beat_energy(per_minute) * per_minute / 60)
    assert np.sqrt(np.mean(signal**2)) == pytest.approx(expected, rel=0.01)
    peaks = scipy.signal.find_peaks(signal, height=60)[0]
    np.testing.assert_allclose(peaks / 1000, beats, atol=0.001)
    assert signal[peaks] == pytest.approx(100, rel=0.01)
    minutes = np.histogram(beats, np.arange(0, 301, 60))[0]
    assert np.abs(minutes - per_minute).max() <= 1
    rr = np.diff(beats)
    assert rr.std() / rr.mean() == pytest.approx(0.05, abs=0.015)


def test_one_heart_beats_in_all_channels():
    segments = "segments = [{{ ecg_uv = {0} }}]\n"
    text = "".join("[[channels]]\n" + segments.format(uv) for uv in (30, 60))
    first, second = played(scenario_of(FINE + text), 20).T
    np.testing.assert_allclose(2 * first, second, atol=0.01)


def test_mains_wander_as_far_as_asked_and_step_with_the_segment():
    text = "seconds = 20\nmains_uv = 10\nmains_wander_hz = 0.5\n[[channels.segments]]\nmains_uv = 3"
    signal = played(one_channel(text), 40)[:, 0]
    assert signal[:20_000].std() == pytest.approx(10, rel=0.001)
    assert signal[20_000:].std() == pytest.approx(3, rel=0.001)
    phase = np.unwrap(np.angle(scipy.signal.hilbert(signal[:20_000])))
    hz = np.diff(phase)[500:-500] * 1000 / (2 * math.pi)
    assert hz.max() == pytest.approx(50.5, abs=0.02)
    assert hz.min() == pytest.approx(49.5, abs=0.02)


def motions(scenario: Scenario, seconds: float) -> list[tuple[float, float]]:
    intervals = scenario.truth(seconds)["channels"][0]["intervals"]
    assert {interval["flag"] for interval in intervals} == {"motion"}
    return [(interval["start_s"], interval["stop_s"]) for interval in intervals]


def test_a_swing_and_a_tap_have_the_height_and_the_energy_of_their_shapes():
    at = "motion_uv = 400\nmotion_at_s = [2, 5, 8, 11, 14]\n"
    for kind in ("swing", "tap"):
        scenario = one_channel(f'{at}motion = "{kind}"')
        signal = played(scenario, 20)[:, 0]
        found = motions(scenario, 20.0)
        assert [start_s for start_s, _stop_s in found] == [2, 5, 8, 11, 14]
        for start_s, stop_s in found:
            part = signal[round(start_s * 1000) : round(stop_s * 1000)]
            assert np.abs(part).max() == pytest.approx(400, rel=0.01)
            energy = np.mean((part / 400) ** 2)
            # sin^4 times cos^2 over many cycles; (x e^(1-x))^2 over twelve x
            expected = 3 / 16 if kind == "swing" else math.e**2 / 4 / 12
            assert energy == pytest.approx(expected, rel=0.03)
            signal[round(start_s * 1000) : round(stop_s * 1000)] = 0
        assert np.abs(signal).max() < 1


def test_motion_lies_below_20_hz():
    scenario = one_channel('motion_uv = 400\nmotion_per_minute = 20\nmotion = "both"')
    f, power = welch(played(scenario, 120), sfreq=1000)
    assert power[f < 20].sum() > 0.95 * power.sum()


def test_motion_comes_as_often_as_asked_one_after_the_other():
    scenario = one_channel("motion_uv = 100\nmotion_per_minute = 20")
    found = np.array(motions(scenario, 600.0))
    assert len(found) == 200
    assert (found[1:, 0] >= found[:-1, 1]).all()
    slots = found[:, 0] % 3.0
    assert slots.std() > 0.4  # not like a clock


def test_an_artefact_goes_on_after_its_segment():
    text = 'seconds = 0.5\nmotion_uv = 100\nmotion = "swing"\nmotion_at_s = 0.4\n'
    scenario = one_channel(text + "[[channels.segments]]\nemg_uv = 0")
    ((start_s, stop_s),) = motions(scenario, 9.0)
    assert stop_s >= 1.4
    part = played(scenario, 4)[round(1000 * start_s) : round(1000 * stop_s), 0]
    assert np.mean((part / 100) ** 2) == pytest.approx(3 / 16, rel=0.03)


def test_contact_is_lost_and_comes_back():
    signal = played(load_scenario("lead-off"), 60)[:, 0]
    assert signal[12_000:25_000].min() == pytest.approx(1500, rel=1e-3)
    assert signal[25_000:].std() == pytest.approx(8.08, rel=0.03)


def test_fatigue_lowers_the_median_frequency_while_the_amplitude_rises():
    scenario = one_channel("seconds = 300\nemg_uv = [100, 140]\nmdf_hz = [95, 60]")
    signal = played(scenario, 330)
    found = [
        median_frequency(*welch(signal[a : a + 30_000], sfreq=1000))[0]
        for a in range(0, 330_000, 30_000)
    ]
    expected = [95 - 35 * min(1.0, (a + 15) / 300) for a in range(0, 330, 30)]
    np.testing.assert_allclose(found, expected, rtol=0.035)
    rms = [in_band_rms(signal[a : a + 30_000]) for a in range(0, 330_000, 30_000)]
    level = [100 + 40 * min(1.0, (a + 15) / 300) for a in range(0, 330, 30)]
    np.testing.assert_allclose(rms, level, rtol=0.02)


def test_the_spectrum_moves_within_a_second():
    segments = ["emg_uv = 10\nmdf_hz = [180, 40]\n"] * 30
    signal = played(one_channel("[[channels.segments]]\n".join(segments)), 30)[:, 0]
    quarters = signal.reshape(30, 4, 250)
    power = (np.abs(np.fft.rfft(quarters * np.hanning(250), axis=2)) ** 2).sum(axis=0)
    f = np.fft.rfftfreq(250, 1e-3)
    first, *_middle, last = (power @ f) / power.sum(axis=1)
    assert first > 2 * last
