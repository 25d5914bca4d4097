"""Where the samples of an EDF or BDF file lie in time: its unbroken runs of records."""

import math

import numpy as np

from biofeedback.errors import RecordingError
from biofeedback.recording.blocks import LONGEST_GAP_S, Runs, one_run
from biofeedback.recording.edf.annotations import LOST, EdfTexts
from biofeedback.recording.edf.header import EdfHeader
from biofeedback.stream import Annotation
from biofeedback.text import _

_LOST = {LOST, "BAD_ACQ_SKIP"}  # the latter is MNE-Python's, over what it fills up


def find_runs(
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


def first_onset_s(texts: EdfTexts) -> float:
    """Return when the first sample was taken: up to a second after the file's own zero."""
    first = texts.onsets_s[0]
    return 0.0 if math.isnan(first) else float(first)


def without_lost(runs: Runs, annotations: tuple[Annotation, ...], sfreq: float) -> Runs:
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
