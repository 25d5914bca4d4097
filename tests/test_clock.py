"""The clock against arrivals whose true times are known.

An arrival is late by what the way takes; how late on the whole cannot be seen from one end. So what
is tested is how much the error of `time_of` varies, for the newest sample at each arrival.
"""

import json
import math
from typing import NamedTuple

import numpy as np
import pytest

from biofeedback.clock import HostClock

BEGAN_S = 5000.0  # what the monotonic clock happens to read
SEEDS = range(20)


class Arrivals(NamedTuple):
    """How many samples had come by when; `true_s`: when the newest of them was taken."""

    sfreq: float
    stops: np.ndarray
    host_s: np.ndarray
    true_s: np.ndarray


def frames(sfreq: float, scans: int, ppm: float, seconds: float) -> tuple[np.ndarray, np.ndarray]:
    stops = np.arange(scans, int(seconds * sfreq), scans)
    return stops, BEGAN_S + stops / (sfreq * (1 + ppm * 1e-6))


def prompt(rng: np.random.Generator, ppm: float, seconds: float = 150.0) -> Arrivals:
    """Our frames of 15 ms at once, then late by what the computer was busy with: 7 ms."""
    stops, true_s = frames(2000, 30, ppm, seconds)
    host_s = np.maximum.accumulate(true_s + 0.001 + rng.exponential(0.007, len(stops)))
    return Arrivals(2000, stops, host_s, true_s)


def adapter(
    rng: np.random.Generator, ppm: float, seconds: float = 150.0, sfreq: float = 2000, scans=30
) -> Arrivals:
    """An adapter that hands on what it has each 16 ms."""
    stops, true_s = frames(sfreq, scans, ppm, seconds)
    phase = rng.uniform(0, 0.016)
    host_s = np.ceil((true_s - phase) / 0.016) * 0.016 + phase
    last = np.append(np.diff(host_s) > 0.008, True)
    stops, true_s, host_s = stops[last], true_s[last], host_s[last]
    host_s = np.maximum.accumulate(host_s + rng.exponential(0.0003, len(host_s)))
    return Arrivals(sfreq, stops, host_s, true_s)


def printed(rng: np.random.Generator, ppm: float) -> Arrivals:
    """Lines of numbers, each a sample, through such an adapter."""
    return adapter(rng, ppm, sfreq=1000, scans=1)


def in_step(rng: np.random.Generator, ppm: float) -> Arrivals:
    """Frames as long as the adapter's bursts: the delay creeps from 0 to 16 ms and starts anew."""
    return adapter(rng, ppm, sfreq=250, scans=4)


def radio(rng: np.random.Generator, ppm: float, shape: str) -> Arrivals:
    """Clumps 15 to 60 ms apart, each as late as its way through the air was."""
    true_s = BEGAN_S + np.cumsum(rng.uniform(0.015, 0.06, 4000))
    stops = np.floor((true_s - BEGAN_S) * 1000 * (1 + ppm * 1e-6))
    n = len(stops)
    late_s = {
        "exponential": rng.exponential(0.007, n),
        "gamma": rng.gamma(4, 0.0035, n),
        "normal": 0.03 + 0.007 * rng.standard_normal(n),
    }[shape]
    true_s = BEGAN_S + stops / 1000 / (1 + ppm * 1e-6)
    return Arrivals(1000, stops, np.maximum.accumulate(true_s + np.abs(late_s)), true_s)


WAYS = {
    "prompt": prompt,
    "adapter": adapter,
    "printed": printed,
    "in step": in_step,
    "radio": lambda rng, ppm: radio(rng, ppm, "exponential"),
    "radio, often resent": lambda rng, ppm: radio(rng, ppm, "gamma"),
    "radio, no least delay": lambda rng, ppm: radio(rng, ppm, "normal"),
}
JITTERY = ("prompt", "radio", "radio, often resent", "radio, no least delay")


def follow(clock: HostClock, arrivals: Arrivals) -> np.ndarray:
    """Add all; return the error of `time_of` for the newest sample after each, in ms."""
    errors = []
    columns = (column.tolist() for column in arrivals[1:])
    for stop, host_s, true_s in zip(*columns, strict=True):
        clock.add(int(stop), host_s)
        errors.append(clock.time_of(stop - 1) - true_s)
    return 1e3 * np.array(errors)


def settled(arrivals: Arrivals) -> np.ndarray:
    return arrivals.host_s > BEGAN_S + 20  # a few bins more than a line needs


