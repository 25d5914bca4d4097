"""What hostile bytes are handed to, and what must hold whatever they are."""

import io
import math
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import numpy as np

from biofeedback import kernel
from biofeedback.errors import BiofeedbackError
from biofeedback.journal.day_checks import check_entry
from biofeedback.journal.day_file import BrokenRow, holds_days, read_days
from biofeedback.recording.binary import hdf5_unpack
from biofeedback.recording.edf.annotations import parse_tals
from biofeedback.recording.edit_log import edits_path, read_edits
from biofeedback.recording.formats import read_recording
from biofeedback.recording.heart_csv import carry_heart, has_heart, heart_path, mend_heart
from biofeedback.recording.library import list_kept
from biofeedback.recording.recorded import Recording
from biofeedback.recording.repair import repair
from biofeedback.recording.sidecar import sidecar_path
from biofeedback.settings import load_settings
from biofeedback.sources.scenario import read_scenario
from biofeedback.sources.simulated import SimulatedSource
from biofeedback.stream import Channel, Chunk
from biofeedback.wire.native import Event, Info, NativeDecoder, Reply
from biofeedback.wire.text import TextDecoder

# A file that was believed is gone through so far: what lies behind is read as what lies before.
MOST_CHUNKS = 200
PARTING = b"\n--8<--\n"
"""What parts the files of a target that has several."""

_folder = tempfile.TemporaryDirectory(prefix="hostile-", ignore_cleanup_errors=True)
FOLDER = Path(_folder.name)


def must(holds: object) -> None:
    """Raise where what was said of whatever bytes does not hold; the traceback says what it is."""
    if not holds:
        raise AssertionError


def wire(data: bytes) -> bool:
    """Feed a decoder, cut by the first bytes: the same samples whole, and without the kernel."""
    head, stream = data[:4], data[4:]
    kind, cut = (*head, 0, 0)[:2]
    channels = 1 + kind % 16
    if kind < 128:
        check_native(stream, channels, cut)
    else:
        whole, cut_up = TextDecoder(), TextDecoder()
        check_same(_fed(whole, stream, 0), _fed(cut_up, stream, cut))
        must(whole.corrupt_frames == cut_up.corrupt_frames)
        must(whole.labels == cut_up.labels)
        must(whole.position == cut_up.position)
    return bool(stream)


def check_native(stream: bytes, channels: int, cut: int) -> None:
    """Feed our boards' decoder whole, cut, and without the kernel: all must agree."""
    decoders = [NativeDecoder(channels) for _way in range(3)]
    fed = [_fed(decoders[0], stream, 0), _fed(decoders[1], stream, cut)]
    with patch.object(kernel, "compiled", None):
        fed.append(_fed(decoders[2], stream, cut))
    for decoder, chunks in zip(decoders[1:], fed[1:], strict=True):
        check_same(fed[0], chunks)
        must(decoder.messages == decoders[0].messages)
        must(decoder.corrupt_frames == decoders[0].corrupt_frames)
        must(decoder.good_frames == decoders[0].good_frames)
    must(all(isinstance(message, Info | Reply | Event) for message in decoders[0].messages))


def _fed(decoder: NativeDecoder | TextDecoder, stream: bytes, cut: int) -> list[Chunk]:
    """Return what `decoder` makes of `stream`, which comes `cut` bytes at a time, 0 for all."""
    step = cut or max(1, len(stream))
    return [
        chunk for at in range(0, len(stream), step) for chunk in decoder.feed(stream[at:][:step])
    ]


def check_same(one: list[Chunk], other: list[Chunk]) -> None:
    """See that both hold the same samples at the same places, none twice, all finite."""
    (index, samples), (others_index, others) = map(_joined, (one, other))
    must(np.array_equal(index, others_index))
    must(np.array_equal(samples, others))
    must(np.isfinite(samples).all())
    must((np.diff(index) > 0).all())


def _joined(chunks: list[Chunk]) -> tuple[np.ndarray, np.ndarray]:
    if not chunks:
        return np.empty(0, dtype=np.int64), np.empty((0, 0))
    index = np.concatenate([np.arange(chunk.start, chunk.stop) for chunk in chunks])
    return index, np.concatenate([chunk.samples for chunk in chunks])


def go_through(recording: Recording) -> None:
    """See that a recording keeps what `Recording` says, as far as `MOST_CHUNKS` tell."""
    info = recording.info
    must(math.isfinite(info.sfreq))
    must(info.sfreq > 0)
    must(info.channels)
    must(all(map(_is_sound, info.channels)))
    must(len({channel.label for channel in info.channels}) == len(info.channels))
    must(all(isinstance(note, str) and note for note in recording.notes))
    must(all(math.isfinite(note.onset_s + note.duration_s) for note in recording.annotations))
    at = 0
    for number, (start, samples) in enumerate(recording.chunks):
        must(start >= at)
        must(samples.dtype == np.float64)
        must(samples.shape == (len(samples), len(info.channels)))
        must(len(samples))
        must(np.isfinite(samples).all())
        at = start + len(samples)
        if number == MOST_CHUNKS:
            return
    must(0 < at <= recording.stop)


def _is_sound(channel: Channel) -> bool:
    return math.isfinite(channel.gain) and math.isfinite(channel.offset) and bool(channel.label)


def read_file(name: str, data: bytes, **hints: float | str) -> bool:
    """Read `data` from a file called `name`: True for a recording, else a sentence says why not."""
    path = FOLDER / name
    path.write_bytes(data)
    try:
        go_through(read_recording(path, **hints))  # type: ignore[arg-type]
    except BiofeedbackError as error:
        check_sentence(error)
        return False
    return True


