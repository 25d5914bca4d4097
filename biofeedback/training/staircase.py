"""How a threshold moves from trial to trial, and why, in words."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from biofeedback.text import _
from biofeedback.training.goal import Aim

# Perceived success drives the outcome: of those who were shown much success 53 % got better, of
# those who were shown little 26 % (Holroyd et al., J Consult Clin Psychol 1984). A threshold at the
# 75th percentile of the baseline rewards staying as one was for three quarters of the time.
HARDER_FROM_PERCENT, EASIER_BELOW_PERCENT = 80.0, 50.0
TRIALS_RUNNING = 2


@dataclass(frozen=True, slots=True)
class Step:
    """A threshold from `t_s` on, in the unit of what is trained, and why it is that."""

    t_s: float
    threshold: float
    why: str
    by_hand: bool = False


class Staircase:
    """Holds the threshold; moves it between trials only. `path` is every value that it had."""

    def __init__(self, aim: Aim) -> None:
        self._aim = aim
        self._start = math.nan
        self._running = 0
        self.path: list[Step] = []

    @property
    def threshold(self) -> float:
        """The threshold in force; NaN as long as there is none."""
        return self.path[-1].threshold if self.path else math.nan

    def take_up(self, path: Iterable[Step], *, eased_to: float, running: int) -> None:
        """Go on where one was: its `path`, what it was `eased_to`, and `running`."""
        self.path, self._start, self._running = list(path), eased_to, running

    @property
    def eased_to(self) -> float:
        """Where the baseline began, beyond which nothing gets easier; NaN where none did."""
        return self._start

    @property
    def running(self) -> int:
        """How many trials in a row went so well that another one makes it harder."""
        return self._running

    def start(self, t_s: float, level: float, *, lowest: float, stored: bool = False) -> None:
        """Begin at the percentile `level` of a baseline, `stored` or new, never below `lowest`.

        One that was set by hand stays.
        """
        self._start, self._running = level, 0
        if self.path and self.path[-1].by_hand:
            return
        percentile = f"{self._aim.start_percent:.0f}"
        why = _("{percentile}th percentile of the baseline").format(percentile=percentile)
        if stored:
            why = _("{percentile}th percentile of the newest baseline in the journal").format(
                percentile=percentile
            )
        if level < lowest:
            why = _(
                "{percentile}th percentile of the baseline, raised to the least that this sensor "
                "can tell"
            ).format(percentile=percentile)
        self.path.append(Step(t_s, max(level, lowest), why))

    def by_hand(self, t_s: float, threshold: float) -> None:
        """Take a threshold that somebody has chosen."""
        self._running = 0
        self.path.append(Step(t_s, threshold, _("set by hand"), by_hand=True))

    def after_trial(self, t_s: float, success_percent: float, *, lowest: float) -> str:
        """Move by the `success_percent` of a trial, where it should; return why it did, or not."""
        if math.isnan(success_percent) or math.isnan(self.threshold):
            return _("nothing could be judged: the threshold stays")
        if success_percent >= HARDER_FROM_PERCENT:
            self._running += 1
            if self._running < TRIALS_RUNNING:
                return _("80 % or more once: the threshold stays until that comes twice running")
            self._running = 0
            return self._move(
                t_s,
                max(self.threshold * self._aim.harder, lowest),
                _("80 % or more in two trials running: a tenth harder"),
                _("80 % or more in two trials running, and this sensor can tell no less: it stays"),
            )
        self._running = 0
        if success_percent >= EASIER_BELOW_PERCENT:
            return _("from 50 to 80 %: the threshold stays")
        return self._move(
            t_s,
            self._easier(lowest),
            _("below 50 %: a tenth easier, no further than the baseline"),
            _("below 50 %, and no easier than the baseline: the threshold stays"),
        )

    def _easier(self, lowest: float) -> float:
        """Return a tenth easier, but not beyond where the baseline began, nor below `lowest`."""
        eased = self.threshold * self._aim.easier
        if math.isnan(self._start):
            return eased
        if self._aim.easier > 1:
            return max(self.threshold, min(eased, max(self._start, lowest)))
        return min(self.threshold, max(eased, self._start, lowest))

    def _move(self, t_s: float, threshold: float, moved: str, stayed: str) -> str:
        if math.isclose(threshold, self.threshold, rel_tol=1e-9):
            return stayed
        self.path.append(Step(t_s, threshold, moved))
        return moved
