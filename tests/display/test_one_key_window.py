"""The whole way in the real window, with one key of a real X server; and a board's real button."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from one_key_hand import Hand
from real_program import Program
from stepped import BASELINE, CHECK, HEAD, RATINGS, write_protocol
from test_real_window import MISSING, PATIENCE_S, display, until

from biofeedback.devices.flash import FIRMWARE
from biofeedback.display.sitting.choice import Choice
from biofeedback.sources import SourceOptions

__all__ = ["display"]

SHORT = BASELINE.replace("15", "10")
LONG_CHECK, LONG_RATINGS = (each.replace("60", "600") for each in (CHECK, RATINGS))
LONG_BASELINE = BASELINE.replace("15", "600")
SETTINGS = """
[display]
one_key = "step"
palette = "{palette}"
font_scale = {scale}
"""


class OneKeyProgram(Program):
    """The program, and its one key; `seen` is what it has highlighted."""

    def press(self) -> None:
        self.ask("key", "space", "sleep", "0.1")

    def hold(self) -> None:
        before = self.seen
        self.ask("keydown", "space")
        until(lambda: self.seen != before, f"the effect of a hold on {before}")
        self.ask("keyup", "space", "sleep", "0.1")  # as a hand does

    def to(self, name: str) -> None:
        """Press until `name` is highlighted."""
        for _press in range(30):
            if self.seen.startswith(name):
                return
            before = self.seen
            self.press()
            until(lambda before=before: self.seen != before, f"the next after {before}")
        pytest.fail(f"{name} is not to be found, only {self.seen}")

    def do(self, *names: str) -> None:
        for name in names:
            self.to(name)
            self.hold()

    def comes(self, name: str) -> None:
        """Wait until `name` is highlighted by itself."""
        until(lambda: self.seen.startswith(name) or self.focus_newest(), name)


@pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)}")
def test_the_whole_way_in_the_real_window_with_the_space_key_alone(
    display, settings_of_its_own: Path, tmp_path: Path
):
    pictures = os.environ.get("BIOFEEDBACK_TEST_PICTURES")
    settings_of_its_own.write_text(
        SETTINGS.format(
            palette=os.environ.get("BIOFEEDBACK_TEST_PALETTE", "light"),
            scale=os.environ.get("BIOFEEDBACK_TEST_SCALE", "1.0"),
        )
    )
    write_protocol(tmp_path / "protocols", HEAD + LONG_CHECK + SHORT + LONG_RATINGS)
    environment = {**display, "BIOFEEDBACK_PROTOCOLS": str(tmp_path / "protocols")}
    program = OneKeyProgram(
        environment, "one_key_seen.py", pictures=Path(pictures) if pictures else None
    )
    with program.process:
        try:
            go_the_whole_way(program)
            program.ask("key", "ctrl+q")
            assert program.process.wait(timeout=PATIENCE_S) == 0
        finally:
            program.process.kill()
        assert program.process.stderr is not None
        said = program.process.stderr.read()
        assert "Traceback" not in said, said


def go_the_whole_way(program: OneKeyProgram) -> None:
    program.comes("Simulated muscle")
    program.picture("start")
    program.hold()
    program.picture("start-card")
    program.do("Try a training")
    program.comes("Training protocols")
    program.picture("protocols")
    program.hold()
    program.to("A short one")
    program.picture("protocols-list")
    program.hold()
    program.picture("protocols-next")
    program.do("Start")
    program.comes("Next")
    program.picture("training-check")
    program.hold()
    program.picture("training-choices")
    program.do("End")
    program.comes("End it")
    program.picture("dialog")
    program.do("Keep going")
    program.comes("Next")
    program.press()
    program.comes("Pause")
    program.picture("training-baseline")
    program.press()
    program.comes("Go on")
    program.picture("training-paused")
    program.press()
    program.comes("Pause")
    program.comes("How tense")
    program.picture("question")
    program.hold()
    program.to("2")
    program.picture("question-marked")
    program.hold()
    program.comes("How much pain")
    program.do("Skip")
    program.comes("Done")
    program.picture("summary")
    program.do("Done")
    program.comes("Simulated muscle")
    program.picture("start-again")


@pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")
def test_a_training_goes_on_by_the_button_of_an_emulated_board(
    window, emulated_board, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("BIOFEEDBACK_PROTOCOLS", str(tmp_path / "protocols"))
    write_protocol(tmp_path / "protocols", HEAD + LONG_CHECK + LONG_BASELINE)
    board = emulated_board(FIRMWARE, analog_mv=[2500.0])
    hand = Hand(window, "step")

    def shown() -> None:
        for _tick in range(12):
            window.tick()
        hand.wait()

    def press(effect: Callable[[], bool]) -> None:
        for down in (board.press, board.release):
            n = len(window.session.presses)
            down()
            qtbot.waitUntil(lambda n=n: len(window.session.presses) > n, timeout=10_000)
            window.tick()
            hand.wait()
        qtbot.waitUntil(effect, timeout=10_000)

    def phase() -> str:
        now = window.session.trainer.phase
        return now.kind.value if now else ""

    options = SourceOptions(sensor="myoware-2-raw")
    window.choose(Choice(f"serial:{board.port}", options, protocol="short"))
    qtbot.waitUntil(lambda: window.sitting.view_model.ready, timeout=20_000)
    qtbot.waitUntil(lambda: phase() == "check", timeout=10_000)
    shown()
    assert hand.name == "Next"
    press(lambda: phase() == "baseline")
    press(lambda: window.session.paused)
    shown()
    press(lambda: not window.session.paused)
    assert [note.text for note in window.session.annotations].count("button") == 0
    while hand.one_key.on:
        hand.one_key.switch_mode()
    press(lambda: [note.text for note in window.session.annotations].count("button") == 1)
    window.end()
