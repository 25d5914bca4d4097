import itertools

import numpy as np
import pytest
import scipy

from biofeedback.dsp.rhythm import Rhythm, RhythmMeter

SFREQ = 500
MINUTE = 60 * SFREQ
N_RECORDINGS = 200
BATCH = 20  # recordings of a minute and two channels that are looked at in one go
# With this depth the rectified channels have a coherence of 0.3 in the middle of 4-7 Hz.
DEPTH = 0.1


def coloured(low_hz: float, high_hz: float, n: int, seed: list[int]) -> np.ndarray:
    """Return `n` minutes of Gaussian noise between two corners, of an RMS of 1."""
    f = np.fft.rfftfreq(MINUTE, 1 / SFREQ)
    inside = np.flatnonzero((f >= low_hz) & (f <= high_hz))
    parts = np.random.default_rng(seed).standard_normal((2, n, len(inside)))
    spectrum = np.zeros((n, len(f)), dtype=np.complex128)
    spectrum[:, inside] = parts[0] + 1j * parts[1]
    signal = np.fft.irfft(spectrum, MINUTE)
    return np.asarray((signal / signal.std(axis=1, keepdims=True)).T)


def muscles(n: int, seed: int) -> np.ndarray:
    """Return a minute of `n` channels of activity that have nothing in common."""
    return coloured(20, 225, n, [seed, 0])


def look(signal: np.ndarray, sfreq: float = SFREQ, edges: tuple[int, ...] = ()) -> Rhythm:
    meter = RhythmMeter(sfreq, signal.shape[1])
    for a, b in itertools.pairwise((0, *edges, len(signal))):
        meter.add(a, signal[a:b])
    return meter.result()


def pairs_found(rhythm: Rhythm) -> np.ndarray:
    """Return whether each pair of any two channels was found to share a rhythm."""
    return rhythm.significant[np.triu_indices(len(rhythm.share), 1)]


