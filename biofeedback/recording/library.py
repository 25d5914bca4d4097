"""The recordings in a folder: when each was made, of what, how long it is."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from biofeedback.errors import RecordingError
from biofeedback.recording.drafts import telling
from biofeedback.recording.edf.counts import EDF_BYTES, known_scale
from biofeedback.recording.edf.header import read_edf_header
from biofeedback.recording.edf.writer import SUFFIXES
from biofeedback.recording.heart_csv import heart_path
from biofeedback.recording.sidecar import read_sidecar, sidecar_path
from biofeedback.stream import StreamInfo


@dataclass(frozen=True, slots=True)
class Kept:
    """A recording that lies in the folder; `duration_s`, gaps included, to its record's end."""

    path: Path
    started: datetime
    duration_s: float
    labels: tuple[str, ...]
    simulated: bool


def list_kept(*folders: Path) -> list[Kept]:
    """Return the recordings in `folders`, the newest first; what cannot be read is left out."""
    found = [kept for folder in folders for kept in _kept(folder)]
    return sorted(found, key=lambda kept: kept.started, reverse=True)


def _kept(folder: Path) -> Iterator[Kept]:
    with suppress(OSError):
        for path in folder.iterdir():
            if path.suffix.lower() in SUFFIXES and path.is_file():
                with suppress(OSError, RecordingError):
                    yield _read(path)


def _read(path: Path) -> Kept:
    with path.open("rb") as file:
        header = read_edf_header(file, where=path.name)
    sidecar = read_sidecar(path)
    changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    whole_s = max(header.records, 0) * header.duration_s
    if sidecar is None:
        labels = tuple(signal.label for signal in header.signals if not signal.is_annotations)
        return Kept(path, changed, whole_s, labels, header.simulated)
    info, started = sidecar.info, sidecar.started
    return Kept(
        path,
        started + timedelta(seconds=sidecar.first_sample / info.sfreq) if started else changed,
        whole_s,
        tuple(channel.label for channel in info.channels),
        info.simulated,
    )


def suffix_for(info: StreamInfo) -> str:
    """Return what a recording of `info` is: EDF where its 16 bits hold all there may be, or BDF."""
    small = all(known_scale(channel, EDF_BYTES) for channel in info.channels)
    return ".edf" if small else ".bdf"


def new_path(folder: Path, info: StreamInfo) -> Path:
    """Return a name in `folder` for a recording of `info`, which tells of nobody and no time."""
    return folder / f"{uuid4()}{suffix_for(info)}"


def remove(recording: Path) -> None:
    """Delete a recording with all that lies beside it under its name; raise `RecordingError`."""
    with telling(recording):
        for path in [recording, *belongings(recording)]:
            path.unlink(missing_ok=True)


def belongings(recording: Path) -> list[Path]:
    """Return what lies beside a recording: what is told of it, its heart rate, and its edits."""
    names = {sidecar_path(recording).name, heart_path(recording).name}
    return sorted(
        path
        for path in recording.parent.iterdir()
        if path.name in names or path.name.startswith(recording.name + ".")
    )
