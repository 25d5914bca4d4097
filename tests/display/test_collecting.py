"""Widgets that nobody reaches are destroyed on the window's thread, whoever makes objects."""

import gc
import threading

import pytest
from PySide6.QtWidgets import QWidget

from biofeedback.display.collecting import on_this_thread

OBJECTS = 200_000  # makes Python look for cycles many times, of every generation


class Noting(QWidget):
    """Notes on which thread it goes; a cycle with itself, so that only a search finds it."""

    def __init__(self, gone: list[int]) -> None:
        super().__init__()
        self._gone = gone
        self.myself = self

    def __del__(self) -> None:
        self._gone.append(threading.get_ident())


def objects_of_another_thread() -> list[list[int]]:
    kept: list[list[int]] = []
    thread = threading.Thread(target=lambda: kept.extend([i] for i in range(OBJECTS)))
    thread.start()
    thread.join()
    return kept


@pytest.fixture
def _searching():
    """Let Python search by itself, as it does in a program."""
    was_enabled = gc.isenabled()
    gc.enable()
    yield
    if not was_enabled:
        gc.disable()


@pytest.mark.usefixtures("_searching")
def test_a_widget_in_a_cycle_is_destroyed_on_the_thread_of_the_window(qtbot):
    gone: list[int] = []
    with on_this_thread():
        Noting(gone)
        kept = objects_of_another_thread()
        assert gone == []
        qtbot.waitUntil(lambda: bool(gone), timeout=10_000)
    assert gone == [threading.get_ident()]
    assert len(kept) == OBJECTS


@pytest.mark.usefixtures("_searching")
def test_python_searches_by_itself_again_once_the_window_is_closed():
    with on_this_thread():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
