"""What is typed on the pages between sittings, and how what is kept is told; no Qt."""

import re
import textwrap
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

from biofeedback.errors import JournalError
from biofeedback.journal.day_nouns import MEASURES, Entry, Treatment, kind_word
from biofeedback.journal.day_typed import read_day, read_moment, read_number
from biofeedback.journal.noted import read_what
from biofeedback.text import _, plural

SOURCE = "window"
MOMENT_FORM = "%Y-%m-%d %H:%M"
_SHORT = 70  # characters
_HOUR = re.compile(r"\d{1,2}:\d{2}")


def read_entries(
    typed: Mapping[str, str],
    *,
    name: str,
    when: str,
    now: datetime,
    chosen: Mapping[str, str] = MappingProxyType({}),
) -> list[Entry]:
    """Return what was typed by kind, all at `when`: empty, an hour of today, or a whole moment.

    `name`: of the own symptom. `chosen`: which known side effect and trigger it is, where one is
    chosen. Raises `JournalError` for what is no number, and where there is nothing at all.
    """
    at = _moment(when.strip(), now)
    found = [
        _entry(at, kind, text.strip(), name=name.strip(), what=chosen.get(kind, ""))
        for kind, text in typed.items()
        if text.strip() or chosen.get(kind)
    ]
    if not found:
        raise JournalError(_("Nothing is entered yet: type a number, or a note."))
    return found


def _entry(at: datetime, kind: str, typed: str, *, name: str, what: str) -> Entry:
    unit, lower = MEASURES[kind].unit, None
    if MEASURES[kind].worded:
        if not what:
            what, typed = read_what(typed, MEASURES[kind].known)
        return Entry(at, kind, None, unit, typed, SOURCE, what=what)
    if kind == "blood_pressure":
        typed, _between, second = typed.replace("/", " ").partition(" ")
        lower = read_number(second.strip()) if second.strip() else None
    return Entry(
        at, kind, read_number(typed), unit, name if kind == "symptom" else "", SOURCE, lower
    )


def _moment(typed: str, now: datetime) -> datetime:
    """Return the moment meant; "21:30" is the last time that clocks showed it."""
    if not typed:
        return now.astimezone(UTC)
    if not _HOUR.fullmatch(typed):
        return read_moment(typed)
    at = read_moment(f"{now.astimezone():%Y-%m-%d}T{typed:0>5}")
    if at > now:
        at = read_moment(f"{now.astimezone() - timedelta(days=1):%Y-%m-%d}T{typed:0>5}")
    return at


def entry_words(entry: Entry) -> str:
    """Return what an entry says, in a few words."""
    named = entry.text if entry.kind == "symptom" else kind_word(entry.kind)
    if entry.value is None:
        return f"{named}: {entry.words}"
    number = f"{entry.value:g}" if entry.lower is None else f"{entry.value:g}/{entry.lower:g}"
    return f"{named}: {number} {unit_words(entry.kind, entry.value)}"


def shortened(parts: Iterable[str]) -> str:
    """Return what was kept in a line or two, so that a long note leaves room for the rest."""
    return " · ".join(textwrap.shorten(part, _SHORT, placeholder=" …") for part in parts)


def unit_words(kind: str, value: float) -> str:
    """Return what a `value` of a kind is in, as people say it."""
    return {
        "0-10": _("of 10"),
        "0-100": _("of 100"),
        "h": plural("hour", "hours", 1 if value == 1 else 2),
        "/min": _("a minute"),
        "mmHg": _("mmHg"),
    }.get(MEASURES[kind].unit, "")


def read_treatment(typed: Mapping[str, str], *, kind: str, today: date) -> Treatment:
    """Return the treatment that is typed; without a day it was `today`. Raises `JournalError`.

    `typed` has `on`, `name`, `dose`, `muscles` with commas between them, `until` and `note`.
    """
    told = {key: text.strip() for key, text in typed.items()}
    return Treatment(
        on=read_day(told["on"]) if told["on"] else today,
        kind=kind,
        name=told["name"],
        dose=told["dose"],
        muscles=tuple(filter(None, (each.strip() for each in told["muscles"].split(",")))),
        until=read_day(told["until"]) if told["until"] else None,
        note=told["note"],
    )


def typed_of(treatment: Treatment) -> dict[str, str]:
    """Return what would have to be typed for a treatment."""
    return {
        "on": treatment.on.isoformat(),
        "name": treatment.name,
        "dose": treatment.dose,
        "muscles": ", ".join(treatment.muscles),
        "until": treatment.until.isoformat() if treatment.until else "",
        "note": treatment.note,
    }


def treatment_words(treatment: Treatment) -> str:
    """Return a treatment in a line."""
    words = [
        str(treatment.on),
        kind_word(treatment.kind),
        treatment.name,
        treatment.dose,
        ", ".join(treatment.muscles),
        _("until {day}").format(day=treatment.until) if treatment.until else "",
        treatment.note,
    ]
    return " · ".join(filter(None, words))
