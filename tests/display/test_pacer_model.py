"""What the screens show of the pacer, in sample time and without a window."""

import math
from itertools import pairwise
from types import SimpleNamespace

import pytest

from biofeedback.display.sitting.breathing_words import breathing_row, breathing_sentence
from biofeedback.display.sitting.pacer_model import PacerModel
from biofeedback.session import State
from biofeedback.training.breathing import breathing_beside


class FakeSession:
    """A session whose samples come when a test says so."""

    def __init__(self) -> None:
        self.state, self.paused, self.trainer = State.RUNNING, False, None
        self.stop_index = 0
        self.noted: list[tuple[float, str]] = []
        self.breathing = breathing_beside(
            lambda text, onset_s: self.noted.append((onset_s, text)), lambda: self.duration_s
        )

    @property
    def duration_s(self) -> float:
        return self.stop_index / 1000


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def session() -> FakeSession:
    return FakeSession()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def model(session: FakeSession, clock: Clock) -> PacerModel:
    return PacerModel(session, clock=clock)  # type: ignore[arg-type]


def test_without_a_pacer_there_is_nothing_to_show(model):
    assert model.frame() is None


def test_it_says_in_and_out_with_the_seconds_that_are_left(model, session):
    session.breathing.set_own(6)
    session.stop_index = 5000
    assert model.switch() == ""
    frame = model.frame()
    assert (frame.word, frame.seconds, frame.full) == ("Breathe in", "4", 0.0)
    assert frame.note == "Stop if you feel dizzy."
    session.stop_index = 8001
    assert model.frame().seconds == "1"
    session.stop_index = 9001
    frame = model.frame()
    assert (frame.word, frame.seconds) == ("Breathe out", "6")
    assert frame.full == pytest.approx(1.0, abs=1e-3)
    assert session.noted == [(5.0, "Pacer on")]


def test_between_two_chunks_it_goes_on_by_the_clock_and_never_back(model, session, clock):
    session.breathing.set_own(6)
    model.switch()
    shown = []
    for frame in range(120):  # 30 frames a second; samples come late, in chunks of 100 ms
        clock.now = 100 + frame / 30
        session.stop_index = 100 * int(max(0.0, frame / 30 - 0.02 * (frame % 3)) * 10)
        shown.append(model.frame().full)
    steps = [after - before for before, after in pairwise(shown)]
    assert min(steps) >= 0
    # the steepest is pi / 2 / 4 s; a frame may make up for one in which it stood
    assert max(steps) < math.pi / 8 * 0.1
    assert sum(step > 0 for step in steps[5:]) > 100


def test_when_nothing_comes_it_is_taken_away_and_comes_again(model, session, clock):
    model.switch()
    model.frame()
    clock.now += 0.4
    assert not math.isnan(model.frame().full)
    clock.now += 0.2
    frame = model.frame()
    assert math.isnan(frame.full)
    assert frame.note == "Nothing comes from the sensor: breathe as you like."
    session.stop_index = 11_000
    assert model.frame().word == "Breathe in"


@pytest.mark.parametrize("who", ["by hand", "for want of a reading"])
def test_it_goes_on_while_the_clock_waits_and_says_so(model, session, who):
    model.switch()
    session.paused = who == "by hand"
    session.trainer = SimpleNamespace(paused=not session.paused)
    frame = model.frame()
    assert not math.isnan(frame.full)
    assert frame.note == "The clock waits; the pacer goes on. Stop if you feel dizzy."


def test_who_is_dizzy_is_told_to_breathe_as_they_like(model, session):
    assert model.stop_dizzy() == ""  # nobody is led
    model.switch()
    assert model.stop_dizzy().startswith("The pacer has stopped.")
    frame = model.frame()
    assert math.isnan(frame.full)
    assert "Breathe as you like" in frame.note
    assert session.noted[-1][1] == "Dizzy: pacer stopped"
    model.switch()
    assert model.frame().word == "Breathe in"


def test_while_a_session_opens_it_has_to_wait(model, session):
    session.state = State.OPENING
    assert "wait a moment" in model.switch()
    assert not model.leads


def test_who_is_not_known_is_asked_to_count(model, session):
    assert "Press I" in model.switch()
    for second in (10, 14, 18, 22):
        session.stop_index = 1000 * second
        model.breathe_in()
    assert session.breathing.pacer.rate_per_min(22.0) == pytest.approx(15)
    assert len(session.noted) == 2  # the pacer begins, and begins anew


def led(verdict: str, share: float = math.nan, part: str | None = None) -> dict:
    interval = None if verdict == "not-enough-data" else [share - 2, share + 2]
    if verdict == "not-found":
        interval = [0.0, 3.4]
    return {
        "breathing": {
            "verdict": verdict,
            "share_percent": share,
            "interval_percent": interval,
            "with": part,
        }
    }


def told(*phases: dict) -> dict:
    return {"channels": ["trapezius left"], "phases": [{}, *phases, {}]}


@pytest.mark.parametrize(
    ("phases", "said"),
    [
        ((), ""),
        ((led("not-found"),), ""),
        ((led("not-enough-data"),), ""),
        ((led("found", 4.0, "in"),), ""),
        (
            (led("found", 31.0, "in"),),
            "Of the tension (trapezius left) about a third moved with your breathing in: let the "
            "belly rise, and the shoulders hang.",
        ),
        (
            (led("found", 52.0, "in"), led("found", 19.0, "in")),
            "Of the tension (trapezius left) about a fifth moved with your breathing in; at first "
            "it was about half.",
        ),
        ((led("found", 31.0, "in"), led("not-found")), ""),
        (
            (led("found", 12.0, "out"),),
            "Of the tension (trapezius left) about a tenth moved with your breath, most as you "
            "breathed out.",
        ),
    ],
)
def test_what_came_of_it_is_said_only_where_it_was_found(phases, said):
    assert breathing_sentence(told(*phases)) == said


def test_in_the_table_stands_what_is_known_and_what_is_not():
    assert breathing_row(told()) == ""
    assert breathing_row(told(led("found", 31.0, "in"))) == "31 % (29 to 33 %)"
    assert breathing_row(told(led("not-found"))) == "not found, at most 3 %"
    assert breathing_row(told(led("not-enough-data"))) == "not enough data"
