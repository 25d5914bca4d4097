"""Recordings of the OpenBCI GUI: EMG in microvolts, numbered frames, and whatever else it had."""

import re
from pathlib import Path

from biofeedback.recording.recorded import Hints, Recording
from biofeedback.recording.signals import Signal
from biofeedback.recording.tables.exports import Export, broken_header, read_export, read_rate
from biofeedback.recording.tables.layout import Layout, split_cells
from biofeedback.text import _

OPENING = "%OpenBCI Raw E"  # EXG Data, before version 5 EEG Data
_TOLD = re.compile(r"%(?P<key>[^=]*?) *= *(?P<value>.*)")
_RATE = re.compile(r"(\S+) *Hz")
_INDEX = "Sample Index"
_CHANNEL = "EXG Channel"
_SYNTHETIC = "Synthetic"
# A Cyton counts its frames to 255, and some of its firmware to 254.
_WRAPS = (255, 256)


def read_openbci(path: Path, head: str, name: str, hints: Hints) -> Recording:
    """Read the file at `path`, which begins with `head`; errors call it `name`.

    What the GUI's synthetic board made is marked as simulated. Lost frames are gaps. Raises
    `RecordingError`.
    """
    lines = head.split("\n")
    top = next((i for i, line in enumerate(lines) if not line.startswith("%")), len(lines))
    matches = filter(None, map(_TOLD.match, lines[:top]))
    told = {match["key"].lower().replace(" ", "_"): match["value"] for match in matches}
    stated = told.get("sample_rate", "")
    rate = _RATE.match(stated)
    sfreq = read_rate(rate[1] if rate else stated, where=name)
    names = tuple(split_cells(lines[top], ",")) if top < len(lines) else ()
    named = bool(names) and names[0].startswith(_INDEX)
    if not named:  # before version 5
        count = told.get("number_of_channels", "").strip()
        if not count.isdecimal() or not 0 < int(count) <= 64:
            raise broken_header(name, _("it does not say how many channels there are"))
        known = (_INDEX, *(f"{_CHANNEL} {n}" for n in range(int(count))))
        names = known + names[len(known) :]  # of a first row
    units = {_CHANNEL: "uV", "Accel Channel": "g", "Analog Channel": ""}
    signals = {
        place: Signal(label, sfreq, unit, step=None)
        for place, label in enumerate(names)
        for kind, unit in units.items()
        if label.startswith(kind)
    }
    layout = Layout(names, ",", decimal_comma=False, first_line=top + 1 + named)
    export = Export(
        layout,
        signals,
        frames_at=0,
        wraps=_WRAPS,
        simulated=_SYNTHETIC in told.get("board", ""),
    )
    return read_export(path, export, name, hints)
