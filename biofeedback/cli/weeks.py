"""`trial plan` and `trial weeks`: weeks with and without something, and whether they differ."""

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from random import SystemRandom
from typing import TYPE_CHECKING, Any

from biofeedback.analysis.effects import UNKNOWN
from biofeedback.analysis.n_of_one import FEWEST_PAIRS, Found, Weeks, find_difference, plan_weeks
from biofeedback.cli.output import print_json, say, tell
from biofeedback.display.trials.words import name_of, verdict_word
from biofeedback.errors import JournalError
from biofeedback.journal.day_nouns import NOfOne, kind_word
from biofeedback.text import _

if TYPE_CHECKING:  # a database takes half a second to load
    from biofeedback.journal.journal import Journal

_MOST_SEED = 2**31
_WITH, _WITHOUT = "on", "off"
_SCALES = {"pain": 10.0, "tension": 10.0, "stress": 10.0, "symptom": 100.0}
"""What is rated, where less is better, and up to how much."""


def add(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the words of these to `trial`."""
    planned = actions.add_parser("plan", help="weeks with and without something, by chance")
    planned.add_argument("what", metavar="WHAT", help="such as heat, or words of your own")
    planned.add_argument("--pairs", type=int, default=FEWEST_PAIRS, metavar="N", help="of weeks")
    planned.add_argument("--begin", metavar="DAY", help="such as 2026-03-02; else today")
    planned.add_argument("--seed", type=int, metavar="N", help="of the order, to have it again")
    planned.set_defaults(run=plan)
    told = actions.add_parser("weeks", help="whether the weeks with it were better")
    told.set_defaults(run=weeks)
    for each in (planned, told):
        each.add_argument("--person", required=True, metavar="ID")
        each.add_argument("--json", action="store_true", help="one object a line")


def plan(args: argparse.Namespace) -> int:
    """Plan weeks with and without `args.what`, and keep that."""
    from biofeedback.journal.journal import open_journal

    seed = SystemRandom().randrange(_MOST_SEED) if args.seed is None else args.seed
    made = plan_weeks(_day(args.begin), pairs=args.pairs, seed=seed)
    order = [_WITH if with_it else _WITHOUT for with_it in made.order]
    with open_journal() as journal:
        journal.keep_n_of_one(
            args.person, NOfOne(args.what, made.began, {"weeks": order, "seed": seed})
        )
    if args.json:
        began = made.began.isoformat()
        print_json({"name": args.what, "began": began, "weeks": order}, sys.stdout)
        return 0
    for number, with_it in enumerate(made.order, start=1):
        said = _("Week {n}: with it.") if with_it else _("Week {n}: without it.")
        tell(said.format(n=number))
    say(_("Rate each day how it was: biofeedback journal rate pain 4, for example."))
    return 0


def _day(typed: str | None) -> date:
    if typed is None:
        return datetime.now(UTC).astimezone().date()
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise JournalError(
            _("{day} is no day; write it as 2026-03-02.").format(day=typed)
        ) from error


def weeks(args: argparse.Namespace) -> int:
    """Tell of each plan whether the weeks with it were better."""
    from biofeedback.journal.journal import open_journal

    with open_journal() as journal:
        plans = journal.n_of_ones(args.person)
        rows = [row for kept in plans for row in _found(journal, args.person, kept)]
    for kept, kind, text, found in rows:
        if args.json:
            print_json(_as_json(kept, text or kind, found), sys.stdout)
        else:
            tell(_sentence(kept, text or kind_word(kind), found))
    if not plans:
        say(_("No weeks are planned: biofeedback trial plan begins."))
    elif not rows:
        say(_("Nothing was rated yet: biofeedback journal rate pain 4, for example."))
    return 0


def _found(
    journal: "Journal", person: str, kept: NOfOne
) -> Iterator[tuple[NOfOne, str, str, Found]]:
    """Yield what was found in each thing that was rated meanwhile, by its kind and own name."""
    made = Weeks(kept.began, tuple(week == _WITH for week in kept.plan.get("weeks", ())))
    rated: dict[tuple[str, str], list[tuple[date, float]]] = {}
    for entry in journal.entries(person, tuple(_SCALES)):
        day = entry.at.astimezone().date()
        if entry.value is not None and made.with_it(day) is not None:
            rated.setdefault((entry.kind, entry.text), []).append((day, entry.value))
    for (kind, text), values in sorted(rated.items()):
        yield kept, kind, text, find_difference(made, values, scale=_SCALES[kind])


def _as_json(kept: NOfOne, of: str, found: Found) -> dict[str, Any]:
    return {
        "name": kept.what,
        "of": of,
        "began": kept.began.isoformat(),
        "weeks": kept.plan.get("weeks"),
        "verdict": found.verdict,
        "difference": found.difference,
        "interval": [found.low, found.high],
        "pairs": found.pairs,
        "why": found.why,
    }


def _sentence(kept: NOfOne, of: str, found: Found) -> str:
    name, verdict = name_of(kept.what), verdict_word(found.verdict)
    if found.verdict == UNKNOWN:
        return _("{name}, {of}: {verdict}. {why}").format(
            name=name, of=of, verdict=verdict, why=found.why
        )
    return _(
        "{name}, {of}: {verdict}. With it {difference:+.1f}, and quite surely between {low:+.1f} "
        "and {high:+.1f} ({pairs} pairs of weeks)."
    ).format(
        name=name,
        of=of,
        verdict=verdict,
        difference=found.difference,
        low=found.low,
        high=found.high,
        pairs=found.pairs,
    )
