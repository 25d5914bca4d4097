"""Every state of a training has room for its words, and names itself to a screen reader."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QWidget
from room_for_words import Lengthened, cut_off
from stepped import AFTER, BASELINE, CHECK, HEAD, RATINGS, TRIALS, Gate, Way, write_protocol

from biofeedback import text
from biofeedback.devices.survey import Watch
from biofeedback.display.app import MainWindow
from biofeedback.display.sitting.choice import Choice
from biofeedback.display.widgets.palette import LIGHT
from biofeedback.display.widgets.style import apply_style
from biofeedback.settings import DisplaySettings, Settings
from biofeedback.sources import SourceOptions

LONGEST = (
    "Tense the muscle gently, about a third of what you can. Not where it hurts, and not with a "
    "neck that pulls by itself."
)
GUESSED = TRIALS.replace('name = "first', 'feedback = "summary"\nguess = true\nname = "first')
SITTING = (
    HEAD
    + CHECK
    + BASELINE.replace("Sit still and let the muscle rest, with nothing to look at.", LONGEST)
    + GUESSED
    + AFTER
    + RATINGS
)
LEAD_OFF = """
[[channels]]
label = "trapezius left"
offset_uv = 180
[[channels.segments]]
seconds = 57
emg_uv = 8
[[channels.segments]]
seconds = 4
lead = "off"
[[channels.segments]]
emg_uv = 4
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a source; the protocol is where it is looked for."""
    monkeypatch.setenv("BIOFEEDBACK_PROTOCOLS", str(tmp_path / "protocols"))
    write_protocol(tmp_path / "protocols", SITTING)
    path = tmp_path / "person.toml"
    path.write_text(LEAD_OFF, encoding="utf-8")
    return f"sim:{path}"


def states(way: Way, source: str) -> Iterator[str]:
    """Go through a sitting, and stop wherever it looks otherwise."""
    window = way.window
    window.pages.start.train_wanted.emit(Choice(source, SourceOptions()))
    yield "protocols"
    window.choose(Choice(source, SourceOptions(), protocol="short"))
    way.until("check")
    yield "check"
    way.key(Qt.Key.Key_Space)
    way.until("baseline")
    yield "baseline"
    way.until("trial")
    yield "without"
    way.until("rest")
    yield "guess"
    way.key(Qt.Key.Key_3)
    way.key(Qt.Key.Key_Return)
    way.go(0.5)
    yield "result"
    way.until("trial")
    way.go(3)
    yield "ring"
    way.until("trial")
    while not window.session.trainer.paused:
        way.go(0.5)
    way.go(1)
    yield "no reading"
    way.until("ratings")
    yield "rating"
    window.end()
    yield "summary"


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    made = Gate()
    monkeypatch.setattr("biofeedback.display.sitting.sitting.open_source", made.open)
    return made


@pytest.mark.parametrize("size", [(1024, 640), (1280, 800)])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_no_text_is_cut_off_and_the_window_does_not_grow(
    qtbot, dressed, monkeypatch, gate, own, size, scale
):
    monkeypatch.setattr(text, "_catalogue", Lengthened())
    display = DisplaySettings(font_scale=scale, palette="dark" if scale == 2 else "light")
    made = MainWindow(Settings(display=display), watch=Watch(list))
    qtbot.addWidget(made)
    made.resize(*size)
    made.show()
    way = Way(made, gate, qtbot)
    for state in states(way, own):
        shown = made.pages.currentWidget()
        if made.session is not None:
            way.tick()
        qtbot.waitUntil(lambda shown=shown: not cut_off(made, shown), timeout=5000)
        assert (made.width(), made.height()) == size, state
        bars = [shown._scroll.horizontalScrollBar()]
        if made.session is not None:  # what is seen of the muscle shrinks first
            bars.append(shown._scroll.verticalScrollBar())
        qtbot.waitUntil(  # until it is laid out
            lambda bars=bars: not any(bar.maximum() for bar in bars), timeout=5000
        )
    made.close()
    apply_style(dressed, LIGHT, font_scale=1.0)


def test_whatever_takes_the_focus_names_itself_and_can_be_reached_by_tab(window, qtbot, gate, own):
    way = Way(window, gate, qtbot)
    for state in states(way, own):
        shown = window.pages.currentWidget()
        wanted = {
            part
            for part in shown.findChildren(QWidget)
            if part.focusPolicy() & Qt.FocusPolicy.TabFocus
            and part.isVisible()
            and part.isEnabled()
            and part.focusProxy() is None
        }
        assert wanted, state
        for part in wanted:
            interface = QAccessible.queryAccessibleInterface(part)
            assert interface.text(QAccessible.Text.Name), (state, part)
            assert interface.text(QAccessible.Text.Description), (state, part)
        reached = set()
        for _press in range(30):
            reached.add(window.focusWidget())
            window.focusNextPrevChild(True)
        assert not {part.accessibleName() for part in wanted - reached}, state
        shown.focus_first()