@pytest.mark.parametrize("ppm", [-5000, 0, 5000])
@pytest.mark.parametrize("way", WAYS)
def test_times_jitter_by_less_than_a_millisecond_however_samples_come(way, ppm):
    for seed in SEEDS:
        arrivals = WAYS[way](np.random.default_rng(seed), ppm)
        raw_ms = 1e3 * (arrivals.host_s - arrivals.true_s).std()
        if way in JITTERY:
            assert 6 < raw_ms < 8
        errors = follow(HostClock(arrivals.sfreq), arrivals)
        assert errors[settled(arrivals)].std() < 0.95
        assert np.nanmax(np.abs(errors - errors[settled(arrivals)].mean())) < 8  # of all there are


@pytest.mark.parametrize("way", JITTERY)
def test_the_drift_is_measured_and_its_uncertainty_is_true(way):
    off_sds = []
    for seed in SEEDS:
        rng = np.random.default_rng(100 + seed)
        ppm = float(rng.uniform(-5000, 5000))
        arrivals = WAYS[way](rng, ppm)
        clock = HostClock(arrivals.sfreq)
        follow(clock, arrivals)
        fit = clock.fit
        assert fit["sfreq_measured"] == pytest.approx(arrivals.sfreq * (1 + fit["drift_ppm"] / 1e6))
        assert 0 < fit["drift_sd_ppm"] < 5
        off_sds.append((fit["drift_ppm"] - ppm) / fit["drift_sd_ppm"])
    assert np.abs(off_sds).max() < 4
    assert 0.7 < np.sqrt(np.mean(np.square(off_sds))) < 1.4


@pytest.mark.parametrize(
    ("way", "step_s"), [("adapter", 0.001), ("printed", 0.001), ("in step", 0.016)]
)
def test_bursts_hide_a_creep_through_the_steps_of_their_delays_and_no_more(way, step_s):
    for seed in SEEDS:
        rng = np.random.default_rng(200 + seed)
        ppm = float(rng.uniform(-200, 200) if seed % 2 else rng.uniform(-5000, 5000))
        arrivals = WAYS[way](rng, ppm)
        clock = HostClock(arrivals.sfreq)
        follow(clock, arrivals)
        hidden_ppm = 1e6 * 1.5 * step_s / 140  # a line through a saw is off by 1.5 teeth
        limit_ppm = hidden_ppm + 4 * clock.fit["drift_sd_ppm"]
        assert clock.fit["drift_ppm"] == pytest.approx(ppm, abs=limit_ppm)


def test_a_resonator_18_seconds_an_hour_off_is_followed_through_the_hour():
    arrivals = prompt(np.random.default_rng(1), 5000, seconds=3600)
    clock = HostClock(2000)
    errors = follow(clock, arrivals)
    assert arrivals.stops[-1] / 2000 - (arrivals.true_s[-1] - BEGAN_S) == pytest.approx(
        18, rel=0.01
    )
    assert errors[settled(arrivals)].std() < 0.3
    assert clock.fit["drift_ppm"] == pytest.approx(5000, abs=0.1)
    assert clock.fit["drift_sd_ppm"] < 0.05
    assert clock.fit["jitter_sd_ms"] == pytest.approx(7, rel=0.05)
    assert clock.fit["seconds"] == pytest.approx(3600, abs=80)  # a bin ends with an arrival


def test_a_resonator_that_warms_is_followed():
    for seed in range(4):
        arrivals = prompt(np.random.default_rng(seed), 0, seconds=600)
        t = arrivals.true_s - BEGAN_S
        later_s = -0.5 * 50e-6 / 60 * t**2  # 50 ppm faster each minute
        later = {"true_s": arrivals.true_s + later_s, "host_s": arrivals.host_s + later_s}
        assert follow(HostClock(2000), arrivals._replace(**later))[settled(arrivals)].std() < 0.95


def test_a_program_that_was_stopped_reads_late_what_was_sent_in_time():
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        arrivals = prompt(rng, 5000)
        for at_s in (20, 60, 72, 100):  # what came meanwhile is read at the end of it
            begun = BEGAN_S + at_s + rng.uniform(0, 2)
            ended = begun + rng.uniform(1, 10)
            late = (arrivals.host_s > begun) & (arrivals.host_s < ended)
            read = ~late | (np.arange(len(late)) % 97 == 0)  # 97 frames at a time: 4096 bytes
            arrivals = arrivals._replace(host_s=np.where(late, ended, arrivals.host_s))
            arrivals = Arrivals(2000, *(column[read] for column in arrivals[1:]))
        clock = HostClock(2000)
        assert follow(clock, arrivals)[settled(arrivals)].std() < 0.95
        assert clock.fit["jumps"] == 0
        assert clock.fit["jitter_sd_ms"] == pytest.approx(7, rel=0.1)


