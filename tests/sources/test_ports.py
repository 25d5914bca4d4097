import errno
import os
import socket
import subprocess
import sys
from types import SimpleNamespace

import pytest
import serial

from biofeedback.errors import SourceError, SourceLost, SourceNotFound
from biofeedback.sources import ports
from biofeedback.sources.ports import Port, SerialLink, list_ports

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")


def found(name, *, vid=None, description="n/a", hwid="n/a"):
    return SimpleNamespace(
        device=name, description=description, hwid=hwid, vid=vid, pid=vid, serial_number=None
    )


def plug_in(monkeypatch, *infos):
    monkeypatch.setattr(ports.pyserial_ports, "comports", lambda: list(infos))


@pytest.fixture
def pty():
    """A pseudo-terminal: the board's end, and the name of the other."""
    master, slave = os.openpty()
    yield master, os.ttyname(slave)
    os.close(slave)
    os.close(master)


def test_usb_ports_come_first_then_by_name(monkeypatch):
    names = ["COM10", "COM9", "COM11"]
    plug_in(monkeypatch, found("COM1"), *(found(name, vid=0x2341) for name in names))
    assert [port.name for port in list_ports()] == ["COM9", "COM10", "COM11", "COM1"]


def test_ports_without_a_chip_behind_them_are_left_out(monkeypatch):
    plug_in(monkeypatch, found("/dev/ttyS0"), found("/dev/ttyS4", hwid="PNP0501"))
    assert [port.name for port in list_ports()] == ["/dev/ttyS4"]


def test_a_port_tells_what_it_is(monkeypatch):
    plug_in(monkeypatch, found("/dev/ttyACM0", vid=0x2341, description="Arduino Uno"))
    assert list_ports() == [Port("/dev/ttyACM0", "Arduino Uno", 0x2341, 0x2341)]
    assert list_ports()[0].usb


def test_bluetooth_is_told_by_its_name():
    assert Port("/dev/cu.Bluetooth-Incoming-Port", "").bluetooth
    assert Port("COM5", "Standard Serial over Bluetooth link").bluetooth
    assert Port("/dev/rfcomm0", "").bluetooth
    assert not Port("COM4", "USB Serial Port", 1, 1).bluetooth


def test_a_port_that_is_not_there_is_answered_with_what_is(monkeypatch):
    plug_in(monkeypatch, found("/dev/ttyACM3", vid=1, description="Arduino Uno"))
    with pytest.raises(SourceNotFound, match=r"no port /dev/nowhere.*ttyACM3 \(Arduino Uno\)"):
        SerialLink("/dev/nowhere", baud=9600)


def test_no_port_at_all_is_answered_with_the_cable(monkeypatch):
    plug_in(monkeypatch)
    with pytest.raises(SourceNotFound, match="No serial port is plugged in"):
        SerialLink("/dev/nowhere", baud=9600)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("could not open port 'COM5': PermissionError(13, 'Access is denied.', None, 5)", "in use"),
        ("could not open port 'COM5': FileNotFoundError(2, 'The system cannot ...')", "no port"),
        ("could not open port 'COM5': OSError(22, 'A semaphore timed out')", "semaphore"),
    ],
)
def test_what_windows_says_is_told_in_our_words(monkeypatch, message, said):
    def refuse(*_args, **_options):
        raise serial.SerialException(message)

    plug_in(monkeypatch)
    monkeypatch.setattr(ports.serial, "serial_for_url", refuse)
    with pytest.raises(SourceError, match=said):
        SerialLink("COM5", baud=9600)


@posix_only
def test_a_port_in_use_is_not_shared(pty):
    _, name = pty
    first = SerialLink(name, baud=115200)
    with pytest.raises(SourceError, match="in use by another program: close that one"):
        SerialLink(name, baud=115200)
    first.close()
    SerialLink(name, baud=115200).close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux alone tells who has it")
