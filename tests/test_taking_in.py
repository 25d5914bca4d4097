"""When a recording taken into a journal was begun: by what it says of itself, or by its file."""

import datetime as dt
import os
from pathlib import Path

import edfio
import numpy as np
import pytest

from biofeedback.journal.journal import open_journal
from biofeedback.settings import Settings
from biofeedback.sources import SourceOptions
from biofeedback.taking_in import take_recording

COPIED = 1_700_000_000.0  # the file's own date, when it was copied


@pytest.fixture
def journal(settings_of_its_own):
    with open_journal() as made:
        made.add_person("P01", added=dt.datetime(2025, 1, 1, tzinfo=dt.UTC))
        yield made


def write(path: Path, **when: object) -> Path:
    """Write a recording as another program does."""
    made = np.random.default_rng(1).normal(scale=20.0, size=4000)
    signal = edfio.EdfSignal(made, 1000, label="EMG", physical_dimension="uV")
    edfio.Edf([signal], **when).write(path)
    os.utime(path, (COPIED, COPIED))
    return path


def begun(journal, file: Path):
    options = SourceOptions()
    taken = take_recording(journal, "P01", str(file), settings=Settings(), options=options)
    return journal.sittings("P01")[0].started, taken.guessed


def test_an_edf_file_that_was_copied_is_dated_by_its_header(journal, tmp_path):
    when = {
        "recording": edfio.Recording(startdate=dt.date(2025, 3, 9)),
        "starttime": dt.time(18, 30, 5),
    }
    started, guessed = begun(journal, write(tmp_path / "a.edf", **when))
    assert started == dt.datetime(2025, 3, 9, 18, 30, 5).astimezone()
    assert guessed is None


def test_an_edf_file_without_a_date_is_dated_by_its_file_and_that_is_told(journal, tmp_path):
    started, guessed = begun(journal, write(tmp_path / "b.edf"))
    assert guessed == started
    assert started.timestamp() == pytest.approx(COPIED - 4.0)
