"""PhysioNet's WFDB records: a text header (.hea) and the samples beside it (.dat)."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from biofeedback.errors import RecordingError
from biofeedback.recording.beside import read_beside
from biofeedback.recording.blocks import Blocks, one_run, read_counts, with_converters
from biofeedback.recording.recorded import Hints, Recording
from biofeedback.recording.signals import Signal, check_rate, choose_emg, make_channels
from biofeedback.stream import Samples, StreamInfo
from biofeedback.text import _

# physionet.org/physiotools/wag/header-5.htm and signal-5.htm. By format: bits, and how numpy calls
# it; the least number stands for a sample that is missing.
_FORMATS = {"16": (16, "<i2"), "24": (24, "<i3"), "32": (32, "<i4"), "80": (8, "<u1")}
_FORMATS |= {"212": (12, "<u1")}
_RECORD = re.compile(
    r"(?P<record>[^\s/]+)(?P<segments>/\d+)?\s+(?P<n>\d{1,4})"
    r"(?:\s+(?P<sfreq>\d+\.?\d*(?:[eE][+-]?\d{1,2})?)\S*(?:\s+(?P<scans>\d{1,15})(?:\s.*)?)?)?\s*"
)
_SIGNAL = re.compile(
    r"(?P<file>\S+)\s+(?P<format>\d+)(?P<unlike>[x:]\d+)*(?:\+(?P<begin>\d{1,15}))?"
    r"(?:\s+(?P<gain>[+-]?\d+\.?\d*(?:[eE][+-]?\d{1,2})?)(?:\((?P<zero>[+-]?\d{1,10})\))?"
    r"(?:/(?P<unit>\S+))?"
    r"(?:\s+(?P<bits>\d{1,3})(?:\s+(?P<centre>[+-]?\d{1,10})"
    r"(?:\s+[+-]?\d+(?:\s+[+-]?\d+(?:\s+\d+(?:\s+(?P<label>.*))?)?)?)?)?)?)?\s*"
)
_DEFAULT_SFREQ = 250.0
_MOST_CHARACTERS = 2**20
# Those of signals that are not read among them.
_VALUES_AT_ONCE = 2**18
_NEEDLE = re.compile(r"needle|intramuscular|fine.?wire", re.I)


@dataclass(frozen=True, slots=True)
class _Record:
    """What a header says: `begin` is the byte at which the samples begin, `scans` 0 if not told."""

    file: str
    form: str
    begin: int
    scans: int
    signals: tuple[Signal, ...]
    remarks: str


def read_wfdb(path: Path, name: str, hints: Hints) -> Recording:
    """Read the record of which `path` is the header or the samples; errors call it `name`.

    Of its signals those that are EMG are read. Raises `RecordingError`.
    """
    record = _read_header(path.with_suffix(".hea"), name)
    file = path.with_name(record.file)
    if not file.is_file():
        raise RecordingError(
            _(
                "{name}: there is no {file} beside it, which holds the samples; put it there."
            ).format(name=name, file=record.file)
        )
    chosen, notes = choose_emg(record.signals, where=name)
    sfreq = record.signals[0].sfreq
    check_rate(sfreq, hints, where=name)
    channels, unnamed = make_channels([record.signals[i] for i in chosen], hints, where=name)
    bits, _dtype = _FORMATS[record.form]
    n = len(record.signals)
    there = max(0, file.stat().st_size - record.begin) * 8 // bits // n
    scans = min(record.scans or there, there)
    if not scans:
        raise RecordingError(_("{name} holds no samples; choose another file.").format(name=name))
    if record.scans != there and record.scans:
        notes += (
            _("The header says {said} samples a channel, and the file holds {n}.").format(
                said=record.scans, n=there
            ),
        )
    if _NEEDLE.search(record.remarks):
        notes += (_("Recorded with a needle, by its header: not to be compared with surface EMG."),)

    def read(first: int, stop: int) -> Samples:
        counts = _counts(file, record, first * n, (stop - first) * n)
        counts = counts[: len(counts) // n * n].reshape(-1, n)[:, chosen]
        return np.where(counts == -(2 ** (bits - 1)), np.nan, counts)

    blocks = Blocks(name, read, one_run(scans), len(chosen), max(1, _VALUES_AT_ONCE // n))
    channels = with_converters(channels, blocks, [record.signals[i].ends for i in chosen])
    info = StreamInfo(channels, sfreq, name)
    return Recording(info, blocks, blocks.stop, (*notes, *unnamed))


def _counts(file: Path, record: _Record, first: int, count: int) -> NDArray[np.float64]:
    """Return up to `count` numbers of the file, from the one numbered `first`."""
    bits, dtype = _FORMATS[record.form]
    if record.form != "212":
        counts = read_counts(file, record.begin + first * bits // 8, count, dtype).astype(float)
        return counts - 128 if record.form == "80" else counts
    # Three bytes hold two numbers: low byte, both high halves (the first one's below), low byte.
    pair = first // 2
    pairs = -(-(first + count) // 2) - pair
    raw = read_counts(file, record.begin + 3 * pair, 3 * pairs, dtype).astype(np.int32)
    there = len(raw) * 2 // 3  # a last number stands in two bytes
    low, middle, high = np.append(raw, np.zeros(-len(raw) % 3, np.int32)).reshape(-1, 3).T
    numbers = np.stack([low | (middle & 0x0F) << 8, high | (middle & 0xF0) << 4], axis=1).ravel()
    signed = (numbers ^ 0x800) - 0x800
    return signed[first % 2 : min(first % 2 + count, there)].astype(float)


def _read_header(path: Path, name: str) -> _Record:
    lines = (read_beside(path, _MOST_CHARACTERS) or "").splitlines()
    remarks = "\n".join(line for line in lines if line.startswith("#"))
    said = [line for line in lines if line.strip() and not line.startswith("#")]
    first = _RECORD.fullmatch(said[0]) if said else None
    if first is None:
        raise _bad(name, _("its first line cannot be read"))
    if first["segments"]:
        raise RecordingError(
            _("{name} is a record of several segments; name the header of one of them.").format(
                name=name
            )
        )
    rows = [_SIGNAL.fullmatch(line) for line in said[1:]]
    signals = [row for row in rows if row]
    if not signals or len(signals) != len(rows) or len(signals) != int(first["n"]):
        raise _bad(name, _("its lines of signals cannot be read"))
    sfreq = float(first["sfreq"] or _DEFAULT_SFREQ)
    if not 0 < sfreq < 1e9:
        raise _bad(name, _("its rate is {sfreq:g} Hz").format(sfreq=sfreq))
    one = signals[0]
    if any(row["file"] != one["file"] or row["format"] != one["format"] for row in signals):
        raise _bad(name, _("its signals lie in several files or formats, which is not read"))
    if one["format"] not in _FORMATS or any(row["unlike"] for row in signals):
        said_form = one["format"] + (one["unlike"] or "")
        raise RecordingError(
            _("{name} is in WFDB format {form}; {forms} are read.").format(
                name=name, form=said_form, forms=", ".join(_FORMATS)
            )
        )
    if Path(one["file"]).name != one["file"]:
        raise _bad(name, _("its samples lie in another folder"))
    return _Record(
        one["file"],
        one["format"],
        int(one["begin"] or 0),
        int(first["scans"] or 0),
        tuple(_describe(row, sfreq) for row in signals),
        remarks,
    )


def _describe(row: re.Match[str], sfreq: float) -> Signal:
    label = (row["label"] or "").strip()
    gain = float(row["gain"] or 0)
    bits, centre = int(row["bits"] or 0), int(row["centre"] or 0)
    # As many bits as the file holds are what it was written in, and fewer a converter's.
    real = 8 <= bits < _FORMATS.get(row["format"], (0, ""))[0]
    ends = (centre - 2.0 ** (bits - 1), centre + 2.0 ** (bits - 1) - 1) if real else None
    if gain == 0:  # not calibrated, as the format has it
        return Signal(label, sfreq, ends=ends)
    zero = centre if row["zero"] is None else int(row["zero"])
    return Signal(label, sfreq, row["unit"] or "mV", "", 1 / gain, -zero / gain, ends=ends)


def _bad(name: str, what: str) -> RecordingError:
    return RecordingError(
        _("{name} is not a header that can be read: {what}.").format(name=name, what=what)
    )
