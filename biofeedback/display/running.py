"""What the main window does with a session: it begins, checks, shows and ends it."""

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QMainWindow

from biofeedback.display.feedback.patient import PatientScreen
from biofeedback.display.lines import Message, NoteLine
from biofeedback.display.one_key.hand import OneKey
from biofeedback.display.pages import Page, Pages
from biofeedback.display.preparing.contact_model import ContactTest, Step
from biofeedback.display.preparing.contact_page import ContactPage
from biofeedback.display.sitting.choice import Choice
from biofeedback.display.sitting.montages import signal_for
from biofeedback.display.sitting.sitting import Sitting
from biofeedback.display.sitting.whose import Whose
from biofeedback.display.therapist.client_window import ClientWindow
from biofeedback.display.therapist.lead import Lead
from biofeedback.display.therapist.markers import MarkersDialog, marker_texts
from biofeedback.display.therapist.screen import TherapistScreen
from biofeedback.display.training.screen import TrainingScreen
from biofeedback.display.widgets.ask_line import AskLine
from biofeedback.display.widgets.asking import ask_to_end
from biofeedback.display.widgets.bar import Bar
from biofeedback.display.widgets.look import dress
from biofeedback.errors import BiofeedbackError
from biofeedback.journal.nouns import Montage
from biofeedback.session import Session, State
from biofeedback.settings import (
    MarkerSettings,
    Settings,
    SignalSettings,
    TrainingSettings,
    save_settings,
)
from biofeedback.text import _

Screen = PatientScreen | TherapistScreen | TrainingScreen | ContactPage


