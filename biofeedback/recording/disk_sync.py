"""What was written is brought to disk on a thread of its own."""

import errno
import os
import threading
import time
from collections import deque
from collections.abc import Callable

# A disk that takes so long, now and then, is waited for about once a second only.
_SLOW_S = 0.05
_SLOWEST_SHARE = 0.95
_REMEMBERED = 40
# A power cut just before the disk is done costs what came since it was asked the time before: with
# a record that is not whole yet no more than 1.1 s, while it takes less than half of this.
_MOST_WAITS_S = 0.8
# More often than that wears a memory card, and takes as much of the processor as the writing does.
_OFTEN_S = 0.2

# Windows and macOS have no fdatasync.
sync_data: Callable[[int], None] = getattr(os, "fdatasync", os.fsync)
"""Returns once what was written to a file descriptor is on its disk."""


class BackgroundSync:
    """Brings what was written to disk on a thread of its own, so that a crash finds it written.

    Each call asks for it; while the disk works, calls are met by the next time: five times a
    second, and where the disk is slow about once. An `OSError` of it is raised by the next call.
    """

    def __init__(self, sync: Callable[[int], None] = sync_data) -> None:
        self._sync = sync
        self._took_s: deque[float] = deque(maxlen=_REMEMBERED)
        self._asked, self._closed = threading.Event(), threading.Event()
        self._fd = -1
        self._error: OSError | None = None
        self._thread: threading.Thread | None = None

    def __call__(self, fd: int) -> None:
        """Ask for what was written to the file `fd`; raise what went wrong since the last call."""
        error, self._error = self._error, None
        if error:
            raise error
        self._fd = fd
        self._asked.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="disk", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._closed.set()
        self._asked.set()

    def _work(self) -> None:
        while True:
            self._asked.wait()
            self._asked.clear()
            if self._closed.is_set():
                return
            begun_s = time.perf_counter()
            try:
                self._sync(self._fd)
            except OSError as error:
                if error.errno != errno.EBADF:  # that file has been closed, and is on disk
                    self._error = error
            took_s = time.perf_counter() - begun_s
            self._took_s.append(took_s)
            rest_s = _MOST_WAITS_S - 2 * took_s if self._is_slow() else _OFTEN_S - took_s
            self._closed.wait(max(0.0, rest_s))

    def _is_slow(self) -> bool:
        took_s = sorted(self._took_s)
        return took_s[int(_SLOWEST_SHARE * len(took_s))] > _SLOW_S
