"""One sitting: a source read to its end through the pipeline, kept where a display can poll it."""

import math
import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biofeedback.bands import stream_band
from biofeedback.buffer import RingBuffer
from biofeedback.errors import BiofeedbackError, SettingsError
from biofeedback.muscles import shown_label
from biofeedback.pipeline import Pipeline, make_pipeline
from biofeedback.readings import PER_SECOND, Reading, Readings, Tally
from biofeedback.recording.live import Recorder
from biofeedback.recording.sidecar import source_kind
from biofeedback.settings import SignalSettings
from biofeedback.stream import (
    Annotation,
    Channel,
    Chunk,
    Press,
    Sink,
    Source,
    StreamInfo,
    Tension,
    Zone,
)
from biofeedback.text import _
from biofeedback.training.breathing import breathing_beside
from biofeedback.training.following import Sayings, Sinks
from biofeedback.training.threshold import ZoneTracker, check_threshold
from biofeedback.training.trainer import Trainer

SIGNAL_KEPT_S = 30
READINGS_KEPT_S = 3600
_READ_TIMEOUT_S = 0.1


class State(Enum):
    """Where a session stands."""

    OPENING = auto()
    RUNNING = auto()
    ENDED = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class Now:
    """The newest sample of every channel: one value a channel, each."""

    index: int
    fast: NDArray[np.float64]
    slow: NDArray[np.float64]
    quality: NDArray[np.uint8]
    zones: NDArray[np.int8]


