"""The real firmware on the emulated board, read as a user's board would be."""

import json
import os
import struct
import sys
import threading
import tty
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from biofeedback.boards import BOARDS, SENSORS
from biofeedback.cli import main
from biofeedback.devices.flash import FIRMWARE
from biofeedback.errors import SettingsError, SourceLost, SourceMismatch, SourceNotFound
from biofeedback.sources import serial_port
from biofeedback.sources.line import BoardOptions
from biofeedback.sources.ports import Port
from biofeedback.sources.serial_port import SerialSource
from biofeedback.wire.native import Info, encode_frame

if sys.platform == "win32":
    pytest.skip("needs pseudo-terminals", allow_module_level=True)

DATA = Path(__file__).parents[1] / "data"
MYOWARE = SENSORS["myoware-2-raw"]
REST = np.full(10, 2500.0)
USB = {"vid": 0x2341, "pid": 0x43, "serial_number": "A1"}


def bursts_uv() -> np.ndarray:
    """A recording of a biceps (see tests/data/README.md), in microvolts at the skin."""
    return (np.load(DATA / "emg_bursts.npy") / 2**16 - 0.5) * 3000


def as_sensor_mv(uv: np.ndarray) -> np.ndarray:
    """What a MyoWare puts onto its RAW pin: 200 times as much, around half of the supply."""
    return 2500 + uv * MYOWARE.gain / 1000


@pytest.fixture
def opened():
    """Open sources that are closed after the test."""
    sources = []

    def open_it(port, **words):
        told = {name: words.pop(name) for name in BoardOptions.__slots__ if name in words}
        options = BoardOptions(**told)
        source = SerialSource(port, options, **{"wire": "native"} | words)
        sources.append(source)
        source.open()
        return source

    yield open_it
    for source in sources:
        source.close()


def read_scans(source, n):
    """Read `n` scans or more; return their indices, in the order of coming, and their counts."""
    indices, counts = [], []
    while sum(map(len, indices)) < n:
        for chunk in source.read(0.1):
            indices.append(np.arange(chunk.start, chunk.stop))
            counts.append(chunk.samples)
    return np.concatenate(indices), np.concatenate(counts)


def goes_on(indices):
    """Whether no scan came twice, and none in a wrong place."""
    return bool((np.diff(indices) > 0).all())


@pytest.mark.parametrize("wire", ["native", ""])
def test_a_board_is_found_and_tells_what_it_is(emulated_board, opened, wire):
    board = emulated_board(FIRMWARE, analog_mv=REST)
    source = opened(board.port, wire=wire, sensor=MYOWARE)
    assert source.info.sfreq == 2000
    assert not source.info.sfreq_estimated
    (channel,) = source.info.channels
    assert (channel.label, channel.unit) == ("EMG", "uV")
    assert channel.gain == pytest.approx(5 / 1023 / 200 * 1e6, rel=0.005)
    indices, counts = read_scans(source, 1000)
    assert indices.tolist() == list(range(len(indices)))
    assert set(counts.ravel()) <= {511, 512}


def test_microvolts_follow_the_supply_that_the_board_measures(emulated_board, opened):
    board = emulated_board(FIRMWARE, analog_mv=REST, supply_mv=4600, aref_mv=4600)
    source = opened(board.port, sensor=MYOWARE)
    assert source.info.channels[0].gain == pytest.approx(4.6 / 1023 / 200 * 1e6, rel=0.005)
    assert any("supply as 4.6" in note for note in source.notes)


@pytest.mark.parametrize(
    ("options", "sfreq", "baud"),
    [
        ({"channels": 2}, 1000, 117647),
        ({"channels": 6}, 1000, 500000),
        ({"channels": 1, "sfreq": 1000}, 1000, 117647),
        ({"channels": 1, "sfreq": 500, "baud": 250000}, 500, 250000),
        ({"channels": 2, "sfreq": 2000}, 2000, 117647),
        ({"channels": 3, "sfreq": 2000}, 2000, 500000),
    ],
)
def test_it_is_set_up_for_channels_rate_and_speed(emulated_board, opened, options, sfreq, baud):
    volts = 2000 + 100 * np.arange(6) * np.ones((10, 1))
    board = emulated_board(FIRMWARE, analog_mv=volts)
    source = opened(board.port, **options)
    assert source.info.sfreq == sfreq
    indices, counts = read_scans(source, 300)
    assert indices.tolist() == list(range(len(indices)))
    expected = np.floor(volts[0, : options["channels"]] * 1023 / 5000)
    assert (counts == expected).all()
    assert board.ask_stats()["baud"] == baud


