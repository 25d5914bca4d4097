"""What only shows over a second: mains, motion, an open electrode, the heart; looked at by hops."""

import math

import numpy as np
from numpy.typing import NDArray

from biofeedback.dsp.ecg import BeatFinder, Heart
from biofeedback.dsp.filters import scaled
from biofeedback.dsp.recent import Recent
from biofeedback.dsp.watch import HOP_S, Watch
from biofeedback.stream import Flags, Quality, Samples

_ECG = np.uint8(Quality.ECG)


class Lookout:
    """Looks at each hop of half a second once it is whole; what it saw holds for the next one.

    A channel each: `gain`, `offset`, `step` and `microvolts` as `Watch` takes them; of those that
    are not `raw` (an envelope that the sensor made) nothing is said. `flags`: what was seen, per
    channel. `heart`: what is known of the heart, None at first.
    """

    def __init__(
        self,
        *,
        sfreq: float,
        gain: NDArray[np.float64],
        offset: NDArray[np.float64],
        step: NDArray[np.float64],
        microvolts: NDArray[np.bool_],
        raw: NDArray[np.bool_],
    ) -> None:
        self._gain, self._offset, self._raw = gain * raw, offset * raw, raw
        self._finder: BeatFinder | None = None
        self._watch: Watch | None = None
        hop = before = max(1, round(HOP_S * sfreq))
        if raw.any():
            self._finder = BeatFinder(sfreq, len(gain))
            self._watch = Watch(sfreq=sfreq, gain=self._gain, step=step, microvolts=microvolts)
            hop = self._finder.block
            before = max(hop, self._watch.window - hop)
        self.recent = Recent(hop, before, len(gain))
        self._scaled = np.empty((hop, len(gain)))
        self.forget_beats()
        self.begin(0)

    def forget_beats(self) -> None:
        """Begin anew with the heart's beats."""
        self.beats: list[int] = []
        """The sample of each that was found."""
        self.rates_bpm: list[float] = []
        """Their rate in each hop in which they were clear."""

    def begin(self, index: int) -> None:
        """Begin afresh with sample `index`."""
        self.recent.begin(index)
        self.flags: Flags = np.zeros(len(self._gain), dtype=np.uint8)
        self.heart: Heart | None = None
        self._begun = self._unbroken_since = index
        self._beating = False
        if self._watch:
            self._watch.reset()

    def pass_over(self, index: int) -> None:
        """Take what came before `index` as made up: a gap was bridged."""
        self._unbroken_since = index

    def turn(self, stop: int) -> None:
        """Look at the hop that ends before sample `stop`, and begin the next one."""
        if self._watch and self._finder and stop - self.recent.hop >= self._begun:
            counts = self.recent.counts
            if stop - len(counts) >= self._unbroken_since:
                self.flags = self._watch.look(counts[-self._watch.window :])
            self._look_for_beats(self._finder, counts[-self.recent.hop :], stop)
        self.recent.turn()

    def _look_for_beats(self, finder: BeatFinder, counts: Samples, stop: int) -> None:
        hop = scaled(counts, gain=self._gain, offset=self._offset, out=self._scaled)
        if not self._beating:
            finder.reset(stop - self.recent.hop)
            self._beating = True
        self.heart = heart = finder(hop)
        self.flags = np.where(heart.ecg & self._raw, self.flags | _ECG, self.flags & ~_ECG)
        self.beats += heart.beats.tolist()
        if not math.isnan(heart.rate_bpm):
            self.rates_bpm.append(heart.rate_bpm)
