"""What we send, received by Lab Streaming Layer's own library."""

import os
import signal
import subprocess
import sys
import threading
import time
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest
from lsl_streams import MICROVOLTS, chunks, pulled, pylsl, received, write

from biofeedback.errors import SettingsError
from biofeedback.outlets.lsl import LslOutlet
from biofeedback.outlets.stamps import Stamps
from biofeedback.sources import lsl_library
from biofeedback.stream import Annotation, Channel, Quality, StreamInfo, Tension, Zone
from biofeedback.training.goal import Goal


@pytest.fixture
def outlet(name):
    sink = LslOutlet(name, band="wide")
    sink.open(MICROVOLTS)
    yield sink
    sink.close()


def described(inlet) -> ElementTree.Element:
    return ElementTree.fromstring(inlet.info(5).as_xml())  # noqa: S314 - our own


def test_every_sample_arrives_as_it_is_in_microvolts_with_even_stamps_of_lsls_clock(outlet, name):
    inlet = received(name)
    sent = chunks(2000)
    before = pylsl.local_clock()
    write(outlet, sent)
    rows, stamps = pulled(inlet, 2000)
    counts = np.concatenate([chunk.samples for chunk in sent])
    np.testing.assert_array_equal(rows, counts * 24.4 - 12_500)
    np.testing.assert_array_equal(np.rint((rows + 12_500) / 24.4), counts)
    np.testing.assert_allclose(np.diff(stamps), 0.001, atol=1e-9)
    assert before <= stamps[0] < before + 5


def test_the_description_says_what_it_is_in_the_words_of_xdf(outlet, name):
    inlet = received(name)
    told = described(inlet)
    assert told.findtext("type") == "EMG"
    assert float(told.findtext("nominal_srate")) == 1000
    assert told.findtext("channel_format") == "double64"
    channel = told.find("desc/channels/channel")
    assert {word.tag: word.text for word in channel} == {
        "label": "trapezius left",
        "unit": "microvolts",
        "type": "EMG",
        "sensor": "MyoWare 2.0, RAW pin",
        "counts_gain": "24.4",
        "counts_offset": "-12500.0",
        "step": "24.4",
    }
    assert told.findtext("desc/simulated") == "yes"
    assert told.findtext("desc/tension_band_hz") == "20-450"
    assert told.findtext("desc/acquisition/source") == "sim:rest"
    again = LslOutlet(name, band="wide")
    again.open(MICROVOLTS)  # as after a crash: a receiver knows it again by this
    found = pylsl.resolve_byprop("source_id", told.findtext("source_id"), 2, 5)
    assert len(found) == 2
    again.close()


def test_no_path_goes_out(name):
    sink = LslOutlet(name, band="wide")
    sink.open(StreamInfo(MICROVOLTS.channels, 1000.0, "/home/anna/anna.edf"))
    xml = received(name).info(5).as_xml()
    assert "anna" not in xml
    assert "<simulated>no</simulated>" in xml
    sink.close()


def test_whole_counts_go_out_in_32_bits_and_numbers_that_need_more_in_64(name):
    whole = Channel("A0", digital=(0, 1023))
    for part, digital, form in (("", (0, 1023), "float32"), (" b", (0, 2**32), "double64")):
        sink = LslOutlet(name + part, band="wide")
        sink.open(StreamInfo((Channel("A0", digital=digital),), 1000.0, "serial:x"))
        told = described(received(name + part))
        assert told.findtext("channel_format") == form
        assert told.findtext("desc/channels/channel/unit") == whole.unit == "counts"
        sink.close()


def tension_of(start: int, n: int) -> tuple[Tension, np.ndarray]:
    """Return a tension in which every value tells which sample it is of."""
    number = (start + np.arange(n, dtype=float))[:, None] + [0.0, 0.25]
    slow = np.where(number < 50, np.nan, number)
    quality = np.full((n, 2), Quality.MAINS | Quality.ECG, dtype=np.uint8)
    zones = np.tile(np.array([Zone.TENSE, Zone.UNKNOWN], dtype=np.int8), (n, 1))
    return Tension(start, number, slow / 2, slow, quality), zones


