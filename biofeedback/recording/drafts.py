"""Files that are whole or not there: written under another name, then given their own."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from biofeedback.errors import RecordingError
from biofeedback.text import _

_PART = ".part"


@contextmanager
def draft_file(path: Path) -> Iterator[Path]:
    """Give a new, empty file beside `path`, which takes its name once it is written and on disk.

    Only its user may read it, as recordings are private. Where writing fails nothing is left, and
    what was at `path` stays. Raises `RecordingError` for an `OSError`.
    """
    with telling(path):
        handle, name = tempfile.mkstemp(_PART, f"{path.name}.", path.parent)
        os.close(handle)
        draft = Path(name)
        try:
            yield draft
            sync(draft)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


@contextmanager
def draft_folder(path: Path) -> Iterator[Path]:
    """Give a new folder, which goes away in the end, with what is left in it.

    It lies in the folder `path`, or beside it where that is not there yet: on its disk. Only its
    user may look into it. Raises `RecordingError` for an `OSError`.
    """
    with telling(path):
        place = path if path.is_dir() else path.parent
        draft = Path(tempfile.mkdtemp(_PART, f".{path.name}.", place))
        try:
            yield draft
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def named_file(source: str) -> Path:
    """Return the file that a recording's `source` names."""
    return Path(source.removeprefix("file:"))


def check_free(path: Path, source: str, *, overwrite: bool) -> None:
    """Raise `RecordingError` where something is at `path`, unless one may `overwrite` it.

    The recording that is read, by the name `source`, is never overwritten.
    """
    if not os.path.lexists(path):
        return
    read = named_file(source)
    if path.exists() and read.exists() and path.samefile(read):
        raise RecordingError(
            _("{path} is the recording itself; choose another name.").format(path=path)
        )
    if not overwrite:
        raise RecordingError(
            _("{path} is there already; say --overwrite, or choose another name.").format(path=path)
        )


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Raise `RecordingError`, which names `path` and the remedy, for an `OSError`."""
    try:
        yield
    except OSError as error:
        raise RecordingError(
            _("{path} cannot be written ({why}); choose another place.").format(
                path=path, why=error.strerror or error
            )
        ) from error


def sync(path: Path) -> None:
    """Return once the file at `path` is on its disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
