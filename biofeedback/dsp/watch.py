"""Watches each channel for mains, motion and open electrodes, half a second at a time."""

import numpy as np
from numpy.typing import NDArray

from biofeedback import kernel
from biofeedback.dsp.mains import MAINS_HZ, harmonics, line_bins
from biofeedback.stream import Flags, Quality, Samples

WINDOW_S, HOP_S = 1.0, 0.5
# The wide band, and how far up it may go, of sfreq
_LOW_HZ, _HIGH_HZ, _TOP_OF_BAND = 20.0, 450.0, 0.45

# Mains. The power of its lines above their floor, over that of all else in the band, is averaged
# from hop to hop with the weight `_NEW` for the newest: a hum of 55 % of the RMS shows at once, one
# of 20 % after some seconds; below 17 % it does not matter. `_CHANCE`: an average that EMG without
# hum reaches once in hours, in units of what its spectrum lets expect.
_NEW = 0.1
_SHARE = 0.17**2
_CHANCE = 1.0
_LET_GO = 0.7  # of the limit, so that a weak hum does not flicker

# An open electrode hears mains, over 100 uV and over three times the RMS of all else, and a noise
# that falls with frequency: over 8 times as dense low in the band as in the middle. One that hung
# free: 187 uV, 3.8 times, 27 to 67 times as dense. All three, since a resting muscle has a slope of
# 1 to 70 and a heartbeat one of 60, and 20 uV through good electrodes are ten times a rest of 2 uV.
_OFF_UV = 100.0
_OFF_SHARE = 3.0**2
_OFF_SLOPE = 8.0
_SLOPE_LOW_HZ, _SLOPE_HIGH_HZ = (30.0, 46.0), (102.0, 250.0)
_SLOPE_OF_SFREQ = 0.3  # the middle begins there at the latest

# Motion: a swing below 20 Hz out of proportion to the EMG of the moment and to the channel's past.
# Recorded contractions, ramps to bursts, stay below 2.5 times their EMG, a baseline that drifts at
# rest below 3.5; an arm that came to rest moved a cable by 13 times the EMG, 5 times the past.
_BLOCKS = 80  # a window, of 12.5 ms each
_OVER_EMG = 4.0
_OVER_PAST = 3.0  # heartbeats and a sway with the breath repeat themselves
_PAST = 20  # hops: ten seconds
_LEARNING = 4  # hops after which a heartbeat must have been among them
_SURE = 6  # hops: before, no swing is taken as the channel's own

_FINEST = 1e-6  # step, uV or counts: below it a silent channel has the rounding of its offset
_MAINS, _MOTION, _OFF, _UNSETTLED = map(
    np.uint8, (Quality.MAINS, Quality.MOTION, Quality.ELECTRODE_OFF, Quality.UNSETTLED)
)  # as the arrays hold them


