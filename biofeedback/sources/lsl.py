"""A stream of Lab Streaming Layer as a source: found by name, read, and found again when lost."""

import math
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from biofeedback.errors import RecordingError, SourceLost, SourceMismatch, SourceNotFound
from biofeedback.recording.binary.xdf import describe_stream, is_simulated
from biofeedback.recording.binary.xdf_chunks import NUMBERS, read_header
from biofeedback.recording.recorded import Hints
from biofeedback.recording.signals import choose_emg, listed, make_channels
from biofeedback.sources.lsl_library import load_library, missing_library
from biofeedback.sources.lsl_placing import Placing
from biofeedback.stream import Chunk, StreamInfo
from biofeedback.text import _

FIND_S = 3.0  # liblsl asks the network again after half a second, then ever more rarely
OTHERS_S = 0.5  # after the first one was found
CONNECT_S = 2.0
SILENCE_S = 2.0
LIST_S = 0.8
_FORGET_S = 2.0  # a stream that is not seen for so long has gone
_LOOK_S = 0.016
_MOST_AT_ONCE = 4096
_KEPT_S = 60  # what a program that was stopped finds when it goes on
_KINDS = ("int8", "int16", "int32", "int64", "float32", "double64")


class Listed(NamedTuple):
    """A stream that is there: what it is called, what it says that it is, and where it comes from.

    `sfreq` in Hz, 0 where it comes at no even rate.
    """

    name: str
    kind: str
    channels: int
    sfreq: float
    host: str


def list_streams(wait_s: float = LIST_S) -> list[Listed]:
    """Return the streams in the network, those that answer within `wait_s`; none without LSL."""
    if missing_library():
        return []
    found = {info.uid(): _listed(info) for info in load_library().resolve_streams(wait_s)}
    return sorted(found.values())


def _listed(info: Any) -> Listed:
    rate = float(info.nominal_srate())
    return Listed(info.name(), info.type(), info.channel_count(), rate, info.hostname())


def query_for(words: str) -> str:
    """Return what `words` ask liblsl for: NAME, NAME@HOST, type=KIND; empty: whatever is EMG."""
    if not words or words.startswith("type="):
        return f"type={_quoted(words.removeprefix('type=') or 'EMG')}"
    name, at, host = words.rpartition("@")
    query = f"name={_quoted(words)}"
    return f"{query} or (name={_quoted(name)} and hostname={_quoted(host)})" if at else query


def _quoted(text: str) -> str:
    quote = '"' if "'" in text else "'"
    return quote + text.replace(quote, "") + quote


class _Line(NamedTuple):
    """A stream that is received: its description, and what of it is EMG."""

    inlet: Any
    name: str
    form: str
    info: StreamInfo
    columns: list[int]
    same: str
    """The query that finds this stream again."""
    notes: tuple[str, ...]


