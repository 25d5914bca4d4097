"""The page of trials: what to try, the trial itself, what came of it, and what works for me."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QStackedLayout, QWidget

from biofeedback.display.preparing.contact_model import Step
from biofeedback.display.preparing.contact_page import ContactPage
from biofeedback.display.sitting.choice import Choice
from biofeedback.display.sitting.whose import Whose
from biofeedback.display.trials.choosing import Choosing
from biofeedback.display.trials.found import Found
from biofeedback.display.trials.muscle_page import MusclePage
from biofeedback.display.trials.run import TrialRun
from biofeedback.display.trials.screen import TrialScreen
from biofeedback.display.trials.table import TrialTable
from biofeedback.display.trials.weeks_page import WeeksPage
from biofeedback.display.widgets.palette import Palette
from biofeedback.errors import BiofeedbackError
from biofeedback.settings import Settings, SignalSettings
from biofeedback.sources import SourceOptions
from biofeedback.text import _

_TICK_MS = 100


class TrialPage(QWidget):
    """Emits `sensor_wanted` where a sensor is to be found, or `chosen` with a simulated muscle.

    Either way `takes` then begins with what was chosen: a check of the sensor, at which muscle,
    and the trial. Emits `went_on` from one to the next, and `signal_changed` with the settings that
    the check made.
    """

    sensor_wanted = Signal()
    chosen = Signal(object)
    message = Signal(str)
    went_on = Signal()
    signal_changed = Signal(object)

    def __init__(
        self,
        whose: Whose,
        palette: Palette,
        today: Callable[[], date],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._whose, self._palette = whose, palette
        self.waiting = False
        """What is chosen next is for a trial."""
        self.run: TrialRun | None = None
        self._began: tuple[Choice, Settings] | None = None
        self._screen: TrialScreen | ContactPage | MusclePage | None = None
        self._muscle = ""  # that was measured last
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self.tables = (TrialTable(whose), TrialTable(whose))
        self._stack = QStackedLayout(self)
        self.choosing, self.found = Choosing(self.tables[0]), Found(self.tables[1], palette)
        self.weeks = WeeksPage(whose, today)
        self.weeks.message.connect(self.message)
        self.choosing.weeks_wanted.connect(self._show_weeks)
        for part in (self.choosing, self.found, self.weeks):
            self._stack.addWidget(part)
        self.choosing.start_wanted.connect(self._start)
        self.found.done.connect(self.step_back)
        app = QApplication.instance()
        assert app is not None  # noqa: S101
        app.aboutToQuit.connect(self._stop)

    def set_palette(self, palette: Palette) -> None:
        """Paint in other colours; the screen of a trial keeps its own to the end."""
        self._palette = palette
        self.found.picture.set_palette(palette)

    @property
    def contact(self) -> ContactPage | None:
        """The check of the sensor, while that is seen."""
        return self._screen if isinstance(self._screen, ContactPage) else None

    # to a trial

    def _start(self, source: str) -> None:
        self.waiting = True
        if source:
            self.chosen.emit(Choice(source, SourceOptions()))
        else:
            self.sensor_wanted.emit()

    def takes(self, choice: Choice, settings: Settings) -> bool:
        """Begin the trial with what was chosen, if it was chosen for one; return whether it was."""
        if not self.waiting:
            return False
        self.waiting = False
        self._begin(choice, settings, check=choice.remember is not None)
        return True

    def _begin(self, choice: Choice, settings: Settings, *, check: bool) -> None:
        """Open the source, and show its check, or the trial at once."""
        self._stop()
        self._began = choice, settings
        choosing = self.choosing
        try:
            self.run = TrialRun(
                choice,
                settings,
                what=choosing.what(),
                repeats=choosing.repeats.currentData(),
                whose=self._whose,
                aloud=bool(choosing.aloud.currentData()),
                check=check,
            )
        except BiofeedbackError as error:
            self._stack.setCurrentWidget(self.choosing)
            self.message.emit(str(error))
            return
        if self.run.test:
            page = ContactPage(self.run.test, self._palette, settings.signal)
            page.left.connect(self._checked)
            page.anew.connect(self._check_anew)
            page.changed.connect(self._change_signal)
            self._show(page)
        else:
            self._show(TrialScreen(self.run, self._palette))
        self._timer.start()

    def _show(self, screen: TrialScreen | ContactPage | MusclePage) -> None:
        """Show the next screen in the place of the one before."""
        self._drop_screen()
        if not isinstance(screen, MusclePage):
            screen.message.connect(self.message)
        self._screen = screen
        self._stack.addWidget(screen)
        self._stack.setCurrentWidget(screen)
        screen.focus_first()
        self.went_on.emit()

    def _tick(self) -> None:
        run, screen = self.run, self._screen
        if run is None or screen is None:
            return
        if isinstance(screen, ContactPage):
            screen.tick()
            if run.test and run.test.step is Step.DONE and run.test.ok:
                self._checked()
                self.message.emit(_("The sensor sits well."))
            return  # which says itself where the source is lost
        if run.over:
            self._end()
        elif run.trial.held and run.channels:
            self._ask_muscle(run)
        elif isinstance(screen, TrialScreen):
            screen.tick()

    # the check, and the muscle

    def _checked(self) -> None:
        """Go on with what was switched on; back where the source is lost."""
        run = self.run
        if run is None or self._began is None:
            return
        choice, settings = self._began
        if run.over:
            self._end()
        elif run.session.signal != settings.signal:
            self._begin(choice, settings, check=False)
        else:
            self._show(TrialScreen(run, self._palette))
            self._tick()

    def _check_anew(self) -> None:
        if self._began is not None:
            self._begin(*self._began, check=True)
            if self.run is not None and self.run.test is not None:
                self.run.test.start()

    def _change_signal(self, signal: SignalSettings) -> None:
        if self._began is not None:
            choice, settings = self._began
            self._began = choice, replace(settings, signal=signal)
        self.signal_changed.emit(signal)

    def _ask_muscle(self, run: TrialRun) -> None:
        """Begin where there is one muscle; else ask which."""
        if len(run.channels) == 1:
            run.begin(0)
        elif not isinstance(self._screen, MusclePage):
            page = MusclePage(run.channels, self._muscle)
            page.chosen.connect(self._take_muscle)
            self._show(page)

    def _take_muscle(self, channel: int) -> None:
        run = self.run
        if run is not None:
            self._muscle = run.channels[channel].label
            run.begin(channel)
            self._show(TrialScreen(run, self._palette))

    # the end

    def _end(self) -> None:
        """Show what came of it; where nothing did, the choice again."""
        run = self.run
        if run is None:
            return
        said = self._stop()
        if run.told is None:
            self._stack.setCurrentWidget(self.choosing)
            self.message.emit(said)
        else:
            self.tables[1].read()
            self.found.show_result(run.told, said)
            self._stack.setCurrentWidget(self.found)
        self.focus_first()
        self.went_on.emit()

    def _stop(self) -> str:
        """End what runs; return what is to be said of it."""
        self._timer.stop()
        run, self.run = self.run, None
        said = run.end() if run else ""
        self._drop_screen()
        return said

    def _drop_screen(self) -> None:
        if self._screen is not None:
            self._stack.removeWidget(self._screen)
            self._screen.deleteLater()
            self._screen = None

    def step_back(self) -> bool:
        """End the trial, or go back to the choice; return whether there was something to leave."""
        if self.run is not None:
            self._end()
        elif self._stack.currentWidget() is not self.choosing:
            self.tables[0].read()
            self._stack.setCurrentWidget(self.choosing)
            self.focus_first()
        else:
            return False
        return True

    def focus_first(self) -> None:
        """Put the focus where Enter or Space does what comes next."""
        if self._screen is not None:
            self._screen.focus_first()
        elif self._stack.currentWidget() is self.found:
            self.found.focus_first()
        elif self._stack.currentWidget() is self.weeks:
            self.weeks.focus_first()
        else:
            self.choosing.rows.setFocus()

    def _show_weeks(self) -> None:
        self.weeks.begin()
        self._stack.setCurrentWidget(self.weeks)
        self.focus_first()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.tables[0].read()
