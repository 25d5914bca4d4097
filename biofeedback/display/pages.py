"""All pages around a session, and the ways that lead from one to another."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget
from shiboken6 import isValid

from biofeedback.devices.survey import Watch
from biofeedback.display.connect import ConnectPage
from biofeedback.display.flash_page import Flash, FlashPage
from biofeedback.display.palette import Palette
from biofeedback.display.playback_page import PlaybackPage
from biofeedback.display.recordings_page import RecordingsPage
from biofeedback.display.start import Choice, StartPage
from biofeedback.display.whose import Whose
from biofeedback.display.wiring_page import WiringPage
from biofeedback.settings import Settings
from biofeedback.sources import SourceOptions
from biofeedback.sources.ports import Port

Page = StartPage | ConnectPage | FlashPage | WiringPage | RecordingsPage | PlaybackPage


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
        self.recordings = RecordingsPage(whose.folders)
        self.playback = PlaybackPage(palette)
        self.back_to: dict[Page, Page] = {
            self.connect_page: self.start,
            self.flash: self.connect_page,
            self.wiring: self.connect_page,
            self.recordings: self.start,
            self.playback: self.start,
        }
        for page in (self.start, *self.back_to):
            self.addWidget(page)
        self._lead()

    def _lead(self) -> None:
        """Connect the pages with each other."""
        self.start.connect_wanted.connect(partial(self.show_page, self.connect_page))
        self.start.recordings_wanted.connect(partial(self.show_page, self.recordings))
        self.start.look_wanted.connect(self._look_at)
        self.connect_page.wiring_wanted.connect(partial(self.show_page, self.wiring))
        self.connect_page.firmware_wanted.connect(self.show_flash)
        self.flash.finished.connect(self._connect_flashed)
        self.recordings.wanted.connect(self._look_at_kept)
        self.recordings.replay_wanted.connect(
            lambda path: self.chosen.emit(Choice(f"file:{path}", SourceOptions()))
        )
        self.playback.left.connect(self.go_back)
        for chosen in (self.start.chosen, self.connect_page.chosen):
            chosen.connect(self.chosen)
        for message in (
            self.start.people.message,
            self.connect_page.message,
            self.flash.message,
            self.recordings.message,
            self.playback.message,
        ):
            message.connect(self.message)

    def set_settings(self, settings: Settings) -> None:
        """Take over what was changed, for what is shown from now on."""
        self._settings = settings
        self.start.switches.set_signal(settings.signal)

    def set_palette(self, palette: Palette) -> None:
        """Paint in other colours."""
        self.wiring.set_palette(palette)
        self.playback.set_palette(palette)

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
        if isinstance(page, RecordingsPage):
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
