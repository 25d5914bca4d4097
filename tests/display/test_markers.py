"""What is noted by a digit or a word: kept, shown where it was, changed and taken back."""

import pytest
from led import CONTROL, begin, lead, make_way, noted, said, screen
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF
from PySide6.QtWidgets import QDialog

from biofeedback.display.sitting.view_model import clock_word
from biofeedback.display.therapist.markers import MarkersDialog, marker_texts
from biofeedback.display.traces.note_marks import place
from biofeedback.recording.edit_log import read_edits
from biofeedback.recording.formats import read_recording
from biofeedback.recording.library import list_kept
from biofeedback.recording.repair import recordings_folder
from biofeedback.settings import MarkerSettings, load_settings


@pytest.fixture
def way(window, tmp_path, monkeypatch, qtbot):
    return make_way(window, tmp_path, monkeypatch, qtbot)


def notes(way) -> list[str]:
    return [note.text for note in way.window.sitting.noted.notes()]


def test_a_digit_notes_its_text_of_this_moment(way):
    lead(way)
    at_s = way.window.session.duration_s
    way.key(Qt.Key.Key_1)
    way.key(Qt.Key.Key_6)
    assert notes(way) == ["movement", "pain"]
    assert way.window.sitting.noted.notes()[0].onset_s == at_s
    assert "movement" in said(way) or "pain" in said(way)
    assert noted(way)[-2:] == ["movement", "pain"]


def test_what_the_training_notes_by_itself_is_not_in_the_list(way):
    lead(way)
    way.key(Qt.Key.Key_2)
    way.until("trial")
    assert "first trial" in noted(way)
    assert notes(way) == ["speaks"]


def test_the_list_shows_each_note_with_its_time_and_the_digits_are_told(way):
    shown = lead(way)
    at = clock_word(way.window.session.duration_s)
    way.key(Qt.Key.Key_3)
    way.go(1)
    rows = shown.card.notes.rows
    assert [rows.item(i).text() for i in range(rows.count())] == ([f"{at}  stress"])
    assert "1\u00a0movement" in shown.card.notes.legend.text()


def test_the_texts_of_the_digits_are_changed_and_kept_in_the_settings(way, qtbot):
    lead(way)
    way.key(Qt.Key.Key_M, CONTROL)
    (asked,) = way.window.findChildren(QDialog)
    assert [line.text() for line in asked.lines] == list(marker_texts(MarkerSettings()))
    asked.lines[0].setText(" sighs ")
    asked.lines[8].clear()
    qtbot.keyClick(asked.lines[0], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not asked.isVisible(), timeout=5000)
    assert load_settings().markers.texts[:2] == ("sighs", "speaks")
    way.tick()
    way.key(Qt.Key.Key_1)
    assert notes(way) == ["sighs"]
    way.key(Qt.Key.Key_9)
    assert "Ctrl+M" in said(way)
    assert notes(way) == ["sighs"]


def test_the_usual_texts_follow_the_language_and_are_not_written_down(qtbot):
    asked = MarkersDialog(MarkerSettings(("a", "b")))
    qtbot.addWidget(asked)
    asked._take_usual()
    with qtbot.waitSignal(asked.changed) as kept:
        asked.accept()
    assert kept.args == [MarkerSettings()]


def test_a_digit_in_a_line_that_is_typed_is_a_digit(way, qtbot):
    lead(way)
    way.key(Qt.Key.Key_N)
    for key in (Qt.Key.Key_3, Qt.Key.Key_Return):
        way.key(key)
    assert notes(way) == ["3"]


def test_a_note_is_changed_and_taken_back_by_key_and_the_recording_knows(way, qtbot):
    begin(way)
    way.key(Qt.Key.Key_R)
    way.go(1)
    way.key(Qt.Key.Key_V)
    way.go(0.5)
    shown = screen(way)
    for key in (Qt.Key.Key_1, Qt.Key.Key_6, Qt.Key.Key_3):
        way.key(key)
        way.go(0.5)
    rows = shown.card.notes.rows
    rows.setCurrentRow(0)
    qtbot.keyClick(rows, Qt.Key.Key_Return)
    way.window._ask.line.setText("turns the head")
    way.key(Qt.Key.Key_Return)
    assert notes(way) == ["turns the head", "pain", "stress"]
    way.go(0.5)
    rows.setCurrentRow(1)
    qtbot.keyClick(rows, Qt.Key.Key_Delete)
    assert notes(way) == ["turns the head", "stress"]
    assert "taken back" in said(way)
    way.go(1)
    way.window.end()
    (kept,) = list_kept(recordings_folder())
    recorded = read_recording(kept.path).annotations
    assert {"movement", "pain", "stress"} <= {note.text for note in recorded}  # as first made
    edited = [note.text for note in read_edits(kept.path).apply(recorded).annotations]
    assert "turns the head" in edited
    assert "stress" in edited
    assert not {"movement", "pain"} & set(edited)


def test_a_note_changed_twice_and_back_is_no_edit(way):
    lead(way)
    way.key(Qt.Key.Key_R)
    way.go(0.5)
    way.key(Qt.Key.Key_1)
    sitting = way.window.sitting
    for text in ("other", "third", "movement"):
        sitting.amend(sitting.noted.notes()[0], text)
    assert notes(way) == ["movement"]
    way.go(1)
    way.window.end()
    (kept,) = list_kept(recordings_folder())
    assert read_edits(kept.path).entries == ()


def test_a_note_stands_in_the_sweep_until_it_comes_round_again(way):
    shown = lead(way)
    way.key(Qt.Key.Key_4)
    way.go(0.5)
    ((x, text),) = shown.sweep._marks()
    note = way.window.sitting.noted.notes()[0]
    plot = shown.sweep.frame.plot
    assert text == "sensory trick on"
    assert x == pytest.approx(plot.left() + note.onset_s / 10 * plot.width())
    way.go(7)
    assert len(shown.sweep._marks()) == 1
    way.go(4)
    assert shown.sweep._marks() == []


def test_a_note_stands_in_the_trend_of_who_leads_and_not_in_the_clients(way):
    begin(way, protocol="")
    way.key(Qt.Key.Key_W)
    way.window.sitting.annotate("pain", onset_s=0.5)
    way.window.switch_view()
    way.go(3)
    ((ago_s, text),) = way.window._screen._marks()
    assert text == "pain"
    assert ago_s == pytest.approx(way.window.session.duration_s - 0.5, abs=0.05)
    assert way.window.client.screen_shown._marks() == []


@pytest.mark.parametrize("width", [200, 500, 900])
def test_no_text_of_a_mark_is_outside_of_the_plot_or_over_another(qapp, width):
    plot = QRectF(50, 10, width, 120)
    metrics = QFontMetricsF(QFont(qapp.font()))
    marks = [(50 + width * share, "sensory trick on") for share in (0.0, 0.02, 0.3, 0.31, 0.97, 1)]
    placed = place(marks, plot, metrics)
    boxes = [box for _x, box, text in placed if text]
    assert len(placed) == len(marks)
    assert len(boxes) >= 2
    for i, box in enumerate(boxes):
        assert plot.adjusted(-1, 0, 1, 0).contains(box)
        assert not any(box.intersects(other) for other in boxes[i + 1 :])
