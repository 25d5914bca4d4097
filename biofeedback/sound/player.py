"""Plays what is heard of a tension, and keeps the sitting going where nothing can be played."""

import math
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from biofeedback.errors import SoundError
from biofeedback.sound.breath import BreathSound
from biofeedback.sound.heard import ONLY_IN, SILENCE, Hearing, Mapping, Told
from biofeedback.sound.music import Music
from biofeedback.sound.output import Output, missing_package
from biofeedback.sound.synth import SFREQ, Signal, Synth, full_scale
from biofeedback.text import _

# Whoever tells may have stopped without a word, and what was read last is not what is.
STALE_AFTER_S = 0.5
_RETRY_S = 2.0
# A device that has not asked for samples for so long has gone.
_GONE_AFTER_S = 3.0
# It glides to nothing in 60 ms, and what was made lies in the device for a while.
_FADED_AFTER_S = 0.15


class Player:
    """Sounds from `start` to `stop`; whoever has a new tension calls `tell`, which never waits.

    `volume` (0 to 1) is of `cap_dbfs`, the largest amplitude that is ever played, in decibels below
    full scale. `music_folder` is for the mapping of that name. `notes` grows by a sentence where
    the user should know of something.
    """

    def __init__(
        self,
        mapping: Mapping,
        *,
        volume: float,
        cap_dbfs: float,
        music_folder: Path | None = None,
        open_output: Callable[[Callable[[int], Signal]], Output] = Output,
    ) -> None:
        self.notes: list[str] = []
        self.why_silent = ""
        """Why nothing can be heard now, a sentence; empty where it can."""
        self._mapping = mapping
        self._hearing = Hearing(mapping)
        self._heard = SILENCE
        self._open_output = open_output
        self._music = Music(music_folder, note=self._note) if mapping is Mapping.MUSIC else None
        self._make_synth = partial(Synth, volume=volume, cap_dbfs=cap_dbfs, music=self._music)
        self._synth = self._make_synth()
        self._breath, self._cap = (
            BreathSound(volume=volume, cap_dbfs=cap_dbfs),
            full_scale(cap_dbfs),
        )
        self._last, self._age = SILENCE, 0
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._keep_playing, name="sound", daemon=True)

    def start(self) -> None:
        """Begin to sound, as soon as there is a device."""
        self._thread.start()

    def tell(self, told: Told) -> None:
        """Sound like `told` from now on, for as long as it is told anew twice a second."""
        self._heard = self._hearing(told)
        if self._mapping in ONLY_IN and math.isnan(told.threshold) and not math.isnan(told.tension):
            self._note(_("This sound needs a threshold, and is silent until there is one."))

    def stop(self) -> None:
        """Fade out and give the device back; may be called twice."""
        self._leaving.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _fall_silent(self, why: str) -> None:
        self.why_silent = why
        self._note(why)

    def _note(self, note: str) -> None:
        """Say it once."""
        if note not in self.notes:
            self.notes.append(note)

    def _keep_playing(self) -> None:
        """Open a device and watch over it, and again when it has gone."""
        why_not = missing_package()
        if why_not:
            self._fall_silent(why_not)
            return
        if self._music:
            self._music.start()
        while not self._leaving.is_set():
            self._synth = self._make_synth()  # silent: what another device played was cut off
            try:
                output = self._open_output(self._render)
            except SoundError as error:
                self._fall_silent(str(error))
                self._leaving.wait(_RETRY_S)
                continue
            self.why_silent = ""
            self._watch(output)
            output.close()
        if self._music:
            self._music.stop()

    def _watch(self, output: Output) -> None:
        """Wait until it is to end, and has faded out; or until the device has gone."""
        played = -1
        while output.played != played:
            played = output.played
            if self._leaving.wait(_GONE_AFTER_S):
                time.sleep(_FADED_AFTER_S)
                return
        self._fall_silent(
            _(
                "The loudspeaker or headphones have gone, and with them the sound: connect or "
                "switch them on again; the sitting goes on."
            )
        )

    def _render(self, n: int) -> Signal:
        """Return the next `n` samples for the device: on its thread, where nothing may wait."""
        heard = self._heard  # another object whenever it was told
        if heard is not self._last:
            self._last, self._age = heard, 0
        if self._leaving.is_set() or self._age >= STALE_AFTER_S * SFREQ:
            heard = SILENCE
        self._age += n
        sound = self._synth(heard, n) + self._breath(heard.flow, n)
        return np.clip(sound, -self._cap, self._cap, out=sound)
