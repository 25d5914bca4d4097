"""Tables of text: CSV of whatever delimiter, or plain columns of numbers."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from biofeedback.boards import COUNTS, COUNTS_HINT
from biofeedback.errors import RecordingError
from biofeedback.recording.columns import (
    Column,
    check_labels,
    is_counter,
    is_time,
    make_table_channel,
    read_name,
    why_no_channel,
)
from biofeedback.recording.rails import repeated_extremes, smallest_step
from biofeedback.recording.recorded import Hints, Recording, cut_at_gaps
from biofeedback.recording.rows import Layout, Rows, find_layout, read_text
from biofeedback.recording.timing import Indices, index_times
from biofeedback.stream import Channel, Samples, StreamInfo
from biofeedback.text import _, plural

# A rate that the user gives and one that the times tell are the same if they are so near.
_SAME_RATE = 0.005


def read_table(path: Path, head: str, name: str, hints: Hints) -> Recording:
    """Read the table at `path`, whose first lines are `head`; errors call it `name`.

    Columns with a unit pass exactly; the time is in `time_s`, or `hints` tell the rate. A row with
    an empty cell is a missing sample of all channels. Raises `RecordingError`.
    """
    layout = find_layout(head, where=name)
    names = layout.header or ()
    time_at = next((i for i, word in enumerate(names) if is_time(word)), None)
    if time_at is None and hints.sfreq is None:
        raise RecordingError(
            _(
                "{name} has no time_s column: say how fast it was sampled, in samples a second "
                "(for instance --sfreq 1000)."
            ).format(name=name)
        )
    rows = Rows(read_text(path, where=name), layout, where=name)
    columns, notes = _choose_columns(rows.values, layout, name, time_at)
    check_labels(columns, where=name)
    channels = [make_table_channel(column, hints, where=name) for column in columns]
    samples = rows.values[:, [column.place for column in columns]]
    sfreq, index, samples, lost = _place_in_time(rows, samples, time_at, hints, name)
    if lost:
        notes.append(
            plural(
                "{n} sample is missing (a cell is empty); it counts as a gap.",
                "{n} samples are missing (a cell is empty); they count as gaps.",
                lost,
            ).format(n=lost)
        )
    unnamed = any(channel.unit == COUNTS and not channel.envelope for channel in channels)
    if unnamed and hints.unit is None:
        notes.append(COUNTS_HINT)
    info = StreamInfo(
        tuple(
            _with_converter(channel, signal, name)
            for channel, signal in zip(channels, samples.T, strict=True)
        ),
        sfreq,
        name,
        simulated=any(column.simulated for column in columns),
    )
    return Recording(info, cut_at_gaps(index, samples), int(index[-1]) + 1, tuple(notes))


def _choose_columns(
    values: Samples, layout: Layout, name: str, time_at: int | None
) -> tuple[list[Column], list[str]]:
    """Return the columns that hold a channel, and a note on each that does not."""
    chosen: list[Column] = []
    notes: list[str] = []
    for place in range(values.shape[1]):
        if place == time_at:
            continue
        word = layout.header[place] if layout.header else ""
        column = read_name(place, word)
        empty = bool(np.isnan(values[:, place]).all())
        why = _("is empty") if empty else why_no_channel(word)
        if why is None and column.unit is None and is_counter(values[:, place]):
            why = _("only counts up")
        if why is None:
            chosen.append(column)
        elif word or not empty:  # else: the rows end with a delimiter
            notes.append(
                _("The column '{label}' {why} and is left out.").format(
                    label=word or column.label, why=why
                )
            )
    if not chosen:
        raise RecordingError(
            _("{name} has no column of EMG; name one LABEL_uv, or LABEL for counts.").format(
                name=name
            )
        )
    if layout.header is None:
        numbered = [f"EMG {n}" if len(chosen) > 1 else "EMG" for n in range(1, len(chosen) + 1)]
        chosen = [replace(c, label=label) for c, label in zip(chosen, numbered, strict=True)]
    return chosen, notes


def _place_in_time(
    rows: Rows, samples: Samples, time_at: int | None, hints: Hints, name: str
) -> tuple[float, Indices, Samples, int]:
    """Return sfreq, each sample's index, the samples that are whole, and how many are not."""
    whole = np.logical_and.reduce(np.isfinite(samples), axis=1)
    timed = np.ones(len(samples), dtype=bool)
    if time_at is not None:
        timed = np.isfinite(rows.values[:, time_at])
    at = np.flatnonzero(timed)
    if np.count_nonzero(whole & timed) < 2:
        raise RecordingError(
            _("{name} holds fewer than two samples; choose another file.").format(name=name)
        )
    if time_at is None:
        sfreq, index = float(hints.sfreq or 0), np.arange(len(samples))
    else:
        sfreq, index = index_times(
            rows.values[at, time_at], where=name, line_of=lambda row: rows.line_of(int(at[row]))
        )
        if hints.sfreq is not None and abs(sfreq / hints.sfreq - 1) > _SAME_RATE:
            raise RecordingError(
                _(
                    "{name} was sampled at {said:g} Hz by its time_s and at {given:g} Hz by "
                    "--sfreq; leave --sfreq out, or mend the times."
                ).format(name=name, said=sfreq, given=hints.sfreq)
            )
    kept = whole[at]
    return sfreq, index[kept], samples[at[kept]], int(len(samples) - np.count_nonzero(kept))


def _with_converter(channel: Channel, signal: Samples, name: str) -> Channel:
    """Return `channel` with rails and step: its converter's, or those that `signal` shows."""
    if channel.rails is None:
        step = smallest_step(signal) if channel.unit == "uV" else None
        return replace(
            channel,
            rails=repeated_extremes(signal),
            step=None if step is None else step * channel.gain,
        )
    low, high = channel.rails[0] - 2, channel.rails[1] + 2
    if signal.min() < low or signal.max() > high:
        raise RecordingError(
            _(
                "{name}: '{label}' holds {least:g} to {most:g}, and that sensor's converter sends "
                "{low:g} to {high:g}; name the sensor and board that it was recorded with, or "
                "--sensor none to read counts."
            ).format(
                name=name,
                label=channel.label,
                least=signal.min(),
                most=signal.max(),
                low=low,
                high=high,
            )
        )
    return channel
