"""A board with our own firmware: asked what it is, set up, started, and set up again."""

import math
import random
from dataclasses import replace
from typing import NoReturn

from biofeedback.boards import COUNTS, COUNTS_HINT, Board, make_channel
from biofeedback.errors import SettingsError, SourceLost, SourceMismatch
from biofeedback.sources.line import LISTEN_S, BoardOptions, BoardRestarted, Line, Streamed
from biofeedback.sources.ports import STEP_S
from biofeedback.stream import BoardEvent, Channel, Chunk, Press
from biofeedback.text import _
from biofeedback.wire.cyton import ACTS as CYTON_ACTS
from biofeedback.wire.native import (
    BITS_A_BYTE,
    BOOT,
    BUTTON,
    FAST_BAUD,
    FRAME_OVERHEAD,
    MAX_VALUES,
    PROTOCOL,
    SAFE_BAUD,
    Event,
    Flag,
    Info,
    Nak,
    NativeDecoder,
    Reply,
    encode_command,
)

ANSWER_S = 3.0  # opening the port resets an Uno, which is back after 1 to 2 s
REPEAT_S = 0.25
FRAME_S = 0.015  # a frame's worth: shorter ones cost the computer more, longer ones come late
FULL_LINE = 0.8  # of what a line carries; the rest is for answers, and for a clock that is off
# The amplifier's filter is only -7 dB down at 1 kHz: at 2 kHz less folds back into the band.
SFREQ_OF_ONE, SFREQ_OF_MORE = 2000.0, 1000.0
SAME_SUPPLY = 0.02  # the measurement itself repeats within 0.5 %
PLAUSIBLE_MV = (2500, 6000)  # what lies outside is a measurement that failed

_FLAG_WORDS = {
    Flag.OVERRUN: _(
        "The line is too slow for all that the board measures: what is missing is a gap."
    ),
    Flag.MISSED: _("The board could not keep up with its own clock: what is missing is a gap."),
    Flag.SOFT_TIMING: _(
        "This board keeps time by its program, not by a timer: its samples are timed less exactly."
    ),
}


