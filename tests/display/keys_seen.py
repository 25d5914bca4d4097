"""The program as a person has it, which also prints the page that is shown and where the focus is.

`PORT`: the one serial port of this machine, as if it were a board's on USB.
"""

import sys

from biofeedback.sources import ports

BOARD = ports.Port(sys.argv[1], "Arduino Uno", 0x2341, 0x0043, "emulated")
ports.list_ports = lambda: [BOARD]  # before anybody else knows it by its name

from PySide6.QtCore import QTimer  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from biofeedback.cli import main  # noqa: E402
from biofeedback.display.app import MainWindow  # noqa: E402

LOOK_MS = 50


class Watched(MainWindow):
    """The main window; prints a line whenever something else is seen."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._printed = ""
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self._print)
        self._look.start()

    def _print(self) -> None:
        page = type(self.pages.currentWidget()).__name__
        focused = QApplication.focusWidget()
        seen = f"{page}|{focused.accessibleName() if focused else ''}"
        if seen != self._printed:
            self._printed = seen
            sys.stdout.write(f"{seen}\n")
            sys.stdout.flush()


import biofeedback.display.app  # noqa: E402
import biofeedback.display.run  # noqa: E402

for module in (biofeedback.display.app, biofeedback.display.run):
    if hasattr(module, "MainWindow"):
        module.MainWindow = Watched
sys.exit(main([]))
