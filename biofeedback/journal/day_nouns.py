"""What goes on between sittings, as plain values: entries, treatments, and trials of what helps."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from biofeedback.journal.noted import SIDE_EFFECTS, TRIGGERS, what_word
from biofeedback.text import _


@dataclass(frozen=True, slots=True)
class Measure:
    """What may be entered: values in `unit` from `low` to `high`; `named`: the text says of what.

    `lower`: how low the second of two values may be; None where there is one. `known`: what it may
    be by name, besides one's own words.
    """

    unit: str
    low: float
    high: float
    named: bool = False
    lower: float | None = None
    known: tuple[str, ...] = ()

    @property
    def worded(self) -> bool:
        """Whether it is told in words, and has no number."""
        return self.low == self.high


# Ratings: training.md's 0 to 10, own symptoms 0 to 100. The others: as wide as anybody alive may
# read them off, so that a slip of the finger is seen and an emergency is not refused.
MEASURES = {
    "tension": Measure("0-10", 0, 10),
    "pain": Measure("0-10", 0, 10),
    "stress": Measure("0-10", 0, 10),
    "sleep_quality": Measure("0-10", 0, 10),
    "symptom": Measure("0-100", 0, 100, named=True),
    "sleep": Measure("h", 0, 24),
    "heart_rate": Measure("/min", 20, 300),
    "blood_pressure": Measure("mmHg", 40, 300, lower=20),
    "note": Measure("", 0, 0, named=True),
    "side_effect": Measure("", 0, 0, named=True, known=SIDE_EFFECTS),
    "trigger": Measure("", 0, 0, named=True, known=TRIGGERS),
}
"""The kinds of entries by name. Notes, side effects and triggers have no value."""

WORDED = tuple(kind for kind, measure in MEASURES.items() if measure.worded)
"""The kinds that are told in words."""

TREATMENTS = ("injection", "medicine", "other")
"""The kinds of treatments."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something noted at a moment `at`, which has its time zone.

    `kind`: a name in `MEASURES`, which `value` fits; None for what is told in words. `text`: these,
    or what the own symptom is called. `source`: who or what entered it. `lower`: the diastolic
    pressure, where `value` is the systolic. `what`: which known side effect or trigger it is,
    empty where `text` alone says it. `id`: the journal's, None before it is kept.
    """

    at: datetime
    kind: str
    value: float | None
    unit: str
    text: str
    source: str
    lower: float | None = None
    what: str = ""
    id: UUID | None = field(default=None, compare=False)

    @property
    def words(self) -> str:
        """What it says in words: which known thing it is, and the person's own."""
        return ", ".join(filter(None, (what_word(self.what), self.text)))


@dataclass(frozen=True, slots=True)
class Treatment:
    """What was given `on` a day: an injection, or a medicine, taken `until` a day, None: still.

    `kind` is one of `TREATMENTS`. `dose` is text as it was told, never computed with. `id`: the
    journal's, None before it is kept.
    """

    on: date
    kind: str
    name: str
    dose: str
    muscles: tuple[str, ...]
    until: date | None
    note: str
    id: UUID | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class KeptTrial:
    """A trial of `what` (A-B-A); `plan` and `result` are plain values. `id`: its maker's."""

    id: UUID
    person: str
    what: str
    started: datetime
    plan: dict[str, Any]
    result: dict[str, Any]
    simulated: bool


@dataclass(frozen=True, slots=True)
class NOfOne:
    """Weeks with and without `what`, as its `plan` says; `ended` is None while they go on.

    `id`: the journal's, None before it is kept.
    """

    what: str
    began: date
    plan: dict[str, Any]
    ended: date | None = None
    id: UUID | None = field(default=None, compare=False)


def kind_word(kind: str) -> str:
    """Return what a kind of entry or treatment is called."""
    return {
        "tension": _("Tension"),
        "pain": _("Pain"),
        "stress": _("Stress"),
        "sleep_quality": _("Quality of sleep"),
        "symptom": _("Own symptom"),
        "sleep": _("Sleep"),
        "heart_rate": _("Heart rate"),
        "blood_pressure": _("Blood pressure"),
        "note": _("Note"),
        "side_effect": _("Side effect"),
        "trigger": _("Trigger"),
        "injection": _("Injection"),
        "medicine": _("Medicine"),
        "other": _("Other"),
    }[kind]
