"""The screen of a training: one thing to look at, what to do in plain words, and the time left."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from biofeedback.display.feedback.feedback import Feedback
from biofeedback.display.feedback.pacer import PacerView
from biofeedback.display.sitting.pacer_model import PacerModel
from biofeedback.display.sitting.training_model import Action, Moment, Show, TrainingModel
from biofeedback.display.sitting.training_words import WAYS
from biofeedback.display.training.middle import Asking, Calm
from biofeedback.display.widgets.controls import (
    Label,
    announce,
    button,
    card,
    fit_text,
    rename,
    scroll_by,
    scrolling,
)
from biofeedback.display.widgets.palette import Palette
from biofeedback.display.widgets.watermark import Watermark
from biofeedback.text import _

_MARGIN = 16
_SLOW_EVERY = 6  # ticks: texts five times a second
_TEXT_SHARE = 0.24  # of the height, the most: the rest is for the feedback


class TrainingScreen(QWidget):
    """Shows what `model` says; `tick` is called `ticks_per_second` times a second.

    `led`: somebody else leads the sitting, and only what is asked can be answered here.
    """

    ticks_per_second = 30
    message = Signal(str)

    def __init__(
        self,
        model: TrainingModel,
        palette: Palette,
        parent: QWidget | None = None,
        *,
        led: bool = False,
    ) -> None:
        super().__init__(parent)
        self._model, self._led = model, led
        self._ticks, self._told = 0, ("", "", "", "")
        self._action: Action | None = None
        self._title, self._instruction = Label("", "title"), Label("", "large")
        self._tag = Label(_("SIMULATED"), "tag", wrap=False)
        self.feedback = Feedback(palette, model.seen)
        self.calm, self.asking = Calm(palette), Asking(palette)
        self.asking.answered.connect(self._answer)
        self.asking.skipped.connect(partial(self._answer, None))
        self.pacer = PacerView(self, PacerModel(model.session), palette, led=led)
        self.pacer.message.connect(self.message)
        self._middle: tuple[QWidget, ...] = (self.feedback, self.calm, self.asking)
        self._shown: QWidget = self.calm
        self._said = Label()
        self._said.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._left = Label("", "large", wrap=False)
        self._whole, self._goal, self._following = Label("", "quiet"), Label(), Label("", "quiet")
        self._heart = Label("", "quiet")
        self._way = button("", "", self._see_next)
        self._button = button("", "", self._act, main=True)
        self._lay_out(palette)
        QShortcut(QKeySequence(Qt.Key.Key_Space), self).activated.connect(self._act)
        if not self._led:
            QShortcut(QKeySequence(Qt.Key.Key_F), self).activated.connect(self._see_next)
            QShortcut(QKeySequence(Qt.Key.Key_H), self).activated.connect(self._switch_number)

    def _lay_out(self, palette: Palette) -> None:
        main, rows = card()
        heading = QHBoxLayout()
        heading.addWidget(self._title, 1)
        heading.addWidget(self._tag)
        rows.addLayout(heading)
        rows.addWidget(self._instruction)
        rows.addLayout(self.pacer.beside(*self._middle), 1)
        for part in self._middle:
            part.setVisible(part is self._shown)
        rows.addWidget(self._said)
        side, below = card(Label(_("Time left"), "title"), self._left, self._whole, self._goal)
        below.addWidget(self._heart)
        self._side = below
        room = QWidget()
        self._watermark = Watermark(room, palette)
        below.addWidget(room, 1)
        below.addWidget(self._following)
        below.addWidget(self.pacer.switch_button)
        below.addWidget(self._way)
        self._way.setVisible(not self._led)
        below.addWidget(self._button)
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(_MARGIN, 0, _MARGIN, _MARGIN)
        grid.setSpacing(_MARGIN)
        grid.addWidget(main, 0, 0)
        grid.addWidget(side, 0, 1)
        grid.setColumnStretch(0, 5)
        grid.setColumnStretch(1, 2)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        self._scroll = scrolling(inside)
        outside.addWidget(self._scroll)

    def focus_first(self) -> None:
        """Put the focus where Enter does what comes next."""
        (self.asking.scale if self._shown is self.asking else self._button).setFocus()

    # what is shown

    def tick(self) -> None:
        """Show what the training has come to."""
        if self._shown is self.feedback:
            self.feedback.show_frame(self._model.frame(), 1 / self.ticks_per_second)
        self.pacer.tick()
        if self._ticks % _SLOW_EVERY == 0:
            self._show(self._model.moment())
            self._show_way()
        self._ticks += 1

    def _show(self, moment: Moment) -> None:
        self._title.setText(moment.title)
        self._show_instruction(moment)
        self._show_middle(moment)
        whole = _("of all: {left}").format(left=moment.whole_left) if moment.whole_left else ""
        for label, text in (
            (self._left, moment.left),
            (self._goal, moment.goal),
            (self._said, moment.said),
            (self._heart, self._model.heart_words()),
        ):
            label.setText(text)
            label.setVisible(bool(text))
        self._whole.setText(whole)
        self._following.setText(moment.following)
        self._show_spare()
        for mark in (self._tag, self._watermark):
            mark.setVisible(self._model.simulated)
        mine = not self._led or moment.action is Action.NEXT
        self._button.setVisible(mine and moment.show is not Show.QUESTION)  # where Space answers
        if moment.action is not self._action:
            self._action = moment.action
            rename(self._button, *_action_words(moment.action))
        self._announce(moment)

    def _show_instruction(self, moment: Moment) -> None:
        """Show what to do; a question stands alone."""
        text = "" if moment.show is Show.QUESTION else moment.instruction
        if text != self._instruction.text():
            self._instruction.setText(text)
            self._instruction.setVisible(bool(text))
            self._fit()

    def _show_spare(self) -> None:
        """Show what is to come, and what is left of all, as far as the page need not scroll."""
        inner = self._whole.width()
        heights = {
            label: label.heightForWidth(inner) + self._side.spacing()
            for label in (self._whole, self._following)
        }
        frame = self._side.geometry().width()
        room = self._scroll.viewport().height() - _MARGIN
        room -= self._side.minimumHeightForWidth(frame)
        room += sum(high for label, high in heights.items() if not label.isHidden())
        for label, high in heights.items():
            fits = bool(label.text()) and high <= room
            room -= high if fits else 0
            label.setVisible(fits)

    def _fit(self) -> None:
        fit_text(self._instruction, _TEXT_SHARE * self.height())

    def _show_middle(self, moment: Moment) -> None:
        shown: QWidget = self.calm
        if moment.show is Show.FEEDBACK:
            shown = self.feedback
        elif moment.show is Show.QUESTION and moment.question is not None:
            shown = self.asking
        changed = shown is not self._shown
        if shown is self.calm:
            self.calm.show_words(moment.words, waits=moment.show is Show.PAUSED)
        if moment.question is not None and shown is self.asking:
            changed |= self.asking.ask(moment.question)
        if changed:
            self._shown = shown
            self.feedback.show_frame(self._model.frame(), 0.0)
            for part in self._middle:
                part.setVisible(part is shown)
            if self.isVisible():
                self.focus_first()

    def _show_way(self) -> None:
        """Show it in the way that is chosen now, and what of that need not be smooth."""
        model, seen = self._model, self._model.seen
        if seen != self.feedback.settings:
            self.feedback.choose(seen)
            self.feedback.show_frame(model.frame(), 0.0)
            announce(self, WAYS[seen.feedback])
        way = _("View: {way}").format(way=WAYS[seen.feedback])
        if way != self._way.text():
            told = _("Ring, lake, curve, or nothing with closed eyes (F); H hides the number")
            rename(self._way, way, told)
        if self._shown is self.feedback:
            self.feedback.show_slowly(model.frame(), model.curve(), silence=model.silence())

    def _announce(self, moment: Moment) -> None:
        """Let a screen reader say what has changed: the phase, a pause, a question, a result."""
        asked = moment.question.text if moment.question else ""
        told = (f"{moment.title}. {moment.instruction}", moment.words, asked, moment.said)
        if told != self._told:
            new = [text for text, before in zip(told, self._told, strict=True) if text != before]
            self._told = told
            announce(self, " ".join(text for text in new if text))

    # what is done

    def _act(self) -> None:
        if self._shown is self.asking:
            self.asking.answer()
        elif not self._led or self._model.moment().action is Action.NEXT:
            self._model.act()
        self._show(self._model.moment())

    def _see_next(self) -> None:
        self._model.see_next()
        self._show_way()

    def _switch_number(self) -> None:
        self._model.switch_number()
        self._show_way()

    def _answer(self, value: int | None) -> None:
        self._model.answer(value)
        self._show(self._model.moment())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not scroll_by(self._scroll, event):
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


def _action_words(action: Action) -> tuple[str, str]:
    """Return the text of the button, and what it does."""
    return {
        Action.PAUSE: (_("Pause"), _("Stop the clock for a while (Space)")),
        Action.GO_ON: (_("Go on"), _("Let the clock go on (Space)")),
        Action.NEXT: (_("Next"), _("Go on to what comes next (Space)")),
    }[action]
