"""Faults and clean signal through the whole pipeline: a hundred scripts side by side, each its own.

What is played is known from the scenario. Motion counts where the watch can see it: over 500 uV,
and not in EMG so loud that a tap is no higher than its own peaks (over 100 uV). In the first three
seconds it may be what the channel does at rest: such time is not called motion, nor does it count.
"""

import json
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import pytest

from biofeedback.held_back import HeldBack
from biofeedback.pipeline import make_pipeline
from biofeedback.readings import Tally
from biofeedback.settings import SignalSettings
from biofeedback.sources.scenario import read_scenario
from biofeedback.sources.simulated import SimulatedSource
from biofeedback.stream import Chunk, Quality, Tension
from biofeedback.training.threshold import ZoneTracker

SCRIPTS = 100
GROUP = 10  # in a scenario, on one body
SFREQ = 1000
FAULTS = Quality.SATURATED | Quality.ELECTRODE_OFF | Quality.MAINS | Quality.MOTION | Quality.ECG

Segments = list[dict[str, Any]]


class Played(NamedTuple):
    tension: Tension
    good: np.ndarray
    relaxed: np.ndarray
    truth: list[dict[str, Any]]


def play(
    scripts: list[Segments],
    seconds: int,
    *,
    seed: int,
    head: str = "",
    lost: tuple[int, int] = (0, 0),
) -> Played:
    """Return what becomes of `scripts`, a channel each: the parts of a scenario as its keys.

    Samples ``[lost[0], lost[1])`` never arrive; in what is returned they are NaN, and not good.
    """
    groups = range(0, len(scripts), GROUP)
    played = [
        _play(scripts[i : i + GROUP], seconds, f"seed = {seed + i}\n{head}", lost) for i in groups
    ]
    tensions, good, relaxed, truths = zip(*played, strict=True)
    columns = zip(*(tension[1:] for tension in tensions), strict=True)
    tension = Tension(0, *map(np.hstack, columns))
    return Played(tension, np.hstack(good), np.hstack(relaxed), list(chain(*truths)))


def _play(scripts: list[Segments], seconds: int, text: str, lost: tuple[int, int]) -> Played:
    for i, segments in enumerate(scripts):
        text += f"\n[[channels]]\noffset_uv = {20 * i - 100}\n"
        for segment in segments:
            words = "".join(f"{key} = {json.dumps(value)}\n" for key, value in segment.items())
            text += f"[[channels.segments]]\n{words}"
    scenario = read_scenario(text, name="faults", where="faults")
    source = SimulatedSource(scenario, fast=True)
    source.open()
    pipeline, held = make_pipeline(scenario.info, SignalSettings()), HeldBack[None](SFREQ)
    tally, zone_of = Tally(len(scripts), sfreq=SFREQ), ZoneTracker(len(scripts), hysteresis=0.05)
    zone_of.thresholds[:] = 1e4  # whatever is read is relaxed: each sample that counts is scored
    parts, known = [], []
    for _second in range(seconds):
        (chunk,) = source.read(0)
        for piece in without(chunk, *lost):
            parts.append(pipeline.process(piece))
            known += held.add(parts[-1], None)
            tally.add(parts[-1], zone_of(parts[-1].slow))
    tally.finish()
    known += held.rest()
    shape = seconds * SFREQ, len(scripts)
    good, quality = np.zeros(shape, dtype=bool), np.full(shape, np.uint8(Quality.GAP))
    filtered, fast, slow = np.full((3, *shape), np.nan)
    for part in known:
        (start, *columns), stop = part.tension, part.tension.stop
        for whole, column in zip((filtered, fast, slow, quality), columns, strict=True):
            whole[start:stop] = column
        good[start:stop] = part.good
    tension = Tension(0, filtered, fast, slow, quality)
    return Played(tension, good, tally.relaxed, scenario.truth(seconds)["channels"])


