"""All pages around a session, and the ways that lead from one to another."""

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget
from shiboken6 import isValid

from biofeedback.devices.survey import Watch
from biofeedback.display.connect import ConnectPage
from biofeedback.display.flash_page import Flash, FlashPage
from biofeedback.display.palette import Palette
from biofeedback.display.placement_page import PlacementPage
from biofeedback.display.playback_page import PlaybackPage
from biofeedback.display.protocol_page import ProtocolPage
from biofeedback.display.recordings_page import RecordingsPage
from biofeedback.display.sitting import Sitting
from biofeedback.display.start import Choice, StartPage
from biofeedback.display.summary_page import SummaryPage
from biofeedback.display.whose import Whose
from biofeedback.display.wiring_page import WiringPage
from biofeedback.settings import Settings
from biofeedback.sources import SourceOptions
from biofeedback.sources.ports import Port

Page = (
    StartPage
    | ConnectPage
    | FlashPage
    | WiringPage
    | PlacementPage
    | RecordingsPage
    | PlaybackPage
    | ProtocolPage
    | SummaryPage
)


class Pages(QStackedWidget):
    """Holds the pages, and besides them the screen of a session; each page is shown as it was left.

    `watch` finds the boards, `do_flash` puts the firmware on one, `whose` knows the journal.
    `back_to`: the page before one.
    """

    chosen = Signal(object)
    """A `Choice` to begin a session with."""
    message = Signal(str)
    shown = Signal()
    """Another page is seen now."""

    def __init__(
        self,
        settings: Settings,
        palette: Palette,
        *,
        watch: Watch | None,
        do_flash: Flash,
        whose: Whose,
    ) -> None:
        super().__init__()
        self._settings = settings
        self._left_at: dict[Page, QWidget] = {}
        self.start = StartPage(settings.source, settings.signal, whose)
        self.connect_page = ConnectPage(settings.source, watch=watch)
        self.flash = FlashPage(do=do_flash)
        self.wiring = WiringPage(palette)
        self.placement = PlacementPage(palette)
        self.recordings = RecordingsPage(whose.folders)
        self.playback = PlaybackPage(palette)
        self.protocols = ProtocolPage(settings.training.protocol)
        self.summary = SummaryPage(palette)
        self._to_train: Choice | None = None
        self._train_next = False  # with the board that the page which finds it is asked for
        self.back_to: dict[Page, Page] = {
            self.connect_page: self.start,
            self.flash: self.connect_page,
            self.wiring: self.connect_page,
            self.placement: self.connect_page,
            self.recordings: self.start,
            self.playback: self.start,
            self.protocols: self.start,
            self.summary: self.start,
        }
        for page in (self.start, *self.back_to):
            self.addWidget(page)
        self._lead()

    def _lead(self) -> None:
        """Connect the pages with each other."""
        self.start.connect_wanted.connect(partial(self._want_board, train=False))
        self.start.train_wanted.connect(self._want_training)
        self.protocols.chosen.connect(self._train)
        self.summary.done.connect(self.go_back)
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
        self.connect_page.chosen.connect(self._take_connected)
        for message in (
            self.start.people.message,
            self.connect_page.message,
            self.flash.message,
            self.recordings.message,
            self.playback.message,
            self.protocols.message,
            self.summary.message,
        ):
            message.connect(self.message)

    def set_settings(self, settings: Settings) -> None:
        """Take over what was changed, for what is shown from now on."""
        self._settings = settings
        self.start.switches.set_signal(settings.signal)

    def set_palette(self, palette: Palette) -> None:
        """Paint in other colours."""
        self.wiring.set_palette(palette)
        self.placement.set_palette(palette)
        self.playback.set_palette(palette)
        self.summary.set_palette(palette)

    # which is shown

    def page(self) -> Page | None:
        """Return the page that is shown; None where it is a screen of a session."""
        page = self.currentWidget()
        return page if isinstance(page, Page) else None

    def show_page(self, page: Page) -> None:
        """Show `page` as it was left."""
        self.keep_focus()
        self.setCurrentWidget(page)
        self.shown.emit()
        left = self._left_at.get(page)
        if isinstance(page, RecordingsPage | ProtocolPage):
            page.fill()
        if left is not None and isValid(left) and left.isVisibleTo(page):
            left.setFocus()
        else:
            page.focus_first()

    def go_back(self) -> None:
        """Show the page before this one; not while a board is written to, which is called off."""
        page = self.page()
        if self.flash.busy:
            self.flash.cancel()
        elif page in self.back_to:
            self.show_page(self.back_to[page])

    def keep_focus(self) -> None:
        """Remember where the focus is on the page that is shown."""
        page = self.page()
        focused = page.focusWidget() if page else None
        if page and focused:
            self._left_at[page] = focused

    # to where the electrodes go

    def _show_placement(self, label: str) -> None:
        self.placement.show_label(label)
        self._left_at.pop(self.placement, None)
        self.show_page(self.placement)

    def _take_muscle(self, label: str) -> None:
        self.connect_page.muscles.take(label)
        self.go_back()

    # to a training

    def _want_board(self, *, train: bool) -> None:
        """Find the board; where it is to be trained with, that of last time is taken by itself."""
        self._train_next = train
        self.show_page(self.connect_page)
        self.connect_page.by_itself = train

    def _want_training(self, choice: Choice | None) -> None:
        if choice is None:
            self._want_board(train=True)
        else:
            self._offer_protocols(choice)

    def _take_connected(self, choice: Choice) -> None:
        if self._train_next:
            self._offer_protocols(choice)
        else:
            self.chosen.emit(choice)

    def _offer_protocols(self, choice: Choice) -> None:
        self._to_train = choice
        self.back_to[self.protocols] = self.page() or self.start
        self.show_page(self.protocols)

    def _train(self, protocol: str) -> None:
        if self._to_train is not None:
            self.chosen.emit(replace(self._to_train, protocol=protocol))

    def show_summary(self, sitting: Sitting, said: str) -> None:
        """Show what came of a training, and what was `said` of its recording."""
        self._left_at.pop(self.summary, None)
        self.summary.show_sitting(sitting, said)
        self.show_page(self.summary)

    def show_flash(self, port: Port) -> None:
        """Offer to put the firmware on the board at `port`."""
        self.flash.set_port(port)
        self._left_at.pop(self.flash, None)
        self.show_page(self.flash)

    def _connect_flashed(self, port: Port) -> None:
        self.connect_page.choose_port(port)
        self._left_at.pop(self.connect_page, None)
        self.show_page(self.connect_page)

    def _look_at_kept(self, path: str) -> None:
        self._look_at(Choice(f"file:{path}", SourceOptions()))

    def _look_at(self, choice: Choice) -> None:
        self.back_to[self.playback] = self.page() or self.start
        self._left_at.pop(self.playback, None)
        self.show_page(self.playback)
        self.playback.look_at(choice, self._settings.signal)
