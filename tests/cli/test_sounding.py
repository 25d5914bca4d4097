import argparse
import math
from pathlib import Path
from typing import ClassVar

import pytest

from biofeedback.cli import main, sounding
from biofeedback.cli.sounding import Sounding
from biofeedback.display.sitting import by_ear
from biofeedback.display.sitting.by_ear import ByEar
from biofeedback.session import Session
from biofeedback.settings import SignalSettings, SoundSettings
from biofeedback.sound.heard import Mapping, Told
from biofeedback.sources import SourceOptions, open_source
from biofeedback.stream import Zone
from biofeedback.training.protocol_file import load_protocol
from biofeedback.training.trainer import Trainer

SHORT = """
title = "Short"
summary = "A baseline, a trial."
mode = "below"
[[phases]]
name = "Baseline"
kind = "baseline"
seconds = 20
feedback = "off"
instruction = "Sit still."
[[phases]]
name = "Trial"
kind = "trial"
seconds = 10
feedback = "on"
instruction = "Let go."
"""


class Player:
    """Keeps what it is told."""

    made: ClassVar["list[Player]"] = []

    def __init__(self, mapping: Mapping, **words) -> None:
        self.mapping, self.words = mapping, words
        self.told: list[Told] = []
        self.notes: list[str] = []
        self.state = "made"
        self.made.append(self)

    def start(self) -> None:
        self.state = "started"

    def stop(self) -> None:
        self.state = "stopped"

    def tell(self, told: Told) -> None:
        self.notes = ["There is no loudspeaker."]
        self.told.append(told)


class Speaker:
    """Keeps what it is to say."""

    said: ClassVar[list[str]] = []

    def __init__(self) -> None:
        self.notes: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)

    def stop(self, *, patience_s: float) -> None:
        assert patience_s > 1
        self.notes.append("Nothing here can speak.")


class Silent:
    """A printer that prints nothing."""

    def show(self, *_words) -> None: ...

    def end(self, *_words) -> None: ...


@pytest.fixture(autouse=True)
def nothing_sounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_ear, "Player", Player)
    monkeypatch.setattr(by_ear, "Speaker", Speaker)
    Player.made.clear()
    Speaker.said.clear()


def test_live_sounds_as_it_is_told_to_until_it_ends(capsys):
    words = ["live", "sim:tense", "--seconds", "1.5", "--threshold-uv", "10", "--sound", "pitch"]
    assert main(words) == 0
    (player,) = Player.made
    assert player.mapping is Mapping.PITCH
    assert player.words == {"volume": 1.0, "cap_dbfs": -24.0, "music_folder": None}
    assert player.state == "stopped"
    assert player.told[0].zone is Zone.UNKNOWN
    assert player.told[-1].zone is Zone.TENSE
    assert player.told[-1].tension > player.told[-1].threshold == 10.0
    assert capsys.readouterr().err.count("There is no loudspeaker.") == 1


def test_the_settings_hold_where_nothing_is_said(settings_of_its_own: Path):
    settings_of_its_own.write_text("[sound]\nmapping = 'music'\nmusic_folder = '/m'\nvolume = 0.5")
    assert main(["live", "sim:tense", "--seconds", "0.2"]) == 0
    (player,) = Player.made
    assert player.mapping is Mapping.MUSIC
    assert player.words == {"volume": 0.5, "cap_dbfs": -24.0, "music_folder": Path("/m")}
    assert main(["live", "sim:tense", "--seconds", "0.2", "--sound", "off"]) == 0
    assert len(Player.made) == 1


def test_what_does_not_keep_to_the_clock_is_not_heard(capsys):
    assert main(["live", "sim:tense", "--seconds", "1", "--fast", "--sound", "pitch"]) == 1
    assert "--sound keeps to the clock" in capsys.readouterr().err
    args = argparse.Namespace(fast=True, sound=None)
    printer = Silent()
    with sounding.sounding(args, SoundSettings(mapping="pitch", speech="on"), printer) as same:
        assert same is printer


def test_a_training_is_heard_where_it_lets_the_person_know_and_its_cues_are_spoken(
    tmp_path: Path, capsys
):
    path = tmp_path / "short.toml"
    path.write_text(SHORT)
    protocol = load_protocol(str(path))
    session = Session(
        open_source("sim:rest", SourceOptions(fast=True)),
        signal=SignalSettings(),
        seconds=40,
        trainer=lambda info: Trainer(protocol, info, answers=False),
    )
    printer = Sounding(Silent(), ByEar(SoundSettings(mapping="when-relaxed", speech="on")))
    for readings in session.run():
        printer.show(session, readings)
    printer.end(session)
    printer.stop()
    (player,) = Player.made
    zones = [told.zone for told in player.told]
    assert {Zone.UNKNOWN, Zone.RELAXED} <= set(zones)
    assert set(zones[: zones.index(Zone.RELAXED)]) <= {Zone.UNKNOWN, Zone.TENSE}
    assert Speaker.said[0] == "Sit still."
    assert "Let go." in Speaker.said
    assert Speaker.said[-1] == session.trainer.events[-1].text
    assert capsys.readouterr().err.splitlines() == [
        "There is no loudspeaker.",
        "Nothing here can speak.",
    ]


def test_what_is_paused_is_not_heard():
    session = Session(
        open_source("sim:tense", SourceOptions(fast=True)), signal=SignalSettings(), seconds=4
    )
    heard = ByEar(SoundSettings(mapping="pitch"))
    for _readings in session.run():
        heard.follow(session)
        session.paused = session.duration_s > 2
    (player,) = Player.made
    tensions = [told.tension for told in player.told]
    assert tensions[len(tensions) // 2] > 1  # without a threshold
    assert math.isnan(tensions[-1])
