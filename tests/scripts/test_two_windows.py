"""Hours with both windows open: a few minutes of it, by its counters."""

import sys
from pathlib import Path

import pytest
from benchmarks import two_windows
from PySide6.QtWidgets import QApplication


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
def test_a_training_with_both_windows_open_goes_on_and_makes_nothing_anew(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    for name in ("SETTINGS", "JOURNAL", "RECORDINGS", "PROTOCOLS"):
        monkeypatch.setenv(f"BIOFEEDBACK_{name}", str(tmp_path / name.lower()))
    found = two_windows.run(240.0, speed=60.0)
    assert found.signal_s >= 240.0
    assert found.frames > 20
    assert found.marks == 3
    assert found.measured_mb > 0
    assert found.widgets == 0  # none is made anew while it goes on
    assert found.grown_mb - found.measured_mb < 100  # in minutes; a picture a frame would be more
