"""Devices of a motion capture as Vicon Nexus exports them: EMG among force plates."""

from dataclasses import replace
from pathlib import Path

from biofeedback.recording.recorded import Hints, Recording
from biofeedback.recording.signals import Signal, microvolts_in
from biofeedback.recording.tables.exports import Export, broken_header, read_export, read_rate
from biofeedback.recording.tables.layout import find_layout, split_cells
from biofeedback.text import _

OPENING = "Devices"
# Above the rows: Devices, the rate, the devices' names, their channels' names, the units.
_LINES = 5
_COUNTERS = ("Frame", "Sub Frame")


def read_nexus(path: Path, head: str, name: str, hints: Hints) -> Recording:
    """Read the section of devices in the file at `path`, which begins with `head`.

    It ends at a blank line, after which other sections (trajectories) may stand. A channel that is
    0 throughout was not plugged in. Errors call the file `name`; raises `RecordingError`.
    """
    lines = head.split("\n")
    layout = find_layout("\n".join(lines[_LINES:]), where=name)
    _title, rate, devices, labels, units = (
        split_cells(line, layout.delimiter) for line in lines[:_LINES]
    )
    if tuple(labels[:2]) != _COUNTERS or len(units) > len(labels):
        raise broken_header(name, _("its columns do not begin with Frame and Sub Frame"))
    sfreq = read_rate(rate[0] if rate else "", where=name)
    signals = {}
    device = ""
    for place, label in enumerate(labels):
        device = devices[place] if place < len(devices) and devices[place] else device
        unit = units[place] if place < len(units) else ""
        if label and place >= len(_COUNTERS):
            alike = label.isdigit() or labels.count(label) > 1
            called = f"{device} {label}" if alike else label
            kind = device if microvolts_in(unit) else ""  # an EMG sensor moves, and measures that
            signals[place] = Signal(called, sfreq, unit, kind, step=None)
    layout = replace(layout, header=tuple(labels), first_line=_LINES + 1, section=True)
    return read_export(path, Export(layout, signals, drop_unused=True), name, hints)