class NativeBoard:
    """Deals with a board of ours; a `Wire`."""

    title = _("board with our firmware")
    bauds: tuple[int, ...] = ()
    boot_s = LISTEN_S
    gather_s = 0.0  # the board's frames are portions already
    answer_s = 0.0

    def __init__(self, options: BoardOptions) -> None:
        self._options = options
        self._n = options.channels or 1
        self._sfreq = options.sfreq or (SFREQ_OF_ONE if self._n == 1 else SFREQ_OF_MORE)
        self._decoder = NativeDecoder()
        self._nonce, self.greeting = _make_greeting()
        self._streamed: Streamed | None = None
        self._told = 0
        self._held: list[Chunk] = []  # what came while an answer was waited for
        self.news: list[str] = []
        self.presses: list[Press] = []
        self.events: list[BoardEvent] = []
        self.info: Info | None = None
        """What the board says of itself; None until it was heard."""
        self._begun_with: Info | None = None

    @property
    def corrupt_frames(self) -> int:
        """How many frames arrived damaged."""
        return self._decoder.corrupt_frames

    def forget(self) -> None:
        """Forget what was heard."""
        self._decoder.reset()
        self._decoder.messages.clear()

    def speaking(self) -> bool:
        """Say whether a whole frame was heard: noise does not pass its checksum."""
        return self._decoder.good_frames > 0

    def recognise(self, data: bytes) -> bool:
        """Take what was heard; say whether a board has told what it is."""
        self._decoder.feed(data)
        heard = [message for message in self._decoder.messages if isinstance(message, Info)]
        self._decoder.messages.clear()
        if heard:
            self.info = heard[-1]
        return bool(heard)

    def begin(self, line: Line) -> Streamed:
        """Set the board up, start it, and return what it sends; raise `SourceError`."""
        if self.info:  # another protocol's board may not understand what it is asked
            self._check_protocol(self.info, line.name)
        info = self._describe(line)
        self._check(info, line.name)
        self._ask(line, "P")
        sfreq = self._sfreq
        period = round(info.tick_hz / sfreq)
        if not 0 < period < 2**16:
            raise SettingsError(
                _("The board cannot sample at {sfreq:g} Hz; leave sfreq out, or give 1000.").format(
                    sfreq=sfreq
                )
            )
        scans = max(1, min(255, MAX_VALUES // self._n, round(FRAME_S * sfreq)))
        measured, note = self._measure_supply(line, info)
        if self._begun_with:
            _check_supply(self._begun_with, measured)
        if self._streamed is None:
            self._begun_with = measured
            self._streamed = Streamed(
                self._channels(self._begun_with), info.tick_hz / period, notes=self._notes(note)
            )
        self._set_speed(line, scans)
        for name, value in (("C", 2**self._n - 1), ("O", 1), ("R", period), ("B", scans)):
            self._set(line, name, value)
        self._decoder.restart(self._n)
        self._held.clear()  # of a stream before
        self._set(line, "S")
        return replace(self._streamed, held=self._held.copy())

    def feed(self, data: bytes) -> list[Chunk]:
        """Return the scans that `data` completes; raise `BoardRestarted` after a reset."""
        chunks = self._decoder.feed(data)
        if self._decoder.flags & ~self._told:
            self._tell(Flag(self._decoder.flags & ~self._told))
        messages = self._decoder.messages
        if messages:
            events = [message for message in messages if isinstance(message, Event)]
            messages.clear()
            self.presses += [Press(e.index, down=e.value == 1) for e in events if e.kind == BUTTON]
            if any(event.kind == BOOT for event in events):
                raise BoardRestarted(_("The board has restarted."))
        return chunks

    def end(self, line: Line) -> None:
        """Tell the board to stop."""
        line.write(encode_command("P", nonce=self._next_nonce()))

    def _tell(self, flags: Flag) -> None:
        """Put into words, once, what the board said of its frames."""
        self._told |= flags
        self.news += [words for flag, words in _FLAG_WORDS.items() if flag in flags]

    # what the board is

    def _check(self, info: Info, port: str) -> None:
        """Raise `SourceError` for a board that cannot send what is wanted."""
        self._check_protocol(info, port)
        if self._options.unit not in (None, COUNTS):
            raise SettingsError(
                _(
                    "The board on {port} sends counts, not {unit}: leave the unit out and name the "
                    "sensor."
                ).format(port=port, unit=self._options.unit)
            )
        if self._n > info.max_channels:
            raise SettingsError(
                _("The board on {port} has {most} inputs, not {channels}.").format(
                    port=port, most=info.max_channels, channels=self._n
                )
            )
        before = self._begun_with
        if before and (before.board, before.bits) != (info.board, info.bits):
            raise SourceMismatch(
                _(
                    "Another board is on {port} now ({name}), whose microvolts would not compare "
                    "with those before: begin a new session with it."
                ).format(port=port, name=info.name)
            )

    def _check_protocol(self, info: Info, port: str) -> None:
        if info.protocol != PROTOCOL:
            raise SourceMismatch(
                _(
                    "The firmware on {port} speaks protocol {theirs}, this program speaks {ours}: "
                    "put this program's on the board, with biofeedback flash {port}, or take the "
                    "newest program."
                ).format(port=port, theirs=info.protocol, ours=PROTOCOL)
            )

    def _measure_supply(self, line: Line, info: Info) -> tuple[Info, str]:
        """Return the board's description with the supply that it measures, and what to say of it.

        The converter's full scale is the supply, and a laptop's is seldom 5.00 V.
        """
        answer = self._ask(line, "V")
        if isinstance(answer, Reply):  # a board whose reference is its own
            return info, ""
        low, high = PLAUSIBLE_MV
        if not low <= answer.vref_mv <= high:
            return info, _(
                "The board could not measure its supply; microvolts are those of {volts:.1f} V."
            ).format(volts=info.vref_mv / 1000)
        return answer, _(
            "The board measures its supply as {volts:.2f} V, and microvolts follow it; its own "
            "reference is good to 10 %."
        ).format(volts=answer.vref_mv / 1000)

    def _channels(self, info: Info) -> tuple[Channel, ...]:
        board = Board(info.name, info.bits, info.vref_mv / 1000)
        labels = ["EMG"] if self._n == 1 else [f"EMG {i + 1}" for i in range(self._n)]
        sensor = None if self._options.unit else self._options.sensor
        return tuple(
            make_channel(label, sensor, board) for label in self._options.labels_for(labels)
        )

    def _notes(self, supply: str) -> tuple[str, ...]:
        if self._options.unit:  # counts were asked for
            return ()
        if not self._options.sensor:
            return (COUNTS_HINT,)
        return (supply, *self._note_on_board())

    def _note_on_board(self) -> tuple[str, ...]:
        """Say so where the user described another converter than the board tells of."""
        said, info = self._options.board, self.info
        if said is None or info is None:
            return ()
        if said.bits == info.bits and abs(1000 * said.reference_v / info.vref_mv - 1) < 0.15:
            return ()
        return (
            _(
                "The board tells its own converter, {bits} bits: what was said of it (board, bits, "
                "vref) is left out."
            ).format(bits=info.bits),
        )

    # asking

    def _next_nonce(self) -> int:
        self._nonce = self._nonce % 0xFFFF + 1
        return self._nonce

    def _ask(self, line: Line, name: str, value: int | None = None) -> Info | Reply:
        """Send a command until it is answered; raise `SourceLost` where it is not."""
        nonce = self._next_nonce()
        frame = encode_command(name, nonce=nonce, value=value)
        messages = self._decoder.messages
        messages.clear()
        begun, asked = line.now, -math.inf
        while line.now - begun < ANSWER_S:
            line.raise_if_stopped()
            if line.now - asked >= REPEAT_S:
                line.write(frame)
                asked = line.now
            self._held += self._decoder.feed(line.read(STEP_S))
            for message in messages:
                if not isinstance(message, Event) and _answers(message, nonce):
                    return message
            messages.clear()
        raise SourceLost(
            _(
                "The board on {port} has stopped answering: unplug it, plug it in again, and try "
                "once more."
            ).format(port=line.name)
        )

    def _describe(self, line: Line) -> Info:
        answer = self._ask(line, "I")
        return answer if isinstance(answer, Info) else self._refused("I", answer.code, line)

    def _set(self, line: Line, name: str, value: int | None = None) -> None:
        """Send a command that the board must take; raise `SourceError` where it does not."""
        answer = self._ask(line, name, value)
        if isinstance(answer, Reply) and answer.code:
            self._refused(name, answer.code, line)

    def _refused(self, name: str, code: int, line: Line) -> NoReturn:
        if code in (Nak.CONVERTER, Nak.LINE):
            what = _("convert") if code == Nak.CONVERTER else _("send")
            raise SettingsError(
                _(
                    "{channels} × {sfreq:g} Hz is more than the board on {port} can {what}: choose "
                    "a lower rate, or fewer channels."
                ).format(channels=self._n, sfreq=self._sfreq, port=line.name, what=what)
            )
        raise SourceMismatch(
            _(
                "The board on {port} refuses what this program asks ({name}, {code}): put this "
                "program's firmware on it, with biofeedback flash {port}."
            ).format(port=line.name, name=name, code=code)
        )

    def _set_speed(self, line: Line, scans: int) -> None:
        """Go on at a speed that carries the frames, on both ends."""
        bits_a_second = self._sfreq / scans * BITS_A_BYTE * (FRAME_OVERHEAD + 2 * self._n * scans)
        slow_enough = bits_a_second <= FULL_LINE * SAFE_BAUD
        baud = self._options.baud or (SAFE_BAUD if slow_enough else FAST_BAUD)
        if baud == line.baud:
            return
        answer = self._ask(line, "U", baud)
        if (isinstance(answer, Reply) and answer.code) or not line.set_baud(baud):
            raise SettingsError(
                _("{port} cannot be set to {baud} baud; leave baud out, or give 115200.").format(
                    port=line.name, baud=baud
                )
            )
        self._decoder.reset()
        self._ask(line, "I")  # else the board goes back to the safe speed after a second


def _make_greeting() -> tuple[int, bytes]:
    """Return a nonce that is not another program's, and what asks a board who it is.

    The same bytes reach whatever else is silent on a port, and to some boards a letter is a
    command: one that makes a Cyton stream, write to its card or leave its radio's channel is not
    among them.
    """
    while True:
        nonce = random.randrange(1, 2**16)  # noqa: S311 - no secret
        greeting = encode_command("I", nonce=nonce)
        if not set(greeting) & CYTON_ACTS:
            return nonce, greeting


def _check_supply(before: Info, now: Info) -> None:
    """Raise `SourceMismatch` where full scale has become another voltage: so would microvolts."""
    if abs(now.vref_mv / before.vref_mv - 1) > SAME_SUPPLY:
        raise SourceMismatch(
            _(
                "The board's supply was {before:.2f} V and is {now:.2f} V now, so its microvolts "
                "would not compare with those before: plug it in where it was, or begin a new "
                "session."
            ).format(before=before.vref_mv / 1000, now=now.vref_mv / 1000)
        )


def _answers(message: Info | Reply, nonce: int) -> bool:
    # where another protocol has its nonce is not known
    return message.nonce == nonce or (isinstance(message, Info) and message.protocol != PROTOCOL)
