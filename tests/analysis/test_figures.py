"""Figures against closed forms and the truth of simulated muscles, and what they depend on."""

import itertools
import json
import math
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biofeedback import kernel
from biofeedback.analysis.figures import Analysis, ChannelFigures, analyze
from biofeedback.boards import SENSORS, make_channel
from biofeedback.errors import RecordingError, SettingsError
from biofeedback.pipeline import make_pipeline
from biofeedback.recording.recorded import Recording
from biofeedback.settings import SignalSettings
from biofeedback.sources.scenario import load_scenario, read_scenario
from biofeedback.sources.simulated import SimulatedSource
from biofeedback.stream import Channel, Chunk, Quality, StreamInfo

DATA = Path(__file__).parents[1] / "data"
SETTLED_S = 1.0


def recording(signal: np.ndarray, sfreq: float = 1000.0, channel: Channel | None = None):
    """Return `signal` ``(n,)`` or ``(n, n_channels)`` as a recording; in uV without a channel."""
    signal = signal.reshape(len(signal), -1).astype(float)
    channels = tuple(channel or Channel(f"EMG {i}", "uV") for i in range(signal.shape[1]))
    return Recording(StreamInfo(channels, sfreq, "made"), (Chunk(0, signal),), len(signal))


def cut(whole: Recording, pieces: list[tuple[int, int]]) -> Recording:
    """Return the samples of `whole` that lie in `pieces`, a chunk each."""
    (chunk,) = whole.chunks
    return Recording(whole.info, tuple(Chunk(a, chunk.samples[a:b]) for a, b in pieces), whole.stop)


def played(scenario: Any, seconds: int) -> tuple[Recording, dict[str, Any]]:
    source = SimulatedSource(scenario, fast=True)
    source.open()
    counts = np.concatenate([source.read(0)[0].samples for _second in range(seconds)])
    return Recording(scenario.info, (Chunk(0, counts),), len(counts)), scenario.truth(seconds)


def muscle(segments: list[dict[str, Any]], seconds: int, *, seed: int = 1, head: str = ""):
    text = f"seed = {seed}\n{head}\n[[channels]]\noffset_uv = 40\n"
    for segment in segments:
        words = "".join(f"{key} = {json.dumps(value)}\n" for key, value in segment.items())
        text += f"[[channels.segments]]\n{words}"
    return played(read_scenario(text, name="made", where="made"), seconds)[0]


def figures(made: Recording, band: str = "wide", **words: Any) -> ChannelFigures:
    words = {"start_s": SETTLED_S} | words
    return analyze(made, SignalSettings(band=band), **words).channels[0]


def plain(found: Analysis) -> str:
    """Return all figures to the last bit."""
    parts = [asdict(part) for part in (*found.channels, *found.pairs)]
    return json.dumps([parts, found.beats, found.rate_bpm], default=list)


def shaped(density: Callable[[np.ndarray], np.ndarray], seconds: int, *, seed: int, sfreq=1000.0):
    """Return Gaussian noise of 1 uV RMS whose power density is `density` of frequency in Hz."""
    n = round(seconds * sfreq)
    f = np.fft.rfftfreq(n, 1 / sfreq)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(n)) * np.sqrt(density(f))
    signal = np.fft.irfft(spectrum, n)
    return signal / np.sqrt(np.mean(signal**2))


