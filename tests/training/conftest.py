"""The folder of what these tests share, the fixture that plays a sitting, and own protocols."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))

from simulated_sitting import sit  # noqa: F401


@pytest.fixture(autouse=True)
def own_protocols(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the user's protocols out of the tests; return the folder that stands in for theirs."""
    folder = tmp_path / "protocols"
    folder.mkdir()
    monkeypatch.setenv("BIOFEEDBACK_PROTOCOLS", str(folder))
    return folder
