"""EDF+ and BDF+ as bytes: the header and the samples of a record."""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from biofeedback.recording.edf.counts import BDF_BYTES, Counts, Scale
from biofeedback.recording.edf.header import (
    BDF_VERSION,
    EDF_VERSION,
    ENVELOPE,
    FIXED,
    FIXED_BYTES,
    OF_A_SIGNAL,
    OURS,
    SIGNAL_BYTES,
)
from biofeedback.recording.edf.texts import TEXT_BYTES
from biofeedback.stream import Channel, StreamInfo

# A record lasts about so long: what a crash costs at most, and each costs as much as another.
_RECORD_S = 0.08
_SHORTEST_S, _LONGEST_S = 0.05, 0.11
_EXACT = 1e-12
_MICRO = 1_000_000
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
# EDF+ 2.1.3.3 and 2.1.3.4: what the start is where it is not known.
_NO_DATE, _NO_TIME = "01.01.85", "00.00.00"
_VOLTS = (("uV", 1.0), ("mV", 1e3), ("V", 1e6), ("nV", 1e-3))


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is cut into records: of `n` samples of each channel, over `duration_us`."""

    sample_bytes: int
    n_channels: int
    n: int
    duration_us: int

    @property
    def header_bytes(self) -> int:
        """What the header takes: that of the texts is among the signals'."""
        return FIXED_BYTES + (self.n_channels + 1) * SIGNAL_BYTES

    @property
    def record_bytes(self) -> int:
        """What a record takes."""
        return self.n_channels * self.n * self.sample_bytes + TEXT_BYTES

    def ticks(self, sample: int) -> int:
        """Return when `sample` was taken by the file's own rate, in ten-millionths of a second."""
        return (2 * sample * self.duration_us * 10 + self.n) // (2 * self.n)


def make_layout(sfreq: float, n_channels: int, sample_bytes: int) -> Layout:
    """Return the layout for `sfreq` in Hz: its records last 50-110 ms, where that is a sample.

    Of the lengths whose duration fits the header's eight characters the one that tells the rate
    best, and of equals the one nearest to 80 ms.
    """
    first = max(1, math.ceil(_SHORTEST_S * sfreq))
    last = max(first, math.floor(_LONGEST_S * sfreq))

    def badness(n: int) -> tuple[float, float]:
        seconds = _duration_us(n, sfreq) / _MICRO
        error = abs(n / seconds / sfreq - 1)
        return (error if error > _EXACT else 0.0, abs(seconds - _RECORD_S))

    n = min(range(first, last + 1), key=badness)
    return Layout(sample_bytes, n_channels, n, _duration_us(n, sfreq))


def _duration_us(n: int, sfreq: float) -> int:
    seconds = n / sfreq
    decimals = max(0, 7 - len(str(int(seconds))))
    return max(1, round(round(seconds, min(decimals, 6)) * _MICRO))


def encode_header(
    info: StreamInfo,
    scales: Sequence[Scale],
    layout: Layout,
    *,
    started: datetime | None,
    identity: str,
) -> bytes:
    """Return the header of a file of one record, with `started` as the clock on the wall showed it.

    `identity`: 32 characters that its sidecar has as well.
    """
    started = started.astimezone() if started else None
    fixed = {
        "version": "",
        "patient": "X X X X",
        "recording": _describe_recording(started, simulated=info.simulated, identity=identity),
        "date": f"{started:%d.%m.%y}" if started else _NO_DATE,
        "time": f"{started:%H.%M.%S}" if started else _NO_TIME,
        "bytes": str(layout.header_bytes),
        "reserved": "BDF+C" if layout.sample_bytes == BDF_BYTES else "EDF+C",
        "records": "1",
        "duration": f"{layout.duration_us / _MICRO:.6f}"[:8].rstrip("0").rstrip("."),
        "signals": str(layout.n_channels + 1),
    }
    labels = short_labels([channel.label for channel in info.channels])
    signals = [
        _describe_signal(channel, label, scale, layout.n)
        for channel, label, scale in zip(info.channels, labels, scales, strict=True)
    ]
    signals.append(_describe_texts(layout))
    text = "".join(fixed[name].ljust(width) for name, width in FIXED.items())
    for name, width in OF_A_SIGNAL.items():
        text += "".join(signal.get(name, "").ljust(width) for signal in signals)
    version = BDF_VERSION if layout.sample_bytes == BDF_BYTES else EDF_VERSION
    return version + text.encode("ascii")[len(version) :]


