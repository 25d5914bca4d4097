"""Chunks of counts become tension: scaled, band-passed, smoothed, and marked where unknown."""

import numpy as np

from biofeedback import kernel
from biofeedback.bands import stream_band
from biofeedback.dsp.ecg import Heart
from biofeedback.dsp.ecg_removal import BeatRemover
from biofeedback.dsp.envelope import MovingRMS
from biofeedback.dsp.filters import BandPass, scaled
from biofeedback.dsp.lookout import Lookout
from biofeedback.dsp.mains import mains_bank
from biofeedback.dsp.quality import ContactQuality, RunLength
from biofeedback.dsp.unbroken import AtOnce, at_once
from biofeedback.settings import SignalSettings
from biofeedback.stream import (
    INVALID,
    Channel,
    Chunk,
    Flags,
    Quality,
    Samples,
    StreamInfo,
    Tension,
)

# A primed filter has lost all but 1e-5 of its first step after a quarter of a second (20 Hz
# corner, order 4); what is said waits three times as long, until half a slow window is known.
SETTLING_S = 0.25
# Up to here lost samples are bridged; beyond it the filters start afresh.
SHORT_GAP_S = 0.25
# A flat line says "electrode off" only where a resting muscle (1-3 uV) must move the converter.
FLAT_IS_OFF_UP_TO_UV = 5.0

# as the arrays hold them
_OFF, _UNSETTLED, _GAP = map(np.uint8, (Quality.ELECTRODE_OFF, Quality.UNSETTLED, Quality.GAP))


