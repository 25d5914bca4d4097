"""How the figures of a recording are printed: as JSON, or in words."""

import math
from collections.abc import Iterator
from typing import Any

from biofeedback.analysis.figures import Analysis, ChannelFigures, PairFigures
from biofeedback.boards import COUNTS
from biofeedback.cli.output import tell
from biofeedback.display.sitting.view_model import clock_word
from biofeedback.recording.recorded import Recording
from biofeedback.stream import Quality
from biofeedback.text import _, plural
from biofeedback.words import band_word, number_word, quality_words, unit_word

TELL_FROM_PERCENT = 0.5  # what a flag must cover to be told


def _unit(recording: Recording) -> str:
    units = {channel.unit for channel in recording.info.channels}
    return "counts" if COUNTS in units else "uV"


def as_json(found: Analysis) -> dict[str, Any]:
    """Return what `analyze --json` prints."""
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


def print_figures(found: Analysis) -> None:
    """Print the figures for people."""
    info = found.recording.info
    tell(
        _("{name}: {start} to {stop}, {n} × {sfreq:g} Hz, {band}").format(
            name=info.source,
            start=clock_word(found.start_s),
            stop=clock_word(found.stop_s),
            n=len(info.channels),
            sfreq=info.sfreq,
            band=band_word(found.band_hz),
        )
    )
    if info.simulated:
        tell(_("SIMULATED: this is not a muscle."))
    if found.mains_filter_hz:
        tell(_("Notches at {hz:g} Hz and its harmonics.").format(hz=found.mains_filter_hz))
    if not math.isnan(found.rate_bpm):
        tell(
            _("Heartbeat: {rate:.0f} a minute, {beats} beats found.").format(
                rate=found.rate_bpm, beats=found.beats
            )
        )
    for figures in found.channels:
        tell()
        for line in _channel_lines(figures):
            tell(line)
    for pair in found.pairs:
        if not math.isnan(pair.asymmetry):
            tell()
            tell(_pair_line(pair))


def _channel_lines(figures: ChannelFigures) -> Iterator[str]:
    channel, activity, load = figures.channel, figures.activity, figures.activity.load

    def said(value: float) -> str:
        return number_word(value, channel)

    unit = unit_word(channel)
    yield _("{label}: {valid:.0f} % of the time is valid").format(
        label=channel.label, valid=figures.valid_percent
    )
    yield _("  tension {median} {unit} (10 %: {static}, 90 %: {peak}), rest {rest}").format(
        median=said(load.median),
        static=said(load.static),
        peak=said(load.peak),
        rest=said(activity.rest),
        unit=unit,
    )
    yield _("  RMS {rms} {unit}, mean rectified {arv} {unit}").format(
        rms=said(figures.rms), arv=said(figures.arv), unit=unit
    )
    if figures.beats_removed:
        yield _("  {n} heartbeats removed; with them RMS {kept} {unit}").format(
            n=figures.beats_removed, kept=said(figures.kept), unit=unit
        )
    if activity.bursts is not None:
        n = len(activity.bursts)
        yield "  " + plural("{n} contraction", "{n} contractions", n).format(n=n)
    if not math.isnan(activity.relative_rest_time_percent):
        yield _(
            "  at rest {rest:.0f} % of the time, {gaps:.1f} gaps a minute, longest activity "
            "{longest:.1f} s"
        ).format(
            rest=activity.relative_rest_time_percent,
            gaps=activity.emg_gaps_per_min,
            longest=activity.longest_sustained_s,
        )
    if not math.isnan(figures.median_frequency_hz):
        yield _("  median frequency {median:.0f} Hz, mean {mean:.0f} Hz").format(
            median=figures.median_frequency_hz, mean=figures.mean_frequency_hz
        )
    if not math.isnan(figures.mains_hz):
        yield _("  mains: {level} {unit} at {hz:.0f} Hz and its harmonics").format(
            level=said(figures.mains), unit=unit, hz=figures.mains_hz
        )
    for flag, percent in figures.quality.items():
        if percent >= TELL_FROM_PERCENT and flag != Quality.UNSETTLED:
            yield (
                _("  {percent:.0f} % {what} {remedy}")
                .format(percent=percent, what=quality_words(flag)[0], remedy=quality_words(flag)[1])
                .rstrip()
            )


def _pair_line(pair: PairFigures) -> str:
    line = _("{a} and {b}: asymmetry {asymmetry:+.2f}, co-contraction {shared:.2f}").format(
        a=pair.labels[0],
        b=pair.labels[1],
        asymmetry=pair.asymmetry,
        shared=pair.co_contraction,
    )
    if math.isnan(pair.coherence):
        return line
    return line + _(", coherence at 4–7 Hz {coherence:.2f} (chance: up to {limit:.2f})").format(
        coherence=pair.coherence, limit=pair.limit
    )
