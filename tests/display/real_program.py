"""The program on a real X server, with real keys, as a person has it."""

import subprocess
import sys
import threading
from pathlib import Path

from test_real_window import until


class Program:
    """`script` on an X server, and the keys; `seen` is the line that it printed last.

    `pictures`: a folder for what is seen, where that is wanted.
    """

    def __init__(
        self, environment: dict[str, str], script: str, *words: str, pictures: Path | None
    ) -> None:
        self._environment, self._pictures = environment, pictures
        self._n = 0
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name(script)), *words],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.seen = ""
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()
        search = ("search", "--onlyvisible", "--pid", str(self.process.pid), "--name", ".")
        self.window = until(lambda: self.ask(*search).split("\n")[0], "the window")
        self.ask("windowfocus", "--sync", self.window)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.seen = line.strip()

    def ask(self, *words: str) -> str:
        """Let xdotool do something."""
        done = subprocess.run(
            ["xdotool", *words], env=self._environment, capture_output=True, text=True
        )
        return done.stdout.strip()

    def keys(self, *keys: str) -> None:
        """Press keys, one after the other, as fast as a hand."""
        for key in keys:
            self.ask("key", key, "sleep", "0.15")

    def picture(self, name: str) -> None:
        """Take a picture of the whole screen, where pictures are wanted."""
        if self._pictures is not None:
            self._n += 1
            self.ask("sleep", "0.4")  # until it is painted
            file = self._pictures / f"{self._n:02d}-{name}.png"
            subprocess.run(["import", "-window", "root", str(file)], env=self._environment)

    def focus_newest(self) -> None:
        """Give the focus to a dialog, as a window manager does: the X server alone does not."""
        found = self.ask("search", "--onlyvisible", "--pid", str(self.process.pid), "--name", ".")
        others = [each for each in found.split("\n") if each and each != self.window]
        self.ask("windowfocus", *others[-1:] or [self.window])
