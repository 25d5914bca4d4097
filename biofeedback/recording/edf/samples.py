"""The samples of EDF and BDF files, read a block at a time."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from biofeedback.recording.blocks import read_counts
from biofeedback.recording.edf.counts import Scale, decode
from biofeedback.recording.edf.header import EdfHeader, EdfSignal
from biofeedback.stream import Samples

# Whole records are read where they are smaller, parts of them otherwise.
_BYTES_AT_ONCE = 2**20


@dataclass(frozen=True, slots=True)
class EdfSamples:
    """Reads scans of some of the signals of a file: counts, without a loop over samples.

    `scales`: of what the counts stand for; without them they are the samples.
    """

    path: Path
    header: EdfHeader
    signals: tuple[EdfSignal, ...]
    scales: tuple[Scale, ...] = ()

    @property
    def scans_at_once(self) -> int:
        """Whole records, or some of one that is large."""
        n = self.signals[0].n
        records = _BYTES_AT_ONCE // self.header.record_bytes
        return n * records or min(n, _BYTES_AT_ONCE // (8 * len(self.signals)))

    def read(self, first: int, stop: int) -> Samples:
        """Return the scans from `first` to before `stop`, ``(n_samples, n_channels)``."""
        counts = self._read(first, stop)
        return decode(counts, self.scales) if self.scales else counts

    def _read(self, first: int, stop: int) -> Samples:
        n = self.signals[0].n
        if self.header.record_bytes <= _BYTES_AT_ONCE:
            skipped = first - first % n
            samples = self._read_records(first // n, -(-stop // n))
            return samples[first - skipped : stop - skipped]
        parts, at = [], first
        while at < stop:
            end = min(stop, at - at % n + n)
            parts.append(self._read_part(at // n, at % n, end - at))
            at = end
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _read_records(self, first: int, stop: int) -> Samples:
        width, n = self.header.record_bytes // self.header.sample_bytes, self.signals[0].n
        counts = self._counts(first * width, (stop - first) * width)
        counts = counts[: len(counts) // width * width].reshape(-1, width)
        samples = np.empty((len(counts), n, len(self.signals)))
        for channel, signal in enumerate(self.signals):
            samples[:, :, channel] = counts[:, signal.at : signal.at + n]
        return samples.reshape(-1, len(self.signals))

    def _read_part(self, record: int, at: int, scans: int) -> Samples:
        width = self.header.record_bytes // self.header.sample_bytes
        samples = np.empty((scans, len(self.signals)))
        for channel, signal in enumerate(self.signals):
            samples[:, channel] = self._counts(record * width + signal.at + at, scans)
        return samples

    def _counts(self, at: int, count: int) -> NDArray[np.generic]:
        """Return up to `count` counts from the one numbered `at` in the file."""
        size = self.header.sample_bytes
        return read_counts(self.path, self.header.size + at * size, count, f"<i{size}")
