"""Which of the intervals between beats are none: a beat that was missed, or one too many."""

# 200 to 30 beats a minute: what a heart at rest, or afraid, may do.
SHORTEST_S, LONGEST_S = 0.3, 2.0
# Of an interval and the one before: Malik et al., Eur Heart J 1989;10:1060. A breath at 6 a minute
# that swings a heart between 59 and 88 beats a minute changes neighbours by 11 %.
MOST_CHANGE = 0.20
# So many that agree with each other are the heart's new pace, and not a fault.
AGREEING = 3


class ArtefactFinder:
    """Says of each interval, in s, as it comes, whether it is an artefact.

    It is one where it is out of `SHORTEST_S` to `LONGEST_S`, or differs by more than `MOST_CHANGE`
    from the last good one; the third in a row that agree with each other is good again.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the past: beats are missing."""
        self._good = self._last = 0.0
        self._agreed = 0

    def __call__(self, rr_s: float) -> bool:
        """Return whether the interval `rr_s` is an artefact."""
        possible = SHORTEST_S <= rr_s <= LONGEST_S
        self._agreed = self._agreed + 1 if possible and _near(rr_s, self._last) else 1
        self._last = rr_s
        good = possible and (not self._good or _near(rr_s, self._good) or self._agreed >= AGREEING)
        if good:
            self._good = rr_s
        return not good


def _near(rr_s: float, other_s: float) -> bool:
    return abs(rr_s - other_s) <= MOST_CHANGE * other_s
