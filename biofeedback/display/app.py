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

from biofeedback.devices.flash import flash
from biofeedback.devices.survey import Watch
from biofeedback.display.connect import ConnectPage
from biofeedback.display.controls import Label, button
from biofeedback.display.flash_page import Flash, FlashPage
from biofeedback.display.patient import PatientScreen
from biofeedback.display.start import PATIENCE_S, Choice, StartPage
from biofeedback.display.style import apply_style, choose_palette
from biofeedback.display.therapist import TherapistScreen
from biofeedback.display.view_model import ViewModel
from biofeedback.display.wiring_page import WiringPage
from biofeedback.errors import BiofeedbackError
from biofeedback.session import Session, State
from biofeedback.settings import Settings, load_settings, save_settings
from biofeedback.sources import SourceOptions, open_source
from biofeedback.sources.ports import Port
from biofeedback.text import _

_MESSAGE_MS = 15_000
_FONT_STEPS = (1.0, 1.25, 1.5, 2.0)
_SIZE = (1280, 800)
_TITLE_BAR = 40
_WAIT_MS = 100


Page = StartPage | ConnectPage | FlashPage | WiringPage


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
        self._screen: PatientScreen | TherapistScreen | None = None
        self.setWindowTitle("biofeedback")
        self.resize(*_SIZE)
        self._dress()
        self.pages = QStackedWidget()
        self._make_pages(watch, do_flash)
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
        self._switch.hide()
        self._frames = QTimer(self, timerType=Qt.TimerType.PreciseTimer)
        self._frames.timeout.connect(self.tick)
        self._forget = QTimer(self, singleShot=True, interval=_MESSAGE_MS)
        self._forget.timeout.connect(self._message.hide)
        self._show_page(self._start)

    def _make_pages(self, watch: Watch | None, do_flash: Flash) -> None:
        last = self.settings.source
        self._start = StartPage(last)
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
        for page in (self._start, self._connect, self._flash, self._wiring):
            self.pages.addWidget(page)
        self._home: Page = self._start
        self._back_to: dict[Page, Page] = {
            self._connect: self._start,
            self._flash: self._connect,
            self._wiring: self._connect,
        }
        self._left_at: dict[Page, QWidget] = {}

    # the bar at the top, and keys

    def _make_bar(self) -> None:
        self._title = Label("biofeedback", "title")
        self._back = button(_("Back"), "", self.leave)
        self._switch = button(_("Therapist's view"), _("The other view (V)"), self.switch_view)
        dress = button(_("Light or dark"), _("Change the colours (Ctrl+L)"), self.switch_palette)
        size = button(_("Text size"), _("Larger, round again (Ctrl+Plus, Minus)"), self.turn_text)
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
        self._wiring.set_palette(self.palette_in_use)
        if self.session is not None:
            self._show_session(therapist=self._therapist)

    def switch_palette(self) -> None:
        """Change between light and dark."""
        dark = self.palette_in_use is choose_palette("dark")
        self._restyle(palette="light" if dark else "dark")

    def larger_text(self) -> None:
        """Make the text larger, up to double."""
        now = self.settings.display.font_scale
        self._restyle(font_scale=min((s for s in _FONT_STEPS if s > now), default=now))

    def smaller_text(self) -> None:
        """Make the text smaller."""
        now = self.settings.display.font_scale
        self._restyle(font_scale=max((s for s in _FONT_STEPS if s < now), default=now))

    def turn_text(self) -> None:
        """Make the text larger; after the largest the smallest."""
        now = self.settings.display.font_scale
        self._restyle(font_scale=min((s for s in _FONT_STEPS if s > now), default=_FONT_STEPS[0]))

    def _keep_settings(self) -> None:
        try:
            save_settings(self.settings)
        except BiofeedbackError as error:
            self.say(str(error))

    # the pages

    def _show_page(self, page: Page) -> None:
        """Show `page` as it was left."""
        self.say("")
        before = self._page()
        focused = before.focusWidget() if before else None
        if before and focused:
            self._left_at[before] = focused
        self.pages.setCurrentWidget(page)
        self._name_back(_("Back"), _("To the page before (Esc)"))
        self._back.setVisible(page in self._back_to)
        self._focus_page(page)

    def _page(self) -> Page | None:
        """Return the page that is shown; None where it is a screen of a session."""
        page = self.pages.currentWidget()
        return page if isinstance(page, Page) else None

    def _focus_page(self, page: Page) -> None:
        left = self._left_at.get(page)
        if left is not None and left.isVisibleTo(page):
            left.setFocus()
        else:
            page.focus_first()

    def _name_back(self, text: str, description: str) -> None:
        self._back.setText(text)
        self._back.setAccessibleName(text)
        self._back.setAccessibleDescription(description)
        self._back.setToolTip(description)

    def _show_flash(self, port: Port) -> None:
        self._flash.set_port(port)
        self._left_at.pop(self._flash, None)
        self._show_page(self._flash)

    def _connect_flashed(self, port: Port) -> None:
        self._connect.choose_port(port)
        self._left_at.pop(self._connect, None)
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
        self._told_notes, self._told_failure = 0, False
        page = self._page()
        if page is not None:
            self._home = page
            if (focused := page.focusWidget()) is not None:
                self._left_at[page] = focused
        self.session = Session(
            source, signal=self.settings.signal, threshold_uv=threshold_uv, seconds=seconds
        )
        self.session.start()
        self.view_model = ViewModel(self.session)
        self._name_back(_("End"), _("End the session (Esc)"))
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
        if self.view_model.ready:
            self._title.setText(session.info.source)
            self._tell_notes(session.notes)
        if session.state is State.FAILED and not self._told_failure:
            self._told_failure = True
            error = session.error
            if not self.view_model.ready:  # nothing was shown yet: back to where it was chosen
                self.end()
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
        page = self._page()
        if self._flash.busy:
            self._flash.cancel()
        elif page in self._back_to:
            self._show_page(self._back_to[page])

    def end(self) -> None:
        """End the session and show the page that it was begun from."""
        if self.session is not None:
            self.session.stop()
            self.session = None
        self._frames.stop()
        self._title.setText("biofeedback")
        self._switch.hide()
        self._show_page(self._home)
        self._clear_session()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        page = self._page()
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
