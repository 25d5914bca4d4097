"""`train --resume`: a training whose program was killed goes on, and is kept as one sitting."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from kept import MORNING

from biofeedback.cli import main
from biofeedback.display.sitting.resume import find_broken_off
from biofeedback.errors import JournalError
from biofeedback.journal.journal import Journal, open_journal
from biofeedback.recording.formats import read_recording

PROTOCOL = """
title = "Short"
[[phases]]
name = "baseline"
kind = "baseline"
seconds = 12
instruction = "Rest."
[[phases]]
name = "trial 1"
kind = "trial"
seconds = 6
instruction = "Let go."
[[phases]]
name = "trial 2"
kind = "trial"
seconds = 6
instruction = "Let go."
[[phases]]
name = "trial 3"
kind = "trial"
seconds = 6
instruction = "Let go."
"""
# Dies as a program does that is killed: in the middle of the second trial, three seconds of it on.
KILLED = """
import os, signal, sys
from biofeedback.cli import main, train

shown = train.KeepingPrinter.show

def show(self, session, readings):
    shown(self, session, readings)
    trainer = session.trainer
    if trainer.phase and trainer.phase.name == "trial 2" and trainer.left_s < 3:
        os.kill(os.getpid(), signal.SIGKILL)

train.KeepingPrinter.show = show
main(sys.argv[1:])
"""
pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows knows no SIGKILL")


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    """The words of a training of P01."""
    file = tmp_path / "short.toml"
    file.write_text(PROTOCOL)
    return ["train", str(file), "sim:rest", "--person", "P01", "--fast", "--headless"]


@pytest.fixture
def journal() -> Iterator[Journal]:
    """The user's journal, with P01."""
    with open_journal() as journal:
        journal.add_person("P01", added=MORNING)
        yield journal


@pytest.fixture
def killed(journal: Journal, words: list[str]) -> Journal:
    """The journal after the program was killed in the second trial."""
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), *words], capture_output=True, timeout=60
    )
    assert ended.returncode == -9, ended.stderr.decode()
    return journal


def long_ago(journal: Journal, hours: float) -> None:
    """Let what broke off have broken off so long ago."""
    (sitting,) = journal.unfinished() or journal.sittings("P01")
    progress = journal.progress(sitting.id)
    assert progress is not None
    saved = datetime.fromisoformat(progress["saved"]) - timedelta(hours=hours)
    journal.keep_progress(sitting.id, progress | {"saved": saved.isoformat()})


def names(told: dict[str, Any]) -> list[str]:
    return [each["name"] for each in told["phases"]]


def test_a_killed_training_goes_on_in_its_second_trial_and_is_one_sitting(killed, words, capsys):
    (unfinished,) = killed.unfinished()
    assert [note.text for note in killed.annotations(unfinished.id)] == [
        *("baseline", "trial 1", "trial 2")
    ]
    assert main([*words, "--resume"]) == 0
    (sitting,) = killed.sittings("P01")
    assert sitting.id == unfinished.id
    assert not sitting.interrupted
    told = sitting.summary
    assert told["whole"]
    assert names(told) == ["baseline", "trial 1", "trial 2", "trial 3"]
    assert len(told["trials"]) == 3
    assert [pause["seconds"] < 600 for pause in told["pauses"]] == [True]
    assert "Resumed after 1 minute." in capsys.readouterr().out
    first, second = (
        read_recording(killed.recordings / each.file).duration_s for each in sitting.recordings
    )
    longer, shorter = max(first, second), min(first, second)
    assert sitting.duration_s == pytest.approx(longer + shorter, abs=0.2)
    notes = killed.annotations(sitting.id)
    assert [note.text for note in notes] == [
        *("baseline", "trial 1", "trial 2", "Resumed after 1 minute.", "trial 2", "trial 3")
    ]
    resumed_s = next(note.onset_s for note in notes if "Resumed" in note.text)
    assert resumed_s == pytest.approx(told["pauses"][0]["t_s"])
    assert killed.progress(sitting.id) is None
    assert killed.broken_off("P01") is None


