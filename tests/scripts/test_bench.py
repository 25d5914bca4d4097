"""How a goal is judged and told; what is measured needs the peers, and no test does."""

import json
import subprocess
import sys
from pathlib import Path

import benchmarks
import pytest
from benchmarks import goal, job

AGAINST = {"ezmsg-sigproc 3.11.1": 60.0, "brainflow 5.23.0": 2000.0, "c": 1.0, "c alone": 0.1}


@pytest.mark.parametrize(
    ("ours", "times", "reached"),
    [
        (2.0, {"ezmsg-sigproc": 1 / 30, "brainflow": 1 / 1000, "c": 2.0}, True),
        (2.1, {"ezmsg-sigproc": 1 / 30}, False),
        (1.9, {"ezmsg-sigproc": 1 / 30, "c": 1.5}, False),
        (1.9, {"ezmsg-sigproc": 1 / 30, "neurokit2": 1 / 1000}, True),
        (0.1, {"neurokit2": 1.0}, False),
    ],
    ids=["all", "just not", "one of two not", "one is not there", "nobody is there"],
)
def test_a_goal_is_reached_when_it_is_against_all_who_are_there(ours, times, reached):
    assert goal.reached(ours, AGAINST, times) is reached


def test_a_goal_is_one_object_with_four_digits_and_no_stretch_without_the_must():
    told = goal.line("G1", "a chunk", 1.23456, "us", AGAINST, must=False, stretch=True)
    assert json.loads(told) == {
        "goal": "G1",
        "what": "a chunk",
        "ours": 1.235,
        "unit": "us",
        "against": AGAINST,
        "must": False,
        "stretch": False,
    }


def test_g1_is_not_g10_and_g9_is_both_screens():
    assert benchmarks.goals_named(["G1"]) == ["G1"]
    assert benchmarks.goals_named(["G9"]) == ["G9-patient", "G9-therapist"]
    assert benchmarks.goals_named([]) == list(benchmarks.GOALS)
    assert not benchmarks.goals_named(["G11"])


def test_a_goal_in_words_says_against_whom_and_how_it_went():
    found = {"goal": "G2", "what": "a chunk", "ours": 0.7, "unit": "us", "against": {"c": 0.4}}
    told = benchmarks.in_words({**found, "must": False, "stretch": False})
    assert told.startswith("G2 ")
    assert told.endswith("(c 0.4)  NOT REACHED")
    assert benchmarks.in_words({**found, "must": True, "stretch": False}).endswith("  must")


def test_the_least_of_interleaved_rounds_is_kept():
    asked: list[str] = []
    times = {"a": iter([3.0, 1.0, 2.0] * 9), "b": iter([5.0, 6.0, 4.0] * 9)}

    def way(name: str) -> float:
        asked.append(name)
        return next(times[name])

    best = job.best_of({"a": lambda: way("a"), "b": lambda: way("b")}, 0.0)
    assert best == {"a": 3.0, "b": 5.0}
    assert asked == ["a", "b"]


def test_every_goal_has_its_module():
    folder = Path(benchmarks.__file__).parent
    for module, *_words in benchmarks.GOALS.values():
        assert (folder / f"{module}.py").exists()


def test_the_job_is_the_same_for_all_seven_biquads_and_whole_windows():
    assert job.cascade().shape == (job.SECTIONS, 6) == (7, 6)
    assert job.STREAM % job.CHUNK == job.STREAM % job.WINDOW == 0


def test_a_name_that_is_none_is_a_usage_error():
    script = Path(benchmarks.__file__).parents[1]
    code = "import benchmarks; benchmarks.main(['G11'])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=script, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "there are: G1, G2" in done.stderr
