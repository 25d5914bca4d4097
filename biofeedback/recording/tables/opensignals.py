"""OpenSignals text files: PLUX and BITalino devices, of which the EMG channels are read."""

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from biofeedback.boards import COUNTS, SENSORS, find_sensor, make_channel
from biofeedback.errors import RecordingError
from biofeedback.recording.recorded import Hints, Recording
from biofeedback.recording.signals import check_rate
from biofeedback.recording.tables.assemble import Signals, make_recording, out_of_order
from biofeedback.recording.tables.columns import unit_notes
from biofeedback.recording.tables.layout import Layout
from biofeedback.recording.tables.rows import Rows
from biofeedback.recording.tables.timing import UNBROKEN, index_frames
from biofeedback.stream import Channel, StreamInfo
from biofeedback.text import _

OPENING = "# OpenSignals Text File Format"
_END_OF_HEADER = re.compile(r"^# *EndOfHeader *$", re.M)
_FRAME = "nSeq"
# Where frame numbers start over.
_WRAPS = (16, 256, 65_536)
# EMGBITREV is the sensor of a BITalino (r)evolution. RAW: nobody said what was plugged in.
_EMG, _ANY = "EMG", "RAW"
_RAW_IS = _("raw EMG, as OpenSignals records it")


@dataclass(frozen=True, slots=True)
class _Header:
    """What the header tells: rate in Hz, names of all columns, and each channel's own."""

    sfreq: float
    device: str
    columns: tuple[str, ...]
    labels: tuple[str, ...]
    sensors: tuple[str, ...]
    bits: tuple[int, ...]


def read_opensignals(path: Path, head: str, name: str, hints: Hints) -> Recording:
    """Read the OpenSignals file at `path`, which begins with `head`; errors call it `name`.

    Each EMG channel has the transfer of its device at its own resolution, whatever sensor `hints`
    name; where none is called EMG, those of which nothing is said are counts, or of that sensor.
    Raises `RecordingError`.
    """
    end = _END_OF_HEADER.search(head)
    if not end:
        raise _broken(name, _("its header does not end with EndOfHeader"))
    header = _read_header(head[: end.start()], name)
    _check_hints(header, hints, name)
    kinds = [sensor.upper() for sensor in header.sensors]
    chosen = [i for i, kind in enumerate(kinds) if kind.startswith(_EMG)]
    chosen = chosen or [i for i, kind in enumerate(kinds) if kind == _ANY]
    if not chosen:
        found = ", ".join(header.sensors)
        raise RecordingError(
            _("{name} holds no EMG, only {found}; choose another file.").format(
                name=name, found=found
            )
        )
    notes = [
        _("{label} ({sensor}) is not EMG and is left out.").format(label=label, sensor=sensor)
        for i, (label, sensor) in enumerate(zip(header.labels, header.sensors, strict=True))
        if i not in chosen
    ]
    first_line = head[: end.start()].count("\n") + 2
    layout = Layout(header.columns, "\t", decimal_comma=False, first_line=first_line)
    rows = Rows(path, layout, where=name)
    for i in chosen:
        _check_counts(rows, header, i, name)
    runs = UNBROKEN
    if _FRAME in header.columns:
        by_frames = index_frames(rows.column(header.columns.index(_FRAME)), _WRAPS)
        notes += [] if by_frames else [out_of_order(_FRAME)]
        runs = by_frames or UNBROKEN
    places = tuple(header.columns.index(header.labels[i]) for i in chosen)
    signals = Signals(rows, places, runs)
    channels = [_channel(header, i, hints) for i in chosen]
    info = StreamInfo((), header.sfreq, name)
    return make_recording(signals, channels, info, [*notes, *unit_notes(channels, hints)])


def _broken(name: str, what: str) -> RecordingError:
    return RecordingError(
        _("{name} is not whole: {what}; export it from OpenSignals again.").format(
            name=name, what=what
        )
    )


