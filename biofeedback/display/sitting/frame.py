"""What a person is shown of a muscle, or of what is trained, at one moment; no Qt."""

import math
from dataclasses import dataclass

from biofeedback.stream import Zone


def in_words(number: str, unit: str, word: str) -> str:
    """Return what a screen reader says of a reading; its parts may be empty."""
    return ", ".join(part for part in (f"{number} {unit}".strip(), word) if part)


@dataclass(frozen=True, slots=True)
class Frame:
    """What the patient's screen shows at one moment. Shares are of the ring, 0 to 1; NaN: none.

    A share of 0 stands for `bottom` and one of 1 for `full_scale`, each in the unit of the number.
    """

    index: int
    number: str
    unit: str
    zone: Zone
    word: str
    hint: str
    """Why there is no reading and what to do, or what to do next; may be empty."""
    share: float
    goal: tuple[float, float]
    """From which share to which the goal reaches; NaN in it: there is none."""
    full_scale: float
    bottom: float = 0.0
    over_goal: float = math.nan
    """The tension over that at the goal: less than 1 is deeper in it, whatever is trained."""
    sides: tuple[str, str] = ("", "")
    """What lies on either side of 0, where there are two."""

    @property
    def has_goal(self) -> bool:
        """Whether there is a goal."""
        return not math.isnan(sum(self.goal))

    @property
    def origin(self) -> float:
        """The share that stands for 0."""
        return -self.bottom / (self.full_scale - self.bottom)
