"""The main window: pages, the keys that lead between them, and the timers that poll."""

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QMessageBox,
    QVBoxLayout,
    QWidget,
)

from biofeedback.devices.flash import flash
from biofeedback.devices.survey import Watch
from biofeedback.display.bar import Bar
from biofeedback.display.connect import ConnectPage
from biofeedback.display.contact_model import ContactTest
from biofeedback.display.contact_page import ContactPage
from biofeedback.display.controls import Label
from biofeedback.display.flash_page import Flash, FlashPage
from biofeedback.display.look import dress, larger, other_palette, smaller, turned
from biofeedback.display.page_stack import Page, PageStack
from biofeedback.display.patient import PatientScreen
from biofeedback.display.start import PATIENCE_S, Choice, StartPage
from biofeedback.display.therapist import TherapistScreen
from biofeedback.display.view_model import ViewModel
from biofeedback.display.wiring_page import WiringPage
from biofeedback.errors import BiofeedbackError
from biofeedback.session import Session, State
from biofeedback.settings import (
    DisplaySettings,
    Settings,
    SignalSettings,
    load_settings,
    save_settings,
)
from biofeedback.sources import SourceOptions, open_source
from biofeedback.sources.ports import Port
from biofeedback.text import _

_MESSAGE_MS = 15_000
_SIZE = (1280, 800)
_TITLE_BAR = 40
_WAIT_MS = 100

Screen = PatientScreen | TherapistScreen | ContactPage


