"""A board whose frames all have one length: what those of other makers have in common."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from biofeedback.boards import COUNTS_HINT, MICROVOLTS, Board, Sensor, make_channel
from biofeedback.errors import SourceLost, SourceMismatch
from biofeedback.sources.line import LISTEN_S, SILENCE_S, BoardOptions, Line, Streamed
from biofeedback.sources.ports import STEP_S
from biofeedback.sources.whole_rounds import WholeRounds
from biofeedback.stream import BoardEvent, Channel, Chunk, Press
from biofeedback.text import _
from biofeedback.wire.fixed_frames import FixedDecoder, Framing

START_S = 3.0  # a Chords board heeds a command a second late, a radio has its own delays
GATHER_S = 0.016  # each portion costs a pass through the pipeline
_MOST_TEXT = 4096
_HOLE_S = 0.25  # what a board without a counter was silent beyond that was lost
_FLOOR_S = 10.0
_LATE_SHARE = 1 / 32  # of each arrival, in the average
_LATER_S, _EARLIER_S, _EARLIER_GROWS = 0.001, 0.00002, 1.05  # of the next look


@dataclass(frozen=True, slots=True)
class Setup:
    """What a board was set up to send: `sfreq` in Hz, and what each of its counts means."""

    framing: Framing
    sfreq: float
    channels: tuple[Channel, ...]
    notes: tuple[str, ...] = ()


class Arrivals:
    """Tells by the clock which index samples have come to; `sfreq` in Hz.

    They come late, by a burst of an adapter or a busy computer, and never early: so what counts is
    the least delay of the last ten to twenty seconds, which follows a crystal that is off, and how
    late they are beyond that on average.
    """

    def __init__(self, sfreq: float) -> None:
        self._sfreq = sfreq
        self._floor = self._next = math.inf
        self._until = -math.inf
        self._late = 0.0

    def note(self, now: float, position: int) -> None:
        """Take that all before `position` was there by `now`, in s."""
        if now >= self._until:
            self._floor, self._next, self._until = self._next, math.inf, now + _FLOOR_S
        begun = now - position / self._sfreq
        self._next = min(self._next, begun)
        self._floor = min(self._floor, begun)
        self._late += _LATE_SHARE * (begun - self._floor - self._late)

    def position(self, now: float) -> float:
        """Return the index that what comes `now` most likely reaches to."""
        return (now - self._floor - self._late) * self._sfreq


class Looks:
    """Tells how long to wait until the next look at the port, about `gather_s` at most.

    As many whole samples come meanwhile as may, and the look is when the last has just come: out of
    step, each would wait up to a sample longer. Where it is not there yet, it is looked for once
    more, a little later; where it is, the next look is a little earlier.
    """

    def __init__(self, sfreq: float, gather_s: float) -> None:
        self._n = math.floor(gather_s * sfreq)  # none: each is waited for as it comes
        self._span_s = self._n / sfreq or gather_s
        self._due = self._awaited = math.inf
        self._earlier_s = _EARLIER_S

    def wait_s(self, now: float, position: int) -> float:
        """Return the time from `now`, at which all before `position` was there."""
        if abs(now - self._due) > _LATER_S:  # bytes were waited for, or the computer was busy
            self._due = now
        elif position < self._awaited:
            self._due += _LATER_S
            self._earlier_s = _EARLIER_S
            return self._due - now
        else:
            self._due -= self._earlier_s
            self._earlier_s = min(_EARLIER_GROWS * self._earlier_s, _LATER_S / 2)
        self._awaited = position + self._n
        self._due += self._span_s
        return self._due - now


class FramedBoard:
    """Reads frames of one length; what `Wire` asks for, but for how the board is set up.

    `framings`: those that its frames may have, as it streams when the port is opened.
    """

    title = ""
    bauds: tuple[int, ...] = ()
    boot_s = LISTEN_S
    gather_s = GATHER_S
    greeting = b""
    answer_s = 0.0
    sure_frames = 5
    """So many in a row, none damaged, are this board's."""

    def __init__(self, options: BoardOptions, framings: Sequence[Framing] = ()) -> None:
        self._options = options
        self._listening = [FixedDecoder(framing) for framing in framings]
        self._text = b""
        self._setup: Setup | None = None
        self._decoder: FixedDecoder | None = None
        self._line: Line | None = None
        self._newest_s = 0.0
        self._corrupt_before = 0
        self.news: list[str] = []
        self.presses: list[Press] = []
        self.events: list[BoardEvent] = []
        self.converter: Board | None = None
        """What samples, where the board has told it."""

    @property
    def corrupt_frames(self) -> int:
        """How many frames arrived damaged, as far as that can be seen."""
        return self._corrupt_before + (self._decoder.corrupt_frames if self._decoder else 0)

    def forget(self) -> None:
        """Forget what was heard."""
        self._text = b""
        for decoder in self._listening:
            decoder.reset()

    def recognise(self, data: bytes) -> bool:
        """Take what was heard; say whether it has answered, or is streaming already."""
        self._text = (self._text + data)[-_MOST_TEXT:]
        data = self._without_messages(data)
        for decoder in self._listening:
            damaged = decoder.corrupt_frames
            decoder.feed(data)
            if decoder.corrupt_frames != damaged:  # chance passes for a few frames
                decoder.reset()
        return self._answered(self._text) or self.speaking()

    def speaking(self) -> bool:
        """Say whether frames were heard."""
        return any(decoder.position >= self.sure_frames for decoder in self._listening)

    def begin(self, line: Line) -> Streamed:
        """Set the board up, start it, and wait for it; raise `SourceError` where that cannot be."""
        self._corrupt_before, self._decoder = self.corrupt_frames, None
        setup = self._set_up(line)
        self._setup, self._decoder = setup, FixedDecoder(setup.framing)
        self._line, self._newest_s, self._arrivals = line, line.now, Arrivals(setup.sfreq)
        self._looks = Looks(setup.sfreq, GATHER_S)
        wraps = setup.framing.wraps
        self._rounds = WholeRounds(setup.sfreq, wraps) if wraps else None
        held = self._await_samples(line)
        return Streamed(setup.channels, setup.sfreq, held=held, notes=setup.notes)

    def feed(self, data: bytes) -> list[Chunk]:
        """Return the samples that `data` completes; raise `SourceLost` where none do any more."""
        decoder, setup, line = self._decoder, self._setup, self._line
        if decoder is None or setup is None or line is None:
            return []
        data = self._without_messages(data)
        position = self._arrivals.position(line.now)
        if decoder.position and not decoder.framing.wraps:
            self._step_over(decoder, data, position)
        by_clock = position if decoder.position else None
        chunks = decoder.feed(data, clock_index=by_clock)
        if chunks:
            self._newest_s = line.now
            self._arrivals.note(line.now, decoder.position)
            self._note_rounds(decoder, line.now)
            self.gather_s = self._looks.wait_s(line.now, decoder.position)
        elif decoder.position and line.now - self._newest_s > SILENCE_S + self._first_s(setup):
            raise SourceLost(_say_other_bytes(line.name, self.title))
        n = len(setup.channels)
        return [_first_channels(chunk, n) for chunk in chunks]

    def end(self, line: Line) -> None:
        """Let the board rest; one that knows no stop goes on."""

    # what a kind of board does its own way

    def _answered(self, _text: bytes) -> bool:
        """Say whether what was heard holds this board's answer to its greeting."""
        return False

    def _set_up(self, line: Line) -> Setup:
        """Set the board up and start it; raise `SourceError`."""
        raise NotImplementedError

    def _without_messages(self, data: bytes) -> bytes:
        return data

    # what they share

    def _first_s(self, setup: Setup) -> float:
        """Return how long it takes until frames are believed."""
        return (setup.framing.agreed + 1) / setup.sfreq

    def _await_samples(self, line: Line) -> list[Chunk]:
        """Return the first samples; raise `SourceMismatch` or `SourceLost` where none come."""
        begun, heard, setup = line.now, False, self._setup
        assert setup  # noqa: S101 - it was set up just now
        while line.now - begun < START_S + self._first_s(setup):
            line.raise_if_stopped()
            data = line.read(STEP_S)
            heard = heard or bool(data)
            if data and (chunks := self.feed(data)):
                return chunks
        if heard:
            raise SourceMismatch(_say_other_bytes(line.name, self.title))
        raise SourceLost(
            _(
                "{port}: the {board} was started and sends nothing: is it switched on? Unplug it, "
                "plug it in again, and try once more."
            ).format(port=line.name, board=self.title)
        )

    def _step_over(self, decoder: FixedDecoder, data: bytes, position: float) -> None:
        """Leave a gap where the clock says that samples were lost of which nothing else tells."""
        framing, setup = decoder.framing, self._setup
        assert setup  # noqa: S101 - it streams
        missing = round(position - decoder.position - decoder.owed - len(data) / framing.length)
        if missing > _HOLE_S * setup.sfreq:
            decoder.position += missing

    def _note_rounds(self, decoder: FixedDecoder, now: float) -> None:
        """Leave a gap where whole rounds of the counter were lost, once the clock has told."""
        lost = self._rounds.note(now, decoder.position) if self._rounds else 0
        if lost:
            decoder.position += lost
            self.news.append(
                _(
                    "{n} samples were lost less than a minute ago, of which the counter told "
                    "nothing but the clock does: their gap stands at this moment."
                ).format(n=lost)
            )

    def _labels(self, n: int) -> list[str]:
        return self._options.labels_for([f"EMG {i + 1}" for i in range(n)] if n > 1 else ["EMG"])

    def _channels(
        self, n: int, *, board: Board | None, sensor: Sensor | None = None
    ) -> tuple[Channel, ...]:
        """Return the first `n` channels of `board`, with `sensor` where the user named no other."""
        options = self._options
        labels = self._labels(n)
        if options.unit in MICROVOLTS:
            return tuple(Channel(label, "uV", MICROVOLTS[options.unit]) for label in labels)
        sensor = None if options.unit else options.sensor or sensor
        return tuple(make_channel(label, sensor, board) for label in labels)

    def _notes(self, unverified: str, *, sensor: Sensor | None = None) -> tuple[str, ...]:
        options = self._options
        hint = () if options.sensor or options.unit or sensor else (COUNTS_HINT,)
        return (*hint, unverified)

    def _chosen(self, most: int) -> int:
        """Return how many channels are wanted of `most`; raise `SourceMismatch` for more."""
        n = self._options.channels or most
        if n > most:
            raise SourceMismatch(
                _("This board has {most} channels, and {n} are asked for: leave some out.").format(
                    most=most, n=n
                )
            )
        return n

    def _check_rate(self, sfreq: float) -> None:
        """Raise `SourceMismatch` where another rate is asked for than the board has."""
        if self._options.sfreq not in (None, sfreq):
            raise SourceMismatch(
                _(
                    "The {board} samples at {sfreq:g} Hz and at no other: leave the rate out."
                ).format(board=self.title, sfreq=sfreq)
            )


