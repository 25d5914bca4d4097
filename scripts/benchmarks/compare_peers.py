"""Makes a virtual environment for each other program that reads boards, from wheels only."""

import importlib.util
import json
import shutil
import sys
from pathlib import Path

import peers
from child import answer, run, say
from lock import only_one

# What each is installed with, one call of pip a line. All that chordspy 0.2.2 wants is not there as
# wheels: these are what its receiving part needs, at the versions that it names itself.
WANTED = {
    "brainflow": (("brainflow>=5.23", "numpy"),),
    "chordspy": (
        ("--no-deps", "chordspy==0.2.2"),
        (
            *("Flask==3.1.3", "PyYAML==6.0.2", "bleak==0.22.3", "numpy==2.1.3"),
            *("psutil==6.1.1", "pylsl==1.16.2", "pyserial==3.5", "websocket-client==1.8.0"),
        ),
    ),
}


def ensure(name: str) -> tuple[str, str] | None:
    """Return the Python that has `name`, and its version; None where it cannot be installed."""
    peers.FOLDER.mkdir(exist_ok=True)
    (peers.FOLDER / ".gitignore").write_text("*\n", encoding="utf-8")
    folder = peers.FOLDER / f"device-{name}"
    stamp, made_for = folder / "stamp.json", json.dumps([str(folder), sys.version, WANTED[name]])
    python = str(folder / "bin" / "python")
    with only_one(
        peers.FOLDER / f"lock-{name}", on_wait=lambda: say(f"Waiting for {name}'s installation.")
    ):
        if not stamp.exists() or stamp.read_text(encoding="utf-8") != made_for:
            say(f"Installing {name} to compare with (first time only).")
            shutil.rmtree(folder, ignore_errors=True)
            if not _install(folder, python, WANTED[name]):
                return None
            stamp.write_text(made_for, encoding="utf-8")
    version = answer([python], f"from importlib.metadata import version; print(version('{name}'))")
    return None if version is None else (python, version)


def liblsl() -> dict[str, str]:
    """Return the environment in which a pylsl without a library of its own finds that of ours."""
    spec = importlib.util.find_spec("pylsl")
    folders = spec.submodule_search_locations if spec else None
    found = [path for folder in folders or () for path in Path(folder).glob("lib/liblsl.so*")]
    return {"PYLSL_LIB": str(min(found))} if found else {}


def _install(folder: Path, python: str, calls: tuple[tuple[str, ...], ...]) -> bool:
    commands = [[sys.executable, "-I", "-m", "venv", str(folder)]]
    how = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off", "--quiet"]
    commands += [
        [python, "-I", "-m", "pip", "install", *how, "--only-binary", ":all:", *words]
        for words in calls
    ]
    for command in commands:
        code, tail = run(command)
        if code:
            say(tail)
            return False
    return True
