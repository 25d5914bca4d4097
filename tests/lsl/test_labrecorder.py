"""Streams of ours, as LabRecorder recorded them over the network: tests/data/labrecorder.xdf."""

from pathlib import Path

import numpy as np
import pytest

from biofeedback.recording.formats import read_recording

FILE = Path(__file__).parents[1] / "data" / "labrecorder.xdf"


@pytest.fixture(scope="module")
def recording():
    return read_recording(FILE)


def test_every_sample_that_was_sent_is_read_at_its_index(recording):
    chunks = list(recording.chunks)
    index = np.concatenate([chunk.start + np.arange(len(chunk.samples)) for chunk in chunks])
    counts = np.concatenate([chunk.samples for chunk in chunks]) / 0.5
    counts += 128  # as they were sent: -64 µV and half a microvolt a step
    np.testing.assert_array_equal(counts, np.column_stack([index % 256, 3 * index % 256]))
    assert (len(index), recording.stop) == (2752, 3000)
    assert len(chunks) == 2  # 248 were not sent


def test_what_the_streams_said_of_themselves_is_known(recording):
    labels = [channel.label for channel in recording.info.channels]
    assert labels == ["biceps left", "biceps right"]
    assert {channel.unit for channel in recording.info.channels} == {"uV"}
    assert recording.info.sfreq == 250
    assert recording.info.simulated


def test_the_note_is_at_its_sample(recording):
    (note,) = recording.annotations
    assert note.text == "lifts the cup"
    assert note.onset_s == pytest.approx(4.0, abs=0.01)
