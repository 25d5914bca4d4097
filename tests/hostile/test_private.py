"""What is written of a body, or of a person, only its user may read."""

import ast
import os
import stat
import sys
from pathlib import Path

import pytest

import biofeedback
from biofeedback.cli import main
from biofeedback.settings import Settings, load_settings, save_settings

ROOT = Path(biofeedback.__file__).parent
# Who makes files or folders, each looked at: private by the mode that is asked for, a draft that
# `mkstemp` made, or a simulation.
KNOWN = {
    "cli/simulate.py": "a simulation and its truth",
    "journal/backup.py": "into an archive that journal/files.py opened",
    "journal/export.py": "0700 and journal/files.py",
    "journal/files.py": "0700, 0600",
    "journal/restore.py": "0700",
    "recording/bids_writer.py": "0700, 0600",
    "recording/tables/csv_annotations.py": "a draft",
    "recording/tables/csv_writer.py": "a draft",
    "recording/drafts.py": "mkstemp, mkdtemp",
    "recording/disk.py": "0700, 0600",
    "recording/edit_log.py": "0600",
    "recording/heart_csv.py": "a draft",
    "recording/binary/hdf5.py": "a nameless file",
    "recording/parquet_writer.py": "a draft",
    "recording/repair.py": "what edf_disk.py made",
    "recording/sidecar.py": "a draft",
    "recording/spool.py": "a nameless file",
    "reports/write.py": "a draft",
    "settings.py": "0700, 0600",
    "training/stretch.py": "a nameless file",
}
MAKERS = {"write_text", "write_bytes", "mkdir", "makedirs", "touch", "mkstemp", "mkdtemp"}
MAKERS |= {"TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile", "TemporaryDirectory"}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no such modes")


@pytest.fixture(autouse=True)
def nothing_masked():
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder):
    return {
        path.relative_to(folder).as_posix(): stat.S_IMODE(path.stat().st_mode)
        for path in folder.rglob("*")
    }


def test_settings_are_their_users_alone(tmp_path):
    path = tmp_path / "own" / "settings.toml"
    path.parent.mkdir(0o700)
    (tmp_path / "own" / "settings.new").touch(0o666)  # a start that was killed
    save_settings(Settings(), path)
    assert load_settings(path) == Settings()
    save_settings(Settings(), tmp_path / "new" / "settings.toml")
    assert modes(tmp_path) == {
        "own": 0o700,
        "own/settings.toml": 0o600,
        "new": 0o700,
        "new/settings.toml": 0o600,
    }


@pytest.mark.parametrize("out", ["out.csv", "out.edf", "out.bdf", "out.parquet", "bids/"])
def test_what_is_converted_is_its_users_alone(tmp_path, out):
    source = tmp_path / "x.csv"
    rows = "".join(f"{k / 1000:.3f},{(k * 37) % 99}\n" for k in range(2000))
    source.write_text(f"time_s,EMG_uv\n{rows}", encoding="utf-8")
    folder = tmp_path / "made"
    folder.mkdir(0o700)
    if out.endswith(".parquet"):
        pytest.importorskip("pyarrow")
    assert (
        main(["convert", str(source), str(folder / out) + ("/" if out.endswith("/") else "")]) == 0
    )
    made = modes(folder)
    assert made
    assert {name: oct(mode) for name, mode in made.items() if mode & 0o077} == {}


def test_what_is_recorded_is_its_users_alone(tmp_path):
    folder = tmp_path / "made"
    words = ["live", "sim:rest", "--fast", "--seconds", "2", "--record", str(folder / "x.edf")]
    assert main(words) == 0
    made = modes(tmp_path)
    assert "made/x.edf" in made
    assert {name: oct(mode) for name, mode in made.items() if mode & 0o077} == {}


def test_whoever_makes_a_file_was_looked_at():
    found = set()
    for path in sorted(ROOT.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        if any(_makes(node) for node in ast.walk(tree) if isinstance(node, ast.Call)):
            found.add(path.relative_to(ROOT).as_posix())
    assert found <= set(KNOWN), "make it private, then name it here"


def _makes(call):
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name in MAKERS:
        return True
    words = [word.value for word in call.args if isinstance(word, ast.Constant)]
    words += [word.value.value for word in call.keywords if isinstance(word.value, ast.Constant)]
    opened = name in {"open", "FileIO"}
    return opened and any(isinstance(w, str) and w[:1] in "wxa" and len(w) < 4 and w for w in words)