def _first_channels(chunk: Chunk, n: int) -> Chunk:
    if chunk.samples.shape[1] == n:
        return chunk
    return Chunk(chunk.start, chunk.samples[:, :n].copy())


def _say_other_bytes(port: str, title: str) -> str:
    return _(
        "{port} sends bytes, but not as such a board does ({board}): choose the kind of board that "
        "it is, and no more channels than it has."
    ).format(port=port, board=title)


def ask(line: Line, question: bytes, answer: "re.Pattern[bytes]", within_s: float) -> bytes | None:
    """Send `question`; return what `answer` matches of all that comes, None after `within_s`."""
    line.write(question)
    heard, deadline = b"", line.now + within_s
    while line.now < deadline:
        line.raise_if_stopped()
        heard = (heard + line.read(STEP_S))[-_MOST_TEXT:]
        if found := answer.search(heard):
            return found[0]
    return None


def await_silence(line: Line, silence_s: float, within_s: float) -> bool:
    """Say whether nothing came for `silence_s`, within `within_s`."""
    quiet_since, deadline = line.now, line.now + within_s
    while line.now < deadline:
        line.raise_if_stopped()
        if line.read(STEP_S):
            quiet_since = line.now
        elif line.now - quiet_since >= silence_s:
            return True
    return False


def pass_over(line: Line, seconds: float) -> None:
    """Let go by what comes for so long."""
    deadline = line.now + seconds
    while line.now < deadline:
        line.raise_if_stopped()
        line.read(deadline - line.now)