def flat(low_hz: float, high_hz: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda f: ((f >= low_hz) & (f <= high_hz)).astype(float)


def stegeman_hermens(f: np.ndarray) -> np.ndarray:
    return f**2 / ((f**2 + 60**2) * (f**2 + 120**2) ** 2)


def butterworth(f: np.ndarray, low_hz: float, high_hz: float) -> np.ndarray:
    """The power response of an analog Butterworth band-pass of order 4 (eight poles)."""
    with np.errstate(divide="ignore"):
        return 1 / (1 + ((f**2 - low_hz * high_hz) / (f * (high_hz - low_hz))) ** 8)


# --- closed forms ---------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("band", "corners"), [("wide", (20, 450)), ("narrow", (100, 200))])
def test_noise_of_20_to_450_hz_reads_what_its_power_through_the_filter_is(seed, band, corners):
    uv = 10 * shaped(flat(20, 450), 120, seed=seed, sfreq=4000)
    f = np.arange(20, 450.01, 0.1)
    expected = 10 * math.sqrt(butterworth(f, *corners).mean())
    found = figures(recording(uv, 4000.0), band)
    assert found.rms == pytest.approx(expected, rel=0.01)
    assert found.arv / found.rms == pytest.approx(math.sqrt(2 / math.pi), rel=0.01)  # 0.7979


def test_noise_well_inside_the_band_keeps_its_rms_and_has_its_median_in_the_middle():
    found = figures(recording(10 * shaped(flat(40, 400), 120, seed=0)))
    assert found.rms == pytest.approx(10.0, rel=0.01)
    assert found.median_frequency_hz == pytest.approx(220, rel=0.01)
    assert found.mean_frequency_hz == pytest.approx(220, rel=0.01)


@pytest.mark.parametrize(
    ("band", "hz"), [("wide", 40), ("wide", 83.3), ("wide", 300), ("narrow", 141)]
)
def test_a_sine_in_the_band_reads_its_peak_over_root_two(band, hz):
    wave = 7 * np.sin(2 * np.pi * hz * np.arange(20_000) / 1000)
    found = figures(recording(wave), band)
    assert found.rms == pytest.approx(7 / math.sqrt(2), rel=0.01)
    assert found.arv / found.rms == pytest.approx(0.9003, rel=0.01)
    assert found.activity.load == pytest.approx([found.rms] * 3, rel=0.01)


@pytest.mark.parametrize(("muscle_uv", "noise_uv"), [(3, 4), (10, 1), (2, 20)])
def test_what_is_not_correlated_adds_by_its_power(muscle_uv, noise_uv):
    one, other = (shaped(flat(40, 400), 120, seed=seed) for seed in (1, 2))
    found = figures(recording(muscle_uv * one + noise_uv * other))
    assert found.rms == pytest.approx(math.hypot(muscle_uv, noise_uv), rel=0.01)


@pytest.mark.parametrize("sfreq", [2000.0, 4000.0])
def test_narrow_over_wide_is_that_of_the_model_spectrum(sfreq):
    made = recording(shaped(stegeman_hermens, 200, seed=4, sfreq=sfreq), sfreq)
    f = np.arange(0.5, sfreq / 2, 0.5)
    wide, narrow = (
        math.sqrt((stegeman_hermens(f) * butterworth(f, *corners)).sum())
        for corners in ((20, 450), (100, 200))
    )
    ratio = figures(made, "narrow").rms / figures(made).rms
    assert ratio == pytest.approx(narrow / wide, rel=0.03)


def test_the_model_spectrum_has_its_median_and_mean():
    # of 20 to 450 Hz, through the filter
    f = np.arange(20, 450, 0.01)
    mass = stegeman_hermens(f) * butterworth(f, 20, 450)
    found = figures(recording(shaped(stegeman_hermens, 200, seed=5, sfreq=4000), 4000.0))
    median_hz = f[np.searchsorted(np.cumsum(mass), mass.sum() / 2)]
    assert found.median_frequency_hz == pytest.approx(median_hz, rel=0.01)
    assert found.mean_frequency_hz == pytest.approx((f * mass).sum() / mass.sum(), rel=0.01)


def test_two_channels_of_three_to_one_are_uneven_by_half_and_share_half():
    one, other = (shaped(stegeman_hermens, 60, seed=seed) for seed in (6, 7))
    found = analyze(recording(np.column_stack((30 * one, 10 * other))), SignalSettings())
    (pair,) = found.pairs
    assert pair.labels == ("EMG 0", "EMG 1")
    assert pair.asymmetry == pytest.approx(0.5, abs=0.02)
    assert pair.co_contraction == pytest.approx(0.5, abs=0.02)
    assert pair.coherence < pair.limit


def test_channels_in_different_units_are_not_held_against_each_other():
    channels = (Channel("a", "uV"), Channel("b"), Channel("c", "uV"))
    samples = np.random.default_rng(0).standard_normal((5000, 3))
    made = Recording(StreamInfo(channels, 1000.0, "mixed"), (Chunk(0, samples),), 5000)
    assert [pair.labels for pair in analyze(made, SignalSettings()).pairs] == [("a", "c")]


# --- the truth of simulated muscles ---------------------------------------------------------------


def test_contractions_are_found_when_they_were_and_rest_is_what_lies_between():
    made, truth = played(load_scenario("bursts"), 30)
    found = figures(made, start_s=None, rest_threshold=5.0)
    bursts = [(b["start_s"], b["stop_s"]) for b in truth["channels"][0]["bursts"]]
    np.testing.assert_allclose(found.activity.bursts, bursts, atol=0.15)
    assert found.activity.rest == pytest.approx(2.0, rel=0.2)  # its tenth percentile
    tense_s = sum(stop - start for start, stop in bursts)
    resting = 100 * (1 - tense_s / (30 - 0.75))
    assert found.activity.relative_rest_time_percent == pytest.approx(resting, abs=2.5)
    assert found.activity.emg_gaps_per_min == pytest.approx(5 * 60 / 29.25, rel=0.01)
    assert found.activity.longest_sustained_s == pytest.approx(2.0, abs=0.15)


def test_tremor_and_a_common_drive_show_in_the_rhythm():
    made, _truth = played(load_scenario("cervical-dystonia"), 60)
    found = analyze(made, SignalSettings())
    assert [figures.rhythm_hz for figures in found.channels] == pytest.approx([5, 5], abs=0.3)
    assert found.pairs[0].coherence > found.pairs[0].limit


def test_fatigue_shows_in_the_median_frequency():
    made, _truth = played(load_scenario("fatigue"), 130)
    fresh = figures(made, start_s=11, stop_s=26).median_frequency_hz
    tired = figures(made, start_s=114, stop_s=129).median_frequency_hz
    assert (fresh, tired) == pytest.approx((92.9, 64.3), abs=4)  # the middles of the ramp


def test_samples_at_a_rail_are_clipped():
    made = muscle([{"emg_uv": 900}], 10)
    (chunk,) = made.chunks
    low, high = made.info.channels[0].rails
    share = np.mean((chunk.samples <= low) | (chunk.samples >= high))
    found = figures(made, start_s=None)
    assert found.clipped_percent == pytest.approx(100 * share)
    assert found.clipped_percent > 3
    assert found.quality[Quality.SATURATED] > 95
    assert found.valid_percent < 5


def test_a_contraction_that_clips_is_still_one_contraction():
    rest = {"seconds": 5.0, "emg_uv": 5}
    made = muscle([rest, {"seconds": 3.0, "emg_uv": 1200}, rest], 13)
    found = figures(made)
    assert len(found.activity.bursts) == 1
    assert found.activity.load.peak < 7  # its amplitude is not scored


@pytest.mark.parametrize("mains_hz", [50, 60])
@pytest.mark.parametrize("mains_uv", [[20, 0, 4], [20, 6, 4, 3, 2, 1]])
def test_notches_leave_a_rest_under_hum_within_a_tenth(mains_hz, mains_uv):
    rest = {"emg_uv": 5.4}
    clean = figures(muscle([rest], 30)).rms
    humming = muscle([rest | {"mains_hz": mains_hz, "mains_uv": mains_uv}], 30)
    told = figures(humming)
    assert told.rms > 3.5 * clean
    assert told.mains_hz == mains_hz
    assert told.mains == pytest.approx(np.hypot.reduce(mains_uv), rel=0.05)
    for choice in (str(mains_hz), "auto"):
        found = analyze(humming, SignalSettings(), start_s=SETTLED_S, mains=choice)
        assert found.mains_filter_hz == mains_hz
        assert found.channels[0].rms == pytest.approx(clean, rel=0.1)
        assert found.channels[0].mains == pytest.approx(told.mains, rel=1e-3)  # as it came


def test_auto_leaves_the_notches_out_where_nothing_hums():
    found = analyze(muscle([{"emg_uv": 5.4}], 10), SignalSettings(), mains="auto")
    assert found.mains_filter_hz == 0
    off = analyze(muscle([{"emg_uv": 5.4}], 10), SignalSettings())
    assert plain(found) == plain(off)


@pytest.mark.parametrize("rate", [50, 70, 110])
@pytest.mark.parametrize("seed", range(3))
def test_heartbeats_leave_the_time_at_rest_and_tell_their_rate(rate, seed):
    head = f"heart_rate = {rate}"
    beating = muscle([{"emg_uv": 2, "ecg_uv": 100}], 60, seed=seed, head=head)
    clean = figures(muscle([{"emg_uv": 2}], 60, seed=seed), rest_threshold=2.2)
    found = analyze(beating, SignalSettings(), rest_threshold=2.2)
    (channel,) = found.channels
    assert found.rate_bpm == pytest.approx(rate, abs=2)
    assert found.beats == pytest.approx(rate, abs=3)
    assert channel.beats_removed == pytest.approx(rate, abs=4)
    assert channel.rms == pytest.approx(clean.rms, rel=0.05)
    assert channel.kept > 1.2 * clean.rms
    resting = clean.activity.relative_rest_time_percent
    assert 60 < resting < 95  # so that it may go both ways
    assert channel.activity.relative_rest_time_percent == pytest.approx(resting, abs=5)
    kept = figures(beating, heartbeat="keep", rest_threshold=2.2)
    assert kept.activity.relative_rest_time_percent < resting - 10
    assert kept.rms == pytest.approx(channel.kept, rel=0.01)


def test_the_beats_of_a_window_are_those_that_lie_in_it():
    beating = muscle([{"emg_uv": 2, "ecg_uv": 100}], 40, head="heart_rate = 60")
    words = {"heartbeat": "keep"}
    counted = [
        analyze(beating, SignalSettings(), start_s=at, stop_s=at + 4, **words).beats
        for at in range(0, 40, 4)
    ]
    assert counted == pytest.approx([4] * 10, abs=1.01)
    assert sum(counted) == analyze(beating, SignalSettings(), **words).beats


def test_the_heartbeats_of_a_real_heart_leave_too():
    counts = np.load(DATA / "ecg_20_s.npy").astype(float)
    ecg = np.interp(np.arange(20_000) / 1000, np.arange(len(counts)) / 500, counts)
    ecg = (ecg - np.median(ecg)) / np.ptp(ecg) * 100
    emg = 2 * shaped(stegeman_hermens, 20, seed=9)
    clean = figures(recording(emg), rest_threshold=2.5)
    found = analyze(recording(emg + ecg), SignalSettings(), rest_threshold=2.5)
    assert found.rate_bpm == pytest.approx(84, abs=2)  # 28 in 20 s
    assert found.channels[0].kept > 2.5 * clean.rms
    resting = clean.activity.relative_rest_time_percent
    assert found.channels[0].activity.relative_rest_time_percent == pytest.approx(resting, abs=5)


@pytest.mark.parametrize("seed", range(3))
def test_a_contraction_under_heartbeats_is_biased_by_less_than_a_twentieth(seed):
    def held(ecg_uv: float) -> float:
        rest, held = ({"emg_uv": uv, "ecg_uv": ecg_uv} for uv in (2, 20))
        made = muscle([rest | {"seconds": 15}, held | {"seconds": 10}, rest], 30, seed=seed)
        return figures(made, start_s=15.3, stop_s=24.8).rms

    assert held(100) == pytest.approx(held(0), rel=0.05)


# --- what figures never depend on -----------------------------------------------------------------


def troubled() -> Recording:
    """A contraction, heartbeats, hum, an electrode off, and gaps short and long: 34 s."""
    segments = [
        {"seconds": 12, "emg_uv": 3, "ecg_uv": 60},
        {"seconds": 3, "emg_uv": 60, "ecg_uv": 60, "mains_uv": 30},
        {"seconds": 7, "emg_uv": 3, "ecg_uv": 60, "motion_uv": 600, "motion_at_s": 4},
        {"seconds": 2, "lead": "off"},
        {"emg_uv": 3, "ecg_uv": 60},
    ]
    whole = muscle(segments, 34)
    return cut(whole, [(0, 5000), (5137, 16_000), (17_000, 28_001), (28_002, 34_000)])


@pytest.fixture(scope="module")
def trouble() -> Recording:
    return troubled()


@settings(max_examples=8, deadline=None)
@given(cuts=st.lists(st.integers(1, 34_000), max_size=25))
def test_the_same_bits_however_the_recording_is_cut(trouble, cuts):
    pieces = []
    for chunk in trouble.chunks:
        edges = [
            chunk.start,
            *sorted({c for c in cuts if chunk.start < c < chunk.stop}),
            chunk.stop,
        ]
        pieces += itertools.pairwise(edges)
    words = {"start_s": 1.234, "stop_s": 33.3, "mains": "auto", "rest_threshold": 4.0}
    by_index = np.full((trouble.stop, 1), np.nan)
    for chunk in trouble.chunks:
        by_index[chunk.start : chunk.stop] = chunk.samples
    chunks = tuple(Chunk(a, by_index[a:b]) for a, b in pieces)
    again = Recording(trouble.info, chunks, trouble.stop)
    expected = analyze(trouble, SignalSettings(), **words)
    assert plain(analyze(again, SignalSettings(), **words)) == plain(expected)


def test_the_trouble_is_all_seen_and_leaves_what_is_good(trouble):
    found = analyze(trouble, SignalSettings(), rest_threshold=4.5)
    (channel,) = found.channels
    assert {flag for flag, percent in channel.quality.items() if percent} == set(channel.quality)
    assert channel.quality[Quality.GAP] >= 100 * 1.138 / 34
    assert found.rate_bpm == pytest.approx(70, abs=2)
    assert len(channel.activity.bursts) == 1
    assert 30 < channel.valid_percent < 75
    assert channel.activity.rest == pytest.approx(3, rel=0.3)


@pytest.mark.parametrize("heartbeat", ["keep", "remove"])
def test_with_and_without_the_kernel_the_figures_are_the_same(trouble, heartbeat, monkeypatch):
    if kernel.compiled is None:
        pytest.skip("there is no kernel here")
    words = {"mains": "50", "rest_threshold": 4.0, "heartbeat": heartbeat}
    with_kernel = json.loads(plain(analyze(trouble, SignalSettings(), **words)))
    monkeypatch.setattr(kernel, "compiled", None)
    without = json.loads(plain(analyze(trouble, SignalSettings(), **words)))
    assert_alike(with_kernel, without)


def assert_alike(one: Any, other: Any) -> None:
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        one, other = list(one.values()), list(other.values())
    if isinstance(one, list):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_alike(a, b)
    elif isinstance(one, float):
        assert one == pytest.approx(other, rel=1e-9, abs=1e-9, nan_ok=True)
    else:
        assert one == other


def test_start_and_stop_select_after_all_of_it_was_filtered():
    uv = 10 * shaped(stegeman_hermens, 20, seed=3) + 5000
    filtered = (
        make_pipeline(recording(uv).info, SignalSettings())
        .process(Chunk(0, uv[:, None]))
        .filtered[:, 0]
    )
    for start_s, stop_s in ((7.001, 7.9), (12.5, 20.0), (3, 1e9)):
        part = filtered[round(1000 * start_s) : round(1000 * min(stop_s, 20))]
        found = analyze(recording(uv), SignalSettings(), start_s=start_s, stop_s=stop_s)
        assert found.channels[0].rms == pytest.approx(np.sqrt(np.mean(part**2)), rel=1e-9)
        assert found.channels[0].valid_percent == 100
        assert found.stop_s == min(stop_s, 20)


def test_what_is_unsettled_is_in_no_figure_but_its_percentage():
    found = figures(recording(shaped(stegeman_hermens, 3, seed=0)), start_s=None)
    assert found.quality[Quality.UNSETTLED] == pytest.approx(25.0)
    assert found.valid_percent == pytest.approx(75.0)


@pytest.mark.parametrize("heartbeat", ["keep", "remove"])
def test_samples_that_never_came_are_a_gap_too(heartbeat):
    whole = recording(5 * shaped(stegeman_hermens, 20, seed=8))
    long = cut(whole, [(0, 5000), (10_000, 20_000)])
    found = figures(long, heartbeat=heartbeat, start_s=None)
    assert found.quality[Quality.GAP] == pytest.approx(25.0)
    assert found.quality[Quality.UNSETTLED] == pytest.approx(7.5, abs=1.3)  # it begins twice
    inside = figures(long, heartbeat=heartbeat, start_s=5.5, stop_s=9.5)
    assert inside.quality[Quality.GAP] == 100.0
    assert inside.valid_percent == 0
    assert math.isnan(inside.rms)
    short = figures(cut(whole, [(0, 5000), (5200, 20_000)]), start_s=4, stop_s=8)
    assert short.quality[Quality.GAP] == pytest.approx(30.0)  # and one slow window after it
    assert short.rms == pytest.approx(5, rel=0.1)


def five_contractions() -> Recording:
    rest, held = {"seconds": 4, "emg_uv": 2}, {"seconds": 3, "emg_uv": 60}
    return muscle([rest, held] * 5, 35)


@pytest.mark.parametrize("heartbeat", ["keep", "remove"])
def test_contractions_behind_a_gap_are_told_when_they_were(heartbeat):
    gappy = cut(five_contractions(), [(0, 8000), (9500, 12_500), (17_000, 35_000)])
    found = figures(gappy, heartbeat=heartbeat, start_s=0.5)
    starts, stops = np.transpose(found.activity.bursts)
    np.testing.assert_allclose(starts, [4, 11, 18, 25, 32], atol=0.15)
    np.testing.assert_allclose(stops, [7, 12.5, 21, 28, 35], atol=0.3)


@pytest.mark.parametrize("heartbeat", ["keep", "remove"])
def test_a_frame_that_was_lost_does_not_make_two_contractions_of_one(heartbeat):
    whole = five_contractions()
    lossy = cut(whole, [(0, 5500), (5516, 12_000), (12_016, 12_400), (12_432, 35_000)])
    expected, found = (
        figures(made, heartbeat=heartbeat, start_s=None).activity.bursts for made in (whole, lossy)
    )
    np.testing.assert_allclose(found, expected, atol=0.1)


def test_removing_heartbeats_where_there_are_none_changes_neither_times_nor_levels():
    made, _truth = played(load_scenario("bursts"), 30)
    keep, remove = (
        analyze(made, SignalSettings(), rest_threshold=5.0, heartbeat=heartbeat, mains="50")
        for heartbeat in ("keep", "remove")
    )
    a, b = keep.channels[0], remove.channels[0]
    np.testing.assert_allclose(a.activity.bursts, b.activity.bursts, atol=0.0101)
    assert b.rms == pytest.approx(a.rms, rel=0.01)
    assert b.beats_removed == 0
    np.testing.assert_allclose(b.activity.load, a.activity.load, rtol=0.02)


def test_removed_heartbeats_shift_no_contraction():
    rest, held = ({"emg_uv": uv, "ecg_uv": 100} for uv in (2, 60))
    made = muscle([rest | {"seconds": 12}, held | {"seconds": 3}, rest], 25)
    for heartbeat in ("keep", "remove"):
        found = figures(made, heartbeat=heartbeat, start_s=None)
        loud = [b for b in found.activity.bursts if b[1] - b[0] > 2]
        np.testing.assert_allclose(loud, [(12, 15)], atol=0.2)


def test_the_last_of_a_recording_comes_out_of_a_pipeline_that_is_late():
    made = muscle([{"emg_uv": 2, "ecg_uv": 100}], 20)
    found = figures(made, heartbeat="remove", start_s=19.0)
    assert found.valid_percent == 100
    assert found.beats_removed >= 0
    assert figures(made, heartbeat="remove", start_s=19.9).rms > 1


# --- input as an adversary would give it ----------------------------------------------------------

PLUX = make_channel("EMG", SENSORS["plux"])
NOISE = np.random.default_rng(0).standard_normal((6000, 1))


def nothing_told(found: ChannelFigures) -> bool:
    known = [found.rms, found.arv, found.activity.rest, *found.activity.load]
    return all(math.isnan(value) for value in known)


@pytest.mark.parametrize("n", [1, 2, 3, 249, 250, 700])
def test_what_is_too_short_to_settle_has_no_figures(n):
    for words in ({}, {"mains": "auto"}, {"mains": "60", "heartbeat": "remove"}):
        found = figures(recording(NOISE[:n]), start_s=None, rest_threshold=1.0, **words)
        assert found.valid_percent == 0
        assert nothing_told(found)
        assert found.activity.bursts is None
        assert math.isnan(found.activity.relative_rest_time_percent)


@pytest.mark.parametrize("n_window", [1, 2, 10])
def test_a_window_of_a_sample_has_an_rms(n_window):
    found = figures(recording(NOISE), start_s=3.0, stop_s=3.0 + n_window / 1000)
    assert found.valid_percent == 100
    assert math.isfinite(found.rms)


@pytest.mark.parametrize("value", [0.0, 512.0, -1e9])
def test_a_constant_is_an_electrode_that_is_off(value):
    found = figures(recording(np.full((4000, 1), value)))
    assert found.valid_percent == 0
    assert found.quality[Quality.ELECTRODE_OFF] == 100
    assert nothing_told(found)


@pytest.mark.parametrize("rail", [0.0, 65535.0])
def test_all_at_a_rail_is_an_electrode_that_is_off(rail):
    found = figures(recording(np.full((4000, 1), rail), channel=PLUX))
    assert found.clipped_percent == 100
    assert found.valid_percent == 0
    assert nothing_told(found)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("size", [1e-300, 1e12, 1e300])
def test_values_of_any_size_end_in_figures_without_a_warning(size):
    for heartbeat in ("keep", "auto", "remove"):
        found = figures(recording(NOISE * size), heartbeat=heartbeat, mains="auto")
        values = [found.rms, found.arv, found.mains, *found.activity.load]
        assert all(map(math.isfinite, values)) == (size < 1e150)


@pytest.mark.parametrize("sfreq", [200.0, 256.0, 1259.259, 333.3, 4000.0, 10_000.0])
def test_any_rate_from_200_hz_reads_its_noise(sfreq):
    top_hz = min(450, 0.45 * sfreq)
    uv = 10 * shaped(flat(30, 0.8 * top_hz), 30, seed=1, sfreq=sfreq)
    for heartbeat in ("auto", "remove"):
        found = figures(recording(uv, sfreq), rest_threshold=5.0, heartbeat=heartbeat)
        assert found.rms == pytest.approx(10, rel=0.02)
        assert found.valid_percent == 100
        assert found.activity.relative_rest_time_percent < 1


@pytest.mark.parametrize("sfreq", [10.0, 199.9])
def test_what_is_too_slow_is_refused_in_one_sentence(sfreq):
    with pytest.raises(SettingsError, match="too slow for EMG"):
        analyze(recording(NOISE, sfreq), SignalSettings())


def test_seventeen_channels_are_each_read_and_not_paired():
    levels = np.arange(1.0, 18.0)
    noise = np.column_stack([shaped(flat(40, 400), 10, seed=i) for i in range(17)])
    found = analyze(recording(levels * noise), SignalSettings(), start_s=SETTLED_S)
    assert [figures.rms for figures in found.channels] == pytest.approx(levels, rel=0.05)
    assert found.pairs == ()


@pytest.mark.parametrize("sfreq", [10.0, 50.0, 1000.0])
def test_an_envelope_is_smoothed_and_has_neither_spectrum_nor_hum(sfreq):
    envelope = make_channel("ENV", SENSORS["myoware-2-env"])
    t = np.arange(round(30 * sfreq))[:, None] / sfreq
    counts = 300 + 100 * np.sin(2 * np.pi * 0.1 * t)
    found = analyze(recording(counts, sfreq, envelope), SignalSettings())
    assert found.band_hz is None
    (channel,) = found.channels
    assert channel.activity.load.median == pytest.approx(300, rel=0.1)
    assert channel.valid_percent == pytest.approx(100, abs=4)
    unknown = [channel.mains_hz, channel.median_frequency_hz, channel.mean_frequency_hz]
    assert all(map(math.isnan, [*unknown, channel.rhythm_share, channel.rhythm_hz]))


def test_raw_and_envelope_go_side_by_side():
    envelope = make_channel("ENV", SENSORS["myoware-2-env"])
    counts = np.column_stack((NOISE[:, 0], 300 + np.arange(6000) % 7))
    info = StreamInfo((Channel("EMG", "uV"), envelope), 1000.0, "both")
    both = analyze(Recording(info, (Chunk(0, counts),), 6000), SignalSettings(), start_s=1)
    alone = analyze(recording(NOISE), SignalSettings(), start_s=1)
    assert both.channels[0].rms == alone.channels[0].rms
    assert both.channels[1].activity.load.median == pytest.approx(303, rel=0.01)
    assert both.pairs == ()


@pytest.mark.parametrize(
    ("start_s", "stop_s"),
    [
        *((4, 2), (2, 2), (-1, 2), (None, 0), (None, -1), (6, None), (7, 9), (5.9999, None)),
        *((math.nan, 2), (1, math.nan), (math.inf, None), (-math.inf, None), (None, -math.inf)),
    ],
)
def test_times_between_which_nothing_lies_are_one_sentence(start_s, stop_s):
    with pytest.raises(RecordingError, match="choose other times"):
        analyze(recording(NOISE), SignalSettings(), start_s=start_s, stop_s=stop_s)


def test_to_the_end_of_time_is_to_the_end():
    found = analyze(recording(NOISE), SignalSettings(), start_s=1, stop_s=math.inf)
    assert found.stop_s == 6.0


def test_progress_is_told_up_to_the_whole():
    shares: list[float] = []
    analyze(troubled(), SignalSettings(), progress=shares.append)
    assert max(shares) == 1.0
    assert all(0 < share <= 1 for share in shares)
