import math
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from null_sink import wait_until, write_wav
from numpy.typing import NDArray

from biofeedback.errors import SoundError
from biofeedback.sound import player as player_module
from biofeedback.sound.heard import Mapping, Told
from biofeedback.sound.player import STALE_AFTER_S, Player
from biofeedback.sound.synth import SFREQ
from biofeedback.stream import Zone

TENSE = Told(10.0, 5.0, Zone.TENSE)
Render = Callable[[int], NDArray[np.float64]]


class Device:
    """Asks for samples when it is told to."""

    def __init__(self, render: Render) -> None:
        self.render, self.played, self.closed = render, 0, False

    def play(self, n: int) -> NDArray[np.float64]:
        self.played += n
        return self.render(n)

    def close(self) -> None:
        self.closed = True


class Devices:
    """Opens a `Device` each time; the first `missing` times there is none."""

    def __init__(self, missing: int = 0) -> None:
        self.opened: list[Device] = []
        self._missing = missing
        self.some = threading.Event()

    def __call__(self, render: Render) -> Device:
        if self._missing:
            self._missing -= 1
            raise SoundError("No device.")
        self.opened.append(Device(render))
        self.some.set()
        return self.opened[-1]


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(player_module, "missing_package", lambda: "")
    monkeypatch.setattr(player_module, "_RETRY_S", 0.01)


def a_player(devices: Devices, mapping: Mapping = Mapping.PITCH, **words) -> Player:
    return Player(mapping, volume=1.0, cap_dbfs=-24.0, open_output=devices, **words)


def begun(devices: Devices) -> Player:
    player = a_player(devices)
    player.start()
    assert devices.some.wait(20)
    return player


def test_it_sounds_while_it_is_told_and_is_silent_before():
    devices = Devices()
    player = begun(devices)
    device = devices.opened[0]
    assert not device.play(4800).any()
    player.tell(TENSE)
    assert device.play(4800).any()
    player.tell(Told(math.nan, 5.0))
    device.play(4800)
    assert not device.play(4800).any()
    player.stop()
    assert device.closed


def test_what_was_told_last_is_not_heard_for_ever():
    devices = Devices()
    player = begun(devices)
    device = devices.opened[0]
    player.tell(TENSE)
    device.play(round(STALE_AFTER_S * SFREQ) - 480)
    assert device.play(480).any()
    device.play(4800)
    assert not device.play(4800).any()
    player.tell(TENSE)  # the same once more
    assert device.play(4800).any()
    player.stop()


def test_it_fades_out_when_it_stops():
    devices = Devices()
    player = begun(devices)
    device = devices.opened[0]
    player.tell(TENSE)
    device.play(4800)
    player.stop()
    player.tell(TENSE)
    tail = device.play(9600)
    assert tail[0].any()
    assert not tail[4800:].any()


def test_a_missing_package_is_said_once_and_there_is_no_sound(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(player_module, "missing_package", lambda: "Install it.")
    devices = Devices()
    player = a_player(devices)
    player.start()
    player.tell(TENSE)
    player.stop()
    assert player.notes == ["Install it."]
    assert not devices.opened


def test_it_knows_why_nothing_is_heard_for_as_long_as_that_is_so(monkeypatch: pytest.MonkeyPatch):
    heard = begun(Devices(missing=3))
    heard.stop()
    assert heard.notes == ["No device."]
    assert heard.why_silent == ""
    monkeypatch.setattr(player_module, "missing_package", lambda: "Install it.")
    silent = a_player(Devices())
    silent.start()
    silent.stop()
    assert silent.why_silent == "Install it."


def test_without_a_device_it_is_said_once_and_tried_again():
    devices = Devices(missing=3)
    player = begun(devices)
    assert player.notes == ["No device."]
    player.tell(TENSE)
    assert devices.opened[0].play(4800).any()
    player.stop()


def test_a_device_that_has_gone_is_said_and_another_opened_from_silence(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(player_module, "_GONE_AFTER_S", 0.5)
    devices = Devices()
    player = begun(devices)
    player.tell(TENSE)
    assert np.abs(devices.opened[0].play(4800)[-480:]).max() > 0.01
    wait_until(lambda: len(devices.opened) > 1)  # nothing more was asked for
    player.tell(TENSE)
    assert np.abs(devices.opened[1].play(4)).max() < 1e-4
    player.stop()
    assert all(device.closed for device in devices.opened)
    assert len(player.notes) == 1
    assert "have gone" in player.notes[0]


def test_sound_in_one_zone_says_that_it_needs_a_threshold():
    player = a_player(Devices(), Mapping.WHEN_TENSE)
    player.tell(Told(math.nan))
    assert not player.notes
    player.tell(Told(5.0))
    player.tell(Told(6.0))
    assert len(player.notes) == 1
    assert "needs a threshold" in player.notes[0]


def test_music_is_half_as_loud_for_each_doubling_of_the_tension(tmp_path: Path):
    pytest.importorskip("miniaudio")
    write_wav(tmp_path / "steady.wav", np.full((SFREQ, 2), 0.5))
    devices = Devices()
    player = a_player(devices, Mapping.MUSIC, music_folder=tmp_path)
    player.start()
    assert devices.some.wait(20)
    device = devices.opened[0]

    def heard(tension: float) -> float:
        player.tell(Told(tension, 5.0, Zone.TENSE if tension > 5.0 else Zone.RELAXED))
        device.play(9600)
        return float(device.play(1)[0, 0])

    cap = 10 ** (-24 / 20)
    for tension, level in ((2.0, 1.0), (5.0, 1.0), (10.0, 10**-0.5), (20.0, 0.1), (99.0, 0.1)):
        wait_until(lambda t=tension, x=level: heard(t) == pytest.approx(0.5 * cap * x))
    assert heard(math.nan) == 0
    player.stop()


def test_music_without_a_folder_says_which_setting_names_it():
    pytest.importorskip("miniaudio")
    player = a_player(Devices(), Mapping.MUSIC)
    player.start()
    wait_until(lambda: player.notes)
    player.stop()
    assert "music_folder" in player.notes[0]


def test_it_may_be_stopped_before_it_has_begun():
    a_player(Devices()).stop()
