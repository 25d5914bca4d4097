"""The texts in an EDF+ or BDF+ file: when each record begins, and what was noted."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from biofeedback.recording.edf.header import EdfHeader
from biofeedback.stream import Annotation

LOST = "BAD_gap"
"""Our annotation over samples that were lost and are filled with a held value."""
# Onset, duration, texts (edfplus.info/specs/edfplus.html, 2.2.2): "+1.5" 21 "0.25" 20 "text" 20 0.
_TAL = re.compile(rb"([+-]\d{1,12}(?:\.\d{0,40})?)(?:\x15(\d{1,12}(?:\.\d{0,40})?))?\x14(.*)", re.S)
# Most records tell but when they begin.
_ONSET = re.compile(rb"([+-]\d{1,12}(?:\.\d{0,40})?)\x14\x14\0*")
# A record's texts take some hundred bytes; so many, and not more, are read of a damaged file.
_BYTES_A_RECORD = 2**20
# What all of them may take in memory, and what one takes beside its text.
_ROOM_BYTES = 2**24
_ANNOTATION_BYTES = 200


@dataclass(frozen=True, slots=True)
class EdfTexts:
    """All texts of a file: `onsets_s` ``(n_records,)``, NaN where a record does not tell.

    `annotations` have their onsets from the file's own zero. `damaged`: of so many records the
    texts could not be read; `left_out`: there were more than are kept.
    """

    onsets_s: NDArray[np.float64]
    annotations: tuple[Annotation, ...]
    damaged: int
    left_out: bool


def read_texts(path: Path, header: EdfHeader, records: int) -> EdfTexts:
    """Read the texts of the first `records` records of the file at `path`."""
    onsets = np.full(records, np.nan)
    annotations: list[Annotation] = []
    damaged, room = 0, _ROOM_BYTES
    signals = [signal for signal in header.signals if signal.is_annotations]
    record_bytes = header.record_bytes
    with path.open("rb", buffering=0) as file:
        for record in range(records if signals else 0):
            begin = header.size + record * record_bytes
            wrong = False
            for signal in signals:
                file.seek(begin + signal.at * header.sample_bytes)
                block = file.read(min(signal.n * header.sample_bytes, _BYTES_A_RECORD))
                if signal is signals[0] and (onset := _ONSET.fullmatch(block)):
                    onsets[record] = float(onset[1])
                    continue
                found, whole = parse_tals(block)
                wrong |= not whole
                # The first text of a record is empty: it only tells when the record begins.
                if signal is signals[0] and found and not found[0].text:
                    onsets[record] = found[0].onset_s
                if room > 0:
                    noted = [annotation for annotation in found if annotation.text]
                    annotations += noted
                    room -= sum(_ANNOTATION_BYTES + len(note.text) for note in noted)
            damaged += wrong
    return EdfTexts(onsets, tuple(annotations), damaged, left_out=room <= 0)


def parse_tals(block: bytes) -> tuple[list[Annotation], bool]:
    """Return the texts in a record's `block`, and whether all of it could be read."""
    found: list[Annotation] = []
    whole = True
    for piece in block.split(b"\0"):
        if not piece:
            continue
        tal = _TAL.fullmatch(piece)
        if tal is None:
            whole = False
            continue
        onset_s, duration_s = float(tal[1]), float(tal[2] or 0)
        texts = tal[3].removesuffix(b"\x14").split(b"\x14")
        found += [
            Annotation(onset_s, duration_s, text.decode("utf-8", "replace")) for text in texts
        ]
    return found, whole
