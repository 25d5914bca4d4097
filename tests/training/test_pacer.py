"""The breathing pacer, and what a training makes of it."""

import json
import math
import re
from itertools import pairwise

import numpy as np
import pytest
import scipy
from simulated_sitting import (
    AFTER,
    BASELINE,
    BASELINE_S,
    KNOWN_S,
    REST,
    SETTLED_S,
    protocol_of,
    scenario,
)

from biofeedback.cli import main
from biofeedback.errors import SettingsError
from biofeedback.sources.scenario import load_scenario
from biofeedback.training.events import What
from biofeedback.training.pacer import Pacer, Pacing
from biofeedback.training.protocol_file import load_protocol

SLOWING = Pacing(from_per_min=12.0, slower_per_min=1.0)  # 12 to 6 in six minutes
LED_S = 90.0
LED = f"""
[[phases]]
name = "led"
kind = "trial"
seconds = {LED_S}
pacer = {{ rate_per_min = 6, from_per_min = 9, slower_per_min = 1 }}
instruction = "Breathe with the pacer."
"""
BEGINS_S = SETTLED_S + BASELINE_S + KNOWN_S


def a_pacer(pacing: Pacing = SLOWING, *, start: float = 12.0, begun_s: float = 3.0) -> Pacer:
    return Pacer(pacing, from_per_min=start, begun_s=begun_s)


def test_its_breaths_are_the_integral_of_its_rate():
    pacer = a_pacer()
    for t_s in (3.0, 40.0, 200.0, 363.0, 500.0):
        integral, _error = scipy.integrate.quad(
            lambda t: pacer.rate_per_min(t) / 60, 3.0, t_s, points=[min(363.0, t_s)], limit=200
        )
        assert pacer.breaths(t_s) == pytest.approx(integral, abs=1e-7)


def test_it_begins_at_the_own_rate_and_slows_in_a_straight_line_to_what_is_aimed_at():
    pacer = a_pacer()
    assert pacer.rate_per_min(3.0) == 12
    assert pacer.rate_per_min(63.0) == pytest.approx(11)
    assert pacer.rate_per_min(363.0) == pytest.approx(6)
    assert pacer.rate_per_min(1000.0) == 6


@pytest.mark.parametrize(("own", "first"), [(15.0, 15.0), (4.0, 6.0), (45.0, 20.0), (6.0, 6.0)])
def test_nobody_is_led_faster_than_they_breathe_anyway_or_than_twenty(own, first):
    assert a_pacer(start=own).rate_per_min(3.0) == pytest.approx(first)


def test_at_six_a_minute_the_breath_in_takes_four_seconds_and_out_six():
    pacer = a_pacer(start=6.0, begun_s=0.0)
    begins = pacer.at(0.0)
    assert (begins.inhaling, begins.full, begins.left_s) == (True, 0.0, pytest.approx(4.0))
    assert pacer.at(2.0).full == pytest.approx(0.5)
    assert pacer.at(2.0).flow == pytest.approx(1.0)
    assert pacer.at(3.0).left_s == pytest.approx(1.0)
    out = pacer.at(4.0)
    assert (out.inhaling, out.full, out.left_s) == (False, pytest.approx(1.0), pytest.approx(6.0))
    assert pacer.at(7.0).full == pytest.approx(0.5)
    assert pacer.at(7.0).flow == pytest.approx(-1.0)
    assert pacer.at(10.0 - 1e-9).full == pytest.approx(0.0, abs=1e-6)
    assert pacer.at(10.0).inhaling


def test_the_seconds_left_lead_to_the_turn_of_the_breath_while_it_slows():
    pacer = a_pacer()
    for t_s in np.arange(3.0, 500.0, 0.37):
        now = pacer.at(float(t_s))
        after, before = pacer.at(t_s + now.left_s + 1e-6), pacer.at(t_s + now.left_s - 1e-6)
        assert (before.inhaling, after.inhaling) == (now.inhaling, not now.inhaling)


