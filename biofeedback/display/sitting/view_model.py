"""What the screens show, worked out from a session that is polled; no Qt."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biofeedback.display.sitting.frame import Frame
from biofeedback.display.sitting.signal_words import signal_word, warning_words
from biofeedback.dsp.spectrum import median_frequency, welch
from biofeedback.errors import SettingsError
from biofeedback.heart.strap import Strap
from biofeedback.muscles import shown_label
from biofeedback.readings import PER_SECOND
from biofeedback.session import Now, Session, State
from biofeedback.stream import INVALID, Channel, Quality, Samples, Zone
from biofeedback.text import _, plural
from biofeedback.words import (
    NO_NUMBER,
    band_word,
    floor_word,
    number_word,
    quality_word,
    quality_words,
    unit_word,
    zone_word,
)

TREND_S = 120
TREND_PER_SECOND = 2
SPECTRUM_S = 4
STALE_AFTER_S = 0.5  # the slowest adapters hand samples on every 16 ms
THRESHOLD_STEP = 1.05  # what one key press multiplies or divides a threshold by
_COARSE = (1, 2, 5)
FINE = (1, 1.5, 2, 3, 4, 6, 8)  # a goal moved by a step must not leap around the ring


@dataclass(frozen=True, slots=True)
class Row:
    """What the therapist's table says of a channel; words ready to print."""

    label: str
    tension: str
    fast: str
    median_hz: str
    threshold: str
    relaxed: str
    quality: str
    signal: str
    """The quality in a word or two."""
    zone: Zone


def clock_word(seconds: float) -> str:
    """Return minutes and seconds: 07:42."""
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"


