"""Other makers' boards, from the port to samples: each as its maker's firmware behaves."""

import contextlib
import json
import sys
import threading

import numpy as np
import pytest

from biofeedback.boards import SENSORS
from biofeedback.cli import main
from biofeedback.errors import (
    SettingsError,
    SourceError,
    SourceLost,
    SourceMismatch,
    SourceNotFound,
)
from biofeedback.recording.formats import read_recording
from biofeedback.recording.live import Recorder
from biofeedback.session import Session
from biofeedback.settings import BurstSettings, SignalSettings
from biofeedback.sources import listening, open_source, ports, serial_port
from biofeedback.sources.framed_board import Arrivals
from biofeedback.sources.line import BoardOptions, Line
from biofeedback.sources.listening import WIRES, Answer, Ear, Heard, find_board
from biofeedback.sources.native_board import NativeBoard
from biofeedback.sources.ports import Port
from biofeedback.sources.serial_port import SerialSource
from biofeedback.wire.cyton import ACTS

if not sys.platform.startswith("linux"):
    pytest.skip("needs Linux's pseudo-terminals", allow_module_level=True)

from boards import DEVICES, emulated

WIRE_OF = {
    "chords-uno-r3": "chords",
    "chords-uno-r4": "chords",
    "chords-mega": "chords",
    "cyton": "cyton",
    "cyton-daisy": "cyton",
    "spikershield": "spikershield",
    "olimex": "olimex",
    "bitalino": "bitalino",
}
STEP_MS = ports._STEP_MS
each = pytest.mark.parametrize("kind", DEVICES)


@pytest.fixture(autouse=True)
def short_looks(monkeypatch):
    """A look at a silent port is not waited for: the clock is the board's own."""
    monkeypatch.setattr(ports, "_STEP_MS", 1)


@pytest.fixture
def board():
    """A maker of boards, each look at whose clock is a tick."""
    with contextlib.ExitStack() as stack:
        yield lambda kind, **words: stack.enter_context(emulated(kind, paced=False, **words))


@pytest.fixture
def opened():
    """Open sources that are closed after the test."""
    sources = []

    def open_it(board, *, port=None, **words):
        told = {name: words.pop(name) for name in BoardOptions.__slots__ if name in words}
        name = board.port if port is None else port
        source = SerialSource(name, BoardOptions(**told), clock=board.clock, **words)
        sources.append(source)
        source.open()
        return source

    yield open_it
    for source in sources:
        source.close()


def read_rows(source, n, *, board=None, until=None):
    """Return `n` samples or more by index; none comes twice."""
    rows = {}
    while len(rows) < n and not (until and until(board)):
        for chunk in source.read(0):
            indices = range(chunk.start, chunk.stop)
            assert not rows.keys() & set(indices)
            rows.update(zip(indices, chunk.samples, strict=True))
    return rows


def as_sent(rows, device):
    """Whether each sample is what the board sent; it may have been joined in mid-stream."""
    indices = np.array(list(rows))
    values = np.array(list(rows.values()))
    sent = np.array(device.sent)[:, : values.shape[1]] - device.zero
    starts = np.flatnonzero((sent == values[0]).all(axis=1)) - indices[0]
    return any(
        (sent[start + indices] == values).all()
        for start in starts
        if start + indices.max() < len(sent)
    )


@pytest.mark.parametrize("named", [True, False], ids=["named", "found"])
@pytest.mark.parametrize("burst_ms", [1, 16])
@each
def test_each_sample_comes_once_and_as_it_was_sent(board, opened, kind, burst_ms, named):
    made = board(kind, burst_ms=burst_ms)
    source = opened(made, wire=WIRE_OF[kind] if named else "")
    rows = read_rows(source, 700)
    assert list(rows) == list(range(len(rows)))
    assert as_sent(rows, made.device)
    assert source.corrupt_frames == 0
    assert source.info.sfreq == pytest.approx(made.device.sfreq)
    assert not source.info.sfreq_estimated
    assert any("checksum" in note for note in source.notes)


