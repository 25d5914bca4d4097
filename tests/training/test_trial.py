import math
from collections import Counter

import numpy as np
import pytest

from biofeedback.display.trials.session import TrialSession
from biofeedback.errors import SettingsError
from biofeedback.readings import Reading
from biofeedback.settings import SignalSettings
from biofeedback.sources import SourceOptions, open_source
from biofeedback.sources.scenario import load_scenario
from biofeedback.sources.simulated import SimulatedSource
from biofeedback.stream import Chunk, Press, Quality
from biofeedback.training.events import What
from biofeedback.training.trial import Plan, Step, Trial, make_plan
from biofeedback.training.tried import NAMES, find_tried

PLAN = Plan("sensory-trick", (False, True), seed=0)


def reading(number: int, *, slow: float = 5.0, quality: int = 0) -> Reading:
    return Reading(
        number,
        np.array([slow]),
        np.array([slow]),
        np.array([quality], np.uint8),
        np.zeros(1, np.int8),
    )


def gone_through(
    trial: Trial, *, marks: tuple[float, ...] = (), off: tuple[float, float] = (0, 0)
) -> Trial:
    """Feed it 5 µV; a press just before each of `marks`, in s; no electrode from `off` to `off`."""
    number = 0
    while not trial.ended and number < 20_000:
        if any(round(10 * mark) == number for mark in marks):
            trial.mark()
        bad = off[0] <= number / 10 < off[1]
        slow, quality = (math.nan, Quality.ELECTRODE_OFF) if bad else (5.0, Quality.OK)
        trial.take(reading(number, slow=slow, quality=quality))
        number += 1
    return trial


def steps(trial: Trial) -> list[tuple[float, str]]:
    return [(e.t_s, e.values["step"]) for e in trial.events if e.what is What.STEP]


def test_each_pair_has_one_of_each_kind_in_an_order_by_chance():
    plans = [make_plan("heat", repeats=5, seed=seed) for seed in range(200)]
    assert all(sum(plan.order[i : i + 2]) == 1 for plan in plans for i in range(0, 10, 2))
    firsts = Counter(plan.order[0] for plan in plans)
    assert 70 < firsts[True] < 130
    assert plans[3] == make_plan("heat", repeats=5, seed=3)


@pytest.mark.parametrize("repeats", [0, 3, 21])
def test_too_few_or_too_many_repeats_are_refused(repeats: int):
    with pytest.raises(SettingsError, match="repeats"):
        make_plan("heat", repeats=repeats, seed=1)


def test_a_thing_is_found_by_its_name_or_a_part_of_it_and_else_all_are_named():
    assert {find_tried(name) for name in NAMES} == set(NAMES)
    for words in ("Sensory trick", "trick", "SENSORY_TRICK"):
        assert find_tried(words) == "sensory-trick"
    with pytest.raises(SettingsError, match="breathing"):
        find_tried("sham")


def test_off_on_off_last_20_s_each_from_what_was_marked():
    trial = gone_through(Trial(PLAN), marks=(22.0, 24.5, 46.0))
    first = trial.repeats[0]
    assert (first.off_s, first.cue_s) == (0.0, 20.0)
    assert (first.lift_off_s, first.contact_s, first.marked) == (22.0, 24.5, True)
    assert first.release_s == 44.5
    assert (first.let_go_s, first.let_go_marked, first.end_s) == (46.0, True, 66.0)
    assert trial.whole
    assert [each.sham for each in trial.repeats] == [False, True]


def test_who_does_not_mark_goes_on_after_a_while_and_that_is_known():
    trial = gone_through(Trial(PLAN))
    first = trial.repeats[0]
    assert (first.marked, first.let_go_marked) == (False, False)
    assert (first.contact_s, first.let_go_s) == (30.0, 55.0)
    assert math.isnan(first.lift_off_s)


def test_a_key_that_nobody_asked_for_changes_nothing():
    marks = (22.0, 24.5, 46.0)
    stray = gone_through(Trial(PLAN), marks=(3.0, *marks[:2], 30.0, marks[2], 60.0))
    assert stray.repeats[0] == gone_through(Trial(PLAN), marks=marks).repeats[0]


def test_what_moves_no_hand_has_one_mark():
    trial = gone_through(Trial(Plan("breathing", (False, True), seed=0)), marks=(22.0,))
    assert trial.repeats[0].contact_s == 22.0


def test_the_clock_waits_while_there_is_no_valid_signal_and_that_time_counts_not():
    trial = gone_through(Trial(PLAN), off=(5.0, 12.0))
    assert trial.repeats[0].cue_s == 27.0
    told = [e.what for e in trial.events]
    assert told.count(What.PAUSED) == told.count(What.RESUMED) == 1
    levels = trial.levels()
    assert np.isnan(levels[40:120]).all()  # and the second before it was found
    assert np.isfinite(levels[:40]).all()
    assert np.isfinite(levels[120:]).all()


