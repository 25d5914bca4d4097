"""Streams of Lab Streaming Layer's own library, read as a source."""

import itertools
import sys
import threading
import time

import numpy as np
import pytest
from lsl_streams import MICROVOLTS, chunks, pylsl, write

from biofeedback.errors import SourceLost, SourceMismatch, SourceNotFound
from biofeedback.outlets.lsl import LslOutlet
from biofeedback.recording.recorded import Hints
from biofeedback.sources import SourceOptions, is_live, lsl_library, open_source
from biofeedback.sources.lsl import LslSource, list_streams, query_for

ANY = {"unit": "mV", "type": "EMG"}
BEGAN_S = 100.0


def announce(name, *, n=2, sfreq=1000.0, form=None, kind="EMG", source_id="amp", words=(ANY, ANY)):
    """Return an outlet of pylsl's own."""
    form = pylsl.cf_double64 if form is None else form
    info = pylsl.StreamInfo(name, kind, n, sfreq, form, source_id)
    listed = info.desc().append_child("channels")
    for number, channel_words in enumerate(words[:n], start=1):
        channel = listed.append_child("channel")
        for key, value in {"label": f"muscle {number}", **channel_words}.items():
            channel.append_child_value(key, value)
    return pylsl.StreamOutlet(info)


def noise(n, n_channels=2):
    return np.random.default_rng(0).normal(0, 0.05, (n, n_channels))


def push(outlet, rows, first=0):
    """Send `rows` with the stamps of even samples from the index `first` on."""
    for at in range(0, len(rows), 20):
        stamps = BEGAN_S + (first + at + np.arange(len(rows[at : at + 20]))) / 1000
        outlet.push_chunk(rows[at : at + 20], stamps.tolist())


@pytest.fixture
def opened():
    sources = []

    def open_(words, hints=None, **options):
        source = LslSource(words, hints, **options)
        sources.append(source)
        source.open()
        return source

    yield open_
    for source in sources:
        source.close()


def read(source, n):
    """Return the index and the samples of the next `n` that come."""
    found = []
    end_s = time.monotonic() + 20
    while sum(len(chunk.samples) for chunk in found) < n and time.monotonic() < end_s:
        found += source.read(0.1)
    index = np.concatenate([chunk.start + np.arange(len(chunk.samples)) for chunk in found])
    return index, np.concatenate([chunk.samples for chunk in found])


@pytest.mark.parametrize("form", ["int16", "int32", "int64", "float32", "double64"])
def test_every_sample_is_read_as_it_was_sent_in_microvolts(name, opened, form):
    code = getattr(pylsl, f"cf_{form}")
    outlet = announce(name, form=code)
    source = opened(name)
    rows = (1e4 * noise(500)).round() if form.startswith("i") else noise(500)
    rows = rows.astype({"float32": np.float32}.get(form, float))
    push(outlet, rows if form[0] != "i" else rows.astype(form))
    index, samples = read(source, 500)
    np.testing.assert_array_equal(index, np.arange(500))
    np.testing.assert_array_equal(samples, rows)
    channel = source.info.channels[0]
    assert (channel.label, channel.unit, channel.gain) == ("muscle 1", "uV", 1000.0)
    assert source.info.sfreq == 1000
    assert source.info.source == f"lsl:{name}"
    assert not source.info.simulated


def test_our_own_stream_comes_back_as_it_was(name, opened):
    outlet = LslOutlet(name, band="wide")
    outlet.open(MICROVOLTS)
    source = opened(name)
    sent = chunks(1000)
    write(outlet, sent)
    index, samples = read(source, 1000)
    counts = np.concatenate([chunk.samples for chunk in sent])
    np.testing.assert_array_equal(index, np.arange(1000))
    np.testing.assert_array_equal(samples, counts * 24.4 - 12_500)
    assert source.info.simulated
    assert [channel.label for channel in source.info.channels] == ["trapezius left", "biceps"]
    outlet.close()


def test_what_is_not_emg_is_left_out_and_counts_take_the_sensor_that_is_named(name, opened):
    words = ({"unit": "counts", "type": "EMG"}, {"unit": "g", "type": "ACC"})
    outlet = announce(name, words=words)
    source = opened(name, Hints(sensor="myoware-2-raw"))
    push(outlet, np.arange(40.0).reshape(20, 2))
    np.testing.assert_array_equal(read(source, 20)[1][:, 0], np.arange(0, 40, 2))
    (channel,) = source.info.channels
    assert channel.unit == "uV"
    assert channel.gain == pytest.approx(5 / 1023 / 200 * 1e6)
    assert "muscle 2" in source.notes[0]


def test_samples_that_are_missing_leave_a_gap(name, opened):
    outlet, rows = announce(name), noise(30_000)
    source = opened(name)
    push(outlet, rows[:20_000])
    push(outlet, rows[20_003:], first=20_003)
    index, samples = read(source, 29_997)
    np.testing.assert_array_equal(index, np.r_[0:20_000, 20_003:30_000])
    np.testing.assert_array_equal(samples, rows[index])