class Pipeline:
    """Causal arithmetic from `Chunk` to `Tension`: the same bits however the stream is cut.

    `band` filters the raw EMG channels; `remover`, where there is one, takes heartbeats away, and
    all comes `delay` samples late; `fast` and `slow` smooth; `contact` looks at the counts,
    `lookout` at each half second as a whole. Of samples flagged as one of `unknown` the tension is
    NaN. Times in s, `mains_hz` is the period that bridges a short gap.
    """

    def __init__(
        self,
        channels: tuple[Channel, ...],
        *,
        sfreq: float,
        band: BandPass | None,
        fast: MovingRMS,
        slow: MovingRMS,
        contact: ContactQuality,
        lookout: Lookout,
        remover: BeatRemover | None,
        unsettled_s: float,
        mains_hz: float,
        unknown: Quality,
    ) -> None:
        self._gain = np.array([channel.gain for channel in channels])
        self._offset = np.array([channel.offset for channel in channels])
        self._raw = np.array([not channel.envelope for channel in channels])
        self._all_raw = bool(self._raw.all())
        self.band, self._fast, self._slow, self.contact = band, fast, slow, contact
        self.lookout, self.remover = lookout, remover
        self.delay = remover.delay if remover else 0
        """How many samples the tension comes late."""
        self._unknown = np.uint8(unknown)
        self._on_for = RunLength()
        self._settling = round(SETTLING_S * sfreq)
        self._unsettled = max(round(unsettled_s * sfreq), self._settling)
        self._short_gap = round(SHORT_GAP_S * sfreq)
        self._mains_period = max(1, round(sfreq / mains_hz))
        self._hop, self._recent = lookout.recent.hop, lookout.recent
        self._next: int | None = None
        self.lost = 0
        self._reset(0)

    def restart(self) -> None:
        """Take the next chunk as the beginning of a stream; a remover still knows the beats."""
        self._next = None
        self.lost = 0
        self.contact.clipped[:] = 0
        self.lookout.forget_beats()

    def _reset(self, index: int) -> None:
        """Begin afresh with sample `index`."""
        for stage in (self.band, self._fast, self._slow, self.contact, self._on_for):
            if stage is not None:
                stage.reset()
        self.lookout.begin(index)
        if self.remover:
            self.remover.reset(index)
        self._hearts: list[Heart] = []
        self._flags_to_come = np.zeros((self.delay, len(self._gain)), dtype=np.uint8)
        self._no_flags: Flags = np.empty((0, 0), dtype=np.uint8)  # shared by chunks of one length
        self._begun = index
        self._gap_until = 0
        self._settled = False  # every channel, as long as no sample is flagged
        self._late_flags = False  # whether the lookout saw what makes the tension unknown
        self._at_once: AtOnce | None = None

    def process(self, chunk: Chunk) -> Tension:
        """Return the tension of `chunk`; a jump of its start is a gap, and counted in `lost`."""
        start, counts = chunk
        if start != self._next:
            self._begin_at(start)
            self._next = start
        n, shape = len(counts), counts.shape
        if not n:
            return Tension(start, counts, counts, counts, counts.astype(np.uint8))
        made = np.empty(shape), np.empty(shape), np.empty(shape)
        self._next = start + n
        room = self._hop - start % self._hop
        if n < room:  # nearly always
            return Tension(start, *made, self._advance(start, counts, *made))
        quality: Flags = np.empty(shape, dtype=np.uint8)
        at = 0
        while at < n:
            part = slice(at, min(n, at + room))
            quality[part] = self._advance(start + at, counts[part], *(rows[part] for rows in made))
            at = part.stop
            room = self._hop
        return Tension(start, *made, quality)

    def _advance(
        self, start: int, counts: Samples, filtered: Samples, fast: Samples, slow: Samples
    ) -> Flags:
        """Take samples of one hop through all steps; return their flags."""
        stop = start + len(counts)
        settled = self._settled and self._gap_until <= start
        if settled and self.contact.calm and not self._late_flags:  # nearly always
            self._at_once = self._at_once or self._make_at_once()
            if self._at_once(counts, filtered, fast, slow):
                quality = self._watched(counts.shape)
                if not stop % self._hop:
                    self._turn(stop)
                return quality
        filtered[:], quality = self._observe(counts)
        if not settled or self.contact.flagged:
            heard = self._settle(filtered, quality)
            quality[: max(0, self._gap_until - start)] |= _GAP
        else:
            heard = filtered
        quality |= self.lookout.flags
        if not stop % self._hop:
            self._turn(stop)
        if self.remover:
            filtered[:] = heard = self.remover(heard, self._take_hearts())
            quality = self._late(quality)
        fast[:], slow[:] = self._fast(heard), self._slow(heard)
        unknown = quality & self._unknown != 0
        fast[unknown] = slow[unknown] = np.nan
        return quality

    def _turn(self, stop: int) -> None:
        """A hop is whole: look at it."""
        before = self.lookout.flags
        self.lookout.turn(stop)
        flags = self.lookout.flags
        if (flags != before).any():
            self._late_flags = bool((flags & self._unknown).any())
            self._no_flags = np.empty((0, 0), dtype=np.uint8)
        if self.remover and self.lookout.heart:
            self._hearts.append(self.lookout.heart)

    def _watched(self, shape: tuple[int, ...]) -> Flags:
        """Return the flags of samples that nothing is wrong with but what the lookout warns of."""
        if self._no_flags.shape != shape:
            self._no_flags = np.zeros(shape, dtype=np.uint8)
            self._no_flags |= self.lookout.flags
            self._no_flags.setflags(write=False)
        return self._no_flags

    def _make_at_once(self) -> AtOnce:
        """Return what takes all steps of samples that are fine, and never does where it cannot."""
        if kernel.compiled is None or self.band is None or self.remover or not self._all_raw:
            return _never
        return at_once(
            gain=self._gain,
            offset=self._offset,
            contact=self.contact,
            band=self.band,
            fast=self._fast,
            slow=self._slow,
            recent=self._recent,
        )

    def _take_hearts(self) -> list[Heart]:
        hearts, self._hearts = self._hearts, []
        return hearts

    def _late(self, quality: Flags) -> Flags:
        """Return the flags of a signal that comes late: what is wrong now, or was with it."""
        flags = np.concatenate((self._flags_to_come, quality))
        self._flags_to_come = flags[len(quality) :]
        return flags[: len(quality)] | quality

    def _settle(self, filtered: Samples, quality: Flags) -> Samples:
        """Blank and mark what follows a lead that came back; return what is to be smoothed."""
        on_for = self._on_for(quality & _OFF == 0)
        self._settled = bool(on_for[-1].min() > self._unsettled)
        # A stream begins as a lead that has just come back: the filter rings before it is heard.
        filtered[(on_for > 0) & (on_for <= self._settling)] = np.nan
        quality[(on_for > 0) & (on_for <= self._unsettled)] |= _UNSETTLED
        return np.where(on_for == 0, np.nan, filtered)

    def _observe(self, counts: Samples) -> tuple[Samples, Flags]:
        """Run the parts that must see an unbroken signal: filter and contact."""
        filtered = scaled(counts, gain=self._gain, offset=self._offset)
        if self.band is not None:
            if self._all_raw:
                filtered = self.band(filtered)
            else:
                filtered[:, self._raw] = self.band(filtered[:, self._raw])
        self._recent.add(counts)
        return filtered, self.contact(counts)

    def _begin_at(self, start: int) -> None:
        """Begin the stream, or go on behind a gap."""
        if self._next is None:
            self._reset(start)
            return
        missing = start - self._next
        if missing < 0:
            raise ValueError(f"chunks overlap: sample {start} comes after {self._next}")
        self.lost += missing
        if missing > self._short_gap or self._next - self._begun < self._mains_period:
            self._reset(start)
        else:
            self._bridge(self._next, start)

    def _bridge(self, start: int, stop: int) -> None:
        """Lead the filters over the samples that are missing."""
        # Joining the ends makes the filters ring 7.3 times as loud as repeating the last period
        recent = self._recent.latest_counts(self._mains_period)
        repeated = np.resize(recent, (stop - start, len(self._gain)))
        at = start
        while at < stop:
            until = min(stop, at + self._hop - at % self._hop)
            self._lead_over(repeated[at - start : until - start], until)
            at = until
        self._gap_until = stop + self._slow.window + self.delay
        self.lookout.pass_over(stop)

    def _lead_over(self, repeated: Samples, stop: int) -> None:
        clipped = self.contact.clipped.copy()
        quality = self._observe(repeated)[1]
        self.contact.clipped[:] = clipped  # that was told before
        if self.contact.flagged or not self._settled:
            self._settle(np.empty_like(repeated), quality)
        if not stop % self._hop:
            self._turn(stop)
        missing = np.full(repeated.shape, np.nan)
        if self.remover:
            missing = self.remover(missing, self._take_hearts())
            self._late(quality)
        for smooth in (self._fast, self._slow):
            smooth(missing)