class ViewModel:
    """Reads a session for the screens; all its calls are cheap enough for every frame.

    `channel` is the one that the patient sees.
    """

    def __init__(self, session: Session, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.session = session
        self.channel = 0
        self.led = False
        """Somebody else leads the sitting: the person is told of no keys."""
        self.lake = False
        """Whether a lake is to be seen in place of the ring, where there is a goal."""
        self.heart: Strap | None = None
        """The strap that is heard beside it, where one was chosen."""
        self._clock = clock
        self._newest: Now | None = None
        self._newest_since = 0.0
        self._away_s = 0.0
        self._full_scale = 0.0
        self._units: dict[int, str] = {}

    @property
    def ready(self) -> bool:
        """Whether there is a stream to show."""
        return self.session.now is not None

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels of the stream; empty until it is open."""
        return self.session.info.channels if self.ready else ()

    @property
    def simulated(self) -> bool:
        """Whether the watermark must be shown."""
        return self.ready and self.session.info.simulated

    def select(self, channel: int) -> None:
        """Show the patient another channel; wraps around."""
        if self.ready:
            self.channel = channel % len(self.channels)
            self._full_scale = 0.0

    def _now(self) -> Now | None:
        """Return the newest sample; where nothing has followed it for a while, as unknown.

        The stream may have stopped without a word, or its board be away: what was read last is not
        what is.
        """
        now = self.session.now
        away = self.away_s() > 0 or self.session.source.status
        if now is None or not away or self.session.state is not State.RUNNING:
            return now
        nothing = np.full_like(now.slow, np.nan)
        gap, unknown = np.full_like(now.quality, Quality.GAP), np.zeros_like(now.zones)
        return Now(now.index, nothing, nothing, gap, unknown)

    def away_s(self) -> float:
        """Return how long nothing has followed the newest sample; 0 while all goes on.

        It stands still once the session is over.
        """
        if self.session.now is not self._newest:
            self._newest, self._newest_since = self.session.now, self._clock()
            self._away_s = 0.0
        if self._newest is not None and self.session.state is State.RUNNING:
            late_s = self._clock() - self._newest_since
            away = late_s > STALE_AFTER_S or self.session.source.status
            self._away_s = late_s if away else 0.0
        return self._away_s

    def _elapsed_s(self) -> float:
        """Return the sample time up to the newest sample, and what has passed since without any.

        The gap before the next sample will be as long, so nothing jumps when it comes.
        """
        away_s = self.away_s()
        if self._newest is None:
            return 0.0
        return (self._newest.index + 1) / self.session.info.sfreq + away_s

    def heart_words(self) -> str:
        """Return the heart rate of now; empty where no strap was chosen."""
        if self.heart is None:
            return ""
        rate = self.heart.rate_bpm
        if math.isnan(rate):
            return _("Heart rate unknown")
        return _("Heart {rate:.0f} a minute").format(rate=rate)

    # the patient's screen

    def frame(self) -> Frame:
        """Return what the patient's screen shows now."""
        now = self._now()
        if now is None:
            return self._waiting()
        channel, i = self.channels[self.channel], self.channel
        value, zone = float(now.slow[i]), Zone(int(now.zones[i]))
        if self.session.state is not State.RUNNING:  # what was read last is not read now
            value, zone = math.nan, Zone.UNKNOWN
        threshold = float(self.session.thresholds()[i])
        full_scale = self._scale(value, threshold)
        return Frame(
            index=now.index,
            number=number_word(value, channel),
            unit=self._unit(i),
            zone=zone,
            word=self._word(zone, value, threshold),
            hint=self._hint(int(now.quality[i]), threshold),
            share=min(value / full_scale, 1.0),
            goal=(0.0, threshold / full_scale),
            full_scale=full_scale,
            over_goal=value / threshold if threshold > 0 and zone is not Zone.UNKNOWN else math.nan,
        )

    def _unit(self, i: int) -> str:
        """Return a channel's unit and band; worked out once, for it is asked for in every frame."""
        if i not in self._units:
            channel = self.channels[i]
            rms = "" if channel.envelope else " RMS"
            self._units[i] = f"{unit_word(channel)}{rms} · {band_word(self.session.band_hz)}"
        return self._units[i]

    def _waiting(self) -> Frame:
        nan = math.nan
        status = self.session.source.status
        hint = status[:1].upper() + status[1:] + " …" if status else _("Starting …")
        if self.session.error is not None:
            hint = str(self.session.error)
        word = zone_word(Zone.UNKNOWN)
        return Frame(-1, NO_NUMBER, "", Zone.UNKNOWN, word, hint, nan, (nan, nan), 1.0)

    def _word(self, zone: Zone, value: float, threshold: float) -> str:
        if self.session.paused:
            return _("Paused")
        if zone == Zone.UNKNOWN and math.isnan(threshold) and not math.isnan(value):
            return ""  # a reading without a goal is neither
        return zone_word(zone)

    def _hint(self, quality: int, threshold: float) -> str:
        if self.session.state is State.FAILED:
            return str(self.session.error)
        if self.session.state is State.ENDED:
            return _("The recording has ended. Esc leads to the start page.")
        if self.session.source.status:
            return self._away()
        if self.session.paused:
            return "" if self.led else _("Press Space to go on.")
        if quality & INVALID:
            return " ".join(quality_words(quality))
        if math.isnan(threshold) and not self.led:
            return _("No goal yet: press T to set it where you are now.")
        return ""

    def _away(self) -> str:
        """Return why the board is away, and that nothing need be pressed."""
        return _("{why} It goes on by itself once the board is back.").format(
            why=self.session.source.status
        )

    def _scale(self, value: float, threshold: float) -> float:
        """Return the full scale: a round number that holds still until it must move."""
        tops = [2.0 * threshold, 1.1 * value]
        if self._full_scale == 0.0:  # at the start, and when another channel is chosen
            tops.append(float(np.nanmax(self.trend(), initial=0.0)))
        needed = max([top for top in tops if not math.isnan(top)], default=0.0)
        if needed > self._full_scale or (
            self._full_scale > 3.0 * needed and float(np.nanmax(self.trend(), initial=0.0)) < needed
        ):
            self._full_scale = round_up(needed, steps=FINE)
        return self._full_scale or 1.0

    def trend(self) -> NDArray[np.float64]:
        """Return the patient's channel over the last two minutes, `TREND_PER_SECOND` a second.

        Each is the mean of the readings of its part of a second, wherever that part now stands;
        unknown since the newest sample, where nothing has followed it.
        """
        n = PER_SECOND // TREND_PER_SECOND
        stop = int(PER_SECOND * self._elapsed_s()) // n * n
        kept = self.session.trend.read(stop - TREND_S * PER_SECOND, stop)[:, self.channel]
        return np.asarray(kept.reshape(-1, n).mean(axis=1))

    def elapsed(self) -> str:
        """Return how long the stream has been going, with what it was away."""
        return clock_word(self._elapsed_s())

    def relaxed(self) -> str:
        """Return the share of judged time that was relaxed, in words; empty before any."""
        percent = self.session.tally.relaxed_percent(self.channel) if self.ready else math.nan
        if math.isnan(percent):
            return ""
        return _("{percent:.0f} % of the time relaxed").format(percent=percent)

    def notes(self) -> list[str]:
        """Return what should be known of the source and sensor, each a sentence."""
        if not self.ready:
            return []
        floor = floor_word(self.channels[self.channel])
        estimated = self.session.info.sfreq_estimated
        rate = _("{sfreq:g} Hz, estimated") if estimated else _("{sfreq:g} Hz")
        said = [rate.format(sfreq=float(f"{self.session.info.sfreq:.4g}")), floor]
        if lost := self.session.lost:
            said.append(plural("{n} sample lost", "{n} samples lost", lost).format(n=lost))
        return [text for text in said if text]

    def warning(self) -> str:
        """Return what is in the patient's signal but leaves a reading; empty where nothing is."""
        now, removed = self._now(), self.session.signal.heartbeat == "remove"
        return warning_words(int(now.quality[self.channel]), beats_removed=removed) if now else ""

    # thresholds, for both screens

    def set_threshold(self, channel: int, value: float) -> str:
        """Set a threshold; return why not, in a sentence, or an empty text."""
        if not self.ready:
            return ""
        try:
            self.session.set_threshold(channel, float(f"{value:.3g}"))
        except SettingsError as error:
            return str(error)
        return ""

    def threshold_here(self, channel: int) -> str:
        """Set the threshold a quarter above the present tension, so that holding still succeeds."""
        now = self._now()
        if now is None or math.isnan(now.slow[channel]):
            return _("There is no reading to set the goal from; wait for one.")
        floor = self.channels[channel].resolution_floor or 0.0
        return self.set_threshold(channel, max(1.25 * float(now.slow[channel]), 1.01 * floor))

    def step_threshold(self, channel: int, steps: int) -> str:
        """Move a threshold by `steps` key presses of 5 %; where there is none, set it here."""
        if not self.ready:
            return ""
        threshold = float(self.session.thresholds()[channel])
        if math.isnan(threshold):
            return self.threshold_here(channel)
        return self.set_threshold(channel, threshold * THRESHOLD_STEP**steps)

    # the therapist's screen

    @property
    def stop(self) -> int:
        """The index after the newest sample; 0 before the first."""
        now = self.session.now
        return 0 if now is None else now.index + 1

    def status(self) -> str:
        """Return why nothing new comes, a sentence; empty while all goes on."""
        if not self.ready or self.session.state is State.FAILED:
            return self._waiting().hint
        if self.session.state is State.ENDED:
            return _("The recording has ended.")
        if self.session.source.status:
            return self._away()
        return _("Paused: nothing is judged.") if self.session.paused else ""

    def band(self) -> str:
        """Return the band of all numbers, in words."""
        return band_word(self.session.band_hz)

    def warnings(self) -> tuple[tuple[bool, str, str], ...]:
        """Return of each channel whether it is invalid, what is wrong and what to do, and a word.

        The texts are empty where all is well.
        """
        now = self._now()
        if now is None:
            return ()
        return tuple(
            (
                bool(quality & INVALID),
                " ".join(quality_words(quality)).strip(),
                quality_word(quality),
            )
            if quality
            else (False, "", "")
            for quality in now.quality.tolist()
        )

    def signal(self, start: int, stop: int) -> tuple[Samples, Samples]:
        """Return filtered signal and tension of the samples from `start` to before `stop`."""
        return self.session.filtered.read(start, stop), self.session.slow.read(start, stop)

    def spectrum(self) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Return Hz and power density of the last four seconds; None while no channel has any.

        A channel that was not valid all that time is NaN: noise of an open lead is no EMG.
        """
        n = round(SPECTRUM_S * self.session.info.sfreq)
        latest, slow = self.session.filtered.latest(n), self.session.slow.latest(n)
        unknown = np.isnan(slow).any(axis=0) | np.isnan(latest).any(axis=0)
        if unknown.all():
            return None
        latest[:, unknown] = np.nan
        return welch(latest, sfreq=self.session.info.sfreq)

    def rows(self, spectrum: tuple[NDArray[np.float64], NDArray[np.float64]] | None) -> list[Row]:
        """Return the table of channels; `spectrum` as `spectrum()` gave it."""
        now = self._now()
        if now is None:
            return []
        medians = (
            np.full(len(self.channels), np.nan) if spectrum is None else median_frequency(*spectrum)
        )
        thresholds = self.session.thresholds()
        rows = []
        for i, channel in enumerate(self.channels):
            percent = self.session.tally.relaxed_percent(i)
            quality = int(now.quality[i])
            rows.append(
                Row(
                    label=shown_label(channel.label),
                    tension=number_word(float(now.slow[i]), channel),
                    fast=number_word(float(now.fast[i]), channel),
                    median_hz=NO_NUMBER if math.isnan(medians[i]) else f"{medians[i]:.0f}",
                    threshold=(NO_NUMBER if math.isnan(thresholds[i]) else f"{thresholds[i]:.3g}"),
                    relaxed=NO_NUMBER if math.isnan(percent) else f"{percent:.0f}",
                    quality=quality_words(quality)[0] or _("good"),
                    signal=signal_word(quality, self.session.heart_rate_bpm),
                    zone=Zone(int(now.zones[i])),
                )
            )
        return rows


def round_up(value: float, *, steps: tuple[float, ...] = _COARSE) -> float:
    """Return the next round number at or above `value`: 1, 2, 5, 10, 20 ..., or by other steps."""
    if value <= 0:
        return 1.0
    decade = 10.0 ** math.floor(math.log10(value))
    return next(
        step * factor
        for factor in (decade, 10 * decade)
        for step in steps
        if step * factor >= value * (1 - 1e-9)
    )
