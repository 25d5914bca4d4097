"""What was played, told to whoever checks a reading against it."""

import itertools
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from biofeedback.sources.muscle.lost import Frames, runs
from biofeedback.sources.muscle.motion import LONGEST_S, artefacts
from biofeedback.sources.muscle.play import Player
from biofeedback.sources.muscle.script import ChannelScript, Scenario, Segment, ramp
from biofeedback.stream import Channel, Quality, flag_names

# A contraction begins above five times the rest, and ends below half of that.
BURST_BEGINS, BURST_ENDS = 5.0, 2.5
# Times at a rail are one as long as they are no further apart.
_RAILS_JOINED_S = 1.0
# Noise goes no further from zero, in SD; what cannot reach a rail need not be played to know it.
_FARTHEST_SD = 7.0


class Piece(NamedTuple):
    """A stretch in which the EMG of a channel goes straight from one level to another, in uV."""

    start_s: float
    stop_s: float
    first_uv: float
    last_uv: float


def make_truth(scenario: Scenario, seconds: float) -> dict[str, Any]:
    """Return what `scenario` plays in `seconds`, as plain values for JSON."""
    player = Player(scenario)
    frames = Frames(scenario.losses, seed=scenario.seed, sfreq=scenario.info.sfreq)
    total = round(seconds * scenario.info.sfreq)
    lost, corrupt = _losses(scenario, frames, total)
    heard = any(segment.ecg_uv for script in scenario.channels for segment in script.segments)
    beats = player.heart.beats(0.0, seconds) if heard else np.zeros(0)
    gaps = [(a / scenario.info.sfreq, b / scenario.info.sfreq) for a, b in lost]
    return {
        "scenario": scenario.name,
        "simulated": True,
        "seed": scenario.seed,
        "sfreq": scenario.info.sfreq,
        "seconds": seconds,
        "heart_rate": scenario.heart_rate if heard else None,
        "beats_s": [_time(t) for t in beats],
        "common_drive": scenario.common_drive,
        "common_drive_depth": player.drive.depth,
        "weeks_since_injection": scenario.weeks_since_injection,
        "toxin_factor": scenario.toxin_factor,
        "annotations": _annotations(scenario, seconds),
        "frame_samples": scenario.losses.frame_samples,
        "lost": [list(span) for span in lost],
        "corrupt_frames": corrupt,
        "channels": [
            {
                "label": script.label,
                "resolution_floor_uv": channel.resolution_floor,
                "rest_uv": _rest_uv(script),
                "segments": _segments(script, seconds),
                "bursts": _bursts(script, seconds),
                "intervals": _intervals(scenario, number, player, seconds, gaps),
            }
            for number, (script, channel) in enumerate(
                zip(scenario.channels, scenario.info.channels, strict=True)
            )
        ],
    }


def _time(seconds: float) -> float:
    """Return a time without the noise of its last digits."""
    return round(float(seconds), 6)


def _losses(
    scenario: Scenario, frames: Frames, total: int
) -> tuple[list[tuple[int, int]], list[int]]:
    """Return the ranges of samples that do not arrive, and where damaged frames begin."""
    lost: list[tuple[int, int]] = []
    corrupt: list[int] = []
    if not scenario.losses:
        return lost, corrupt
    n = round(scenario.info.sfreq)
    for start in range(0, total, n):
        stop = min(start + n, total)
        corrupt += frames.corrupt(start, stop)
        for first, after in runs(~frames.kept(start, stop), start):
            if lost and lost[-1][1] == first:
                first = lost.pop()[0]
            lost.append((first, after))
    return lost, corrupt


def _annotations(scenario: Scenario, seconds: float) -> list[dict[str, Any]]:
    """Return the sensory tricks, as a recording notes them."""
    return [
        {
            "onset_s": _time(start_s),
            "duration_s": _time(min(segment.seconds, seconds - start_s)),
            "text": f"sensory trick, {script.label}",  # in no language: for programs
        }
        for script in scenario.channels
        for start_s, segment in script.timeline(seconds)
        if segment.trick < 1 and start_s < seconds
    ]


