"""Text that a DataLOG writes: a line on each channel, then columns of numbers in its unit."""

import re
from dataclasses import replace
from pathlib import Path

from biofeedback.recording.recorded import Hints, Recording
from biofeedback.recording.signals import Signal
from biofeedback.recording.tables.exports import Export, broken_header, read_export, read_rate
from biofeedback.recording.tables.layout import find_layout
from biofeedback.text import _

OPENING = "File Name:"
_CHANNEL = re.compile(r"Channel (\d+): '(?P<label>.*?)'.*?engineering units: (?P<unit>[^,.]*)")
# A slower channel is filled up to the rate of the others: the one place that tells it.
_RATE = re.compile(r"extrapolated from \S+ to (\S+) samples +per +second")


def read_datalog(path: Path, head: str, name: str, hints: Hints) -> Recording:
    """Read the DataLOG file at `path`, which begins with `head`; errors call it `name`.

    Columns in volts are EMG, others (a goniometer's degrees) are left out. The rate is told only
    where a slower channel was recorded, else by `hints`. Raises `RecordingError`.
    """
    lines = head.split("\n")
    top = next((i for i, line in enumerate(lines) if i and not line.startswith("Channel")), 0)
    told = [match for line in lines[:top] if (match := _CHANNEL.match(line))]
    if not told:
        raise broken_header(name, _("it names no channel"))
    rate = next((match[1] for line in lines[:top] if (match := _RATE.search(line))), None)
    sfreq = 0.0 if rate is None else read_rate(rate, where=name)
    layout = find_layout("\n".join(lines[top:]), where=name)
    labels = tuple(match["label"] for match in told)
    layout = replace(layout, header=labels, first_line=layout.first_line + top)
    signals = {
        place: Signal(match["label"], sfreq, match["unit"], step=None)
        for place, match in enumerate(told)
    }
    return read_export(path, Export(layout, signals), name, hints)
