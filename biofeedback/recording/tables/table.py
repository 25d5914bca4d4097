"""Tables of text: CSV of whatever delimiter, or plain columns of numbers."""

from dataclasses import replace
from pathlib import Path

from biofeedback.errors import RecordingError
from biofeedback.recording.recorded import Hints, Recording
from biofeedback.recording.tables.assemble import (
    Signals,
    first_time_s,
    make_recording,
    place_in_time,
    same_rate,
)
from biofeedback.recording.tables.columns import (
    Column,
    Content,
    check_labels,
    is_remark,
    is_time,
    make_table_channel,
    read_name,
    unit_notes,
    why_no_channel,
)
from biofeedback.recording.tables.csv_annotations import read_annotations
from biofeedback.recording.tables.layout import Layout, find_layout, find_words
from biofeedback.recording.tables.rows import Rows
from biofeedback.stream import StreamInfo
from biofeedback.text import _


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
    layout, notes = _leave_words_out(layout, head, name)
    rows = Rows(path, layout, where=name)
    columns, left_out = _choose_columns(rows, layout, name, time_at)
    notes += left_out
    check_labels(columns, where=name)
    channels = [make_table_channel(column, hints, where=name) for column in columns]
    signals = Signals(rows, tuple(column.place for column in columns), time_at=time_at)
    sfreq = float(hints.sfreq or 0)
    if time_at is not None:
        sfreq, signals = place_in_time(signals, where=name)
        if hints.sfreq is not None and not same_rate(sfreq, hints.sfreq):
            raise RecordingError(
                _(
                    "{name} was sampled at {said:g} Hz by its time_s and at {given:g} Hz by "
                    "--sfreq; leave --sfreq out, or mend the times."
                ).format(name=name, said=sfreq, given=hints.sfreq)
            )
    first_s = 0.0 if time_at is None else first_time_s(signals)
    annotations, damaged = read_annotations(path, first_s)
    simulated = any(column.simulated for column in columns)
    info = StreamInfo((), sfreq, name, simulated=simulated)
    notes += [*damaged, *unit_notes(channels, hints)]
    return replace(make_recording(signals, channels, info, notes), annotations=annotations)


def _leave_words_out(layout: Layout, head: str, name: str) -> tuple[Layout, list[str]]:
    """Return the layout without the columns that hold words or remarks, and a note on each."""
    header = layout.header or ()
    words = find_words(head, layout)
    words.discard(next((place for place, word in enumerate(header) if is_time(word)), -1))
    words |= {place for place, word in enumerate(header) if is_remark(word)}
    places = tuple(place for place in range(len(header)) if place not in words)
    if len(places) == len(header):
        return layout, []
    if not places:
        raise _no_emg(name)
    told = [word for place, word in enumerate(header) if place in words]
    notes = [_("The column '{label}' holds words and is left out.").format(label=w) for w in told]
    return replace(layout, places=places), notes


def _choose_columns(
    rows: Rows, layout: Layout, name: str, time_at: int | None
) -> tuple[list[Column], list[str]]:
    """Return the columns that hold a channel, and a note on each that does not."""
    contents = [Content() for _place in rows.places]
    for block in rows:
        for values, content in zip(block.T, contents, strict=True):
            content.add(values)
    chosen: list[Column] = []
    notes: list[str] = []
    for place, content in zip(rows.places, contents, strict=True):
        if place == time_at:
            continue
        word = layout.header[place] if layout.header else ""
        column = read_name(place, word)
        why = _("is empty") if content.empty else why_no_channel(word)
        if why is None and column.unit is None and content.counts:
            why = _("only counts up")
        if why is None:
            chosen.append(column)
        elif word or not content.empty:  # else: the rows end with a delimiter
            notes.append(
                _("The column '{label}' {why} and is left out.").format(
                    label=word or column.label, why=why
                )
            )
    if not chosen:
        raise _no_emg(name)
    if layout.header is None:
        numbered = [f"EMG {n}" if len(chosen) > 1 else "EMG" for n in range(1, len(chosen) + 1)]
        chosen = [replace(c, label=label) for c, label in zip(chosen, numbered, strict=True)]
    return chosen, notes


def _no_emg(name: str) -> RecordingError:
    return RecordingError(
        _("{name} has no column of EMG; name one LABEL_uv, or LABEL for counts.").format(name=name)
    )
