"""What a recording of this program has beside the standard: sealed records, a sidecar."""

import os
import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from biofeedback.errors import RecordingError
from biofeedback.recording.edf.annotations import LOST, EdfTexts
from biofeedback.recording.edf.header import EdfHeader, EdfSignal, read_edf_header
from biofeedback.recording.edf.texts import TICKS_PER_S, is_sealed, is_whole_record, join_parts
from biofeedback.recording.edf.writer import SUFFIXES
from biofeedback.recording.sidecar import Sidecar, read_sidecar, sidecar_path
from biofeedback.stream import Annotation
from biofeedback.text import _

_TICK_S = 1e-6
# One of the first records may be damaged.
_FIRST = 3
# A duration in eight characters tells a rate better than that.
_SAME_RATE = 1e-3
# Records of ten seconds: no disk keeps what it was given waiting for longer.
_NEWEST = 100


def is_ours(file: BinaryIO, header: EdfHeader) -> bool:
    """Say whether this program wrote the records of `file`, and not another that changed it."""
    if not header.identity:
        return False
    texts = header.signals[-1]
    for record in range(_FIRST):
        file.seek(header.size + record * header.record_bytes + texts.at * header.sample_bytes)
        if is_sealed(file.read(texts.n * header.sample_bytes), record * _ticks(header)):
            return True
    return False


def _ticks(header: EdfHeader) -> int:
    return round(header.duration_s * TICKS_PER_S)


def count_whole_records(file: BinaryIO, header: EdfHeader) -> int:
    """Return how many records of `file` there are up to the last whole one."""
    file.seek(0, os.SEEK_END)
    records = (file.tell() - header.size) // header.record_bytes
    while records > 0 and not is_whole(file, header, records - 1):
        records -= 1
    return max(0, records)


def is_whole(file: BinaryIO, header: EdfHeader, record: int) -> bool:
    """Say whether the record with that number, from 0, is whole and of its time."""
    file.seek(header.size + record * header.record_bytes)
    return is_whole_record(file.read(header.record_bytes), record * _ticks(header))


def find_sidecar(path: Path, header: EdfHeader) -> tuple[Sidecar | None, tuple[str, ...]]:
    """Return what is told beside the recording at `path`, where it is of this file; and notes."""
    sidecar, beside = read_sidecar(path), sidecar_path(path).name
    if sidecar is None:
        told = _("{beside}, which lay beside it, is missing or cannot be read: {less}")
    elif not _agree(sidecar, header):
        told = _("{beside} is of another recording: {less}")
    else:
        return sidecar, ()
    less = _("labels are cut, gains rounded, and the settings in force are not known.")
    return None, (told.format(beside=beside, less=less),)


def _agree(sidecar: Sidecar, header: EdfHeader) -> bool:
    layout = sidecar.layout
    signals = header.signals[:-1]
    return (
        sidecar.identity == header.identity
        and layout.sample_bytes == header.sample_bytes
        and layout.n_channels == len(signals) == len(sidecar.info.channels)
        and layout.duration_us == round(header.duration_s * 1e6)
        and all(signal.n == layout.n for signal in signals)
        and abs(layout.n / header.duration_s / sidecar.info.sfreq - 1) < _SAME_RATE
    )


def recorded_settings(path: Path) -> dict[str, Any] | None:
    """Return the settings that were in force in the recording at `path`, as plain values.

    None where it is none of this program, or they are not known.
    """
    try:
        if not path.is_file():  # a pipe would be waited for
            return None
        with path.open("rb") as file:
            header = read_edf_header(file, where=path.name)
    except (OSError, RecordingError):
        return None
    sidecar, _notes = find_sidecar(path, header) if header.identity else (None, ())
    return sidecar.settings if sidecar else None


def note_next_run(path: Path) -> tuple[str, ...]:
    """Return a note on the file in which the recording at `path` goes on, where there is one."""
    run = re.fullmatch(r"(.*)_run-(\d+)", path.stem)
    stem, number = (run[1], int(run[2])) if run else (path.stem, 1)
    names = [f"{stem}_run-{number + 1:02d}{suffix}" for suffix in SUFFIXES]
    return tuple(
        _("The recording goes on in {name}.").format(name=name)
        for name in names
        if path.with_name(name).is_file()
    )


