"""Lets one process at a time set up a folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def only_one(file: Path, *, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold the lock `file`, after `on_wait` if another has it.

    The system frees the lock of a process that died, so none is ever stale.
    """
    with open(str(file), "a") as held:
        # A child that outlives us goes on holding it: see child.run.
        os.set_inheritable(held.fileno(), True)  # noqa: FBT003 - has no name for it
        if not _taken(held.fileno(), wait=False):
            on_wait()
            while not _taken(held.fileno(), wait=True):
                pass
        yield


def _taken(descriptor: int, *, wait: bool) -> bool:
    if sys.platform == "win32":
        import msvcrt

        try:  # LK_LOCK gives up after ten seconds
            msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
    else:
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        except OSError:
            pass  # a file system without locks, some network drives: nobody to wait for
    return True
