"""Whole sittings of simulated people: what is scored is what their script says."""

import itertools
import math

import numpy as np
import pytest
from simulated_sitting import (
    AFTER,
    BASELINE,
    EVERY_TRIAL_S,
    FIRST_TRIAL_S,
    KNOWN_S,
    REST,
    TRIAL,
    TRIAL_S,
    protocol_of,
    scenario,
    trials,
)

from biofeedback.errors import SettingsError
from biofeedback.training.events import What

# Slow RMS of 10 µV scatters by 3.6 % (1 / (2 sqrt(B T))); 0.674 SD over the mean is P75.
P75_OF_10_UV = 10 * (1 + 0.674 * 0.036)


RELAXING_S = 20.0


def level_at(levels, t: np.ndarray) -> np.ndarray:
    """Return what the script plays at times `t`; its last level holds."""
    ends = np.cumsum([seconds for seconds, _uv in levels])
    at = np.minimum(np.searchsorted(ends, t, side="right"), len(levels) - 1)
    starts = np.concatenate(([0.0], ends[:-1]))
    played = np.empty(len(t))
    for i, (seconds, uv) in enumerate(levels):
        first, last = uv if isinstance(uv, list) else (uv, uv)
        into = np.clip((t - starts[i]) / seconds, 0, 1)
        played[at == i] = (first + (last - first) * into)[at == i]
    return played


def truth_percent(levels, start_s: float, threshold: float, seconds: float = TRIAL_S) -> float:
    t = start_s + np.arange(0, seconds, 0.01)
    return 100 * float(np.mean(level_at(levels, t) <= threshold))


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("threshold", [4.0, 6.0, 8.0])
def test_who_relaxes_from_10_to_2_microvolts_is_scored_as_their_script_says(sit, seed, threshold):
    levels = [(FIRST_TRIAL_S, 10), (RELAXING_S, [10, 2]), (200, 2)]
    sitting = sit(
        protocol_of(trials(1), REST, AFTER),
        scenario(*levels, seed=seed),
        before=lambda trainer: trainer.set_threshold(threshold),
    )
    assert sitting.begins("trial") == [FIRST_TRIAL_S]
    told = sitting.summary
    truth = truth_percent(levels, FIRST_TRIAL_S, threshold)
    assert told["success_percent"] == pytest.approx(truth, abs=2)
    assert told["baseline_uv"] == pytest.approx(10, rel=0.03)
    assert told["post_baseline_uv"] == pytest.approx(2, rel=0.03)
    # the last time that noise crosses the line again is within two seconds
    crossing_s = RELAXING_S * (10 - threshold) / 8
    assert told["time_to_first_s"] == pytest.approx(crossing_s, abs=2.5)
    assert told["valid_percent"] > 98


def test_who_relaxes_gets_a_harder_threshold_after_each_two_good_trials(sit):
    sitting = sit(protocol_of(trials(5)), scenario((FIRST_TRIAL_S, 10), (60, 2)))
    first, second, third = sitting.path
    assert first == pytest.approx(P75_OF_10_UV, rel=0.02)
    assert (second, third) == (first * 0.90, first * 0.90 * 0.90)
    moved = [step["t_s"] for step in sitting.summary["threshold_path"]]
    ends = [FIRST_TRIAL_S + i * EVERY_TRIAL_S + TRIAL_S + KNOWN_S for i in range(5)]
    assert moved == pytest.approx([FIRST_TRIAL_S, ends[1], ends[3]])
    assert [trial["success_percent"] for trial in sitting.summary["trials"]] == [100.0] * 5
    whys = [step["why"] for step in sitting.summary["threshold_path"]]
    assert whys[0] == "75th percentile of the baseline"
    assert set(whys[1:]) == {"80 % or more in two trials running: a tenth harder"}


