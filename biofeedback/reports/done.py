"""What was done, given and noted, in sentences that carry what they are made from."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise
from statistics import median

from biofeedback.analysis.cycle import Cycle
from biofeedback.journal.day_nouns import Entry, Treatment
from biofeedback.reports.history import History, day_of, is_taken, local_day
from biofeedback.reports.parts import Statement
from biofeedback.reports.timeline import worn_off
from biofeedback.text import _, plural
from biofeedback.training.protocol_file import protocol_title

AFTER_DAYS = 28
"""So long after an injection a note is told as one that came after it:
the effect is whole within about four weeks (docs/cycle.md)."""
_LONGEST = 110  # letters of somebody's own words on the page for the doctor


def short(text: str, most: int = _LONGEST) -> str:
    """Return somebody's own words on one line, cut where they are long."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def done(history: History) -> Iterator[Statement]:
    """Yield how many sittings there were, when, and of what."""
    sittings = history.sittings
    ids = tuple(str(each.id) for each in sittings)
    if not sittings:
        yield Statement(_("No sitting counts in this time."))
        return
    days = [day_of(each) for each in sittings]
    hours = sum(each.duration_s or 0.0 for each in sittings) / 3600
    values: dict[str, float | str] = {
        "n": len(sittings),
        "days": len(set(days)),
        "first": str(min(days)),
        "last": str(max(days)),
        "hours": hours,
    }
    yield Statement(
        _("{sittings} {on_days}, from {first} to {last}, {hours:.1f} hours in all.").format(
            sittings=plural("{n} sitting", "{n} sittings", len(sittings)).format(n=len(sittings)),
            on_days=plural("on {n} day", "on {n} days", len(set(days))).format(n=len(set(days))),
            first=min(days),
            last=max(days),
            hours=hours,
        ),
        of=ids,
        values=values,
    )
    if names := history.protocols():
        titles = "; ".join(protocol_title(name) for name in names)
        yield Statement(
            _("Training with feedback: {titles}.").format(titles=titles),
            of=ids,
            values={"titles": titles},
        )


def treatments(given: Iterable[Treatment]) -> Iterator[Statement]:
    """Yield each treatment with its dose as it was told."""
    for each in given:
        values = {
            "on": str(each.on),
            "name": short(each.name, 60),
            "dose": short(each.dose, 40),
            "muscles": short(", ".join(each.muscles), 70),
            "until": str(each.until or ""),
        }
        said = ", ".join(filter(None, (values["name"], values["dose"], values["muscles"])))
        when = _("since {on}").format(on=each.on)
        if each.kind == "injection":
            when = _("on {on}").format(on=each.on)
        elif each.until:
            when = _("{on} to {until}").format(on=each.on, until=each.until)
        yield Statement(f"{said}: {when}", of=(str(each.id),), values=values)


def injections(history: History) -> list[Treatment]:
    """Return the injections, oldest first."""
    return [each for each in history.treatments if each.kind == "injection"]


def medicines(history: History, *, now: bool) -> list[Treatment]:
    """Return what else is taken now, or was taken and is over."""
    return [
        each
        for each in history.treatments
        if each.kind != "injection" and is_taken(each, history.today) == now
    ]


def cycle_words(history: History, cycles: Iterable[Cycle]) -> Iterator[Statement]:
    """Yield how often it was injected, and when the effect of each injection was half lost."""
    given = injections(history)
    if not given:
        yield Statement(_("No injection is noted."))
        return
    ids = tuple(str(each.id) for each in given)
    gaps = _gaps(sorted({each.on for each in given}))
    if gaps:
        yield Statement(
            plural(
                "{n} injections, usually {days} day apart.",
                "{n} injections, usually {days} days apart.",
                round(median(gaps)),
            ).format(n=len(gaps) + 1, days=round(median(gaps))),
            of=ids,
            values={"n": len(gaps) + 1, "days": median(gaps)},
        )
    for cycle in cycles:
        yield _cycle_statement(cycle, _given_on(given, cycle.injected))


def _cycle_statement(cycle: Cycle, given: tuple[str, ...]) -> Statement:
    of = (*given, *(point.sitting for point in cycle.points))
    fit = cycle.wear_off
    if fit is None:
        values = {"on": str(cycle.injected), "words": cycle.words}
        said = _("Injection of {on}: {words}").format(on=values["on"], words=values["words"])
        return Statement(said, of=of, values=values)
    return Statement(
        _(
            "Injection of {on}: half the effect was lost around day {day:.0f} (nine times in ten "
            "between {low:.0f} and {high:.0f})."
        ).format(on=cycle.injected, day=fit.day, low=fit.low, high=fit.high),
        of=of,
        values={"on": str(cycle.injected), "day": fit.day, "low": fit.low, "high": fit.high},
    )


def _given_on(given: Iterable[Treatment], on: date) -> tuple[str, ...]:
    return tuple(str(each.id) for each in given if each.on == on)


def _gaps(days: list[date]) -> list[int]:
    return [(b - a).days for a, b in pairwise(days)]


def wear_off_day(cycles: Iterable[Cycle]) -> float | None:
    """Return the day around which the effect fades, over the cycles that tell it."""
    days = [fit.day for _cycle, fit in worn_off(list(cycles))]
    return median(days) if days else None


def after_injection(history: History) -> list[tuple[Entry, int]]:
    """Return the notes of the weeks after an injection, each with the days since the last one."""
    given = [each.on for each in injections(history)]
    found = []
    for entry in history.entries:
        day = local_day(entry)
        since = [(day - on).days for on in given if on <= day]
        if entry.kind == "note" and since and min(since) <= AFTER_DAYS:
            found.append((entry, min(since)))
    return found


def notes(history: History, *, most: int) -> Iterator[Statement]:
    """Yield what was noted of treatments, after injections, and else; each group newest first."""
    own = [each for each in history.treatments if each.note.strip()]
    for each in own[: -most - 1 : -1]:
        values = {"on": str(each.on), "name": short(each.name, 40), "text": short(each.note)}
        said = _("Of {name} ({on}): “{text}”").format(
            name=values["name"], on=values["on"], text=values["text"]
        )
        yield Statement(said, of=(str(each.id),), values=values)
    soon = after_injection(history)
    for entry, days in soon[: -most - 1 : -1]:
        text = short(entry.text)
        yield Statement(
            plural(
                "{n} day after an injection ({on}): “{text}”",
                "{n} days after an injection ({on}): “{text}”",
                days,
            ).format(n=days, on=local_day(entry), text=text),
            of=(str(entry.id),),
            values={"n": days, "on": str(local_day(entry)), "text": text},
        )
    told = {entry.id for entry, _days in soon}
    other = [each for each in history.entries if each.kind == "note" and each.id not in told]
    for entry in other[: -most - 1 : -1]:
        values = {"on": str(local_day(entry)), "text": short(entry.text)}
        said = _("{on}: “{text}”").format(on=values["on"], text=values["text"])
        yield Statement(said, of=(str(entry.id),), values=values)
