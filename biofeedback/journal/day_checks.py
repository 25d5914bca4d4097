"""What may be entered between sittings, and what is said of the rest."""

from datetime import UTC, date, datetime, timedelta

from biofeedback.errors import JournalError
from biofeedback.journal.day_nouns import (
    MEASURES,
    TREATMENTS,
    Entry,
    Measure,
    NOfOne,
    Treatment,
    kind_word,
)
from biofeedback.text import _

_LONGEST = 10_000  # characters of a text: some pages, and no file by mistake
_EARLIEST = date(1900, 1, 1)  # before it, a digit is missing
_CLOCKS_DIFFER = timedelta(minutes=5)  # one computer enters, another keeps


def check_entry(entry: Entry) -> None:
    """Raise `JournalError` for an entry that cannot be true, with what to do instead."""
    measure = MEASURES.get(entry.kind)
    if measure is None:
        raise JournalError(
            _("'{kind}' is nothing that is entered; choose one of: {kinds}.").format(
                kind=entry.kind[:40], kinds=", ".join(MEASURES)
            )
        )
    _check_moment(entry.at)
    if entry.unit != measure.unit:
        raise JournalError(
            _("{kind} is entered in {unit}, not in {other}; enter it so.").format(
                kind=kind_word(entry.kind), unit=measure.unit or "–", other=entry.unit[:16] or "–"
            )
        )
    _check_text(entry.text, entry.source)
    _check_words(entry, measure)
    _check_value(entry, measure)


_ASKED = {
    "note": _("There is no text; write the note."),
    "symptom": _("Say which symptom it is, such as: pulling to the left."),
    "side_effect": _("Say which side effect it is, such as: dry mouth."),
    "trigger": _("Say which trigger it is, such as: stress."),
}


def _check_words(entry: Entry, measure: Measure) -> None:
    if entry.what and entry.what not in measure.known:
        raise JournalError(
            _("{kind} has no '{what}' among its names; write it in words of your own.").format(
                kind=kind_word(entry.kind), what=entry.what[:32]
            )
        )
    if measure.named and not (entry.what or entry.text.strip()):
        raise JournalError(_ASKED[entry.kind])


def _check_value(entry: Entry, measure: Measure) -> None:
    if measure.worded:
        if entry.value is not None or entry.lower is not None:
            raise JournalError(
                _("{kind} is told in words and has no number; enter that as what it is.").format(
                    kind=kind_word(entry.kind)
                )
            )
        return
    if entry.value is None or not measure.low <= entry.value <= measure.high:  # NaN is refused too
        raise JournalError(
            _("{kind} goes from {low:g} to {high:g} ({unit}); enter a number between.").format(
                kind=kind_word(entry.kind), low=measure.low, high=measure.high, unit=measure.unit
            )
        )
    if measure.lower is None:
        if entry.lower is not None:
            raise JournalError(
                _("{kind} is one number; enter the other one by itself.").format(
                    kind=kind_word(entry.kind)
                )
            )
    elif entry.lower is None or not measure.lower <= entry.lower < entry.value:
        raise JournalError(
            _(
                "Blood pressure is two numbers, the higher one first, the lower one at least "
                "{lower:g}; enter both, such as 120 80."
            ).format(lower=measure.lower)
        )


def check_treatment(treatment: Treatment) -> None:
    """Raise `JournalError` for a treatment that cannot be true."""
    if treatment.kind not in TREATMENTS:
        raise JournalError(
            _("'{kind}' is no kind of treatment; choose one of: {kinds}.").format(
                kind=treatment.kind[:40], kinds=", ".join(TREATMENTS)
            )
        )
    if not treatment.name.strip():
        raise JournalError(_("Say what it was, such as: botulinum toxin, or a medicine's name."))
    check_past(treatment.on)
    if treatment.until is not None and treatment.until < treatment.on:
        raise JournalError(
            _("It ended on {until}, before it began on {on}; change one of the dates.").format(
                until=treatment.until, on=treatment.on
            )
        )
    _check_text(treatment.name, treatment.dose, treatment.note, *treatment.muscles)


def check_plan(plan: NOfOne) -> None:
    """Raise `JournalError` for weeks off and on that try nothing, or end before they begin."""
    if not plan.what.strip():
        raise JournalError(_("Say what is tried, such as: heat."))
    if plan.ended is not None and plan.ended < plan.began:
        raise JournalError(
            _("It ended on {until}, before it began on {on}; change one of the dates.").format(
                until=plan.ended, on=plan.began
            )
        )


def check_past(day: date) -> None:
    """Raise `JournalError` for a day that is yet to come, or too long ago to be meant."""
    if not _EARLIEST <= day <= datetime.now(UTC).astimezone().date():
        raise JournalError(
            _("{day} is not today, and no day before; enter the day it was.").format(day=day)
        )


def _check_moment(at: datetime) -> None:
    if at.tzinfo is None:
        raise JournalError(
            _("{at:%Y-%m-%d %H:%M} says no time zone; give it one, such as +01:00.").format(at=at)
        )
    if at.year < _EARLIEST.year or at > datetime.now(UTC) + _CLOCKS_DIFFER:
        raise JournalError(
            _("{at:%Y-%m-%d %H:%M} is yet to come, or no year of ours; enter when it was.").format(
                at=at
            )
        )


def _check_text(*texts: str) -> None:
    if max(map(len, texts)) > _LONGEST:
        raise JournalError(_("A text may have {n} characters; make it shorter.").format(n=_LONGEST))
