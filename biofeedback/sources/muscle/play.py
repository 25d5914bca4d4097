"""A scenario's channels as counts, any second of them at will."""

import math
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from biofeedback.sources.muscle.emg import CommonDrive, EmgNoise, emg_kernel
from biofeedback.sources.muscle.heart import Heart
from biofeedback.sources.muscle.motion import artefacts
from biofeedback.sources.muscle.response import Acts
from biofeedback.sources.muscle.script import Scenario, Segment, breaths, ramp

Signal = NDArray[np.float64]

# An open electrode drifts to the amplifier's rail and beyond, where it is cut off.
_OFF_TIME_S, _OFF_OVERSHOOT = 0.03, 1.2
_MAINS_WANDER_S = 20.0  # the mains wander to and fro once in this


class Second:
    """A second of time: its samples' times, and what all channels have in common in it."""

    def __init__(self, scenario: Scenario, heart: Heart, drive: CommonDrive, block: int) -> None:
        n = round(scenario.info.sfreq)
        sfreq = scenario.info.sfreq
        self.block, self.t = block, (block * n + np.arange(n)) / sfreq
        self.edges_s = (block * n / sfreq, (block + 1) * n / sfreq)
        self._scenario, self._heart, self._drive = scenario, heart, drive

    @cached_property
    def ecg(self) -> Signal:
        """The ECG, its R peak one."""
        return self._heart.signal(self.t)

    @cached_property
    def drive(self) -> Signal | None:
        """What the EMG of every channel is multiplied with; None: they are independent."""
        return self._drive.second(self.block) if self._scenario.common_drive else None


class Player:
    """Makes the counts of all channels of a scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        sfreq, seed = scenario.info.sfreq, scenario.seed
        self.heart = Heart(scenario.heart_rate, seed=seed)
        self.drive = CommonDrive(scenario.common_drive, seed=seed, sfreq=sfreq)
        self.acts = Acts()
        self._muscles = [_Muscle(scenario, i, self.acts) for i in range(len(scenario.channels))]

    def second(self, block: int) -> Signal:
        """Return ``(n, n_channels)``: samples ``[block * n, (block + 1) * n)``, about a second."""
        second = Second(self._scenario, self.heart, self.drive, block)
        return np.column_stack([muscle.counts(second) for muscle in self._muscles])


class _Muscle:
    """Makes the counts of one channel."""

    def __init__(self, scenario: Scenario, number: int, acts: Acts) -> None:
        self._scenario, self._number, self._acts = scenario, number, acts
        self._script = scenario.channels[number]
        self._channel = scenario.info.channels[number]
        self._sfreq, self._n = scenario.info.sfreq, round(scenario.info.sfreq)

    def counts(self, second: Second) -> Signal:
        """Return the counts of a second, ``(n,)``."""
        t = second.t
        skin_uv = np.full(self._n, self._script.offset_uv)
        emg = self._emg(second.block)
        for start_s, segment in self._script.timeline(t[-1]):
            now = (t >= start_s) & (t < start_s + segment.seconds)
            if now.any():
                skin_uv[now] += self._play(segment, start_s, now, emg, second)
        place = (self._scenario.seed, self._number)
        for artefact in artefacts(self._script, place, *second.edges_s):
            skin_uv += artefact.signal(t)
        channel = self._channel
        low, high = channel.rails or (-math.inf, math.inf)
        counts = np.round((skin_uv - channel.offset) / channel.gain)
        return np.clip(counts, low - 2, high + 2)

    def _emg(self, block: int) -> EmgNoise:
        past = len(emg_kernel(self._sfreq)) - 1
        white = np.concatenate((self._noise(block - 1)[-past:], self._noise(block)))
        return EmgNoise(white, self._sfreq)

    def _noise(self, block: int) -> Signal:
        seed = (self._scenario.seed, self._number, block + 1)
        return np.random.default_rng(seed).standard_normal(self._n)

    def _play(
        self,
        segment: Segment,
        start_s: float,
        now: NDArray[np.bool_],
        emg: EmgNoise,
        second: Second,
    ) -> Signal:
        """Return the microvolts of the samples `now`, without what the electrode picks up else."""
        t = second.t[now]
        within_s = t - start_s
        if segment.mdf_hz is None:
            shaped = emg()
        else:
            first_hz, last_hz = (
                ramp(segment.mdf_hz, segment, max(0.0, edge_s - start_s))
                for edge_s in second.edges_s
            )
            shaped = emg.between(first_hz, last_hz)
        first_uv, last_uv = segment.emg_uv
        share = np.minimum(within_s / segment.ramp_s, 1.0)
        signal = shaped[now] * (first_uv + (last_uv - first_uv) * share)
        if self._script.response:
            signal *= self._acts.left(self._script.response, t)
        if segment.tremor_depth:
            signal *= _tremor(segment, t)
        if segment.breath_share:
            signal *= _breath(segment, within_s)
        if second.drive is not None:
            signal *= second.drive[now]
        _add_mains(segment, t, signal)
        if segment.ecg_uv:
            signal += segment.ecg_uv * second.ecg[now]
        if segment.lead_off and self._channel.rails:
            top_uv = self._channel.rails[1] * self._channel.gain + self._channel.offset
            signal += _OFF_OVERSHOOT * top_uv * -np.expm1(-within_s / _OFF_TIME_S)
        return np.asarray(signal)


def _tremor(segment: Segment, t: Signal) -> Signal:
    """Return what tremor multiplies the EMG with, ``(n,)``; its RMS is one."""
    depth = segment.tremor_depth
    swell = 1 + depth * np.sin(2 * math.pi * segment.tremor_hz * t)
    return np.asarray(swell / math.sqrt(1 + depth**2 / 2))


def _breath(segment: Segment, within_s: Signal) -> Signal:
    """Return what breathing multiplies the EMG with, ``(n,)``; its RMS is one."""
    share, turns = segment.breath_share, breaths(segment, within_s) - segment.breath_peak
    swell = 1 + share * np.cos(2 * math.pi * turns)
    return np.asarray(swell / math.sqrt(1 + share**2 / 2))


def _add_mains(segment: Segment, t: Signal, signal: Signal) -> None:
    if not segment.mains_uv:
        return
    wander = segment.mains_wander_hz * _MAINS_WANDER_S / (2 * math.pi)
    cycles = segment.mains_hz * t + wander * np.sin(2 * math.pi * t / _MAINS_WANDER_S)
    for harmonic, rms_uv in segment.mains_uv.items():
        signal += rms_uv * math.sqrt(2) * np.sin(2 * math.pi * harmonic * cycles)