def test_tension_zone_quality_and_goal_go_out_25_times_a_second_with_the_stamp_of_their_sample(
    outlet, name
):
    signal_inlet, inlet = received(name), received(name, "-tension")
    trainer = SimpleNamespace(shown=SimpleNamespace(goal=Goal.REACHED))
    write(outlet, chunks(400), lambda start, n: (*tension_of(start, n), trainer))
    rows, stamps = pulled(inlet, 10)
    index = np.arange(0, 400, 40)
    np.testing.assert_array_equal(rows[:, 0], np.where(index < 50, np.nan, index))
    np.testing.assert_array_equal(rows[:, 1], rows[:, 0] / 2)
    np.testing.assert_array_equal(rows[:, 4], rows[:, 0] + 0.25)
    np.testing.assert_array_equal(rows[0, [2, 3, 6, 7, 8]], [2, 20, 0, 20, 1])
    np.testing.assert_array_equal(stamps, pulled(signal_inlet, 400)[1][index])
    told = described(inlet)
    assert float(told.findtext("nominal_srate")) == 25
    labels = [label.text for label in told.iterfind("desc/channels/channel/label")]
    assert labels[:5] == [
        *(f"trapezius left {part}" for part in ("slow", "fast", "zone", "quality")),
        "biceps slow",
    ]
    assert labels[-1] == "goal"


def test_without_a_training_there_is_no_goal(outlet, name):
    inlet = received(name, "-tension")
    outlet.write(chunks(16)[0])
    outlet.follow(*tension_of(0, 16), None)
    assert pulled(inlet, 1)[0][0, -1] == 0


def test_a_note_goes_out_with_the_time_that_it_is_of(outlet, name):
    signal_inlet, inlet = received(name), received(name, "-notes")
    write(outlet, chunks(1600))
    outlet.annotate(Annotation(1.25, 0.0, "hält die Tasse"))
    (text,), stamp = inlet.pull_sample(5)
    assert text == "hält die Tasse"
    assert stamp == pytest.approx(pulled(signal_inlet, 1600)[1][1250], abs=1e-6)


def test_nothing_is_made_for_a_stream_that_nobody_receives(outlet, monkeypatch):
    def never(*_args):
        raise AssertionError

    monkeypatch.setattr(Stamps, "of", never)
    for chunk in chunks(400):
        outlet.write(chunk)
        outlet.follow(*tension_of(chunk.start, len(chunk.samples)), None)
    outlet.annotate(Annotation(0.0, 0.0, "nobody hears it"))
    assert outlet.notes == ()


HANGS = """
import sys, pylsl
inlet = pylsl.StreamInlet(pylsl.resolve_byprop("name", sys.argv[1], timeout=20)[0])
inlet.open_stream(20)
print("subscribed", flush=True)
while True:
    inlet.pull_sample(1)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX system")
def test_a_receiver_that_hangs_holds_nobody_up(name):
    sink = LslOutlet(name, band="wide")
    sink.open(StreamInfo(MICROVOLTS.channels * 4, 2000.0, "serial:x"))
    with subprocess.Popen([sys.executable, "-c", HANGS, name], stdout=subprocess.PIPE) as hung:
        try:
            assert hung.stdout.readline() == b"subscribed\n"
            hung.send_signal(signal.SIGSTOP)
            inlet = received(name, max_buflen=120)
            slowest_s = 0.0
            for chunk in chunks(120_000, 8, size=32):  # a minute, twice what is kept for it
                before = time.perf_counter()
                sink.write(chunk)
                slowest_s = max(slowest_s, time.perf_counter() - before)
            assert slowest_s < 0.5  # on a machine with much else to do; it would be for ever
            assert len(pulled(inlet, 60_000)[0]) == 60_000
            before = time.perf_counter()
            sink.close()
            assert time.perf_counter() - before < 5
        finally:
            os.kill(hung.pid, signal.SIGKILL)
            sink.close()
    assert sink.notes == ()


def test_what_was_sent_last_arrives_before_the_stream_ends(outlet, name):
    inlet, came = received(name), []

    def receive():
        try:
            while True:
                came.extend(inlet.pull_chunk(timeout=0.0, max_samples=4000)[1])
                time.sleep(0.004)
        except RuntimeError:
            pass  # it has ended

    thread = threading.Thread(target=receive)
    thread.start()
    write(outlet, chunks(2000))
    outlet.close()
    thread.join(20)
    assert len(came) == 2000


def test_where_the_library_fails_the_session_goes_on_and_says_so_once(outlet, name, monkeypatch):
    inlet = received(name)

    def fail(*_args):
        raise RuntimeError("broken")

    outlet._signal.push_chunk = fail
    for chunk in chunks(64):
        outlet.write(chunk)
        outlet.follow(*tension_of(chunk.start, len(chunk.samples)), None)
    outlet.annotate(Annotation(0.0, 0.0, "after it"))
    assert outlet.notes == ("Nothing more is sent by Lab Streaming Layer (broken).",)
    del inlet


def test_without_the_package_one_sentence_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pylsl", None)
    monkeypatch.setattr(lsl_library, "_loaded", [])
    with pytest.raises(SettingsError, match=r'pip install "biofeedback\[lsl\]"'):
        LslOutlet("x", band="wide")
