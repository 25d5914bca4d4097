"""`journal`: who sat, when, what was measured; taken in, given out, erased, backed up."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from biofeedback.cli.output import print_json, say, tell
from biofeedback.cli.source_words import add_source_words, file_options
from biofeedback.display.view_model import clock_word
from biofeedback.errors import JournalError, SettingsError
from biofeedback.settings import Settings, load_settings
from biofeedback.sources import read_file
from biofeedback.text import _, plural
from biofeedback.words import band_word

if TYPE_CHECKING:  # a database takes half a second to load, which no other command waits for
    from biofeedback.journal.journal import Journal
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
    taken = action("import", import_, "a recording becomes a sitting; the file itself stays")
    taken.add_argument("file", metavar="FILE")
    taken.add_argument("--started", metavar="TIME", help="such as 2026-03-01T09:30")
    add_source_words(taken)
    given = action("export", export_, "all there is of a person, as JSON, CSV and recordings")
    given.add_argument("folder", metavar="FOLDER")
    gone = action("erase", erase_, "remove all there is of a person")
    gone.add_argument("--yes", action="store_true", help="it is meant")
    for words in (sat, taken, given, gone):
        words.add_argument("--person", required=True, metavar="ID")
    action("backup", backup, "the whole journal in one file").add_argument("file", metavar="FILE")
    restored = action("restore", restore_, "put a backup into an empty journal")
    restored.add_argument("file", metavar="FILE")
    restored.add_argument("--replace", action="store_true", help="in place of what is there")


@contextmanager
def _opened() -> Iterator["Journal"]:
    from biofeedback.journal.journal import open_journal

    with open_journal() as journal:
        yield journal


def people(args: argparse.Namespace) -> int:
    """List everybody."""
    with _opened() as journal:
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
    with _opened() as journal:
        journal.add_person(
            args.id, display_name=args.display_name, note=args.note, added=datetime.now(UTC)
        )
    say(_("{person} is in the journal.").format(person=args.id))
    return 0


def sittings(args: argparse.Namespace) -> int:
    """List the sittings of a person, oldest first."""
    with _opened() as journal:
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
        sitting.note,
    ]
    return "  ".join(word for word in words if word)


def import_(args: argparse.Namespace) -> int:
    """Take a recording into the journal, with its figures as they are now."""
    from biofeedback.analysis.figures import analyze
    from biofeedback.cli.figures import as_json
    from biofeedback.journal.nouns import conditions_of
    from biofeedback.recording.edit_log import read_edits

    settings, file = load_settings(), Path(args.file.removeprefix("file:"))
    with _opened() as journal:
        _refuse_parts(file)
        journal.sittings(args.person)  # nobody of that name: told before a long look at the file
        recording = read_file(args.file, file_options(args))
        for note in recording.notes:
            say(note)
        found = analyze(recording, settings.signal, bursts=settings.bursts, edits=read_edits(file))
        summary = as_json(found)
        del summary["recording"]  # a path, which may name somebody
        del summary["annotations"]  # kept as rows
        sitting = journal.import_sitting(
            args.person,
            conditions_of(
                recording.info, band=settings.signal.band, settings=_in_force(settings, args)
            ),
            file,
            started=_started(args.started, file, recording.duration_s),
            duration_s=recording.duration_s,
            summary=summary,
            annotations=found.recording.annotations,
        )
    say(
        plural(
            "{file} is sitting {sitting} of {person} now, with {n} annotation.",
            "{file} is sitting {sitting} of {person} now, with {n} annotations.",
            len(found.recording.annotations),
        ).format(
            file=file.name, sitting=sitting, person=args.person, n=len(found.recording.annotations)
        )
    )
    return 0


def _refuse_parts(file: Path) -> None:
    """Raise `JournalError` for WFDB, whose header leads to the samples by their name."""
    if file.suffix.lower() in (".hea", ".dat") and file.with_suffix(".hea").exists():
        raise JournalError(
            _(
                "{file} is a part of a recording; make one file of it with `biofeedback convert` "
                "and import that."
            ).format(file=file)
        )


def _in_force(settings: Settings, args: argparse.Namespace) -> dict[str, Any]:
    """Return the settings that the figures hang on, and how the file was said to be read."""
    said = {name: getattr(args, name) for name in ("sensor", "board", "sfreq", "unit")}
    return {
        "signal": asdict(settings.signal),
        "bursts": asdict(settings.bursts),
        "read_as": {name: value for name, value in said.items() if value},
    }


def _started(said: str | None, file: Path, duration_s: float) -> datetime:
    """Return when a recording was begun: as said, as kept beside it, or told from its date."""
    from biofeedback.recording.sidecar import read_sidecar

    if said is not None:
        try:
            return datetime.fromisoformat(said).astimezone()
        except (ValueError, OverflowError) as error:
            raise SettingsError(
                _("--started '{said}' is no time; write it like 2026-03-01T09:30.").format(
                    said=said
                )
            ) from error
    beside = read_sidecar(file)
    if beside is not None and beside.started is not None:
        return beside.started
    ended = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    started = ended - timedelta(seconds=duration_s)
    say(
        _(
            "Taken as begun at {started:%Y-%m-%d %H:%M}, from the file's date; --started tells."
        ).format(started=started.astimezone())
    )
    return started


def export_(args: argparse.Namespace) -> int:
    """Write all there is of a person to a folder."""
    from biofeedback.journal.export import export

    with _opened() as journal:
        n = export(journal, args.person, Path(args.folder))
    say(
        plural("{n} file in {folder}.", "{n} files in {folder}.", n).format(n=n, folder=args.folder)
    )
    return 0


def erase_(args: argparse.Namespace) -> int:
    """Remove all there is of a person; without --yes only say what that is."""
    from biofeedback.journal.erase import erase, holdings

    with _opened() as journal:
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
        "{calibrations}, files: {files} ({size:.1f} MB)."
    ).format(
        person=person,
        sittings=held.sittings,
        annotations=held.annotations,
        calibrations=held.calibrations,
        files=len(held.files),
        size=held.size / 1e6,
    )


def backup(args: argparse.Namespace) -> int:
    """Write the whole journal to one file."""
    from biofeedback.journal.backup import back_up

    with _opened() as journal:
        made = back_up(journal, Path(args.file))
    for name in made.missing:
        say(_("{name} is not in the folder of recordings, so it is not in here.").format(name=name))
    for name in made.changed:
        say(
            _("{name} is not what it was when it was made; it is in here as it is.").format(
                name=name
            )
        )
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

    with _opened() as journal:
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
