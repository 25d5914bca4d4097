"""How a training is printed: its events as JSON or in words, and a bar that shows what it may."""

import math
import shutil
import sys
from collections.abc import Callable, Iterator
from typing import Any, TextIO

from biofeedback.cli.answers import Answers
from biofeedback.cli.output import print_json, say, tell
from biofeedback.display.sitting.breathing_words import breathing_sentence
from biofeedback.display.sitting.training_words import goal_word
from biofeedback.display.sitting.view_model import clock_word
from biofeedback.readings import Reading
from biofeedback.session import Session
from biofeedback.text import _, harmless, of_file
from biofeedback.training.events import Event, What
from biofeedback.training.protocol import Feedback, kind_word
from biofeedback.training.trainer import Trainer

Summarize = Callable[[Session], dict[str, Any]]
"""Makes the summary of a session that has ended."""

_BAR_WIDTH = 30
_ERASE_LINE = "\x1b[K"


class EventPrinter:
    """Hands on each event once, with its phase as a note in the recording; then the summary."""

    def __init__(self, out: TextIO, *, summarize: Summarize, answers: Answers | None) -> None:
        self.out, self._summarize, self._answers = out, summarize, answers
        self._told = 0

    def show(self, session: Session, _readings: list[Reading]) -> None:
        """Print what has happened since."""
        trainer = session.trainer
        if trainer is None:
            return
        for event in trainer.events[self._told :]:
            self._told += 1
            if event.what is What.PHASE_BEGINS:
                session.annotate(event.values["phase"], onset_s=event.t_s)
            elif event.what is What.TAKEN_UP:
                session.annotate(event.text, onset_s=event.t_s)
            self.tell(event)
            if self._answers:
                self._answers.ask(event, trainer)
        if self._answers:
            self._answers.heed(trainer)

    def end(self, session: Session) -> None:
        """Print the rest and the summary."""
        self.show(session, [])
        self.tell_summary(self._summarize(session))

    def tell(self, event: Event) -> None:
        """Print one event."""
        if event.what is What.PHASE_BEGINS:
            seconds = event.values["seconds"]
            said = _("{phase}, {clock}").format(
                phase=of_file(event.values["phase"]), clock=clock_word(seconds)
            )
        else:
            said = event.text
        if said:
            tell(f"{clock_word(event.t_s)}  {said}", self.out)

    def tell_summary(self, told: dict[str, Any]) -> None:
        """Print what the sitting came to, in sentences."""
        for sentence in _sentences(told):
            tell(sentence, self.out)


class JsonEvents(EventPrinter):
    """One object a line: the events, then the summary."""

    def tell(self, event: Event) -> None:
        """Print one event."""
        print_json(event.plain(), self.out)

    def tell_summary(self, told: dict[str, Any]) -> None:
        """Print the summary line."""
        print_json({"summary": told}, self.out)


class TrainingBar(EventPrinter):
    """A line that moves, with what the phase lets the person see; events scroll by above it."""

    def show(self, session: Session, readings: list[Reading]) -> None:
        """Print what has happened since, and draw the line anew."""
        super().show(session, readings)
        if session.trainer is not None and session.trainer.phase is not None:
            line = _line(session.trainer, simulated=session.info.simulated)
            columns = shutil.get_terminal_size().columns
            print(f"\r{_ERASE_LINE}{harmless(line)[: columns - 1]}", end="", file=self.out)
            self.out.flush()

    def tell(self, event: Event) -> None:
        """Print one event where the line stands."""
        print(f"\r{_ERASE_LINE}", end="", file=self.out)
        super().tell(event)


def _line(trainer: Trainer, *, simulated: bool) -> str:
    phase = trainer.phase
    assert phase is not None  # noqa: S101
    words = [clock_word(max(0.0, trainer.left_s)), kind_word(phase.kind)]
    if trainer.paused:
        words.append(_("waiting for a reading"))
    elif phase.feedback in (Feedback.ON, Feedback.DELAYED):
        measured, _goal, _place = shown = trainer.shown
        if not math.isnan(measured):
            words.append(trainer.measure.say(measured))
        words += [_bar(measured, trainer.threshold), goal_word(trainer.measure, shown)]
    if simulated:
        words.append(_("SIMULATED"))
    return "  ".join(words)


def _bar(measured: float, threshold: float) -> str:
    """Return a bar whose middle is the threshold."""
    if math.isnan(measured) or math.isnan(threshold):
        return "·" * _BAR_WIDTH
    middle = _BAR_WIDTH // 2
    filled = min(_BAR_WIDTH, round(middle * measured / threshold))
    cells = ["█"] * filled + ["░"] * (_BAR_WIDTH - filled)
    cells[middle] = "│"
    return "".join(cells)


def _sentences(told: dict[str, Any]) -> Iterator[str]:
    """Yield what a sitting came to; what is not known is left out."""
    unit = "uv" if "baseline_uv" in told else "counts"
    before, after = told[f"baseline_{unit}"], told[f"post_baseline_{unit}"]
    shown = _("µV") if unit == "uv" else _("counts")
    if not math.isnan(before):
        yield _("Before: {level:.3g} {unit}.").format(level=before, unit=shown)
    if not math.isnan(after):
        yield _("Afterwards: {level:.3g} {unit}.").format(level=after, unit=shown)
    if not math.isnan(at_goal := told["success_percent"]):
        yield _("{percent:.0f} % of the time at the goal.").format(percent=at_goal)
    if not math.isnan(rested := told["relative_rest_time_percent"]):
        if told["rest_threshold_from"] == "reference":
            yield _("The muscle rested {percent:.0f} % of the time.").format(percent=rested)
        else:  # of a muscle that was tense then, too, that is no rest
            yield _("{percent:.0f} % of the time it was no tenser than in the baseline.").format(
                percent=rested
            )
    if not math.isnan(half_s := told["recovery_half_time_s"]):
        yield _("It let go halfway within {seconds:.1f} s.").format(seconds=half_s)
    if breathed := breathing_sentence(told):
        yield breathed
    if not math.isnan(valid := told["valid_percent"]):
        yield _("{percent:.0f} % of the time had a valid signal.").format(percent=valid)
    if told["simulated"]:
        yield _("SIMULATED: this is not a muscle.")


def make_printer(
    *, as_json: bool, bar: bool, summarize: Summarize, answers: Answers | None
) -> EventPrinter:
    """Return what prints a training to standard output."""
    if as_json:
        return JsonEvents(sys.stdout, summarize=summarize, answers=None)
    if answers:
        say(_("Answers are numbers from 0 to 10, each followed by Enter."))
    kind = TrainingBar if bar else EventPrinter
    return kind(sys.stdout, summarize=summarize, answers=answers)
