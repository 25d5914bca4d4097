"""The sound of a breath that is led: soft, never beyond the cap, and independent of the tension."""

import math

import numpy as np
import pytest

from biofeedback.sound.breath import BreathSound
from biofeedback.sound.heard import Hearing, Mapping, Told
from biofeedback.sound.player import Player
from biofeedback.sound.synth import SFREQ, Synth, full_scale
from biofeedback.stream import Zone

CAP_DBFS = -24.0


def a_breath(volume: float = 1.0) -> BreathSound:
    return BreathSound(volume=volume, cap_dbfs=CAP_DBFS)


def rms(sound: np.ndarray) -> float:
    return float(np.sqrt(np.mean(sound[SFREQ // 10 :] ** 2)))


def centre_hz(sound: np.ndarray) -> float:
    power = np.abs(np.fft.rfft(sound[:, 0])) ** 2
    return float(np.average(np.fft.rfftfreq(len(sound), 1 / SFREQ), weights=power))


def test_where_nobody_is_led_nothing_sounds():
    assert not a_breath()(0.0, SFREQ).any()


def test_it_swells_and_ebbs_with_the_air():
    half, whole = rms(a_breath()(0.5, SFREQ)), rms(a_breath()(1.0, SFREQ))
    assert half / whole == pytest.approx(0.5, rel=1e-6)


def test_it_is_brighter_in_than_out():
    assert centre_hz(a_breath()(1.0, SFREQ)) > 1.5 * centre_hz(a_breath()(-1.0, SFREQ))


@pytest.mark.parametrize("flow", [1.0, -1.0])
def test_it_is_much_softer_than_the_tone(flow):
    heard = Hearing(Mapping.PITCH)(Told(10.0, 10.0, Zone.RELAXED))
    tone = Synth(volume=1.0, cap_dbfs=CAP_DBFS)(heard, SFREQ)
    below_db = 20 * math.log10(rms(a_breath()(flow, SFREQ)) / rms(tone))
    assert -24 < below_db < -18


def test_it_never_exceeds_its_part_of_the_cap_while_it_turns():
    breath = a_breath()
    flows = np.sin(np.arange(0, 60, 0.2))
    sound = np.concatenate([breath(float(flow), 1000) for flow in flows])
    assert np.abs(sound).max() <= full_scale(CAP_DBFS) / 2


def test_it_fades_out_without_a_step_and_is_then_nothing_at_all():
    breath = a_breath()
    steady = breath(1.0, 3 * SFREQ)  # once round and more
    fading = breath(0.0, SFREQ // 4)
    steps = np.abs(np.diff(np.concatenate([steady[-1:], fading])[:, 0]))
    assert steps.max() <= np.abs(np.diff(steady[:, 0])).max()
    assert np.abs(fading[-100:]).max() < 1e-9
    assert not breath(0.0, 1000).any()


def test_it_is_the_same_however_it_is_cut():
    whole = a_breath()(1.0, 9000)
    breath = a_breath()
    cut = np.concatenate([breath(1.0, n) for n in (1, 719, 4280, 4000)])
    np.testing.assert_allclose(cut, whole, rtol=1e-9, atol=1e-15)


def test_volume_is_of_the_breath_too():
    assert rms(a_breath(0.5)(1.0, SFREQ)) == pytest.approx(rms(a_breath()(1.0, SFREQ)) / 2)


def test_the_breath_is_heard_without_a_reading_and_the_tone_is_not():
    heard = Hearing(Mapping.PITCH)(Told(math.nan, 5.0, flow=0.7))
    assert (heard.level, heard.flow) == (0.0, 0.7)


def test_tone_and_breath_together_stay_below_the_cap_and_fade_when_nothing_is_told_any_more():
    player = Player(Mapping.PITCH, volume=1.0, cap_dbfs=CAP_DBFS)  # which no device asks
    loudest = 0.0
    for turn in range(40):
        player.tell(Told(20.0, 5.0, Zone.TENSE, flow=math.sin(turn)))
        loudest = max(loudest, float(np.abs(player._render(4800)).max()))
    assert full_scale(CAP_DBFS) / 2 < loudest <= full_scale(CAP_DBFS)
    player.tell(Told(math.nan, 5.0, flow=1.0))
    player._render(SFREQ // 4)
    assert rms(player._render(SFREQ // 5)) > 0  # the breath alone
    for _block in range(12):  # for more than half a second nothing new is told
        last = player._render(4800)
    assert not last.any()
