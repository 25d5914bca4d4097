"""Chunks of counts become tension: scaled, band-passed, smoothed, and marked where unknown."""

import numpy as np

from biofeedback import kernel
from biofeedback.dsp.envelope import MovingRMS
from biofeedback.dsp.filters import BandPass, scaled
from biofeedback.dsp.quality import ContactQuality, RunLength
from biofeedback.dsp.recent import Recent
from biofeedback.dsp.unbroken import Unbroken
from biofeedback.errors import SettingsError
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
from biofeedback.text import _

# Corners in Hz. Wide is what surface EMG holds (SENIAM, ISEK); narrow is the classic relaxation
# band: half the white noise, most of the heartbeat and of motion gone. They never mix.
BANDS = {"wide": (20, 450), "narrow": (100, 200)}
MINIMUM_SFREQ = 200.0
TOP_OF_BAND = 0.45  # of sfreq: a band-pass needs room below half the sampling frequency

# A primed filter has lost all but 1e-5 of its first step after a quarter of a second (20 Hz
# corner, order 4); what is said waits three times as long, until half a slow window is known.
SETTLING_S = 0.25
# Up to here lost samples are bridged; beyond it the filters start afresh.
SHORT_GAP_S = 0.25
# What is looked at over a second is looked at twice a second.
HOP_S = 0.5
# A flat line says "electrode off" only where a resting muscle (1-3 uV) must move the converter.
FLAT_IS_OFF_UP_TO_UV = 5.0

# as the arrays hold them
_OFF, _UNSETTLED, _GAP = map(np.uint8, (Quality.ELECTRODE_OFF, Quality.UNSETTLED, Quality.GAP))
_INVALID = np.uint8(INVALID)


def band_for(name: str, *, sfreq: float) -> tuple[float, float]:
    """Return the corners in Hz of the band `name` at `sfreq`; raise `SettingsError` if it has none.

    Below 1000 Hz the upper corner of wide comes down to 0.45 * sfreq.
    """
    if name not in BANDS:
        raise SettingsError(
            _("There is no band called '{name}'; choose one of: {names}.").format(
                name=name, names=", ".join(BANDS)
            )
        )
    if sfreq < MINIMUM_SFREQ:
        raise SettingsError(
            _(
                "The signal comes at {sfreq:g} Hz, too slow for EMG, whose power lies between 20 "
                "and 450 Hz: sample at {minimum:g} Hz or faster (1000 is good), or, if the sensor "
                "sends a smoothed envelope, name it: sensor myoware-2-env."
            ).format(sfreq=sfreq, minimum=MINIMUM_SFREQ)
        )
    low_hz, high_hz = BANDS[name]
    top_hz = TOP_OF_BAND * sfreq
    if high_hz <= top_hz:
        return low_hz, high_hz
    if name == "narrow":
        raise SettingsError(
            _(
                "The narrow band (100-200 Hz) needs {minimum:.0f} Hz or more and the signal comes "
                "at {sfreq:g} Hz; choose the wide band."
            ).format(minimum=high_hz / TOP_OF_BAND, sfreq=sfreq)
        )
    return low_hz, float(f"{top_hz:.6g}")


def stream_band(info: StreamInfo, name: str) -> tuple[float, float] | None:
    """Return the corners in Hz that `info`'s EMG is read in; None where all is sensor envelopes."""
    if all(channel.envelope for channel in info.channels):
        return None
    return band_for(name, sfreq=info.sfreq)


