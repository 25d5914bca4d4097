"""A window dressed as the program dresses it, and sessions that have already run."""

import gc
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from biofeedback.devices.flash import Flashed, Progress
from biofeedback.devices.survey import Found, Watch
from biofeedback.display.app import MainWindow
from biofeedback.display.sitting.view_model import ViewModel
from biofeedback.display.widgets.palette import LIGHT
from biofeedback.display.widgets.style import apply_style
from biofeedback.session import Session, State
from biofeedback.settings import Settings, SignalSettings, SourceSettings
from biofeedback.sources import SourceOptions, open_source
from biofeedback.sources.ports import Port
from biofeedback.wire.native import Info

sys.path.append(str(Path(__file__).parent))  # what these tests share


@pytest.fixture(autouse=True)
def on_battery(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever these tests run on is taken for a laptop that is unplugged."""
    monkeypatch.setattr("biofeedback.display.preparing.mains.on_mains", lambda: False)


@pytest.fixture(autouse=True)
def _taken_apart_here() -> Iterator[None]:
    """What a test leaves is taken apart on this thread, as in the program (`collecting.py`)."""
    gc.disable()
    yield
    gc.collect()
    gc.freeze()  # what is left now belongs to modules: looking through it each time takes a second
    gc.enable()


@pytest.fixture
def dressed(qapp: QApplication) -> QApplication:
    if qapp.style().objectName() != "fusion":  # a new one polishes what other tests left
        qapp.setStyle("Fusion")
    apply_style(qapp, LIGHT, font_scale=1.0)
    return qapp


@pytest.fixture
def played() -> Callable[..., ViewModel]:
    """Return a maker of view models whose session has taken `seconds` of a scenario."""

    def play(words: str, seconds: float, threshold_uv: float | None = None) -> ViewModel:
        session = Session(
            open_source(words, SourceOptions(fast=True)),
            signal=SignalSettings(),
            threshold_uv=threshold_uv,
            seconds=seconds,
        )
        for _readings in session.run():
            pass
        session.state = State.RUNNING  # as if it went on
        return ViewModel(session, clock=lambda: 0.0)

    return play


class FakeWatch(Watch):
    """Has found what is in `found`, and notes what it was told."""

    def __init__(self) -> None:
        super().__init__(list)
        self.found: list[Found] = []
        self.told: list[object] = []

    def look(self) -> list[Found]:
        return list(self.found)

    def ask(self, port: Port) -> None:
        self.told.append(port)

    def pause(self) -> None:
        self.told.append("pause")


class FakeFlash:
    """Takes the steps of a flashing, each when the test lets it: `step(words, share)`."""

    INFO = Info(1, (1, 0, 0), bits=10, vref_mv=5000, max_channels=6, board=1, name="Uno/Nano")

    def __init__(self) -> None:
        self.ports: list[str] = []
        self.cancelled = threading.Event()
        self.error: Exception | None = None
        self.written = True
        self._go = threading.Semaphore(0)
        self._told = threading.Event()
        self._next: Progress | None = None

    def __call__(
        self, port: str, *, tell: Callable[[Progress], None], cancelled: threading.Event
    ) -> Flashed:
        self.ports.append(port)
        self.cancelled = cancelled
        while True:
            assert self._go.acquire(timeout=30)
            if self._next is None:
                break
            tell(self._next)
            self._told.set()
        if self.error:
            raise self.error
        return Flashed(port, "optiboot", 3000, self.written, self.INFO)

    def step(self, words: str, share: float) -> None:
        self._next = Progress(words, share, writing=words == "writing")
        self._told.clear()
        self._go.release()
        assert self._told.wait(timeout=30)

    def end(self, error: Exception | None = None) -> None:
        self.error, self._next = error, None
        self._go.release()


@pytest.fixture
def watch() -> FakeWatch:
    """The watch of `window`; nothing is plugged in until a test says so."""
    return FakeWatch()


@pytest.fixture
def flasher() -> FakeFlash:
    """What `window` flashes with."""
    return FakeFlash()


@pytest.fixture
def last() -> SourceSettings:
    """What was connected last, for `window`: nothing."""
    return SourceSettings()


@pytest.fixture
def window(
    qtbot, dressed: QApplication, watch: FakeWatch, flasher: FakeFlash, last: SourceSettings
) -> Iterator[MainWindow]:
    made = MainWindow(Settings(source=last), watch=watch, do_flash=flasher)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()  # shortcuts are for the window that is active
    qtbot.waitUntil(made.isActiveWindow, timeout=10_000)
    yield made
    made.close_now()
    # else every window so far would be dressed anew with the next
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
