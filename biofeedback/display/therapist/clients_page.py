"""The page of clients: who they are, how far they have come, and how each is measured."""

from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QMessageBox,
    QVBoxLayout,
    QWidget,
)

from biofeedback.bands import BANDS
from biofeedback.display.sitting.montages import Client, check_montage, read_clients
from biofeedback.display.sitting.whose import Whose
from biofeedback.display.sitting.work import Question
from biofeedback.display.widgets.controls import Label, Side, button, card, scroll_by
from biofeedback.display.widgets.framed import framed
from biofeedback.display.widgets.wrapped_list import WrappedList
from biofeedback.errors import BiofeedbackError
from biofeedback.journal.nouns import Montage
from biofeedback.muscles import shown_label
from biofeedback.text import _
from biofeedback.training.protocol_file import protocol_title

_LOOK_MS = 50
_CHARACTERS = 34
_ROWS = 3  # of each list, the least: the rest scrolls


class ClientsPage(QWidget):
    """Lists the people of the journal, which it reads by itself, and the montages of one.

    Emits `chosen` with a pseudonym and the `Montage` to begin a sitting with, and `edit` with a
    pseudonym and the `Montage` to be changed, None for a new one.
    """

    chosen = Signal(str, object)
    edit = Signal(str, object)
    message = Signal(str)

    def __init__(self, whose: Whose, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whose = whose
        self._clients: list[Client] = []
        self._question: Question[list[Client]] | None = None
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self._show_found)
        self.people, self.montages = WrappedList(), WrappedList()
        self.people.setAccessibleName(_("Clients"))
        self.people.setAccessibleDescription(_("The arrows choose one; Enter goes to its montages"))
        self.montages.setAccessibleName(_("Montages of this client"))
        self.montages.setAccessibleDescription(
            _("Enter starts a sitting with the marked one, F2 changes it, Del removes it")
        )
        self.people.currentRowChanged.connect(lambda _row: self._show_montages())
        self.montages.currentRowChanged.connect(lambda _row: self._show_told())
        self.montages.itemDoubleClicked.connect(lambda _item: self.start())
        self.name = QLineEdit()
        self.name.setMaxLength(32)
        self.name.setPlaceholderText(_("such as P01"))
        self.name.setAccessibleName(_("Pseudonym of a new client"))
        self.name.setAccessibleDescription(_("Enter adds them"))
        self._told = Label("", "quiet")
        self._lay_out()

    def _lay_out(self) -> None:
        who, who_rows = card(self.people, title=_("Clients"))
        row = QHBoxLayout()
        row.addWidget(self.name, 1)
        row.addWidget(button(_("&Add"), _("Begin a journal under this name (Enter)"), self._add))
        who_rows.addLayout(row)
        how, how_rows = card(self.montages, self._told, title=_("Montages"))
        self.start_button = button(
            _("&Start"), _("Start a sitting with this montage (Enter)"), self.start, main=True
        )
        how_rows.addWidget(
            Side(
                button(_("&New …"), _("Make a montage (Ins)"), self._make),
                button(_("&Change …"), _("Change this montage (F2)"), self._change),
                button(_("&Remove …"), _("Remove this montage (Del)"), self._ask_to_remove),
                spacing=8,
            )
        )
        inside = QWidget()
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(24, 8, 24, 8)
        rows.addWidget(
            Side(who, how, wanted=lambda: _CHARACTERS * self.fontMetrics().averageCharWidth()), 1
        )
        self._scroll = framed(self, inside, self.start_button)

    # what is shown

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.read()

    def read(self) -> None:
        """Read the journal, on a thread of its own."""
        if not self._look.isActive():
            self._question = Question(partial(_clients_of, self._whose), name="clients")
            self._look.start()

    def _show_found(self) -> None:
        question = self._question
        if question is None or (question.answer is None and not question.error):
            return
        self._look.stop()
        if question.answer is None:
            self.message.emit(question.error)
            return
        found = question.answer
        for rows in (self.people, self.montages):
            rows.setMinimumHeight(round(1.8 * _ROWS * self.fontMetrics().height()))
        person = self._person() or self._whose.person
        self._clients = found
        self.people.clear()
        for client in found:
            self.people.addItem(client.text())
        names = [client.person for client in found]
        self.people.setCurrentRow(names.index(person) if person in names else 0)
        self._show_montages()

    def _client(self) -> Client | None:
        at = self.people.currentRow()
        return self._clients[at] if 0 <= at < len(self._clients) else None

    def _person(self) -> str:
        client = self._client()
        return client.person if client else ""

    def _montage(self) -> Montage | None:
        client, at = self._client(), self.montages.currentRow()
        return client.montages[at] if client and 0 <= at < len(client.montages) else None

    def _show_montages(self) -> None:
        client, row = self._client(), max(0, self.montages.currentRow())
        self.montages.clear()
        montages = client.montages if client else ()
        for montage in montages:
            self.montages.addItem(montage.name)
        if montages:
            self.montages.setCurrentRow(min(row, len(montages) - 1))
        self._show_told()

    def _show_told(self) -> None:
        """Say what the marked montage is, or what to do where there is none."""
        montage = self._montage()
        self.start_button.setEnabled(montage is not None)
        if montage is not None:
            self._told.setText(montage_words(montage))
        elif self._client() is None:
            self._told.setText(_("Add a client first, under a name that tells others nothing."))
        else:
            self._told.setText(_("No montage yet: make one, and each sitting begins with it."))

    # what is done

    def start(self) -> None:
        """Begin a sitting with the marked montage."""
        montage = self._montage()
        if montage is None:
            return
        try:
            check_montage(montage)
        except BiofeedbackError as error:
            self.message.emit(str(error))
            return
        self.chosen.emit(self._person(), montage)

    def _add(self) -> None:
        before = self._whose.person
        try:
            self._whose.add(self.name.text().strip())
        except BiofeedbackError as error:
            self.message.emit(str(error))
            return
        self._whose.person, person = before, self._whose.person
        self.name.clear()
        self._clients.append(
            Client(person, None, 0, "", ())
        )  # so that it is marked once it is read
        self.people.addItem(self._clients[-1].text())
        self.people.setCurrentRow(self.people.count() - 1)
        self.people.setFocus()
        self.read()

    def _make(self) -> None:
        if person := self._person():
            self.edit.emit(person, None)

    def _change(self) -> None:
        if montage := self._montage():
            self.edit.emit(self._person(), montage)

    def _ask_to_remove(self) -> None:
        montage = self._montage()
        if montage is None:
            return
        asked = QMessageBox(self)
        asked.setObjectName("ask")
        asked.setText(_("Remove the montage {name}?").format(name=montage.name))
        asked.setInformativeText(_("What was measured with it stays in the journal."))
        removing = asked.addButton(_("&Remove it"), QMessageBox.ButtonRole.AcceptRole)
        asked.addButton(_("&Keep it"), QMessageBox.ButtonRole.RejectRole)
        person, name = self._person(), montage.name
        removing.clicked.connect(lambda: self._remove(person, name))
        asked.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        asked.open()

    def _remove(self, person: str, name: str) -> None:
        try:
            self._whose.journal().remove_montage(person, name)
        except BiofeedbackError as error:
            self.message.emit(str(error))
        self.read()

    # keys

    def focus_first(self) -> None:
        """Put the focus on the clients."""
        self.people.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._enter()
        elif key == Qt.Key.Key_Insert:
            self._make()
        elif key == Qt.Key.Key_F2:
            self._change()
        elif key == Qt.Key.Key_Delete:
            self._ask_to_remove()
        elif not scroll_by(self._scroll, event):
            super().keyPressEvent(event)

    def _enter(self) -> None:
        if self.name.hasFocus():
            self._add()
        elif self.montages.hasFocus():
            self.start()
        elif self.montages.count():
            self.montages.setFocus()
        else:
            self._make()


def montage_words(montage: Montage) -> str:
    """Return what a montage holds, in a line for each part."""
    lines = [", ".join(shown_label(channel.label) or "–" for channel in montage.channels)]
    if montage.protocol:
        protocol = protocol_title(montage.protocol)
        lines.append(_("Training: {protocol}").format(protocol=protocol))
    low_hz, high_hz = BANDS[montage.band]
    lines.append(_("Band: {low} to {high} Hz").format(low=low_hz, high=high_hz))
    if montage.threshold_uv is not None:
        lines.append(_("Threshold: {value:g} µV").format(value=montage.threshold_uv))
    return "\n".join(lines)


def _clients_of(whose: Whose) -> list[Client]:
    return read_clients(whose.journal())
