"""Blood pressure before and after a training, from what was entered around it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from biofeedback.journal.day_nouns import MEASURES, Entry
from biofeedback.journal.day_typed import read_number
from biofeedback.text import _

KIND = "blood_pressure"
AROUND = timedelta(hours=1)
"""What was measured longer before or after says nothing of the training: a choice."""
_SOURCE = "window"


def pressure_rows(
    entries: Iterable[Entry], *, began: datetime, ended: datetime
) -> list[tuple[str, str]]:
    """Return names and values of the last one before and the last one after; none where none is.

    `entries`: oldest first, of any kind. One that was measured in between belongs to neither.
    """
    measured = [each for each in entries if each.kind == KIND]
    before = [each for each in measured if began - AROUND <= each.at <= began]
    after = [each for each in measured if ended <= each.at <= ended + AROUND]
    rows = ((_("Blood pressure before"), before), (_("Blood pressure after"), after))
    return [(name, _words(found[-1])) for name, found in rows if found]


def typed_pressure(text: str, *, at: datetime) -> Entry:
    """Return the reading that is typed, as 132/84 or 132 84; raise `JournalError` for no numbers.

    Whether they can be true is looked at where it is kept.
    """
    upper, _between, lower = text.replace("/", " ").strip().partition(" ")
    second = read_number(lower.strip()) if lower.strip() else None
    return Entry(at, KIND, read_number(upper), MEASURES[KIND].unit, "", _SOURCE, second)


def _words(entry: Entry) -> str:
    return _("{upper:g} / {lower:g} mmHg").format(upper=entry.value, lower=entry.lower)