def test_the_lungs_never_jump():
    pacer = a_pacer()
    full = np.array([pacer.at(t).full for t in np.arange(3.0, 400.0, 1 / 30)])
    # the fastest breath in is 0.4 of 5 s: pi / 2 over 2 s is the steepest
    assert np.abs(np.diff(full)).max() <= math.pi / 2 / 2 / 30 * 1.001


def led_scenario(share: float, *, peak: float = 0.2, seed: int = 1) -> str:
    """Return a muscle that breathes with the pacer of LED, and is steady before and after."""
    breathing = f"\nbreath_share = {share}\nbreath_per_min = [9, 7.5]\nbreath_peak = {peak}"
    return scenario((BEGINS_S, 8), (LED_S, f"8{breathing}"), (60, 8), seed=seed)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_share_of_a_simulated_muscle_that_breathes_is_found_within_two_points(sit, seed):
    sitting = sit(protocol_of(BASELINE, LED, AFTER), led_scenario(0.3, seed=seed))
    assert sitting.begins("led") == [pytest.approx(BEGINS_S)]
    breathing = sitting.summary["phases"][1]["breathing"]
    assert (breathing["verdict"], breathing["with"]) == ("found", "in")
    assert breathing["share_percent"] == pytest.approx(30, abs=2)
    low, high = breathing["interval_percent"]
    assert low < 30 < high
    assert breathing["largest_at"] == pytest.approx(0.2, abs=0.03)
    assert breathing["from_per_min"] == pytest.approx(9, abs=0.02)
    assert breathing["rate_per_min"] == pytest.approx(7.5, abs=0.02)
    assert breathing["breaths"] == pytest.approx((9 + 7.5) / 2 / 60 * LED_S, abs=0.1)


def test_a_muscle_that_works_in_the_breath_out_is_told_apart(sit):
    sitting = sit(protocol_of(BASELINE, LED, AFTER), led_scenario(0.3, peak=0.7))
    assert sitting.summary["phases"][1]["breathing"]["with"] == "out"


def test_a_muscle_that_does_not_breathe_is_told_with_the_most_that_there_may_be(sit):
    sitting = sit(protocol_of(BASELINE, LED, AFTER), led_scenario(0.0))
    breathing = sitting.summary["phases"][1]["breathing"]
    assert breathing["verdict"] == "not-found"
    assert math.isnan(breathing["share_percent"])
    assert breathing["interval_percent"][0] == 0
    assert breathing["interval_percent"][1] < 4


def test_a_trial_of_half_a_minute_is_not_enough_data(sit):
    short = LED.replace(f"seconds = {LED_S}", "seconds = 30")
    sitting = sit(protocol_of(BASELINE, short, AFTER), led_scenario(0.3))
    breathing = sitting.summary["phases"][1]["breathing"]
    assert breathing["verdict"] == "not-enough-data"
    assert breathing["interval_percent"] is None


def test_the_pacer_goes_on_while_the_electrode_is_off_and_the_share_leaves_that_out(sit):
    breathing = "\nbreath_share = 0.3\nbreath_per_min = 6"
    off = "0\nlead = 'off'"
    text = scenario(
        (BEGINS_S, 8), (40, f"8{breathing}"), (20, off), (100, f"8{breathing}"), (60, 8)
    )
    steady = LED.replace("from_per_min = 9", "from_per_min = 6")
    sitting = sit(protocol_of(BASELINE, steady, AFTER), text)
    led = sitting.summary["phases"][1]
    assert led["seconds"] > LED_S + 19  # the clock waited
    assert led["breathing"]["share_percent"] == pytest.approx(30, abs=2)
    assert led["breathing"]["breaths"] == pytest.approx(LED_S / 10, abs=0.5)


def test_a_second_trial_goes_on_where_the_first_had_come_to(sit):
    again = LED.replace('"led"', '"again"')
    sitting = sit(protocol_of(BASELINE, LED, REST, again), scenario((300, 8)))
    first, second = (event.values for event in sitting.of(What.PACER))
    assert first["from_per_min"] == 9
    # the pacer leads until the trial is known: 1.1 s more at a breath a minute less each minute
    assert second["from_per_min"] == pytest.approx(9 - (LED_S + KNOWN_S) / 60)
    phases = sitting.summary["phases"]
    assert phases[3]["breathing"]["rate_per_min"] == pytest.approx(6.0, abs=0.05)


