"""WAV files, as Spike Recorder and sound cards write them: counts, with markers beside them."""

import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from biofeedback.errors import RecordingError
from biofeedback.recording.beside import read_beside
from biofeedback.recording.blocks import Blocks, one_run, read_counts, with_converters
from biofeedback.recording.recorded import Hints, Recording
from biofeedback.recording.signals import Signal, check_rate, make_channels
from biofeedback.stream import Annotation, Samples, StreamInfo
from biofeedback.text import _, plural

RIFF, RF64 = b"RIFF", b"RF64"
_INTEGERS, _FLOATS, _EXTENSIBLE = 1, 3, 0xFFFE
_UNKNOWN = 0xFFFFFFFF
# By format and bits; 8 bits have no sign.
_DTYPES = {
    (_INTEGERS, 8): "<u1",
    (_INTEGERS, 16): "<i2",
    (_INTEGERS, 24): "<i3",
    (_INTEGERS, 32): "<i4",
    (_FLOATS, 32): "<f4",
    (_FLOATS, 64): "<f8",
}
_MOST_CHANNELS = 1024
# Spike Recorder's file of markers: "1,\t12.3456" a line, under lines of comment.
_MARKER = re.compile(r"([^,#]+),\s*(\d{1,12}(?:\.\d*)?)")
_MOST_CHARACTERS = 2**22


@dataclass(frozen=True, slots=True)
class _Wave:
    """How the samples lie in the file: `begin` and `size` in bytes, `size` as the file says."""

    n_channels: int
    sfreq: float
    dtype: str
    scan_bytes: int
    begin: int
    size: int


def read_wav(path: Path, name: str, hints: Hints) -> Recording:
    """Read the WAV file at `path`; errors call it `name`. Raises `RecordingError`.

    A WAV file tells no unit: its samples are counts where `hints` name neither unit nor sensor.
    """
    with path.open("rb") as file:
        wave = _find_samples(file, name)
    there = path.stat().st_size - wave.begin
    scans = min(wave.size, there) // wave.scan_bytes
    if not scans:
        raise RecordingError(_("{name} holds no samples; choose another file.").format(name=name))
    check_rate(wave.sfreq, hints, where=name)
    labels = [f"EMG {n}" if wave.n_channels > 1 else "EMG" for n in range(1, wave.n_channels + 1)]
    step = None if "f" in wave.dtype else 1.0
    signals = [Signal(label, wave.sfreq, step=step) for label in labels]
    channels, notes = make_channels(signals, hints, where=name)

    def read(first: int, stop: int) -> Samples:
        begin = wave.begin + first * wave.scan_bytes
        counts = read_counts(path, begin, (stop - first) * wave.n_channels, wave.dtype)
        whole = len(counts) // wave.n_channels
        return counts[: whole * wave.n_channels].reshape(whole, -1).astype(float)

    blocks = Blocks(name, read, one_run(scans), wave.n_channels)
    channels = with_converters(channels, blocks, [None] * len(channels))
    if there < wave.size:
        lost = (wave.size - there) / wave.scan_bytes / wave.sfreq
        notes += (
            _("The file is cut off or was not closed: by its header {seconds:g} s are missing.")
            .format(seconds=lost),
        )  # fmt: skip
    annotations, more = _read_markers(path.with_name(f"{path.stem}-events.txt"))
    info = StreamInfo(channels, wave.sfreq, name)
    return Recording(info, blocks, blocks.stop, (*notes, *more), annotations)


def _find_samples(file: BinaryIO, name: str) -> _Wave:
    """Go through the chunks of `file` up to its samples; raise `RecordingError`."""
    head = file.read(12)
    if head[:4] not in (RIFF, RF64) or head[8:] != b"WAVE":
        raise RecordingError(_("{name} is no WAV file; choose another file.").format(name=name))
    form, long = b"", _UNKNOWN
    while len(head := file.read(8)) == 8:
        size = int.from_bytes(head[4:], "little")
        begin = file.tell()
        if head[:4] == b"data":
            return _read_form(form, begin, long if size == _UNKNOWN else size, name)
        if head[:4] == b"fmt ":
            form = file.read(min(size, 64))
        elif head[:4] == b"ds64":  # of RF64: the sizes that four bytes cannot tell
            long = int.from_bytes(file.read(16)[8:], "little")
        file.seek(begin + size + size % 2)
    raise RecordingError(
        _("{name} ends before its samples; copy it anew from where it was made.").format(name=name)
    )


def _read_form(form: bytes, begin: int, size: int, name: str) -> _Wave:
    if len(form) < 16:
        raise RecordingError(
            _("{name} does not say how its samples are written; the file is damaged.").format(
                name=name
            )
        )
    tag, n_channels, sfreq, _rate, scan_bytes, bits = struct.unpack("<HHIIHH", form[:16])
    if tag == _EXTENSIBLE and len(form) >= 26:
        tag = int.from_bytes(form[24:26], "little")
    dtype = _DTYPES.get((tag, bits))
    if dtype is None:
        raise RecordingError(
            _(
                "{name} is compressed or of an unusual kind (format {tag}, {bits} bits); save it "
                "as plain PCM."
            ).format(name=name, tag=tag, bits=bits)
        )
    whole = scan_bytes == n_channels * bits // 8 and 0 < n_channels <= _MOST_CHANNELS
    if not whole or sfreq == 0:
        raise RecordingError(
            _(
                "{name} says {n} channels, {sfreq} Hz and {size} bytes for a sample of all of "
                "them, which cannot be; the file is damaged."
            ).format(name=name, n=n_channels, sfreq=sfreq, size=scan_bytes)
        )
    return _Wave(n_channels, float(sfreq), dtype, scan_bytes, begin, size)


def _read_markers(path: Path) -> tuple[tuple[Annotation, ...], tuple[str, ...]]:
    """Return the markers in Spike Recorder's file at `path`, none where there is none."""
    lines = (read_beside(path, _MOST_CHARACTERS) or "").splitlines()
    rows = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    markers = [_MARKER.fullmatch(row) for row in rows]
    annotations = tuple(Annotation(float(m[2]), 0.0, m[1].strip()) for m in markers if m)
    wrong = len(rows) - len(annotations)
    if not wrong:
        return annotations, ()
    note = plural(
        "{n} line of {file} is no marker and is left out.",
        "{n} lines of {file} are no markers and are left out.",
        wrong,
    ).format(n=wrong, file=path.name)
    return annotations, (note,)
