"""The table "what works for me": its headings and its lines; no Qt."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from biofeedback.analysis.told import interval_of, number_of, verdict_word
from biofeedback.text import _, plural
from biofeedback.training.tried import name_of
from biofeedback.words import NO_NUMBER, Signed

if TYPE_CHECKING:  # a database takes half a second to load
    from biofeedback.journal.day_nouns import KeptTrial


def columns() -> Sequence[str]:
    """Return the headings of the table."""
    return (_("What"), _("On against off"), _("95 % interval"), _("Hand alone"), _("Verdict"))


def row(trial: "KeptTrial", count: int) -> Sequence[str]:
    """Return a line of the table: what works for me."""
    told = trial.result
    name = name_of(trial.what)
    if trial.simulated:
        name = _("{name} (simulated)").format(name=name)
    if count > 1:
        tried = plural("newest of {n} trial", "newest of {n} trials", count).format(n=count)
        name = f"{name}, {tried}"
    low, high = interval_of(told)
    between = NO_NUMBER
    if not math.isnan(low + high):
        between = _("{low:+d} to {high:+d} %").format(
            low=Signed(round(low)), high=Signed(round(high))
        )
    return (
        name,
        percent_word(number_of(told, "change_percent")),
        between,
        percent_word(number_of(told, "sham_change_percent")),
        verdict_word(told["verdict"]),
    )


def percent_word(percent: float) -> str:
    """Return a change; a dash where it is not known."""
    return NO_NUMBER if math.isnan(percent) else f"{Signed(round(percent)):+d} %"
