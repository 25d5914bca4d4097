"""NAME.heart.csv beside a recording: the heart rate, row by row as a strap tells it."""

import io
import math
from collections.abc import Sequence
from pathlib import Path

from biofeedback.recording.disk import claim
from biofeedback.recording.drafts import telling

SUFFIX = ".heart.csv"
_HEAD = "time_s,rate_bpm,rr_s,artefact\n"


def heart_path(recording: Path) -> Path:
    """Return where the heart rate beside the file at `recording` lies."""
    return recording.with_suffix(SUFFIX)


class HeartCsv:
    """A table beside `recording`, each row in the file as soon as it is added.

    `time_s`: when it came, by the stream's samples, index 0 being 0 s. `rr_s`: an RR interval, a
    row for each that came at that time; `artefact`: 1 where it is none. A cell is empty where
    nothing is known. Every method raises `RecordingError`; nothing is overwritten.
    """

    def __init__(self, recording: Path) -> None:
        self._path = heart_path(recording)
        with telling(self._path):
            self._file: io.FileIO = claim(self._path)
            self._file.write(_HEAD.encode())

    def add(
        self, time_s: float, rate_bpm: float, rr_s: Sequence[float], artefacts: Sequence[bool]
    ) -> None:
        """Write what came at `time_s`."""
        rate = "" if math.isnan(rate_bpm) else f"{rate_bpm:g}"
        cells = [f"{rr:.6f},{bad:d}" for rr, bad in zip(rr_s, artefacts, strict=True)] or [","]
        rows = "".join(f"{time_s:.3f},{rate},{rest}\n" for rest in cells)
        with telling(self._path):
            if not self._file.closed:
                self._file.write(rows.encode())

    def close(self) -> None:
        """Close the file."""
        with telling(self._path):
            self._file.close()
