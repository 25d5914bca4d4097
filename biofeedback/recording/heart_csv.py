"""NAME.heart.csv beside a recording: the heart rate, row by row as a strap tells it."""

import io
import math
import os
from collections.abc import Sequence
from pathlib import Path

from biofeedback.recording.beside import read_beside
from biofeedback.recording.disk import claim
from biofeedback.recording.drafts import draft_file, telling
from biofeedback.recording.sidecar import read_sidecar
from biofeedback.text import _, plural

SUFFIX = ".heart.csv"
_HEAD = "time_s,rate_bpm,rr_s,artefact\n"
_CELLS = 4
_MOST_CHARACTERS = 2**26  # ten days of two rows a second


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


def has_heart(recording: Path) -> bool:
    """Say whether a heart rate of ours lies beside the file at `recording`."""
    return read_beside(heart_path(recording), len(_HEAD)) == _HEAD


def carry_heart(source: Path, out: Path) -> str:
    """Write the heart rate beside the recording `source` beside `out` too, which begins at 0 s.

    What lay there is overwritten. Returns what the user should know; raises `RecordingError`.
    """
    sidecar = read_sidecar(source)
    first_s = sidecar.first_sample / sidecar.info.sfreq if sidecar else 0.0
    path, target = heart_path(source), heart_path(out)
    if target.exists() and target.samefile(path):  # two formats of one name have it in common
        if not first_s:
            return ""
        return _(
            "{file} stays as it is: its times begin {seconds:g} s before those of {out}."
        ).format(file=path.name, seconds=first_s, out=out.name)
    text = read_beside(path, _MOST_CHARACTERS) or ""
    lines = text.removeprefix(_HEAD).splitlines()
    rows = [row for line in lines if (row := _shifted(line, -first_s))]
    with draft_file(target) as draft:
        draft.write_text(_HEAD + "".join(rows), encoding="utf-8", newline="\n")
    wrong = len(lines) - len(rows)
    if not wrong:
        return ""
    return plural(
        "{n} row of {file} is damaged and is left out.",
        "{n} rows of {file} are damaged and are left out.",
        wrong,
    ).format(n=wrong, file=path.name)


def _shifted(line: str, by_s: float) -> str:
    """Return a row with its time moved; empty where it is none."""
    cells = line.split(",")
    try:
        time_s, *rest = (float(cell or "0") for cell in cells)
    except ValueError:
        return ""
    if len(cells) != _CELLS or not all(map(math.isfinite, (time_s, *rest))):
        return ""
    return ",".join([f"{time_s + by_s:.3f}", *cells[1:]]) + "\n"


def mend_heart(recording: Path) -> bool:
    """Cut off the end of a row that was torn as it was written; return whether one was.

    Raises `OSError`.
    """
    if not has_heart(recording):
        return False
    with heart_path(recording).open("r+b") as file:
        torn = file.read().rpartition(b"\n")[2]
        if torn:
            file.seek(-len(torn), os.SEEK_END)
            file.truncate()
            os.fsync(file.fileno())
    return bool(torn)
