"""`journal note`, `rate`, `treat`, `entries`: what goes on between sittings."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from biofeedback.cli.output import print_json, say, tell
from biofeedback.display.days.model import entry_words, treatment_words
from biofeedback.errors import JournalError, SettingsError
from biofeedback.journal.day_nouns import MEASURES, TREATMENTS, WORDED, Entry, Treatment
from biofeedback.journal.day_typed import read_day, read_moment, read_number
from biofeedback.journal.noted import calls_for_help, help_words, read_what
from biofeedback.text import _

if TYPE_CHECKING:  # a database takes half a second to load, which no other command waits for
    from biofeedback.journal.journal import Journal

Action = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]


def add(action: Action) -> None:
    """Add the words of these to `journal`."""
    noted = action("note", note, "a note of a day, a side effect, or a trigger")
    noted.add_argument("text", metavar="TEXT")
    noted.add_argument(
        "--kind",
        default="note",
        choices=[kind.replace("_", "-") for kind in WORDED],
        help="what it is a note of",
    )
    rated = action("rate", rate, "ratings and readings, such as: rate pain 4 sleep 7.5")
    rated.add_argument(
        "values",
        nargs="+",
        metavar="WHAT VALUE",
        help=f"of {', '.join(kind for kind in MEASURES if kind not in WORDED)}; pressure as 128/81",
    )
    rated.add_argument("--name", default="", metavar="TEXT", help="which own symptom it is")
    for words in (noted, rated):
        words.add_argument("--at", metavar="TIME", help="such as 2026-03-01T21:30; else now")
    treated = action("treat", treat, "an injection, a medicine, or another treatment")
    treated.add_argument("kind", choices=TREATMENTS, metavar="|".join(TREATMENTS))
    treated.add_argument("name", metavar="NAME")
    treated.add_argument("--on", metavar="DATE", help="such as 2026-03-01; else today")
    treated.add_argument("--until", metavar="DATE", help="the last day of a medicine")
    treated.add_argument("--dose", default="", metavar="TEXT", help="as it was told")
    treated.add_argument("--muscle", action="append", default=[], metavar="NAME")
    treated.add_argument("--note", default="", metavar="TEXT")
    listed = action("entries", entries, "what was entered between sittings")
    listed.add_argument(
        "--kind",
        action="append",
        default=[],
        type=lambda said: said.replace("-", "_"),
        choices=MEASURES,
        metavar="KIND",
    )
    listed.add_argument("--since", metavar="DATE")
    given = action("treatments", treatments, "injections, medicines and other treatments")
    for words in (noted, rated, treated, listed, given):
        words.add_argument("--person", required=True, metavar="ID")
    for words in (listed, given):
        words.add_argument("--json", action="store_true", help="one object a line")
    for name, run, help_ in (
        ("remove", remove, "take an entry or a treatment out"),
        ("put-back", put_back, "put back what was taken out"),
    ):
        action(name, run, help_).add_argument("id", metavar="ID", help="as the lists tell it")


@contextmanager
def opened() -> Iterator["Journal"]:
    """Give the journal, open."""
    from biofeedback.journal.journal import open_journal

    with open_journal() as journal:
        yield journal


def note(args: argparse.Namespace) -> int:
    """Keep a note, a side effect or a trigger; say at once where that calls for help."""
    kind = args.kind.replace("-", "_")
    what, text = read_what(args.text, MEASURES[kind].known)
    if calls_for_help(kind, what, text):
        say(help_words())
    return _keep(args, [Entry(_moment(args.at), kind, None, "", text, "terminal", what=what)])


def rate(args: argparse.Namespace) -> int:
    """Keep ratings and readings, all or none."""
    at = _moment(args.at)
    words = [part for word in args.values for part in word.split("=", 1)]
    if len(words) % 2:
        raise SettingsError(
            _("'{word}' has no value behind it; write it like: pain 4.").format(word=words[-1])
        )
    pairs = zip(words[::2], words[1::2], strict=True)
    return _keep(args, [_rating(at, kind, said, args.name) for kind, said in pairs])


def _rating(at: datetime, kind: str, said: str, name: str) -> Entry:
    measure, text = MEASURES.get(kind), ""
    if measure is not None and measure.named:
        text = name
    first, _slash, second = said.partition("/")
    lower = read_number(second) if second else None
    return Entry(
        at, kind, read_number(first), measure.unit if measure else "", text, "terminal", lower
    )


def _keep(args: argparse.Namespace, found: list[Entry]) -> int:
    with opened() as journal:
        ids = journal.add_entries(args.person, found)
    for entry, identity in zip(found, ids, strict=True):
        say(_entry_line(entry, identity))
    say(_("Kept. `biofeedback journal remove` takes it out again."))
    return 0


def treat(args: argparse.Namespace) -> int:
    """Keep a treatment."""
    treatment = Treatment(
        on=read_day(args.on) if args.on else _today(),
        kind=args.kind,
        name=args.name,
        dose=args.dose,
        muscles=tuple(args.muscle),
        until=read_day(args.until) if args.until else None,
        note=args.note,
    )
    with opened() as journal:
        identity = journal.add_treatment(args.person, treatment)
    say(_treatment_line(treatment, identity))
    say(_("Kept. `biofeedback journal remove` takes it out again."))
    return 0


def entries(args: argparse.Namespace) -> int:
    """List entries, oldest first."""
    since = datetime.combine(read_day(args.since), datetime.min.time()) if args.since else None
    with opened() as journal:
        found = journal.entries(args.person, args.kind, since.astimezone() if since else None)
    for entry in found:
        if args.json:
            print_json(_entry_json(entry), sys.stdout)
        else:
            tell(_entry_line(entry, entry.id))
    return 0


def treatments(args: argparse.Namespace) -> int:
    """List treatments, oldest first."""
    with opened() as journal:
        found = journal.treatments(args.person)
    for treatment in found:
        if args.json:
            print_json(_treatment_json(treatment), sys.stdout)
        else:
            tell(_treatment_line(treatment, treatment.id))
    return 0


def _entry_json(entry: Entry) -> dict[str, Any]:
    return {
        "name": str(entry.id),
        "at": entry.at.isoformat(),
        "kind": entry.kind,
        "value": entry.value,
        "lower": entry.lower,
        "unit": entry.unit,
        "text": entry.text,
        "what": entry.what,
        "source": entry.source,
    }


def _treatment_json(treatment: Treatment) -> dict[str, Any]:
    return {
        "name": str(treatment.id),
        "on": treatment.on.isoformat(),
        "kind": treatment.kind,
        "what": treatment.name,
        "dose": treatment.dose,
        "muscles": list(treatment.muscles),
        "until": treatment.until.isoformat() if treatment.until else None,
        "note": treatment.note,
    }


def _entry_line(entry: Entry, identity: UUID | None) -> str:
    return f"{identity}  {entry.at.astimezone():%Y-%m-%d %H:%M}  {entry_words(entry)}"


def _treatment_line(treatment: Treatment, identity: UUID | None) -> str:
    return f"{identity}  {treatment_words(treatment)}"


def remove(args: argparse.Namespace) -> int:
    """Take an entry or a treatment out."""
    with opened() as journal:
        identity = _identity(args.id)
        if not _either(journal.remove_entry, journal.remove_treatment, identity):
            raise _nothing(args.id)
    say(_("It is taken out. `biofeedback journal put-back {id}` undoes that.").format(id=identity))
    return 0


def put_back(args: argparse.Namespace) -> int:
    """Put back what was taken out."""
    with opened() as journal:
        if not _either(journal.restore_entry, journal.restore_treatment, _identity(args.id)):
            raise _nothing(args.id)
    say(_("It is back."))
    return 0


def _either(one: Callable[[UUID], None], other: Callable[[UUID], None], identity: UUID) -> bool:
    """Do `one` or the `other`, whichever knows that id; return whether either does."""
    for do in (one, other):
        try:
            do(identity)
        except JournalError as error:
            if error.__cause__ is not None:  # the database said no
                raise
            continue
        return True
    return False


def _nothing(said: str) -> JournalError:
    return JournalError(
        _("'{said}' is no entry; `biofeedback journal entries` tells their ids.").format(
            said=said[:40]
        )
    )


def _identity(said: str) -> UUID:
    try:
        return UUID(said)
    except ValueError as error:
        raise _nothing(said) from error


def _moment(said: str | None) -> datetime:
    return datetime.now(UTC) if said is None else read_moment(said)


def _today() -> date:
    return datetime.now(UTC).astimezone().date()
