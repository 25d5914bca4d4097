"""The muscles: their names, what must not be together, and that the document says the same."""

import os
import re
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from biofeedback.muscles import MUSCLES, PAIR_MM, SIDES, label_of, named_by, shown_label, why_not

DOCUMENT = Path(__file__).parents[1] / "docs" / "placement.md"
PLACES = list(product(MUSCLES, SIDES))


def test_a_label_says_muscle_and_side_in_the_field_s_words():
    assert label_of("trapezius", "left") == "trapezius left"
    for muscle, side in PLACES:
        assert named_by(label_of(muscle, side)) == (muscle, side)
    assert len({label_of(*place) for place in PLACES}) == len(PLACES) == 14


def test_a_known_label_is_read_in_the_language_of_the_window_and_another_s_as_it_is():
    for muscle, side in PLACES:
        assert shown_label(label_of(muscle, side)) == label_of(muscle, side)
    assert shown_label("biceps left") == "biceps left"
    code = (
        "from biofeedback.muscles import *\n"
        "known = [label_of(muscle, side) for muscle in MUSCLES for side in SIDES]\n"
        "print(*map(shown_label, [*known, 'EMG 1']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"LANGUAGE": "de", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.stdout.startswith("Trapezius links Trapezius rechts Frontalis links"), done.stderr
    assert done.stdout.rstrip().endswith("Unterarmbeuger rechts EMG 1")


@pytest.mark.parametrize("label", ["", "EMG 1", "trapezius", "left", "biceps left", "SCM middle"])
def test_another_s_label_names_no_muscle(label: str):
    assert named_by(label) is None


def test_the_front_of_the_neck_never_has_electrodes_on_both_sides():
    assert why_not(["SCM left"]) == ""
    both = why_not(["SCM right", "", "trapezius left", "SCM left"])
    assert "Never on both sides of the front of the neck" in both
    for muscle in MUSCLES:
        together = why_not([label_of(muscle, side) for side in SIDES])
        assert bool(together) == (muscle == "SCM")


def test_two_sensors_are_not_on_the_same_muscle():
    assert "trapezius left" in why_not(["trapezius left", "trapezius left"])
    assert why_not(["", "", "EMG 1"]) == ""
    assert "mine" in why_not(["mine", "mine"]), "two columns of a table cannot bear one name"


@pytest.mark.parametrize("muscle", MUSCLES)
def test_every_muscle_is_told_whole_with_its_source(muscle: str):
    its = MUSCLES[muscle]
    for sentence in (its.find, its.pair, its.reference, its.test, its.avoid, its.source):
        assert sentence.endswith("."), sentence
    assert f"{PAIR_MM} mm from centre to centre" in its.pair
    assert {"A", "B"} <= set(re.findall(r"\b[AB]\b", its.pair))
    assert its.reference.startswith("R ")
    assert its.source.startswith(("SENIAM, ", "Not in SENIAM"))
    assert re.search(r"\b(19|20)\d\d\b", its.source) or "common practice" in its.source


@pytest.mark.parametrize("muscle", MUSCLES)
def test_the_test_movement_is_gentle(muscle: str):
    said = MUSCLES[muscle].test.lower()
    assert "slowly" in said or "gently" in said
    assert "three seconds" in said
    for word in ("hard", "strong", "maxim", "force", "resist"):
        assert word not in said


def test_the_arms_are_never_joined_across_the_chest():
    for muscle in ("forearm extensors", "forearm flexors"):
        assert "All three electrodes on the same arm" in MUSCLES[muscle].avoid


def words_of(text: str) -> str:
    return " ".join(text.split())


def section(muscle: str) -> str:
    its = MUSCLES[muscle]
    return words_of(
        f"## {its.plain} ({its.name}) "
        f"Channels: `{label_of(muscle, 'left')}`, `{label_of(muscle, 'right')}`. "
        f"1. Find it. {its.find} 2. The pair. {its.pair} 3. The reference. {its.reference} "
        f"4. Try it. {its.test} **{its.avoid}** Source: {its.source}"
    )


@pytest.mark.parametrize("muscle", MUSCLES)
def test_the_document_says_the_same_words(muscle: str):
    document = re.sub(r"!\[.*?\]\(.*?\)", "", DOCUMENT.read_text("utf-8"), flags=re.DOTALL)
    assert section(muscle) in words_of(document)


def test_the_document_has_no_other_muscle():
    headings = re.findall(r"^## (.*)$", DOCUMENT.read_text("utf-8"), re.MULTILINE)
    assert headings[: len(MUSCLES)] == [f"{its.plain} ({its.name})" for its in MUSCLES.values()]
