"""The main window: pages, the keys that lead between them, and the timers that poll."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from biofeedback.devices.flash import flash
from biofeedback.devices.survey import Watch
from biofeedback.display.asking import ask_to_end
from biofeedback.display.bar import Bar
from biofeedback.display.contact_model import ContactTest, Step
from biofeedback.display.contact_page import ContactPage
from biofeedback.display.flash_page import Flash
from biofeedback.display.lines import Message, NoteLine
from biofeedback.display.look import dress, larger, other_palette, smaller, turned
from biofeedback.display.pages import Page, Pages
from biofeedback.display.patient import PatientScreen
from biofeedback.display.sitting import Sitting
from biofeedback.display.start import Choice
from biofeedback.display.therapist import TherapistScreen
from biofeedback.display.training_screen import TrainingScreen
from biofeedback.display.whose import Whose
from biofeedback.errors import BiofeedbackError
from biofeedback.recording.repair import recordings_folder, repair_folder
from biofeedback.session import Session, State
from biofeedback.settings import (
    DisplaySettings,
    JournalSettings,
    Settings,
    SignalSettings,
    TrainingSettings,
    save_settings,
)
from biofeedback.text import _

SIZE = (1280, 800)
_WAIT_MS = 100

Screen = PatientScreen | TherapistScreen | TrainingScreen | ContactPage


class MainWindow(QMainWindow):
    """Holds the pages and, while a session runs, one of its two screens.

    `watch` finds the boards, `do_flash` puts the firmware on one.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        watch: Watch | None = None,
        do_flash: Flash = flash,
    ) -> None:
        super().__init__()
        self.settings = settings
        self.sitting: Sitting | None = None
        self._whose = Whose(settings.journal.person)
        self._therapist = False
        self._screen: Screen | None = None
        self._test: ContactTest | None = None
        self._known_way = False
        self.setWindowTitle("biofeedback")
        self.resize(*SIZE)
        self.palette_in_use = dress(settings.display)
        self._make_pages(watch, do_flash)
        self._message, self._note = Message(), NoteLine()
        self._note.message.connect(self.say)
        self._note.left.connect(self._refocus)
        self._bar = Bar(
            leave=self.leave,
            record=self.switch_recording,
            note=self.ask_note,
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
        for part in (self._bar, self._message, self._note):
            rows.addWidget(part)
        rows.addWidget(self.pages, 1)
        self.setCentralWidget(centre)
        self._bind_keys()
        self._frames = QTimer(self, timerType=Qt.TimerType.PreciseTimer)
        self._frames.timeout.connect(self.tick)
        self._show_page(self.pages.start)
        self.say(" ".join(done.sentence for done in repair_folder(recordings_folder())))

    def _make_pages(self, watch: Watch | None, do_flash: Flash) -> None:
        self.pages = Pages(
            self.settings,
            self.palette_in_use,
            watch=watch,
            do_flash=do_flash,
            whose=self._whose,
        )
        self.pages.start.people.changed.connect(self._keep_person)
        self.pages.start.signal_changed.connect(self._keep_signal)
        self.pages.chosen.connect(self.choose)
        self.pages.message.connect(self.say)
        self.pages.shown.connect(self._page_shown)
        self.pages.summary.again.connect(lambda: self._begin_again(check=False))
        self._home: Page = self.pages.start

    def _bind_keys(self) -> None:
        for keys, done in (
            ("Esc", self.leave),
            ("V", self.switch_view),
            ("K", self.check_sensor),
            ("R", self.switch_recording),
            ("N", self.ask_note),
            ("S", self.switch_sound),
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

    @property
    def session(self) -> Session | None:
        """What runs behind the screens; None on the pages."""
        return self.sitting.session if self.sitting else None

    def say(self, text: str) -> None:
        """Show a sentence for a while; an empty one takes the last away."""
        self._message.say(text)

    # colours and text size

    def _restyle(self, change: Callable[[DisplaySettings], DisplaySettings]) -> None:
        self.settings = replace(self.settings, display=change(self.settings.display))
        self._keep_settings()
        self.palette_in_use = dress(self.settings.display)
        self.pages.set_palette(self.palette_in_use)
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
        self.pages.show_page(page)

    def _page_shown(self) -> None:
        self.say("")
        self._bar.show_page(back=self.pages.page() in self.pages.back_to)

    def _clear_session(self) -> None:
        if self._screen is not None:
            self.pages.removeWidget(self._screen)
            self._screen.deleteLater()
            self._screen = None

    def choose(self, choice: Choice) -> None:
        """Begin what was chosen on a page, and remember the sensor and the protocol."""
        self._known_way = bool(self.settings.training.protocol)
        if choice.remember:
            self.settings = replace(self.settings, source=choice.remember)
        if choice.protocol:
            self.settings = replace(self.settings, training=TrainingSettings(choice.protocol))
        if choice.remember or choice.protocol:
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
            self.sitting = Sitting(
                choice,
                self.settings,
                whose=self._whose,
                threshold_uv=threshold_uv,
                seconds=seconds,
            )
        except BiofeedbackError as error:
            self._message.say_failure(error)
            return
        self._home = self.pages.page() or self._home
        self.pages.keep_focus()
        self._begin_again = partial(self.begin, choice, threshold_uv=threshold_uv, seconds=seconds)
        self._test = None
        self._therapist = False
        if check:
            self.check_sensor()
        else:
            self._show_session(therapist=False)

    def _begin_anew(self, *, check: bool) -> None:
        """Begin the session anew, with the settings as they are now."""
        if self._test is not None and self._under_way():
            self._test.start()  # as it listens now: the training goes on
            return
        if self.sitting is not None:
            self.sitting.end()
        self._begin_again(check=check)
        if self._test is not None:
            self._test.start()

    def _show_session(self, *, therapist: bool) -> None:
        sitting = self.sitting
        if sitting is None:
            return
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
        self._bar.show_training(therapist=therapist, check=sitting.checkable)
        if sitting.training is not None and not therapist:
            self._show_screen(TrainingScreen(sitting.training, self.palette_in_use))
            return
        make = TherapistScreen if therapist else PatientScreen
        self._show_screen(make(sitting.view_model, self.palette_in_use))

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
        sitting = self.sitting
        if sitting is not None and self._test is None and sitting.checkable:
            self._was_paused, sitting.session.paused = sitting.session.paused, True
            self._test = ContactTest(sitting.view_model)
            self._show_session(therapist=self._therapist)
            if sitting.training is not None and self._known_way:
                self._test.start()

    def _leave_test(self) -> None:
        """Go on to the training, with what was switched on; back where the session is over."""
        sitting = self.sitting
        if sitting is None:
            return
        session, training = sitting.session, sitting.training
        if sitting.over:
            self.end()
        elif session.signal != self.settings.signal and not self._under_way():
            self._begin_anew(check=False)
        else:
            self._test, session.paused = None, self._was_paused
            if training is not None:
                training.checked()
            self._show_session(therapist=self._therapist)

    def _under_way(self) -> bool:
        """Whether a training is, which would be lost if the session began anew."""
        return self.sitting is not None and self.sitting.under_way

    def _keep_signal(self, signal: SignalSettings) -> None:
        self.settings = replace(self.settings, signal=signal)
        self._keep_settings()
        self.pages.set_settings(self.settings)

    def _keep_person(self, person: str) -> None:
        self.settings = replace(self.settings, journal=JournalSettings(person))
        self._keep_settings()

    def switch_view(self) -> None:
        """Change between the patient's and the therapist's screen."""
        if self.session is not None and self._test is None:
            self._show_session(therapist=not self._therapist)

    def tick(self) -> None:
        """Show what the session has come to; called by the timer of frames."""
        sitting = self.sitting
        if sitting is None or self._screen is None:
            return
        self._screen.tick()
        ready = sitting.view_model.ready
        if ready:
            self._bar.title.setText(sitting.session.info.source)
            self._bar.show_recording(sitting.recording_words(), failed=sitting.recording_failed)
            if news := sitting.news():
                self.say(news)
        if error := sitting.failure():
            if not ready:  # nothing was shown yet: back to where it was chosen
                self.end()
            if self._test is None:  # which says it itself
                self._message.say_failure(error)
        elif sitting.training is not None:
            self._follow_training(sitting)

    def switch_sound(self) -> None:
        """Let the session be heard, or fall silent."""
        if self.sitting is not None and self._test is None:
            self.say(self.sitting.switch_sound())

    def _follow_training(self, sitting: Sitting) -> None:
        """Go on by itself where a training is over, or the sensor sits well before it."""
        test = self._test
        if sitting.over:
            self.end()
        elif test and test.step is Step.DONE and test.ok and not self._under_way():
            self._leave_test()
            self.say(_("The sensor sits well."))

    # the recording

    def switch_recording(self) -> None:
        """Begin to record what runs, or end that."""
        if self.sitting is not None and self._test is None:
            self.say(self.sitting.switch_recording())

    def ask_note(self) -> None:
        """Let a note of this moment be typed."""
        if self.sitting is not None and self._test is None:
            self._note.ask_about(self.sitting)

    def _refocus(self) -> None:
        if self._screen is not None:
            self._screen.focus_first()

    def leave(self) -> None:
        """Go back to the page before; ask first while a session runs."""
        if self.session is None:
            self.pages.go_back()
            return
        if self._test is not None:
            self._leave_test()
            return
        if self.session.state is not State.RUNNING:
            self.end()
            return
        ask_to_end(self, training=self._under_way(), end=self.end)

    def end(self) -> None:
        """End the session and show what came of it, or the page that it was begun from."""
        self._frames.stop()
        ended, said = self.sitting, self.sitting.end() if self.sitting is not None else ""
        self.sitting = self._test = None
        self._note.hide()
        if ended is not None and ended.under_way:
            self.pages.show_summary(ended, said)
        else:
            self._show_page(self._home)
            self.say(said)
        self._clear_session()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        page = self.pages.page()
        if page is not None:  # what is not shown yet cannot take the focus
            page.focus_first()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.pages.flash.busy:  # half a program on a board would be of no use
            self.pages.flash.cancel()
            event.ignore()
            QTimer.singleShot(_WAIT_MS, self.close)
            return
        self._frames.stop()
        if self.sitting is not None:
            self.sitting.end()
        self._whose.close()
        super().closeEvent(event)