def test_from_one_phase_with_a_pacer_to_the_next_the_breath_is_not_broken_off(sit):
    again = LED.replace('"led"', '"again"')
    sitting = sit(protocol_of(BASELINE, LED, again), scenario((300, 8)))
    assert len(sitting.of(What.PACER)) == 1
    pacer = sitting.trainer.breathing.pacer
    assert pacer.begun_s == pytest.approx(BEGINS_S)
    led = sitting.summary["phases"][2]["breathing"]
    assert led["from_per_min"] == pytest.approx(9 - (LED_S + KNOWN_S) / 60, abs=0.02)


def test_it_begins_at_the_rate_that_is_clear_in_the_baseline(sit):
    breathing = "\nbreath_share = 0.25\nbreath_per_min = 14"
    text = scenario((BEGINS_S + 20, f"8{breathing}"), (100, 8))
    long = BASELINE.replace("40", "60")
    sitting = sit(protocol_of(long, LED), text)
    (heard,) = sitting.of(What.OWN_BREATHING)
    assert heard.values["told_by"] == "muscle"
    assert heard.values["rate_per_min"] == pytest.approx(14, abs=0.5)
    assert sitting.of(What.PACER)[0].values["from_per_min"] == heard.values["rate_per_min"]


def test_a_rate_that_was_given_goes_before_what_the_muscle_says(sit):
    breathing = "\nbreath_share = 0.25\nbreath_per_min = 14"
    sitting = sit(
        protocol_of(BASELINE.replace("40", "60"), LED),
        scenario((120, f"8{breathing}"), (100, 8)),
        before=lambda trainer: trainer.breathing.set_own(11),
    )
    assert not sitting.of(What.OWN_BREATHING)
    assert sitting.of(What.PACER)[0].values["from_per_min"] == 11


@pytest.mark.parametrize("rate", [0.0, 2.0, 61.0, math.nan])
def test_a_rate_that_nobody_breathes_at_is_refused(sit, rate):
    def given(trainer) -> None:
        with pytest.raises(SettingsError, match="Nobody breathes"):
            trainer.breathing.set_own(rate)

    sit(protocol_of(BASELINE), scenario((60, 8)), before=given)


class Hands:
    """Does things at times of a sitting: follows the trainer as it is fed."""

    def __init__(self, *deeds) -> None:
        self._deeds = sorted(deeds, key=lambda deed: deed[0])

    def __call__(self, trainer) -> None:
        feed = trainer.feed

        def fed(tension) -> None:
            while self._deeds and tension.start / 1000 >= self._deeds[0][0]:
                self._deeds.pop(0)[1](trainer.breathing)
            feed(tension)

        trainer.feed = fed


PLAIN = LED.replace("pacer = { rate_per_min = 6, from_per_min = 9, slower_per_min = 1 }\n", "")


def test_a_phase_without_a_pacer_is_told_as_before(sit):
    sitting = sit(protocol_of(BASELINE, PLAIN, AFTER), scenario((200, 8)))
    assert all("breathing" not in phase for phase in sitting.summary["phases"])
    assert not sitting.of(What.PACER)
    assert not sitting.of(What.OWN_BREATHING)


def test_by_hand_it_begins_in_any_trial_and_ends_again(sit):
    hands = Hands(
        (BEGINS_S + 5, lambda breathing: breathing.switch()),
        (BEGINS_S + 70, lambda breathing: breathing.switch()),
    )
    sitting = sit(protocol_of(BASELINE, PLAIN, AFTER), scenario((200, 8)), before=hands)
    on, off = sitting.of(What.PACER)
    assert (on.values["on"], on.values["by_hand"], off.values["on"]) == (True, True, False)
    assert "Stop if you feel dizzy" in on.text
    led = [phase["name"] for phase in sitting.summary["phases"] if "breathing" in phase]
    assert led == ["led"]
    breaths = sitting.summary["phases"][1]["breathing"]["breaths"]
    assert breaths == pytest.approx(12 / 60 * 65, abs=0.5)


