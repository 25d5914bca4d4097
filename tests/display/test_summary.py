"""What came of a training: the same numbers as in the terminal, kept in the journal of a person."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel
from stepped import AFTER, BASELINE, HEAD, TRIALS, Gate, Way, write_protocol

from biofeedback.cli import main
from biofeedback.display.sitting.choice import Choice
from biofeedback.display.training.summary_page import SummaryPage
from biofeedback.journal.journal import open_journal
from biofeedback.recording.formats import read_recording
from biofeedback.sources import SourceOptions
from biofeedback.words import plain

SITTING = HEAD + "fading = [1, 1, 1, 1]\n" + BASELINE + TRIALS + AFTER
# the lead falls off in the first trial
PERSON = """
[[channels]]
label = "trapezius left"
offset_uv = 180
[[channels.segments]]
seconds = 25
emg_uv = [9, 6]
[[channels.segments]]
seconds = 4
lead = "off"
[[channels.segments]]
emg_uv = 4
"""


@pytest.fixture
def way(window, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Way:
    monkeypatch.setenv("BIOFEEDBACK_PROTOCOLS", str(tmp_path / "protocols"))
    write_protocol(tmp_path / "protocols", SITTING)
    gate = Gate()
    monkeypatch.setattr("biofeedback.display.sitting.sitting.open_source", gate.open)
    return Way(window, gate, qtbot)


@pytest.fixture
def source(tmp_path: Path) -> str:
    path = tmp_path / "person.toml"
    path.write_text(PERSON, encoding="utf-8")
    return f"sim:{path}"


@pytest.fixture
def p01(way: Way, monkeypatch: pytest.MonkeyPatch) -> str:
    """Somebody who sits at what is simulated, as if it were a sensor."""
    monkeypatch.setattr("biofeedback.display.sitting.sitting.is_live", lambda _words: True)
    people = way.window.pages.start.people
    way.qtbot.waitUntil(lambda: not people._look.isActive(), timeout=20_000)  # it has read
    way.window._whose.add("P01")
    return "P01"


def sat(way: Way, source: str, seconds: float = 0.0) -> SummaryPage:
    """Sit for a whole training, or for so long, and return the page of what came of it."""
    way.window.begin(Choice(source, SourceOptions(), protocol="short"))
    if seconds:
        way.go(seconds)
        way.window.end()
    while way.window.session is not None:
        way.go(5)
    page = way.window.pages.currentWidget()
    assert isinstance(page, SummaryPage)
    return page


def texts(page: SummaryPage) -> list[str]:
    return [label.text() for label in page.findChildren(QLabel) if label.isVisible()]


def test_the_scores_are_those_of_the_terminal(way, source, capsys):
    page = sat(way, source)
    capsys.readouterr()
    assert main(["train", "short", source, "--fast", "--headless", "--json"]) == 0
    summary = json.loads(capsys.readouterr().out.splitlines()[-1])["summary"]
    assert json.loads(json.dumps(plain(page._sitting.outcome))) == summary
    said = texts(page)
    for name, value in (
        ("Baseline before", f"{summary['baseline_uv']:.3g} µV"),
        ("Baseline after", f"{summary['post_baseline_uv']:.3g} µV"),
        ("At the goal", f"{summary['success_percent']:.0f} %"),
        ("Relative rest time", f"{summary['relative_rest_time_percent']:.0f} %"),
        ("Valid signal", f"{summary['valid_percent']:.0f} %"),
    ):
        assert said[said.index(name) + 1] == value


def test_the_picture_has_the_phases_the_threshold_and_what_is_unknown(way, source):
    page = sat(way, source)
    drawn = page.picture._drawn
    assert [word for *_times, word in drawn.phases] == [
        "Baseline",
        "Trial 1",
        "Rest",
        "Trial 2",
        "Baseline",
    ]
    unknown = drawn.levels != drawn.levels
    assert unknown[255:285].all(), "the lead was off"
    assert not unknown[300:].any()
    path = page._sitting.outcome["threshold_path"]
    assert [level for _t, level in drawn.steps] == [step["threshold_uv"] for step in path]
    image = page.picture.grab().toImage()
    colours = {image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(image.height())}
    assert len(colours) > 5


def test_a_sitting_of_a_person_is_kept_with_its_summary_and_baseline(way, source, p01):
    page = sat(way, source)
    assert "Kept in the journal of P01." in " ".join(texts(page))
    assert "It is under My recordings." in " ".join(texts(page))
    with open_journal() as journal:
        (sitting,) = journal.sittings(p01)
        assert sitting.summary == json.loads(json.dumps(plain(page._sitting.outcome)))
        assert sitting.summary["protocol"] == "short"
        assert not sitting.interrupted
        (baseline,) = journal.calibrations(p01)
        assert (baseline.kind, baseline.channel) == ("baseline", "trapezius left")
        assert baseline.value_uv == pytest.approx(sitting.summary["baseline_uv"], rel=1e-5)
        notes = [note.text for note in journal.annotations(sitting.id)]
        assert notes == ["baseline", "first trial", "pause", "second trial", "baseline after"]
        (recording,) = sitting.recordings
        kept = read_recording(journal.recordings / recording.file)
    assert [note.text for note in kept.annotations] == notes


def test_what_was_noticed_is_kept_with_the_sitting(way, source, p01, qtbot):
    page = sat(way, source)
    qtbot.keyClick(page, Qt.Key.Key_N, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(page.note.isVisible, timeout=5_000)
    qtbot.keyClicks(page.note.line, "jaw was the trick")
    qtbot.keyClick(page.note.line, Qt.Key.Key_Return)
    assert way.window._message.text() == "Noted."
    assert way.window.pages.currentWidget() is page
    with open_journal() as journal:
        (sitting,) = journal.sittings(p01)
        assert sitting.note == "jaw was the trick"
        assert sitting.summary["protocol"] == "short"
        assert len(journal.calibrations(p01)) == 1


def test_one_that_broke_off_is_marked_so_and_does_not_count_in_the_course(way, source, p01):
    page = sat(way, source, seconds=22)
    assert "It was ended early: this is what there is of it." in texts(page)
    with open_journal() as journal:
        (sitting,) = journal.sittings(p01)
        assert sitting.interrupted
        assert sitting.summary["whole"] is False
    sat(way, source)  # still the first of the course: with feedback in every trial
    again = sat(way, source)
    feedback = [trial["feedback"] for trial in again._sitting.outcome["trials"]]
    assert feedback == ["on", "off"], "the second of the course: in every other one"


def test_without_a_person_nothing_is_kept_and_nothing_can_be_noted(way, source):
    page = sat(way, source)
    assert "Nothing was recorded, and nothing is kept." in texts(page)
    assert not page._note_button.isVisible()


def test_again_begins_the_same_training(way, source, qtbot):
    page = sat(way, source, seconds=5)
    qtbot.keyClick(page, Qt.Key.Key_A, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: way.window.session is not None, timeout=5_000)
    way.until("baseline")
    assert way.window.session.trainer.protocol.name == "short"
    way.window.end()


def test_what_is_not_known_is_said_so(way, source):
    page = sat(way, source, seconds=5)
    said = texts(page)
    assert said[said.index("Baseline before") + 1] == "not known"
    assert said[said.index("At the goal") + 1] == "not known"
    assert "There was no trial." in said
    assert not any("nan" in text for text in said)


def test_a_report_of_the_training_is_saved(way, source, tmp_path, monkeypatch):
    page, out = sat(way, source), tmp_path / "report.html"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_words: (str(out), ""))
    with way.qtbot.waitSignal(page.report.message, timeout=20_000):
        way.qtbot.keyClick(page.report.button, Qt.Key.Key_Space)
    text = out.read_text("utf-8")
    assert "SIMULATED: this is not a muscle." in text
    assert "trapezius left" in text
