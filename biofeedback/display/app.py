"""The main window: pages, the keys that lead between them, and the timers that poll."""

import sys
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QMessageBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from biofeedback.display.controls import Label, button
from biofeedback.display.patient import PatientScreen
from biofeedback.display.start import Choice, StartPage
from biofeedback.display.style import apply_style, choose_palette
from biofeedback.display.therapist import TherapistScreen
from biofeedback.display.view_model import ViewModel
from biofeedback.errors import BiofeedbackError
from biofeedback.session import Session, State
from biofeedback.settings import Settings, load_settings, save_settings
from biofeedback.sources import SourceOptions, open_source
from biofeedback.text import _

_MESSAGE_MS = 15_000
_PORTS_MS = 2000
_FONT_STEPS = (1.0, 1.25, 1.5, 2.0)
_SIZE = (1280, 800)
_TITLE_BAR = 40


class MainWindow(QMainWindow):
    """Holds the start page and, while a session runs, one of its two screens."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self.session: Session | None = None
        self._told_source = self._told_failure = False
        self._therapist = False
        self._screen: PatientScreen | TherapistScreen | None = None
        self._left_at: QWidget | None = None
        self.setWindowTitle("biofeedback")
        self.resize(*_SIZE)
        self._dress()
        self.pages = QStackedWidget()
        self._start = StartPage(settings.source)
        self._start.chosen.connect(self.choose)
        self.pages.addWidget(self._start)
        self._message = Label("", "message")
        self._message.setAccessibleName(_("Message"))
        self._message.hide()
        self._bar = QHBoxLayout()
        self._bar.setContentsMargins(16, 10, 16, 6)
        centre = QWidget()
        centre.setObjectName("page")
        rows = QVBoxLayout(centre)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(6)
        rows.addLayout(self._bar)
        rows.addWidget(self._message)
        rows.addWidget(self.pages, 1)
        self.setCentralWidget(centre)
        self._make_bar()
        self._frames = QTimer(self, timerType=Qt.TimerType.PreciseTimer)
        self._frames.timeout.connect(self.tick)
        self._ports = QTimer(self, interval=_PORTS_MS)
        self._ports.timeout.connect(self._refresh_ports)
        self._forget = QTimer(self, singleShot=True, interval=_MESSAGE_MS)
        self._forget.timeout.connect(self._message.hide)
        self.show_start()

    # the bar at the top, and keys

    def _make_bar(self) -> None:
        self._title = Label("biofeedback", "title")
        self._back = button(_("Start page"), _("End the session (Esc)"), self.leave)
        self._switch = button(_("Therapist's view"), _("The other view (V)"), self.switch_view)
        dress = button(_("Light or dark"), _("Change the colours (Ctrl+L)"), self.switch_palette)
        size = button(_("Text size"), _("Larger text, round again (Ctrl+Plus)"), self.larger_text)
        self._bar.addWidget(self._title, 1)
        for made in (self._back, self._switch, dress, size):
            self._bar.addWidget(made)
        for keys, done in (
            ("Esc", self.leave),
            ("V", self.switch_view),
            ("Ctrl+L", self.switch_palette),
            ("Ctrl++", self.larger_text),
            ("Ctrl+=", self.larger_text),
            ("Ctrl+-", self.smaller_text),
            ("Ctrl+Q", self.close),
        ):
            action = QAction(self)
            action.setShortcut(QKeySequence(keys))
            action.triggered.connect(lambda _checked=False, done=done: done())
            self.addAction(action)

    def say(self, text: str) -> None:
        """Show a sentence for a while; an empty one takes the last away."""
        self._message.setText(text)
        self._message.setVisible(bool(text))
        self._forget.start()

    def _say_failure(self, error: object) -> None:
        """Show why something could not be done, until something else is."""
        self.say(str(error))
        self._forget.stop()

    # colours and text size

    def _dress(self) -> None:
        display = self.settings.display
        self.palette_in_use = choose_palette(display.palette)
        app = QApplication.instance()
        assert isinstance(app, QApplication)  # noqa: S101
        apply_style(app, self.palette_in_use, font_scale=display.font_scale)

    def _restyle(self, *, palette: str | None = None, font_scale: float | None = None) -> None:
        display = self.settings.display
        display = replace(
            display,
            palette=palette or display.palette,
            font_scale=font_scale or display.font_scale,
        )
        self.settings = replace(self.settings, display=display)
        self._keep_settings()
        self._dress()
        if self.session is not None:
            self._show_session(therapist=self._therapist)

    def switch_palette(self) -> None:
        """Change between light and dark."""
        dark = self.palette_in_use is choose_palette("dark")
        self._restyle(palette="light" if dark else "dark")

    def larger_text(self) -> None:
        """Make the text larger; after the largest the smallest."""
        now = self.settings.display.font_scale
        self._restyle(font_scale=next((s for s in _FONT_STEPS if s > now), _FONT_STEPS[0]))

    def smaller_text(self) -> None:
        """Make the text smaller."""
        now = self.settings.display.font_scale
        self._restyle(
            font_scale=next((s for s in reversed(_FONT_STEPS) if s < now), _FONT_STEPS[0])
        )

    def _keep_settings(self) -> None:
        try:
            save_settings(self.settings)
        except BiofeedbackError as error:
            self.say(str(error))

    # the start page

    def show_start(self) -> None:
        """Show the start page as it was left."""
        self._clear_session()
        self.pages.setCurrentWidget(self._start)
        self._title.setText("biofeedback")
        self._back.hide()
        self._switch.hide()
        self._frames.stop()
        self._ports.start()
        if self._left_at is None:
            self._start.focus_first()
        else:
            self._left_at.setFocus()

    def _clear_session(self) -> None:
        if self._screen is not None:
            self.pages.removeWidget(self._screen)
            self._screen.deleteLater()
            self._screen = None

    def _refresh_ports(self) -> None:
        self._start.refresh_ports()

    def choose(self, choice: Choice) -> None:
        """Begin what was chosen on the start page, and remember the sensor."""
        if choice.words.startswith("serial:"):
            source = replace(
                self.settings.source, sensor=choice.options.sensor, board=choice.options.board
            )
            self.settings = replace(self.settings, source=source)
            self._keep_settings()
        self._left_at = self._start.focusWidget()
        self.begin(choice)

    # a session

    def begin(
        self, choice: Choice, *, threshold_uv: float | None = None, seconds: float | None = None
    ) -> None:
        """Open a source and show the patient's screen."""
        self.say("")
        try:
            source = open_source(choice.words, choice.options)
        except BiofeedbackError as error:
            self._say_failure(error)
            return
        self._told_source = self._told_failure = False
        self.session = Session(
            source, signal=self.settings.signal, threshold_uv=threshold_uv, seconds=seconds
        )
        self.session.start()
        self.view_model = ViewModel(self.session)
        self._ports.stop()
        self._back.show()
        self._switch.show()
        self._show_session(therapist=False)

    def _show_session(self, *, therapist: bool) -> None:
        self._clear_session()
        self._therapist = therapist
        if therapist:
            self._show_screen(TherapistScreen(self.view_model, self.palette_in_use))
        else:
            self._show_screen(PatientScreen(self.view_model, self.palette_in_use))
        self._switch.setText(_("Patient's view") if therapist else _("Therapist's view"))

    def _show_screen(self, screen: PatientScreen | TherapistScreen) -> None:
        screen.message.connect(self.say)
        self.pages.addWidget(screen)
        self.pages.setCurrentWidget(screen)
        self._screen = screen
        self._frames.start(1000 // screen.ticks_per_second)
        screen.focus_first()
        screen.tick()

    def switch_view(self) -> None:
        """Change between the patient's and the therapist's screen."""
        if self.session is not None:
            self._show_session(therapist=not self._therapist)

    def tick(self) -> None:
        """Show what the session has come to; called by the timer of frames."""
        session = self.session
        if session is None or self._screen is None:
            return
        self._screen.tick()
        if not self._told_source and self.view_model.ready:
            self._told_source = True
            self._title.setText(session.info.source)
            self.say(" ".join(session.notes))
        if session.state is State.FAILED and not self._told_failure:
            self._told_failure = True
            error = session.error
            if not self.view_model.ready:  # nothing was shown yet: back to where it was chosen
                self.end()
            self._say_failure(error)

    def leave(self) -> None:
        """Go back to the start page; ask first while a session runs."""
        if self.session is None:
            return
        if self.session.state is not State.RUNNING:
            self.end()
            return
        asked = QMessageBox(self)
        asked.setObjectName("ask")
        asked.setText(_("End this session?"))
        asked.setInformativeText(_("The signal goes on while you decide."))
        end = asked.addButton(_("&End it"), QMessageBox.ButtonRole.AcceptRole)
        asked.addButton(_("&Go on"), QMessageBox.ButtonRole.RejectRole)
        end.clicked.connect(self.end)
        asked.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        asked.open()

    def end(self) -> None:
        """End the session and show the start page."""
        if self.session is not None:
            self.session.stop()
            self.session = None
        self.show_start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.session is None:  # what is not shown yet cannot take the focus
            self._start.focus_first()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._frames.stop()
        if self.session is not None:
            self.session.stop()
        super().closeEvent(event)


def run_window(
    source: str = "", *, threshold_uv: float | None = None, seconds: float | None = None
) -> int:
    """Open the window, on `source` where it is named; return the exit code when it is closed."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)  # noqa: S101
    app.setApplicationName("biofeedback")
    app.setStyle("Fusion")
    window = MainWindow(load_settings())
    room = app.primaryScreen().availableSize()
    if room.width() > _SIZE[0] and room.height() > _SIZE[1] + _TITLE_BAR:
        window.show()
    else:
        window.showMaximized()
    if source:
        window.begin(Choice(source, SourceOptions()), threshold_uv=threshold_uv, seconds=seconds)
    if seconds is not None:
        QTimer.singleShot(round(1000 * seconds), window.close)
    return app.exec()
