import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from biofeedback.cli import main
from biofeedback.settings import BurstSettings, Settings, SignalSettings, save_settings

DATA = Path(__file__).parents[1] / "data"

# What acceptance checks and people's scripts read; more are allowed
KEYS = {"recording", "sfreq", "duration_s", "simulated", "unit", "channels", "annotations"}
CHANNEL_KEYS = {
    *("label", "band_hz", "valid_percent", "rms_uv", "arv_uv", "tension_uv", "mains_hz"),
    *("median_frequency_hz", "mean_frequency_hz", "mains_uv", "clipped_percent", "rest_uv"),
    *("resolution_floor_uv", "bursts", "relative_rest_time_percent", "emg_gaps_per_min"),
    "quality",
}
FLAGS = {"mains", "electrode_off", "saturated", "motion", "ecg", "gap"}


def analyzed(capsys: pytest.CaptureFixture[str], *words: object) -> dict:
    assert main(["analyze", *map(str, words), "--json"]) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    return json.loads(out)


def refused(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    """Return the one sentence on stderr; nothing may be on stdout."""
    assert main(["analyze", *map(str, words), "--json"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    last = err.strip().splitlines()[-1]
    assert last.startswith("biofeedback: ")
    return last


def simulated(tmp_path: Path, scenario: str, seconds: int) -> Path:
    path = tmp_path / f"{scenario}.csv"
    assert main(["simulate", scenario, str(path), "--seconds", str(seconds)]) == 0
    return path


def table(tmp_path: Path, samples: np.ndarray, header: str, sfreq: float = 1000.0) -> Path:
    path = tmp_path / "table.csv"
    t = np.arange(len(samples)) / sfreq
    rows = [
        ",".join([f"{now:.6f}", *(f"{value:.9g}" for value in row)])
        for now, row in zip(t, samples, strict=True)
    ]
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def noise(seconds: float, rms_uv: float = 5.0, channels: int = 1, seed: int = 0) -> np.ndarray:
    shape = (round(1000 * seconds), channels)
    return rms_uv * np.random.default_rng(seed).standard_normal(shape)


def test_the_object_has_the_keys_that_scripts_read(capsys, tmp_path):
    found = analyzed(capsys, simulated(tmp_path, "bursts", 20))
    assert set(found) >= KEYS
    (channel,) = found["channels"]
    assert set(channel) >= CHANNEL_KEYS
    assert not any(key.endswith("_counts") for key in channel)
    assert set(channel["tension_uv"]) == {"p10", "p50", "p90"}
    assert set(channel["quality"]) >= FLAGS
    assert channel["label"] == "forearm right"
    assert channel["band_hz"] == [20, 450]
    assert channel["bursts"] == 3
    assert (found["unit"], found["sfreq"], found["duration_s"]) == ("uV", 1000.0, 20.0)
    assert found["simulated"] is True
    assert found["recording"].endswith("bursts.csv")
    assert channel["resolution_floor_uv"] == pytest.approx(0.0229, rel=0.01)
    # neither a person nor a date
    assert not {"date", "person", "path"} & set(found)


def test_without_a_rest_threshold_rest_is_unknown_and_with_one_it_is_told(capsys, tmp_path):
    path = simulated(tmp_path, "bursts", 20)
    (without,) = analyzed(capsys, path)["channels"]
    (told,) = analyzed(capsys, path, "--rest-threshold-uv", 5)["channels"]
    for key in ("relative_rest_time_percent", "emg_gaps_per_min"):
        assert without.pop(key) is None
        assert told.pop(key) > 0
    assert without.pop("longest_sustained_s") is None
    assert told.pop("longest_sustained_s") == pytest.approx(2, abs=0.2)
    assert without == told


def test_numbers_have_six_significant_digits_and_what_is_unknown_is_null(capsys, tmp_path):
    path = table(tmp_path, noise(0.7), "time_s,EMG_uv")  # too short to settle
    assert main(["analyze", str(path), "--json"]) == 0
    text = capsys.readouterr().out
    assert "NaN" not in text
    (channel,) = json.loads(text)["channels"]
    for key in ("rms_uv", "arv_uv", "median_frequency_hz", "mains_hz", "rest_uv", "bursts"):
        assert channel[key] is None
    assert channel["tension_uv"] == {"p10": None, "p50": None, "p90": None}
    assert channel["valid_percent"] == 0
    found = analyzed(capsys, DATA / "game_0_1.txt")
    for channel in found["channels"]:
        for value in channel.values():
            if isinstance(value, float):
                assert value == float(f"{value:.6g}")


def test_the_window_chooses_what_is_told_of(capsys):
    words = (DATA / "bbcontractions.csv", "--sfreq", 1000, "--unit", "mV")
    rest = analyzed(capsys, *words, "--start", 1, "--stop", 8)
    held = analyzed(capsys, *words, "--start", 11, "--stop", 18)
    assert rest["channels"][0]["rms_uv"] == pytest.approx(5.727, rel=0.025)
    assert held["channels"][0]["rms_uv"] == pytest.approx(117.0, rel=0.025)
    assert rest["duration_s"] == held["duration_s"] == pytest.approx(40.4)
    assert rest["channels"][0]["valid_percent"] == 100.0


def test_the_narrow_band_is_asked_for_and_said(capsys):
    wide, narrow = (
        analyzed(capsys, DATA / "game_0_1.txt", "--band", band) for band in ("wide", "narrow")
    )
    assert narrow["channels"][0]["band_hz"] == [100, 200]
    assert narrow["channels"][0]["rms_uv"] < 0.7 * wide["channels"][0]["rms_uv"]


def test_the_settings_choose_the_band_and_what_a_contraction_is(capsys, tmp_path):
    path = simulated(tmp_path, "bursts", 20)
    settings = Settings(signal=SignalSettings(band="narrow"), bursts=BurstSettings(onset=90.0))
    save_settings(settings)
    (channel,) = analyzed(capsys, path)["channels"]
    assert channel["band_hz"] == [100, 200]
    assert channel["bursts"] == 0


def test_a_slow_recording_says_how_far_up_its_band_goes(capsys, tmp_path):
    path = table(tmp_path, noise(2), "time_s,EMG_uv", sfreq=250.0)
    (channel,) = analyzed(capsys, path)["channels"]
    assert channel["band_hz"] == [20, 112.5]


def test_counts_are_called_counts_and_have_no_threshold_in_microvolts(capsys, tmp_path):
    path = table(tmp_path, np.round(512 + noise(3, 20)), "time_s,A0")
    found = analyzed(capsys, path)
    assert found["unit"] == "counts"
    (channel,) = found["channels"]
    expected = {key.replace("_uv", "_counts") for key in CHANNEL_KEYS}
    assert set(channel) >= expected
    assert not any(key.endswith("_uv") for key in channel)
    assert channel["rms_counts"] == pytest.approx(20, rel=0.1)
    assert "name its sensor" in refused(capsys, path, "--rest-threshold-uv", 5)


def test_a_sensor_makes_microvolts_of_counts(capsys, tmp_path):
    path = table(tmp_path, np.round(512 + noise(3, 20)), "time_s,A0")
    found = analyzed(capsys, path, "--sensor", "myoware-2-raw")
    assert found["unit"] == "uV"
    (channel,) = found["channels"]
    assert channel["rms_uv"] == pytest.approx(20 * 24.44, rel=0.1)
    assert channel["resolution_floor_uv"] == pytest.approx(12.2, abs=0.05)
    said = refused(capsys, path, "--sensor", "myoware-2-raw", "--rest-threshold-uv", 5)
    assert "below what this sensor can resolve" in said
    assert "UNO R4" in said


def test_channels_in_counts_and_in_microvolts_each_have_their_own_keys(capsys, tmp_path):
    samples = np.column_stack((noise(3)[:, 0], np.round(512 + noise(3, 20, seed=1)[:, 0])))
    uv, counts = analyzed(capsys, table(tmp_path, samples, "time_s,EMG_uv,A0"))["channels"]
    assert uv["rms_uv"] == pytest.approx(5, rel=0.1)
    assert counts["rms_counts"] == pytest.approx(20, rel=0.1)


def test_an_envelope_has_no_band_and_may_come_slowly(capsys, tmp_path):
    level = np.round(300 + 50 * np.sin(np.arange(1500) / 50))[:, None]
    path = table(tmp_path, level, "time_s,ENV", sfreq=50.0)
    found = analyzed(capsys, path, "--sensor", "myoware-2-env")
    (channel,) = found["channels"]
    assert channel["band_hz"] is None
    assert channel["tension_counts"]["p50"] == pytest.approx(300, rel=0.1)
    assert "too slow for EMG" in refused(capsys, path)


def test_mains_and_heartbeats_are_taken_out_and_it_is_said(capsys, tmp_path):
    hum = simulated(tmp_path, "hum", 20)
    off, auto = (analyzed(capsys, hum, "--mains", mains) for mains in ("off", "auto"))
    assert off["mains_filter_hz"] is None
    assert auto["mains_filter_hz"] == 50
    assert off["channels"][0]["rms_uv"] > 15
    assert auto["channels"][0]["rms_uv"] == pytest.approx(2, rel=0.15)
    assert auto["channels"][0]["mains_hz"] == 50
    assert auto["channels"][0]["mains_uv"] == pytest.approx(20.4, rel=0.05)
    beats = analyzed(capsys, simulated(tmp_path, "ecg", 40))
    assert beats["heart"]["rate_per_min"] == pytest.approx(70, abs=2)
    (channel,) = beats["channels"]
    assert channel["rms_uv"] == pytest.approx(2, rel=0.1)
    assert channel["rms_with_heartbeat_uv"] > 2.5
    assert channel["quality"]["ecg"] > 50


def test_annotations_are_handed_on(capsys, tmp_path):
    found = analyzed(capsys, simulated(tmp_path, "bursts", 3))
    assert found["annotations"] == []


def test_a_cell_that_is_no_number_is_a_gap(capsys, tmp_path):
    path = table(tmp_path, noise(4), "time_s,EMG_uv")
    lines = path.read_text().splitlines()
    for i, word in zip((2000, 2001, 2002), ("nan", "", "inf"), strict=True):
        lines[i] = lines[i].split(",")[0] + "," + word
    path.write_text("\n".join(lines))
    (channel,) = analyzed(capsys, path)["channels"]
    assert channel["quality"]["gap"] == pytest.approx(25, abs=0.2)  # for a window after it, too
    assert channel["rms_uv"] == pytest.approx(5, rel=0.1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--start", "4", "--stop", "2"), "choose other times"),
        (("--start", "-1"), "choose other times"),
        (("--stop", "-1"), "choose other times"),
        (("--stop", "0"), "choose other times"),
        (("--start", "5"), "which lasts 5 s"),
        (("--start", "nan"), "choose other times"),
        (("--start", "inf"), "choose other times"),
        (("--stop", "nan"), "choose other times"),
        (("--rest-threshold-uv", "0.01"), "below what this sensor can resolve"),
        (("--rest-threshold-uv", "0"), "give one above 0"),
        (("--rest-threshold-uv", "-3"), "give one above 0"),
        (("--rest-threshold-uv", "nan"), "means nothing"),
        (("--rest-threshold-uv", "inf"), "means nothing"),
        (("--sfreq", "500"), "leave --sfreq out"),
        (("--sfreq", "-5"), "above 0"),
        (("--sensor", "lamp"), "no sensor called 'lamp'"),
        (("--board", "cray"), "no board called 'cray'"),
        (("--unit", "mV"), "leave --unit out"),
    ],
)
def test_bad_words_are_one_sentence_and_exit_1(capsys, tmp_path, words, said):
    path = simulated(tmp_path, "rest", 5)
    capsys.readouterr()
    assert said in refused(capsys, path, *words)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "no file"),
        (b"", "is empty"),
        (b"\x00\x01\x02" * 50, ".csv"),
        (b"time_s,EMG_uv\n", ".csv"),
        (b"time_s\n0\n1\n", "no column of EMG"),
        (b"time_s,EMG_uv\n0,1\n", "fewer than two samples"),
        (b"EMG_uv\n1\n2\n", "--sfreq"),
        (b"time_s,EMG_uv\n0,1\n0.1,2\n0.2,1\n0.3,2\n", "too slow for EMG"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence_and_exit_1(capsys, tmp_path, content, said):
    path = tmp_path / "x.csv"
    if content is not None:
        path.write_bytes(content)
    assert said in refused(capsys, path)


@pytest.mark.parametrize(
    "words",
    [(), ("x.csv", "--mains", "40"), ("x.csv", "--band", "broad"), ("x.csv", "--start", "soon")],
)
def test_wrong_usage_is_exit_2(words):
    with pytest.raises(SystemExit) as exit_:
        main(["analyze", *words])
    assert exit_.value.code == 2


@pytest.mark.parametrize("n", [2, 3, 700])
def test_a_recording_of_a_sample_or_two_has_figures_that_are_unknown(capsys, tmp_path, n):
    path = tmp_path / "x.csv"
    path.write_text("\n".join(["EMG_uv", *("12" * n)[:n]]) + "\n")
    (channel,) = analyzed(capsys, path, "--sfreq", 1000)["channels"]
    assert channel["rms_uv"] is None
    assert channel["valid_percent"] == 0


def test_people_read_the_same_in_words(capsys, tmp_path):
    path = simulated(tmp_path, "cervical-dystonia", 30)
    capsys.readouterr()
    assert main(["analyze", str(path), "--rest-threshold-uv", "5", "--mains", "50"]) == 0
    out = capsys.readouterr().out
    assert "SIMULATED" in out
    assert "Notches at 50 Hz" in out
    assert "splenius left: 98 % of the time is valid" in out
    assert "20–450 Hz" in out
    assert "coherence at 4–7 Hz 0." in out
    assert "nan" not in out


@pytest.mark.parametrize("seconds", [0.5, 1.4])
def test_what_is_unknown_is_never_printed_as_nan(capsys, tmp_path, seconds):
    path = table(tmp_path, noise(seconds, channels=2), "time_s,a_uv,b_uv")
    assert main(["analyze", str(path)]) == 0
    assert "nan" not in capsys.readouterr().out


@pytest.mark.parametrize("value", ["1e300", "-1.7e308"])
def test_numbers_as_large_as_can_be_end_without_a_traceback(tmp_path, value):
    path = tmp_path / "x.csv"
    path.write_text("\n".join(["EMG_uv", *([value, "1", "0"] * 1500)]) + "\n")
    command = [sys.executable, "-m", "biofeedback", "analyze", str(path), "--sfreq", "1000"]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr
    assert json.loads(done.stdout)["channels"][0]["rms_uv"] is None
