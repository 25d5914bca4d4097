import itertools
from pathlib import Path

import numpy as np
import pytest
import scipy.signal

from biofeedback.dsp.ecg import BeatFinder, Heart
from biofeedback.dsp.ecg_removal import BeatRemover
from biofeedback.dsp.envelope import MovingRMS
from biofeedback.dsp.filters import BandPass

DATA = Path(__file__).parents[1] / "data"
# P, Q, R, S and T: s from R, size over R, width (standard deviation) in s
HEARTBEAT = (
    (-0.16, 0.12, 0.025),
    (-0.028, -0.12, 0.010),
    (0.0, 1.0, 0.011),
    (0.026, -0.25, 0.012),
    (0.25, 0.3, 0.045),
)
# a QRS that goes up as far as down
BIPHASIC = ((-0.012, 1.0, 0.010), (0.012, -1.0, 0.010))


def muscle(seconds: float, seed: int, *, sfreq: float = 1000, channels: int = 1) -> np.ndarray:
    """Noise in the Stegeman-Hermens shape, 1 uV RMS between 20 Hz and 450 Hz (or 0.45 sfreq)."""
    n = round(seconds * sfreq)
    f = np.fft.rfftfreq(n, 1 / sfreq)
    shape = f / (np.sqrt(f**2 + 60**2) * (f**2 + 120**2))
    shape[(f < 20) | (f > min(450, 0.45 * sfreq))] = 0
    white = np.random.default_rng(seed).standard_normal((n, channels))
    coloured = np.fft.irfft(np.fft.rfft(white, axis=0) * shape[:, None], n, axis=0)
    return coloured / np.sqrt(2 * np.sum(shape**2) / n)


def heart(
    seconds: float, seed: int, *, rate: float = 70, peak_uv: float = 100, shape=HEARTBEAT
) -> tuple[np.ndarray, np.ndarray]:
    """An ECG ``(n, 1)`` at 1000 Hz, and its R peaks in s: RR varies by 4 %, with the breath, which
    changes the size by 8 %."""
    rng = np.random.default_rng(seed)
    peaks = [0.3]
    while peaks[-1] < seconds:
        breath = np.sin(2 * np.pi * 0.25 * peaks[-1])
        peaks.append(peaks[-1] + 60 / rate * (1 + 0.04 * breath + 0.028 * rng.standard_normal()))
    signal = np.zeros(round(seconds * 1000) + 2000)
    for peak in peaks[:-1]:
        start = round(1000 * peak) - 400
        t = np.arange(max(start, 0), start + 1000) / 1000 - peak
        beat = sum(size * np.exp(-0.5 * ((t - at) / width) ** 2) for at, size, width in shape)
        breath = 1 + 0.08 * np.sin(2 * np.pi * 0.25 * peak)
        signal[max(start, 0) : start + 1000] += peak_uv * breath * beat
    return signal[: round(seconds * 1000), None], np.array(peaks[:-1])


def find(signal: np.ndarray, sfreq: float = 1000) -> list[Heart]:
    finder = BeatFinder(sfreq, signal.shape[1])
    n = finder.block
    whole = np.ascontiguousarray(signal)
    return [finder(whole[i : i + n]) for i in range(0, len(whole) - n + 1, n)]


def remove(signal: np.ndarray, sfreq: float = 1000, band=(20, 450)):
    """Band-passed, the same without the heart (lined up with it), and the remover."""
    remover = BeatRemover(sfreq, signal.shape[1])
    filtered = BandPass(*band, sfreq=sfreq)(np.ascontiguousarray(signal))
    tail = np.zeros((remover.delay, signal.shape[1]))
    cleaned = remover(np.concatenate((filtered, tail)), find(signal, sfreq))
    return filtered, cleaned[remover.delay :], remover


def rest_percent(filtered: np.ndarray, threshold_uv: float, *, sfreq: float = 1000) -> float:
    """Relative rest time after the first 10 s, in which the heart is being found."""
    fast = MovingRMS(0.125, sfreq=sfreq)(filtered)[round(10 * sfreq) :, 0]
    return float(100 * np.mean(fast[~np.isnan(fast)] < threshold_uv))


def rms(filtered: np.ndarray) -> float:
    return float(np.sqrt(np.nanmean(np.square(filtered))))


def episodes(hearts: list[Heart]) -> int:
    told = np.array([h.ecg.any() for h in hearts])
    assert all(np.isnan(h.rate_bpm) for h in hearts if not h.ecg.any())
    return int(told[0]) + int((told[1:] & ~told[:-1]).sum())


