"""`journal import`: recordings become sittings, tables become entries."""

import argparse
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from biofeedback.cli.journal_days import opened
from biofeedback.cli.output import say
from biofeedback.cli.source_words import add_source_words, file_options
from biofeedback.errors import BiofeedbackError, JournalError, SettingsError
from biofeedback.journal.day_file import holds_days
from biofeedback.journal.day_nouns import Entry
from biofeedback.settings import load_settings
from biofeedback.taking_in import new_in, read_table, take_entries, take_recording
from biofeedback.text import _, plural

if TYPE_CHECKING:  # a database takes half a second to load, which no other command waits for
    from biofeedback.journal.journal import Journal


def add(words: argparse.ArgumentParser) -> None:
    """Add the words of it."""
    words.add_argument("file", nargs="+", metavar="FILE")
    words.add_argument("--started", metavar="TIME", help="such as 2026-03-01T09:30")
    words.add_argument("--rest", action="store_true", help="of a table: the rows that are sound")
    add_source_words(words)


def import_(args: argparse.Namespace) -> int:
    """Take recordings, or tables of entries, into the journal."""
    with opened() as journal:
        journal.sittings(args.person)  # nobody of that name: told before a long look at a file
        if len(args.file) == 1:
            _import_one(journal, args.file[0], args)
            return 0
        if args.started is not None:
            raise SettingsError(_("--started tells when one recording was begun; name one file."))
        failed = _import_many(journal, args)
    if failed:
        raise JournalError(
            plural(
                "{n} file was not taken; all others are in the journal.",
                "{n} files were not taken; all others are in the journal.",
                failed,
            ).format(n=failed)
        )
    return 0


def _import_many(journal: "Journal", args: argparse.Namespace) -> int:
    """Import file after file; return how many could not be, which are named."""
    from biofeedback.journal.rows import TakenBefore

    failed = 0
    for n, name in enumerate(args.file, start=1):
        try:
            _import_one(journal, name, args)
        except TakenBefore as there:  # the same command goes on after Ctrl-C
            say(str(there))
        except BiofeedbackError as error:
            failed += 1
            say(f"{name}: {error}")
        say(_("{done} of {all}").format(done=n, all=len(args.file)))
    return failed


def _import_one(journal: "Journal", name: str, args: argparse.Namespace) -> None:
    file = Path(name.removeprefix("file:"))
    if holds_days(file):
        _import_days(journal, args.person, file, rest=args.rest)
    else:
        _import_recording(journal, name, file, args)


def _import_recording(journal: "Journal", name: str, file: Path, args: argparse.Namespace) -> None:
    taken = take_recording(
        journal,
        args.person,
        name,
        settings=load_settings(),
        options=file_options(args),
        started=_started(args.started),
    )
    for note in taken.notes:
        say(note)
    if taken.guessed is not None:
        say(
            _(
                "Taken as begun at {started:%Y-%m-%d %H:%M}, from the file's date; --started tells."
            ).format(started=taken.guessed.astimezone())
        )
    say(
        plural(
            "{file} is sitting {sitting} of {person} now, with {n} annotation.",
            "{file} is sitting {sitting} of {person} now, with {n} annotations.",
            taken.annotations,
        ).format(file=file.name, sitting=taken.sitting, person=args.person, n=taken.annotations)
    )


def _started(said: str | None) -> datetime | None:
    if said is None:
        return None
    try:
        return datetime.fromisoformat(said).astimezone()
    except (ValueError, OverflowError) as error:
        raise SettingsError(
            _("--started '{said}' is no time; write it like 2026-03-01T09:30.").format(said=said)
        ) from error


def _import_days(journal: "Journal", person: str, file: Path, *, rest: bool) -> None:
    """Take a table of entries into the journal; with `rest` although some rows are broken.

    What is there already is not taken twice, so that an import that was stopped can be done again.
    """
    table = read_table(file)
    for line in table.told():
        say(line)
    new = new_in(journal, person, table)
    if table.broken and not rest:
        raise JournalError(
            plural(
                "Nothing was taken from {file}; mend its lines, or say --rest to take the {n} "
                "entry that is sound.",
                "Nothing was taken from {file}; mend its lines, or say --rest to take the {n} "
                "entries that are sound.",
                len(new),
            ).format(n=len(new), file=file.name)
        )
    _take(journal, person, new)
    known = len(table.entries) - len(new)
    say(
        plural(
            "{n} entry of {file} is in the journal of {person} now; {known} were there.",
            "{n} entries of {file} are in the journal of {person} now; {known} were there.",
            len(new),
        ).format(n=len(new), file=file.name, person=person, known=known)
    )


def _take(journal: "Journal", person: str, new: list[Entry]) -> None:
    """Keep entries; Ctrl-C ends between a few and the next."""
    kept = 0

    def tell(done: int, of: int) -> None:
        nonlocal kept
        kept = done
        say(_("{done} of {all}").format(done=done, all=of))

    try:
        take_entries(journal, person, new, tell)
    except KeyboardInterrupt:
        say(
            _("Stopped: {done} of {all} are kept, and the same command takes the rest.").format(
                done=kept, all=len(new)
            )
        )
        raise
