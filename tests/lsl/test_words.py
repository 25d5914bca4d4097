"""What is said on the command line and in the settings, and what comes of it."""

import json
import subprocess
import sys

import numpy as np
import pytest
from lsl_streams import pulled, pylsl, received

from biofeedback.cli import main
from biofeedback.display.sitting.choice import Choice
from biofeedback.display.sitting.sitting import Sitting
from biofeedback.display.sitting.whose import Whose
from biofeedback.errors import SettingsError
from biofeedback.outlets import make_outlets
from biofeedback.outlets.lsl import LslOutlet
from biofeedback.outlets.osc import OscOutlet
from biofeedback.settings import LslSettings, OscSettings, Settings, save_settings
from biofeedback.sources import SourceOptions


@pytest.fixture
def running(name):
    """A program that streams a session as `name`."""
    words = ["live", "sim:rest", "--seconds", "60", "--threshold-uv", "5", "--lsl", name, "--json"]
    with subprocess.Popen(
        [sys.executable, "-m", "biofeedback", *words], stdout=subprocess.DEVNULL
    ) as program:
        try:
            assert pylsl.resolve_byprop("name", f"{name}-notes", timeout=20)  # the last of them
            yield name
        finally:
            program.terminate()


def test_live_streams_a_session_with_its_tension(running):
    signal, tension = received(running), received(running, "-tension")
    rows, stamps = pulled(tension, 50)
    assert 1.5 < np.nanmean(rows[-10:, 0]) < 2.5  # a muscle at rest
    assert (rows[-10:, 2] == 1).all()  # relaxed
    assert pulled(signal, 1000)[0].std() > 1
    assert np.diff(stamps).min() > 0.03


def test_a_session_that_is_streamed_is_read_as_a_session(running, capsys):
    assert main(["live", f"lsl:{running}", "--seconds", "2", "--json"]) == 0
    summary = json.loads(capsys.readouterr().out.splitlines()[-1])["summary"]
    assert summary["source"] == f"lsl:{running}"
    assert (summary["samples"], summary["lost"], summary["simulated"]) == (2000, 0, True)


def test_streams_stand_among_the_devices(name, capsys):
    info = pylsl.StreamInfo(name, "EMG", 2, 1000.0, pylsl.cf_float32, "amp")
    outlet = pylsl.StreamOutlet(info)
    assert main(["devices", "--json"]) == 0
    rows = {row["name"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    row = rows[f"lsl:{name}"]
    assert (row["kind"], row["channels"], row["sfreq"]) == ("EMG", 2, 1000.0)
    del outlet


@pytest.mark.parametrize("words", [["--lsl"], ["--osc", ":9000"]])
def test_what_does_not_keep_to_the_clock_is_not_sent(words, capsys):
    assert main(["live", "sim:rest", "--fast", *words]) == 1
    assert "leave --fast out" in capsys.readouterr().err
    save_settings(Settings(lsl=LslSettings("x"), osc=OscSettings(":9000")))
    assert main(["live", "sim:rest", "--fast", "--seconds", "1", "--json"]) == 0


def test_the_settings_ask_for_both_and_none_by_themselves(name):
    assert make_outlets(Settings()) == []
    both = make_outlets(Settings(lsl=LslSettings(name), osc=OscSettings(":9000")))
    assert [type(outlet) for outlet in both] == [LslOutlet, OscOutlet]
    with pytest.raises(SettingsError, match="give HOST:PORT"):
        make_outlets(Settings(osc=OscSettings("lamp")))


def test_the_window_streams_by_its_settings_and_goes_on_where_they_cannot_be(name):
    choice = Choice("sim:rest", SourceOptions())
    sitting = Sitting(choice, Settings(lsl=LslSettings(name)), whose=Whose())
    assert pulled(received(name, "-tension"), 10)[0].shape == (10, 5)
    sitting.end()
    sitting = Sitting(choice, Settings(osc=OscSettings("lamp")), whose=Whose())
    assert "OSC cannot be sent to 'lamp'" in sitting.news()
    sitting.end()
    assert sitting.session.error is None
