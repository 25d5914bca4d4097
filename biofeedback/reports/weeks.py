"""Weeks with and without something, as far as they were rated: did it help this one person."""

from collections.abc import Iterator

from biofeedback.analysis.effects import HELPS, UNKNOWN, WORSE
from biofeedback.analysis.n_of_one import Found, Weeks, find_difference
from biofeedback.analysis.trends import signed
from biofeedback.journal.day_nouns import MEASURES, Entry, NOfOne, kind_word
from biofeedback.reports.history import History, local_day
from biofeedback.reports.parts import Statement
from biofeedback.text import _
from biofeedback.training.tried import TRIED

_RATED = ("pain", "tension", "stress", "symptom")
"""What is entered by hand, and better where it is less."""
_WITH = "on"


def weeks_helped(history: History) -> Iterator[Statement]:
    """Yield what each plan of weeks came to, for all that was rated meanwhile."""
    for kept in history.n_of_ones:
        made = Weeks(kept.began, tuple(week == _WITH for week in kept.plan.get("weeks", ())))
        rated: dict[tuple[str, str], list[Entry]] = {}
        for entry in history.entries:
            inside = made.with_it(local_day(entry)) is not None
            if entry.kind in _RATED and entry.value is not None and inside:
                rated.setdefault((entry.kind, entry.text), []).append(entry)
        for (kind, text), entries in sorted(rated.items()):
            values = [(local_day(each), float(each.value or 0.0)) for each in entries]
            found = find_difference(made, values, scale=MEASURES[kind].high)
            ids = tuple(str(each.id) for each in entries)
            yield _statement(kept, text or kind_word(kind), found, ids)


def _statement(kept: NOfOne, rated: str, found: Found, ids: tuple[str, ...]) -> Statement:
    name = TRIED[kept.what].name if kept.what in TRIED else kept.what
    values: dict[str, float | str] = {
        "name": name,
        "began": str(kept.began),
        "rated": rated,
    }
    if found.verdict == UNKNOWN:
        said = _("{name}, in weeks with and without it: not enough data on “{rated}” yet.").format(
            name=name, rated=rated
        )
        return Statement(said, of=(str(kept.id), *ids), values=values)
    values |= {
        "difference": found.difference,
        "low": found.low,
        "high": found.high,
        "pairs": found.pairs,
    }
    form = _(
        "{name}: no difference found in weeks with and without it since {began}: “{rated}” "
        "{difference} (95 %: {low} to {high}; {pairs} pairs of weeks)."
    )
    if found.verdict == HELPS:
        form = _(
            "{name} helps, in weeks with and without it since {began}: “{rated}” {difference} "
            "(95 %: {low} to {high}; {pairs} pairs of weeks)."
        )
    elif found.verdict == WORSE:
        form = _(
            "{name} makes it worse, in weeks with and without it since {began}: “{rated}” "
            "{difference} (95 %: {low} to {high}; {pairs} pairs of weeks)."
        )
    said = form.format(
        name=name,
        began=kept.began,
        rated=rated,
        difference=signed(found.difference),
        low=signed(found.low),
        high=signed(found.high),
        pairs=found.pairs,
    )
    return Statement(said, of=(str(kept.id), *ids), values=values)
