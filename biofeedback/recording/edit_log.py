"""The log of a recording's edits: a file beside it, read whole and only ever added to."""

import contextlib
import hashlib
import json
import math
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from biofeedback.errors import RecordingError
from biofeedback.recording.disk import lock, sync_folder
from biofeedback.recording.edits import Edit, Edits, Entry, Exclusion, Mark
from biofeedback.stream import Annotation
from biofeedback.text import _

SUFFIX = ".edits.jsonl"
_FORMAT, _VERSION = "biofeedback_edits", 1
_MOST_BYTES = 64_000_000  # some 300 000 edits: no hand made them
_APPEND = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)  # Windows alone has it


def edits_path(recording: Path) -> Path:
    """Return where the edits of `recording` lie: beside it, under its whole name."""
    return recording.with_name(recording.name + SUFFIX)


def read_edits(recording: Path) -> Edits:
    """Return the edits of the recording at this path; none where there is no log beside it.

    Those of another recording (by its SHA-256) are left out with a note, and so is a last line
    that was not written to its end. Raises `RecordingError` where the log cannot be read or is
    damaged: what was excluded must not come back unseen.
    """
    if not edits_path(recording).is_file():
        return Edits()
    return _read(recording, _digest(recording))[0]


def _digest(recording: Path) -> str:
    """Return the SHA-256 of the whole file: 0.1 s for 200 MB."""
    try:
        with recording.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise RecordingError(
            _("{name} cannot be read ({why}); check that you may read it.").format(
                name=recording, why=error.strerror or error
            )
        ) from error


def _read(recording: Path, digest: str) -> tuple[Edits, bytes]:
    """Return the edits, and the log as it lies there."""
    path = edits_path(recording)
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        return Edits(), b""
    except OSError as error:
        raise RecordingError(
            _(
                "The edits {path} cannot be read ({why}): mend that, or leave them out with "
                "--no-edits."
            ).format(path=path, why=error.strerror or error)
        ) from error
    if len(data) > _MOST_BYTES:
        raise _damaged(path, 1)
    return _parse(data, digest, path), data


def _parse(data: bytes, digest: str, path: Path) -> Edits:
    *lines, torn = data.split(b"\n")
    notes = []
    if torn:
        notes.append(
            _("The last line of {path} was not written to its end; it is left out.").format(
                path=path
            )
        )
    entries: list[Entry] = []
    for number, line in enumerate(lines):
        try:
            found = _object(line)
            if number:
                entries.append(_entry(found, number))
            elif _head_digest(found) != digest:
                note = _(
                    "The edits {path} are of another recording, or this one has changed since; "
                    "they are left out."
                ).format(path=path)
                return Edits(notes=(note,), foreign=True)
        except ValueError as error:
            raise _damaged(path, number + 1) from error
    return Edits(tuple(entries), tuple(notes))


def _head_digest(found: dict[str, Any]) -> str:
    """Return the SHA-256 in the first line; raise ValueError where it is of no log of ours."""
    digest = found.get("sha256")
    if found.get(_FORMAT) != _VERSION or not isinstance(digest, str):
        raise ValueError
    return digest


def _damaged(path: Path, line: int) -> RecordingError:
    return RecordingError(
        _(
            "Line {line} of the edits {path} is damaged: mend it, or move the file away (or leave "
            "them out with --no-edits)."
        ).format(line=line, path=path)
    )


def _object(line: bytes) -> dict[str, Any]:
    """Return the JSON object on a line; raise ValueError where there is none."""
    try:
        found = json.loads(line)
    except RecursionError as error:
        raise ValueError from error
    if not isinstance(found, dict):
        raise ValueError
    return found


def _entry(found: dict[str, Any], n: int) -> Entry:
    """Return entry number `n`; raise ValueError where it is none."""
    utc, undoes = found.get("utc"), found.get("undoes")
    if found.get("n") != n or not isinstance(utc, str):
        raise ValueError
    if undoes is not None:
        if type(undoes) is not int or not 0 < undoes < n:
            raise ValueError
        return Entry(n, utc, None, undoes)
    before, after = _mark(found.get("before")), _mark(found.get("after"))
    if before is None and after is None:
        raise ValueError
    if None not in (before, after) and type(before) is not type(after):
        raise ValueError
    return Entry(n, utc, Edit(before, after))


