"""A sitting that somebody leads, with two muscles and a short protocol."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from stepped import AFTER, BASELINE, HEAD, RATINGS, TRIALS, Gate, Way, write_protocol

from biofeedback.display.app import MainWindow
from biofeedback.display.sitting.choice import Choice
from biofeedback.display.therapist.screen import TherapistScreen
from biofeedback.sources import SourceOptions

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
PLAN = HEAD + BASELINE + TRIALS + AFTER + RATINGS
TWO = """
[[channels]]
label = "trapezius left"
[[channels.segments]]
emg_uv = 5
[[channels]]
label = "trapezius right"
[[channels.segments]]
emg_uv = 8
"""


def make_way(window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot) -> Way:
    """Return a way through the window; the protocol is called short."""
    (tmp_path / "two.toml").write_text(TWO, encoding="utf-8")
    gate = Gate(f"sim:{tmp_path / 'two.toml'}")
    monkeypatch.setattr("biofeedback.display.sitting.sitting.open_source", gate.open)
    monkeypatch.setenv("BIOFEEDBACK_PROTOCOLS", str(tmp_path / "protocols"))
    write_protocol(tmp_path / "protocols", PLAN)
    return Way(window, gate, qtbot)


def begin(way: Way, protocol: str = "short", words: str = "sim:two") -> None:
    """Begin a sitting, in the patient's view."""
    way.window.choose(Choice(words, SourceOptions(), protocol=protocol))
    way.go(1)


def lead(way: Way, protocol: str = "short", words: str = "sim:two") -> TherapistScreen:
    """Begin a sitting, and lead it: return the therapist's screen."""
    begin(way, protocol, words)
    way.key(Qt.Key.Key_V)
    way.go(0.5)
    return screen(way)


def screen(way: Way) -> TherapistScreen:
    """Return the therapist's screen, which is shown."""
    shown = way.window.pages.currentWidget()
    assert isinstance(shown, TherapistScreen)
    return shown


def said(way: Way) -> str:
    """Return what the window says."""
    return way.window._message.text()


def noted(way: Way) -> list[str]:
    """Return what was noted of the session, by whom ever."""
    session = way.window.session
    assert session is not None
    return [note.text for note in session.annotations]
