"""Edits of a recording: kept in a log beside it, undone by entries, never in the file itself."""

import errno
import hashlib
import json
import os
import stat
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biofeedback.errors import RecordingError
from biofeedback.recording import edit_log
from biofeedback.recording.edit_log import EditLog, edits_path, read_edits
from biofeedback.recording.edits import Edit, Edits, Entry, Exclusion, excluded_spans
from biofeedback.stream import Annotation

OF_FILE = (Annotation(1.0, 0.0, "start"), Annotation(5.0, 2.0, "shrug"))
COUGH = Exclusion(10.0, 12.5, "coughed")
NOTE = Annotation(3.25, 0.0, "Zähne zusammen, μ ≥ 2")
UTC = "2026-01-02T03:04:05.678Z"


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "sitting.edf"
    path.write_bytes(bytes(range(256)) * 40)
    return path


@pytest.fixture
def log(recording: Path) -> EditLog:
    return EditLog(recording, now=lambda: UTC)


def lines(recording: Path) -> list[dict]:
    return [json.loads(line) for line in edits_path(recording).read_text().splitlines()]


def test_without_edits_there_is_no_file_and_the_recording_is_as_it_was(recording, log):
    assert read_edits(recording) == log.edits == Edits()
    assert not edits_path(recording).exists()
    assert Edits().apply(OF_FILE).annotations == OF_FILE


def test_each_edit_is_a_line_that_says_when_and_what(recording, log):
    before = recording.read_bytes()
    log.add(Edit(None, NOTE))
    log.add(Edit(OF_FILE[1], Annotation(5.0, 2.0, "shrug, left")))
    log.add(Edit(OF_FILE[0], None))
    log.add(Edit(None, COUGH))
    log.add(Edit(COUGH, None))
    log.undo()
    head, *entries = lines(recording)
    assert (head["biofeedback_edits"], head["recording"]) == (1, "sitting.edf")
    assert [e["n"] for e in entries] == [1, 2, 3, 4, 5, 6]
    assert {e["utc"] for e in entries} == {UTC}
    assert [e["what"] for e in entries] == [
        "annotation added",
        "annotation changed",
        "annotation removed",
        "exclusion added",
        "exclusion removed",
        "undone",
    ]
    assert entries[1]["before"] == {"onset_s": 5.0, "duration_s": 2.0, "text": "shrug"}
    assert entries[3]["after"] == {"start_s": 10.0, "stop_s": 12.5, "reason": "coughed"}
    assert entries[5]["undoes"] == 5
    assert recording.read_bytes() == before
    edited = read_edits(recording).apply(OF_FILE)
    assert edited.annotations == (NOTE, Annotation(5.0, 2.0, "shrug, left"))
    assert edited.excluded == (COUGH,)


def test_undo_and_redo_are_entries_and_something_new_ends_the_redo(recording, log):
    def state() -> tuple:
        edited = read_edits(recording).apply(())
        return *edited.annotations, *edited.excluded

    log.add(Edit(None, NOTE))
    log.add(Edit(None, COUGH))
    assert log.undo()
    assert state() == (NOTE,)
    assert log.undo()
    assert state() == ()
    assert not log.undo()
    assert log.redo()
    assert state() == (NOTE,)
    assert log.redo()
    assert state() == (NOTE, COUGH)
    assert not log.redo()
    assert log.undo()
    log.add(Edit(None, OF_FILE[0]))
    assert not log.redo(), "what was undone before something new was done stays undone"
    assert state() == (OF_FILE[0], NOTE)
    assert len(read_edits(recording).entries) == 8


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["edit", "undo", "redo"]), max_size=25))
def test_undo_and_redo_do_what_two_stacks_do(steps):
    """The two stacks that every editor has, beside the fold over the log."""
    entries: list[Entry] = []
    done: list[Annotation] = []
    undone: list[Annotation] = []
    for n, step in enumerate(steps):
        edits = Edits(tuple(entries))
        if step == "edit":
            mark = Annotation(float(n), 0.0, "x")
            entries.append(Entry(len(entries) + 1, UTC, Edit(None, mark)))
            done.append(mark)
            undone.clear()
        else:
            target = edits.next_undo() if step == "undo" else edits.next_redo()
            source, other = (done, undone) if step == "undo" else (undone, done)
            assert bool(target) == bool(source)
            if target:
                entries.append(Entry(len(entries) + 1, UTC, None, target))
                other.append(source.pop())
    assert Edits(tuple(entries)).apply(()).annotations == tuple(
        sorted(done, key=lambda a: a.onset_s)
    )


