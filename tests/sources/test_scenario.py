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
    with pytest.raises(SourceNotFound, match=r"no scenario called 'joy'; choose one of: bursts"):
        load_scenario("joy")
    with pytest.raises(SourceNotFound, match="cannot be read"):
        load_scenario(str(tmp_path / "none.toml"))
    with pytest.raises(SourceNotFound, match="cannot be read"):
        load_scenario(str(tmp_path / "folder.toml" / ".." / "x.toml"))