def test_who_cannot_relax_keeps_the_threshold_of_the_baseline(sit):
    sitting = sit(protocol_of(trials(3)), scenario((FIRST_TRIAL_S, 10), (60, 14)))
    assert len(sitting.path) == 1
    assert sitting.summary["success_percent"] < 1  # of the half second until 14 µV are read
    assert math.isnan(sitting.summary["time_to_first_s"])
    for event in sitting.of(What.TRIAL):
        assert event.values["why"].startswith("below 50 %, and no easier than the baseline")


def test_a_threshold_that_became_too_hard_comes_back_no_further_than_the_baseline(sit):
    levels = [(FIRST_TRIAL_S, 10), (2 * EVERY_TRIAL_S, 2), (200, 14)]
    sitting = sit(protocol_of(trials(5)), scenario(*levels))
    first = sitting.path[0]
    # two trials at 100 %: x 0.90; three at 0 %: x 1.10 is 0.99 of the first, then the first, stays
    assert sitting.path == pytest.approx([first, 0.9 * first, 0.99 * first, first], rel=1e-12)


def test_who_stays_as_tense_as_in_the_baseline_is_at_the_goal_for_three_quarters_of_the_time(sit):
    """By construction; how far one sitting may be off follows from its few independent values."""
    shares = [
        sit(protocol_of(trials(1)), scenario((60, 10), seed=seed)).summary["success_percent"]
        for seed in range(8)
    ]
    assert np.mean(shares) == pytest.approx(75, abs=6)


LEAD_OFF_S = FIRST_TRIAL_S + EVERY_TRIAL_S + 8
OFF_FOR_S = 12.0
LEAD_OFF = [(FIRST_TRIAL_S, 10), (LEAD_OFF_S - FIRST_TRIAL_S, 14)]
OFF = f"""
[[channels.segments]]
seconds = {OFF_FOR_S}
emg_uv = 0
mains_uv = 2
lead = "off"
[[channels.segments]]
seconds = 60
emg_uv = 14
"""


@pytest.mark.parametrize("seed", [1, 2])
def test_a_lead_that_falls_off_pauses_within_a_second_and_is_never_scored(sit, seed):
    text = scenario(*LEAD_OFF, more=OFF, seed=seed)
    sitting = sit(protocol_of(trials(2), REST, AFTER), text)
    at_limit, paused = sitting.of(What.PAUSED)
    (resumed,) = sitting.of(What.RESUMED)
    assert LEAD_OFF_S <= at_limit.t_s <= paused.t_s <= LEAD_OFF_S + 1
    paused_s = resumed.t_s - paused.values["since_s"]
    assert "come off" in paused.text
    assert LEAD_OFF_S + OFF_FOR_S <= resumed.t_s <= LEAD_OFF_S + OFF_FOR_S + 2.5
    first, second = sitting.summary["trials"]
    # off, it would read next to nothing, which would be a success
    assert max(first["success_percent"], second["success_percent"]) < 1
    # the clock waited, and the second before the lead came off does not count either
    assert second["seconds"] == pytest.approx(TRIAL_S + paused_s)
    lost_s = second["seconds"] * (100 - second["valid_percent"]) / 100
    assert lost_s == pytest.approx(paused_s + 1, abs=0.15)


def test_a_lead_that_stays_off_ends_the_sitting_when_patience_does(sit):
    text = scenario((FIRST_TRIAL_S + 5, 10), more='[[channels.segments]]\nlead = "off"\n')
    sitting = sit(protocol_of(trials(2)), text, patience_s=20)
    assert "no reading for too long" in sitting.events[-1].text
    (trial,) = sitting.summary["trials"]
    assert trial["whole"] is False
    assert sitting.events[-1].t_s < FIRST_TRIAL_S + 5 + 1 + 20 + 2


UNO = 'sensor = "myoware-2-raw"\nboard = "uno"\n'
UNO_FLOOR_UV = 5 / 1023 / 200 * 1e6 / 2


