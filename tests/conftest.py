"""What every test stands on: settings of its own, no screen but Qt's offscreen one, and a board."""

import os
import sys
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

sys.path.append(str(Path(__file__).parent / "emulator"))
pytest_plugins = ["emulated_board"]


@pytest.fixture(autouse=True)
def settings_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the user's settings out of the tests, and the tests' out of the user's."""
    path = tmp_path / "settings.toml"
    monkeypatch.setenv("BIOFEEDBACK_SETTINGS", str(path))
    return path
