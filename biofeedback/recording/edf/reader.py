"""EDF, EDF+, BDF and BDF+: samples in records, read a block at a time."""

import math
from dataclasses import replace
from pathlib import Path

from biofeedback.boards import COUNTS, MICROVOLTS
from biofeedback.errors import RecordingError
from biofeedback.recording.bids import compare_units
from biofeedback.recording.blocks import (
    Blocks,
    Runs,
    one_run,
    with_converters,
)
from biofeedback.recording.edf.annotations import EdfTexts, read_texts
from biofeedback.recording.edf.header import ENVELOPE, EdfHeader, EdfSignal, read_edf_header
from biofeedback.recording.edf.ours import (
    count_whole_records,
    damaged_stretches,
    find_sidecar,
    is_ours,
    note_next_run,
    tidy,
    torn_note,
    with_lost,
)
from biofeedback.recording.edf.runs import find_runs, first_onset_s, without_lost
from biofeedback.recording.edf.samples import EdfSamples
from biofeedback.recording.recorded import Hints, Recording
from biofeedback.recording.sidecar import Sidecar
from biofeedback.recording.signals import Signal, check_rate, choose_emg, make_channels
from biofeedback.stream import Channel, StreamInfo
from biofeedback.text import _, plural

_MOST_HZ = 1e9
# Each tells when it begins: three days of 80 ms, eleven hours of 10 ms.
_MOST_RECORDS = 4_000_000


def read_edf(path: Path, name: str, hints: Hints) -> Recording:
    """Read the EDF or BDF file at `path`; errors call it `name`. Raises `RecordingError`.

    The EMG signals of the highest rate are read, as the counts that lie in the file. Where records
    of a discontinuous file, or samples that are annotated as lost, leave a gap, `start` jumps.
    """
    with path.open("rb") as file:
        header = read_edf_header(file, where=name)
        _check_records(header, path.stat().st_size, name)
        ours = is_ours(file, header)
        whole = count_whole_records(file, header) if ours else None
    records, notes = _count_records(header, path.stat().st_size, whole, name)
    sidecar, told = find_sidecar(path, header) if ours else (None, ())
    texts = read_texts(path, header, records)
    notes += (*told, *_note_texts(header, texts))
    if ours:
        with path.open("rb") as file:
            damaged = damaged_stretches(file, header, texts)
        texts, told = with_lost(texts, damaged, header.duration_s)
        notes += (*told, *note_next_run(path))
    if sidecar is not None:
        return _read_told(path, name, hints, header, sidecar, texts, notes)
    signals = [signal for signal in header.signals if not signal.is_annotations]
    described = _describe(signals, header, hints, name)
    chosen, left_out = choose_emg(described, where=name)
    sfreq = described[chosen[0]].sfreq
    check_rate(sfreq, hints, where=name)
    channels, unnamed = make_channels([described[i] for i in chosen], hints, where=name)
    runs, told = find_runs(header, texts, records, signals[chosen[0]].n, sfreq, name)
    first_s = 0.0 if ours else first_onset_s(texts)
    annotations = tuple(replace(a, onset_s=a.onset_s - first_s) for a in texts.annotations)
    runs = without_lost(runs, annotations, sfreq) if len(runs) == 1 else runs
    blocks = _blocks(name, EdfSamples(path, header, tuple(signals[i] for i in chosen)), runs)
    channels = with_converters(channels, blocks, [described[i].ends for i in chosen])
    channels = tuple(map(_with_header, channels, (signals[i] for i in chosen)))
    units = {described[i].label: described[i].unit for i in chosen}
    return Recording(
        StreamInfo(channels, sfreq, name, simulated=header.simulated),
        blocks,
        blocks.stop,
        (*notes, *told, *left_out, *unnamed, *compare_units(path, units)),
        tidy(annotations, blocks.stop / sfreq) if ours else annotations,
    )


def _blocks(name: str, samples: EdfSamples, runs: Runs) -> Blocks:
    if not len(runs):
        raise RecordingError(_("{name} holds no samples; choose another file.").format(name=name))
    return Blocks(name, samples.read, runs, len(samples.signals), samples.scans_at_once)


def _with_header(channel: Channel, signal: EdfSignal) -> Channel:
    """Return `channel` with what else its header tells."""
    envelope = channel.envelope or signal.filters == ENVELOPE
    return replace(channel, digital=channel.digital or signal.digital, envelope=envelope)


def _read_told(
    path: Path,
    name: str,
    hints: Hints,
    header: EdfHeader,
    sidecar: Sidecar,
    texts: EdfTexts,
    notes: tuple[str, ...],
) -> Recording:
    """Return a recording of ours as its sidecar tells it: what was live, bit for bit."""
    info, signals = sidecar.info, header.signals[:-1]
    check_rate(info.sfreq, hints, where=name)
    n = signals[0].n
    sfreq = n / header.duration_s  # by which the texts were placed
    runs = without_lost(one_run(len(texts.onsets_s) * n), texts.annotations, sfreq)
    blocks = _blocks(name, EdfSamples(path, header, signals, sidecar.scales), runs)
    channels, unnamed = _told_channels(info.channels, hints, blocks)
    return Recording(
        replace(info, channels=channels, source=name),
        blocks,
        blocks.stop,
        (*notes, *unnamed),
        tidy(texts.annotations, blocks.stop / sfreq),
    )


def _told_channels(
    channels: tuple[Channel, ...], hints: Hints, blocks: Blocks
) -> tuple[tuple[Channel, ...], tuple[str, ...]]:
    """Return `channels`; where they were recorded as counts, what `hints` say they are."""
    signals = [
        Signal(c.label, 0.0, c.unit if c.unit in MICROVOLTS else "", gain=c.gain, offset=c.offset)
        for c in channels
    ]
    hinted, unnamed = make_channels(signals, hints, where=blocks.name)
    if all(channel.envelope or channel.unit in MICROVOLTS for channel in channels):
        return channels, ()
    hinted = with_converters(hinted, blocks, [channel.digital for channel in channels])
    return tuple(
        replace(by_hints, label=told.label)
        if told.unit == COUNTS and not told.envelope and by_hints.unit != COUNTS
        else told
        for told, by_hints in zip(channels, hinted, strict=True)
    ), unnamed


def _check_records(header: EdfHeader, size: int, name: str) -> None:
    """Raise `RecordingError` where it would take minutes to go through the records."""
    there = (size - header.size) // header.record_bytes
    if there > _MOST_RECORDS:
        raise RecordingError(
            _(
                "{name} is cut into {n} records of {seconds:g} s, and {most} are read; write it "
                "anew in longer ones."
            ).format(name=name, n=there, seconds=header.duration_s, most=_MOST_RECORDS)
        )


def _count_records(
    header: EdfHeader, size: int, whole: int | None, name: str
) -> tuple[int, tuple[str, ...]]:
    """Return how many records are read of a file of `size` bytes, and what is to be said of it.

    `whole`: how many a recording of ours has; None for any other.
    """
    there, torn = divmod(size - header.size, header.record_bytes)
    if there == 0 or header.records == 0 or whole == 0:
        raise RecordingError(_("{name} holds no samples; choose another file.").format(name=name))
    if whole is not None:
        after = size - header.size - whole * header.record_bytes
        return whole, (torn_note(whole * header.duration_s),) if after else ()
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