def alike(value: Any) -> Any:
    """Return `value` with its numbers as near as the seven digits that are carried over tell."""
    if isinstance(value, dict):
        return {key: alike(item) for key, item in value.items()}
    if isinstance(value, list):
        return [alike(item) for item in value]
    return pytest.approx(value, rel=1e-5) if isinstance(value, float) else value


def test_what_it_had_come_to_is_what_an_unbroken_one_came_to_there(killed, words):
    """The simulated muscle begins anew with the stream: only what was before can be the same."""
    main([*words, "--resume"])
    main(words)
    resumed, unbroken = (sitting.summary for sitting in killed.sittings("P01"))
    for key in ("baseline_uv", "rest_threshold_uv", "sensor_floor_uv", "channels"):
        assert resumed[key] == alike(unbroken[key])
    assert resumed["trials"][0] == unbroken["trials"][0]
    assert resumed["phases"][:2] == alike(unbroken["phases"][:2])
    assert resumed["threshold_path"][0] == unbroken["threshold_path"][0]


def test_after_three_hours_the_baseline_comes_again_and_the_journal_says_so(killed, words):
    long_ago(killed, 3)
    main([*words, "--resume"])
    (sitting,) = killed.sittings("P01")
    assert names(sitting.summary) == ["baseline", "trial 1", "baseline", "trial 2", "trial 3"]
    assert any(note.text == "Resumed after 3 hours." for note in killed.annotations(sitting.id))
    (rest,) = killed.calibrations("P01")
    assert rest.sd_uv is not None
    assert rest.p75_uv is not None
    assert 0 < rest.sd_uv < rest.value_uv < rest.p75_uv


def test_after_a_day_there_is_nothing_to_go_on_with(killed, words, capsys):
    long_ago(killed, 25)
    assert main([*words, "--resume"]) == 1
    assert "There is no training" in capsys.readouterr().err
    (sitting,) = killed.sittings("P01")
    assert sitting.interrupted
    assert len(sitting.summary["trials"]) == 1
    assert not sitting.summary["whole"]


def test_what_is_set_aside_is_kept_as_far_as_it_came(killed):
    broken = find_broken_off(killed, "P01")
    assert broken is not None
    assert "1 of 3 trials are done" in broken.words
    killed.set_aside(broken.sitting)
    assert find_broken_off(killed, "P01") is None
    (sitting,) = killed.sittings("P01")
    assert sitting.interrupted
    assert names(sitting.summary) == ["baseline", "trial 1"]
    assert killed.unfinished() == []


def refusals() -> list[tuple[Callable[[list[str]], list[str]], str]]:
    return [
        (lambda words: [*words, "--channel", "2"], "has 1|There is no channel"),
        (lambda words: [*words, "--band", "narrow"], "begun with other settings"),
        (
            lambda words: [each.replace("sim:rest", "sim:bursts") for each in words],
            "was begun with",
        ),
        (lambda words: ["train", "home-relaxation", *words[2:]], "There is no training"),
    ]


@pytest.mark.parametrize(("change", "said"), refusals())
def test_with_another_sensor_band_or_protocol_it_is_refused_and_stays(
    killed, words, capsys, change, said
):
    assert main([*change(words), "--resume"]) == 1
    err = capsys.readouterr().err
    assert any(each in err for each in said.split("|")), err
    assert killed.broken_off("P01") is not None


def test_two_windows_cannot_both_go_on_with_it(killed, words, capsys):
    broken = find_broken_off(killed, "P01")
    (sitting,) = killed.sittings("P01")
    assert broken is not None
    killed.resume_sitting(broken.sitting, sitting.conditions)
    with pytest.raises(JournalError, match="goes on in another window already, or was set aside"):
        killed.resume_sitting(broken.sitting, sitting.conditions)


def test_without_a_person_there_is_nothing_to_resume(words, capsys):
    assert main([*words[:3], "--fast", "--resume"]) == 1
    assert "say --person" in capsys.readouterr().err


def test_one_that_was_never_broken_off_leaves_nothing_to_resume(journal, words):
    main(words)
    (sitting,) = journal.sittings("P01")
    assert not sitting.interrupted
    assert journal.progress(sitting.id) is None
