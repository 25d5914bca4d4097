"""Sensors and boards as data: how a count becomes microvolts at the skin.

uV = (count - offset) * reference / steps / gain * 1e6. The offset need not be exact: the band-pass
takes it away.
"""

from dataclasses import dataclass, replace

from biofeedback.errors import SettingsError
from biofeedback.stream import Channel
from biofeedback.text import _


@dataclass(frozen=True, slots=True)
class Board:
    """An analog-to-digital converter: its bits, and the voltage that its full scale stands for."""

    title: str
    bits: int
    reference_v: float


@dataclass(frozen=True, slots=True)
class Sensor:
    """An EMG amplifier: its gain, its pass band in Hz, and its own converter where it has one.

    `envelope`: the output is rectified and smoothed, its gain set by hand: relative units only.
    `power_of_two`: full scale is 2^bits counts as the maker's formula has it, not 2^bits - 1.
    """

    title: str
    gain: float
    low_hz: float
    high_hz: float
    converter: Board | None = None
    envelope: bool = False
    power_of_two: bool = False
    signed: bool = False


BOARDS = {
    "uno": Board(_("Arduino Uno or Nano, 5 V"), 10, 5.0),
    "uno-3v3": Board(_("Arduino Uno or Nano, own sketch with a 3.3 V reference"), 10, 3.3),
    "uno-r4": Board(_("Arduino UNO R4 at 14 bits"), 14, 5.0),
    "esp32": Board(_("ESP32 at 12 bits"), 12, 3.3),
    "rp2040": Board(_("Raspberry Pi Pico at 12 bits"), 12, 3.3),
    "teensy": Board(_("Teensy at 12 bits"), 12, 3.3),
}
DEFAULT_BOARD = "uno"

# Gains and pass bands: the makers' data sheets (SparkFun MyoWare 2.0 guide: gain 200, first order
# 20.8-498.4 Hz; MyoWare 1 RAW 201; Upside Down Labs BioAmp Candy 2420, 72-720 Hz; DFRobot SEN0240
# 1000; BITalino EMG 1009 and 3.3 V; PLUX EMG 1000 and 3 V; OpenBCI Cyton 4.5 V / 24 / (2^23 - 1)).
SENSORS = {
    "myoware-2-raw": Sensor("MyoWare 2.0, RAW pin", 200, 20.8, 498.4),
    "myoware-2-env": Sensor("MyoWare 2.0, ENV pin", 1, 0.0, 3.6, envelope=True),
    "myoware-1-raw": Sensor("MyoWare 1, RAW pin", 201, 20.0, 500.0),
    "bioamp-candy": Sensor("Muscle BioAmp Candy", 2420, 72.0, 720.0),
    "sen0240": Sensor("DFRobot SEN0240 (OYMotion)", 1000, 20.0, 500.0),
    "bitalino": Sensor(
        "BITalino EMG", 1009, 25.0, 480.0, Board("BITalino", 10, 3.3), power_of_two=True
    ),
    "plux": Sensor(
        "PLUX EMG", 1000, 25.0, 500.0, Board("biosignalsplux", 16, 3.0), power_of_two=True
    ),
    "cyton": Sensor("OpenBCI Cyton", 24, 0.0, 131.0, Board("Cyton", 24, 9.0), signed=True),
}
NO_SENSOR = "none"

# What plain numbers may be, and how many microvolts one is; counts have no such figure.
MICROVOLTS = {"uV": 1.0, "mV": 1e3, "V": 1e6}
COUNTS = "counts"
UNITS = (*MICROVOLTS, COUNTS)

COUNTS_HINT = _("Counts only: name the sensor (--sensor myoware-2-raw) to get microvolts.")
FINER_FROM_UV = 4.0  # where a floor is higher, these see more
FINER_BOARDS = _("an Arduino UNO R4 at 14 bits (floor 0.8 µV) or a 12-bit board such as the ESP32")


def find_sensor(name: str) -> Sensor | None:
    """Return the sensor called `name`, None for "none"; raise `SettingsError` for another."""
    if name == NO_SENSOR:
        return None
    if name not in SENSORS:
        raise SettingsError(
            _("There is no sensor called '{name}'; choose one of: {names}.").format(
                name=name, names=", ".join([*SENSORS, NO_SENSOR])
            )
        )
    return SENSORS[name]


def find_board(name: str, *, bits: int | None = None, reference_v: float | None = None) -> Board:
    """Return the board called `name`, with other `bits` or `reference_v` where they are given."""
    if name not in BOARDS:
        raise SettingsError(
            _("There is no board called '{name}'; choose one of: {names}.").format(
                name=name, names=", ".join(BOARDS)
            )
        )
    board = BOARDS[name]
    if bits is not None and not 8 <= bits <= 24:
        raise SettingsError(
            _("bits={bits} is not a converter's; it is between 8 and 24.").format(bits=bits)
        )
    if reference_v is not None and not 0.5 <= reference_v <= 10:
        raise SettingsError(
            _("vref={reference_v:g} is not a reference; it is 0.5 to 10 volts.").format(
                reference_v=reference_v
            )
        )
    return replace(board, bits=bits or board.bits, reference_v=reference_v or board.reference_v)


def make_channel(label: str, sensor: Sensor | None, board: Board | None = None) -> Channel:
    """Return the channel that `sensor` on `board` gives; counts where there is no sensor.

    Without either it may be any numbers that come. A sensor's own converter stands in for the
    board. Rails lie two steps inside the converter's ends, where an amplifier that has hit its
    supply still jitters.
    """
    if sensor is None:
        return Channel(label, digital=(0, 2**board.bits - 1) if board else None)
    converter = board or sensor.converter or BOARDS[DEFAULT_BOARD]
    top = 2**converter.bits - 1
    lowest = -(2 ** (converter.bits - 1)) if sensor.signed else 0
    rails = (lowest + 2.0, lowest + top - 2.0)
    sent = Channel(label, rails=rails, digital=(lowest, lowest + top), sensor=sensor.title)
    if sensor.envelope:
        return replace(sent, envelope=True)
    steps = 2**converter.bits if sensor.power_of_two else top
    gain = converter.reference_v / steps / sensor.gain * 1e6
    centre = 0.0 if sensor.signed else steps / 2
    return replace(sent, unit="uV", gain=gain, offset=-centre * gain, step=gain)
