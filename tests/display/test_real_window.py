"""The program as a person has it: a real X server, a real window, real keys."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

NEEDED = ("Xvfb", "xdotool")
MISSING = [program for program in NEEDED if shutil.which(program) is None]
PATIENCE_S = 30.0

pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f"needs {', '.join(MISSING)}: apt-get install xvfb xdotool"
)


@pytest.fixture
def display() -> Iterator[dict[str, str]]:
    """Start an X server of our own on a display that it chooses; yield the environment for it."""
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    server = subprocess.Popen(
        command, pass_fds=[writer], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(writer)
    with os.fdopen(reader) as pipe:
        number = pipe.readline().strip()
    environment = {k: v for k, v in os.environ.items() if k not in ("QT_QPA_PLATFORM", "DISPLAY")}
    yield {**environment, "DISPLAY": f":{number}"}
    server.terminate()
    server.wait()


def until(find, what: str):
    """Return what `find` finds, as soon as it finds something."""
    waiting, begun = threading.Event(), time.monotonic()
    while time.monotonic() - begun < PATIENCE_S:
        found = find()
        if found:
            return found
        waiting.wait(0.1)
    pytest.fail(f"{what} did not come within {PATIENCE_S:g} s")


def test_a_key_pressed_in_the_real_window_has_its_effect(display, settings_of_its_own: Path):
    def ask(*words: str) -> str:
        done = subprocess.run(["xdotool", *words], env=display, capture_output=True, text=True)
        return done.stdout.strip()

    command = [sys.executable, "-m", "biofeedback", "demo"]
    with subprocess.Popen(command, env=display, stderr=subprocess.PIPE, text=True) as program:
        search = ("search", "--onlyvisible", "--pid", str(program.pid), "--name", "biofeedback")
        window = until(lambda: ask(*search).split("\n")[0], "the window")
        ask("windowfocus", "--sync", window)

        def dark_now() -> bool:
            ask("key", "--window", window, "ctrl+l")
            return settings_of_its_own.exists() and "dark" in settings_of_its_own.read_text()

        until(dark_now, "the change of colours")
        ask("key", "--window", window, "ctrl+q")
        assert program.stderr is not None
        said = program.stderr.read()
        assert program.wait(timeout=PATIENCE_S) == 0
    assert "Traceback" not in said
