"""What is told by OSC: the bytes of OSC 1.0, over UDP on this computer."""

import math
import socket
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest

from biofeedback.errors import SettingsError
from biofeedback.outlets.osc import Newest, OscOutlet, find_place, messages
from biofeedback.stream import Channel, StreamInfo, Tension, Zone
from biofeedback.training.goal import Goal

INFO = StreamInfo((Channel("left", "uV"), Channel("right", "uV")), 1000.0, "serial:x")


@pytest.fixture
def receiver():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here:
        here.bind(("127.0.0.1", 0))
        here.settimeout(10)
        yield here


@pytest.fixture
def outlet(receiver):
    sink = OscOutlet(f"127.0.0.1:{receiver.getsockname()[1]}")
    yield sink
    sink.close()


def tension(*slow):
    rows = np.array([slow], dtype=float)
    return Tension(0, rows, rows / 2, rows, np.zeros((1, 2), np.uint8))


def zones(*values):
    return np.array([values], dtype=np.int8)


def hear(receiver, wanted):
    """Return the first datagram to the address `wanted`."""
    head = wanted.encode() + b"\0"
    while not (data := receiver.recv(1024)).startswith(head):
        pass
    return data


def told(newest, *, simulated=False):
    return dict(messages(newest, simulated=simulated))


def test_the_bytes_are_those_of_osc_1_0(outlet, receiver):
    outlet.open(INFO)
    outlet.follow(tension(2.5, 5.0), zones(Zone.RELAXED, Zone.TENSE), None)
    # each text ends with a zero and is filled up to four bytes, numbers are big-endian
    zone = hear(receiver, "/biofeedback/ch1/zone")
    while zone.endswith(b"unknown\0"):  # of before the first reading
        zone = hear(receiver, "/biofeedback/ch1/zone")
    assert zone == b"/biofeedback/ch1/zone\0\0\0,is\0\0\0\0\x01relaxed\0"
    assert hear(receiver, "/biofeedback/ch2/zone") == (
        b"/biofeedback/ch2/zone\0\0\0,is\0\0\0\0\x02tense\0\0\0"
    )
    assert hear(receiver, "/biofeedback/ch1/tension") == (
        b"/biofeedback/ch1/tension\0\0\0\0,f\0\0\x40\x20\0\0"
    )
    assert hear(receiver, "/biofeedback/ch1/fast")[-4:] == b"\x3f\xa0\0\0"
    assert hear(receiver, "/biofeedback/ch1/reading")[-8:] == b",i\0\0\0\0\0\x01"


def test_without_a_reading_no_number_is_told_and_the_zone_is_unknown():
    newest = Newest(0.0, np.array([math.nan, 5.0]), np.array([math.nan, 6.0]), zones(0, 2)[0])
    assert told(newest) == {
        "/biofeedback/ch1/reading": [0],
        "/biofeedback/ch1/zone": [0, "unknown"],
        "/biofeedback/ch2/reading": [1],
        "/biofeedback/ch2/tension": [5.0],
        "/biofeedback/ch2/fast": [6.0],
        "/biofeedback/ch2/zone": [2, "tense"],
    }
    assert told(newest, simulated=True)["/biofeedback/simulated"] == [1]


def test_a_training_tells_its_goal_and_hides_what_the_person_is_not_to_see(outlet):
    outlet.open(INFO)
    outlet.close()  # only what it would send
    shown = SimpleNamespace(shown=(3.0, Goal.NOT_YET, 3.0), threshold=2.0)
    outlet.follow(tension(3.0, 4.0), zones(0, 0), shown)
    said = told(outlet._newest)
    assert said["/biofeedback/goal"] == [2, "not-yet"]
    assert said["/biofeedback/goal/measured"] == [3.0]
    assert said["/biofeedback/goal/threshold"] == [2.0]
    assert said["/biofeedback/ch1/tension"] == [3.0]
    hidden = SimpleNamespace(shown=(math.nan, Goal.UNKNOWN, math.nan), threshold=2.0)
    outlet.follow(tension(3.0, 4.0), zones(1, 2), hidden)
    assert told(outlet._newest) == {
        "/biofeedback/ch1/reading": [0],
        "/biofeedback/ch1/zone": [0, "unknown"],
        "/biofeedback/ch2/reading": [0],
        "/biofeedback/ch2/zone": [0, "unknown"],
        "/biofeedback/goal": [0, "unknown"],
    }


def test_a_board_that_falls_silent_and_the_end_are_told_as_no_reading(receiver):
    now = [100.0]
    sink = OscOutlet(f":{receiver.getsockname()[1]}", clock=lambda: now[0])
    sink.open(INFO)
    sink.follow(tension(2.5, 5.0), zones(1, 2), None)
    while hear(receiver, "/biofeedback/ch1/reading")[-1] != 1:
        pass
    now[0] += 0.6
    while hear(receiver, "/biofeedback/ch1/reading")[-1] != 0:
        pass
    sink.follow(tension(2.5, 5.0), zones(1, 2), None)
    while hear(receiver, "/biofeedback/ch1/reading")[-1] != 1:
        pass
    sink.close()
    sink.close()
    receiver.setblocking(False)
    last = {}
    while True:
        try:
            data = receiver.recv(1024)
        except BlockingIOError:
            break
        last[data.split(b"\0")[0]] = data
    assert last[b"/biofeedback/ch1/reading"][-1] == 0
    assert last[b"/biofeedback/ch2/zone"].endswith(b"unknown\0")


def test_each_address_is_told_at_most_30_times_a_second(outlet, receiver):
    outlet.open(INFO)
    hear(receiver, "/biofeedback/ch1/zone")
    began = time.monotonic()
    for _time in range(20):
        hear(receiver, "/biofeedback/ch1/zone")
    assert time.monotonic() - began > 19 / 30


def test_where_nobody_listens_nobody_waits_and_nothing_is_said(receiver):
    port = receiver.getsockname()[1]
    receiver.close()
    sink = OscOutlet(f"127.0.0.1:{port}")
    sink.open(INFO)
    sink.follow(tension(2.5, 5.0), zones(1, 2), None)
    sink.close()
    assert sink.notes == ()


def test_without_a_host_it_goes_to_this_computer():
    assert find_place("9000") == find_place(":9000") == ("127.0.0.1", 9000)
    assert find_place("localhost:9000")[1] == 9000
    assert find_place("[::1]:9000") == ("::1", 9000)


@pytest.mark.parametrize(
    "address", ["", "here", "127.0.0.1", "127.0.0.1:", ":0", ":65536", ":-1", ":9e3", "1.2.3.4.5:9"]
)
def test_an_address_that_is_none_is_one_sentence_with_the_remedy(address):
    with pytest.raises(SettingsError) as refusal:
        OscOutlet(address)
    assert str(refusal.value).startswith(f"OSC cannot be sent to '{address}' (")
    assert str(refusal.value).endswith("give HOST:PORT, such as 127.0.0.1:9000.")


def test_without_the_package_one_sentence_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pythonosc.udp_client", None)
    with pytest.raises(SettingsError, match=r'pip install "biofeedback\[osc\]"'):
        OscOutlet(":9000")
