"""Makes the project's own virtual environment, so that every script starts on a fresh machine.

Standard library only, and Python 3.7 can read all of it: a Python that is too old then gets a
sentence instead of a SyntaxError.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from child import answer, clean_environment, run, say
from stamp import Venv

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)
OTHERS = (["python3.13"], ["python3.12"], ["python3.11"], ["python3.14"], ["py", "-3"])
DOWNLOAD = "https://www.python.org/downloads/"


def ensure_venv(extra: str = "", *, root: Path = ROOT) -> Path:
    """Return the Python of the `.venv` with the project and its `extra`, made first if need be.

    A failure ends the process with a sentence and exit code 1.
    """
    venv = Venv(root)
    if not venv.is_current(extra):
        with _set_up_alone(venv):
            if not venv.is_current(extra):  # else another start made it while this one waited
                _set_up(venv, extra)
    return venv.python


def ensure_system_libraries(*, tests: bool = False, root: Path = ROOT) -> None:
    """Install, or name, what Qt needs of a Linux system for the screens here, or for `tests`.

    Looked for once, then remembered. What stays missing is said, and the program goes on.
    """
    if not sys.platform.startswith("linux"):
        return
    venv = Venv(root)
    screens = screens_in_use(os.environ, tests=tests)
    if not screens <= set(venv.stamp.get("screens", ())):
        import system_packages  # only now: the second start is to be quick

        with _set_up_alone(venv):
            system_packages.ensure(venv.folder, screens)
            known = screens.union(venv.stamp.get("screens", ()))
            venv.stamp = {**venv.stamp, "screens": sorted(known)}


def hand_over(python: Path, *words: str) -> NoReturn:
    """Become `python words`, so that Ctrl-C and the exit code are its own."""
    command, environment = [str(python), *words], clean_environment(os.environ)
    if os.name == "posix":
        os.execve(command[0], command, environment)  # noqa: S606 - no shell is meant
    import signal
    import subprocess

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Windows sends Ctrl-C to both; we only wait
    sys.exit(subprocess.run(command, env=environment).returncode)


def screens_in_use(environ: Mapping[str, str], *, tests: bool) -> set[str]:
    """Return the kinds of screen that Qt will open here, of `x11`, `wayland` and `tests`."""
    x11, wayland = environ.get("DISPLAY"), environ.get("WAYLAND_DISPLAY")
    used = {"x11": x11, "wayland": wayland, "tests": tests}
    return {screen for screen in used if used[screen]}


def too_old(version: Sequence[int], again: str) -> str | None:
    """Return the sentence for a Python that is too old to run `again`, else None."""
    if (version[0], version[1]) >= OLDEST:
        return None
    oldest, this = (".".join(map(str, numbers)) for numbers in (OLDEST, version[:3]))
    return (
        f"biofeedback needs Python {oldest} or newer; this is {this}. Install a newer one from "
        f"{DOWNLOAD} or with your system's packages, then run: {again}"
    )


@contextmanager
def _set_up_alone(venv: Venv) -> Iterator[None]:
    """Keep other starts out meanwhile, and end in a sentence whatever happens."""
    from lock import only_one

    try:
        with only_one(
            venv.root / ".venv.lock",
            on_wait=lambda: say("Waiting for another start, which is setting up."),
        ):
            yield
    except OSError as error:
        sys.exit(
            f"Could not set up {venv.folder}: {error}. See that the folder is yours to write, that "
            f"the disk has 2 GB free and no biofeedback is running, then run: {_again()}"
        )
    except KeyboardInterrupt:
        say(f"Stopped half-way. To set up, run: {_again()}")
        sys.exit(130)


def _set_up(venv: Venv, extra: str) -> None:
    before = venv.stamp
    if not (venv.may_be_added_to() and answer([str(venv.python)], "import pip") is not None):
        before = {}
        _make(venv)
    extras = sorted({"formats", "report", "sound", *before.get("extras", ()), extra} - {""})
    if "test" in extras:
        _ensure_compiler(venv.python)
    say("Installing the Python packages that are new or missing.")
    venv.stamp = {"unfinished": "pip is at work, or was killed"}
    code, tail = run(
        [
            *(str(venv.python), "-I", "-m", "pip", "install", "--no-input"),
            *("--disable-pip-version-check", "--progress-bar", "off"),
            *("--editable", f".[{','.join(extras)}]"),
        ],
        cwd=venv.root,
        echo=("Downloading", " MB)"),
    )
    if code:
        venv.stamp = before  # as it was: pip has everything at hand before it changes anything
        sys.exit(
            f"{tail}\nCould not install the Python packages (pip's last lines are above). "
            f"Check the network connection, then run: {_again()}"
        )
    venv.stamp = {"made_of": venv.made_of(), "project": venv.project(), "extras": extras}


def _make(venv: Venv) -> None:
    """Put a new virtual environment, with pip alone, in the place of whatever is there."""
    python = _new_enough_python()
    say("Setting up (first start only, about a minute): making .venv for the Python packages.")
    _ensure_ensurepip(python)
    if venv.folder.exists():
        say("Replacing the .venv that is here: it is broken, half-made or was moved.")
        shutil.rmtree(str(venv.folder))
    venv.folder.mkdir()
    venv.stamp = {"unfinished": "venv is at work, or was killed"}
    code, tail = run([python, "-I", "-m", "venv", str(venv.folder)])
    if code:
        sys.exit(
            f"{tail}\nCould not make {venv.folder} (the last lines are above). "
            f"Install Python from {DOWNLOAD}, then run: {_again()}"
        )


def _new_enough_python() -> str:
    """Return the path of this Python or, where it is too old, of another that really works."""
    where = "import sys; print(getattr(sys, '_base_executable', '') or sys.executable)"
    sentence = too_old(sys.version_info[:3], _again())
    # Never sys.executable itself, which may lie in the very .venv that is to be made anew.
    commands = OTHERS if sentence else [[sys.executable]]
    for command in commands:  # a shim on the PATH may stand for a version that is not there
        python = shutil.which(command[0]) and answer(
            command, f"{where}; sys.exit(sys.version_info < {OLDEST})"
        )
        if python:
            return python
    sys.exit(sentence or f"{sys.executable} does not run. Install Python from {DOWNLOAD}")


def _ensure_ensurepip(python: str) -> None:
    """Add what Debian and Ubuntu split off their Python, and a venv gets its pip from."""
    if answer([python], "import ensurepip, venv") is not None:
        return
    import system_packages

    version = answer([python], "import sys; print('%d.%d' % sys.version_info[:2])")
    package = [f"python{version}-venv"]
    system_packages.install(package)
    if answer([python], "import ensurepip, venv") is None:
        remedy = system_packages.command(package) or f"install Python from {DOWNLOAD}"
        sys.exit(f"{python} lacks Python's venv. Please run: {remedy}; and then: {_again()}")


def _ensure_compiler(python: Path) -> None:
    """Add what the compiled kernel is built with, for its tests; users do without."""
    import system_packages

    where = answer([str(python)], "import sysconfig; print(sysconfig.get_path('include'))")
    missing = [] if shutil.which("cc") else ["gcc", "libc6-dev"]
    if where and not Path(where, "Python.h").exists() and where.startswith("/usr/include"):
        version = answer([str(python)], "import sys; print('%d.%d' % sys.version_info[:2])")
        missing.append(f"python{version}-dev")
    system_packages.install(missing)


def _again() -> str:
    """Return the user's command, to be typed again."""
    return " ".join(map(shlex.quote, [Path(sys.executable).stem, *sys.argv]))
