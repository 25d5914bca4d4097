"""The figures of a recording: what `analyze` tells of each channel, of pairs, and of the heart."""

from dataclasses import asdict, dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from biofeedback.analysis.gather import (
    NO_SIGNAL,
    Envelopes,
    Gathered,
    Progress,
    Window,
    gather,
)
from biofeedback.analysis.left_out import samples_in, without
from biofeedback.bands import stream_band
from biofeedback.dsp.activity import (
    Load,
    emg_gaps_per_min,
    longest_sustained_s,
    relative_rest_time_percent,
    tension_percentiles,
)
from biofeedback.dsp.bursts import find_bursts, rest_level
from biofeedback.dsp.comparison import asymmetry, co_contraction
from biofeedback.dsp.spectrum import mean_frequency, median_frequency
from biofeedback.pipeline import make_pipeline
from biofeedback.recording.edits import Edits, Exclusion, excluded_spans
from biofeedback.recording.recorded import Recording
from biofeedback.settings import BurstSettings, SignalSettings
from biofeedback.stream import Channel, Quality

FLAGS = (
    Quality.MAINS,
    Quality.ELECTRODE_OFF,
    Quality.SATURATED,
    Quality.MOTION,
    Quality.ECG,
    Quality.GAP,
    Quality.UNSETTLED,
)
MOST_PAIRED = 8  # channels that are compared with one another

_NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Activity:
    """How tense a muscle was, from its envelopes; in its unit, NaN where it is not known.

    `load`: percentiles of the slow RMS. `bursts`: start and stop of each contraction in s,
    ``(n, 2)``; None where the muscle's rest is not known.
    """

    load: Load
    rest: float
    bursts: NDArray[np.float64] | None
    relative_rest_time_percent: float
    emg_gaps_per_min: float
    longest_sustained_s: float


@dataclass(frozen=True, slots=True)
class ChannelFigures:
    """What is known of a channel over its valid time, in its unit; NaN where it is not known.

    `kept`: the RMS with its heartbeats in, where they were taken out of all else. `quality`:
    percent of the time with each flag. `rhythm_share`, `rhythm_hz` and `cdf10` as in `Rhythm`.
    """

    channel: Channel
    valid_percent: float
    rms: float
    kept: float
    arv: float
    activity: Activity
    median_frequency_hz: float
    mean_frequency_hz: float
    mains_hz: float
    mains: float
    clipped_percent: float
    rhythm_share: float
    rhythm_hz: float
    cdf10: float
    quality: dict[Quality, float]
    beats_removed: int


@dataclass(frozen=True, slots=True)
class PairFigures:
    """Two channels held against each other: how even, how much at once, and whether they beat
    together at 4-7 Hz (`coherence` above `limit`, which chance passes in 5 of 100 pairs)."""

    labels: tuple[str, str]
    asymmetry: float
    co_contraction: float
    coherence: float
    limit: float


@dataclass(frozen=True, slots=True)
class Analysis:
    """The figures of `recording` from `start_s` to `stop_s`, as its edits left it.

    `mains_filter_hz`: of the notches that were on, 0 for none. `beats`: those of the heart that
    were found, and `rate_bpm`, NaN where it is not clear. `envelopes`: what the figures were told
    from, over its time. `excluded`: what was left out by hand,
    `excluded_s` of that time.
    """

    recording: Recording
    start_s: float
    stop_s: float
    band_hz: tuple[float, float] | None
    mains_filter_hz: float
    channels: tuple[ChannelFigures, ...]
    pairs: tuple[PairFigures, ...]
    beats: int
    rate_bpm: float
    envelopes: Envelopes
    excluded: tuple[Exclusion, ...] = ()
    excluded_s: float = 0.0


