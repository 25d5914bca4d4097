"""The program's window, from its opening to its end."""

import sys

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from biofeedback.display.app import SIZE, MainWindow
from biofeedback.display.language_choice import speak
from biofeedback.display.start import PATIENCE_S, Choice
from biofeedback.settings import load_settings
from biofeedback.sources import SourceOptions

_TITLE_BAR = 40


def run_window(
    source: str = "", *, threshold_uv: float | None = None, seconds: float | None = None
) -> int:
    """Open the window, on `source` where it is named; return the exit code when it is closed."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)  # noqa: S101
    app.setApplicationName("biofeedback")
    app.setStyle("Fusion")
    speak(app)
    window = MainWindow(load_settings())
    room = app.primaryScreen().availableSize()
    if room.width() > SIZE[0] and room.height() > SIZE[1] + _TITLE_BAR:
        window.show()
    else:
        window.showMaximized()
    if source:
        options = SourceOptions(patience_s=PATIENCE_S)
        window.begin(Choice(source, options), threshold_uv=threshold_uv, seconds=seconds)
    if seconds is not None:
        QTimer.singleShot(round(1000 * seconds), window.close)
    return app.exec()