def test_without_a_signal_for_too_long_it_ends_and_what_there_was_is_kept():
    trial = gone_through(Trial(PLAN, patience_s=30.0), off=(80.0, 1e6))
    assert trial.ended
    assert not trial.whole
    assert len(trial.repeats) == 1
    assert trial.events[-1].what is What.ENDED


def test_what_is_ended_early_has_the_repeats_that_were_whole():
    trial = Trial(PLAN)
    for number in range(900):
        trial.take(reading(number))
    trial.finish()
    trial.finish()
    assert [e.what for e in trial.events].count(What.ENDED) == 1
    assert (trial.ended, trial.whole, len(trial.repeats)) == (True, False, 1)


def test_what_is_held_begins_when_it_is_released_and_its_levels_stay_in_place():
    trial, free = Trial(PLAN), gone_through(Trial(PLAN))
    trial.held = True
    trial.mark()
    for number in range(300):
        trial.take(reading(number))
    assert (trial.events, trial.step) == ([], None)
    trial.release(0)
    number = 300
    while not trial.ended:
        trial.take(reading(number))
        number += 1
    assert trial.repeats[0].off_s == 30.0
    assert trial.repeats[0].cue_s == 30.0 + free.repeats[0].cue_s
    levels = trial.levels()
    assert np.isnan(levels[:300]).all()
    assert np.isfinite(levels[300:]).all()


def test_what_is_held_and_ended_has_nothing_to_tell():
    trial = Trial(PLAN)
    trial.held = True
    trial.take(reading(0))
    trial.finish()
    assert (trial.ended, trial.events) == (True, [])


class Cut(SimulatedSource):
    """A simulated muscle whose stream comes in small pieces, as at real speed."""

    def read(self, timeout: float) -> list[Chunk]:
        chunks: list[Chunk] = []
        for start, samples in super().read(timeout):
            at = range(0, len(samples), 37)
            chunks += [Chunk(start + i, samples[i : i + 37]) for i in at]
        return chunks


def played(kind: type[SimulatedSource], words: str = "sim:trick") -> TrialSession:
    source = open_source(words, SourceOptions(fast=True))
    assert isinstance(source, SimulatedSource)
    session = TrialSession(
        kind(source._player._scenario, fast=True),
        plan=make_plan("sensory-trick", seed=4),
        signal=SignalSettings(),
        scripted=True,
        patience_s=60.0,
    )
    for _readings in session.run():
        pass
    return session


def test_a_simulated_trick_that_leaves_a_half_is_found_to():
    result = played(SimulatedSource).result()
    assert result["verdict"] == "helps"
    assert result["change_percent"] == pytest.approx(-50.0, abs=1.5)
    assert result["sham_change_percent"] == pytest.approx(0.0, abs=3.0)
    assert result["latency_s"] == pytest.approx(0.5, abs=0.4)
    assert result["carry_over_half_time_s"] == pytest.approx(1.5, abs=0.5)
    assert result["marked"] == 8
    assert result["whole"]


def test_a_simulated_muscle_that_does_not_answer_is_not_helped():
    assert played(SimulatedSource, "sim:tense").result()["verdict"] == "no difference found"


def test_however_the_stream_is_cut_the_trial_is_the_same():
    whole, cut = played(SimulatedSource), played(Cut)
    assert whole.trial.events == cut.trial.events
    assert np.array_equal(whole.trial.levels(), cut.trial.levels(), equal_nan=True)
    assert whole.result() == cut.result()


class Button(Cut):
    """A board whose button is pressed at 22, 24.5 and 46 s, for half a second each."""

    presses: tuple[Press, ...] = ()

    def read(self, timeout: float) -> list[Chunk]:
        chunks = super().read(timeout)
        done = [22_000, 24_500, 46_000]
        stop = max((chunk.stop for chunk in chunks), default=0)
        told = [Press(at, True) for at in done] + [Press(at + 500, False) for at in done]
        new = sorted((each for each in told if each.index < stop), key=lambda each: each.index)
        self.presses = max(self.presses, tuple(new), key=len)
        return chunks


def test_a_button_on_the_board_marks_as_the_key_does():
    session = TrialSession(
        Button(load_scenario("trick"), fast=True),
        plan=PLAN,
        signal=SignalSettings(),
        patience_s=60.0,
    )
    for _readings in session.run():
        pass
    first = session.trial.repeats[0]
    assert first.marked
    assert first.lift_off_s == pytest.approx(22.0, abs=1.1)  # it reads a second at a time
    assert first.contact_s == pytest.approx(24.5, abs=1.1)
    assert first.let_go_s == pytest.approx(46.0, abs=1.1)
    assert "button" not in [note.text for note in session.annotations]


def test_the_steps_are_noted_for_a_recording():
    session = played(SimulatedSource)
    texts = [note.text for note in session.annotations]
    assert texts.count("Sensory trick: on") == texts.count("Sensory trick: off") == 4
    assert steps(session.trial)[0] == (0.0, Step.OFF)