def _segments(script: ChannelScript, seconds: float) -> list[dict[str, Any]]:
    return [
        {
            "start_s": _time(start_s),
            "stop_s": _time(start_s + lasts_s),
            "emg_uv": [segment.emg_uv[0], ramp(segment.emg_uv, segment, lasts_s)],
            "clean_rms_uv": _rms(_pieces_of(start_s, segment, start_s + lasts_s)),
            "mdf_hz": segment.mdf_hz
            and [segment.mdf_hz[0], ramp(segment.mdf_hz, segment, lasts_s)],
            "trick": segment.trick,
            "tremor_hz": segment.tremor_hz if segment.tremor_depth else None,
            "tremor_depth": segment.tremor_depth,
            "breath_share": segment.breath_share,
            "breath_per_min": [
                segment.breath_per_min[0],
                ramp(segment.breath_per_min, segment, lasts_s),
            ]
            if segment.breath_share
            else None,
            "breath_peak": segment.breath_peak if segment.breath_share else None,
            "ecg_uv": segment.ecg_uv,
            "mains_hz": segment.mains_hz,
            "mains_uv": {str(k): v for k, v in segment.mains_uv.items()},
            "lead": "off" if segment.lead_off else "on",
        }
        for start_s, segment in script.timeline(seconds)
        if (lasts_s := min(segment.seconds, seconds - start_s)) > 0
    ]


def _pieces_of(start_s: float, segment: Segment, until_s: float) -> list[Piece]:
    """Return the ramp of a segment, and the level that it comes to, as far as `until_s`."""
    stop_s = min(start_s + segment.seconds, until_s)
    turn_s = min(start_s + segment.ramp_s, stop_s)
    first, last = segment.emg_uv[0], ramp(segment.emg_uv, segment, turn_s - start_s)
    both = [Piece(start_s, turn_s, first, last), Piece(turn_s, stop_s, last, last)]
    return [piece for piece in both if piece.stop_s > piece.start_s]


def _rms(pieces: list[Piece]) -> float:
    """Return the RMS that noise of these levels is expected to have."""
    squares = sum(
        (p.stop_s - p.start_s) * (p.first_uv**2 + p.first_uv * p.last_uv + p.last_uv**2) / 3
        for p in pieces
    )
    return math.sqrt(squares / sum(p.stop_s - p.start_s for p in pieces))


def _rest_uv(script: ChannelScript) -> float | None:
    """Return the lowest level that the script has; None: there is no EMG at all."""
    levels = [level for segment in script.segments for level in segment.emg_uv if level > 0]
    return min(levels, default=None)


def _bursts(script: ChannelScript, seconds: float) -> list[dict[str, float]]:
    """Return the contractions by the script."""
    rest_uv = _rest_uv(script)
    if rest_uv is None:
        return []
    begins_uv, ends_uv = BURST_BEGINS * rest_uv, BURST_ENDS * rest_uv
    bursts: list[dict[str, float]] = []
    began_s: float | None = None
    for start_s, segment in script.timeline(seconds):
        for piece in _pieces_of(start_s, segment, seconds):
            if began_s is None:
                began_s = _crossing(piece, begins_uv, upwards=True)
            if began_s is not None:
                ended_s = _crossing(piece, ends_uv, upwards=False)
                if ended_s is not None and ended_s >= began_s:
                    bursts.append({"start_s": _time(began_s), "stop_s": _time(ended_s)})
                    began_s = None
    if began_s is not None:
        bursts.append({"start_s": _time(began_s), "stop_s": _time(seconds)})
    return bursts


def _crossing(piece: Piece, level_uv: float, *, upwards: bool) -> float | None:
    """Return when a piece is first above `level_uv` (or below it), in seconds; None: never."""
    sign = 1 if upwards else -1
    first, last = sign * (piece.first_uv - level_uv), sign * (piece.last_uv - level_uv)
    if first > 0:
        return piece.start_s
    if last <= 0:
        return None
    return piece.start_s + (piece.stop_s - piece.start_s) * first / (first - last)


