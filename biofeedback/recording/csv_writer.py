"""Recordings written as CSV: time and microvolts, digit for digit what was computed."""

import csv
from collections.abc import Iterable
from pathlib import Path

from biofeedback.errors import RecordingError
from biofeedback.stream import Chunk, StreamInfo
from biofeedback.text import _

SIMULATED_MARK = " (simulated)"
_COLUMN_UNITS = {"uV": "_uv", "counts": ""}


def write_csv(path: Path, info: StreamInfo, chunks: Iterable[Chunk]) -> None:
    """Write `chunks`, scaled to physical units, whole or not at all.

    Column `time_s`, then `LABEL_uv` a channel (plain `LABEL`: counts); a label of a simulated
    stream says so. Every number is written so that it reads back as the same double.
    Raises `RecordingError` where the file cannot be written.
    """
    draft = path.with_name(path.name + ".part")
    mark = SIMULATED_MARK if info.simulated else ""
    names = [f"{c.label}{mark}{_COLUMN_UNITS[c.unit]}" for c in info.channels]
    try:
        try:
            with draft.open("w", newline="", encoding="utf-8") as file:
                rows = csv.writer(file, lineterminator="\n")
                rows.writerow(["time_s", *map(_harmless, names)])
                for chunk in chunks:
                    scaled = chunk.samples * [c.gain for c in info.channels]
                    scaled += [c.offset for c in info.channels]
                    rows.writerows(
                        [i / info.sfreq, *row]
                        for i, row in enumerate(scaled.tolist(), start=chunk.start)
                    )
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise RecordingError(
            _("{path} cannot be written ({why}); choose another place.").format(
                path=path, why=error.strerror or error
            )
        ) from error


def _harmless(cell: str) -> str:
    """Return `cell` so that no spreadsheet takes it for a formula."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
