"""OpenSignals HDF5 files: PLUX and BITalino devices, of which the EMG channels are read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from biofeedback.boards import COUNTS, SENSORS, make_channel
from biofeedback.errors import RecordingError
from biofeedback.recording.blocks import Blocks, Runs, one_run, with_converters
from biofeedback.recording.recorded import Hints, Recording
from biofeedback.recording.signals import check_rate, listed
from biofeedback.stream import Channel, Samples, StreamInfo
from biofeedback.text import _

MAGIC = b"\x89HDF\r\n\x1a\n"
_SCANS_AT_ONCE = 65_536
# Where frame numbers start over. Some firmware sends 0 throughout, or 0 and 1: these tell nothing.
_WRAPS = (16, 256, 65_536)
# Other firmware counts so far and stays there.
_STUCK = 65_535
# HDF5 believes any length that a damaged file says; no recording is packed so densely.
_MOST_PACKED = 1000


@dataclass(frozen=True, slots=True)
class _Signal:
    """A channel of a device: `data` is where its samples lie in the file."""

    data: str
    label: str
    sensor: str
    bits: int


@dataclass(frozen=True, slots=True)
class _Device:
    """What a device recorded: `title` is its kind, `scans` the number of samples a channel."""

    address: str
    title: str
    sfreq: float
    scans: int
    signals: tuple[_Signal, ...]

    @property
    def emg(self) -> list[_Signal]:
        """The signals that are EMG."""
        return [signal for signal in self.signals if signal.sensor.upper() == "EMG"]


def read_hdf5(path: Path, name: str, hints: Hints) -> Recording:
    """Read the OpenSignals file at `path`; errors call it `name`. Raises `RecordingError`.

    Each EMG channel has the transfer of its device at its own resolution, whatever sensor `hints`
    name. Devices that recorded together are read together.
    """
    with _open(path, name) as file:
        devices = _find_devices(file, name)
        with_emg = [device for device in devices if device.emg]
        if not with_emg:
            found = listed(signal.sensor for device in devices for signal in device.signals)
            raise RecordingError(
                _("{name} holds no EMG, only {found}; choose another file.").format(
                    name=name, found=found or _("no signal")
                )
            )
        first = with_emg[0]
        runs, notes = _find_runs(file, first)
        together = [device for device in with_emg if _is_together(file, device, first, runs)]
    check_rate(first.sfreq, hints, where=name)
    _check_unit(hints, name)
    signals = [signal for device in together for signal in device.emg]
    channels = _channels(together)

    def read(start: int, stop: int) -> Samples:
        with _open(path, name) as file:
            columns = [file[signal.data][start:stop].reshape(-1) for signal in signals]
            return np.stack(columns, axis=1).astype(float)

    blocks = Blocks(name, read, runs, len(signals), _SCANS_AT_ONCE)
    _check_counts(blocks, signals)
    channels = with_converters(channels, blocks, [None] * len(channels))
    notes += _note_left_out(devices, together)
    return Recording(StreamInfo(channels, first.sfreq, name), blocks, blocks.stop, notes)


@contextmanager
def _open(path: Path, name: str) -> Iterator[Any]:
    """Open the file at `path`; raise `RecordingError` for whatever HDF5 finds wrong with it."""
    try:
        import h5py  # type: ignore[import-untyped]
    except ImportError:
        raise RecordingError(
            _("{name} is HDF5; to read it, run: pip install biofeedback[formats]").format(name=name)
        ) from None
    try:
        with h5py.File(path, "r") as file:
            yield file
    except RecordingError:
        raise
    except Exception as error:  # h5py raises whatever is at hand where a file is damaged
        if isinstance(error, OSError) and error.errno:  # it is not the file's content
            raise
        raise RecordingError(
            _("{name} is damaged or not from OpenSignals; export it as text instead.").format(
                name=name
            )
        ) from error


def _find_devices(file: Any, name: str) -> list[_Device]:
    devices = [
        _read_device(address, group, name)
        for address, group in file.items()
        if "sampling rate" in group.attrs and "raw" in group
    ]
    if not devices:
        raise RecordingError(
            _("{name} is HDF5 and not from OpenSignals; export it as EDF or CSV.").format(name=name)
        )
    return devices


def _read_device(address: str, group: Any, name: str) -> _Device:
    sfreq = float(group.attrs["sampling rate"])
    if not 0 < sfreq < 1e9:
        raise _bad(name, _("a sampling rate of {sfreq:g} Hz").format(sfreq=sfreq))
    numbers = np.ravel(group.attrs["channels"]).tolist()
    bits = np.ravel(group.attrs["resolution"]).tolist()
    if len(numbers) != len(bits) or not all(1 <= b <= 32 for b in bits):
        raise _bad(name, _("unlike numbers of channels and resolutions"))
    lengths, signals = set(), []
    for number, n_bits in zip(numbers, bits, strict=True):
        data = group[f"raw/channel_{number}"]
        if data.ndim not in (1, 2) or data.size != len(data) or data.dtype.kind not in "ui":
            raise _bad(name, _("a channel that holds no counts"))
        if data.nbytes > _MOST_PACKED * _file_size(group.file):
            raise _bad(name, _("more samples than it has room for"))
        lengths.add(len(data))
        label = _text(data.attrs.get("label", f"CH{number}"))
        sensor = _text(data.attrs.get("sensor", "?"))
        signals.append(_Signal(data.name, label, sensor, int(n_bits)))
    if len(lengths) != 1 or 0 in lengths:
        raise _bad(name, _("channels without samples, or of unlike length"))
    title = _text(group.attrs.get("device", ""))
    return _Device(str(address), title, sfreq, lengths.pop(), tuple(signals))


def _file_size(file: Any) -> int:
    """Return the size of the open HDF5 file in bytes."""
    return int(file.id.get_filesize())


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _bad(name: str, what: str) -> RecordingError:
    return RecordingError(
        _("{name} says {what}; export it from OpenSignals again.").format(name=name, what=what)
    )


def _check_unit(hints: Hints, name: str) -> None:
    if hints.unit not in (None, COUNTS):
        raise RecordingError(
            _("{name} holds counts by its header and {unit} by --unit; leave --unit out.").format(
                name=name, unit=hints.unit
            )
        )


def _channels(devices: list[_Device]) -> tuple[Channel, ...]:
    """Return the channels of `devices`; a label that two of them use has the device's address."""
    labels = [signal.label for device in devices for signal in device.emg]
    channels = []
    for device in devices:
        sensor = SENSORS["bitalino" if device.title.lower().startswith("bitalino") else "plux"]
        assert sensor.converter is not None  # noqa: S101  both have one of their own
        for signal in device.emg:
            once = labels.count(signal.label) == 1
            label = signal.label if once else f"{signal.label} {device.address}"
            board = replace(sensor.converter, bits=signal.bits)
            channels.append(make_channel(label, sensor, board))
    return tuple(channels)


