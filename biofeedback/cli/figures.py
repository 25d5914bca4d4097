"""How the figures of a recording are printed: as JSON, or in words."""

import math
from collections.abc import Iterator

from biofeedback.analysis.figures import Analysis, ChannelFigures, PairFigures
from biofeedback.cli.output import tell
from biofeedback.display.sitting.view_model import clock_word
from biofeedback.stream import Quality
from biofeedback.text import _, plural
from biofeedback.words import band_word, number_word, quality_words, unit_word

TELL_FROM_PERCENT = 0.5  # what a flag must cover to be told


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
            plural(
                "Heartbeat: {rate:.0f} a minute, {beats} beat found.",
                "Heartbeat: {rate:.0f} a minute, {beats} beats found.",
                found.beats,
            ).format(rate=found.rate_bpm, beats=found.beats)
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
        yield plural(
            "  {n} heartbeat removed; with it RMS {kept} {unit}",
            "  {n} heartbeats removed; with them RMS {kept} {unit}",
            figures.beats_removed,
        ).format(n=figures.beats_removed, kept=said(figures.kept), unit=unit)
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
    a, b = pair.labels
    if math.isnan(pair.coherence):
        return _("{a} and {b}: asymmetry {asymmetry:+.2f}, co-contraction {shared:.2f}").format(
            a=a, b=b, asymmetry=pair.asymmetry, shared=pair.co_contraction
        )
    return _(
        "{a} and {b}: asymmetry {asymmetry:+.2f}, co-contraction {shared:.2f}, coherence at "
        "4–7 Hz {coherence:.2f} (chance: up to {limit:.2f})"
    ).format(
        a=a,
        b=b,
        asymmetry=pair.asymmetry,
        shared=pair.co_contraction,
        coherence=pair.coherence,
        limit=pair.limit,
    )
