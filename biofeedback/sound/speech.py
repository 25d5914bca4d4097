"""Spoken cues, by the voice that the computer has."""

import contextlib
import queue
import shutil
import subprocess
import sys
import threading
from typing import NamedTuple

from biofeedback.text import _, harmless, spoken

# A sentence takes a few seconds; more characters than these are none.
_LONGEST_S, _LONGEST_TEXT = 60.0, 1000
_LOOK_AGAIN_S = 0.1
# A voice of another language would read German as if it were English.
_LANGUAGE = spoken().replace("_", "-")
_SAPI = (
    "$text = (New-Object System.IO.StreamReader([Console]::OpenStandardInput(), "
    "[System.Text.Encoding]::UTF8)).ReadToEnd(); "
    "Add-Type -AssemblyName System.Speech; "
    "$voice = New-Object System.Speech.Synthesis.SpeechSynthesizer; "
    f"try {{ $voice.SelectVoiceByHints('NotSet', 'NotSet', 0, '{_LANGUAGE}') }} catch {{ }}; "
    "$voice.Speak($text)"
)


_ONE_AT_A_TIME = threading.Lock()  # two voices at once are understood by nobody


class Voice(NamedTuple):
    """The words of a program that speaks what it reads, or (`as_word`) what its last word is."""

    words: tuple[str, ...]
    as_word: bool = False


# Where a text comes as input, or behind --, nothing in it is taken for an option.
VOICES = {
    "win32": (Voice(("powershell", "-NoProfile", "-NonInteractive", "-Command", _SAPI)),),
    "darwin": (Voice(("say", "-f", "-")),),
    "linux": (
        # speaks as the user's screen reader does
        Voice(("spd-say", "--wait", "-l", _LANGUAGE, "--"), as_word=True),
        Voice(("espeak-ng", "-v", _LANGUAGE, "--stdin")),
        Voice(("espeak", "-v", _LANGUAGE, "--stdin")),
    ),
}


class Speaker:
    """Says one text after the other, on a thread of its own; of those that wait only the newest.

    `notes` grows by a sentence where nothing here can speak.
    """

    def __init__(self, voices: tuple[Voice, ...] = VOICES.get(sys.platform, ())) -> None:
        self.notes: list[str] = []
        self._voices = [voice for voice in voices if shutil.which(voice.words[0])]
        self._texts: queue.SimpleQueue[tuple[int, str] | None] = queue.SimpleQueue()
        self._asked = self._urgent = self._done = 0  # numbers of texts
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._speak_all, name="speech", daemon=True)
        self._thread.start()

    def say(self, text: str, *, at_once: bool = False) -> None:
        """Say `text` next, in place of what still waits; `at_once`: of what it is saying too."""
        self._asked += 1
        if at_once:
            self._urgent = self._asked
        self._texts.put((self._asked, text))

    @property
    def speaking(self) -> bool:
        """Whether something is being said, or waits for that."""
        return self._done < self._asked

    def stop(self, *, patience_s: float = 0.0) -> None:
        """Fall silent; what was to be said may still be, for so long."""
        self._texts.put(None)
        self._thread.join(patience_s)
        self._stopping.set()
        self._thread.join()

    def _speak_all(self) -> None:
        ending = False
        while not ending:
            waiting = [self._texts.get()]
            while not self._texts.empty():
                waiting.append(self._texts.get())
            ending = None in waiting
            newest = next((asked for asked in reversed(waiting) if asked), None)
            if newest:
                self._speak(*newest)
                self._done = newest[0]

    def _speak(self, number: int, text: str) -> None:
        """Say `text` by the first voice that can; one that fails is not asked again."""
        while not _ONE_AT_A_TIME.acquire(timeout=_LOOK_AGAIN_S):
            if self._is_over(number):
                return
        try:
            while self._voices and not self._says(self._voices[0], number, text):
                self._voices.pop(0)
        finally:
            _ONE_AT_A_TIME.release()
        if not self._voices and not self.notes:
            self.notes.append(
                _("Nothing here can speak, so cues are only shown. On Linux, install espeak-ng.")
            )

    def _is_over(self, number: int) -> bool:
        """Whether the text with that number is to be said no longer."""
        return self._stopping.is_set() or self._urgent > number

    def _says(self, voice: Voice, number: int, text: str) -> bool:
        """Say `text` to its end, or until it is to fall silent; return whether that works."""
        # a pair of brackets would begin sounds, or commands, in some voices
        text = harmless(text).replace("[[", "[")[:_LONGEST_TEXT]
        try:
            speaking = subprocess.Popen(  # noqa: S603 - the words are ours, and there is no shell
                [*voice.words, text] if voice.as_word else voice.words,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError:
            return False
        with speaking:
            assert speaking.stdin is not None  # noqa: S101
            with contextlib.suppress(OSError):  # it ended at once
                if not voice.as_word:
                    speaking.stdin.write(text.encode())
                speaking.stdin.close()
            for _look in range(round(_LONGEST_S / _LOOK_AGAIN_S)):
                with contextlib.suppress(subprocess.TimeoutExpired):
                    return speaking.wait(_LOOK_AGAIN_S) == 0
                if self._is_over(number):
                    break
            speaking.terminate()
        return True
