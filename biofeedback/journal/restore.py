"""A backup put back: checked through before anything is changed, then all of it or nothing."""

import json
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from biofeedback.errors import JournalError
from biofeedback.journal import files
from biofeedback.journal.backup import FORMAT, MANIFEST, RECORDINGS, copy_rows
from biofeedback.journal.engine import telling
from biofeedback.journal.home import FILE
from biofeedback.journal.journal import Journal, open_journal
from biofeedback.journal.model import Base, PersonRow, RecordingRow
from biofeedback.journal.rows import is_pseudonym
from biofeedback.text import _

_LONGEST_MANIFEST = 1 << 26
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    sqlite3.DatabaseError,
    EOFError,
    NotImplementedError,  # a way of packing that we do not know
    RuntimeError,  # a password
    ValueError,  # no JSON, no UTF-8
)

_ODD = (ValueError, TypeError, AttributeError, OverflowError)
"""What comes of a value in a column of SQLite that is not of its kind."""


def restore(journal: Journal, file: Path, *, replace: bool = False) -> int:
    """Put the backup `file` into an empty journal; return how many people it holds.

    With `replace`, in place of all that the journal holds. Raises `JournalError`, and then the
    journal is as it was.
    """
    with (
        telling(journal.place),
        tempfile.TemporaryDirectory(prefix=".restore-", dir=journal.recordings) as made,
    ):
        folder = Path(made)
        with _reading(file):
            _unpack(file, folder)
            _check_database(folder / FILE)
        with open_journal(str(folder / FILE)) as backup:  # brought up to date where it is older
            return _take_over(journal, backup, folder / RECORDINGS, file, replace=replace)


def _take_over(
    journal: Journal, backup: Journal, folder: Path, file: Path, *, replace: bool
) -> int:
    new = {path.name for path in folder.iterdir()}
    added: list[Path] = []
    try:
        with backup.reading() as source, journal.writing() as target:
            n = _check_names(source, file)
            old = _clear(target, journal, replace=replace)
            copy_rows(source.connection(), target.connection())
            for name in new:
                place = journal.recordings / name
                if not place.exists():
                    added.append((folder / name).rename(place))
            files.sync_folder(journal.recordings)
    except BaseException as error:
        for path in added:
            path.unlink(missing_ok=True)
        if isinstance(error, _ODD):
            raise _broken(file) from error
        raise
    # From here on the rows are the backup's. A name is never used twice, so what lies there under
    # the same one is the same recording, or what was noted beside it later.
    for path in folder.iterdir():
        path.replace(journal.recordings / path.name)
    for path in old - {journal.recordings / name for name in new}:
        path.unlink(missing_ok=True)
    return n


def _check_names(session: Session, file: Path) -> int:
    """Return how many people there are; raise `JournalError` for names that none of ours has."""
    people = session.scalars(select(PersonRow.id)).all()
    recordings = session.scalars(select(RecordingRow.file)).all()
    if not (all(map(is_pseudonym, people)) and all(map(files.is_name, recordings))):
        raise _broken(file)
    return len(people)


def _clear(session: Session, journal: Journal, *, replace: bool) -> set[Path]:
    """Remove every row, where that is meant; return the files that they had."""
    if session.scalar(select(PersonRow.id).limit(1)) is not None and not replace:
        raise JournalError(
            _(
                "The journal {name} holds people already; name another with BIOFEEDBACK_JOURNAL, "
                "or say --replace to put the backup in its place."
            ).format(name=journal.place.name)
        )
    names = session.scalars(select(RecordingRow.file)).all()
    for table in reversed(Base.metadata.sorted_tables):
        session.execute(delete(table))
    return {path for name in names for path in files.belonging_to(journal.recordings, name)}


def _broken(file: Path) -> JournalError:
    return JournalError(
        _("{file} is no backup of a journal, or it is damaged; use another one.").format(file=file)
    )


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    """Tell what is wrong with a backup that cannot be read."""
    try:
        yield
    except OSError as error:
        raise JournalError(
            _("The backup {file} cannot be read or unpacked ({why}).").format(
                file=file, why=error.strerror or error
            )
        ) from error
    except _UNREADABLE as error:
        raise _broken(file) from error


def _unpack(file: Path, folder: Path) -> None:
    """Write what is in the zip to `folder`, each file held against its SHA-256."""
    (folder / RECORDINGS).mkdir(mode=0o700)
    with zipfile.ZipFile(file) as archive:
        digests = _manifest(archive, file)
        listed = {one.filename: one for one in archive.infolist()}
        if len(listed) != len(archive.infolist()) or set(listed) != {MANIFEST, *digests}:
            raise _broken(file)
        size = sum(one.file_size for one in archive.infolist())
        if size > shutil.disk_usage(folder).free:
            raise JournalError(
                _("{file} unpacks to {size:.0f} MB, which the disk has no room for.").format(
                    file=file, size=size / 1e6
                )
            )
        for name, digest in digests.items():
            with (
                archive.open(name) as source,
                files.make_private_file(folder / name) as target,
            ):
                if files.copy_hashed(source, target) != digest:
                    raise _broken(file)
                files.sync(target)


def _manifest(archive: zipfile.ZipFile, file: Path) -> dict[str, str]:
    """Return the SHA-256 of each file by its name, of which none leads out of the folder."""
    try:
        packed = archive.getinfo(MANIFEST)
    except KeyError:
        raise _broken(file) from None
    if packed.file_size > _LONGEST_MANIFEST:
        raise _broken(file)
    about: Any = json.loads(archive.read(packed))
    kept = about.get("files") if isinstance(about, dict) and about.get("format") == FORMAT else None
    if not isinstance(kept, dict) or FILE not in kept:
        raise _broken(file)
    for name in kept:
        inside = name.startswith(RECORDINGS) and files.is_name(name.removeprefix(RECORDINGS))
        if name != FILE and not inside:
            raise _broken(file)
    return kept


def _check_database(path: Path) -> None:
    """Raise `sqlite3.DatabaseError` for a file that is none, or does more than hold tables."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
        database.execute("PRAGMA trusted_schema=OFF")
        kinds = {kind for (kind,) in database.execute("SELECT type FROM sqlite_master")}
        sound = database.execute("PRAGMA quick_check").fetchall() == [("ok",)]
    if not sound or not kinds <= {"table", "index"}:
        raise sqlite3.DatabaseError
