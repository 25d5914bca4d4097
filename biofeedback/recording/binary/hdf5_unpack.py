"""OpenSignals HDF5 files, unpacked in a process of their own.

The HDF5 library is C that believes what a file says: damaged ones make it loop for ever, take all
memory or crash. Here it may: whoever started this process tells it in a sentence.
"""

import errno
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from biofeedback.errors import RecordingError
from biofeedback.recording.blocks import Runs, one_run
from biofeedback.recording.signals import listed
from biofeedback.text import _

SCANS_AT_ONCE = 65_536
COUNT = "<u4"
"""How each count is handed on."""
# Where frame numbers start over. Some firmware sends 0 throughout, or 0 and 1: these tell nothing.
_WRAPS = (16, 256, 65_536)
# Other firmware counts so far and stays there.
_STUCK = 65_535
# A flat line packs a thousandfold and more; a recording of any length is no such thing throughout.
_FLAT_BYTES = 2**28
_MOST_PACKED = 100
# What is packed at once is unpacked at once. OpenSignals packs some kilobytes.
_LONGEST_CHUNK = 2**24
_MOST_MEMORY = 2**31


@dataclass(frozen=True, slots=True)
class PackedSignal:
    """A channel of a device: `data` is where its samples lie in the file."""

    data: str
    label: str
    sensor: str
    bits: int

    @property
    def is_emg(self) -> bool:
        """Whether it is EMG."""
        return self.sensor.upper() == "EMG"


@dataclass(frozen=True, slots=True)
class PackedDevice:
    """What a device recorded: `title` is its kind, `scans` the number of samples a channel.

    `together`: it did so in step with the first one that has EMG, and is unpacked with it.
    """

    address: str
    title: str
    sfreq: float
    scans: int
    signals: tuple[PackedSignal, ...]
    together: bool = False

    @property
    def emg(self) -> list[PackedSignal]:
        """The signals that are EMG."""
        return [signal for signal in self.signals if signal.is_emg]


def unpack(path: Path, name: str, out: BinaryIO) -> int:
    """Write to `out` what the file at `path` holds, or the sentence that says why it cannot be.

    A line of JSON, then the counts of the EMG signals, scan after scan. Returns an `errno`.
    """
    try:
        with _open(path, name) as file:
            devices, runs, notes = describe(file, name)
            told = {"devices": [asdict(d) for d in devices], "runs": runs.tolist(), "notes": notes}
            out.write(json.dumps(told).encode() + b"\n")
            data = [file[s.data] for d in devices if d.together for s in d.emg]
            for at in range(0, int(runs[-1, 2]), SCANS_AT_ONCE):
                columns = [one[at : at + SCANS_AT_ONCE].reshape(-1) for one in data]
                out.write(np.stack(columns, axis=1).astype(COUNT).tobytes())
        out.flush()
    except RecordingError as error:
        out.seek(0)
        out.write(json.dumps({"error": str(error)}).encode() + b"\n")
    except OSError as error:
        return error.errno or errno.EIO
    return 0


def _limit_memory() -> None:
    with suppress(ImportError, ValueError, OSError):  # Windows has none, others a lower one
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))


@contextmanager
def _open(path: Path, name: str) -> Iterator[Any]:
    """Open the file at `path`; raise `RecordingError` for whatever HDF5 finds wrong with it."""
    import h5py  # type: ignore[import-untyped]

    try:
        with h5py.File(path, "r") as file:
            yield file
    except RecordingError:
        raise
    except Exception as error:  # h5py raises whatever is at hand where a file is damaged
        if isinstance(error, OSError) and error.errno:  # it is not the file's content
            raise
        raise damaged(name) from error


def damaged(name: str) -> RecordingError:
    """Return the error for a file that makes no sense."""
    return RecordingError(
        _("{name} is damaged or not from OpenSignals; export it as text instead.").format(name=name)
    )


def describe(file: Any, name: str) -> tuple[list[PackedDevice], Runs, tuple[str, ...]]:
    """Return the devices of the open `file`, the runs of what is read of them, and notes."""
    devices = _find_devices(file, name)
    first = next((device for device in devices if device.emg), None)
    if first is None:
        found = listed(signal.sensor for device in devices for signal in device.signals)
        raise RecordingError(
            _("{name} holds no EMG, only {found}; choose another file.").format(
                name=name, found=found or _("no signal")
            )
        )
    runs, notes = _find_runs(file, first, name)
    devices = [replace(d, together=_is_together(file, d, first, runs, name)) for d in devices]
    return devices, runs, notes


