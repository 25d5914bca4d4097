"""Whether a session is heard: as the settings say, by a key, or as closed eyes need it; no Qt."""

from dataclasses import replace

from biofeedback.display.sitting.by_ear import ByEar
from biofeedback.session import Session
from biofeedback.settings import SoundSettings
from biofeedback.sound.heard import Mapping
from biofeedback.text import _

# What sounds where the settings name no mapping: it tells more, and sooner, than loudness.
_USUAL_MAPPING = Mapping.PITCH


class Ears:
    """Lets a session be heard as `settings` say, until something else is wanted, or `stop`."""

    def __init__(self, settings: SoundSettings) -> None:
        self._settings = settings
        self._by_ear: ByEar | None = None
        self._sounds: SoundSettings | None = None
        self._before: SoundSettings | None = None  # while the eyes are closed
        self._eyes_closed = False
        if settings.mapping != Mapping.OFF or settings.speech == "on":
            self._sound(settings)

    @property
    def silence(self) -> str:
        """Why nothing is heard, a sentence; empty where it is."""
        return self._by_ear.silence if self._by_ear else _("The sound is off: S turns it on.")

    def switch(self) -> str:
        """Let it be heard, or fall silent; return what is to be said."""
        if self._by_ear:
            self._sound(None)
            return _("Silent.")
        self._sound(self._audible(self._settings))
        return " ".join(self.news()) or _("You hear it now; S ends it.")

    def close_eyes(self, *, closed: bool) -> None:
        """Let all be heard that closed eyes need; once they are open, again what was before."""
        if closed is self._eyes_closed:
            return
        self._eyes_closed = closed
        if closed:
            self._before = self._sounds
            self._sound(replace(self._audible(self._sounds or self._settings), speech="on"))
        else:
            self._sound(self._before)

    def follow(self, session: Session, channel: int) -> None:
        """Let it be heard what `channel`, or the training, has come to."""
        if self._by_ear:
            self._by_ear.follow(session, channel)

    def news(self) -> list[str]:
        """Return what the user should know and was not told yet, each a sentence."""
        return self._by_ear.news() if self._by_ear else []

    def stop(self) -> None:
        """Fade out."""
        self._sound(None)

    def _audible(self, settings: SoundSettings) -> SoundSettings:
        sounds = settings.mapping != Mapping.OFF
        return settings if sounds else replace(settings, mapping=_USUAL_MAPPING.value)

    def _sound(self, settings: SoundSettings | None) -> None:
        if settings == self._sounds:
            return
        if self._by_ear:
            self._by_ear.stop()
        self._sounds = settings
        self._by_ear = ByEar(settings) if settings else None
