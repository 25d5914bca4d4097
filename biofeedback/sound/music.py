"""The user's own music, decoded ahead on a thread of its own."""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from biofeedback.sound.synth import CHANNELS, SFREQ, Signal
from biofeedback.text import _

KINDS = (".mp3", ".flac", ".ogg", ".wav")
# In samples. The disk may be busy for as long as what is ahead lasts.
_BLOCK, _AHEAD = SFREQ // 4, 3 * SFREQ
# A fade takes a third of it.
_READY = SFREQ // 5
_LOOK_AGAIN_S = 0.1


class Music:
    """The files in `folder` and below, one after the other in the order of their names, for ever.

    Each follows the last without a gap. `note` is called with a sentence for what cannot be played;
    that is left out.
    """

    def __init__(self, folder: Path | None, *, note: Callable[[str], None]) -> None:
        self._folder, self._note = folder, note
        self._ahead: deque[NDArray[np.float32]] = deque()
        self._decoded = self._taken = 0  # samples; each is counted by one thread alone
        self._unplayable: set[Path] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._decode_all, name="music", daemon=True)

    def start(self) -> None:
        """Begin to decode."""
        self._thread.start()

    def stop(self) -> None:
        """End it, and wait until the file at hand is closed."""
        self._stopping.set()
        self._thread.join()

    @property
    def ready(self) -> bool:
        """Whether enough is decoded to fade out, should no more come."""
        return self._decoded - self._taken >= _READY

    def take(self, n: int) -> Signal:
        """Return the next ``(n, CHANNELS)`` samples, at most 1; zeros where none are decoded."""
        taken = np.zeros((n, CHANNELS))
        filled = 0
        while filled < n and self._ahead:
            block = self._ahead.popleft()
            part = block[: n - filled]
            taken[filled : filled + len(part)] = part
            filled += len(part)
            if len(part) < len(block):
                self._ahead.appendleft(block[len(part) :])
        self._taken += filled
        return taken

    def _decode_all(self) -> None:
        if self._folder is None:
            self._note(
                _("There is no music: name a folder of yours as music_folder in the settings.")
            )
            return
        playable = True
        while playable and not self._stopping.is_set():
            playable = False
            for path in self._files(self._folder):
                playable = self._decode(path) or playable
        if not self._stopping.is_set():
            self._note(
                _("There is no music in {folder}: put files there that end in {kinds}.").format(
                    folder=self._folder, kinds=", ".join(KINDS)
                )
            )

    def _files(self, folder: Path) -> Iterator[Path]:
        for name, folders, files in os.walk(folder):
            folders.sort()
            for file in sorted(files):
                path = Path(name, file)
                playable = path.suffix.lower() in KINDS and path not in self._unplayable
                if playable and os.path.isfile(path) and not self._stopping.is_set():
                    yield path

    def _decode(self, path: Path) -> bool:
        """Decode a file to its end or until it is to stop; return whether there was sound in it."""
        import miniaudio  # type: ignore[import-untyped]

        decoded = False
        try:
            for block in miniaudio.stream_file(
                str(path),
                output_format=miniaudio.SampleFormat.FLOAT32,
                nchannels=CHANNELS,
                sample_rate=SFREQ,
                frames_to_read=_BLOCK,
            ):
                decoded = True
                self._put(np.frombuffer(block, dtype=np.float32).reshape(-1, CHANNELS))
                if self._stopping.is_set():
                    break
        except (miniaudio.MiniaudioError, OSError, ValueError):
            decoded = False
        if not decoded:
            self._unplayable.add(path)
            self._note(_("{file} cannot be played, and is left out.").format(file=path.name))
        return decoded

    def _put(self, block: NDArray[np.float32]) -> None:
        """Keep a block for the device, once there is room."""
        sound = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)  # a WAV may hold anything
        self._ahead.append(np.clip(sound, -1.0, 1.0))
        self._decoded += len(sound)
        while self._decoded - self._taken >= _AHEAD and not self._stopping.wait(_LOOK_AGAIN_S):
            pass