class Watch:
    """Says of each hop of 0.5 s, from the second that ends with it, what is wrong with a channel.

    It looks at the signal as it came, not filtered. A channel each: `gain`, what a count is in the
    channel's unit; `step`, one step of the converter in that unit, 0 where it is not known (what a
    coarse one jumps by is no motion); `microvolts`, whether the unit is uV (an open electrode shows
    in no other). `window` and `hop` are in samples.
    """

    def __init__(
        self,
        *,
        sfreq: float,
        step: NDArray[np.float64],
        gain: NDArray[np.float64] | None = None,
        microvolts: NDArray[np.bool_] | bool = True,
    ) -> None:
        self.window = round(WINDOW_S * sfreq)
        self.hop = round(HOP_S * sfreq)
        self._step = step = np.maximum(step, _FINEST)
        self._gain = np.ones(len(step)) if gain is None else gain
        self._taper = np.hanning(self.window + 1)[:-1]
        # Used again and again: fresh memory costs more than the sums
        self._tapered = np.empty((len(step), self.window))
        self._emg, self._swing = np.empty((2, len(step)))
        self._work = np.empty(2 * _BLOCKS)
        self._n_fft = _fast_length(self.window)
        self._resolution = sfreq / self._n_fft
        self._block = self.window // _BLOCKS
        self._trend = np.linspace(-1.0, 1.0, _BLOCKS - 1)
        self._trend /= np.sqrt(self._trend @ self._trend)
        low_hz, high_hz = _SLOPE_HIGH_HZ
        self._low = self._bins(*_SLOPE_LOW_HZ)
        self._middle = self._bins(min(low_hz, _SLOPE_OF_SFREQ * sfreq), high_hz)
        # What rounding to whole steps adds to the band; below it a line is the converter's
        unit_power = self._n_fft * np.sum(self._taper**2) / 2  # the bins' sum at an RMS of 1
        self._least = unit_power * step**2 / 12
        in_uv = np.broadcast_to(microvolts, len(step))
        self._off_power = np.where(in_uv, unit_power * _OFF_UV**2, np.inf)
        self._may_be_off = np.zeros(len(step), dtype=np.bool_)
        # as the kernel takes them; the second depends on whether it is the first look
        self._rules = np.array([_NEW, _NEW, _SHARE, _CHANCE, _LET_GO, _OFF_SHARE])
        self._find_bins(sfreq)
        self.reset()

    def _find_bins(self, sfreq: float) -> None:
        """Find where in a spectrum the lines are, the floor around each, and the band."""
        high_hz = min(_HIGH_HZ, _TOP_OF_BAND * sfreq)
        families = [harmonics(mains_hz, high_hz=high_hz, sfreq=sfreq) for mains_hz in MAINS_HZ]
        under, around = line_bins(np.concatenate(families), resolution_hz=self._resolution)
        self._under, self._around = under.astype(np.int64), around.astype(np.int64)
        self._band = self._bins(_LOW_HZ, high_hz)
        self._sums = np.empty((2 * len(under) + 1, len(self._step)))
        self._of_50 = len(families[0])

    def _bins(self, low_hz: float, high_hz: float) -> slice:
        return slice(round(low_hz / self._resolution), round(high_hz / self._resolution) + 1)

    def reset(self) -> None:
        """Forget the past."""
        n_channels = len(self._step)
        self._seen = 0
        self._share, self._chance = np.zeros((2, len(MAINS_HZ), n_channels))
        self._hums: NDArray[np.bool_] = np.zeros(n_channels, dtype=np.bool_)
        self._past = np.zeros((_PAST, n_channels))

    def look(self, counts: Samples) -> Flags:
        """Return the flags ``(n_channels,)`` of the hop that ends `counts`.

        These, ``(self.window, n_channels)``, begin a hop after the ones before; no NaN.
        """
        self._survey(counts)
        spectra = np.fft.rfft(self._tapered, self._n_fft)
        may_be_off = self._mains(self._comb(spectra))
        flags = self._moves()
        flags[self._hums] |= _MAINS
        if may_be_off.any():
            low, middle = (
                np.median(np.abs(spectra[:, bins]) ** 2, axis=1)
                for bins in (self._low, self._middle)
            )
            flags[may_be_off & (low > _OFF_SLOPE * middle)] |= _OFF
        self._seen += 1
        return flags

    def _comb(self, spectra: NDArray[np.complex128]) -> Samples:
        """Return the power under each line, in each line's floor, and in the band."""
        if kernel.compiled:
            kernel.compiled.comb(
                spectra.view(np.float64),
                self._under,
                self._around,
                self._sums,
                self._band.start,
                self._band.stop,
            )
            return self._sums
        power = spectra.T.real**2 + spectra.T.imag**2
        floor = power[self._around].sum(axis=1) * self._under.shape[1] / self._around.shape[1]
        return np.vstack((power[self._under].sum(axis=1), floor, power[self._band].sum(axis=0)))

    def _mains(self, sums: Samples) -> NDArray[np.bool_]:
        """Find the channels that hum; return those that hear little else."""
        self._rules[1] = _NEW if self._seen else 1.0
        if kernel.compiled:
            kernel.compiled.hum(
                sums,
                self._share,
                self._chance,
                self._hums,
                self._may_be_off,
                self._least,
                self._off_power,
                self._rules,
                self._of_50,
            )
            return self._may_be_off
        n_lines = len(self._under)
        floor, band = sums[n_lines:-1], sums[-1]
        edges = (0, self._of_50)  # of the lines of 50 Hz, of 60 Hz
        lines = np.add.reduceat(sums[:n_lines] - floor, edges)
        loudest = lines.max(axis=0)
        rest = np.maximum(band - loudest, self._least)
        chance = np.add.reduceat(floor**2, edges) / rest**2
        self._share += _NEW * (np.clip(lines / rest, -1.0, 1.0) - self._share)
        self._chance += self._rules[1] * (chance - self._chance)
        limit = np.maximum(_SHARE, _CHANCE * np.sqrt(self._chance))
        limit *= np.where(self._hums, _LET_GO, 1.0)
        self._hums = np.asarray((self._share > limit).any(axis=0))
        return np.asarray((loudest > self._off_power) & (loudest > _OFF_SHARE * rest))

    def _survey(self, counts: Samples) -> None:
        """Taper the window; say how large its EMG is, in the loudest quarter, and its slow swing.

        The loudest, so that a contraction that has just begun counts in full.
        """
        if kernel.compiled:
            made = self._work, self._tapered, self._emg, self._swing
            kernel.compiled.survey(counts, self._gain, self._taper, self._trend, *made, self._block)
            return
        centred = self._tapered
        centred[:] = (counts - counts.mean(axis=0)).T * self._gain[:, None]
        blocks = centred[:, -_BLOCKS * self._block :].reshape(-1, _BLOCKS, self._block)
        means = blocks.mean(axis=2)
        power = np.square(blocks).mean(axis=2) - means**2
        power *= self._block / (self._block - 1)  # as of the block's own mean
        eighths = power.reshape(-1, 8, _BLOCKS // 8).mean(axis=2)
        quarters = (eighths[:, 1:] + eighths[:, :-1]) / 2
        self._emg = np.sqrt(np.maximum(quarters.max(axis=1), 0))  # rounding
        slow = (means[:, 1:] + means[:, :-1]) / 2
        slow -= slow.mean(axis=1)[:, None]
        slow -= (slow @ self._trend)[:, None] * self._trend
        self._swing = slow.max(axis=1) - slow.min(axis=1)
        centred *= self._taper

    def _moves(self) -> NDArray[np.uint8]:
        """Flag what moves; as unsettled what may do so, or may be what the channel always does."""
        swing = self._swing
        known = min(self._seen, _PAST)
        low, usual = self._past[:2]  # zeros, as long as nothing is known
        if known:
            ranks = known // 4, known // 2
            low, usual = np.partition(self._past[:known], ranks, axis=0)[ranks, :]
        least = _OVER_EMG * np.maximum(self._emg, self._step)
        limit = np.maximum(least, _OVER_PAST * usual)
        # What lasts becomes the channel's own range, by a factor of `_OVER_PAST` each five seconds
        self._past[self._seen % _PAST] = np.minimum(swing, limit) if known else swing
        doubtful = swing > np.maximum(least, _OVER_PAST * (low if known >= _SURE else 0.0))
        moves = (swing > limit) & (known >= _LEARNING)
        return np.where(moves, _MOTION, np.where(doubtful, _UNSETTLED, np.uint8(0)))


def _fast_length(n: int) -> int:
    """Return the next length that a transform takes fast: of no prime factor above 5."""
    while True:
        left = n
        for prime in (2, 3, 5):
            while left % prime == 0:
                left //= prime
        if left == 1:
            return n
        n += 1
