"""The whole journal in one file: a zip of a SQLite journal, the recordings, and their SHA-256."""

import json
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, insert, select

from biofeedback import __version__
from biofeedback.errors import JournalError
from biofeedback.journal import files
from biofeedback.journal.home import FILE
from biofeedback.journal.journal import Journal, open_journal
from biofeedback.journal.model import Base, RecordingRow
from biofeedback.text import _

FORMAT = "biofeedback journal"
MANIFEST = "manifest.json"
RECORDINGS = "recordings/"
_ROWS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Backup:
    """How many `files` there are beside the rows; which recordings were `missing`, and which are
    not what they were when they were made (`changed`)."""

    files: int
    missing: tuple[str, ...]
    changed: tuple[str, ...]


def back_up(journal: Journal, file: Path) -> Backup:
    """Write the journal of one moment to `file`.

    The database in it is SQLite, wherever the journal lies, so that it can be restored anywhere.
    Whole or not at all. Raises `JournalError`, also where there is a `file` already.
    """
    try:
        if file.exists() and file.stat().st_size:
            raise JournalError(
                _("There is {file} already; name another file for the backup.").format(file=file)
            )
        with tempfile.TemporaryDirectory(prefix=f".{file.name}.", dir=file.parent) as made:
            draft = Path(made, "backup.zip")
            written = _write(journal, draft, Path(made, FILE))
            draft.replace(file)
        files.sync_folder(file.parent)
    except OSError as error:
        raise JournalError(
            _("The backup {file} cannot be written ({why}); choose another place.").format(
                file=file, why=error.strerror or error
            )
        ) from error
    return written


def _write(journal: Journal, draft: Path, database: Path) -> Backup:
    with journal.reading() as session:
        with open_journal(str(database)) as copy, copy.writing() as copied:
            copy_rows(session.connection(), copied.connection())
        rows = session.execute(select(RecordingRow.file, RecordingRow.sha256))
        digests = {row.file: row.sha256 for row in rows}
    folder = journal.recordings
    paths = {path.name: path for file in digests for path in files.belonging_to(folder, file)}
    with files.make_private_file(draft) as target:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            kept = {FILE: _add(archive, database, FILE)}
            for name, path in sorted(paths.items()):
                kept[RECORDINGS + name] = _add(archive, path, RECORDINGS + name)
            about = {"format": FORMAT, "program": __version__, "files": kept}
            archive.writestr(MANIFEST, json.dumps(about, indent=1))
        files.sync(target)
    there = sorted(set(digests) & set(paths))
    return Backup(
        files=len(paths),
        missing=tuple(sorted(set(digests) - set(paths))),
        changed=tuple(
            name for name in there if digests[name] not in (None, kept[RECORDINGS + name])
        ),
    )


def _add(archive: zipfile.ZipFile, path: Path, name: str) -> str:
    """Add a file, which may be growing; return the SHA-256 of what was added."""
    with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as target:
        return files.copy_hashed(source, target)


def copy_rows(source: Connection, target: Connection) -> None:
    """Copy every row of one journal into another, empty one.

    Numbers that a database counts up by itself are counted anew; nothing leads to them.
    """
    for table in Base.metadata.sorted_tables:
        columns = [each for each in table.c if each is not table.autoincrement_column]
        rows = source.execute(select(*columns).order_by(*table.primary_key))
        for part in rows.mappings().partitions(_ROWS_AT_ONCE):
            target.execute(insert(table), [dict(row) for row in part])