@np.errstate(over="ignore", invalid="ignore")  # of numbers as large as a double can be
def analyze(
    recording: Recording,
    signal: SignalSettings,
    *,
    bursts: BurstSettings | None = None,
    start_s: float | None = None,
    stop_s: float | None = None,
    rest_threshold: float = _NAN,
    mains: str = "off",
    heartbeat: str = "auto",
    edits: Edits | None = None,
    progress: Progress | None = None,
) -> Analysis:
    """Return the figures of `recording` between two times.

    All of it is filtered as it is live; what lies between is told of. `mains`: off, 50, 60, or
    auto, which puts the notches in where mains are flagged. `heartbeat`: keep, remove, or auto,
    which removes it where it is clear. `rest_threshold` is in the channels' unit; NaN: none. What
    `edits` exclude is in no figure, as if it had been lost; their annotations are the recording's.
    Raises `RecordingError` where nothing lies between the times, `SettingsError` where the signal
    is too slow for its band.
    """
    info, window = recording.info, Window.of(recording, start_s, stop_s)
    edited = (edits or Edits()).apply(recording.annotations)
    spans = excluded_spans(edited.excluded, sfreq=info.sfreq, n_samples=recording.stop)
    window = replace(window, left_out=samples_in(spans, window.start, window.stop))
    recording = without(replace(recording, annotations=edited.annotations), spans)

    def gathered(*, times: int = 1) -> Gathered:
        pipeline = make_pipeline(info, signal, unknown=NO_SIGNAL)
        for _time in range(times):
            found = gather(recording, pipeline, window, progress)
        return found

    signal = replace(signal, heartbeat="keep", mains_filter="off")
    if mains in ("50", "60"):
        signal = replace(signal, mains_filter="on", mains_hz=float(mains))
    found = gathered()
    if mains == "auto" and (mains_hz := found.mains_to_filter_hz()):
        signal = replace(signal, mains_filter="on", mains_hz=mains_hz)
        found = gathered()
    kept = found.amplitude.rms_and_arv()[0]
    beats, rates_bpm = found.beats, found.rates_bpm
    if heartbeat == "remove" or (heartbeat == "auto" and rates_bpm):
        signal = replace(signal, heartbeat="remove")
        found = gathered(times=2)  # the first time it learns what a beat looks like
    return Analysis(
        recording=recording,
        start_s=window.start / info.sfreq,
        stop_s=window.stop / info.sfreq,
        band_hz=stream_band(info, signal.band),
        mains_filter_hz=signal.mains_hz if signal.mains_filter == "on" else 0.0,
        channels=_of_channels(
            info.channels, found, kept, window, bursts or BurstSettings(), rest_threshold
        ),
        pairs=_of_pairs(info.channels, found),
        beats=beats,
        rate_bpm=float(np.median(rates_bpm)) if rates_bpm else _NAN,
        envelopes=found.envelopes,
        excluded=tuple(
            one
            for one in edited.excluded
            if one.start_s * info.sfreq < window.stop and one.stop_s * info.sfreq > window.start
        ),
        excluded_s=window.left_out / info.sfreq,
    )


def _of_channels(
    channels: tuple[Channel, ...],
    found: Gathered,
    kept: NDArray[np.float64],
    window: Window,
    bursts: BurstSettings,
    rest_threshold: float,
) -> tuple[ChannelFigures, ...]:
    n = window.stop - window.start
    rms, arv = found.amplitude.rms_and_arv()
    f, power = found.spectrum.f, found.spectrum.power()
    median_hz, mean_hz = median_frequency(f, power), mean_frequency(f, power)
    rhythm, mains, envelopes = found.rhythm.result(), found.mains(), found.envelopes
    percents = {flag: found.percent(flag) for flag in FLAGS}
    return tuple(
        ChannelFigures(
            channel=channel,
            valid_percent=100.0 * int(found.valid[i]) / n,
            rms=float(rms[i]),
            kept=float(kept[i]),
            arv=float(arv[i]),
            activity=_activity(envelopes, i, channel, bursts, rest_threshold),
            median_frequency_hz=float(median_hz[i]),
            mean_frequency_hz=float(mean_hz[i]),
            mains_hz=float(mains.hz[i]),
            mains=float(mains.level[i]),
            clipped_percent=100.0 * int(found.clipped[i]) / n,
            rhythm_share=float(rhythm.share[i]),
            rhythm_hz=float(rhythm.peak_hz[i]),
            cdf10=float(rhythm.cdf10[i]),
            quality={flag: float(percent[i]) for flag, percent in percents.items()},
            beats_removed=int(found.removed[i]),
        )
        for i, channel in enumerate(channels)
    )


def _activity(
    envelopes: Envelopes,
    i: int,
    channel: Channel,
    bursts: BurstSettings,
    rest_threshold: float,
) -> Activity:
    fast, valid, rate_hz = envelopes.fast[i], envelopes.valid[i], envelopes.rate_hz
    rest = rest_level(fast, valid)
    contractions = None
    if rest > 0:
        contractions = find_bursts(
            fast,
            rate_hz=rate_hz,
            # what lies below a step of the converter is no measure of rest
            rest=max(rest, channel.resolution_floor or 0.0),
            usable=envelopes.usable[i],
            **asdict(bursts),
        )
    return Activity(
        load=tension_percentiles(envelopes.slow[i], valid),
        rest=rest,
        bursts=None if contractions is None else envelopes.start_s + contractions / rate_hz,
        relative_rest_time_percent=relative_rest_time_percent(fast, valid, rest_threshold),
        emg_gaps_per_min=emg_gaps_per_min(fast, valid, rest_threshold, rate_hz=rate_hz),
        longest_sustained_s=longest_sustained_s(fast, valid, rest_threshold, rate_hz=rate_hz),
    )


def _of_pairs(channels: tuple[Channel, ...], found: Gathered) -> tuple[PairFigures, ...]:
    if len(channels) > MOST_PAIRED:
        return ()
    envelopes, rhythm = found.envelopes, found.rhythm.result()
    pairs = []
    for i, j in combinations(range(len(channels)), 2):
        if channels[i].unit != channels[j].unit:
            continue
        both = envelopes.valid[i] & envelopes.valid[j]
        a, b = envelopes.slow[i], envelopes.slow[j]
        pairs.append(
            PairFigures(
                labels=(channels[i].label, channels[j].label),
                asymmetry=asymmetry(a, b, both),
                co_contraction=co_contraction(a, b, both),
                coherence=float(rhythm.coherence[i, j]),
                limit=float(rhythm.limit[i, j]),
            )
        )
    return tuple(pairs)
