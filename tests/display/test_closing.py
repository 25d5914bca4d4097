"""The window is closed while a sitting goes on: it asks first, and what there is of it is kept."""

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from one_key_hand import Hand
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton
from stepped import BASELINE, HEAD, TRIALS, Gate, Way, write_protocol

from biofeedback.display.sitting.choice import Choice
from biofeedback.display.sitting.resume import broken_off
from biofeedback.journal.journal import open_journal
from biofeedback.recording.formats import read_recording
from biofeedback.recording.library import list_kept
from biofeedback.recording.repair import recordings_folder
from biofeedback.sources import SourceOptions

MUSCLE = "sim:relaxing"


@pytest.fixture
def way(window, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Way:
    monkeypatch.setenv("BIOFEEDBACK_PROTOCOLS", str(tmp_path / "protocols"))
    write_protocol(tmp_path / "protocols", HEAD + BASELINE + TRIALS)
    gate = Gate()
    monkeypatch.setattr("biofeedback.display.sitting.sitting.open_source", gate.open)
    people = window.pages.start.people
    qtbot.waitUntil(lambda: not people._look.isActive(), timeout=20_000)
    return Way(window, gate, qtbot)


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is opened is taken for a sensor: recorded, and kept in the journal."""
    monkeypatch.setattr("biofeedback.display.sitting.sitting.is_live", lambda _words: True)


def begun(way: Way, *, protocol: str = "") -> None:
    way.window.begin(Choice(MUSCLE, SourceOptions(), protocol=protocol))
    way.go(1)


def asked(way: Way) -> QMessageBox | None:
    return way.window.findChild(QMessageBox, "ask")


def press(way: Way, text: str) -> None:
    (one,) = [each for each in asked(way).findChildren(QPushButton) if text in each.text()]
    way.qtbot.keyClick(one, Qt.Key.Key_Return)


def test_what_is_only_watched_is_closed_without_a_question(way):
    begun(way)
    session = way.window.session
    assert way.window.close()
    assert session.state.name == "ENDED"


def test_a_recorded_session_is_asked_about_and_goes_on_meanwhile(way, live):
    begun(way)
    assert not way.window.close()
    assert "End this session and close the window?" in asked(way).text()
    assert "What was recorded so far is kept." in asked(way).informativeText()
    before_s = way.window.session.duration_s
    way.go(1)
    assert way.window.session.duration_s > before_s
    press(way, "Keep going")
    assert way.window.isVisible()
    assert way.window.sitting.recording


def test_ctrl_q_asks_as_the_frame_of_the_window_does_and_only_once(way, live):
    begun(way)
    way.key(Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    first = asked(way)
    assert first is not None
    assert not way.window.close()
    assert way.window.findChildren(QMessageBox, "ask") == [first]


def test_the_answer_closes_the_window_and_the_recording_is_whole(way, live):
    begun(way)
    way.go(3)
    way.window.close()
    press(way, "End it")
    assert not way.window.isVisible()
    (kept,) = list_kept(recordings_folder())
    assert read_recording(kept.path).duration_s == pytest.approx(way.gate.stop_s, abs=0.01)


def test_the_clients_window_goes_with_it_and_only_with_it(way, live):
    begun(way)
    way.key(Qt.Key.Key_W)
    client = way.window.client
    way.window.close()
    assert client.isVisible(), "it is asked first"
    press(way, "End it")
    assert not client.isVisible()
    assert not way.window.isVisible()


def test_a_training_that_is_closed_can_be_gone_on_with(way, live):
    way.window._whose.add("P01")
    begun(way, protocol="short")
    way.until("rest")
    way.window.close()
    assert "End this training and close the window?" in asked(way).text()
    assert "You can go on with it later" in asked(way).informativeText()
    press(way, "End it")
    broken = broken_off(way.window._whose)  # opened anew, as the next start does
    assert broken is not None
    assert "1 of 2 trials" in broken.words
    with open_journal() as journal:
        (sitting,) = journal.sittings("P01")
    assert sitting.interrupted
    assert len(sitting.recordings) == 1
    way.window._whose.close()


def test_a_training_that_nobody_keeps_says_so(way):
    begun(way, protocol="short")
    way.until("trial")
    assert not way.window.close()
    assert "What was measured so far is not kept." in asked(way).informativeText()


def test_one_key_is_enough_to_answer(way, live):
    begun(way)
    hand = Hand(way.window, "step")
    way.window.close()
    hand.wait()
    assert hand.name in ("End it", "Keep going")
    hand.do("Keep going")
    assert way.window.isVisible()
    way.window.close()
    hand.do("End it")
    assert not way.window.isVisible()


class Spoken:
    """A computer's voice that says nothing aloud."""

    speaking = False

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str, **_how: bool) -> None:
        self.said.append(text)

    def stop(self) -> None:
        self.said.append("silence")


def test_who_does_not_leave_is_still_spoken_to(way, live, monkeypatch: pytest.MonkeyPatch):
    voice = Spoken()
    monkeypatch.setattr("biofeedback.display.one_key.voice.Speaker", lambda: voice)
    sound = replace(way.window.settings.sound, speech="on")
    way.window.settings = replace(way.window.settings, sound=sound)
    begun(way)
    hand = Hand(way.window, "step")
    way.window.close()
    hand.do("Keep going")
    hand.press()
    assert "silence" not in voice.said
    assert "End this session and close the window?" in " ".join(voice.said)
    assert voice.said[-1].endswith(hand.name)
    way.window.close()
    hand.do("End it")
    assert voice.said[-1] == "silence"


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_program_without_a_question_and_the_recording_well(
    told: signal.Signals,
):
    script = Path(__file__).with_name("closing_seen.py")
    with subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "recording\n"
        program.send_signal(told)
        _out, said = program.communicate(timeout=30)
    assert program.returncode == 0, said
    assert "Traceback" not in said
    (kept,) = list_kept(recordings_folder())
    assert read_recording(kept.path).duration_s >= 1.0


def test_the_signals_mean_what_they_did_once_the_window_is_closed(
    qapp, monkeypatch: pytest.MonkeyPatch
):
    from biofeedback.display import run

    seen: list[Callable[..., object] | int | None] = []
    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    monkeypatch.setattr(
        type(qapp), "exec", lambda _app: seen.append(signal.getsignal(signal.SIGTERM)) or 0
    )
    assert run.run_window() == 0
    assert seen != [before[1]]
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == before
