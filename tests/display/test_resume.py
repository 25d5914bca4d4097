"""A training that broke off goes on in the window, with its sensor checked first."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from stepped import AFTER, BASELINE, HEAD, TRIALS, Gate, Way, write_protocol

from biofeedback.display.sitting.choice import Choice
from biofeedback.display.sitting.resume import BrokenOff, broken_off, resumed, set_aside
from biofeedback.display.training.summary_page import SummaryPage
from biofeedback.errors import JournalError
from biofeedback.journal.journal import Journal, open_journal
from biofeedback.session import State
from biofeedback.sources import SourceOptions

PERSON = """
[[channels]]
label = "trapezius left"
offset_uv = 180
[[channels.segments]]
emg_uv = 4
"""
CHOICE_OPTIONS = SourceOptions()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    made = Gate()
    monkeypatch.setattr("biofeedback.display.sitting.sitting.open_source", made.open)
    monkeypatch.setattr("biofeedback.display.sitting.sitting.is_live", lambda _words: True)
    return made


@pytest.fixture
def way(window, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gate: Gate) -> Way:
    monkeypatch.setenv("BIOFEEDBACK_PROTOCOLS", str(tmp_path / "protocols"))
    write_protocol(tmp_path / "protocols", HEAD + BASELINE + TRIALS + AFTER)
    people = window.pages.start.people
    qtbot.waitUntil(lambda: not people._look.isActive(), timeout=20_000)  # it has read
    window._whose.add("P01")
    return Way(window, gate, qtbot)


@pytest.fixture
def choice(tmp_path: Path) -> Choice:
    path = tmp_path / "person.toml"
    path.write_text(PERSON, encoding="utf-8")
    return Choice(f"sim:{path}", CHOICE_OPTIONS, protocol="short")


@pytest.fixture
def journal(way: Way) -> Iterator[Journal]:
    with open_journal() as journal:
        yield journal


def go_to(way: Way, name: str) -> None:
    """Let samples come until the phase called `name` is under way."""
    while True:
        trainer = way.window.session.trainer
        if trainer and trainer.phase and trainer.phase.name == name:
            way.tick()
            return
        way.go(0.5)


def stopped(way: Way, choice: Choice) -> BrokenOff:
    """Stop in the second trial, and return what can be gone on with."""
    way.window.begin(choice)
    go_to(way, "second trial")
    way.go(5)
    way.window.end()
    found = broken_off(way.window._whose)
    assert found is not None
    return found


def whole(way: Way) -> SummaryPage:
    """Let a training go on to its end."""
    while way.window.session is not None:
        way.go(5)
    page = way.window.pages.currentWidget()
    assert isinstance(page, SummaryPage)
    return page


def texts(page: SummaryPage) -> list[str]:
    return [label.text() for label in page.findChildren(QLabel) if label.isVisible()]


def names(told: dict[str, Any]) -> list[str]:
    return [each["name"] for each in told["phases"]]


WHOLE = ["baseline", "first trial", "pause", "second trial", "baseline after"]


def test_a_stopped_training_is_offered_with_how_far_it_had_come(way, choice):
    broken = stopped(way, choice)
    assert broken.protocol == "short"
    assert broken.title == "A training broke off"
    assert broken.words == (
        "A short one: it broke off 1 minute ago. 1 of 2 trials are done. "
        "It goes on where it was, once the sensor is checked."
    )


def test_it_goes_on_in_the_second_trial_and_is_one_sitting_in_the_journal(way, choice, journal):
    broken = stopped(way, choice)
    way.window.begin(resumed(choice, broken))
    go_to(way, "second trial")
    assert way.window.sitting.training.moment().title == "Trial 2 of 2"
    page = whole(way)
    assert "Resumed after 1 minute." in texts(page)
    assert "It was ended early" not in " ".join(texts(page))
    (sitting,) = journal.sittings("P01")
    assert names(sitting.summary) == WHOLE
    assert not sitting.interrupted
    assert len(sitting.recordings) == 2
    notes = [note.text for note in journal.annotations(sitting.id)]
    assert notes == [*WHOLE[:4], "Resumed after 1 minute.", "second trial", "baseline after"]
    assert broken_off(way.window._whose) is None


def test_the_picture_shows_the_whole_of_it(way, choice):
    broken = stopped(way, choice)
    way.window.begin(resumed(choice, broken))
    drawn = whole(way).picture._drawn
    assert drawn.start_s == 0
    assert "not kept when it broke off" in drawn.legend
    assert drawn.stop_s > broken.since_s + 30
    assert [word for *_times, word in drawn.phases] == [
        *("Baseline", "Trial 1", "Rest", "Trial 2", "Baseline")
    ]
    first, second = (drawn.phases[i][0] for i in (1, 3))
    assert (drawn.levels[round(10 * first) + 20 : round(10 * first) + 150] > 1).all()
    assert (drawn.levels[round(10 * second) + 30 : round(10 * second) + 150] > 1).all()


def test_again_after_it_begins_a_new_one(way, choice, qtbot, journal):
    way.window.begin(resumed(choice, stopped(way, choice)))
    whole(way)
    qtbot.keyClick(way.window.pages.summary, Qt.Key.Key_A, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: way.window.session is not None, timeout=5_000)
    go_to(way, "baseline")
    assert len(journal.sittings("P01")) == 2
    way.window.end()


def test_after_hours_the_baseline_comes_again(way, choice, journal):
    broken = stopped(way, choice)
    saved = datetime.fromisoformat(broken.progress["saved"]) - timedelta(hours=2)
    journal.keep_progress(broken.sitting, broken.progress | {"saved": saved.isoformat()})
    broken = broken_off(way.window._whose)
    assert broken.words.startswith("A short one: it broke off 2 hours ago. 1 of 2 trials are done.")
    assert broken.words.endswith(
        "The baseline comes again, since the electrodes may have been off."
    )
    way.window.begin(resumed(choice, broken))
    assert "Resumed after 2 hours." in texts(whole(way))
    (sitting,) = journal.sittings("P01")
    assert names(sitting.summary) == [*WHOLE[:3], "baseline", *WHOLE[3:]]


def test_broken_off_twice_it_goes_on_twice(way, choice, journal):
    way.window.begin(resumed(choice, stopped(way, choice)))
    go_to(way, "second trial")
    way.go(3)
    way.window.end()
    way.window.begin(resumed(choice, broken_off(way.window._whose)))
    page = whole(way)
    assert texts(page).count("Resumed after 1 minute. Resumed after 1 minute.") == 1
    (sitting,) = journal.sittings("P01")
    assert names(sitting.summary) == WHOLE
    assert len(sitting.summary["pauses"]) == 2
    assert len(sitting.recordings) == 3


def test_what_is_set_aside_is_kept_and_not_offered_again(way, choice, journal):
    broken = stopped(way, choice)
    assert set_aside(way.window._whose, broken) == (
        "It is kept as far as it came, and counts as ended early."
    )
    assert broken_off(way.window._whose) is None
    (sitting,) = journal.sittings("P01")
    assert sitting.interrupted
    assert len(sitting.summary["trials"]) == 2


def test_nobodys_training_is_never_offered(way, choice):
    way.window._whose.person = ""
    way.window.begin(choice)
    go_to(way, "second trial")
    way.window.end()
    assert broken_off(way.window._whose) is None


def test_two_windows_cannot_both_go_on_with_it(way, choice, journal, qtbot):
    broken = stopped(way, choice)
    (sitting,) = journal.sittings("P01")
    journal.resume_sitting(broken.sitting, sitting.conditions)  # as another window does
    way.window.begin(resumed(choice, broken))
    session = way.window.session
    qtbot.waitUntil(lambda: session.state is State.FAILED, timeout=10_000)
    way.window.tick()
    assert "goes on in another window already" in way.window._message.text()
    assert isinstance(session.error, JournalError)


def test_with_another_muscle_it_is_refused_and_stays_to_be_gone_on_with(
    way, choice, qtbot, tmp_path
):
    broken = stopped(way, choice)
    (tmp_path / "person.toml").write_text(PERSON.replace("left", "right"), encoding="utf-8")
    way.window.begin(resumed(choice, broken))
    session = way.window.session
    qtbot.waitUntil(lambda: session.state is State.FAILED, timeout=10_000)
    way.window.tick()
    assert "was begun with trapezius left" in way.window._message.text()
    assert broken_off(way.window._whose) is not None


def test_a_board_that_is_gone_for_good_leaves_a_training_to_go_on_with(way, choice, gate):
    way.window.begin(choice)
    go_to(way, "second trial")
    gate.lost = "The board is gone."
    while way.window.session is not None:
        way.tick()
    gate.lost = ""
    broken = broken_off(way.window._whose)
    assert broken is not None
    way.window.begin(resumed(choice, broken))
    assert names(whole(way)._sitting.outcome) == WHOLE


def test_every_note_of_a_kept_sitting_is_in_the_journal_at_once(way, choice, journal, qtbot):
    way.window.begin(choice)
    go_to(way, "first trial")
    window = way.window
    window.sitting.annotate("jaw let go", onset_s=window.session.duration_s)
    window.session.annotate("button")  # as a button on the board does
    window.tick()
    (unfinished,) = journal.unfinished()
    qtbot.waitUntil(lambda: len(journal.annotations(unfinished.id)) == 4, timeout=10_000)
    notes = [note.text for note in journal.annotations(unfinished.id)]
    assert notes[:2] == ["baseline", "first trial"]
    assert sorted(notes[2:]) == ["button", "jaw let go"]
    window.end()
    assert len(journal.annotations(unfinished.id)) == 4


def test_nothing_is_offered_after_a_day(way, choice, journal):
    broken = stopped(way, choice)
    saved = datetime.fromisoformat(broken.progress["saved"]) - timedelta(hours=25)
    journal.keep_progress(broken.sitting, broken.progress | {"saved": saved.isoformat()})
    assert broken_off(way.window._whose) is None