def test_an_edit_of_another_recording_is_not_applied(recording, log):
    log.add(Edit(None, COUGH))
    recording.write_bytes(recording.read_bytes()[:-1] + b"x")  # one byte is another
    found = read_edits(recording)
    assert found.apply(()).excluded == ()
    assert "of another recording" in found.notes[0]
    before = edits_path(recording).read_bytes()
    with pytest.raises(RecordingError, match="move that file away"):
        EditLog(recording).add(Edit(None, NOTE))
    assert edits_path(recording).read_bytes() == before


def test_a_log_cut_at_any_byte_keeps_every_whole_line_and_can_be_gone_on_with(
    recording, log, monkeypatch
):
    monkeypatch.setattr(edit_log.os, "fsync", lambda _file: None)  # a thousand take seconds
    for onset_s in (1.0, 2.0, 3.0):
        log.add(Edit(None, Annotation(onset_s, 0.0, "x")))
    whole = edits_path(recording).read_bytes()
    for size in range(len(whole)):
        edits_path(recording).write_bytes(whole[:size])
        found = read_edits(recording)
        kept = max(whole[:size].count(b"\n") - 1, 0)
        assert len(found.entries) == kept
        torn = size > 0 and not whole[:size].endswith(b"\n")
        assert len(found.notes) == torn
        if torn:
            assert "not written to its end" in found.notes[0]
        again = EditLog(recording, now=lambda: UTC)
        again.add(Edit(None, NOTE))
        assert [e.edit.after for e in read_edits(recording).entries][-1] == NOTE
        assert len(read_edits(recording).entries) == kept + 1
        assert read_edits(recording).notes == again.edits.notes == ()


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b"\0\0\0",
        b'{"n": 2, "utc": "x", "undoes": 1}',
        b'{"n": 1, "utc": "x"}',
        b'{"n": 1, "utc": "x", "undoes": 1}',
        b'{"n": 1, "utc": "x", "undoes": true}',
        b'{"n": 1, "utc": "x", "after": {"start_s": NaN, "stop_s": 1, "reason": "x"}}',
        b'{"n": 1, "utc": "x", "after": {"start_s": 1e999, "stop_s": 1, "reason": "x"}}',
        b'{"n": 1, "utc": "x", "after": {"start_s": 1' + b"0" * 400 + b', "stop_s": 1}}',
        b'{"n": 1, "utc": "x", "after": {"start_s": "0", "stop_s": 1, "reason": "x"}}',
        b'{"n": 1, "utc": "x", "after": {"onset_s": 0, "duration_s": 1, "text": 5}}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_line_is_named_and_nothing_comes_back_unseen(recording, log, line):
    log.add(Edit(None, COUGH))
    head = edits_path(recording).read_bytes().split(b"\n")[0]
    edits_path(recording).write_bytes(head + b"\n" + line + b"\n")
    with pytest.raises(RecordingError, match=r"Line 2 of the edits .*sitting\.edf\.edits\.jsonl"):
        read_edits(recording)


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=60)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.dictionaries(
            st.sampled_from(
                ["n", "utc", "undoes", "before", "after", "onset_s", "duration_s", "text"]
            ),
            inner,
            max_size=5,
        ),
        max_leaves=8,
    ).map(lambda value: json.dumps(value).encode())
)
def test_whatever_a_line_holds_it_is_an_edit_or_it_is_named(tmp_path_factory, line):
    path = tmp_path_factory.mktemp("any") / "x.edf"
    path.write_bytes(b"x")
    EditLog(path).add(Edit(None, COUGH))
    with edits_path(path).open("ab") as file:
        file.write(line + b"\n")
    try:
        edits = read_edits(path)
    except RecordingError as error:
        assert "is damaged" in str(error)  # noqa: PT017
    else:
        assert isinstance(edits.apply(()).excluded, tuple)