def without(chunk: Chunk, start: int, stop: int) -> list[Chunk]:
    """Return what is left of `chunk` where samples ``[start, stop)`` never arrive."""
    before, after = max(0, start - chunk.start), max(0, stop - chunk.start)
    pieces = (
        Chunk(chunk.start, chunk.samples[:before]),
        Chunk(chunk.start + after, chunk.samples[after:]),
    )
    return [piece for piece in pieces if len(piece.samples)]


class Fault(NamedTuple):
    """An interval of the truth, in samples of a channel, and what came of it."""

    start: int
    stop: int
    found: bool
    paused_after: float
    scored: int


def faults(played: Played, flag: Quality, *, within_s: float = 1.0) -> list[Fault]:
    """Return all that `flag` is for; found: flagged in it or `within_s` after its beginning."""
    name, made = str(flag.name).lower(), []
    for i, channel in enumerate(played.truth):
        for interval in channel["intervals"]:
            if interval["flag"] != name:
                continue
            start, stop = (round(interval[edge] * SFREQ) for edge in ("start_s", "stop_s"))
            reach = max(stop, start + round(within_s * SFREQ)) + 1
            flagged = played.tension.quality[start:reach, i] & np.uint8(flag) != 0
            unknown = np.isnan(played.tension.slow[start:, i])
            made.append(
                Fault(
                    start,
                    stop,
                    bool(flagged.any()),
                    unknown.argmax() / SFREQ if unknown.any() else np.inf,
                    int(played.good[start:stop, i].sum()),
                )
            )
    return made


def share(values: list[bool]) -> float:
    assert len(values) >= SCRIPTS
    return float(np.mean(values))


def rest_uv(rng: np.random.Generator) -> float:
    return float(np.exp(rng.uniform(np.log(1), np.log(10))))


def interrupted(rng: np.random.Generator, seconds: tuple[float, float], **fault: Any) -> Segments:
    """Rest, the fault for `seconds`, and rest again."""
    level = rest_uv(rng)
    return [
        {"seconds": float(rng.uniform(4, 6)), "emg_uv": level},
        {"seconds": float(rng.uniform(*seconds)), **fault},
        {"emg_uv": level},
    ]


def work(rng: np.random.Generator, seconds: float, **everywhere: Any) -> Segments:
    """Rest and contractions, sudden and slow, of up to 150 uV."""
    level, segments, t = rest_uv(rng), [], 0.0
    while t < seconds:
        rest_s, hold_s = rng.uniform(1, 12), rng.uniform(0.2, 6)
        rise_s, peak = float(rng.choice([0.02, 0.3, 1.5])), float(rng.uniform(3 * level, 150))
        segments += [
            {"seconds": float(rest_s), "emg_uv": level, **everywhere},
            {"seconds": rise_s, "emg_uv": [level, peak], **everywhere},
            {"seconds": float(hold_s), "emg_uv": peak, **everywhere},
            {"seconds": rise_s, "emg_uv": [peak, level], **everywhere},
        ]
        t += rest_s + hold_s + 2 * rise_s
    return segments


def alarms(played: Played, flags: Quality = FAULTS) -> int:
    """How many times any of `flags` came up, on all channels together."""
    flagged = played.tension.quality & np.uint8(flags) != 0
    return int(flagged[0].sum() + (flagged[1:] & ~flagged[:-1]).sum())


def test_a_hundred_minutes_of_rest_and_contractions_raise_less_than_an_alarm_in_ten():
    rng = np.random.default_rng(0)
    scripts = [work(rng, 40) for _ in range(SCRIPTS)]
    assert alarms(play(scripts, 40, seed=1)) <= 6
    scripts = [[{"emg_uv": rest_uv(rng)}] for _ in range(SCRIPTS)]
    played = play(scripts, 20, seed=2)
    assert alarms(played) <= 3
    assert (played.relaxed == 20 * SFREQ - 750).all()  # all that is settled counts


