"""The player on a device that plays to nothing, heard through its monitor."""

import math
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import numpy as np
import pytest
from null_sink import PATIENCE_S, SFREQ, Recorder, Server, wait_until
from numpy.typing import NDArray

from biofeedback.sound import player as player_module
from biofeedback.sound.heard import Mapping, Told
from biofeedback.sound.player import Player
from biofeedback.sound.speech import VOICES, Speaker
from biofeedback.stream import Zone

CAP_DBFS = -24.0
NO_READING = Told(math.nan, 5.0)
DOUBLINGS = (-1.0, -0.4, 0.0, 0.6, 1.3, 2.0)
PASSES, STEPS, ROUNDS = 3, 44, 3
LATEST_S = 0.050
CYCLES = 5
# As tests/sound/test_synth.py has it, for 440 Hz.
STEEPEST = 10 ** (CAP_DBFS / 20) * (2 * math.pi * 440 / SFREQ * 1.7 + 0.0015)


def told(doublings: float) -> Told:
    return Told(5.0 * 2**doublings, 5.0, Zone.TENSE if doublings > 0 else Zone.RELAXED)


def hold(player: Player, what: Told, seconds: float) -> None:
    """Tell the same for a while, as often as a screen is drawn."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        player.tell(what)
        time.sleep(0.016)


@contextmanager
def closing_down(player: Player) -> Iterator[None]:
    try:
        yield
    finally:
        player.stop()


def pitches(samples: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where each period of the tone ends, in samples, and the frequency of it."""
    at = np.flatnonzero((samples[:-1] < 0) & (samples[1:] >= 0))
    exact = at + samples[at] / (samples[at] - samples[at + 1])
    return exact[1:], SFREQ / np.diff(exact)


@dataclass
class Heard:
    """What came of a player that was told one thing after the other."""

    notes: list[str]
    samples: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    pitches: dict[float, list[float]] = field(default_factory=lambda: {d: [] for d in DOUBLINGS})
    latencies_s: list[NDArray[np.float64]] = field(default_factory=list)
    silences: list[NDArray[np.float64]] = field(default_factory=list)
    starts: list[NDArray[np.float64]] = field(default_factory=list)
    stops: list[NDArray[np.float64]] = field(default_factory=list)


def latencies_s(player: Player, recorder: Recorder) -> NDArray[np.float64]:
    """Step between two octaves; return how late each step of the tone arrived.

    That is heard when a period is beyond the middle of both. What the recorder itself takes counts.
    """
    told_s, begun = [], []
    for step in range(STEPS):
        begun.append(len(recorder))
        told_s.append(time.monotonic())
        hold(player, told(1.5 if step % 2 else -0.5), 0.08)
    hold(player, told(-0.5), 0.1)
    ends, hz = pitches(recorder.samples)
    late = []
    for step in range(STEPS):
        beyond = hz > 311.0 if step % 2 else hz < 311.0
        first = ends[beyond & (ends > begun[step])]
        late.append(recorder.arrival_s(int(first[0])) - told_s[step] if len(first) else np.inf)
    return np.array(late)


@pytest.fixture(scope="module")
def heard(server: Server) -> Heard:
    with server.device(), closing(Recorder(server)) as recorder:
        player = Player(Mapping.PITCH, volume=1.0, cap_dbfs=CAP_DBFS)
        player.start()
        with closing_down(player):
            return listen(player, recorder)


def listen(player: Player, recorder: Recorder) -> Heard:
    """Tell `player` all that is to be looked at; return what came of it."""
    result = Heard(notes=player.notes)
    wait_until(lambda: player.tell(told(0.0)) or np.abs(recorder.samples).max() > 0.01)
    for _pass in range(PASSES):
        for doublings in DOUBLINGS:
            hold(player, told(doublings), 0.08)
            begin = len(recorder)
            hold(player, told(doublings), 0.08)
            result.pitches[doublings] += [*pitches(recorder.samples[begin:])[1]]
    for _round in range(ROUNDS):
        result.latencies_s.append(latencies_s(player, recorder))
        if np.percentile(result.latencies_s[-1], 95) < LATEST_S:
            break  # more of them only where the machine was busy with something else
    for _cycle in range(CYCLES):
        hold(player, told(1.0), 0.1)
        begin = len(recorder)
        hold(player, NO_READING, 0.2)
        faded = len(recorder)
        hold(player, NO_READING, 0.1)
        silent = len(recorder)
        hold(player, told(1.0), 0.1)
        result.silences.append(recorder.samples[faded:silent])
        result.stops.append(recorder.samples[begin:faded])
        result.starts.append(recorder.samples[silent:])
    begin = len(recorder)
    player.stop()
    wait_until(lambda: len(recorder) > begin + SFREQ // 2)
    result.samples = recorder.samples
    result.stops.append(result.samples[begin:])
    return result


@pytest.mark.parametrize("doublings", DOUBLINGS)
def test_the_pitch_is_right_within_one_percent(heard: Heard, doublings: float):
    assert np.median(heard.pitches[doublings]) == pytest.approx(220 * 2**doublings, rel=0.01)


def test_the_tone_follows_within_50_ms(heard: Heard):
    assert min(np.percentile(late, 95) for late in heard.latencies_s) < LATEST_S


def test_no_reading_is_silence(heard: Heard):
    for silence in heard.silences:
        assert len(silence) > SFREQ // 20
    loudest = np.median([np.abs(silence).max() for silence in heard.silences])
    assert loudest < 10 ** (-80 / 20)


def test_the_cap_is_never_exceeded(heard: Heard):
    cap = 10 ** (CAP_DBFS / 20)
    assert 0.6 * cap < np.abs(heard.samples).max() <= cap * (1 + 1e-6)


def test_it_starts_and_stops_without_a_click(heard: Heard):
    for edges in (heard.starts, heard.stops):  # on a busy machine some break off: not all of them
        steps = [np.abs(np.diff(edge)).max() for edge in edges]
        assert 0.001 < np.percentile(steps, 25) < STEEPEST


def test_there_was_nothing_to_tell(heard: Heard):
    assert heard.notes == []


def test_a_device_that_comes_goes_and_comes_back_is_played_to(
    server: Server, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(player_module, "_RETRY_S", 0.1)
    monkeypatch.setattr(player_module, "_GONE_AFTER_S", 1.0)
    player = Player(Mapping.PITCH, volume=1.0, cap_dbfs=CAP_DBFS)
    player.start()
    with closing_down(player):
        wait_until(lambda: player.notes)
        for _time in range(2):
            with server.device(), closing(Recorder(server)) as recorder:
                wait_until(
                    lambda r=recorder: player.tell(told(0.0)) or np.abs(r.samples).max() > 0.01
                )
            wait_until(lambda: len(player.notes) > 1)
    assert len(player.notes) == 2
    assert "no loudspeaker or headphones" in player.notes[0]
    assert "have gone" in player.notes[1]


def test_a_cue_is_spoken(server: Server):
    voices = tuple(voice for voice in VOICES["linux"] if voice.words[0] == "espeak-ng")
    with server.device(), closing(Recorder(server)) as recorder:
        speaker = Speaker(voices)
        speaker.say("-h two")
        speaker.stop(patience_s=PATIENCE_S)
    assert speaker.notes == []
    assert np.count_nonzero(np.abs(recorder.samples) > 0.01) > SFREQ // 5
