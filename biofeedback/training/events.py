"""What happens in a sitting: each event with its time, its words, and its values for programs."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class What(StrEnum):
    """What happened."""

    PHASE_BEGINS = "phase-begins"
    CUE = "cue"
    PAUSED = "paused"
    RESUMED = "resumed"
    PHASE_ENDS = "phase-ends"
    REFERENCE = "reference"
    BASELINE = "baseline"
    TRIAL = "trial"
    THRESHOLD = "threshold"
    CHANGED = "changed"
    """The phase under way, by hand."""
    TAKEN_UP = "taken-up"
    """A training that broke off goes on."""
    GUESS_ASKED = "guess-asked"
    REVEALED = "revealed"
    RATED = "rated"
    PACER = "pacer"
    OWN_BREATHING = "own-breathing"
    STEP = "step"
    """Of a trial of what helps: another step of a repeat begins."""
    MARK = "mark"
    """The person marked a moment of a trial."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at `t_s` of sample time; `text` is for people, empty where it is
    nothing to be told."""

    t_s: float
    what: What
    text: str
    values: dict[str, Any] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        return {"t_s": self.t_s, "event": self.what.value, **self.values, "text": self.text}
