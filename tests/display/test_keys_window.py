"""The patient's whole way in the real window, with an emulated board, by keys alone."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from real_program import Program
from stepped import AFTER, BASELINE, HEAD, RATINGS, TRIALS, write_protocol
from test_real_window import MISSING, PATIENCE_S, display, until

from biofeedback.devices.flash import FIRMWARE

__all__ = ["display"]

SHORT = "".join((HEAD, BASELINE, TRIALS, AFTER, RATINGS))
for usual in ("15", "20", "10"):
    SHORT = SHORT.replace(f"seconds = {usual}", "seconds = 4")
SETTINGS = """
[display]
palette = "{palette}"
font_scale = {scale}
"""
SFREQ, REST_MV, TENSE_MV = 1000.0, 8.0, 80.0  # at the pin: a fifth of these in tens of microvolts


class Walker(Program):
    """The program; `seen` is the page and where the focus is."""

    def to(self, page: str, focused: str = "") -> None:
        """Wait for a page, with the focus there."""
        until(lambda: self._is_at(page, focused), f"{page}, {focused} after {self.seen}")

    def _is_at(self, page: str, focused: str) -> bool:
        at, _bar, name = self.seen.partition("|")
        return at == page and focused in name

    def tab_to(self, name: str) -> None:
        """Go to a control by Tab."""
        for _tab in range(40):
            if name in self.seen.partition("|")[2]:
                return
            self.keys("Tab")
        pytest.fail(f"{name} is not reached by Tab, only {self.seen}")


@pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)}")
@pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")
def test_a_patient_goes_from_the_first_page_to_the_summary_with_a_board_by_keys_alone(
    display, emulated_board, settings_of_its_own: Path, tmp_path: Path
):
    pictures = os.environ.get("BIOFEEDBACK_TEST_PICTURES")
    settings_of_its_own.write_text(
        SETTINGS.format(
            palette=os.environ.get("BIOFEEDBACK_TEST_PALETTE", "light"),
            scale=os.environ.get("BIOFEEDBACK_TEST_SCALE", "1.0"),
        )
    )
    write_protocol(tmp_path / "protocols", SHORT)
    noise = np.random.default_rng(0).standard_normal(5000)
    board = emulated_board(FIRMWARE, analog_mv=2500 + REST_MV * noise, sfreq=SFREQ)
    environment = {
        **display,
        "BIOFEEDBACK_PROTOCOLS": str(tmp_path / "protocols"),
        "LANGUAGE": os.environ.get("BIOFEEDBACK_TEST_LANGUAGE", "en"),
    }
    walker = Walker(
        environment, "keys_seen.py", board.port, pictures=Path(pictures) if pictures else None
    )
    with walker.process:
        try:
            go_the_whole_way(walker)
            walker.keys("ctrl+q")
            assert walker.process.wait(timeout=PATIENCE_S) == 0
        finally:
            walker.process.kill()
        assert walker.process.stderr is not None
        said = walker.process.stderr.read()
        assert "Traceback" not in said, said


def go_the_whole_way(walker: Walker) -> None:
    walker.to("StartPage")
    walker.picture("start")
    walker.keys("alt+t")
    walker.to("SafetyPage")
    walker.picture("safety")
    walker.tab_to("unplugged")
    walker.keys("Return")
    walker.to("ConnectPage", "Sensor")
    walker.picture("connect")
    walker.keys("Down")
    walker.tab_to("Muscle of sensor 1")
    walker.keys("t")
    walker.picture("connect-chosen")
    walker.tab_to("Connect")
    walker.keys("Return")
    walker.to("ProtocolPage")
    walker.keys("Down", "Down", "Down")
    walker.picture("protocol")
    walker.keys("Return")
    walker.to("PlacementPage")
    walker.picture("placement")
    walker.keys("Escape")  # back and forth again: nothing is lost
    walker.to("ProtocolPage")
    walker.keys("Return")
    walker.to("PlacementPage")
    walker.keys("Return")
    walker.to("ContactPage", "Start")
    walker.picture("contact")
    walker.keys("Return")
    walker.to("ContactPage", "Start over")
    walker.picture("contact-rest")
    walker.tab_to("Skip")
    walker.keys("Return")
    walker.to("TrainingScreen")
    walker.picture("baseline")
    walker.keys("space")
    walker.picture("paused")
    walker.keys("space", "f")
    walker.picture("lake")
    walker.keys("Escape")
    walker.focus_newest()
    walker.picture("asking")
    walker.keys("Escape")
    walker.focus_newest()
    walker.to("TrainingScreen", "How tense")
    walker.picture("question")
    walker.keys("3", "Return")
    walker.to("TrainingScreen", "How much pain")
    walker.keys("1", "Return")
    walker.to("SummaryPage")
    walker.picture("summary")
    walker.tab_to("Done")
    walker.keys("Return")
    walker.to("StartPage")
    walker.picture("start-again")
