"""BioSPPy's Simple Text Format: a rate, labels, and counts whose gain nobody tells."""

import re
from dataclasses import replace
from pathlib import Path

from biofeedback.recording.recorded import Hints, Recording
from biofeedback.recording.signals import Signal
from biofeedback.recording.tables.exports import Export, read_export, read_rate
from biofeedback.recording.tables.layout import find_layout, split_cells

OPENING = "# Simple Text Format"
_TOLD = re.compile(r"# *(?P<key>[^:=]*?) *:= *(?P<value>.*)")


def read_simple_text(path: Path, head: str, name: str, hints: Hints) -> Recording:
    """Read the file at `path`, which begins with `head`; errors call it `name`.

    Its numbers are counts unless `hints` tell more. Raises `RecordingError`.
    """
    told = {match["key"]: match["value"] for match in map(_TOLD.match, head.split("\n")) if match}
    sfreq = read_rate(told.get("Sampling Rate (Hz)", ""), where=name)
    layout = find_layout(head, where=name)
    labels = split_cells(told.get("Labels", ""), "\t")
    layout = replace(layout, header=tuple(labels))
    signals = {
        place: Signal(label, sfreq, step=None) for place, label in enumerate(labels) if label
    }
    return read_export(path, Export(layout, signals), name, hints)
