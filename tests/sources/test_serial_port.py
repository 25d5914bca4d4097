import math
import os
import random
import sys
import threading

import numpy as np
import pytest

from biofeedback.boards import BOARDS, SENSORS
from biofeedback.errors import (
    SettingsError,
    SourceError,
    SourceLost,
    SourceMismatch,
    SourceNotFound,
)
from biofeedback.sources import listening, open_source, serial_port
from biofeedback.sources.line import BoardOptions
from biofeedback.sources.ports import Port
from biofeedback.sources.serial_port import SerialSource
from biofeedback.sources.text_board import fit_sfreq

if sys.platform == "win32":
    pytest.skip("needs pseudo-terminals", allow_module_level=True)

import termios


class PtyBoard:
    """A board on a pseudo-terminal, and the clock of the source that reads it.

    Each look at the clock is `tick_s` later than the last, and the board sends what `speak` prints
    between the two: nothing waits, and every run is the same. `speak` gets both times and the speed
    that the port was set to.
    """

    def __init__(self, speak, *, tick_s=0.01):
        self.now, self.tick_s, self.speak = 0.0, tick_s, speak
        self.speeds = []
        self.plug_in()

    def clock(self):
        before, self.now = self.now, self.now + self.tick_s
        if self.master is None:
            return self.now
        speed = termios.tcgetattr(self.master)[5]
        if self.speeds[-1:] != [speed]:
            self.speeds.append(speed)
        os.write(self.master, self.speak(before, self.now, speed))
        return self.now

    def plug_in(self):
        self.master, self._slave = os.openpty()
        self.name = os.ttyname(self._slave)

    def unplug(self):
        os.close(self._slave)
        os.close(self.master)
        self.master = None

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        if self.master is not None:
            self.unplug()


def printing(line, *, sfreq=1000):
    """A sketch that prints `line(k)` for its sample k, `sfreq` times a second."""

    def speak(start, stop, _speed):
        samples = range(math.ceil(start * sfreq), math.ceil(stop * sfreq))
        return b"".join(line(k) + b"\r\n" for k in samples)

    return speak


def steady(k):
    return b"%d" % (500 + k % 10)


def read_some(source, n):
    """Read until there are `n` samples; return them by index."""
    samples = {}
    while len(samples) < n:
        for chunk in source.read(1):
            samples.update(enumerate(chunk.samples.tolist(), chunk.start))
    return samples


def plug_in(monkeypatch, *ports):
    monkeypatch.setattr(serial_port, "list_ports", lambda: list(ports))


@pytest.fixture
def opened():
    """Open sources that are closed after the test."""
    sources = []

    def open_it(board, /, *, port=None, **words):
        words = {"sfreq": 1000, "baud": 115200, "clock": board.clock, "wire": "text"} | words
        told = {name: words.pop(name) for name in BoardOptions.__slots__ if name in words}
        name = board.name if port is None else port
        source = SerialSource(name, BoardOptions(**told), **words)
        sources.append(source)
        source.open()
        return source

    yield open_it
    for source in sources:
        source.close()


def test_numbers_arrive_in_order_from_index_zero(opened):
    with PtyBoard(printing(lambda k: b"%d" % k)) as board:
        source = opened(board)
        samples = read_some(source, 500)
        assert list(samples) == list(range(len(samples)))
        first = samples[0][0]
        assert [row[0] for row in samples.values()] == [first + i for i in samples]
        assert source.corrupt_frames == 0
        assert source.info.sfreq == 1000
        assert not source.info.simulated
        assert not source.info.sfreq_estimated
        assert source.info.source == f"serial:{board.name}"


def test_it_joins_in_mid_line(opened):
    def speak(start, stop, speed):
        return (b"12\r\n" if start == 0 else b"") + printing(steady)(start, stop, speed)

    with PtyBoard(speak) as board:
        assert all(500 <= row[0] < 510 for row in read_some(opened(board), 100).values())


def test_a_reset_board_is_silent_first_and_prints_its_boot_text(opened):
    def speak(start, stop, speed):
        if stop < 1.7:
            return b""
        boot = b"\xff\x00MyoWare ready\r\nleft,right\r\n" if start < 1.7 else b""
        return boot + printing(lambda k: b"%d,2" % (k % 1000))(start, stop, speed)

    with PtyBoard(speak, tick_s=0.17) as board:
        source = opened(board, sfreq=1000)
        assert [channel.label for channel in source.info.channels] == ["left", "right"]
        assert source.corrupt_frames == 0


