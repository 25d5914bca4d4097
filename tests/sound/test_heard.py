import math
from types import SimpleNamespace

import pytest

from biofeedback.errors import SettingsError
from biofeedback.settings import read_settings
from biofeedback.sound.heard import SILENCE, Hearing, Mapping, Told, told_of
from biofeedback.stream import Zone
from biofeedback.training.goal import Goal
from biofeedback.training.protocol import Mode
from biofeedback.training.shown import Shown

NAN = math.nan
SOUNDING = [mapping for mapping in Mapping if mapping is not Mapping.OFF]


def test_the_settings_know_every_way_of_sounding_and_no_other():
    for mapping in Mapping:
        assert read_settings({"sound": {"mapping": mapping.value}}, "x").sound.mapping == mapping
    with pytest.raises(SettingsError, match=", ".join(Mapping)):
        read_settings({"sound": {"mapping": "loud"}}, "x")


def heard(mapping: Mapping, tension: float, zone: Zone = Zone.TENSE):
    return Hearing(mapping)(Told(tension, 10.0, zone))


@pytest.mark.parametrize(
    ("tension", "hz"),
    [(0, 110), (2, 110), (5, 110), (10, 220), (14.142, 311.1), (20, 440), (40, 880), (1e4, 880)],
)
def test_each_doubling_over_the_threshold_is_an_octave(tension: float, hz: float):
    assert heard(Mapping.PITCH, tension).pitch_hz == pytest.approx(hz, rel=1e-4)
    assert heard(Mapping.PITCH, tension).level == 1.0


@pytest.mark.parametrize(("tension", "db"), [(1, -30), (5, -30), (10, -20), (20, -10), (99, 0)])
def test_each_doubling_is_as_loud_again(tension: float, db: float):
    assert 20 * math.log10(heard(Mapping.LOUDNESS, tension).level) == pytest.approx(db)


@pytest.mark.parametrize(("tension", "db"), [(1, 0), (10, 0), (20, -10), (40, -20), (99, -20)])
def test_music_grows_softer_above_the_threshold(tension: float, db: float):
    assert 20 * math.log10(heard(Mapping.MUSIC, tension).level) == pytest.approx(db, abs=1e-9)


@pytest.mark.parametrize("zone", [Zone.RELAXED, Zone.TENSE])
def test_what_sounds_in_one_zone_is_silent_in_the_other(zone: Zone):
    assert bool(heard(Mapping.WHEN_TENSE, 10.0, zone).level) is (zone is Zone.TENSE)
    assert bool(heard(Mapping.WHEN_RELAXED, 10.0, zone).level) is (zone is Zone.RELAXED)


@pytest.mark.parametrize("mapping", SOUNDING)
@pytest.mark.parametrize("told", [Told(NAN), Told(NAN, 10.0), Told(5.0, 10.0)])
def test_no_reading_is_silence(mapping: Mapping, told: Told):
    assert Hearing(mapping)(told) == SILENCE


@pytest.mark.parametrize("mapping", [Mapping.PITCH, Mapping.LOUDNESS, Mapping.MUSIC])
def test_without_a_threshold_the_first_tension_stands_in_for_it(mapping: Mapping):
    hearing, held = Hearing(mapping), Hearing(mapping)
    assert hearing(Told(NAN)) == SILENCE
    for tension in (8.0, 16.0, 4.0):
        assert hearing(Told(tension)) == held(Told(tension, 8.0, Zone.TENSE))


@pytest.mark.parametrize("mapping", [Mapping.WHEN_TENSE, Mapping.WHEN_RELAXED])
def test_without_a_threshold_there_are_no_zones_to_sound_in(mapping: Mapping):
    assert Hearing(mapping)(Told(8.0)) == SILENCE


def a_trainer(mode: Mode, measured: float, goal: Goal):
    protocol = SimpleNamespace(mode=mode)
    return SimpleNamespace(shown=Shown(measured, goal, measured), threshold=10.0, protocol=protocol)


def test_in_a_training_the_goal_is_what_counts():
    assert told_of(a_trainer(Mode.BELOW, 5.0, Goal.REACHED)) == Told(5.0, 10.0, Zone.RELAXED)
    assert told_of(a_trainer(Mode.BELOW, 20.0, Goal.NOT_YET)) == Told(20.0, 10.0, Zone.TENSE)
    hidden = told_of(a_trainer(Mode.BELOW, NAN, Goal.UNKNOWN))
    assert Hearing(Mapping.PITCH)(hidden) == SILENCE


def test_where_more_is_wanted_the_tone_falls_as_it_is_reached():
    hearing = Hearing(Mapping.PITCH)
    missing = hearing(told_of(a_trainer(Mode.ABOVE, 5.0, Goal.NOT_YET)))
    reached = hearing(told_of(a_trainer(Mode.ABOVE, 20.0, Goal.REACHED)))
    assert (missing.pitch_hz, reached.pitch_hz) == (440.0, 110.0)
    assert hearing(told_of(a_trainer(Mode.ABOVE, 0.0, Goal.NOT_YET))).pitch_hz == 880.0
