"""Who leads a sitting changes its phases by keys, sees its plan, and all of it is kept."""

import pytest
from led import CONTROL, SHIFT, lead, make_way, noted, said
from PySide6.QtCore import Qt
from stepped import BASELINE, HEAD, TRIALS, write_protocol

from biofeedback.display.therapist.phase_plan import Stands, plan_lines
from biofeedback.training.events import What
from biofeedback.training.protocol import Feedback, Kind


@pytest.fixture
def way(window, tmp_path, monkeypatch, qtbot):
    return make_way(window, tmp_path, monkeypatch, qtbot)


def trainer(way):
    return way.window.session.trainer


def changed(way) -> list[str]:
    return [e.values["change"] for e in trainer(way).events if e.what is What.CHANGED]


def test_the_next_phase_comes_by_key(way):
    lead(way)
    way.key(Qt.Key.Key_Right, CONTROL)
    way.go(1.5)
    assert trainer(way).phase.kind is Kind.TRIAL
    assert changed(way) == ["next"]
    assert "Next phase, by hand." in noted(way)


def test_a_phase_comes_again_by_key(way):
    lead(way)
    way.go(5)
    way.key(Qt.Key.Key_Left, CONTROL)
    way.go(2)
    assert trainer(way).phase.kind is Kind.BASELINE
    assert trainer(way).left_s > 13
    assert changed(way) == ["repeat"]


def test_a_phase_becomes_longer_and_shorter_by_key(way):
    lead(way)
    before = trainer(way).left_s
    way.key(Qt.Key.Key_Up, CONTROL)
    way.go(0.5)
    assert trainer(way).left_s == pytest.approx(before + 30, abs=2)
    way.key(Qt.Key.Key_Down, CONTROL)
    way.go(0.5)
    assert trainer(way).left_s == pytest.approx(before, abs=4)
    assert changed(way) == ["longer", "shorter"]


def test_the_feedback_is_hidden_and_shown_by_key(way):
    shown = lead(way)
    way.until("trial")
    way.key(Qt.Key.Key_F)
    way.go(1)
    assert trainer(way).phase.feedback is Feedback.OFF
    assert shown.bar.feedback.text() == "Show feedback"
    way.key(Qt.Key.Key_F)
    way.go(1)
    assert trainer(way).phase.feedback is Feedback.ON
    assert changed(way) == ["feedback-off", "feedback-on"]


def test_a_baseline_stays_hidden_and_it_is_said_why(way):
    lead(way)
    way.key(Qt.Key.Key_F)
    way.go(0.3)
    assert "hidden" in said(way)
    assert changed(way) == []


def test_the_clock_stands_and_goes_on_by_key_and_both_are_noted(way):
    shown = lead(way)
    left_s = trainer(way).left_s
    way.key(Qt.Key.Key_Space)
    way.go(2)
    assert shown.bar.pause.text() == "Go on"
    assert trainer(way).left_s == pytest.approx(left_s, abs=0.2)
    way.key(Qt.Key.Key_Space)
    way.go(2)
    assert trainer(way).left_s < left_s - 1
    assert [text for text in noted(way) if text in ("Paused.", "It goes on.")] == (
        ["Paused.", "It goes on."]
    )


@pytest.mark.parametrize(("typed", "threshold"), [("3.25", 3.25), ("4,5", 4.5)])
def test_a_threshold_is_typed(way, typed, threshold):
    lead(way)
    way.until("trial")
    way.key(Qt.Key.Key_T, SHIFT)
    line = way.window._ask.line
    assert line.isVisible()
    assert float(line.text()) == pytest.approx(trainer(way).threshold, rel=0.01)
    line.setText(typed)
    way.key(Qt.Key.Key_Return)
    way.go(0.3)
    assert trainer(way).threshold == threshold
    assert trainer(way).results.staircase.path[-1].by_hand
    assert way.window.session.thresholds()[0] == threshold
    assert not line.isVisible()
    assert any("set by hand" in text for text in noted(way))


