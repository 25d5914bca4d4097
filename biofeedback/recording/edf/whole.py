"""A whole recording written as one EDF+ or BDF+ file."""

import io
import math
import os
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from biofeedback.boards import COUNTS
from biofeedback.errors import RecordingError
from biofeedback.recording.edf.annotations import LOST
from biofeedback.recording.edf.counts import BDF_BYTES, EDF_BYTES
from biofeedback.recording.edf.encode import encode_header, make_layout
from biofeedback.recording.edf.file import EdfFile
from biofeedback.recording.edf.header import FIXED_BYTES
from biofeedback.recording.edf.plan import Look, Numbers, choose_numbers, look_at, whole_numbers
from biofeedback.recording.recorded import Recording
from biofeedback.recording.sidecar import Sidecar, read_sidecar, sidecar_path, write_sidecar
from biofeedback.stream import Annotation, Chunk, StreamInfo
from biofeedback.text import _

SUFFIXES = {EDF_BYTES: ".edf", BDF_BYTES: ".bdf"}
# What was lost is filled with a held value: more of it is no recording any more.
_LONGEST_GAP_S = 3600.0
_GREATEST = 1e12  # uV: more than eight characters of a header tell in volts


@dataclass(frozen=True, slots=True)
class EdfPlan:
    """How a recording is written: `info` describes the whole numbers that stand for its samples.

    `annotations`: its own; `gaps`: one over each, which writing the file makes by itself.
    """

    info: StreamInfo
    numbers: tuple[Numbers, ...]
    sample_bytes: int
    annotations: tuple[Annotation, ...]
    gaps: tuple[Annotation, ...]
    notes: tuple[str, ...]

    @property
    def suffix(self) -> str:
        """What the file's name ends in."""
        return SUFFIXES[self.sample_bytes]


def plan_edf(recording: Recording, suffix: str | None = None) -> EdfPlan:
    """Return how to write `recording`: by default .edf where that keeps each sample, else .bdf.

    Goes through it once. Raises `RecordingError` for a gap that is too long, or a value too large.
    """
    look = look_at(recording)
    _check_range(recording, look)
    sfreq = recording.info.sfreq
    longest_s = max((stop - start for start, stop in look.gaps), default=0) / sfreq
    if longest_s > _LONGEST_GAP_S:
        raise RecordingError(
            _(
                "{name} has a gap of {hours:.1f} hours, which EDF and BDF would have to fill; "
                "write .csv or .parquet, or cut it into parts."
            ).format(name=recording.info.source, hours=longest_s / 3600)
        )
    for size, its_suffix in SUFFIXES.items():
        numbers = choose_numbers(recording, look, size)
        exact = not any(number.rounded for number in numbers)
        if its_suffix == suffix or (suffix is None and (exact or size == BDF_BYTES)):
            break
    return EdfPlan(
        replace(recording.info, channels=tuple(number.channel for number in numbers)),
        numbers,
        size,
        tuple(
            replace(note, text=" ".join(note.text.split()))  # ends of lines: MNE and edfio fail
            for note in recording.annotations
            if note.text.strip() and not _is_gap(note, look, sfreq)
        ),
        tuple(Annotation(a / sfreq, (b - a) / sfreq, LOST) for a, b in look.gaps),
        _note_rounding(numbers, size),
    )


def _check_range(recording: Recording, look: Look) -> None:
    for channel, *ends in zip(recording.info.channels, look.low, look.high, strict=True):
        furthest = max((end * channel.gain + channel.offset for end in ends), key=abs)
        if not abs(furthest) <= _GREATEST:
            raise RecordingError(
                _(
                    "{name}: '{label}' holds {value:.3g}, which no sensor sends and EDF and BDF "
                    "have no room for; write .csv or .parquet."
                ).format(name=recording.info.source, label=channel.label, value=furthest)
            )


def _is_gap(note: Annotation, look: Look, sfreq: float) -> bool:
    """Say whether `note` tells of samples that are missing, which is told anew."""
    at = (note.onset_s + note.duration_s / 2) * sfreq
    ends = (*look.gaps, (look.stop, math.inf))
    return note.text == LOST and any(start <= at <= stop for start, stop in ends)


def _note_rounding(numbers: tuple[Numbers, ...], size: int) -> tuple[str, ...]:
    rounded = [number.channel for number in numbers if number.rounded]
    if not rounded:
        return ()
    widest = max(rounded, key=lambda channel: abs(channel.gain))
    unit = "" if widest.unit == COUNTS else " µV"
    note = _("Values are rounded to whole steps, of {step:.3g}{unit} at the most.").format(
        step=abs(widest.gain), unit=unit
    )
    if size == EDF_BYTES:
        note += " " + _("BDF (.bdf) has finer ones, CSV and Parquet round nothing.")
    return (note,)


def write_edf(
    path: Path,
    plan: EdfPlan,
    chunks: Iterable[Chunk],
    *,
    described: Path | None,
    settings: dict[str, Any],
    heart: str | None = None,
) -> None:
    """Write `chunks` by `plan` to the empty file at `path`, and a sidecar beside `described`.

    `settings`: those in force when it was recorded, as plain values by section. `heart`: what the
    heart rate beside it is called. Raises `OSError`, and `RecordingError` for the sidecar.
    """
    info, scales = plan.info, tuple(number.scale for number in plan.numbers)
    layout = make_layout(info.sfreq, len(info.channels), plan.sample_bytes)
    sidecar = Sidecar(uuid4().hex, None, 0, info, layout, scales, settings, heart=heart)
    shift = np.array([scale.shift for scale in scales])
    waiting = deque(sorted(plan.annotations, key=lambda note: note.onset_s))
    notes: deque[Annotation] = deque()
    with io.FileIO(path, "r+") as raw:
        header = encode_header(info, scales, layout, started=None, identity=sidecar.identity)
        file = EdfFile(raw, layout, header, notes, origin_s=0.0, sync=None)
        for chunk in chunks:
            while waiting and waiting[0].onset_s < chunk.stop / info.sfreq:
                notes.append(waiting.popleft())
            counts = (whole_numbers(chunk.samples, plan.numbers) - shift).astype(np.int32)
            if chunk.start > file.stop:
                file.hold(chunk.start - file.stop, counts[0])
            file.add(counts)
        notes.extend(waiting)
        file.close()
    if described is not None:
        write_sidecar(described, replace(sidecar, samples=file.samples))


def is_sidecar_free(path: Path) -> bool:
    """Say whether what is told of the file at `path`, new or overwritten, has its place.

    An .edf and a .bdf of one name would have it in common, and people have files of that name too.
    """
    if not os.path.lexists(sidecar_path(path)):
        return True
    sidecar = read_sidecar(path)
    if sidecar is None or not path.is_file():
        return False
    with path.open("rb") as file:
        return sidecar.identity.encode() in file.read(FIXED_BYTES)
