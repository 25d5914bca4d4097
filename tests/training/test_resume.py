"""A training that broke off goes on where it was, and comes to the same."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from simulated_sitting import protocol_of

from biofeedback.errors import SettingsError
from biofeedback.stream import Channel, StreamInfo, Tension
from biofeedback.training.by_hand import Change
from biofeedback.training.events import Event, What
from biofeedback.training.goal import Measure
from biofeedback.training.packed import Packer, unpacked
from biofeedback.training.progress import BASELINE_HOLDS_S, Progress, to_come
from biofeedback.training.protocol import Ends, Feedback, Kind, Phase, Protocol
from biofeedback.training.results import StoredRest
from biofeedback.training.summary import summary
from biofeedback.training.trainer import Trainer
from biofeedback.words import plain

SFREQ = 50.0
MINUTE_S, HOUR_S = 60.0, 3600.0
INFO = StreamInfo((Channel("trapezius left", "uV", step=0.1),), SFREQ, "sim:test", simulated=True)


def phase(kind: Kind, seconds: float, number: int = 1, **more) -> Phase:
    usual = {"feedback": Feedback.ON if kind is Kind.TRIAL else Feedback.OFF}
    usual |= {"ends": Ends.TIME if kind in (Kind.REST, Kind.STRESSOR) else Ends.VALID_TIME}
    return Phase(f"{kind.value} {number}", kind, seconds, "Do it.", **(usual | more))


def plan_of(*phases: Phase) -> Protocol:
    mode = protocol_of('[[phases]]\nname="a"\nkind="rest"\nseconds=1\ninstruction="x"\n').mode
    return Protocol(name="test", title="Test", summary="", mode=mode, phases=phases)


PLAN = plan_of(
    phase(Kind.BASELINE, 12.0),
    phase(Kind.TRIAL, 8.0),
    phase(Kind.REST, 2.0),
    phase(Kind.TRIAL, 8.0, 2),
    phase(Kind.STRESSOR, 3.0),
    phase(Kind.RECOVERY, 4.0),
    phase(Kind.TRIAL, 8.0, 3),
    phase(Kind.BASELINE, 12.0, 2),
)


def signal(seconds: float) -> np.ndarray:
    """Return a tension that falls, rises for the stressor, and that seven digits hold exactly."""
    t = np.arange(round(seconds * SFREQ)) / SFREQ
    level = 6 + np.random.default_rng(3).normal(size=len(t)) / 8 - t / 40 + 5 * (abs(t - 36) < 2)
    return np.round(level * 1024) / 1024


def tension(level: np.ndarray, start: int = 0) -> Tension:
    rows = level.reshape(-1, 1)
    return Tension(start, rows, rows, rows, np.zeros(rows.shape, np.uint8))


def trained(level: np.ndarray, plan: Protocol = PLAN, **options) -> Trainer:
    trainer = Trainer(plan, INFO, answers=False, **options)
    trainer.feed(tension(level))
    return trainer


def kept(trainer: Trainer) -> dict:
    """Return its progress as a journal gives it back."""
    assert trainer.progress is not None
    return json.loads(
        json.dumps(plain_but_exact(Packer(trainer.protocol, trainer.measure)(trainer.progress)))
    )


def plain_but_exact(value):
    """Return what a journal's JSON holds: NaN as null."""
    if isinstance(value, dict):
        return {key: plain_but_exact(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_but_exact(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def resumed(
    broken: Trainer, level: np.ndarray, *, after_s: float, lasted_s: float = 0.0, **options
) -> Trainer:
    progress = kept(broken)

    def take_up(measure: Measure) -> Progress:
        return unpacked(progress, PLAN, measure).after_pause(after_s, lasted_s=lasted_s)

    return trained(level, resume=take_up, **options)


def of(trainer: Trainer, what: What) -> list[Event]:
    return [event for event in trainer.events if event.what is what]


def begun(trainer: Trainer) -> list[str]:
    return [event.values["phase"] for event in of(trainer, What.PHASE_BEGINS)]


WHOLE_S = 75.0


def test_wherever_a_training_breaks_off_it_comes_to_what_it_would_have_come_to():
    level = signal(WHOLE_S)
    unbroken = trained(level)
    assert unbroken.ended
    begins_s = {e.values["phase"]: e.t_s for e in of(unbroken, What.PHASE_BEGINS)}
    wanted = plain(summary(unbroken))
    assert len({step["threshold_uv"] for step in wanted["threshold_path"]}) > 1
    seen = set()
    for tenths in range(140, 660, 9):
        broken = trained(level[: round(tenths / 10 * SFREQ)])
        if broken.ended:
            continue
        broken.finish()
        assert broken.progress is not None
        if broken.progress.reached == len(PLAN.phases):  # stopped in the second after the last
            continue
        first = PLAN.phases[broken.progress.reached].name
        since_s = begins_s[first]
        rest = level[round(since_s * SFREQ) :]
        again = resumed(broken, rest, after_s=MINUTE_S, lasted_s=since_s)
        assert begun(again)[0] == first
        told = plain(summary(again))
        for step, same in zip(told["threshold_path"], wanted["threshold_path"], strict=True):
            # stopped in the second after a trial, that is known there and then
            assert step["t_s"] == pytest.approx(same["t_s"], abs=1.1)
            step["t_s"] = same["t_s"]
        assert told.pop("pauses") == [{"t_s": pytest.approx(since_s), "seconds": MINUTE_S}]
        assert told == {key: value for key, value in wanted.items() if key != "pauses"}
        seen.add(first)
    assert seen == {each.name for each in PLAN.phases[1:]} - {"recovery 1"}


def test_one_that_broke_off_in_its_second_trial_begins_that_trial_anew_with_its_threshold():
    broken = trained(signal(28.0))
    assert broken.phase is PLAN.phases[3]
    before = broken.threshold
    again = resumed(broken, signal(2.0), after_s=10 * MINUTE_S, lasted_s=28.0)
    assert begun(again) == ["trial 2"]
    assert again.threshold == before
    assert again.shown.measured == pytest.approx(6.0, abs=0.5)
    (told,) = of(again, What.TAKEN_UP)
    assert told.text == "Resumed after 10 minutes."


def test_a_phase_that_was_cut_short_by_stopping_is_not_taken_for_done():
    broken = trained(signal(28.0))
    broken.finish()
    assert [trial.whole for trial, _score in broken.results.trials] == [True, False]
    again = resumed(broken, signal(2.0), after_s=MINUTE_S)
    assert begun(again) == ["trial 2"]
    assert [trial.whole for trial, _score in again.results.trials] == [True]


def test_a_load_and_its_recovery_come_again_together():
    in_recovery = trained(signal(38.5))
    assert in_recovery.phase is PLAN.phases[5]
    again = resumed(in_recovery, signal(9.0), after_s=MINUTE_S)
    assert begun(again)[:2] == ["stressor 1", "recovery 1"]
    again.finish()
    assert [each.phase.name for each in again.results.stretches].count("stressor 1") == 1


def test_after_half_an_hour_the_baseline_comes_again_and_starts_the_threshold_anew():
    broken = trained(signal(28.0))
    again = resumed(broken, signal(60.0) / 2, after_s=BASELINE_HOLDS_S + 1, lasted_s=28.0)
    assert begun(again)[:2] == ["baseline 1", "trial 2"]
    steps = again.results.staircase.path
    assert steps[len(broken.results.staircase.path)].threshold == pytest.approx(
        steps[0].threshold / 2, rel=0.05
    )
    path = summary(again)["threshold_path"]
    assert [step["t_s"] for step in path] == sorted(step["t_s"] for step in path)


def test_broken_off_again_in_that_baseline_it_still_comes_again():
    broken = trained(signal(28.0))
    once = resumed(broken, signal(5.0), after_s=HOUR_S, lasted_s=28.0)
    once.finish()
    assert begun(once) == ["baseline 1"]
    twice = resumed(once, signal(20.0), after_s=MINUTE_S, lasted_s=33.0)
    assert begun(twice) == ["baseline 1", "trial 2"]
    twice.finish()
    assert begun(resumed(twice, signal(2.0), after_s=MINUTE_S, lasted_s=53.0)) == ["trial 2"]
    assert [pause["seconds"] for pause in summary(twice)["pauses"]] == [HOUR_S, MINUTE_S]


def test_with_no_trial_left_no_baseline_comes_again():
    broken = trained(signal(60.0))
    assert broken.phase is PLAN.phases[7]
    again = resumed(broken, signal(2.0), after_s=HOUR_S)
    assert begun(again) == ["baseline 2"]


def test_the_check_of_the_sensor_comes_again_where_somebody_is_there():
    check = phase(Kind.CHECK, 60.0, ends=Ends.ANSWER)
    plan = plan_of(check, *PLAN.phases)
    trainer = Trainer(plan, INFO, answers=True)
    trainer.feed(tension(signal(1.0)))
    trainer.go_on()
    trainer.feed(tension(signal(20.0)[50:], 50))
    progress = trainer.progress
    assert progress is not None
    left = to_come(plan, progress.after_pause(MINUTE_S, lasted_s=20.0))
    assert left == (check, *plan.phases[progress.reached :])


def test_what_was_changed_said_and_rated_by_hand_is_carried_over():
    asked = phase(Kind.RATINGS, 2.0, ends=Ends.TIME, ask=("pain",))
    plan = plan_of(PLAN.phases[0], PLAN.phases[1], asked, PLAN.phases[3])
    trainer = Trainer(plan, INFO, answers=True)
    trainer.feed(tension(signal(15.0)))
    trainer.set_threshold(3.0)
    trainer.change(Change.LONGER)
    trainer.feed(tension(signal(50.0)[750:], 750))
    trainer.rate("pain", 4.0)
    trainer.feed(tension(signal(57.0)[2500:], 2500))
    assert trainer.phase is plan.phases[3]
    progress = unpacked(kept(trainer), plan, trainer.measure).after_pause(HOUR_S, lasted_s=0.0)
    told = summary(Trainer(plan, INFO, resume=lambda _measure: progress))
    assert told["ratings"] == {"pain": 4.0}
    assert [change["change"] for change in told["changes"]] == ["longer"]
    assert told["trials"][0]["seconds"] == pytest.approx(38.0)
    assert [step["by_hand"] for step in told["threshold_path"]].count(True) == 1
    assert plain(told["trials"]) == plain(summary(trainer)["trials"])


def test_another_protocol_or_another_sensor_is_refused_in_a_sentence():
    progress = kept(trained(signal(28.0)))
    measure = trained(signal(1.0)).measure
    changed = replace(PLAN, phases=(*PLAN.phases[:-1], phase(Kind.BASELINE, 13.0, 2)))
    with pytest.raises(SettingsError, match="protocol test has changed since"):
        unpacked(progress, changed, measure)
    other = Measure(PLAN.mode, (Channel("trapezius right", "uV", step=0.1),))
    with pytest.raises(SettingsError, match=r"begun with trapezius left .*trapezius right"):
        unpacked(progress, PLAN, other)


def test_unknown_and_lost_moments_are_carried_over_as_they_are():
    level = signal(28.0)
    level[300:340] = np.nan
    trainer = Trainer(PLAN, INFO, answers=False)
    quality = np.where(np.isnan(level), 1, 0).astype(np.uint8).reshape(-1, 1)
    rows = level.reshape(-1, 1)
    trainer.feed(Tension(0, rows, rows, rows, quality))
    before = trainer.results.stretches[0]
    again = unpacked(kept(trainer), PLAN, trainer.measure).stretches[0]
    for name in ("fast", "slow", "valid", "threshold", "breaths"):
        np.testing.assert_array_equal(getattr(again, name), getattr(before, name))
    assert not before.valid.all()
    assert (again.samples, again.valid_samples) == (before.samples, before.valid_samples)


def without_baseline(rest: StoredRest | None, *, noise: float | None = None) -> Trainer:
    """Return a training whose baseline is ended by hand after two seconds."""
    trainer = Trainer(
        PLAN, INFO, answers=False, noise=noise, rest=(lambda _channel: rest) if rest else None
    )
    trainer.feed(tension(signal(2.0)))
    trainer.go_on()
    trainer.feed(tension(signal(60.0)[100:], 100))
    return trainer


def test_without_a_baseline_a_threshold_starts_at_the_p75_of_the_stored_rest():
    assert math.isnan(without_baseline(None).threshold)
    first = without_baseline(StoredRest(sd=0.5, p75=5.5)).results.staircase.path[0]
    assert first.threshold == 5.5
    assert "newest baseline in the journal" in first.why


def test_it_gets_no_harder_than_two_sd_over_the_noise_and_no_easier_than_that_p75():
    harder = without_baseline(StoredRest(sd=3.5, p75=9.0), noise=1.0).results.staircase.path
    assert [step.threshold for step in harder] == pytest.approx([9.0, 8.1])
    least = without_baseline(StoredRest(sd=3.7, p75=9.0), noise=1.0).results.staircase.path
    assert [step.threshold for step in least] == pytest.approx([9.0, 1.1 + 2 * 3.7])
    easier = without_baseline(StoredRest(sd=0.1, p75=2.0)).results.staircase.path
    assert [step.threshold for step in easier] == [2.0]
