"""OpenSignals HDF5 files: PLUX and BITalino devices, of which the EMG channels are read."""

import contextlib
import errno
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import weakref
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from biofeedback.boards import COUNTS, SENSORS, make_channel
from biofeedback.errors import RecordingError
from biofeedback.recording.binary import hdf5_unpack
from biofeedback.recording.binary.hdf5_unpack import COUNT, PackedDevice, PackedSignal
from biofeedback.recording.blocks import Blocks, Runs, with_converters
from biofeedback.recording.recorded import Hints, Recording
from biofeedback.recording.signals import check_rate
from biofeedback.recording.spool import no_room
from biofeedback.stream import Channel, Samples, StreamInfo
from biofeedback.text import _

MAGIC = b"\x89HDF\r\n\x1a\n"
# A file of a few kilobytes takes half a second; one of a gigabyte is unpacked at 50 MB/s or more.
_LONGEST_S = 10.0
_BYTES_A_SECOND = 1e7
# Each thread of a library that is not used here would take memory, which is limited there.
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


def read_hdf5(path: Path, name: str, hints: Hints) -> Recording:
    """Read the OpenSignals file at `path`; errors call it `name`. Raises `RecordingError`.

    Each EMG channel has the transfer of its device at its own resolution, whatever sensor `hints`
    name. Devices that recorded together are read together.
    """
    unpacked = _unpack(path, name)
    together = [device for device in unpacked.devices if device.together]
    sfreq = together[0].sfreq
    check_rate(sfreq, hints, where=name)
    _check_unit(hints, name)
    signals = [signal for device in together for signal in device.emg]
    channels = _channels(together)
    size = len(signals) * np.dtype(COUNT).itemsize

    def read(start: int, stop: int) -> Samples:
        unpacked.counts.seek(unpacked.begin + start * size)
        counts = np.frombuffer(unpacked.counts.read((stop - start) * size), COUNT)
        return counts.reshape(-1, len(signals)).astype(float)

    blocks = Blocks(name, read, unpacked.runs, len(signals), hdf5_unpack.SCANS_AT_ONCE)
    _check_counts(blocks, signals)
    channels = with_converters(channels, blocks, [None] * len(channels))
    notes = (*unpacked.notes, *_note_left_out(unpacked.devices, together))
    return Recording(StreamInfo(channels, sfreq, name), blocks, blocks.stop, notes)


@dataclass(frozen=True, slots=True, weakref_slot=True)
class _Unpacked:
    """What a file held: `counts`, from the byte `begin` on, those of the EMG signals."""

    devices: list[PackedDevice]
    runs: Runs
    notes: tuple[str, ...]
    counts: BinaryIO
    begin: int


def _unpack(path: Path, name: str) -> _Unpacked:
    """Have the file at `path` unpacked by another process, and return what it found."""
    if importlib.util.find_spec("h5py") is None:
        raise RecordingError(
            _("{name} is HDF5; to read it, run: pip install biofeedback[formats]").format(name=name)
        )
    with contextlib.ExitStack() as kept:
        counts = kept.enter_context(tempfile.TemporaryFile())
        told = _ask(path, name, counts)
        unpacked = _Unpacked(
            [_device(said) for said in told["devices"]],
            np.array(told["runs"], dtype=np.int64),
            tuple(told["notes"]),
            counts,
            counts.tell(),
        )
        weakref.finalize(unpacked, kept.pop_all().close)  # the file lives as long as this does
        return unpacked


def _ask(path: Path, name: str, counts: BinaryIO) -> dict[str, Any]:
    """Return what the process that unpacks the file says; what it unpacked follows in `counts`."""
    try:
        code = subprocess.run(  # noqa: S603  this very program
            [sys.executable, "-m", hdf5_unpack.__name__, str(path), name],
            env={
                **os.environ,
                **_ONE_THREAD,
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            },
            stdin=subprocess.DEVNULL,
            stdout=counts,
            stderr=subprocess.DEVNULL,
            timeout=_LONGEST_S + path.stat().st_size / _BYTES_A_SECOND,
        ).returncode
    except subprocess.TimeoutExpired:
        raise hdf5_unpack.damaged(name) from None
    if code == errno.ENOSPC:
        raise no_room(name, OSError(code, os.strerror(code)))
    if code:
        raise hdf5_unpack.damaged(name)
    counts.seek(0)
    told: dict[str, Any] = json.loads(counts.readline())
    if "error" in told:
        raise RecordingError(told["error"])
    return told


def _device(said: dict[str, Any]) -> PackedDevice:
    signals = tuple(PackedSignal(**signal) for signal in said["signals"])
    return PackedDevice(**{**said, "signals": signals})


def _check_unit(hints: Hints, name: str) -> None:
    if hints.unit not in (None, COUNTS):
        raise RecordingError(
            _("{name} holds counts by its header and {unit} by --unit; leave --unit out.").format(
                name=name, unit=hints.unit
            )
        )


def _channels(devices: list[PackedDevice]) -> tuple[Channel, ...]:
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


def _check_counts(blocks: Blocks, signals: list[PackedSignal]) -> None:
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


def _note_left_out(devices: list[PackedDevice], together: list[PackedDevice]) -> tuple[str, ...]:
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