def _check_counts(blocks: Blocks, signals: list[_Signal]) -> None:
    """Raise `RecordingError` where a channel holds what its converter cannot send."""
    most = np.array([2**signal.bits - 1 for signal in signals])
    for chunk in blocks:
        wrong = (chunk.samples > most) | (chunk.samples < 0)
        if wrong.any():
            row, channel = np.argwhere(wrong)[0].tolist()
            raise RecordingError(
                _(
                    "{name}: {value:g} in {label} is no count of {n} bits; export it from "
                    "OpenSignals again."
                ).format(
                    name=blocks.name,
                    value=chunk.samples[row, channel],
                    label=signals[channel].label,
                    n=signals[channel].bits,
                )
            )


def _is_together(file: Any, device: _Device, first: _Device, runs: Runs) -> bool:
    if device is first:
        return True
    alike = device.sfreq == first.sfreq and device.scans == first.scans
    return alike and np.array_equal(_find_runs(file, device)[0], runs)


def _find_runs(file: Any, device: _Device) -> tuple[Runs, tuple[str, ...]]:
    """Return the runs of `device` by its frame numbers, and a note if they tell nothing."""
    plain = one_run(device.scans)
    data = file.get(f"{device.address}/raw/nSeq")
    if data is None or data.size != device.scans:
        return plain, ()
    most, gaps = 0, []
    for at in range(0, device.scans, _SCANS_AT_ONCE):
        # Each block begins with the last number of the one before.
        numbers = data[max(0, at - 1) : at + _SCANS_AT_ONCE].reshape(-1).astype(np.int64)
        most = max(most, int(numbers.max()))
        steps = np.diff(numbers)
        stuck = (numbers[1:] == _STUCK) & (steps == 0)
        jumps = np.flatnonzero((steps != 1) & ~stuck)
        gaps.append(np.stack([jumps + max(0, at - 1) + 1, steps[jumps]], axis=1))
    scans, steps = np.concatenate(gaps).T
    if most <= 1:
        return plain, ()
    # A number that went back started over: at the least wrap above all of them.
    wrap = next((w for w in _WRAPS if most < w), 0)
    lost = np.where(steps < 0, steps + wrap, steps) - 1
    if (lost < 0).any():
        return plain, (_("The frame numbers (nSeq) are out of order: lost samples are not seen."),)
    scans, lost = scans[lost > 0], lost[lost > 0]
    begins = np.concatenate(([0], scans))
    starts = begins + np.concatenate(([0], np.cumsum(lost)))
    return np.stack([starts, begins, np.append(scans, device.scans)], axis=1), ()


def _note_left_out(devices: list[_Device], together: list[_Device]) -> tuple[str, ...]:
    notes = [
        _("{label} ({sensor}) is not EMG and is left out.").format(
            label=signal.label, sensor=signal.sensor
        )
        for device in devices
        for signal in device.signals
        if signal not in device.emg
    ]
    notes += [
        _(
            "The device {address} did not record in step with {first} and is left out; export it "
            "by itself."
        ).format(address=device.address, first=together[0].address)
        for device in devices
        if device.emg and device not in together
    ]
    return tuple(notes)