def record(emulated_board, seconds, *, channels):
    """Read a board that is fed with the recording; return the counts and what the board did."""
    uv = bursts_uv()
    fed = np.stack([np.roll(as_sensor_mv(uv), 997 * i) for i in range(channels)], axis=1)
    board = emulated_board(FIRMWARE, analog_mv=fed, sfreq=1000)
    options = BoardOptions(channels=channels, sensor=MYOWARE)
    source = SerialSource(board.port, options, wire="native")
    source.open()
    begun = board.ask_stats()
    indices, counts = read_scans(source, round(seconds * source.info.sfreq))
    stats = board.ask_stats()
    stats["dropped"] -= begun["dropped"]  # what it said before anyone had opened its port
    source.close()
    return source, indices, counts, stats


def test_in_a_minute_at_real_speed_every_scan_arrives_and_the_rms_is_the_recordings(emulated_board):
    own_uv = bursts_uv().std()
    step_noise_uv = 5e6 / 1023 / MYOWARE.gain / np.sqrt(12)
    with ThreadPoolExecutor(2) as both:
        runs = [both.submit(record, emulated_board, 60, channels=n) for n in (1, 6)]
    for run, (sfreq, baud) in zip(runs, [(2000, 117647), (1000, 500000)], strict=True):
        source, indices, counts, stats = run.result()
        assert source.info.sfreq == sfreq
        assert stats["baud"] == baud
        assert indices.tolist() == list(range(len(indices)))
        assert len(indices) >= 60 * sfreq
        assert source.corrupt_frames == 0
        assert stats["missed_triggers"] == 0
        assert stats["dropped"] == 0
        # of whole rounds of the recording, so that its own RMS is the truth
        whole = round(2 * 28.519 * sfreq)
        gains = np.array([channel.gain for channel in source.info.channels])
        for rms_uv in (counts[:whole] * gains).std(axis=0):
            assert abs(rms_uv - own_uv) < step_noise_uv
            assert rms_uv == pytest.approx(np.hypot(own_uv, step_noise_uv), rel=0.01)


def plug_in(monkeypatch, *ports):
    monkeypatch.setattr(serial_port, "list_ports", lambda: list(ports))


def test_100_unplugs_under_other_names_leave_gaps_and_no_scan_twice(
    emulated_board, opened, monkeypatch
):
    board = emulated_board(FIRMWARE, analog_mv=REST)
    plug_in(monkeypatch, Port(board.port, "", **USB))
    source = opened(board.port)
    names, indices = {board.port}, [read_scans(source, 40)[0]]
    for _ in range(100):
        board.unplug()
        while not source.status:
            indices += [np.arange(chunk.start, chunk.stop) for chunk in source.read(0.05)]
        names.add(board.plug())
        plug_in(monkeypatch, Port("/dev/another", "", 1, 1), Port(board.port, "", **USB))
        indices.append(read_scans(source, 40)[0])
        assert source.status == ""
    together = np.concatenate(indices)
    assert goes_on(together)
    assert np.count_nonzero(np.diff(together) > 1) == 100
    assert source.corrupt_frames == 0
    assert sum("was away" in note for note in source.notes) == 100
    assert len(names) > 1


def test_a_reset_in_mid_stream_is_a_gap(emulated_board, opened):
    board = emulated_board(FIRMWARE, analog_mv=REST)
    source = opened(board.port)
    before = read_scans(source, 500)[0]
    board.reset()
    after = read_scans(source, 500)[0]
    together = np.concatenate([before, after])
    assert goes_on(together)
    assert np.count_nonzero(np.diff(together) > 1) == 1


def test_a_press_of_the_button_comes_with_the_sample_at_which_it_was(emulated_board, opened):
    board = emulated_board(FIRMWARE, analog_mv=REST)
    source = opened(board.port)
    read_scans(source, 500)
    board.press()
    pressed = read_scans(source, 400)[0]
    board.reset()
    last = read_scans(source, 500)[0][-1]
    board.release()
    while source.presses[-1].down:  # the board tells after its reset that it is still held
        last = read_scans(source, 1)[0][-1]
    before, now = source.presses[0], source.presses[-1]
    assert before.down
    assert pressed[0] - 200 <= before.index <= pressed[-1]
    assert last - 400 <= now.index <= last + 40, "by the index that runs through the reset"


def test_a_board_that_falls_silent_is_set_up_again(emulated_board, opened):
    board = emulated_board(FIRMWARE, analog_mv=REST)
    source = opened(board.port, silence_s=0.5)
    before = read_scans(source, 500)[0]
    board.silence()
    while not source.status:
        assert goes_on(before)
        source.read(0.05)
    assert "has sent nothing for 0.5 s" in source.status
    board.speak()
    after = read_scans(source, 500)[0]
    assert after[0] - before[-1] > 0.4 * 2000
    assert goes_on(after)


