import numpy as np
import pytest

from biofeedback.dsp.spectrum import median_frequency, welch
from biofeedback.sources.scenario import builtin_scenarios, load_scenario, read_scenario
from biofeedback.sources.simulated import SimulatedSource


def played(scenario, seconds: int) -> np.ndarray:
    """Return microvolts."""
    source = SimulatedSource(scenario, fast=True)
    source.open()
    counts = np.concatenate([source.read(0)[0].samples for _second in range(seconds)])
    channels = source.info.channels
    return counts * [c.gain for c in channels] + [c.offset for c in channels]


@pytest.mark.parametrize("name", ["rest", "relaxing", "bursts", "hum", "uno-10-bit", "lead-off"])
def test_every_scenario_that_is_promised_plays_and_says_that_it_is_simulated(name: str):
    scenario = load_scenario(name)
    assert name in builtin_scenarios()
    assert scenario.info.simulated
    assert scenario.summary
    assert np.isfinite(played(scenario, 3)).all()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_signal():
    first, again = (played(load_scenario("rest"), 3).tobytes() for _time in range(2))
    other = played(load_scenario("rest", seed=2), 3).tobytes()
    assert first == again
    assert first != other


def test_rest_holds_two_microvolts_between_20_and_450_hz_with_the_spectrum_of_surface_emg():
    # Stegeman-Hermens, 60 and 120 Hz, over 0-500 Hz: median 94.76 Hz
    signal = played(load_scenario("rest"), 120)
    f, power = welch(signal, sfreq=1000)
    band = (f >= 20) & (f <= 450)
    assert np.sqrt(power[band].sum()) == pytest.approx(2.0, rel=0.01)
    assert median_frequency(f, power, low_hz=1, high_hz=500)[0] == pytest.approx(94.76, rel=0.01)


def test_hum_is_20_microvolts_at_50_hz_and_4_at_150_hz():
    f, power = welch(played(load_scenario("hum"), 60), sfreq=1000)
    for hz, rms_uv in ((50, 20.0), (150, 4.0)):
        line = (f >= hz - 3) & (f <= hz + 3)
        assert np.sqrt(power[line].sum()) == pytest.approx(rms_uv, rel=0.03)


def test_the_converter_cuts_off_and_rounds_to_its_steps():
    off = played(load_scenario("lead-off"), 12)
    assert off.max() == pytest.approx(1500, rel=1e-3)  # 3 V / 2 / gain 1000
    uno = played(load_scenario("uno-10-bit"), 3)
    step = 5.0 / 1023 / 200 * 1e6
    steps = np.diff(np.unique(uno)) / step
    np.testing.assert_allclose(steps, np.round(steps), atol=1e-9)


def test_a_ramp_goes_where_it_says_and_the_last_segment_holds():
    scenario = load_scenario("relaxing")
    signal = played(scenario, 80)
    for second, rms_uv in ((0, 9.93), (30, 5.93), (70, 2.0)):
        part = signal[second * 1000 : (second + 1) * 1000]
        assert part.std() == pytest.approx(rms_uv, rel=0.15)


def test_at_real_speed_it_hands_on_what_is_due_and_not_more():
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    source = SimulatedSource(load_scenario("rest"), clock=lambda: now[0], sleep=sleep)
    source.open()
    taken = 0
    while now[0] < 2.5:
        taken += sum(len(chunk.samples) for chunk in source.read(0.1))
        assert taken <= now[0] * 1000
    assert taken == pytest.approx(2500, abs=20)


def test_channels_of_a_scenario_are_independent():
    text = """
    [[channels]]
    label = "left"
    segments = [{ emg_uv = 5 }]
    [[channels]]
    label = "right"
    segments = [{ emg_uv = 5 }]
    """
    left, right = played(read_scenario(text, name="two", where="two"), 30).T
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.02


def test_the_truth_says_what_was_played():
    truth = load_scenario("lead-off").truth(30.0)
    segments = truth["channels"][0]["segments"]
    assert truth["simulated"] is True
    assert [s["lead"] for s in segments] == ["on", "off", "on"]
    assert [(s["start_s"], s["stop_s"]) for s in segments] == [(0, 10), (10, 25), (25, 30)]
    assert load_scenario("relaxing").truth(30.0)["channels"][0]["segments"][0]["emg_uv"] == [10, 6]
