"""The steps from the first page to a session, by their words."""

import itertools

import pytest

from biofeedback.display.preparing.way import Step, Way

FIRST = Way(sensor=True, train=True, place=True)


def test_the_first_training_has_six_steps_and_each_says_what_comes_next():
    assert [FIRST.words(step) for step in FIRST.steps()] == [
        "Step 1 of 6: Safety first. Next: Connect the sensor.",
        "Step 2 of 6: Connect the sensor. Next: Choose a training.",
        "Step 3 of 6: Choose a training. Next: Place the electrodes.",
        "Step 4 of 6: Place the electrodes. Next: Check the sensor.",
        "Step 5 of 6: Check the sensor. Next: Train, beginning at rest.",
        "Step 6 of 6: Train, beginning at rest.",
    ]


def test_what_is_known_is_left_out():
    assert Way(sensor=True, train=True).steps() == (
        Step.SAFETY,
        Step.CONNECT,
        Step.PROTOCOL,
        Step.CHECK,
        Step.TRAIN,
    )
    assert Step.PROTOCOL not in Way(sensor=True, train=True, planned=True).steps()


def test_a_simulated_muscle_needs_no_safety_no_board_and_no_electrodes():
    assert Way(sensor=False, train=True, place=True).steps() == (Step.PROTOCOL, Step.TRAIN)
    assert Way(sensor=False, train=False).steps() == (Step.WATCH,)


def test_a_trial_needs_what_a_training_needs_but_no_protocol():
    trial = Way(sensor=True, train=False, trial=True, place=True)
    assert [trial.words(step) for step in trial.steps()] == [
        "Step 1 of 5: Safety first. Next: Connect the sensor.",
        "Step 2 of 5: Connect the sensor. Next: Place the electrodes.",
        "Step 3 of 5: Place the electrodes. Next: Check the sensor.",
        "Step 4 of 5: Check the sensor. Next: Try what helps.",
        "Step 5 of 5: Try what helps.",
    ]


ALL = [Way(*flags) for flags in itertools.product((False, True), repeat=4)]
ALL += [
    Way(sensor=sensor, train=False, place=place, trial=True)
    for sensor, place in itertools.product((False, True), repeat=2)
]


@pytest.mark.parametrize("way", ALL, ids=str)
def test_whoever_wears_electrodes_was_told_of_safety_first_and_had_them_checked(way):
    steps = way.steps()
    if way.sensor:
        assert steps[0] is Step.SAFETY
        assert steps[-2] is Step.CHECK
    to = Step.TRY if way.trial else Step.WATCH
    assert steps[-1] is (Step.TRAIN if way.train else to)


@pytest.mark.parametrize("way", ALL, ids=str)
def test_back_undoes_forth_everywhere(way):
    assert way.before(way.steps()[0]) is None
    assert way.after(way.steps()[-1]) is None
    for step in way.steps()[:-1]:
        following = way.after(step)
        assert way.before(following) is step


def test_what_is_no_step_of_the_way_has_no_words():
    assert Way(sensor=False, train=True).words(Step.CHECK) == ""
