"""The nouns that every room shares: what a stream is made of, and what becomes of it."""

from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Samples: TypeAlias = NDArray[np.float64]
"""``(n_samples, n_channels)``, C order, time first: the one orientation everywhere."""

Flags: TypeAlias = NDArray[np.uint8]
"""``(n_samples, n_channels)`` of `Quality` values."""


class Zone(IntEnum):
    """What the patient is told."""

    UNKNOWN = 0
    RELAXED = 1
    TENSE = 2


class Quality(IntFlag):
    """What is wrong with a sample; `INVALID` ones are in no tension and in no score."""

    OK = 0
    SATURATED = 1
    ELECTRODE_OFF = 2
    MAINS = 4
    MOTION = 8
    ECG = 16
    GAP = 32
    UNSETTLED = 64


INVALID = (
    Quality.SATURATED | Quality.ELECTRODE_OFF | Quality.MOTION | Quality.GAP | Quality.UNSETTLED
)


def flag_names(quality: int) -> list[str]:
    """Return the flags that are set, in lower case; empty when all is well."""
    return [str(flag.name).lower() for flag in Quality if quality & flag]


@dataclass(frozen=True, slots=True)
class Channel:
    """One electrode pair, and how its counts become a physical value.

    `physical = count * gain + offset`, in `unit`: "uV" at the skin, or "counts" where the gain is
    not known. `step` is one step of the ADC in `unit`, None where it is not known. A count at or
    beyond one of `rails` has hit the ADC's limit; None where the limits are not known. An
    `envelope` channel was rectified and smoothed by its sensor: it has no band and no RMS.
    `digital`: the least and the greatest whole count that the converter can send; None where what
    comes may be any number. `sensor`: what its maker calls it, empty where it is not known.
    """

    label: str
    unit: str = "counts"
    gain: float = 1.0
    offset: float = 0.0
    step: float | None = None
    rails: tuple[float, float] | None = None
    envelope: bool = False
    digital: tuple[int, int] | None = None
    sensor: str = ""

    @property
    def resolution_floor(self) -> float | None:
        """Half a step of the ADC, in `unit`: below it a reading says nothing. None: not known."""
        return None if self.step is None else self.step / 2


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """What a source sends: its channels, `sfreq` in Hz, and where it comes from."""

    channels: tuple[Channel, ...]
    sfreq: float
    source: str
    simulated: bool = False
    sfreq_estimated: bool = False


class Chunk(NamedTuple):
    """Samples handed on together, as the device sent them (counts).

    `start` is the index of the first one since the stream began; a jump of it is a gap.
    """

    start: int
    samples: Samples

    @property
    def stop(self) -> int:
        """The index after the last sample."""
        return self.start + len(self.samples)


class Tension(NamedTuple):
    """What the pipeline makes of a chunk: one row a sample, each ``(n_samples, n_channels)``.

    `filtered`: the band-passed signal; `fast` and `slow`: its RMS over 125 ms and 1 s; all in the
    channel's unit, NaN where unknown. `quality`: what is wrong with each sample.
    """

    start: int
    filtered: Samples
    fast: Samples
    slow: Samples
    quality: Flags

    @property
    def stop(self) -> int:
        """The index after the last sample."""
        return self.start + len(self.slow)


@dataclass(frozen=True, slots=True)
class Annotation:
    """A timed note in a recording: `onset_s` and `duration_s` in seconds from its first sample."""

    onset_s: float
    duration_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Press:
    """A button on a board goes `down`, or is let go, at the sample with that index."""

    index: int
    down: bool


@dataclass(frozen=True, slots=True)
class BoardEvent:
    """A board tells of something that it calls `name`, at the sample with that index."""

    index: int
    name: str


class Source(Protocol):
    """Where samples come from.

    `open`, then `read` until `ended`, then `close`. `info` is there once `open` has returned.
    `close` may be called from another thread, and ends an `open` or `read` that is under way.
    A source with a button has `presses` too: a tuple of `Press`, which grows like `notes`; one
    that tells of events has `events`, likewise, each a `BoardEvent`.
    """

    @property
    def info(self) -> StreamInfo:
        """What is sent; read it after `open`."""

    @property
    def status(self) -> str:
        """What the source is busy with while it opens, for people ("measuring rate"); or empty."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know of this source, each a sentence ("rate estimated")."""

    @property
    def ended(self) -> bool:
        """Whether everything has been read: true for a recording at its end."""

    @property
    def corrupt_frames(self) -> int:
        """How many frames (or lines) arrived damaged."""

    def open(self) -> None:
        """Start the stream; raise `SourceError` where that cannot be."""

    def read(self, timeout: float) -> list[Chunk]:
        """Return what has arrived, waiting up to `timeout` seconds for the first of it."""

    def close(self) -> None:
        """Stop the stream and give the device back; may be called twice."""


class Sink(Protocol):
    """Where a stream goes beside the pipeline: each raw chunk, before anything is made of it."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know of this sink, each a sentence; more may come at any time."""

    def open(self, info: StreamInfo, start: int = 0) -> None:
        """Get ready for what `info` describes, from the sample with index `start` on.

        Raises `BiofeedbackError` where that cannot be.
        """

    def write(self, chunk: Chunk) -> None:
        """Take `chunk`, without waiting for anything; its samples are not changed any more."""

    def annotate(self, annotation: Annotation) -> None:
        """Take a note of a time in the stream."""

    def close(self) -> None:
        """Finish; nothing comes any more. May be called twice, and without `open`."""
