"""The state machine alone, on tension that is written by hand."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated_sitting import protocol_of

from biofeedback.errors import SettingsError
from biofeedback.stream import INVALID, Channel, Quality, StreamInfo, Tension
from biofeedback.training.events import Event, What
from biofeedback.training.goal import Goal
from biofeedback.training.protocol import Ends, Feedback, Kind, Phase, Protocol
from biofeedback.training.summary import summary
from biofeedback.training.trainer import Trainer

SFREQ = 50.0


def info(n: int = 1, *, sfreq: float = SFREQ) -> StreamInfo:
    channels = tuple(Channel(f"muscle {i}", "uV", step=0.1) for i in range(n))
    return StreamInfo(channels, sfreq, "sim:test", simulated=True)


def phase(kind: Kind, seconds: float, **more) -> Phase:
    usual = {"feedback": Feedback.ON if kind is Kind.TRIAL else Feedback.OFF}
    usual |= {"ends": Ends.TIME if kind is Kind.REST else Ends.VALID_TIME}
    return Phase(kind.value, kind, seconds, "Do it.", **(usual | more))


PLAN = Protocol(
    name="test",
    title="Test",
    summary="",
    mode=protocol_of('[[phases]]\nname="a"\nkind="rest"\nseconds=1\ninstruction="x"\n').mode,
    phases=(
        phase(Kind.BASELINE, 12.0),
        phase(Kind.TRIAL, 8.0),
        phase(Kind.REST, 2.0),
        phase(Kind.TRIAL, 8.0),
    ),
)


def tension(start: int, slow: np.ndarray, quality: np.ndarray | None = None) -> Tension:
    slow = slow.reshape(len(slow), -1).astype(float)
    if quality is None:
        quality = np.where(np.isnan(slow), Quality.GAP, 0)
    return Tension(start, slow, slow, slow, quality.reshape(slow.shape).astype(np.uint8))


def steady(seconds: float, level: float, start: int = 0) -> Tension:
    return tension(start, np.full(round(seconds * SFREQ), level))


def trained(plan: Protocol, *parts: Tension, **options) -> Trainer:
    made = Trainer(plan, info(), **options)
    for part in parts:
        made.feed(part)
    return made


def of(trainer: Trainer, what: What) -> list[Event]:
    return [event for event in trainer.events if event.what is what]


def everything(trainer: Trainer) -> str:
    trainer.finish()
    return repr([event.plain() for event in trainer.events]) + repr(summary(trainer))


@st.composite
def streams(draw) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Draw slow RMS, its flags, and the samples at which a stretch of it is lost."""
    seed = draw(st.integers(0, 2**16))
    rng = np.random.default_rng(seed)
    n = 50 * 45
    slow = np.repeat(rng.uniform(1, 12, n // 50), 50) * rng.uniform(0.9, 1.1, n)
    quality = np.zeros(n, dtype=np.uint8)
    for flag in rng.choice([1, 2, 4, 8, 16, 32, 64], draw(st.integers(0, 4))):
        at = rng.integers(0, n)
        quality[at : at + rng.integers(1, 200)] |= np.uint8(flag)
    slow[quality & np.uint8(INVALID) != 0] = np.nan
    lost = sorted(rng.integers(1, n, draw(st.integers(0, 2))).tolist())
    return slow, quality, lost


@settings(max_examples=40, deadline=None)
@given(streams(), st.lists(st.integers(1, 400), min_size=1, max_size=30), st.integers(0, 1))
def test_any_cut_of_the_stream_gives_the_same_events_and_the_same_scores(stream, cuts, first):
    slow, quality, lost = stream
    index = np.arange(len(slow)) + 7 * first
    for at in lost:
        index[at:] += 33
    breaks = {0, len(slow), *lost}

    def fed(edges: set[int]) -> str:
        trainer = Trainer(PLAN, info())
        for a, b in itertools.pairwise(sorted(edges)):
            trainer.feed(tension(int(index[a]), slow[a:b], quality[a:b]))
        return everything(trainer)

    step = itertools.accumulate(itertools.cycle(cuts))
    edges = set(itertools.takewhile(lambda at: at < len(slow), step))
    assert fed(breaks | edges) == fed(breaks)


@pytest.mark.parametrize("sfreq", [50.0, 102.4, 333.3])
def test_every_event_falls_on_a_tenth_of_a_second(sfreq: float):
    trainer = Trainer(PLAN, info(sfreq=sfreq))
    for start in range(0, round(40 * sfreq), 13):
        trainer.feed(tension(start, np.full(13, 5.0)))
    assert trainer.ended
    for event in trainer.events:
        assert round(event.t_s * 10) / 10 == event.t_s
    assert of(trainer, What.TRIAL)[0].values["success_percent"] == 100.0
    # what is kept is evenly spaced, though a tenth may hold a third of a value more
    baseline = trainer.results.stretches[0]
    every = round(sfreq / baseline.rate_hz)
    assert len(baseline.slow) == math.ceil(baseline.samples / every)


def test_what_is_unknown_stops_the_clock_though_nothing_is_flagged():
    unknown = tension(700, np.full(100, np.nan), np.zeros(100))
    trainer = trained(PLAN, steady(14, 5.0), unknown)
    assert trainer.paused
    assert of(trainer, What.PAUSED)[0].text == "There is no reading."


def test_the_phases_follow_one_another_and_their_instructions_are_said():
    trainer = trained(PLAN, steady(60, 5.0))
    begins = [(e.t_s, e.values["phase"]) for e in of(trainer, What.PHASE_BEGINS)]
    # how a baseline and a trial went is known a second and a tenth after them
    assert begins == [(0.0, "baseline"), (13.1, "trial"), (22.2, "rest"), (24.2, "trial")]
    assert [e.text for e in of(trainer, What.CUE)] == ["Do it."] * 4
    assert trainer.events[-1].what is What.ENDED
    assert trainer.events[-1].t_s == 33.3


def test_the_clock_waits_while_there_is_no_valid_signal_and_says_why_and_how_long():
    off = tension(700, np.full(200, np.nan), np.full(200, Quality.ELECTRODE_OFF))
    trainer = trained(PLAN, steady(14, 5.0), off)
    assert trainer.paused
    assert trainer.left_s == pytest.approx(8 - 0.9)
    (paused,) = of(trainer, What.PAUSED)
    assert (paused.t_s, paused.values["since_s"]) == (14.2, 14.0)
    assert "come off" in paused.text
    trainer.feed(steady(20, 5.0, start=900))
    (resumed,) = of(trainer, What.RESUMED)
    assert resumed.t_s == 18.0
    ends = of(trainer, What.PHASE_ENDS)[1]
    assert ends.t_s == pytest.approx(13.1 + 8 + 4)


def test_a_blip_stops_the_clock_but_is_not_talked_about():
    blip = tension(700, np.full(10, np.nan), np.full(10, Quality.MOTION))
    trainer = trained(PLAN, steady(14, 5.0), blip, steady(20, 5.0, start=710))
    assert of(trainer, What.PAUSED) == of(trainer, What.RESUMED) == []
    assert of(trainer, What.PHASE_ENDS)[1].t_s == pytest.approx(13.1 + 8 + 0.2)


def test_a_rest_ends_on_time_whatever_the_signal():
    trainer = trained(PLAN, steady(22.2, 5.0), tension(1110, np.full(300, np.nan)))
    ends = [e for e in of(trainer, What.PHASE_ENDS) if e.values["phase"] == "rest"]
    assert ends[0].t_s == 24.2
    assert trainer.phase is PLAN.phases[3]
    assert trainer.paused


def test_what_is_taken_back_late_is_in_no_score():
    """Motion that is found after the trial's end reaches a second back into it."""
    level = np.full(2000, 5.0)
    level[round(20.5 * 50) : round(21.1 * 50)] = 50.0  # would be no success
    quality = np.zeros(2000, dtype=np.uint8)
    quality[round(21.3 * 50) : round(21.4 * 50)] = Quality.MOTION
    (event, *_rest) = of(trained(PLAN, tension(0, level, quality)), What.TRIAL)
    assert event.values["success_percent"] == 100.0
    assert event.values["valid_percent"] == pytest.approx(100 * (8 - 0.8) / 8)


def test_nothing_moves_during_a_trial_but_by_hand():
    trainer = Trainer(PLAN, info())
    trainer.feed(steady(14, 5.0))
    trainer.set_threshold(7.0)
    trainer.feed(steady(30, 6.0, start=700))
    path = trainer.results.staircase.path
    assert [(step.t_s, step.threshold, step.by_hand) for step in path[:2]] == [
        (13.1, 5.0, False),
        (14.0, 7.0, True),
    ]
    # before it 5 µV at a threshold of 5, after it 6 at 7: both are at the goal
    assert of(trainer, What.TRIAL)[0].values["success_percent"] == 100.0
    assert [(step.t_s, step.threshold) for step in path[2:]] == [(33.3, 7.0 * 0.9)]


def test_the_goal_does_not_flicker():
    plan = replace(PLAN, hysteresis=0.1, dwell_s=0.5)
    trainer = trained(plan, steady(14, 5.0))
    assert trainer.shown.goal is Goal.REACHED
    start = 700

    def after(seconds: float, level: float) -> Goal:
        nonlocal start
        part = steady(seconds, level, start=start)
        trainer.feed(part)
        start = part.stop
        return trainer.shown.goal

    assert after(0.4, 6.0) is Goal.REACHED  # for less than half a second
    assert after(0.2, 4.0) is Goal.REACHED
    assert after(0.5, 6.0) is Goal.NOT_YET
    assert after(1.0, 4.8) is Goal.NOT_YET  # within the slack
    assert after(0.5, 4.4) is Goal.REACHED
    assert after(0.1, math.nan) is Goal.UNKNOWN
    assert math.isnan(trainer.shown.measured)


def test_what_is_shown_is_what_the_feedback_allows():
    seen = {}
    for feedback in Feedback:
        trial = phase(Kind.TRIAL, 8.0, feedback=feedback, delay_s=2.0)
        plan = replace(PLAN, phases=(PLAN.phases[0], trial))
        trainer = trained(plan, steady(14.1, 5.0), steady(2.5, 3.0, start=705))
        seen[feedback] = trainer.shown.measured
    assert seen[Feedback.ON] == 3.0
    assert seen[Feedback.DELAYED] == 3.0
    assert math.isnan(seen[Feedback.OFF])
    assert math.isnan(seen[Feedback.SUMMARY])
    # the delayed one is two seconds old
    trial = phase(Kind.TRIAL, 8.0, feedback=Feedback.DELAYED, delay_s=2.0)
    late = trained(
        replace(PLAN, phases=(PLAN.phases[0], trial)),
        steady(14.1, 5.0),
        steady(1.5, 3.0, start=705),
    )
    assert late.shown.measured == 5.0


def test_a_baseline_is_hidden():
    trainer = trained(PLAN, steady(6, 5.0))
    assert math.isnan(trainer.shown.measured)


def test_a_pause_by_hand_stops_the_clock_and_is_in_no_score():
    trainer = trained(PLAN, steady(14, 5.0))
    trainer.waiting = True
    trainer.feed(steady(5, 80.0, start=700))
    assert of(trainer, What.PAUSED)[0].text == "Paused."
    trainer.waiting = False
    trainer.feed(steady(20, 5.0, start=950))
    trial = of(trainer, What.TRIAL)[0]
    assert trial.values["success_percent"] == 100.0
    assert trial.t_s == pytest.approx(22.2 + 5)


GUESSED = replace(
    PLAN,
    phases=(
        PLAN.phases[0],
        phase(Kind.TRIAL, 8.0, feedback=Feedback.SUMMARY, guess=True),
        phase(Kind.REST, 10.0, ends=Ends.ANSWER),
        phase(Kind.RATINGS, 10.0, ends=Ends.ANSWER, ask=("tension", "pain")),
    ),
)


def test_a_guess_comes_first_and_then_what_was_measured():
    trainer = trained(GUESSED, steady(13.1, 10.0), steady(9.5, 6.0, start=655))
    (trial,) = of(trainer, What.TRIAL)
    assert trial.text == ""  # it would tell
    assert len(of(trainer, What.GUESS_ASKED)) == 1
    trainer.guess(4.0)
    trainer.feed(steady(1, 6.0, start=1130))
    (revealed,) = of(trainer, What.REVEALED)
    # 5 is as tense as in the baseline: 6 of 10 µV is 3
    assert revealed.values["measured"] == pytest.approx(3.0)
    assert revealed.values["error"] == pytest.approx(1.0)
    trainer.guess(9.0)  # too late: it has been seen
    trainer.go_on()
    trainer.feed(steady(1, 6.0, start=1180))
    assert trainer.phase is GUESSED.phases[3]
    trainer.rate("pain", 3.0)
    trainer.go_on()
    trainer.feed(steady(3, 6.0, start=1230))
    assert trainer.ended
    told = summary(trainer)
    assert told["guess_error"] == pytest.approx(1.0)
    assert told["ratings"]["pain"] == 3.0
    assert math.isnan(told["ratings"]["tension"])


def test_a_guess_of_the_most_that_there_is_stands_for_more():
    trainer = trained(GUESSED, steady(13.1, 10.0), steady(9.5, 60.0, start=655))
    trainer.guess(10.0)
    trainer.feed(steady(1, 6.0, start=1130))
    assert of(trainer, What.REVEALED)[0].values["error"] == 0.0


def test_where_nobody_can_answer_nobody_is_asked():
    trainer = trained(GUESSED, steady(40, 5.0), answers=False)
    assert [e.values["phase"] for e in of(trainer, What.PHASE_BEGINS)] == ["baseline", "trial"]
    assert of(trainer, What.GUESS_ASKED) == []
    assert trainer.ended
    assert math.isnan(summary(trainer)["guess_error"])


@pytest.mark.parametrize("value", [-0.1, 10.1, math.nan])
def test_an_answer_outside_0_to_10_is_refused(value: float):
    with pytest.raises(SettingsError, match="from 0 to 10"):
        Trainer(GUESSED, info()).guess(value)
    with pytest.raises(SettingsError, match="from 0 to 10"):
        Trainer(GUESSED, info()).rate("pain", value)
    with pytest.raises(SettingsError, match="tension, pain"):
        Trainer(GUESSED, info()).rate("joy", 3.0)


def test_a_rating_that_comes_when_the_stream_has_ended_is_kept():
    trainer = trained(GUESSED, steady(30, 5.0))
    trainer.finish()
    trainer.rate("pain", 2.0)
    assert summary(trainer)["ratings"]["pain"] == 2.0


def test_a_trial_that_was_skipped_moves_nothing():
    plan = replace(PLAN, phases=(*PLAN.phases, PLAN.phases[2], PLAN.phases[1]))
    trainer = trained(plan, steady(14, 5.0))
    trainer.go_on()
    trainer.feed(steady(30, 2.0, start=700))
    first, second = of(trainer, What.TRIAL)[:2]
    assert "cut short" in first.values["why"]
    assert "once" in second.values["why"]
    assert of(trainer, What.PHASE_ENDS)[1].values["whole"] is False


def test_cues_are_said_when_the_clock_is_there():
    from biofeedback.training.protocol import Cue

    plan = replace(PLAN, phases=(phase(Kind.REST, 5.0, cues=(Cue(2.0, "Now turn."),)),))
    trainer = trained(plan, steady(10, 5.0))
    assert [(e.t_s, e.text) for e in of(trainer, What.CUE)] == [(0.0, "Do it."), (2.0, "Now turn.")]


def test_training_may_begin_in_the_middle_of_a_stream():
    trainer = trained(PLAN, steady(60, 5.0, start=1003))
    assert of(trainer, What.PHASE_BEGINS)[0].t_s == 20.1  # the first whole tenth


@pytest.mark.parametrize(
    ("mode", "channels", "n", "said"),
    [
        ("symmetry", None, 1, "needs 2 channels"),
        ("symmetry", [0, 0], 2, "needs 2 different channels"),
        ("below", [1, 0], 2, "needs 1 different"),
        ("below", [3], 2, "needs 4 channels"),
    ],
)
def test_channels_that_do_not_fit_are_refused(mode, channels, n, said):
    from biofeedback.training.protocol import Mode

    with pytest.raises(SettingsError, match=said):
        Trainer(replace(PLAN, mode=Mode(mode)), info(n), channels=channels)


def test_a_source_in_counts_is_told_in_counts():
    stream = replace(info(), channels=(Channel("plain"),))
    trainer = Trainer(PLAN, stream)
    trainer.feed(steady(60, 5.0))
    told = summary(trainer)
    assert told["baseline_counts"] == 5.0
    assert "threshold_counts" in told["threshold_path"][0]
    assert not [key for key in repr(told).split("'") if key.endswith("_uv")]


def test_a_sitting_that_never_got_a_sample_has_no_scores():
    trainer = Trainer(PLAN, info())
    trainer.finish()
    told = summary(trainer)
    assert told["phases"] == told["trials"] == told["threshold_path"] == []
    for key in ("baseline_uv", "success_percent", "valid_percent", "relative_rest_time_percent"):
        assert math.isnan(told[key])
