"""A hand that has one key, and a clock that goes only while it waits."""

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from biofeedback.display.app import MainWindow

_TICK_S = 0.03


class Hand:
    """Presses and holds the one key of a window; `presses` counts both."""

    def __init__(self, window: MainWindow, mode: str, **settings: Any) -> None:
        self.window, self.one_key = window, window.one_key
        self.now = 100.0
        self.presses = 0
        self.key = Qt.Key.Key_Space
        self.one_key._clock = self.one_key.switch._clock = lambda: self.now
        display = replace(window.settings.display, one_key=mode, **settings)
        window.settings = replace(window.settings, display=display)
        self.one_key.take_settings()
        self.one_key._timer.stop()
        self.wait()

    def wait(self, seconds: float = 0.15) -> None:
        """Let time pass."""
        for _tick in range(round(seconds / _TICK_S)):
            self.now += _TICK_S
            if self.one_key.on:
                self.one_key.tick()

    def _at(self) -> Any:
        return QApplication.focusWidget() or self.window

    def down(self) -> None:
        QTest.keyPress(self._at(), self.key)

    def up(self) -> None:
        QTest.keyRelease(self._at(), self.key)

    def repeat(self) -> None:
        """What a system sends again and again while a key is held."""
        for kind in (QEvent.Type.KeyRelease, QEvent.Type.KeyPress):
            event = QKeyEvent(kind, self.key, Qt.KeyboardModifier.NoModifier, " ", True)
            QApplication.sendEvent(self._at(), event)

    def press(self) -> None:
        """Press it shortly."""
        self.presses += 1
        self.down()
        self.wait(0.12)
        self.up()
        self.wait(0.15)
        QApplication.processEvents()
        self.wait()

    def hold(self) -> None:
        """Hold it until that has its effect."""
        self.presses += 1
        self.down()
        self.wait(0.99)
        self.up()
        self.wait(0.15)
        QApplication.processEvents()
        self.wait()

    @property
    def name(self) -> str:
        """What is highlighted."""
        return self.one_key.voice._name

    @property
    def keys(self) -> str:
        """What the strip says that the key does."""
        return self.one_key.strip._keys.text()

    def to(self, name: str, most: int = 40) -> None:
        """Press until `name` is highlighted."""
        seen = []
        while not self.name.startswith(name):
            seen.append(self.name)
            assert len(seen) <= most, f"{name} is not among {seen}"
            self.press()

    def do(self, *names: str) -> None:
        """Go to each name, and hold there."""
        for name in names:
            self.to(name)
            self.hold()

    def catch(self, *names: str, most_s: float = 200.0) -> None:
        """Wait until each name is highlighted by itself, and press."""
        for name in names:
            end, seen = self.now + most_s, {}
            while not self.name.startswith(name):
                seen[self.name] = None
                assert self.now < end, f"{name} is not among {list(seen)}"
                self.wait(_TICK_S)
            self.press()
