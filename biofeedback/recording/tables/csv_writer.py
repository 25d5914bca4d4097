"""Recordings written as CSV: time and microvolts, digit for digit what was computed."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from biofeedback.recording.drafts import draft_file
from biofeedback.recording.tables.csv_annotations import not_a_formula, write_annotations
from biofeedback.stream import Annotation, Chunk, Samples, StreamInfo

SIMULATED_MARK = " (simulated)"
_COLUMN_UNITS = {"uV": "_uv", "counts": "_counts"}


def write_csv(
    path: Path,
    info: StreamInfo,
    chunks: Iterable[Chunk],
    annotations: Sequence[Annotation] = (),
) -> None:
    """Write `chunks`, scaled to physical units, whole or not at all; a gap has no rows.

    Column `time_s`, then those of `column_names`. Every number is written so that it reads back as
    the same double. `annotations` go to a table of their own beside it. Raises `RecordingError`
    where a file cannot be written.
    """
    with draft_file(path) as draft:
        with draft.open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(["time_s", *map(not_a_formula, column_names(info))])
            for start, values in scaled(info, chunks):
                rows.writerows(
                    [i / info.sfreq, *row] for i, row in enumerate(values.tolist(), start=start)
                )
        write_annotations(path, annotations)


def column_names(info: StreamInfo) -> list[str]:
    """Return `LABEL_uv` or `LABEL_counts` a channel; a label of a simulated stream says so."""
    mark = SIMULATED_MARK if info.simulated else ""
    return [f"{' '.join(c.label.split())}{mark}{_COLUMN_UNITS[c.unit]}" for c in info.channels]


def scaled(info: StreamInfo, chunks: Iterable[Chunk]) -> Iterator[tuple[int, Samples]]:
    """Yield the start of each chunk and its samples in physical units, as the pipeline has them."""
    gain, offset = [c.gain for c in info.channels], [c.offset for c in info.channels]
    for chunk in chunks:
        values = chunk.samples * gain
        values += offset
        yield chunk.start, values
