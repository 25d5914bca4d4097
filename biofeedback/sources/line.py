"""A port with a board behind it, and what a wire format does with one."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from biofeedback.boards import Board, Sensor
from biofeedback.errors import SourceError, SourceLost
from biofeedback.sources.ports import SerialLink
from biofeedback.stream import BoardEvent, Channel, Chunk, Press
from biofeedback.text import _

SILENCE_S = 2.0
"""A board that has sent nothing for as long is lost."""
LISTEN_S = 4.0
"""Opening a port resets an Uno: 1.5 to 2 s of silence, boot text, and then its numbers."""


@dataclass(frozen=True, slots=True)
class BoardOptions:
    """What the user said of a board; None: it is found out, or the board's own.

    `sfreq` in Hz. `unit` says what printed numbers are ("uV", "mV", "V" at the skin, "counts"):
    with it neither `sensor` nor `board` gives the gain. `channels`: how many, from A0 on. `labels`:
    what they are called; where one is empty or missing, what the board calls it.
    """

    sfreq: float | None = None
    sensor: Sensor | None = None
    board: Board | None = None
    unit: str | None = None
    channels: int | None = None
    labels: tuple[str, ...] = ()
    baud: int | None = None

    def labels_for(self, own: Sequence[str]) -> list[str]:
        """Return what the channels are called that the board calls `own`; none alike."""
        said = [*self.labels[: len(own)], *[""] * (len(own) - len(self.labels))]
        return [
            label or (name if name not in said else f"{name} ({i})")
            for i, (label, name) in enumerate(zip(said, own, strict=True), start=1)
        ]


@dataclass(frozen=True, slots=True)
class Streamed:
    """What a board has begun to send; `held`: samples that came meanwhile."""

    channels: tuple[Channel, ...]
    sfreq: float
    estimated: bool = False
    held: list[Chunk] = field(default_factory=list)
    notes: tuple[str, ...] = ()


class Line:
    """An open port, the clock beside it, and the way out: once `stopped`, every wait ends.

    `now` is the time of the last look at the port, `heard` that of the last byte, in seconds.
    """

    def __init__(
        self,
        name: str,
        *,
        baud: int,
        clock: Callable[[], float],
        stopped: threading.Event,
        say: Callable[[str], None],
    ) -> None:
        """Open the port `name`; raise `SourceError` with the remedy."""
        self.name, self.baud, self.say = name, baud, say
        self._clock, self.stopped = clock, stopped
        self._link = SerialLink(name, baud=baud)
        self.now = self.heard = clock()

    def read(self, wait_s: float) -> bytes:
        """Return what has come within `wait_s`, a tenth of a second at most; else nothing."""
        data = self._link.read(wait_s)
        self.now = self._clock()
        if data:
            self.heard = self.now
        return data

    def raise_if_stopped(self) -> None:
        """Raise `SourceError` where the port is to be given back."""
        if self.stopped.is_set():
            raise SourceError(_("{port} was closed before it had opened.").format(port=self.name))

    def raise_if_silent(self, silence_s: float = SILENCE_S) -> None:
        """Raise `SourceLost` where nothing has come for `silence_s`."""
        if self.now - self.heard >= silence_s:
            raise SourceLost(
                _(
                    "{port} has sent nothing for {seconds:g} s: is the board still plugged in, "
                    "and does its sketch still run?"
                ).format(port=self.name, seconds=silence_s)
            )

    def write(self, data: bytes) -> None:
        """Send a few bytes."""
        self._link.write(data)

    def set_baud(self, baud: int) -> bool:
        """Go on at another speed; False where the port cannot."""
        if baud == self.baud:
            return True
        changed = self._link.set_baud(baud)
        if changed:
            self.baud = baud
        return changed

    def close(self) -> None:
        """Give the port back."""
        self._link.close()


class Wire(Protocol):
    """One kind of board, as a `SerialSource` deals with it.

    First `recognise` is fed until it says yes (`forget` where the port or the speed changes), then
    `begin` sets the board going, and `feed` turns bytes into samples. After a loss the same object
    begins again, on the port that the board came back on.
    """

    title: str
    """What people call it."""
    bauds: tuple[int, ...]
    """The speeds at which it talks, the likeliest first; empty: at any."""
    boot_s: float
    """How long it may be silent after its port was opened."""
    gather_s: float
    """How long samples are gathered before they are handed on."""
    greeting: bytes
    """What makes a silent board of this kind answer; may be empty."""
    answer_s: float
    """It is asked once, when nothing was heard, and its answer waited for; 0: asked all along."""
    news: list[str]
    """What the user should know of the stream since; taken from here as it is told."""
    presses: list[Press]
    """What was done with the board's button since, by the board's own index; taken likewise."""
    events: list[BoardEvent]
    """What else the board told of since; by the same index, and taken likewise."""

    @property
    def corrupt_frames(self) -> int:
        """How many frames or lines arrived damaged."""

    def forget(self) -> None:
        """Forget what was heard."""

    def recognise(self, data: bytes) -> bool:
        """Take what was heard; say whether a board of this kind is there."""

    def speaking(self) -> bool:
        """Say whether something was heard that only a board of this kind sends."""

    def begin(self, line: Line) -> Streamed:
        """Set the board going; raise `SourceError` where that cannot be."""

    def feed(self, data: bytes) -> list[Chunk]:
        """Return the samples that `data` completes; raise `BoardRestarted` or `SourceError`."""

    def end(self, line: Line) -> None:
        """Let the board rest."""


class BoardRestarted(SourceLost):
    """The board has reset in mid-stream; its port is still there."""
