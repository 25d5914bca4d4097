"""Sittings with a simulated muscle whose script is known, and short protocols for them."""

from collections.abc import Callable
from typing import Any

import pytest

from biofeedback.session import Session
from biofeedback.settings import SignalSettings
from biofeedback.sources.scenario import read_scenario
from biofeedback.sources.simulated import SimulatedSource
from biofeedback.training.events import What
from biofeedback.training.protocol_file import read_protocol
from biofeedback.training.summary import summary
from biofeedback.training.trainer import Trainer

BASELINE_S, TRIAL_S, REST_S = 40.0, 60.0, 2.0
# The filters settle, and how a baseline or a trial went is known a second and a tenth later.
SETTLED_S, KNOWN_S = 0.8, 1.1
FIRST_TRIAL_S = SETTLED_S + BASELINE_S + KNOWN_S
EVERY_TRIAL_S = TRIAL_S + KNOWN_S + REST_S

BASELINE = f"""
[[phases]]
name = "baseline"
kind = "baseline"
seconds = {BASELINE_S}
instruction = "Rest."
"""
TRIAL = f"""
[[phases]]
name = "trial"
kind = "trial"
seconds = {TRIAL_S}
instruction = "Let go."
"""
REST = f"""
[[phases]]
name = "rest"
kind = "rest"
seconds = {REST_S}
instruction = "Pause."
"""
AFTER = BASELINE.replace('"baseline"\nkind', '"baseline after"\nkind')


def protocol_of(*parts: str, head: str = 'title = "A test"\n'):
    return read_protocol(head + "".join(parts), name="test", where="test.toml")


def trials(n: int) -> str:
    return BASELINE + REST.join([TRIAL] * n)


def scenario(*levels: tuple[float, object], head: str = "", more: str = "", seed: int = 1) -> str:
    """Return a scenario of one muscle: (seconds, µV or [from, to]) one after the other."""
    segments = "".join(
        f"[[channels.segments]]\nseconds = {seconds}\nemg_uv = {uv}\n" for seconds, uv in levels
    )
    return (
        f'seed = {seed}\n{head}\n[[channels]]\nlabel = "muscle"\noffset_uv = 150\n{segments}{more}'
    )


class Sitting:
    """A session that has run: its trainer, its events and its summary."""

    def __init__(self, session: Session) -> None:
        assert session.trainer is not None
        self.session, self.trainer = session, session.trainer
        self.events = self.trainer.events
        self.summary: dict[str, Any] = summary(self.trainer)

    def of(self, what: What) -> list[Any]:
        return [event for event in self.events if event.what is what]

    def begins(self, name: str) -> list[float]:
        return [e.t_s for e in self.of(What.PHASE_BEGINS) if e.values["phase"] == name]

    @property
    def path(self) -> list[float]:
        return [step.threshold for step in self.trainer.results.staircase.path]


@pytest.fixture
def sit() -> Callable[..., Sitting]:
    """Play a scenario to a protocol, as fast as it goes."""

    def run(protocol, text: str, *, before=None, seconds=None, **options) -> Sitting:
        source = SimulatedSource(read_scenario(text, name="test", where="test"), fast=True)

        def make(info) -> Trainer:
            trainer = Trainer(protocol, info, answers=False, **options)
            if before:
                before(trainer)
            return trainer

        session = Session(
            source,
            signal=SignalSettings(),
            keep_signal=False,
            trainer=make,
            seconds=seconds,
        )
        for _readings in session.run():
            pass
        return Sitting(session)

    return run
