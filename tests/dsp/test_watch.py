"""On synthetic truth: a hundred seeds side by side, each a channel."""

from pathlib import Path

import numpy as np
import pytest

from biofeedback.dsp.watch import Watch
from biofeedback.stream import Quality

DATA = Path(__file__).parents[1] / "data"
SEEDS = 100
MAINS, MOTION, OFF = Quality.MAINS, Quality.MOTION, Quality.ELECTRODE_OFF
UNSETTLED = Quality.UNSETTLED


def emg(rng: np.random.Generator, n: int, sfreq: float = 1000.0) -> np.ndarray:
    """EMG of 1 uV RMS in 20-450 Hz, shaped as Stegeman and Hermens (2007) have it."""
    f = np.fft.rfftfreq(n, 1 / sfreq)
    shape = f / (np.sqrt(f**2 + 60**2) * (f**2 + 120**2))
    spectrum = np.fft.rfft(rng.standard_normal((n, SEEDS)), axis=0) * shape[:, None]
    in_band = (f >= 20) & (f <= 450)
    return np.fft.irfft(spectrum, n, axis=0) / np.sqrt(2 * np.sum(shape[in_band] ** 2) / n)


def amplitudes(
    rng: np.random.Generator, n: int, sfreq: float, rest_uv: np.ndarray, *, active: bool
) -> np.ndarray:
    """Rest; or ramps, ballistic starts, twitches of 0.2 s and tremor, up to 150 uV."""
    t = np.arange(n) / sfreq
    uv = np.tile(rest_uv, (n, 1))
    for channel, rest in enumerate(rest_uv if active else ()):
        start = rng.uniform(3, 6)
        while start < t[-1]:
            peak = min(max(10.0, rest * rng.uniform(3, 30)), 150.0)
            rise_s, held_s, tremor = [
                (rng.uniform(0.3, 1), rng.uniform(1, 5), 0),
                (0.01, rng.uniform(0.5, 5), 0),
                (0.03, 0.2, 0),
                (0.2, rng.uniform(2, 6), 0.9),
            ][rng.integers(4)]
            shape = np.clip(np.minimum(t - start, start + held_s - t) / rise_s, 0, 1)
            wave = 1 + tremor * np.sin(2 * np.pi * rng.uniform(4, 7) * t)
            uv[:, channel] += (peak - rest) * shape * wave / (1 + tremor)
            start += held_s + rng.uniform(1, 6)
    return uv


def recording(
    seconds: int,
    *,
    seed: int = 0,
    sfreq: float = 1000.0,
    active: bool = False,
    rest_uv: tuple[float, float] = (1.0, 30.0),
    sway: float = 1.0,
) -> tuple[np.random.Generator, np.ndarray, np.ndarray, np.ndarray]:
    """Return rng, time in s, each seed's rest in uV, and clean signals in uV.

    With an offset of up to 5 mV, 1 uV of the amplifier's noise, and a baseline that walks (3 uV
    after a second) and sways with the breath (20 uV), both times `sway`.
    """
    rng, n = np.random.default_rng(seed), round(seconds * sfreq)
    t = np.arange(n) / sfreq
    rest = np.exp(rng.uniform(*np.log(rest_uv), SEEDS))
    signal = emg(rng, n, sfreq) * amplitudes(rng, n, sfreq, rest, active=active)
    signal += rng.standard_normal((n, SEEDS)) + rng.uniform(-5000, 5000, SEEDS)
    signal += np.cumsum(rng.standard_normal((n, SEEDS)), axis=0) / np.sqrt(sfreq) * 3 * sway
    breath = rng.uniform(0.15, 0.35, SEEDS) * t[:, None] + rng.uniform(0, 1, SEEDS)
    return rng, t, rest, signal + 20 * sway * np.sin(2 * np.pi * breath)


def heartbeats(rng: np.random.Generator, t: np.ndarray, *, r_uv: float) -> np.ndarray:
    """P-less beats at 45 to 110 a minute that breathe by 15 %, R of `r_uv`, with Q, S and T."""
    signal = np.zeros((len(t), SEEDS))
    for channel, period in enumerate(60 / rng.uniform(45, 110, SEEDS)):
        at = rng.uniform(0, 1)
        while at < t[-1]:
            near = slice(*np.searchsorted(t, (at - 0.3, at + 0.6)))
            u = t[near] - at
            for share, delay, width in (
                (1, 0, 12),
                (-0.25, -30, 10),
                (-0.3, 30, 12),
                (0.2, 250, 50),
            ):
                uv = share * r_uv * (1 + 0.15 * np.sin(2 * np.pi * 0.25 * at))
                signal[near, channel] += uv * np.exp(-(((u * 1000 - delay) / width) ** 2) / 2)
            at += period * (1 + 0.05 * rng.standard_normal())
    return signal


