"""The card on which each sensor is given its muscle, so that its channel bears that name."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from biofeedback.display.preparing.placement_page import place_name
from biofeedback.display.widgets.controls import (
    Chooser,
    Label,
    announce,
    button,
    card,
    named,
    rename,
)
from biofeedback.muscles import MUSCLES, SIDES, label_of, why_not
from biofeedback.text import _

_COLUMNS = 2


class MuscleChoice(QWidget):
    """A chooser a sensor, and a way to the page that shows where the electrodes go.

    `labels`: what the sensors were called last. `where_wanted` is emitted with the label of the
    sensor in hand: the one that was gone to last, else the first that has none.
    """

    where_wanted = Signal(str)

    def __init__(self, labels: Sequence[str], *, most: int) -> None:
        super().__init__()
        self._choosers = [Chooser() for _sensor in range(most)]
        self._in_hand: Chooser | None = None
        self._as_said = False
        self._warning = Label("", "message")
        self._warning.hide()
        self._cells = []
        grid = QGridLayout()
        for i, chooser in enumerate(self._choosers):
            cell = QWidget()
            rows = QVBoxLayout(cell)
            rows.setContentsMargins(0, 0, 0, 0)
            named(rows, chooser, _("Muscle of sensor {n}").format(n=i + 1))
            grid.addWidget(cell, i // _COLUMNS, i % _COLUMNS)
            self._cells.append(cell)
            _fill(chooser, labels[i] if i < len(labels) else "")
            chooser.currentIndexChanged.connect(self._changed)
            chooser.installEventFilter(self)
        for column in range(_COLUMNS):
            grid.setColumnStretch(column, 1)
        self.where = button("", "", self.ask_where)
        made, rows = card(title=_("3. Say which muscle each one is on"))
        rows.addLayout(grid)
        rows.addWidget(self._warning)
        rows.addWidget(self.where)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(made)

    def show_count(self, n: int | None) -> None:
        """Offer `n` sensors; None: as many as were said, and one more."""
        self._as_said = n is None
        said = [i + 1 for i, chooser in enumerate(self._choosers) if chooser.currentData()]
        wanted = max([0, *said]) + 1 if n is None else n
        for i, cell in enumerate(self._cells):
            cell.setVisible(i < wanted)
        self._show_said()

    def _shown(self) -> list[Chooser]:
        return [
            chooser
            for chooser, cell in zip(self._choosers, self._cells, strict=True)
            if not cell.isHidden()
        ]

    def labels(self) -> tuple[str, ...]:
        """Return what the sensors are called, from the first on; empty where it was not said."""
        said = [chooser.currentData() for chooser in self._shown()]
        while said and not said[-1]:
            said.pop()
        return tuple(said)

    def trouble(self) -> str:
        """Return why electrodes must not lie on all these muscles together, or nothing."""
        return why_not(self.labels())

    def ask_where(self) -> None:
        """Ask for the page that shows it, for the sensor in hand."""
        self._in_hand = self._hand()
        self.where_wanted.emit(self._in_hand.currentData())

    def take(self, label: str) -> None:
        """Give the sensor in hand its muscle."""
        self.name_sensor(self._choosers.index(self._hand()), label)

    def name_sensor(self, sensor: int, label: str) -> None:
        """Give a sensor, counted from 0, its muscle."""
        chooser = self._choosers[sensor]
        chooser.setCurrentIndex(chooser.findData(label))

    def _hand(self) -> Chooser:
        shown = self._shown()
        if self._in_hand in shown:
            return self._in_hand
        return next((chooser for chooser in shown if not chooser.currentData()), shown[0])

    def _changed(self) -> None:
        if self._as_said:
            self.show_count(None)
        else:
            self._show_said()

    def _show_said(self) -> None:
        """Show at once what must not be, and which sensor the button is for."""
        trouble = self.trouble()
        if trouble != self._warning.text():
            self._warning.setText(trouble)
            announce(self, trouble)
        self._warning.setVisible(bool(trouble))
        text = _("Where does it &go?")
        if len(self._shown()) > 1:
            n = self._choosers.index(self._hand()) + 1
            text = _("Where does sensor {n} &go?").format(n=n)
        rename(self.where, text, _("See where its electrodes go on the muscle (F2)"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn and isinstance(watched, Chooser):
            self._in_hand = watched
            self._show_said()
        return super().eventFilter(watched, event)


def _fill(chooser: Chooser, label: str) -> None:
    chooser.addItem(_("not said"), "")
    for muscle in MUSCLES:
        for side in SIDES:
            chooser.addItem(place_name(muscle, side), label_of(muscle, side))
    if chooser.findData(label) < 0:  # a word of the user's own, from the settings
        chooser.addItem(label, label)
    chooser.setCurrentIndex(chooser.findData(label))
