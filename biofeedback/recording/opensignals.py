"""OpenSignals text files: PLUX and BITalino devices, of which the EMG channels are read."""

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from biofeedback.boards import COUNTS, SENSORS, make_channel
from biofeedback.errors import RecordingError
from biofeedback.recording.recorded import Hints, Recording, cut_at_gaps
from biofeedback.recording.rows import Layout, Rows, read_text
from biofeedback.recording.timing import Indices
from biofeedback.stream import Channel, Samples, StreamInfo
from biofeedback.text import _

OPENING = "# OpenSignals Text File Format"
_END_OF_HEADER = re.compile(r"^# *EndOfHeader *$", re.M)
# Where frame numbers start over. Some firmware sends 0 throughout, or 0 and 1: these tell nothing.
_WRAPS = (16, 256, 65_536)
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
    name. Raises `RecordingError`.
    """
    end = _END_OF_HEADER.search(head)
    if not end:
        raise _broken(name, _("its header does not end with EndOfHeader"))
    header = _read_header(head[: end.start()], name)
    _check_hints(header, hints, name)
    chosen = [i for i, sensor in enumerate(header.sensors) if sensor.upper() == "EMG"]
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
    rows = Rows(read_text(path, where=name), layout, where=name)
    samples = rows.values[:, [header.columns.index(header.labels[i]) for i in chosen]]
    channels = [_channel(header, i) for i in chosen]
    _check_counts(rows, samples, channels, [header.bits[i] for i in chosen], name)
    index, note = _index(rows.values, header)
    info = StreamInfo(tuple(channels), header.sfreq, name)
    return Recording(info, cut_at_gaps(index, samples), int(index[-1]) + 1, (*notes, *note))


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
    except (json.JSONDecodeError, RecursionError):
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
    if hints.sfreq is not None and hints.sfreq != header.sfreq:
        raise RecordingError(
            _(
                "{name} was sampled at {said:g} Hz by its header and at {given:g} Hz by --sfreq; "
                "leave --sfreq out."
            ).format(name=name, said=header.sfreq, given=hints.sfreq)
        )
    if hints.unit not in (None, COUNTS):
        raise RecordingError(
            _("{name} holds counts by its header and {unit} by --unit; leave --unit out.").format(
                name=name, unit=hints.unit
            )
        )


def _channel(header: _Header, number: int) -> Channel:
    profile = "bitalino" if header.device.lower().startswith("bitalino") else "plux"
    sensor = SENSORS[profile]
    assert sensor.converter is not None  # noqa: S101  both have one of their own
    board = replace(sensor.converter, bits=header.bits[number])
    return make_channel(header.labels[number], sensor, board)


def _check_counts(
    rows: Rows, samples: Samples, channels: list[Channel], bits: list[int], name: str
) -> None:
    """Raise `RecordingError` where a channel holds what its converter cannot send."""
    for signal, channel, n in zip(samples.T, channels, bits, strict=True):
        # NaN fails each of these
        wrong = ~((signal == np.round(signal)) & (signal >= 0) & (signal < 2**n))
        if wrong.any():
            row = int(np.argmax(wrong))
            raise RecordingError(
                _(
                    "{name}, line {line}: {value:g} in {label} is no count of {n} bits; export it "
                    "as {raw}."
                ).format(
                    name=name,
                    line=rows.line_of(row),
                    value=signal[row],
                    label=channel.label,
                    n=n,
                    raw=_RAW_IS,
                )
            )


def _index(values: Samples, header: _Header) -> tuple[Indices, tuple[str, ...]]:
    """Return each row's sample index by the frame numbers, and a note if they tell nothing."""
    plain = np.arange(len(values))
    if "nSeq" not in header.columns:
        return plain, ()
    number = values[:, header.columns.index("nSeq")]
    step = np.diff(number)
    if (step == 1).all() or number.max() <= 1:
        return plain, ()
    # A number that went back started over: at the least wrap above all of them.
    wrap = next((w for w in _WRAPS if number.max() < w), 0)
    steps = np.where(step < 0, step + wrap, step)
    if not (steps >= 1).all() or not (steps == np.round(steps)).all():
        return plain, (_("The frame numbers (nSeq) are out of order: lost samples are not seen."),)
    return np.concatenate(([0], np.cumsum(steps.astype(np.int64)))), ()
