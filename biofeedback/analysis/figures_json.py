"""The figures of a recording as plain values: what a program reads, and what the journal keeps."""

import math
from typing import Any

from biofeedback.analysis.figures import Analysis, ChannelFigures, PairFigures
from biofeedback.boards import COUNTS
from biofeedback.recording.recorded import Recording


def figures_json(found: Analysis) -> dict[str, Any]:
    """Return what `analyze --json` prints: units ride in the names."""
    info = found.recording.info
    band_hz = list(found.band_hz) if found.band_hz else None
    return {
        "recording": info.source,
        "sfreq": info.sfreq,
        "duration_s": found.recording.duration_s,
        "simulated": info.simulated,
        "unit": _unit(found.recording),
        "channels": [_channel_json(figures, band_hz) for figures in found.channels],
        "pairs": [_pair_json(pair) for pair in found.pairs],
        "heart": {"rate_per_min": found.rate_bpm, "beats": found.beats},
        "mains_filter_hz": found.mains_filter_hz or None,
        "annotations": [
            {"onset_s": note.onset_s, "duration_s": note.duration_s, "text": note.text}
            for note in found.recording.annotations
        ],
        "excluded": [
            {"start_s": one.start_s, "stop_s": one.stop_s, "reason": one.reason}
            for one in found.excluded
        ],
        "excluded_s": found.excluded_s,
    }


def _channel_json(figures: ChannelFigures, band_hz: list[float] | None) -> dict[str, Any]:
    channel, activity = figures.channel, figures.activity
    unit = "counts" if channel.unit == COUNTS else "uv"
    bursts = activity.bursts
    quality = {str(flag.name).lower(): percent for flag, percent in figures.quality.items()}
    return {
        "label": channel.label,
        "band_hz": None if channel.envelope else band_hz,
        "valid_percent": figures.valid_percent,
        f"rms_{unit}": figures.rms,
        f"arv_{unit}": figures.arv,
        f"tension_{unit}": {
            "p10": activity.load.static,
            "p50": activity.load.median,
            "p90": activity.load.peak,
        },
        "median_frequency_hz": figures.median_frequency_hz,
        "mean_frequency_hz": figures.mean_frequency_hz,
        "mains_hz": None if math.isnan(figures.mains_hz) else round(figures.mains_hz),
        f"mains_{unit}": figures.mains,
        "clipped_percent": figures.clipped_percent,
        f"resolution_floor_{unit}": channel.resolution_floor,
        f"rest_{unit}": activity.rest,
        "bursts": None if bursts is None else len(bursts),
        "relative_rest_time_percent": activity.relative_rest_time_percent,
        "emg_gaps_per_min": activity.emg_gaps_per_min,
        "longest_sustained_s": activity.longest_sustained_s,
        "burst_times_s": None if bursts is None else bursts.tolist(),
        "rhythm": {
            "share_4_7_hz": figures.rhythm_share,
            "peak_hz": figures.rhythm_hz,
            "cdf10": figures.cdf10,
        },
        "beats_removed": figures.beats_removed,
        f"rms_with_heartbeat_{unit}": figures.kept,
        "quality": quality,
    }


def _pair_json(pair: PairFigures) -> dict[str, Any]:
    return {
        "labels": list(pair.labels),
        "asymmetry": pair.asymmetry,
        "co_contraction": pair.co_contraction,
        "coherence_4_7_hz": pair.coherence,
        "coherence_limit": pair.limit,
    }


def _unit(recording: Recording) -> str:
    units = {channel.unit for channel in recording.info.channels}
    return "counts" if COUNTS in units else "uV"