def test_half_a_character_is_none(recording, log):
    log.add(Edit(None, Exclusion(0.0, 1.0, "\ud800 coughed")))
    assert read_edits(recording).apply(()).excluded[0].reason == "? coughed"


def test_the_log_of_the_docs_is_one(recording):
    page = Path(__file__).parents[2] / "docs" / "playback.md"
    text = page.read_text(encoding="utf-8")
    example = text[text.index('{"biofeedback_edits"') :].partition("```")[0]
    digest = hashlib.sha256(recording.read_bytes()).hexdigest()
    edits_path(recording).write_text(example.replace("9f86…", digest), encoding="utf-8")
    found = read_edits(recording)
    assert found.notes == ()
    edited = found.apply(())
    assert edited.annotations == (Annotation(12.5, 0.0, "turns right"),)
    assert edited.excluded == (Exclusion(60.0, 72.5, "coughed"),)


@pytest.mark.parametrize("head", [b"{}", b'{"biofeedback_edits": 2, "sha256": "x"}', b"EDF"])
def test_a_file_that_is_no_log_of_ours_is_refused(recording, head):
    edits_path(recording).write_bytes(head + b"\n")
    with pytest.raises(RecordingError, match="Line 1"):
        read_edits(recording)


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_only_the_owner_may_read_the_log(recording, log):
    log.add(Edit(None, NOTE))
    assert stat.S_IMODE(edits_path(recording).stat().st_mode) == 0o600


def test_where_nothing_can_be_written_it_is_said_and_the_edit_does_not_hold(
    recording, log, monkeypatch
):
    log.add(Edit(None, NOTE))
    before = edits_path(recording).read_bytes()

    def read_only(*_words: object) -> int:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    with monkeypatch.context() as patched:
        patched.setattr(edit_log.os, "open", read_only)
        with pytest.raises(RecordingError, match=r"cannot be kept in .*Read-only.*: make room"):
            log.add(Edit(None, COUGH))
    assert log.edits.apply(()).excluded == ()
    assert edits_path(recording).read_bytes() == before


def test_a_disk_that_fills_leaves_the_log_as_it_was(recording, log, monkeypatch):
    log.add(Edit(None, NOTE))
    before = edits_path(recording).read_bytes()
    write = os.write
    with monkeypatch.context() as patched:
        patched.setattr(edit_log.os, "write", lambda file, data: write(file, data[:20]))
        with pytest.raises(RecordingError, match="the disk is full"):
            log.add(Edit(None, COUGH))
    assert edits_path(recording).read_bytes() == before
    log.add(Edit(None, COUGH))
    assert read_edits(recording).apply(()).excluded == (COUGH,)


def test_a_log_that_another_program_went_on_with_is_not_written_over(recording, log):
    log.add(Edit(None, NOTE))
    EditLog(recording).add(Edit(None, COUGH))
    with pytest.raises(RecordingError, match="Another program"):
        log.add(Edit(NOTE, None))
    assert len(read_edits(recording).entries) == 2


def test_an_edit_that_fits_nothing_is_left_out_and_told(log):
    log.add(Edit(Annotation(9.0, 0.0, "gone"), None))
    edited = log.edits.apply(OF_FILE)
    assert edited.annotations == OF_FILE
    assert "1 of the edits fits no annotation" in edited.notes[0]


def test_excluded_samples_are_joined_and_lie_in_the_recording():
    excluded = [
        Exclusion(2.0, 3.0, "b"),
        Exclusion(-5.0, 0.5, "a"),
        Exclusion(2.5, 4.0, "c"),
        Exclusion(4.0, 4.5, "touches"),
        Exclusion(9.0, 99.0, "d"),
        Exclusion(50.0, 60.0, "behind the end"),
        Exclusion(6.0, 5.0, "wrong way round"),
    ]
    spans = excluded_spans(excluded, sfreq=1000.0, n_samples=10_000)
    assert np.array_equal(spans, [[0, 500], [2000, 4500], [9000, 10_000]])
    assert excluded_spans([], sfreq=1000.0, n_samples=5).shape == (0, 2)
