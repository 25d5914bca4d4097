"""`journal import`: recordings become sittings, tables become entries."""

import argparse
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from biofeedback.cli.journal_days import opened
from biofeedback.cli.output import say
from biofeedback.cli.source_words import add_source_words, file_options
from biofeedback.errors import BiofeedbackError, JournalError, SettingsError
from biofeedback.journal.day_file import BrokenRow, holds_days, read_days
from biofeedback.journal.day_nouns import Entry
from biofeedback.settings import Settings, load_settings
from biofeedback.sources import read_file
from biofeedback.text import _, plural

if TYPE_CHECKING:  # a database takes half a second to load, which no other command waits for
    from biofeedback.journal.journal import Journal

_AT_ONCE = 200  # rows in a transaction: what Ctrl-C gives back
_ROWS_NAMED = 20


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
        failed = 0
        for n, name in enumerate(args.file, start=1):
            try:
                _import_one(journal, name, args)
            except BiofeedbackError as error:
                failed += 1
                say(f"{name}: {error}")
            say(_("{done} of {all}").format(done=n, all=len(args.file)))
    if failed:
        raise JournalError(
            plural(
                "{n} file was not taken; all others are in the journal.",
                "{n} files were not taken; all others are in the journal.",
                failed,
            ).format(n=failed)
        )
    return 0


def _import_one(journal: "Journal", name: str, args: argparse.Namespace) -> None:
    file = Path(name.removeprefix("file:"))
    if holds_days(file):
        _import_days(journal, args.person, file, rest=args.rest)
    else:
        _import_recording(journal, name, file, args)


def _import_recording(journal: "Journal", name: str, file: Path, args: argparse.Namespace) -> None:
    """Take a recording into the journal, with its figures as they are now."""
    from biofeedback.analysis.figures import analyze
    from biofeedback.cli.figures import as_json
    from biofeedback.journal.nouns import conditions_of
    from biofeedback.recording.edit_log import read_edits

    settings = load_settings()
    _refuse_parts(file)
    recording = read_file(name, file_options(args))
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


def _import_days(journal: "Journal", person: str, file: Path, *, rest: bool) -> int:
    """Take a table of entries into the journal; with `rest` although some rows are broken.

    What is there already is not taken twice, so that an import that was stopped can be done again.
    """
    there = set(journal.entries(person))
    found: list[Entry] = []
    broken = 0
    for row in read_days(file):
        if isinstance(row, BrokenRow):
            broken += 1
            if broken <= _ROWS_NAMED:
                say(_("{file}, line {line}: {why}").format(
                    file=file.name, line=row.line, why=row.why
                ))  # fmt: skip
        else:
            found += row
    if broken > _ROWS_NAMED:
        say(_("… and {n} more.").format(n=broken - _ROWS_NAMED))
    new = [entry for entry in dict.fromkeys(found) if entry not in there]
    if broken and not rest:
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
    say(
        plural(
            "{n} entry of {file} is in the journal of {person} now; {known} were there.",
            "{n} entries of {file} are in the journal of {person} now; {known} were there.",
            len(new),
        ).format(n=len(new), file=file.name, person=person, known=len(found) - len(new))
    )
    return 0


def _take(journal: "Journal", person: str, new: list[Entry]) -> None:
    """Keep entries a few at a time; Ctrl-C ends between those."""
    done = 0
    try:
        while done < len(new):
            journal.add_entries(person, new[done : done + _AT_ONCE])
            done = min(done + _AT_ONCE, len(new))
            say(_("{done} of {all}").format(done=done, all=len(new)))
    except KeyboardInterrupt:
        say(
            _("Stopped: {done} of {all} are kept, and the same command takes the rest.").format(
                done=done, all=len(new)
            )
        )
        raise
