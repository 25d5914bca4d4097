"""How a simulated muscle answers to what is tried on it, from the moment that is done."""

from bisect import insort
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Response:
    """What is left of the EMG: `on_cue` while something is tried, `sham_on_cue` in the sham.

    It is halfway there after `half_s`, and halfway back `carry_over_s` after the end.
    """

    on_cue: float = 1.0
    sham_on_cue: float = 1.0
    half_s: float = 0.5
    carry_over_s: float = 1.0

    def __bool__(self) -> bool:
        return (self.on_cue, self.sham_on_cue) != (1.0, 1.0)


NO_RESPONSE = Response()


class Act(NamedTuple):
    """Something is done, or ended (not `on`), at `at_s` since the stream began."""

    at_s: float
    on: bool
    sham: bool


class Acts:
    """What is done to a muscle while it is played; more may come at any time."""

    def __init__(self) -> None:
        self._acts: list[Act] = []

    def add(self, act: Act) -> None:
        """Take what is done."""
        insort(self._acts, act)

    def left(self, response: Response, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what is left of the EMG at `t` ``(n,)``, which rises: 1 before anything."""
        now, target, since_s, half_s = 1.0, 1.0, 0.0, 1.0
        left = np.ones(len(t))
        for act in self._acts:
            now = target + (now - target) * 2 ** (-(act.at_s - since_s) / half_s)
            effect = response.sham_on_cue if act.sham else response.on_cue
            target = effect if act.on else 1.0
            since_s, half_s = act.at_s, response.half_s if act.on else response.carry_over_s
            after = t >= act.at_s
            left[after] = target + (now - target) * 2 ** (-(t[after] - since_s) / half_s)
        return left
