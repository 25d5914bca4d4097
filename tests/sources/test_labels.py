"""A channel is called after the muscle that its sensor is on, whatever the board calls it."""

import sys
from argparse import Namespace

import numpy as np
import pytest

from biofeedback.cli.source_words import source_options
from biofeedback.devices.flash import FIRMWARE
from biofeedback.errors import SettingsError
from biofeedback.recording.formats import read_recording
from biofeedback.recording.live import Recorder
from biofeedback.session import Session
from biofeedback.settings import BurstSettings, Settings, SignalSettings, SourceSettings
from biofeedback.sources import SourceOptions, open_source
from biofeedback.sources.line import BoardOptions, Line
from biofeedback.sources.text_board import TextBoard


def labels(said: tuple[str, ...], own: list[str]) -> list[str]:
    return BoardOptions(labels=said).labels_for(own)


def test_what_is_said_stands_for_what_the_board_calls_it():
    own = ["EMG 1", "EMG 2", "EMG 3"]
    assert labels((), own) == own
    assert labels(("masseter left",), own) == ["masseter left", "EMG 2", "EMG 3"]
    assert labels(("", "", "SCM right"), own) == ["EMG 1", "EMG 2", "SCM right"]
    assert labels(("a", "b", "c", "d"), own[:1]) == ["a"], "of a time with more sensors"


def test_no_two_channels_are_called_alike():
    assert labels(("EMG 2",), ["EMG 1", "EMG 2"]) == ["EMG 2", "EMG 2 (2)"]


def test_a_board_that_prints_bears_them_too():
    board = TextBoard(BoardOptions(sfreq=1000, labels=("trapezius left",)))
    assert board.recognise(b"left:1,right:2\nleft:3,right:4\n" * 20)
    streamed = board.begin(Line.__new__(Line))  # with a rate that is known, nothing is asked of it
    assert [channel.label for channel in streamed.channels] == ["trapezius left", "right"]


def test_the_terminal_takes_them_from_the_settings():
    settings = Settings(source=SourceSettings(labels=("masseter left",)))
    args = Namespace(sensor="", board="", sfreq=None, unit=None)
    assert source_options(args, settings, fast=False).labels == ("masseter left",)


def test_no_source_is_opened_with_both_sides_of_the_front_of_the_neck():
    options = SourceOptions(labels=("SCM left", "SCM right"))
    with pytest.raises(SettingsError, match="Never on both sides of the front of the neck"):
        open_source("serial:nowhere", options)


@pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")
def test_the_recording_of_a_board_names_the_muscles(emulated_board, tmp_path):
    rng = np.random.default_rng(1)
    board = emulated_board(FIRMWARE, analog_mv=2500 + 40 * rng.standard_normal((4000, 3)))
    said = ("forearm extensors left", "", "forearm extensors right")
    options = SourceOptions(sensor="myoware-2-raw", channels=3, labels=said)
    path = tmp_path / "sitting.edf"
    session = Session(
        open_source(f"serial:{board.port}", options),
        signal=SignalSettings(),
        seconds=3,
        sinks=[Recorder(path, signal=SignalSettings(), bursts=BurstSettings())],
    )
    for _readings in session.run():
        pass
    wanted = ["forearm extensors left", "EMG 2", "forearm extensors right"]
    assert [channel.label for channel in session.info.channels] == wanted
    assert [channel.label for channel in read_recording(path).info.channels] == wanted