def test_in_a_baseline_it_waits_for_what_comes_after(sit):
    hands = Hands((10.0, lambda breathing: breathing.switch()))
    sitting = sit(protocol_of(BASELINE, PLAIN, AFTER), scenario((200, 8)), before=hands)
    said, on = sitting.of(What.PACER)
    assert "after the baseline" in said.text
    assert on.t_s == pytest.approx(BEGINS_S)
    led = [phase["name"] for phase in sitting.summary["phases"] if "breathing" in phase]
    assert led == ["led"]  # nor in the baseline after


def test_who_is_dizzy_stops_it_at_once_and_is_led_no_more_unless_by_hand(sit):
    seen = []

    def dizzy(breathing) -> None:
        breathing.stop_dizzy()
        seen.append(breathing.pacer)  # before a sample more has come

    again = LED.replace('"led"', '"again"')
    sitting = sit(
        protocol_of(BASELINE, LED, again),
        scenario((300, 8)),
        before=Hands((BEGINS_S + 20, dizzy)),
    )
    assert seen == [None]
    _on, off = sitting.of(What.PACER)
    assert off.text.startswith("Dizzy: the pacer has stopped.")
    assert (off.values["dizzy"], off.values["by_hand"]) == (True, True)
    assert "breathing" not in sitting.summary["phases"][2]


def test_four_presses_at_each_breath_in_tell_the_own_rate(sit):
    presses = [(10 + 4.0 * i, lambda breathing: breathing.breathe_in()) for i in range(4)]
    sitting = sit(protocol_of(BASELINE, LED), scenario((200, 8)), before=Hands(*presses))
    (counted,) = sitting.of(What.OWN_BREATHING)
    assert counted.values == {"rate_per_min": pytest.approx(15, rel=0.03), "told_by": "keys"}
    assert sitting.of(What.PACER)[0].values["from_per_min"] == counted.values["rate_per_min"]


def test_presses_with_one_left_out_tell_nothing_until_there_are_four_in_a_row(sit):
    times_s = (5, 9, 13, 36, 40, 44)
    presses = [(t, lambda breathing: breathing.breathe_in()) for t in times_s]
    sitting = sit(protocol_of(BASELINE, LED), scenario((200, 8)), before=Hands(*presses))
    assert not sitting.of(What.OWN_BREATHING)


def test_counted_while_it_leads_it_begins_anew_at_that_pace(sit):
    presses = [(BEGINS_S + 4.0 * i, lambda breathing: breathing.breathe_in()) for i in range(1, 5)]
    sitting = sit(protocol_of(BASELINE, LED), scenario((200, 8)), before=Hands(*presses))
    starts = [event.values["from_per_min"] for event in sitting.of(What.PACER)]
    assert starts == [9, pytest.approx(15, rel=0.03)]


def test_the_events_and_shares_are_the_same_however_the_stream_is_cut(sit):
    text = led_scenario(0.3)
    whole, cut = (
        sit(protocol_of(BASELINE, LED, AFTER), text, before=before) for before in (None, cut_up)
    )
    assert [event.plain() for event in whole.events] == [event.plain() for event in cut.events]
    assert whole.summary["phases"][1]["breathing"] == cut.summary["phases"][1]["breathing"]


def cut_up(trainer) -> None:
    feed, rng = trainer.feed, np.random.default_rng(1)

    def fed(tension) -> None:
        at = [0, *sorted(rng.integers(0, len(tension.slow), 3)), len(tension.slow)]
        for first, last in pairwise(at):
            rows = slice(int(first), int(last))
            parts = (tension.filtered, tension.fast, tension.slow, tension.quality)
            feed(type(tension)(tension.start + int(first), *(part[rows] for part in parts)))

    trainer.feed = fed