def _member(group: Any, name: str) -> Any:
    """Return what `group` itself holds as `name`, None where that lies elsewhere or nowhere.

    A link may lead to any file of this machine.
    """
    import h5py

    own = isinstance(group.get(name, getlink=True), h5py.HardLink)
    return group[name] if own else None


def _find_devices(file: Any, name: str) -> list[PackedDevice]:
    groups = {address: _member(file, address) for address in file}
    devices = [
        _read_device(address, group, name)
        for address, group in groups.items()
        if group is not None and "sampling rate" in group.attrs and "raw" in group
    ]
    if not devices:
        raise RecordingError(
            _("{name} is HDF5 and not from OpenSignals; export it as EDF or CSV.").format(name=name)
        )
    return devices


def _read_device(address: str, group: Any, name: str) -> PackedDevice:
    sfreq = float(group.attrs["sampling rate"])
    if not 0 < sfreq < 1e9:
        raise _bad(name, _("a sampling rate of {sfreq:g} Hz").format(sfreq=sfreq))
    numbers = np.ravel(group.attrs["channels"]).tolist()
    bits = np.ravel(group.attrs["resolution"]).tolist()
    if len(numbers) != len(bits) or not all(1 <= b <= 32 for b in bits):
        raise _bad(name, _("unlike numbers of channels and resolutions"))
    lengths, signals = set(), []
    raw = _member(group, "raw")
    room = max(_FLAT_BYTES, _MOST_PACKED * int(group.file.id.get_filesize()))
    for number, n_bits in zip(numbers, bits, strict=True):
        data = _counts(raw, f"channel_{number}", name)
        room -= data.nbytes
        if room < 0:
            raise _bad(name, _("more samples than it has room for"))
        lengths.add(len(data))
        label = _text(data.attrs.get("label", "")).strip() or f"CH{number}"
        sensor = _text(data.attrs.get("sensor", "?"))
        signals.append(PackedSignal(data.name, label, sensor, int(n_bits)))
    if len({signal.label for signal in signals}) < len(signals):
        raise _bad(name, _("the same of two channels"))
    if len(lengths) != 1 or 0 in lengths:
        raise _bad(name, _("channels without samples, or of unlike length"))
    title = _text(group.attrs.get("device", ""))
    return PackedDevice(str(address), title, sfreq, lengths.pop(), tuple(signals))


def _counts(raw: Any, key: str, name: str) -> Any:
    """Return the counts of a channel, which lie in this file and can be unpacked bit by bit."""
    data = _member(raw, key)
    if data.ndim not in (1, 2) or data.size != len(data) or data.dtype.kind not in "ui":
        raise _bad(name, _("a channel that holds no counts"))
    if data.is_virtual or data.external:
        raise _bad(name, _("that its samples lie in another file"))
    if data.dtype.itemsize * int(np.prod(data.chunks or 1, dtype=float)) > _LONGEST_CHUNK:
        raise _bad(name, _("that more is packed at once than any device does"))
    return data


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _bad(name: str, what: str) -> RecordingError:
    return RecordingError(
        _("{name} says {what}; export it from OpenSignals again.").format(name=name, what=what)
    )


def _is_together(
    file: Any, device: PackedDevice, first: PackedDevice, runs: Runs, name: str
) -> bool:
    if device is first:
        return True
    if not device.emg:
        return False
    alike = device.sfreq == first.sfreq and device.scans == first.scans
    return alike and np.array_equal(_find_runs(file, device, name)[0], runs)


def _find_runs(file: Any, device: PackedDevice, name: str) -> tuple[Runs, tuple[str, ...]]:
    """Return the runs of `device` by its frame numbers, and a note if they tell nothing."""
    plain = one_run(device.scans)
    raw = file[f"{device.address}/raw"]
    data = _counts(raw, "nSeq", name) if _member(raw, "nSeq") is not None else None
    if data is None or data.size != device.scans:
        return plain, ()
    most, gaps = 0, []
    for at in range(0, device.scans, SCANS_AT_ONCE):
        # Each block begins with the last number of the one before.
        numbers = data[max(0, at - 1) : at + SCANS_AT_ONCE].reshape(-1).astype(np.int64)
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


if __name__ == "__main__":
    _limit_memory()
    sys.exit(unpack(Path(sys.argv[1]), sys.argv[2], sys.stdout.buffer))
