"""The question before a trial at which of several muscles it is measured."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from biofeedback.display.widgets.controls import Label, button, card, scroll_by, scrolling
from biofeedback.muscles import shown_label
from biofeedback.stream import Channel
from biofeedback.text import _


class MusclePage(QWidget):
    """Emits `chosen` with the number of one of `channels`; `last` is offered first."""

    chosen = Signal(int)

    def __init__(self, channels: Sequence[Channel], last: str) -> None:
        super().__init__()
        labels = [channel.label for channel in channels]
        self.buttons = [
            button(
                shown_label(label).replace("&", "&&"),
                _("Measure at {label} (Enter)").format(label=shown_label(label)),
                partial(self.chosen.emit, number),
            )
            for number, label in enumerate(labels)
        ]
        self._first = labels.index(last) if last in labels else 0
        inside = QWidget()
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(24, 8, 24, 16)
        rows.setSpacing(16)
        rows.addWidget(Label(_("At which muscle?"), "heading"))
        rows.addWidget(
            Label(_("The trial looks at one of them: choose the one that troubles you."))
        )
        rows.addWidget(card(*self.buttons)[0])
        rows.addStretch(1)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        self._scroll = scrolling(inside)
        outside.addWidget(self._scroll)

    def focus_first(self) -> None:
        """Put the focus on the one that was measured last, or on the first."""
        self.buttons[self._first].setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not scroll_by(self._scroll, event):
            super().keyPressEvent(event)
