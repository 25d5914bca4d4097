"""A session by ear: what is told to the sound while it is shown; no Qt."""

import math
from pathlib import Path

from biofeedback.session import Session
from biofeedback.settings import SoundSettings
from biofeedback.sound.heard import Mapping, Told, told_of
from biofeedback.sound.player import Player
from biofeedback.sound.speech import Speaker
from biofeedback.stream import Zone
from biofeedback.text import _
from biofeedback.training.events import What


class ByEar:
    """Sounds as the settings say, from now until `stop`; call `follow` for each frame or chunk."""

    def __init__(self, settings: SoundSettings) -> None:
        self._player = _player(settings) if settings.mapping != Mapping.OFF else None
        self._speaker = Speaker() if settings.speech == "on" else None
        self._index = -1
        self._spoken = 0
        self._told: list[str] = []
        if self._player:
            self._player.start()

    def follow(self, session: Session, channel: int = 0) -> None:
        """Let it be heard what `channel`, or the training, has come to, where anything is new."""
        now = session.now
        if self._player and now and now.index != self._index:
            self._index = now.index
            self._player.tell(_told(session, channel))
        if self._speaker and session.trainer:
            events = session.trainer.events[self._spoken :]
            self._spoken += len(events)
            for event in events:
                if event.text and event.what is not What.CHANGED:  # which is for who leads it
                    self._speaker.say(event.text)

    @property
    def silence(self) -> str:
        """Why no tension is heard, a sentence; empty where it is."""
        return self._player.why_silent if self._player else _("The sound is off: S turns it on.")

    def news(self) -> list[str]:
        """Return what the user should know and was not told yet, each a sentence."""
        notes = [*self._player.notes] if self._player else []
        notes += self._speaker.notes if self._speaker else []
        new = [note for note in notes if note not in self._told]
        self._told += new
        return new

    def stop(self, *, patience_s: float = 0.0) -> None:
        """Fade out; what is being said may still be, for so long."""
        if self._player:
            self._player.stop()
        if self._speaker:
            self._speaker.stop(patience_s=patience_s)


def _player(settings: SoundSettings) -> Player:
    return Player(
        Mapping(settings.mapping),
        volume=settings.volume,
        cap_dbfs=settings.cap_dbfs,
        music_folder=Path(settings.music_folder).expanduser() if settings.music_folder else None,
    )


def _told(session: Session, channel: int) -> Told:
    """Return what there is to hear of a session: the breath that is led goes by its time alone."""
    told, pacer = _told_of_muscle(session, channel), session.breathing.pacer
    return told._replace(flow=pacer.at(session.duration_s).flow) if pacer else told


def _told_of_muscle(session: Session, channel: int) -> Told:
    now = session.now
    if now is None or session.paused:
        return Told(math.nan)
    if session.trainer:
        return told_of(session.trainer)
    threshold = float(session.thresholds()[channel])
    return Told(float(now.slow[channel]), threshold, Zone(int(now.zones[channel])))
