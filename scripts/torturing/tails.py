"""Recordings whose ends are torn, zero-filled or half on disk, by the thousand: made whole."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from biofeedback.errors import BiofeedbackError
from biofeedback.recording.edf.header import COUNT_AT, read_edf_header
from biofeedback.recording.edf.writer import EdfWriter
from biofeedback.recording.repair import CUT_OFF, repair
from biofeedback.stream import Annotation, Channel, Chunk, Samples, StreamInfo
from torturing.programs import check, our_samples
from torturing.row import Row

KINDS = ("cut", "zeros", "zeros to the end", "noise", "half a text", "sectors", "count")
PROGRAMS_SEE = 300
"""So many of the repaired ones are opened in the other programs too."""
_TEXT = "a note that goes on and on, "
_SECTOR = 512
_IN_MEMORY = Path("/dev/shm")  # noqa: S108  a disk would be waited for three times a repair
_ORIGINALS = 40


@dataclass(frozen=True, slots=True)
class Original:
    """A recording as it should be, and what was sent; `at` are the bounds of its records.

    It lies at `path`, where its torn ends will be: its sidecar beside it holds.
    """

    path: Path
    data: bytes
    info: StreamInfo
    sent: Samples
    at: range
    n: int

    def records_before(self, byte: int) -> int:
        """Return how many records lie whole before a byte of the file."""
        return max(0, (byte - self.at.start) // self.at.step)


def run(count: int, seed: int, say: Callable[[str], None]) -> Row:
    """Tear `count` ends, in every way and place; repair them, and see what is left."""
    rng = np.random.default_rng(seed)
    failures, lost, empty = list[str](), list[int](), 0
    kinds = dict.fromkeys(KINDS, 0)
    with tempfile.TemporaryDirectory(dir=_IN_MEMORY if _IN_MEMORY.is_dir() else None) as name:
        folder = Path(name)
        originals = [
            _record(folder / str(at), np.random.default_rng(seed + at)) for at in range(_ORIGINALS)
        ]
        for number in range(count):
            original = originals[int(rng.integers(len(originals)))]
            kind = KINDS[number % len(KINDS)]
            torn, byte = tear(original, kind, rng)
            original.path.write_bytes(torn)
            original.path.with_name(original.path.name + CUT_OFF).unlink(missing_ok=True)
            kinds[kind] += 1
            seen_by_all = number * PROGRAMS_SEE // count != (number - 1) * PROGRAMS_SEE // count
            wrong, missing = _repaired(original, byte, seen_by_all=seen_by_all)
            failures += [f"{kind} at byte {byte} of {number}: {words}" for words in wrong]
            if missing is None:
                empty += 1
            elif kind != "sectors":  # of which some are gone from before
                lost.append(missing)
            if number % 1000 == 999:
                say(f"tails: {number + 1} of {count}, {len(failures)} failures")
    return Row(
        "torn or zero-filled tails",
        "all repaired and read; no whole record lost, 0 wrong samples",
        count,
        tuple(failures),
        float(max(lost, default=0)),
        "whole records lost",
        0.0,
        {
            **kinds,
            "of which nothing could be saved: told so": empty,
            "opened in MNE, pyEDFlib, edfio": min(count, PROGRAMS_SEE),
        },
    )


def _record(stem: Path, rng: np.random.Generator) -> Original:
    """Return a recording of one or two seconds, with gaps and notes."""
    suffix, most = ((".edf", 1023), (".edf", 65535), (".bdf", 2**24 - 1))[int(rng.integers(3))]
    n_channels, sfreq = int(rng.choice([1, 2, 4, 8])), float(rng.choice([256, 500, 1000, 2000]))
    info = StreamInfo(
        tuple(
            Channel(f"muscle {at}", "uV", gain=0.25, digital=(0, most)) for at in range(n_channels)
        ),
        sfreq,
        "torture",
    )
    n = round(float(rng.uniform(1.0, 2.0)) * sfreq)
    sent = rng.integers(1, most + 1, (n, n_channels)).astype(float)
    gap = round(0.4 * n), round(0.4 * n) + int(rng.integers(1, n // 5))
    path = stem.with_suffix(suffix)
    writer = EdfWriter(path, info)
    writer.annotate(Annotation(0.05, 0.0, "the first µ"))
    writer.write(Chunk(0, sent[: gap[0]]))
    writer.annotate(Annotation(gap[0] / sfreq, 0.5, _TEXT * int(rng.integers(1, 12))))
    writer.write(Chunk(gap[1], sent[gap[1] :]))
    writer.close()
    sent[gap[0] : gap[1]] = np.nan
    data = path.read_bytes()
    with path.open("rb") as file:
        header = read_edf_header(file, where="torture")
    at = range(header.size, len(data) + 1, header.record_bytes)
    return Original(path, data, info, sent, at, round(header.duration_s * sfreq))


def tear(original: Original, kind: str, rng: np.random.Generator) -> tuple[bytes, int]:
    """Return the file as a crash may leave it, and up to which byte nothing has changed."""
    data, at = original.data, original.at
    byte = _place(original, rng)
    if kind == "half a text":  # the texts are the last 240 bytes of a record
        byte = at[int(rng.integers(1, len(at)))] - int(rng.integers(1, 240))
    whole = original.records_before(byte)
    tail = {
        "zeros": bytes(int(rng.integers(1, 2 * at.step))),
        "zeros to the end": bytes(len(data) - byte),
        "noise": rng.bytes(int(rng.integers(1, 3 * at.step))),
        "half a text": bytes(int(rng.integers(0, 2)) * (at.step - (byte - at.start) % at.step)),
        "sectors": _some_sectors(data, byte, rng),
        "count": data[byte:],
    }.get(kind, b"")
    if kind == "count":  # all is there, but the header does not know
        byte, whole = len(data), len(at) - 1
    said = int(rng.choice([max(1, whole - 1), max(1, whole), whole + 1, 1]))
    said_bytes = b"-1      " if kind == "count" and rng.random() < 0.3 else b"%-8d" % said
    torn = bytearray(data[:byte] + tail)
    if byte > COUNT_AT + 8:
        torn[COUNT_AT : COUNT_AT + 8] = said_bytes
    return bytes(torn), byte


def _place(original: Original, rng: np.random.Generator) -> int:
    """Return a byte: anywhere, just at or beside the edge of a record, or of a sector."""
    at, last = original.at, len(original.data) - 1
    kind = rng.random()
    if kind < 0.4:
        return int(rng.integers(1, last))
    edge = int(rng.choice(at)) if kind < 0.8 else _SECTOR * int(rng.integers(1, last // _SECTOR))
    return min(last, max(1, edge + int(rng.integers(-2, 3))))


def _some_sectors(data: bytes, byte: int, rng: np.random.Generator) -> bytes:
    tail = bytearray(data[byte:])
    for begin in range(-byte % _SECTOR, len(tail), _SECTOR):
        if rng.random() < 0.5:
            tail[begin : begin + _SECTOR] = bytes(len(tail[begin : begin + _SECTOR]))
    return bytes(tail)


def _repaired(original: Original, byte: int, *, seen_by_all: bool) -> tuple[list[str], int | None]:
    """Return what is wrong once the torn file was repaired, and how many whole records were lost.

    None where there was none to save: where it was refused, nothing may be changed.
    """
    path = original.path
    torn = path.read_bytes()
    whole = original.records_before(byte)
    try:
        done = repair(path)
    except BiofeedbackError as error:
        if whole:
            return [f"not repaired ({error})"], None
        return [] if path.read_bytes() == torn else ["changed although refused"], None
    try:
        found = our_samples(path, len(original.info.channels))
    except BiofeedbackError as error:  # what is left may be but held values, of a gap
        return [f"not read ({error})"] if whole else [], None
    sent = np.full((len(found), found.shape[1]), np.nan)  # held to the end of the last record
    sent[: len(original.sent)] = original.sent[: len(found)]
    known = np.isfinite(found[: len(original.sent)])
    wrong = []
    if (found[: len(original.sent)][known] != sent[: len(original.sent)][known]).any():
        wrong.append("wrong samples")
    kept = min(whole * original.n, len(original.sent))
    if (np.isnan(found[:kept]) & np.isfinite(sent[:kept])).any():
        wrong.append("samples of whole records are missing")
    if repair(path).changed:
        wrong.append("a second repair changed something")
    if seen_by_all:
        known_rows = np.where(np.isfinite(found), sent, np.nan)
        notes = frozenset({"the first µ"} if whole else ())
        wrong += check(path, known_rows, notes, original.info.channels, stop=len(found))
    saved = round(done.saved_s * original.info.sfreq / original.n)
    return wrong, max(0, whole - saved)