def test_on_an_uno_the_score_is_right_and_the_threshold_stops_at_what_it_resolves(sit):
    levels = [(FIRST_TRIAL_S, 14), (RELAXING_S, [40, 3]), (300, 3)]
    sitting = sit(protocol_of(trials(8), REST, AFTER), scenario(*levels, head=UNO))
    first = sitting.path[0]
    told = sitting.summary
    assert told["sensor_floor_uv"] == pytest.approx(UNO_FLOOR_UV)
    # the coarse converter reads more than there is, in baseline and trial alike
    truth = truth_percent(levels, FIRST_TRIAL_S, 1.4 * P75_OF_10_UV)
    assert told["trials"][0]["success_percent"] == pytest.approx(truth, abs=2)
    # trials 2 and 3, 4 and 5, 6 and 7 are good: x 0.90 twice, then the floor
    assert 0.729 * first < UNO_FLOOR_UV < 0.81 * first
    path = [first, 0.9 * first, 0.81 * first, UNO_FLOOR_UV]
    assert sitting.path == pytest.approx(path)
    # what lies below the floor is not told
    assert math.isnan(told["post_baseline_uv"])
    assert all(math.isnan(level) for level in told["phases"][-1]["tension_uv"].values())


def test_a_baseline_below_the_floor_raises_the_threshold_to_it_and_says_so(sit):
    sitting = sit(protocol_of(trials(1)), scenario((60, 2), head=UNO))
    assert sitting.path == pytest.approx([UNO_FLOOR_UV])
    assert "the least that this sensor can tell" in sitting.summary["threshold_path"][0]["why"]
    assert math.isnan(sitting.summary["baseline_uv"])
    assert "below what this sensor can tell" in sitting.of(What.BASELINE)[0].text


def test_a_noisy_sensor_has_a_higher_floor(sit):
    sitting = sit(protocol_of(trials(1)), scenario((60, 2)), noise=3.0)
    assert sitting.path == pytest.approx([3.0 * 1.1])  # two SD of 5 % above what it reads
    assert math.isnan(sitting.summary["baseline_uv"])


def test_a_threshold_set_by_hand_is_refused_below_the_floor_and_noted_as_such(sit):
    with pytest.raises(SettingsError, match="below what this sensor can resolve"):
        sit(
            protocol_of(trials(1)),
            scenario((60, 20), head=UNO),
            before=lambda trainer: trainer.set_threshold(5.0),
        )
    sitting = sit(
        protocol_of(trials(2)),
        scenario((60, 20)),
        before=lambda trainer: trainer.set_threshold(25.0),
    )
    assert [step["by_hand"] for step in sitting.summary["threshold_path"]] == [True, False]
    assert sitting.path == [25.0, 25.0 * 0.9]


def test_a_baseline_that_was_too_short_starts_no_threshold(sit):
    text = scenario((5, 10), more='[[channels.segments]]\nlead = "off"\n')
    sitting = sit(protocol_of(trials(1)), text, patience_s=10)
    assert "too little valid signal" in sitting.of(What.BASELINE)[0].text
    assert sitting.path == []
    for key in ("baseline_uv", "success_percent", "rest_threshold_uv", "transfer_index"):
        assert math.isnan(sitting.summary[key])


def test_a_sitting_that_is_broken_off_keeps_what_there_was_and_moves_nothing(sit):
    sitting = sit(
        protocol_of(trials(3)),
        scenario((FIRST_TRIAL_S, 10), (60, 2)),
        seconds=FIRST_TRIAL_S + EVERY_TRIAL_S + 12,
    )
    first, second = sitting.summary["trials"]
    assert first["whole"] is True
    assert second["whole"] is False
    assert second["success_percent"] == 100.0
    assert len(sitting.path) == 1
    assert "ended early" in sitting.events[-1].text


TENSE_S, RECOVERY_S = 10.0, 20.0
LOAD = f"""
[[phases]]
name = "counting"
kind = "stressor"
seconds = {TENSE_S}
instruction = "Count."
[[phases]]
name = "recovery"
kind = "recovery"
seconds = {RECOVERY_S}
instruction = "Stop."
"""


