"""What the journal gives out and takes in: plain values, cut off from the database."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from biofeedback.bands import stream_band
from biofeedback.recording.sidecar import source_kind
from biofeedback.stream import StreamInfo

Kind = Literal["baseline", "reference"]
"""Of a calibration: the envelope at instructed rest, or in a reference contraction."""


@dataclass(frozen=True, slots=True)
class Person:
    """`id`: the pseudonym. `display_name` and `note` stay in the journal; empty where not given."""

    id: str
    display_name: str
    note: str
    added: datetime


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a sitting is measured with, as far as it decides what may be compared with what.

    `source`: the kind of it ("serial", "sim:rest", "lsl", "file"), never a path. `sfreq` in Hz.
    `band_hz`: the corners; None for envelopes made by the sensor. `sensor`: what its maker calls
    it, as `Channel.sensor`; empty where it is not known. `settings`: those in force, as plain
    values.
    """

    source: str
    simulated: bool
    sfreq: float
    band_hz: tuple[float, float] | None
    sensor: str
    settings: dict[str, Any]


def conditions_of(info: StreamInfo, *, band: str, settings: dict[str, Any]) -> Conditions:
    """Return what a stream is measured with, in `band` of `bands.BANDS`, with `settings` in force.

    Raises `SettingsError` where the stream is too slow for the band.
    """
    return Conditions(
        source=source_kind(info),
        simulated=info.simulated,
        sfreq=info.sfreq,
        band_hz=stream_band(info, band),
        sensor=", ".join(dict.fromkeys(filter(None, (each.sensor for each in info.channels)))),
        settings=settings,
    )


@dataclass(frozen=True, slots=True)
class KeptRecording:
    """A file in the folder of recordings. `sha256` and `size` are None while it is written.

    `original`: what it was called where it was imported from, empty for one made here.
    """

    id: UUID
    file: str
    format: str
    sha256: str | None
    size: int | None
    original: str


@dataclass(frozen=True, slots=True)
class Sitting:
    """One visit to the machine. `duration_s` is None while it goes on, or if it was broken off.

    `interrupted`: it was broken off before its end. `hidden`: why it counts for no trend; empty
    where it does.
    """

    id: UUID
    person_id: str
    started: datetime
    duration_s: float | None
    interrupted: bool
    conditions: Conditions
    summary: dict[str, Any]
    version: str
    note: str
    hidden: str
    recordings: tuple[KeptRecording, ...]


@dataclass(frozen=True, slots=True)
class Calibration:
    """A muscle's `value_uv` at rest (baseline) or in a gentle contraction (reference).

    `channel`: muscle and side. It holds for the same person, channel, band and sensor alone, and
    never across the line between simulated and real. `valid_percent` of the time it was taken in.
    `sd_uv`, `p75_uv`: of the slow RMS meanwhile; None where they were not kept.
    """

    kind: Kind
    channel: str
    value_uv: float
    band_hz: tuple[float, float] | None
    sensor: str
    simulated: bool
    measured: datetime
    valid_percent: float
    sd_uv: float | None = None
    p75_uv: float | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """So many `sittings` of a `protocol`, so many a week; `ended` is None while it goes on."""

    protocol: str
    per_week: int
    sittings: int
    began: date
    ended: date | None = None


@dataclass(frozen=True, slots=True)
class MontageChannel:
    """A muscle and its side, such as "trapezius left", and the `sensor` on it as the words of a
    source name it; empty where that is not said."""

    label: str
    sensor: str


@dataclass(frozen=True, slots=True)
class Montage:
    """How a person is usually measured: a template. `band`: a name of `bands.BANDS`."""

    name: str
    protocol: str
    band: str
    channels: tuple[MontageChannel, ...]
    threshold_uv: float | None


@dataclass(frozen=True, slots=True)
class Overview:
    """A person in a list of everybody. `last`: when a sitting began; None where there was none.

    `course`: the one that goes on; `trained`: how many sittings it has had, those of its protocol
    that went to their end with a real sensor.
    """

    person: Person
    sittings: int
    last: datetime | None
    course: Course | None
    trained: int
    montages: tuple[Montage, ...]


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the journal holds of one person; `files` are names in the folder of recordings."""

    sittings: int
    annotations: int
    calibrations: int
    courses: int
    montages: int
    entries: int
    treatments: int
    trials: int
    files: tuple[str, ...]
    size: int


@dataclass(frozen=True, slots=True)
class Erased:
    """What was removed. `scrubbed`: also from the free pages and the log of the database."""

    holdings: Holdings
    scrubbed: bool
