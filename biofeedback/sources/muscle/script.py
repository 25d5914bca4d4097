"""What a scenario says, once it is read: channels, their segments of time, and what gets lost."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biofeedback.sources.muscle.response import NO_RESPONSE, Response
from biofeedback.stream import StreamInfo


@dataclass(frozen=True, slots=True)
class Motion:
    """Artefacts of `peak_uv`: `per_minute` at random, and those that begin `at_s` in a segment.

    `kind` is one of `motion.KINDS`.
    """

    peak_uv: float
    kind: str
    per_minute: float
    at_s: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one channel. Levels in uV at the skin; `seconds` is infinite in the last.

    `emg_uv` is what is played: `trick`, the share that a sensory trick leaves of the tension, and
    the botulinum toxin are in it. `mdf_hz` is None where the spectrum is that of Stegeman and
    Hermens. `breath_share` of the level comes and goes with the breath, most at `breath_peak` of
    each, 0 to 1 from its beginning; the first breath begins with the segment. Pairs go from the
    first to the second within `ramp_s`, and stay there.
    """

    seconds: float
    ramp_s: float
    emg_uv: tuple[float, float]
    mdf_hz: tuple[float, float] | None
    tremor_hz: float
    tremor_depth: float
    breath_share: float
    breath_per_min: tuple[float, float]
    breath_peak: float
    trick: float
    ecg_uv: float
    motion: Motion | None
    mains_uv: dict[int, float]
    mains_hz: float
    mains_wander_hz: float
    lead_off: bool


def ramp(ends: tuple[float, float], segment: Segment, after_s: float) -> float:
    """Return where a pair of `segment` stands `after_s` seconds from its start."""
    first, last = ends
    return first + (last - first) * min(after_s / segment.ramp_s, 1.0)


def breaths(segment: Segment, after_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how many breaths of `segment` are over `after_s` ``(n,)`` seconds from its start."""
    first_hz, last_hz = (per_min / 60 for per_min in segment.breath_per_min)
    ramped_s = np.minimum(after_s, segment.ramp_s)
    slope = (last_hz - first_hz) / segment.ramp_s
    return np.asarray((first_hz + slope * ramped_s / 2) * ramped_s + last_hz * (after_s - ramped_s))


@dataclass(frozen=True, slots=True)
class ChannelScript:
    """One channel's label, the constant voltage under its electrode, its segments, and how it
    answers to what is tried on it."""

    label: str
    offset_uv: float
    segments: tuple[Segment, ...]
    response: Response = NO_RESPONSE

    def timeline(self, until_s: float) -> Iterator[tuple[float, Segment]]:
        """Yield each segment that begins by `until_s`, with its start in seconds."""
        start_s = 0.0
        for segment in self.segments:
            if start_s > until_s:
                return
            yield start_s, segment
            start_s += segment.seconds


@dataclass(frozen=True, slots=True)
class Losses:
    """Frames of `frame_samples` that never arrive, or arrive damaged, and stretches of time lost.

    `spans_s`: (from, to), in seconds.
    """

    frame_samples: int
    lost_percent: float
    corrupt_percent: float
    spans_s: tuple[tuple[float, float], ...]

    def __bool__(self) -> bool:
        return bool(self.lost_percent or self.corrupt_percent or self.spans_s)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A simulated muscle: what it is for, its seed, its stream and its channels' scripts.

    `heart_rate` in beats a minute; `common_drive`: the squared coherence between its channels;
    `weeks_since_injection` of botulinum toxin, None without, and `toxin_factor`, what it leaves.
    """

    name: str
    summary: str
    seed: int
    info: StreamInfo
    heart_rate: float
    common_drive: float
    weeks_since_injection: float | None
    toxin_factor: float
    losses: Losses
    channels: tuple[ChannelScript, ...]

    def truth(self, seconds: float) -> dict[str, Any]:
        """Return what is played in `seconds`, as plain values for JSON."""
        from biofeedback.sources.muscle.truth import make_truth  # which plays it, and so needs this

        return make_truth(self, seconds)