def _read_header(text: str, name: str) -> _Header:
    """Parse the line of JSON: one object a device, keyed by its address."""
    line = next((row for row in text.split("\n") if row.startswith("# {")), "")
    try:
        devices = json.loads(line.removeprefix("# "))
    except (ValueError, RecursionError):  # a number of thousands of digits, too
        raise _broken(name, _("the description in its header cannot be read")) from None
    if not isinstance(devices, dict) or not all(isinstance(d, dict) for d in devices.values()):
        raise _broken(name, _("its header describes no device"))
    if len(devices) != 1:
        raise RecordingError(
            _("{name} holds {n} devices and one is read; export each by itself.").format(
                name=name, n=len(devices)
            )
        )
    (device,) = devices.values()
    if device.get("convertedValues"):
        raise RecordingError(
            _("{name} holds converted values; export it as {raw}.").format(name=name, raw=_RAW_IS)
        )
    columns, sensors = _list(device, "column", str, name), _list(device, "sensor", str, name)
    labels = _list(device, "label", str, name) if "label" in device else columns[-len(sensors) :]
    if not set(labels) <= set(columns):
        labels = columns[-len(sensors) :]
    bits = _list(device, "resolution", int, name)[-len(sensors) :]
    if not len(labels) == len(sensors) == len(bits) or not all(1 <= b <= 32 for b in bits):
        raise _broken(
            name, _("its header lists unlike numbers of channels, sensors and resolutions")
        )
    if len(set(labels)) < len(labels) or not all(label.strip() for label in labels):
        raise _broken(name, _("its header does not give each channel a name of its own"))
    sfreq = device.get("sampling rate")
    if isinstance(sfreq, bool) or not isinstance(sfreq, int | float) or not 0 < sfreq < 1e9:
        what = _("its header says a sampling rate of {sfreq!r}").format(sfreq=sfreq)
        raise _broken(name, what)
    device_name = str(device.get("device", ""))
    return _Header(
        float(sfreq), device_name, tuple(columns), tuple(labels), tuple(sensors), tuple(bits)
    )


def _list(device: dict[str, Any], key: str, kind: type, name: str) -> list[Any]:
    values = device.get(key)
    if not isinstance(values, list) or not values or not all(type(v) is kind for v in values):
        raise _broken(name, _("its header has no '{key}'").format(key=key))
    return values


def _check_hints(header: _Header, hints: Hints, name: str) -> None:
    check_rate(header.sfreq, hints, where=name)
    if hints.unit not in (None, COUNTS):
        raise RecordingError(
            _("{name} holds counts by its header and {unit} by --unit; leave --unit out.").format(
                name=name, unit=hints.unit
            )
        )


def _channel(header: _Header, number: int, hints: Hints) -> Channel:
    profile = "bitalino" if header.device.lower().startswith("bitalino") else "plux"
    sensor = SENSORS[profile]
    if header.sensors[number].upper() == _ANY:
        named = find_sensor(hints.sensor) if hints.sensor is not None else None
        if named is None:
            return Channel(header.labels[number])
        sensor = replace(named, converter=named.converter or sensor.converter)
    assert sensor.converter is not None  # noqa: S101  both have one of their own
    board = replace(sensor.converter, bits=header.bits[number])
    return make_channel(header.labels[number], sensor, board)


def _check_counts(rows: Rows, header: _Header, number: int, name: str) -> None:
    """Raise `RecordingError` where a channel holds what its converter cannot send."""
    label, bits = header.labels[number], header.bits[number]
    row = 0
    for signal in rows.column(header.columns.index(label)):
        # NaN fails each of these
        wrong = ~((signal == np.round(signal)) & (signal >= 0) & (signal < 2**bits))
        if wrong.any():
            at = int(np.argmax(wrong))
            raise RecordingError(
                _(
                    "{name}, line {line}: {value:g} in {label} is no count of {n} bits; export it "
                    "as {raw}."
                ).format(
                    name=name,
                    line=rows.line_of(row + at),
                    value=signal[at],
                    label=label,
                    n=bits,
                    raw=_RAW_IS,
                )
            )
        row += len(signal)
