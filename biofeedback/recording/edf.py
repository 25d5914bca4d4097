"""EDF, EDF+, BDF and BDF+: samples in records, read a block at a time."""

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from biofeedback.errors import RecordingError
from biofeedback.recording.bids import compare_units
from biofeedback.recording.blocks import (
    LONGEST_GAP_S,
    Blocks,
    Runs,
    one_run,
    read_counts,
    with_converters,
)
from biofeedback.recording.edf_annotations import EdfTexts, read_texts
from biofeedback.recording.edf_header import EdfHeader, EdfSignal, read_edf_header
from biofeedback.recording.recorded import Hints, Recording
from biofeedback.recording.signals import Signal, check_rate, choose_emg, make_channels
from biofeedback.stream import Annotation, Samples, StreamInfo
from biofeedback.text import _, plural

# Whole records are read where they are smaller, parts of them otherwise.
_BYTES_AT_ONCE = 2**20
_MOST_HZ = 1e9
LOST = "BAD_gap"
"""Our annotation over samples that were lost and are filled with a held value."""
_LOST = {LOST, "BAD_ACQ_SKIP"}  # the latter is MNE-Python's, over what it fills up


def read_edf(path: Path, name: str, hints: Hints) -> Recording:
    """Read the EDF or BDF file at `path`; errors call it `name`. Raises `RecordingError`.

    The EMG signals of the highest rate are read, as the counts that lie in the file. Where records
    of a discontinuous file, or samples that are annotated as lost, leave a gap, `start` jumps.
    """
    with path.open("rb") as file:
        header = read_edf_header(file, where=name)
    records, notes = _count_records(header, path.stat().st_size, name)
    signals = [signal for signal in header.signals if not signal.is_annotations]
    described = _describe(signals, header, hints, name)
    chosen, left_out = choose_emg(described, where=name)
    sfreq = described[chosen[0]].sfreq
    check_rate(sfreq, hints, where=name)
    channels, unnamed = make_channels([described[i] for i in chosen], hints, where=name)
    texts = read_texts(path, header, records)
    runs, told = _find_runs(header, texts, records, signals[chosen[0]].n, sfreq, name)
    first_s = _first_onset_s(texts)
    annotations = tuple(replace(a, onset_s=a.onset_s - first_s) for a in texts.annotations)
    runs = _without(runs, annotations, sfreq) if len(runs) == 1 else runs
    if not len(runs):
        raise RecordingError(_("{name} holds no samples; choose another file.").format(name=name))
    reader = _Reader(path, header, tuple(signals[i] for i in chosen))
    blocks = Blocks(name, reader.read, runs, len(chosen), reader.scans_at_once)
    channels = with_converters(channels, blocks, [described[i].ends for i in chosen])
    units = {described[i].label: described[i].unit for i in chosen}
    notes += (*_note_texts(header, texts), *compare_units(path, units))
    return Recording(
        StreamInfo(channels, sfreq, name, simulated=header.simulated),
        blocks,
        blocks.stop,
        (*notes, *told, *left_out, *unnamed),
        annotations,
    )


def _count_records(header: EdfHeader, size: int, name: str) -> tuple[int, tuple[str, ...]]:
    """Return how many records are read of a file of `size` bytes, and what is to be said of it."""
    there, torn = divmod(size - header.size, header.record_bytes)
    if there == 0 or header.records == 0:
        raise RecordingError(_("{name} holds no samples; choose another file.").format(name=name))
    if header.records == there and not torn:
        return there, ()
    if header.records == -1:
        note = plural(
            "The file was not closed: the {n} whole record in it is read.",
            "The file was not closed: the {n} whole records in it are read.",
            there,
        ).format(n=there)
    elif header.records > there:
        note = _(
            "The file is cut off: {n} of {said} records are in it, and the last {seconds:g} s are "
            "lost."
        ).format(
            n=there,
            said=header.records,
            seconds=(header.records - there) * header.duration_s,
        )
    else:
        note = _(
            "The file holds {more} bytes more than the {n} records that its header says; they are "
            "not read."
        ).format(n=header.records, more=size - header.size - header.records * header.record_bytes)
        return header.records, (note,)
    if torn:
        note += " " + _(
            "A record of {seconds:g} s that was begun is lost: its channels lie one after the "
            "other."
        ).format(seconds=header.duration_s)
    return there, (note,)