def test_labels_of_the_plotter_are_the_channels(opened):
    with PtyBoard(printing(lambda k: b"left arm:%d,right arm:2" % (k % 9))) as board:
        source = opened(board)
        assert [channel.label for channel in source.info.channels] == ["left arm", "right arm"]
        assert read_some(source, 10)[0][1] == 2


def test_a_damaged_line_is_a_gap(opened):
    with PtyBoard(printing(lambda k: b"5\xff2" if k == 400 else b"%d" % k)) as board:
        source = opened(board)
        samples = read_some(source, 600)
        origin = samples[0][0]
        assert 400 - origin not in samples
        assert samples[401 - origin] == [401]
        assert source.corrupt_frames == 1


def test_without_a_sensor_there_are_counts_and_a_hint(opened):
    with PtyBoard(printing(steady)) as board:
        source = opened(board)
        assert source.info.channels[0].unit == "counts"
        assert "Counts only: name the sensor (--sensor myoware-2-raw) to get microvolts." in (
            source.notes
        )
        assert any("no counter" in note for note in source.notes)


def test_a_sensor_gives_microvolts(opened):
    with PtyBoard(printing(steady)) as board:
        source = opened(board, sensor=SENSORS["myoware-2-raw"])
        assert source.info.channels[0].unit == "uV"
        assert source.info.channels[0].gain == pytest.approx(24.44, abs=0.01)
        assert not any("Counts only" in note for note in source.notes)


@pytest.mark.parametrize(("unit", "gain"), [("uV", 1), ("mV", 1e3), ("V", 1e6)])
def test_numbers_may_be_physical_already(opened, unit, gain):
    with PtyBoard(printing(lambda _: b"0.125")) as board:
        source = opened(board, unit=unit, sensor=SENSORS["myoware-2-raw"])
        assert source.info.channels[0].unit == "uV"
        assert source.info.channels[0].gain == gain
        assert read_some(source, 10)[0] == [0.125]


def test_unit_counts_is_no_hint(opened):
    with PtyBoard(printing(steady)) as board:
        source = opened(board, unit="counts")
        assert source.info.channels[0].unit == "counts"
        assert len(source.notes) == 1


def test_counts_beyond_the_boards_bits_are_refused(opened):
    with (
        PtyBoard(printing(lambda _: b"4095")) as board,
        pytest.raises(SourceMismatch, match=r"sends 4095, more than the 10 bits of .*board=esp32"),
    ):
        opened(board, sensor=SENSORS["myoware-2-raw"])


def test_counts_that_grow_beyond_the_bits_are_refused_while_streaming(opened):
    with PtyBoard(printing(lambda k: b"%d" % (900 + k))) as board:
        source = opened(board, sensor=SENSORS["myoware-2-raw"])
        with pytest.raises(SourceMismatch, match=r"sends 10[2-9]\d, more"):
            read_some(source, 1000)


def test_the_board_that_has_the_bits_is_taken(opened):
    with PtyBoard(printing(lambda _: b"4095")) as board:
        source = opened(board, sensor=SENSORS["myoware-2-raw"], board=BOARDS["esp32"])
        assert read_some(source, 10)[0] == [4095]


def test_a_single_impossible_count_is_a_gap(opened):
    with PtyBoard(printing(lambda k: b"512513" if k == 200 else b"%d" % k)) as board:
        source = opened(board, sensor=SENSORS["myoware-2-raw"])
        samples = read_some(source, 400)
        origin = samples[0][0]
        assert 200 - origin not in samples
        assert samples[201 - origin] == [201]
        assert source.corrupt_frames == 1


@pytest.mark.parametrize("line", [b"2.43", b"-12"])
def test_what_no_converter_sends_is_refused(opened, line):
    with (
        PtyBoard(printing(lambda _: line)) as board,
        pytest.raises(SourceMismatch, match=f"sends {line.decode()}, which is not a count"),
    ):
        opened(board, sensor=SENSORS["myoware-2-raw"])


def test_the_rate_is_measured_and_nothing_is_lost_meanwhile(opened):
    with PtyBoard(printing(lambda k: b"%d" % k, sfreq=987.6)) as board:
        busy = set()
        clock = board.clock

        def watched():
            busy.add(source.status)
            return clock()

        source = SerialSource(board.name, BoardOptions(baud=115200), wire="text", clock=watched)
        source.open()
        assert board.now > 10
        assert source.info.sfreq == pytest.approx(987.6, rel=0.01)
        assert source.info.sfreq_estimated
        assert f"rate estimated: {source.info.sfreq:g} Hz" in source.notes
        assert busy >= {"listening at 115200 baud", "measuring rate"}
        assert source.status == ""
        samples = read_some(source, 9000)
        assert list(samples) == list(range(len(samples)))
        assert [row[0] - samples[0][0] for row in samples.values()] == list(samples)
        source.close()


