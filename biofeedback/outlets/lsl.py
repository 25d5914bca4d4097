"""A stream for Lab Streaming Layer: the signal, its tension and what was noted."""

import contextlib
import socket
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biofeedback import __version__
from biofeedback.bands import stream_band
from biofeedback.errors import SettingsError
from biofeedback.outlets.stamps import Stamps
from biofeedback.recording.sidecar import source_kind
from biofeedback.sources.lsl_library import load_library, missing_library
from biofeedback.stream import Annotation, Channel, Chunk, Samples, StreamInfo, Tension
from biofeedback.text import _
from biofeedback.training.goal import Goal
from biofeedback.training.trainer import Trainer

# How often a tension is sent, at most: an eye takes it for a movement.
_TENSION_HZ = 25.0
# What waits for a receiver that has stopped to read; then its oldest samples are lost to it.
_KEPT_S = 30
# A stream that is taken back at once loses what is on its way; after 20 ms nothing.
_LAST_S = 0.2
_EXACT_IN_FLOAT32 = 2**24
# XDF's words, which its readers know.
_UNITS = {"uV": "microvolts"}
_CODE = "code"
_ZONES, _GOALS = "0 unknown, 1 relaxed, 2 tense", "0 unknown, 1 reached, 2 not yet"
_QUALITY = "1 saturated + 2 off + 4 mains + 8 motion + 16 ecg + 32 gap + 64 unsettled"