@pytest.mark.parametrize(
    ("kind", "words", "bits", "reference_v"),
    [
        ("chords-uno-r3", {}, 10, 5.0),
        ("chords-uno-r4", {}, 14, 5.0),
        ("spikershield", {}, 10, 5.0),
        ("olimex", {}, 10, 5.0),
    ],
)
def test_a_sensor_on_a_board_of_counts_gives_microvolts(
    board, opened, kind, words, bits, reference_v
):
    source = opened(board(kind), wire=WIRE_OF[kind], sensor=SENSORS["myoware-2-raw"], **words)
    gain = reference_v / (2**bits - 1) / 200 * 1e6
    assert {channel.unit for channel in source.info.channels} == {"uV"}
    assert source.info.channels[0].gain == pytest.approx(gain)
    assert not any("Counts only" in note for note in source.notes)


def test_without_a_sensor_counts_are_counts(board, opened):
    source = opened(board("chords-uno-r4"), wire="chords", channels=2, labels=("left",))
    assert [channel.unit for channel in source.info.channels] == ["counts"] * 2
    assert [channel.label for channel in source.info.channels] == ["left", "EMG 2"]
    assert any("Counts only" in note for note in source.notes)


@pytest.mark.parametrize("kind", ["cyton", "cyton-daisy"])
def test_a_cytons_microvolts_are_its_own_whatever_sensor_was_named(board, opened, kind):
    source = opened(board(kind), wire="cyton", sensor=SENSORS["myoware-2-raw"], channels=3)
    assert len(source.info.channels) == 3
    for channel in source.info.channels:
        assert (channel.unit, channel.offset) == ("uV", 0)
        assert channel.gain == pytest.approx(4.5 / (2**23 - 1) / 24 * 1e6, rel=1e-6)
        assert channel.gain == pytest.approx(0.022352, rel=1e-4)


def test_a_cyton_is_reset_and_set_to_its_defaults_before_it_streams(board, opened):
    made = board("cyton")
    opened(made, wire="cyton")
    assert made.device.heard[-3:] == b"vdb"


def test_a_dongle_whose_cyton_is_switched_off_is_told_with_the_remedy(board, opened):
    with pytest.raises(SourceNotFound, match=r"does not answer its dongle: is it switched to PC"):
        opened(board("cyton", there=False), wire="cyton")


@pytest.mark.parametrize(("n", "bits"), [(4, [10] * 4), (6, [10] * 4 + [6] * 2)])
def test_a_bitalinos_fifth_and_sixth_channel_have_six_bits(board, opened, n, bits):
    source = opened(board("bitalino"), wire="bitalino", channels=n)
    gains = [channel.gain for channel in source.info.channels]
    assert gains == pytest.approx([3.3 / 2**b / 1009 * 1e6 for b in bits])


@pytest.mark.parametrize("sfreq", [10, 100, 1000])
def test_a_bitalino_samples_at_the_rate_that_is_asked_for(board, opened, sfreq):
    made = board("bitalino")
    source = opened(made, wire="bitalino", sfreq=sfreq, channels=2)
    assert source.info.sfreq == made.device.sfreq == sfreq
    rows = read_rows(source, 40)
    assert as_sent(rows, made.device)


def test_a_rate_that_a_board_has_not_is_told(board, opened):
    for kind, wire, sfreq in (
        ("bitalino", "bitalino", 500),
        ("chords-uno-r4", "chords", 250),
        ("cyton", "cyton", 1000),
        ("spikershield", "spikershield", 1000),
    ):
        with pytest.raises(SourceMismatch, match=r"samples at"):
            opened(board(kind), wire=wire, sfreq=sfreq)


def test_more_channels_than_a_board_has_are_told(board, opened):
    for kind, wire, n in (("chords-uno-r4", "chords", 7), ("cyton", "cyton", 9)):
        with pytest.raises(SourceMismatch, match=f"{n - 1} channels, and {n} are asked for"):
            opened(board(kind), wire=wire, channels=n)


@pytest.mark.parametrize("n", [1, 2, 6])
def test_a_spikershield_is_set_to_its_channels_and_has_its_timers_rate(board, opened, n):
    made = board("spikershield")
    source = opened(made, wire="spikershield", channels=n)
    assert source.info.sfreq == pytest.approx(10050.25 / n, rel=1e-6)
    rows = read_rows(source, 500)
    assert len(next(iter(rows.values()))) == n
    assert as_sent(rows, made.device)


