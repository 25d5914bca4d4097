"""Recordings written for other programs: the format told by the end of the name."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from biofeedback.errors import RecordingError
from biofeedback.recording.bids_writer import BidsLabels, check_folder, write_bids
from biofeedback.recording.drafts import check_free, draft_file, named_file
from biofeedback.recording.edf.ours import recorded_settings
from biofeedback.recording.edf.whole import is_sidecar_free, plan_edf, write_edf
from biofeedback.recording.heart_csv import carry_heart, has_heart, heart_path
from biofeedback.recording.parquet_writer import write_parquet
from biofeedback.recording.recorded import Recording
from biofeedback.recording.sidecar import sidecar_path
from biofeedback.recording.tables.csv_annotations import annotations_path
from biofeedback.recording.tables.csv_writer import write_csv
from biofeedback.stream import Chunk
from biofeedback.text import _

Progress = Callable[[float], None]
"""Told now and then which share of the recording is written, 0 to 1."""
Notes = tuple[str, ...]
"""What the user should know of the file that was written, each a sentence."""
Settings = dict[str, Any]
"""The settings that were in force when it was recorded, by section; empty where not known."""


@dataclass(frozen=True, slots=True)
class Format:
    """How a kind of file is written, and where what belongs to it lies `beside` it."""

    write: Callable[[Path, Recording, Iterable[Chunk], Settings], Notes]
    beside: Callable[[Path], Path] | None = None


def _write_csv(
    path: Path, recording: Recording, chunks: Iterable[Chunk], _settings: Settings
) -> Notes:
    write_csv(path, recording.info, chunks, recording.annotations)
    return ()


def _write_parquet(
    path: Path, recording: Recording, chunks: Iterable[Chunk], settings: Settings
) -> Notes:
    write_parquet(path, recording, chunks, settings=settings)
    return ()


def _write_edf(
    path: Path, recording: Recording, chunks: Iterable[Chunk], settings: Settings
) -> Notes:
    plan = plan_edf(recording, path.suffix.lower())
    free = is_sidecar_free(path)
    with draft_file(path) as draft:
        write_edf(
            draft,
            plan,
            chunks,
            described=path if free else None,
            settings=settings,
            heart=heart_path(path).name if has_heart(_file_of(recording)) else None,
        )
    if free:
        return plan.notes
    taken = _("{file} is another's and stays: labels are cut, gains rounded as EDF has room for.")
    return (*plan.notes, taken.format(file=sidecar_path(path)))


WRITERS: dict[str, Format] = {
    ".bdf": Format(_write_edf),
    ".csv": Format(_write_csv, annotations_path),
    ".edf": Format(_write_edf),
    ".parquet": Format(_write_parquet),
}


def check_out(out: str, source: str, *, overwrite: bool) -> None:
    """Raise `RecordingError` where the recording named `source` may not be written to `out`."""
    path = Path(out)
    if not path.absolute().parent.is_dir():
        raise RecordingError(
            _("There is no folder {folder}; make it, or choose another place.").format(
                folder=path.parent
            )
        )
    if _is_folder(out):
        check_folder(path, overwrite=overwrite)
        return
    kind = WRITERS.get(path.suffix.lower())
    if kind is None:
        raise RecordingError(
            _(
                "{out} is of a kind that is not written; let its name end in {suffixes}, or in / "
                "for a folder of EMG-BIDS."
            ).format(out=out, suffixes=", ".join(WRITERS))
        )
    check_free(path, source, overwrite=overwrite)
    if kind.beside:
        check_free(kind.beside(path), source, overwrite=overwrite)
    if has_heart(read := named_file(source)) and heart_path(path) != heart_path(read):
        check_free(heart_path(path), source, overwrite=overwrite)


def _is_folder(out: str) -> bool:
    return out.endswith(("/", os.sep))


def write_recording(
    recording: Recording,
    out: str,
    *,
    overwrite: bool = False,
    labels: BidsLabels | None = None,
    progress: Progress | None = None,
) -> Notes:
    """Write `recording` to `out`, whole or not at all; a name that ends in / is a BIDS folder.

    What is there already stays, unless `overwrite`. `labels` are those of BIDS. The heart rate
    beside it comes along. Raises `RecordingError`.
    """
    check_out(out, recording.info.source, overwrite=overwrite)
    path, read = Path(out), _file_of(recording)
    chunks = _told(recording, progress) if progress else recording.chunks
    settings = recorded_settings(read) or {}
    if _is_folder(out):
        notes = write_bids(path, recording, chunks, labels or BidsLabels(), settings=settings)
        said = _not_in_bids(heart_path(read)) if has_heart(read) else ""
    else:
        notes = WRITERS[path.suffix.lower()].write(path, recording, chunks, settings)
        said = carry_heart(read, path) if has_heart(read) else ""
    return (*notes, said) if said else notes


def _not_in_bids(file: Path) -> str:
    """Say why a heart rate stays behind.

    BIDS 1.11.0 has `_physio.tsv.gz` for what was sampled at one rate, and not yet beside EMG.
    """
    return _(
        "{file} is not in the folder: BIDS has no place beside EMG for what came at uneven times; "
        "convert to .edf or .csv to take it along."
    ).format(file=file.name)


def _file_of(recording: Recording) -> Path:
    return named_file(recording.info.source)


def _told(recording: Recording, progress: Progress) -> Iterator[Chunk]:
    for chunk in recording.chunks:
        yield chunk
        progress(chunk.stop / recording.stop)
