"""What a heart strap and a blood pressure cuff send, taken apart; bytes in, plain values out.

The layouts are those of the Bluetooth SIG's GATT Specification Supplement: Heart Rate Measurement
(characteristic 0x2A37), Blood Pressure Measurement (0x2A35) and Date Time (0x2A08), all least
significant byte first. Bits that are reserved are passed over, as it asks for, and so is what may
follow the fields that the flags announce.
"""

import math
from dataclasses import dataclass
from datetime import datetime
from enum import IntFlag
from struct import Struct

MMHG_PER_KPA = 7.50062
"""1 kPa over 1 mmHg, which is 133.322 Pa (BS 350)."""
RR_PER_S = 1024
"""RR intervals come in 1/1024 s."""
UNKNOWN_USER = 255
# IEEE 11073-20601, SFLOAT: with the exponent 0 these say +infinity, NaN, not at this resolution,
# reserved, and -infinity. With another exponent the same mantissas are numbers.
_NO_NUMBERS = frozenset({0x07FE, 0x07FF, 0x0800, 0x0801, 0x0802})
_BYTE, _WORD, _STAMP = Struct("<B"), Struct("<H"), Struct("<HBBBBB")


class Truncated(Exception):
    """There are fewer bytes than the flags announce: nothing of it is to be believed."""


class Cuff(IntFlag):
    """What the cuff says of a measurement, bits 0 to 5 of its status."""

    MOVED = 1
    LOOSE = 2
    IRREGULAR_PULSE = 4
    PULSE_TOO_FAST = 8
    PULSE_TOO_SLOW = 16
    WRONG_POSITION = 32


@dataclass(frozen=True, slots=True)
class HeartRate:
    """One notification of a strap.

    `rate_bpm`: NaN where the strap gives 0 or does not touch the skin. `contact`: whether it does;
    None where it cannot tell. `energy_kj`: since it was reset; None where it does not count it.
    `rr_s`: the intervals between beats since the last notification, oldest first; straps without
    them leave it empty.
    """

    rate_bpm: float
    contact: bool | None
    energy_kj: int | None
    rr_s: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class BloodPressure:
    """One reading of a cuff, in mmHg; NaN for what it could not measure.

    `taken`: by the cuff's own clock, which may be wrong; None where it has none. `user`: which of
    its users, None where it does not say. `status`: 0 where all was well, or it does not say.
    """

    systolic_mmhg: float
    diastolic_mmhg: float
    mean_mmhg: float
    pulse_bpm: float
    taken: datetime | None
    user: int | None
    status: Cuff

    @property
    def failed(self) -> bool:
        """Whether there is no blood pressure in it."""
        return math.isnan(self.systolic_mmhg) or math.isnan(self.diastolic_mmhg)


def sfloat(raw: int) -> float:
    """Return the number in a 16-bit SFLOAT: 4 bits exponent of ten, 12 bits mantissa, both signed.

    NaN for the values that stand for no number, infinities too: no pressure is infinite.
    """
    if raw in _NO_NUMBERS:
        return math.nan
    exponent, mantissa = raw >> 12, raw & 0x0FFF
    exponent -= 16 if exponent >= 8 else 0
    mantissa -= 4096 if mantissa >= 2048 else 0
    # a power below one is divided by: 0.1 has no exact float, and 120.5 is 1205 / 10
    return float(mantissa * 10**exponent) if exponent >= 0 else mantissa / 10**-exponent


def parse_heart_rate(data: bytes) -> HeartRate:
    """Return what a strap sent; raise `Truncated`."""
    fields = _Fields(data)
    flags = fields.take(_BYTE)
    rate = fields.take(_WORD if flags & 1 else _BYTE)
    contact = bool(flags & 2) if flags & 4 else None
    energy = fields.take(_WORD) if flags & 8 else None
    rr = tuple(each / RR_PER_S for each in fields.words()) if flags & 16 else ()
    known = rate > 0 and contact is not False
    return HeartRate(float(rate) if known else math.nan, contact, energy, rr)


def parse_blood_pressure(data: bytes) -> BloodPressure:
    """Return what a cuff sent; raise `Truncated`."""
    fields = _Fields(data)
    flags = fields.take(_BYTE)
    per_unit = MMHG_PER_KPA if flags & 1 else 1.0
    systolic, diastolic, mean = (_pressure(fields.take(_WORD), per_unit) for _each in range(3))
    taken = fields.stamp() if flags & 2 else None
    pulse = sfloat(fields.take(_WORD)) if flags & 4 else math.nan
    user = fields.take(_BYTE) if flags & 8 else UNKNOWN_USER
    status = fields.take(_WORD) if flags & 16 else 0
    return BloodPressure(
        systolic,
        diastolic,
        mean,
        pulse if pulse > 0 else math.nan,
        taken,
        None if user == UNKNOWN_USER else user,
        Cuff(status & 0x3F),
    )


def _pressure(raw: int, per_unit: float) -> float:
    """Return a pressure in mmHg; no artery has none, or less."""
    value = sfloat(raw) * per_unit
    return value if value > 0 else math.nan


class _Fields:
    """Bytes that are taken field by field."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, field: Struct) -> int:
        """Return the next field, which has one number."""
        return int(self._unpack(field)[0])

    def words(self) -> list[int]:
        """Return the 16-bit numbers to the end."""
        left = len(self._data) - self._at
        if left % _WORD.size:
            raise Truncated
        return [self.take(_WORD) for _each in range(left // _WORD.size)]

    def stamp(self) -> datetime | None:
        """Return the date and time that come next; None where part of it is not known, or wrong."""
        year, month, day, hour, minute, second = self._unpack(_STAMP)
        try:
            return datetime(year, month, day, hour, minute, second)  # of no zone that it would tell
        except ValueError:  # year, month and day are 0 where they are not known
            return None

    def _unpack(self, field: Struct) -> tuple[int, ...]:
        if self._at + field.size > len(self._data):
            raise Truncated
        values = field.unpack_from(self._data, self._at)
        self._at += field.size
        return values