def test_a_spikershields_events_come_with_their_samples_and_take_none(board, opened):
    made = board("spikershield")
    source = opened(made, wire="spikershield")
    rows, at = read_rows(source, 500), []
    for name in ("1", "1", "2"):
        at.append(max(rows) + 1)
        made.device.press(name)
        rows |= read_rows(source, 500)
    assert source.corrupt_frames == 0
    assert [event.name for event in source.events] == ["1", "1", "2"]
    assert [event.index for event in source.events] == pytest.approx(at, abs=0.03 * 10_050)
    assert as_sent(rows, made.device)


def test_a_spikershields_events_are_notes_of_the_session_and_of_its_recording(board, tmp_path):
    made = board("spikershield")
    options = BoardOptions()
    source = SerialSource(made.port, options, wire="spikershield", clock=made.clock)
    path = tmp_path / "x.edf"
    recorder = Recorder(path, signal=SignalSettings(), bursts=BurstSettings(), patient=True)
    session = Session(source, signal=SignalSettings(), seconds=2, sinks=[recorder])
    for _readings in session.run():
        if session.stop_index > 5000 and not session.annotations:
            made.device.press("1")
    (first, *_others) = session.annotations
    assert first.text == "event 1"
    assert first.onset_s == pytest.approx(5000 / source.info.sfreq, abs=0.1)
    kept = [note for note in read_recording(path).annotations if note.text == "event 1"]
    assert kept[0].onset_s == pytest.approx(first.onset_s, abs=1e-4)


def test_a_whole_round_that_a_bitalino_lost_is_a_gap_within_a_minute(board, opened):
    made = board("bitalino", burst_ms=16)
    source = opened(made, wire="bitalino", sfreq=100)
    rows = read_rows(source, 5000)
    made.device.lost = 32
    rows |= read_rows(source, 6000)
    assert max(rows) + 1 - len(rows) == 32
    assert [note for note in source.notes if note.startswith("32 samples were lost")]


def test_a_clone_of_an_olimex_at_another_rate_and_speed_is_read(board, opened):
    made = board("olimex", sfreq=125)
    made.device.bauds = (115200,)
    source = opened(made, wire="olimex", sfreq=125, baud=115200)
    assert source.info.sfreq == 125
    assert as_sent(read_rows(source, 100), made.device)


# what goes wrong


@each
def test_a_board_that_was_left_streaming_is_stopped_asked_and_read(board, opened, kind):
    made = board(kind)
    if WIRE_OF[kind] in ("chords", "cyton", "bitalino"):
        made.device.resets_when_opened = False
        made.device.start(0.0)
    source = opened(made, wire=WIRE_OF[kind])
    rows = read_rows(source, 300)
    assert list(rows) == list(range(len(rows)))
    assert as_sent(rows, made.device)


@each
def test_a_stream_cut_anywhere_in_front_begins_with_the_next_whole_frame(board, opened, kind):
    for cut in range(1, 40, 6):
        made, left = board(kind), cut

        def cut_off(data, made=made):
            nonlocal left
            if made.device._running_since is None or not left:
                return data
            n = min(left, len(data))
            left -= n
            return data[n:]

        made.tamper = cut_off
        source = opened(made, wire=WIRE_OF[kind])
        rows = read_rows(source, 100)
        assert as_sent(rows, made.device)
        assert source.corrupt_frames == 0


@each
def test_a_board_that_was_unplugged_goes_on_after_a_gap(board, opened, kind, monkeypatch):
    made = board(kind)
    monkeypatch.setattr(serial_port, "list_ports", lambda: [Port(made.port, "")])
    source = opened(made, wire=WIRE_OF[kind])
    before, away_from = read_rows(source, 200), made.now
    made.unplug()
    source.read(0)
    source.read(0)
    made.now += 5.0
    made.device.restart()
    made.plug()
    after = read_rows(source, 200)
    away = (made.now - away_from) * source.info.sfreq
    assert max(before) < min(after)
    assert min(after) - max(before) == pytest.approx(away - len(after), rel=0.03, abs=10)
    assert list(after) == list(range(min(after), min(after) + len(after)))
    assert any("was away" in note for note in source.notes)


@each
def test_a_board_that_dies_is_lost_with_a_sentence(board, opened, kind):
    made = board(kind)
    source = opened(made, wire=WIRE_OF[kind], patience_s=1)
    read_rows(source, 200)
    made.device.silent = True
    with pytest.raises(SourceLost, match=r"sent nothing for 2 s: is the board still plugged in"):
        read_rows(source, 1_000_000)


