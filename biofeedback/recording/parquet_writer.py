"""Recordings written as Parquet: the columns of a CSV file, with all that is known beside them."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biofeedback.errors import RecordingError
from biofeedback.recording.drafts import draft_file
from biofeedback.recording.recorded import Recording
from biofeedback.recording.tables.csv_writer import column_names, scaled
from biofeedback.stream import Chunk, Samples, StreamInfo
from biofeedback.text import _

METADATA = b"biofeedback"
"""The key of the file's metadata under which JSON says what the columns cannot."""
# Five megabytes of eight channels: all that is held at a time.
_ROWS_IN_A_GROUP = 2**16


def write_parquet(
    path: Path, recording: Recording, chunks: Iterable[Chunk], *, settings: dict[str, Any]
) -> None:
    """Write `chunks`, those of `recording`, whole or not at all; a gap has no rows.

    Columns of doubles: `time_s`, then those of a CSV file. `settings`: those in force when it was
    recorded, as plain values by section. Raises `RecordingError`.
    """
    try:
        import pyarrow as pa  # type: ignore[import-untyped]
        import pyarrow.parquet as pq  # type: ignore[import-untyped]
    except ImportError:
        raise RecordingError(
            _("{path} is Parquet; to write it, run: pip install biofeedback[parquet]").format(
                path=path
            )
        ) from None
    info = recording.info
    fields = [pa.field("time_s", pa.float64(), nullable=False, metadata={"unit": "s"})]
    fields += [
        pa.field(name, pa.float64(), nullable=False, metadata={"unit": channel.unit})
        for name, channel in zip(column_names(info), info.channels, strict=True)
    ]
    said = json.dumps(_describe(recording, settings), ensure_ascii=False, allow_nan=False)
    schema = pa.schema(fields, metadata={METADATA: said.encode()})
    with draft_file(path) as draft, pq.ParquetWriter(str(draft), schema) as writer:
        for index, values in _groups(info, chunks):
            columns = [index / info.sfreq, *np.ascontiguousarray(values.T)]
            writer.write_batch(pa.record_batch(list(map(pa.array, columns)), schema=schema))


def _groups(
    info: StreamInfo, chunks: Iterable[Chunk]
) -> Iterator[tuple[NDArray[np.int64], Samples]]:
    """Yield indices ``(n,)`` and physical values ``(n, n_channels)``, of a row group at a time."""
    indices: list[NDArray[np.int64]] = []
    values: list[Samples] = []
    held = 0
    for start, samples in scaled(info, chunks):
        for at in range(0, len(samples), _ROWS_IN_A_GROUP):
            piece = samples[at : at + _ROWS_IN_A_GROUP]
            if held + len(piece) > _ROWS_IN_A_GROUP:
                yield np.concatenate(indices), np.concatenate(values)
                indices, values, held = [], [], 0
            indices.append(np.arange(start + at, start + at + len(piece)))
            values.append(piece)
            held += len(piece)
    if held:
        yield np.concatenate(indices), np.concatenate(values)


def _describe(recording: Recording, settings: dict[str, Any]) -> dict[str, Any]:
    """Return what is known of `recording` but its name, which may be that of a person."""
    info = recording.info
    return {
        "sfreq": info.sfreq,
        "sfreq_estimated": info.sfreq_estimated,
        "simulated": info.simulated,
        "band": "raw",  # what a band-passed one would have to name
        "channels": [
            {
                "label": channel.label,
                "unit": channel.unit,
                "gain": channel.gain,
                "offset": channel.offset,
                "step": channel.step,
                "envelope": channel.envelope,
            }
            for channel in info.channels
        ],
        "annotations": [asdict(annotation) for annotation in recording.annotations],
        "settings": settings,
    }