@pytest.mark.parametrize(
    ("pacer", "said"),
    [
        ("{ rate_per_min = 3 }", "rate_per_min is 3, it must be a number from 4 to 10"),
        ("{ rate_per_min = 12 }", "rate_per_min is 12, it must be a number from 4 to 10"),
        ("{ inhale_s = 9 }", "inhale_s is 9, it must be a number from 2 to 6"),
        ("{ inhale_s = 4, exhale_s = 5 }", "exhale_s is 5.0, it must be 6: in and out, at 6 a mi"),
        ("{ from_per_min = 5 }", "from_per_min is 5, it must be a number from 6 to 20"),
        ("{ slower_per_min = 3 }", "slower_per_min is 3, it must be a number from 0.1 to 1"),
        ("{ speed = 3 }", "there is no key 'speed' here; there are: rate_per_min, inhale_s"),
        ("6", "pacer is 6, it must be keys and their values in braces"),
    ],
)
def test_a_pacer_that_is_wrong_is_refused_with_file_line_key_and_remedy(pacer, said):
    wrong = re.sub(r"pacer = .*", f"pacer = {pacer}", LED)
    line = (BASELINE + wrong).splitlines().index(f"pacer = {pacer}") + 2
    with pytest.raises(SettingsError) as error:
        protocol_of(BASELINE, wrong)
    assert str(error.value).startswith(f"test.toml, line {line}: ")
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("pacer", "read"),
    [
        ("{}", Pacing(6.0, 0.4, 12.0, 0.5)),
        ("{ rate_per_min = 5 }", Pacing(5.0, 0.4, 12.0, 0.5)),
        ("{ rate_per_min = 5.5, inhale_s = 5.45, exhale_s = 5.45 }", Pacing(5.5, 0.5, 12.0, 0.5)),
        ("{ from_per_min = 8, slower_per_min = 1 }", Pacing(6.0, 0.4, 8.0, 1.0)),
    ],
)
def test_a_pacer_is_read_with_what_it_does_not_say(pacer, read):
    text = re.sub(r"pacer = .*", f"pacer = {pacer}", LED)
    got = protocol_of(BASELINE, text).phases[1].pacer
    assert (got.rate_per_min, got.from_per_min, got.slower_per_min) == (
        read.rate_per_min,
        read.from_per_min,
        read.slower_per_min,
    )
    assert got.inhale_share == pytest.approx(read.inhale_share)


def test_the_shipped_training_comes_down_to_six_a_minute():
    protocol = load_protocol("paced-breathing")
    led = [phase for phase in protocol.phases if phase.pacer]
    slowed = sum(phase.seconds for phase in led) / 60 * led[0].pacer.slower_per_min
    assert led[0].pacer.from_per_min - slowed == led[0].pacer.rate_per_min == 6
    assert protocol.seconds == 20 * 60
    assert any("No better" in paper.result for paper in protocol.evidence)


def test_the_shipped_training_finds_what_the_shipped_scenario_breathes(capsys):
    words = ["train", "paced-breathing", "sim:breathing", "--headless", "--fast", "--json"]
    assert main(words) == 0
    summary = json.loads(capsys.readouterr().out.splitlines()[-1])["summary"]
    (channel,) = load_scenario("breathing").truth(1000.0)["channels"]
    played = {segment["start_s"]: segment for segment in channel["segments"]}
    led = [phase for phase in summary["phases"] if "breathing" in phase]
    assert len(led) == 3
    for phase in led:
        truth, breathing = played[phase["start_s"]], phase["breathing"]
        assert breathing["share_percent"] == pytest.approx(100 * truth["breath_share"], abs=2)
        assert breathing["with"] == "in"
        first, last = truth["breath_per_min"]
        assert breathing["from_per_min"] == pytest.approx(first, abs=0.1)
        assert breathing["rate_per_min"] == pytest.approx(last, abs=0.1)


def test_the_own_rate_may_be_said_on_the_command_line(capsys, own_protocols):
    (own_protocols / "mine.toml").write_text(f'title = "Mine"\n{BASELINE}{LED}', encoding="utf-8")
    words = ["train", "mine", "sim:rest", "--headless", "--fast", "--json"]
    assert main([*words, "--breaths-per-min", "11.5"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (begins,) = (event for event in events if event.get("event") == "pacer")
    assert begins["from_per_min"] == 11.5
    assert main([*words, "--breaths-per-min", "90"]) == 1
