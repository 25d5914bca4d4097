"""The table "what works for me": one line for each thing that was tried, the best first."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from biofeedback.analysis.told import newest
from biofeedback.display.sitting.whose import Whose
from biofeedback.display.trials.words import columns, row
from biofeedback.display.widgets.controls import Label, card
from biofeedback.errors import BiofeedbackError
from biofeedback.text import _

if TYPE_CHECKING:  # a database takes half a second to load
    from biofeedback.journal.day_nouns import KeptTrial

_WIDTHS = (3, 2, 2, 2, 3)


class TrialTable(QWidget):
    """Shows the trials of the person that `whose` tells; read anew by `read`."""

    def __init__(self, whose: Whose) -> None:
        super().__init__()
        self._whose = whose
        self._said = Label("", "quiet")
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._cells: list[Label] = []
        made, rows = card(title=_("What works for me"))
        rows.addWidget(self._said)
        rows.addLayout(self._grid)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(made)
        for i, width in enumerate(_WIDTHS):
            self._grid.setColumnStretch(i, width)

    def read(self) -> None:
        """Show what there is now."""
        person, said = self._whose.person, ""
        trials: list[KeptTrial] = []
        try:
            trials = self._whose.journal().trials(person) if person else []
        except BiofeedbackError as error:
            said = str(error)
        if not (trials or said):
            said = _("Nothing was tried yet.")
            if not person:
                said = _("Choose on the start page whose journal this is for, and it is kept.")
        self._said.setText(said)
        self._said.setVisible(bool(said))
        self._show(trials)

    def _show(self, trials: "list[KeptTrial]") -> None:
        for cell in self._cells:
            cell.hide()
            cell.deleteLater()
        self._cells = []
        found = [row(trial, count) for trial, count in newest(trials)]
        for i, texts in enumerate([columns(), *found] if found else []):
            for j, text in enumerate(texts):
                cell = Label(text, "" if i else "quiet")
                self._grid.addWidget(cell, i, j)
                self._cells.append(cell)
