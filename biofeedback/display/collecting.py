"""What Python takes apart by itself is taken apart on the window's thread."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QTimer

_LOOK_MS = 1000


def collect_if_due() -> None:
    """Look for cycles that nobody reaches any more, where Python itself would look by now."""
    for generation, (count, threshold) in reversed(
        [*enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True))]
    ):
        if count > threshold:
            gc.collect(generation)
            return


@contextmanager
def on_this_thread() -> Iterator[None]:
    """Let Python look for cycles here alone, once a second, while Qt's loop runs on this thread.

    By itself it looks wherever the count of new objects is full: on the thread of a session as
    well, which makes most of them. A widget in such a cycle would be destroyed there, and a widget
    may be touched on its own thread only (Qt, "Threads and QObjects"): the program crashed. What
    is there already is not looked through again, or that would be seen as a late frame.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    gc.collect()
    gc.freeze()
    timer = QTimer()
    timer.timeout.connect(collect_if_due)
    timer.start(_LOOK_MS)
    try:
        yield
    finally:
        timer.stop()
        gc.unfreeze()
        if was_enabled:
            gc.enable()