@pytest.mark.parametrize("rate", [45, 70, 100, 130])
@pytest.mark.parametrize(("peak_uv", "emg_uv"), [(20, 2), (100, 2), (300, 2), (100, 20)])
def test_beats_are_found_and_their_rate_is_right_to_two_a_minute(rate, peak_uv, emg_uv):
    found_of, rates = [], []
    for seed in range(2):
        ecg, peaks = heart(60, seed, rate=rate, peak_uv=peak_uv)
        hearts = find(emg_uv * muscle(60, 100 + seed) + ecg + 5000)
        beats = np.concatenate([h.beats for h in hearts]) / 1000
        true = peaks[(peaks > 0.8) & (peaks < 59.5)]
        nearest = np.abs(beats[:, None] - true).min(axis=1)
        assert nearest[(beats > 0.8) & (beats < 59.5)].max() < 0.02  # none is invented
        found_of.append(np.mean(np.abs(true[:, None] - beats).min(axis=1) < 0.02))
        for h in hearts:
            if not np.isnan(h.rate_bpm):
                within = peaks[(peaks > h.stop / 1000 - 9.9) & (peaks < h.stop / 1000 - 0.1)]
                rates.append(h.rate_bpm - 60 / np.diff(within).mean())
    assert np.mean(found_of) > 0.98
    assert len(rates) > 180  # of 2 * 120
    assert np.max(np.abs(rates)) < 2


def test_the_heart_is_told_within_ten_seconds_each_beat_once_and_only_where_it_is():
    ecg, _peaks = heart(60, 1)
    signal = 2 * muscle(60, 2, channels=3)
    signal[:, :2] += ecg * [0.3, 1.0]
    hearts = find(signal)
    assert all(np.array_equal(h.ecg, [True, True, False]) for h in hearts if h.stop >= 10_000)
    beats = np.concatenate([h.beats for h in hearts])
    assert np.diff(beats).min() > 600


def test_beats_that_one_channel_hides_are_taken_from_another():
    ecg, peaks = heart(40, 3)
    signal = muscle(40, 4, channels=2) * [2, 300] + ecg
    hearts = find(signal)
    assert sum(len(h.beats) for h in hearts) >= len(peaks) - 2
    assert not any(h.ecg[1] for h in hearts)


def test_a_qrs_that_goes_up_as_far_as_down_is_found():
    ecg, peaks = heart(40, 5, shape=BIPHASIC)
    beats = np.concatenate([h.beats for h in find(2 * muscle(40, 6) + ecg)])
    assert len(beats) >= len(peaks) - 2


def bursts(every_s: float, lasting_s: float, seed: int, *, varied: float) -> np.ndarray:
    """Ten minutes of contractions of 50 uV over 2 uV, every `every_s`."""
    rng = np.random.default_rng(seed)
    level, at = np.full(600_000, 2.0), 0.5
    while at < 598:
        n = round(1000 * lasting_s * (1 + varied * rng.uniform(-1, 1)))
        start = round(1000 * at)
        level[start : start + n] += 50 * np.sqrt(np.hanning(n))[: len(level) - start]
        at += every_s * (1 + varied * rng.uniform(-1, 1))
    return level[:, None] * muscle(600, seed)


def t_600() -> np.ndarray:
    return np.arange(600_000)[:, None] / 1000


NO_HEART = {
    "rest": lambda: 2 * muscle(600, 1),
    "contractions": lambda: bursts(9, 4, 2, varied=0.2),
    **{
        f"every {every_s} s for {lasting_s} s": lambda every_s=every_s, lasting_s=lasting_s: bursts(
            every_s, lasting_s, 3, varied=0.05
        )
        for every_s, lasting_s in itertools.product((0.6, 1.0, 1.3), (0.1, 0.2, 0.5))
    },
    "tremor": lambda: 20 * muscle(600, 4) * (1 + np.sin(2 * np.pi * 5.5 * t_600())),
    "mains": lambda: (
        2 * muscle(600, 5)
        + 100 * np.sin(2 * np.pi * 50.03 * t_600())
        + 30 * np.sin(2 * np.pi * 150.09 * t_600())
    ),
    "drift": lambda: (
        2 * muscle(600, 6)
        + scipy.signal.lfilter(
            [1], [1, -0.999], np.random.default_rng(6).normal(size=(600_000, 1)), 0
        )
    ),
}


@pytest.mark.parametrize("name", NO_HEART)
def test_ten_minutes_without_a_heart_tell_of_one_at_most_once(name):
    assert episodes(find(NO_HEART[name]())) <= 1


def test_taps_now_and_then_are_no_heart():
    rng = np.random.default_rng(7)
    signal = 2 * muscle(600, 7)
    t = np.arange(400) / 1000
    for at in np.cumsum(rng.uniform(0.4, 1.6, 580)):
        start = round(1000 * at)
        size = 500 * np.exp(0.3 * rng.standard_normal())
        signal[start : start + 400, 0] += (size * np.exp(-t / 0.03) * np.sin(2 * np.pi * 12 * t))[
            : max(0, len(signal) - start)
        ]
    assert episodes(find(signal)) <= 1