class LslSource:
    """Reads the EMG of the stream that `words` name, as of `query_for`; `hints` as of a recording.

    Time stamps are put on this computer's clock; where they jump, samples are missing. A stream
    that ends or falls silent is waited for, `patience_s` long. Times in seconds.
    """

    ended = False
    corrupt_frames = 0

    def __init__(
        self,
        words: str,
        hints: Hints | None = None,
        *,
        patience_s: float = 30.0,
        find_s: float = FIND_S,
        silence_s: float = SILENCE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.status = ""
        self.notes: tuple[str, ...] = ()
        self._words, self._hints = words, hints or Hints()
        self._patience_s, self._find_s, self._silence_s = patience_s, find_s, silence_s
        self._clock = clock
        self._stopped = threading.Event()
        self._line: _Line | None = None
        self._resolver: Any = None
        self._why_lost = ""
        self._came_s = 0.0  # when the newest samples came, or a connection was made
        self._lost_s = math.nan
        self._refused: set[str] = set()

    def open(self) -> None:
        """Find the stream and subscribe to it; raise `SourceError`."""
        if why_not := missing_library():
            raise SourceNotFound(why_not)
        self._lsl = load_library()
        self.status = _("looking for the stream")
        try:
            found = self._find()
            line = self._connect(found, CONNECT_S)
        finally:
            self.status = ""
        self.info, self.notes = line.info, line.notes
        self._same = line.same
        self._placing = Placing(line.info.sfreq)
        self._begin(line)

    def read(self, timeout: float) -> list[Chunk]:
        """Return what has arrived, waiting up to `timeout` seconds for the first of it.

        Raises `SourceLost` where a lost stream stayed away too long.
        """
        line = self._line
        if line is None:
            return [] if self._stopped.is_set() else self._try_again(timeout)
        deadline = self._clock() + timeout
        try:
            while not self._stopped.wait(_LOOK_S):
                chunks = self._pull(line)
                now = self._clock()
                if chunks:
                    return chunks
                if now - self._came_s > self._silence_s:
                    why = _("The LSL stream {name} is silent.").format(name=line.name)
                    return self._lose(why)
                if now >= deadline:
                    break
        except RuntimeError:  # pylsl's LostError is one
            return self._lose(_("The LSL stream {name} has ended.").format(name=line.name))
        return []

    def close(self) -> None:
        """Leave the stream; an `open` or `read` under way ends within a few seconds."""
        self._stopped.set()
        self._line = self._resolver = None

    # finding it

    def _find(self) -> Any:
        """Return the one stream that the words name."""
        resolver = self._lsl.ContinuousResolver(pred=query_for(self._words))
        until = self._clock() + self._find_s
        found: dict[str, Any] = {}
        while self._clock() < until and not self._stopped.wait(_LOOK_S):
            before = len(found)
            found = {info.uid(): info for info in resolver.results()}
            if found and not before:
                until = self._clock() + OTHERS_S
        if not found:
            raise SourceNotFound(_no_stream(self._words))
        if len(found) > 1:
            names = listed(f"lsl:{info.name()}@{info.hostname()}" for info in found.values())
            raise SourceMismatch(_several_streams(self._words, names))
        return next(iter(found.values()))

    def _connect(self, found: Any, timeout_s: float) -> _Line:
        """Subscribe to a stream; raise `SourceError` where it is none for us, or is mute."""
        name = found.name()
        forms = {getattr(self._lsl, f"cf_{kind}"): kind for kind in _KINDS}
        form = forms.get(found.channel_format())
        if form is None or found.nominal_srate() <= 0:
            raise SourceMismatch(
                _(
                    "The LSL stream {name} holds events, not samples at an even rate: choose one "
                    "of EMG (biofeedback devices lists them)."
                ).format(name=name)
            )
        try:
            inlet = self._lsl.StreamInlet(found, max_buflen=_KEPT_S, recover=False)
            full = inlet.info(timeout_s)
            inlet.open_stream(timeout_s)
            inlet.time_correction(timeout_s)
        except RuntimeError as error:  # pylsl's TimeoutError and LostError
            raise SourceNotFound(
                _(
                    "The LSL stream {name} does not answer: see that no firewall is between, and "
                    "start it again."
                ).format(name=name)
            ) from error
        return self._described(inlet, full, form)

    def _described(self, inlet: Any, full: Any, form: str) -> _Line:
        """Return what the description of a stream comes to."""
        name, source_id = full.name(), full.source_id()
        stream = read_header(full.as_xml().encode())
        if stream is None:
            raise SourceMismatch(
                _("The LSL stream {name} describes itself in no way that can be read.").format(
                    name=name
                )
            )
        signals = describe_stream(stream)
        try:
            columns, notes = choose_emg(signals, where=name)
        except RecordingError:  # who names it knows what it is
            columns = list(range(len(signals)))
            notes = (_("The LSL stream {name} is not said to be EMG.").format(name=name),)
        try:
            chosen = [signals[i] for i in columns]
            channels, unnamed = make_channels(chosen, self._hints, where=name)
        except RecordingError as error:
            raise SourceMismatch(str(error)) from None
        simulated = is_simulated(stream)
        info = StreamInfo(channels, stream.sfreq, f"lsl:{name}", simulated=simulated)
        same = f"name={_quoted(name)}"
        same += f" and source_id={_quoted(source_id)}" if source_id else ""
        return _Line(inlet, name, form, info, columns, same, (*notes, *unnamed))

    # reading it

    def _begin(self, line: _Line) -> None:
        self._line = line
        self._buffer = np.empty((_MOST_AT_ONCE, line.inlet.channel_count), NUMBERS[line.form])
        self._came_s = self._clock()

    def _pull(self, line: _Line) -> list[Chunk]:
        _none, stamps = line.inlet.pull_chunk(0.0, _MOST_AT_ONCE, self._buffer)
        if not stamps:
            return []
        self._came_s = self._clock()
        if not math.isnan(self._lost_s):
            away_s, self._lost_s = self._came_s - self._lost_s, math.nan
            self.status, self._resolver = "", None
            self.notes += (_("The stream was away for {seconds:.1f} s.").format(seconds=away_s),)
        samples = self._buffer[: len(stamps), line.columns].astype(np.float64)
        return self._placing.place(samples, np.array(stamps) + line.inlet.time_correction(0.0))

    # a stream that was lost

    def _lose(self, why: str) -> list[Chunk]:
        """Begin to wait for the stream; return what was still held back."""
        if self._stopped.is_set():
            return []
        self._line = None
        if math.isnan(self._lost_s):
            self._lost_s = self._came_s
            self._resolver = self._lsl.ContinuousResolver(pred=self._same, forget_after=_FORGET_S)
        self._why_lost = self.status = why
        return self._placing.flush()

    def _try_again(self, timeout: float) -> list[Chunk]:
        """Subscribe again where the stream is back; raise `SourceLost` where patience is over."""
        if self._clock() - self._lost_s >= self._patience_s:
            raise SourceLost(
                _("{why} It was waited for, {seconds:g} s long; start it, and then again.").format(
                    why=self._why_lost, seconds=self._patience_s
                )
            )
        resolver = self._resolver
        for found in resolver.results() if resolver else ():
            if found.uid() in self._refused or self._stopped.is_set():
                continue
            try:
                line = self._connect(found, self._silence_s / 2)
                self._check_same(line)
            except SourceMismatch as error:
                self._refused.add(found.uid())
                self._why_lost = self.status = str(error)
            except SourceNotFound:
                pass  # it is listed for a while after it has gone
            else:
                self._begin(line)
                return []
        self._stopped.wait(min(0.1, timeout))
        return []

    def _check_same(self, line: _Line) -> None:
        if line.info != self.info:
            raise SourceMismatch(
                _(
                    "The LSL stream {name} holds other channels than before: begin a new session "
                    "with it."
                ).format(name=line.name)
            )


def _several_streams(words: str, names: str) -> str:
    """Say that more than one is `words`, or of the type EMG where those are empty."""
    if not words:
        return _("Several LSL streams are of the type EMG; say which one: {names}.").format(
            names=names
        )
    return _("Several LSL streams are '{words}'; say which one: {names}.").format(
        words=words, names=names
    )


def _no_stream(words: str) -> str:
    """Say that none is `words`, or of the type EMG where those are empty."""
    if not words:
        return _(
            "No LSL stream of the type EMG is to be found: start it, in the same network as this "
            "computer, and look what there is with: biofeedback devices."
        )
    return _(
        "No LSL stream '{words}' is to be found: start it, in the same network as this "
        "computer, and look what there is with: biofeedback devices."
    ).format(words=words)
