"""A board that prints its samples as lines of numbers."""

import numpy as np

from biofeedback.boards import (
    BOARDS,
    COUNTS_HINT,
    DEFAULT_BOARD,
    MICROVOLTS,
    make_channel,
)
from biofeedback.sources.count_limits import CountLimits
from biofeedback.sources.line import LISTEN_S, BoardOptions, Line, Streamed
from biofeedback.sources.ports import STEP_S
from biofeedback.stream import BoardEvent, Channel, Chunk, Press
from biofeedback.text import _
from biofeedback.wire.text import TextDecoder

MEASURE_S = 10.0  # bursts of 16 ms (FTDI) then leave less than 0.01 % of error


def fit_sfreq(arrivals: list[tuple[float, int]]) -> float:
    """Return the rate in Hz of a line through `(arrival time in s, samples so far)`, by 0.1 Hz.

    An adapter hands samples on in bursts, so each read is one point, at its newest sample: the
    delay of that one is nearly the same every time, and falls out of the slope.
    """
    times, counts = np.array(arrivals).T
    times, counts = times - times.mean(), counts - counts.mean()
    return round(float(counts @ counts / (counts @ times)), 1)


class TextBoard:
    """Reads lines of numbers; a `Wire`. `measure_s` seconds find a rate that is not given."""

    title = _("board that prints numbers")
    bauds: tuple[int, ...] = ()
    boot_s = LISTEN_S
    # Each portion costs a pass through the pipeline, and a board that sends every sample by
    # itself would take half a core.
    gather_s = 0.016
    greeting = b""
    answer_s = 0.0

    def __init__(self, options: BoardOptions, *, measure_s: float = MEASURE_S) -> None:
        self._options, self._measure_s = options, measure_s
        self._decoder = TextDecoder()
        self._limits: CountLimits | None = None
        self._first: list[Chunk] = []
        self._sfreq = options.sfreq
        self._corrupt_before = 0
        self.news: list[str] = []
        self.presses: list[Press] = []  # lines of numbers tell of no button
        self.events: list[BoardEvent] = []

    @property
    def corrupt_frames(self) -> int:
        """How many lines arrived damaged, or with counts that the converter cannot send."""
        refused = self._limits.refused if self._limits else 0
        return self._corrupt_before + self._decoder.corrupt_frames + refused

    def forget(self) -> None:
        """Forget what was heard: the port was opened anew, or listens at another speed."""
        if self._limits:  # else nothing was read yet: what is no line is another speed
            self._corrupt_before += self._decoder.corrupt_frames
        self._decoder.reset()
        self._first = []

    def recognise(self, data: bytes) -> bool:
        """Take `data`; say whether lines of numbers have come."""
        self._first += self._decoder.feed(data)
        return bool(self._first)

    def speaking(self) -> bool:
        """Say whether lines of numbers were heard."""
        return bool(self._first)

    def begin(self, line: Line) -> Streamed:
        """Find the rate, if need be; raise `SourceMismatch` for counts that cannot be."""
        options = self._options
        if self._limits is None and options.sensor and not options.unit:
            self._limits = CountLimits(
                options.board or options.sensor.converter or BOARDS[DEFAULT_BOARD],
                signed=options.sensor.signed,
                port=line.name,
            )
        held = self._within_limits(self._first)
        self._first = []
        if self._sfreq is None:
            self._sfreq = self._measure(line, held)
        return Streamed(
            channels=tuple(map(self._channel, options.labels_for(self._decoder.labels))),
            sfreq=self._sfreq,
            estimated=options.sfreq is None,
            held=held,
            notes=self._notes(self._sfreq),
        )

    def feed(self, data: bytes) -> list[Chunk]:
        """Return the samples that `data` completes; raise `SourceMismatch` as `begin`."""
        return self._within_limits(self._decoder.feed(data))

    def end(self, line: Line) -> None:
        """A sketch that prints knows no stop."""

    def _channel(self, label: str) -> Channel:
        if self._options.unit in MICROVOLTS:
            return Channel(label, "uV", MICROVOLTS[self._options.unit])
        sensor = None if self._options.unit else self._options.sensor
        return make_channel(label, sensor, self._options.board)

    def _notes(self, sfreq: float) -> tuple[str, ...]:
        notes = []
        if self._options.sfreq is None:
            notes.append(_("rate estimated: {sfreq:g} Hz").format(sfreq=sfreq))
        if not (self._options.sensor or self._options.unit):
            notes.append(COUNTS_HINT)
        notes.append(_("Text lines carry no counter, so loss on the cable cannot be counted."))
        return tuple(notes)

    def _measure(self, line: Line, held: list[Chunk]) -> float:
        """Return the rate in Hz, fitted to arrivals; what arrives is added to `held`."""
        line.say(_("measuring rate"))
        start = now = line.heard
        arrivals = [(now, self._decoder.position)]
        while now - start < self._measure_s or len(arrivals) < 3:
            line.raise_if_stopped()
            held += self.feed(line.read(STEP_S))
            line.raise_if_silent()
            now = line.now
            if self._decoder.position > arrivals[-1][1]:
                arrivals.append((now, self._decoder.position))
        return fit_sfreq(arrivals)

    def _within_limits(self, chunks: list[Chunk]) -> list[Chunk]:
        if self._limits is None:
            return chunks
        return [part for chunk in chunks for part in self._limits(chunk)]
