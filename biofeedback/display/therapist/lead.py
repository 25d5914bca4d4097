"""What somebody who leads a sitting can do with it while it goes on; no Qt."""

import math

from biofeedback.display.sitting.sitting import Sitting
from biofeedback.errors import SettingsError
from biofeedback.muscles import shown_label
from biofeedback.text import _
from biofeedback.training.by_hand import Change
from biofeedback.training.protocol import Feedback, Mode
from biofeedback.training.trainer import Trainer
from biofeedback.words import unit_word


class Lead:
    """Leads `sitting`; each call returns what is to be said, which may be nothing.

    `markers`: the texts of the digits from 1 on; an empty one notes nothing.
    """

    def __init__(self, sitting: Sitting, *, markers: tuple[str, ...]) -> None:
        self.sitting, self.markers = sitting, markers
        self.view = sitting.view_model

    @property
    def trainer(self) -> Trainer | None:
        """What takes the sitting through its phases; None where it is only watched."""
        return self.sitting.session.trainer

    @property
    def paused(self) -> bool:
        """Whether the clock stands by hand."""
        return self.sitting.session.paused

    @property
    def feedback(self) -> bool:
        """Whether the phase that is under way shows the client anything."""
        phase = self.trainer.phase if self.trainer else None
        return phase is not None and phase.feedback is not Feedback.OFF

    def pause(self) -> str:
        """Let the clock stand, or go on."""
        session = self.sitting.session
        session.paused = not session.paused
        return ""

    def change(self, change: Change) -> str:
        """Change the phase that is under way."""
        trainer = self.trainer
        if trainer is None:
            return _("Nothing is trained here, so there are no phases.")
        try:
            trainer.change(change)
        except SettingsError as error:
            return str(error)
        return {
            Change.NEXT: _("The next phase comes."),
            Change.REPEAT: _("The phase begins again."),
            Change.LONGER: _("30 s longer."),
            Change.SHORTER: _("30 s shorter, but not over at once: that is Ctrl+Right."),
            Change.FEEDBACK_ON: _("The client sees the feedback."),
            Change.FEEDBACK_OFF: _("The feedback is hidden for this phase."),
        }[change]

    def switch_feedback(self) -> str:
        """Show the client the feedback of this phase, or hide it."""
        return self.change(Change.FEEDBACK_OFF if self.feedback else Change.FEEDBACK_ON)

    def mark(self, number: int) -> str:
        """Note the text of a digit of this moment."""
        text = self.markers[number - 1] if number <= len(self.markers) else ""
        if not text:
            return _("The key {number} has no text: Ctrl+M gives it one.").format(number=number)
        said = self.sitting.annotate(text, onset_s=self.sitting.session.duration_s)
        return f"{text}: {said}" if said else ""

    # the threshold, as a number

    def _scored(self) -> Trainer | None:
        """Return the trainer where the chosen channel is what it scores."""
        trainer = self.trainer
        return trainer if trainer and trainer.channels[0] == self.view.channel else None

    def threshold_question(self) -> tuple[str, str]:
        """Return what to ask for, and the threshold in force; the latter may be empty."""
        if not self.view.ready:
            return "", ""
        channel, scored = self.view.channels[self.view.channel], self._scored()
        if scored and scored.measure.aim.percent:
            return _("Threshold, in percent"), _plain(scored.threshold)
        if scored and _around(scored):
            asked = _("Threshold: how far from the middle, in {unit}")
            return asked.format(unit=unit_word(channel)), _plain(scored.threshold)
        asked = _("Threshold of {label}, in {unit}").format(
            label=shown_label(channel.label), unit=unit_word(channel)
        )
        in_force = float(self.sitting.session.thresholds()[self.view.channel])
        return asked, _plain(scored.threshold if scored else in_force)

    def set_threshold(self, typed: str) -> str:
        """Set the threshold of the chosen channel to what was typed."""
        try:
            value = float(typed.strip().replace(",", "."))
        except ValueError:
            return _("'{typed}' is no number: type one such as 4.5.").format(typed=typed)
        scored = self._scored()
        if scored is None or not (scored.measure.aim.percent or _around(scored)):
            return self.view.set_threshold(self.view.channel, value)
        try:
            scored.set_threshold(value)
        except SettingsError as error:
            return str(error)
        return ""


def _around(trainer: Trainer) -> bool:
    """Say whether the threshold is a distance, and no level."""
    return trainer.measure.mode is Mode.INSIDE


def _plain(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.3g}"
