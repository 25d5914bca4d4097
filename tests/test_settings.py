import os
from dataclasses import replace
from pathlib import Path

import pytest

from biofeedback.errors import SettingsError
from biofeedback.settings import Settings, SourceSettings, load_settings, save_settings


def test_without_a_file_the_defaults_hold(settings_of_its_own: Path):
    assert load_settings() == Settings()


def test_what_is_saved_is_read_back(settings_of_its_own: Path):
    settings = Settings()
    settings = replace(settings, display=replace(settings.display, palette="dark", font_scale=2.0))
    labels = ("trapezius left", "", "Zähne zusammen")
    source = SourceSettings("myoware-2-raw", "uno", "/dev/ttyACM0", "7523", 3, labels)
    settings = replace(settings, source=source)
    save_settings(settings)
    assert load_settings() == settings


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[signal]\nband = 'broad'", r"signal.band is 'broad', it may be one of wide, narrow"),
        ("[signal]\nunsettled_s = 0.1", r"signal.unsettled_s is 0.1, it may be a number from 0.75"),
        ("[signal]\nhysteresis = true", "signal.hysteresis is True"),
        ("[signal]\nspeed = 1", r"there is no 'signal.speed'; there are: band"),
        ("[source]\nsensor = 3", "a text in quotes"),
        ("[source]\nchannels = 7", "source.channels is 7, it may be a whole number from 1 to 6"),
        ("[source]\nchannels = 1.5", "a whole number"),
        ("[source]\nlabels = 'jaw'", "source.labels is 'jaw', it may be a list of up to 16 texts"),
        ("[source]\nlabels = ['jaw', 3]", "a list of up to 16 texts"),
        ('[source]\nlabels = ["jaw\\nleft"]', "texts in quotes"),
        (f"[source]\nlabels = {[''] * 17}", "a list of up to 16 texts"),
        (f"[source]\nlabels = ['{'a' * 81}']", "of up to 80 letters each"),
        ("[lamp]\n", r"'lamp' is not a table of settings; there are: signal"),
        ("signal = 3", "'signal' is not a table"),
        ("[signal", "cannot be read"),
    ],
)
def test_what_is_wrong_is_named_with_what_it_may_be(settings_of_its_own: Path, text, said):
    settings_of_its_own.write_text(text)
    with pytest.raises(SettingsError, match=said):
        load_settings()


def test_settings_that_cannot_be_kept_are_said_so(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="cannot be kept"):
        save_settings(Settings(), tmp_path / "file" / "settings.toml")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such files")
def test_no_device_and_no_pipe_is_replaced_by_settings(tmp_path: Path):
    pipe = tmp_path / "settings.toml"
    os.mkfifo(pipe)
    with pytest.raises(SettingsError, match="cannot be kept"):
        save_settings(Settings(), pipe)
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]
