"""The program's window, from its opening to its end."""

import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QSocketNotifier, QTimer
from PySide6.QtWidgets import QApplication

from biofeedback.display.app import SIZE, MainWindow
from biofeedback.display.collecting import on_this_thread
from biofeedback.display.sitting.choice import PATIENCE_S, Choice
from biofeedback.display.widgets.language_choice import speak
from biofeedback.settings import load_settings
from biofeedback.sources import SourceOptions

_TITLE_BAR = 40
_BYTES = 64  # one for each signal


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
        QTimer.singleShot(round(1000 * seconds), window.close_now)
    with on_this_thread(), _closing_when_told(window):
        return app.exec()


@contextmanager
def _closing_when_told(window: MainWindow) -> Iterator[None]:
    """Close `window` where SIGINT (Ctrl+C) or SIGTERM says so: what is recorded is ended well.

    Qt waits outside of Python, which hears of a signal only when it goes on: its own socket
    for that (`signal.set_wakeup_fd`) wakes Qt.
    """
    hearing, telling = socket.socketpair()
    hearing.settimeout(0.0)
    telling.settimeout(0.0)
    heard = QSocketNotifier(hearing.fileno(), QSocketNotifier.Type.Read)

    def close() -> None:
        hearing.recv(_BYTES)
        window.close_now()

    heard.activated.connect(close)
    told = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: None) for number in told}
    woke = signal.set_wakeup_fd(telling.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(woke)
        for number, handler in before.items():
            signal.signal(number, handler)
        heard.setEnabled(False)
        hearing.close()
        telling.close()
