"""Where one stands in a recording and what is changed in it, without a window."""

import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biofeedback.analysis.figures import analyze
from biofeedback.display.playback.model import PlaybackModel
from biofeedback.display.playback.pyramid import make_pyramid
from biofeedback.errors import BiofeedbackError
from biofeedback.recording.edit_log import EditLog, edits_path, read_edits
from biofeedback.recording.edits import Exclusion
from biofeedback.recording.recorded import Recording
from biofeedback.settings import SignalSettings
from biofeedback.stream import Annotation, Channel, Chunk, StreamInfo

SFREQ, SECONDS = 1000.0, 30
NOTES = (Annotation(2.0, 0.0, "begins"), Annotation(12.0, 3.0, "shrug"))


def model_of(path: Path, signal: SignalSettings | None = None) -> PlaybackModel:
    """Return a model of 30 s: 2 uV, from 10 to 20 s 20 uV; 25 to 26 s never came."""
    samples = 2.0 * np.random.default_rng(5).standard_normal((SECONDS * 1000, 2))
    samples[10_000:20_000] *= 10
    channels = Channel("left", "uV", step=0.1), Channel("right", "uV", step=20.0)
    chunks = tuple(Chunk(a, samples[a:b]) for a, b in ((0, 25_000), (26_000, 30_000)))
    info = StreamInfo(channels, SFREQ, "made")
    recording = Recording(info, chunks, len(samples), annotations=NOTES)
    signal = signal or SignalSettings()
    pyramid = make_pyramid(
        recording, signal, progress=lambda _share: None, cancelled=threading.Event()
    )
    path.write_bytes(b"the recording")
    return PlaybackModel(recording, pyramid, EditLog(path), signal)


@pytest.fixture
def model(tmp_path: Path) -> PlaybackModel:
    return model_of(tmp_path / "made.csv")


def test_it_begins_with_all_of_it_in_view(model):
    assert (model.start_s, model.span_s, model.cursor_s) == (0.0, 30.0, 0.0)
    assert model.selection is None
    assert model.marks == list(NOTES)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("zoom"), st.floats(0.01, 100)),
            st.tuples(st.just("scroll"), st.floats(-3, 3)),
            st.tuples(st.just("pan"), st.floats(-100, 100)),
            st.tuples(st.just("go_to"), st.floats(-10, 50)),
            st.tuples(st.just("select_to"), st.floats(-10, 50)),
            st.tuples(st.just("whole"), st.none()),
        ),
        max_size=12,
    )
)
def test_whatever_is_done_view_cursor_and_selection_stay_in_the_recording(tmp_path_factory, steps):
    model = SHARED.setdefault(0, None) or model_of(tmp_path_factory.mktemp("m") / "made.csv")
    SHARED[0] = model
    model.whole()
    model.point_at(0.0)
    for name, value in steps:
        getattr(model, name)(*([] if value is None else [value]))
        assert 0 <= model.start_s <= model.start_s + model.span_s <= 30 + 1e-9
        assert 0 <= model.cursor_s <= 30
        if name in ("go_to", "select_to"):
            assert model.start_s - 1e-9 <= model.cursor_s <= model.start_s + model.span_s + 1e-9
        if model.selection is not None:
            assert 0 <= model.selection[0] < model.selection[1] <= 30


SHARED: dict[int, PlaybackModel] = {}


def test_what_lies_at_the_pointer_stays_there_when_one_zooms(model):
    model.zoom(0.2, 12.0)
    assert (12.0 - model.start_s) / model.span_s == pytest.approx(12.0 / 30)
    model.zoom(0.5, model.start_s)
    before = model.start_s
    model.zoom(2.0, model.start_s)
    assert model.start_s == pytest.approx(before)
    model.zoom(1e-9)
    assert model.span_s == pytest.approx(0.1), "fifty samples and a tenth of a second at least"


def test_arrows_move_view_and_cursor_together_and_at_the_ends_the_cursor_alone(model):
    model.zoom(0.1)
    model.go_to(15.0)
    start_s = model.start_s
    model.scroll(0.5)
    assert model.cursor_s == 16.5
    assert model.start_s == pytest.approx(start_s + 1.5)
    for _press in range(30):
        model.scroll(0.5)
    assert model.cursor_s == 30.0
    assert model.start_s == pytest.approx(27.0)


def test_marks_are_gone_through_in_time_and_there_is_an_end(model):
    model.go_to(5.0)
    model.select_to(6.0)
    model.exclude("talked")
    model.point_at(0.0)
    texts = []
    while model.next_mark(1):
        texts.append(getattr(model.chosen, "text", None) or model.chosen.reason)
    assert texts == ["begins", "talked", "shrug"]
    assert model.cursor_s == 12.0
    assert model.next_mark(-1)
    assert model.chosen == Exclusion(5.0, 6.0, "talked")
    model.point_at(1.0)
    assert not model.next_mark(-1)
    model.point_at(13.0)
    assert model.next_mark(-1)
    assert model.chosen == NOTES[1]


