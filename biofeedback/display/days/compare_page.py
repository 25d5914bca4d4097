"""Two sittings side by side: what each tells, and by how much they differ."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from biofeedback.analysis.trends import Pair, compare, signed, why_apart
from biofeedback.display.days.trends_model import where_word
from biofeedback.display.playback.recordings_page import when_word
from biofeedback.display.widgets.controls import (
    Chooser,
    Label,
    Side,
    announce,
    card,
    named,
    scroll_by,
    scrolling,
)
from biofeedback.journal.nouns import Sitting
from biofeedback.text import _
from biofeedback.training.protocol_file import protocol_title

_PRINTED_AS_0 = 0.5  # percent


class ComparePage(QWidget):
    """Lets two of the sittings it is shown be chosen, and shows them side by side."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.first, self.second = Chooser(), Chooser()
        self.apart = Label("", "summary")
        self.table = QGridLayout()
        self.table.setHorizontalSpacing(24)
        self._cells: list[Label] = []
        choice, rows = card()
        fields = []
        for field, text in ((self.first, _("&One sitting")), (self.second, _("&The other"))):
            part = QWidget()
            its_rows = QVBoxLayout(part)
            its_rows.setContentsMargins(0, 0, 0, 0)
            named(its_rows, field, text)
            fields.append(part)
            field.currentIndexChanged.connect(self._show)
        rows.addWidget(Side(*fields))
        numbers, number_rows = card(self.apart)
        number_rows.addLayout(self.table)
        inside = QWidget()
        page = QVBoxLayout(inside)
        page.setContentsMargins(24, 8, 24, 8)
        page.setSpacing(12)
        page.addWidget(Label(_("Two sittings side by side"), "heading"))
        page.addWidget(choice)
        page.addWidget(numbers)
        page.addStretch(1)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        self._scroll = scrolling(inside)
        outside.addWidget(self._scroll)

    def show_sittings(self, sittings: Sequence[Sitting]) -> None:
        """Offer `sittings`, oldest first; begin with the first and the last of them."""
        for field, at in ((self.first, 0), (self.second, len(sittings) - 1)):
            with QSignalBlocker(field):
                field.clear()
                for sitting in sittings:
                    field.addItem(sitting_word(sitting), sitting)
                field.setCurrentIndex(at)
        self._show()

    def _show(self) -> None:
        one, other = self.first.currentData(), self.second.currentData()
        for cell in self._cells:
            cell.hide()
            cell.deleteLater()
        self._cells = []
        if not (isinstance(one, Sitting) and isinstance(other, Sitting)):
            return
        self.apart.setText(why_apart(one, other))
        self.apart.setVisible(bool(self.apart.text()))
        heads = ("", when_word(one.started), when_word(other.started), _("Difference"))
        rows = [heads, *(pair_words(pair) for pair in compare(one, other))]
        if len(rows) == 1:
            rows.append((_("Neither of them tells a figure."), "", "", ""))
        for i, row in enumerate(rows):
            for j, text in enumerate(row):
                cell = Label(text, "title" if i == 0 else "quiet" if j == 0 else "")
                cell.setAccessibleDescription(" · ".join(filter(None, row)))
                self.table.addWidget(cell, i, j)
                self._cells.append(cell)
        for column, share in enumerate((3, 2, 2, 2)):
            self.table.setColumnStretch(column, share)
        announce(self, self.apart.text())

    def focus_first(self) -> None:
        """Begin with the one sitting."""
        self.first.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not scroll_by(self._scroll, event):
            super().keyPressEvent(event)


def sitting_word(sitting: Sitting) -> str:
    """Return what tells a sitting from the others."""
    protocol = str(sitting.summary.get("protocol") or "")
    words = [when_word(sitting.started), protocol_title(protocol) if protocol else ""]
    words += [_("simulated")] * sitting.conditions.simulated
    words += [_("left out")] * bool(sitting.hidden)
    return " · ".join(filter(None, words))


def pair_words(pair: Pair) -> tuple[str, str, str, str]:
    """Return a row: what, both values, each with its invalid time, and the difference."""
    unit = pair.what.unit_word
    values = [
        _value_word(value, unit, invalid)
        for value, invalid in zip((pair.first, pair.second), pair.invalid, strict=True)
    ]
    change = pair.second - pair.first
    told = "–" if math.isnan(change) else f"{signed(change)} {unit}".strip()
    if unit == "%" and not math.isnan(change):
        told = _("{change} percentage points").format(change=signed(change))
    if not math.isnan(pair.change_percent):
        told = _("{change} ({percent} %)").format(change=told, percent=signed(pair.change_percent))
    return f"{pair.what.title}\n{where_word(pair.what)}", values[0], values[1], told


def _value_word(value: float, unit: str, invalid: float) -> str:
    if math.isnan(value):
        return _("not known")
    told = f"{value:.3g} {unit}".strip()
    if invalid > _PRINTED_AS_0:
        return _("{value}, {invalid:.0f} % invalid").format(value=told, invalid=invalid)
    return told
