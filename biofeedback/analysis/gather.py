"""One run of a recording through the pipeline, and what it adds up to between two times."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biofeedback.bands import MINIMUM_SFREQ
from biofeedback.dsp.activity import Amplitude
from biofeedback.dsp.filters import scaled
from biofeedback.dsp.mains import Mains, detect_mains
from biofeedback.dsp.rhythm import RhythmMeter
from biofeedback.dsp.spectrum import Welch
from biofeedback.errors import RecordingError
from biofeedback.held_back import HeldBack, Known
from biofeedback.pipeline import Pipeline
from biofeedback.recording.recorded import Recording
from biofeedback.stream import Chunk, Flags, Quality, Samples
from biofeedback.text import _

# Envelopes are thinned to so many values a second: a window of 125 ms tells no more. Those of days
# are thinned further, so that they fit.
ENVELOPE_HZ, MOST_VALUES = 100.0, 8_000_000
# Contractions are looked for wherever there is a signal, clipped or shaken as it may be. A gap is
# NaN by itself: the second after it, which does not count, is still the same contraction.
NO_SIGNAL = Quality.UNSETTLED | Quality.ELECTRODE_OFF
_BITS = [np.uint8(1 << bit) for bit in range(7)]
_CHUNK_VALUES = 500_000  # samples times channels that are worked on at once

Progress = Callable[[float], None]
"""Is told how much of the work is done, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Window:
    """What is told of: samples `start` to before `stop`; `left_out` of them were excluded."""

    start: int
    stop: int
    left_out: int = 0

    @classmethod
    def of(cls, recording: Recording, start_s: float | None, stop_s: float | None) -> "Window":
        """Return what lies between the times; raise `RecordingError` where that is nothing."""
        sfreq = recording.info.sfreq
        first = 0.0 if start_s is None else start_s
        last = recording.duration_s if stop_s is None else min(stop_s, recording.duration_s)
        if 0 <= first < last:  # not where one is no number
            start, stop = round(first * sfreq), min(round(last * sfreq), recording.stop)
            if start < stop:
                return cls(start, stop)
        raise RecordingError(
            _(
                "There is nothing from {start:g} to {stop:g} s in {name}, which lasts "
                "{length:g} s: choose other times."
            ).format(
                start=first,
                stop=recording.duration_s if stop_s is None else stop_s,
                name=recording.info.source,
                length=recording.duration_s,
            )
        )

    def part(self, start: int) -> tuple[int, slice]:
        """Return of rows from index `start` on the first that lies in it, and which of them do."""
        first = max(start, self.start)
        return first, slice(first - start, max(first - start, self.stop - start))


@dataclass(frozen=True, slots=True)
class Envelopes:
    """Fast and slow RMS from `start_s` on, thinned to `rate_hz`, ``(n_channels, n)``.

    `valid`: what counts. `usable`: where there is a signal at all.
    """

    start_s: float
    rate_hz: float
    fast: NDArray[np.float64]
    slow: NDArray[np.float64]
    valid: NDArray[np.bool_]
    usable: NDArray[np.bool_]