def test_the_half_time_of_recovery_is_that_of_the_script(sit):
    # from 40 to 4 µV in 1 s: halfway, 22 µV, is after half a second
    levels = [(FIRST_TRIAL_S, 4), (TENSE_S, 40), (1, [40, 4]), (60, 4)]
    sitting = sit(protocol_of(BASELINE, LOAD), scenario(*levels))
    assert sitting.summary["recovery_half_time_s"] == pytest.approx(0.5, abs=0.25)
    # nothing to recover from
    calm = sit(protocol_of(BASELINE, LOAD), scenario((60, 4)))
    assert math.isnan(calm.summary["recovery_half_time_s"])
    assert calm.summary["recoveries"][0]["after"] == "counting"


def test_contractions_are_let_go_of_in_trials_that_follow_at_once(sit):
    part = '[[phases]]\nrepeat = 3\n[[phases.steps]]\nname = "tense"\nkind = "contraction"\n'
    part += 'seconds = 5\ninstruction = "Tense."\n'
    part += '[[phases.steps]]\nname = "let go"\nkind = "trial"\nseconds = 15\ninstruction = "Go."\n'
    once = [(5, 50), (2, [50, 3]), (14.1, 3)]
    sitting = sit(
        protocol_of(BASELINE, part, head='title = "T"\nmode = "relax"\n'),
        scenario((FIRST_TRIAL_S, 3), *once, *once, *once),
    )
    begins = sitting.begins("let go")
    assert begins == pytest.approx([t + 5 for t in sitting.begins("tense")])
    assert begins[1] - begins[0] == pytest.approx(21.1)
    halves = [each["half_time_s"] for each in sitting.summary["recoveries"]]
    assert halves == pytest.approx([1.0] * 3, abs=0.35)
    assert [trial["seconds"] for trial in sitting.summary["trials"]] == pytest.approx([15] * 3)


WITHOUT = TRIAL.replace('"trial"\nkind', '"alone"\nkind') + 'feedback = "off"\n'


@pytest.mark.parametrize(("alone_uv", "index"), [(2, 1.0), (6, 0.5), (10, 0.0)])
def test_the_transfer_index_says_how_much_of_the_fall_remains_without_feedback(
    sit, alone_uv, index
):
    levels = [(FIRST_TRIAL_S, 10), (EVERY_TRIAL_S, 2), (60, alone_uv)]
    sitting = sit(protocol_of(trials(1), REST, WITHOUT), scenario(*levels))
    assert sitting.summary["transfer_index"] == pytest.approx(index, abs=0.05)
    # feedback is hidden, and so is the score
    with_feedback, without = sitting.of(What.TRIAL)
    assert "at the goal" in with_feedback.text
    assert without.text == ""


def test_without_a_fall_nothing_can_remain_of_it(sit):
    sitting = sit(protocol_of(trials(1), REST, WITHOUT), scenario((60, 10)))
    assert math.isnan(sitting.summary["transfer_index"])


def two_muscles(first: list, second: list, **options) -> str:
    other = scenario(*second).split("\n", 1)[1].replace('"muscle"', '"other muscle"')
    return scenario(*first, **options) + other


def test_symmetry_is_held_against_the_difference_as_a_share_of_the_sum(sit):
    # |12 - 4| / 16 = 50 % in the baseline, |7 - 5| / 12 = 16.7 % in the trials
    text = two_muscles([(FIRST_TRIAL_S, 12), (60, 7)], [(FIRST_TRIAL_S, 4), (60, 5)])
    sitting = sit(protocol_of(trials(2), head='title = "T"\nmode = "symmetry"\n'), text)
    assert sitting.path[0] == pytest.approx(50, abs=3)
    assert sitting.path[1] == sitting.path[0] * 0.9
    told = sitting.summary
    assert told["asymmetry"] == pytest.approx(1 / 6, abs=0.01)
    assert told["success_percent"] == 100.0
    assert "threshold_percent" in told["threshold_path"][0]
    both = [each["tension_uv"]["p50"] for each in told["phases"][1]["channels"]]
    assert both == pytest.approx([7, 5], rel=0.03)


