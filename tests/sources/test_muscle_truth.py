"""The truth beside a simulated recording."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from biofeedback.cli import main
from biofeedback.recording.formats import read_recording
from biofeedback.sources.scenario import builtin_scenarios, load_scenario, read_scenario
from biofeedback.sources.simulated import SimulatedSource


def truth_of(segments: str, seconds: float, root: str = "") -> dict:
    """Return the truth of the only channel."""
    scenario = read_scenario(f"{root}[[channels]]\n{segments}", name="x", where="x.toml")
    return scenario.truth(seconds)["channels"][0]


def segment(**keys: object) -> str:
    lines = [f"{key} = {json.dumps(value)}" for key, value in keys.items()]
    return "\n".join(["[[channels.segments]]", *lines, ""])


@pytest.mark.parametrize("name", builtin_scenarios())
@pytest.mark.parametrize("seconds", [0.5, 100.25, 1000.0])
def test_the_truth_of_every_scenario_is_plain_and_within_its_time(name: str, seconds: float):
    truth = json.loads(json.dumps(load_scenario(name).truth(seconds), allow_nan=False))
    for channel in truth["channels"]:
        assert channel["segments"][0]["start_s"] == 0
        assert channel["segments"][-1]["stop_s"] == pytest.approx(seconds)
        for part in (*channel["segments"], *channel["bursts"], *channel["intervals"]):
            assert 0 <= part["start_s"] < part["stop_s"] <= seconds + 1e-6


def test_flags_stand_in_one_list_from_when_to_when_and_how_strong():
    text = (
        segment(seconds=5, emg_uv=2, mains_uv=[3, 0, 4])
        + segment(seconds=5, emg_uv=2, ecg_uv=70, motion_uv=200, motion_at_s=1, motion="tap")
        + segment(lead="off")
    )
    channel = truth_of(text, 12.0, "lost_s = [[3, 3.5]]\n")
    found = [(i["flag"], i["start_s"], i["uv"]) for i in channel["intervals"]]
    assert found[:5] == [
        ("mains", 0, 5),
        ("gap", 3, None),
        ("ecg", 5, 70),
        ("motion", 6, 200),
        ("electrode_off", 10, None),
    ]
    assert [flag for flag, *_rest in found[5:]] == ["saturated"]
    assert found[5][1] == pytest.approx(10.05, abs=0.05)  # once it has drifted there
    stops = [i["stop_s"] for i in channel["intervals"]]
    assert stops[:3] == [5, 3.5, 10]
    assert stops[4:] == [12, 12]


def test_saturation_is_where_the_converter_was_at_its_limits():
    text = "sfreq = 500\n[[channels]]\noffset_uv = 700\n"
    text += segment(seconds=20, emg_uv=20) + segment(seconds=4, emg_uv=400)
    text += segment(seconds=20, emg_uv=20)
    scenario = read_scenario(text, name="x", where="x.toml")
    source = SimulatedSource(scenario, fast=True)
    source.open()
    counts = np.concatenate([source.read(0)[0].samples for _second in range(44)])[:, 0]
    low, high = scenario.info.channels[0].rails
    (at,) = np.nonzero((counts <= low) | (counts >= high))
    intervals = scenario.truth(44.0)["channels"][0]["intervals"]
    assert {interval["flag"] for interval in intervals} == {"saturated"}
    assert intervals[0]["start_s"] == at[0] / 500
    assert intervals[-1]["stop_s"] == (at[-1] + 1) / 500
    inside = np.zeros(len(counts), dtype=bool)
    for interval in intervals:
        inside[round(interval["start_s"] * 500) : round(interval["stop_s"] * 500)] = True
    assert inside[at].all()
    assert 20 <= at[0] / 500 < 20.5


def test_contractions_are_told_by_the_script():
    assert [
        (b["start_s"], b["stop_s"])
        for b in load_scenario("bursts").truth(30.0)["channels"][0]["bursts"]
    ] == [(4, 6), (10, 12), (16, 18), (22, 24), (28, 30)]
    ramps = segment(seconds=9, emg_uv=[2, 20]) + segment(seconds=9, emg_uv=[20, 2])
    # five times 2 uV is reached after 4 s, half of that on the way back after 7.5 s of 9
    assert truth_of(ramps, 30.0)["bursts"] == [{"start_s": 4.0, "stop_s": 16.5}]
    assert truth_of(ramps, 12.0)["bursts"] == [{"start_s": 4.0, "stop_s": 12.0}]
    assert truth_of(segment(emg_uv=0), 5.0)["bursts"] == []


def test_the_clean_level_of_a_segment_is_the_root_of_its_mean_square():
    text = segment(seconds=30, emg_uv=[6, 12], ecg_uv=50) + segment(seconds=5, emg_uv=[10, 4])
    first, last = truth_of(text, 45.0)["segments"]
    assert first["clean_rms_uv"] == pytest.approx(math.sqrt((36 + 72 + 144) / 3))
    squares = 5 * (100 + 40 + 16) / 3 + 10 * 16  # a ramp of 5 s, then 10 s of its end
    assert last["clean_rms_uv"] == pytest.approx(math.sqrt(squares / 15))


def test_tricks_and_toxin_are_told_and_are_in_the_level():
    text = segment(seconds=10, emg_uv=20) + segment(seconds=5, emg_uv=20, trick=0.5)
    scenario = read_scenario(
        f"weeks_since_injection = 3\n[[channels]]\nlabel = 'neck'\n{text}{segment(emg_uv=20)}",
        name="x",
        where="x.toml",
    )
    truth = scenario.truth(60.0)
    assert truth["annotations"] == [
        {"onset_s": 10.0, "duration_s": 5.0, "text": "sensory trick, neck"}
    ]
    assert truth["toxin_factor"] == pytest.approx(3 / 8.3)
    levels = [s["emg_uv"][0] for s in truth["channels"][0]["segments"]]
    assert levels == pytest.approx([20 * 3 / 8.3, 10 * 3 / 8.3, 20 * 3 / 8.3])


def test_lost_samples_are_rows_that_the_recording_does_not_have(tmp_path: Path):
    scenario, out = tmp_path / "gaps.toml", tmp_path / "gaps.csv"
    scenario.write_text(
        "lost_percent = 2\ncorrupt_percent = 1\nlost_s = [[4, 6.5], [9.5, 11]]\n"
        f"[[channels]]\n{segment(emg_uv=2)}"
    )
    assert main(["simulate", str(scenario), str(out), "--seconds", "10"]) == 0
    truth = json.loads((tmp_path / "gaps.csv.truth.json").read_text())
    recording = read_recording(out)
    chunks = list(recording.chunks)
    edges = [0, *(edge for chunk in chunks for edge in (chunk.start, chunk.stop)), 10_000]
    gaps = [[a, b] for a, b in zip(edges[::2], edges[1::2], strict=True) if b > a]
    assert gaps == truth["lost"]
    assert len(gaps) > 10
    assert gaps[-1][1] == 10_000
    told = [i for i in truth["channels"][0]["intervals"] if i["flag"] == "gap"]
    assert [[round(1000 * i["start_s"]), round(1000 * i["stop_s"])] for i in told] == gaps
