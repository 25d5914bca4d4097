"""Rows of a table become a recording: samples in their places, channels with rails and steps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from biofeedback.errors import RecordingError
from biofeedback.recording.rails import Levels
from biofeedback.recording.recorded import Recording, cut_at_gaps
from biofeedback.recording.tables.rows import Rows
from biofeedback.recording.tables.timing import UNBROKEN, Indices, Runs, index_times
from biofeedback.stream import Channel, Chunk, Samples, StreamInfo
from biofeedback.text import _, plural

# Crystals are better, and people round.
_SAME_RATE = 0.005


@dataclass(frozen=True, slots=True)
class Signals:
    """The columns of `rows` at `places`, gone through as chunks; `runs` say where a row lies.

    A row with an empty cell is a missing sample of all channels. `time_at`: the place of the times,
    None without any; a row without a time has no place among the runs.
    """

    rows: Rows
    places: tuple[int, ...]
    runs: Runs = UNBROKEN
    time_at: int | None = None

    def __iter__(self) -> Iterator[Chunk]:
        for index, samples in self.whole():
            yield from cut_at_gaps(index, samples)

    def whole(self) -> Iterator[tuple[Indices, Samples]]:
        """Yield the indices ``(n,)`` and the samples ``(n, n_channels)`` that are whole, n > 0."""
        at = 0
        for timed, samples in self._blocks():
            samples = samples[timed]
            whole = np.isfinite(samples).all(axis=1)
            if whole.any():
                index = self.runs.index(at, at + len(samples))
                yield index[whole], samples[whole]
            at += len(samples)

    def rows_to_the_end(self) -> int:
        """Return how many rows there are up to the last one with any sample in it."""
        at = end = 0
        for _timed, samples in self._blocks():
            told = np.flatnonzero(np.isfinite(samples).any(axis=1))
            if len(told):
                end = at + int(told[-1]) + 1
            at += len(samples)
        return end

    def _blocks(self) -> Iterator[tuple[NDArray[np.bool_], Samples]]:
        numbers = [self.rows.number(place) for place in self.places]
        for block in self.rows:
            timed = np.ones(len(block), dtype=bool)
            if self.time_at is not None:
                timed = np.isfinite(block[:, self.rows.number(self.time_at)])
            yield timed, block.take(numbers, axis=1)


@dataclass(frozen=True, slots=True)
class Times:
    """The times of those rows of a table that have one, in parts ``(n,)``."""

    rows: Rows
    place: int

    def __iter__(self) -> Iterator[NDArray[np.float64]]:
        for part in self.rows.column(self.place):
            yield part[np.isfinite(part)]

    def line_of(self, number: int) -> int:
        """Return the line of the file on which the time of that `number` stands."""
        row = 0
        for part in self.rows.column(self.place):
            timed = np.flatnonzero(np.isfinite(part))
            if number < len(timed):
                return self.rows.line_of(row + int(timed[number]))
            number -= len(timed)
            row += len(part)
        raise IndexError(number)


def place_in_time(signals: Signals, *, where: str) -> tuple[float, Signals]:
    """Return sfreq in Hz by the times of `signals`, and the signals with their runs.

    Raises `RecordingError`, which names the file `where`, if they are too few or uneven.
    """
    assert signals.time_at is not None  # noqa: S101  those who call look first
    times = Times(signals.rows, signals.time_at)
    if sum(map(len, times)) < 2:
        raise too_few(where)
    sfreq, runs = index_times(times, where=where, line_of=times.line_of)
    return sfreq, replace(signals, runs=runs)


def first_time_s(signals: Signals) -> float:
    """Return the first of the times that `signals` have."""
    assert signals.time_at is not None  # noqa: S101  those who call look first
    return float(next(part[0] for part in Times(signals.rows, signals.time_at) if len(part)))


def same_rate(one: float, other: float) -> bool:
    """Say whether two rates in Hz are one and the same, told by two."""
    return abs(one / other - 1) <= _SAME_RATE


def out_of_order(name: str) -> str:
    """Return the note on a column of frame numbers by which nothing can be told."""
    return _("The frame numbers ({name}) are out of order: lost samples are not seen.").format(
        name=name
    )


def too_few(where: str) -> RecordingError:
    """Return the error for a file with nothing to go by."""
    return RecordingError(
        _("{where} holds fewer than two samples; choose another file.").format(where=where)
    )


def make_recording(
    signals: Signals, channels: Sequence[Channel], info: StreamInfo, notes: Sequence[str]
) -> Recording:
    """Return the recording that `signals` make, with `channels` for those of `info`.

    Raises `RecordingError` if there are fewer than two samples, or some are beyond the rails of
    their channel.
    """
    levels = [Levels() for _channel in channels]
    count = stop = 0
    for index, samples in signals.whole():
        count, stop = count + len(index), int(index[-1]) + 1
        for signal, seen in zip(samples.T, levels, strict=True):
            seen.add(signal)
    if count < 2:
        raise too_few(info.source)
    notes = [*signals.rows.notes, *notes]
    if lost := signals.rows_to_the_end() - count:
        notes.append(
            plural(
                "{n} sample is missing (a cell is empty); it counts as a gap.",
                "{n} samples are missing (a cell is empty); they count as gaps.",
                lost,
            ).format(n=lost)
        )
    ready = tuple(
        _with_converter(channel, seen, info.source)
        for channel, seen in zip(channels, levels, strict=True)
    )
    return Recording(replace(info, channels=ready), signals, stop, tuple(notes))


def _with_converter(channel: Channel, seen: Levels, where: str) -> Channel:
    """Return `channel` with rails and step: its converter's, or those that its signal shows."""
    if channel.rails is None:
        step = seen.step() if channel.unit == "uV" else None
        return replace(
            channel, rails=seen.rails(), step=None if step is None else step * channel.gain
        )
    low, high = channel.rails[0] - 2, channel.rails[1] + 2
    if seen.low < low or seen.high > high:
        raise RecordingError(
            _(
                "{where}: '{label}' holds {least:g} to {most:g}, and that sensor's converter sends "
                "{low:g} to {high:g}; name the sensor and board that it was recorded with, or "
                "--sensor none to read counts."
            ).format(
                where=where,
                label=channel.label,
                least=seen.low,
                most=seen.high,
                low=low,
                high=high,
            )
        )
    return channel
