"""What was done today or since the last sitting, and what goes on: in sentences, without Qt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from biofeedback.display.days.model import entry_words, shortened
from biofeedback.journal.day_nouns import NOfOne, Treatment
from biofeedback.journal.nouns import Sitting
from biofeedback.text import _, plural

if TYPE_CHECKING:  # a database takes half a second to load
    from biofeedback.journal.journal import Journal

Weeks = Callable[[Sequence[NOfOne], date], list[str]]
"""Returns what plans of weeks with and without something ask for on a day, a sentence each."""

INJECTED_DAYS = 182
"""How long an injection is told of: two cycles of twelve weeks and more (training.md)."""


@dataclass(frozen=True, slots=True)
class Today:
    """`done`: what there is of today, or when the last sitting was. `ahead`: what goes on."""

    done: tuple[str, ...]
    ahead: tuple[str, ...]


NOTHING = Today((), ())


def read_today(
    journal: "Journal", person: str, sittings: Sequence[Sitting], today: date, weeks: Weeks
) -> Today:
    """Return what the journal says of a person's day, whose `sittings` are given, oldest first.

    Raises `JournalError`.
    """
    real = [each for each in sittings if not each.conditions.simulated]
    last = real[-1].started.astimezone().date() if real else None
    n_today = sum(each.started.astimezone().date() == today for each in real)
    since = datetime.combine(min(last or today, today), time()).astimezone()
    entries = journal.entries(person, since=since)
    of_today = [each for each in entries if each.at.astimezone().date() == today]
    treatments = journal.treatments(person)
    done = []
    if n_today:
        done.append(plural("{n} sitting today.", "{n} sittings today.", n_today).format(n=n_today))
    if of_today:
        what = shortened(entry_words(each) for each in of_today[-_ENTRIES_NAMED:])
        done.append(_("Entered today: {what}").format(what=what))
    if given := [each.name for each in treatments if each.on == today]:
        done.append(_("Given today: {what}").format(what=shortened(given)))
    if not done:
        done.append(_("Nothing is entered for today yet."))
    if last is not None and not n_today:
        done.append(_last_words(last, sum(each.at >= real[-1].started for each in entries)))
    ahead = (*_injected_words(treatments, today), *weeks(journal.n_of_ones(person), today))
    return Today(tuple(done), ahead)


_ENTRIES_NAMED = 5


def _last_words(day: date, entries: int) -> str:
    """Return when the last sitting was, and how much was entered since."""
    if not entries:
        return _("The last sitting was on {day}.").format(day=day)
    return plural(
        "The last sitting was on {day}; {n} entry since.",
        "The last sitting was on {day}; {n} entries since.",
        entries,
    ).format(day=day, n=entries)


def _injected_words(treatments: Sequence[Treatment], today: date) -> list[str]:
    """Return how long ago the last injection was, as long as one may tell of it."""
    given = [each for each in treatments if each.kind == "injection" and each.on < today]
    if not given or (today - given[-1].on).days > INJECTED_DAYS:
        return []
    days = (today - given[-1].on).days
    return [
        plural(
            "{n} day since the injection of {day}: {name}.",
            "{n} days since the injection of {day}: {name}.",
            days,
        ).format(n=days, day=given[-1].on, name=shortened([given[-1].name]))
    ]