def test_an_annotation_stands_at_the_cursor_or_over_the_selection(model, tmp_path):
    model.go_to(7.25)
    model.annotate("  asked\nto let go ")
    assert model.chosen == Annotation(7.25, 0.0, "asked to let go")
    model.go_to(21.0)
    model.select_to(19.5)
    model.annotate("held")
    assert Annotation(19.5, 1.5, "held") in model.edited.annotations
    assert model.selection is None
    model.reword("held, left")
    assert model.remove()
    assert model.chosen is None
    assert [e.edit.what for e in read_edits(tmp_path / "made.csv").entries] == [
        *("annotation added", "annotation added", "annotation changed", "annotation removed")
    ]
    assert (tmp_path / "made.csv").read_bytes() == b"the recording"


def test_a_mark_whose_words_stay_the_same_is_no_edit(model, tmp_path):
    model.choose(NOTES[0])
    model.reword(" begins ")
    assert not edits_path(tmp_path / "made.csv").exists()
    assert model.chosen == NOTES[0]


def test_what_is_undone_is_no_longer_chosen_and_what_is_redone_is_there_again(model):
    model.go_to(3.0)
    model.annotate("x")
    assert model.undo()
    assert model.chosen is None
    assert model.marks == list(NOTES)
    assert model.redo()
    assert Annotation(3.0, 0.0, "x") in model.marks
    assert not model.redo()


@pytest.mark.parametrize(("stop_s", "said"), [(10.0, "Shift"), (10.2, "0.3 s or more")])
def test_too_little_is_not_excluded_and_it_is_said_what_to_do(model, stop_s, said):
    model.go_to(10.0)
    model.select_to(stop_s)
    with pytest.raises(BiofeedbackError, match=said):
        model.exclude("x")
    assert model.edited.excluded == ()


def test_the_reading_at_the_cursor_is_the_tension_there_or_why_there_is_none(model):
    model.go_to(15.0)
    left = model.readings()[0]
    # white noise of 20 uV, of which 20 to 450 Hz is 86 %
    assert left.value == pytest.approx(20 * np.sqrt(0.86), rel=0.1)
    model.go_to(25.5)
    assert all(r.missing and np.isnan(r.value) for r in model.readings())
    model.go_to(0.2)
    assert all(r.flags and np.isnan(r.value) for r in model.readings())
    model.go_to(14.0)
    model.select_to(16.0)
    model.exclude("coughed")
    model.go_to(15.0)
    assert all(r.excluded and np.isnan(r.value) for r in model.readings())
    model.go_to(30.0)
    assert not np.isnan(model.readings()[0].value), "the end is the last sample"


def test_the_selection_tells_mean_and_valid_share_without_what_is_excluded(model):
    assert model.selected() is None
    model.go_to(3.0)
    model.select_to(23.0)
    mean, percent = model.selected()
    assert percent[0] == pytest.approx(100.0)
    assert mean[0] == pytest.approx((10 * 2 + 10 * 20) / 20 * np.sqrt(0.86), rel=0.05)
    model.go_to(9.0)
    model.select_to(22.0)
    model.exclude("another exercise")
    model.go_to(3.0)
    model.select_to(24.0)
    mean, percent = model.selected()
    assert mean[0] == pytest.approx(2 * np.sqrt(0.86), rel=0.05)
    # without the second before it and the second after
    assert percent[0] == pytest.approx(100 * (21 - 13 - 2) / 21, abs=1e-9)


def test_the_valid_share_is_that_of_analyze_but_for_what_settles(model):
    """The figures settle in 0.75 s after an excluded interval; here a second is left out."""
    model.go_to(9.0)
    model.select_to(22.0)
    model.exclude("another exercise")
    found = analyze(
        model.recording, SignalSettings(), edits=model.log.edits, start_s=3.0, stop_s=24.0
    )
    model.go_to(3.0)
    model.select_to(24.0)
    _mean, percent = model.selected()
    differs_s = (found.channels[0].valid_percent - percent[0]) / 100 * 21
    assert -1e-9 <= differs_s <= 1.25 + 1e-9


def test_a_threshold_is_shown_only_where_the_channel_resolves_it(tmp_path):
    made = model_of(tmp_path / "made.csv", SignalSettings(threshold_uv=5.0))
    assert made.thresholds()[0] == 5.0
    assert np.isnan(made.thresholds()[1]), "below half a step of its converter"
    assert np.isnan(model_of(tmp_path / "made.csv").thresholds()).all()


def test_scales_go_in_round_steps_and_back_to_what_fits(model):
    automatic = model.scales.copy()
    assert 40 <= automatic[0] <= 100, "four times 18.5 uV"
    model.louder(1)
    assert (model.scales < automatic).all()
    model.louder(-2)
    assert (model.scales > automatic).all()
    model.louder(0)
    assert np.array_equal(model.scales, automatic)


def test_excluded_columns_are_those_that_hold_any_of_it(model):
    model.go_to(10.0)
    model.select_to(12.0)
    model.exclude("x")
    assert np.flatnonzero(model.excluded_columns(30)).tolist() == [10, 11]
    model.zoom(0.1, 11.5)
    share = model.excluded_columns(300)
    at = model.start_s + np.arange(300) * model.span_s / 300
    inside = (at >= 10.0) & (at < 12.0)
    assert share[inside].all()
    assert share.sum() - inside.sum() <= 1