def stepped(seed: int, step_s: float) -> Arrivals:
    """Six seconds are lost from 70 s on, and what is placed by then is placed wrong."""
    arrivals = prompt(np.random.default_rng(seed), 5000)
    since_s = arrivals.host_s - BEGAN_S
    later_s = np.where(since_s > 70, step_s, 0.0)
    here = (since_s < 70) | (since_s > 76)
    _sfreq, stops, host_s, true_s = arrivals
    return Arrivals(2000, stops[here], (host_s + later_s)[here], (true_s + later_s)[here])


@pytest.mark.parametrize("step_s", [-0.5, -0.04, 0.04, 0.5, 30.0])
def test_after_a_jump_of_the_index_times_are_true_again_within_eight_seconds(step_s):
    for seed in SEEDS:
        arrivals = stepped(seed, step_s)
        clock = HostClock(2000)
        errors = follow(clock, arrivals)
        since_s = arrivals.host_s - BEGAN_S - max(step_s, 0)
        assert errors[(since_s > 20) & (since_s < 70)].std() < 0.95
        assert errors[since_s > 84.2].std() < 0.95
        assert clock.fit["jumps"] == 1
        assert clock.fit["drift_ppm"] == pytest.approx(5000, abs=6)


@pytest.mark.parametrize("step_s", [-0.016, 0.016])
def test_a_jump_as_small_as_a_burst_is_followed_within_a_minute(step_s):
    for seed in SEEDS:
        arrivals = stepped(seed, step_s)
        clock = HostClock(2000)
        errors = follow(clock, arrivals)
        assert np.nanmax(np.abs(errors)) < 1e3 * 0.016 + 10
        assert errors[arrivals.host_s > BEGAN_S + 70 + 66].std() < 0.95
        assert clock.fit["jumps"] == 0


def test_a_machine_that_slept_has_missed_hours_of_the_boards_time():
    arrivals = prompt(np.random.default_rng(3), 5000)
    slept = arrivals.true_s > BEGAN_S + 70
    night = 8 * 3600 * 2000
    stops = arrivals.stops + night * slept
    clock = HostClock(2000)
    errors = follow(clock, arrivals._replace(stops=stops))
    assert errors[arrivals.host_s > BEGAN_S + 78.2].std() < 0.95
    assert clock.fit["drift_ppm"] == pytest.approx(5000, abs=6)


def test_a_wall_clock_that_is_set_moves_no_sample_and_is_told():
    wall = [1.7e9]
    arrivals = prompt(np.random.default_rng(4), 0)
    clock = HostClock(2000, monotonic=lambda: BEGAN_S, wall=lambda: wall[0])
    follow(clock, arrivals)
    before, at_s = clock.fit, clock.time_of(1000)
    assert before["wall_start_s"] == pytest.approx(1.7e9, abs=0.02)
    assert before["wall_jump_s"] == 0
    wall[0] += 3600
    assert clock.fit == before | {"wall_jump_s": 3600}
    assert clock.time_of(1000) == at_s


def test_nothing_is_known_in_the_first_ten_seconds():
    arrivals = prompt(np.random.default_rng(5), 0)
    clock = HostClock(2000)
    errors = follow(clock, arrivals._replace(true_s=arrivals.host_s))
    unknown = np.isnan(errors)
    assert unknown[: unknown.sum()].all()
    assert arrivals.host_s[unknown.sum()] - BEGAN_S == pytest.approx(10, abs=0.3)
    assert HostClock(2000).fit is None
    assert math.isnan(HostClock(2000).time_of(0))


def test_what_was_measured_is_plain_json():
    clock = HostClock(2000, monotonic=lambda: 0.0, wall=lambda: 1.7e9)
    follow(clock, prompt(np.random.default_rng(6), 0))
    assert json.loads(json.dumps(clock.fit, allow_nan=False)) == clock.fit


def test_a_read_that_brought_nothing_says_nothing():
    arrivals = prompt(np.random.default_rng(7), 0)
    once, often = (HostClock(2000, monotonic=lambda: 0.0, wall=lambda: 0.0) for _ in range(2))
    follow(once, arrivals)
    for stop, host_s in zip(arrivals.stops.tolist(), arrivals.host_s.tolist(), strict=True):
        often.add(stop, host_s)
        often.add(stop, host_s + 0.001)
    assert once.fit == often.fit