def test_what_a_bitalino_loses_is_known_to_a_round_of_its_counter(board, opened):
    made = board("bitalino", burst_ms=16)
    source = opened(made, wire="bitalino", channels=2)
    rows = read_rows(source, 200)
    for n in (1, 3, 40, 200):
        made.device.lost = n
        rows |= read_rows(source, 400)
    missing = max(rows) + 1 - len(rows)
    assert missing == pytest.approx(244, abs=32)
    assert missing % 16 == 244 % 16


@pytest.mark.parametrize("kind", [k for k in DEVICES if k not in ("spikershield", "bitalino")])
def test_frames_lost_on_the_way_are_a_gap_of_their_length(board, opened, kind):
    made = board(kind)
    source = opened(made, wire=WIRE_OF[kind])
    before = read_rows(source, 200)
    lost = 150 if kind == "cyton-daisy" else 300  # more than the counter tells; the clock does
    made.device.lost = lost
    rows = before | read_rows(source, 200)
    assert max(rows) + 1 - len(rows) == lost
    assert as_sent(rows, made.device)


def test_a_silence_of_a_board_without_a_counter_is_a_gap_by_the_clock(board, opened):
    made = board("spikershield")
    source = opened(made, wire="spikershield")
    read_rows(source, 2000)
    made.device.lost = 10_000
    rows = read_rows(source, 4000)
    assert np.diff(list(rows)).max() == pytest.approx(10_000, abs=0.03 * 10_050)


@each
def test_bytes_cut_out_and_put_in_cost_few_samples_and_shift_none(board, opened, kind):
    made = board(kind)
    rng = np.random.default_rng(5)
    source = opened(made, wire=WIRE_OF[kind])
    assert source.corrupt_frames == 0

    def damage(data):
        if len(data) < 4 or rng.random() < 0.8:
            return data
        at = int(rng.integers(len(data)))
        return data[:at] + rng.bytes(int(rng.integers(4))) + data[at + int(rng.integers(4)) :]

    made.tamper = damage
    rows = read_rows(source, 1500)
    made.tamper = bytes
    rows |= read_rows(source, 200)
    assert source.corrupt_frames > 0
    assert len(rows) > 0.5 * (max(rows) + 1)
    if kind not in ("spikershield", "bitalino"):  # the others' counters tell what is missing
        tail = dict(list(rows.items())[-100:])
        assert as_sent({0: rows[0]} | tail, made.device)


@pytest.mark.parametrize(
    ("kind", "wire"),
    [
        ("olimex", "chords"),
        ("spikershield", "olimex"),
        ("olimex", "spikershield"),
        ("spikershield", "chords"),
    ],
)
def test_the_wrong_kind_is_told_with_what_to_do(board, opened, kind, wire):
    with pytest.raises(SourceMismatch, match=r"sends bytes, but not as such a board does .*wire="):
        opened(board(kind), wire=wire)


@pytest.mark.parametrize("wire", [name for name in WIRES if name not in ("native", "text")])
def test_a_silent_port_is_told_with_the_kind_that_was_sought(board, opened, wire):
    made = board("olimex")
    made.device.silent = True
    with pytest.raises(SourceNotFound, match=r"no .* answers: is it switched on"):
        opened(made, wire=wire)


def test_a_busy_port_is_told(board, opened):
    made = board("cyton")
    opened(made, wire="cyton")
    with pytest.raises(SourceError, match="in use by another program"):
        opened(made, wire="cyton")


@pytest.mark.parametrize("kind", ["chords-uno-r3", "chords-uno-r4", "cyton", "bitalino"])
def test_a_board_that_knows_a_stop_rests_when_it_is_closed(board, opened, kind):
    made = board(kind)
    source = opened(made, wire=WIRE_OF[kind])
    read_rows(source, 50)
    said = []
    source._line.write = said.append
    source.close()
    assert said == [{"chords": b"STOP\n", "cyton": b"s", "bitalino": b"\0"}[WIRE_OF[kind]]]


def test_another_stream_in_its_place_is_a_loss(board, opened):
    made = board("cyton")
    source = opened(made, wire="cyton", patience_s=0.5)
    read_rows(source, 200)
    made.tamper = lambda data: bytes(len(data))
    with pytest.raises(
        SourceLost, match=r"sends bytes, but not as such a board does .OpenBCI Cyton"
    ):
        read_rows(source, 1_000_000)


