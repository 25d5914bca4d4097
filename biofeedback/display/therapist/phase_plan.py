"""The plan of a sitting as a list: what is done, what goes on now, what is to come."""

import math
from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QListWidget, QVBoxLayout, QWidget

from biofeedback.display.sitting.view_model import clock_word
from biofeedback.display.widgets.controls import Label
from biofeedback.display.widgets.wrapped_list import DenseList
from biofeedback.text import _
from biofeedback.training.events import What
from biofeedback.training.protocol import Feedback, Kind, Phase, kind_word
from biofeedback.training.trainer import Trainer


class Stands(Enum):
    """Where a phase stands."""

    DONE = auto()
    CUT_SHORT = auto()
    NOW = auto()
    TO_COME = auto()


_MARKS = {Stands.DONE: "✓", Stands.CUT_SHORT: "✂", Stands.NOW: "▶", Stands.TO_COME: "○"}


@dataclass(frozen=True, slots=True)
class Line:
    """A phase of the plan; `seconds`: how long it was, is to be, or has still to go."""

    title: str
    seconds: float
    stands: Stands
    feedback: Feedback

    def text(self) -> str:
        """Return it in words."""
        clock = clock_word(math.ceil(self.seconds))
        if self.stands is Stands.NOW:
            clock = _("{clock} left").format(clock=clock)
        elif self.stands is Stands.CUT_SHORT:
            clock = _("{clock}, cut short").format(clock=clock)
        return f"{_MARKS[self.stands]} {self.title} · {clock}"


def plan_lines(trainer: Trainer) -> list[Line]:
    """Return every phase of a sitting in its order, those that came twice too."""
    now, to_come = trainer.phase, trainer.to_come
    begun = list(trainer.begun)
    ended = [event for event in list(trainer.events) if event.what is What.PHASE_ENDS]
    lines, trial = [], 0
    for number, phase in enumerate((*begun, *to_come)):
        trial += phase.kind is Kind.TRIAL
        title = _title(phase, trial)
        if number < len(ended):
            values = ended[number].values
            stands = Stands.DONE if values["whole"] else Stands.CUT_SHORT
            lines.append(Line(title, values["seconds"], stands, phase.feedback))
        elif number < len(begun):
            feedback = now.feedback if now else phase.feedback
            lines.append(Line(title, max(0.0, trainer.left_s), Stands.NOW, feedback))
        else:
            lines.append(Line(title, phase.seconds, Stands.TO_COME, phase.feedback))
    return lines


def _title(phase: Phase, trial: int) -> str:
    if phase.kind is Kind.TRIAL:
        return _("Trial {n}").format(n=trial)
    return kind_word(phase.kind)


class PhasePlan(QWidget):
    """Shows the plan of what `show_plan` is given; the arrows read it, and change nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._left = Label("", "title")
        self.rows = DenseList()
        self.rows.setAccessibleName(_("Plan of the sitting"))
        self.rows.setAccessibleDescription(_("Done, now and to come, each with its time"))
        self.rows.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self._now = -1
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(4)
        rows.addWidget(self._left)
        rows.addWidget(self.rows, 1)

    def show_plan(self, trainer: Trainer) -> None:
        """Write what has changed; what goes on now stays in view."""
        lines = plan_lines(trainer)
        left_s = sum(x.seconds for x in lines if x.stands in (Stands.NOW, Stands.TO_COME))
        self._left.setText(_("Plan · {left} left").format(left=clock_word(math.ceil(left_s))))
        while self.rows.count() > len(lines):
            self.rows.takeItem(self.rows.count() - 1)
        for number, line in enumerate(lines):
            self._write(number, line)
        now = next((n for n, x in enumerate(lines) if x.stands is Stands.NOW), -1)
        if now not in (self._now, -1):
            self._now = now
            self.rows.setCurrentRow(now, QItemSelectionModel.SelectionFlag.NoUpdate)
            shown = self.rows.item(min(now + 1, len(lines) - 1))
            self.rows.scrollToItem(shown)
            self.rows.scrollToItem(self.rows.item(now))

    def _write(self, number: int, line: Line) -> None:
        item = self.rows.item(number) or self.rows.add()
        text = line.text()
        if item.text() == text:
            return
        item.setText(text)
        item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, _stands_words(line.stands))
        item.setFont(self.rows.font_of(bold=line.stands is Stands.NOW))


def _stands_words(stands: Stands) -> str:
    return {
        Stands.DONE: _("done"),
        Stands.CUT_SHORT: _("cut short"),
        Stands.NOW: _("now"),
        Stands.TO_COME: _("to come"),
    }[stands]