class MainWindow(QMainWindow):
    """Holds the pages and, while a session runs, one of its two screens.

    `watch` finds the boards, `do_flash` puts the firmware on one.
    """

    def __init__(
        self, settings: Settings, *, watch: Watch | None = None, do_flash: Flash = flash
    ) -> None:
        super().__init__()
        self.settings = settings
        self.session: Session | None = None
        self._told_notes, self._told_failure = 0, False
        self._therapist = False
        self._screen: Screen | None = None
        self._test: ContactTest | None = None
        self.setWindowTitle("biofeedback")
        self.resize(*_SIZE)
        self.palette_in_use = dress(settings.display)
        self._make_pages(watch, do_flash)
        self._message = Label("", "message")
        self._message.setAccessibleName(_("Message"))
        self._message.hide()
        self._bar = Bar(
            leave=self.leave,
            check=self.check_sensor,
            switch=self.switch_view,
            colours=lambda: self._restyle(other_palette),
            size=lambda: self._restyle(turned),
        )
        centre = QWidget()
        centre.setObjectName("page")
        rows = QVBoxLayout(centre)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(6)
        rows.addLayout(self._bar)
        rows.addWidget(self._message)
        rows.addWidget(self.pages, 1)
        self.setCentralWidget(centre)
        self._bind_keys()
        self._frames = QTimer(self, timerType=Qt.TimerType.PreciseTimer)
        self._frames.timeout.connect(self.tick)
        self._forget = QTimer(self, singleShot=True, interval=_MESSAGE_MS)
        self._forget.timeout.connect(self._message.hide)
        self._show_page(self._start)

    def _make_pages(self, watch: Watch | None, do_flash: Flash) -> None:
        last = self.settings.source
        self._start = StartPage(last, self.settings.signal)
        self._start.signal_changed.connect(self._keep_signal)
        self._connect = ConnectPage(last, watch=watch)
        self._flash = FlashPage(do=do_flash)
        self._wiring = WiringPage(self.palette_in_use)
        self._start.connect_wanted.connect(lambda: self._show_page(self._connect))
        self._connect.wiring_wanted.connect(lambda: self._show_page(self._wiring))
        self._connect.firmware_wanted.connect(self._show_flash)
        self._flash.finished.connect(self._connect_flashed)
        for chosen in (self._start.chosen, self._connect.chosen):
            chosen.connect(self.choose)
        for message in (self._connect.message, self._flash.message):
            message.connect(self.say)
        self._home: Page = self._start
        before: dict[Page, Page] = {
            self._connect: self._start,
            self._flash: self._connect,
            self._wiring: self._connect,
        }
        self.pages = PageStack(
            self._start, self._connect, self._flash, self._wiring, back_to=before
        )

    def _bind_keys(self) -> None:
        for keys, done in (
            ("Esc", self.leave),
            ("V", self.switch_view),
            ("K", self.check_sensor),
            ("Ctrl+L", lambda: self._restyle(other_palette)),
            ("Ctrl++", lambda: self._restyle(larger)),
            ("Ctrl+=", lambda: self._restyle(larger)),
            ("Ctrl+-", lambda: self._restyle(smaller)),
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

    def _restyle(self, change: Callable[[DisplaySettings], DisplaySettings]) -> None:
        self.settings = replace(self.settings, display=change(self.settings.display))
        self._keep_settings()
        self.palette_in_use = dress(self.settings.display)
        self._wiring.set_palette(self.palette_in_use)
        if self.session is not None:
            self._show_session(therapist=self._therapist)

    def _keep_settings(self) -> None:
        try:
            save_settings(self.settings)
        except BiofeedbackError as error:
            self.say(str(error))

    # the pages

    def _show_page(self, page: Page) -> None:
        """Show `page` as it was left."""
        self.say("")
        self._bar.show_page(back=page in self.pages.back_to)
        self.pages.show_page(page)

    def _show_flash(self, port: Port) -> None:
        self._flash.set_port(port)
        self.pages.forget_focus(self._flash)
        self._show_page(self._flash)

    def _connect_flashed(self, port: Port) -> None:
        self._connect.choose_port(port)
        self.pages.forget_focus(self._connect)
        self._show_page(self._connect)

    def _clear_session(self) -> None:
        if self._screen is not None:
            self.pages.removeWidget(self._screen)
            self._screen.deleteLater()
            self._screen = None

    def choose(self, choice: Choice) -> None:
        """Begin what was chosen on a page, and remember the sensor."""
        if choice.remember:
            self.settings = replace(self.settings, source=choice.remember)
            self._keep_settings()
        self.begin(choice, check=choice.remember is not None)

    # a session

    def begin(
        self,
        choice: Choice,
        *,
        threshold_uv: float | None = None,
        seconds: float | None = None,
        check: bool = False,
    ) -> None:
        """Open a source and show the patient's screen, or first a `check` of the sensor."""
        self.say("")
        try:
            source = open_source(choice.words, choice.options)
        except BiofeedbackError as error:
            self._say_failure(error)
            return
        self._told_notes, self._told_failure = 0, False
        self._home = self.pages.page() or self._home
        self.pages.keep_focus()
        self._begun = partial(self.begin, choice, threshold_uv=threshold_uv, seconds=seconds)
        self._checkable = not choice.words.startswith("file:")  # nobody sits at a recording
        self.session = Session(
            source, signal=self.settings.signal, threshold_uv=threshold_uv, seconds=seconds
        )
        self.session.start()
        self.view_model = ViewModel(self.session)
        self._test = None
        self._therapist = False
        if check:
            self.check_sensor()
        else:
            self._show_session(therapist=False)

    def _begin_anew(self, *, check: bool) -> None:
        """Begin the session anew, with the settings as they are now."""
        if self.session is not None:
            self.session.stop()
        self._begun(check=check)
        if self._test is not None:
            self._test.start()

    def _show_session(self, *, therapist: bool) -> None:
        self._clear_session()
        self._therapist = therapist
        if self._test is not None:
            page = ContactPage(self._test, self.palette_in_use, self.settings.signal)
            page.left.connect(self._leave_test)
            page.anew.connect(lambda: self._begin_anew(check=True))
            page.changed.connect(self._keep_signal)
            self._bar.show_test()
            self._show_screen(page)
            return
        self._bar.show_training(therapist=therapist, check=self._checkable)
        if therapist:
            self._show_screen(TherapistScreen(self.view_model, self.palette_in_use))
        else:
            self._show_screen(PatientScreen(self.view_model, self.palette_in_use))

    def _show_screen(self, screen: Screen) -> None:
        screen.message.connect(self.say)
        self.pages.addWidget(screen)
        self.pages.setCurrentWidget(screen)
        self._screen = screen
        self._frames.start(1000 // screen.ticks_per_second)
        screen.focus_first()
        screen.tick()

    # the check of the sensor

    def check_sensor(self) -> None:
        """Show whether the sensor sits well; nothing is judged meanwhile."""
        if self.session is not None and self._test is None and self._checkable:
            self._was_paused, self.session.paused = self.session.paused, True
            self._test = ContactTest(self.view_model)
            self._show_session(therapist=self._therapist)

    def _leave_test(self) -> None:
        """Go on to the training, with what was switched on; back where the session is over."""
        session = self.session
        if session is None:
            return
        if session.state not in (State.OPENING, State.RUNNING):
            self.end()
        elif session.signal != self.settings.signal:
            self._begin_anew(check=False)
        else:
            self._test, session.paused = None, self._was_paused
            self._show_session(therapist=self._therapist)

    def _keep_signal(self, signal: SignalSettings) -> None:
        self.settings = replace(self.settings, signal=signal)
        self._keep_settings()
        self._start.switches.set_signal(signal)

    def switch_view(self) -> None:
        """Change between the patient's and the therapist's screen."""
        if self.session is not None and self._test is None:
            self._show_session(therapist=not self._therapist)

    def tick(self) -> None:
        """Show what the session has come to; called by the timer of frames."""
        session = self.session
        if session is None or self._screen is None:
            return
        self._screen.tick()
        if self.view_model.ready:
            self._bar.title.setText(session.info.source)
            self._tell_notes(session.notes)
        if session.state is State.FAILED and not self._told_failure:
            self._told_failure = True
            error = session.error
            if not self.view_model.ready:  # nothing was shown yet: back to where it was chosen
                self.end()
            if self._test is None:  # which says it itself
                self._say_failure(error)

    def _tell_notes(self, notes: list[str]) -> None:
        """Say what has come to be known of the source, such as that the board was away."""
        news = notes[self._told_notes :]
        if news:
            self._told_notes += len(news)
            self.say(" ".join(news))

    def leave(self) -> None:
        """Go back to the page before; ask first while a session runs."""
        if self.session is None:
            self._go_back()
            return
        if self._test is not None:
            self._leave_test()
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

    def _go_back(self) -> None:
        page = self.pages.page()
        if self._flash.busy:
            self._flash.cancel()
        elif page in self.pages.back_to:
            self._show_page(self.pages.back_to[page])

    def end(self) -> None:
        """End the session and show the page that it was begun from."""
        if self.session is not None:
            self.session.stop()
            self.session = None
        self._test = None
        self._frames.stop()
        self._show_page(self._home)
        self._clear_session()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        page = self.pages.page()
        if page is not None:  # what is not shown yet cannot take the focus
            page.focus_first()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._flash.busy:  # half a program on a board would be of no use
            self._flash.cancel()
            event.ignore()
            QTimer.singleShot(_WAIT_MS, self.close)
            return
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
        options = SourceOptions(patience_s=PATIENCE_S)
        window.begin(Choice(source, options), threshold_uv=threshold_uv, seconds=seconds)
    if seconds is not None:
        QTimer.singleShot(round(1000 * seconds), window.close)
    return app.exec()
