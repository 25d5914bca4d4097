"""Which board is behind a USB port, and how our firmware gets onto the ones we cannot write to."""

import os
from dataclasses import dataclass

from biofeedback.errors import BiofeedbackError, SourceNotFound
from biofeedback.sources.ports import Port, list_ports, say_ports
from biofeedback.text import _

SKETCH = "firmware/biofeedback/biofeedback.ino"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of board: its name, and `package`, what the Arduino IDE must have for it.

    `flash`: it has, or may have, a bootloader that we can speak with.
    """

    title: str
    package: str = ""
    flash: bool = False


_AVR = "Arduino AVR Boards"
_UNO = Kind("Arduino Uno", _AVR, flash=True)
_BRIDGE = Kind(_("Arduino Uno or Nano"), _AVR, flash=True)  # any board may sit behind these chips
_MEGA = Kind("Arduino Mega 2560", _AVR)
_LEONARDO = Kind("Arduino Leonardo", _AVR)
_MICRO = Kind("Arduino Micro", _AVR)
_R4 = "Arduino UNO R4 Boards"

# By USB vendor and product; product None: any other. The ids are those of the boards.txt of the
# cores, and of the makers of the bridge chips.
KINDS: dict[tuple[int, int | None], Kind] = {
    (0x2341, 0x0010): _MEGA,
    (0x2341, 0x0042): _MEGA,
    (0x2A03, 0x0010): _MEGA,
    (0x2A03, 0x0042): _MEGA,
    (0x2341, 0x0036): _LEONARDO,
    (0x2341, 0x8036): _LEONARDO,
    (0x2A03, 0x0036): _LEONARDO,
    (0x2A03, 0x8036): _LEONARDO,
    (0x2341, 0x0037): _MICRO,
    (0x2341, 0x8037): _MICRO,
    (0x2341, 0x0058): Kind("Arduino Nano Every", "Arduino megaAVR Boards"),
    (0x2341, 0x0069): Kind("Arduino UNO R4 Minima", _R4),
    (0x2341, 0x1002): Kind("Arduino UNO R4 WiFi", _R4),
    (0x16C0, 0x0483): Kind("Teensy", "Teensy (for Arduino IDE 2)"),
    (0x2341, None): _UNO,
    (0x2A03, None): _UNO,
    (0x1A86, None): _BRIDGE,  # CH340
    (0x0403, None): _BRIDGE,  # FTDI
    (0x10C4, None): _BRIDGE,  # CP210x
    (0x067B, None): _BRIDGE,  # PL2303
    (0x2E8A, None): Kind("Raspberry Pi Pico", "Raspberry Pi Pico/RP2040"),
    (0x303A, None): Kind("ESP32", "esp32 by Espressif Systems"),
}


class OtherBoard(BiofeedbackError):
    """The board takes no firmware from us; `steps` says what its owner does."""

    def __init__(self, message: str, steps: tuple[str, ...]) -> None:
        super().__init__(message)
        self.steps = steps


def find_kind(port: Port) -> Kind | None:
    """Return what is behind `port`, None where its USB ids say nothing."""
    if port.vid is None:
        return None
    return KINDS.get((port.vid, port.pid)) or KINDS.get((port.vid, None))


def steps_for(kind: Kind, port: str) -> tuple[str, ...]:
    """Return what a person does to get the firmware onto `kind`, one sentence a step."""
    return (
        _("Install the Arduino IDE (arduino.cc/en/software) and open it."),
        _("Tools > Board > Boards Manager: install {package}.").format(package=kind.package),
        _("File > Open: {sketch}").format(sketch=SKETCH),
        _("Tools > Board: choose {board}; Tools > Port: choose {port}.").format(
            board=kind.title, port=port
        ),
        _("Press Upload, and wait until it says that it is done."),
        _("Come back here: the board answers now."),
    )


def choose_port(wanted: str | None) -> str:
    """Return the port of the board to flash: `wanted`, or the only one that it can be.

    Raises `OtherBoard` for a board that takes no firmware from us, `SourceNotFound` where there is
    no board, `BiofeedbackError` where there are several.
    """
    ports = list_ports()
    if wanted:
        names = {wanted, os.path.realpath(wanted)}  # such as a link in /dev/serial/by-id
        _refuse([port for port in ports if port.name in names])
        return wanted
    fitting = [port for port in ports if (kind := find_kind(port)) and kind.flash]
    if not fitting:
        _refuse([port for port in ports if find_kind(port)])
        raise SourceNotFound(
            _(
                "No Arduino Uno or Nano was found. {ports} If it is one of these, name it: "
                "biofeedback flash {port}"
            ).format(ports=say_ports(ports), port=ports[0].name)
            if ports
            else _("No Arduino Uno or Nano was found. {ports}").format(ports=say_ports(ports))
        )
    if len(fitting) > 1:
        raise BiofeedbackError(
            _(
                "Several boards are plugged in: name the one, as in "
                "biofeedback flash {port}. {ports}"
            ).format(port=fitting[0].name, ports=say_ports(fitting))
        )
    return fitting[0].name


def _refuse(ports: list[Port]) -> None:
    """Raise `OtherBoard` for the first board among `ports` that takes no firmware from us."""
    for port in ports:
        kind = find_kind(port)
        if kind and not kind.flash:
            raise OtherBoard(
                _("{port} is a {board}: the Arduino IDE puts the firmware onto it.").format(
                    port=port.name, board=kind.title
                ),
                steps_for(kind, port.name),
            )
