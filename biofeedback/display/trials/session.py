"""A session that a trial of what helps follows, and that ends with it."""

from collections.abc import Generator, Sequence
from typing import Any

from biofeedback.analysis.effects import Effect, find_effect
from biofeedback.errors import SettingsError
from biofeedback.readings import Reading
from biofeedback.recording.sidecar import source_kind
from biofeedback.session import Session
from biofeedback.settings import SignalSettings
from biofeedback.sources.simulated import SimulatedSource
from biofeedback.stream import Sink, Source
from biofeedback.text import _
from biofeedback.training.events import Event
from biofeedback.training.trial import Plan, Script, Step, Trial
from biofeedback.training.tried import SHAM, TRIED


class TrialSession(Session):
    """Goes through `plan` at `source`; poll `trial`.

    A button on the board marks as a key does. A simulated muscle answers to
    what is marked; `scripted`: nobody marks, and it is done for it. `label`: of the channel that is
    measured, else the first. The trial is held until it is released where the sensor is `checked`
    before, and where it is `asked` which of several channels is measured.
    """

    def __init__(
        self,
        source: Source,
        *,
        plan: Plan,
        signal: SignalSettings,
        sinks: Sequence[Sink] = (),
        scripted: bool = False,
        label: str = "",
        checked: bool = False,
        asked: bool = False,
        patience_s: float,
    ) -> None:
        super().__init__(source, signal=signal, keep_signal=checked, sinks=sinks)
        self.marks_presses = False  # they are marks of the trial
        self.trial = Trial(plan, patience_s=patience_s)
        self._muscle = source if isinstance(source, SimulatedSource) else None
        self._script = Script(self.trial, self._muscle) if scripted and self._muscle else None
        self._presses_taken = self._events_heard = 0
        self._label, self._asked = label, asked
        self.trial.held = checked

    def _prepare(self) -> None:
        super()._prepare()
        labels = [channel.label for channel in self.info.channels]
        if self._label:
            self.trial.channel = _find(self._label, labels)
        elif self._asked and len(labels) > 1:
            self.trial.held = True

    def run(self) -> Generator[list[Reading], None, None]:
        """As `Session.run`, until the trial has ended."""
        try:
            for readings in super().run():
                for reading in readings:
                    self._follow(reading)
                yield readings
        finally:
            self.trial.finish()
            self._hear()

    def _follow(self, reading: Reading) -> None:
        for press in self.presses[self._presses_taken :]:
            self._presses_taken += 1
            if press.down:
                self.trial.mark()
        if self._script:
            self._script.follow(reading.t_s)
        self.trial.take(reading)
        self._hear()
        if self.trial.ended:
            self._stopping.set()

    def _hear(self) -> None:
        """Note in the recording what happens, and let the muscle answer to it."""
        new = self.trial.events[self._events_heard :]
        self._events_heard += len(new)
        for event in new:
            if text := self._note_of(event):
                self.annotate(text, onset_s=event.t_s)
            mark = event.values.get("mark", "lift-off")
            if self._muscle and not self._script and mark != "lift-off":
                self._muscle.act(event.t_s, on=mark == "contact", sham=self.trial.sham)

    def _note_of(self, event: Event) -> str:
        """Return what is noted of an event; empty: nothing."""
        name = TRIED[SHAM if self.trial.sham else self.trial.plan.what].name
        match event.values.get("step", event.values.get("mark")):
            case Step.ON:
                return _("{name}: on").format(name=name)
            case Step.AFTER:
                return _("{name}: off").format(name=name)
            case "lift-off":
                return event.text
        return ""

    def effect(self) -> Effect:
        """Return what was found, once it has ended."""
        trial = self.trial
        return find_effect(
            trial.levels(),
            trial.repeats,
            planned=len(trial.plan.order) // 2,
            floor=self.info.channels[trial.channel].resolution_floor or 0.0,
            window_s=self.signal.slow_window_s,
        )

    def result(self) -> dict[str, Any]:
        """Return what came of it as plain values: no date, no name of a person, no path."""
        trial, channel = self.trial, self.info.channels[self.trial.channel]
        return {
            "what": trial.plan.what,
            "source": source_kind(self.info),
            "simulated": self.info.simulated,
            "sensor": channel.sensor,
            "channel": channel.label,
            "band_hz": self.band_hz,
            "whole": trial.whole,
            "marked": sum(each.marked for each in trial.repeats),
            "duration_s": trial.events[-1].t_s if trial.events else 0.0,
            **self.effect().told("uv" if channel.unit == "uV" else "counts"),
        }


def _find(label: str, labels: list[str]) -> int:
    """Return which channel is called so; raise `SettingsError` where none is."""
    found = [i for i, each in enumerate(labels) if each.casefold() == label.casefold()]
    if not found:
        raise SettingsError(
            _("No channel is called '{label}'; choose one of: {labels}.").format(
                label=label[:40], labels=", ".join(labels)
            )
        )
    return found[0]