class Session:
    """Reads `source` and turns what comes into tension, zones and readings.

    Either iterate over `run` (the command line) or `start` it on a thread of its own and poll
    (the window): `state`, `error`, `now`, the ring buffers `filtered` and `slow` by sample index,
    and `trend`, the slow RMS by tenths of a second. It ends after `seconds` of sample time.
    Without `keep_signal` the two ring buffers stay empty, for who only wants the readings.
    `threshold_uv` holds for every channel, and is refused where it cannot; without it that of the
    settings holds, where it can. `sinks` get each raw chunk first, before anything is made of it;
    the recording is one of them. `trainer` makes what scores the tension; the session ends with it.
    """

    def __init__(
        self,
        source: Source,
        *,
        signal: SignalSettings,
        threshold_uv: float | None = None,
        seconds: float | None = None,
        keep_signal: bool = True,
        sinks: Sequence[Sink] = (),
        trainer: Callable[[StreamInfo], Trainer] | None = None,
    ) -> None:
        self.source = source
        self.signal = signal
        self.state = State.OPENING
        self.error: BiofeedbackError | None = None
        self.paused = False
        """Nothing is judged and no score counts while it is true; the stream goes on."""
        self._latest: tuple[Tension, NDArray[np.int8]] | None = None
        self._now: Now | None = None
        self.recent_readings: deque[Reading] = deque(maxlen=SIGNAL_KEPT_S * PER_SECOND)
        """Those of the time that `filtered` holds; copy it whole before looking."""
        self.notes: list[str] = []
        """What the user should know of this session, each a sentence."""
        self.annotations: list[Annotation] = []
        """What was noted of this session."""
        self.presses: list[Press] = []
        """What was done with a button on the board, where it has one."""
        self._events = 0
        self.marks_presses = True
        """Whether each press is noted as a mark of its moment."""
        self._sinks, self._sayings = Sinks(sinks), Sayings((source, *sinks))
        self._make_trainer = trainer
        self.breathing = breathing_beside(self.annotate, lambda: self.duration_s)
        self.trainer: Trainer | None = None
        """There once the state is RUNNING, where one was asked for."""
        self._threshold_uv, self._seconds = threshold_uv, seconds
        self._keep_signal = keep_signal
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.stop_index = 0
        """The index after the newest sample."""
        self._late = 0

    @property
    def info(self) -> StreamInfo:
        """What the source sends; there once the state is RUNNING."""
        return self.source.info

    @property
    def band_hz(self) -> tuple[float, float] | None:
        """The corners that the tension is read in; None for envelopes made by the sensor."""
        return stream_band(self.info, self.signal.band)

    @property
    def lost(self) -> int:
        """How many samples of each channel never arrived, those before the first that did too."""
        return self._pipeline.lost + self._late

    @property
    def heart_rate_bpm(self) -> float:
        """Beats a minute over the last ten seconds; NaN while the heart is not clearly heard."""
        heart = self._pipeline.lookout.heart
        return heart.rate_bpm if heart else math.nan

    @property
    def duration_s(self) -> float:
        """Sample time so far, gaps included."""
        return self.stop_index / self.info.sfreq

    @property
    def valid_percent(self) -> float:
        """Share of all sample time that was valid, once it has ended; lost samples are not."""
        total = self.stop_index * len(self.info.channels)
        return 100.0 * int(self.tally.valid.sum()) / total if total else 0.0

    def run(self) -> Generator[list[Reading], None, None]:
        """Open the source, yield the readings of each chunk, and close it, whatever happens.

        Where nothing came for a tenth of a second it yields no readings.
        """
        try:
            self.source.open()
            self._prepare()
            self._sinks.open(self.info)
            self.state = State.RUNNING
            try:
                while not (self._stopping.is_set() or self._done()):
                    chunks = self.source.read(_READ_TIMEOUT_S)
                    self.notes += self._sayings.new()
                    for chunk in chunks:
                        yield self._take(chunk)
                    self._hear_board()
                    if not chunks:
                        yield []
            finally:
                self.tally.finish()
                if self.trainer:
                    self.trainer.finish()
            self.state = State.ENDED
        except BiofeedbackError as error:
            # a source that was told to stop may answer that it was lost
            self.error = None if self._stopping.is_set() else error
            self.state = State.FAILED if self.error else State.ENDED
            if self.error:
                raise
        finally:
            self.source.close()
            self._sinks.close()
            self.notes += self._sayings.new()

    def _prepare(self) -> None:
        info = self.source.info
        n = len(info.channels)
        self._end = None if self._seconds is None else max(0, round(self._seconds * info.sfreq))
        self._pipeline: Pipeline = make_pipeline(info, self.signal)
        self._zone_of = ZoneTracker(n, hysteresis=self.signal.hysteresis)
        self._readings = Readings(n, sfreq=info.sfreq)
        self.tally = Tally(n, sfreq=info.sfreq)
        self.trainer = self._make_trainer(info) if self._make_trainer else None
        self.breathing = self.trainer.breathing if self.trainer else self.breathing
        self.filtered = RingBuffer(round(SIGNAL_KEPT_S * info.sfreq), n)
        self.slow = RingBuffer(round(SIGNAL_KEPT_S * info.sfreq), n)
        self.trend = RingBuffer(READINGS_KEPT_S * PER_SECOND, n)
        self.notes += self._sayings.new()
        for i, channel in enumerate(info.channels):
            if self._threshold_uv is not None:
                self._set_asked_threshold(i, channel, self._threshold_uv)
            elif self.signal.threshold_uv and channel.unit == "uV":
                self._set_usual_threshold(i, self.signal.threshold_uv)

    def _hear_board(self) -> None:
        """Take over what the board has told of since; most sources have nothing to tell."""
        for event in getattr(self.source, "events", ())[self._events :]:
            self._events += 1
            text = _("event {name}").format(name=event.name)
            self.annotate(text, onset_s=event.index / self.info.sfreq)
        presses = getattr(self.source, "presses", ())
        if len(presses) == len(self.presses):
            return
        new = presses[len(self.presses) :]
        self.presses += new
        for press in new:
            if press.down and self.marks_presses:
                self.annotate(_("button"), onset_s=press.index / self.info.sfreq)

    def _set_asked_threshold(self, i: int, channel: Channel, threshold_uv: float) -> None:
        if channel.unit != "uV":
            raise SettingsError(
                _(
                    "A threshold in µV means nothing for {label}, which comes in counts: "
                    "name its sensor, so that counts become microvolts."
                ).format(label=shown_label(channel.label))
            )
        self.set_threshold(i, threshold_uv)

    def _set_usual_threshold(self, i: int, threshold_uv: float) -> None:
        """Use the threshold of the settings, unless this sensor cannot resolve it."""
        try:
            self.set_threshold(i, threshold_uv)
        except SettingsError as error:
            note = _("{error} The threshold of the settings is left out.").format(error=error)
            if note not in self.notes:
                self.notes.append(note)

    def _done(self) -> bool:
        trained = self.trainer is not None and self.trainer.ended
        over = self._end is not None and self.stop_index >= self._end
        return self.source.ended or trained or over

    def _take(self, chunk: Chunk) -> list[Reading]:
        stop = chunk.start + len(chunk.samples)
        if self._end is not None and stop > self._end:
            start, stop = min(chunk.start, self._end), self._end  # behind a gap: nothing of it
            chunk = Chunk(start, chunk.samples[: stop - start])
        if stop == self.stop_index:
            return []
        self._sinks.write(chunk)
        if not self.stop_index:
            self._late = chunk.start  # lost before the first that came
        tension = self._pipeline.process(chunk)
        zones = self._zone_of(tension.slow)
        if self.trainer:
            self.trainer.waiting = self.paused
            self.trainer.feed(tension)
        if self.paused:
            zones = np.full_like(zones, Zone.UNKNOWN)
        else:
            self.tally.add(tension, zones)
        self._sinks.follow(tension, zones, self.trainer)
        readings = self._readings(tension, zones)
        if self._keep_signal:
            self.filtered.write(tension.start, tension.filtered)
            self.slow.write(tension.start, tension.slow)
        for reading in readings:
            self.trend.write(reading.number, reading.slow[None])
            self.recent_readings.append(reading)
        self.stop_index = stop
        if len(zones):
            self._latest = tension, zones
        return readings

    @property
    def now(self) -> Now | None:
        """The newest sample, None before the first; the same object as long as it is that."""
        latest, now = self._latest, self._now
        if latest is None:
            return now
        tension, zones = latest
        if now is None or now.index != tension.stop - 1:
            values = tension.fast[-1], tension.slow[-1], tension.quality[-1], zones[-1]
            self._now = now = Now(tension.stop - 1, *values)
        return now

    def thresholds(self) -> NDArray[np.float64]:
        """Return the threshold of each channel, in its unit; NaN where there is none."""
        return self._zone_of.thresholds.copy()

    def has_threshold(self, channel: int) -> bool:
        """Say whether a channel's tension is held against a threshold."""
        return not np.isnan(self._zone_of.thresholds[channel])

    def set_threshold(self, channel: int, value: float) -> None:
        """Set the threshold of a channel, in its unit; raise `SettingsError` below its floor."""
        check_threshold(value, self.info.channels[channel])
        self._zone_of.thresholds[channel] = value

    def add_sink(self, sink: Sink) -> None:
        """Open `sink` for what comes from now on; raise what it raises where that cannot be."""
        self._sinks.add(sink, self.info, lambda: self.stop_index)
        self._sayings.add(sink)

    def remove_sink(self, sink: Sink) -> None:
        """Close `sink`: nothing more goes to it."""
        self._sinks.remove(sink)

    def annotate(self, text: str, *, onset_s: float | None = None, duration_s: float = 0.0) -> None:
        """Note `text` of `onset_s`, by default now, in the session and in its sinks."""
        onset_s = self.duration_s if onset_s is None else onset_s
        annotation = Annotation(onset_s, duration_s, text)
        self.annotations.append(annotation)
        self._sinks.annotate(annotation)

    def start(self) -> None:
        """Run on a thread of its own until it ends or `stop` is called."""
        self._thread = threading.Thread(target=self._run_all, name="acquisition", daemon=True)
        self._thread.start()

    def _run_all(self) -> None:
        try:
            for _readings in self.run():
                pass
        except BiofeedbackError:
            pass  # told through `state` and `error`, which the display polls
        except Exception as fault:  # ours: the last reading must not stand as if it went on
            self.error = BiofeedbackError(
                _(
                    "The session broke off by a fault of the program ({fault}): start it again, "
                    "and please report what you did."
                ).format(fault=fault)
            )
            self.state = State.FAILED
            raise

    def stop(self) -> None:
        """End the session and wait until the source is closed."""
        self._stopping.set()
        self.source.close()
        self.join()

    def join(self) -> None:
        """Wait until the session has ended by itself."""
        if self._thread is not None:
            self._thread.join()

    def summary(self) -> dict[str, Any]:
        """Return what the session was, as plain values for JSON; after it has run."""
        return {
            "source": self.info.source,
            "simulated": self.info.simulated,
            "sfreq": self.info.sfreq,
            "samples": self.stop_index - self.lost,
            "lost": self.lost,
            "corrupt_frames": self.source.corrupt_frames,
            "duration_s": self.duration_s,
            "valid_percent": self.valid_percent,
            "record": next(
                (sink.summary() for sink in self._sinks if isinstance(sink, Recorder)), None
            ),
        }

    def outcome(self) -> dict[str, Any]:
        """Return what the session came to, for the journal: as `summary`, and by channel.

        No path is in it; what is not known is None.
        """
        thresholds = self.thresholds()
        channels = [
            {
                "label": channel.label,
                "unit": channel.unit,
                "threshold": _known(float(thresholds[i])),
                "relaxed_percent": _known(self.tally.relaxed_percent(i)),
            }
            for i, channel in enumerate(self.info.channels)
        ]
        return self.summary() | {"source": source_kind(self.info), "channels": channels}


def _known(number: float) -> float | None:
    return None if math.isnan(number) else number
