"""What an EDF or BDF file says of itself: its header, every field of it checked."""

import math
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from biofeedback.errors import RecordingError
from biofeedback.text import _

# Fields of the header and of each signal, and their widths in bytes (edfplus.info/specs/edf.html).
FIXED = {"version": 8, "patient": 80, "recording": 80, "date": 8, "time": 8}
FIXED |= {"bytes": 8, "reserved": 44, "records": 8, "duration": 8, "signals": 4}
OF_A_SIGNAL = {"label": 16, "transducer": 80, "unit": 8, "physical_min": 8, "physical_max": 8}
OF_A_SIGNAL |= {"digital_min": 8, "digital_max": 8, "filters": 80, "n": 8, "reserved": 32}
FIXED_BYTES = sum(FIXED.values())
SIGNAL_BYTES = sum(OF_A_SIGNAL.values())
COUNT_AT = FIXED_BYTES - FIXED["signals"] - FIXED["duration"] - FIXED["records"]
"""Where the number of records stands."""
BDF_VERSION = b"\xffBIOSEMI"
EDF_VERSION = b"0       "
OURS = "biofeedback"
"""The equipment by which a recording of this program is known."""
ENVELOPE = "envelope"
"""What our headers have for the filters of a channel that its sensor rectified and smoothed."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_DATE = re.compile(r"(\d\d)\.(\d\d)\.(\d\d)")
_FIRST_YEAR = 85
_NO_DATE = datetime(1985, 1, 1)  # what is made anonymous has it
_GREATEST = 1e30
_WHOLE = re.compile(r"[+-]?\d+")
# The specifications have no place for it; our own files say it where recordings are described.
_SIMULATED = re.compile(r"(?<![a-z])simulated(?![a-z])", re.I)
_IDENTITY = re.compile(rf" {OURS}(?: SIMULATED)? ([0-9a-f]{{32}})")


@dataclass(frozen=True, slots=True)
class EdfSignal:
    """A signal: `n` samples of it lie in each record, `at` samples after the record's beginning."""

    label: str
    transducer: str
    unit: str
    physical: tuple[float, float]
    digital: tuple[int, int]
    n: int
    at: int
    filters: str = ""

    @property
    def is_annotations(self) -> bool:
        """Whether it holds texts in place of samples."""
        return self.label in {"EDF Annotations", "BDF Annotations"}

    @property
    def gain(self) -> float:
        """One count, in `unit`; 0 where the physical range has no width."""
        low, high = self.digital
        return (self.physical[1] - self.physical[0]) / (high - low)

    @property
    def offset(self) -> float:
        """A count of 0, in `unit`."""
        return self.physical[0] - self.digital[0] * self.gain


@dataclass(frozen=True, slots=True)
class EdfHeader:
    """An EDF or BDF header: `size` in bytes; `records` -1 while the file is being recorded.

    `sample_bytes`: 2, or 3 where it is BDF. `discontinuous`: records may have gaps between them.
    `ascii`: whether its texts are, as they should be. `identity`: what tells one recording of ours
    from another; empty where it is none.
    """

    size: int
    sample_bytes: int
    records: int
    duration_s: float
    discontinuous: bool
    simulated: bool
    ascii: bool
    identity: str
    signals: tuple[EdfSignal, ...]

    @property
    def record_bytes(self) -> int:
        """What a record takes."""
        return self.sample_bytes * sum(signal.n for signal in self.signals)


def start_of_edf(path: Path) -> datetime | None:
    """Return when the EDF or BDF file at `path` was begun, as its header has it: in local time.

    None where it is no such file, or its date is the one that stands for none (01.01.85, 0 h).
    Years from 85 on are of the last century (edfplus.info/specs/edf.html).
    """
    with path.open("rb") as file:
        fixed = file.read(FIXED_BYTES)
    if len(fixed) < FIXED_BYTES or fixed[:8] not in (EDF_VERSION, BDF_VERSION):
        return None
    (head,) = _fields(fixed, FIXED, 1)
    day, clock = _DATE.fullmatch(head["date"]), _DATE.fullmatch(head["time"])
    if not day or not clock:
        return None
    date, month, year = (int(part) for part in day.groups())
    hour, minute, second = (int(part) for part in clock.groups())
    year += 1900 if year >= _FIRST_YEAR else 2000
    try:
        started = datetime(year, month, date, hour, minute, second)
    except ValueError:
        return None
    return None if started == _NO_DATE else started