@pytest.mark.parametrize("seed", range(5))
def test_bursts_of_an_adapter_leave_the_rate_true(seed):
    chance = random.Random(seed)  # noqa: S311
    arrivals, now = [], 0.0
    while now < 10:
        now += 0.016 * chance.choice([1, 1, 1, 2])
        arrivals.append((now + chance.uniform(0, 0.003), int(now * 998.7)))
    assert fit_sfreq(arrivals) == pytest.approx(998.7, rel=1e-3)


def test_rubbish_before_the_numbers_is_passed_over(opened):
    rubbish = random.Random(1).randbytes(200)  # noqa: S311

    def speak(start, stop, speed):
        return rubbish if stop < 0.5 else printing(steady)(start, stop, speed)

    with PtyBoard(speak) as board:
        source = opened(board, baud=None)
        assert all(500 <= row[0] < 510 for row in read_some(source, 100).values())
        assert board.speeds == [termios.B115200]


def test_the_speed_is_found_by_listening(opened):
    rubbish = random.Random(2)  # noqa: S311

    def speak(start, stop, speed):
        if speed == termios.B57600:
            return printing(steady)(start, stop, speed)
        return rubbish.randbytes(10)

    with PtyBoard(speak) as board:
        source = opened(board, baud=None)
        assert board.speeds == [termios.B115200, termios.B9600, termios.B57600]
        assert all(500 <= row[0] < 510 for row in read_some(source, 100).values())


def test_bytes_that_are_never_numbers_are_a_mismatch(opened):
    rubbish = random.Random(3)  # noqa: S311
    with PtyBoard(lambda *_: rubbish.randbytes(10), tick_s=0.05) as board:
        with pytest.raises(SourceMismatch, match=r"at any usual speed.*Serial\.println"):
            opened(board, baud=None)
        assert len(board.speeds) == len(listening.BAUDS)
        with pytest.raises(SourceMismatch, match=r"at 9600 baud.*Serial\.begin"):
            opened(board, baud=9600)


def test_a_port_that_sends_nothing_is_named(opened):
    with (
        PtyBoard(lambda *_: b"", tick_s=0.1) as board,
        pytest.raises(SourceNotFound, match=r"is open but sends nothing: .*sketch"),
    ):
        opened(board, baud=None, listen_s=0.2)


def test_a_failed_open_gives_the_port_back(opened):
    with PtyBoard(lambda *_: b"", tick_s=0.1) as board:
        for _ in range(2):
            with pytest.raises(SourceNotFound):
                opened(board, listen_s=0.2)


def test_a_port_in_use_is_told(opened):
    with PtyBoard(printing(steady)) as board:
        opened(board)
        with pytest.raises(SourceError, match="in use by another program"):
            opened(board)


def test_silence_is_a_loss(opened):
    with PtyBoard(printing(steady)) as board:
        source = opened(board)
        board.speak, board.tick_s = (lambda *_: b""), 1.0
        with pytest.raises(SourceLost, match="sent nothing for 2 s"):
            read_some(source, 100_000)


def test_a_short_silence_is_none(opened):
    with PtyBoard(printing(steady)) as board:
        source = opened(board)
        read_some(source, 1)
        board.speak, board.tick_s = (lambda *_: b""), 0.2
        for _ in range(4):  # two looks at the clock each
            left = source.read(0)
        assert left == []


def test_a_program_that_stood_still_says_so_and_goes_on(opened):
    with PtyBoard(printing(lambda k: b"%d" % k)) as board:
        source = opened(board)
        before = read_some(source, 100)
        board.now += 2.9  # while it was stopped; nothing came that the port could not hold
        after = read_some(source, 3000)
        assert list(before) + list(after) == list(range(len(before) + len(after)))
        assert [note for note in source.notes if "stood still" in note] == [
            "The program stood still for 2.9 s, stopped or out of breath: what the port could not "
            "hold meanwhile is missing."
        ]


def test_an_unplugged_board_is_waited_for_then_lost(opened):
    with PtyBoard(printing(steady)) as board:
        source = opened(board, patience_s=3)
        read_some(source, 100)
        board.tick_s = 1.0
        board.unplug()
        assert source.read(0) == []
        assert "broke off" in source.status
        with pytest.raises(SourceLost, match=r"broke off.*still plugged in"):
            read_some(source, 100_000)


