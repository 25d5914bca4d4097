"""Files and folders of recordings: private, locked while they are recorded, never overwritten."""

import io
import os
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows has no flock, and its msvcrt.locking would keep readers out
    fcntl = None  # type: ignore[assignment]

HAS_LOCKS = fcntl is not None
_HAS_PWRITE = hasattr(os, "pwrite")  # not on Windows: one call of the system instead of two


def claim(path: Path) -> io.FileIO:
    """Return the new, empty file at `path`, which is locked as long as it is open.

    Folders that are missing are made; only their user may look into them. Raises `OSError`:
    `FileExistsError` where there is a file, which is never overwritten.
    """
    missing = [folder for folder in path.parents if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
    file = io.FileIO(path, "x+", opener=lambda name, flags: os.open(name, flags, 0o600))
    lock(file.fileno())
    return file


def lock(fd: int) -> bool:
    """Lock the open file for this process, until it is closed or dies; false where another has it.

    True as well where the system, or a disk of the network, has no such locks.
    """
    if HAS_LOCKS:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True
    return True


def write_at(file: io.FileIO, at: int, data: bytes) -> int:
    """Write `data` to `file` from byte `at` on; return how much of it there was room for."""
    if _HAS_PWRITE:
        return os.pwrite(file.fileno(), data, at)
    file.seek(at)
    return file.write(data)


def sync_folder(folder: Path) -> None:
    """Return once the names in `folder` are on disk."""
    with suppress(OSError):  # Windows opens no folders, and keeps names by itself
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
