"""The pages one on the other: which is shown, which one leads back to, and where the focus was."""

from PySide6.QtWidgets import QStackedWidget, QWidget

from biofeedback.display.connect import ConnectPage
from biofeedback.display.flash_page import FlashPage
from biofeedback.display.start import StartPage
from biofeedback.display.wiring_page import WiringPage

Page = StartPage | ConnectPage | FlashPage | WiringPage


class PageStack(QStackedWidget):
    """Holds the pages, and besides them the screen of a session. `back_to`: the page before."""

    def __init__(self, *pages: Page, back_to: dict[Page, Page]) -> None:
        super().__init__()
        self.back_to = back_to
        self._left_at: dict[Page, QWidget] = {}
        for page in pages:
            self.addWidget(page)

    def page(self) -> Page | None:
        """Return the page that is shown; None where it is a screen of a session."""
        page = self.currentWidget()
        return page if isinstance(page, Page) else None

    def show_page(self, page: Page) -> None:
        """Show `page` as it was left."""
        self.keep_focus()
        self.setCurrentWidget(page)
        left = self._left_at.get(page)
        if left is not None and left.isVisibleTo(page):
            left.setFocus()
        else:
            page.focus_first()

    def keep_focus(self) -> None:
        """Remember where the focus is on the page that is shown."""
        page = self.page()
        focused = page.focusWidget() if page else None
        if page and focused:
            self._left_at[page] = focused

    def forget_focus(self, page: Page) -> None:
        """Let `page` begin where one begins."""
        self._left_at.pop(page, None)
