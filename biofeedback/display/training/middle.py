"""What may stand in the middle of a training besides the ring: a still sign, or a question."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from biofeedback.display.sitting.training_words import Question
from biofeedback.display.widgets.controls import Label, Side, button, fit_text
from biofeedback.display.widgets.palette import Palette
from biofeedback.display.widgets.scale import Scale
from biofeedback.text import _

_SIZE = 0.4  # of the room: it is there to be calm
_WORDS_SHARE, _QUESTION_SHARE = 0.4, 0.25  # of the height


class Sign(QWidget):
    """Circles that stand still, or two bars while the clock waits."""

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self._palette = palette
        self._waits = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def minimumSizeHint(self) -> QSize:
        side = 2 * self.fontMetrics().height()
        return QSize(side, side)

    def show_waiting(self, *, waits: bool) -> None:
        """Show whether the clock waits."""
        if waits is not self._waits:
            self._waits = waits
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = _SIZE * min(self.width(), self.height())
        centre = QPointF(self.width() / 2, self.height() / 2)
        if self._waits:
            painter.setPen(QPen(QColor(self._palette.warning), 0.08 * radius))
            painter.drawEllipse(centre, 0.9 * radius, 0.9 * radius)
            for x in (-0.34, 0.12):
                bar = QRectF(
                    centre.x() + x * radius, centre.y() - 0.4 * radius, 0.22 * radius, 0.8 * radius
                )
                painter.fillRect(bar, QColor(self._palette.warning))
            painter.end()
            return
        painter.setPen(Qt.PenStyle.NoPen)
        for share, colour in ((1.0, self._palette.target_band), (0.62, self._palette.line)):
            painter.setBrush(QColor(colour))
            painter.drawEllipse(centre, share * radius, share * radius)
        painter.end()


class Calm(QWidget):
    """A sign with words below it."""

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self.sign = Sign(palette)
        self.words = Label("", "words")
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.sign, 1)
        rows.addWidget(self.words)

    def show_words(self, words: str, *, waits: bool) -> None:
        """Show `words`, and whether the clock waits."""
        self.sign.show_waiting(waits=waits)
        if words != self.words.text():
            self.words.setText(words)
            self._fit()

    def _fit(self) -> None:
        fit_text(self.words, _WORDS_SHARE * self.height(), largest="words")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


class Asking(QWidget):
    """A question with its scale; emits `answered` with a number from 0 to 10, or `skipped`."""

    answered = Signal(int)
    skipped = Signal()

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self._asked: Question | None = None
        self._text, self._ends = Label("", "words"), Label("", "quiet")
        self.scale = Scale(palette)
        skip = button(_("&Skip"), _("Leave this question out"), self.skipped.emit)
        self._answer = button(_("&Answer"), _("Answer with what is marked"), self.answer, main=True)
        self.scale.moved.connect(lambda: self._answer.setEnabled(True))
        self.scale.done.connect(self.answer)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(14)
        rows.addStretch(1)
        for part in (self._text, self._ends, self.scale, Side(skip, self._answer, spacing=10)):
            rows.addWidget(part)
        rows.addStretch(1)

    def ask(self, question: Question) -> bool:
        """Ask `question`; return whether it is another one than before."""
        if question == self._asked:
            return False
        self._asked = question
        self._text.setText(question.text)
        self._fit()
        self._ends.setText(question.ends)
        self._answer.setEnabled(False)
        keys = _("0 to 9 or the arrows mark, Enter answers")
        self.scale.ask(question.text, f"{question.ends} {keys}")
        return True

    def _fit(self) -> None:
        fit_text(self._text, _QUESTION_SHARE * self.height(), largest="words")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def answer(self) -> None:
        """Answer with what is marked; nothing where nothing is."""
        if self.scale.chosen is not None and self._asked is not None:
            self._asked = None
            self.answered.emit(self.scale.chosen)