@pytest.mark.parametrize("kind", ["chords-uno-r4", "cyton", "bitalino"])
def test_what_greets_a_board_of_ours_starts_nothing_on_another(kind):
    for _try in range(300):
        assert not set(NativeBoard(BoardOptions()).greeting) & ACTS
    device = DEVICES[kind]()
    for at in range(20):
        device.advance(at / 4, NativeBoard(BoardOptions()).greeting)
    if kind != "bitalino":
        assert device.sent == []


def test_which_board_is_meant_must_be_said_where_two_answer(board, opened, monkeypatch):
    first, second = board("cyton"), board("cyton")
    listed = [Port(made.port, "", 0x0403, 0x6015) for made in (first, second)]
    monkeypatch.setattr(serial_port, "list_ports", lambda: listed)
    clock = first.clock

    def both():
        second.clock()
        return clock()

    first.clock = both
    with pytest.raises(SourceMismatch, match=r"Several boards answer: .*Name the one"):
        opened(first, port="", wire="cyton")


@pytest.mark.parametrize(
    ("names", "taken"),
    [
        (["text", "cyton"], 1),
        (["cyton", "text", "native"], 2),
        (["text", "text"], 0),
        (["olimex", "cyton"], None),
    ],
)
def test_ours_go_before_others_and_these_before_sketches(board, monkeypatch, names, taken):
    lines = [board("olimex") for _name in names]

    def answers(_ports, ear):
        for name, made in zip(names, lines, strict=True):
            line = Line(made.port, baud=115200, clock=made.clock, stopped=ear.stopped, say=print)
            heard = Heard(line, WIRES[name](BoardOptions()), name)
            yield Answer(Port(made.port, ""), heard, None)

    monkeypatch.setattr(listening, "listen_everywhere", answers)
    ear = Ear(tuple(WIRES), BoardOptions(), threading.Event(), print)
    if taken is None:
        with pytest.raises(SourceMismatch, match="Several boards answer"):
            find_board([], ear)
        return
    heard = find_board([], ear)
    assert heard.line.name == lines[taken].port
    heard.line.close()


def test_a_dongle_is_asked_for_nothing_but_a_cyton(board, opened, monkeypatch):
    made = board("cyton")
    made.device.silent = True
    listed = Port(made.port, "", 0x0403, 0x6015)
    monkeypatch.setattr(serial_port, "list_ports", lambda: [listed])
    with pytest.raises(SourceNotFound):
        opened(made, wire="")
    assert b"WHO" not in made.device.heard
    assert made.device.heard.endswith(b"v")


@pytest.mark.parametrize("ppm", [-300, 300])
def test_a_drifting_crystal_is_followed_and_late_bursts_do_not_mislead(ppm):
    rng = np.random.default_rng(0)
    arrivals, errors = Arrivals(1000.0), []
    for k in range(1, 120_000, 10):
        now = k / (1000 * (1 + ppm * 1e-6)) + abs(rng.normal(0, 0.03))
        errors.append(arrivals.position(now) - k)
        arrivals.note(now, k)
    settled = np.array(errors[200:])
    assert abs(settled.mean()) < 2  # a sample is a millisecond; the drift alone makes 36
    assert np.abs(settled).max() < 130


@pytest.mark.parametrize("wire", WIRES)
def test_every_kind_can_be_named(wire):
    assert open_source(f"serial:nowhere?wire={wire}")
    with pytest.raises(SettingsError, match="no wire format"):
        open_source(f"serial:nowhere?wire={wire}x")


def test_a_session_with_a_cyton_shows_its_microvolts_and_loses_nothing(monkeypatch, capsys):
    monkeypatch.setattr(ports, "_STEP_MS", STEP_MS)

    def hum(k, n_channels, bits):
        uv = 100 * np.sin(2 * np.pi * 70 * k / 250)
        return np.rint(uv[:, None] / 0.02235174 + np.zeros(n_channels) + 2**23).astype(int)

    with emulated("cyton", burst_ms=16, signal=hum) as made:
        words = ["live", f"serial:{made.port}?wire=cyton&channels=2", "--seconds", "2", "--json"]
        assert main(words) == 0
    *lines, last = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (
        last["summary"]
        | {
            "lost": 0,
            "corrupt_frames": 0,
            "samples": 500,
            "sfreq": 250,
        }
        == last["summary"]
    )
    assert lines[-1]["rms_uv"] == pytest.approx(100 / np.sqrt(2), rel=0.03)
