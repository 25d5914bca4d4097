import itertools

import numpy as np
import pytest

from biofeedback.dsp.spectrum import median_frequency, welch
from biofeedback.sources.muscle.play import Player
from biofeedback.sources.scenario import builtin_scenarios, load_scenario, read_scenario
from biofeedback.sources.simulated import SimulatedSource
from biofeedback.stream import Chunk


def played(scenario, seconds: int) -> np.ndarray:
    """Return microvolts."""
    source = SimulatedSource(scenario, fast=True)
    source.open()
    counts = np.concatenate([source.read(0)[0].samples for _second in range(seconds)])
    channels = source.info.channels
    return counts * [c.gain for c in channels] + [c.offset for c in channels]


PROMISED = """
rest tense relaxing bursts cervical-dystonia ecg hum lead-off uno-10-bit fatigue motion everyday
"""


@pytest.mark.parametrize("name", PROMISED.split())
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


EVERYTHING = """
sfreq = 500
heart_rate = 90
common_drive = 0.4
weeks_since_injection = 4
lost_percent = 3
corrupt_percent = 2
lost_s = [[2.5, 5.25], [7.9, 8.0]]
[[channels]]
label = "left"
[[channels.segments]]
seconds = 3.3
emg_uv = [5, 80]
tremor_depth = 0.5
ecg_uv = 50
mains_uv = [10, 3]
[[channels.segments]]
emg_uv = 10
motion_uv = 300
motion_per_minute = 20
trick = 0.5
[[channels]]
label = "right"
[[channels.segments]]
seconds = 6
emg_uv = 20
ecg_uv = 10
[[channels.segments]]
lead = "off"
"""


def everything():
    return read_scenario(EVERYTHING, name="everything", where="everything")


def taken(source: SimulatedSource, seconds: float, clock=None) -> list[Chunk]:
    """Return what arrives up to `seconds`, in chunks as they come."""
    source.open()
    end = round(seconds * source.info.sfreq)
    chunks: list[Chunk] = []
    while not chunks or chunks[-1].stop < end:
        chunks += source.read(clock() if clock else 0.0)
    return chunks


def by_index(chunks: list[Chunk], end: int) -> np.ndarray:
    """Return the counts ``(end, n_channels)``, NaN where nothing arrived."""
    counts = np.full((end, chunks[0].samples.shape[1]), np.nan)
    for chunk in chunks:
        assert np.isnan(counts[chunk.start : chunk.stop]).all()
        counts[chunk.start : chunk.stop] = chunk.samples[: max(0, end - chunk.start)]
    return counts


def test_at_whatever_pace_it_is_read_the_bits_are_the_same_with_the_same_gaps():
    fast = SimulatedSource(everything(), fast=True)
    whole = by_index(taken(fast, 12), 6000)
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    rng = np.random.default_rng(0)
    paced = SimulatedSource(everything(), clock=lambda: now[0], sleep=sleep)
    chunks = taken(paced, 12, clock=lambda: float(rng.choice([0.001, 0.01, 0.3])))
    assert len(chunks) > 500
    np.testing.assert_array_equal(by_index(chunks, 6000), whole)
    assert paced.corrupt_frames == fast.corrupt_frames > 0


def test_any_second_can_be_made_at_will():
    inorder, atwill = Player(everything()), Player(everything())
    expected = [inorder.second(block) for block in range(10)]
    for block in (7, 2, 9, 2, 0, 5):
        np.testing.assert_array_equal(atwill.second(block), expected[block])


def test_what_is_lost_is_what_the_truth_says():
    scenario = everything()
    source = SimulatedSource(scenario, fast=True)
    gone = np.isnan(by_index(taken(source, 60), 30_000)).all(axis=1)
    truth = scenario.truth(60.0)
    told = np.zeros(30_000, dtype=bool)
    for start, stop in truth["lost"]:
        told[start:stop] = True
    np.testing.assert_array_equal(gone, told)
    assert all(b[0] > a[1] for a, b in itertools.pairwise(truth["lost"]))
    assert gone[1250:2625].all()
    assert source.corrupt_frames == len(truth["corrupt_frames"])
    assert not any(2.5 <= start / 500 < 5.25 - 16 / 500 for start in truth["corrupt_frames"])
    for start in truth["corrupt_frames"]:
        assert start % 16 == 0
        assert gone[start : start + 16].all()


def test_frames_are_lost_and_corrupt_as_often_as_asked():
    text = "lost_percent = 3\ncorrupt_percent = 2\nframe_samples = 10\n" + ONE
    truth = read_scenario(text, name="x", where="x").truth(1000.0)
    lost = sum(stop - start for start, stop in truth["lost"])
    # 100 000 frames: SD 0.07 and 0.04 %
    assert lost / 1e6 == pytest.approx(0.05, abs=0.003)
    assert len(truth["corrupt_frames"]) / 1e5 == pytest.approx(0.02, abs=0.002)


ONE = "[[channels]]\nsegments = [{ emg_uv = 2 }]\n"


@pytest.mark.parametrize("sfreq", [200, 1000])
def test_time_begins_with_the_first_sample_whatever_is_lost(sfreq: int):
    text = f"sfreq = {sfreq}\nlost_percent = 45\ncorrupt_percent = 45\nlost_s = [[0.001, 3]]\n"
    for seed in range(20):
        scenario = read_scenario(text + ONE, name="x", where="x", seed=seed)
        first, second = itertools.islice(taken(SimulatedSource(scenario, fast=True), 5), 2)
        assert (first.start, first.stop) == (0, 1)
        assert second.start >= 3 * sfreq


def test_the_first_frame_arrives_however_many_are_lost():
    text = "lost_percent = 45\ncorrupt_percent = 45\n" + ONE
    for seed in range(20):
        truth = read_scenario(text, name="x", where="x", seed=seed).truth(1.0)
        assert truth["lost"][0][0] >= truth["frame_samples"]
        assert 0 not in truth["corrupt_frames"]


def test_while_samples_are_lost_nothing_arrives():
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    text = "lost_s = [[1, 3.5]]\n" + ONE
    scenario = read_scenario(text, name="x", where="x")
    source = SimulatedSource(scenario, clock=lambda: now[0], sleep=sleep)
    source.open()
    arrived: list[tuple[float, int]] = []
    while now[0] < 4:
        arrived += [(now[0], chunk.start) for chunk in source.read(0.05)]
    assert [at_s for at_s, _start in arrived if 1.05 < at_s < 3.5] == []
    assert all(start < 1000 or start >= 3500 for _at_s, start in arrived)
