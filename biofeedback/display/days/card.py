"""What is offered between sittings, on the first page: enter how it is, and one's treatment."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from biofeedback.display.sitting.whose import Whose
from biofeedback.display.widgets.controls import Side, button, card
from biofeedback.text import _


class DaysCard(QWidget):
    """Emits what is wanted; it is there where somebody's journal is."""

    entry_wanted = Signal()
    treatment_wanted = Signal()
    trends_wanted = Signal()

    def __init__(self, whose: Whose, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whose = whose
        self.entry_button = button(
            _("&Quick entry: how it is (E) …"),
            _("Tension, pain, sleep, blood pressure, a note: by keys alone (E)"),
            self.want_entry,
        )
        self.treatment_button = button(
            _("In&jections and medicines …"),
            _("What you were given, in the words you were told"),
            self._want_other,
        )
        self.trends_button = button(
            _("My trend&s …"), _("What changed over the sittings"), self._want_trends
        )
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        buttons = Side(self.entry_button, self.treatment_button, self.trends_button, spacing=10)
        rows.addWidget(card(buttons, title=_("Between sittings"))[0])
        self.show_person()

    def show_person(self) -> None:
        """Show or hide it, by whose journal is chosen."""
        self.setVisible(bool(self._whose.person))

    def want_entry(self) -> None:
        """Ask for the page to enter something on, where there is a journal to keep it in."""
        if self._whose.person:
            self.entry_button.setFocus()  # its key does not, and it is where one comes back to
            self.entry_wanted.emit()

    def _want_other(self) -> None:
        self.treatment_button.setFocus()
        self.treatment_wanted.emit()

    def _want_trends(self) -> None:
        self.trends_button.setFocus()
        self.trends_wanted.emit()
