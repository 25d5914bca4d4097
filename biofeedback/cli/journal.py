"""`journal`: who sat, when, what was measured; taken in, given out, erased, backed up."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from biofeedback.cli import journal_days, journal_import
from biofeedback.cli.journal_import import import_
from biofeedback.cli.output import print_json, say, tell
from biofeedback.display.days.taking_along import astray_words
from biofeedback.display.sitting.view_model import clock_word
from biofeedback.errors import JournalError
from biofeedback.text import _, plural
from biofeedback.words import band_word

if TYPE_CHECKING:  # a database takes half a second to load, which no other command waits for
    from biofeedback.journal.nouns import Holdings, Sitting


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the words of `journal`."""
    parser = commands.add_parser("journal", help="who sat, when, and what was measured")
    actions = parser.add_subparsers(metavar="ACTION", title="actions", required=True)

    def action(
        name: str, run: Callable[[argparse.Namespace], int], help_: str
    ) -> argparse.ArgumentParser:
        words = actions.add_parser(name, help=help_)
        words.set_defaults(run=run)
        return words

    listed = action("people", people, "everybody in the journal, by pseudonym")
    added = action("add-person", add_person, "a new pseudonym")
    added.add_argument("id", metavar="ID", help="such as P01")
    added.add_argument("--display-name", default="", metavar="NAME", help="stays in the journal")
    added.add_argument("--note", default="", metavar="TEXT", help="likewise")
    sat = action("sittings", sittings, "the sittings of a person")
    for words in (listed, sat):
        words.add_argument("--json", action="store_true", help="one object a line")
    left_out = action("hide", hide, "leave a sitting out of trends, as one that was no good")
    left_out.add_argument("sitting", metavar="SITTING", help="its id, as `sittings` tells it")
    left_out.add_argument("--reason", required=True, metavar="TEXT", help="electrode fell off")
    shown = action("show", show, "let a hidden sitting count again")
    shown.add_argument("sitting", metavar="SITTING")
    gone_by = action("trend", trend, "how it went over the sittings and the days between")
    gone_by.add_argument("--json", action="store_true", help="one object a line")
    journal_days.add(action)
    taken = action("import", import_, "recordings become sittings, a table entries; files stay")
    journal_import.add(taken)
    given = action("export", export_, "all there is of a person, as JSON, CSV and recordings")
    given.add_argument("folder", metavar="FOLDER")
    gone = action("erase", erase_, "remove all there is of a person")
    gone.add_argument("--yes", action="store_true", help="it is meant")
    for words in (sat, gone_by, taken, given, gone):
        words.add_argument("--person", required=True, metavar="ID")
    action("backup", backup, "the whole journal in one file").add_argument("file", metavar="FILE")
    restored = action("restore", restore_, "put a backup into an empty journal")
    restored.add_argument("file", metavar="FILE")
    restored.add_argument("--replace", action="store_true", help="in place of what is there")


def people(args: argparse.Namespace) -> int:
    """List everybody."""
    with journal_days.opened() as journal:
        for person in journal.people():
            row = {
                "name": person.id,
                "display_name": person.display_name,
                "note": person.note,
                "added": person.added.isoformat(),
            }
            if args.json:
                print_json(row, sys.stdout)
            else:
                tell("  ".join(filter(None, (person.id, person.display_name, person.note))))
    return 0


def add_person(args: argparse.Namespace) -> int:
    """Keep a new pseudonym."""
    with journal_days.opened() as journal:
        journal.add_person(
            args.id, display_name=args.display_name, note=args.note, added=datetime.now(UTC)
        )
    say(_("{person} is in the journal.").format(person=args.id))
    return 0


def sittings(args: argparse.Namespace) -> int:
    """List the sittings of a person, oldest first."""
    with journal_days.opened() as journal:
        for sitting in journal.sittings(args.person):
            if args.json:
                print_json(_sitting_json(sitting), sys.stdout)
            else:
                tell(_sitting_line(sitting))
    return 0


def _sitting_json(sitting: "Sitting") -> dict[str, Any]:
    conditions = asdict(sitting.conditions)
    return {
        "name": str(sitting.id),
        "started": sitting.started.isoformat(),
        "duration_s": sitting.duration_s,
        "interrupted": sitting.interrupted,
        "hidden": sitting.hidden,
        **conditions,
        "summary": sitting.summary,
        "version": sitting.version,
        "note": sitting.note,
        "recordings": [asdict(each) | {"id": str(each.id)} for each in sitting.recordings],
    }


def _sitting_line(sitting: "Sitting") -> str:
    known = sitting.duration_s is not None
    words = [
        str(sitting.id),
        f"{sitting.started.astimezone():%Y-%m-%d %H:%M}",
        clock_word(sitting.duration_s) if sitting.duration_s is not None else _("unfinished"),
        sitting.conditions.source,
        band_word(sitting.conditions.band_hz),
        sitting.conditions.sensor,
        _("SIMULATED") if sitting.conditions.simulated else "",
        _("broken off") if sitting.interrupted and known else "",
        _("left out: {why}").format(why=sitting.hidden) if sitting.hidden else "",
        sitting.note,
    ]
    return "  ".join(word for word in words if word)


