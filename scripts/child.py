"""Runs other programs for the set-up: quietly, in an environment that cannot lead them astray."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

# What leads a Python or its pip out of the virtual environment. The user's package index, proxy
# and certificates stay: the network of a hospital may need them.
ASTRAY = {
    *("PYTHONPATH", "PYTHONHOME", "PYTHONEXECUTABLE", "PYTHONUSERBASE", "PYTHONINSPECT"),
    *("VIRTUAL_ENV", "__PYVENV_LAUNCHER__", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON"),
    *("PIP_DRY_RUN", "PIP_NO_DEPS", "PIP_REQUIREMENT", "PIP_EDITABLE", "PIP_NO_BUILD_ISOLATION"),
}
OVERRULED = {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}  # pip's settings files may say 1


def clean_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what a child gets of `environ`."""
    return {**{name: environ[name] for name in environ if name not in ASTRAY}, **OVERRULED}


def say(message: str) -> None:
    """Tell the user on stderr: stdout belongs to the program that follows."""
    print(message, file=sys.stderr, flush=True)


def run(
    command: list[str], *, cwd: Path | None = None, echo: tuple[str, str] | None = None
) -> tuple[int, str]:
    """Return the exit code and the last lines of both outputs.

    Lines that start and end with `echo` are passed on, for the user to see that work goes on.
    """
    lines: list[str] = []
    with subprocess.Popen(
        command,
        cwd=None if cwd is None else str(cwd),
        env=clean_environment(os.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
        errors="replace",
        close_fds=False,  # it holds the set-up's lock too, should we be killed and it live on
    ) as process:
        try:
            for line in map(str.strip, process.stdout or ()):
                lines = [*lines[-11:], line]
                if echo and line.startswith(echo[0]) and line.endswith(echo[1]):
                    say(f"  {line}")
        except BaseException:
            process.kill()
            raise
    return process.returncode, "\n".join(lines)


def answer(command: list[str], code: str) -> str | None:
    """Return what `command -c code` prints; None when it fails, is not there or never ends."""
    try:
        done = subprocess.run(
            [*command, "-I", "-c", code],
            env=clean_environment(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            universal_newlines=True,
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
