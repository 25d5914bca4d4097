"""The client's window: what the client sees while somebody else leads the sitting."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent, QScreen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from biofeedback.display.feedback.patient import PatientScreen
from biofeedback.display.sitting.sitting import Sitting
from biofeedback.display.training.screen import TrainingScreen
from biofeedback.display.widgets.controls import Label
from biofeedback.display.widgets.palette import Palette
from biofeedback.text import _

SIZE = (1024, 640)
"""Where there is no second screen."""
_TICKS_PER_SECOND = 60


class ClientWindow(QWidget):
    """Shows the client's screen of a sitting, and polls it by itself; has no keys of its own.

    It opens on another screen than `beside`, the window of who leads the sitting, and fills it;
    where there is none it is a window as any. Emits `closed` when it is.
    """

    closed = Signal()
    message = Signal(str)

    def __init__(self, beside: QWidget, palette: Palette) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, on=False)
        self.setWindowTitle(_("biofeedback: for the client"))
        self._palette = palette
        self.screen_shown: PatientScreen | TrainingScreen | None = None
        self._words = Label("", "large")
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 16, 0, 0)
        self._rows.addWidget(self._words, 1)
        self._frames = QTimer(self, timerType=Qt.TimerType.PreciseTimer)
        self._frames.setInterval(1000 // _TICKS_PER_SECOND)
        self._frames.timeout.connect(self.tick)
        self.show_words(_("It begins in a moment."))
        self._open(beside)

    def _open(self, beside: QWidget) -> None:
        other = second_screen(beside.screen(), QGuiApplication.screens())
        if other is None:
            self.resize(*SIZE)
            self.show()
        else:
            self.setGeometry(other.geometry())
            self.showFullScreen()
        beside.activateWindow()  # the keys stay where it is led

    def show_sitting(self, sitting: Sitting, palette: Palette) -> None:
        """Show what `sitting` has for the client, from now on."""
        self._clear()
        self._palette = palette
        self.screen_shown = (
            TrainingScreen(sitting.training, palette, led=True)
            if sitting.training is not None
            else PatientScreen(sitting.view_model, palette, led=True)
        )
        self.screen_shown.message.connect(self.message)
        self._rows.addWidget(self.screen_shown, 1)
        self._words.hide()
        self._frames.start()
        self.tick()

    def show_words(self, words: str) -> None:
        """Show words alone: no sitting runs."""
        self._clear()
        self._words.setText(words)
        self._words.show()

    def _clear(self) -> None:
        self._frames.stop()
        if self.screen_shown is not None:
            self._rows.removeWidget(self.screen_shown)
            self.screen_shown.hide()
            self.screen_shown.deleteLater()
            self.screen_shown = None

    def tick(self) -> None:
        """Show what the sitting has come to."""
        if self.screen_shown is not None:
            self.screen_shown.tick()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()  # a key that means nothing here closes nothing either

    def closeEvent(self, event: QCloseEvent) -> None:
        self._clear()
        super().closeEvent(event)
        self.closed.emit()


def second_screen(first: QScreen, screens: list[QScreen]) -> QScreen | None:
    """Return a screen besides the `first`; None where there is none, or it shows the same."""
    return next(
        (s for s in screens if s is not first and s.geometry() != first.geometry()),
        None,
    )