def test_a_stream_that_ends_is_waited_for_and_its_absence_is_a_gap(name, opened):
    rows = noise(30_000)
    outlet = announce(name)
    source = opened(name)
    push(outlet, rows[:20_000])
    index, _samples = read(source, 20_000)
    del outlet
    while not source.status:
        assert source.read(0.1) == []
    assert source.status == f"The LSL stream {name} has ended."
    outlet = announce(name)
    while source.read(0.01) or not outlet.have_consumers():
        pass
    push(outlet, rows[20_000:], first=25_000)
    again, samples = read(source, 10_000)
    np.testing.assert_array_equal(again, 25_000 + np.arange(10_000))
    np.testing.assert_array_equal(samples, rows[20_000:])
    assert index[-1] == 19_999
    assert source.status == ""
    assert "The stream was away for" in source.notes[-1]


def test_a_stream_that_comes_back_with_other_channels_is_refused(name, opened):
    outlet = announce(name)
    source = opened(name, patience_s=3.0)
    push(outlet, noise(20))
    read(source, 20)
    del outlet
    other = announce(name, n=1)
    with pytest.raises(SourceLost, match=r"holds other channels.* waited for, 3 s long"):
        read(source, 1)
    del other


def test_a_stream_that_falls_silent_is_told_and_given_up_when_patience_is_over(name, opened):
    clock = itertools.count(0, 0.05).__next__  # each look takes so long
    outlet = announce(name)
    source = opened(name, clock=clock, patience_s=8.0)
    push(outlet, noise(20))
    read(source, 20)
    while not source.status:
        source.read(0.1)
    assert source.status == f"The LSL stream {name} is silent."
    with pytest.raises(SourceLost, match=r"is silent\. It was waited for, 8 s long"):
        read(source, 1)
    del outlet


def test_events_are_refused_in_one_sentence(name, opened):
    for kind, sfreq, form in (("EMG", 0.0, pylsl.cf_double64), ("Markers", 10.0, pylsl.cf_string)):
        outlet = announce(f"{name} {kind}", sfreq=sfreq, form=form, kind=kind)
        with pytest.raises(SourceMismatch, match=r"holds events.*choose one of EMG"):
            opened(f"{name} {kind}")
        del outlet


def test_a_stream_that_is_not_there_is_named(name, opened):
    with pytest.raises(SourceNotFound, match=f"No LSL stream '{name}' .*biofeedback devices"):
        opened(name, find_s=0.3)


def test_without_a_name_the_type_is_named_that_was_looked_for(opened):
    with pytest.raises(SourceNotFound, match=r"No LSL stream of the type EMG .*biofeedback d"):
        opened("", find_s=0.3)


def test_of_several_streams_one_has_to_be_named(name, opened):
    kind = f"EMG of {name}"
    outlets = [announce(f"{name} {i}", kind=kind, source_id=str(i)) for i in range(2)]
    with pytest.raises(SourceMismatch) as refusal:
        opened(f"type={kind}")
    for i in range(2):
        assert f"lsl:{name} {i}@" in str(refusal.value)
    host = str(refusal.value).rpartition("@")[2].rstrip(".")
    assert opened(f"{name} 1@{host}").info.source == f"lsl:{name} 1"
    del outlets


def test_a_name_of_any_letters_is_asked_for_as_it_is(name, opened):
    odd = f"{name} d'Anna? [1] µ"
    outlet = announce(odd)
    assert opened(odd).info.source == f"lsl:{odd}"
    assert query_for("") == "type='EMG'"
    del outlet


def test_a_stream_that_is_not_said_to_be_emg_is_read_where_it_is_named_and_that_is_told(
    name, opened
):
    outlet = announce(name, kind="EEG", words=({"type": "EEG", "unit": "microvolts"},) * 2)
    source = opened(name)
    assert len(source.info.channels) == 2
    assert f"The LSL stream {name} is not said to be EMG." in source.notes
    del outlet


def test_closing_ends_what_is_under_way(name):
    source = LslSource(name, find_s=60)
    failed = []

    def open_():
        try:
            source.open()
        except SourceNotFound as error:
            failed.append(error)

    thread = threading.Thread(target=open_)
    thread.start()
    source.close()
    thread.join(10)
    assert not thread.is_alive()
    assert failed
    assert source.read(0.1) == []
    source.close()


def test_streams_are_listed_with_what_they_say(name):
    outlet = announce(name)
    (found,) = [one for one in list_streams() if one.name == name]
    assert (found.kind, found.channels, found.sfreq) == ("EMG", 2, 1000.0)
    del outlet


def test_without_the_package_the_sentence_names_it_and_nothing_is_listed(monkeypatch):
    monkeypatch.setitem(sys.modules, "pylsl", None)
    monkeypatch.setattr(lsl_library, "_loaded", [])
    assert list_streams() == []
    with pytest.raises(SourceNotFound, match=r'pip install "biofeedback\[lsl\]"'):
        open_source("lsl:x").open()


def test_it_is_a_live_source_by_its_words():
    assert is_live("lsl:x")
    source = open_source("lsl:a?b=c", SourceOptions(patience_s=3.0))
    assert isinstance(source, LslSource)
