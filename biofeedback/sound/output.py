"""The computer's sound device, wherever it plays to now."""

import contextlib
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import numpy as np

from biofeedback.errors import SoundError
from biofeedback.sound.synth import CHANNELS, SFREQ, Signal
from biofeedback.text import _

# What is asked for at a time, and how many of them lie ready. Measured on two busy cores: with
# 10 ms the tone breaks now and then; with 20 ms it is 49 ms late (p95), with 15 ms it is 39.
PERIOD_MS, PERIODS = 15, 3
_PLAYERS_OF_ALSA = Path("/proc/asound/pcm")


def missing_package() -> str:
    """Return what to install for sound, as a sentence; empty where nothing is missing."""
    try:
        import miniaudio  # type: ignore[import-untyped]  # noqa: F401
    except ImportError:  # or the library in it does not load here
        return _("There is no sound: it needs one more package. Install it: pip install miniaudio")
    return ""


class Output:
    """Plays what `render` makes, on the default device, until it is closed.

    `render` gets how many samples are wanted next, on a thread of the device's. Raises `SoundError`
    where nothing can be played.
    """

    def __init__(self, render: Callable[[int], Signal]) -> None:
        import miniaudio

        self.played = 0
        """How many samples were asked for so far; it stands still when the device has gone."""
        self._render = render
        backends = _backends(miniaudio)
        try:
            if not miniaudio.Devices(backends).get_playbacks():  # to try all the same would leak
                raise miniaudio.MiniaudioError("no device")
            self._device = miniaudio.PlaybackDevice(
                output_format=miniaudio.SampleFormat.FLOAT32,
                nchannels=CHANNELS,
                sample_rate=SFREQ,
                buffersize_msec=PERIOD_MS,
                callback_periods=PERIODS,
                backends=backends,
                app_name="biofeedback",
            )
            blocks = self._blocks()
            next(blocks)
            self._device.start(blocks)
        except miniaudio.MiniaudioError as error:
            raise SoundError(
                _(
                    "There is no sound: no loudspeaker or headphones can be opened. Connect or "
                    "switch one on; it is tried again."
                )
            ) from error

    def _blocks(self) -> Generator[Any, int, None]:
        block = np.empty((0, CHANNELS), dtype=np.float32)
        while True:
            n = yield block
            block = self._render(n).astype(np.float32)
            self.played += n

    def close(self) -> None:
        """Give the device back; to be called once."""
        import miniaudio

        self._device.close()
        miniaudio.lib.ma_context_uninit(self._device._context)  # the package would keep it for ever


def _backends(miniaudio: Any) -> list[Any]:
    """Return what can play here, best first.

    Not what only acts as if it did, not what starts a server, and not ALSA where there is no card:
    it would fill the terminal with complaints.
    """
    kinds = miniaudio.Backend
    left_out = {kinds.NULL, kinds.CUSTOM, kinds.JACK}
    with contextlib.suppress(OSError):
        if "playback" in _PLAYERS_OF_ALSA.read_text():
            return _sorted(miniaudio.get_enabled_backends() - left_out)
    return _sorted(miniaudio.get_enabled_backends() - left_out - {kinds.ALSA})


def _sorted(backends: set[Any]) -> list[Any]:
    return sorted(backends, key=lambda backend: int(backend.value))
