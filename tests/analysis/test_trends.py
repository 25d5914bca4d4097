"""What is compared with what, and how it goes from sitting to sitting."""

import json
import math

import pytest
from many_days import NARROW, entered, outcome, sat

from biofeedback.analysis.lines import Line, lines, told_by
from biofeedback.analysis.trends import compare, trend, trend_json, trends, why_apart
from biofeedback.cli import main
from biofeedback.words import plain


def line_of(found: list[Line], measure: str) -> Line:
    return next(line for line in found if line.what.measure == measure)


def test_baseline_and_relative_rest_time_come_first():
    found = trends([sat(0, outcome(9.0)), sat(2, outcome(8.0))], [entered(1, 4.0)])
    measures = [each.line.what.measure for each in found]
    assert measures[:2] == ["baseline", "relative_rest_time"]
    assert measures[-1] == "pain"


def test_bands_muscles_and_trainings_are_never_in_one_line():
    sittings = [
        sat(0, outcome(9.0)),
        sat(1, outcome(4.0), band=NARROW),
        sat(2, outcome(9.0, protocol="clinic-relaxation")),
        sat(3, outcome(9.0, muscles=("masseter left",))),
        sat(4, outcome(8.0)),
    ]
    found = [line for line in lines(sittings, []) if line.what.measure == "baseline"]
    assert sorted(len(line.points) for line in found) == [1, 1, 1, 2]


def test_both_muscles_of_a_sitting_have_a_line_and_the_first_ones_is_the_summarys():
    found = lines([sat(0, outcome(3.0, muscles=("trapezius left", "trapezius right")))], [])
    levels = {
        line.what.muscle: line.points[0].value for line in found if line.what.measure == "baseline"
    }
    assert levels == {"trapezius left": 3.0, "trapezius right": 6.0}


def test_simulated_and_hidden_sittings_are_in_no_line():
    sittings = [
        sat(0, outcome(9.0), simulated=True),
        sat(1, outcome(9.0), hidden="electrode fell off"),
    ]
    assert lines(sittings, []) == []


def test_a_point_of_which_most_was_invalid_is_shown_and_does_not_count():
    sittings = [sat(day, outcome(9.0 - day)) for day in range(5)]
    sittings.append(sat(5, outcome(900.0, valid=30.0)))
    found = trend(line_of(lines(sittings, []), "baseline"))
    assert len(found.line.points) == 6
    assert found.slope is not None
    assert found.slope.change == pytest.approx(-7.0)
    assert "1 point with more than half invalid" in found.invalid_words
    assert "70 % at most" in found.invalid_words


@pytest.mark.parametrize("n", [2, 4, 5, 250])
def test_a_trend_is_told_from_five_sittings_on(n: int):
    found = trends([sat(2 * day, outcome(30 - 0.1 * day)) for day in range(n)])[0]
    if n < 5:
        assert found.slope is None
        assert f"Not enough data for a trend: {n} points" in found.words
    else:
        assert found.slope is not None
        assert found.slope.change == pytest.approx(-0.35)  # a week
        assert "fell by 0.35 µV a week" in found.words


def test_no_clear_change_is_said_so():
    levels = [5.0, 6.0, 4.0, 5.5, 5.2, 4.8, 5.9, 4.4]
    found = trends([sat(day, outcome(level)) for day, level in enumerate(levels)])[0]
    assert "no clear change" in found.words


def test_what_is_not_known_is_no_point():
    found = lines([sat(0, outcome(9.0, rest=None)), sat(1, outcome(math.nan))], [])
    assert len(line_of(found, "baseline").points) == 1
    assert len(line_of(found, "relative_rest_time").points) == 1
    assert "recovery" not in {line.what.measure for line in found}


def test_own_symptoms_of_different_names_are_different_lines():
    entries = [entered(0, 40.0, "symptom", "pulling"), entered(1, 10.0, "symptom", "tremor")]
    assert [line.what.title for line in lines([], entries)] == [
        "pulling, of 100",
        "tremor, of 100",
    ]


def test_an_imported_recording_has_lines_of_its_own():
    told = {
        "unit": "uV",
        "channels": [
            {
                "label": "trapezius left",
                "valid_percent": 97.0,
                "tension_uv": {"p50": 12.0},
                "relative_rest_time_percent": None,
            }
        ],
    }
    found = lines([sat(0, told), sat(1, outcome(9.0))], [])
    line = line_of(found, "tension")
    assert line.points[0].invalid_percent == pytest.approx(3.0)
    assert "whole recordings" in line.what.words


def test_an_empty_summary_tells_nothing():
    assert lines([sat(0, {}), sat(1, {"valid_percent": 99.0})], []) == []


def test_a_trend_is_json():
    found = trends([sat(day, outcome(9.0 - day)) for day in range(5)], [entered(1, 3.0)])
    for each in found:
        told = json.loads(json.dumps(plain(trend_json(each)), allow_nan=False))
        assert told["name"] == each.line.what.measure
        assert len(told["points"]) == len(each.line.points)
    assert trend_json(found[0])["change_per_week"] == pytest.approx(-7.0)
    assert trend_json(found[-1])["change_per_week"] is None


def test_two_sittings_stand_side_by_side_where_they_may_be_compared():
    pairs = compare(sat(0, outcome(8.0, rest=40.0)), sat(9, outcome(6.0, rest=70.0, valid=80.0)))
    first, *_others = pairs
    assert (first.what.measure, first.first, first.second) == ("baseline", 8.0, 6.0)
    assert first.change_percent == pytest.approx(-25.0)
    assert first.invalid == (2.0, 20.0)
    rest = next(pair for pair in pairs if pair.what.measure == "relative_rest_time")
    assert math.isnan(rest.change_percent)  # percent of percent misleads


def test_sittings_in_different_bands_share_no_row_and_it_is_said():
    one, other = sat(0, outcome(8.0)), sat(1, outcome(4.0), band=NARROW)
    assert all(math.isnan(pair.first + pair.second) for pair in compare(one, other))
    assert "different bands" in why_apart(one, other)
    assert why_apart(one, one) == ""


def test_what_a_training_keeps_is_understood(capsys):
    words = ["train", "symmetry", "sim:cervical-dystonia", "--headless", "--fast", "--json"]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])["summary"]
    found = {(what.measure, what.muscle): point for what, point in told_by(sat(0, told))}
    first, second = told["channels"]
    baseline = next(p for p in reversed(told["phases"][:5]) if p["kind"] == "baseline")
    assert found["baseline", first].value == told["baseline_uv"]
    assert found["baseline", second].value == baseline["channels"][1]["tension_uv"]["p50"]
    assert found["baseline", first].invalid_percent == 100 - baseline["valid_percent"]
    assert found["success", first].value == told["success_percent"]
    assert found["relative_rest_time", first].value == told["relative_rest_time_percent"]