def watched(
    signal: np.ndarray, sfreq: float = 1000.0, *, step: float = 0.0, microvolts: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Return the end of each hop in s, and its flags."""
    watch = Watch(sfreq=sfreq, step=np.full(signal.shape[1], step), microvolts=microvolts)
    ends = np.arange(watch.window, len(signal) + 1, watch.hop)
    return ends / sfreq, np.array([watch.look(signal[end - watch.window : end]) for end in ends])


def seen(flags: np.ndarray, quality: Quality) -> np.ndarray:
    return flags & np.uint8(quality) != 0


def episodes(flagged: np.ndarray) -> int:
    return int(flagged[0].sum() + (flagged[1:] & ~flagged[:-1]).sum())


def found_within(
    flagged: np.ndarray, ends: np.ndarray, onset: np.ndarray, seconds: float
) -> np.ndarray:
    inside = (ends[:, None] > onset) & (ends[:, None] <= onset + seconds)
    return (flagged & inside).any(axis=0)


@pytest.mark.parametrize(("sway", "seconds"), [(1.0, 60), (10.0, 30)])
def test_a_hundred_minutes_of_contractions_and_drift_raise_no_alarm(sway: float, seconds: int):
    _, _, _, clean = recording(seconds, active=True, sway=sway)
    _, flags = watched(clean)
    assert episodes(seen(flags, MOTION)) == 0
    assert episodes(seen(flags, OFF)) == 0
    assert episodes(seen(flags, MAINS)) <= 1


def test_a_hundred_minutes_of_rest_raise_no_alarm():
    _, flags = watched(recording(60)[3])
    assert episodes(seen(flags, ~UNSETTLED)) <= 1
    assert seen(flags, UNSETTLED).mean() < 0.003


@pytest.mark.parametrize("sfreq", [200.0, 1259.259, 4000.0])
def test_every_rate_finds_hum_and_taps_and_little_else(sfreq: float):
    _, t, _, clean = recording(16, sfreq=sfreq, active=True, rest_uv=(1, 10))
    _, flags = watched(clean, sfreq)
    assert episodes(seen(flags, MOTION | OFF)) == 0
    assert episodes(seen(flags, MAINS)) <= 2  # in 27 minutes
    _, t, _, rest = recording(16, sfreq=sfreq, rest_uv=(1, 10))
    hum = 20 * np.sqrt(2) * np.sin(2 * np.pi * 60.05 * t) * (t > 6)
    tap = np.where(t > 10.2, 1000 * np.exp(-np.maximum(t - 10.2, 0) / 0.1), 0)
    ends, flags = watched(rest + (hum + tap)[:, None], sfreq)
    assert found_within(seen(flags, MAINS), ends, np.full(SEEDS, 6.0), 1.01).mean() >= 0.95
    assert found_within(seen(flags, MOTION), ends, np.full(SEEDS, 10.2), 1).mean() >= 0.95
    assert not seen(flags[ends < 10], MOTION).any()


@pytest.mark.parametrize("active", [False, True])
def test_a_swinging_cable_is_found_within_a_second(active: bool):
    rng, t, _, signal = recording(16, seed=1, active=active)
    onset, lasts = rng.uniform(8, 12, SEEDS), rng.uniform(0.3, 2, SEEDS)
    within = (t[:, None] - onset) / lasts
    uv = np.exp(rng.uniform(np.log(200), np.log(3000), SEEDS))
    swing = np.sin(2 * np.pi * rng.uniform(1, 12, SEEDS) * (t[:, None] - onset))
    signal += np.where((within > 0) & (within < 1), uv * np.sin(np.pi * within) * swing, 0)
    ends, flags = watched(signal)
    moved = seen(flags, MOTION)
    assert found_within(moved, ends, onset, 1.0).mean() >= 0.95
    outside = (ends[:, None] <= onset) | (ends[:, None] > onset + lasts + 1.5)
    assert not (moved & outside).any()


@pytest.mark.parametrize("lasting", [False, True])
@pytest.mark.parametrize(("active", "least_uv"), [(False, 300), (True, 600)])
def test_a_tapped_electrode_is_found_within_a_second(active: bool, least_uv: float, lasting: bool):
    # a tap of 300 uV in a contraction of 150 uV is less than its own peaks: 93 % of such are found
    rng, t, _, signal = recording(16, seed=2, active=active)
    onset = rng.uniform(8, 12, SEEDS)
    since = np.maximum(t[:, None] - onset, 0)
    uv = np.exp(rng.uniform(np.log(least_uv), np.log(5000), SEEDS)) * rng.choice([-1, 1], SEEDS)
    decay = 1 if lasting else np.exp(-since / rng.uniform(0.05, 1, SEEDS))
    signal += uv * -np.expm1(-since / 0.003) * decay
    ends, flags = watched(signal)
    moved = seen(flags, MOTION)
    assert found_within(moved, ends, onset, 1.0).mean() >= 0.95
    assert not (moved & (ends[:, None] <= onset)).any()
    if lasting:
        assert not (moved & (ends[:, None] > onset + 1.5)).any()


@pytest.mark.parametrize(
    ("least", "most", "within_s"), [(0.2, 0.25, 15.0), (0.4, 0.7, 2.0), (1.0, 10.0, 1.0)]
)
def test_mains_is_found_the_sooner_the_louder(least: float, most: float, within_s: float):
    rng, t, rest, signal = recording(22, seed=3)
    onset = rng.uniform(4, 5, SEEDS)
    cycles = (rng.choice([50, 60], SEEDS) + rng.uniform(-0.2, 0.2, SEEDS)) * t[:, None]
    wave = 0.95 * np.sin(2 * np.pi * cycles) + 0.3 * np.sin(6 * np.pi * cycles)
    uv = rng.uniform(least, most, SEEDS) * np.sqrt(rest**2 + 1)
    ends, flags = watched(signal + uv * np.sqrt(2) * wave * (t[:, None] > onset))
    hums = seen(flags, MAINS)
    assert found_within(hums, ends, onset, within_s).mean() >= 0.95
    assert not (hums & (ends[:, None] <= onset)).any()
    assert not seen(flags, MOTION | OFF).any()


def test_mains_that_ended_is_forgotten_within_twenty_seconds():
    _, t, _, signal = recording(30, seed=3)
    ends, flags = watched(signal + (100 * np.sin(100 * np.pi * t) * (t < 5))[:, None])
    assert seen(flags[(ends > 3) & (ends < 6)], MAINS).all()
    assert seen(flags[ends > 25], MAINS).mean() < 0.01


def test_heartbeats_are_no_motion_and_under_hum_no_open_electrode():
    rng, t, _, signal = recording(30, seed=4, rest_uv=(2, 2), active=True)
    signal += heartbeats(rng, t, r_uv=100)
    ends, flags = watched(signal)
    assert not seen(flags, ~UNSETTLED).any()
    assert seen(flags[ends > 4], UNSETTLED).mean() < 0.005  # before, a swing may be either
    signal += (30 * np.sin(2 * np.pi * 50 * t))[:, None]
    _, flags = watched(signal)
    assert not seen(flags, MOTION | OFF).any()
    assert seen(flags, MAINS).all()


def test_motion_that_never_ends_becomes_the_channels_own_range():
    _, t, _, signal = recording(60, rest_uv=(2, 2))
    ends, flags = watched(signal + (300 * np.sin(2 * np.pi * 3 * t) * (t > 10))[:, None])
    moved = seen(flags, MOTION)
    assert moved[(ends > 11) & (ends < 15)].all()
    assert not moved[ends > 50].any()


def test_an_open_electrode_hums_over_noise_that_falls_with_frequency():
    rng, t, _, signal = recording(20, seed=5)
    f = np.fft.rfftfreq(len(t), 1 / 1000)
    noise = np.fft.rfft(rng.standard_normal((len(t), SEEDS)), axis=0)
    noise = np.fft.irfft(noise / np.maximum(f, 1)[:, None], axis=0)
    noise *= 50 / noise.std(axis=0)
    hum = rng.uniform(110, 400, SEEDS) * np.sqrt(2) * np.sin(2 * np.pi * 60.02 * t[:, None])
    is_open = t[:, None] > 10
    ends, flags = watched(np.where(is_open, noise + hum, signal))
    off = seen(flags, OFF)
    assert found_within(off, ends, np.full(SEEDS, 10.0), 1.0).mean() >= 0.95
    assert not off[ends <= 10].any()
    assert off[ends >= 11].mean() > 0.95
    counts = watched(np.where(is_open, noise + hum, signal), microvolts=False)[1]
    assert not seen(counts, OFF).any()
    through_good_electrodes = watched(signal + hum)[1]
    assert seen(through_good_electrodes, OFF).mean() < 0.05


@pytest.mark.parametrize("step", [4.0, 24.4])
def test_what_a_coarse_converter_jumps_by_is_neither_motion_nor_mains(step: float):
    _, _, _, signal = recording(40, seed=6, rest_uv=(1, 3), active=True)
    assert episodes(watched(np.round(signal / step) * step, step=step)[1] != 0) <= 1


@pytest.mark.parametrize("value", [0.0, 512.0, -12345.678])
def test_a_silent_channel_has_no_flag(value: float):
    assert not watched(np.full((5000, 3), value))[1].any()


def test_each_channel_is_watched_alone_and_a_reset_forgets():
    signal = recording(12, seed=7)[3][:, :4]
    signal[5000:] += [0.0, 2000.0, 0.0, 0.0]
    flags = watched(signal)[1]
    assert seen(flags, MOTION).any(axis=0).tolist() == [False, True, False, False]
    watch = Watch(sfreq=1000, step=np.zeros(4))
    for _ in range(2):
        again = [watch.look(signal[end - 1000 : end]) for end in range(1000, len(signal) + 1, 500)]
        assert np.array_equal(again, flags)
        watch.reset()


def test_recorded_contractions_raise_no_alarm():
    bursts = (np.load(DATA / "emg_bursts.npy").reshape(-1, 1) / 2**16 - 0.5) * 3000
    held = np.loadtxt(DATA / "bbcontractions.csv").reshape(-1, 1) * 1000
    for uv in (bursts, held):
        assert not watched(uv)[1].any()


def test_recorded_hum_is_mains_and_nothing_else():
    uv = (np.loadtxt(DATA / "game_0_1.txt")[:, 2:4] / 2**16 - 0.5) * 3000
    assert (watched(uv)[1] == MAINS).all()