class LslOutlet:
    """A sink that streams what comes as `name`, its tension and its notes beside it.

    `NAME` (type EMG) holds every sample, in microvolts where the sensor is known; `NAME-tension`
    the slow and the fast RMS, zone and quality of each channel, and a training's goal; and
    `NAME-notes` (type Markers) the texts. Stamps are of LSL's clock, through `Stamps`. `band` is
    what the tension is read in. Nothing is computed for a stream that nobody receives, and who is
    slow to receive is not waited for. Raises `SettingsError` where the library is missing.
    """

    def __init__(self, name: str, *, band: str) -> None:
        if why_not := missing_library():
            raise SettingsError(why_not)
        self.notes: tuple[str, ...] = ()
        self._name, self._band = name, band
        self._lsl = load_library()
        self._signal: Any = None
        self._tension: Any = None
        self._texts: Any = None
        self._times: NDArray[np.float64] = np.empty(0)
        self._times_of = -1

    def open(self, info: StreamInfo, start: int = 0) -> None:  # noqa: ARG002
        """Announce the streams of what `info` describes."""
        lsl = self._lsl
        self._stamps = Stamps(info.sfreq, clock=lsl.local_clock)
        self._sfreq, self._step = info.sfreq, max(1, round(info.sfreq / _TENSION_HZ))
        self._gain = np.array([channel.gain for channel in info.channels])
        self._offset = np.array([channel.offset for channel in info.channels])
        exact = all(_is_whole(channel) for channel in info.channels)
        self._dtype = np.float32 if exact else np.float64
        signal_form = lsl.cf_float32 if exact else lsl.cf_double64
        with self._reporting():
            signal = [_signal_words(channel) for channel in info.channels]
            self._signal = self._announce(info, "", "EMG", signal, info.sfreq, signal_form)
            tension = [words for channel in info.channels for words in _tension_words(channel)]
            tension.append({"label": "goal", "unit": _CODE, "type": "goal", "codes": _GOALS})
            sfreq = info.sfreq / self._step
            self._tension = self._announce(
                info, "-tension", "Tension", tension, sfreq, lsl.cf_float32
            )
            texts = [{"label": "notes", "unit": "", "type": "Markers"}]
            self._texts = self._announce(info, "-notes", "Markers", texts, 0.0, lsl.cf_string)

    def _announce(
        self,
        info: StreamInfo,
        part: str,
        kind: str,
        channels: Sequence[Mapping[str, str]],
        sfreq: float,
        form: int,
    ) -> Any:
        source = source_kind(info)
        # A receiver that lost the stream knows by the last of these which one it was.
        identity = f"biofeedback {socket.gethostname()} {source} {self._name}{part}"
        described = self._lsl.StreamInfo(
            self._name + part, kind, len(channels), sfreq, form, identity
        )
        desc = described.desc()
        listed = desc.append_child("channels")
        for words in channels:
            channel = listed.append_child("channel")
            for key, value in words.items():
                channel.append_child_value(key, value)
        band_hz = stream_band(info, self._band)
        made = desc.append_child("acquisition")
        made.append_child_value("manufacturer", "biofeedback")
        made.append_child_value("version", __version__)
        made.append_child_value("source", source)
        desc.append_child_value("simulated", "yes" if info.simulated else "no")
        desc.append_child_value("tension_band_hz", "{:g}-{:g}".format(*band_hz) if band_hz else "")
        return self._lsl.StreamOutlet(described, max_buffered=_KEPT_S)

    def write(self, chunk: Chunk) -> None:
        """Send each sample, where anybody receives them."""
        self._stamps.arrive(chunk.stop, self._lsl.local_clock())
        if self._is_heard(self._signal):
            rows = chunk.samples * self._gain + self._offset
            self._send(self._signal, rows.astype(self._dtype), self._times_in(chunk.start, rows))

    def follow(self, tension: Tension, zones: NDArray[np.int8], trainer: Trainer | None) -> None:
        """Send the tension of every so many samples, where anybody receives it."""
        if not self._is_heard(self._tension):
            return
        every = slice(-tension.start % self._step, None, self._step)
        times = self._times_in(tension.start, tension.slow)[every]
        if not len(times):
            return
        of_channels = np.stack(
            [part[every] for part in (tension.slow, tension.fast, zones, tension.quality)], axis=2
        )
        goal = trainer.shown.goal if trainer else Goal.UNKNOWN
        rows = of_channels.reshape(len(times), -1)
        rows = np.column_stack([rows, np.full(len(times), float(goal))])
        self._send(self._tension, rows.astype(np.float32), times)

    def annotate(self, annotation: Annotation) -> None:
        """Send a note, with the time that it is of."""
        if self._is_heard(self._texts):
            time_s = self._stamps.at(annotation.onset_s * self._sfreq)
            with self._reporting():
                self._texts.push_sample([annotation.text], time_s)

    def close(self) -> None:
        """Take the streams back, once what was sent last has had time to arrive."""
        if any(map(self._is_heard, (self._signal, self._tension, self._texts))):
            time.sleep(_LAST_S)
        self._drop()

    def _drop(self) -> None:
        self._signal = self._tension = self._texts = None

    def _is_heard(self, outlet: Any) -> bool:
        return outlet is not None and bool(outlet.have_consumers())

    def _times_in(self, start: int, rows: Samples) -> NDArray[np.float64]:
        """Return the stamps of a chunk, made once for all streams."""
        if self._times_of != start:
            self._times_of, self._times = start, self._stamps.of(start, len(rows))
        return self._times

    def _send(self, outlet: Any, rows: NDArray[Any], times: NDArray[np.float64]) -> None:
        with self._reporting():
            outlet.push_chunk(np.ascontiguousarray(rows), times.tolist())

    @contextlib.contextmanager
    def _reporting(self) -> Any:
        """Whatever goes wrong here, the session goes on without these streams."""
        try:
            yield
        except (RuntimeError, OSError) as error:
            self._drop()
            self.notes += (
                _("Nothing more is sent by Lab Streaming Layer ({why}).").format(why=error),
            )


def _is_whole(channel: Channel) -> bool:
    """Say whether what is sent of a channel are whole numbers that 32 bits hold exactly."""
    ends = channel.digital or (-np.inf, np.inf)
    as_sent = channel.gain == 1.0 and channel.offset == 0.0
    return as_sent and max(map(abs, ends)) <= _EXACT_IN_FLOAT32


def _signal_words(channel: Channel) -> dict[str, str]:
    words = {
        "label": channel.label,
        "unit": _UNITS.get(channel.unit, channel.unit),
        "type": "envelope" if channel.envelope else "EMG",
        "sensor": channel.sensor,
        "counts_gain": repr(channel.gain),
        "counts_offset": repr(channel.offset),
        "step": "" if channel.step is None else repr(channel.step),
    }
    return {key: value for key, value in words.items() if value}


def _tension_words(channel: Channel) -> list[dict[str, str]]:
    unit = _UNITS.get(channel.unit, channel.unit)
    of_parts = {
        "slow": {"unit": unit, "type": "RMS"},
        "fast": {"unit": unit, "type": "RMS"},
        "zone": {"unit": _CODE, "type": "zone", "codes": _ZONES},
        "quality": {"unit": _CODE, "type": "quality", "codes": _QUALITY},
    }
    return [{"label": f"{channel.label} {part}"} | words for part, words in of_parts.items()]
