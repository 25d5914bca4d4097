"""Which tone is heard of a tension, and how loud, in each way of sounding."""

import math
from enum import StrEnum
from typing import NamedTuple

from biofeedback.stream import Zone
from biofeedback.training.goal import Goal
from biofeedback.training.protocol import Mode
from biofeedback.training.trainer import Trainer

# A3, in the range of a voice.
AT_THRESHOLD_HZ = 220.0
# In octaves from there, or in doublings of the loudness. Above 880 Hz a lasting tone is sharp,
# below 110 Hz small loudspeakers lose it. It never falls silent: that is for "no reading".
DEEPEST, HIGHEST = -1.0, 2.0
# Twice as loud takes 10 dB (Stevens, J Acoust Soc Am 1955).
DB_PER_DOUBLING = 10.0


class Mapping(StrEnum):
    """The ways of sounding."""

    OFF = "off"
    PITCH = "pitch"
    LOUDNESS = "loudness"
    WHEN_TENSE = "when-tense"
    WHEN_RELAXED = "when-relaxed"
    MUSIC = "music"


class Heard(NamedTuple):
    """A tone of `pitch_hz`, or music, at `level`: 0 (silence) to 1 of the volume.

    `flow`: of the breath that is led, from 1 (in) over 0 (none) to -1 (out).
    """

    pitch_hz: float
    level: float
    flow: float = 0.0


SILENCE = Heard(AT_THRESHOLD_HZ, 0.0)
ONLY_IN = {Mapping.WHEN_TENSE: Zone.TENSE, Mapping.WHEN_RELAXED: Zone.RELAXED}


class Told(NamedTuple):
    """What there is to hear: a tension, the threshold in its unit, and the zone.

    NaN and UNKNOWN where there is none. `flow`: as in `Heard`; it is heard without a reading too.
    """

    tension: float
    threshold: float = math.nan
    zone: Zone = Zone.UNKNOWN
    flow: float = 0.0


def told_of(trainer: Trainer) -> Told:
    """Return what may be heard of a training now: at the goal is relaxed, whatever is trained."""
    measured, goal, _place = trainer.shown
    if goal is Goal.UNKNOWN:
        return Told(math.nan)
    if trainer.protocol.mode is Mode.ABOVE:  # what is still missing counts
        return Told(trainer.threshold, measured, _ZONES[goal])
    return Told(measured, trainer.threshold, _ZONES[goal])


_ZONES = {Goal.REACHED: Zone.RELAXED, Goal.NOT_YET: Zone.TENSE}


class Hearing:
    """Makes of what is told what is heard.

    Held against a threshold, the tone is 220 Hz there and an octave higher for each doubling, from
    110 to 880 Hz; or it is as loud again for each. Music grows softer above the threshold by the
    same measure. Without a threshold the first tension stands in for it, but for what sounds in one
    zone only: there are no zones then.
    """

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._first = math.nan

    def __call__(self, told: Told) -> Heard:
        """Return what is heard; of the tension nothing where there is no reading."""
        tone = self._tone(told)
        return tone._replace(flow=told.flow) if told.flow else tone

    def _tone(self, told: Told) -> Heard:
        against = told.threshold
        if math.isnan(against):
            if math.isnan(self._first) and told.tension > 0:
                self._first = told.tension
            against = self._first
        elif told.zone is Zone.UNKNOWN:  # it is paused
            return SILENCE
        if math.isnan(told.tension) or math.isnan(against):
            return SILENCE
        if ONLY_IN.get(self._mapping, told.zone) is not told.zone:
            return SILENCE
        return self._sound(_octaves(told.tension / against if against > 0 else math.inf))

    def _sound(self, octaves: float) -> Heard:
        match self._mapping:
            case Mapping.LOUDNESS:
                return Heard(AT_THRESHOLD_HZ, _level(octaves - HIGHEST))
            case Mapping.MUSIC:
                return Heard(AT_THRESHOLD_HZ, _level(-max(octaves, 0.0)))
        return Heard(AT_THRESHOLD_HZ * 2**octaves, 1.0)


def _octaves(ratio: float) -> float:
    """Return by how many doublings `ratio` is above 1, within what is heard."""
    if ratio <= 2**DEEPEST:
        return DEEPEST
    return min(math.log2(ratio), HIGHEST)


def _level(doublings: float) -> float:
    """Return a level that is as loud as full for 0 `doublings`, half as loud for -1."""
    return float(10 ** (DB_PER_DOUBLING * doublings / 20))