def _describe_recording(started: datetime | None, *, simulated: bool, identity: str) -> str:
    date = f"{started:%d}-{_MONTHS[started.month - 1]}-{started:%Y}" if started else "X"
    words = ["Startdate", date, "X", "X", OURS, *(["SIMULATED"] if simulated else []), identity]
    return " ".join(words)


def _describe_signal(channel: Channel, label: str, scale: Scale, n: int) -> dict[str, str]:
    ends = [
        (count + scale.shift) * scale.step * channel.gain + channel.offset
        for count in (scale.low, scale.high)
    ]
    unit, low, high = _in_eight(ends) if channel.unit == "uV" else ("", *map(eight, ends))
    return {
        "label": label,
        "transducer": ascii_only(channel.sensor)[:80],
        "unit": unit,
        "physical_min": low,
        "physical_max": high,
        "digital_min": str(scale.low),
        "digital_max": str(scale.high),
        "filters": ENVELOPE if channel.envelope else "raw",
        "n": str(n),
    }


def _describe_texts(layout: Layout) -> dict[str, str]:
    bdf = layout.sample_bytes == BDF_BYTES
    most = 2 ** (8 * layout.sample_bytes - 1)
    return {
        "label": "BDF Annotations" if bdf else "EDF Annotations",
        "physical_min": "-1",
        "physical_max": "1",
        "digital_min": str(-most),
        "digital_max": str(most - 1),
        "n": str(TEXT_BYTES // layout.sample_bytes),
    }


def _in_eight(ends: Sequence[float]) -> tuple[str, str, str]:
    """Return the unit in which a range of microvolts is told best in eight characters each."""
    width = ends[1] - ends[0]

    def error(unit: tuple[str, float]) -> float:
        low, high = (float(eight(end / unit[1])) * unit[1] for end in ends)
        return round(abs((high - low) / width - 1), 7)

    name, factor = min(_VOLTS, key=error)
    low, high = (eight(end / factor) for end in ends)
    return name, low, high


def eight(value: float) -> str:
    """Return `value` as precisely as eight characters can."""
    for decimals in range(7, -1, -1):
        text = f"{value:.{decimals}f}"
        text = text.rstrip("0").rstrip(".") if decimals else text
        if len(text) <= 8:
            return text
    return f"{value:.1e}"[:8]


def short_labels(labels: Sequence[str]) -> list[str]:
    """Return `labels` in 16 ASCII characters each, none twice, as those of EMG."""
    used: set[str] = set()
    short = []
    for label in labels:
        plain = " ".join(ascii_only(label).split())
        own = named = (plain if "EMG" in plain.upper() else f"EMG {plain}")[:16].rstrip()
        number = 1
        while own in used:
            number += 1
            own = f"{named[: 15 - len(str(number))].rstrip()} {number}"
        used.add(own)
        short.append(own)
    return short


def ascii_only(text: str) -> str:
    """Return `text` without accents; what has no such form becomes an underscore."""
    plain = unicodedata.normalize("NFKD", text.replace("µ", "u"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return "".join(c if " " <= c <= "~" else "_" for c in plain)


def encode_samples(counts: Counts, sample_bytes: int) -> bytes:
    """Return a record's `counts`, channel after channel."""
    if sample_bytes < BDF_BYTES:
        return counts.T.astype("<i2").tobytes()
    fours = np.ascontiguousarray(counts.T, dtype="<i4").view(np.uint8)
    return fours.reshape(-1, 4)[:, :3].tobytes()