@pytest.fixture(scope="module")
def driven() -> list[np.ndarray]:
    """Minutes of channels 0 and 1, 2 and 3 ..., each two with a drive of 4-7 Hz in common."""
    return [
        muscles(2 * BATCH, seed)
        * (1 + DEPTH * np.repeat(coloured(4, 7, BATCH, [seed, 1]), 2, axis=1))
        for seed in range(N_RECORDINGS // BATCH)
    ]


def test_a_common_drive_of_coherence_three_tenths_is_found_in_a_minute(driven):
    # What it is in truth, scipy says from all of the minutes on end
    left, right = (
        np.abs(np.concatenate([batch[:, side::2].T.ravel() for batch in driven])) for side in (0, 1)
    )
    f, truth = scipy.signal.coherence(left, right, SFREQ, nperseg=SFREQ, noverlap=0)
    assert truth[(f == 5) | (f == 6)] == pytest.approx(0.3, abs=0.02)
    assert truth[(f >= 4) & (f <= 7)].max() < 0.32
    found = [look(batch).significant[range(0, 40, 2), range(1, 40, 2)] for batch in driven]
    assert np.mean(found) >= 0.95
    # and between the channels of different recordings there is none to be found
    others = [pairs_found(look(batch[:, ::2])) for batch in driven]
    assert np.mean(others) <= 0.05


def test_channels_that_share_nothing_pass_in_at_most_five_of_a_hundred_minutes():
    own, any_two = [], []
    for seed in range(100, 100 + N_RECORDINGS // BATCH):
        rhythm = look(muscles(2 * BATCH, seed))
        own.append(rhythm.significant[range(0, 40, 2), range(1, 40, 2)])
        any_two.append(pairs_found(rhythm))
    assert np.size(own) == N_RECORDINGS
    assert np.mean(own) <= 0.05
    assert 0.03 <= np.mean(any_two) <= 0.05


def test_muscles_that_slowly_tense_and_relax_together_share_no_rhythm():
    found = [
        pairs_found(look(muscles(BATCH, seed) * (1 + 0.3 * np.clip(slow, -3, 3))))
        for seed in range(200, 210)
        for slow in [coloured(0.1, 0.5, 1, [seed, 1])]
    ]
    assert np.mean(found) <= 0.06


def test_a_few_loud_seconds_do_not_decide():
    signal = muscles(4, 300)
    loudness = np.where(np.arange(60) % 12 == 0, 20.0, 1.0).repeat(SFREQ)[:, None]
    loud, even = look(signal * loudness), look(signal)
    np.testing.assert_allclose(loud.coherence, even.coherence, rtol=1e-9)
    np.testing.assert_array_equal(loud.limit, even.limit)


def test_the_coherence_is_that_of_scipy_where_every_second_is_equally_loud(driven):
    signal = driven[0][:, :2]
    seconds = signal.reshape(60, SFREQ, 2)
    signal = (seconds / np.abs(seconds).mean(axis=1, keepdims=True)).reshape(-1, 2)
    window = np.sin(np.pi * (np.arange(SFREQ) + 0.5) / SFREQ)
    f, theirs = scipy.signal.coherence(
        *np.abs(signal).T, SFREQ, window=window, nperseg=SFREQ, noverlap=0
    )
    rhythm = look(signal)
    assert rhythm.coherence[0, 1] == pytest.approx(theirs[(f >= 4) & (f <= 7)].max(), rel=1e-9)
    assert rhythm.coherence[1, 0] == pytest.approx(rhythm.coherence[0, 1], rel=1e-12)
    assert rhythm.segments[0, 1] == 60
    assert rhythm.limit[0, 1] == pytest.approx(0.0716, abs=5e-5)  # 1 - (0.05 / 4)^(1 / 59)


def beating(*hz: float) -> np.ndarray:
    """Return a minute whose rectified signal is known: 1 and a tenth of a sine at each of `hz`."""
    t = np.arange(MINUTE) / SFREQ
    rectified = 1 + sum(0.1 * np.sin(2 * np.pi * each * t) for each in hz)
    return np.asarray(rectified * (-1.0) ** np.arange(MINUTE))[:, None]


@pytest.mark.parametrize(
    ("hz", "share", "cdf10"),
    [
        ((5,), 1, 1),
        ((1, 5), 1, 1),
        ((5, 20), 0.5, 0.5),
        ((5, 9), 0.5, 1),
        ((5, 9, 15, 25), 0.25, 0.5),
    ],
)
def test_the_shares_are_those_of_the_sines_that_were_put_in(hz, share, cdf10):
    rhythm = look(beating(*hz))
    assert rhythm.share[0] == pytest.approx(share, abs=0.02)
    assert rhythm.cdf10[0] == pytest.approx(cdf10, abs=0.02)


@pytest.mark.parametrize("hz", [4.1, 4.7, 5.0, 5.3, 6.5, 6.9])
def test_the_peak_is_where_the_sine_is(hz: float):
    assert look(beating(hz)).peak_hz[0] == pytest.approx(hz, abs=0.1)


def test_activity_without_a_rhythm_has_the_shares_of_flat_noise():
    rhythm = look(muscles(BATCH, 400))
    assert rhythm.share.mean() == pytest.approx(4 / 28, rel=0.05)
    assert rhythm.cdf10.mean() == pytest.approx(8 / 28, rel=0.05)


def test_the_rhythm_is_the_same_bits_however_the_stream_is_cut():
    signal = muscles(3, 500)
    signal[2000:2300, 1] = np.nan
    whole = look(signal)
    cut = look(signal, edges=(1, 499, 501, 12_000, 29_999))
    for name in ("share", "peak_hz", "cdf10", "coherence", "segments", "limit"):
        assert np.array_equal(getattr(cut, name), getattr(whole, name), equal_nan=True), name


def test_a_second_with_a_hole_is_left_out_of_the_pairs_that_its_channel_is_in():
    signal = muscles(3, 501)
    holed = signal.copy()
    holed[2200:2800, 1] = np.nan  # in the seconds 4 and 5
    rhythm = look(holed)
    assert rhythm.segments.tolist() == [[0, 58, 60], [58, 0, 58], [60, 58, 0]]
    without = look(np.delete(signal, np.s_[2000:3000], axis=0))
    assert rhythm.coherence[0, 1] == pytest.approx(without.coherence[0, 1], rel=1e-9)
    assert rhythm.share[1] == pytest.approx(without.share[1], rel=1e-9)
    assert rhythm.coherence[0, 2] == look(signal).coherence[0, 2]


def test_where_there_is_nothing_to_tell_from_nothing_is_told():
    silent = look(np.zeros((MINUTE, 2)))
    short = look(muscles(2, 502)[: SFREQ + 100])
    for rhythm in (silent, short):
        assert np.isnan(rhythm.coherence).all()
        assert np.isnan(rhythm.limit).all()
        assert not rhythm.significant.any()
    assert np.isnan([silent.share, silent.cdf10, silent.peak_hz]).all()
    assert np.isfinite(short.share).all()
