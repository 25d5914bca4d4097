"""Side effects and triggers as they were noted, each with the days on which it was."""

from collections.abc import Iterator
from datetime import date

from biofeedback.journal.day_nouns import Entry, kind_word
from biofeedback.reports.done import AFTER_DAYS, injections, short
from biofeedback.reports.history import History, local_day
from biofeedback.reports.parts import Statement
from biofeedback.text import _, plural

_MOST_DAYS = 3
_LONGEST = 60  # letters of somebody's own words


def noted(history: History, kind: str, *, most: int) -> Iterator[Statement]:
    """Yield each thing of a `kind` (side_effect, trigger), what was noted last first."""
    found: dict[str, list[Entry]] = {}
    for entry in (each for each in history.entries if each.kind == kind):  # oldest first
        key = entry.what or entry.text.strip().casefold()
        found[key] = [*found.pop(key, []), entry]
    for entries in list(found.values())[: -most - 1 : -1]:
        yield _statement(history, kind, entries)


def _statement(history: History, kind: str, entries: list[Entry]) -> Statement:
    days = sorted({local_day(each) for each in entries})
    words = short(entries[-1].words, _LONGEST)
    told_days = ", ".join(map(str, days[-_MOST_DAYS:]))
    values: dict[str, float | str] = {"words": words, "days": told_days}
    said = _("{kind}: {words} ({days})").format(kind=kind_word(kind), words=words, days=told_days)
    more = len(days) - _MOST_DAYS
    if more > 0:
        values["more"] = more
        said += plural(", and on {n} day before", ", and on {n} days before", more).format(n=more)
    since = days_since_injection(history, days[-1])
    if kind == "side_effect" and since is not None:
        values["since"] = since
        said += plural(
            ", {n} day after an injection", ", {n} days after an injection", since
        ).format(n=since)
    return Statement(said, of=tuple(str(each.id) for each in entries), values=values)


def days_since_injection(history: History, day: date) -> int | None:
    """Return how many days before `day` the last injection was; None where that is long ago."""
    since = [(day - each.on).days for each in injections(history) if each.on <= day]
    return min(since) if since and min(since) <= AFTER_DAYS else None


def soon_after_injection(history: History) -> list[Entry]:
    """Return the side effects that were noted in the weeks after an injection, oldest first."""
    return [
        each
        for each in history.entries
        if each.kind == "side_effect" and days_since_injection(history, local_day(each)) is not None
    ]
