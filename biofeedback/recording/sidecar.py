"""NAME.json beside a recording: what an EDF header has no room for, and the settings in force."""

import json
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from biofeedback import __version__
from biofeedback.recording.beside import read_beside
from biofeedback.recording.disk import sync_folder
from biofeedback.recording.drafts import draft_file
from biofeedback.recording.edf.counts import Scale
from biofeedback.recording.edf.encode import Layout
from biofeedback.stream import Channel, StreamInfo

_MOST_CHARACTERS = 2**20
_ODD = (AttributeError, RecursionError)
_GREATEST = 1e30  # damaged numbers are beyond it, and overflow
_MOST_SAMPLES = 2**40  # a year and more at 20 kHz
# Schemes of sources whose names tell no more than this of where a stream came from.
_KINDS = ("serial", "lsl", "sim")


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What is told of one file: `identity` as its header has it, `scales` one a channel.

    `first_sample`: the stream's index of its first sample. `settings`: plain values by section.
    """

    identity: str
    started: datetime | None
    first_sample: int
    info: StreamInfo
    layout: Layout
    scales: tuple[Scale, ...]
    settings: dict[str, Any] = field(default_factory=dict)
    clock: dict[str, Any] | None = None
    samples: int | None = None
    """How many samples came; None while it is recorded."""
    heart: str | None = None
    """The name of the file with the heart rate that is beside it, where that was asked for."""


def sidecar_path(recording: Path) -> Path:
    """Return where what is told of the file at `recording` lies."""
    return recording.with_suffix(".json")


def write_sidecar(recording: Path, sidecar: Sidecar) -> None:
    """Write what is told of the file at `recording`, whole or not at all, on disk when it returns.

    It names no path and no person. Raises `RecordingError`.
    """
    path = sidecar_path(recording)
    text = json.dumps(_as_plain(sidecar), indent=1, ensure_ascii=False, allow_nan=False)
    with draft_file(path) as draft:
        draft.write_text(text + "\n", encoding="utf-8")
    sync_folder(path.parent)


def _as_plain(sidecar: Sidecar) -> dict[str, Any]:
    info, started = sidecar.info, sidecar.started
    plain = {
        "program": "biofeedback",
        "version": __version__,
        "identity": sidecar.identity,
        "started_utc": started.astimezone(UTC).isoformat() if started else None,
        "source": source_kind(info),
        "simulated": info.simulated,
        "sfreq": info.sfreq,
        "sfreq_estimated": info.sfreq_estimated,
        "first_sample": sidecar.first_sample,
        "samples": sidecar.samples,
        "record": asdict(sidecar.layout),
        "channels": [
            _plain_channel(channel) | {"recorded": asdict(scale)}
            for channel, scale in zip(info.channels, sidecar.scales, strict=True)
        ],
        "settings": sidecar.settings,
        "clock": sidecar.clock,
    }
    return plain if sidecar.heart is None else plain | {"heart": sidecar.heart}


def _plain_channel(channel: Channel) -> dict[str, Any]:
    plain = asdict(channel)
    if channel.rails:  # a side that is open has no number in JSON
        plain["rails"] = [end if math.isfinite(end) else None for end in channel.rails]
    return plain


def source_kind(info: StreamInfo) -> str:
    """Return what kind of source it was: a path or a port tells of a person or a machine."""
    scheme, colon, _rest = info.source.partition(":")
    if info.simulated and scheme == "sim":
        return info.source
    return scheme if colon and scheme in _KINDS else "file"


def read_sidecar(recording: Path) -> Sidecar | None:
    """Return what is told of the file at `recording`; None where nothing is, or nothing of ours."""
    # Whatever is wrong with it: one by hand, a damaged one, nested beyond all measure.
    with suppress(OSError, ValueError, LookupError, TypeError, ArithmeticError, *_ODD):
        plain = json.loads(read_beside(sidecar_path(recording), _MOST_CHARACTERS) or "")
        started = plain["started_utc"]
        channels = tuple(_channel(plain) for plain in plain["channels"])
        return Sidecar(
            identity=str(plain["identity"]),
            started=datetime.fromisoformat(started).astimezone(UTC) if started else None,
            first_sample=_index(plain["first_sample"]),
            info=StreamInfo(
                channels,
                _positive(plain["sfreq"]),
                str(plain["source"]),
                bool(plain["simulated"]),
                bool(plain["sfreq_estimated"]),
            ),
            layout=Layout(**{name: _whole(number) for name, number in plain["record"].items()}),
            scales=tuple(_scale(channel["recorded"]) for channel in plain["channels"]),
            settings=dict(plain["settings"]),
            clock=plain["clock"],
            samples=None if plain["samples"] is None else _index(plain["samples"]),
            heart=None if plain.get("heart") is None else str(plain["heart"]),
        )
    return None


def _label(value: object) -> str:
    label = str(value)
    if not label.strip():
        raise ValueError(value)
    return label


def _index(value: int) -> int:
    if not 0 <= value < _MOST_SAMPLES:
        raise ValueError(value)
    return int(value)


def _whole(value: int) -> int:
    if not abs(value) <= _GREATEST:
        raise ValueError(value)
    return int(value)


def _channel(plain: dict[str, Any]) -> Channel:
    rails, digital, step = plain["rails"], plain["digital"], plain["step"]
    return Channel(
        label=_label(plain["label"]),
        unit={"uV": "uV", "counts": "counts"}[plain["unit"]],
        gain=_finite(plain["gain"]),
        offset=_finite(plain["offset"]),
        step=None if step is None else _finite(step),
        rails=None if rails is None else _rails(rails),
        envelope=bool(plain["envelope"]),
        digital=None if digital is None else (_whole(digital[0]), _whole(digital[1])),
        sensor=str(plain["sensor"]),
    )


def _rails(ends: Sequence[float | None]) -> tuple[float, float]:
    low, high = ends
    return (
        -math.inf if low is None else _finite(low),
        math.inf if high is None else _finite(high),
    )


def _scale(plain: dict[str, Any]) -> Scale:
    ends = _whole(plain["shift"]), _whole(plain["low"]), _whole(plain["high"])
    return Scale(_positive(plain["step"]), *ends, bool(plain["exact"]))


def _positive(value: float) -> float:
    number = _finite(value)
    if number <= 0:
        raise ValueError(value)
    return number


def _finite(value: float) -> float:
    number = float(value)
    if not abs(number) < _GREATEST:
        raise ValueError(value)
    return number
