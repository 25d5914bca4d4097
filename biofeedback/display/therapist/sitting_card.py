"""What goes on in a sitting, for who leads it: its plan, its notes, and what is asked."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from biofeedback.display.therapist.lead import Lead
from biofeedback.display.therapist.notes_list import NotesList
from biofeedback.display.therapist.phase_plan import PhasePlan
from biofeedback.display.training.middle import Asking
from biofeedback.display.widgets.controls import Side
from biofeedback.display.widgets.palette import Palette
from biofeedback.stream import Annotation
from biofeedback.text import _

_MARGIN = 12
_CHARACTERS = 22  # of plan and notes, the least that stand side by side


class SittingCard(QFrame):
    """Shows what `lead` leads; emits `message`, and `asked` with a question to be typed."""

    message = Signal(str)
    asked = Signal(str, str, object)

    def __init__(self, lead: Lead, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._lead = lead
        training = lead.sitting.training
        self.plan, self.notes = PhasePlan(), NotesList(lead.markers)
        if training is None:
            self.plan.hide()
        self.notes.change.connect(self._ask_change)
        self.notes.remove.connect(lambda note: self._amend(note, ""))
        self.asking = Asking(palette)
        self.asking.hide()
        if training is not None:
            self.asking.answered.connect(training.answer)
            self.asking.skipped.connect(partial(training.answer, None))
            QShortcut(QKeySequence("A"), self).activated.connect(self.asking.scale.setFocus)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        rows.addWidget(self.asking)
        rows.addWidget(
            Side(
                self.plan,
                self.notes,
                wanted=lambda: _CHARACTERS * self.fontMetrics().averageCharWidth(),
                spacing=10,
            ),
            1,
        )

    def show_now(self) -> None:
        """Show what is new; to be called a few times a second."""
        training = self._lead.sitting.training
        self.notes.show_notes(self._lead.sitting.noted.notes())
        if training is None or self._lead.trainer is None:
            return
        self.plan.show_plan(self._lead.trainer)
        question = training.moment().question
        if question is not None and self.asking.ask(question):
            told = _("The client is asked: {question} A answers here.")
            self.message.emit(told.format(question=question.text))
        self.asking.setVisible(question is not None)

    def _ask_change(self, note: Annotation) -> None:
        self.asked.emit(_("Change the note"), note.text, partial(self._amend, note))

    def _amend(self, note: Annotation, text: str) -> str:
        said = self._lead.sitting.amend(note, text.strip())
        self.notes.show_notes(self._lead.sitting.noted.notes())
        self.message.emit(said)
        return said
