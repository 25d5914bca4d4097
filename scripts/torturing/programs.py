"""Recordings opened by other people's programs, and by ours, held against what was sent."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import edfio
import mne  # type: ignore[import-untyped,unused-ignore]
import numpy as np
import pyedflib
from numpy.typing import NDArray

from biofeedback.recording.edf.annotations import LOST
from biofeedback.recording.edf.header import read_edf_header
from biofeedback.recording.formats import read_recording
from biofeedback.stream import Channel, Samples

_SLACK = 0.05  # steps: MNE's volts are rounded as floats are


@dataclass(frozen=True, slots=True)
class Opened:
    """What a program reads: samples ``(n_samples, n_channels)``, and the texts of its notes.

    A sample is in steps above the least that its channel can send: where 16 bits have no sign they
    lie in the file with one.
    """

    steps: NDArray[np.float64]
    notes: frozenset[str]


def open_edfio(path: Path) -> Opened:
    """Open a recording in edfio."""
    file = edfio.read_bdf(path) if path.suffix == ".bdf" else edfio.read_edf(path)
    steps = [signal.digital.astype(float) - signal.digital_min for signal in file.signals]
    return Opened(np.stack(steps, axis=1), frozenset(note.text for note in file.annotations))


def open_pyedflib(path: Path) -> Opened:
    """Open a recording in pyEDFlib, which is EDFbrowser's own library."""
    with pyedflib.EdfReader(str(path)) as file:
        steps = [
            file.readSignal(at, digital=True).astype(float) - file.getDigitalMinimum(at)
            for at in range(file.signals_in_file)
        ]
        notes = frozenset(map(str, file.readAnnotations()[2]))
    return Opened(np.stack(steps, axis=1), notes)


def open_mne(path: Path) -> Opened:
    """Open a recording in MNE, whose volts are made the steps again that they were made of."""
    read = mne.io.read_raw_bdf if path.suffix == ".bdf" else mne.io.read_raw_edf
    raw = read(path, preload=True, verbose="ERROR")
    with path.open("rb") as file:
        signals = read_edf_header(file, where=path.name).signals[:-1]
    found = []
    for volts, signal in zip(raw.get_data(), signals, strict=True):
        low, high = signal.physical
        physical = volts * {"uV": 1e6, "mV": 1e3}.get(signal.unit, 1.0)
        found.append((physical - low) * (signal.digital[1] - signal.digital[0]) / (high - low))
    steps = np.stack(found, axis=1)
    if np.abs(np.round(steps) - steps).max() > _SLACK:
        raise ValueError("its values lie between the steps")
    return Opened(np.round(steps), frozenset(raw.annotations.description))


PROGRAMS: dict[str, Callable[[Path], Opened]] = {
    "MNE": open_mne,
    "pyEDFlib": open_pyedflib,
    "edfio": open_edfio,
}


def our_samples(path: Path, n_channels: int) -> Samples:
    """Return what our own reader finds; NaN in gaps."""
    recording = read_recording(path)
    samples = np.full((recording.stop, n_channels), np.nan)
    for chunk in recording.chunks:
        samples[chunk.start : chunk.stop] = chunk.samples
    return samples


def check(
    path: Path, sent: Samples, notes: frozenset[str], channels: Sequence[Channel], *, stop: int
) -> list[str]:
    """Return what is wrong with a recording of `sent`, NaN where lost: nothing is the hope.

    `stop`: how many samples our own reader found in it. `notes`: those it must have. `channels`
    are those of the stream.
    """
    wrong = []
    known = np.isfinite(sent[:stop]).all(axis=1)
    steps = sent[:stop] - [channel.digital[0] if channel.digital else 0 for channel in channels]
    wanted = notes if known.all() else notes | {LOST}
    for name, opened_by in PROGRAMS.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                opened = opened_by(path)
        except Exception as error:
            wrong.append(f"{path.name}: {name} does not open it ({error})")
            continue
        if len(opened.steps) < stop:
            wrong.append(f"{path.name}: {name} sees {len(opened.steps)} samples of {stop}")
            continue
        differ = int((opened.steps[:stop][known] != steps[known]).any(axis=1).sum())
        if differ:
            wrong.append(f"{path.name}: {name} reads {differ} wrong samples")
        missing = [note for note in wanted if not any(note in seen for seen in opened.notes)]
        if missing:
            wrong.append(f"{path.name}: {name} misses {len(missing)} notes, as {missing[0]!r}")
    return wrong


def check_ours(path: Path, sent: Samples) -> list[str]:
    """Return what is wrong with what our reader makes of it: wrong samples, gaps that are none."""
    found = our_samples(path, sent.shape[1])
    sent = sent[: len(found)]
    wrong = []
    differ = int(((found != sent) & np.isfinite(found)).any(axis=1).sum())
    if differ:
        wrong.append(f"{path.name}: {differ} wrong samples")
    missing = int((np.isnan(found) & np.isfinite(sent)).any(axis=1).sum())
    if missing:
        wrong.append(f"{path.name}: {missing} samples within it are missing")
    return wrong