class RunningWindow(QMainWindow):
    """A window in which a session runs; `pages` and the bar are those of the window around it."""

    pages: Pages
    _bar: Bar
    _home: Page
    one_key: OneKey

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self.sitting: Sitting | None = None
        self._whose = Whose(settings.journal.person)
        self._therapist = False
        self._screen: Screen | None = None
        self._test: ContactTest | None = None
        self._known_way = False
        self._montage: Montage | None = None
        self._first_check = False  # the one on the way to a session, which Esc goes back from
        self.palette_in_use = dress(settings.display)
        self._message, self._note = Message(), NoteLine()
        self._ask = AskLine()
        for line in (self._note, self._ask):
            line.message.connect(self.say)
            line.left.connect(self._refocus)
        self.client: ClientWindow | None = None
        """What the client sees, where that is a window of its own."""
        self._frames = QTimer(self, timerType=Qt.TimerType.PreciseTimer)
        self._frames.timeout.connect(self.tick)

    @property
    def session(self) -> Session | None:
        """What runs behind the screens; None on the pages."""
        return self.sitting.session if self.sitting else None

    def say(self, text: str) -> None:
        """Show a sentence for a while; an empty one takes the last away."""
        self._message.say(text)

    def _keep_settings(self) -> None:
        try:
            save_settings(self.settings)
        except BiofeedbackError as error:
            self.say(str(error))

    def _keep_signal(self, signal: SignalSettings) -> None:
        self.settings = replace(self.settings, signal=signal)
        self._keep_settings()
        self.pages.set_settings(self.settings)

    def _keep_training(self, training: TrainingSettings) -> None:
        """Remember how a training is seen."""
        self.settings = replace(self.settings, training=training)
        self._keep_settings()
        self.pages.set_settings(self.settings)

    def _show_page(self, page: Page) -> None:
        """Show `page` as it was left."""
        self.pages.show_page(page)

    def _clear_session(self) -> None:
        if self._screen is not None:
            self.pages.removeWidget(self._screen)
            self._screen.deleteLater()
            self._screen = None

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
        begin = partial(self.begin, threshold_uv=threshold_uv, seconds=seconds)
        self._begin_again = partial(begin, choice)
        self._train_again = partial(begin, replace(choice, resume=None))
        self._test, self._montage = None, choice.montage
        self._therapist = self.client is not None
        self._show_client()
        self._first_check = check
        if check:
            self.check_sensor()
        else:
            self._show_session(therapist=self._therapist)

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
            self._bar.show_test(first=self._first_check)
            self._show_screen(page)
            return
        self._bar.show_training(therapist=therapist, check=sitting.checkable)
        if sitting.training is not None and not therapist:
            self._show_screen(TrainingScreen(sitting.training, self.palette_in_use))
            return
        if therapist:
            self._show_screen(self._therapist_screen(sitting))
        else:
            view, noted = sitting.view_model, sitting.noted.notes
            self._show_screen(PatientScreen(view, self.palette_in_use, noted=noted))

    def _therapist_screen(self, sitting: Sitting) -> TherapistScreen:
        lead = Lead(sitting, markers=marker_texts(self.settings.markers))
        screen = TherapistScreen(sitting.view_model, self.palette_in_use, lead=lead)
        screen.asked.connect(self._ask.ask_for)
        screen.client_wanted.connect(self.switch_client)
        screen.markers_wanted.connect(self.change_markers)
        screen.show_client(is_open=self.client is not None)
        return screen

    def _show_screen(self, screen: Screen) -> None:
        screen.message.connect(self.say)
        self.pages.addWidget(screen)
        self.pages.setCurrentWidget(screen)
        self._screen = screen
        self._frames.start(1000 // screen.ticks_per_second)
        screen.focus_first()
        screen.tick()

    # two windows

    def switch_client(self) -> None:
        """Open the client's window beside the therapist's screen, or close it."""
        if self.client is not None:
            self.client.close()
        elif self.sitting is not None:
            self.client = ClientWindow(self, self.palette_in_use)
            self.client.message.connect(self.say)
            self.client.closed.connect(self._client_closed)
            self._show_client()
            if self._test is None:
                self._show_session(therapist=True)
            self._therapist = True

    def _show_client(self) -> None:
        if self.client is not None and self.sitting is not None:
            self.sitting.view_model.led = True
            self.client.show_sitting(self.sitting, self.palette_in_use)

    def _client_closed(self) -> None:
        """Go on without: the sitting is not ended by it."""
        if self.client is not None:
            self.client.deleteLater()  # else whichever thread tidies up would take it apart
        self.client = None
        self.activateWindow()
        if self.sitting is not None:
            self.sitting.view_model.led = False
        if isinstance(self._screen, TherapistScreen):
            self._screen.show_client(is_open=False)

    def change_markers(self) -> None:
        """Let the texts of the digits be changed."""
        asked = MarkersDialog(self.settings.markers, self)
        asked.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        asked.changed.connect(self._keep_markers)
        asked.open()

    def _keep_markers(self, markers: MarkerSettings) -> None:
        self.settings = replace(self.settings, markers=markers)
        self._keep_settings()
        if self._test is None:
            self._show_session(therapist=self._therapist)

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
        elif session.signal != self._signal_wanted() and not self._under_way():
            self._begin_anew(check=False)
        else:
            self._test, session.paused = None, self._was_paused
            self._first_check = False
            if training is not None:
                training.checked()
            self._show_session(therapist=self._therapist)

    def _signal_wanted(self) -> SignalSettings:
        return signal_for(self.settings.signal, self._montage)

    def _under_way(self) -> bool:
        """Whether a training is, which would be lost if the session began anew."""
        return self.sitting is not None and self.sitting.under_way

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
        if sitting.training and sitting.training.seen != self.settings.training:
            self._keep_training(sitting.training.seen)
        ready = sitting.view_model.ready
        if ready:
            self._bar.title.setText(sitting.session.info.source)
            self._bar.show_recording(sitting.recording_words(), failed=sitting.recording_failed)
            self.one_key.follow(sitting)
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
            self.say(self.sitting.ears.switch())

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
        if self._test is not None and not self._first_check:
            self._leave_test()
            return
        if self._test is not None or self.session.state is not State.RUNNING:
            self.end()
            return
        ask_to_end(self, training=self._under_way(), end=self.end)

    def end(self) -> None:
        """End the session and show what came of it, or the page that it was begun from."""
        self._frames.stop()
        ended, said = self.sitting, self.sitting.end() if self.sitting is not None else ""
        self.sitting = self._test = None
        self._note.hide()
        self._ask.hide()
        if self.client is not None:
            self.client.show_words(_("That was all. Thank you."))
        if ended is not None and ended.under_way:
            self.pages.show_summary(ended, said)
        else:
            self._show_page(self._home)
            self.say(said)
        self._clear_session()