def _intervals(
    scenario: Scenario,
    number: int,
    player: Player,
    seconds: float,
    gaps: list[tuple[float, float]],
) -> list[dict[str, Any]]:
    """Return everything that a flag is for: from when to when, and how many microvolts."""
    script = scenario.channels[number]
    found: list[dict[str, Any]] = []

    def add(flag: Quality, start_s: float, stop_s: float, uv: float | None = None) -> None:
        if start_s < seconds:
            found.append(
                {
                    "start_s": _time(start_s),
                    "stop_s": _time(min(stop_s, seconds)),
                    "flag": flag_names(flag)[0],
                    "uv": uv,
                }
            )

    for start_s, segment in script.timeline(seconds):
        stop_s = start_s + segment.seconds
        if segment.lead_off:
            add(Quality.ELECTRODE_OFF, start_s, stop_s)
        if segment.mains_uv:
            add(Quality.MAINS, start_s, stop_s, math.hypot(*segment.mains_uv.values()))
        if segment.ecg_uv:
            add(Quality.ECG, start_s, stop_s, segment.ecg_uv)
    for artefact in artefacts(script, (scenario.seed, number), 0.0, seconds):
        add(Quality.MOTION, artefact.start_s, artefact.stop_s, abs(artefact.peak_uv))
    for start_s, stop_s in gaps:
        add(Quality.GAP, start_s, stop_s)
    for start_s, stop_s in _at_rails(scenario, number, player, seconds):
        add(Quality.SATURATED, start_s, stop_s)
    return sorted(found, key=lambda interval: (interval["start_s"], interval["flag"]))


def _at_rails(
    scenario: Scenario, number: int, player: Player, seconds: float
) -> Iterator[tuple[float, float]]:
    """Yield the times in which the converter is at its limits, from when to when."""
    channel = scenario.info.channels[number]
    sfreq = scenario.info.sfreq
    if channel.rails is None:
        return
    n, total = round(sfreq), round(seconds * sfreq)
    low, high = channel.rails
    hits: list[int] = []
    for block in _seconds_to_look_at(scenario.channels[number], channel, seconds, n / sfreq):
        counts = player.second(block)[: max(0, total - block * n), number]
        hits += (np.flatnonzero((counts <= low) | (counts >= high)) + block * n).tolist()
    if not hits:
        return
    apart = [i for i, (a, b) in enumerate(itertools.pairwise(hits)) if b - a > _RAILS_JOINED_S * n]
    for first, last in zip([0, *(i + 1 for i in apart)], [*apart, len(hits) - 1], strict=True):
        yield hits[first] / sfreq, (hits[last] + 1) / sfreq


def _seconds_to_look_at(
    script: ChannelScript, channel: Channel, seconds: float, block_s: float
) -> list[int]:
    """Return the numbers of the blocks in which the channel may reach a rail."""
    assert channel.rails is not None  # noqa: S101
    rails_uv = [rail * channel.gain + channel.offset - script.offset_uv for rail in channel.rails]
    nearest_uv = min(-rails_uv[0], rails_uv[1])
    blocks: set[int] = set()
    for start_s, segment in script.timeline(seconds):
        swell = (1 + segment.tremor_depth) * (1 + segment.breath_share)
        farthest_uv = _FARTHEST_SD * swell * max(segment.emg_uv)
        farthest_uv += math.sqrt(2) * sum(segment.mains_uv.values()) + segment.ecg_uv
        farthest_uv += segment.motion.peak_uv if segment.motion else 0.0
        if segment.lead_off or farthest_uv >= nearest_uv:
            stop_s = min(start_s + segment.seconds + LONGEST_S, seconds)
            blocks |= set(range(int(start_s / block_s), math.ceil(stop_s / block_s)))
    return sorted(blocks)