def test_a_port_that_another_program_has_open_is_left_alone_though_it_took_no_lock(tmp_path):
    port = tmp_path / "ttyACM0"
    port.touch()
    hold = "import sys; held = open(sys.argv[1]); print(flush=True); sys.stdin.read()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", hold, port], **pipes) as other:
        other.stdout.readline()
        with pytest.raises(SourceError, match="in use by another program"):
            SerialLink(str(port), baud=9600)
        other.communicate()
    with pytest.raises(SourceError, match="could not be opened as a serial port"):
        SerialLink(str(port), baud=9600)


@posix_only
def test_a_port_held_by_the_system_is_in_use(pty, monkeypatch):
    def refuse(*_args, **_options):
        raise serial.SerialException(errno.EBUSY, "could not open port")

    monkeypatch.setattr(ports.serial, "serial_for_url", refuse)
    with pytest.raises(SourceError, match="in use"):
        SerialLink(pty[1], baud=115200)


@posix_only
@pytest.mark.parametrize(
    ("mode", "remedy"),
    [(0o060, r"group tty. Run `sudo usermod -a -G tty \$USER`"), (0o000, "sudo chmod")],
)
def test_a_denied_port_names_its_group(pty, mode, remedy):
    import grp

    _, name = pty
    root = os.geteuid() == 0
    tty = grp.getgrnam("tty").gr_gid
    if root:
        os.chown(name, -1, tty)
    elif os.stat(name).st_gid != tty:
        pytest.skip("pseudo-terminals are not of the group tty here")
    os.chmod(name, mode)
    try:
        if root:  # root may open anything
            os.seteuid(65534)
        with pytest.raises(SourceError, match=remedy):
            SerialLink(name, baud=115200)
    finally:
        if root:
            os.seteuid(0)


@posix_only
def test_a_file_is_no_port(tmp_path):
    (tmp_path / "notes.txt").write_text("512\n")
    with pytest.raises(SourceError, match="could not be opened as a serial port"):
        SerialLink(str(tmp_path / "notes.txt"), baud=115200)


@posix_only
def test_bytes_arrive(pty):
    master, name = pty
    link = SerialLink(name, baud=115200)
    assert link.read(0) == b""
    os.write(master, b"512\n")
    assert link.read(5) == b"512\n"
    link.close()


@posix_only
def test_an_unplugged_board_is_lost():
    master, slave = os.openpty()
    link = SerialLink(os.ttyname(slave), baud=115200)
    os.close(slave)
    os.close(master)
    with pytest.raises(SourceLost, match=r"broke off.*still plugged in"):
        link.read(1)
    link.close()


@posix_only
def test_a_closed_port_gives_nothing(pty):
    link = SerialLink(pty[1], baud=115200)
    link.close()
    link.close()
    assert link.read(1) == b""
    assert not link.set_baud(9600)


def test_a_port_without_a_file_descriptor_is_read_through_pyserial(monkeypatch):
    opened = []
    make = serial.serial_for_url
    monkeypatch.setattr(
        ports.serial, "serial_for_url", lambda *a, **k: opened.append(make(*a, **k)) or opened[0]
    )
    link = SerialLink("loop://", baud=115200)
    assert link.read(0) == b""
    assert link.read(0.01) == b""
    opened[0].write(b"512\n513\n")
    assert link.read(1) == b"512\n513\n"
    assert link.set_baud(9600)
    link.close()
    assert link.read(1) == b""


@posix_only
def test_a_socket_that_ends_is_lost():
    with socket.create_server(("127.0.0.1", 0)) as server:
        link = SerialLink(f"socket://127.0.0.1:{server.getsockname()[1]}", baud=115200)
        board, _ = server.accept()
        with board:
            board.sendall(b"512\n")
            assert link.read(5) == b"512\n"
            board.shutdown(socket.SHUT_WR)
            with pytest.raises(SourceLost):
                link.read(5)
            link.close()
