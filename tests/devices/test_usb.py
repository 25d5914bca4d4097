import sys

import pytest

from biofeedback.devices import usb
from biofeedback.devices.usb import KINDS, OtherBoard, choose_port, find_kind, steps_for
from biofeedback.errors import BiofeedbackError, SourceNotFound
from biofeedback.sources.ports import Port

UNO = Port("/dev/ttyACM0", "Arduino Uno", 0x2341, 0x0043)
CH340 = Port("/dev/ttyUSB0", "USB Serial", 0x1A86, 0x7523)
BUILT_IN = Port("/dev/ttyS4", "")


def plug_in(monkeypatch, *ports: Port) -> None:
    monkeypatch.setattr(usb, "list_ports", lambda: list(ports))


@pytest.mark.parametrize("port", [UNO, CH340])
def test_the_only_board_that_it_can_be_is_chosen(monkeypatch, port):
    plug_in(monkeypatch, port, Port("/dev/ttyACM9", "Pico", 0x2E8A, 0x0005), BUILT_IN)
    assert choose_port(None) == port.name


def test_of_two_boards_one_has_to_be_named(monkeypatch):
    plug_in(monkeypatch, UNO, CH340)
    with pytest.raises(BiofeedbackError, match=r"Several .* flash /dev/ttyACM0.* /dev/ttyUSB0"):
        choose_port(None)
    assert choose_port("/dev/ttyUSB0") == "/dev/ttyUSB0"


def test_no_board_is_answered_with_the_ports_that_are_there(monkeypatch):
    plug_in(monkeypatch, BUILT_IN)
    with pytest.raises(
        SourceNotFound, match=r"No Arduino Uno or Nano was found. There is: /dev/ttyS4.*name it: "
    ):
        choose_port(None)
    plug_in(monkeypatch)
    with pytest.raises(SourceNotFound, match="with a USB cable that carries data"):
        choose_port(None)


@pytest.mark.parametrize("wanted", [None, "/dev/ttyACM0"])
@pytest.mark.parametrize(
    ("vid", "pid", "title"),
    [
        (0x2341, 0x8036, "Arduino Leonardo"),
        (0x2341, 0x0036, "Arduino Leonardo"),
        (0x2341, 0x0069, "Arduino UNO R4 Minima"),
        (0x2341, 0x1002, "Arduino UNO R4 WiFi"),
        (0x2E8A, 0x000A, "Raspberry Pi Pico"),
        (0x303A, 0x1001, "ESP32"),
        (0x16C0, 0x0483, "Teensy"),
        (0x2341, 0x0010, "Arduino Mega 2560"),
        (0x2341, 0x0042, "Arduino Mega 2560"),
    ],
)
def test_another_board_is_refused_with_what_to_do(monkeypatch, wanted, vid, pid, title):
    plug_in(monkeypatch, Port("/dev/ttyACM0", "", vid, pid))
    with pytest.raises(OtherBoard, match=f"/dev/ttyACM0 is a {title}: the Arduino IDE") as caught:
        choose_port(wanted)
    steps = " ".join(caught.value.steps)
    assert "firmware/biofeedback/biofeedback.ino" in steps
    assert f"choose {title}; Tools > Port: choose /dev/ttyACM0" in steps
    assert steps.endswith("the board answers now.")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no links to ports")
def test_a_link_to_a_port_is_that_port(monkeypatch, tmp_path):
    (tmp_path / "ttyACM0").touch()
    (tmp_path / "by-id").symlink_to(tmp_path / "ttyACM0")
    plug_in(monkeypatch, Port(str(tmp_path / "ttyACM0"), "", 0x2E8A, 5))
    with pytest.raises(OtherBoard):
        choose_port(str(tmp_path / "by-id"))


def test_a_port_that_says_nothing_of_itself_is_tried(monkeypatch):
    plug_in(monkeypatch, BUILT_IN)
    assert choose_port("/dev/ttyS4") == "/dev/ttyS4"
    assert choose_port("/dev/pts/7") == "/dev/pts/7"


def test_a_product_is_looked_up_before_its_maker():
    assert find_kind(UNO).flash
    assert not find_kind(Port("a", "", 0x2341, 0x0042)).flash
    assert find_kind(Port("a", "", 0x1234, 0x0042)) is None
    assert find_kind(BUILT_IN) is None


def test_each_board_that_takes_no_firmware_from_us_says_what_its_ide_needs():
    for kind in KINDS.values():
        if not kind.flash:
            assert kind.package
            assert any(kind.package in step for step in steps_for(kind, "COM5"))