def _never(_counts: Samples, _filtered: Samples, _fast: Samples, _slow: Samples) -> bool:
    return False


def make_pipeline(
    info: StreamInfo, settings: SignalSettings, *, unknown: Quality = INVALID
) -> Pipeline:
    """Return the pipeline for a stream; raise `SettingsError` where it is too slow for the band.

    The tension of samples flagged as one of `unknown` is NaN.
    """
    channels, sfreq = info.channels, info.sfreq
    corners = stream_band(info, settings.band)
    smoothing = {"sfreq": sfreq, "known_share": 0.5}
    raw = np.array([not channel.envelope for channel in channels])
    mean_only = None if raw.all() else ~raw
    steps = np.array([channel.step or 0.0 for channel in channels])
    return Pipeline(
        channels,
        sfreq=sfreq,
        band=_make_band(corners, sfreq, settings) if corners else None,
        fast=MovingRMS(settings.fast_window_s, mean_only=mean_only, **smoothing),
        slow=MovingRMS(settings.slow_window_s, mean_only=mean_only, **smoothing),
        contact=ContactQuality(
            rails=np.array([channel.rails or (np.nan, np.nan) for channel in channels]),
            flat_means_off=steps <= FLAT_IS_OFF_UP_TO_UV,
            sfreq=sfreq,
        ),
        lookout=Lookout(
            sfreq=sfreq,
            gain=np.array([channel.gain for channel in channels]),
            offset=np.array([channel.offset for channel in channels]),
            step=steps,
            microvolts=np.array([channel.unit == "uV" for channel in channels]),
            raw=raw,
        ),
        remover=(
            BeatRemover(sfreq, len(channels))
            if corners and settings.heartbeat == "remove"
            else None
        ),
        unsettled_s=settings.unsettled_s,
        mains_hz=settings.mains_hz,
        unknown=unknown,
    )


def _make_band(corners: tuple[float, float], sfreq: float, settings: SignalSettings) -> BandPass:
    low_hz, high_hz = corners
    bank = None
    if settings.mains_filter == "on":
        bank = mains_bank(settings.mains_hz, high_hz=high_hz, sfreq=sfreq)
    return BandPass(low_hz, high_hz, sfreq=sfreq, then=bank)