def test_a_board_that_comes_back_goes_on_after_a_gap(opened, monkeypatch):
    with PtyBoard(printing(lambda k: b"%d" % k)) as board:
        usb = {"vid": 0x2341, "pid": 0x43, "serial_number": "A1"}
        plug_in(monkeypatch, Port(board.name, "Uno", **usb))
        source = opened(board, listen_s=0.5)
        before = read_some(source, 100)
        board.unplug()
        assert source.read(0) == []
        assert source.read(0) == []
        board.now += 3.0
        board.plug_in()
        plug_in(monkeypatch, Port("/dev/other", "", 1, 1), Port(board.name, "Uno", **usb))
        after = read_some(source, 50)
        first, origin = min(after), before[0][0]
        assert first > max(before)
        # the board's own count tells how long it was away; the clock may only be a look too late
        assert first + origin == pytest.approx(after[first][0], abs=30)
        assert list(after) == list(range(first, first + len(after)))
        assert source.status == ""
        assert any("The board was away for 3." in note for note in source.notes)


@pytest.mark.parametrize("stage", ["open", "read"])
def test_close_from_another_thread_ends_it(stage):
    with PtyBoard(printing(steady)) as board:
        looked = threading.Event()
        told = []

        def clock():
            if stage == "open" or hasattr(source, "info"):
                looked.set()
            return 0.0  # time stands still: nothing else ends it

        options = BoardOptions(baud=115200, sfreq=1000)
        source = SerialSource(board.name, options, wire="text", clock=clock)

        def run():
            try:
                source.open()
                while source.read(60):
                    pass
            except SourceError as error:
                told.append(str(error))

        thread = threading.Thread(target=run)
        thread.start()
        if stage == "read":
            while not hasattr(source, "info"):
                os.write(board.master, b"500\n")
        assert looked.wait(10)
        source.close()
        thread.join(10)
        assert not thread.is_alive()
        assert told == (
            [f"{board.name} was closed before it had opened."] if stage == "open" else []
        )
        source.close()


def test_the_first_port_that_sends_numbers_is_taken(opened, monkeypatch):
    with PtyBoard(lambda *_: b"") as dumb, PtyBoard(printing(steady)) as board:
        plug_in(
            monkeypatch,
            Port(dumb.name, "", 1, 1),
            Port(board.name, "", 1, 1),
            Port("/dev/rfcomm0", "a Bluetooth link must not be called up"),
        )
        source = opened(board, port="", listen_s=0.1)
        assert source.info.source == f"serial:{board.name}"


def test_when_no_port_sends_numbers_each_is_told(opened, monkeypatch):
    with PtyBoard(lambda *_: b"") as dumb:
        plug_in(monkeypatch, Port("/dev/nowhere", "", 1, 1), Port(dumb.name, "", 1, 1))
        with pytest.raises(SourceNotFound, match=f"nowhere.*{dumb.name} is open but sends nothing"):
            opened(dumb, port="", listen_s=0.05)
        plug_in(monkeypatch, Port(dumb.name, "", 1, 1))
        with pytest.raises(SourceNotFound, match=f"^{dumb.name} is open but sends nothing"):
            opened(dumb, port="", listen_s=0.05)


def test_no_port_at_all_is_told_with_the_cable(monkeypatch):
    plug_in(monkeypatch)
    with pytest.raises(SourceNotFound, match=r"No board was found.*cable"):
        SerialSource("").open()


@pytest.mark.parametrize("words", ["serial:x?channels=1.5", "serial:x?bits=9.5"])
def test_what_is_counted_must_be_whole(words):
    with pytest.raises(SettingsError, match="must be a whole number"):
        open_source(words)


def test_bytes_of_neither_kind_are_told_with_both_remedies(opened):
    rubbish = random.Random(3)  # noqa: S311
    with (
        PtyBoard(lambda *_: rubbish.randbytes(10), tick_s=0.05) as board,
        pytest.raises(SourceMismatch, match=r"neither .*firmware nor lines.*flash.*Serial.begin"),
    ):
        opened(board, baud=None, wire="")


def test_a_device_that_is_no_port_is_told_so():
    with pytest.raises(SourceError, match="could not be opened as a serial port"):
        SerialSource("/dev/null").open()


def test_an_unknown_wire_format_is_refused():
    with pytest.raises(
        SettingsError, match="wire=smoke is no wire format; choose one of: native, text"
    ):
        SerialSource("x", wire="smoke")


def test_what_was_printed_comes_out_bit_for_bit(opened):
    values = np.random.default_rng(4).normal(500, 100, 300).round(3)

    with PtyBoard(printing(lambda k: b"%.3f" % values[k % 300])) as board:
        samples = read_some(opened(board), 300)
        first = int(np.flatnonzero(values == samples[0][0])[0])
        assert [row[0] for row in samples.values()][:300] == np.roll(values, -first).tolist()