def test_a_board_that_stays_silent_is_lost_in_one_sentence(emulated_board, opened):
    board = emulated_board(FIRMWARE, analog_mv=REST)
    source = opened(board.port, silence_s=0.2, listen_s=0.3, patience_s=0.5)
    read_scans(source, 100)
    board.silence()
    with pytest.raises(SourceLost, match=r"sent nothing for 0.2 s: is the board still plugged in"):
        read_scans(source, 100_000)


@pytest.mark.parametrize("fault", [{"burst_s": 0.016}, {"drift_ppm": 5000.0}])
def test_bursts_and_a_clock_that_is_off_lose_nothing(emulated_board, opened, fault):
    board = emulated_board(FIRMWARE, analog_mv=REST, **fault)
    source = opened(board.port, channels=2)
    indices, _counts = read_scans(source, 2000)
    assert indices.tolist() == list(range(len(indices)))
    assert source.corrupt_frames == 0


def test_a_board_left_at_another_speed_is_found_though_nothing_resets_it(emulated_board, opened):
    board = emulated_board(FIRMWARE, analog_mv=REST, autoreset=False)
    first = opened(board.port, channels=6)
    read_scans(first, 100)
    first._line.close()  # as a program that was killed
    second = opened(board.port, channels=2, listen_s=0.5)
    assert second.info.sfreq == 1000
    indices, _counts = read_scans(second, 300)
    assert indices.tolist() == list(range(len(indices)))


def test_what_the_line_does_not_carry_is_a_gap_and_told_once(emulated_board, opened):
    # the emulated line takes 11 bits a byte: so near its limit it does not carry all
    board = emulated_board(FIRMWARE, analog_mv=REST)
    source = opened(board.port, sfreq=5000, baud=115200)
    indices, _counts = read_scans(source, 15_000)
    assert goes_on(indices)
    assert np.diff(indices).max() > 1
    assert sum("too slow for all" in note for note in source.notes) == 1


def test_more_than_the_converter_can_do_is_refused(emulated_board, opened):
    board = emulated_board(FIRMWARE, analog_mv=REST)
    with pytest.raises(SettingsError, match=r"6 × 4000 Hz is more than .* can convert: .*lower"):
        opened(board.port, channels=6, sfreq=4000)


def test_more_than_the_line_carries_is_refused(emulated_board, opened):
    board = emulated_board(FIRMWARE, analog_mv=REST)
    with pytest.raises(SettingsError, match=r"6 × 1000 Hz is more than .* can send: .*lower"):
        opened(board.port, channels=6, sfreq=1000, baud=115200)


def test_more_channels_than_the_board_has_are_refused(emulated_board, opened):
    board = emulated_board(FIRMWARE, analog_mv=REST)
    with pytest.raises(SettingsError, match="has 6 inputs, not 7"):
        opened(board.port, channels=7)


def test_a_board_sends_counts_whatever_is_asked(emulated_board, opened):
    board = emulated_board(FIRMWARE, analog_mv=REST)
    with pytest.raises(SettingsError, match=r"sends counts, not mV: .*name the sensor"):
        opened(board.port, unit="mV")
    source = opened(board.port, unit="counts", sensor=MYOWARE)
    assert source.info.channels[0].unit == "counts"


def test_another_board_in_its_place_is_not_taken_for_it(emulated_board, opened, monkeypatch):
    board = emulated_board(FIRMWARE, analog_mv=REST)
    source = opened(board.port, patience_s=0.3)
    read_scans(source, 100)
    # as if it had begun with a finer one
    monkeypatch.setattr(source._heard.wire, "_begun_with", Info(1, board=4, bits=14))
    board.reset()
    with pytest.raises(SourceLost, match=r"Another board is on .* now \(Uno/Nano\)"):
        read_scans(source, 100_000)


def test_after_a_return_to_another_supply_microvolts_are_refused(
    emulated_board, opened, monkeypatch
):
    board = emulated_board(FIRMWARE, analog_mv=REST, supply_mv=4600, aref_mv=4600)
    plug_in(monkeypatch, Port(board.port, "", **USB))
    source = opened(board.port, sensor=MYOWARE, patience_s=0.5)
    read_scans(source, 100)
    board.unplug()
    board.set_supply(5000)
    while not source.status:
        source.read(0.05)
    plug_in(monkeypatch, Port(board.plug(), "", **USB))
    with pytest.raises(SourceLost, match=r"supply was 4\.6. V and is 5\.0. V now.*waited for"):
        read_scans(source, 100_000)