def _describe(signals: list[EdfSignal], header: EdfHeader, hints: Hints, name: str) -> list[Signal]:
    most = max((signal.n for signal in signals), default=1)
    # A record that lasts 0 s tells no rate: the user's is that of the fastest signal.
    duration_s = header.duration_s or most / (hints.sfreq or math.inf)
    described = []
    for signal in signals:
        sfreq = signal.n / duration_s if duration_s else math.inf
        if not sfreq < _MOST_HZ:
            raise RecordingError(
                _(
                    "{name} says that a record lasts {seconds:g} s and thereby no rate; say it in "
                    "samples a second (for instance --sfreq 1000)."
                ).format(name=name, seconds=header.duration_s)
            )
        calibrated = signal.gain != 0  # else the unit says nothing
        described.append(
            Signal(
                signal.label,
                sfreq,
                signal.unit if calibrated else "",
                gain=signal.gain if calibrated else 1.0,
                offset=signal.offset if calibrated else 0.0,
                ends=_ends(*signal.digital, header),
            )
        )
    return described


def _ends(low: int, high: int, header: EdfHeader) -> tuple[float, float] | None:
    """Return the digital range if it is a converter's.

    Writers spread any signal over all that 16 or 24 bits hold, so that its own extremes lie at the
    ends: only a narrower range, of whole bits, was a converter's.
    """
    bits = (high - low + 1).bit_length() - 1
    whole = high - low + 1 == 2**bits and low in (0, -(2 ** (bits - 1)))
    return (low, high) if whole and 8 <= bits < 8 * header.sample_bytes else None


def _find_runs(
    header: EdfHeader, texts: EdfTexts, records: int, n: int, sfreq: float, name: str
) -> tuple[Runs, tuple[str, ...]]:
    """Return the runs of records, of `n` scans each, and what is to be said of them."""
    if not header.discontinuous or records == 1:
        return one_run(records * n), ()
    if np.isnan(texts.onsets_s).all():
        return one_run(records * n), (
            _("The file may have gaps, but does not say when its records begin: none is seen."),
        )
    late_s = np.nan_to_num(np.diff(texts.onsets_s) - n / sfreq)
    if late_s.max() > LONGEST_GAP_S:
        record = int(np.argmax(late_s)) + 1
        raise RecordingError(
            _(
                "{name}: record {number} begins {days:.0f} days after the one before it; the file "
                "is damaged."
            ).format(name=name, number=record + 1, days=late_s[record - 1] / 86_400)
        )
    lost = np.round(late_s * sfreq).astype(np.int64)
    notes = []
    if (lost < 0).any() or np.isnan(texts.onsets_s).any():
        notes.append(
            _("Some records begin too early or do not say when: a gap before them is not seen.")
        )
    starts = np.concatenate(([0], np.cumsum(n + np.maximum(lost, 0))))
    begins = np.flatnonzero(np.concatenate(([1], np.maximum(lost, 0))))
    stops = np.append(begins[1:], records)
    return np.stack([starts[begins], begins * n, stops * n], axis=1), tuple(notes)


def _first_onset_s(texts: EdfTexts) -> float:
    """Return when the first sample was taken: up to a second after the file's own zero."""
    first = texts.onsets_s[0]
    return 0.0 if math.isnan(first) else float(first)


def _without(runs: Runs, annotations: tuple[Annotation, ...], sfreq: float) -> Runs:
    """Return the one run that `runs` holds, cut where samples are annotated as lost."""
    (_start, _first, stop), at, kept = runs[0].tolist(), 0, []
    for lost in sorted(annotations, key=lambda a: a.onset_s):
        if lost.text in _LOST:
            # Rounded to the microsecond first: onsets and durations are sums in decimal.
            begin = min(max(round(round(lost.onset_s, 6) * sfreq), 0), stop)
            if begin > at:
                kept.append([at, at, begin])
            at = max(at, round(round(lost.onset_s + lost.duration_s, 6) * sfreq))
    if at < stop:
        kept.append([at, at, stop])
    return np.array(kept, dtype=np.int64).reshape(-1, 3)


def _note_texts(header: EdfHeader, texts: EdfTexts) -> tuple[str, ...]:
    notes = []
    if texts.damaged:
        notes.append(
            plural(
                "The annotations of {n} record are damaged and are left out.",
                "The annotations of {n} records are damaged and are left out.",
                texts.damaged,
            ).format(n=texts.damaged)
        )
    if texts.left_out:
        notes.append(
            _("The file holds too many annotations; the first {n} are read.").format(
                n=len(texts.annotations)
            )
        )
    if not header.ascii:
        notes.append(_("The header holds characters beyond ASCII; labels may read wrong."))
    return tuple(notes)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads scans of some of the signals of a file: counts, without a loop over samples."""

    path: Path
    header: EdfHeader
    signals: tuple[EdfSignal, ...]

    @property
    def scans_at_once(self) -> int:
        """Whole records, or some of one that is large."""
        n = self.signals[0].n
        records = _BYTES_AT_ONCE // self.header.record_bytes
        return n * records or min(n, _BYTES_AT_ONCE // (8 * len(self.signals)))

    def read(self, first: int, stop: int) -> Samples:
        """Return the scans from `first` to before `stop`, ``(n_samples, n_channels)``."""
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
