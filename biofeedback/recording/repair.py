"""A recording that broke off is made whole again: what no other program would open is set right."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import platformdirs

from biofeedback.errors import RecordingError
from biofeedback.recording.disk import HAS_LOCKS, lock, sync_folder
from biofeedback.recording.edf.annotations import LOST, read_texts
from biofeedback.recording.edf.header import COUNT_AT, FIXED, EdfHeader, read_edf_header
from biofeedback.recording.edf.ours import (
    count_whole_records,
    damaged_stretches,
    is_ours,
    is_whole,
)
from biofeedback.recording.edf.texts import TEXT_BYTES, TICKS_PER_S, TextBlock
from biofeedback.recording.edf.writer import SUFFIXES
from biofeedback.recording.heart_csv import mend_heart
from biofeedback.text import _

CUT_OFF = ".torn"
"""What is cut off a file lies beside it, under its name with this behind."""
# Without locks: what was written to so recently may still be recorded.
_STILL_S = 60.0
_ZEROS = 2**20


@dataclass(frozen=True, slots=True)
class Repair:
    """What a repair found: how long the recording is now, and what of it is not there, in s.

    `cut_s`: the torn end, of which there was that much at most; `damaged_s`: within the recording,
    marked as lost. `changed`: whether anything had to be. `heart_torn`: the last row of the heart
    rate beside it was.
    """

    path: Path
    saved_s: float
    cut_s: float
    damaged_s: float
    changed: bool
    heart_torn: bool = False

    @property
    def sentence(self) -> str:
        """What was saved and lost, for people."""
        if not self.changed:
            return _("{path} is whole: {seconds:g} s; nothing was changed.").format(
                path=self.path, seconds=self.saved_s
            )
        said = _("{path}: {seconds:g} s are saved.").format(path=self.path, seconds=self.saved_s)
        if self.cut_s:
            said += " " + _("Its torn end, up to {seconds:.3g} s, is lost.").format(
                seconds=self.cut_s
            )
        if self.damaged_s:
            said += " " + _("{seconds:.3g} s within it are damaged and marked as lost.").format(
                seconds=self.damaged_s
            )
        if self.heart_torn:
            said += " " + _("The last row of its heart rate was torn, and is cut off.")
        return said


def recordings_folder() -> Path:
    """Return where recordings lie: BIOFEEDBACK_RECORDINGS, else the user's own folder for data."""
    named = os.environ.get("BIOFEEDBACK_RECORDINGS")
    return Path(named) if named else Path(platformdirs.user_data_dir("biofeedback")) / "recordings"


def repair_folder(folder: Path) -> list[Repair]:
    """Repair what needs it in `folder`, but for what is being recorded; return the repairs.

    What cannot be read, or is none of ours, stays as it is.
    """
    repairs = []
    for path in sorted(folder.glob("*")):
        if path.suffix.lower() in SUFFIXES and path.is_file() and _needs_repair(path):
            with suppress(RecordingError):
                repairs.append(repair(path))
    return [done for done in repairs if done.changed]


def _needs_repair(path: Path) -> bool:
    """Say whether `path` is of ours and its length or last record is not what its header says."""
    try:
        with path.open("rb") as file:
            header = read_edf_header(file, where=path.name)
            records, torn = divmod(path.stat().st_size - header.size, header.record_bytes)
            whole = not torn and records == header.records and is_whole(file, header, records - 1)
            return is_ours(file, header) and not whole
    except (OSError, RecordingError):
        return False


def repair(path: Path) -> Repair:
    """Make the recording at `path` whole; nothing is changed where it is.

    Its records are those up to the last whole one: what comes after is kept in a file of its own,
    and cut off. A damaged record before that is marked as lost. Raises
    `RecordingError` where that cannot be, or must not: it is recorded right now, or is none of
    ours.
    """
    try:
        with _locked(path) as file:
            header = read_edf_header(file, where=str(path))
            if not is_ours(file, header):
                raise RecordingError(
                    _("{path} was not recorded by this program; it stays as it is.").format(
                        path=path
                    )
                )
            done = _repair(file, header, path)
            torn = mend_heart(path)
            return replace(done, heart_torn=torn, changed=done.changed or torn)
    except OSError as error:
        raise RecordingError(
            _("{path} cannot be repaired ({why}); check that you may write it.").format(
                path=path, why=error.strerror or error
            )
        ) from error


@contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise RecordingError(_("{path} is no file; name a recording.").format(path=path))
    with path.open("r+b", buffering=0) as file:
        fresh = not HAS_LOCKS and time.time() - path.stat().st_mtime < _STILL_S
        if fresh or not lock(file.fileno()):
            raise RecordingError(_("{path} is being recorded; end that first.").format(path=path))
        yield file


def _repair(file: BinaryIO, header: EdfHeader, path: Path) -> Repair:
    records = count_whole_records(file, header)
    if not records:
        raise RecordingError(
            _("{path} holds no whole record; it stays as it is.").format(path=path)
        )
    damaged = damaged_stretches(file, header, read_texts(path, header, records))
    end = header.size + records * header.record_bytes
    size = file.seek(0, os.SEEK_END)
    repaired = Repair(
        path,
        saved_s=records * header.duration_s,
        cut_s=-(-(size - end) // header.record_bytes) * header.duration_s,
        damaged_s=sum(damaged.values()),
        changed=size > end or header.records != records or bool(damaged),
    )
    if repaired.changed:
        for record, lost_s in damaged.items():
            _mark_lost(file, header, record, lost_s)
        file.seek(COUNT_AT)
        file.write(str(records).ljust(FIXED["records"]).encode())
        os.fsync(file.fileno())
        _keep(file, end, path)
        file.truncate(end)
        os.fsync(file.fileno())
    return repaired


def _mark_lost(file: BinaryIO, header: EdfHeader, record: int, lost_s: float) -> None:
    ticks = round(header.duration_s * TICKS_PER_S)
    texts = TextBlock(record * ticks)
    texts.add(record * ticks, round(lost_s * TICKS_PER_S), LOST)
    begin = header.size + record * header.record_bytes
    file.seek(begin)
    samples = file.read(header.record_bytes - TEXT_BYTES)
    file.seek(begin)
    file.write(texts.seal(samples))


def _keep(file: BinaryIO, end: int, path: Path) -> None:
    """Keep what follows `end`, unless it is but zeros, which a system fills a file up with."""
    file.seek(end)
    kept = path.with_name(path.name + CUT_OFF)
    wanted = any(any(block) for block in iter(lambda: file.read(_ZEROS), b""))
    if not wanted:
        return
    file.seek(end)
    kept.touch(mode=0o600)
    with kept.open("ab") as out:
        for block in iter(lambda: file.read(_ZEROS), b""):
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    sync_folder(kept.parent)
