"""The breathing share of an envelope whose truth is known, and a person's own rate in it."""

import math

import numpy as np
import pytest
import scipy

from biofeedback.dsp.breathing import breathing_share, own_rate_per_min

RATE_HZ = 100.0


def times(seconds: float) -> np.ndarray:
    return np.arange(round(seconds * RATE_HZ)) / RATE_HZ


def slowing(seconds: float, first: float = 12.0, last: float = 6.0) -> np.ndarray:
    """Return breaths whose rate falls in a straight line, from its integral in closed form."""
    t = times(seconds)
    return (first * t + (last - first) * t**2 / (2 * seconds)) / 60


def emg_rms(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return the fast RMS (125 ms) of white noise of 450 Hz bandwidth and RMS one, at 100 Hz."""
    squares = rng.standard_normal((n + 12, 9)) ** 2
    sums = np.cumsum(np.concatenate(([0.0], squares.mean(axis=1))))
    return np.sqrt((sums[12:] - sums[:-12])[:n] / 12)


def wandering(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return a level that wanders by 10 % (SD), with power as 1/f."""
    f = np.fft.rfftfreq(n, 1 / RATE_HZ)
    spectrum = rng.standard_normal(len(f)) + 1j * rng.standard_normal(len(f))
    spectrum[1:] /= np.sqrt(f[1:])
    spectrum[(f == 0) | (f > 3)] = 0
    slow = np.fft.irfft(spectrum, n)
    return np.exp(0.1 * slow / slow.std())


def swelling(breaths: np.ndarray, share: float, peak: float = 0.25) -> np.ndarray:
    return 1 + share * np.cos(2 * np.pi * (breaths - peak))


def everything(n: int) -> np.ndarray:
    return np.ones(n, dtype=bool)


def test_without_noise_share_and_place_are_those_of_the_closed_form():
    breaths = times(100) / 10  # ten whole breaths
    share = breathing_share(5 * swelling(breaths, 0.3, 0.2), everything(len(breaths)), breaths)
    assert share.found
    assert share.share == pytest.approx(30.0, abs=1e-9)
    assert share.peak == pytest.approx(0.2, abs=1e-9)
    assert share.breaths == pytest.approx(10.0, abs=0.01)


def test_a_steady_part_and_one_that_comes_and_goes_add_up_as_the_definition_says():
    """4 µV all the time, and a raised cosine from 0 to 4 µV: its mean, 2 µV, is a third of all."""
    breaths = times(120) / 12
    level = 4 + 4 * (1 + np.cos(2 * np.pi * breaths)) / 2
    share = breathing_share(level, everything(len(level)), breaths)
    assert share.share == pytest.approx(100 / 3, abs=1e-9)


def test_a_muscle_that_works_in_the_breath_in_alone_has_at_most_all_of_it():
    """The fundamental of pulses of 40 % is 2 sin(0.4 pi) / pi over 0.4: 151 %; told is 100."""
    breaths = times(120) / 10
    share = breathing_share((breaths % 1 < 0.4) * 6.0, everything(len(breaths)), breaths)
    assert share.share == 100.0
    assert share.peak == pytest.approx(0.2, abs=0.01)  # the middle of the breath in


@pytest.mark.parametrize("modulation", [0.1, 0.3, 0.6])
@pytest.mark.parametrize("rate", ["steady", "slowing"])
def test_the_share_is_recovered_within_two_points_in_noise(modulation, rate):
    breaths = times(150) / 10 if rate == "steady" else slowing(150)
    for seed in range(40):
        rng = np.random.default_rng(seed)
        level = 4 * swelling(breaths, modulation, 0.3) * emg_rms(rng, len(breaths))
        share = breathing_share(level, everything(len(level)), breaths)
        assert share.found
        assert share.share == pytest.approx(100 * modulation, abs=2.0)
        assert abs((share.peak - 0.3 + 0.5) % 1 - 0.5) < 0.05


def test_a_general_fitting_tool_finds_the_same_in_noise():
    """scipy's curve_fit of level, size and place, which shares nothing with the lock-in."""
    t, rng = times(120), np.random.default_rng(3)
    breaths = t / 10
    level = 4 * swelling(breaths, 0.25, 0.15) * emg_rms(rng, len(t))

    def model(t, mean, size, peak):
        return mean * (1 + size * np.cos(2 * np.pi * (t / 10 - peak)))

    (_mean, size, peak), _covariance = scipy.optimize.curve_fit(model, t, level, p0=(3, 0.1, 0.1))
    share = breathing_share(level, everything(len(t)), breaths)
    assert share.share == pytest.approx(100 * size, abs=0.1)
    assert share.peak == pytest.approx(peak, abs=0.001)


@pytest.mark.parametrize("level_wanders", [False, True])
def test_a_muscle_that_does_not_breathe_is_seldom_said_to(level_wanders):
    """Of 300 at most 5 %; by design it is 1 %."""
    breaths, runs = slowing(120, 10, 7), 300
    false, least_seen = 0, 0
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        level = 4 * emg_rms(rng, len(breaths))
        if level_wanders:
            level = level * wandering(rng, len(breaths))
        share = breathing_share(level, everything(len(level)), breaths)
        assert share.found is not None
        false += bool(share.found)
        if not share.found:
            assert math.isnan(share.share)
            assert share.low == 0 < share.high
            least_seen += share.high < 5
    assert false <= 0.05 * runs
    assert level_wanders or least_seen > 0.9 * runs  # and it says how little there can be


def test_the_interval_holds_the_truth_in_at_least_nine_of_ten_sittings_of_a_wandering_muscle():
    breaths, inside = slowing(120, 10, 7), 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        level = swelling(breaths, 0.3) * emg_rms(rng, len(breaths)) * wandering(rng, len(breaths))
        share = breathing_share(level, everything(len(level)), breaths)
        inside += share.low <= 30 <= share.high
    assert inside >= 180


def test_what_is_not_valid_is_left_out():
    breaths = times(150) / 10
    rng = np.random.default_rng(1)
    level = 4 * swelling(breaths, 0.3) * emg_rms(rng, len(breaths))
    valid = everything(len(level))
    for start in (1000, 4321, 9000):  # the electrode comes off for 15 s, three times
        level[start : start + 1500] = 500.0
        valid[start : start + 1500] = False
    level[200:260] = np.nan
    share = breathing_share(level, valid, breaths)
    assert share.share == pytest.approx(30, abs=2)
    assert share.breaths == pytest.approx(15 - 4.5 - 0.06, abs=0.05)


def test_time_in_which_nobody_was_led_is_left_out():
    breaths = np.concatenate((np.full(3000, np.nan), times(100) / 10))
    level = np.concatenate((np.full(3000, 50.0), 4 * swelling(times(100) / 10, 0.3)))
    assert breathing_share(level, everything(len(level)), breaths).share == pytest.approx(30)


@pytest.mark.parametrize(
    "why", ["too few breaths", "half of it is not valid", "each breath in is not valid", "nothing"]
)
def test_where_there_is_not_enough_data_it_says_so(why):
    breaths = times(45 if why == "too few breaths" else 150) / 10
    level = 4 * swelling(breaths, 0.5)
    valid = everything(len(level))
    if why == "half of it is not valid":
        valid[: round(0.52 * len(valid))] = False
    elif why == "each breath in is not valid":  # it shakes the cable
        valid = breaths % 1 >= 0.45
    elif why == "nothing":
        valid[:] = False
    share = breathing_share(level, valid, breaths)
    assert share.found is None
    assert math.isnan(share.share)
    assert math.isnan(share.high)


@pytest.mark.parametrize("per_min", [6.0, 9.3, 12.0, 15.7, 19.0])
def test_a_person_s_own_rate_is_found_in_a_muscle_that_breathes(per_min):
    t, rng = times(120), np.random.default_rng(7)
    level = 5 * swelling(t * per_min / 60, 0.15) * emg_rms(rng, len(t)) * wandering(rng, len(t))
    found = own_rate_per_min(level, everything(len(t)), rate_hz=RATE_HZ)
    assert found == pytest.approx(per_min, abs=0.2)


def test_where_a_muscle_does_not_breathe_hardly_ever_is_a_rate_found():
    t = times(120)
    found = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        level = emg_rms(rng, len(t)) * wandering(rng, len(t))
        found += not math.isnan(own_rate_per_min(level, everything(len(t)), rate_hz=RATE_HZ))
    assert found <= 4


def test_no_rate_is_told_of_half_a_minute_or_of_nothing():
    t = times(30)
    level = swelling(t / 5, 0.5)
    assert math.isnan(own_rate_per_min(level, everything(len(t)), rate_hz=RATE_HZ))
    assert math.isnan(own_rate_per_min(level, ~everything(len(t)), rate_hz=RATE_HZ))