def torn_note(seconds: float) -> str:
    """Return the note on a file whose whole records last so long, and that goes on after them."""
    return _(
        "The recording broke off: its {seconds:g} s that are whole are read, and the torn end is "
        "left out (biofeedback repair takes it away)."
    ).format(seconds=seconds)


def damaged_stretches(file: BinaryIO, header: EdfHeader, texts: EdfTexts) -> dict[int, float]:
    """Return the damaged records within `file` by number, and how long is lost from each on, in s.

    Damaged are those whose texts are not what they should be. When they begin is known of all; the
    newest, which the disk may have had in part, are read anew. A gap that began in such a record
    was noted there alone: as long as the values behind it stand still, they may be but held.
    """
    n = len(texts.onsets_s)
    late_s = texts.onsets_s - np.arange(n) * header.duration_s
    wrong = ~(np.abs(late_s) < _TICK_S)
    for record in range(max(0, n - _NEWEST), n):
        wrong[record] |= not is_whole(file, header, record)
    damaged = np.flatnonzero(wrong).tolist()
    return {
        record: header.duration_s * (1 + _still_records(file, header, range(record + 1, following)))
        for record, following in pairwise([*damaged, n])
    }


def _still_records(file: BinaryIO, header: EdfHeader, records: range) -> float:
    """Return for how many of `records` the values stay what they are at first."""
    still, first = 0.0, list[NDArray[np.uint8]]()
    for record in records:
        file.seek(header.size + record * header.record_bytes)
        data = file.read(header.record_bytes)
        rows = [_rows(data, signal, header.sample_bytes) for signal in header.signals[:-1]]
        first = first or [signal[:1] for signal in rows]
        same = min(map(_leading_share, rows, first), default=1.0)
        still += same
        if same < 1.0:
            break
    return still


def _rows(data: bytes, signal: EdfSignal, sample_bytes: int) -> NDArray[np.uint8]:
    at = signal.at * sample_bytes
    part = np.frombuffer(data[at : at + signal.n * sample_bytes], np.uint8)
    return part.reshape(signal.n, sample_bytes)


def _leading_share(rows: NDArray[np.uint8], first: NDArray[np.uint8]) -> float:
    """Return what share of `rows`, from the first on, is `first`."""
    other = np.flatnonzero((rows != first).any(axis=1))
    return float(other[0]) / len(rows) if len(other) else 1.0


def with_lost(
    texts: EdfTexts, damaged: dict[int, float], duration_s: float
) -> tuple[EdfTexts, tuple[str, ...]]:
    """Return `texts`, and notes: what the `damaged` records cost, as `damaged_stretches` says."""
    if not damaged:
        return texts, ()
    lost = tuple(
        Annotation(record * duration_s, lost_s, LOST) for record, lost_s in damaged.items()
    )
    note = _("{seconds:g} s within the recording are damaged and count as lost.").format(
        seconds=sum(damaged.values())
    )
    return replace(texts, annotations=(*texts.annotations, *lost)), (note,)


def tidy(annotations: Iterable[Annotation], end_s: float) -> tuple[Annotation, ...]:
    """Return `annotations` with those in one that were cut in pieces, in order of time.

    Not what is said to be lost after the last sample, at `end_s`: that fills up a record.
    """
    whole: list[Annotation] = []
    open_at: dict[tuple[float, float], int] = {}
    for note in annotations:
        if note.text == LOST and note.onset_s > end_s - _TICK_S:
            continue
        key = note.onset_s, note.duration_s
        at = open_at.get(key)
        text = None if at is None else join_parts(whole[at].text, note.text)
        if at is not None and text is not None:
            whole[at] = replace(note, text=text)
        else:
            open_at[key] = len(whole)
            whole.append(note)
    return tuple(sorted(whole, key=lambda note: note.onset_s))
