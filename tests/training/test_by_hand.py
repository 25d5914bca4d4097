"""What somebody who leads a sitting changes of its phases while they go on."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from test_trainer import PLAN, SFREQ, everything, of, phase, steady, tension, trained

from biofeedback.errors import SettingsError
from biofeedback.stream import Channel, StreamInfo
from biofeedback.training.by_hand import Change
from biofeedback.training.events import What
from biofeedback.training.protocol import Feedback, Kind, Protocol
from biofeedback.training.summary import summary
from biofeedback.training.trainer import Trainer


class Led:
    """A sitting that somebody leads: time passes, and they change what is under way."""

    def __init__(self, plan: Protocol = PLAN, *, sfreq: float = SFREQ) -> None:
        info = StreamInfo((Channel("muscle", "uV", step=0.1),), sfreq, "sim:test", simulated=True)
        self.trainer, self._sfreq, self._at = Trainer(plan, info), sfreq, 0

    def go(self, seconds: float, level: float = 5.0) -> None:
        n = round(seconds * self._sfreq)
        self.trainer.feed(tension(self._at, np.full(n, level)))
        self._at += n

    def names(self) -> list[tuple[str, float, bool]]:
        """Return each phase that is over: its kind, its length, and whether it is whole."""
        ends = of(self.trainer, What.PHASE_ENDS)
        return [(e.values["phase"], round(e.values["seconds"], 1), e.values["whole"]) for e in ends]


def test_the_next_phase_comes_and_what_was_cut_short_moves_no_threshold():
    led = Led()
    led.go(12 + 1.1 + 3)
    threshold = led.trainer.threshold
    led.trainer.change(Change.NEXT)
    led.go(1.4)
    assert led.trainer.phase.kind is Kind.REST
    assert led.trainer.threshold == threshold
    assert led.names()[1] == ("trial", 3.1, False)
    assert "cut short" in of(led.trainer, What.TRIAL)[0].values["why"]


def test_a_phase_comes_again_as_it_was_planned_and_the_plan_goes_on_behind_it():
    led = Led()
    led.go(12 + 1.1 + 3)
    led.trainer.change(Change.LONGER)
    led.trainer.change(Change.REPEAT)
    led.go(0.1)
    assert led.trainer.to_come == (PLAN.phases[1], *PLAN.phases[2:])
    led.go(1.1)
    assert led.trainer.phase == PLAN.phases[1]
    led.go(60)
    assert [name for name, _s, _whole in led.names()] == (
        ["baseline", "trial", "trial", "rest", "trial"]
    )
    assert [whole for _name, _s, whole in led.names()] == [True, False, True, True, True]
    assert led.names()[2][1] == 8.0
    assert led.trainer.whole


def test_a_phase_pressed_twice_comes_again_once():
    led = Led()
    led.go(3)
    for _press in range(3):
        led.trainer.change(Change.REPEAT)
    led.go(0.2)
    assert led.trainer.to_come.count(PLAN.phases[0]) + (led.trainer.phase == PLAN.phases[0]) == 1


def test_a_phase_becomes_longer_and_shorter_by_half_a_minute():
    led = Led(replace(PLAN, phases=(phase(Kind.BASELINE, 60.0), *PLAN.phases[1:])))
    led.go(10)
    led.trainer.change(Change.LONGER)
    led.go(0.1)
    assert led.trainer.left_s == pytest.approx(90 - 10.1)
    led.trainer.change(Change.SHORTER)
    led.trainer.change(Change.SHORTER)
    led.go(25)
    assert led.names() == [("baseline", 30.0, True)]


def test_a_phase_made_shorter_than_it_has_lasted_goes_on_for_five_seconds():
    led = Led()
    led.go(9)
    led.trainer.change(Change.SHORTER)
    led.go(2.9)
    assert led.trainer.phase.kind is Kind.BASELINE
    led.go(3)
    assert led.names() == [("baseline", 12.0, True)]  # not longer than it was either
    led = Led()
    led.go(2)
    led.trainer.change(Change.SHORTER)
    led.go(6)
    assert led.names() == [("baseline", 7.0, True)]


def test_feedback_is_hidden_and_comes_back_as_the_protocol_has_it():
    delayed = replace(PLAN.phases[1], feedback=Feedback.DELAYED, delay_s=1.0)
    led = Led(replace(PLAN, phases=(PLAN.phases[0], delayed)))
    led.go(12 + 1.1 + 2)
    assert led.trainer.shown.measured == 5.0
    led.trainer.change(Change.FEEDBACK_OFF)
    led.go(0.1)
    assert np.isnan(led.trainer.shown.measured)
    led.trainer.change(Change.FEEDBACK_ON)
    led.go(0.1)
    assert led.trainer.shown.measured == 5.0
    assert led.trainer.phase.feedback is Feedback.DELAYED


def test_help_that_was_given_for_a_part_of_a_trial_counts_as_given():
    led = Led()
    led.go(12 + 1.1 + 2)
    led.trainer.change(Change.FEEDBACK_OFF)
    led.go(8 + 1.1 + 2)
    assert summary(led.trainer)["trials"][0]["feedback"] == "on"
    led.trainer.change(Change.FEEDBACK_OFF)  # the second one: before anything was shown
    led.go(20)
    assert [trial["feedback"] for trial in summary(led.trainer)["trials"]] == ["on", "on"]
    off = replace(PLAN, phases=(PLAN.phases[0], replace(PLAN.phases[1], feedback=Feedback.OFF)))
    led = Led(off)
    led.go(12 + 1.1 + 2)
    led.trainer.change(Change.FEEDBACK_ON)
    led.go(1)
    led.trainer.change(Change.FEEDBACK_OFF)
    led.go(20)
    assert [trial["feedback"] for trial in summary(led.trainer)["trials"]] == ["on"]


def test_a_baseline_stays_hidden():
    led = Led()
    led.go(2)
    with pytest.raises(SettingsError, match="hidden"):
        led.trainer.change(Change.FEEDBACK_ON)


def test_between_two_phases_there_is_nothing_to_change():
    trainer = trained(PLAN, steady(12.5, 5.0))
    assert trainer.phase is None
    with pytest.raises(SettingsError, match="wait for the next"):
        trainer.change(Change.NEXT)


def test_a_wish_that_comes_twice_does_not_hit_the_next_phase():
    led = Led(replace(PLAN, phases=(phase(Kind.REST, 4.0), phase(Kind.REST, 4.0))))
    led.go(2.95)  # a chunk that ends within a tenth
    led.trainer.change(Change.NEXT)
    led.trainer.change(Change.NEXT)
    led.go(0.25)
    assert led.names() == [("rest", 3.0, False)]
    assert led.trainer.phase is not None


def test_each_change_is_an_event_and_in_the_summary_with_its_time():
    led = Led()
    led.go(3.04)
    for change in (Change.LONGER, Change.SHORTER):
        led.trainer.change(change)
    led.go(1)
    led.trainer.change(Change.NEXT)
    led.go(3)
    told = of(led.trainer, What.CHANGED)
    assert [event.values["change"] for event in told] == ["longer", "shorter", "next"]
    assert all(event.text and event.values["by_hand"] for event in told)
    kept = summary(led.trainer)["changes"]
    assert [(each["t_s"], each["change"], each["seconds"]) for each in kept] == [
        (3.0, "longer", 42.0),
        (3.0, "shorter", 12.0),
        (4.0, "next", 12.0),
    ]
    assert kept[0]["phase"] == "baseline"


@pytest.mark.parametrize("sfreq", [50.0, 102.4, 333.3])
def test_every_change_falls_on_a_tenth_of_a_second(sfreq: float):
    led = Led(sfreq=sfreq)
    for change in itertools.islice(itertools.cycle(Change), 24):
        led.go(0.73)
        if led.trainer.phase and not (
            change is Change.FEEDBACK_ON and led.trainer.phase.kind is Kind.BASELINE
        ):
            led.trainer.change(change)
    assert len(of(led.trainer, What.CHANGED)) > 10
    for event in led.trainer.events:
        assert round(event.t_s * 10) / 10 == event.t_s


def test_a_sitting_that_is_led_comes_out_the_same_however_the_stream_is_cut():
    wishes = {40: Change.LONGER, 95: Change.SHORTER, 160: Change.REPEAT, 330: Change.FEEDBACK_OFF}
    levels = np.random.default_rng(3).uniform(2, 9, 600).repeat(5)  # by tenths, of 50 Hz

    def led(n: int) -> str:
        made = Led()
        for tenth in range(600):
            if tenth in wishes:
                made.trainer.change(wishes[tenth])
            for at in range(0, 5, n):
                rows = slice(5 * tenth + at, 5 * tenth + min(at + n, 5))
                made.trainer.feed(tension(rows.start, levels[rows]))
        return everything(made.trainer)

    assert led(5) == led(1) == led(2)
