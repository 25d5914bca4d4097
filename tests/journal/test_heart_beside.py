"""The heart rate beside a recording is part of it, wherever a journal keeps or gives it."""

from pathlib import Path

import pytest
from kept import CONDITIONS, MORNING, files_in, sit

from biofeedback.journal.backup import back_up
from biofeedback.journal.erase import erase
from biofeedback.journal.export import export
from biofeedback.journal.journal import Journal, open_journal
from biofeedback.journal.restore import restore
from biofeedback.recording.heart_csv import heart_path

ROWS = b"time_s,rate_bpm,rr_s,artefact\n1.000,60,1.000000,0\n"


@pytest.fixture
def heart(journal: Journal, p01: str) -> Path:
    """The heart rate beside the recording of a sitting."""
    sit(journal, p01)
    (sitting,) = journal.sittings(p01)
    path = heart_path(journal.recordings / sitting.recordings[0].file)
    path.write_bytes(ROWS)
    return path


def test_an_export_holds_it(journal, p01, heart, tmp_path):
    export(journal, p01, tmp_path / "out")
    assert files_in(tmp_path / "out" / "recordings")[heart.name] == ROWS


def test_erasing_removes_it(journal, p01, heart):
    erase(journal, p01)
    assert files_in(journal.recordings) == {}


def test_a_backup_brings_it_back(journal, heart, tmp_path):
    back_up(journal, tmp_path / "backup.zip")
    with open_journal(str(tmp_path / "other" / "journal.sqlite")) as other:
        restore(other, tmp_path / "backup.zip")
        assert files_in(other.recordings)[heart.name] == ROWS


def test_a_recording_that_is_brought_in_brings_it_along(journal, p01, tmp_path):
    source = tmp_path / "brought.edf"
    source.write_bytes(b"a recording")
    heart_path(source).write_bytes(ROWS)
    journal.import_sitting(
        p01, CONDITIONS, source, started=MORNING, duration_s=3.0, summary={}, annotations=()
    )
    (recording,) = journal.sittings(p01)[0].recordings
    assert files_in(journal.recordings)[heart_path(Path(recording.file)).name] == ROWS
