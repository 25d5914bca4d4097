import sys
import time
from pathlib import Path

import pytest
from null_sink import wait_until

from biofeedback.sound.speech import VOICES, Speaker, Voice

READS = "import sys; text = sys.stdin.buffer.read().decode()"
WORD = "import sys; text = sys.argv[-1]"


def a_voice(log: Path, *, by: str = READS, then: str = "") -> Voice:
    """Return a voice that writes a line for each text."""
    code = f"{by}; open({str(log)!r}, 'a', encoding='utf-8').write(text + '\\n'); {then}"
    return Voice((sys.executable, "-I", "-c", code, "--"), as_word=by == WORD)


def said(log: Path) -> list[str]:
    return log.read_text("utf-8").splitlines() if log.exists() else []


@pytest.mark.parametrize("by", [READS, WORD])
@pytest.mark.parametrize(
    "text",
    ["Breathe out.", "-h", "--version", "$(touch x); `ls` | \"'&", "Schultern fallen lassen µ"],
)
def test_a_text_is_said_as_it_is_and_never_obeyed(tmp_path: Path, by: str, text: str):
    log = tmp_path / "log"
    speaker = Speaker((a_voice(log, by=by),))
    speaker.say(text)
    speaker.stop(patience_s=20)
    assert said(log) == [text]
    assert not speaker.notes


def test_what_a_voice_or_a_terminal_would_take_for_a_command_is_taken_out(tmp_path: Path):
    log = tmp_path / "log"
    speaker = Speaker((a_voice(log),))
    speaker.say("a [[volm 1]] b\x1b[2J")
    speaker.stop(patience_s=20)
    assert said(log) == ["a [volm 1]] b\\x1b[2J"]


def test_of_what_waits_only_the_newest_is_said_after_what_is_being_said(tmp_path: Path):
    log, go = tmp_path / "log", tmp_path / "go"
    waits = f"import os, time\nwhile not os.path.exists({str(go)!r}): time.sleep(0.01)"
    voice = a_voice(log)
    speaker = Speaker((Voice((*voice.words[:3], voice.words[3] + "\n" + waits)),))
    speaker.say("one")
    wait_until(lambda: said(log))
    for text in ("two", "three", "four"):
        speaker.say(text)
    assert said(log) == ["one"]
    go.touch()
    speaker.stop(patience_s=20)
    assert said(log) == ["one", "four"]


def test_it_falls_silent_at_once_when_it_is_told_to(tmp_path: Path):
    log = tmp_path / "log"
    speaker = Speaker((a_voice(log, then="import time; time.sleep(600)"),))
    speaker.say("one")
    wait_until(lambda: said(log))
    begun = time.monotonic()
    speaker.stop()
    assert time.monotonic() - begun < 20
    assert said(log) == ["one"]


def test_a_voice_that_fails_is_followed_by_the_next(tmp_path: Path):
    log, broken = tmp_path / "log", tmp_path / "broken"
    speaker = Speaker((a_voice(broken, then="sys.exit(1)"), a_voice(log)))
    speaker.say("one")
    wait_until(lambda: said(log))
    speaker.say("two")
    speaker.stop(patience_s=20)
    assert (said(broken), said(log)) == (["one"], ["one", "two"])


@pytest.mark.parametrize("voices", [(), (Voice(("no-such-program",)),)])
def test_without_a_voice_that_is_said_once(voices: tuple[Voice, ...]):
    speaker = Speaker(voices)
    speaker.say("one")
    speaker.say("two")
    speaker.stop(patience_s=20)
    assert len(speaker.notes) == 1
    assert "install espeak-ng" in speaker.notes[0]


def test_every_voice_takes_a_text_that_begins_with_a_dash():
    for voices in VOICES.values():
        for voice in voices:
            assert not voice.as_word or voice.words[-1] == "--"


def test_what_is_said_at_once_breaks_off_what_is_being_said(tmp_path: Path):
    log = tmp_path / "log"
    endless = a_voice(log, then="import time; time.sleep(60 * ('one' in text))")
    speaker = Speaker((endless,))
    speaker.say("one")
    wait_until(lambda: said(log))
    assert speaker.speaking
    begun = time.monotonic()
    for text in ("two", "three"):
        speaker.say(text, at_once=True)
    wait_until(lambda: not speaker.speaking)
    speaker.stop(patience_s=20)
    assert said(log)[-1] == "three"
    assert time.monotonic() - begun < 20


def test_two_speakers_do_not_speak_at_the_same_time(tmp_path: Path):
    log, go = tmp_path / "log", tmp_path / "go"
    waits = f"import os, time\nwhile not os.path.exists({str(go)!r}): time.sleep(0.01)"
    voice = a_voice(log)
    first = Speaker((Voice((*voice.words[:3], voice.words[3] + "\n" + waits)),))
    second = Speaker((voice,))
    first.say("one")
    wait_until(lambda: said(log))
    second.say("two")
    second.stop()
    assert said(log) == ["one"]
    go.touch()
    first.stop(patience_s=20)