def test_real_muscle_without_a_heart_tells_of_none():
    counts = np.load(DATA / "emg_bursts.npy")
    assert episodes(find((counts.reshape(-1, 1) / 2**16 - 0.5) * 3000)) == 0


def test_a_dead_channel_and_one_on_a_coarse_converter_are_no_heart():
    signal = np.zeros((20_000, 2))
    signal[:, 1] = np.round(2 * muscle(20, 8)[:, 0] / 24) * 24
    signal[3000::4000, 1] = 24  # a step now and then
    assert episodes(find(signal)) == 0


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("peak_uv", [20, 100, 300])
def test_rest_reads_as_it_does_without_the_heart(peak_uv, seed):
    clean = 2 * muscle(60, seed)
    ecg, peaks = heart(60, 50 + seed, peak_uv=peak_uv)
    with_heart, cleaned, remover = remove(clean + ecg + 5000)
    without = BandPass(20, 450, sfreq=1000)(clean)
    for threshold_uv in (2.2, 3.0, 4.0):
        truth = rest_percent(without, threshold_uv)
        assert rest_percent(cleaned, threshold_uv) == pytest.approx(truth, abs=5)
    if peak_uv >= 100:  # and it would not, left alone
        assert rest_percent(with_heart, 4.0) < 85
    assert rms(cleaned[10_000:]) == pytest.approx(rms(without[10_000:]), rel=0.03)
    assert remover.removed[0] > 0.85 * len(peaks)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("rest_first", [True, False])
def test_a_contraction_under_the_heart_reads_right_to_five_percent(rest_first, seed):
    level = np.full(60_000, 20.0)
    if rest_first:
        level[np.arange(60_000) % 15_000 < 10_000] = 2.0
    clean = level[:, None] * muscle(60, seed)
    tense = (level > 2) & (np.arange(60_000) % 15_000 > 10_500)
    cleaned = remove(clean + heart(60, 50 + seed)[0])[1]
    without = BandPass(20, 450, sfreq=1000)(clean)
    assert rms(cleaned[tense]) == pytest.approx(rms(without[tense]), rel=0.05)


@pytest.mark.parametrize("band", [(20, 450), (100, 200)])
def test_muscle_without_a_heart_or_with_one_below_it_is_left_alone(band):
    ecg, _peaks = heart(30, 1, peak_uv=100 if band[0] == 100 else 1)
    filtered, cleaned, remover = remove(2 * muscle(30, 9, channels=2) + ecg * [1, 0], band=band)
    known = ~np.isnan(cleaned)
    assert known.all()
    assert np.array_equal(cleaned, filtered)
    assert not remover.removed.any()


def test_a_channel_in_contraction_does_not_keep_the_heart_in_one_at_rest():
    level = np.full((60_000, 2), 2.0)
    level[20_000:40_000, 0] = 100
    clean = level * muscle(60, 10, channels=2)
    cleaned = remove(clean + heart(60, 11)[0] * [1.0, 0.7])[1]
    without = BandPass(20, 450, sfreq=1000)(clean)
    for second in range(21, 39):
        at = slice(1000 * second, 1000 * (second + 1))
        assert rms(cleaned[at, 1]) == pytest.approx(rms(without[at, 1]), rel=0.25)
    assert rms(cleaned[20_500:39_500, 0]) == pytest.approx(rms(without[20_500:39_500, 0]), rel=0.01)


def test_a_heart_that_looks_otherwise_is_learned_anew():
    first, _peaks = heart(40, 12)
    second, _peaks = heart(60, 13, shape=BIPHASIC, peak_uv=60)
    clean = 2 * muscle(100, 14)
    cleaned = remove(clean + np.concatenate((first, second)))[1]
    without = BandPass(20, 450, sfreq=1000)(clean)
    assert rms(cleaned[75_000:]) == pytest.approx(rms(without[75_000:]), rel=0.05)


def test_what_was_learned_takes_away_the_first_beats_too():
    clean = 2 * muscle(30, 15)
    signal = clean + heart(30, 16)[0]
    filtered, once, remover = remove(signal)
    assert rms(once[1000:5000]) > 3
    second = BeatRemover(1000, 1, knowing=remover)
    twice = second(filtered, find(signal))[second.delay :]
    without = BandPass(20, 450, sfreq=1000)(clean)
    assert rms(twice[1000:5000]) == pytest.approx(rms(without[1000:5000]), rel=0.05)