class Gathered:
    """What a run adds up to in `window`, one value a channel each.

    `valid`, `clipped`: samples. `flagged`: samples by the bit of their `Quality`, ``(7, n)``.
    `beats`, `rates_bpm`: of the heart; `removed`: beats that were taken away.
    """

    def __init__(self, recording: Recording, pipeline: Pipeline, window: Window) -> None:
        self._channels, self._window, self._delay = recording.info.channels, window, pipeline.delay
        sfreq, n = recording.info.sfreq, len(self._channels)
        self._gain = np.array([float(channel.gain) for channel in self._channels])
        self._offset = np.array([float(channel.offset) for channel in self._channels])
        # What its sensor smoothed has no spectrum, no hum and no rhythm, and may come slowly.
        self._envelope = np.array([channel.envelope for channel in self._channels])
        self.amplitude, self.rhythm = Amplitude(n), RhythmMeter(max(sfreq, MINIMUM_SFREQ), n)
        self._seconds = (window.stop - window.start) / sfreq
        # Behind notches the mains cannot be told any more
        self._band = pipeline.band
        self._raw = Welch(sfreq, n) if self._band and self._band.notched else None
        self.spectrum = Welch(sfreq, n, segment_s=max(min(1.0, self._seconds), 2 / sfreq))
        self.valid = np.zeros(n, dtype=np.int64)
        self.clipped = np.zeros(n, dtype=np.int64)
        self.flagged = np.zeros((len(_BITS), n), dtype=np.int64)
        self._never_came = window.stop - window.start - window.left_out
        self.beats = 0
        self.rates_bpm: list[float] = []
        self.removed = np.zeros(n, dtype=np.int64)
        values = self._seconds * ENVELOPE_HZ * n
        self._thin = max(1, round(sfreq / ENVELOPE_HZ * max(1.0, values / MOST_VALUES)))
        self._first = -(-window.start // self._thin)  # of the thinned samples
        rows = -(-window.stop // self._thin) - self._first
        self.envelopes = Envelopes(
            start_s=self._first * self._thin / sfreq,
            rate_hz=sfreq / self._thin,
            fast=np.full((n, rows), np.nan),
            slow=np.full((n, rows), np.nan),
            valid=np.zeros((n, rows), dtype=np.bool_),
            usable=np.zeros((n, rows), dtype=np.bool_),
        )

    def add_counts(self, chunk: Chunk) -> None:
        """Take counts as they came, where mains are told from them."""
        start, rows = self._window.part(chunk.start)
        counts = chunk.samples[rows]
        if self._raw and len(counts):
            signal = scaled(counts, gain=self._gain, offset=self._offset)
            self._raw.add(start - self._window.start, self._with_spectrum(signal))

    def add(self, known: Known[None]) -> None:
        """Take tension whose fate is known."""
        tension = known.tension
        start, rows = self._window.part(tension.start - self._delay)
        filtered, good, quality = tension.filtered[rows], known.good[rows], tension.quality[rows]
        if not len(filtered):
            return
        if not good.all():
            filtered = np.where(good, filtered, np.nan)
        self._never_came -= len(filtered)
        self.valid += np.count_nonzero(good, axis=0)
        self.amplitude.add(start - self._window.start, filtered)
        # channels first in memory, as the meters copy it
        filtered = np.asfortranarray(self._with_spectrum(filtered))
        for meter in (self.rhythm, self.spectrum):
            meter.add(start - self._window.start, filtered)
        if quality.any():
            for total, bit in zip(self.flagged, _BITS, strict=True):
                total += np.count_nonzero(quality & bit, axis=0)
        self._thin_out(start, tension.fast[rows], tension.slow[rows], good, quality)

    def _thin_out(
        self, start: int, fast: Samples, slow: Samples, good: NDArray[np.bool_], quality: Flags
    ) -> None:
        thin = slice(-start % self._thin, None, self._thin)
        at = -(-start // self._thin) - self._first
        n = len(fast[thin])
        into = self.envelopes
        into.fast[:, at : at + n] = fast[thin].T
        into.slow[:, at : at + n] = slow[thin].T
        into.valid[:, at : at + n] = good[thin].T
        into.usable[:, at : at + n] = (quality[thin] & np.uint8(NO_SIGNAL) == 0).T

    def _with_spectrum(self, signal: Samples) -> Samples:
        return np.where(self._envelope, np.nan, signal) if self._envelope.any() else signal

    def percent(self, flag: Quality) -> NDArray[np.float64]:
        """Return the percent of the window with `flag`, per channel."""
        total = self._window.stop - self._window.start
        flagged = self.flagged[flag.bit_length() - 1]
        if flag == Quality.GAP:
            flagged = flagged + self._never_came
        return np.asarray(100.0 * flagged / total)

    def mains(self) -> Mains:
        """Return the mains in the signal as it came; NaN where it lasts less than a second."""
        windows = int(2 * self._seconds) - 1
        if windows < 1 or self._band is None:
            unknown = np.full(len(self._channels), np.nan)
            return Mains(unknown, unknown, unknown)
        if self._raw:
            return detect_mains(self._raw.f, self._raw.power(), windows=windows)
        f, power = self.spectrum.f, self.spectrum.power()
        return detect_mains(f, power / self._band.passed(f)[:, None], windows=windows)

    def mains_to_filter_hz(self) -> float:
        """Return the frequency of the mains that a channel was flagged for; 0 where none was."""
        if not self.flagged[Quality.MAINS.bit_length() - 1].any():
            return 0.0
        mains = self.mains()
        return float(np.nan_to_num(mains.hz[np.nan_to_num(mains.ratio).argmax()]))


def gather(
    recording: Recording, pipeline: Pipeline, window: Window, progress: Progress | None = None
) -> Gathered:
    """Take the whole of `recording` through `pipeline`; return what it adds up to in `window`."""
    found = Gathered(recording, pipeline, window)
    held = HeldBack[None](recording.info.sfreq)
    lookout, remover = pipeline.lookout, pipeline.remover
    pipeline.restart()
    before = remover.removed.copy() if remover else found.removed
    for chunk in _cut(recording, window, pipeline.delay):
        if chunk.start < window.stop:
            found.add_counts(chunk)
        for known in held.add(pipeline.process(chunk), None):
            found.add(known)
        if chunk.stop <= window.start:
            lookout.forget_beats()
            pipeline.contact.clipped[:] = 0
            before = remover.removed.copy() if remover else before
        if chunk.stop <= window.stop:
            found.rates_bpm = list(lookout.rates_bpm)
            found.clipped = pipeline.contact.clipped.copy()
            found.removed = remover.removed - before if remover else found.removed
        if progress:
            progress(min(1.0, chunk.stop / recording.stop))
    for known in held.rest():
        found.add(known)
    # those of the last seconds are told behind the window
    found.beats = sum(window.start <= beat < window.stop for beat in lookout.beats)
    return found


def _cut(recording: Recording, window: Window, delay: int) -> Iterator[Chunk]:
    """Yield the recording in chunks that fit, cut at the ends of `window`.

    Behind it comes what brings the last of it out of a pipeline that is late.
    """
    most = max(1, _CHUNK_VALUES // len(recording.info.channels))
    last: Samples | None = None
    for start, samples in recording.chunks:
        at = 0
        while at < len(samples):
            edges = (window.start - start, window.stop - start, len(samples), at + most)
            stop = min(edge for edge in edges if edge > at)
            yield Chunk(start + at, samples[at:stop])
            at = stop
        last = samples[-1:]
    if delay and last is not None:
        yield Chunk(recording.stop, np.repeat(last, delay, axis=0))
