"""The program with a simulated muscle for a sensor, which says once a second of it is recorded."""

import sys

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from biofeedback.display import run
from biofeedback.display.app import MainWindow
from biofeedback.display.sitting import sitting

sitting.is_live = lambda _words: True
app = QApplication(sys.argv[:1])
look = QTimer(interval=50)


def say() -> None:
    for window in app.topLevelWidgets():
        if isinstance(window, MainWindow) and window.sitting is not None:
            session = window.sitting.session
            if window.sitting.view_model.ready and session.duration_s > 1 and look.isActive():
                look.stop()
                sys.stdout.write("recording\n")
                sys.stdout.flush()


look.timeout.connect(say)
look.start()
sys.exit(run.run_window("sim:relaxing"))
