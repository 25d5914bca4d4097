"""The screen of a trial: what to do now, how long it lasts, and one key that marks."""

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biofeedback.display.trials.run import TrialRun
from biofeedback.display.widgets.controls import (
    Label,
    announce,
    button,
    card,
    fit_text,
    scroll_by,
    scrolling,
)
from biofeedback.display.widgets.palette import Palette
from biofeedback.display.widgets.watermark import Watermark
from biofeedback.text import _
from biofeedback.training.events import What
from biofeedback.training.trial import Step
from biofeedback.training.tried import SHAM, name_of

_SHARE = 0.3  # of the height for the words, the most
_ROOMY = 18  # lines: so many have room for a large number


class TrialScreen(QWidget):
    """Shows `run`; the tension is not seen, so that nobody trains it meanwhile."""

    message = Signal(str)

    def __init__(self, run: TrialRun, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run = run
        self._title = Label("", "heading")
        self._tag = Label(_("SIMULATED"), "tag", wrap=False)
        self._do = Label(_("Waiting for the signal."), "large")
        self._do.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._left = Label("", "count", wrap=False)
        self._left.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._said = Label("", "summary")
        self._said.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._mark = button(
            _("Mark (Space)"),
            _("The hand lifts off, touches, or lets go (Space)"),
            self.mark,
            main=True,
        )
        self._mark.setMinimumHeight(3 * self.fontMetrics().height())
        inside = QWidget()
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(24, 8, 24, 16)
        heading = QHBoxLayout()
        heading.addWidget(self._title, 1)
        heading.addWidget(self._tag)
        made, middle = card()
        middle.addLayout(heading)
        middle.addStretch(1)
        for label in (self._do, self._left, self._said):
            middle.addWidget(label)
        room = QWidget()
        middle.addWidget(room, 1)
        middle.addWidget(self._mark)
        rows.addWidget(made)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        self._scroll = scrolling(inside)
        outside.addWidget(self._scroll)
        self._watermark = Watermark(room, palette)
        QShortcut(QKeySequence(Qt.Key.Key_Space), self).activated.connect(self._mark.click)

    def mark(self) -> None:
        """Mark this moment."""
        self._run.trial.mark()

    def focus_first(self) -> None:
        """Put the focus on the button that marks."""
        self._mark.setFocus()

    def tick(self) -> None:
        """Show what it has come to; ten times a second."""
        for event in self._run.follow():
            if event.what in (What.STEP, What.ENDED):
                self._do.setText(event.text)
                self._said.setText("")
                self._fit()
            elif event.text:
                self._said.setText(event.text)
            announce(self, event.text)
        if news := self._run.news():
            self.message.emit(news)
        trial = self._run.trial
        n, of = min(trial.number + 1, len(trial.plan.order)), len(trial.plan.order)
        title = _("{n} of {of}").format(n=n, of=of)
        if trial.step not in (Step.OFF, None):  # nobody is to know before what comes
            name = name_of(SHAM if trial.sham else trial.plan.what)
            title = _("{n} of {of} · {name}").format(n=n, of=of, name=name)
        self._title.setText(title)
        waits = trial.paused or trial.step is None
        left = "" if waits or trial.awaits_mark else f"{max(0, math.ceil(trial.left_s))}"
        self._left.setText(left)
        self._left.setVisible(bool(left))
        for mark in (self._tag, self._watermark):
            mark.setVisible(self._run.simulated)

    def _fit(self) -> None:
        fit_text(self._do, _SHARE * self.height())
        style = "count" if self.height() > _ROOMY * self.fontMetrics().height() else "large"
        if self._left.objectName() != style:
            self._left.setObjectName(style)
            self._left.style().polish(self._left)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not scroll_by(self._scroll, event):
            super().keyPressEvent(event)