def trend(args: argparse.Namespace) -> int:
    """Tell how it went, the most telling first; what is simulated or hidden counts for nothing."""
    from biofeedback.analysis.cycle import cycle_json, cycles
    from biofeedback.analysis.trends import trend_json, trends

    with journal_days.opened() as journal:
        sittings, entries = journal.sittings(args.person), journal.entries(args.person)
        treatments = journal.treatments(args.person)
    found = trends(sittings, entries)
    for each in found:
        its_cycles = cycles(each.line, treatments)
        if args.json:
            told = trend_json(each) | {"cycles": [cycle_json(cycle) for cycle in its_cycles]}
            print_json(told, sys.stdout)
        else:
            tell(each.line.what.words)
            tell("  " + " ".join(filter(None, (each.words, each.invalid_words))))
            for cycle in its_cycles:
                tell(f"  {cycle.injected}: {cycle.words}")
    if not found:
        say(_("There is nothing yet to tell a trend from: train, or enter how it is."))
    return 0


def hide(args: argparse.Namespace) -> int:
    """Leave a sitting out of trends."""
    with journal_days.opened() as journal:
        journal.hide_sitting(_identity(args.sitting), args.reason)
    say(_("It counts for no trend now; `biofeedback journal show` undoes that."))
    return 0


def show(args: argparse.Namespace) -> int:
    """Let a hidden sitting count again."""
    with journal_days.opened() as journal:
        journal.show_sitting(_identity(args.sitting))
    say(_("It counts again."))
    return 0


def _identity(said: str) -> UUID:
    try:
        return UUID(said)
    except ValueError as error:
        raise JournalError(
            _("'{said}' is no sitting; `biofeedback journal sittings` tells their ids.").format(
                said=said[:40]
            )
        ) from error


def export_(args: argparse.Namespace) -> int:
    """Write all there is of a person to a folder."""
    from biofeedback.journal.export import export

    with journal_days.opened() as journal:
        made = export(journal, args.person, Path(args.folder))
    for line in astray_words(made.missing, made.changed):
        say(line)
    n = made.files
    say(
        plural("{n} file in {folder}.", "{n} files in {folder}.", n).format(n=n, folder=args.folder)
    )
    return 0


def erase_(args: argparse.Namespace) -> int:
    """Remove all there is of a person; without --yes only say what that is."""
    from biofeedback.journal.erase import erase, holdings

    with journal_days.opened() as journal:
        if not args.yes:
            tell(_holdings_line(args.person, holdings(journal, args.person)))
            raise JournalError(
                _("Nothing was removed: say --yes to erase {person} for good.").format(
                    person=args.person
                )
            )
        erased = erase(journal, args.person)
    for name in erased.holdings.files:
        tell(name)
    tell(_holdings_line(args.person, erased.holdings))
    tell(_("That was removed. Backups and exports made before still hold it."))
    if not erased.scrubbed:
        say(
            _(
                "Traces may stay in the database's file until all other windows and programs that "
                "have it open are closed."
            )
        )
    return 0


def _holdings_line(person: str, held: "Holdings") -> str:
    return _(
        "{person}: name and note; sittings: {sittings}, annotations: {annotations}, calibrations: "
        "{calibrations}, courses: {courses}, montages: {montages}, entries: {entries}, treatments: "
        "{treatments}, trials: {trials}, files: {files} ({size:.1f} MB)."
    ).format(
        person=person,
        sittings=held.sittings,
        annotations=held.annotations,
        calibrations=held.calibrations,
        courses=held.courses,
        montages=held.montages,
        entries=held.entries,
        treatments=held.treatments,
        trials=held.trials,
        files=len(held.files),
        size=held.size / 1e6,
    )


def backup(args: argparse.Namespace) -> int:
    """Write the whole journal to one file."""
    from biofeedback.journal.backup import back_up

    with journal_days.opened() as journal:
        made = back_up(journal, Path(args.file))
    for line in astray_words(made.missing, made.changed):
        say(line)
    say(
        plural(
            "The journal and {n} file are in {file}: it holds names, so keep it safe.",
            "The journal and {n} files are in {file}: it holds names, so keep it safe.",
            made.files,
        ).format(n=made.files, file=args.file)
    )
    return 0


def restore_(args: argparse.Namespace) -> int:
    """Put a backup into the journal."""
    from biofeedback.journal.restore import restore

    with journal_days.opened() as journal:
        n = restore(journal, Path(args.file), replace=args.replace)
        where = journal.place.name
    say(
        plural(
            "{n} person is back in the journal {where}.",
            "{n} people are back in the journal {where}.",
            n,
        ).format(n=n, where=where)
    )
    return 0