def read_edf_header(file: BinaryIO, *, where: str) -> EdfHeader:
    """Return the header of `file`; raise `RecordingError`, which calls it `where`, if it is bad."""
    fixed = file.read(FIXED_BYTES)
    if len(fixed) < FIXED_BYTES:
        raise _cut_off(where)
    if fixed[:8] not in (EDF_VERSION, BDF_VERSION):
        raise RecordingError(
            _("{name} is neither EDF nor BDF; choose another file.").format(name=where)
        )
    (head,) = _fields(fixed, FIXED, 1)
    records = _whole(head["records"], where, _("number of records"))
    if records < -1:
        raise _bad(where, _("number of records"), head["records"])
    duration_s = _number(head["duration"], where, _("duration of a record"))
    if duration_s < 0:
        raise _bad(where, _("duration of a record"), head["duration"])
    count = _whole(head["signals"], where, _("number of signals"))
    size = FIXED_BYTES + count * SIGNAL_BYTES
    if count < 1:
        raise _bad(where, _("number of signals"), head["signals"])
    if _whole(head["bytes"], where, _("length of the header")) != size:
        raise _bad(where, _("length of the header"), head["bytes"])
    rest = file.read(size - FIXED_BYTES)
    if len(rest) < size - FIXED_BYTES:
        raise _cut_off(where)
    signals: list[EdfSignal] = []
    for fields in _fields(rest, OF_A_SIGNAL, count):
        at = signals[-1].at + signals[-1].n if signals else 0
        signals.append(_signal(fields, at, where))
    identity = _IDENTITY.search(head["recording"])
    return EdfHeader(
        size=size,
        sample_bytes=3 if fixed[:8] == BDF_VERSION else 2,
        records=records,
        duration_s=duration_s,
        discontinuous=head["reserved"][:5] in {"EDF+D", "BDF+D"},
        simulated=bool(_SIMULATED.search(head["recording"])),
        ascii=(fixed[8:] + rest).isascii(),
        identity=identity[1] if identity and len(signals) > 1 and _texts_last(signals) else "",
        signals=tuple(signals),
    )


def _fields(text: bytes, widths: dict[str, int], count: int) -> list[dict[str, str]]:
    """Return `count` sets of fields: the first field of all of them comes first, then the next."""
    sets: list[dict[str, str]] = [{} for _set in range(count)]
    at = 0
    for name, width in widths.items():
        for fields in sets:
            # Beyond ASCII nothing is allowed; a micro sign is met in Latin-1.
            fields[name] = text[at : at + width].decode("latin-1").strip(" \0")
            at += width
    return sets


def _signal(fields: dict[str, str], at: int, where: str) -> EdfSignal:
    label = fields["label"]
    low, high = (
        _whole(fields[end], where, _("digital range of '{label}'").format(label=label))
        for end in ("digital_min", "digital_max")
    )
    bottom, top = (
        _number(fields[end], where, _("physical range of '{label}'").format(label=label))
        for end in ("physical_min", "physical_max")
    )
    n = _whole(fields["n"], where, _("number of samples of '{label}'").format(label=label))
    if low >= high:
        raise _bad(where, _("digital range of '{label}'").format(label=label), f"{low}...{high}")
    if n < 1:
        raise _bad(where, _("number of samples of '{label}'").format(label=label), fields["n"])
    return EdfSignal(
        label,
        fields["transducer"],
        fields["unit"],
        (bottom, top),
        (low, high),
        n,
        at,
        fields["filters"],
    )


def _texts_last(signals: list[EdfSignal]) -> bool:
    return [signal.is_annotations for signal in signals] == [False] * (len(signals) - 1) + [True]


def _whole(text: str, where: str, what: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise _bad(where, what, text)
    return int(text)


def _number(text: str, where: str, what: str) -> float:
    number = float(text) if _NUMBER.fullmatch(text) else math.inf
    if abs(number) > _GREATEST:
        raise _bad(where, what, text)
    return number


def _bad(where: str, what: str, said: str) -> RecordingError:
    return RecordingError(
        _("{name}: its header says {said!r} for the {what}; the file is damaged.").format(
            name=where, said=said, what=what
        )
    )


def _cut_off(where: str) -> RecordingError:
    return RecordingError(
        _("{name} ends within its header; copy it anew from where it was made.").format(name=where)
    )
