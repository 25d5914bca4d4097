"""Makes the virtual environment that other people's programs are measured in.

Never the project's own: nothing here is a dependency. Standard library only.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bootstrap import ROOT
from child import run, say
from lock import only_one

FOLDER = ROOT / ".peers"
# Lower bounds: the releases that docs/performance.md and docs/agreement.md were written with.
# PyPI's wheels only: what has none (libemg, which also wants PyTorch) is left out, and so is
# timeflux, whose numpy of before 2.0 the others cannot live with.
WANTED = {
    "ezmsg-sigproc": "3.11",
    "brainflow": "5.23",
    "neurokit2": "0.2.13",
    "mne": "1.13",
    "biosppy": "2.2",
    "peakutils": "1.3",  # biosppy 2.2.4 uses it and does not say so
    "pyemgpipeline": "1.0",
    "numba": "0.68",
}
LEFT_OUT = {
    "libemg": "has no wheel, and wants PyTorch",
    "timeflux": "wants a numpy of before 2.0, which the others cannot live with",
}


def ensure_peers() -> tuple[Path | None, dict[str, str]]:
    """Return the Python of the peers' environment, made first if need be, and what is not there.

    The second is a sentence a package. None for the Python: no peer at all could be installed.
    """
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / ".gitignore").write_text("*\n", encoding="utf-8")  # it hides itself
    waiting = "Waiting for another start, which installs the peers."
    with only_one(FOLDER / "lock", on_wait=lambda: say(waiting)):
        stamp = _read_stamp()
        if stamp is None:
            stamp = {"made_for": _made_for(), "missing": _install()}
            if len(stamp["missing"]) < len(WANTED):  # none at all: the next start tries again
                _stamp_file().write_text(json.dumps(stamp, indent=1), encoding="utf-8")
    missing: dict[str, str] = {**LEFT_OUT, **stamp["missing"]}
    return (python() if set(WANTED) - set(missing) else None), missing


def tell_missing(missing: Mapping[str, str]) -> None:
    """Say who is not measured, and why."""
    for name in missing:
        say(f"Left out: {name}: it {missing[name]}.")


def python() -> Path:
    """Return the Python that the peers run with."""
    return FOLDER / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _install() -> dict[str, str]:
    say("Installing the programs of others to measure against (first time only, some minutes).")
    shutil.rmtree(str(FOLDER / "venv"), ignore_errors=True)
    code, tail = run([sys.executable, "-I", "-m", "venv", str(FOLDER / "venv")])
    if code:
        say(tail)
        return dict.fromkeys(WANTED, "could not be installed: no virtual environment could be made")
    wanted = [f"{name}>={bound}" for name, bound in WANTED.items()]
    if _pip(wanted) == 0:
        return {}
    missing = {}  # one of them does not want to: take those that do
    for name, one in zip(WANTED, wanted, strict=True):
        if _pip([one]):
            missing[name] = "could not be installed"
    return missing


def _pip(words: list[str]) -> int:
    how = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off", "--quiet"]
    command = [str(python()), "-I", "-m", "pip", "install", *how, "--only-binary", ":all:"]
    return run([*command, *words])[0]


def _made_for() -> list[object]:
    return [str(FOLDER), sys.version, WANTED]


def _stamp_file() -> Path:
    return FOLDER / "stamp.json"


def _read_stamp() -> dict[str, Any] | None:
    """Return what is installed; None when that is nothing, or not what is wanted now."""
    try:
        stamp = json.loads(_stamp_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return stamp if stamp.get("made_for") == _made_for() and python().exists() else None
