"""The folder of recordings: files named by UUID, told by their SHA-256."""

import contextlib
import errno
import hashlib
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO
from uuid import UUID

from biofeedback.recording.edit_log import edits_path
from biofeedback.recording.heart_csv import heart_path
from biofeedback.recording.sidecar import sidecar_path
from biofeedback.recording.tables.csv_annotations import annotations_path

WAVEFORMS = (".edf", ".bdf")
"""What a sitting's own recordings are; a gap in one is followed by a further file."""
BESIDE = (annotations_path, edits_path, heart_path, sidecar_path)
"""Where what belongs to a recording lies beside it."""
_LETTERS_OF_A_UUID = 36
_NAME = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}[A-Za-z0-9._-]{0,60}")
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
_DRAFT = ".part"
_AT_ONCE = 1 << 20
_FORGOTTEN_S = 86_400.0  # no copy takes a day


def make_private_folder(folder: Path) -> None:
    """Make `folder` and what leads to it, for this user alone; one that is there stays as it is."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)


def make_private_file(path: Path) -> BinaryIO:
    """Return a new file, to be written, that this user alone may read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def name_for(identity: UUID, suffix: str) -> str:
    """Return what a recording is called in the folder; a suffix that is none is left out."""
    return f"{identity}{suffix if _SUFFIX.fullmatch(suffix) else ''}"


def is_name(name: str) -> bool:
    """Whether `name` is that of a file in the folder of recordings, and leads nowhere else."""
    return _NAME.fullmatch(name) is not None


def belonging_to(folder: Path, file: str) -> list[Path]:
    """Return the recording `file` with all that lies beside it: sidecar, edits, further runs."""
    identity = UUID(file[:_LETTERS_OF_A_UUID])
    return sorted(path for path in folder.glob(f"{identity}*") if path.is_file())


def waveforms(folder: Path, file: str) -> list[Path]:
    """Return the recording `file` and those that go on where it had to end."""
    return [
        path for path in belonging_to(folder, file) if path.name == file or path.suffix in WAVEFORMS
    ]


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def copy_hashed(source: IO[bytes], target: IO[bytes]) -> str:
    """Copy all that `source` holds; return the SHA-256 of it."""
    seen = hashlib.sha256()
    while piece := source.read(_AT_ONCE):
        seen.update(piece)
        target.write(piece)
    return seen.hexdigest()


def sync(file: BinaryIO) -> None:
    """Put on the disk what was written to `file`."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Put on the disk which files lie in `folder`; Windows does that by itself."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def copied(source: Path, folder: Path, name: str) -> Iterator[str]:
    """Copy `source` and what lies beside it to `folder` as `name`; give the SHA-256 of `source`.

    Synced and read back. The copies go again if what is done meanwhile fails. Raises `OSError`,
    also where what was written reads back as something else.
    """
    target = folder / name
    made: list[Path] = []
    try:
        for path_of in BESIDE:
            if path_of(source).is_file():
                made.append(path_of(target))
                _copy(path_of(source), made[-1])
        made.append(target)
        digest = _copy(source, target)
        sync_folder(folder)
        yield digest
    except BaseException:
        for path in made:
            path.unlink(missing_ok=True)
        raise


def _copy(source: Path, target: Path) -> str:
    draft = target.with_name(target.name + _DRAFT)
    try:
        with source.open("rb") as stream, make_private_file(draft) as file:
            digest = copy_hashed(stream, file)
            sync(file)
        if sha256_of(draft) != digest:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(draft))
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return digest


def remove_forgotten_drafts(folder: Path) -> None:
    """Remove what copies that were killed have left."""
    for draft in folder.glob("*" + _DRAFT):
        with contextlib.suppress(OSError):
            if time.time() - draft.stat().st_mtime > _FORGOTTEN_S:
                draft.unlink()