REFERENCES = "".join(
    f'[[phases]]\nname = "{name}"\nkind = "reference"\nmuscle = "{name}"\nseconds = 5\n'
    'instruction = "Gently."\n'
    for name in ("task", "other")
)


def test_overflow_holds_each_muscle_against_its_own_reference(sit):
    task_s, other_s, baseline_s = 0.8 + 5 + 1.1, 5 + 1.1, 40 + 1.1
    # references 60 and 40; the task at 30 (half), the other at 20 (half), then at 4 (a tenth)
    task = [(task_s, 60), (other_s, 1), (200, 30)]
    other = [(task_s, 1), (other_s, 40), (baseline_s, 20), (200, 4)]
    baseline = BASELINE.replace('kind = "baseline"', 'kind = "task-baseline"')
    sitting = sit(
        protocol_of(REFERENCES, baseline, TRIAL, head='title = "T"\nmode = "overflow"\n'),
        two_muscles(other, task),
    )
    assert sitting.trainer.measure.references == pytest.approx({"other": 40, "task": 60}, rel=0.04)
    assert sitting.path[0] == pytest.approx(100, abs=6)
    assert sitting.summary["overflow"] == pytest.approx(0.2, abs=0.015)
    assert sitting.summary["success_percent"] > 98


def test_above_starts_at_the_25th_percentile_and_grows(sit):
    sitting = sit(
        protocol_of(trials(2), head='title = "T"\nmode = "above"\n'),
        scenario((FIRST_TRIAL_S, 10), (60, 16)),
    )
    first, second = sitting.path
    assert first == pytest.approx(10 * (1 - 0.674 * 0.036), rel=0.02)
    assert second == pytest.approx(first * 1.1, rel=1e-12)
    assert sitting.summary["success_percent"] > 99
    weak = sit(
        protocol_of(trials(1), head='title = "T"\nmode = "above"\n'),
        scenario((FIRST_TRIAL_S, 10), (60, 6)),
    )
    assert weak.summary["success_percent"] < 1
    assert len(weak.path) == 1


def test_inside_is_held_against_the_distance_from_the_median_of_the_baseline(sit):
    head = 'title = "T"\nmode = "inside"\n'
    # half of it inside, then above, then below
    levels = [(FIRST_TRIAL_S, 20), (TRIAL_S / 2, 20), (TRIAL_S / 4, 26), (60, 14)]
    sitting = sit(
        protocol_of(trials(1), head=head),
        scenario(*levels),
        before=lambda trainer: trainer.set_threshold(3.0),
    )
    assert sitting.summary["success_percent"] == pytest.approx(50, abs=2)
    automatic = sit(protocol_of(trials(1), head=head), scenario((60, 20)))
    # never less than what two SD of a steady 20 µV are
    assert automatic.path[0] >= 2 * 0.05 * automatic.trainer.measure.centre


def test_relative_rest_is_held_against_the_first_baseline_never_the_trial_itself(sit):
    levels = [(FIRST_TRIAL_S, 4), (20, 12), (60, 3)]
    sitting = sit(protocol_of(trials(1)), scenario(*levels))
    fast_sd = 4 * 1 / (2 * math.sqrt(190 * 0.125))  # about 10 % in 125 ms
    assert sitting.summary["rest_threshold_uv"] == pytest.approx(4 + 3 * fast_sd, rel=0.05)
    assert sitting.summary["relative_rest_time_percent"] == pytest.approx(100 * 40 / 60, abs=2)
    assert sitting.summary["longest_sustained_s"] == pytest.approx(20, abs=0.3)


def test_every_trial_lies_where_the_protocol_puts_it(sit):
    sitting = sit(protocol_of(trials(3)), scenario((60, 5)))
    starts = sitting.begins("trial")
    assert [b - a for a, b in itertools.pairwise(starts)] == pytest.approx([EVERY_TRIAL_S] * 2)
    phases = sitting.summary["phases"]
    assert [phase["seconds"] for phase in phases[1:]] == pytest.approx([60, 2, 60, 2, 60])