def test_after_a_gap_the_heart_is_still_known():
    clean = 2 * muscle(40, 17)
    signal = clean + heart(40, 18)[0]
    band, remover = BandPass(20, 450, sfreq=1000), BeatRemover(1000, 1)
    remover(band(signal[:20_000]), find(signal[:20_000]))
    remover.reset(25_000)
    cleaned = remover(band(signal[25_000:]), ())
    assert np.isnan(cleaned[: remover.delay]).all()
    assert rms(cleaned[1000:]) == pytest.approx(rms(band(clean)[26_000:]), rel=0.05)


def streamed(signal: np.ndarray, edges: list[int]) -> np.ndarray:
    """Filter, find and remove in pieces, each fed what the finder has said by its end."""
    channels = signal.shape[1]
    band, finder = BandPass(20, 450, sfreq=1000), BeatFinder(1000, channels)
    remover, looked, cleaned = BeatRemover(1000, channels), 0, []
    for start, stop in itertools.pairwise(edges):
        hearts = []
        while looked + finder.block <= stop:
            hearts.append(finder(signal[looked : looked + finder.block]))
            looked += finder.block
        cleaned.append(remover(band(signal[start:stop]), hearts))
    return np.concatenate(cleaned)


def test_the_heart_is_taken_away_in_the_same_bits_however_the_stream_is_cut():
    signal = muscle(40, 19, channels=2) * [2, 5] + heart(40, 20)[0]
    signal[15_000:20_000] *= 5
    whole = streamed(signal, [0, 40_000])
    rng = np.random.default_rng(21)
    for n in (3, 60, 1500):
        edges = [0, *np.unique(rng.integers(1, 40_000, n)).tolist(), 40_000]
        assert np.array_equal(streamed(signal, edges), whole, equal_nan=True)
    assert not np.array_equal(whole[250:], BandPass(20, 450, sfreq=1000)(signal)[:-250])


def test_samples_that_are_unknown_stay_so():
    filtered = BandPass(20, 450, sfreq=1000)(2 * muscle(20, 22) + heart(20, 23)[0])
    filtered[15_000:15_200] = np.nan
    remover = BeatRemover(1000, 1)
    cleaned = remover(filtered, find(2 * muscle(20, 22) + heart(20, 23)[0]))[remover.delay :]
    expected = np.zeros(20_000 - remover.delay, dtype=bool)
    expected[15_000:15_200] = True
    assert np.array_equal(np.isnan(cleaned[:, 0]), expected)


def real_heart(peak_uv: float) -> tuple[np.ndarray, np.ndarray]:
    """20 s of a real ECG at 500 Hz, `peak_uv` from baseline to R, and its R peaks (scipy's)."""
    counts = np.load(DATA / "ecg_20_s.npy").astype(float)
    smooth = scipy.signal.sosfiltfilt(
        scipy.signal.butter(2, (5, 40), "bandpass", fs=500, output="sos"), counts
    )
    peaks, _ = scipy.signal.find_peaks(smooth, prominence=0.5 * smooth.max(), distance=150)
    height = np.median(counts[peaks]) - np.median(counts)
    return (counts - np.median(counts))[:, None] * peak_uv / height, peaks


@pytest.mark.parametrize("peak_uv", [20, 50, 100])
def test_a_real_heart_is_found_and_taken_away(peak_uv):
    # gone through three times over: from the middle between two beats to that of two others
    ecg, peaks = real_heart(peak_uv)
    assert len(peaks) == 28
    cut = (peaks[:-1] + peaks[1:]) // 2
    piece, beats = ecg[cut[0] : cut[-1]], peaks[1:-1] - cut[0]
    piece = piece - np.linspace(0, 1, len(piece))[:, None] * (piece[-1] - piece[0])
    true = np.concatenate([beats + i * len(piece) for i in range(3)])
    ecg = np.tile(piece, (3, 1))
    clean = 2 * muscle(len(ecg) / 500, 24, sfreq=500)
    hearts = find(clean + ecg, 500)
    found = np.concatenate([h.beats for h in hearts])
    assert np.abs(found[:, None] - true).min(axis=1).max() <= 10  # 20 ms
    assert len(found) >= len(true) - 3
    rates = [h.rate_bpm for h in hearts if not np.isnan(h.rate_bpm)]
    assert np.mean(rates) == pytest.approx(60 * 500 / np.diff(true).mean(), abs=1)
    with_heart, cleaned, _remover = remove(clean + ecg, 500, (20, 225))
    without = BandPass(20, 225, sfreq=500)(clean)
    for threshold_uv in (3.0, 4.0):
        truth = rest_percent(without, threshold_uv, sfreq=500)
        assert rest_percent(cleaned, threshold_uv, sfreq=500) == pytest.approx(truth, abs=5)
    assert rest_percent(with_heart, 3.0, sfreq=500) < 90
