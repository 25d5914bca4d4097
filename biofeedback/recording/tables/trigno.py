"""Delsys Trigno recordings as EMGworks exports them: each channel with times of its own."""

import re
from dataclasses import replace
from pathlib import Path

from biofeedback.recording.recorded import Hints, Recording
from biofeedback.recording.signals import Signal
from biofeedback.recording.tables.exports import Export, broken_header, read_export, read_rate
from biofeedback.recording.tables.layout import find_layout
from biofeedback.text import _

OPENING = "Label: "
_CHANNEL = re.compile(
    r"Label: (?P<label>.*?) Sampling frequency: (?P<rate>\S+) Number +of +points: .* Unit: "
    r"(?P<unit>.*?) Domain Unit: "
)
_TIME = "X[s]"


def read_trigno(path: Path, head: str, name: str, hints: Hints) -> Recording:
    """Read the file at `path`, which begins with `head`; errors call it `name`.

    The EMG channels are read at their rate; those of another rate (accelerometers, and EMG where
    sensors were set unlike one another) are left out. Raises `RecordingError`.
    """
    lines = head.split("\n")
    told = [match for line in lines if (match := _CHANNEL.match(line))]
    top = next((i for i, line in enumerate(lines) if line.strip('"').startswith(_TIME)), 0)
    if not told or not top:
        raise broken_header(name, _("its channels or their columns are not named"))
    layout = find_layout("\n".join(lines[top:]), where=name)
    if not layout.header or len(layout.header) < 2 * len(told):
        raise broken_header(name, _("it names more channels than there are columns"))
    signals = {
        2 * i + 1: Signal(
            match["label"], read_rate(match["rate"], where=name), match["unit"], step=None
        )
        for i, match in enumerate(told)
    }
    layout = replace(layout, first_line=layout.first_line + top)
    times = {place: place - 1 for place in signals}
    return read_export(path, Export(layout, signals, time_at=times), name, hints)
