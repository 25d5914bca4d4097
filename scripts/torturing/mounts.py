"""File systems mounted for a test, in a namespace of our own: they go with it, however it ends."""

import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

_NEW_MOUNTS = 0x20000  # CLONE_NEWNS, sched.h
_PRIVATE = 0x4000 | 1 << 18  # MS_REC | MS_PRIVATE, sys/mount.h
_AT_ONCE = 2  # MNT_DETACH


@cache
def why_not() -> str:
    """Return why nothing can be mounted here, empty where it can; then it is seen by us alone."""
    if not sys.platform.startswith("linux"):
        return "only Linux has loop devices"
    if os.geteuid():
        return "only root may mount"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_MOUNTS) or libc.mount(b"none", b"/", None, _PRIVATE, None):
        return f"mounts are not allowed here ({os.strerror(ctypes.get_errno())})"
    return ""


@contextmanager
def mounted(folder: Path, *words: str) -> Iterator[Path]:
    """Mount at `folder`, with the words of mount(8); its loop device goes with it."""
    folder.mkdir(exist_ok=True)
    try:  # stopped while it mounts, it may have done so
        subprocess.run(["mount", *words, str(folder)], check=True, stdin=subprocess.DEVNULL)
        yield folder
    finally:
        ctypes.CDLL(None).umount2(os.fsencode(folder), _AT_ONCE)


@contextmanager
def mounted_fd(file: Path, fd: int) -> Iterator[Path]:
    """Mount what answers on `fd`, of /dev/fuse, as the one file `file`."""
    file.touch()
    libc = ctypes.CDLL(None, use_errno=True)
    words = f"fd={fd},rootmode=100600,user_id=0,group_id=0".encode()
    if libc.mount(b"torture", os.fsencode(file), b"fuse", 0, words):
        raise OSError(ctypes.get_errno(), "the file of a simulated disk cannot be mounted")
    try:
        yield file
    finally:
        libc.umount2(os.fsencode(file), _AT_ONCE)
