"""The bar at the top of the window: where one is, and the buttons that lead elsewhere."""

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout

from biofeedback.display.controls import Label, button, rename
from biofeedback.text import _

TITLE = "biofeedback"


class Bar(QHBoxLayout):
    """Title and buttons; each button does what the argument of its name does."""

    def __init__(
        self,
        *,
        leave: Callable[[], object],
        check: Callable[[], object],
        switch: Callable[[], object],
        colours: Callable[[], object],
        size: Callable[[], object],
    ) -> None:
        super().__init__()
        self.setContentsMargins(16, 10, 16, 6)
        self.title = Label(TITLE, "title")
        self.back = button(_("Back"), "", leave)
        self.check = button(_("Check"), _("Does the sensor sit well? (K)"), check)
        self.switch = button(_("Therapist's view"), _("The other view (V)"), switch)
        self.addWidget(self.title, 1)
        for made in (
            self.back,
            self.check,
            self.switch,
            button(_("Light or dark"), _("Change the colours (Ctrl+L)"), colours),
            button(_("Text size"), _("Larger, round again (Ctrl+Plus, Minus)"), size),
        ):
            self.addWidget(made)

    def show_page(self, *, back: bool) -> None:
        """Offer what a page has; `back`: there is one before it."""
        self.title.setText(TITLE)
        rename(self.back, _("Back"), _("To the page before (Esc)"))
        self._show(back=back, check=False, switch=False)

    def show_test(self) -> None:
        """Offer what the check of the sensor has."""
        rename(self.back, _("Skip"), _("Leave the check (Esc)"))
        self._show(back=True, check=False, switch=False)

    def show_training(self, *, therapist: bool, check: bool) -> None:
        """Offer what a session has; `check`: somebody sits at its sensor."""
        rename(self.back, _("End"), _("End the session (Esc)"))
        self.switch.setText(_("Patient's view") if therapist else _("Therapist's view"))
        self._show(back=True, check=check, switch=True)

    def _show(self, *, back: bool, check: bool, switch: bool) -> None:
        self.back.setVisible(back)
        self.check.setVisible(check)
        self.switch.setVisible(switch)