def test_a_threshold_of_another_channel_is_its_own(way):
    lead(way)
    way.until("trial")
    before = trainer(way).threshold
    way.key(Qt.Key.Key_Down)
    way.key(Qt.Key.Key_T, SHIFT)
    assert "trapezius right" in way.window._ask._question.text()
    way.window._ask.line.setText("7")
    way.key(Qt.Key.Key_Return)
    way.go(0.3)
    assert way.window.session.thresholds()[1] == 7.0
    assert trainer(way).threshold == before


def test_a_threshold_that_is_a_share_is_typed_in_percent(way, tmp_path):
    text = (HEAD + BASELINE + TRIALS).replace('summary = "', 'mode = "symmetry"\nsummary = "')
    write_protocol(tmp_path / "protocols", text)
    lead(way)
    way.until("trial")
    way.key(Qt.Key.Key_T, SHIFT)
    assert "percent" in way.window._ask._question.text()
    way.window._ask.line.setText("30")
    way.key(Qt.Key.Key_Return)
    way.go(0.3)
    assert trainer(way).threshold == 30.0


@pytest.mark.parametrize(("typed", "why"), [("much", "no number"), ("-3", "above 0"), ("", "no")])
def test_what_is_no_threshold_is_refused_with_a_sentence(way, typed, why):
    lead(way)
    way.until("trial")
    before = trainer(way).threshold
    way.key(Qt.Key.Key_T, SHIFT)
    way.window._ask.line.setText(typed)
    way.key(Qt.Key.Key_Return)
    assert why in said(way)
    way.go(0.3)
    assert trainer(way).threshold == before


def test_the_plan_says_what_is_done_what_goes_on_and_what_is_to_come(way):
    shown = lead(way)
    way.until("trial")
    way.go(4)
    lines = plan_lines(trainer(way))
    assert [line.stands for line in lines] == [
        Stands.DONE,
        Stands.NOW,
        *[Stands.TO_COME] * 4,
    ]
    assert [line.title for line in lines][1:4] == ["Trial 1", "Rest", "Trial 2"]
    assert lines[0].seconds == pytest.approx(15, abs=2)
    assert lines[1].seconds == pytest.approx(trainer(way).left_s)
    rows = shown.card.plan.rows
    assert [rows.item(i).text()[0] for i in range(rows.count())] == list("✓▶○○○○")
    assert rows.item(1).font().bold()
    described = rows.item(1).data(Qt.ItemDataRole.AccessibleDescriptionRole)
    assert described == "now"  # the sign alone says nothing to a screen reader
    assert "left" in shown.card.plan._left.text()


def test_the_plan_shows_what_was_cut_short_and_what_comes_again(way):
    shown = lead(way)
    way.until("trial")
    way.go(2)
    way.key(Qt.Key.Key_Left, CONTROL)
    way.go(2)
    lines = plan_lines(trainer(way))
    assert [line.stands for line in lines][:3] == [Stands.DONE, Stands.CUT_SHORT, Stands.NOW]
    assert len(lines) == 7
    assert shown.card.plan.rows.count() == 7
    assert "cut short" in shown.card.plan.rows.item(1).text()


def test_what_was_changed_is_in_the_outcome_with_its_time(way):
    lead(way)
    way.key(Qt.Key.Key_Up, CONTROL)
    way.go(1)
    way.key(Qt.Key.Key_Right, CONTROL)
    way.go(2)
    sitting = way.window.sitting
    way.window.end()
    changes = sitting.outcome["changes"]
    assert [each["change"] for each in changes] == ["longer", "next"]
    assert all(round(each["t_s"] * 10) / 10 == each["t_s"] for each in changes)


def test_where_nothing_is_trained_there_are_no_phases_to_change(way):
    shown = lead(way, protocol="")
    assert shown.bar.feedback is None
    assert not shown.card.plan.isVisible()
    assert shown.card.notes.isVisible()
    way.key(Qt.Key.Key_Space)
    way.go(0.5)
    assert way.window.session.paused


def test_p_shows_the_spectrum_in_place_of_the_plan_and_back(way):
    shown = lead(way)
    assert shown.card.isVisible()
    way.key(Qt.Key.Key_P)
    assert not shown.card.isVisible()
    assert shown._spectrum.isVisible()
    way.key(Qt.Key.Key_P)
    assert shown.card.isVisible()
