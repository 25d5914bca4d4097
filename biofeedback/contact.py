"""The contact test: does the sensor sit well, and if not, what to do."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biofeedback.bands import MINIMUM_SFREQ
from biofeedback.boards import FINER_BOARDS, FINER_FROM_UV
from biofeedback.dsp.mains import Mains, detect_mains
from biofeedback.dsp.spectrum import Welch
from biofeedback.readings import PER_SECOND, Reading
from biofeedback.stream import Channel, Quality, Samples
from biofeedback.text import _
from biofeedback.words import number_word, quality_words, unit_word

# Ten seconds at rest, ten of a gentle contraction; the filter settles before, and people take a
# moment to do what they are told.
REST_S, CONTRACTION_S, END_S = (1.5, 11.5), (13.5, 21.5), 22.0
# A contraction that stands out so much over rest shows that it is this muscle that is heard.
LEAST_CONTRACTION = 10.0
MOST_MAINS = 0.3  # of the RMS of all else
# A fault that is seen for so much of the time is told: a single jerk is none.
TELL_FROM = 0.05

_FAULTS = (Quality.ELECTRODE_OFF, Quality.SATURATED, Quality.MOTION, Quality.GAP)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a channel: a word for programs, its level in the channel's unit, and words.

    `fails`: the test is not passed with it.
    """

    flag: str
    level: float
    advice: str
    fails: bool = True


@dataclass(frozen=True, slots=True)
class Contact:
    """What was found of a channel; RMS levels in its unit, NaN where unknown.

    `mains_hz`: 50 or 60, NaN where no mains stand out.
    """

    channel: Channel
    rest: float
    contraction: float
    mains: float
    mains_hz: float
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether the sensor sits well."""
        return not any(finding.fails for finding in self.findings)


def check_contact(
    channels: tuple[Channel, ...],
    readings: Sequence[Reading],
    rest: Samples,
    contraction: Samples | None = None,
    *,
    sfreq: float,
) -> tuple[Contact, ...]:
    """Return what is to be said of each channel.

    `readings`: of all the time that is judged. `rest` and `contraction`: the band-passed signal of
    these, ``(n_samples, n_channels)``; without a contraction nothing is said of one. Sensors' own
    envelopes are judged by their faults alone.
    """
    quality = np.array([reading.quality for reading in readings], dtype=np.uint8)
    quality = quality.reshape(-1, len(channels))
    mains = _mains(rest, sfreq)
    levels = _rms(rest)
    contracted = _rms(contraction) if contraction is not None else np.full(len(channels), np.nan)
    # of less than an unbroken second, mains cannot be told
    enough = [
        not math.isnan(levels[i] if c.envelope else mains.level[i]) for i, c in enumerate(channels)
    ]

    def findings(i: int, channel: Channel) -> Iterator[Finding]:
        found = [
            *_faults(quality[:, i], enough=enough[i]),
            *_levels(channel, levels[i], mains, i),
        ]
        yield from found
        # where something is at fault, or the sensor smooths by itself, levels tell nothing
        if contraction is not None and not channel.envelope and not any(f.fails for f in found):
            yield from _of_contraction(levels[i], contracted[i])

    return tuple(
        Contact(
            channel=channel,
            rest=float(levels[i]),
            contraction=float(contracted[i]),
            mains=math.nan if channel.envelope else float(mains.level[i]),
            mains_hz=float(mains.hz[i]),
            findings=tuple(findings(i, channel)),
        )
        for i, channel in enumerate(channels)
    )


def _rms(samples: Samples) -> NDArray[np.float64]:
    known = ~np.isnan(samples)
    n = np.count_nonzero(known, axis=0)
    power = np.where(known, samples, 0.0) ** 2
    return np.asarray(np.sqrt(power.sum(axis=0) / np.where(n, n, np.nan)))


def _mains(rest: Samples, sfreq: float) -> Mains:
    # Only envelopes come slower, and of them nothing is said
    spectrum = Welch(max(sfreq, MINIMUM_SFREQ), rest.shape[1])
    spectrum.add(0, rest)
    return detect_mains(
        spectrum.f, spectrum.power(), windows=max(1, int(2 * len(rest) / sfreq) - 1)
    )


def _faults(quality: NDArray[np.uint8], *, enough: bool) -> list[Finding]:
    """Return the faults that were seen for some time, the gravest first."""
    findings = []
    settled = quality[quality & np.uint8(Quality.UNSETTLED) == 0]
    for flag in _FAULTS:
        seen = np.count_nonzero(settled & np.uint8(flag))
        if seen and seen >= TELL_FROM * len(settled):
            advice = " ".join(quality_words(flag))
            findings.append(Finding(str(flag.name).lower(), math.nan, advice))
    if not len(settled) or not (enough or findings):
        advice = _("Too little of the signal was seen: let it run for {n} seconds.").format(
            n=round(REST_S[1])
        )
        findings.append(Finding("too_short", math.nan, advice))
    if np.count_nonzero(settled & np.uint8(Quality.ECG)):
        advice = _("Your heartbeat is in the signal. It can be taken out.")
        findings.append(Finding("ecg", math.nan, advice, fails=False))
    return findings


def _levels(channel: Channel, rest: float, mains: Mains, i: int) -> list[Finding]:
    """Return what the level at rest says: mains, and what the converter cannot see."""
    findings = []
    if not channel.envelope and mains.ratio[i] >= MOST_MAINS:
        level = float(mains.level[i])
        advice = _("Mains pick-up {level} {unit}. {remedy}").format(
            level=number_word(level, channel),
            unit=unit_word(channel),
            remedy=quality_words(Quality.MAINS)[1],
        )
        findings.append(Finding("mains", level, advice))
    floor = channel.resolution_floor
    if floor is not None and channel.unit == "uV" and floor > FINER_FROM_UV and rest <= floor:
        advice = _(
            "At rest the muscle is below what this sensor can see ({floor:.2g} µV): it shows "
            "contractions, not rest. To see rest, use {finer}."
        ).format(floor=floor, finer=FINER_BOARDS)
        findings.append(Finding("resolution", floor, advice, fails=False))
    return findings


def _of_contraction(rest: float, contraction: float) -> list[Finding]:
    if contraction > LEAST_CONTRACTION * rest:
        return []
    advice = _(
        "The contraction is hardly more than rest. Put both electrodes on the belly of the muscle, "
        "along its fibres, and try again."
    )
    return [Finding("weak_contraction", contraction, advice)]


def span(readings: Sequence[Reading], times_s: tuple[float, float]) -> list[Reading]:
    """Return the readings between two times in s."""
    first, last = (round(t * PER_SECOND) for t in times_s)
    return [reading for reading in readings if first <= reading.number <= last]
