"""What a column of a table is, told by its name: a channel, the time, or neither."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biofeedback.boards import COUNTS, COUNTS_HINT, MICROVOLTS, find_sensor, make_channel
from biofeedback.errors import RecordingError
from biofeedback.recording.recorded import Hints
from biofeedback.recording.tables.csv_annotations import unquoted
from biofeedback.recording.tables.csv_writer import SIMULATED_MARK
from biofeedback.stream import Channel
from biofeedback.text import _

_UNITS = {"uv": "uV", "mv": "mV", "v": "V", "counts": COUNTS}
_WITH_UNIT = re.compile(r"(?P<label>.*?)(?:_([^\W_]+)|\s*\((\w+)\)|\s*\[(\w+)\])", re.S)
_TIME = {"time_s", "time (s)", "time [s]"}
_OTHER_TIME = re.compile(r"(time|timestamp|t)([ _(\[].*)?", re.S)
_INDEX = {"index", "idx", "sample", "samples", "sample_index", "sample index", "sample number"}
_INDEX |= {"nseq", "seq", "frame", "sub frame", "counter", "n", "no", "nr", "#", "unnamed: 0"}
_REMARKS = {"annotation", "annotations", "comment", "comments", "event", "events", "marker"}
_REMARKS |= {"markers", "note", "notes", "remark", "remarks", "timestamp (formatted)"}
# So many rows that rise by the same step, over and over, were counted and not measured.
_ROWS_OF_A_COUNTER = 8
# The last digits of its steps may differ by so much.
_EVEN = 1e-6


@dataclass(frozen=True, slots=True)
class Column:
    """A column that holds a channel: its place in the table, its label, and its unit if it says."""

    place: int
    label: str
    unit: str | None
    simulated: bool = False


def read_name(place: int, name: str) -> Column:
    """Return the channel that the column `name` holds: `LABEL_uv`, `LABEL (mV)`, `LABEL`."""
    label = unquoted(name)
    unit = None
    match = _WITH_UNIT.fullmatch(label)
    if match:
        word = next(word for word in match.groups()[1:] if word is not None)
        unit = _find_unit(word)
        if unit is not None:
            label = match["label"].strip()
    simulated = label.endswith(SIMULATED_MARK)
    label = label.removesuffix(SIMULATED_MARK).strip()
    return Column(place, label or f"column {place + 1}", unit, simulated)


def is_time(name: str) -> bool:
    """Say whether the column `name` holds the time in seconds."""
    return name.lower() in _TIME


def is_remark(name: str) -> bool:
    """Say whether the column `name` holds what somebody noted, whatever it looks like."""
    return name.lower() in _REMARKS


def why_no_channel(name: str) -> str | None:
    """Return why a column called `name` is no signal; None where it may be one."""
    if name.lower() in _INDEX:
        return _("counts samples")
    if _OTHER_TIME.fullmatch(name.lower()):
        return _("is a time, which is read from a column called time_s only")
    return None


class Content:
    """What a column holds, learnt from one part of it after another.

    `empty`: no number was seen.
    """

    def __init__(self) -> None:
        self.empty = True
        self._rows, self._last = 0, np.empty(0)
        self._ups, self._backs = 0, 0
        self._even = True
        self._up = self._back = (np.inf, -np.inf)

    def add(self, values: NDArray[np.float64]) -> None:
        """Learn from `values` ``(n,)``, n > 0."""
        if self.empty:
            self.empty = bool(np.isnan(values).all())
        self._rows += len(values)
        with np.errstate(over="ignore", invalid="ignore"):  # as large as a double can be
            step = np.diff(values, prepend=self._last)
        self._last = values[-1:]
        if self._even and len(step):
            rises = step > 0
            self._ups, self._backs = (
                self._ups + int(np.count_nonzero(rises)),
                self._backs + int(np.count_nonzero(~rises)),
            )
            self._up = _span(self._up, step[rises])
            self._back = _span(self._back, step[~rises])
            even = not self._ups or self._up[1] - self._up[0] <= _EVEN * self._up[0]
            self._even = even and not (self._backs and self._back[1] - self._back[0] != 0)

    @property
    def counts(self) -> bool:
        """Whether the values only count up, or round and round (a frame's number)."""
        enough = self._rows >= _ROWS_OF_A_COUNTER and self._ups > 2 * self._backs
        return enough and self._even


def _span(span: tuple[float, float], values: NDArray[np.float64]) -> tuple[float, float]:
    if not len(values):
        return span
    return float(np.minimum(span[0], values.min())), float(np.maximum(span[1], values.max()))


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


def unit_notes(channels: Iterable[Channel], hints: Hints) -> list[str]:
    """Return what is to be said of `channels` that are counts though nobody called them so."""
    unnamed = any(channel.unit == COUNTS and not channel.envelope for channel in channels)
    return [COUNTS_HINT] if unnamed and hints.unit is None else []


def _find_unit(word: str) -> str | None:
    # Two characters look the same: micro sign and Greek mu.
    return _UNITS.get(word.strip().lower().replace("µ", "u").replace("μ", "u"))
