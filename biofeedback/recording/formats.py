"""Recordings of every kind are read here: the format told by suffix, then by content."""

import codecs
from collections.abc import Callable
from pathlib import Path

from biofeedback.boards import Board
from biofeedback.errors import RecordingError, SourceNotFound
from biofeedback.recording import opensignals
from biofeedback.recording.opensignals import read_opensignals
from biofeedback.recording.recorded import Hints, Recording
from biofeedback.recording.rows import not_utf8
from biofeedback.recording.table import read_table
from biofeedback.text import _

Reader = Callable[[Path, str, str, Hints], Recording]
"""Reads the file at a path, given its first lines and what the user called it."""

# By suffix, each with the words that the file opens with; the first that fits reads it.
TEXT: tuple[tuple[str, Reader], ...] = ((opensignals.OPENING, read_opensignals), ("", read_table))
READERS: dict[str, tuple[tuple[str, Reader], ...]] = {
    ".csv": TEXT,
    ".dat": TEXT,
    ".tsv": TEXT,
    ".txt": TEXT,
}

_SCHEME = "file:"
# The format is told from so many bytes, a file may be of any size.
_HEAD_BYTES = 65_536


def read_recording(
    path: str | Path,
    *,
    sfreq: float | None = None,
    unit: str | None = None,
    sensor: str | None = None,
    board: Board | None = None,
) -> Recording:
    """Return the recording at `path`, which becomes its source's name as it is given.

    `sfreq` in Hz, `unit` (uV, mV, V, counts), `sensor` and `board` tell what the file does not.
    Raises `SourceNotFound` where there is no file, `SettingsError` for a value that cannot be,
    `RecordingError` for a file that cannot be read, or that says otherwise.
    """
    hints = Hints(sfreq, unit, sensor, board)
    name = str(path)
    file = Path(name.removeprefix(_SCHEME))
    try:
        if not file.exists():
            raise SourceNotFound(_("There is no file {file}; check the path.").format(file=file))
        if file.is_dir():
            raise RecordingError(
                _("{file} is a folder; name the recording in it.").format(file=file)
            )
        readers = READERS.get(file.suffix.lower())
        if readers is None:
            raise RecordingError(
                _("{file} is of a kind that is not read; its name may end in {suffixes}.").format(
                    file=file, suffixes=", ".join(READERS)
                )
            )
        head = _read_head(file, name)
        reader = next(reader for opening, reader in readers if head.startswith(opening))
        return reader(file, head, name, hints)
    except OSError as error:
        raise RecordingError(
            _("{name} cannot be read ({why}); check that you may read it.").format(
                name=name, why=error.strerror or error
            )
        ) from error


def _read_head(file: Path, name: str) -> str:
    """Return the first lines of a text file, whole ones; raise `RecordingError` for another."""
    with file.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
        more = bool(stream.read(1))
    if not head:
        raise RecordingError(_("{name} is empty; choose another file.").format(name=name))
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise RecordingError(_("{name} is UTF-16 text; save it as CSV in UTF-8.").format(name=name))
    if b"\0" in head:
        raise RecordingError(
            _("{name} is not text; export the recording as CSV.").format(name=name)
        )
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(head, final=not more)
    except UnicodeDecodeError:
        raise not_utf8(name) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.rpartition("\n")[0] if more and "\n" in text else text
