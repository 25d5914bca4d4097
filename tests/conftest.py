"""What every test stands on: settings and a journal of its own, Qt offscreen, a board, a server."""

import os
import sys
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

for folder in ("emulator", "journal"):
    sys.path.append(str(Path(__file__).parent / folder))
pytest_plugins = ["emulated_board", "real_postgresql"]


@pytest.fixture(autouse=True)
def settings_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the user's settings and journal out of the tests, and the tests' out of the user's."""
    path = tmp_path / "settings.toml"
    monkeypatch.setenv("BIOFEEDBACK_SETTINGS", str(path))
    monkeypatch.setenv("BIOFEEDBACK_JOURNAL", str(tmp_path / "own" / "journal.sqlite"))
    monkeypatch.setenv("BIOFEEDBACK_RECORDINGS", str(tmp_path / "own" / "recordings"))
    return path