def check_sentence(error: BiofeedbackError) -> None:
    """See that an error says something, and ends as a sentence does."""
    said = str(error)
    must(said.rstrip().endswith((".", "[formats]", "?")))


def edf(data: bytes) -> bool:
    """Read an EDF or BDF file, and the bytes as the texts of a record."""
    parse_tals(data)
    return read_file("x.edf", data)


def csv(data: bytes) -> bool:
    """Read a table; the first byte says by what name, and whether the rate is told."""
    kind, text = sum(data[:1]), data[1:]
    suffix = (".csv", ".tsv", ".txt", ".dat")[kind % 4]
    hints: dict[str, float | str] = {"sfreq": 1000.0} if kind & 4 else {}
    if kind & 8:
        hints["unit"] = "mV"
    return read_file("x" + suffix, text, **hints)


def exports(data: bytes) -> bool:
    """Read text that another program wrote; its first line says which."""
    hints: dict[str, float | str] = {"sfreq": 1000.0} if data[:1] in b"FC" else {}
    return read_file("x.txt", data, **hints)


def hdf5(data: bytes) -> bool:
    """Unpack an HDF5 file, in a process of its own: its library may loop or crash there."""
    import resource  # Windows has neither this nor a fork

    path = FOLDER / "x.h5"
    path.write_bytes(data)
    number = os.fork()
    if not number:
        resource.setrlimit(resource.RLIMIT_CPU, (1, 1))
        code = 1
        try:
            code = 1 if hdf5_unpack.unpack(path, "x.h5", io.BytesIO()) else 0
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])
    must(code <= 0)
    return code == 0


def xdf(data: bytes) -> bool:
    """Read an XDF file."""
    return read_file("x.xdf", data)


def wav(data: bytes) -> bool:
    """Read a WAV file, with markers beside it where the bytes hold some."""
    samples, _mark, markers = data.partition(PARTING)
    (FOLDER / "x-events.txt").write_bytes(markers)
    return read_file("x.wav", samples)


def wfdb(data: bytes) -> bool:
    """Read a WFDB record: its header, and its samples."""
    header, _mark, samples = data.partition(PARTING)
    (FOLDER / "r.dat").write_bytes(samples)
    return read_file("r.hea", header)


def bids(data: bytes) -> bool:
    """Read a recording beside whose file a table says what its channels are."""
    table, _mark, recording = data.partition(PARTING)
    (FOLDER / "sub-1_channels.tsv").write_bytes(table)
    return read_file("sub-1_emg.edf", recording)


def ours(data: bytes) -> bool:
    """Read a recording of this program, with what lies beside it; list it; make it whole."""
    told, edits, recording = (data + 2 * PARTING).split(PARTING)[:3]
    path = FOLDER / "ours" / "x.edf"
    path.parent.mkdir(exist_ok=True)
    for old in path.parent.iterdir():
        old.unlink()
    sidecar_path(path).write_bytes(told)
    edits_path(path).write_bytes(edits)
    taken = read_file("ours/x.edf", recording)
    list_kept(path.parent)
    for look in (read_edits, repair):
        try:
            look(path)
        except BiofeedbackError as error:
            check_sentence(error)
    return taken


def toml(data: bytes) -> bool:
    """Read settings, and a scenario that then plays a tenth of a second: True if it is either."""
    path = FOLDER / "x.toml"
    path.write_bytes(data)
    taken = False
    try:
        load_settings(path)
        taken = True
    except BiofeedbackError as error:
        check_sentence(error)
    try:
        scenario = read_scenario(data.decode("utf-8", "replace"), name="x", where="x.toml")
        source = SimulatedSource(scenario, fast=True)
        source.open()
        source.read(0.1)
        source.close()
        taken = True
    except BiofeedbackError as error:
        check_sentence(error)
    return taken


def days(data: bytes) -> bool:
    """Read a table of what goes on between sittings: True if a row of it is sound."""
    path = FOLDER / "x.csv"
    path.write_bytes(data)
    holds_days(path)
    found = 0
    try:
        for row in read_days(path):
            if isinstance(row, BrokenRow):
                must(row.why.endswith(".") and row.line > 0)
                continue
            for entry in row:
                check_entry(entry)
            found += len(row)
    except BiofeedbackError as error:
        check_sentence(error)
        return False
    return found > 0


def heart(data: bytes) -> bool:
    """Carry a heart rate along beside another file, whose sidecar is the first part."""
    told, _mark, table = data.partition(PARTING)
    source, out = FOLDER / "heart.edf", FOLDER / "out.csv"
    sidecar_path(source).write_bytes(told)
    heart_path(source).write_bytes(table)
    if not has_heart(source):
        return False
    carry_heart(source, out)
    rows = heart_path(out).read_text(encoding="utf-8").splitlines()[1:]
    for row in rows:
        cells = row.split(",")
        must(len(cells) == 4 and math.isfinite(float(cells[0])))
    mend_heart(source)
    must(heart_path(source).read_bytes().endswith(b"\n"))
    return bool(rows)


Target = Callable[[bytes], bool]
"""Takes any bytes; says whether it believed them, and raises only where something is broken."""

TARGETS: dict[str, Target] = {
    "wire": wire,
    "edf": edf,
    "csv": csv,
    "toml": toml,
    "exports": exports,
    "hdf5": hdf5,
    "xdf": xdf,
    "wav": wav,
    "wfdb": wfdb,
    "bids": bids,
    "ours": ours,
    "days": days,
    "heart": heart,
}

os.environ.setdefault("OMP_NUM_THREADS", "1")