def test_tremor_and_heartbeats_are_neither_motion_nor_hum():
    rng = np.random.default_rng(1)
    scripts = [
        work(rng, 20, tremor_depth=0.9, tremor_hz=float(rng.uniform(3, 8)), ecg_uv=40.0)
        for _ in range(SCRIPTS)
    ]
    assert alarms(play(scripts, 20, seed=3), FAULTS & ~Quality.ECG) <= 3


def test_an_open_electrode_is_found_within_a_second_and_none_of_it_counts():
    rng = np.random.default_rng(2)
    scripts = [
        interrupted(rng, (1.2, 5), lead="off", mains_uv=float(rng.uniform(0, 100)))
        for _ in range(SCRIPTS)
    ]
    played = play(scripts, 13, seed=4)
    off = faults(played, Quality.ELECTRODE_OFF)
    assert share([fault.found for fault in off]) >= 0.95
    assert max(fault.paused_after for fault in off) <= 1.0
    assert sum(fault.scored for fault in off) == 0


def test_an_electrode_that_is_off_for_a_moment_only_does_not_count_either():
    # too short to be told from a signal that hits its limit, but never good
    rng = np.random.default_rng(3)
    scripts = [interrupted(rng, (0.02, 0.6), lead="off") for _ in range(SCRIPTS)]
    off = faults(play(scripts, 9, seed=5), Quality.ELECTRODE_OFF)
    assert max(fault.paused_after for fault in off) <= 1.0
    assert sum(fault.scored for fault in off) == 0


def test_an_open_electrode_whose_hum_reaches_back_from_the_rail_is_invalid_all_the_same():
    # loud enough, the hum hides for half a second at a time that the amplifier hangs at its rail
    rng = np.random.default_rng(4)
    scripts = [interrupted(rng, (1.2, 5), lead="off", mains_uv=400.0) for _ in range(SCRIPTS)]
    played = play(scripts, 13, seed=6)
    off = faults(played, Quality.ELECTRODE_OFF)
    assert max(fault.paused_after for fault in off) <= 1.0
    assert sum(fault.scored for fault in off) == 0


def test_a_signal_at_its_rails_is_found_at_once():
    rng = np.random.default_rng(5)
    scripts = [
        interrupted(rng, (1, 5), emg_uv=float(rng.uniform(1000, 3000))) for _ in range(SCRIPTS)
    ]
    played = play(scripts, 13, seed=7)
    clipped = faults(played, Quality.SATURATED)
    assert share([fault.found for fault in clipped]) >= 0.95
    assert share([fault.paused_after <= 1.0 for fault in clipped]) == 1.0
    assert sum(fault.scored for fault in clipped) == 0


def test_mains_of_a_third_of_the_emg_and_more_is_found_within_ten_seconds_and_still_counts():
    rng = np.random.default_rng(6)
    scripts = []
    for _ in range(SCRIPTS):
        level, hz = rest_uv(rng), float(rng.choice([50, 60]) + rng.uniform(-0.1, 0.1))
        mains_uv = [float(level * rng.uniform(0.3, 5)), 0.0, 0.1 * level]
        scripts.append(
            [
                {"seconds": float(rng.uniform(4, 6)), "emg_uv": level},
                {"emg_uv": level, "mains_hz": hz, "mains_uv": mains_uv},
            ]
        )
    played = play(scripts, 18, seed=8)
    hum = faults(played, Quality.MAINS, within_s=10)
    assert share([fault.found for fault in hum]) >= 0.95
    assert alarms(played, FAULTS & ~Quality.MAINS) == 0
    assert played.good[750:].all()


@pytest.mark.parametrize("kind", ["swing", "tap"])
@pytest.mark.parametrize("emg", ["rest", "contraction"])
def test_motion_is_found_within_a_second_and_none_of_it_counts(kind: str, emg: str):
    rng = np.random.default_rng(7)
    scripts = []
    for _ in range(SCRIPTS):
        level = rest_uv(rng)
        loud = {"seconds": 8.0, "emg_uv": float(rng.uniform(20, 60))}
        at_s = [float(rng.uniform(3, 6)), float(rng.uniform(9, 11))]
        moved = {"motion": kind, "motion_uv": float(rng.uniform(500, 900)), "motion_at_s": at_s}
        lasts = {"seconds": 20.0, "emg_uv": level if emg == "rest" else loud["emg_uv"]}
        scripts.append([lasts | moved])
    played = play(scripts, 15, seed=9)
    moved = faults(played, Quality.MOTION)
    assert share([fault.found for fault in moved]) >= 0.95
    assert share([fault.paused_after <= 1.0 for fault in moved]) >= 0.95
    assert sum(fault.scored for fault in moved) == 0


