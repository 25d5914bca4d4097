import re
from pathlib import Path

import pytest

from biofeedback.errors import SettingsError, SourceNotFound
from biofeedback.sources.scenario import load_scenario, read_scenario

CHANNEL = '[[channels]]\nlabel = "neck"\n[[channels.segments]]\nemg_uv = 2\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            CHANNEL + "emg = 3\n",
            r"channels 1, segments 1: there is no key 'emg'; there are: .*emg_uv",
        ),
        ("colour = 1\n" + CHANNEL, "there is no key 'colour'"),
        (CHANNEL + "seconds = -1\n", r"seconds is -1, it must be a number from 0.001 to"),
        (CHANNEL + 'seconds = "two"\n', r"seconds is 'two'"),
        (CHANNEL + "seconds = true\n", r"seconds is True"),
        (CHANNEL.replace("2", "[1, 2, 3]"), r"emg_uv is \[1, 2, 3\], it must be a number or two"),
        (CHANNEL.replace("2", "nan"), r"emg_uv is nan"),
        ("sfreq = 50\n" + CHANNEL, r"sfreq is 50, it must be a number from 200"),
        ("seed = 1.5\n" + CHANNEL, "seed is 1.5, it must be a whole number"),
        ('sensor = "lamp"\n' + CHANNEL, "no sensor called 'lamp'"),
        ('sensor = "none"\n' + CHANNEL, "sensor must be one with a known gain"),
        ('board = "cray"\n' + CHANNEL, "no board called 'cray'"),
        (CHANNEL + 'lead = "loose"\n', r"lead is 'loose', it must be one of on, off"),
        ("heart_rate = 20\n" + CHANNEL, "heart_rate is 20, it must be a number from 30 to 200"),
        ("common_drive = 1\n" + CHANNEL, "common_drive is 1, it must be a number from 0 to 0.8"),
        ("weeks_since_injection = -1\n" + CHANNEL, "weeks_since_injection is -1, it must be"),
        ("bits = 7\n" + CHANNEL, "bits is 7, it must be a number from 8 to 24"),
        ("vref = 12\n" + CHANNEL, "vref is 12, it must be a number from 0.5 to 10"),
        ("lost_percent = 50\n" + CHANNEL, "lost_percent is 50, it must be a number from 0 to 45"),
        ("corrupt_percent = -1\n" + CHANNEL, "corrupt_percent is -1, it must be a number from"),
        ("frame_samples = 1.5\n" + CHANNEL, "frame_samples is 1.5, it must be a whole number"),
        ("lost_s = [[0, 1]]\n" + CHANNEL, "lost_s is 0, it must be a number from 0.001"),
        ("lost_s = [[2, 1]]\n" + CHANNEL, r"lost_s is \[\[2, 1\]\], it must be a list of pairs"),
        ("lost_s = 3\n" + CHANNEL, "lost_s is 3, it must be a list of pairs that rise"),
        ("lost_s = [3]\n" + CHANNEL, r"lost_s is \[3\], it must be a list of pairs that rise"),
        (CHANNEL + "mdf_hz = 20\n", "mdf_hz is 20, it must be a number from 40 to 180"),
        ("sfreq = 500\n" + CHANNEL + "mdf_hz = 90\n", "mdf_hz .* left out where sfreq is below"),
        (CHANNEL + "tremor_hz = 0\n", "tremor_hz is 0, it must be a number from 1 to 20"),
        (CHANNEL + "tremor_depth = 2\n", "tremor_depth is 2, it must be a number from 0 to 1"),
        (CHANNEL + "trick = 1.5\n", "trick is 1.5, it must be a number from 0 to 1"),
        (CHANNEL + "ecg_uv = -3\n", "ecg_uv is -3, it must be a number from 0 to 100000"),
        (CHANNEL + "motion_uv = true\n", "motion_uv is True, it must be a number from 0"),
        (CHANNEL + 'motion = "dance"\n', "motion is 'dance', it must be one of swing, tap, both"),
        (CHANNEL + "motion_per_minute = 60\n", "motion_per_minute is 60, it must be a number from"),
        (
            CHANNEL + "seconds = 3\nmotion_at_s = 4\n[[channels.segments]]\n",
            "segments 1: motion_at_s is 4, it must be a number from 0 to 3",
        ),
        (
            CHANNEL + "mains_wander_hz = 2\n",
            "mains_wander_hz is 2, it must be a number from 0 to 1",
        ),
        ("sfreq = 1000\n", r"there are no channels; give one or more tables headed"),
        ("channels = 3\n", "channels is 3"),
        ("this is not toml", "is not TOML"),
    ],
)
def test_what_is_wrong_in_a_scenario_is_named_with_what_it_may_be(text: str, said: str):
    with pytest.raises(SettingsError, match=said):
        read_scenario(text, name="x", where="x.toml")


def test_a_file_of_ones_own_is_read(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text(CHANNEL)
    assert load_scenario(str(path)).info.channels[0].label == "neck"


def test_a_scenario_that_is_not_there_is_said_with_those_that_are(tmp_path: Path):
    with pytest.raises(SourceNotFound, match=r"no scenario called 'joy'; choose one of: breath"):
        load_scenario("joy")
    with pytest.raises(SourceNotFound, match="cannot be read"):
        load_scenario(str(tmp_path / "none.toml"))
    with pytest.raises(SourceNotFound, match="cannot be read"):
        load_scenario(str(tmp_path / "folder.toml" / ".." / "x.toml"))


def keys_of(level: str) -> set[str]:
    """Return the keys that a wrong one is answered with."""
    text = f"x = 1\n{CHANNEL}" if level == "file" else CHANNEL
    text = text.replace("label", "x = 1\nlabel") if level == "channel" else text
    text += "x = 1\n" if level == "segment" else ""
    with pytest.raises(SettingsError) as error:
        read_scenario(text, name="x", where="x.toml")
    return set(str(error.value).partition("there are: ")[2].rstrip(".").split(", "))


@pytest.mark.parametrize(
    ("level", "heading"),
    [("file", "The file"), ("channel", "A channel"), ("segment", "A segment")],
)
def test_every_key_stands_in_the_docs_and_no_other(level: str, heading: str):
    page = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text("utf-8")
    section = page.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == keys_of(level)


def test_bits_and_reference_are_those_that_were_given():
    text = 'sensor = "myoware-2-raw"\nboard = "uno-r4"\nbits = 12\nvref = 3.0\n'
    channel = read_scenario(text + CHANNEL, name="x", where="x.toml").info.channels[0]
    assert channel.step == pytest.approx(3.0 / 4095 / 200 * 1e6)
    plux = read_scenario("bits = 12\n" + CHANNEL, name="x", where="x.toml").info.channels[0]
    assert plux.step == pytest.approx(3.0 / 4096 / 1000 * 1e6)  # full scale is 2^bits there
