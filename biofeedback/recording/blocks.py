"""Samples that stay in their file until they are asked for, block by block."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from biofeedback.errors import RecordingError
from biofeedback.recording.rails import repeated_extremes, smallest_step
from biofeedback.stream import Channel, Chunk, Samples
from biofeedback.text import _

Runs = NDArray[np.int64]
"""``(n_runs, 3)``: the sample index at which a run starts, its first scan in the file, and the scan
after its last one. A scan is one sample of every channel."""

# Values of a block: two megabytes as doubles, which a processor's cache still holds.
_VALUES_AT_ONCE = 2**18
# Steps and rails are told from so many values, taken in stretches all over the file.
_VALUES_LOOKED_AT = 2**21
_STRETCHES = 16
_BLOCKS_LOOKED_AT = 64
# As with a known sensor, two steps inside a converter's end count as hit.
_INSIDE = 2.0
_GREATEST = 1e30  # damaged floats are beyond it, and overflow
LONGEST_GAP_S = 7 * 86_400
"""A file that says that it stood still for longer is damaged."""


def read_counts(path: Path, begin: int, count: int, dtype: str) -> NDArray[np.generic]:
    """Return up to `count` numbers from byte `begin` on; `dtype` as numpy has it, or "<i3"."""
    with path.open("rb") as file:
        if dtype != "<i3":
            file.seek(begin)
            return np.fromfile(file, dtype=dtype, count=count)
        # Three bytes, and one before them that is shifted out again: four make an integer.
        before = min(begin, 1)
        file.seek(begin - before)
        raw = np.fromfile(file, dtype=np.uint8, count=3 * count + before)
    raw = raw if before else np.append(np.uint8(0), raw)
    fours = np.ndarray((max(0, len(raw) - 1) // 3,), "<i4", raw, strides=(3,))
    return fours >> 8


def one_run(scans: int) -> Runs:
    """Return the runs of a file without a gap."""
    return np.array([[0, 0, scans]], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Blocks:
    """The chunks of the file that errors call `name`, read anew each time they are gone through.

    `read` returns the scans from the first to before the second number, ``(n_samples,
    n_channels)``; a row in which a value is not finite is a missing sample. `scans_at_once`: what
    the file reads best, 0 where it does not matter.
    """

    name: str
    read: Callable[[int, int], Samples]
    runs: Runs
    n_channels: int
    scans_at_once: int = 0

    @property
    def stop(self) -> int:
        """The index after the last sample."""
        start, first, stop = self.runs[-1].tolist()
        return int(start + stop - first)

    def __iter__(self) -> Iterator[Chunk]:
        """Yield the chunks; raise `RecordingError` where the file cannot be read any more."""
        size = self.scans_at_once or max(1, _VALUES_AT_ONCE // self.n_channels)
        for run in self.runs:
            start, first, stop = run.tolist()
            for at in range(first, stop, size):
                samples = self._read(at, min(at + size, stop))
                yield from _whole_rows(Chunk(start + at - first, samples))

    def look(self) -> Samples:
        """Return whole samples from all over the file, not more than fit into little memory."""
        wanted = max(_STRETCHES, _VALUES_LOOKED_AT // self.n_channels)
        if self.scans_at_once:  # what is not read may lie between
            wanted = min(wanted, _BLOCKS_LOOKED_AT * max(_STRETCHES, self.scans_at_once))
        first, stop = int(self.runs[0, 1]), int(self.runs[-1, 2])
        if stop - first <= wanted:
            samples = self._read(first, stop)
        else:
            size = wanted // _STRETCHES
            starts = np.linspace(first, stop - size, _STRETCHES).astype(np.int64).tolist()
            samples = np.concatenate([self._read(at, at + size) for at in starts])
        return samples[(np.abs(samples) < _GREATEST).all(axis=1)]

    def _read(self, first: int, stop: int) -> Samples:
        try:
            with np.errstate(invalid="ignore"):  # a float that is not a number is no surprise
                samples = self._in_parts(first, stop)
        except OSError as error:
            raise RecordingError(
                _("{name} cannot be read any more ({why}); check that it is still there.").format(
                    name=self.name, why=error.strerror or error
                )
            ) from error
        if len(samples) != stop - first:
            raise RecordingError(
                _("{name} has become shorter while it was read; open it again.").format(
                    name=self.name
                )
            )
        return samples

    def _in_parts(self, first: int, stop: int) -> Samples:
        """Return the scans, no more at a time than the file reads best: few signals may be read of
        many that lie between them.
        """
        size = self.scans_at_once or stop - first
        parts = [self.read(at, min(at + size, stop)) for at in range(first, stop, size)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _whole_rows(chunk: Chunk) -> Iterator[Chunk]:
    """Yield the unbroken runs of samples that are finite in every channel."""
    # A sum is finite only where all that is summed is, and is far cheaper than asking each.
    with np.errstate(over="ignore", invalid="ignore"):
        total = np.einsum("ij->", chunk.samples)
    if np.isfinite(total):
        yield chunk
        return
    whole = np.isfinite(chunk.samples).all(axis=1)
    edges = np.flatnonzero(np.diff(whole, prepend=False, append=False))
    for first, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        yield Chunk(chunk.start + first, chunk.samples[first:stop])


def with_converters(
    channels: tuple[Channel, ...],
    blocks: Blocks,
    ends: Sequence[tuple[float, float] | None],
) -> tuple[Channel, ...]:
    """Return `channels` with the steps and rails that the samples show where none are known.

    `ends`: the least and greatest count of each converter, by the file; not believed where a sample
    lies beyond. Raises `RecordingError` where there is no sample, or one that the channel's sensor
    cannot have sent.
    """
    samples = blocks.look()
    if not len(samples):
        raise RecordingError(
            _("{name} holds no samples; choose another file.").format(name=blocks.name)
        )
    return tuple(
        _with_converter(channel, signal, told, blocks.name)
        for channel, signal, told in zip(channels, samples.T, ends, strict=True)
    )


def _with_converter(
    channel: Channel,
    signal: NDArray[np.float64],
    ends: tuple[float, float] | None,
    name: str,
) -> Channel:
    least, most = float(signal.min()), float(signal.max())
    if channel.rails is not None:  # those of its sensor
        _check_converter(channel.label, (least, most), channel.rails, name)
        return channel
    step = channel.step
    if step is None and channel.unit == "uV":
        found = smallest_step(signal)
        step = None if found is None else found * abs(channel.gain)
    rails: tuple[float, float] | None
    if ends is not None and ends[0] <= least and most <= ends[1]:
        rails = (ends[0] + _INSIDE, ends[1] - _INSIDE)
    else:
        rails = repeated_extremes(signal)
    return replace(channel, rails=rails, step=step)


def _check_converter(
    label: str, found: tuple[float, float], rails: tuple[float, float], name: str
) -> None:
    low, high = rails[0] - _INSIDE, rails[1] + _INSIDE
    if found[0] < low or found[1] > high:
        raise RecordingError(
            _(
                "{name}: '{label}' holds {least:g} to {most:g}, and that sensor's converter sends "
                "{low:g} to {high:g}; name the sensor and board that it was recorded with, or "
                "--sensor none to read counts."
            ).format(name=name, label=label, least=found[0], most=found[1], low=low, high=high)
        )
