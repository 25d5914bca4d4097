"""A window whose sources go as far as a test lets them, as fast as they can."""

import threading
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt

from biofeedback.display.app import MainWindow
from biofeedback.errors import SourceLost
from biofeedback.sources import SourceOptions, open_source
from biofeedback.stream import Chunk

CHECK = """
[[phases]]
name = "check"
kind = "check"
seconds = 60
instruction = "Sit comfortably, with the electrodes on."
"""
BASELINE = """
[[phases]]
name = "baseline"
kind = "baseline"
seconds = 15
instruction = "Sit still and let the muscle rest, with nothing to look at."
"""
TRIALS = """
[[phases]]
name = "first trial"
kind = "trial"
seconds = 20
instruction = "Let the muscle go, and keep it there."

[[phases]]
name = "pause"
kind = "rest"
seconds = 10
instruction = "Pause. Move a little if you like."

[[phases]]
name = "second trial"
kind = "trial"
seconds = 20
instruction = "Once more: let the muscle go."
"""
AFTER = BASELINE.replace('"baseline"\nkind', '"baseline after"\nkind')
RATINGS = """
[[phases]]
name = "ratings"
kind = "ratings"
seconds = 60
ask = ["tension", "pain"]
instruction = "How do you feel now?"
"""
HEAD = 'title = "A short one"\nsummary = "For a test."\n'
WHOLE = HEAD + CHECK + BASELINE + TRIALS + AFTER + RATINGS


class Gate:
    """Lets a source go on up to `until_s` of sample time."""

    def __init__(self, words: str = "") -> None:
        self.until_s = self.stop_s = 0.0
        self.words = words
        """What is opened, whatever is asked for; empty: that."""
        self.lost = ""
        """Why the board is gone for good."""

    def open(self, words: str, _options: SourceOptions | None = None) -> Any:
        """Return the source that `words` name, behind this gate."""
        source = open_source(self.words or words, SourceOptions(fast=True))
        read, waiting = source.read, threading.Event()

        def stepped(timeout: float) -> list[Chunk]:
            if self.lost:
                raise SourceLost(self.lost)
            if self.stop_s >= self.until_s:
                waiting.wait(0.002)
                return []
            chunks = read(timeout)
            for chunk in chunks:
                self.stop_s = (chunk.start + len(chunk.samples)) / source.info.sfreq
            return chunks

        self.until_s = self.stop_s = 0.0
        source.read = stepped
        return source


_NONE = Qt.KeyboardModifier.NoModifier


class Way:
    """Goes through the window by keys, and lets time pass."""

    def __init__(self, window: MainWindow, gate: Gate, qtbot: Any) -> None:
        self.window, self.gate, self.qtbot = window, gate, qtbot

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = _NONE) -> None:
        """Press a key where the focus is."""
        self.qtbot.keyClick(self.window.focusWidget() or self.window, key, modifier)

    def go(self, seconds: float) -> None:
        """Let `seconds` of samples come, and the window show them."""
        self.gate.until_s = self.gate.stop_s + seconds
        session = self.window.session
        assert session is not None

        def there() -> bool:
            come = self.gate.stop_s >= self.gate.until_s
            return self.window.session is None or (come and session.duration_s >= self.gate.stop_s)

        self.qtbot.waitUntil(there, timeout=30_000)
        self.tick()

    def tick(self) -> None:
        """Show what there is now; that the test itself takes its time is no board that is away."""
        if self.window.sitting is not None:
            self.window.sitting.view_model._clock = lambda: 0.0
        for _frame in range(14):
            self.window.tick()
        self.window.repaint()

    def until(self, kind: str, most_s: float = 120.0) -> None:
        """Let samples come until a phase of `kind` is under way."""
        while (most_s := most_s - 0.5) > 0:
            trainer = self.window.session.trainer if self.window.session else None
            if trainer and trainer.phase and trainer.phase.kind.value == kind:
                break
            self.go(0.5)
        assert most_s > 0, kind
        self.tick()


def write_protocol(folder: Path, text: str = WHOLE, name: str = "short") -> None:
    """Put a protocol where the window looks for those of the user."""
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
