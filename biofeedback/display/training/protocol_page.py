"""The page of training protocols: what each does, how long, and what is known of its use."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from biofeedback.display.sitting.training_words import WAYS
from biofeedback.display.widgets.controls import (
    Chooser,
    Label,
    Side,
    button,
    card,
    named,
    scroll_by,
)
from biofeedback.display.widgets.framed import framed
from biofeedback.display.widgets.wrapped_list import WrappedList
from biofeedback.errors import SettingsError
from biofeedback.text import _, plural
from biofeedback.training.goal import AIMS
from biofeedback.training.protocol import Protocol
from biofeedback.training.protocol_file import installed, load_protocol

FIRST_PROTOCOL = "home-relaxation"
_ROWS = 4  # of the list, the least: the rest scrolls
_CARD_CHARACTERS = 36
_DESCRIPTION = Qt.ItemDataRole.AccessibleDescriptionRole


class ProtocolPage(QWidget):
    """Lists the protocols; emits `chosen` with the name of one.

    `last`: the one that was trained last, empty for none.
    """

    chosen = Signal(str)
    way_chosen = Signal(str)
    """In which way it is to be seen; one of `training_words.WAYS`."""
    where_wanted = Signal()
    """Start it too, and show where its electrodes go."""
    message = Signal(str)

    def __init__(self, last: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._last = last or FIRST_PROTOCOL
        self._protocols: dict[str, Protocol] = {}
        self.rows = WrappedList()
        self.rows.setAccessibleName(_("Training protocols"))
        self.rows.setAccessibleDescription(_("The arrows choose one; Enter starts it"))
        self.rows.currentRowChanged.connect(lambda _row: self._show_chosen())
        self.rows.itemDoubleClicked.connect(lambda _item: self.start())
        self._title, self._summary = Label("", "heading"), Label()
        self._needs = Label()
        self._papers: list[Label] = []
        self._evidence = QVBoxLayout()
        self._evidence.setSpacing(10)
        start = button(_("&Start"), _("Start this training (Enter)"), self.start, main=True)
        self.where_button = button(
            _("Where do the electrodes g&o?"),
            _("See first where the electrodes of this training go (F2)"),
            self.where_wanted.emit,
        )
        self._where_key = QShortcut(QKeySequence(Qt.Key.Key_F2), self)
        self._where_key.activated.connect(self.where_wanted)
        self.way = Chooser()
        for way, name in WAYS.items():
            self.way.addItem(name, way)
        self.way.currentIndexChanged.connect(lambda: self.way_chosen.emit(self.way.currentData()))
        listed, list_rows = card(self.rows, title=_("Choose a training"))
        named(list_rows, self.way, _("&View while training"))
        self.way.setAccessibleDescription(_("What is seen of the muscle; F changes it later"))
        told, told_rows = card(self._title, self._summary, self._needs)
        told_rows.addWidget(Label(_("What is known of it"), "title"))
        told_rows.addLayout(self._evidence)
        told_rows.addStretch(1)
        inside = QWidget()
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(24, 8, 24, 8)
        rows.addWidget(
            Side(
                listed,
                told,
                wanted=lambda: _CARD_CHARACTERS * self.fontMetrics().averageCharWidth(),
            ),
            1,
        )
        self._scroll = framed(self, inside, Side(self.where_button, start, spacing=10))

    def set_way(self, way: str) -> None:
        """Offer what was chosen last."""
        with QSignalBlocker(self.way):
            self.way.setCurrentIndex(self.way.findData(way))

    def offer_where(self, *, wanted: bool) -> None:
        """Offer to show where the electrodes go; not where none are worn."""
        self.where_button.setVisible(wanted)
        self._where_key.setEnabled(wanted)

    def fill(self) -> None:
        """List what is installed now; what cannot be read is told of, and hides no other."""
        chosen = self._current() or self._last
        self._protocols, wrong = {}, []
        for name in installed():
            try:
                self._protocols[name] = load_protocol(name)
            except SettingsError as error:
                wrong.append(str(error))
        self.rows.clear()
        names = list(self._protocols)
        for row, protocol in enumerate(self._protocols.values()):
            self.rows.addItem(f"{protocol.title} · {minutes_word(protocol)}")
            self.rows.item(row).setData(_DESCRIPTION, protocol.summary)
        self.rows.setCurrentRow(names.index(chosen) if chosen in names else 0)
        self.rows.setMinimumHeight(round(1.8 * _ROWS * self.fontMetrics().height()))
        self.message.emit(" ".join(wrong))

    def _current(self) -> str:
        names, row = list(self._protocols), self.rows.currentRow()
        return names[row] if 0 <= row < len(names) else ""

    def _show_chosen(self) -> None:
        protocol = self._protocols.get(self._current())
        if protocol is None:
            return
        self._title.setText(f"{protocol.title} · {minutes_word(protocol)}")
        self._summary.setText(protocol.summary)
        muscles = AIMS[protocol.mode].muscles
        needs = _("It needs {n} sensors: {muscles}.").format(
            n=len(muscles), muscles=", ".join(muscles)
        )
        self._needs.setText(needs)
        self._needs.setVisible(len(muscles) > 1)
        for part in self._papers:
            part.hide()
            part.deleteLater()
        self._papers = [
            Label(text, style)
            for paper in protocol.evidence
            for text, style in ((paper.result, ""), (paper.paper, "quiet"))
        ] or [Label(_("Nothing: it names no study."))]
        for part in self._papers:
            self._evidence.addWidget(part)

    def start(self) -> None:
        """Choose the protocol that is marked."""
        if name := self._current():
            self.chosen.emit(name)

    def focus_first(self) -> None:
        """Put the focus on the list, where Enter starts what is marked."""
        self.rows.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.start()
        elif not scroll_by(self._scroll, event):
            super().keyPressEvent(event)


def minutes_word(protocol: Protocol) -> str:
    """Return how long a protocol lasts, in whole minutes."""
    n = max(1, round(protocol.seconds / 60))
    return plural("{n} minute", "{n} minutes", n).format(n=n)
