"""Makes the samples that are heard: a soft tone, or music, that glides and never clicks."""

import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from biofeedback.sound.heard import SILENCE, Heard

SFREQ = 48_000
CHANNELS = 2
# Of nine tenths of a step. Shorter is heard as a click, longer as late.
GLIDE_S = 0.020
# The partials of a flute played softly: a raw sine is hard to place and tires.
_PARTIALS = np.array([1.0, 0.35, 0.15, 0.06])
_WEIGHTS = _PARTIALS / _PARTIALS.sum()  # so that no phase makes more than 1
_NUMBERS = np.arange(1, len(_PARTIALS) + 1)
# Below it nothing is left: -120 dB.
_NOTHING = 1e-6

Signal = NDArray[np.float64]


class Music(Protocol):
    """What is played in place of the tone."""

    @property
    def ready(self) -> bool:
        """Whether enough of it is there to fade out, should no more come."""

    def take(self, n: int) -> Signal:
        """Return the next ``(n, CHANNELS)`` samples, at most 1; zeros where there are none yet."""


def full_scale(dbfs: float) -> float:
    """Return the amplitude of `dbfs`, decibels below the largest sample that there is (1.0)."""
    return float(10 ** (dbfs / 20))


class Glide:
    """Follows a value smoothly: two low-passes in a row, so that neither it nor its slope jumps."""

    # (1 + x) exp(-x) = 0.1: a tenth of a step is left after x time constants
    _TIME_CONSTANT_S = GLIDE_S / 3.89
    _KEPT = math.exp(-1 / (_TIME_CONSTANT_S * SFREQ))  # a sample

    def __init__(self, value: float) -> None:
        self.jump(value)

    def jump(self, value: float) -> None:
        """Be at `value` at once."""
        self.value = self._between = value

    def __call__(self, target: float, n: int) -> Signal:
        """Return the next `n` values on the way to `target`."""
        if self.value == self._between == target:
            return np.full(n, target)
        after = np.arange(1, n + 1)
        kept = self._KEPT**after
        between, away = self._between - target, self.value - target
        values = target + kept * (away + (1 - self._KEPT) * between * after)
        self.value, self._between = float(values[-1]), float(target + kept[-1] * between)
        return values


class Synth:
    """Samples of what is heard, of any length a call: the same ones however they are cut.

    `volume` (0 to 1) is of the `cap_dbfs`, which no sample exceeds whatever is played. With `music`
    that is heard in place of the tone; it waits while there is silence.
    """

    def __init__(self, *, volume: float, cap_dbfs: float, music: Music | None = None) -> None:
        self._cap = full_scale(cap_dbfs)
        self._gain = self._cap * volume
        self._music = music
        self._level = Glide(0.0)
        self._octave = Glide(0.0)  # above 1 Hz
        self._aim = 0.0  # where that glides to
        self._phase = 0.0  # turns

    @property
    def silent(self) -> bool:
        """Whether nothing sounds now."""
        return self._level.value == 0.0

    def __call__(self, heard: Heard, n: int) -> Signal:
        """Return the next `n` samples, ``(n, CHANNELS)``, gliding to `heard`."""
        if self._music and not self._music.ready:
            heard = SILENCE
        if heard.level:
            self._aim = math.log2(heard.pitch_hz)
        elif self.silent:
            return np.zeros((n, CHANNELS))
        if self.silent:
            self._octave.jump(self._aim)
            self._phase = 0.0
        level = self._level(heard.level, n)
        if not heard.level:
            level[level < _NOTHING] = 0.0
            if level[-1] == 0.0:
                self._level.jump(0.0)
        if self._music is None:
            samples = self._tone(n)[:, None].repeat(CHANNELS, axis=1)
        else:
            samples = self._music.take(n)
        samples *= self._gain * level[:, None]
        return np.clip(samples, -self._cap, self._cap, out=samples)

    def _tone(self, n: int) -> Signal:
        turns = self._phase + np.cumsum(2 ** self._octave(self._aim, n) / SFREQ)
        self._phase = float(turns[-1] % 1.0)
        return np.asarray(np.sin(2 * np.pi * turns[:, None] * _NUMBERS) @ _WEIGHTS)
