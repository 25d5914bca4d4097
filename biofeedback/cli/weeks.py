"""`trial plan`, `weeks` and `stop`: weeks with and without something, and whether they differ."""

import argparse
import sys
from datetime import UTC, date, datetime
from random import SystemRandom
from typing import Any

from biofeedback.analysis.n_of_one import (
    FEWEST_PAIRS,
    RATED,
    Result,
    plan_weeks,
    results_of,
)
from biofeedback.analysis.told import weeks_words
from biofeedback.cli.output import print_json, say, tell
from biofeedback.display.trials.weeks_model import running, stopped, this_week, to_keep
from biofeedback.errors import JournalError
from biofeedback.journal.day_nouns import Entry, NOfOne, kind_word
from biofeedback.text import _
from biofeedback.training.tried import name_of

_MOST_SEED = 2**31


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
    ended = actions.add_parser("stop", help="stop weeks with and without something")
    ended.add_argument("what", metavar="WHAT", help="as it was planned")
    ended.set_defaults(run=stop)
    for each in (planned, told, ended):
        each.add_argument("--person", required=True, metavar="ID")
    for each in (planned, told):
        each.add_argument("--json", action="store_true", help="one object a line")


def plan(args: argparse.Namespace) -> int:
    """Plan weeks with and without `args.what`, and keep that."""
    from biofeedback.journal.journal import open_journal

    seed = SystemRandom().randrange(_MOST_SEED) if args.seed is None else args.seed
    made = plan_weeks(_day(args.begin), pairs=args.pairs, seed=seed)
    with open_journal() as journal:
        journal.keep_n_of_one(args.person, to_keep(args.what, made, seed))
    if args.json:
        began = made.began.isoformat()
        print_json({"name": args.what, "began": began, "weeks": made.plain()}, sys.stdout)
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
        entries = journal.entries(args.person, tuple(RATED))
    today = datetime.now(UTC).astimezone().date()
    if not args.json:
        for kept in running(plans, today):
            tell(this_week(kept, today))
    rows = [(kept, result) for kept in plans for result in results_of(kept, entries)]
    for kept, result in rows:
        if args.json:
            print_json(_as_json(kept, result), sys.stdout)
        else:
            rated, name = result.text or kind_word(result.kind), name_of(kept.what)
            tell(weeks_words(result.found, name=name, began=kept.began, rated=rated))
    if not plans:
        say(_("No weeks are planned: biofeedback trial plan begins."))
    elif not rows:
        say(_("Nothing was rated yet: biofeedback journal rate pain 4, for example."))
    return 0


def stop(args: argparse.Namespace) -> int:
    """Stop the weeks of `args.what` that go on: from today on nothing counts for them."""
    from biofeedback.journal.journal import open_journal

    today = datetime.now(UTC).astimezone().date()
    with open_journal() as journal:
        plans = journal.n_of_ones(args.person)
        named = [each for each in plans if args.what in (each.what, name_of(each.what))]
        kept = running(named, today)
        if not kept:
            raise JournalError(
                _("No weeks of '{what}' go on; `biofeedback trial weeks` tells which do.").format(
                    what=args.what[:40]
                )
            )
        for each in kept:
            journal.keep_n_of_one(args.person, stopped(each, today))
    say(_("Stopped. What was rated until now still counts."))
    return 0


def _as_json(kept: NOfOne, result: Result[Entry]) -> dict[str, Any]:
    found = result.found
    return {
        "name": kept.what,
        "of": result.text or result.kind,
        "began": kept.began.isoformat(),
        "ended": kept.ended.isoformat() if kept.ended else None,
        "weeks": kept.plan.get("weeks"),
        "verdict": found.verdict,
        "difference": found.difference,
        "interval": [found.low, found.high],
        "pairs": found.pairs,
        "why": found.why,
    }
