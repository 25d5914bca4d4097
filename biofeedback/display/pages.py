"""All pages around a session, and the ways that lead from one to another."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget
from shiboken6 import isValid

from biofeedback.devices.survey import Watch
from biofeedback.display.days.compare_page import ComparePage
from biofeedback.display.days.course_page import CoursePage
from biofeedback.display.days.data_page import DataPage
from biofeedback.display.days.entry_page import EntryPage
from biofeedback.display.days.treatment_page import TreatmentPage
from biofeedback.display.days.trends_page import TrendsPage
from biofeedback.display.patient_way import PatientWay
from biofeedback.display.playback.page import PlaybackPage
from biofeedback.display.playback.recordings_page import RecordingsPage
from biofeedback.display.preparing.connect import ConnectPage
from biofeedback.display.preparing.contact_page import ContactPage
from biofeedback.display.preparing.flash_page import Flash, FlashPage
from biofeedback.display.preparing.placement_page import PlacementPage
from biofeedback.display.preparing.safety_page import SafetyPage
from biofeedback.display.preparing.wiring_page import WiringPage
from biofeedback.display.sitting.choice import Choice
from biofeedback.display.sitting.course_model import Plan
from biofeedback.display.sitting.resume import BrokenOff
from biofeedback.display.sitting.sitting import Sitting
from biofeedback.display.sitting.whose import Whose
from biofeedback.display.start import StartPage
from biofeedback.display.therapist.clients_page import ClientsPage
from biofeedback.display.therapist.montage_page import MontagePage
from biofeedback.display.training.protocol_page import ProtocolPage
from biofeedback.display.training.summary_page import SummaryPage
from biofeedback.display.trials.page import TrialPage
from biofeedback.display.widgets.palette import Palette
from biofeedback.journal.nouns import Montage
from biofeedback.journal.nouns import Sitting as KeptSitting
from biofeedback.settings import Settings
from biofeedback.sources import SourceOptions
from biofeedback.sources.ports import Port

Page = (
    StartPage
    | SafetyPage
    | CoursePage
    | EntryPage
    | TreatmentPage
    | DataPage
    | ClientsPage
    | MontagePage
    | ConnectPage
    | FlashPage
    | WiringPage
    | PlacementPage
    | RecordingsPage
    | PlaybackPage
    | ProtocolPage
    | SummaryPage
    | TrialPage
    | TrendsPage
    | ComparePage
)


class Pages(QStackedWidget):
    """Holds the pages, and besides them the screen of a session; each page is shown as it was left.

    `watch` finds the boards, `do_flash` puts the firmware on one, `whose` knows the journal,
    `today` the date. `back_to`: the page before one; `way` knows better while it leads.
    """

    chosen = Signal(object)
    """A `Choice` to begin a session with."""
    message = Signal(str)
    shown = Signal()
    """Another page is seen now."""
    step = Signal(str)
    """Which step of the way to a session that is, and what comes next; empty beside it."""

    def __init__(
        self,
        settings: Settings,
        palette: Palette,
        *,
        watch: Watch | None,
        do_flash: Flash,
        whose: Whose,
        today: Callable[[], date] = date.today,
    ) -> None:
        super().__init__()
        self._settings = settings
        self.today = today
        self._left_at: dict[Page, QWidget] = {}
        self._running = False  # more of a session than the check before it
        self.start = StartPage(settings.source, settings.signal, whose, today=lambda: self.today())
        self.safety = SafetyPage(palette)
        self.course = CoursePage(whose, lambda: self.today())
        self.entry = EntryPage(whose, lambda: datetime.now(UTC))
        self.treatment = TreatmentPage(whose, lambda: self.today())
        self.data = DataPage(whose, lambda: self.today())
        self.clients = ClientsPage(whose)
        self.montage = MontagePage(whose)
        self.connect_page = ConnectPage(settings.source, watch=watch)
        self.flash = FlashPage(do=do_flash)
        self.wiring = WiringPage(palette)
        self.placement = PlacementPage(palette)
        self.recordings = RecordingsPage(whose)
        self.playback = PlaybackPage(palette)
        self.protocols = ProtocolPage(settings.training.protocol)
        self.protocols.set_way(settings.training.feedback)
        self.summary = SummaryPage(palette, whose, today=lambda: self.today())
        self.trends, self.compare = TrendsPage(whose, palette), ComparePage()
        self.trial = TrialPage(whose, palette, lambda: self.today())
        self.way = PatientWay(
            (self.safety, self.connect_page, self.protocols, self.placement),
            settings.known,
            whose,
            show=self._show_anew,
            today=lambda: self.today(),
        )
        self.back_to: dict[Page, Page] = {
            self.safety: self.start,
            self.course: self.start,
            self.entry: self.start,
            self.treatment: self.start,
            self.data: self.start,
            self.clients: self.start,
            self.montage: self.clients,
            self.connect_page: self.start,
            self.flash: self.connect_page,
            self.wiring: self.connect_page,
            self.placement: self.connect_page,
            self.recordings: self.start,
            self.playback: self.start,
            self.protocols: self.start,
            self.summary: self.start,
            self.trends: self.start,
            self.compare: self.trends,
            self.trial: self.start,
        }
        for page in (self.start, *self.back_to):
            self.addWidget(page)
        self.currentChanged.connect(self._follow_screen)
        self._lead()

    def _lead(self) -> None:
        """Connect the pages with each other."""
        way = self.way
        self.start.connect_wanted.connect(lambda: way.begin(None, train=False))
        self.start.train_wanted.connect(lambda choice: way.begin(choice, train=True))
        self.start.course.train_wanted.connect(
            lambda protocol: way.begin(None, train=True, protocol=protocol)
        )
        self.start.course.go_on_wanted.connect(self._go_on)
        self.start.course.plan_wanted.connect(self._show_plan)
        self.course.done.connect(partial(self._show_anew, self.start))
        self.start.days.entry_wanted.connect(partial(self._begin_anew, self.entry))
        self.start.days.treatment_wanted.connect(partial(self._begin_anew, self.treatment))
        self.start.days.data_wanted.connect(partial(self._begin_anew, self.data))
        self.start.days.trends_wanted.connect(partial(self._show_anew, self.trends))
        self.trends.compare_wanted.connect(self._compare)
        self.start.clients_wanted.connect(partial(self.show_page, self.clients))
        self.clients.edit.connect(self._edit_montage)
        self.clients.chosen.connect(self._begin_montage)
        self.montage.done.connect(self.go_back)
        self.start.people.settled.connect(way.forget_others)
        way.chosen.connect(self.chosen)
        self.summary.done.connect(self.go_back)
        self.start.trial_wanted.connect(partial(self.show_page, self.trial))
        self.trial.sensor_wanted.connect(lambda: way.begin(None, train=False, trial=True))
        self.trial.went_on.connect(self._follow_trial)
        self.trial.chosen.connect(self.chosen)
        self.start.recordings_wanted.connect(partial(self.show_page, self.recordings))
        self.start.look_wanted.connect(self._look_at)
        self.connect_page.wiring_wanted.connect(partial(self.show_page, self.wiring))
        self.connect_page.placement_wanted.connect(self._show_placement)
        self.placement.named.connect(self._take_muscle)
        self.connect_page.firmware_wanted.connect(self.show_flash)
        self.flash.finished.connect(self._connect_flashed)
        self.recordings.wanted.connect(self._look_at_kept)
        self.recordings.replay_wanted.connect(
            lambda path: self.chosen.emit(Choice(f"file:{path}", SourceOptions()))
        )
        self.playback.left.connect(self.go_back)
        self.start.chosen.connect(self.chosen)
        for message in (
            way.message,
            self.start.people.message,
            self.start.course.message,
            self.start.visit.message,
            self.course.message,
            self.entry.message,
            self.treatment.message,
            self.data.message,
            self.clients.message,
            self.montage.message,
            self.connect_page.message,
            self.flash.message,
            self.recordings.message,
            self.playback.message,
            self.protocols.message,
            self.summary.message,
            self.trends.message,
            self.trial.message,
        ):
            message.connect(self.message)

    def set_settings(self, settings: Settings) -> None:
        """Take over what was changed, for what is shown from now on."""
        self._settings = settings
        self.start.switches.set_signal(settings.signal)
        self.protocols.set_way(settings.training.feedback)

    def set_palette(self, palette: Palette) -> None:
        """Paint in other colours."""
        self.safety.set_palette(palette)
        self.wiring.set_palette(palette)
        self.placement.set_palette(palette)
        self.playback.set_palette(palette)
        self.summary.set_palette(palette)
        self.trends.set_palette(palette)
        self.trial.set_palette(palette)

    # which is shown

    def page(self) -> Page | None:
        """Return the page that is shown; None where it is a screen of a session."""
        page = self.currentWidget()
        return page if isinstance(page, Page) else None

    def show_page(self, page: Page) -> None:
        """Show `page` as it was left."""
        self.keep_focus()
        self.setCurrentWidget(page)
        self._tell_step(page)
        self.shown.emit()
        left = self._left_at.get(page)
        if isinstance(page, RecordingsPage | ProtocolPage | TrendsPage):
            page.fill()
        if left is not None and isValid(left) and left.isVisibleTo(page):
            left.setFocus()
        else:
            page.focus_first()

    def go_back(self) -> None:
        """Show the page before this one; not while a page is at work, which is called off."""
        page = self.page()
        if at_work := self.at_work():
            at_work.cancel()
        elif page is self.trial and self.trial.step_back():
            return
        elif page in self.back_to and not self.way.step_back(page):
            self.show_page(self.way.before(page) or self.back_to[page])

    def _show_anew(self, page: Page) -> None:
        self._left_at.pop(page, None)
        self.show_page(page)

    def _tell_step(self, page: Page) -> None:
        """Tell which step of the way a page is; the way ends at the first page."""
        if page is self.start:
            self.way.under_way = self.trial.waiting = False
        self._running = False
        self.step.emit(self.way.words(page))

    def _follow_trial(self) -> None:
        """Tell the step of the check before a trial; within that there is none."""
        if self.page() is self.trial:
            self.step.emit(self.way.words(self.trial.contact))

    def _follow_screen(self) -> None:
        """Tell the step of the check before a session; within that there is none."""
        screen = self.currentWidget()
        if isinstance(screen, Page):  # told where it is shown, and not where a screen goes
            return
        self._running = self._running or not isinstance(screen, ContactPage)
        self.step.emit("" if self._running else self.way.words(screen))

    def keep_focus(self) -> None:
        """Remember where the focus is on the page that is shown."""
        page = self.page()
        focused = page.focusWidget() if page else None
        if page and focused:
            self._left_at[page] = focused

    def at_work(self) -> FlashPage | DataPage | None:
        """Return the page that writes to a board, or to a folder or the journal."""
        return next((page for page in (self.flash, self.data) if page.busy), None)

    def _begin_anew(self, page: EntryPage | TreatmentPage | DataPage) -> None:
        page.begin()
        self._show_anew(page)

    # to where the electrodes go

    def _show_placement(self, label: str) -> None:
        self.way.placing = False
        self.placement.show_label(label)
        self._show_anew(self.placement)

    def _take_muscle(self, label: str) -> None:
        if not self.way.placing:
            self.connect_page.muscles.take(label)
            self.go_back()

    # to a training, and away from it

    def _go_on(self, broken: BrokenOff) -> None:
        self.way.begin(None, train=True, protocol=broken.protocol, broken=broken)

    def _edit_montage(self, person: str, montage: Montage | None) -> None:
        self.montage.show_montage(person, montage)
        self._show_anew(self.montage)

    def _begin_montage(self, person: str, montage: Montage) -> None:
        """Sit for `person`, with all that the montage says."""
        self.start.people.choose(person)
        self.way.begin(None, train=bool(montage.protocol), montage=montage)

    def _show_plan(self, plan: Plan) -> None:
        self.course.show_plan(plan)
        self._show_anew(self.course)

    def show_summary(self, sitting: Sitting, said: str) -> None:
        """Show what came of a training, and what was `said` of its recording."""
        self._left_at.pop(self.summary, None)
        self.summary.show_sitting(sitting, said)
        self.show_page(self.summary)

    def _compare(self, sittings: tuple[KeptSitting, ...]) -> None:
        self.compare.show_sittings(sittings)
        self._show_anew(self.compare)

    def show_flash(self, port: Port) -> None:
        """Offer to put the firmware on the board at `port`."""
        self.flash.set_port(port)
        self._show_anew(self.flash)

    def _connect_flashed(self, port: Port) -> None:
        self.connect_page.choose_port(port)
        self._show_anew(self.connect_page)

    def _look_at_kept(self, path: str) -> None:
        self._look_at(Choice(f"file:{path}", SourceOptions()))

    def _look_at(self, choice: Choice) -> None:
        self.back_to[self.playback] = self.page() or self.start
        self._show_anew(self.playback)
        self.playback.look_at(choice, self._settings.signal)
