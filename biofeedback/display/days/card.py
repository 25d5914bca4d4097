"""Everything that somebody with a journal may want to do, on the first page, a button each."""

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from biofeedback.display.sitting.whose import Whose
from biofeedback.display.widgets.controls import Side, button, card
from biofeedback.text import _

_GAP = 10


class DaysCard(QWidget):
    """Emits what is wanted; it is there where somebody's journal is. `visit` is among the rest."""

    train_wanted = Signal()
    entry_wanted = Signal()
    trial_wanted = Signal()
    treatment_wanted = Signal()
    trends_wanted = Signal()
    data_wanted = Signal()
    clients_wanted = Signal()

    def __init__(self, whose: Whose, visit: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whose = whose
        self.train_button = self._way(
            _("&Train …"),
            _("Find the board, choose a training, check the sensor, train"),
            self.train_wanted,
            main=True,
        )
        self.entry_button = self._way(
            _("&Quick entry: how it is (E) …"),
            _("Tension, pain, sleep, blood pressure, a note: by keys alone (E)"),
            self.entry_wanted,
        )
        self.trial_button = self._way(
            _("What h&elps me? …"),
            _("Try heat, a touch or a posture, off and on"),
            self.trial_wanted,
        )
        self.treatment_button = self._way(
            _("My treatment: in&jections …"),
            _("Injections and medicines, in the words you were told"),
            self.treatment_wanted,
        )
        self.trends_button = self._way(
            _("My trend&s …"), _("What changed over the sittings"), self.trends_wanted
        )
        self.data_button = self._way(
            _("My data: ta&ke along, bring in …"),
            _("All of it to a folder of yours; recordings and tables into the journal"),
            self.data_wanted,
        )
        self.clients_button = self._way(
            _("Clients &and montages …"),
            _("For therapists: choose a client, and how they are measured"),
            self.clients_wanted,
        )
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        columns = (
            _column(self.train_button, self.entry_button),
            _column(self.trial_button, self.treatment_button),
            _column(self.trends_button, visit),
            _column(self.data_button, self.clients_button),
        )

        def wanted() -> int:
            return max(column.minimumSizeHint().width() for column in columns)

        # four columns, two, or one: whatever the words have room for
        halves = (Side(*each, wanted=wanted, spacing=_GAP) for each in (columns[:2], columns[2:]))
        ways = Side(*halves, spacing=_GAP)
        rows.addWidget(card(ways, title=_("What would you like to do?"))[0])
        self.show_person()

    def _way(
        self, text: str, description: str, wanted: SignalInstance, *, main: bool = False
    ) -> QPushButton:
        def want() -> None:
            made.setFocus()  # its key does not, and it is where one comes back to
            wanted.emit()

        made = button(text, description, want, main=main)
        return made

    def show_person(self) -> None:
        """Show or hide it, by whose journal is chosen."""
        self.setVisible(bool(self._whose.person))

    def want_entry(self) -> None:
        """Ask for the page to enter something on, where there is a journal to keep it in."""
        if self._whose.person:
            self.entry_button.click()


def _column(*parts: QWidget) -> QWidget:
    column = QWidget()
    rows = QVBoxLayout(column)
    rows.setContentsMargins(0, 0, 0, 0)
    rows.setSpacing(_GAP)
    for part in parts:
        rows.addWidget(part)
    return column