def _mark(found: object) -> Mark | None:
    if found is None:
        return None
    match found:
        case {"onset_s": onset_s, "duration_s": duration_s, "text": str(text)}:
            return Annotation(_number(onset_s), _number(duration_s), _whole(text))
        case {"start_s": start_s, "stop_s": stop_s, "reason": str(reason)}:
            return Exclusion(_number(start_s), _number(stop_s), _whole(reason))
    raise ValueError


def _whole(text: str) -> str:
    """Return a text without halves of characters, which JSON may hold and nothing can show."""
    return text.encode("utf-8", "replace").decode()


def _number(found: object) -> float:
    if isinstance(found, int | float) and not isinstance(found, bool):
        with contextlib.suppress(OverflowError):
            if math.isfinite(found):
                return float(found)
    raise ValueError


def _utc_now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class EditLog:
    """Adds to the edits of the recording at a path, which itself stays as it is.

    An edit holds once it lies on the disk, and not otherwise. `edits`: all so far. Raises
    `RecordingError` where the recording or its log cannot be read.
    """

    def __init__(self, recording: Path, *, now: Callable[[], str] = _utc_now) -> None:
        self._recording, self._now = recording, now
        self._path = edits_path(recording)
        self._sha256 = _digest(recording)
        self.edits, data = _read(recording, self._sha256)
        self._size, self._whole = len(data), data.rfind(b"\n") + 1

    def add(self, edit: Edit) -> None:
        """Keep `edit`; raise `RecordingError` where that cannot be, and then it does not hold."""
        self._append(edit, 0)

    def undo(self) -> bool:
        """Undo the latest edit that holds, and say whether there was one; raises as `add`."""
        return self._undo_entry(self.edits.next_undo())

    def redo(self) -> bool:
        """Take the latest undo back, and say whether there was one; raises as `add`."""
        return self._undo_entry(self.edits.next_redo())

    def _undo_entry(self, n: int) -> bool:
        if n:
            self._append(None, n)
        return bool(n)

    def _append(self, edit: Edit | None, undoes: int) -> None:
        if self.edits.foreign:
            raise RecordingError(
                _(
                    "The edits {path} are of another recording: move that file away, and open the "
                    "recording again to edit it."
                ).format(path=self._path)
            )
        entry = Entry(len(self.edits.entries) + 1, self._now(), edit, undoes)
        lines = [] if self._whole else [self._head()]
        data = "".join(json.dumps(line) + "\n" for line in [*lines, _as_json(entry)]).encode()
        try:
            self._write(data)
        except OSError as error:
            raise RecordingError(
                _(
                    "The edit cannot be kept in {path} ({why}): make room there and the folder "
                    "writable, or copy the recording to a folder of yours."
                ).format(path=self._path, why=error.strerror or error)
            ) from error
        self._whole = self._size = self._whole + len(data)
        # what was left out of the file's end has gone from it
        self.edits = Edits((*self.edits.entries, entry))

    def _head(self) -> dict[str, Any]:
        return {_FORMAT: _VERSION, "recording": self._recording.name, "sha256": self._sha256}

    def _write(self, data: bytes) -> None:
        """Put `data` behind the last whole line, and wait until it is on the disk."""
        new = not self._path.exists()
        file = os.open(self._path, _APPEND, 0o600)
        try:
            if not lock(file) or os.fstat(file).st_size != self._size:
                raise RecordingError(
                    _(
                        "Another program has changed the edits {path}: open the recording again "
                        "to go on."
                    ).format(path=self._path)
                )
            try:
                os.ftruncate(file, self._whole)
                if os.write(file, data) != len(data):
                    raise OSError(None, _("the disk is full"))
                os.fsync(file)
            except OSError:
                with contextlib.suppress(OSError):
                    os.ftruncate(file, self._whole)
                raise
        finally:
            os.close(file)
        if new:
            sync_folder(self._path.parent)


def _as_json(entry: Entry) -> dict[str, Any]:
    line: dict[str, Any] = {"n": entry.n, "utc": entry.utc}
    if entry.edit is None:
        return {**line, "what": "undone", "undoes": entry.undoes}
    line["what"] = entry.edit.what
    for when in ("before", "after"):
        mark = getattr(entry.edit, when)
        if mark is not None:
            line[when] = {name: getattr(mark, name) for name in mark.__slots__}
    return line
