"""A training that broke off: what a page says of it, and what it is gone on with or set aside."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from biofeedback.display.sitting.whose import Whose
from biofeedback.text import _, plural
from biofeedback.training.course import faded
from biofeedback.training.goal import Measure
from biofeedback.training.packed import unpacked
from biofeedback.training.progress import (
    BASELINE_HOLDS_S,
    RESUMED_WITHIN_S,
    Progress,
    roughly,
)
from biofeedback.training.protocol import Kind, Protocol
from biofeedback.training.protocol_file import load_protocol

if TYPE_CHECKING:
    from biofeedback.display.sitting.choice import Choice
    from biofeedback.journal.journal import Journal


@dataclass(frozen=True, slots=True)
class BrokenOff:
    """A `sitting` of the journal that can go on, and the `progress` that it has kept.

    `since_s`: how long it had gone on when it broke off, at `at`. `title` and `words`, which are
    whole sentences, are for a card.
    """

    sitting: UUID
    protocol: str
    since_s: float
    at: datetime
    progress: dict[str, Any]
    title: str
    words: str

    @property
    def number(self) -> int:
        """Which sitting of the course it is."""
        return int(self.progress["number"])

    def load(self) -> Protocol:
        """Return its protocol, faded as it was; raise `SettingsError` where it is gone."""
        return faded(load_protocol(self.protocol), sitting=self.number)

    def take_up(self, protocol: Protocol, measure: Measure) -> Progress:
        """Return its progress as it goes on now; raise `SettingsError` where it cannot."""
        seconds = (datetime.now(UTC) - self.at).total_seconds()
        progress = unpacked(self.progress, protocol, measure)
        return progress.after_pause(seconds, lasted_s=self.since_s)


def broken_off(whose: Whose) -> BrokenOff | None:
    """Return the training of `whose` person that broke off and can go on; None where none can.

    May take its time, and may raise `JournalError`.
    """
    return find_broken_off(whose.journal(), whose.person) if whose.person else None


def find_broken_off(journal: "Journal", person: str) -> BrokenOff | None:
    """Return the training of `person` that broke off and can go on, as `journal` has it."""
    from biofeedback.journal.kept import finish_broken_off

    finish_broken_off(journal)
    sitting = journal.broken_off(person)
    progress = journal.progress(sitting.id) if sitting else None
    if sitting is None or progress is None:
        return None
    reached_s = progress["t_s"]
    since_s = max(sitting.duration_s or 0.0, reached_s)
    at = datetime.fromisoformat(progress["saved"]) + timedelta(seconds=since_s - reached_s)
    ago_s = (datetime.now(UTC) - at).total_seconds()
    if ago_s > RESUMED_WITHIN_S or progress["reached"] >= len(progress["plan"]):
        return None
    return BrokenOff(
        sitting=sitting.id,
        protocol=progress["protocol"],
        since_s=since_s,
        at=at,
        progress=progress,
        title=_("A training broke off"),
        words=_words(progress, ago_s),
    )


def resumed(choice: "Choice", broken: BrokenOff) -> "Choice":
    """Return `choice` of a sensor as one that goes on with the training that broke off."""
    return replace(choice, protocol=broken.protocol, resume=broken)


def set_aside(whose: Whose, broken: BrokenOff) -> str:
    """Keep the sitting as far as it came; return what is to be said. May raise `JournalError`."""
    whose.journal().set_aside(broken.sitting)
    return _("It is kept as far as it came, and counts as ended early.")


def _words(progress: dict[str, Any], ago_s: float) -> str:
    plan = [kind for _name, kind, _seconds in progress["plan"]]
    trials = plan.count(Kind.TRIAL.value)
    said = [
        _broke_off(progress["title"], ago_s),
        plural("{done} of {n} trial is done.", "{done} of {n} trials are done.", trials).format(
            done=len(progress["scores"]), n=trials
        ),
        _("It goes on where it was, once the sensor is checked."),
    ]
    over_s = max((each["start_s"] + each["seconds"] for each in progress["stretches"]), default=0.0)
    away_s = ago_s + sum(p["seconds"] for p in progress["pauses"] if p["t_s"] >= over_s)
    if away_s > BASELINE_HOLDS_S and Kind.TRIAL.value in plan[progress["reached"] :]:
        said.append(_("The baseline comes again, since the electrodes may have been off."))
    return " ".join(said)


def _broke_off(title: str, ago_s: float) -> str:
    n, hours = roughly(ago_s)
    said = plural(
        "{title}: it broke off {n} minute ago.", "{title}: it broke off {n} minutes ago.", n
    )
    if hours:
        said = plural(
            "{title}: it broke off {n} hour ago.", "{title}: it broke off {n} hours ago.", n
        )
    return said.format(title=title, n=n)
