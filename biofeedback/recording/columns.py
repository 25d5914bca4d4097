"""What a column of a table is, told by its name: a channel, the time, or neither."""

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biofeedback.boards import COUNTS, MICROVOLTS, find_sensor, make_channel
from biofeedback.errors import RecordingError
from biofeedback.recording.csv_writer import SIMULATED_MARK
from biofeedback.recording.recorded import Hints
from biofeedback.stream import Channel
from biofeedback.text import _

_UNITS = {"uv": "uV", "mv": "mV", "v": "V", "counts": COUNTS}
_WITH_UNIT = re.compile(r"(?P<label>.*?)(?:_(\w+)|\s*\((\w+)\)|\s*\[(\w+)\])", re.S)
_TIME = {"time_s", "time (s)", "time [s]"}
_OTHER_TIME = re.compile(r"(time|timestamp|t)([ _(\[].*)?", re.S)
_INDEX = {"index", "idx", "sample", "samples", "sample_index", "sample index", "sample number"}
_INDEX |= {"nseq", "seq", "frame", "sub frame", "counter", "n", "no", "nr", "#", "unnamed: 0"}
# So many rows that rise by the same step, over and over, were counted and not measured.
_ROWS_OF_A_COUNTER = 8


@dataclass(frozen=True, slots=True)
class Column:
    """A column that holds a channel: its place in the table, its label, and its unit if it says."""

    place: int
    label: str
    unit: str | None
    simulated: bool = False


def read_name(place: int, name: str) -> Column:
    """Return the channel that the column `name` holds: `LABEL_uv`, `LABEL (mV)`, `LABEL`."""
    # A quote before a sign keeps a spreadsheet from taking the name for a formula.
    label = name[1:] if re.match(r"'[=+\-@\t\r]", name) else name
    unit = None
    match = _WITH_UNIT.fullmatch(label)
    if match:
        word = next(word for word in match.groups()[1:] if word is not None)
        # Two characters look the same: micro sign and Greek mu.
        unit = _UNITS.get(word.lower().replace("µ", "u").replace("μ", "u"))
        if unit is not None:
            label = match["label"].strip()
    simulated = label.endswith(SIMULATED_MARK)
    label = label.removesuffix(SIMULATED_MARK).strip()
    return Column(place, label or f"column {place + 1}", unit, simulated)


def is_time(name: str) -> bool:
    """Say whether the column `name` holds the time in seconds."""
    return name.lower() in _TIME


def why_no_channel(name: str) -> str | None:
    """Return why a column called `name` is no signal; None where it may be one."""
    if name.lower() in _INDEX:
        return _("counts samples")
    if _OTHER_TIME.fullmatch(name.lower()):
        return _("is a time, which is read from a column called time_s only")
    return None


def is_counter(values: NDArray[np.float64]) -> bool:
    """Say whether `values` ``(n,)`` only count up, or round and round (a frame's number)."""
    if len(values) < _ROWS_OF_A_COUNTER:
        return False
    step = np.diff(values)
    up = step > 0
    back = step[~up]
    rises = step[up]
    even = len(rises) > 0 and float(np.ptp(rises)) <= 1e-6 * float(rises[0])
    return even and (not len(back) or (len(rises) > 2 * len(back) and float(np.ptp(back)) == 0))


def check_labels(columns: list[Column], *, where: str) -> None:
    """Raise `RecordingError` where two columns bear the same label."""
    label, times = Counter(column.label for column in columns).most_common(1)[0]
    if times > 1:
        raise RecordingError(
            _("{where} has {n} columns called '{label}'; give each a name of its own.").format(
                where=where, n=times, label=label
            )
        )


def make_table_channel(column: Column, hints: Hints, *, where: str) -> Channel:
    """Return the channel of `column`; raise `RecordingError` if `hints` contradict its name."""
    if column.unit is not None and hints.unit is not None and column.unit != hints.unit:
        raise RecordingError(
            _(
                "{where}: the column '{label}' says {said} and --unit says {given}; leave --unit "
                "out, or mend the header."
            ).format(where=where, label=column.label, said=column.unit, given=hints.unit)
        )
    unit = column.unit or hints.unit or COUNTS
    if unit != COUNTS:
        return Channel(column.label, "uV", gain=MICROVOLTS[unit])
    sensor = find_sensor(hints.sensor) if hints.sensor is not None else None
    return make_channel(column.label, sensor, hints.board)
