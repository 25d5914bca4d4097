import math

import numpy as np
import pytest
import scipy.signal
from numpy.typing import NDArray

from biofeedback.sound.heard import SILENCE, Heard
from biofeedback.sound.synth import CHANNELS, GLIDE_S, SFREQ, Glide, Synth, full_scale

CAP_DBFS = -24.0
TONE = Heard(220.0, 1.0)
# The steepest that the tone is at 880 Hz: the sum of its partials' slopes, a sample.
PARTIALS = np.array([1.0, 0.35, 0.15, 0.06]) / 1.56
STEEPEST = 2 * math.pi * 880.0 / SFREQ * float(PARTIALS @ np.arange(1, 5))


def a_synth(**changed) -> Synth:
    return Synth(**{"volume": 1.0, "cap_dbfs": CAP_DBFS} | changed)


def pitch_hz(samples: NDArray[np.float64]) -> float:
    """Return the frequency of the largest peak of a spectrum, between its lines."""
    levels = np.log(np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) + 1e-12)
    top = int(np.argmax(levels))
    a, b, c = levels[top - 1 : top + 2]
    return (top + 0.5 * (a - c) / (a - 2 * b + c)) * SFREQ / len(samples)


@pytest.mark.parametrize("asked_hz", [110.0, 146.8, 220.0, 311.1, 440.0, 659.3, 880.0])
def test_the_tone_has_the_pitch_that_was_asked_for(asked_hz: float):
    samples = a_synth()(Heard(asked_hz, 1.0), SFREQ)[SFREQ // 4 :, 0]
    assert pitch_hz(samples) == pytest.approx(asked_hz, rel=1e-4)


def test_a_glide_is_two_low_passes_and_has_gone_nine_tenths_in_its_time():
    targets = np.repeat([0.0, 1.0, -0.5], SFREQ // 10)
    glide = Glide(0.0)
    ours = np.concatenate([glide(float(part[0]), len(part)) for part in np.split(targets, 3)])
    kept = Glide._KEPT
    once = scipy.signal.lfilter([1 - kept], [1, -kept], targets)
    np.testing.assert_allclose(ours, scipy.signal.lfilter([1 - kept], [1, -kept], once), atol=1e-12)
    assert ours[SFREQ // 10 + round(GLIDE_S * SFREQ)] == pytest.approx(0.9, abs=0.002)


@pytest.mark.parametrize("size", [1, 7, 64, 480, 1024])
def test_the_samples_are_the_same_however_they_are_cut(size: int):
    told = [
        (TONE, 1500),
        (Heard(880.0, 0.3), 3000),
        (SILENCE, 5000),
        (Heard(440.0, 1.0), 2000),
        (SILENCE, 300),
        (TONE, 1000),
    ]
    whole, cut = a_synth(), a_synth()
    for heard, n in told:
        at_once = whole(heard, n)
        sizes = [size] * (n // size) + [n % size] * (n % size > 0)
        np.testing.assert_allclose(
            np.concatenate([cut(heard, part) for part in sizes]), at_once, atol=1e-12
        )


def test_silence_is_nothing_at_all_and_comes_within_a_tenth_of_a_second():
    synth = a_synth()
    assert np.abs(synth(TONE, SFREQ)).max() > 0.03
    fading = synth(SILENCE, SFREQ)
    assert not fading[SFREQ // 10 :].any()
    assert not synth(SILENCE, 100).any()


def test_before_anything_is_heard_there_is_nothing():
    assert not a_synth()(SILENCE, 1000).any()


def test_nothing_clicks():
    synth = a_synth()
    steps = [TONE, SILENCE, Heard(880.0, 1.0), Heard(110.0, 0.1), Heard(880.0, 1.0), SILENCE]
    heard = np.concatenate([synth(step, n) for step in steps for n in (480, 1900)])
    # besides its own slope that of the level, at most 1 / (e time constants) a sample
    glide = 3.89 / (math.e * GLIDE_S * SFREQ)
    assert np.abs(np.diff(heard, axis=0)).max() < full_scale(CAP_DBFS) * (STEEPEST + glide)


def test_the_first_sample_after_silence_is_next_to_nothing():
    assert np.abs(a_synth()(TONE, 2)).max() < 1e-4


class Blaring:
    """Music that keeps to no limit."""

    ready = True

    def take(self, n: int) -> NDArray[np.float64]:
        return np.random.default_rng(0).normal(scale=10.0, size=(n, CHANNELS))


@pytest.mark.parametrize("cap_dbfs", [-60.0, -24.0, -6.0])
def test_no_sample_is_ever_above_the_cap(cap_dbfs: float):
    cap = 10 ** (cap_dbfs / 20)
    tone = a_synth(cap_dbfs=cap_dbfs)(Heard(500.0, 1.0), SFREQ)
    assert 0.5 * cap < np.abs(tone).max() <= cap
    blaring = a_synth(cap_dbfs=cap_dbfs, music=Blaring())(TONE, SFREQ)
    assert np.abs(blaring).max() == cap


class Stalling:
    """Music of which there is no more for a while."""

    left = SFREQ // 5

    @property
    def ready(self) -> bool:
        return self.left >= SFREQ // 5

    def take(self, n: int) -> NDArray[np.float64]:
        assert n <= self.left
        self.left -= n
        return np.full((n, CHANNELS), 0.9)


def test_music_fades_out_before_there_is_no_more_of_it():
    music = Stalling()
    synth = a_synth(music=music)
    heard = np.concatenate([synth(TONE, 720) for _block in range(100)])
    assert heard.any()
    assert not heard[-720:].any()
    music.left = SFREQ
    again = synth(TONE, 720)
    assert again[-1, 0] > 0
    assert np.abs(np.diff(np.concatenate([heard, again]), axis=0)).max() < 0.0015


def test_the_volume_is_of_the_cap():
    full, half = (a_synth(volume=volume)(TONE, SFREQ) for volume in (1.0, 0.5))
    np.testing.assert_allclose(half, full / 2, atol=1e-15)


def test_the_tone_is_as_loud_as_the_settings_say():
    steady = a_synth()(TONE, 2 * SFREQ)[SFREQ:, 0]
    rms_dbfs = 20 * math.log10(np.sqrt(np.mean(steady**2)))
    assert rms_dbfs == pytest.approx(CAP_DBFS - 6.3, abs=0.1)


def test_a_lasting_tone_does_not_waver():
    steady = a_synth()(TONE, 2 * SFREQ)[SFREQ:, 0]
    periods = steady[: SFREQ * 200 // 220 // 240 * 240]  # 11 periods of 220 Hz are 2400 samples
    rms = np.sqrt(np.mean(periods[: len(periods) // 2400 * 2400].reshape(-1, 2400) ** 2, axis=1))
    assert rms.max() / rms.min() == pytest.approx(1.0, abs=1e-9)
