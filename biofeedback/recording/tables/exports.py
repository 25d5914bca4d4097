"""Tables that other programs export: a header tells the rate, and each column's name and unit."""

import math
from dataclasses import dataclass, replace
from pathlib import Path

from biofeedback.errors import RecordingError
from biofeedback.recording.recorded import Hints, Recording
from biofeedback.recording.signals import (
    Signal,
    check_rate,
    choose_emg,
    listed,
    make_channels,
    microvolts_in,
)
from biofeedback.recording.tables.assemble import (
    Signals,
    make_recording,
    out_of_order,
    place_in_time,
    same_rate,
)
from biofeedback.recording.tables.layout import Layout
from biofeedback.recording.tables.rows import Rows
from biofeedback.recording.tables.timing import UNBROKEN, Runs, index_frames
from biofeedback.stream import StreamInfo
from biofeedback.text import _, plural

_FASTEST_HZ = 1e9


@dataclass(frozen=True, slots=True)
class Export:
    """What the header of an exported table tells.

    `layout`: of its rows; `signals`: what the columns hold, by their place, of a rate of 0 where it
    is not told. `time_at`: the places of the times that go with each; `frames_at`: that of frame
    numbers, which start over at one of `wraps`. `drop_unused`: a signal that is 0 throughout was
    not plugged in.
    """

    layout: Layout
    signals: dict[int, Signal]
    time_at: dict[int, int] | None = None
    frames_at: int | None = None
    wraps: tuple[int, ...] = ()
    drop_unused: bool = False
    simulated: bool = False


def read_export(path: Path, export: Export, name: str, hints: Hints) -> Recording:
    """Read the table at `path` as `export` has it; errors call it `name`.

    Raises `RecordingError` where there is no EMG, `hints` contradict the header, or the rows are
    broken.
    """
    known = list(export.signals)
    chosen, told = choose_emg([export.signals[place] for place in known], where=name)
    places, notes = [known[i] for i in chosen], list(told)
    units = [export.signals[place].unit for place in places]
    if all(unit and microvolts_in(unit) is None for unit in units):
        raise RecordingError(
            _("{name} holds no EMG, only signals in {units}; choose another file.").format(
                name=name, units=listed(sorted(set(units)))
            )
        )
    sfreq = _rate(export.signals[places[0]].sfreq, hints, name)
    time_at = export.time_at[places[0]] if export.time_at else None
    rows = _read_rows(path, export, {*places, time_at, export.frames_at}, name)
    if export.drop_unused:
        used = [place for place in places if any(part.any() for part in rows.column(place))]
        unused = [export.signals[place].label for place in places if place not in used]
        notes += _not_plugged_in(unused)
        places = used or places
    channels, more = make_channels([export.signals[i] for i in places], hints, where=name)
    signals = Signals(rows, tuple(places), time_at=time_at)
    if time_at is not None:
        by_times, signals = place_in_time(signals, where=name)
        if not same_rate(by_times, sfreq):
            said = _("it says {said:g} Hz and the times {told:g} Hz").format(
                said=sfreq, told=by_times
            )
            raise broken_header(name, said)
    if export.frames_at is not None:
        runs, note = _runs_by_frames(rows, export, export.frames_at)
        signals, notes = replace(signals, runs=runs), [*notes, *note]
    info = StreamInfo((), sfreq, name, simulated=export.simulated)
    return make_recording(signals, channels, info, [*notes, *more])


def _rate(told: float, hints: Hints, name: str) -> float:
    if told:
        check_rate(told, hints, where=name)
        return told
    if hints.sfreq is None:
        raise RecordingError(
            _(
                "{name} does not tell how fast it was sampled: say it in samples a second (for "
                "instance --sfreq 1000)."
            ).format(name=name)
        )
    return float(hints.sfreq)


def _read_rows(path: Path, export: Export, wanted: set[int | None], name: str) -> Rows:
    places = tuple(sorted(place for place in wanted if place is not None))
    every = export.layout.header is not None and len(places) == len(export.layout.header)
    return Rows(path, replace(export.layout, places=None if every else places), where=name)


def _not_plugged_in(labels: list[str]) -> list[str]:
    if not labels:
        return []
    said = plural(
        "{names} is 0 throughout, as if not plugged in, and is left out.",
        "{names} are 0 throughout, as if not plugged in, and are left out.",
        len(labels),
    )
    return [said.format(names=listed(labels))]


def _runs_by_frames(rows: Rows, export: Export, place: int) -> tuple[Runs, list[str]]:
    runs = index_frames(rows.column(place), export.wraps)
    name = export.layout.header[place] if export.layout.header else ""
    return (runs, []) if runs else (UNBROKEN, [out_of_order(name)])


def read_rate(text: str, *, where: str) -> float:
    """Return the sampling rate that a header states as `text`, in Hz; else `RecordingError`."""
    try:
        sfreq = float(text.strip().replace(",", "."))
    except ValueError:
        sfreq = math.nan
    if not 0 < sfreq < _FASTEST_HZ:
        said = _("it says a sampling rate of '{rate}'").format(rate=text.strip()[:40])
        raise broken_header(where, said)
    return sfreq


def broken_header(where: str, what: str) -> RecordingError:
    """Return the error for the file `where` whose header is not as it should be."""
    return RecordingError(
        _("The header of {where} cannot be used: {what}; export it again.").format(
            where=where, what=what
        )
    )