def test_another_device_is_not_asked_whether_it_is_the_lost_board(
    emulated_board, opened, monkeypatch
):
    board, other = (emulated_board(FIRMWARE, analog_mv=REST) for _ in range(2))
    plug_in(monkeypatch, Port(board.port, "", **USB))
    source = opened(board.port, patience_s=0.5)
    read_scans(source, 100)
    board.unplug()
    plug_in(monkeypatch, Port(other.port, "", **USB | {"serial_number": "B2"}))
    with pytest.raises(SourceLost, match=r"broke off.*waited for, 0\.5 s long"):
        read_scans(source, 100_000)
    assert other.ask_stats()["resets"] == 0


def test_the_port_that_it_goes_on_at_is_told(emulated_board, opened, monkeypatch):
    board = emulated_board(FIRMWARE, analog_mv=REST)
    plug_in(monkeypatch, Port(board.port, ""))  # no USB numbers
    source = opened(board.port)
    read_scans(source, 100)
    board.unplug()
    while not source.status:
        source.read(0.05)
    plug_in(monkeypatch, Port(board.plug(), ""))
    read_scans(source, 100)
    assert f"It goes on at {board.port}." in source.notes


def test_what_is_said_of_a_converter_that_the_board_knows_better_is_left_out(
    emulated_board, opened
):
    board = emulated_board(FIRMWARE, analog_mv=REST)
    source = opened(board.port, sensor=MYOWARE, board=BOARDS["uno-r4"])
    assert any("10 bits: what was said" in note for note in source.notes)
    assert source.info.channels[0].step == pytest.approx(24.4, rel=0.01)


def test_two_boards_that_answer_are_both_named(emulated_board, monkeypatch):
    boards = [emulated_board(FIRMWARE, analog_mv=REST) for _ in range(2)]
    plug_in(monkeypatch, *(Port(board.port, "", **USB) for board in boards))
    source = SerialSource("")
    with pytest.raises(SourceMismatch, match=r"Several boards answer: .*Name the one") as e:
        source.open()
    assert all(board.port in str(e.value) for board in boards)
    # both are free again
    again = SerialSource(boards[0].port)
    again.open()
    again.close()


def test_ours_is_found_among_others_that_are_left_alone(emulated_board, monkeypatch):
    board = emulated_board(FIRMWARE, analog_mv=REST)
    master, slave = os.openpty()
    tty.setraw(slave)
    plug_in(monkeypatch, Port(os.ttyname(slave), "", 1, 1), Port(board.port, "", **USB))
    stopped = threading.Event()

    def chatter():
        while not stopped.wait(0.01):
            os.write(master, b"$GPGGA,,,,,,0,,,,,,,,*66\r\n")

    gps = threading.Thread(target=chatter)
    gps.start()
    source = SerialSource("")
    source.open()
    assert source.info.source == f"serial:{board.port}"
    source.close()
    stopped.set()
    gps.join()
    os.set_blocking(master, False)
    with pytest.raises(BlockingIOError):
        os.read(master, 1)  # nothing was said to the one that talks
    os.close(slave)
    os.close(master)


@pytest.fixture
def stranger():
    """A port on which something else answers: the bytes are given, the port is returned."""
    ends = []

    def say(data):
        master, slave = os.openpty()
        tty.setraw(slave)
        ends.extend((master, slave))
        os.write(master, data)
        return os.ttyname(slave)

    yield say
    for end in ends:
        os.close(end)


def test_another_programs_bytes_are_a_mismatch_with_the_remedy(stranger, opened):
    port = stranger(bytes(range(1, 256)) * 8)
    with pytest.raises(SourceMismatch, match=r"not those of this program's firmware.*flash"):
        opened(port, listen_s=0.3, baud_s=0.1)


def test_a_port_on_which_nothing_answers_is_told_with_the_remedy(stranger, opened):
    with pytest.raises(SourceNotFound, match=r"sends nothing: .*biofeedback flash"):
        opened(stranger(b""), listen_s=0.3, baud_s=0.1)


def test_firmware_of_another_protocol_is_told_with_the_remedy(stranger, opened):
    hello = encode_frame(struct.pack("<BBBBBI", 2, 9, 3, 0, 0, 0))
    with pytest.raises(SourceMismatch, match=r"speaks protocol 9, this program speaks 1: .*flash"):
        opened(stranger(hello * 40))


def test_the_command_line_reads_the_board_as_the_recording(emulated_board, capsys):
    own_uv = bursts_uv()
    board = emulated_board(FIRMWARE, analog_mv=as_sensor_mv(own_uv), sfreq=1000)
    words = ["live", f"serial:{board.port}?sensor=myoware-2-raw", "--seconds", "3", "--json"]
    assert main(words) == 0
    *lines, last = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert last["summary"]["lost"] == 0
    assert last["summary"]["corrupt_frames"] == 0
    assert last["summary"]["sfreq"] == 2000
    assert last["summary"]["samples"] == 6000
    assert {line["channel"] for line in lines} == {"EMG"}
    assert lines[-1]["rms_uv"] is not None
