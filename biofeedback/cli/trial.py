"""`trial`: what helps a muscle to let go, tried off and on; and the table of what did."""

import argparse
import queue
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from biofeedback.analysis.told import newest, sentences
from biofeedback.cli import weeks
from biofeedback.cli.live import follow
from biofeedback.cli.output import print_json, say, tell
from biofeedback.cli.source_words import (
    add_settings_word,
    add_source_words,
    settings_in_force,
    source_options,
)
from biofeedback.display.sitting.view_model import clock_word
from biofeedback.display.trials.session import TrialSession
from biofeedback.display.trials.words import columns, row
from biofeedback.readings import Reading
from biofeedback.recording.live import Recorder
from biofeedback.session import Session
from biofeedback.sources import is_live, open_source
from biofeedback.text import _
from biofeedback.training.trial import FEWEST_REPEATS, make_plan
from biofeedback.training.tried import NAMES, find_tried, name_of
from biofeedback.words import plain

if TYPE_CHECKING:  # a database takes half a second to load
    from biofeedback.journal.journal import Journal

# Nobody waits so long for an electrode to be put back.
_PATIENCE_S = 600.0
_MOST_SEED = 2**31


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the words of `trial`."""
    parser = commands.add_parser("trial", help="what helps, tried off and on")
    actions = parser.add_subparsers(metavar="ACTION", title="actions", required=True)
    words = actions.add_parser(
        "run",
        help="try something, against a hand on the shoulder",
        description="WHAT is one of: " + ", ".join(NAMES) + ". Enter marks.",
    )
    words.add_argument("what", metavar="WHAT")
    words.add_argument("source", metavar="SOURCE")
    add_source_words(words)
    words.add_argument("--person", required=True, metavar="ID", help="whose journal keeps it")
    words.add_argument(
        "--repeats",
        type=int,
        default=FEWEST_REPEATS,
        metavar="N",
        help="of what is tried, and as many of the hand on the shoulder",
    )
    words.add_argument(
        "--channel", default="", metavar="LABEL", help="the muscle that is measured, else the first"
    )
    words.add_argument("--seed", type=int, metavar="N", help="of the order, to have it again")
    add_settings_word(words)
    words.add_argument("--record", type=Path, metavar="FILE", help=".edf (16 bits) or .bdf (24)")
    words.add_argument("--headless", action="store_true", help="nobody marks")
    words.add_argument("--fast", action="store_true", help="not paced by the clock")
    words.set_defaults(run=run)
    told = actions.add_parser("result", help="what works for a person, best first")
    told.add_argument("--person", required=True, metavar="ID")
    told.set_defaults(run=result)
    for each in (words, told):
        each.add_argument("--json", action="store_true", help="one object a line")
    weeks.add(actions)


@contextmanager
def _journal() -> Iterator["Journal"]:
    from biofeedback.journal.journal import open_journal  # a database takes a while to load

    with open_journal() as journal:
        yield journal


def run(args: argparse.Namespace) -> int:
    """Go through a trial of `args.what` at `args.source`, and keep what came of it."""
    from biofeedback.journal.day_nouns import KeptTrial

    settings = settings_in_force(args.settings, args.source)
    seed = SystemRandom().randrange(_MOST_SEED) if args.seed is None else args.seed
    plan = make_plan(find_tried(args.what), repeats=args.repeats, seed=seed)
    marked = not (args.headless or args.fast) and sys.stdin is not None and sys.stdin.isatty()
    with _journal() as journal:
        journal.trials(args.person)  # refused at once where nobody is called so
        session = TrialSession(
            open_source(args.source, source_options(args, settings, fast=args.fast)),
            plan=plan,
            signal=settings.signal,
            sinks=[
                Recorder(path, signal=settings.signal, bursts=settings.bursts, patient=args.fast)
                for path in ([args.record] if args.record else [])
            ],
            scripted=not marked,
            label=args.channel,
            patience_s=_PATIENCE_S,
        )
        if not marked and is_live(args.source):
            say(_("Nobody marks here: each part goes on by itself."))
        started = datetime.now(UTC)
        follow(session, TrialPrinter(as_json=args.json, keys=Keys() if marked else None))
        if session.trial.events:
            told = plain(session.result())
            journal.keep_trial(
                KeptTrial(
                    id=uuid4(),
                    person=args.person,
                    what=plan.what,
                    started=started,
                    plan=plan.plain(),
                    result=told,
                    simulated=session.info.simulated,
                )
            )
            say(_("Kept in the journal of {person}.").format(person=args.person))
    return 0


class Keys:
    """Hears Enter on a thread of its own, so that the stream need not wait."""

    def __init__(self) -> None:
        self._pressed: queue.SimpleQueue[None] = queue.SimpleQueue()
        threading.Thread(target=self._read, name="keys", daemon=True).start()
        say(_("Press Enter to mark what you are asked for."))

    def _read(self) -> None:
        for _line in sys.stdin:
            self._pressed.put(None)

    def pressed(self) -> int:
        """Return how often it was pressed since this was last asked."""
        n = 0
        while not self._pressed.empty():
            self._pressed.get()
            n += 1
        return n


class TrialPrinter:
    """Prints each event once, then what came of it; `keys` mark."""

    def __init__(self, *, as_json: bool, keys: Keys | None) -> None:
        self._as_json, self._keys, self._told = as_json, keys, 0

    def show(self, session: Session, _readings: list[Reading]) -> None:
        """Print what has happened since, and pass the key on."""
        assert isinstance(session, TrialSession)  # noqa: S101
        for _press in range(self._keys.pressed() if self._keys else 0):
            session.trial.mark()
        for event in session.trial.events[self._told :]:
            self._told += 1
            if self._as_json:
                print_json(event.plain(), sys.stdout)
            elif event.text:
                tell(f"{clock_word(event.t_s)}  {event.text}")

    def end(self, session: Session) -> None:
        """Print the rest, and what was found."""
        assert isinstance(session, TrialSession)  # noqa: S101
        self.show(session, [])
        told = plain(session.result())
        if self._as_json:
            print_json({"summary": told}, sys.stdout)
            return
        for sentence in sentences(told, name_of(told["what"])):
            tell(sentence)
        if session.info.simulated:
            tell(_("SIMULATED: this is not a muscle."))


def result(args: argparse.Namespace) -> int:
    """Print the newest trial of each thing, the best first."""
    with _journal() as journal:
        found = newest(journal.trials(args.person))
    if args.json:
        for trial, count in found:
            told: dict[str, Any] = {
                "name": trial.what,
                "started": trial.started.isoformat(),
                "trials": count,
            }
            print_json(told | trial.result, sys.stdout)
        return 0
    rows = [columns(), *(row(trial, count) for trial, count in found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for each in rows if found else []:
        cells = (f"{cell:<{width}}" for cell, width in zip(each, widths, strict=True))
        tell("  ".join(cells).rstrip())
    if not found:
        say(_("Nothing was tried yet: biofeedback trial run begins."))
    return 0
