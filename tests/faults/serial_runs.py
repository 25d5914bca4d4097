"""One run of a stream through a faulty cable into a session, by its seed: what came of it.

`run` sends frames of our boards, `run_text` lines of numbers; both know what was sent and hold what
came against it. Neither waits for anything: `biofeedback` is fed as fast as it goes.
"""

import re
import struct
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from faulty_cable import Damage, FaultyCable

from biofeedback import kernel
from biofeedback.session import Session
from biofeedback.settings import SignalSettings
from biofeedback.stream import Channel, Chunk, Samples, StreamInfo
from biofeedback.wire.native import NativeDecoder, encode_frame
from biofeedback.wire.text import TextDecoder

SECONDS = 5.0
FRAME_S = 0.015  # as `sources.native_board` sets a board up
WORST_BIT_ERROR_RATE = 1e-3
CLEAN_FRAMES = 3  # at the end: what is lost after the last that came, nobody can count


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the samples of a run, each of all channels.

    `sent`: how many the board took. `received`: how many were handed on; of these `wrong` were not
    those of their index, and `twice` came again or out of order. `lost`: as the session counts.
    """

    seed: int
    damage: Damage
    channels: int
    sent: int
    received: int
    lost: int
    wrong: int
    twice: int
    corrupt_frames: int

    @property
    def passed(self) -> bool:
        """Nothing wrong, nothing twice, and the loss counted to the sample."""
        return not self.wrong and not self.twice and self.lost == self.sent - self.received


@dataclass(frozen=True, slots=True)
class TextOutcome:
    """What became of a run of lines, which carry neither number nor checksum.

    `came`: lines that reached the program, in whatever state. `wrong`: samples that are not what
    the line in their place says, as `_read` has it. `lost`: as the session counts: lines that are
    no sample. What it cannot count are lines that never came, nor tell those that were damaged into
    other numbers: at least `unnoticed` samples are none that was sent.
    """

    seed: int
    damage: Damage
    came: int
    received: int
    lost: int
    wrong: int
    unnoticed: int

    @property
    def passed(self) -> bool:
        """No sample but what a line says, in its place, and each other line counted as lost."""
        return not self.wrong and self.lost == self.came - self.received


class _Played:
    """A source that hands on what `decoder` makes of `pieces`, and keeps it."""

    status, notes = "", ()

    def __init__(
        self, decoder: NativeDecoder | TextDecoder, pieces: list[bytes], info: StreamInfo
    ) -> None:
        self.info, self.came, self._decoder = info, list[Chunk](), decoder
        self._pieces = iter(pieces)
        self.ended = False

    @property
    def corrupt_frames(self) -> int:
        return self._decoder.corrupt_frames

    def open(self) -> None:
        pass

    def read(self, _timeout: float) -> list[Chunk]:
        piece = next(self._pieces, None)
        self.ended = piece is None
        chunks = self._decoder.feed(piece or b"")
        self.came += chunks
        return chunks

    def close(self) -> None:
        pass


def draw_damage(rng: np.random.Generator) -> Damage:
    """Return one kind of damage, or all at once; every fourth cable is as bad as one is tested."""

    def rate(low: float, high: float) -> float:
        return float(10 ** rng.uniform(low, high)) if rng.random() < 0.5 else 0.0

    worst = rng.random() < 0.25
    errors = WORST_BIT_ERROR_RATE if worst else float(10 ** rng.uniform(-6, -3))
    return Damage(errors, *(rate(-4.5, -2.5) for _kind in range(5)))


def run(seed: int) -> Outcome:
    """Send five seconds of a board of ours through a cable; odd seeds are decoded in Python."""
    rng = np.random.default_rng(seed)
    channels = int(rng.integers(1, 7))
    sfreq = 2000.0 if channels == 1 else 1000.0
    counts = rng.integers(0, 1024, (round(SECONDS * sfreq), channels))
    frames, sent = _frames(counts, round(FRAME_S * sfreq), rng)
    damage = draw_damage(rng)
    cable = FaultyCable(damage, seed=seed)
    joined_at = int(rng.integers(0, 60))  # in what it said before, or in boot text
    came = rng.bytes(joined_at) + cable(b"".join(frames[:-CLEAN_FRAMES]))
    pieces = _cut(came + b"".join(frames[-CLEAN_FRAMES:]), rng)
    compiled = kernel.compiled
    kernel.compiled = None if seed % 2 else compiled
    try:
        return _outcome(seed, damage, NativeDecoder(channels), pieces, counts[:sent], sfreq)
    finally:
        kernel.compiled = compiled


def _frames(counts: Samples, scans: int, rng: np.random.Generator) -> tuple[list[bytes], int]:
    """Return the frames of `counts`, and how many scans these are; some the board leaves out.

    An overrun leaves the numbers of frames whole and jumps in the index; a frame that was sent and
    never came leaves both out. A missed trigger ends a frame early.
    """
    frames: list[bytes] = []
    at = seq = 0
    while at < len(counts):
        mishap = rng.choice(4, p=[0.985, 0.005, 0.005, 0.005])
        clean = at + (CLEAN_FRAMES + 2) * scans >= len(counts)
        n = min(scans, len(counts) - at)
        if mishap == 1 and not clean:
            at += int(rng.integers(1, 2 * scans))  # overrun
        elif mishap == 2 and not clean:
            n = int(rng.integers(1, scans))  # the scan after these was missed
        part = counts[at : at + n].astype("<u2").tobytes()
        frames.append(encode_frame(struct.pack("<BBBI", 1, seq % 256, 0, at) + part))
        at += n + (mishap == 2 and not clean)
        seq += 1
    return frames, at


def _cut(data: bytes, rng: np.random.Generator) -> list[bytes]:
    """Return `data` as it is read: sometimes a byte, sometimes what 16 ms gathered, or a second."""
    typical = float(rng.choice([1, 40, 200, 2000]))
    sizes = 1 + rng.exponential(typical, size=int(3 * len(data) / typical) + 20).astype(int)
    ends = np.cumsum(sizes)
    ends = [0, *ends[ends < len(data)].tolist(), len(data)]
    return [data[a:b] for a, b in pairwise(ends)]


def _play(
    decoder: NativeDecoder | TextDecoder, pieces: list[bytes], n: int, sfreq: float
) -> tuple[_Played, Session]:
    info = StreamInfo(tuple(Channel(f"EMG {i}", "uV") for i in range(n)), sfreq, "cable")
    source = _Played(decoder, pieces, info)
    session = Session(source, signal=SignalSettings(), keep_signal=False)
    for _readings in session.run():
        pass
    return source, session


def _outcome(
    seed: int,
    damage: Damage,
    decoder: NativeDecoder,
    pieces: list[bytes],
    counts: Samples,
    sfreq: float,
) -> Outcome:
    n = counts.shape[1]
    source, session = _play(decoder, pieces, n, sfreq)
    starts = [chunk.start for chunk in source.came]
    stops = [chunk.stop for chunk in source.came]
    known = [chunk for chunk in source.came if chunk.stop <= len(counts)]
    wrong = sum(
        int((chunk.samples != counts[chunk.start : chunk.stop]).any(axis=1).sum())
        for chunk in known
    )
    beyond = sum(len(chunk.samples) for chunk in source.came if chunk.stop > len(counts))
    twice = sum(max(0, stop - start) for stop, start in zip(stops, starts[1:], strict=False))
    return Outcome(
        seed=seed,
        damage=damage,
        channels=n,
        sent=len(counts),
        received=sum(len(chunk.samples) for chunk in source.came),
        lost=session.lost,
        wrong=wrong + beyond,
        twice=twice,
        corrupt_frames=source.corrupt_frames,
    )


def run_text(seed: int) -> TextOutcome:
    """Send five seconds of lines of numbers through a cable."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 5))
    counts = rng.integers(0, 1024, (round(SECONDS * 500), n))
    parting = str(rng.choice([",", ";", "\t", " "]))
    lines = [parting.join(map(str, row)).encode() + b"\r\n" for row in counts.tolist()]
    damage = draw_damage(rng)
    damaged = FaultyCable(damage, seed=seed)(b"".join(lines[5:-3]))
    # the first lines, which settle what a sample is, and the last are whole
    whole = b"".join(lines[:5]) + damaged + b"\r\n" + b"".join(lines[-3:])
    source, session = _play(TextDecoder(), _cut(b"3\r\n" + whole, rng), n, 500.0)
    said = [_read(line, n) for line in re.split(rb"[\r\n]", whole) if line.strip(b" \t")]
    rows = {
        i: row for chunk in source.came for i, row in enumerate(chunk.samples.tolist(), chunk.start)
    }
    sent = set(map(tuple, counts.tolist()))
    return TextOutcome(
        seed=seed,
        damage=damage,
        came=len(said),
        received=sum(len(chunk.samples) for chunk in source.came),
        lost=session.lost,
        wrong=sum(row != rows.get(i) for i, row in enumerate(said)),
        unnoticed=sum(tuple(row) not in sent for row in rows.values()),
    )


_NUMBER = re.compile(rb"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def _read(line: bytes, n: int) -> list[float] | None:
    """Return the `n` numbers of a line, None where it is no such line."""
    words = re.sub(rb"[ \t]*[,;][ \t]*|[ \t]+", b",", line.strip(b" \t"))
    fields = words.removesuffix(b",").split(b",")
    if len(fields) != n or not all(_NUMBER.fullmatch(field) for field in fields):
        return None
    values = [float(field) for field in fields]
    return values if np.isfinite(values).all() else None
