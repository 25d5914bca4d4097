"""Presses and holds, out of what a finger, a contact and a pedal do."""

import pytest

from biofeedback.display.one_key.press import OneSwitch, Stroke

HOLD_S = 0.8
DOWN, SHORT, HOLD = Stroke.DOWN, Stroke.SHORT, Stroke.HOLD


def strokes(*moves: tuple[float, str], until_s: float = 5.0, every_s: float = 0.03) -> list[Stroke]:
    """Return what comes of moves at their times, when it is asked every so often."""
    now = 0.0
    switch = OneSwitch(clock=lambda: now)
    said, left = [], list(moves)
    n = 0
    while now < until_s:
        n += 1
        asked = n * every_s
        while left and left[0][0] <= asked:
            now, move = left.pop(0)
            getattr(switch, move)()
        now = asked
        said += switch.strokes(HOLD_S)
    return said


@pytest.mark.parametrize("length_s", [0.001, 0.1, 0.7])
def test_what_is_let_go_before_its_time_is_one_short_press(length_s: float):
    assert strokes((1.0, "down"), (1.0 + length_s, "up")) == [DOWN, SHORT]


@pytest.mark.parametrize("length_s", [0.9, 3.0])
def test_what_is_held_is_one_hold_however_long(length_s: float):
    assert strokes((1.0, "down"), (1.0 + length_s, "up")) == [DOWN, HOLD]


@pytest.mark.parametrize("gap_s", [0.001, 0.02, 0.05])
def test_a_contact_that_bounces_is_one_press(gap_s: float):
    first = [(1.0 + i * gap_s, ("down", "up")[i % 2]) for i in range(5)]
    last = [(1.5 + i * gap_s, ("up", "down")[i % 2]) for i in range(5)]
    assert strokes(*first, *last) == [DOWN, SHORT]


def test_a_pedal_that_sends_its_key_again_and_again_is_held():
    again = [(1.0 + i * 0.033, move) for i in range(60) for move in ("down", "up")]
    assert strokes(*again) == [DOWN, HOLD]


def test_two_presses_that_are_apart_are_two():
    moves = [(1.0, "down"), (1.1, "up"), (1.2, "down"), (1.3, "up")]
    assert strokes(*moves) == [DOWN, SHORT] * 2


def test_while_the_program_was_busy_nothing_was_held():
    moves = [(1.0, "down"), (1.05, "up")]
    assert strokes(*moves, every_s=2.0, until_s=8.0) == [DOWN, SHORT]
    assert strokes((1.0, "down"), (3.0, "up"), every_s=2.0, until_s=8.0) == [DOWN, SHORT]


def test_a_press_whose_end_is_not_heard_is_forgotten():
    moves = [(1.0, "down"), (1.2, "cancel"), (3.0, "down"), (3.1, "up")]
    assert strokes(*moves) == [DOWN, DOWN, SHORT]


def heard_at_once(*moves: tuple[float, str]) -> list[Stroke]:
    """Return what comes of moves that a busy program hears of all together, much later."""
    now = 10.0
    switch = OneSwitch(clock=lambda: now)
    for at_s, move in moves:
        getattr(switch, move)(at_s)
    said = switch.strokes(HOLD_S)
    now += 0.5
    return said + switch.strokes(HOLD_S)


def test_two_presses_that_are_heard_of_late_and_at_once_are_still_two():
    moves = [(1.0, "down"), (1.1, "up"), (1.2, "down"), (1.3, "up")]
    assert heard_at_once(*moves) == [DOWN, SHORT] * 2


def test_a_contact_that_bounced_is_one_press_when_it_is_heard_of_late():
    moves = [(1.0, "down"), (1.01, "up"), (1.02, "down"), (1.3, "up")]
    assert heard_at_once(*moves) == [DOWN, SHORT]


def test_the_press_after_a_hold_is_no_part_of_it_when_the_program_is_busy():
    now = 1.0
    switch = OneSwitch(clock=lambda: now)
    switch.down(1.0)
    said = []
    for _look in range(30):
        now += 0.03
        said += switch.strokes(HOLD_S)
    now = 5.0  # nothing was looked at for a while
    for at_s, move in ((2.0, switch.up), (2.2, switch.down), (2.3, switch.up)):
        move(at_s)
    now = 5.1
    assert said + switch.strokes(HOLD_S) == [DOWN, HOLD, DOWN, SHORT]
