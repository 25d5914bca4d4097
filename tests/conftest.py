"""What every test stands on: settings and a journal of its own, Qt offscreen, a board, a server."""

import os
import sys
import tempfile
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Texts are looked up where modules are imported: in the source's language, whatever the user's.
NOBODYS = tempfile.TemporaryDirectory(prefix="biofeedback-tests-")
os.environ |= {"LANGUAGE": "en", "BIOFEEDBACK_SETTINGS": str(Path(NOBODYS.name) / "settings.toml")}
# Lab Streaming Layer: on this computer only, and only these tests with each other.
LSL = Path(NOBODYS.name) / "lsl_api.cfg"
LSL.write_text(
    "[ports]\nIPv6 = disable\n[multicast]\nResolveScope = machine\n[log]\nlevel = -3\n"
    f"[lab]\nKnownPeers = {{127.0.0.1}}\nSessionID = tests-{os.getpid()}\n"
    "[tuning]\nTimeProbeCount = 6\nTimeProbeInterval = 0.01\nTimeProbeMaxRTT = 0.04\n"
)
os.environ["LSLAPICFG"] = str(LSL)

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
