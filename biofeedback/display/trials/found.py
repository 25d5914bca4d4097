"""What came of a trial: three sentences, one picture, and the table."""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from biofeedback.analysis.told import sentences
from biofeedback.display.trials.picture import TrialPicture
from biofeedback.display.widgets.controls import Label, announce, button, card, scroll_by
from biofeedback.display.widgets.framed import framed
from biofeedback.display.widgets.palette import Palette
from biofeedback.text import _
from biofeedback.training.tried import name_of


class Found(QWidget):
    """What came of a trial: three sentences, one picture, and the table; emits `done`."""

    done = Signal()

    def __init__(self, table: QWidget, palette: Palette) -> None:
        super().__init__()
        self._tag = Label(_("SIMULATED"), "tag", wrap=False)
        self._early = Label(_("It was ended early: this is what there is of it."))
        self._sentences = [Label("", "summary") for _sentence in range(3)]
        self._legend, self.picture = Label("", "quiet"), TrialPicture(palette)
        self._kept = Label("", "quiet")
        self._done = button(_("&Done"), _("Back to what can be tried (Enter)"), self.done.emit)
        self._done.setObjectName("main")
        inside = QWidget()
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(24, 8, 24, 8)
        rows.setSpacing(16)
        rows.addWidget(Label(_("What came of it"), "heading"))
        rows.addWidget(self._tag, alignment=Qt.AlignmentFlag.AlignLeft)
        rows.addWidget(self._early)
        rows.addWidget(card(*self._sentences)[0])
        rows.addWidget(card(self._legend, self.picture)[0])
        rows.addWidget(self._kept)
        rows.addWidget(table)
        rows.addStretch(1)
        self._scroll = framed(self, inside, self._done)

    def show_result(self, told: dict[str, Any], said: str) -> None:
        """Show a result, and what was `said` of keeping it."""
        words = sentences(told, name_of(told["what"]))
        for label, text in zip(self._sentences, words, strict=True):
            label.setText(text)
        unit = _("µV") if "off_uv" in told else _("counts")
        self._legend.setText(
            _("Tension in {unit}, one line for each time it was tried").format(unit=unit)
        )
        self.picture.show_result(told)
        self.picture.setAccessibleDescription(" ".join(words))
        self._kept.setText(said)
        self._tag.setVisible(bool(told["simulated"]))
        self._early.setVisible(not told["whole"])
        self._scroll.verticalScrollBar().setValue(0)
        announce(self, " ".join(words))

    def focus_first(self) -> None:
        """Put the focus on Done."""
        self._done.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not scroll_by(self._scroll, event):
            super().keyPressEvent(event)
