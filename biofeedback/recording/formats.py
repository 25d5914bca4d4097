"""Recordings of every kind are read here: the format told by suffix, then by content."""

import codecs
from collections.abc import Callable
from pathlib import Path

from biofeedback.boards import Board
from biofeedback.errors import RecordingError, SourceNotFound
from biofeedback.recording.binary import hdf5, wav, wfdb, xdf, xdf_chunks
from biofeedback.recording.edf import header as edf_header
from biofeedback.recording.edf import reader as edf
from biofeedback.recording.recorded import Hints, Recording
from biofeedback.recording.tables import datalog, nexus, openbci, opensignals, simple_text, trigno
from biofeedback.recording.tables.layout import read_head
from biofeedback.recording.tables.table import read_table
from biofeedback.text import _

Reader = Callable[[Path, str, Hints], Recording]
"""Reads the file at a path, which errors call by a name."""
TextReader = Callable[[Path, str, str, Hints], Recording]
"""The same, given the file's first lines before its name."""


def text(read: TextReader) -> Reader:
    """Return the reader of a text file, which looks at its first lines."""
    return lambda path, name, hints: read(path, read_head(path, where=name), name, hints)


# By suffix, each with what such a file opens with: text, which is asked of text files only, or
# bytes. The first that fits reads it; where none does, any other kind that the file opens like.
TEXT: tuple[tuple[str | bytes, Reader], ...] = (
    (datalog.OPENING, text(datalog.read_datalog)),
    (nexus.OPENING, text(nexus.read_nexus)),
    (openbci.OPENING, text(openbci.read_openbci)),
    (opensignals.OPENING, text(opensignals.read_opensignals)),
    (simple_text.OPENING, text(simple_text.read_simple_text)),
    (trigno.OPENING, text(trigno.read_trigno)),
    ("", text(read_table)),
)
BINARY: tuple[tuple[str | bytes, Reader], ...] = (
    (edf_header.EDF_VERSION, edf.read_edf),
    (edf_header.BDF_VERSION, edf.read_edf),
    (hdf5.MAGIC, hdf5.read_hdf5),
    (wav.RIFF, wav.read_wav),
    (wav.RF64, wav.read_wav),
    (xdf_chunks.MAGIC, xdf.read_xdf),
)


def _read_dat(path: Path, name: str, hints: Hints) -> Recording:
    """Read a .dat file: samples of WFDB where their header lies beside it, else a table."""
    of_wfdb = path.with_suffix(".hea").exists()
    return (wfdb.read_wfdb if of_wfdb else text(read_table))(path, name, hints)


READERS: dict[str, tuple[tuple[str | bytes, Reader], ...]] = {
    ".csv": TEXT,
    ".dat": (*TEXT[:-1], *BINARY, (b"", _read_dat)),
    ".tsv": TEXT,
    ".txt": TEXT,
    ".hea": (("", wfdb.read_wfdb),),
    **dict.fromkeys((".bdf", ".edf", ".h5", ".hdf5", ".wav", ".xdf"), BINARY),
}

_SCHEME = "file:"
# A format is told from so many bytes.
_OPENING_BYTES = 4096
# What a second or two of a signal takes in memory grows with these. A sound card's fastest rate;
# sixteen grids of 64 electrodes; 64 electrodes at 100 kHz.
_MOST_HZ = 200_000.0
_MOST_CHANNELS = 1024
_MOST_VALUES_A_SECOND = 6.4e6
# Gaps and all: longer ones have a wrong time in them.
_LONGEST_S = 31 * 86_400.0


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
        if not file.is_file():
            raise RecordingError(
                _("{file} is a pipe or a device; save what it sends as a file.").format(file=file)
            )
        recording = _find_reader(file, name)(file, name, hints)
    except OSError as error:
        raise RecordingError(
            _("{name} cannot be read ({why}); check that you may read it.").format(
                name=name, why=error.strerror or error
            )
        ) from error

    _check_size(recording, name)
    return recording


def _check_size(recording: Recording, name: str) -> None:
    """Raise `RecordingError` where no more memory and time than a computer has would do."""
    sfreq, n = recording.info.sfreq, len(recording.info.channels)
    if n > _MOST_CHANNELS or sfreq > _MOST_HZ or n * sfreq > _MOST_VALUES_A_SECOND:
        raise RecordingError(
            _(
                "{name} holds {n} × {sfreq:g} Hz, and no more than {most} channels, {most_hz:g} Hz "
                "or {values:.0f} values a second are read; check its rate, or make it smaller."
            ).format(
                name=name,
                n=n,
                sfreq=sfreq,
                most=_MOST_CHANNELS,
                most_hz=_MOST_HZ,
                values=_MOST_VALUES_A_SECOND,
            )
        )
    if recording.duration_s > _LONGEST_S:
        raise RecordingError(
            _(
                "{name} lasts {days:.0f} days by its times, and {most:.0f} are read; mend them."
            ).format(name=name, days=recording.duration_s / 86_400, most=_LONGEST_S / 86_400)
        )


def _find_reader(file: Path, name: str) -> Reader:
    with file.open("rb") as stream:
        head = stream.read(_OPENING_BYTES).removeprefix(codecs.BOM_UTF8)
    if not head:
        raise RecordingError(_("{name} is empty; choose another file.").format(name=name))
    own = READERS.get(file.suffix.lower(), ())
    others = (kind for kinds in READERS.values() for kind in kinds if kind[0])
    for opening, reader in (*own, *others):
        if _opens_with(head, opening):
            return reader
    if not own:
        raise RecordingError(
            _("{file} is of a kind that is not read; its name may end in {suffixes}.").format(
                file=file, suffixes=", ".join(READERS)
            )
        )
    if any(isinstance(opening, str) for opening, _reader in own):
        read_head(file, where=name)  # says what kind of text it is, or that it is none
    raise RecordingError(
        _(
            "{name} is not what its name says; if it is a table of text, let its name end in .csv."
        ).format(name=name)
    )


def _opens_with(head: bytes, opening: str | bytes) -> bool:
    if isinstance(opening, bytes):
        return head.startswith(opening)
    return b"\0" not in head and head.startswith(opening.encode())