class Pipeline:
    """Causal arithmetic from `Chunk` to `Tension`: the same bits however the stream is cut.

    `band` filters the raw EMG channels; `fast` and `slow` smooth; `contact` looks at the counts.
    Times in s, `mains_hz` is the period that bridges a short gap.
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
        unsettled_s: float,
        mains_hz: float,
    ) -> None:
        self._gain = np.array([channel.gain for channel in channels])
        self._offset = np.array([channel.offset for channel in channels])
        self._raw = np.array([not channel.envelope for channel in channels])
        self._all_raw = bool(self._raw.all())
        self._band, self._fast, self._slow, self._contact = band, fast, slow, contact
        self._on_for = RunLength()
        self._settling = round(SETTLING_S * sfreq)
        self._unsettled = max(round(unsettled_s * sfreq), self._settling)
        self._short_gap = round(SHORT_GAP_S * sfreq)
        self._mains_period = max(1, round(sfreq / mains_hz))
        self._hop = round(HOP_S * sfreq)
        self._recent = Recent(self._hop, len(channels))
        self._next: int | None = None
        self._no_flags: Flags = np.empty((0, 0), dtype=np.uint8)  # shared by chunks of one length
        self.lost = 0
        self._reset(0)

    def _reset(self, index: int) -> None:
        """Begin afresh with sample `index`."""
        for stage in (self._band, self._fast, self._slow, self._contact, self._on_for):
            if stage is not None:
                stage.reset()
        self._recent.begin(index)
        self._begun = index
        self._gap_until = 0
        self._settled = False  # every channel, as long as no sample is flagged
        self._unbroken: Unbroken | None = None

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
            if part.stop - part.start == room:
                self._recent.turn()
            room = self._hop
        return Tension(start, *made, quality)

    def _advance(
        self, start: int, counts: Samples, filtered: Samples, fast: Samples, slow: Samples
    ) -> Flags:
        """Take samples of one hop through all steps; return their flags."""
        settled = self._settled and self._gap_until <= start
        if settled and self._at_once(counts, filtered, fast, slow):  # nearly always
            return self._without_flags(counts.shape)
        filtered[:], quality = self._observe(counts)
        heard = filtered
        if not settled or self._contact.flagged:
            heard = self._settle(filtered, quality)
            quality[: max(0, self._gap_until - start)] |= _GAP
        fast[:], slow[:] = self._fast(heard), self._slow(heard)
        unknown = quality & _INVALID != 0
        fast[unknown] = slow[unknown] = np.nan
        return quality

    def _without_flags(self, shape: tuple[int, ...]) -> Flags:
        if self._no_flags.shape != shape:
            self._no_flags = np.zeros(shape, dtype=np.uint8)
            self._no_flags.setflags(write=False)
        return self._no_flags

    def _at_once(self, counts: Samples, filtered: Samples, fast: Samples, slow: Samples) -> bool:
        """Let the kernel take all steps of samples that are fine; say if it has."""
        if self._unbroken is None:
            if kernel.compiled is None or self._band is None or not self._all_raw:
                return False
            self._unbroken = Unbroken(
                gain=self._gain,
                offset=self._offset,
                contact=self._contact,
                band=self._band,
                fast=self._fast,
                slow=self._slow,
                recent=self._recent,
            )
        return self._unbroken(counts, filtered, fast, slow)

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
        if self._band is not None:
            if self._all_raw:
                filtered = self._band(filtered)
            else:
                filtered[:, self._raw] = self._band(filtered[:, self._raw])
        self._recent.add(counts, filtered)
        return filtered, self._contact(counts)

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
            self._lead_over(repeated[at - start : until - start])
            if until % self._hop == 0:
                self._recent.turn()
            at = until
        self._gap_until = stop + self._slow.window

    def _lead_over(self, repeated: Samples) -> None:
        quality = self._observe(repeated)[1]
        if self._contact.flagged or not self._settled:
            self._settle(np.empty_like(repeated), quality)
        for smooth in (self._fast, self._slow):
            smooth(np.full(repeated.shape, np.nan))


def make_pipeline(info: StreamInfo, settings: SignalSettings) -> Pipeline:
    """Return the pipeline for a stream; raise `SettingsError` where it is too slow for the band."""
    channels, sfreq = info.channels, info.sfreq
    corners = stream_band(info, settings.band)
    smoothing = {"sfreq": sfreq, "known_share": 0.5}
    envelopes = np.array([channel.envelope for channel in channels])
    mean_only = envelopes if envelopes.any() else None
    return Pipeline(
        channels,
        sfreq=sfreq,
        band=BandPass(*corners, sfreq=sfreq) if corners else None,
        fast=MovingRMS(settings.fast_window_s, mean_only=mean_only, **smoothing),
        slow=MovingRMS(settings.slow_window_s, mean_only=mean_only, **smoothing),
        contact=ContactQuality(
            rails=np.array([channel.rails or (np.nan, np.nan) for channel in channels]),
            flat_means_off=np.array(
                [(channel.step or 0.0) <= FLAT_IS_OFF_UP_TO_UV for channel in channels]
            ),
            sfreq=sfreq,
        ),
        unsettled_s=settings.unsettled_s,
        mains_hz=settings.mains_hz,
    )
