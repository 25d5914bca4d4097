"""What is trained: one number out of the muscles' tension, and whether it has reached its goal."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from biofeedback.errors import SettingsError
from biofeedback.muscles import shown_label
from biofeedback.stream import Channel, Samples, Zone
from biofeedback.text import _
from biofeedback.training.protocol import Mode
from biofeedback.training.threshold import ZoneTracker
from biofeedback.words import number_word, unit_word

# Scatter of the slow RMS of steady EMG, a share of it: 3.6 % wide, 5.0 % narrow
# (1 / (2 sqrt(B T)) with T = 1 s).
SCATTER = 0.05
# Below this share of its reference a muscle is not at its task, and there is nothing to share.
LEAST_TASK = 0.1
PERCENT = "percent"


class Goal(IntEnum):
    """What a person is told of their goal."""

    UNKNOWN = 0
    REACHED = 1
    NOT_YET = 2


@dataclass(frozen=True, slots=True)
class Aim:
    """How a mode is judged.

    `muscles`: whose channels it needs. `start_percent`: where in the baseline its threshold starts.
    `harder`, `easier`: what a threshold is multiplied with. `percent`: it is a share, not µV.
    """

    muscles: tuple[str, ...]
    start_percent: float = 75.0
    harder: float = 0.90
    easier: float = 1.10
    percent: bool = False


AIMS = {
    Mode.BELOW: Aim(("muscle",)),
    Mode.RELAX: Aim(("muscle",)),
    Mode.ABOVE: Aim(("muscle",), start_percent=25.0, harder=1.10, easier=0.90),
    Mode.INSIDE: Aim(("muscle",)),
    Mode.SYMMETRY: Aim(("left", "right"), percent=True),
    Mode.OVERFLOW: Aim(("other", "task"), percent=True),
}


class Measure:
    """What a mode holds against its threshold, out of the slow RMS of its muscles' channels.

    below, relax, above: the muscle's level. inside: how far it is from `centre`. symmetry: the
    difference of the two as percent of their sum. overflow: the level of the muscle that should
    not help over that of the one at the task, each over its reference, in percent.
    """

    def __init__(
        self, mode: Mode, channels: tuple[Channel, ...], *, noise: float | None = None
    ) -> None:
        self.mode, self.aim, self.channels = mode, AIMS[mode], channels
        if self.aim.percent and len({channel.unit for channel in channels}) > 1:
            raise SettingsError(
                _("{a} and {b} do not come in one unit: name the sensor of both.").format(
                    a=shown_label(channels[0].label), b=shown_label(channels[1].label)
                )
            )
        self.centre = math.nan
        self.references = dict.fromkeys(self.aim.muscles, math.nan)
        self._noise = noise or 0.0

    @property
    def level_unit(self) -> str:
        """How the keys of the muscles' levels end: uv or counts."""
        return "uv" if self.channels[0].unit == "uV" else "counts"

    @property
    def unit(self) -> str:
        """How the keys of thresholds end: uv, counts or percent."""
        return PERCENT if self.aim.percent else self.level_unit

    def floor(self, muscle: int = 0) -> float:
        """Return the level below which a muscle's reading says nothing; 0 where that is not known.

        The sensor's resolution floor, or its noise and two SD of what that reads.
        """
        resolved = self.channels[muscle].resolution_floor or 0.0
        return max(resolved, self._noise * (1 + 2 * SCATTER))

    @property
    def lowest(self) -> float:
        """The least threshold that can be told from chance."""
        match self.mode:
            case Mode.INSIDE:
                return 2 * SCATTER * self.centre
            case Mode.SYMMETRY:  # of two even muscles (L - R) / (L + R) scatters so
                return 100 * 2 * SCATTER / math.sqrt(2)
            case Mode.OVERFLOW:
                return 100 * self.floor() / self.references["other"]
        return self.floor()

    def __call__(self, slow: Samples) -> NDArray[np.float64]:
        """Return ``(n,)`` of `slow` ``(n, muscles)``; NaN where it has no meaning."""
        place = self.place(slow)
        match self.mode:
            case Mode.INSIDE:
                return np.asarray(np.abs(place - self.centre))
            case Mode.SYMMETRY:
                return np.abs(place)
        return place

    def place(self, slow: Samples) -> NDArray[np.float64]:
        """Return ``(n,)`` of `slow` ``(n, muscles)``: where it stands, on either side of the goal.

        As it is measured; but inside: the level itself, and symmetry: below 0 where the left muscle
        is the tenser one.
        """
        level = slow[:, 0]
        match self.mode:
            case Mode.SYMMETRY:
                whole = level + slow[:, 1]
                seen = whole > self.floor(0) + self.floor(1)
                return np.asarray(100 * (slow[:, 1] - level) / np.where(seen, whole, np.nan))
            case Mode.OVERFLOW:
                task = slow[:, 1] / self.references["task"]
                share = level / self.references["other"]
                return np.asarray(100 * share / np.where(task >= LEAST_TASK, task, np.nan))
        return level

    def goal_range(self, threshold: float) -> tuple[float, float]:
        """Return from where to where `place` is at the goal."""
        match self.mode:
            case Mode.ABOVE:
                return threshold, math.inf
            case Mode.INSIDE:
                return self.centre - threshold, self.centre + threshold
            case Mode.SYMMETRY:
                return -threshold, threshold
        return 0.0, threshold

    def distance(
        self, measured: NDArray[np.float64], threshold: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return how far it is from the goal: 0 or below is there."""
        away = measured - threshold
        return -away if self.mode is Mode.ABOVE else away

    def say(self, value: float) -> str:
        """Return a value of it in words."""
        if self.aim.percent:
            return _("{value:.0f} %").format(value=value)
        channel = self.channels[0]
        if self.mode is Mode.INSIDE:
            return _("{away:.2g} {unit} around {centre}").format(
                away=value, unit=unit_word(channel), centre=number_word(self.centre, channel)
            )
        return f"{number_word(value, channel)} {unit_word(channel)}"


class GoalTracker:
    """Says ten times a second whether the goal is reached, so that the word does not flicker.

    Beyond the threshold at once it counts as left, and `hysteresis` (a share of it) inside as
    reached, each once that has lasted for `dwell` readings. What is unknown is said at once.
    """

    def __init__(self, mode: Mode, *, hysteresis: float, dwell: int) -> None:
        self._tracker = ZoneTracker(1, hysteresis=hysteresis)
        self._reached = Zone.TENSE if mode is Mode.ABOVE else Zone.RELAXED
        self._dwell = dwell
        self.goal = Goal.UNKNOWN
        self._coming, self._for = Goal.UNKNOWN, 0

    def __call__(self, measured: float, threshold: float) -> Goal:
        """Return what is told after one more reading."""
        self._tracker.thresholds[0] = threshold
        zone = int(self._tracker(np.array([[measured]]))[0, 0])
        seen = Goal.UNKNOWN
        if zone != Zone.UNKNOWN:
            seen = Goal.REACHED if zone == self._reached else Goal.NOT_YET
        self._for = self._for + 1 if seen is self._coming else 1
        self._coming = seen
        if Goal.UNKNOWN in (seen, self.goal) or self._for >= self._dwell:
            self.goal = seen
        return self.goal


def chosen_channels(
    mode: Mode, channels: tuple[Channel, ...], asked: Sequence[int] | None
) -> tuple[int, ...]:
    """Return the channels that `mode` is to be trained on: those `asked` for, or the first.

    Raise `SettingsError` where they are too few, or too many.
    """
    muscles = AIMS[mode].muscles
    chosen = tuple(range(len(muscles))) if asked is None else tuple(asked)
    if len(chosen) != len(muscles) or len(set(chosen)) != len(chosen):
        raise SettingsError(
            _("This protocol needs {n} different channels ({muscles}): name as many.").format(
                n=len(muscles), muscles=", ".join(muscles)
            )
        )
    if max(chosen) >= len(channels):
        raise SettingsError(
            _("This protocol needs {n} channels ({muscles}), and the source has {have}.").format(
                n=max(chosen) + 1, muscles=", ".join(muscles), have=len(channels)
            )
        )
    return chosen