@pytest.mark.parametrize("kind", ["swing", "tap"])
@pytest.mark.parametrize("lost", [(0, 0), (3000, 3200), (3000, 6000)], ids=["", "short", "long"])
def test_motion_as_a_stream_begins_or_around_a_gap_does_not_count_either(
    kind: str, lost: tuple[int, int]
):
    rng = np.random.default_rng(11)
    scripts = []
    for _ in range(SCRIPTS):
        early_s = float(rng.uniform(1.9, 2.95) if lost[1] else rng.uniform(0, 2.95))
        late_s = float(lost[1] / SFREQ + rng.uniform(0.1, 2.5) if lost[1] else rng.uniform(5, 9))
        moved = {"motion": kind, "motion_uv": float(rng.uniform(500, 900))}
        scripts.append([{"emg_uv": rest_uv(rng), "motion_at_s": [early_s, late_s], **moved}])
    played = play(scripts, 15, seed=13, lost=lost)
    assert sum(fault.scored for fault in faults(played, Quality.MOTION)) == 0
    assert played.good[-2 * SFREQ :].mean() > 0.95
    assert (played.relaxed == played.good.sum(axis=0)).all()


def test_jerks_now_and_then_over_heartbeats_are_found_too():
    rng = np.random.default_rng(8)
    scripts = []
    for _ in range(SCRIPTS):
        level, uv = rest_uv(rng), float(rng.uniform(500, 900))
        still = {"seconds": 3.0, "emg_uv": level, "ecg_uv": 60.0}
        jerks = {"seconds": 20.0, "motion_uv": uv, "motion_per_minute": 6.0}
        scripts.append([still, still | jerks, still])
    moved = faults(play(scripts, 26, seed=10), Quality.MOTION)
    assert share([fault.found for fault in moved]) >= 0.95
    assert share([fault.paused_after <= 1.0 for fault in moved]) >= 0.95
    assert sum(fault.scored for fault in moved) == 0


def test_time_that_is_paused_is_no_longer_than_the_fault_and_three_seconds():
    # the one before it, what is at the rail for a second more, and until the filter has settled
    rng = np.random.default_rng(9)
    scripts = [interrupted(rng, (1.2, 3), lead="off") for _ in range(SCRIPTS)]
    played = play(scripts, 12, seed=11)
    lost_s = (12 * SFREQ - 750 - played.good.sum(axis=0)) / SFREQ
    off_s = [(f.stop - f.start) / SFREQ for f in faults(played, Quality.ELECTRODE_OFF)]
    assert (lost_s - off_s).max() <= 3.0
    assert (lost_s - off_s).min() >= 0.75


def test_ten_bits_of_an_uno_declare_that_they_are_blind_below_twelve_microvolts():
    scenario = read_scenario(
        'sensor = "myoware-2-raw"\nboard = "uno"\n[[channels]]\n[[channels.segments]]\nemg_uv = 30',
        name="uno",
        where="uno",
    )
    assert scenario.info.channels[0].resolution_floor == pytest.approx(12.2, abs=0.05)


def test_what_ten_bits_do_to_a_muscle_at_rest_is_no_fault():
    rng = np.random.default_rng(10)
    head = 'sensor = "myoware-2-raw"\nboard = "uno"'
    played = play([work(rng, 20) for _ in range(SCRIPTS)], 20, seed=12, head=head)
    assert alarms(played) <= 3
    assert not (played.tension.quality & np.uint8(Quality.ELECTRODE_OFF)).any()
